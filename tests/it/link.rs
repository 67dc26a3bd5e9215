//! Models that people keep, and why two rows are one: what a build does with a model, and what the verbs answer.

use hotpass::summary::Status;

use crate::case::Case;
use crate::program::{Ran, command};

const PIPELINE: &str = "[pipeline]\nname = 'crm'\n[source.rows]\npath = 'rows.csv'\n\
    [source.decided]\npath = 'decided.csv'\n\
    [step.kept]\nkind = 'derive'\nfrom = 'rows'\npersonal = ['mail']\ncolumns = { one = '1' }\n\
    [step.found]\nkind = 'resolve'\nfrom = 'kept'\nkey = 'id'\ndecisions = 'decided'\n\
    compare = { given = 'given name', family = 'surname', born = 'date', mail = 'email', town = 'exact' }\n\
    [export.found]\nfrom = 'found'\npath = 'dist/found.csv'\n\
    columns = ['id', 'cluster', '_cluster_size', '_cluster_least']\n";

/// People, half of them twice, the second time with a slip.
fn rows(count: usize) -> String {
    let mut out = "id,given,family,born,mail,town\n".to_owned();
    let syllables = ["ba", "ke", "lo", "mi", "nu", "ra", "se", "to", "vi", "zu"];
    let word = |at: usize| format!("{}{}{}", syllables[at % 10], syllables[at / 10 % 10], syllables[at / 100 % 10]);
    for at in 0..count {
        let (given, family) = (word(at * 7 + 3), word(at * 13 + 5));
        let born = format!("19{:02}-{:02}-{:02}", 40 + at % 59, 1 + at % 12, 1 + at * 5 % 28);
        let (mail, town) = (format!("{given}.{family}@{}.example", word(at)), word(at % 6));
        out.push_str(&format!("{at},{given},{family},{born},{mail},{town}\n"));
        if at % 2 == 0 {
            out.push_str(&format!("{at}b,{},{family}a,{born},{mail},{town}\n", &given[..1]));
        }
    }
    out
}

fn case(count: usize) -> Case {
    Case::new(&[
        ("hotpass.toml", PIPELINE.to_owned()),
        ("rows.csv", rows(count)),
        ("decided.csv", "left,right,decide\n2,2b,different\n".to_owned()),
    ])
}

fn run(case: &Case, words: &[&str]) -> Ran {
    Ran::from(command(&case.asked.root, &[]).args(words).output().expect("it starts"))
}

#[test]
fn a_model_is_kept_and_gives_the_bytes_that_learning_gave() {
    let case = case(150);
    let built = case.build();
    assert_eq!(built.status, Status::Ok, "{}", built.problems);
    assert_eq!(built.summary().learnt, ["crm.found"]);
    let before = case.artefacts();

    let shown = run(&case, &["link", "train", "found"]);
    assert_eq!(shown.code, Some(0), "{}", shown.all());
    assert!(shown.out.contains("born, date") && shown.err.contains("`--write` saves it"), "{}", shown.all());
    assert!(!case.path("models").exists());
    let kept = run(&case, &["link", "train", "crm.found", "--write"]);
    assert_eq!(kept.code, Some(0), "{}", kept.all());
    let model = case.text("models/found.toml");
    for personal in ["@", "example", "bakelo", "kelomi", "2b"] {
        assert!(!model.contains(personal), "{personal}");
    }

    let frozen = case.build();
    assert_eq!(frozen.status, Status::Ok, "{}", frozen.problems);
    assert!(frozen.summary().learnt.is_empty());
    assert!(case.artefacts() == before, "the kept model gives the same bytes");
    assert!(case.text("hotpass.lock").contains("[pipeline.crm.models]\nfound = \""));
    assert_eq!(case.build().written(), "nothing");
    assert_eq!(run(&case, &["build", "--locked"]).code, Some(0));
    let again = run(&case, &["link", "train", "found", "--write", "--format", "json"]);
    let told = &again.events()[0];
    assert_eq!((told["same"].as_bool(), told["written"].as_bool()), (Some(true), Some(false)), "{}", again.all());

    // Comments do not count; another number does, and is what the lock does not have.
    case.write("models/found.toml", format!("# ours\n{model}"));
    assert_eq!(run(&case, &["build", "--locked"]).code, Some(0));
    let matches = model.lines().find(|it| it.starts_with("matches")).expect("a line");
    case.write("models/found.toml", model.replacen(matches, "matches = 3.5", 1));
    let locked = run(&case, &["build", "--locked"]);
    assert_eq!(locked.code, Some(3), "{}", locked.all());
    assert!(locked.err.contains("model `crm.found`"), "{}", locked.all());

    // The model of another recipe: nothing is built, and the step can be asked to learn again.
    case.write("models/found.toml", &model);
    case.write("hotpass.toml", PIPELINE.replace(", town = 'exact'", ""));
    let refused = case.build();
    let told =
        "hotpass::step::other-model: `models/found.toml` is the model of another recipe: it was learnt with `town` too";
    assert!(refused.summary.is_none() && refused.problems.contains(told), "{}", refused.problems);
    let again = run(&case, &["link", "train", "found", "--write"]);
    assert_eq!(again.code, Some(0), "{}", again.all());
    assert_eq!(case.build().status, Status::Ok);
}

