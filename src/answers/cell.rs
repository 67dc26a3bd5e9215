//! Cells as JSON, by the type of their column.

use serde::Serialize;
use serde_json::Value;

use crate::model::{Column, Type};

/// What a value is in JSON.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Boolean,
}

impl Kind {
    fn of_type(ty: Type) -> Kind {
        match ty {
            Type::Boolean => Kind::Boolean,
            it if it.is_number() => Kind::Number,
            _ => Kind::Text,
        }
    }
}

/// A cell of a column of this type as JSON.
pub(crate) fn typed(cell: Option<&str>, ty: Type) -> Value {
    as_json(cell, Kind::of_type(ty))
}

/// A cell as JSON. A number that JSON readers would round, or that is none (a mask, `NaN`), stays a text.
fn as_json(cell: Option<&str>, kind: Kind) -> Value {
    let Some(text) = cell else { return Value::Null };
    let number = |text: &str| -> Option<Value> {
        if let Ok(whole) = text.parse::<i64>() {
            return Some(whole.into());
        }
        let digits = text.bytes().take_while(|it| *it != b'e').filter(u8::is_ascii_digit).count();
        let float: f64 = text.parse().ok().filter(|it: &f64| it.is_finite())?;
        (digits <= 15 || format!("{float:?}") == text).then(|| float.into())
    };
    let value = match kind {
        Kind::Text => None,
        Kind::Number => number(text),
        Kind::Boolean => text.parse::<bool>().ok().map(Value::Bool),
    };
    value.unwrap_or_else(|| text.into())
}

/// A row of a table, or of an answer that is of none.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "row")]
pub(crate) struct Row<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<&'a str>,
    values: Value,
}

impl<'a> Row<'a> {
    /// Cells of these columns, each with its type.
    pub(crate) fn of(
        table: Option<&'a str>,
        columns: impl Iterator<Item = (&'a str, Type)>,
        cells: &[Option<String>],
    ) -> Row<'a> {
        let one = |((name, ty), cell): ((&str, Type), &Option<String>)| (name.to_owned(), typed(cell.as_deref(), ty));
        Row { table, values: Value::Object(columns.zip(cells).map(one).collect()) }
    }
}

/// A row as JSON, by column.
pub(crate) fn values<'a>(columns: impl Iterator<Item = &'a Column>, row: &[Option<String>]) -> Value {
    let typed = |(column, cell): (&Column, &Option<String>)| (column.name.clone(), typed(cell.as_deref(), column.ty));
    Value::Object(columns.zip(row).map(typed).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::MASK;

    #[test]
    fn json_gives_numbers_truth_values_and_null_their_types() {
        let check = |cell: Option<&str>, kind, expected: &str| {
            assert_eq!(as_json(cell, kind).to_string(), expected, "{cell:?}");
        };
        check(None, Kind::Number, "null");
        check(Some("12"), Kind::Number, "12");
        check(Some("-9223372036854775808"), Kind::Number, "-9223372036854775808");
        check(Some("0.5"), Kind::Number, "0.5");
        check(Some("1e16"), Kind::Number, "1e+16");
        check(Some("0.30000000000000004"), Kind::Number, "0.30000000000000004");
        check(Some("12345678901234567890.25"), Kind::Number, "\"12345678901234567890.25\"");
        check(Some("NaN"), Kind::Number, "\"NaN\"");
        check(Some(MASK), Kind::Number, "\"•••\"");
        check(Some("true"), Kind::Boolean, "true");
        check(Some("12"), Kind::Text, "\"12\"");
        check(Some("true"), Kind::Text, "\"true\"");
    }
}
