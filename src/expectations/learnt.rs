//! `row_count_change`, `row_count_anomaly` and `anomaly`: a number of the table beside the same number of earlier
//! published builds, which stand in `history.ndjson`.
//!
//! What is counted here is the number alone; it is held against the history where checks are taken. With too few earlier
//! builds nothing can be said: that is reported, stops nothing, and is no pass.

use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::measure::Statistic;
use crate::expectations::{About, Check, Kind, Measure};
use crate::fields::keys::{Key, Keys, Need, Takes, Usual, words};
use crate::fields::{Fields, WRONG_VALUE};
use crate::model::{Class, Type};
use crate::steps::{Finding, Input, TYPE_MISMATCH};

pub(super) const ROW_COUNT_CHANGE: Kind = Kind {
    name: "row_count_change",
    revision: 1,
    summary: "the number of rows did not fall or rise too far since the last published build",
    takes: Takes::Table(&CHANGE),
    decode: change,
    about: About::Table,
};
pub(super) const ROW_COUNT_ANOMALY: Kind = Kind {
    name: "row_count_anomaly",
    revision: 1,
    summary: "the number of rows lies in the band that earlier published builds give",
    takes: Takes::Table(&BAND),
    decode: |fields, key| band(fields, key, false),
    about: About::Table,
};
pub(super) const ANOMALY: Kind = Kind {
    name: "anomaly",
    revision: 1,
    summary: "a number of the column lies in the band that earlier published builds give",
    takes: Takes::Table(&COLUMN_BAND),
    decode: |fields, key| band(fields, key, true),
    about: About::Each,
};

const CHANGE: Keys = Keys::of(&[
    Key::new("max_drop", Takes::Text, "how far it may fall below the last published build, as `2%`"),
    Key::new("max_rise", Takes::Text, "how far it may rise above the last published build, as `20%`"),
])
.needing(&[Need::one_of(&["max_drop", "max_rise"])]);

const WITHIN: Key = Key::new("within", Takes::Number(0.0, 1e6), "how many spreads it may lie from the median")
    .or(Usual::Number(USUAL_WITHIN));
const SLACK: Key =
    Key::new("slack", Takes::Text, "the share of the median that it may always lie from it").or_text(USUAL_SLACK);
const LEAST: Key =
    Key::new("least", Takes::Integer(2, MOST), "how many earlier builds are needed").or(Usual::Number(USUAL_LEAST));
const BUILDS: Key = Key::new("builds", Takes::Integer(2, MOST), "how many of the newest earlier builds count")
    .or(Usual::Number(USUAL_BUILDS));
const BAND: Keys = Keys::of(&[WITHIN, SLACK, LEAST, BUILDS]);
const COLUMN_BAND: Keys =
    Keys::of(&[Key::required("of", Takes::Word(&words(&NUMBERS)), "what the number is"), WITHIN, SLACK, LEAST, BUILDS]);

/// From here on a number is an outlier, as the source of the formula has it.
const USUAL_WITHIN: f64 = 3.5;
const USUAL_SLACK: &str = "1%";
const USUAL_LEAST: f64 = 5.0;
const USUAL_BUILDS: f64 = 30.0;
/// Earlier builds that may count.
const MOST: i64 = 1000;

type Makes = fn() -> Statistic;

/// Numbers that may be learnt: none of them is the value of a cell.
const NUMBERS: [(&str, Makes); 6] = [
    ("filled_share", || Statistic::Filled),
    ("distinct_count", || Statistic::Distinct),
    ("distinct_share", || Statistic::DistinctShare),
    ("mean", || Statistic::Mean),
    ("stdev", || Statistic::Deviation),
    ("sum", || Statistic::Sum),
];

/// What a number is held against.
#[derive(Clone, PartialEq, Debug)]
pub enum Against {
    /// The last published build: by which share it may fall and rise.
    Last {
        /// By which share it may fall.
        max_drop: Option<f64>,
        /// By which share it may rise.
        max_rise: Option<f64>,
    },
    /// The band of the newest earlier builds.
    Band {
        /// How many spreads it may lie from their median.
        within: f64,
        /// The share of the median that it may always lie from it.
        slack: f64,
        /// How many are needed.
        least: usize,
        /// How many of them count.
        builds: usize,
    },
}

/// A check that learns: what its number is called in the history, and what it is held against.
#[derive(Clone, PartialEq, Debug)]
pub struct Learnt {
    /// `rows`, `filled_share`.
    pub of: &'static str,
    /// What it is held against.
    pub against: Against,
}

#[derive(Debug, Serialize)]
struct Change {
    max_drop: Option<String>,
    max_rise: Option<String>,
}

fn change(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    let mut table = fields.table(key)?;
    let mut written = |key: &str| {
        let text = table.text(key)?;
        checked(&table, key, &text);
        Some(text)
    };
    let (max_drop, max_rise) = (written("max_drop"), written("max_rise"));
    let asked = table.has("max_drop") || table.has("max_rise");
    table.finish();
    if !asked {
        let help = Some("add `max_drop`, `max_rise` or both".to_owned());
        fields.problem(&WRONG_VALUE, key, format!("`{key}` allows every change"), "this table", help);
    }
    asked.then(|| Arc::new(Change { max_drop, max_rise }) as Arc<dyn Check>)
}

/// Reports a text that is no share.
fn checked(table: &Fields, key: &str, text: &str) {
    if share(text).is_none() {
        let help = Some("write a share, as `2%`".to_owned());
        table.problem(&WRONG_VALUE, key, format!("`{key}` is not a share"), "this text", help);
    }
}