#[test]
fn what_stands_in_the_place_of_a_model_is_left_alone() {
    let case = case(20);
    assert_eq!(case.build().status, Status::Ok);
    for name in ["rows", "nobody"] {
        let told = run(&case, &["link", "train", name]);
        assert_eq!(told.code, Some(2), "{}", told.all());
    }
    #[cfg(unix)]
    {
        let elsewhere = tempfile::tempdir().expect("a folder");
        std::os::unix::fs::symlink(elsewhere.path(), case.path("models")).expect("a link");
        let told = run(&case, &["link", "train", "found", "--write"]);
        assert_eq!(told.code, Some(1), "{}", told.all());
        assert!(told.err.contains("leads out of the workspace"), "{}", told.all());
        assert_eq!(std::fs::read_dir(elsewhere.path()).expect("a folder").count(), 0);
    }
}

#[test]
fn two_rows_are_explained_and_personal_values_masked() {
    let case = case(150);
    assert_eq!(case.build().status, Status::Ok);
    let json = |words: &[&str]| {
        let ran = run(&case, &[&["link", "explain", "found", "--format", "json"], words].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.all());
        ran.events().remove(0)
    };
    let one = json(&["4", "4b"]);
    let pair = &one["pair"];
    assert_eq!((one["v"].as_u64(), pair["one"].as_bool()), (Some(1), Some(true)), "{one}");
    let parts = pair["parts"].as_array().expect("parts");
    let sum: f64 = parts.iter().map(|it| it["bits"].as_f64().expect("bits")).sum();
    assert!((sum - pair["weight"].as_f64().expect("a weight")).abs() < 1e-9, "{one}");
    let mail = parts.iter().find(|it| it["column"] == "mail").expect("a part");
    assert_eq!((mail["left"].as_str(), mail["right"].as_str()), (Some("•••"), Some("•••")), "{one}");
    assert!(parts.iter().any(|it| it["column"] == "given" && it["right"].as_str().is_some_and(|it| it.len() == 1)));
    assert!(pair["rules"].as_array().expect("rules").iter().any(|it| it["found"] == true));
    assert_eq!(pair["path"].as_array().map(Vec::len), Some(1));
    // By number and by print the same two rows are meant.
    let print = pair["right"]["print"].as_str().expect("a print").to_owned();
    let number = format!("#{}", pair["left"]["row"]);
    assert_eq!(json(&[&number, &print])["pair"], *pair);
    assert!(json(&["4", "4b", "--unmasked"])["pair"]["parts"].to_string().contains(".example"));

    let two = json(&["2", "2b"]);
    assert_eq!(two["pair"]["one"].as_bool(), Some(false));
    assert!(two["pair"]["why"].as_str().is_some_and(|it| it.contains("decision")), "{two}");
    assert_eq!(two["pair"]["decisions"].as_array().map(Vec::len), Some(1));
    let apart = json(&["1", "3"]);
    assert!(apart["pair"]["why"].as_str().is_some_and(|it| it.contains("do not match")), "{apart}");

    let text = run(&case, &["link", "explain", "found", "4", "4b"]);
    for part in
        ["they match because", "rules that selected the pair", "the links between the two in their cluster", "•••"]
    {
        assert!(text.out.contains(part), "{part}: {}", text.all());
    }
    assert!(!text.out.contains("@"), "{}", text.all());
    for (left, right, told) in
        [("4", "gone", "has no row `gone`"), ("4", "4", "the same row"), ("#0", "4", "has no row")]
    {
        let ran = run(&case, &["link", "explain", "found", left, right]);
        assert!(ran.code == Some(2) && ran.err.contains(told), "{}", ran.all());
    }
}

