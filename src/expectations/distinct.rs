//! The different values of a column beside a list: `distinct = { in = [...] }`, `contain`, `equal`, and
//! `most_common = [...]`. Nulls are no values here.

use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::literal::{Comparison, like, shown};
use crate::expectations::measure::Rule;
use crate::expectations::membership::of_one_type;
use crate::expectations::{About, Check, Kind, Measure};
use crate::expr::Literal;
use crate::fields::keys::{Key, Keys, Need, Takes};
use crate::fields::{Fields, WRONG_VALUE};
use crate::finding::{Finding, Input};

pub(super) const DISTINCT: Kind = Kind {
    name: "distinct",
    revision: 1,
    summary: "the set of values of a column beside a list",
    takes: Takes::Table(&RULES),
    decode: distinct,
    about: About::Each,
};
pub(super) const MOST_COMMON: Kind = Kind {
    name: "most_common",
    revision: 1,
    summary: "the most frequent value of a column is in a list",
    takes: Takes::Either(&[Takes::List(&Takes::Plain, 1), Takes::Table(&TIES)]),
    decode: most_common,
    about: About::Each,
};

const LIST: Takes = Takes::List(&Takes::Plain, 1);
const RULES: Keys = Keys::of(&[
    Key::new("in", LIST, "no other value occurs"),
    Key::new("contain", LIST, "each of these is a value"),
    Key::new("equal", LIST, "these are the values, each of them and no others"),
])
.needing(&[Need::one_of(&["in", "contain", "equal"])]);
const TIES: Keys = Keys::of(&[
    Key::required("in", LIST, "what the most frequent value may be"),
    Key::new("ties", Takes::Flag, "whether several values may be the most frequent, one of which is listed"),
]);

#[derive(Debug, Serialize)]
struct Distinct {
    rule: Rule,
    values: Vec<Literal>,
}

fn distinct(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    let mut table = fields.table(key)?;
    let rules = [("in", Rule::In), ("contain", Rule::Contain), ("equal", Rule::Equal)];
    let asked: Vec<_> = rules.into_iter().filter(|it| table.has(it.0)).collect();
    let values: Vec<_> = asked.iter().map(|(name, _)| table.values(name)).collect();
    table.finish();
    let ([(_, rule)], [values]) = (asked.as_slice(), values.as_slice()) else {
        let help = Some("give one of `in`, `contain` and `equal`".to_owned());
        let fact = if asked.is_empty() { "asks for nothing" } else { "asks for more than one thing" };
        fields.problem(&WRONG_VALUE, key, format!("`{key}` {fact}"), "this table", help);
        return None;
    };
    made(fields, key, *rule, values.clone())
}

fn most_common(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    if !fields.is_table(key) {
        let values = fields.values(key);
        return made(fields, key, Rule::Commonest, values);
    }
    let mut table = fields.table(key)?;
    let values = if table.required("in") { table.values("in") } else { Vec::new() };
    let rule = if table.flag("ties", false) { Rule::AmongCommonest } else { Rule::Commonest };
    table.finish();
    made(fields, key, rule, values)
}

fn made(fields: &Fields, key: &str, rule: Rule, values: Vec<Literal>) -> Option<Arc<dyn Check>> {
    if values.is_empty() {
        let help = Some("name the values".to_owned());
        fields.problem(&WRONG_VALUE, key, format!("`{key}` has no values"), "this list", help);
        return None;
    }
    of_one_type(fields, key, &values).then(|| Arc::new(Distinct { rule, values }) as Arc<dyn Check>)
}

impl Check for Distinct {
    fn measure(&self, columns: &[String], input: &Input<'_>) -> Result<Measure, Finding> {
        let (column, key) = (&columns[0], if self.is_common() { MOST_COMMON.name } else { DISTINCT.name });
        let listed = self.values.iter().map(|it| like(it, column, input.schema, Comparison::Equality, key));
        let listed = listed.collect::<Result<_, _>>()?;
        Ok(Measure::Distinct { column: column.clone(), listed, rule: self.rule, only: None })
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn claim(&self) -> Claim {
        let what = match self.rule {
            Rule::In => "no values but",
            Rule::Contain => "the values",
            Rule::Equal => "exactly the values",
            Rule::Commonest => "a most frequent value of",
            Rule::AmongCommonest => "among its most frequent values one of",
        };
        Claim::new(Verb::Have, what).values(self.values.iter().map(shown), ", ")
    }
}

impl Distinct {
    fn is_common(&self) -> bool {
        matches!(self.rule, Rule::Commonest | Rule::AmongCommonest)
    }
}
