//! What a build may take: steps that would take more time or memory are refused by name, and nothing is published. No
//! test here looks at a clock: what does not end is stopped, or the test hangs.

use rustix::process::{Pid, Signal, kill_process};

use crate::case::Case;
use crate::program::command;

/// A source with few rows, a step that is soon made of it, and an artefact of each.
const ROWS: &str = "[pipeline]\nname = 'p'\n[source.rows]\npath = 'rows.csv'\n\
[step.soon]\nkind = 'derive'\nfrom = 'rows'\n[step.soon.columns]\nlong = 'a || a'\n\
[export.soon]\nfrom = 'soon'\npath = 'dist/soon.csv'\n";

/// It counts what nobody has time to count.
const NEVER: &str = "select count(*) as n from rows, range(100000000) x, range(100000000) y, range(10000) z \
where x.range + y.range = z.range";

/// The rows, and a step `s` with an artefact.
fn with_step(step: &str) -> Case {
    let rows: String = (0..20_000).map(|it| format!("abcdefghijklmnopqrstuvwxyz{it}\n")).collect();
    let toml = format!("{ROWS}{step}[export.csv]\nfrom = 's'\npath = 'dist/s.csv'\n");
    Case::new(&[("hotpass.toml", &toml), ("rows.csv", &format!("a\n{rows}"))])
}

fn query(text: &str) -> Case {
    with_step(&format!("[step.s]\nkind = 'sql'\nquery = '''{text}'''\n"))
}

/// Runs a command that is refused with this code and this fact, and publishes nothing.
fn refused(case: &Case, words: &[&str], code: &str, fact: &str) {
    let ran = case.run(words);
    assert_eq!(ran.code, Some(2), "{}", ran.all());
    assert!(ran.all().contains(code), "{}", ran.all());
    let told = ran.all().split_whitespace().filter(|it| *it != "│" && *it != "|").collect::<Vec<_>>().join(" ");
    assert!(told.contains(fact), "{}", ran.all());
    assert!(case.artefacts().is_empty(), "something was published");
}

#[test]
fn a_step_that_never_ends_ends() {
    let case = query(NEVER);
    let fact = "`p.s` takes longer than 1s to be made";
    refused(&case, &["build", "--step-timeout", "1s"], "hotpass::step::timeout", fact);
    refused(&case, &["build", "--step-timeout", "1s", "--keep-going"], "hotpass::step::timeout", fact);
    // The other one was made, and it alone is published.
    let ran = case.run(&["build", "soon", "--step-timeout", "10m"]).ok();
    assert!(ran.all().contains("0 of 1 step ran"), "{}", ran.all());
}

#[test]
fn a_build_that_never_ends_ends() {
    let case = query(NEVER);
    let fact = "`p.s` is not made within the 2s of `--timeout`";
    refused(&case, &["build", "--timeout", "2s"], "hotpass::step::timeout", fact);
    refused(&case, &["build", "--timeout", "1ms", "soon"], "hotpass::step::timeout", "of `--timeout`");
}

#[test]
fn a_query_that_never_ends_ends() {
    let case = query("select 1 as n from rows");
    case.run(&["build"]).ok();
    let ran = case.run(&["query", "--timeout", "1s", &NEVER.replace("rows", "p.rows")]);
    assert_eq!(ran.code, Some(2), "{}", ran.all());
    assert!(ran.all().contains("hotpass::step::timeout"), "{}", ran.all());
    case.run(&["query", "--timeout", "10m", "--memory", "1GiB", "select count(*) as n from p.rows"]).ok();
}

#[test]
fn planning_that_takes_too_much_ends() {
    // The engine counts while it plans, because nothing in it depends on a row.
    let case = query("select length(repeat('x', 400000000)) as n from rows");
    for verb in ["check", "plan", "list", "graph", "build"] {
        let fact = "the workspace is not planned within the 1ms of `--timeout`";
        refused(&case, &[verb, "--timeout", "1ms"], "hotpass::step::timeout", fact);
    }
    case.run(&["check", "--timeout", "10m", "--memory", "4GiB"]).ok();
    case.run(&["plan", "--timeout", "10m", "--memory", "4GiB"]).ok();
}

