//! Files of people that a command changes: all but the change stays, byte for byte, also behind a link.

use crate::case::Case;

const TOML: &str = "[pipeline]\r\nname = 'p'\r\n\r\n[source.s] # weekly\r\npath = 's.csv'\r\n\r\n[step.t]\r\nkind = 'derive'\r\nfrom = 's'\r\ncolumns.u = \"upper(town)\"\r\n";
const ROWS: &str = "id,town\n1,Cape Town\n2,Cape Town\n3,\"Town, Cape\"\n";

/// The lines of a text that do not end as those of Windows do.
fn other_lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').filter(|it| !it.ends_with("\r\n")).collect()
}

/// Holds a command that writes into a pipeline, as a file and behind a link.
fn check(commands: &[&[&str]], path: &str, added: &str, files: &[(&str, &str)]) {
    let all: Vec<(&str, &str)> =
        [("pipelines/p.toml", TOML), ("s.csv", ROWS)].into_iter().chain(files.iter().copied()).collect();
    for linked in [false, cfg!(unix)] {
        let case = Case::new(&all);
        let target = if linked { "shared/file.toml" } else { path };
        let before = case.text(path);
        if linked {
            case.remove(path);
            case.write(target, &before);
            #[cfg(unix)]
            std::os::unix::fs::symlink("../shared/file.toml", case.path(path)).expect("a link");
        }
        case.run(&["build"]);
        for command in commands {
            let ran = case.run(command);
            assert!(!ran.out.contains('\r'), "{command:?}");
        }
        let after = case.text(target);
        assert!(after.contains(added), "{commands:?} {linked}:\n{after}");
        assert_eq!(other_lines(&after), [""; 0], "{commands:?}");
        if path == "pipelines/p.toml" {
            assert!(after.starts_with(before.split("path").next().expect("a part")), "{after}");
        }
        assert_eq!(std::fs::symlink_metadata(case.path(path)).expect("a file").is_symlink(), linked);
    }
}

#[test]
fn lines_and_links_stay() {
    check(&[&["adopt", "--write"]], "pipelines/p.toml", "header = 1\r\n", &[]);
    let cluster: &[&str] = &["cluster", "p.s", "town", "--write"];
    check(&[cluster], "pipelines/p.toml", "\"Cape Town\" = [\"Town, Cape\"]\r\n", &[]);
    let test = "[test.t]\r\nstep = 't'\r\ngiven.s = '''\r\n| id | town |\r\n| 1 | x |\r\n'''\r\n\
                expect = '''\r\n| id | u |\r\n| 1 | Y |\r\n'''\r\n";
    check(&[&["test", "--update"], &["test"]], "tests/t.toml", "| X", &[("tests/t.toml", test)]);
}

#[cfg(unix)]
#[test]
fn nothing_is_written_behind_a_link_out_of_the_workspace() {
    let elsewhere = tempfile::tempdir().expect("a folder");
    let outside = elsewhere.path().join("p.toml");
    std::fs::write(&outside, TOML).expect("written");
    let case = Case::new(&[("s.csv", ROWS), ("pipelines/q.toml", "[pipeline]\nname = 'q'\n")]);
    std::os::unix::fs::symlink(&outside, case.path("pipelines/p.toml")).expect("a link");
    let allow = elsewhere.path().display().to_string();
    for arguments in [&["adopt", "--write"][..], &["--allow", &allow, "adopt", "--write"]] {
        case.run(arguments);
        assert_eq!(std::fs::read_to_string(&outside).expect("text"), TOML);
        assert!(std::fs::symlink_metadata(case.path("pipelines/p.toml")).expect("a file").is_symlink());
    }
}
