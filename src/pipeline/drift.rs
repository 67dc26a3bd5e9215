//! `drift` of a source: what is told when a delivery is not like the one before it, and how much is too much.
//!
//! ```toml
//! drift = "warn"                # or "fail", or "ignore"
//!
//! [source.people.drift]         # or each for itself
//! lost = "fail"
//! added = "ignore"
//! factor = 3                    # three times as many rows, or a third of them
//! ```

use crate::fields::{Fields, WRONG_VALUE};

/// What becomes of one kind of change.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// Nothing is told.
    Ignore,
    /// It is told, and the build goes on.
    Warn,
    /// Nothing is published.
    Fail,
}

/// What is told of a delivery. Shares are in thousandths.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Drift {
    /// A column that was not there.
    pub added: Level,
    /// A column that is gone.
    pub lost: Level,
    /// A column under another name.
    pub renamed: Level,
    /// Values of another type or look.
    pub retyped: Level,
    /// More rows without a value.
    pub emptied: Level,
    /// Many more or fewer rows.
    pub rows: Level,
    /// How sure a new name must be.
    pub threshold: u32,
    /// The share of values whose look may change.
    pub shapes: u32,
    /// The share of rows that may lose their value.
    pub gaps: u32,
    /// How many times as many rows may come, or how small a part of them.
    pub factor: u32,
}

impl Default for Drift {
    fn default() -> Drift {
        Drift::of(Level::Warn)
    }
}

/// Spellings of levels.
const LEVELS: [(&str, Level); 3] = [("warn", Level::Warn), ("fail", Level::Fail), ("ignore", Level::Ignore)];

impl Drift {
    /// The same level for everything.
    pub(super) fn of(level: Level) -> Drift {
        Drift {
            added: level,
            lost: level,
            renamed: level,
            retyped: level,
            emptied: level,
            rows: level,
            threshold: 600,
            shapes: 500,
            gaps: 300,
            factor: 2000,
        }
    }

    /// Reads `drift` of a source, if it is there: a word, or a table.
    pub(super) fn decode(source: &mut Fields) -> Option<Drift> {
        if !source.is_table("drift") {
            return source.choice("drift", &LEVELS).map(Drift::of);
        }
        let mut table = source.table("drift")?;
        let mut acc = Drift::of(table.choice("level", &LEVELS).unwrap_or(Level::Warn));
        let levels = [
            ("added", &mut acc.added),
            ("lost", &mut acc.lost),
            ("renamed", &mut acc.renamed),
            ("retyped", &mut acc.retyped),
            ("emptied", &mut acc.emptied),
            ("rows", &mut acc.rows),
        ];
        for (key, level) in levels {
            *level = table.choice(key, &LEVELS).unwrap_or(*level);
        }
        let shares = [("threshold", &mut acc.threshold), ("shapes", &mut acc.shapes), ("gaps", &mut acc.gaps)];
        for (key, share) in shares {
            *share = thousandths(&mut table, key, 0.0, 1.0).unwrap_or(*share);
        }
        acc.factor = thousandths(&mut table, "factor", 1.0, 1e6).unwrap_or(acc.factor);
        table.finish();
        Some(acc)
    }
}

/// A number between two others, in thousandths.
fn thousandths(table: &mut Fields, key: &str, least: f64, most: f64) -> Option<u32> {
    let number = table.number(key)?;
    if !(least..=most).contains(&number) {
        let message = format!("`{key}` lies between {least} and {most}");
        table.problem(&WRONG_VALUE, key, message, "this number", None);
        return None;
    }
    Some((number * 1000.0).round() as u32)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use super::*;
    use crate::fields::{Parameters, Reader};

    fn check(text: &str, expected: Drift, told: &[&str]) {
        let reader = Reader::new(&Arc::new(PathBuf::from("x.toml")), Parameters::new());
        let table = reader.parse(text);
        let mut fields = reader.fields(&table);
        assert_eq!(Drift::decode(&mut fields).unwrap_or_default(), expected, "{text}");
        fields.finish();
        let problems: Vec<String> = reader.finish().0.into_iter().map(|it| it.message).collect();
        assert_eq!(problems, told, "{text}");
    }

    #[test]
    fn a_word_or_a_table_says_what_is_told() {
        let warn = Drift::default();
        check("", warn, &[]);
        check("drift = 'fail'", Drift::of(Level::Fail), &[]);
        let some = Drift { added: Level::Ignore, rows: Level::Ignore, lost: Level::Fail, factor: 3000, ..warn };
        check("drift = { lost = 'fail', added = 'ignore', rows = 'ignore', factor = 3 }", some, &[]);
        let all_but = Drift { lost: Level::Warn, gaps: 50, ..Drift::of(Level::Ignore) };
        check("[drift]\nlevel = 'ignore'\nlost = 'warn'\ngaps = 0.05", all_but, &[]);
        check("drift = 'fial'", warn, &["`drift` does not take `fial`"]);
        check(
            "drift = { gaps = 2, lots = 1 }",
            warn,
            &["`gaps` lies between 0 and 1", "nothing reads `lots` in `[drift]`"],
        );
    }
}
