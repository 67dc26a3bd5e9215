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
            toml::Value::String(text) if text.contains('\n') && !text.contains("'''") => format!("'''\n{text}'''"),
            other => other.to_string(),
        };
        out.push_str(&format!("{name} = {text}\n"));
    }
    out
}

fn value(it: &DeValue<'_>) -> toml::Value {
    match it {
        DeValue::String(it) => toml::Value::String(it.to_string()),
        DeValue::Integer(it) => match i64::from_str_radix(it.as_str(), it.radix()) {
            Ok(it) => toml::Value::Integer(it),
            Err(_) => toml::Value::String(it.as_str().to_owned()),
        },
        DeValue::Float(it) => match it.as_str().parse() {
            Ok(it) => toml::Value::Float(it),
            Err(_) => toml::Value::String(it.as_str().to_owned()),
        },
        DeValue::Boolean(it) => toml::Value::Boolean(*it),
        DeValue::Datetime(it) => toml::Value::Datetime(*it),
        DeValue::Array(items) => toml::Value::Array(items.iter().map(|it| value(it.get_ref())).collect()),
        DeValue::Table(items) => {
            let mut keys: Vec<_> = items.iter().collect();
            keys.sort_by_key(|(key, _)| key.span().start);
            toml::Value::Table(
                keys.into_iter().map(|(key, it)| (key.get_ref().to_string(), value(it.get_ref()))).collect(),
            )
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
}
