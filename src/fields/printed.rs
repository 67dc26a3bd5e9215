//! A table of a file as TOML again: its keys in their order, without comments and layout.

use toml::de::{DeTable, DeValue};

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

#[cfg(test)]
mod tests {
    use super::*;

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