#[test]
fn people_are_asked_and_their_answers_are_decisions() {
    let case = case(150);
    assert_eq!(case.build().status, Status::Ok);
    let file = case.path("review.csv");
    let path = file.to_str().expect("a path");
    let asked = run(&case, &["link", "review", "found", "-n", "10", "--format", "json"]);
    assert_eq!(asked.code, Some(0), "{}", asked.all());
    assert_eq!(asked.events().len(), 11, "{}", asked.all());
    assert_eq!(asked.events()[1..].iter().filter(|it| it["pair"]["why"] == "lot").count(), 10);
    assert!(!asked.out.contains(".example"), "{}", asked.all());
    assert_eq!(run(&case, &["link", "review", "found", "-n", "10", "--format", "json"]).out, asked.out);

    let written = run(&case, &["link", "review", "found", "-n", "10", "-o", path]);
    assert_eq!(written.code, Some(0), "{}", written.all());
    let text = std::fs::read_to_string(&file).expect("text");
    let head = "decide,note,born 1,born 2,family 1,family 2,given 1,given 2,mail 1,mail 2,town 1,town 2,left,right,left_print,right_print,lot";
    assert_eq!(text.trim_start_matches('\u{feff}').lines().next(), Some(head));
    assert_eq!(text.lines().count(), 11);
    assert!(!text.contains('@') && text.contains("•••"), "{text}");
    // A file that may hold answers is not replaced.
    assert_eq!(run(&case, &["link", "review", "found", "-o", path]).code, Some(1));

    // Nobody answered yet; then answers that cannot be taken, and nothing is written.
    let before = case.text("decided.csv");
    let take = |words: &[&str]| {
        let mut ran = run(&case, &[&["link", "review", "found", "--read", path], words].concat());
        // Lines of a message are folded.
        ran.err = ran.err.replace("\n  | ", " ");
        ran
    };
    assert!(take(&[]).out.contains("nothing new"), "{}", take(&[]).all());
    let answered = |answers: &[&str]| {
        let mut lines = text.lines().map(str::to_owned).collect::<Vec<_>>();
        answers.iter().enumerate().for_each(|(at, it)| lines[at + 1] = format!("{it}{}", &lines[at + 1]));
        lines.join("\n")
    };
    std::fs::write(&file, answered(&["perhaps"])).expect("it is written");
    let refused = take(&[]);
    assert!(refused.code == Some(2) && refused.err.contains("hotpass::cli::bad-answers"), "{}", refused.all());
    let twice = answered(&["same"]);
    let again = twice.lines().nth(1).expect("a line").replacen("same", "different", 1);
    std::fs::write(&file, format!("{twice}\n{again}\n")).expect("it is written");
    let refused = take(&[]);
    assert!(refused.err.contains("give different answers about the same two rows"), "{}", refused.all());
    std::fs::write(&file, "a,b\n1,2\n").expect("it is written");
    assert!(take(&[]).err.contains("a column is missing"), "{}", take(&[]).all());
    assert_eq!(case.text("decided.csv"), before);

    std::fs::write(&file, answered(&["different", "UNSURE "])).expect("it is written");
    let taken = take(&["--by", "reviewer-1"]);
    assert_eq!(taken.code, Some(0), "{}", taken.all());
    assert!(taken.out.contains("2 decisions added to `decided.csv`"), "{}", taken.all());
    let decided = case.text("decided.csv");
    assert!(decided.starts_with(&before) && decided.lines().count() == 4, "{decided}");
    assert_eq!(case.build().status, Status::Ok);
    assert!(take(&[]).out.contains("2 pairs already had this decision"), "{}", take(&[]).all());
    assert_eq!(case.text("decided.csv"), decided);

    // Only what the answers are about has another cluster.
    let kept = run(&case, &["link", "review", "found", "-n", "3", "--format", "json"]);
    assert_eq!(kept.events()[0]["decided"].as_u64(), Some(3), "{}", kept.all());

    case.write("hotpass.toml", PIPELINE.replace("decisions = 'decided'\n", ""));
    assert_eq!(case.build().status, Status::Ok);
    let refused = take(&[]);
    assert!(refused.code == Some(2) && refused.err.contains("hotpass::cli::no-decisions"), "{}", refused.all());
}

