//! `[function.NAME]`: an expression under a name, which expressions of the same file call.
//!
//! ```toml
//! [function.net]
//! takes = { gross = "decimal", rate = "decimal" }
//! gives = "gross / (1 + rate)"
//! ```
//!
//! No text is put together: where it is called, its expression stands with the arguments in their places, and each
//! argument has the type that is declared. A function calls those that stand before it, so none calls itself.

use crate::expr::aggregate::Aggregate;
use crate::expr::functions::Function;
use crate::fields::keys::{Key, Keys, Takes};
use crate::fields::{Fields, Reader};
use crate::model::Type;
use crate::pipeline::{BAD_NAME, NAME_TWICE};
use crate::problem::Problem;

/// `[function.*]`.
pub(super) const FUNCTIONS: Keys = Keys::named(Takes::Table(&FUNCTION), "an expression that others call by its name");
const FUNCTION: Keys = Keys::of(&[
    Key::required("takes", Takes::Table(&ARGUMENTS), "its arguments in order, each with its type"),
    Key::required("gives", Takes::Text, "the expression over its arguments"),
    Key::new("description", Takes::Text, "what it is for"),
]);
const ARGUMENTS: Keys = Keys::any(Takes::Word(&Type::NAMES), "an argument, and its type");

/// Reads `[function.*]`; from then on expressions of the reader call them.
pub fn declare(reader: &Reader, fields: &mut Fields) {
    for (name, mut table) in fields.named_tables("function") {
        table.text("description");
        let takes = arguments(&mut table);
        let custom = if table.required("gives") { takes.and_then(|it| table.custom("gives", it)) } else { None };
        let is_plain = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_';
        let named = if !name.chars().all(is_plain) || !name.starts_with(|it: char| it.is_ascii_lowercase()) {
            let help = "use small letters, digits and `_`, beginning with a letter";
            Some((&BAD_NAME, format!("`{}` cannot be the name of a function", name.escape_debug()), help))
        } else if Function::get(&name).is_some() || Aggregate::get(&name).is_some() || name == "hash" {
            Some((&NAME_TWICE, format!("there is a function `{name}` already"), "give this one another name"))
        } else {
            None
        };
        match (named, custom) {
            (Some((code, message, help)), _) => {
                table.report(Problem::new(code, message).label(&table.span(), "this name").help(help.to_owned()));
            }
            (None, Some(custom)) => reader.add_custom(name, custom),
            (None, None) => (),
        }
        table.finish();
    }
}

/// The arguments with their types; `None` where one of them cannot be read.
fn arguments(table: &mut Fields) -> Option<Vec<(String, Type)>> {
    if !table.required("takes") {
        return None;
    }
    let types = Type::NAMES.map(|word| (word, Type::parse(word).unwrap_or(Type::Text)));
    let mut takes = table.table("takes")?;
    let names = takes.keys();
    let typed = names.iter().filter_map(|name| takes.choice(name, &types).map(|ty| (name.clone(), ty)));
    let acc: Vec<_> = typed.collect();
    (acc.len() == names.len()).then_some(acc)
}
