//! Boundaries held by a test, not by a habit: floors, headers, sizes, and that everything users meet is documented.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Modules from the ground up. One names modules of its own floor and of those below, unless [`APART`] says otherwise.
const FLOORS: [(&str, &[&str]); 12] = [
    (
        "ground",
        &[
            "scratch", "digest", "span", "problem", "model", "text", "bug", "threads", "memory", "escape", "numbers",
            "linkage", "index",
        ],
    ),
    ("algebra", &["expr", "relation", "graph"]),
    ("readers", &["readers", "publish", "docs"]),
    ("language", &["fields", "finding", "fixture", "profile", "steps", "expectations", "contracts", "pipeline"]),
    ("plan", &["system", "plan", "summary", "lock", "history", "drift", "draw"]),
    ("sides", &["db", "query", "store"]),
    ("run", &["run"]),
    ("loop", &["watch"]),
    ("workspace", &["workspace", "schema"]),
    ("answers", &["answers"]),
    ("outlets", &["show", "views", "report", "terminal"]),
    ("edge", &["cli"]),
];

/// Modules of one floor that do not know each other.
const APART: [(&[&str], &[&str]); 1] = [(&["db", "query"], &["store"])];

/// Crates that only some modules may name, by the beginning of their paths.
const CRATES: [(&str, &[&str]); 7] = [
    ("quick_xml", &["publish/xlsx/template"]),
    ("duckdb", &["store/", "store.rs"]),
    ("miette", &["show/", "show.rs"]),
    ("clap", &["cli/", "cli.rs"]),
    ("salsa", &["db.rs", "query/", "query.rs"]),
    ("indicatif", &["terminal/progress.rs"]),
    ("terminal_size", &["terminal/"]),
];

/// The longest a file may be, in lines.
const LONGEST: usize = 600;

/// The longest a function may be, in lines.
const LONGEST_FUNCTION: usize = 80;

/// Functions that are longer: each takes what comes next apart, step by step, and is easier to follow in one piece. The
/// list may become shorter.
const LONG_FUNCTIONS: [(&str, &str); 3] =
    [("readers/csv.rs", "feed"), ("readers/table.rs", "begin"), ("readers/xlsx/sheet.rs", "read")];

/// Words of one country or industry: they belong into profiles.
const OF_ONE_COUNTRY: [&str; 7] = ["Gauteng", "KwaZulu", "SACAA", "+27", "aviation", "South Africa", "south-africa"];

/// Words of books that are words of everybody: a kind of comparison is called so, and a report.
const OF_EVERYBODY: [&str; 3] = ["organisation", "owner", "quality"];

/// Where profiles are shipped from, and nothing but their names stands.
const NAMES_OF_PROFILES: &str = "query/shipped.rs";

/// Who walks over the engine's trees, in which a class is called `OPERATOR`.
const TREES: [&str; 2] = ["store/guard.rs", "store/lineage.rs"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &str) -> BTreeMap<String, String> {
    let mut acc = BTreeMap::new();
    let mut open = vec![root().join(folder)];
    while let Some(path) = open.pop() {
        for entry in fs::read_dir(path).expect("a folder") {
            let path: PathBuf = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let name = path.strip_prefix(root().join(folder)).expect("beneath").display().to_string();
                acc.insert(name, fs::read_to_string(path).expect("text"));
            }
        }
    }
    acc
}

/// The code of a file, comments and its tests left out.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let lines = text.lines().filter(|it| !it.trim_start().starts_with("//"));
    lines.map(|it| format!("{it}\n")).collect()
}

fn is_test(file: &str) -> bool {
    file.contains("tests") || ["test_plan.rs", "test_world.rs"].iter().any(|it| file.ends_with(it))
}

