//! `sample`: takes a share of the rows, or a number of them, and the same ones every time.
//!
//! ```toml
//! [step.some]
//! kind = "sample"
//! from = "orders"
//! share = 0.05                         # or `rows = 200`
//! by = ["customer"]                    # all rows of a customer, or none; without it all columns
//! seed = "audit"                       # another seed, other rows
//! ```
//!
//! Whether a row is taken depends on its own values alone: a row that is added changes nothing of the others. Of `rows`
//! those are taken that a hash of their values puts first.

use serde::Serialize;

use crate::expr::Expr;
use crate::expr::aggregate::Aggregate as Function;
use crate::fields::keys::{Key, Takes, Usual};
use crate::fields::{Fields, WRONG_VALUE};
use crate::model::Type;
use crate::profile::Profile;
use crate::relation::Relation;
use crate::relation::window::Window;
use crate::steps::calls::{Rows, all_columns};
use crate::steps::columns::{FROM, one_input};
use crate::steps::dedupe::{along, visible};
use crate::steps::{Decoded, Finding, Input, Kind, Lowered, Spec};

pub(super) const KIND: Kind = Kind {
    name: "sample",
    revision: 1,
    summary: "takes a share of the rows, or a number of them, and the same ones every time",
    keys: KEYS,
    decode,
};

const KEYS: &[Key] = &[
    FROM,
    Key::new("share", Takes::SHARE, "how large a part of the rows is taken").or(Usual::Number(0.1)),
    Key::new("rows", Takes::Integer(0, MOST_ROWS), "how many rows are taken, in the place of a share"),
    Key::new("by", Takes::Texts(1), "the columns whose values decide: equal ones go together; without it all"),
    Key::new("seed", Takes::Text, "a word; another one takes other rows").or_text(""),
];

/// How many rows may be asked for.
const MOST_ROWS: i64 = 1_000_000_000;

/// What the values of a row come to, and its place by that.
const HASH: &str = "_hash of the values";
const PLACE: &str = "_place by hash";

#[derive(Debug, Serialize)]
struct Sample {
    /// What the hash of a row that is taken is less than; all rows without it.
    below: Option<String>,
    rows: Option<i64>,
    by: Option<Vec<String>>,
    seed: String,
}

fn decode(fields: &mut Fields, _: &Profile) -> Option<Decoded> {
    let inputs = one_input(fields, "from");
    if fields.has("rows") && fields.has("share") {
        let help = Some("leave one of the two".to_owned());
        fields.problem(&WRONG_VALUE, "rows", "`rows` and `share` are both set", "this number", help);
    }
    if fields.is_empty_list("by") {
        let help = Some("remove `by` to let all columns decide".to_owned());
        fields.problem(&WRONG_VALUE, "by", "`by` names no column", "this list", help);
        return None;
    }
    let share = fields.number("share").unwrap_or(0.1);
    let rows = fields.integer("rows");
    if rows.is_some_and(|it| !(0..=MOST_ROWS).contains(&it)) {
        let help = Some(format!("a number from 0 to {MOST_ROWS}"));
        fields.problem(&WRONG_VALUE, "rows", "`rows` is not a number of rows", "this number", help);
        return None;
    }
    let by = fields.has("by").then(|| fields.words("by"));
    let seed = fields.text("seed").unwrap_or_default();
    let below = if rows.is_none() { below(share) } else { None };
    Some(Decoded::new(inputs?, Sample { below, rows, by, seed }))
}

/// The hash that a share of all hashes is less than; `None` for all of them.
fn below(share: f64) -> Option<String> {
    // Hashes have 64 bits, of which a share knows 53.
    let of = share * (1_u64 << 53) as f64;
    (share < 1.0).then(|| format!("{:016x}", (of as u64) << 11))
}

impl Spec for Sample {
    fn lower(&self, inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<Lowered> {
        let input = &inputs[0];
        let by = self.by.clone().unwrap_or_else(|| visible(input));
        if !all_columns(input, &by, "by", findings) {
            return None;
        }
        let texts = by.iter().map(|it| Expr::Cast(Box::new(Expr::column(it)), Type::Text));
        let hash = Expr::call("identifier", std::iter::once(Expr::text(&self.seed)).chain(texts));
        let all = input.schema.names().map(|it| (it.to_owned(), Expr::column(it))).collect();
        Some(match (self.rows, &self.below) {
            (Some(rows), _) => {
                let mut beneath = Rows::new(input);
                let order = beneath.column(&hash, HASH);
                let calls = vec![(PLACE.to_owned(), along(Function::RowNumber, &[], &[(order, false)]))];
                let window = Relation::Window(Box::new(Window { from: beneath.relation(), calls }));
                window.filter(Expr::call("<=", [Expr::column(PLACE), Expr::integer(rows)])).project(all).into()
            }
            (None, Some(below)) => {
                Relation::scan(0, input.schema).filter(Expr::call("<", [hash, Expr::text(below)])).into()
            }
            (None, None) => Relation::scan(0, input.schema).project(all).into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_hashes_is_below() {
        assert_eq!(below(0.0).as_deref(), Some("0000000000000000"));
        assert_eq!(below(0.5).as_deref(), Some("8000000000000000"));
        assert_eq!(below(0.999_999_999_999_999_9).as_deref(), Some("fffffffffffff800"));
        assert_eq!(below(1.0), None);
    }
}