#[test]
fn a_test_that_never_ends_ends() {
    let case = query(NEVER);
    let test = "[test.slow]\nstep = 's'\nexpect = '''\n| n |\n| --- |\n| 1 |\n'''\n[test.slow.given]\nrows = '''\n| a |\n| --- |\n| x |\n'''\n";
    case.write("tests/t.toml", test);
    let ran = case.run(&["test", "--step-timeout", "1s"]);
    assert_eq!(ran.code, Some(2), "{}", ran.all());
    assert!(ran.all().contains("takes longer than 1s"), "{}", ran.all());
}

#[cfg(target_os = "linux")]
#[test]
fn a_step_that_would_take_too_much_memory_is_refused() {
    let wide = "a || a || a || a || a || a || a || a || a || a || a || a || a || a || a || a";
    let texts = with_step(&format!(
        "[step.t]\nkind = 'derive'\nfrom = 'rows'\n[step.t.columns]\nb = '{wide}'\n\
[step.s]\nkind = 'derive'\nfrom = 't'\n[step.s.columns]\nc = '{}'\n",
        wide.replace('a', "b || b || b || b || b || b || b || b")
    ));
    let rows = query("select len(list(repeat(a, 200) || x.range)) as n from rows, range(20) x");
    let value = query("select length(repeat(a, 1500000000)) as n from (select a[1] as a from rows limit 1)");
    for case in [texts, rows, value] {
        let (code, fact) = ("hotpass::step::memory", "`p.s` cannot be made within 200 MiB");
        refused(&case, &["build", "--memory", "200MiB", "-j", "1"], code, fact);
        case.run(&["build", "--memory", "200MiB", "soon"]).ok();
    }
}

#[test]
fn without_a_thread_no_limit_can_be_held() {
    let case = query("select 1 as n from rows");
    let mut command = crate::program::command(&case.asked.root, &["build", "--timeout", "10m"]);
    let ran = crate::program::Ran::from(command.env("HOTPASS_TEST_THREADS", "none").output().expect("it runs"));
    assert_eq!(ran.code, Some(1), "{}", ran.all());
    assert!(ran.err.contains("no thread is left") && case.artefacts().is_empty(), "{}", ran.err);
}

#[cfg(target_os = "linux")]
#[test]
fn what_planning_would_take_is_refused_too() {
    let case = query("select repeat('x', 1500000000) as n from rows");
    let ran = case.run(&["build", "--memory", "200MiB", "-j", "1"]);
    assert_eq!(ran.code, Some(2), "{}", ran.all());
    let told = ["the query cannot be planned within 200 MiB", "`p.s` cannot be made within 200 MiB"];
    assert!(told.iter().any(|it| ran.all().contains(it)) && case.artefacts().is_empty(), "{}", ran.all());
}

#[test]
fn whatever_builds_ends_when_its_time_is_over() {
    let case = query("select 1 as n from rows");
    case.run(&["build"]).ok();
    case.write("in/book.csv", "name,town\nMill,Durban\nQuay,Benoni\n");
    for words in [
        &["verify", "--rebuild", "--timeout", "1ms"][..],
        &["init", "--from", "in/book.csv", "--force", "--timeout", "1ms"],
    ] {
        let ran = case.run(words);
        assert_eq!(ran.code, Some(2), "{words:?} {}", ran.all());
        assert!(ran.all().contains("within the 1ms of `--timeout`"), "{words:?} {}", ran.all());
    }
}

#[test]
fn whatever_looks_at_tables_ends_when_its_time_is_over() {
    let case = query("select 1 as n from rows");
    case.run(&["build"]).ok();
    let name = |verb: &[&str]| case.run(verb).ok().out;
    for words in [
        &["show", "p.s"][..],
        &["show", "p.s", "--where", "n = 1"],
        &["show", "p.s", "--column", "n"],
        &["query", "select count(*) as n from p.rows"],
        &["cluster", "p.rows", "name"],
        &["explain", "p.rows:1.name"],
        &["docs"],
        &["diff", "p.rows", "--from", "last"],
    ] {
        let late = [words, &["--timeout", "1ms"]].concat();
        let ran = case.run(&late);
        assert_eq!(ran.code, Some(2), "{late:?} {}", ran.all());
        assert!(ran.all().contains("within the 1ms of `--timeout`"), "{late:?} {}", ran.all());
    }
    assert!(!name(&["show", "p.s", "--timeout", "10m", "--memory", "1GiB"]).is_empty());
}

