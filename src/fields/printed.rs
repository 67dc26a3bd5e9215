//! A table of a file as TOML again, its keys in their order, without comments and layout; and a value of one as JSON.

use serde_json::{Number, Value as Json};
use toml::de::{DeTable, DeValue};

use super::Parameters;
use crate::expr::Literal;

/// The table beneath its heading, a line for each key.
pub(super) fn table(table: &DeTable<'_>, heading: &str) -> String {
    let mut keys: Vec<_> = table.iter().collect();
    keys.sort_by_key(|(key, _)| key.span().start);
    let mut out = format!("{heading}\n");
    for (key, it) in keys {
        let name = toml_edit::Key::new(key.get_ref().as_ref());
        let value = value(it.get_ref());
        let text = match &value {
            toml_edit::Value::String(text) if text.value().contains('\n') && !text.value().contains("'''") => {
                format!("'''\n{}'''", text.value())
            }
            other => other.to_string(),
        };
        out.push_str(&format!("{name} = {text}\n"));
    }
    out
}

/// What was half understood of a file that is wrong can be printed too.
fn value(it: &DeValue<'_>) -> toml_edit::Value {
    match it {
        DeValue::String(it) => it.as_ref().into(),
        DeValue::Integer(it) => match i64::from_str_radix(it.as_str(), it.radix()) {
            Ok(it) => it.into(),
            Err(_) => it.as_str().into(),
        },
        DeValue::Float(it) => match it.as_str().parse::<f64>() {
            Ok(it) => it.into(),
            Err(_) => it.as_str().into(),
        },
        DeValue::Boolean(it) => (*it).into(),
        DeValue::Datetime(it) => {
            it.to_string().parse::<toml_edit::Datetime>().map_or_else(|_| it.to_string().into(), Into::into)
        }
        DeValue::Array(items) => items.iter().map(|it| value(it.get_ref())).collect::<toml_edit::Array>().into(),
        DeValue::Table(items) => {
            let mut keys: Vec<_> = items.iter().collect();
            keys.sort_by_key(|(key, _)| key.span().start);
            let mut table = toml_edit::InlineTable::new();
            for (key, it) in keys {
                table.insert(key.get_ref().as_ref(), value(it.get_ref()));
            }
            table.into()
        }
    }
}

/// A value as JSON, parameters in their place; null for what JSON has no value for.
pub(super) fn json(it: &DeValue<'_>, parameters: &Parameters) -> Json {
    let number = |it: &str| it.parse::<f64>().ok().and_then(Number::from_f64).map_or(Json::Null, Json::Number);
    match it {
        DeValue::String(it) => Json::from(it.as_ref()),
        DeValue::Integer(it) => i64::from_str_radix(it.as_str(), it.radix()).map_or(Json::Null, Json::from),
        DeValue::Float(it) => number(it.as_str()),
        DeValue::Boolean(it) => Json::from(*it),
        DeValue::Datetime(it) => Json::from(it.to_string()),
        DeValue::Array(items) => items.iter().map(|it| json(it.get_ref(), parameters)).collect(),
        DeValue::Table(items) => {
            let named = items.get("parameter").and_then(|it| it.get_ref().as_str()).filter(|_| items.len() == 1);
            match named.and_then(|it| parameters.get(it)) {
                Some(Literal::Text(it)) => Json::from(it.as_str()),
                Some(Literal::Integer(it)) => Json::from(*it),
                Some(Literal::Number(it)) => number(it),
                Some(Literal::Boolean(it)) => Json::from(*it),
                Some(_) => Json::Null,
                None => {
                    let one =
                        |(key, it): (&_, &toml::Spanned<DeValue<'_>>)| (name(key), json(it.get_ref(), parameters));
                    Json::Object(items.iter().map(one).collect())
                }
            }
        }
    }
}

fn name(key: &toml::Spanned<std::borrow::Cow<'_, str>>) -> String {
    key.get_ref().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_stand_in_json_as_their_values() {
        let (parsed, _) =
            DeTable::parse_recoverable("a = [1, 0.5, { parameter = 'day' }]\nb = { c = true, d = 'x' }\n");
        let parameters = Parameters::from([("day".to_owned(), Literal::Text("2025-06-30".to_owned()))]);
        let found = json(&DeValue::Table(parsed.into_inner()), &parameters);
        assert_eq!(found, serde_json::json!({"a": [1, 0.5, "2025-06-30"], "b": {"c": true, "d": "x"}}));
    }

    #[test]
    fn comments_and_layout_are_gone() {
        let text = "b = 'x' # why\n\na   =   [1,\n 2]\nc = { d = 0.50 }\n";
        let (parsed, _) = DeTable::parse_recoverable(text);
        assert_eq!(table(parsed.get_ref(), "[[t]]"), "[[t]]\nb = \"x\"\na = [1, 2]\nc = { d = 0.5 }\n");
    }

    #[test]
    fn what_is_half_understood_is_printed_too() {
        let text = "w = { reason = 'x', until ,5-10-31', as_of = '2025-06-30' }\n";
        let (parsed, errors) = DeTable::parse_recoverable(text);
        assert!(!errors.is_empty() && table(parsed.get_ref(), "[[t]]").starts_with("[[t]]\nw = { reason = \"x\""));
    }
}
