//! What is told, as plain data: the one source of pages, JSON and Markdown.

use serde::Serialize;

use crate::numbers::{count, number};

/// All that is told of a pipeline.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Facts {
    /// Its name.
    pub pipeline: String,
    /// What it is for.
    pub purpose: Option<String>,
    /// Its sources and steps, inputs before what reads them.
    pub tables: Vec<TableFacts>,
    /// Its checks, in the order of the file.
    pub checks: Vec<CheckFacts>,
    /// Its gates, and those of what it uses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<GateFacts>,
    /// Files that it writes, pages left out.
    pub files: Vec<FileFacts>,
}

/// A table.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct TableFacts {
    /// Its name in the pipeline.
    pub name: String,
    /// `source`, or the kind of step.
    pub kind: String,
    /// What it is for.
    pub description: Option<String>,
    /// Its rows, when it is made.
    pub rows: Option<u64>,
    /// Rows that it set aside, if it can.
    pub rejected: Option<u64>,
    /// The column that tells its rows apart.
    pub key: Option<String>,
    /// Tables that it reads; those of other pipelines as `pipeline.table`.
    pub inputs: Vec<String>,
    /// Tables of this pipeline that read it.
    pub readers: Vec<String>,
    /// Files that it is read from, `file#sheet` each.
    pub places: Vec<String>,
    /// Files that it is written to.
    pub written: Vec<String>,
    /// The contract that it keeps, and what that says of the table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract: Option<Promise>,
    /// Its columns, hidden ones left out.
    pub columns: Vec<ColumnFacts>,
    /// Its rows in earlier published builds that held something else than the one before, oldest first, and its rows
    /// now; empty where no earlier build is known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trend: Vec<u64>,
}

/// What a contract says of a table.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Promise {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// What it promises.
    pub description: Option<String>,
}

/// A column.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct ColumnFacts {
    /// Its name.
    pub name: String,
    /// Its type, as keys spell it.
    #[serde(rename = "type")]
    pub ty: String,
    /// Whether its values are personal, and so masked.
    pub personal: bool,
    /// What it means, as a contract says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What a contract promises of it, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub promises: Vec<String>,
    /// In what it is measured, as a contract says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The columns it is made of, `table.column` each.
    pub from: Vec<String>,
    /// The columns of files that its values come from, `file#sheet!letter` each.
    pub cells: Vec<String>,
    /// What it holds, when somebody looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
}

/// What a column holds. Of a personal column there are counts, lengths and patterns, and no value.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Held {
    /// Rows without a value.
    pub nulls: u64,
    /// Different values.
    pub distinct: u64,
    /// The least and the greatest value; not of texts.
    pub ends: Option<(String, String)>,
    /// The least and the greatest number of characters of a text.
    pub lengths: Option<(u64, u64)>,
    /// Values with their rows, most frequent first, where there are few.
    pub values: Vec<(String, u64)>,
    /// Rows in equal parts between the ends; of texts by their lengths.
    pub spread: Vec<u64>,
    /// The first values, each once; of a personal column their patterns.
    pub examples: Vec<String>,
}

impl Held {
    /// Whether its values say more by their rows than by themselves.
    pub fn has_frequent_values(&self) -> bool {
        self.values.iter().any(|(_, rows)| *rows > 1)
    }
}

/// How a check came out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It did not hold and holds exports back.
    Failed,
    /// It did not hold and warns.
    Warned,
    /// It could not be taken.
    NotRun,
    /// It held.
    Passed,
}

impl CheckFacts {
    /// What was found, and who answers for it.
    pub fn told(&self) -> String {
        let waiver = self.waiver.as_ref().map_or_else(String::new, |it| format!(" Note: {}.", it.words));
        format!("{}{waiver}", self.found)
    }
}

impl Verdict {
    /// As people read it.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Failed => "failed",
            Verdict::Warned => "warning",
            Verdict::NotRun => "not run",
            Verdict::Passed => "passed",
        }
    }
}

/// A check.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct CheckFacts {
    /// Its name in results.
    pub id: String,
    /// The table it is about.
    pub table: String,
    /// The columns it is about.
    pub columns: Vec<String>,
    /// Its kind.
    pub kind: String,
    /// How it came out.
    pub verdict: Verdict,
    /// What was expected, as a sentence.
    pub expected: String,
    /// What was found, as a sentence.
    pub found: String,
    /// Rows that count.
    pub considered: u64,
    /// Rows that are not as expected.
    pub unexpected: u64,
    /// The share of rows that must be as expected, 0 to 1.
    pub mostly: f64,
    /// Why it is expected.
    pub meaning: Option<String>,
    /// Who answers for a failure, where somebody does or did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiver: Option<WaiverFacts>,
    /// The file that declares it.
    pub file: String,
    /// Its TOML, without comments.
    pub toml: String,
    /// Files that it holds back when it fails.
    pub holds_back: Vec<String>,
    /// Some of the rows that are not as expected.
    pub samples: Vec<Sample>,
    /// How to mend it, a sentence each.
    pub fix: Vec<String>,
}

