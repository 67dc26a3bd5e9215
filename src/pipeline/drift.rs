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

use crate::fields::Fields;
use crate::fields::keys::{Key, Keys, Takes, Usual, words};

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

impl Drift {
    /// Whether nothing is told of any delivery.
    pub fn is_ignored(&self) -> bool {
        [self.added, self.lost, self.renamed, self.retyped, self.emptied, self.rows]
            .iter()
            .all(|it| *it == Level::Ignore)
    }
}

impl Default for Drift {
    fn default() -> Drift {
        Drift::of(Level::Warn)
    }
}

/// Spellings of levels.
const LEVELS: [(&str, Level); 3] = [("warn", Level::Warn), ("fail", Level::Fail), ("ignore", Level::Ignore)];

/// What `drift` takes.
pub(super) const TAKES: Takes = Takes::Either(&[LEVEL, Takes::Table(&KEYS)]);
const LEVEL: Takes = Takes::Word(&words(&LEVELS));
const KEYS: Keys = Keys::of(&[
    Key::new("level", LEVEL, "what becomes of each difference that is not named here").or_text("warn"),
    Key::new("added", LEVEL, "a new column"),
    Key::new("lost", LEVEL, "a column that is gone"),
    Key::new("renamed", LEVEL, "a column under another name"),
    Key::new("retyped", LEVEL, "values of another type or look"),
    Key::new("emptied", LEVEL, "more rows without a value"),
    Key::new("rows", LEVEL, "many more or fewer rows"),
    Key::new("threshold", Takes::SHARE, "how sure a new name must be").or(Usual::Number(0.6)),
    Key::new("shapes", Takes::SHARE, "the share of values whose look may change").or(Usual::Number(0.5)),
    Key::new("gaps", Takes::SHARE, "the share of rows that may lose their value").or(Usual::Number(0.3)),
    Key::new("factor", Takes::Number(1.0, 1e6), "how many times as many rows may come, or how small a part of them")
        .or(Usual::Number(2.0)),
]);

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
            *share = thousandths(&mut table, key).unwrap_or(*share);
        }
        acc.factor = thousandths(&mut table, "factor").unwrap_or(acc.factor);
        table.finish();
        Some(acc)
    }
}

/// A number in thousandths.
fn thousandths(table: &mut Fields, key: &str) -> Option<u32> {
    table.number(key).map(|it| (it * 1000.0).round() as u32)
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
        const SOURCE: Keys = Keys::of(&[Key::new("drift", TAKES, "")]);
        let mut fields = reader.fields(&table, &SOURCE);
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
