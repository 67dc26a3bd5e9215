//! The types that tables may have, of all that the engine has.

use crate::model::Type;
use crate::relation::sql::type_name;

/// The expression that gives a value of any type of the engine as a table has it. Lists and what else holds several
/// values become JSON, which steps and functions for lists read; the engine knows each type before the first row.
pub(in crate::store) fn as_type(expression: &str, ty: Type) -> String {
    let plain = format!("CAST({expression} AS {})", type_name(ty));
    match ty {
        // 0.1 with the digits of a short float is 0.10000000149011612 among long ones.
        Type::Float => {
            return format!(
                "CASE WHEN typeof({expression}) = 'FLOAT' THEN CAST(CAST({expression} AS VARCHAR) AS DOUBLE) ELSE {plain} END"
            );
        }
        // The engine has days that no calendar has, and years that no other program reads; and it cuts nanoseconds off towards
        // 1970.
        Type::Date => {
            return format!("CASE WHEN {plain} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN {plain} END");
        }
        Type::Timestamp => {
            let ns = format!("epoch_ns({expression})");
            return format!(
                "CASE WHEN {plain} NOT BETWEEN TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN NULL \
                 WHEN typeof({expression}) = 'TIMESTAMP_NS' \
                 THEN make_timestamp(({ns} - (({ns} % 1000) + 1000) % 1000) // 1000) ELSE {plain} END"
            );
        }
        Type::Text => (),
        _ => return plain,
    }
    let several = format!("regexp_matches(typeof({expression}), '\\]$|^(STRUCT|MAP|UNION|VARIANT)')");
    format!("CASE WHEN {several} THEN json_mended(CAST(to_json({expression}) AS VARCHAR)) ELSE {plain} END")
}

/// Whether a type of the engine is an object with members of its own types.
pub(in crate::store) fn is_object(name: &str) -> bool {
    name.starts_with("STRUCT(") && name.ends_with(')')
}

/// The type in which a column of DuckDB's type `name` is stored.
pub(in crate::store) fn canonical(name: &str) -> Type {
    match name {
        _ if name.ends_with(']') => Type::Text,
        "TINYINT" | "SMALLINT" | "INTEGER" | "BIGINT" | "UTINYINT" | "USMALLINT" | "UINTEGER" => Type::Integer,
        "UBIGINT" | "HUGEINT" | "UHUGEINT" => Type::Decimal { scale: 0 },
        "FLOAT" | "DOUBLE" => Type::Float,
        "BOOLEAN" => Type::Boolean,
        "DATE" => Type::Date,
        _ if name.starts_with("TIMESTAMP") => Type::Timestamp,
        _ => {
            let scale = name.strip_prefix("DECIMAL(").and_then(|it| it.strip_suffix(')'));
            let scale = scale.and_then(|it| it.split(',').nth(1)).and_then(|it| it.trim().parse().ok());
            scale.map_or(Type::Text, |scale| Type::Decimal { scale })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_that_parquet_would_lose_become_ones_it_keeps() {
        let check = |name: &str, expected: Type| assert_eq!(canonical(name), expected, "{name}");
        check("HUGEINT", Type::Decimal { scale: 0 });
        check("DECIMAL(18,3)", Type::Decimal { scale: 3 });
        check("TIMESTAMP WITH TIME ZONE", Type::Timestamp);
        check("INTEGER[]", Type::Text);
        check("TIMESTAMP[3]", Type::Text);
        check("UTINYINT", Type::Integer);
    }
}