/// A gate: what must hold before files are put in place.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct GateFacts {
    /// Its name in results.
    pub id: String,
    /// How it came out; nothing where pages cannot tell.
    pub verdict: Option<Verdict>,
    /// What it is for.
    pub meaning: Option<String>,
    /// What it asks for.
    pub asks: Vec<AskFacts>,
    /// Tables that it reads.
    pub reads: Vec<String>,
    /// Files that wait for it.
    pub holds_back: Vec<String>,
    /// Whether they stay as they were while it is shut.
    pub stops: bool,
    /// Who answers for it when it is shut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiver: Option<WaiverFacts>,
    /// The file that declares it.
    pub file: String,
    /// Its TOML, without comments.
    pub toml: String,
}

/// One thing that a gate asks for.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct AskFacts {
    /// What is asked, in words.
    pub asks: String,
    /// Whether it holds; nothing where pages cannot tell.
    pub verdict: Option<Verdict>,
    /// What was found.
    pub found: String,
}

/// Somebody who answers for a failure, up to a day.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct WaiverFacts {
    /// Why it is well for now.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day, as `2025-12-31`.
    pub until: String,
    /// Whether it holds on the day on which it is asked.
    pub active: bool,
    /// All of it in words.
    pub words: String,
}

/// A row that is not as expected.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Sample {
    /// Its number in the table, from 1.
    pub row: u64,
    /// Its values by column; personal ones as patterns.
    pub cells: Vec<(String, Option<String>)>,
    /// Where these values come from: `file#sheet!cell`.
    pub places: Vec<String>,
}

/// A file that is written.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct FileFacts {
    /// Relative to the workspace.
    pub path: String,
    /// The table in it, or that it tells of.
    pub table: String,
    /// Its format.
    pub format: String,
    /// What it is, as declared.
    pub about: Option<String>,
}

impl Facts {
    /// The table of this name.
    pub fn table(&self, name: &str) -> Option<&TableFacts> {
        self.tables.iter().find(|it| it.name == name)
    }

    /// The checks on a table.
    pub fn checks_of<'a>(&'a self, table: &'a str) -> impl Iterator<Item = &'a CheckFacts> + 'a {
        self.checks.iter().filter(move |it| it.table == table)
    }

    /// How many checks came out so.
    pub fn with(&self, verdict: Verdict) -> u64 {
        self.checks.iter().filter(|it| it.verdict == verdict).count() as u64
    }

    /// All gates in one sentence; nothing where there are none.
    pub fn gates_in_words(&self) -> Option<String> {
        let with = |it: Option<Verdict>| self.gates.iter().filter(|gate| gate.verdict == it).count() as u64;
        let all = self.gates.len() as u64;
        let shut = with(Some(Verdict::Failed)) + with(Some(Verdict::Warned));
        let parts = [
            (shut, if shut == 1 { "is shut" } else { "are shut" }),
            (
                with(Some(Verdict::NotRun)),
                if with(Some(Verdict::NotRun)) == 1 { "has no verdict" } else { "have no verdict" },
            ),
            (with(None), if with(None) == 1 { "is asked by each build" } else { "are asked by each build" }),
        ];
        let told: Vec<_> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, it)| format!("{} {it}", number(*n))).collect();
        Some(match (all, told.is_empty()) {
            (0, _) => return None,
            (1, true) => "The one gate is open.".to_owned(),
            (_, true) => format!("All {} are open.", count(all, "gate")),
            (..) => format!("Of {}, {}.", count(all, "gate"), told.join(", ")),
        })
    }

    /// All checks in one sentence.
    pub fn in_words(&self) -> String {
        let all = self.checks.len() as u64;
        let [failed, warned, missed, _] =
            [Verdict::Failed, Verdict::Warned, Verdict::NotRun, Verdict::Passed].map(|it| self.with(it));
        if all == 0 {
            return "No check is declared.".to_owned();
        }
        if failed + warned + missed == 0 {
            return if all == 1 {
                "The one check passed.".to_owned()
            } else {
                format!("All {} passed.", count(all, "check"))
            };
        }
        let parts = [(failed, "failed"), (warned, "gave a warning"), (missed, "could not run")];
        let parts: Vec<_> =
            parts.iter().filter(|(n, _)| *n > 0).map(|(n, it)| format!("{} {it}", number(*n))).collect();
        format!("Of {}, {}.", count(all, "check"), parts.join(", "))
    }
}

impl GateFacts {
    /// As people read it.
    pub fn word(&self) -> &'static str {
        match self.verdict {
            Some(Verdict::Passed) => "open",
            Some(Verdict::Failed) => "shut",
            Some(Verdict::Warned) => "shut, a warning",
            Some(Verdict::NotRun) => "not known",
            None => "asked by each build",
        }
    }

    /// What it asks for and does not hold, with what was found.
    pub fn told(&self) -> String {
        let open = self.asks.iter().filter(|it| it.verdict.is_some_and(|it| it != Verdict::Passed));
        let told: Vec<String> = open.map(|it| format!("{}: {}", it.asks, it.found)).collect();
        let waiver = self.waiver.as_ref().map_or_else(String::new, |it| format!(" Note: {}.", it.words));
        format!("{}.{waiver}", told.join("; "))
    }
}

impl TableFacts {
    /// `1,234 rows`, or that it is not made.
    pub fn rows_in_words(&self) -> String {
        self.rows.map_or_else(|| "not built".to_owned(), |it| count(it, "row"))
    }
}
