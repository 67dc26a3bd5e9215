//! The types that tables may have, of all that the engine has.

use crate::model::Type;

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
