//! The program, as people start it.

use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use serde_json::Value;

use crate::case::Case;

/// What a run of the program said.
#[derive(Debug)]
pub struct Ran {
    /// How it ended; `None` if it was killed.
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// The program in a folder. What whoever runs the tests may have set says nothing.
pub fn command(folder: &Path, words: &[&str]) -> Command {
    command_of(Path::new(env!("CARGO_BIN_EXE_hotpass")), folder, words)
}

/// Another copy of the program.
pub fn command_of(program: &Path, folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(words).current_dir(folder).env_remove("NO_COLOR");
    for name in [
        "HOTPASS_ALLOW",
        "HOTPASS_STATE_DIR",
        "HOTPASS_JOBS",
        "HOTPASS_SIGNING_KEY",
        "GITHUB_ACTIONS",
        "SOURCE_DATE_EPOCH",
    ] {
        command.env_remove(name);
    }
    command
}

impl Case {
    /// Runs the program in this workspace.
    pub fn run(&self, words: &[&str]) -> Ran {
        command(&self.asked.root, words).into()
    }

    /// The same when it goes well: what it prints.
    pub fn prints(&self, words: &[&str]) -> String {
        self.run(words).ok().out
    }
}

impl From<Command> for Ran {
    fn from(mut command: Command) -> Ran {
        // A copy of a program cannot start while a child of another test still holds the file that it was written by.
        let mut tries = 0;
        loop {
            match command.output() {
                Err(error) if error.kind() == ErrorKind::ExecutableFileBusy && tries < 200 => {
                    tries += 1;
                    std::thread::sleep(Duration::from_millis(10));
                }
                other => break other.expect("it starts").into(),
            }
        }
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        let text = |bytes| String::from_utf8(bytes).expect("text");
        Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Ran {
    /// The same, when it ended well.
    pub fn ok(self) -> Ran {
        assert_eq!(self.code, Some(0), "{}{}", self.err, self.out);
        self
    }

    /// Both streams, what it did not print first.
    pub fn all(&self) -> String {
        format!("{}{}", self.err, self.out)
    }

    /// The events that it printed, each as the published schema says.
    pub fn events(&self) -> Vec<Value> {
        let event = |it: &str| {
            let event = serde_json::from_str(it).unwrap_or_else(|_| panic!("not JSON: {it}"));
            crate::events::held(&event);
            event
        };
        self.out.lines().map(event).collect()
    }
}

/// Linux has a file that takes nothing.
#[cfg(target_os = "linux")]
#[test]
fn what_programs_cannot_be_told_ends_a_build_with_a_failure() {
    let case = Case::new(&[
        ("hotpass.toml", "[pipeline]\nname = \"p\"\n[source.rows]\npath = \"rows.csv\"\nheader = 1\n"),
        ("rows.csv", "n\n1\n"),
    ]);
    for file in ["/dev/full", "in/no/folder.json"] {
        let ran = case.run(&["build", "--events", file]);
        assert!(ran.code == Some(1) && ran.err.contains("cannot be written"), "{file}: {}", ran.all());
    }
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("it is there");
    let mut command = command(&case.path(""), &["build", "--format", "json"]);
    let output = command.stdout(full).output().expect("it runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && told.contains("`stdout` cannot be written"), "{told}");
}

/// Runs `git` in a folder, as somebody without settings of their own.
pub fn git(folder: &Path, words: &[&str]) {
    let mut git = Command::new("git");
    git.arg("-C").arg(folder).args(["-c", "user.name=n", "-c", "user.email=n@one.example"]).args(words);
    git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    let output = git.output().expect("git");
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
}