#[test]
fn a_workbook_of_pairs_is_read_back() {
    let case = case(40);
    assert_eq!(case.build().status, Status::Ok);
    let file = case.path("review.xlsx");
    let path = file.to_str().expect("a path");
    let written = run(&case, &["link", "review", "found", "-n", "5", "--unmasked", "-o", path]);
    assert_eq!(written.code, Some(0), "{}", written.all());
    let taken = run(&case, &["link", "review", "found", "--read", path]);
    assert!(taken.code == Some(0) && taken.out.contains("nothing new"), "{}", taken.all());
}

#[test]
fn spellings_of_one_value_become_a_lookup() {
    let case = Case::new(&[
        (
            "hotpass.toml",
            format!(
                "{PIPELINE}[step.used]\nkind = 'derive'\nfrom = 'rows'\ncolumns = {{ town = \"coalesce(lookup(town, 'town'), town)\" }}\n[export.used]\nfrom = 'used'\npath = 'dist/used.csv'\n[lookup.town]\n'Uitsig' = ['Uit']\n"
            ),
        ),
        (
            "rows.csv",
            format!(
                "{}x,Ada,Roe,1980-01-01,a@b.example,KE-BABA\ny,Ada,Ro,1980-01-01,a@b.example,Uitsi\nz,Bo,Po,1981-01-01,c@b.example,uit\nz2,Bo,Po,1981-01-01,c@b.example,Uitsig\n",
                rows(12)
            ),
        ),
        ("decided.csv", "left,right,decide\n".to_owned()),
    ]);
    assert_eq!(case.build().status, Status::Ok, "{}", case.build().problems);
    let before = case.text("hotpass.toml");
    let shown = run(&case, &["cluster", "rows", "town"]);
    assert!(
        shown.code == Some(0) && shown.out.contains("+'Uitsig' = ['Uit', \"Uitsi\"]")
            || shown.out.contains("\"Uitsi\"]"),
        "{}",
        shown.all()
    );
    assert_eq!(case.text("hotpass.toml"), before);
    let written = run(&case, &["cluster", "rows", "town", "--write"]);
    assert_eq!(written.code, Some(0), "{}", written.all());
    assert!(case.text("hotpass.toml").contains("kebaba"), "{}", written.all());
    assert_eq!(case.build().status, Status::Ok, "{}", case.build().problems);
    let used = case.text("dist/used.csv");
    assert!(used.contains(",kebaba") && !used.contains("KE-BABA") && !used.contains("Uitsi\n"), "{used}");
    let again = run(&case, &["cluster", "rows", "town"]);
    assert!(again.out.is_empty() && again.err.contains("no values are spelt"), "{}", again.all());
    let refused = run(&case, &["cluster", "kept", "mail"]);
    assert!(refused.code == Some(2) && refused.err.contains("hotpass::cli::personal-values"), "{}", refused.all());
    assert_eq!(run(&case, &["cluster", "rows", "nothing"]).code, Some(2));
}

