//! `judge`: what the expectations of a table come to, one row each.
//!
//! ```toml
//! [step.verdicts]
//! kind = "judge"
//! from = "organisations"
//! ```
//!
//! A step cannot wait for checks, which are taken when tables stand. But what a check asks of rows is an expression like
//! any other, so this asks it again, and its answer is a table that queries can read. It reads the columns that the
//! expectations read, and nothing depends on itself: what is expected of this table is not asked here.
//!
//! Not here: what is expected of a table as a whole (`rows`, `used`). Without rows it could not be told.

use serde::Serialize;

use crate::digest::Digest;
use crate::expectations::{Expectation, Measure};
use crate::expr::{Expr, Literal};
use crate::fields::Fields;
use crate::model::Type;
use crate::problem::Severity;
use crate::profile::Profile;
use crate::relation::{Consolidate, Pick, Relation};
use crate::steps::columns::{FROM, one_input};
use crate::steps::{Decoded, Finding, Input, Kind, Lowered, NOTHING_EXPECTED, Spec};

pub(super) const KIND: Kind = Kind {
    name: "judge",
    revision: 1,
    summary: "what the expectations of a table come to, one row each",
    keys: &[FROM],
    decode,
};

/// Which expectation a row is counted for.
const NUMBER: &str = "number";
/// What the result has, in its order.
const EXPECTATION: &str = "expectation";
const SEVERITY: &str = "severity";
const MOSTLY: &str = "mostly";
const CONSIDERED: &str = "considered";
const UNEXPECTED: &str = "unexpected";
const HELD: &str = "held";
/// What must not come again.
const VALUE: &str = "value";

#[derive(Debug, Serialize)]
struct Judge {
    inputs: Vec<(String, String)>,
    /// What is expected, free of places.
    recipes: Vec<Digest>,
    #[serde(skip)]
    expectations: Vec<Expectation>,
}

fn decode(fields: &mut Fields, _: &Profile) -> Option<Decoded> {
    let inputs = one_input(fields, "from")?;
    let judge = Judge { inputs: inputs.clone(), recipes: Vec::new(), expectations: Vec::new() };
    Some(Decoded::new(inputs, judge))
}

impl Spec for Judge {
    fn judging(&self, expectations: &[Expectation]) -> Option<Decoded> {
        let own = expectations.iter().filter(|it| self.inputs.iter().any(|(table, _)| *table == it.table));
        let expectations: Vec<Expectation> = own.cloned().collect();
        let recipes = expectations.iter().map(Expectation::recipe).collect();
        let inputs = self.inputs.clone();
        Some(Decoded::new(inputs.clone(), Judge { inputs, recipes, expectations }))
    }

    fn lower(&self, inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<Lowered> {
        let input = &inputs[0];
        let mut parts = Vec::new();
        let mut judged = Vec::new();
        for expectation in &self.expectations {
            // What is wrong with an expectation is told where it is held against its table.
            let Ok(measure) = expectation.measure(input) else { continue };
            if let Some(part) = counted(input, measure, parts.len() as i64) {
                parts.push(part);
                judged.push(expectation);
            }
        }
        if parts.is_empty() {
            let message = format!("nothing is expected of the rows of `{}`", input.name);
            let help = format!("add `[[expect.{}]]`, such as `column = …` with `not_null = true`", input.name);
            findings.push(Finding::new(&NOTHING_EXPECTED, "from", message).label("judged here").help(help));
            return None;
        }
        let picks = [
            (NUMBER, Pick::Key),
            (CONSIDERED, Pick::Rows),
            (UNEXPECTED, Pick::Filled(UNEXPECTED.to_owned())),
            (VALUE, Pick::Distinct(VALUE.to_owned())),
        ];
        let counts = Relation::Consolidate(Box::new(Consolidate {
            from: Relation::Union(parts),
            key: NUMBER.to_owned(),
            rank: Vec::new(),
            picks: picks.map(|(name, pick)| (name.to_owned(), pick)).to_vec(),
        }));
        Some(verdicts(counts, &judged).into())
    }
}

/// A row for each that is considered: which expectation, whether it is unexpected, and what must not come again.
fn counted(input: &Input<'_>, measure: Measure, number: i64) -> Option<Relation> {
    let (considered, unexpected, value) = match measure {
        Measure::Rows { considered, unexpected } => {
            (considered, Expr::Case(vec![(unexpected, Expr::integer(1))], None), Expr::null())
        }
        Measure::Repeats { values, only } => {
            let present = values.iter().map(|it| Expr::call("is not null", [it.clone()]));
            let texts = values.iter().map(|it| Expr::Cast(Box::new(it.clone()), Type::Text));
            let value = Expr::call("concat_ws", [Expr::text("\u{1f}"), Expr::text("")].into_iter().chain(texts));
            (Expr::all(present.chain(only)), Expr::null(), value)
        }
        // What is said of all rows together, or of their order, has no row that it is counted for.
        _ => return None,
    };
    let columns = [
        (NUMBER, Expr::integer(number)),
        (UNEXPECTED, Expr::Cast(Box::new(unexpected), Type::Integer)),
        (VALUE, Expr::Cast(Box::new(value), Type::Text)),
    ];
    let columns = columns.map(|(name, it)| (name.to_owned(), it)).to_vec();
    Some(Relation::scan(0, input.schema).filter(considered).project(columns))
}

/// The verdict on each expectation, by [`crate::expectations::verdict`].
fn verdicts(counts: Relation, judged: &[&Expectation]) -> Relation {
    let each = |of: &dyn Fn(&Expectation) -> Literal| {
        let branch = |(number, it): (usize, &&Expectation)| {
            (Expr::call("=", [Expr::column(NUMBER), Expr::integer(number as i64)]), Expr::Literal(of(it)))
        };
        Expr::Case(judged.iter().enumerate().map(branch).collect(), None)
    };
    let severity =
        |it: &Expectation| Literal::Text(if it.severity == Severity::Error { "error" } else { "warn" }.to_owned());
    let columns = |names: &[&str]| names.iter().map(|it| ((*it).to_owned(), Expr::column(*it))).collect::<Vec<_>>();
    // Rows beyond the first of a value that must not come again.
    let none = Expr::call("=", [Expr::column(VALUE), Expr::integer(0)]);
    let again = Expr::call("-", [Expr::column(CONSIDERED), Expr::column(VALUE)]);
    let again = Expr::Case(vec![(none, Expr::integer(0))], Some(Box::new(again)));
    let mut first = vec![
        (EXPECTATION.to_owned(), each(&|it| Literal::Text(it.id.clone()))),
        (SEVERITY.to_owned(), each(&severity)),
        (MOSTLY.to_owned(), Expr::Cast(Box::new(each(&|it| Literal::Number(it.mostly.clone()))), Type::Float)),
    ];
    first.extend(columns(&[CONSIDERED]));
    first.push((UNEXPECTED.to_owned(), Expr::call("+", [Expr::column(UNEXPECTED), again])));
    let right = Expr::call("-", [Expr::column(CONSIDERED), Expr::column(UNEXPECTED)]);
    let share = Expr::call("/", [right, Expr::column(CONSIDERED)]);
    let held = Expr::call(
        "or",
        [
            Expr::call("=", [Expr::column(UNEXPECTED), Expr::integer(0)]),
            Expr::call(">=", [share, Expr::column(MOSTLY)]),
        ],
    );
    let mut second = columns(&[EXPECTATION, SEVERITY, MOSTLY, CONSIDERED, UNEXPECTED]);
    second.push((HELD.to_owned(), held));
    counts.project(first).project(second)
}
