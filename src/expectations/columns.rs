//! What the columns of a table are: `exists`, `type`, `column_count`, `columns_in_order` and `columns_in_any_order`.
//! All of it is known before a row is read.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::bounds::{self, Bounds};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::rows::counted;
use crate::expectations::{About, Check, Kind, Measure};
use crate::fields::keys::{Keys, Takes};
use crate::fields::{Fields, WRONG_VALUE};
use crate::finding::{Finding, Input};
use crate::model::{Schema, Type};
use crate::problem::did_you_mean;

pub(super) const EXISTS: Kind = Kind {
    name: "exists",
    revision: 1,
    summary: "the table has the column",
    takes: Takes::True,
    decode: |fields, key| fields.flag(key, true).then(|| Arc::new(Columns::Exist) as Arc<dyn Check>),
    about: About::Each,
};
pub(super) const TYPE: Kind = Kind {
    name: "type",
    revision: 1,
    summary: "the column has this type, or one of these",
    takes: Takes::Either(&[Takes::Word(&Type::NAMES), Takes::List(&Takes::Word(&Type::NAMES), 1)]),
    decode: types,
    about: About::Each,
};
pub(super) const COUNT: Kind = Kind {
    name: "column_count",
    revision: 1,
    summary: "the table has so many columns",
    takes: Takes::Table(&BOUNDS),
    decode: |fields, key| {
        let bounds = Bounds::decode(fields, key, |table, key| table.integer(key))?;
        Some(Arc::new(Columns::Count(bounds)))
    },
    about: About::Table,
};
pub(super) const IN_ORDER: Kind = Kind {
    name: "columns_in_order",
    revision: 1,
    summary: "the table has these columns in this order, and no others",
    takes: Takes::Texts(1),
    decode: |fields, key| Some(Arc::new(Columns::InOrder(names(fields, key)?))),
    about: About::Table,
};
pub(super) const IN_ANY_ORDER: Kind = Kind {
    name: "columns_in_any_order",
    revision: 1,
    summary: "the table has these columns in any order, and no others",
    takes: Takes::Texts(1),
    decode: |fields, key| Some(Arc::new(Columns::InAnyOrder(names(fields, key)?))),
    about: About::Table,
};

const BOUNDS: Keys = Keys::of(&bounds::keys(Takes::INTEGER)).needing(&bounds::NEEDS);

#[derive(Debug, Serialize)]
enum Columns {
    Exist,
    Type(Vec<String>),
    Count(Bounds<i64>),
    InOrder(Vec<String>),
    InAnyOrder(Vec<String>),
}

fn types(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    let named = names(fields, key)?;
    if let Some(name) = named.iter().find(|it| Type::parse(it).is_none()) {
        let help = did_you_mean(name, Type::NAMES.iter().copied());
        let help = help.unwrap_or_else(|| format!("it takes {}", Type::NAMES.map(|it| format!("`{it}`")).join(", ")));
        fields.problem(&WRONG_VALUE, key, format!("there is no type `{name}`"), "named here", Some(help));
        return None;
    }
    Some(Arc::new(Columns::Type(named)))
}

/// Names under a key: one at least.
fn names(fields: &mut Fields, key: &str) -> Option<Vec<String>> {
    let names = fields.words(key);
    if names.is_empty() && fields.is_empty_list(key) {
        let help = Some("name one at least".to_owned());
        fields.problem(&WRONG_VALUE, key, format!("`{key}` names nothing"), "this list", help);
    }
    (!names.is_empty()).then_some(names)
}

/// The names of the columns that people see.
fn visible(schema: &Schema) -> Vec<&str> {
    schema.visible().map(|it| it.name.as_str()).collect()
}

impl Check for Columns {
    fn measure(&self, columns: &[String], input: &Input<'_>) -> Result<Measure, Finding> {
        let schema = input.schema;
        let set = |names: &[String]| names.iter().cloned().collect::<BTreeSet<_>>();
        let held = match self {
            Columns::Exist => columns.iter().all(|it| schema.has(it)),
            Columns::Type(types) => {
                columns.iter().all(|name| schema.get(name).is_some_and(|it| types.iter().any(|ty| ty == it.ty.name())))
            }
            Columns::Count(bounds) => bounds.hold(visible(schema).len() as i64),
            Columns::InOrder(names) => visible(schema) == *names,
            Columns::InAnyOrder(names) => {
                visible(schema).into_iter().map(str::to_owned).collect::<BTreeSet<_>>() == set(names)
            }
        };
        Ok(Measure::Known { held })
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn claim(&self) -> Claim {
        match self {
            Columns::Exist => Claim::new(Verb::Be, "a column of the table"),
            Columns::Type(types) => Claim::new(Verb::Be, format!("of type {}", types.join(" or "))),
            Columns::Count(bounds) => Claim::new(Verb::Have, counted(bounds, "column")),
            Columns::InOrder(names) => {
                Claim::new(Verb::Have, format!("the columns {} in this order", names.join(", ")))
            }
            Columns::InAnyOrder(names) => Claim::new(Verb::Have, format!("the columns {}", names.join(", "))),
        }
    }

    fn needs_columns(&self) -> bool {
        !matches!(self, Columns::Exist)
    }
}