#[test]
fn clusters_are_measured_against_pairs_that_somebody_knows() {
    let case = case(60);
    assert_eq!(case.build().status, Status::Ok);
    // `2` and `2b` are decided to be two, so that one of the true pairs is missed.
    let known = "left,right,decide\n2b,2,different\n2,2b,same\n4,4b,different\n4,4b,same\n6,6b,same\n1,3,different\n\
                 5,gone,same\n5,5,same\n8,9,unsure\n";
    std::fs::write(case.path("known.csv"), known).expect("it is written");
    let known = case.path("known.csv");
    let words = ["link", "measure", "found", known.to_str().expect("a path")];
    let told = run(&case, &[&words[..], &["--format", "json"]].concat());
    assert_eq!(told.code, Some(0), "{}", told.all());
    let measured = &told.events()[0]["measured"];
    let names = ["pairs", "missing", "repeated", "found", "missed", "wrong"];
    // Of several labels of a pair, the last counts.
    assert_eq!(names.map(|it| measured[it].as_u64().expect("a count")), [4, 2, 2, 2, 1, 0], "{measured}");
    assert!((measured["recall"]["share"].as_f64().expect("a share") - 2.0 / 3.0).abs() < 1e-9, "{measured}");
    let text = run(&case, &words);
    assert!(text.out.contains("precision") && text.out.contains("2 found, 1 missed, 0 wrong"), "{}", text.all());
}

#[test]
fn a_page_tells_whoever_answers_for_the_data_all_of_it() {
    let case = case(150);
    assert_eq!(case.build().status, Status::Ok);
    let file = case.path("page.html");
    let path = file.to_str().expect("a path");
    let written = run(&case, &["link", "report", "found", "-o", path]);
    assert_eq!(written.code, Some(0), "{}", written.all());
    let page = std::fs::read_to_string(&file).expect("text");
    for part in
        ["How certain the result is", "in use", "What people decided", "born", "Rules that select pairs", "Clusters"]
    {
        assert!(page.contains(part), "{part}");
    }
    assert!(
        !page.contains("<script") && !page.contains("://") && !page.contains("src="),
        "nothing runs, nothing is fetched"
    );
    let again = run(&case, &["link", "report", "found", "-o", path, "--format", "json"]);
    assert_eq!(page, std::fs::read_to_string(&file).expect("text"), "the same bytes");
    let report = &again.events()[0]["report"];
    assert_eq!(report["rows"].as_u64(), Some(225), "{report}");
    let used = report["thresholds"].as_array().expect("a list").iter().find(|it| it["used"] == true);
    let used = used.expect("the one that is used");
    assert_eq!(used["pairs"], report["verdicts"][0], "{report}");
    let sizes = report["sizes"].as_array().expect("a list").iter();
    let all: u64 = sizes.map(|it| it[0].as_u64().expect("rows") * it[2].as_u64().expect("clusters")).sum();
    assert_eq!(all, 225, "{report}");
    let open = run(&case, &["link", "review", "found", "--format", "json"]).events().remove(0);
    assert_eq!(open["open"], report["open"]);
    // Masked: the largest clusters have no e-mail address, unless it is asked for.
    case.write("rows.csv", format!("{}2c,lomiba,vikeke,1942-03-11,l.v@x.example,lo\n2d,lomiba,vikeke,1942-03-11,l.v@x.example,lo\n2e,lomiba,vikeke,1942-03-11,l.v@x.example,lo\n", rows(150)));
    assert_eq!(case.build().status, Status::Ok);
    assert_eq!(run(&case, &["link", "report", "found", "-o", path]).code, Some(0));
    let masked = std::fs::read_to_string(&file).expect("text");
    assert!(masked.contains("lomiba") && masked.contains("•••") && !masked.contains("example"), "{masked}");
    assert_eq!(run(&case, &["link", "report", "found", "--unmasked", "-o", path]).code, Some(0));
    assert!(std::fs::read_to_string(&file).expect("text").contains("l.v@x.example"));
    // What stands there and is not a page is left alone.
    std::fs::write(&file, "mine").expect("it is written");
    assert_eq!(run(&case, &["link", "report", "found", "-o", path]).code, Some(1));
}

