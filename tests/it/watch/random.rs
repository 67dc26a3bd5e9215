//! *Watching equals building*: whatever is saved, moved, removed or checked out, in whatever way and however fast, a
//! watch comes to say and leave what a build in a new folder does.
//!
//! `HOTPASS_WATCH_EDITS=1000 cargo test --test it watching_equals` looks longer; `HOTPASS_SEED` chooses another walk.

use std::collections::BTreeMap;
use std::process::Command;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;

use crate::case::Case;
use crate::random::{Edit, Model, edit};

use super::saving::EDITORS;
use super::{Watch, of};

/// What is done to the workspace at once.
#[derive(Clone, Debug)]
enum Act {
    /// Edits, each saved by an editor, one right after the other.
    Save(Vec<(Edit, usize)>),
    /// Everything is committed, and another branch is checked out, or begun.
    Checkout(usize),
    /// A file is saved as it is.
    Touch(usize),
    /// A folder of data goes, and comes back.
    Flap,
    /// A file goes under another name, and comes back.
    Aside(usize),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        12 => prop::collection::vec((edit(), 0..EDITORS.len()), 1..4).prop_map(Act::Save),
        2 => (0usize..3).prop_map(Act::Checkout),
        1 => (0usize..9).prop_map(Act::Touch),
        1 => Just(Act::Flap),
        1 => (0usize..9).prop_map(Act::Aside),
    ]
}

/// What a build said, as far as it must not depend on what was there before.
#[derive(Clone, PartialEq, Debug, Default)]
struct Said {
    status: String,
    /// Digests of tables by step.
    tables: BTreeMap<String, Value>,
    problems: Vec<(String, String)>,
    failures: Vec<String>,
    artefacts: BTreeMap<String, String>,
}

fn said(events: &[Value]) -> Said {
    let text = |it: &Value, key: &str| it[key].as_str().unwrap_or_default().to_owned();
    let all = |name: &'static str| events.iter().filter(move |it| it["event"] == name);
    let summary = of(events, "build.summary");
    let artefacts = summary["artefacts"].as_array().into_iter().flatten();
    let well = summary["status"] == "ok";
    Said {
        status: text(summary, "status"),
        tables: all("step.finished").map(|it| (text(it, "step"), it["key"].clone())).collect(),
        // What a delivery is compared with is what was delivered before, which a build in a new folder does not know.
        problems: all("problem")
            .map(|it| (text(it, "code"), text(it, "message")))
            .filter(|(code, _)| !code.starts_with("hotpass::drift::"))
            .collect(),
        failures: all("failure").map(|it| text(it, "message")).collect(),
        artefacts: artefacts.filter(|_| well).map(|it| (text(it, "path"), text(it, "blake3"))).collect(),
    }
}

struct Walk {
    case: Case,
    model: Model,
    branches: BTreeMap<usize, Model>,
    branch: usize,
    watch: Watch,
    last: Said,
}

impl Walk {
    fn new() -> Walk {
        let case = Case::new::<&str>(&[(".gitignore", "/dist/\n/.hotpass/\n/hotpass.lock\n")]);
        let model = Model::new();
        model.files().iter().for_each(|(path, text)| case.write(path, text));
        git(&case, &["init", "-q", "-b", "b0"]);
        let watch = Watch::start(&case, &[]);
        let branches = BTreeMap::from([(0, model.clone())]);
        Walk { case, model, branches, branch: 0, watch, last: Said::default() }
    }

    fn act(&mut self, act: &Act) {
        match act {
            Act::Save(edits) => {
                for (edit, editor) in edits {
                    self.model.apply(edit);
                    self.save(*editor);
                }
            }
            Act::Checkout(branch) => {
                self.branches.insert(self.branch, self.model.clone());
                git(&self.case, &["add", "-A"]);
                git(&self.case, &["commit", "-q", "--allow-empty", "-m", "a step"]);
                let name = format!("b{branch}");
                match self.branches.get(branch) {
                    Some(model) => {
                        self.model = model.clone();
                        git(&self.case, &["checkout", "-q", &name]);
                    }
                    None => git(&self.case, &["checkout", "-q", "-b", &name]),
                }
                self.branch = *branch;
            }
            Act::Touch(at) => {
                let files = self.model.files();
                let (path, text) = files.iter().nth(at % files.len()).expect("a file");
                self.case.write(path, text);
            }
            Act::Aside(at) => {
                let files = self.model.files();
                let path = self.case.path(files.keys().nth(at % files.len()).expect("a file"));
                let aside = path.with_extension("aside");
                std::fs::rename(&path, &aside).expect("moved");
                std::fs::rename(&aside, &path).expect("moved back");
            }
            Act::Flap => {
                std::fs::rename(self.case.path("data"), self.case.path("gone")).expect("moved");
                std::fs::rename(self.case.path("gone"), self.case.path("data")).expect("moved back");
            }
        }
    }

    /// Brings the disk to what the model says, as an editor does.
    fn save(&self, editor: usize) {
        let (found, wanted) = (self.case.inputs(), self.model.files());
        for (path, text) in &wanted {
            if found.get(path).is_none_or(|it| it != text.as_bytes()) {
                EDITORS[editor].save(&self.case.path(path), text);
            }
        }
        let known = |it: &&String| it.starts_with("data/") && !wanted.contains_key(*it);
        found.keys().filter(known).for_each(|it| self.case.remove(it));
    }

    /// What a build of the same files says in a new folder.
    fn fresh(&self) -> (Said, Case) {
        let files = self.model.files();
        let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text)).collect();
        let fresh = Case::new(&files);
        let ran = fresh.run(&["build", "--keep-going", "--format", "json"]);
        (said(&ran.events()), fresh)
    }

    /// Waits until the watch says what a build from scratch does.
    fn settles(&mut self, expected: &Said, act: &Act) {
        while self.last != *expected {
            let mut events = self.watch.until(|it| it["event"] == "build.summary" || it["event"] == "watch.ready");
            if events.last().is_some_and(|it| it["event"] == "watch.ready") {
                continue;
            }
            events.retain(|it| it["event"] != "watch.ready");
            self.last = said(&events);
            self.watch.hint = format!("after {act:?}\nexpected {expected:#?}\nfound {:#?}", self.last);
        }
        self.watch.hint.clear();
    }
}

fn git(case: &Case, words: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "core.autocrlf=false"]).args(words);
    let output = command.current_dir(&case.asked.root).output().expect("git starts");
    assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|it| it.parse().ok()).unwrap_or(default)
}

#[test]
fn watching_equals_building() {
    let mut seed = [7; 32];
    seed[..8].copy_from_slice(&number("HOTPASS_SEED", 7).to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut walk = Walk::new();
    let edits = number("HOTPASS_WATCH_EDITS", 12);
    for round in 0..edits {
        let act = if round == 0 { Act::Touch(0) } else { act().new_tree(&mut runner).expect("an act").current() };
        walk.act(&act);
        let (expected, fresh) = walk.fresh();
        walk.settles(&expected, &act);
        for path in expected.artefacts.keys() {
            assert!(walk.case.read(path) == fresh.read(path), "`{path}` differs after {act:?}");
        }
    }
    assert_eq!(walk.watch.stop(), Some(130));
}