#[test]
fn a_query_that_the_engine_would_write_out_too_often_is_refused_before_it_does() {
    let nested = |open: &str, close: &str| format!("{}a{}", open.repeat(24), close.repeat(24));
    let windows = "sum(length(a)) over w, ".repeat(1_000);
    for (text, what) in [
        (format!("select {} as n from rows", nested("case ", " when '1' then '2' when '2' then '3' end")), "parts"),
        (format!("select {} as n from rows", nested("list_transform([1], x -> ", ")")), "parts"),
        (format!("select {windows} 1 from rows window w as (partition by {} a)", "a, ".repeat(1_000)), "parts"),
        (format!("select {} as n from rows", nested("nullif(", ", '1')")), "parts"),
        (format!("{}select * from rows{}", "select *, * from (".repeat(20), ")".repeat(20)), "columns in one query"),
    ] {
        let case = query(&text);
        let begun = format!("{what} once the engine has written it out");
        refused(&case, &["check"], "hotpass::step::sql", &begun);
        refused(&case, &["query", &text.replace("rows", "p.rows")], "hotpass::", &begun);
    }
}

/// The engine plans it for longer than anybody waits, and does not ask meanwhile whether to stop.
#[test]
fn what_cannot_be_stopped_ends_some_time_after_a_signal() {
    let nested = format!("{}a{}", "(select max(x) from (select ".repeat(30), " as x from rows))".repeat(30));
    let case = query(&format!("select {nested} as n from rows"));
    let mut child = command(&case.asked.root, &["build"]);
    let null = std::process::Stdio::null;
    let mut child = child.stdout(null()).stderr(null()).spawn().expect("it starts");
    while !case.asked.root.join(".hotpass").exists() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    std::thread::sleep(std::time::Duration::from_secs(2));
    kill_process(Pid::from_child(&child), Signal::TERM).expect("sent");
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
}

#[test]
fn a_query_whose_operators_stand_in_each_other_too_often_is_refused() {
    // Whoever walks such a tree would use up the stack.
    for (between, what) in [(" + ", "1"), (" or ", "a = 'x'"), ("::", "text")] {
        let text = format!("select {} as x from rows", vec![what; 100_000].join(between));
        refused(&query(&text), &["build"], "hotpass::step::sql", "more than 10000 operators inside each other");
    }
    let unions = vec!["select a, 1 from rows"; 20_000].join(" union all ");
    refused(&query(&unions), &["build"], "hotpass::step::sql", "more than 10000 operators inside each other");
    let branches: String = (0..20_000).map(|it| format!(" when a = '{it}' then {it}")).collect();
    let case = query(&format!("select count(*) as n from rows where case{branches} end > 0"));
    assert!(!case.run(&["plan"]).all().contains("inside each other"));
}

#[test]
fn a_limit_of_the_process_is_told_and_says_nothing_of_the_files() {
    let case =
        with_step("[step.s]\nkind = 'derive'\nfrom = 'rows'\n[step.s.columns]\nlong = \"md5(a) || a || md5(a)\"\n");
    let limited = |limit: &str| {
        let program = env!("CARGO_BIN_EXE_hotpass");
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", &format!("ulimit {limit} && exec {program} build")]).current_dir(&case.asked.root);
        let output = shell.output().expect("it starts");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).replace("\n  | ", " "))
    };
    // In blocks of 512 bytes: less than any table takes, and than an artefact.
    for blocks in ["100", "1500"] {
        let (code, said) = limited(&format!("-f {blocks}"));
        let told = said.contains("File too large") || said.contains("`ulimit -f`");
        assert!(code == Some(1) && told, "{blocks}: {code:?} {said}");
        assert!(!case.path("dist/s.csv").exists());
    }
    case.run(&["build"]).ok();
    case.write("rows.csv", case.text("rows.csv") + "one more\n");
    let (code, said) = limited("-n 16");
    assert!(!said.contains("is not replaced"), "{said}");
    assert!(code == Some(0) || said.contains("Too many open files"), "{code:?} {said}");
    case.run(&["build"]).ok();
}