#[test]
fn the_page_is_published_with_the_rest() {
    let case = case(60);
    let export = "[export.page]\nfrom = 'found'\nabout = 'linkage'\npath = 'dist/linkage.html'\n";
    case.write("hotpass.toml", format!("{PIPELINE}{export}"));
    let twins = "2c,lomiba,vikeke,1942-03-11,l.v@x.example,lo\n2d,lomiba,vikeke,1942-03-11,l.v@x.example,lo\n2e,lomiba,vikeke,1942-03-11,l.v@x.example,lo\n";
    case.write("rows.csv", format!("{}{twins}", rows(60)));
    assert_eq!(case.build().status, Status::Ok);
    let page = case.text("dist/linkage.html");
    let file = case.path("page.html");
    assert_eq!(run(&case, &["link", "report", "found", "-o", file.to_str().expect("a path")]).code, Some(0));
    assert_eq!(page, std::fs::read_to_string(&file).expect("text"), "the page that the verb writes");
    assert!(page.contains("lomiba") && page.contains("•••") && !page.contains("example"), "{page}");
    assert_eq!(case.build().written(), "nothing");
    assert_eq!(run(&case, &["build", "--locked"]).code, Some(0));
    assert_eq!(run(&case, &["verify", "--rebuild"]).code, Some(0));
    let masked = run(&case, &["query", "select answer from found__linkage"]);
    assert!(masked.code == Some(0) && !masked.out.contains("example"), "{}", masked.all());
    // A decision is on it, and so is what may be shown now.
    case.write("decided.csv", "left,right,decide\n2,2b,different\n2c,2d,same\n");
    assert_eq!(case.build().status, Status::Ok);
    assert_ne!(case.text("dist/linkage.html"), page);
    case.write("hotpass.toml", format!("{PIPELINE}{export}").replace("personal = ['mail']", "open = ['mail']"));
    assert_eq!(case.build().status, Status::Ok, "{}", case.build().problems);
    assert!(case.text("dist/linkage.html").contains("l.v@x.example"));
    // It waits for what is expected of its step, and nothing else compares rows.
    let expected = "[[expect.found]]\nrows = { at_most = 3 }\n";
    let before = case.text("dist/linkage.html");
    case.write("rows.csv", rows(30));
    case.write("hotpass.toml", format!("{PIPELINE}{export}{expected}"));
    assert_ne!(case.build().status, Status::Ok);
    assert_eq!(case.text("dist/linkage.html"), before);
    case.write("hotpass.toml", format!("{PIPELINE}{export}").replace("from = 'found'\nabout", "from = 'kept'\nabout"));
    let refused = case.build().problems;
    assert!(refused.contains("`kept` compares no rows"), "{refused}");
    // Of no rows there is a page too.
    case.write("hotpass.toml", format!("{PIPELINE}{export}"));
    for rows in ["id,given,family,born,mail,town\n", "id,given,family,born,mail,town\n1,a,b,,,\n"] {
        case.write("rows.csv", rows);
        case.write("decided.csv", "left,right,decide\n");
        assert_eq!(case.build().status, Status::Ok);
        assert!(case.text("dist/linkage.html").contains("Clusters"));
    }
}

