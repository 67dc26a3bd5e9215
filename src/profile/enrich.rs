//! `[enrich.NAME]`: what values of a closed list count for, or mean besides, by which rows are enriched.
//!
//! ```toml
//! [enrich.rank]
//! Owner = 1
//! "Operations Manager" = 2
//! ```
//!
//! The expression `enrich(role, 'rank')` gives the number; `enrich('Owner', 'rank')` is known before a row is read.

use std::collections::BTreeMap;

use crate::expr::{Literal, common};
use crate::fields::keys::{Keys, Takes};
use crate::fields::{Fields, WRONG_TYPE};
use crate::model::Type;

/// Tables by name: value to what is given for it.
pub type Enrich = BTreeMap<String, BTreeMap<String, Literal>>;

/// `[enrich]`.
pub(super) const TABLES: Keys = Keys::any(Takes::Table(&VALUES), "a table that `enrich(value, 'NAME')` asks");
const VALUES: Keys = Keys::any(Takes::Plain, "a value, and what is given for it");

/// Takes `[enrich]` out of a file; it wins over what stands in `acc` already.
pub(super) fn extend(acc: &mut Enrich, tables: &mut Fields) {
    for name in tables.keys() {
        let Some(mut table) = tables.table(&name) else { continue };
        let known = acc.entry(name.clone()).or_default();
        for value in table.keys() {
            let Some(gives) = table.value(&value) else { continue };
            let joint = known.values().next().map(ty);
            if joint.is_some_and(|it| common(Some(it), Some(ty(&gives))).is_err()) {
                let message = format!("`[enrich.{name}]` gives {} and {}", words(joint), words(Some(ty(&gives))));
                let help = Some("give one of the two in a table of its own".to_owned());
                table.problem(&WRONG_TYPE, &value, message, "is a different kind of value", help);
                continue;
            }
            known.insert(value, gives);
        }
        table.finish();
    }
}

fn ty(literal: &Literal) -> Type {
    match literal {
        Literal::Integer(_) => Type::Integer,
        Literal::Number(_) => Type::Float,
        Literal::Boolean(_) => Type::Boolean,
        Literal::Text(_) | Literal::Null => Type::Text,
    }
}

fn words(ty: Option<Type>) -> &'static str {
    match ty {
        Some(Type::Integer | Type::Float) => "numbers",
        Some(Type::Boolean) => "truth values",
        _ => "texts",
    }
}
