//! `{ min = …, max = … }`: bounds, one of which may be open.

use serde::Serialize;

use crate::expr::Expr;
use crate::fields::{Fields, WRONG_VALUE};

/// The least and the greatest that is expected; at least one of them is there.
#[derive(Debug, Serialize)]
pub(super) struct Bounds<T> {
    pub(super) min: Option<T>,
    pub(super) max: Option<T>,
}

impl<T> Bounds<T> {
    /// Reads the table under `key`, each bound with `take`.
    pub(super) fn decode(
        fields: &mut Fields,
        key: &str,
        take: fn(&mut Fields, &str) -> Option<T>,
    ) -> Option<Bounds<T>> {
        let mut table = fields.table(key)?;
        let (min, max) = (take(&mut table, "min"), take(&mut table, "max"));
        table.finish();
        if min.is_none() && max.is_none() {
            let help = Some("give `min`, `max` or both".to_owned());
            fields.problem(&WRONG_VALUE, key, format!("`{key}` has no bounds"), "this table", help);
            return None;
        }
        Some(Bounds { min, max })
    }

    /// Whether something lies outside: `compare` gives its comparison with a bound, by `<` or `>`.
    pub(super) fn outside<E>(&self, compare: impl Fn(&str, &T) -> Result<Expr, E>) -> Result<Expr, E> {
        let below = self.min.as_ref().map(|it| compare("<", it)).transpose()?;
        let above = self.max.as_ref().map(|it| compare(">", it)).transpose()?;
        Ok([below, above].into_iter().flatten().reduce(|a, b| Expr::call("or", [a, b])).unwrap_or(Expr::null()))
    }

    /// In words, where one bound is open.
    pub(super) fn open(&self, shown: impl Fn(&T) -> String) -> String {
        let least = self.min.as_ref().map(|it| format!("at least {}", shown(it)));
        least.or_else(|| self.max.as_ref().map(|it| format!("at most {}", shown(it)))).unwrap_or_default()
    }
}