#[test]
fn a_pair_is_explained_as_a_picture() {
    let case = case(150);
    assert_eq!(case.build().status, Status::Ok);
    let file = case.path("pair.svg");
    let path = file.to_str().expect("a path");
    let written = run(&case, &["link", "explain", "found", "4", "4b", "-o", path]);
    assert_eq!(written.code, Some(0), "{}", written.all());
    let picture = std::fs::read_to_string(&file).expect("text");
    let shown = run(&case, &["link", "explain", "found", "4", "4b", "--format", "svg"]);
    assert_eq!(shown.out, picture);
    assert!(picture.starts_with("<svg ") && picture.contains("together") && picture.contains("mail: "), "{picture}");
    assert!(picture.contains("•••") && !picture.contains(".example") && !picture.contains("<script"), "{picture}");
    let told = run(&case, &["link", "explain", "found", "4", "4b", "--format", "json"]).events().remove(0);
    let weight = told["pair"]["weight"].as_f64().expect("a weight");
    assert!(picture.contains(&format!(">{weight:+.3}</text>")), "{weight} {picture}");
    let open = run(&case, &["link", "explain", "found", "4", "4b", "--format", "svg", "--unmasked"]);
    assert!(open.out.contains("kemiba.toraba@"), "{}", open.all());
}

#[test]
fn tasks_of_label_studio_are_decided_once() {
    let case = case(150);
    assert_eq!(case.build().status, Status::Ok);
    let [file, export] = ["tasks.json", "export.json"].map(|it| case.path(it));
    let [path, answered] = [&file, &export].map(|it| it.to_str().expect("a path").to_owned());
    let written = run(&case, &["link", "review", "found", "-n", "4", "-o", &path]);
    assert_eq!(written.code, Some(0), "{}", written.all());
    let text = std::fs::read_to_string(&file).expect("text");
    assert!(text.contains("•••") && !text.contains(".example") && !text.contains("probability"), "{text}");
    let tasks: Vec<serde_json::Value> = serde_json::from_str(&text).expect("JSON");
    assert_eq!(tasks.len(), 4);
    let names: Vec<&String> = tasks[0]["data"]["left"].as_object().expect("values").keys().collect();
    assert_eq!(names, ["born", "family", "given", "mail", "town"]);
    // Imported twice, and answered by two people; one task by nobody.
    let choice = |word: &str| serde_json::json!({"from_name": "decide", "to_name": "left", "type": "choices", "value": {"choices": [word]}});
    let task = |at: usize, words: &[&str]| {
        let all = words
            .iter()
            .map(|it| serde_json::json!({"completed_by": 1, "was_cancelled": false, "result": [choice(it)]}));
        serde_json::json!({"id": at, "data": tasks[at % 4]["data"], "annotations": all.collect::<Vec<_>>()})
    };
    let before = case.text("decided.csv");
    let take = |tasks: &[serde_json::Value]| {
        std::fs::write(&export, serde_json::to_string(tasks).expect("JSON")).expect("it is written");
        let mut ran = run(&case, &["link", "review", "found", "--read", &answered]);
        ran.err = ran.err.replace("\n  | ", " ");
        ran
    };
    let otherwise = take(&[task(0, &["same"]), task(4, &["different"])]);
    assert!(otherwise.code == Some(2) && otherwise.err.contains("give different answers"), "{}", otherwise.all());
    assert_eq!(case.text("decided.csv"), before);
    let all = [task(0, &["different", "different"]), task(1, &["unsure"]), task(2, &[]), task(4, &["different"])];
    let taken = take(&all);
    assert!(taken.code == Some(0) && taken.out.contains("2 decisions added"), "{}", taken.all());
    let decided = case.text("decided.csv");
    assert_eq!(decided.lines().count(), before.lines().count() + 2, "{decided}");
    assert_eq!(case.build().status, Status::Ok);
    assert!(take(&all).out.contains("2 pairs already had this decision"), "{}", take(&all).all());
    assert_eq!(case.text("decided.csv"), decided);
    // What is decided is asked no more.
    let again = case.path("again.json");
    let ran = run(&case, &["link", "review", "found", "-n", "400", "-o", again.to_str().expect("a path")]);
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    let left = std::fs::read_to_string(&again).expect("text");
    for (at, task) in tasks.iter().enumerate() {
        let pair = task["data"]["pair"].as_str().expect("a pair");
        assert_eq!(left.contains(pair), at > 1, "{at}");
    }
    let refused = take(&[serde_json::json!({"data": {"text": "x"}})]);
    assert!(refused.code == Some(2) && refused.err.contains("hotpass::cli::bad-answers"), "{}", refused.all());
}