/// A share as it is written: `2%`, `0.5 %`.
pub fn share(text: &str) -> Option<f64> {
    let number = text.trim().strip_suffix('%')?.trim().parse::<f64>().ok()?;
    (number.is_finite() && (0.0..=1e6).contains(&number)).then_some(number / 100.0)
}

impl Check for Change {
    fn measure(&self, _: &[String], _: &Input<'_>) -> Result<Measure, Finding> {
        Ok(Measure::Count { min: Some(0), max: None, only: None })
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn learnt(&self) -> Option<Learnt> {
        let of = |it: &Option<String>| it.as_deref().and_then(share);
        Some(Learnt {
            of: "rows",
            against: Against::Last { max_drop: of(&self.max_drop), max_rise: of(&self.max_rise) },
        })
    }

    fn claim(&self) -> Claim {
        let drop = self.max_drop.as_ref().map(|it| format!("{it} fewer"));
        let rise = self.max_rise.as_ref().map(|it| format!("{it} more"));
        let bounds: Vec<String> = drop.into_iter().chain(rise).collect();
        Claim::new(Verb::Have, format!("at most {} rows than the last published build", bounds.join(" or ")))
    }
}

#[derive(Debug, Serialize)]
struct Band {
    of: Option<&'static str>,
    within: String,
    slack: String,
    least: i64,
    builds: i64,
}

fn band(fields: &mut Fields, key: &str, of_column: bool) -> Option<Arc<dyn Check>> {
    let mut table = fields.table(key)?;
    let of = if of_column && table.required("of") { table.choice("of", &NUMBERS) } else { None };
    let of = of.and_then(|it| NUMBERS.iter().find(|(_, makes)| makes() == it()).map(|(name, _)| *name));
    let within = if table.has("within") { table.number("within") } else { Some(USUAL_WITHIN) };
    if table.has("within") && !within.is_some_and(|it| (0.0..=1e6).contains(&it)) {
        let help = Some("write a number from 0 on, as `3.5`".to_owned());
        table.problem(&WRONG_VALUE, "within", "`within` is not such a number", "this value", help);
    }
    let slack = table.text("slack").unwrap_or_else(|| USUAL_SLACK.to_owned());
    checked(&table, "slack", &slack);
    let mut builds = |key: &str, usual: i64| {
        let found = if table.has(key) { table.integer(key).unwrap_or(-1) } else { usual };
        if !(2..=MOST).contains(&found) {
            let help = Some(format!("give a number of builds from 2 to {MOST}"));
            table.problem(
                &WRONG_VALUE,
                key,
                format!("`{key}` is not a number of builds that can be learnt from"),
                "this value",
                help,
            );
        }
        found
    };
    let (least, builds) = (builds("least", USUAL_LEAST as i64), builds("builds", USUAL_BUILDS as i64));
    table.finish();
    if of_column && of.is_none() {
        return None;
    }
    Some(Arc::new(Band { of, within: within?.to_string(), slack, least, builds }))
}

impl Band {
    fn statistic(&self) -> Option<Statistic> {
        NUMBERS.iter().find(|(name, _)| Some(*name) == self.of).map(|(_, makes)| makes())
    }
}

impl Check for Band {
    fn measure(&self, columns: &[String], input: &Input<'_>) -> Result<Measure, Finding> {
        let (Some(of), Some(column)) = (self.statistic(), columns.first()) else {
            return Ok(Measure::Count { min: Some(0), max: None, only: None });
        };
        let found = input.schema.get(column);
        let ty = found.map_or(Type::Text, |it| it.ty);
        if !of.is_a_count() && !ty.is_number() {
            let message = format!("`{column}` is {ty}, and `{}` is made of numbers", self.of.unwrap_or_default());
            let help = format!("make a number of it in a step before: `{column} = \"decimal\"` in a `normalise` step");
            return Err(Finding::new(&TYPE_MISMATCH, ANOMALY.name, message).label("asked for here").help(help));
        }
        if !of.is_a_count() && found.is_some_and(|it| it.class != Class::Open) {
            let message = format!("`{column}` is personal, and the number would be written down");
            let help = "learn a count or a share of it".to_owned();
            return Err(Finding::new(&WRONG_VALUE, ANOMALY.name, message).label("asked for here").help(help));
        }
        Ok(Measure::Statistic { column: column.clone(), of, outside: Vec::new(), only: None })
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn learnt(&self) -> Option<Learnt> {
        let count = |it: i64| usize::try_from(it).unwrap_or(usize::MAX);
        let against = Against::Band {
            within: self.within.parse().unwrap_or(USUAL_WITHIN),
            slack: share(&self.slack).unwrap_or_default(),
            least: count(self.least),
            // What is needed counts.
            builds: count(self.builds.max(self.least)),
        };
        Some(Learnt { of: self.of.unwrap_or("rows"), against })
    }

    fn claim(&self) -> Claim {
        let what = match self.of {
            None => "a number of rows",
            Some("filled_share") => "a share of rows with a value",
            Some("distinct_count") => "a count of different values",
            Some("distinct_share") => "a share of different values",
            Some("mean") => "a mean",
            Some("stdev") => "a standard deviation",
            Some(_) => "a sum",
        };
        Claim::new(Verb::Have, format!("{what} like those of earlier published builds"))
    }
}