#[test]
fn imports_point_down() {
    let floor = |name: &str| FLOORS.iter().position(|(_, it)| it.contains(&name));
    let mut wrong = Vec::new();
    for (file, text) in sources("src").iter().filter(|(file, _)| !is_test(file)) {
        let module = file.split(['/', '.']).next().unwrap_or_default();
        if matches!(module, "lib" | "core" | "main" | "engine_main") {
            continue;
        }
        let own = floor(module).unwrap_or_else(|| panic!("`{module}` stands on no floor"));
        for after in code(text).split("crate::").skip(1) {
            let name: String = after.chars().take_while(|it| it.is_alphanumeric() || *it == '_').collect();
            let apart = |a: &[&str], b: &[&str]| a.contains(&module) && b.contains(&name.as_str());
            let strangers = APART.iter().any(|(a, b)| apart(a, b) || apart(b, a));
            if floor(&name).is_some_and(|it| it > own) || strangers {
                wrong.push(format!("{file} names `{name}`"));
            }
        }
    }
    wrong.dedup();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What an answer knows nothing of: how it is asked for, how it looks, and where it goes.
const NOT_OF_ANSWERS: [&str; 9] =
    ["clap", "Style", "Paint", "look_of_", "crate::show", "crate::views", "crate::cli", "stdout()", "stderr()"];

/// The lines of `cli` at most, its own tests left out: flags, dispatch and numbers to end with. What more there is belongs into another room.
const LINES_OF_CLI: usize = 3_000;

#[test]
fn answers_are_data_and_views_show_them() {
    let (mut wrong, mut lines) = (Vec::new(), 0);
    for (file, text) in sources("src") {
        let code = code(&text);
        if file.starts_with("answers") && !is_test(&file) {
            let named = NOT_OF_ANSWERS.iter().filter(|it| code.contains(**it));
            wrong.extend(named.map(|it| format!("{file} names `{it}`: an answer is data")));
        }
        if code.contains("json!(") && !is_test(&file) && !file.starts_with("report/") {
            wrong.push(format!("{file} makes JSON by hand: derive `Serialize` for what is written"));
        }
        if file.starts_with("cli/") || file == "cli.rs" {
            lines += text.split("#[cfg(test)]").next().unwrap_or_default().lines().count();
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(lines <= LINES_OF_CLI, "`cli` has {lines} lines: it takes arguments apart and asks");
}

#[test]
fn crates_are_named_where_they_belong() {
    let mut wrong = Vec::new();
    for (file, text) in sources("src") {
        let code = code(&text);
        for (name, places) in CRATES {
            let named = [format!("{name}::"), format!("use {name};"), format!("#[{name}(")];
            let allowed = places.iter().any(|it| file.starts_with(it));
            if !allowed && named.iter().any(|it| code.split(it.as_str()).count() > 1) {
                wrong.push(format!("{file} names `{name}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What opens a file. Output is created elsewhere too, and what is opened there is new or our own.
const OPENS: [&str; 4] = ["fs::read(", "fs::read_to_string(", "File::open(", "fs::copy("];

/// Where files are opened by a name all the same: the one place for what people wrote, and what only ever holds our own.
const OPENS_OWN: [&str; 6] =
    ["readers/reach.rs", "store", "publish/staging.rs", "answers/doctor.rs", "scratch.rs", "memory.rs"];

#[test]
fn files_of_people_are_opened_in_one_place() {
    let mut wrong = Vec::new();
    for (file, text) in sources("src").iter().filter(|(file, _)| !is_test(file)) {
        let own = OPENS_OWN.iter().any(|it| file.starts_with(it));
        let found = OPENS.iter().filter(|it| !own && code(text).contains(**it));
        wrong.extend(found.map(|it| format!("{file} has `{it}`: `readers::reach` opens what people wrote")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn files_say_what_they_are_for_and_are_short() {
    for folder in ["src", "tests", "benches"] {
        for (file, text) in sources(folder) {
            assert!(text.starts_with("//! "), "{folder}/{file} does not say what it is for");
            let lines = text.lines().count();
            assert!(lines <= LONGEST, "{folder}/{file} has {lines} lines");
        }
    }
}

/// The functions of a piece of code with their lines, told by the shape that `rustfmt` gives them.
fn functions(code: &str) -> Vec<(&str, usize)> {
    let lines: Vec<&str> = code.lines().collect();
    let mut acc = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let indent = &line[..line.len() - line.trim_start().len()];
        let Some(name) = line.split("fn ").nth(1).filter(|_| is_declared(line.trim_start())) else { continue };
        let name = name.split(['(', '<']).next().unwrap_or_default();
        let is_end = |it: &&str| it.strip_prefix(indent).is_some_and(|it| it == "}" || it == "};");
        let signature = lines[at..].iter().position(|it| it.ends_with(['{', '}', ';'])).unwrap_or_default();
        let length = match lines[at + signature].ends_with('{') {
            true => lines[at..].iter().position(is_end).unwrap_or_default() + 1,
            false => signature + 1,
        };
        acc.push((name, length));
    }
    acc
}

/// Whether a line begins with a function, after words such as `pub` and `const`.
fn is_declared(line: &str) -> bool {
    let before = line.split("fn ").next().unwrap_or_default();
    before.split(' ').all(|it| it.is_empty() || it.starts_with("pub") || ["const", "unsafe", "super)"].contains(&it))
}

#[test]
fn functions_are_short() {
    let long = format!("impl A {{\n    pub(super) const fn f<'a>(\n    ) {{\n{}    }}\n}}\n", "g();\n".repeat(90));
    assert_eq!(functions(&long), [("f", 93)]);
    assert_eq!(functions("fn a() {}\nfn b(\n) -> C;\nfn c() {\n}\n"), [("a", 1), ("b", 2), ("c", 2)]);
    let mut found = Vec::new();
    for (file, text) in sources("src").into_iter().filter(|(file, _)| !is_test(file)) {
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let long = functions(code).into_iter().filter(|(_, lines)| *lines > LONGEST_FUNCTION);
        found.extend(long.map(|(name, _)| (file.clone(), name.to_owned())));
    }
    let allowed = LONG_FUNCTIONS.map(|(file, name)| (file.to_owned(), name.to_owned()));
    assert_eq!(found, allowed, "more than {LONGEST_FUNCTION} lines: give each idea in it a function");
}

/// The words of shipped profiles of one country or industry, and what the sample's books call their sheets and columns.
fn words_of_profiles_and_books() -> BTreeSet<String> {
    let read = |path: &str| fs::read_to_string(root().join("pipelines").join(path)).expect(path);
    let mut acc = BTreeSet::new();
    for name in ["south-africa", "aviation"] {
        let profile: toml::Table = read(&format!("profiles/{name}.toml")).parse().expect("TOML");
        let table = |key: &str| profile.get(key).and_then(toml::Value::as_table).into_iter().flatten();
        let mut lists: Vec<&toml::Value> = table("field").filter_map(|(_, it)| it.get("synonyms")).collect();
        lists.extend(table("normal").filter(|it| it.0 == "legal_suffixes").map(|it| it.1));
        for (word, aliases) in table("lookup").filter_map(|(_, it)| it.as_table()).flatten() {
            acc.insert(word.clone());
            lists.push(aliases);
        }
        acc.extend(
            lists
                .into_iter()
                .filter_map(toml::Value::as_array)
                .flatten()
                .filter_map(|it| it.as_str())
                .map(str::to_owned),
        );
    }
    let pipeline: toml::Table = read("sample/hotpass.toml").parse().expect("TOML");
    let sources = pipeline["source"].as_table().expect("sources").values();
    acc.extend(sources.filter_map(|it| it.get("sheet")?.as_str()).map(str::to_owned));
    let columns = read("sample/truth/truth-columns.csv");
    let headers = columns.lines().skip(1).filter_map(|it| it.split(',').nth(3));
    acc.extend(headers.filter(|it| it.contains([' ', '_'])).map(str::to_owned)); // `Type` is a word of everybody's.
    // What the profile for everybody says is of no country and no industry.
    let everybody: toml::Table = read("profiles/generic.toml").parse().expect("TOML");
    let fields = everybody["field"].as_table().expect("fields").values();
    let synonyms = fields.filter_map(|it| it.get("synonyms")?.as_array()).flatten().filter_map(toml::Value::as_str);
    let synonyms: BTreeSet<&str> = synonyms.collect();
    let own = acc.iter().map(|it| it.to_lowercase()).filter(|it| !synonyms.contains(it.as_str()));
    own.filter(|it| it.chars().count() >= 4 && !OF_EVERYBODY.contains(&it.as_str())).collect()
}

/// The texts in quotes of a piece of code, in lower case.
fn literals(code: &str) -> impl Iterator<Item = String> {
    code.lines().flat_map(|line| line.split('"').skip(1).step_by(2).map(str::to_lowercase).collect::<Vec<_>>())
}

#[test]
fn nothing_in_the_program_is_of_one_country_or_industry() {
    let words = words_of_profiles_and_books();
    // The lists are read as they are meant to be.
    for word in ["wes-kaap", "close corporation", "rpas operator", "company_cat", "recent_touch_ind"] {
        assert!(words.contains(word), "{word} is not looked for");
    }
    for planted in ["\"Wes-Kaap\"", "\"the sheet Company_Cat\"", "\"simulator centre\"", "// x\nlet a = \"SACAA\";"] {
        assert_eq!(of_others(planted, &words).len(), 1, "{planted}");
    }
    let mut found = Vec::new();
    let named = |file: &str| file == NAMES_OF_PROFILES || TREES.contains(&file);
    for (file, text) in sources("src").iter().filter(|(file, _)| !is_test(file) && !named(file)) {
        found.extend(of_others(&code(text), &words).into_iter().map(|it| format!("src/{file} has {it}")));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// What in a piece of code belongs to one country, industry or book.
fn of_others(code: &str, words: &BTreeSet<String>) -> Vec<String> {
    let mut acc: Vec<String> =
        OF_ONE_COUNTRY.iter().filter(|it| code.contains(**it)).map(|it| format!("`{it}`")).collect();
    for literal in literals(code) {
        let phrase = |it: &&String| it.contains([' ', '_', '-', '(']) && literal.contains(it.as_str());
        let word = words.get(&literal).or_else(|| words.iter().find(phrase));
        acc.extend(word.map(|it| format!("`{it}` in \"{literal}\"")));
    }
    acc
}

/// Every name has a heading of its own in the document, and every such heading stands for something there is.
fn check_documented(document: &str, level: &str, names: &[&str]) {
    let text = fs::read_to_string(root().join(document)).unwrap_or_else(|error| panic!("{document}: {error}"));
    let headings: Vec<&str> = text.lines().filter_map(|it| it.strip_prefix(level)).collect();
    let headings: Vec<&str> = headings.into_iter().map(|it| it.trim().trim_matches('`')).collect();
    let missing: Vec<_> = names.iter().filter(|it| !headings.contains(it)).collect();
    assert!(missing.is_empty(), "{document} has no heading for {missing:#?}");
}

#[test]
fn every_problem_is_documented() {
    let typed = hotpass::cli::CODES.iter().copied().flatten().copied();
    let names: Vec<&str> = crate::problems::codes().into_iter().chain(typed).map(|it| it.name).collect();
    check_documented("docs/reference/problems.md", "## ", &names);
    let text = fs::read_to_string(root().join("docs/reference/problems.md")).expect("text");
    let headings = text.lines().filter_map(|it| it.strip_prefix("## ")).map(|it| it.trim().trim_matches('`'));
    let gone: Vec<_> = headings.filter(|it| it.starts_with("hotpass::") && !names.contains(it)).collect();
    assert!(gone.is_empty(), "no code is called {gone:#?}");
}

#[test]
fn every_kind_of_step_is_documented() {
    let names: Vec<&str> = hotpass::steps::KINDS.iter().map(|it| it.name).collect();
    check_documented("docs/reference/steps.md", "## ", &names);
}

#[test]
fn every_kind_of_expectation_is_documented() {
    let names: Vec<&str> = hotpass::expectations::KINDS.iter().map(|it| it.name).collect();
    check_documented("docs/reference/expectations.md", "## ", &names);
}

/// Every kind is its file, the line that declares the file, and one line of its list: nothing else in the program names
/// one. `list` is where they stand, `item` how a file calls what it adds, and `times` how often the list names it.
fn check_registered(list: &str, item: &str, modules: &BTreeSet<String>, times: usize) {
    let all = sources("src");
    for module in modules {
        let named = format!(" {module}::{item}");
        let mut files: Vec<&str> = Vec::new();
        for (path, text) in all.iter().filter(|(path, _)| !is_test(path)) {
            let code = text.replace(['&', '(', '['], " ");
            files.extend(code.matches(&named).map(|_| path.as_str()));
        }
        assert!(files.len() <= times && files.iter().all(|it| *it == list), "`{named}` is named in {files:?}");
        assert!(!files.is_empty(), "nothing names `{named}`");
    }
}

/// The modules that a list names by `item`.
fn registered(list: &str, item: &str) -> BTreeSet<String> {
    let text = &sources("src")[list];
    let ends = format!("::{item}");
    let words = text.split(|it: char| !(it.is_alphanumeric() || it == '_' || it == ':'));
    words.filter_map(|it| it.strip_suffix(&ends)).map(str::to_owned).collect()
}

#[test]
fn whatever_is_added_is_one_file_and_one_line() {
    let kinds = registered("steps.rs", "KIND");
    assert_eq!(kinds.len(), hotpass::steps::KINDS.len());
    // That of queries has a name beneath the list: its steps have an inline text of SQL.
    check_registered("steps.rs", "KIND", &kinds, 2);
    let kinds = registered("expectations.rs", "KIND");
    assert!(kinds.contains("unique") && kinds.len() > 8);
    check_registered("expectations.rs", "KIND", &kinds, 1);
    let formats: BTreeSet<String> = hotpass::publish::PLAIN.iter().map(|it| it.name.to_owned()).collect();
    check_registered("publish.rs", "FORMAT", &formats, 1);
    let reports = registered("report.rs", "REPORT");
    assert_eq!(reports.len(), hotpass::report::REPORTS.len());
    check_registered("report.rs", "REPORT", &reports, 1);
    let readers = registered("readers.rs", "READER");
    assert!(readers.contains("csv") && readers.contains("ods"));
    // Three have a name beneath the list as well, for who writes one of them and reads it again.
    check_registered("readers.rs", "READER", &readers, 2);
}

/// Files of verbs that another one asks: what `plan` shows is a build that runs nothing, `refine` ends as a build does,
/// and `attest` verifies first.
const ASKED: [(&str, &str); 3] = [("build", "plan"), ("refine", "build"), ("attest", "verify")];

#[test]
fn a_verb_is_its_file_and_one_line() {
    let all = sources("src");
    let list = &all["cli/verbs.rs"];
    let files = all.keys().filter_map(|it| it.strip_prefix("cli/verbs/")?.strip_suffix(".rs"));
    let verbs: Vec<&str> = files.collect();
    assert!(verbs.len() >= 30 && verbs.contains(&"gate"), "{verbs:?}");
    for verb in &verbs {
        let text = &all[&format!("cli/verbs/{verb}.rs")];
        assert_eq!(text.matches("\nimpl Act for ").count(), 1, "cli/verbs/{verb}.rs is no verb");
        assert_eq!(
            list.matches(&format!("({verb}::")).count(),
            1,
            "`{verb}` stands once in the list of `cli/verbs.rs`"
        );
        // Whoever reads a whole line knows of two verbs with formats of their own.
        let own = ["cli/verbs.rs", "cli/typed.rs"];
        let named = format!("verbs::{verb}");
        let others = all.iter().filter(|(file, text)| !own.contains(&file.as_str()) && text.contains(&named));
        let others: Vec<&str> =
            others.map(|it| it.0.trim_start_matches("cli/verbs/").trim_end_matches(".rs")).collect();
        let asked: Vec<&str> = ASKED.iter().filter(|it| it.1 == *verb).map(|it| it.0).collect();
        assert_eq!(others, asked, "who names `{named}`");
    }
}

/// What an escape of some medium looks like in code, and the files that may have one.
const ESCAPES: [(&str, &[&str]); 8] = [
    ("\"&lt;", &["escape.rs", "publish/xlsx/parts.rs", "publish/xlsx/ods/parts.rs"]),
    ("\"&amp;", &["escape.rs", "publish/xlsx/parts.rs", "publish/xlsx/ods/parts.rs"]),
    ("%0A", &["escape.rs"]),
    ("%25", &["escape.rs"]),
    ("#quot;", &["escape.rs"]),
    ("\"\\\\|\"", &["escape.rs"]),
    ("eprintln!", &[]),
    ("println!", &[]),
];

/// The files that write to a stream of the program.
const STREAMS: [&str; 4] = ["readers/child.rs", "terminal/output.rs", "terminal/answer.rs", "report.rs"];

#[test]
fn each_medium_is_escaped_in_one_place() {
    let mut wrong = Vec::new();
    for (file, text) in sources("src").iter().filter(|(file, _)| !is_test(file)) {
        let code = code(text);
        for (escape, places) in ESCAPES {
            if code.contains(escape) && !places.contains(&file.as_str()) {
                wrong.push(format!("{file} has {escape}"));
            }
        }
        let writes = ["stdout().lock()", "stderr().lock()"].iter().any(|it| code.contains(it));
        if writes && !STREAMS.contains(&file.as_str()) {
            wrong.push(format!("{file} writes to a stream"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Circles of files: each file that is tied to another one both ways, but for a module and its own children.
fn circles(files: &BTreeMap<String, String>) -> Vec<Vec<String>> {
    let modules: BTreeSet<String> = files.keys().map(|it| module_of(it)).collect();
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (file, text) in files {
        let here = module_of(file);
        let is_kin = |other: &str| {
            let beneath = |a: &str, b: &str| a.strip_prefix(b).is_some_and(|it| it.starts_with("::"));
            here == other || beneath(&here, other) || beneath(other, &here)
        };
        let named = paths(&code(text), &here).into_iter().filter_map(|path| nearest(&path, &modules));
        uses.entry(here.clone()).or_default().extend(named.filter(|it| !is_kin(it)));
    }
    let reach = |from: &String| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from.clone()]);
        while let Some(at) = next.pop() {
            for it in uses.get(&at).into_iter().flatten() {
                if seen.insert(it.clone()) {
                    next.push(it.clone());
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&String, BTreeSet<String>> = modules.iter().map(|it| (it, reach(it))).collect();
    let circle = |it: &String| -> Vec<String> {
        let both = |other: &&String| reached[it].contains(*other) && reached[other].contains(it);
        modules.iter().filter(both).cloned().collect()
    };
    let mut acc: Vec<_> = modules.iter().map(circle).filter(|it| it.len() > 1).collect();
    acc.sort();
    acc.dedup();
    acc
}

/// The module of a file: `relation::sql` of `relation/sql.rs`.
fn module_of(file: &str) -> String {
    file.trim_end_matches(".rs").replace('/', "::")
}

/// The longest part of a path that is a module.
fn nearest(path: &str, modules: &BTreeSet<String>) -> Option<String> {
    let parts: Vec<&str> = path.split("::").collect();
    (1..=parts.len()).rev().map(|it| parts[..it].join("::")).find(|it| modules.contains(it))
}

/// Every path that a file names, from the root of the crate on: of `use` with its braces, and in the code itself.
fn paths(code: &str, here: &str) -> Vec<String> {
    let mut acc = Vec::new();
    let starts = ["crate::", "super::", "self::"].iter().flat_map(|it| code.match_indices(it));
    for (at, start) in starts {
        if code[..at].ends_with(|it: char| it.is_alphanumeric() || it == '_' || it == ':') {
            continue;
        }
        let base = match start {
            "crate::" => String::new(),
            "self::" => format!("{here}::"),
            _ => here.rsplit_once("::").map_or_else(String::new, |(above, _)| format!("{above}::")),
        };
        spread(&base, &code[at + start.len()..], &mut acc);
    }
    for child in code.match_indices("mod ").map(|(at, _)| &code[at + 4..]) {
        let name: String = child.chars().take_while(|it| it.is_alphanumeric() || *it == '_').collect();
        acc.push(format!("{here}::{name}"));
    }
    acc
}

/// The paths of a tree such as `a::{b, c::d}`, each behind `base`; the rest of the text behind the tree.
fn spread<'a>(base: &str, mut tree: &'a str, acc: &mut Vec<String>) -> &'a str {
    let mut path = base.to_owned();
    loop {
        tree = tree.trim_start();
        if let Some(rest) = tree.strip_prefix("super::") {
            let above = path.trim_end_matches("::").rsplit_once("::").map_or("", |(it, _)| it);
            path = if above.is_empty() { String::new() } else { format!("{above}::") };
            tree = rest;
            continue;
        }
        if let Some(mut rest) = tree.strip_prefix('{') {
            loop {
                rest = spread(&path, rest, acc).trim_start();
                match rest.strip_prefix(',') {
                    Some(more) if !more.trim_start().starts_with('}') => rest = more,
                    more => return more.unwrap_or(rest).trim_start().trim_start_matches('}'),
                }
            }
        }
        let end = tree.find(|it: char| !it.is_alphanumeric() && it != '_').unwrap_or(tree.len());
        path.push_str(&tree[..end]);
        tree = &tree[end..];
        let Some(rest) = tree.strip_prefix("::") else {
            acc.push(path);
            return tree;
        };
        path.push_str("::");
        tree = rest;
    }
}

#[test]
fn files_are_in_no_circle() {
    let files = sources("src").into_iter().filter(|(file, _)| !is_test(file)).collect();
    // A check may be a query, which is a step, and the step `judge` knows the checks of other tables.
    let found: Vec<_> = circles(&files).into_iter().filter(|it| *it != ["expectations", "steps"]).collect();
    assert!(found.is_empty(), "what these share belongs into a file beneath them: {found:#?}");
    let of = |all: [(&str, &str); 3]| circles(&all.map(|(file, text)| (file.to_owned(), text.to_owned())).into());
    let two = ["a", "b"].map(str::to_owned).to_vec();
    assert_eq!(of([("a.rs", "use crate::{c, b::{x, Y}};"), ("b.rs", "fn f() { crate::a::g() }"), ("c.rs", "")]), [two]);
    assert!(
        of([("a.rs", "mod b; use self::b::X;"), ("a/b.rs", "use super::Y;"), ("c.rs", "use crate::a;")]).is_empty()
    );
}

/// Words that the code had for things that the field has a word for.
const RETIRED: [&str; 20] = [
    "Workshop", "Power", "Survive", "Unnest", "Fate", "Locking", "Shop", "Board", "Settled", "Trial", "Halt", "Told",
    "Ears", "News", "Setup", "graft", "disguise", "made_up", "workshop", "fate",
];

#[test]
fn retired_words_stay_away() {
    for (file, text) in sources("src") {
        let code = code(&text);
        let mut words = code.split(|it: char| !it.is_alphanumeric() && it != '_');
        let found = words.find(|it| RETIRED.contains(it));
        assert_eq!(found, None, "{file}: the glossary and `decisions.md` have the word");
    }
}

/// Phrases that a reader in a second language reads twice.
const UNCLEAR: [&str; 12] = [
    "made again",
    "is another",
    "held against",
    "stands in",
    "stand in",
    "stands behind",
    "stands there",
    "that are one",
    "take it out",
    "writes such",
    "as it was",
    "behind it",
];

#[test]
fn texts_for_people_say_what_is_meant() {
    for (file, text) in sources("src").iter().filter(|(file, _)| !is_test(file)) {
        let code = code(text);
        let found = UNCLEAR.iter().find(|it| code.contains(**it));
        assert_eq!(found, None, "{file}: `docs/reference/glossary.md` has the words for messages");
    }
}
