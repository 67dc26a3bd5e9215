//! Every fence in the documentation is run: pipelines are planned in a workspace with the CSV files above them,
//! pipelines under a problem's heading provoke it, fragments are TOML, transcripts and artefacts are what the program
//! makes, and commands without an answer are ones that it understands.

use std::path::{Path, PathBuf};

use crate::book::{book, sheet};
use crate::case::Case;

pub struct Fence {
    /// What stands behind the backticks.
    pub info: String,
    pub text: String,
    /// The heading above it.
    heading: String,
    pub line: usize,
}

fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = vec![root.join("README.md")];
    let mut open = vec![root.join("docs")];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            match entry.path() {
                path if path.is_dir() => open.push(path),
                path if path.extension().is_some_and(|it| it == "md") => pages.push(path),
                _ => (),
            }
        }
    }
    pages.sort();
    pages
}

fn fences(text: &str) -> Vec<Fence> {
    let mut acc: Vec<Fence> = Vec::new();
    let (mut inside, mut heading) = (false, String::new());
    for (at, line) in text.lines().enumerate() {
        let trimmed = line.trim_start();
        if let Some(info) = trimmed.strip_prefix("```") {
            if !inside {
                let (info, heading) = (info.trim().to_owned(), heading.clone());
                acc.push(Fence { info, text: String::new(), heading, line: at + 1 });
            }
            inside = !inside;
        } else if inside {
            let fence = acc.last_mut().expect("an open fence");
            fence.text.push_str(line);
            fence.text.push('\n');
        } else if let Some(text) = line.strip_prefix('#') {
            heading = text.trim_start_matches('#').trim().trim_matches('`').to_owned();
        }
    }
    acc
}

/// Every page with its fences.
pub fn pages_and_fences() -> Vec<(PathBuf, Vec<Fence>)> {
    let read = |page: PathBuf| {
        let text = std::fs::read_to_string(&page).expect("a page");
        (page, fences(&text))
    };
    pages().into_iter().map(read).collect()
}

/// The path of a block that is a TOML file of the folder: `toml tests/x.toml`.
pub fn file(fence: &Fence) -> Option<&str> {
    let path = fence.info.strip_prefix("toml ")?.split(' ').next()?;
    path.contains('/').then_some(path)
}

/// The workbook that a fence draws: a line with a name in brackets begins a sheet.
fn workbook(text: &str) -> Vec<u8> {
    let sheets = text.split("[").filter_map(|it| it.split_once("]\n"));
    let sheets: Vec<_> = sheets.map(|(name, lines)| sheet(name, lines)).collect();
    book(&sheets)
}