#[test]
fn no_answer_is_lost_and_none_is_taken_in_silence() {
    let case = case(40);
    let keyed = PIPELINE.replace("key = 'id'", "key = 'mail'").replace("'decided.csv'", "'decided.csv'\nheader = 1");
    let answers = |case: &Case, text: &str| {
        case.write("answers.csv", text);
        let path = case.path("answers.csv").to_str().expect("a path").to_owned();
        let mut ran = run(case, &["link", "review", "found", "--read", &path]);
        ran.err = ran.err.replace("\n  | ", " ").replace("\n        ", " ");
        ran
    };
    // Keys with blanks around them are keys; rows that are not there, and rows that changed, are told.
    case.write("rows.csv", rows(40).replace("\n3,", "\n 3 ,"));
    assert_eq!(case.build().status, Status::Ok);
    let head = "left,right,left_print,right_print,decide\n";
    let taken = answers(&case, &format!("{head}1,3,,,different\nx,5,,,same\n5,7,0123,,different\n"));
    assert_eq!(taken.code, Some(0), "{}", taken.all());
    assert!(taken.out.contains("2 decisions added"), "{}", taken.all());
    assert!(taken.out.contains("a row is not there: row 3 of the file"), "{}", taken.all());
    assert!(taken.out.contains("look again: row 4 of the file"), "{}", taken.all());
    assert_eq!(case.text("decided.csv"), "left,right,decide\n2,2b,different\n1,3,different\n5,7,different\n");
    let built = case.build();
    assert!(built.status == Status::Ok && !case.text("dist/found.csv").is_empty(), "{}", built.problems);
    let measured = run(&case, &["link", "measure", "found", case.path("answers.csv").to_str().expect("a path")]);
    assert_eq!(measured.code, Some(0), "{}", measured.all());
    case.write("answers.csv", format!("{head}1,3,,,perhaps\n"));
    let refused = run(&case, &["link", "measure", "found", case.path("answers.csv").to_str().expect("a path")]);
    assert!(refused.code == Some(2) && refused.err.contains("hotpass::cli::bad-answers"), "{}", refused.all());

    // A personal key stands in no decision, so a file without prints can hold none.
    case.write("hotpass.toml", &keyed);
    case.write("decided.csv", "left,right,decide\n");
    assert_eq!(case.build().status, Status::Ok);
    let file = case.path("asked.csv");
    let path = file.to_str().expect("a path");
    assert_eq!(run(&case, &["link", "review", "found", "-n", "4", "-o", path]).code, Some(0));
    let asked = std::fs::read_to_string(&file).expect("text");
    let decided: Vec<String> =
        asked.lines().enumerate().map(|(at, it)| format!("{}{it}", if at == 1 { "different" } else { "" })).collect();
    let refused = answers(&case, &decided.join("\n"));
    assert!(refused.code == Some(2) && refused.err.contains("hotpass::cli::no-decisions"), "{}", refused.all());
    assert!(refused.err.contains("`left_print` and `right_print`"), "{}", refused.all());
    assert_eq!(case.text("decided.csv"), "left,right,decide\n");
    case.write("decided.csv", "left_print,right_print,decide\n");
    assert_eq!(case.build().status, Status::Ok);
    let taken = answers(&case, &decided.join("\n"));
    assert!(taken.code == Some(0) && taken.out.contains("1 decision added"), "{}", taken.all());
    assert!(!case.text("decided.csv").contains(",,"), "{}", case.text("decided.csv"));
}
