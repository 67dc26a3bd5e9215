//! What a source looks like, whatever its file and its sheet are called: the columns that it usually has.
//!
//! ```toml
//! [source.members]
//! path = "data/members.csv"
//! optional = true            # without a file it is an empty table of these columns
//!
//! [source.members.like]
//! Name = "organisation_name"
//! "E-mail" = "emails"
//! ```

use crate::fields::keys::Keys;
use crate::fields::{Fields, WRONG_VALUE};
use crate::problem::did_you_mean;
use crate::profile::Value;

/// `like` of a source.
pub(super) const KEYS: Keys = Keys::any(Value::PLAIN, "a column that it usually has, and what its values are");

/// What a source looks like.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Like {
    /// Columns by the names that steps know them by, and what their values are.
    pub columns: Vec<(String, Value)>,
    /// Whether it may be missing.
    pub optional: bool,
}

/// Takes `like` out of a source, if it is there.
pub(super) fn decode(table: &mut Fields) -> Option<Vec<(String, Value)>> {
    let mut like = table.table("like")?;
    let mut columns = Vec::new();
    for name in like.keys() {
        let Some(text) = like.text(&name) else { continue };
        match Value::parse(&text).filter(|it| !matches!(it, Value::Lookup(_))) {
            Some(value) => columns.push((name, value)),
            None => {
                let known = || Value::names().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ");
                let help = did_you_mean(&text, Value::names());
                let help = help.unwrap_or_else(|| format!("it takes {}", known()));
                let message = format!("a column cannot be like `{}`", text.escape_debug());
                like.problem(&WRONG_VALUE, &name, message, "this value", Some(help));
            }
        }
    }
    like.finish();
    Some(columns)
}