/// `check` gets every fence with the page it is on, and the workspace with the files above it on the page.
fn each_fence(check: impl Fn(&Path, &Fence, &Case, &mut Vec<String>)) {
    let mut wrong = Vec::new();
    for page in pages() {
        let text = std::fs::read_to_string(&page).expect("a page");
        let mut case = Case::new::<&str>(&[]);
        let mut heading = String::new();
        for fence in fences(&text) {
            // Under a problem's heading a workspace of its own begins.
            if fence.heading.starts_with("hotpass::") && fence.heading != heading {
                heading.clone_from(&fence.heading);
                case = Case::new::<&str>(&[]);
            }
            if let Some(path) = fence.info.strip_prefix("csv ") {
                case.write(path.trim(), &fence.text);
            }
            if let Some(path) = fence.info.strip_prefix("workbook ") {
                case.write(path.trim(), workbook(&fence.text));
            }
            if let Some(path) = file(&fence) {
                case.write(path, &fence.text);
            }
            check(&page, &fence, &case, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Where links of a page lead, without those to other sites and with the anchor of each.
fn links(text: &str) -> Vec<(String, String)> {
    let targets = text.split("](").skip(1).filter_map(|it| it.split(')').next());
    let own = targets.filter(|it| !it.contains("://"));
    own.map(|it| it.split_once('#').map_or((it.to_owned(), String::new()), |(a, b)| (a.to_owned(), b.to_owned())))
        .collect()
}

/// The anchor of a heading, as forges make it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter(|it| it.is_alphanumeric() || matches!(it, '-' | '_' | ' '));
    kept.map(|it| if it == ' ' { '-' } else { it }).collect()
}

#[test]
fn every_link_leads_somewhere_and_every_page_is_listed() {
    let mut wrong = Vec::new();
    for page in pages() {
        let text = std::fs::read_to_string(&page).expect("text");
        for (path, at) in links(&text) {
            let target = if path.is_empty() { page.clone() } else { page.with_file_name(&path) };
            let Ok(there) = std::fs::read_to_string(&target) else {
                if !target.exists() {
                    wrong.push(format!("{} links to {path}", page.display()));
                }
                continue;
            };
            let mut headings =
                there.lines().filter(|it| it.starts_with('#')).map(|it| anchor(it.trim_start_matches('#')));
            if !at.is_empty() && !headings.any(|it| it == at) {
                wrong.push(format!("{} links to #{at} of {}", page.display(), target.display()));
            }
        }
    }
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let index = std::fs::read_to_string(docs.join("README.md")).expect("text");
    let listed: Vec<PathBuf> = links(&index).into_iter().map(|(it, _)| docs.join(it)).collect();
    let unlisted = pages().into_iter().filter(|it| it.starts_with(&docs) && !it.ends_with("README.md"));
    wrong.extend(
        unlisted.filter(|it| !listed.contains(it)).map(|it| format!("{} is not in docs/README.md", it.display())),
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_pipeline_in_the_documentation_can_be_planned() {
    each_fence(|page, fence, case, wrong| {
        if fence.info == "toml pipeline" {
            case.write("hotpass.toml", &fence.text);
            let problems = case.problems();
            if problems.contains("error") {
                wrong.push(format!("{}:{}\n{problems}", page.display(), fence.line));
            }
        }
    });
}

#[test]
fn every_example_of_a_problem_provokes_it() {
    each_fence(|page, fence, case, wrong| {
        if fence.info == "toml pipeline" {
            case.write("hotpass.toml", &fence.text);
        }
        if file(fence).is_some() && fence.info.ends_with(" problem") {
            let problems = case.problems_of_tests();
            if !problems.contains(&fence.heading) {
                wrong.push(format!("{}:{} tells no `{}`:\n{problems}", page.display(), fence.line, fence.heading));
            }
        }
        if fence.info == "toml problem" {
            case.write("hotpass.toml", &fence.text);
            let problems = case.problems();
            let told = problems.contains(&fence.heading) || case.build().problems.contains(&fence.heading);
            if !told {
                wrong.push(format!("{}:{} tells no `{}`:\n{problems}", page.display(), fence.line, fence.heading));
            }
        }
    });
}

/// Every fragment on the page of expectations is about a table of the pipeline on its top, and holds.
#[test]
fn every_example_of_an_expectation_holds() {
    let (page, fences) =
        pages_and_fences().into_iter().find(|(it, _)| it.ends_with("expectations.md")).expect("a page");
    let case = Case::new::<&str>(&[]);
    let mut whole = String::new();
    for fence in &fences {
        match fence.info.split_once(' ') {
            Some(("csv", path)) => case.write(path.trim(), &fence.text),
            Some(("toml", "pipeline")) => whole.insert_str(0, &fence.text),
            None if fence.info == "toml" => whole.push_str(&fence.text),
            _ => (),
        }
    }
    case.write("hotpass.toml", &whole);
    assert_eq!(case.problems(), "", "{}", page.display());
    let text = std::fs::read_to_string(&page).expect("text");
    for kind in hotpass::expectations::KINDS {
        let section = text.split("\n## ").find(|it| it.starts_with(&format!("{}\n", kind.name))).expect("a section");
        assert!(section.contains(&format!("\n{} = ", kind.name)), "no example of `{}`", kind.name);
    }
    for it in hotpass::expectations::theirs::THEIRS {
        assert!(text.contains(&format!("| `{}` | `{}` |", it.name, it.ours)), "`{}` is not listed", it.name);
    }
    let problems = case.build().problems;
    assert!(!problems.contains("failed"), "{problems}");
}

#[test]
fn every_fragment_is_toml() {
    each_fence(|page, fence, _, wrong| {
        if fence.info == "toml"
            && let Err(error) = fence.text.parse::<toml::Table>()
        {
            wrong.push(format!("{}:{}\n{error}", page.display(), fence.line));
        }
    });
}

#[test]
fn transcripts_and_artefacts_are_what_the_program_makes() {
    each_fence(|page, fence, case, wrong| match fence.info.as_str() {
        "toml pipeline" => case.write("hotpass.toml", &fence.text),
        "sh" if fence.text == "hotpass build\n" && case.path("hotpass.toml").exists() => {
            case.run(&["build"]).ok();
        }
        info if info.starts_with("text ") => {
            case.run(&["build"]).ok();
            let made = std::fs::read_to_string(case.path(info[5..].trim())).expect("an artefact");
            if made != fence.text {
                wrong.push(format!("{}:{}\n{made}", page.display(), fence.line));
            }
        }
        "console" => {
            let said = transcript(case, &fence.text);
            if without_times(&said) != without_times(&fence.text) {
                wrong.push(format!("{}:{}\n{said}", page.display(), fence.line));
            }
        }
        _ => (),
    });
}

/// Commands without their answers are at least taken apart as the program does it.
#[test]
fn every_command_in_the_documentation_is_understood() {
    let case = Case::new::<&str>(&[]);
    each_fence(|page, fence, _, wrong| {
        let lines = fence.text.lines().filter(|_| fence.info == "sh");
        for line in lines.filter_map(|it| it.strip_prefix("hotpass ")) {
            let words = shell_words(line.split(['#', '|']).next().unwrap_or(line).trim());
            let words: Vec<&str> = words.iter().map(String::as_str).chain(["--help"]).collect();
            let ran = case.run(&words);
            if ran.code != Some(0) {
                wrong.push(format!("{}:{}\n{line}\n{}", page.display(), fence.line, ran.all()));
            }
        }
    });
}

/// Runs the lines that begin with `$` and gives what a terminal would have shown.
pub fn transcript(case: &Case, text: &str) -> String {
    let mut out = String::new();
    for line in text.lines().filter_map(|it| it.strip_prefix("$ ")) {
        let words = shell_words(line);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        assert_eq!(words[0], "hotpass", "transcripts run hotpass");
        out.push_str(&format!("$ {line}\n{}", case.run(&words[1..]).all()));
    }
    out
}

/// The words of a line as a shell takes them: what stands between quotes is one.
fn shell_words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, ' ') => words.push(String::new()),
            (_, c) => words.last_mut().expect("a word").push(c),
        }
    }
    words
}

/// Durations differ from run to run, and so do the names of runs.
fn without_times(text: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for line in text.lines() {
        let parts: Vec<&str> = line.split(' ').collect();
        let mut kept: Vec<&str> = Vec::new();
        for (at, word) in parts.iter().enumerate() {
            let unit = parts.get(at + 1).is_some_and(|it| matches!(*it, "ms" | "s"));
            let number = word.parse::<f64>().is_ok();
            let is_unit = at > 0 && matches!(*word, "ms" | "s") && parts[at - 1].parse::<f64>().is_ok();
            let run = word.len() >= 25 && word.starts_with("20") && word.contains("Z-");
            kept.push(if run {
                "RUN"
            } else if number && unit {
                "N"
            } else if is_unit {
                "ms"
            } else {
                word
            });
        }
        words.push(kept.join(" "));
    }
    words.join("\n").trim_end().to_owned()
}

/// What the pages on extending hotpass show stands in it; `…` stands for what they leave out.
#[test]
fn pages_show_the_code_that_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut open = vec![root.join("src"), root.join("tests/it")];
    let mut code = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            match entry.path() {
                path if path.is_dir() => open.push(path),
                path if path.extension().is_some_and(|it| it == "rs") => {
                    code.push(std::fs::read_to_string(&path).expect("code"));
                }
                _ => (),
            }
        }
    }
    let pages = pages_and_fences();
    let shown = pages.iter().flat_map(|(page, fences)| fences.iter().map(move |it| (page, it)));
    let mut count = 0;
    for (page, fence) in shown.filter(|(_, it)| it.info == "rust") {
        for part in fence.text.split_inclusive('\n').collect::<Vec<_>>().split(|it| it.trim() == "…") {
            let part = part.concat();
            let found = part.trim().is_empty() || code.iter().any(|it| it.contains(part.trim_end()));
            assert!(found, "{}:{} shows what is not there:\n{part}", page.display(), fence.line);
            count += 1;
        }
    }
    assert!(count > 8, "{count}");
}
