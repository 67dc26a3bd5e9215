//! Values of flags: formats, files and settings.

use std::path::PathBuf;

use clap::ValueEnum;
use clap::builder::PossibleValue;

pub use crate::terminal::manner::When;
pub use crate::text::quantity::{Size, duration, seconds, size};

/// Reads `key=value`; the value may be empty and may hold `=`.
pub fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.to_owned())),
        _ => Err("a setting is written `key=value`".to_owned()),
    }
}

/// A file that a difference can be written to.
pub fn page_or_workbook(word: &str) -> Result<PathBuf, String> {
    ending(word, &["html", "xlsx"])
}

/// A picture.
pub fn picture(word: &str) -> Result<PathBuf, String> {
    ending(word, &["svg"])
}

/// A page.
pub fn page(word: &str) -> Result<PathBuf, String> {
    ending(word, &["html"])
}

/// A file of pairs.
pub fn pairs(word: &str) -> Result<PathBuf, String> {
    ending(word, &["csv", "xlsx", "json"])
}

/// A name that ends in one of these.
fn ending(word: &str, all: &[&str]) -> Result<PathBuf, String> {
    let path = PathBuf::from(word);
    let own = path.extension().and_then(|it| it.to_str());
    if own.is_some_and(|own| all.contains(&own)) {
        return Ok(path);
    }
    let shown: Vec<String> = all.iter().map(|it| format!("`.{it}`")).collect();
    Err(match shown.split_last() {
        Some((last, rest)) if !rest.is_empty() => {
            format!("a name that ends in {} or {last} is needed", rest.join(", "))
        }
        _ => format!("a name that ends in {} is needed", shown.concat()),
    })
}

/// How stdout is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
    /// A picture; `graph` and `link explain` have it.
    #[value(hide = true)]
    Svg,
    /// A diagram in Markdown; `graph` alone has it.
    #[value(hide = true)]
    Mermaid,
    /// For Graphviz; `graph` alone has it.
    #[value(hide = true)]
    Dot,
    /// Table Schema; `contract emit` alone has it, and what follows.
    #[value(hide = true)]
    TableSchema,
    /// JSON Schema.
    #[value(hide = true)]
    JsonSchema,
    /// Open Data Contract Standard.
    #[value(hide = true)]
    Odcs,
    /// CSV on the Web.
    #[value(hide = true)]
    Csvw,
    /// A statement of SQL.
    #[value(hide = true)]
    Sql,
    /// A page; of `query` and `show` a table in Markdown.
    #[value(hide = true)]
    Markdown,
    /// Delimited text; `query` and `show` have it, and what follows.
    #[value(hide = true)]
    Csv,
    /// A table with lines around its cells.
    #[value(hide = true)]
    Box,
    /// As we write it.
    #[value(hide = true)]
    Toml,
}

impl ValueEnum for When {
    fn value_variants<'a>() -> &'a [When] {
        &[When::Auto, When::Always, When::Never]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            When::Auto => PossibleValue::new("auto").help("On a terminal, unless `NO_COLOR` is set"),
            When::Always => PossibleValue::new("always").help("Always"),
            When::Never => PossibleValue::new("never").help("Never"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_have_a_key() {
        assert_eq!(setting("a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
        assert_eq!(setting("a="), Ok(("a".to_owned(), String::new())));
        assert!(setting("=b").is_err() && setting("b").is_err());
    }
}
