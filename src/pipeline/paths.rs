//! Parameters in paths of exports: `dist/{since}/x.csv` takes the value of the declared parameter `since`.
//!
//! Braces hold one name and nothing else, and a value is one part of a path: it makes no folder of its own and leaves
//! none. `$since`, as expressions have it, would be a folder of that name, so it is refused.

use crate::expr::Literal;
use crate::fields::{Fields, Parameters, UNKNOWN_PARAMETER, WRONG_VALUE};
use crate::problem::{Code, did_you_mean};

/// The text of `path`, with values in the place of its parameters; `None` where it cannot be said, which is told.
pub(super) fn path(table: &mut Fields) -> Option<String> {
    let written = table.written_text("path")?;
    match filled(&written, &table.parameters()) {
        Ok(path) => Some(path),
        // The parameter cannot be read, which has been told.
        Err(wrong) if wrong.message.is_empty() => None,
        Err(wrong) => {
            table.problem(wrong.code, "path", wrong.message, "this path", Some(wrong.help));
            None
        }
    }
}

/// As `path`, where the key must be there.
pub(super) fn required(table: &mut Fields) -> Option<String> {
    if table.required("path") { path(table) } else { None }
}

/// Why a path cannot be said.
#[derive(PartialEq, Eq, Debug)]
struct Wrong {
    code: &'static Code,
    message: String,
    help: String,
}

fn filled(written: &str, parameters: &Parameters) -> Result<String, Wrong> {
    let wrong = |message: String, help: String| Err(Wrong { code: &WRONG_VALUE, message, help });
    let mut acc = String::new();
    let mut rest = written;
    while let Some(at) = rest.find(['{', '}', '$']) {
        acc.push_str(&rest[..at]);
        let behind = &rest[at + 1..];
        if rest[at..].starts_with('$') {
            let end = behind.find(|it: char| !it.is_alphanumeric() && it != '_').unwrap_or(behind.len());
            let name = &behind[..end];
            if name.starts_with(char::is_alphabetic) {
                let message = format!("`${name}` is not a parameter in a path");
                return wrong(message, format!("write `{{{name}}}`, and declare `{name}` under `[parameters]`"));
            }
            acc.push('$');
            rest = behind;
            continue;
        }
        let Some((name, after)) = behind.split_once('}').filter(|_| rest[at..].starts_with('{')) else {
            let message = "a brace in a path has no other that belongs to it".to_owned();
            return wrong(message, "a parameter is written `{name}`; names of files have no braces".to_owned());
        };
        if name.starts_with('{') {
            let inner = name.trim_matches(|it: char| it == '{' || it.is_whitespace()).escape_debug();
            return wrong("there are no templates in a path".to_owned(), format!("write `{{{inner}}}`"));
        }
        let Some(value) = parameters.get(name) else {
            let help = did_you_mean(name, parameters.keys().map(String::as_str));
            let help = help.unwrap_or_else(|| "declare it under `[parameters]`".to_owned());
            let message = format!("there is no parameter `{}`", name.escape_debug());
            return Err(Wrong { code: &UNKNOWN_PARAMETER, message, help });
        };
        if *value == Literal::Null {
            return wrong(String::new(), String::new());
        }
        let value = value.plain().unwrap_or_default();
        if !is_part(&value) {
            let message = format!("the value of `{name}` is not allowed in a path");
            let help = "letters, digits, `-`, `_` and `.` can, and it begins with no `.`: a day as `2025-01-31`";
            return wrong(message, help.to_owned());
        }
        acc.push_str(&value);
        rest = after;
    }
    acc.push_str(rest);
    Ok(acc)
}

/// Whether a value is a piece of one name: no separator, nothing hidden, nothing that another disk reads otherwise.
fn is_part(value: &str) -> bool {
    let fits = |it: char| it.is_alphanumeric() || matches!(it, '-' | '_' | '.');
    !value.is_empty() && !value.starts_with('.') && value.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(path: &str) -> Result<String, String> {
        let text = |it: &str| Literal::Text(it.to_owned());
        let parameters = [
            ("since", text("2025-01-31")),
            ("year", Literal::Integer(2025)),
            ("share", Literal::Number("0.5".to_owned())),
            ("up", text("..")),
            ("folders", text("a/b")),
            ("other", text("a\\b")),
            ("empty", text("")),
            ("hour", text("10:30")),
        ];
        let parameters = parameters.map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
        filled(path, &parameters).map_err(|it| it.message)
    }

    #[test]
    fn values_stand_for_their_names() {
        assert_eq!(said("dist/x.csv").as_deref(), Ok("dist/x.csv"));
        assert_eq!(said("dist/{since}/x.csv").as_deref(), Ok("dist/2025-01-31/x.csv"));
        assert_eq!(said("dist/{year}-{share}.csv").as_deref(), Ok("dist/2025-0.5.csv"));
        assert_eq!(said("dist/{year}{since}").as_deref(), Ok("dist/20252025-01-31"));
        assert_eq!(said("dist/5$/x$.csv").as_deref(), Ok("dist/5$/x$.csv"));
    }

    #[test]
    fn what_is_no_part_of_a_path_is_refused() {
        for name in ["up", "folders", "other", "empty", "hour"] {
            let message = format!("the value of `{name}` is not allowed in a path");
            assert_eq!(said(&format!("dist/{{{name}}}/x.csv")), Err(message));
        }
        assert_eq!(said("dist/$since/x.csv"), Err("`$since` is not a parameter in a path".to_owned()));
        assert_eq!(said("dist/{sinse}/x.csv"), Err("there is no parameter `sinse`".to_owned()));
        for path in ["dist/{since/x.csv", "dist/since}/x.csv", "}{"] {
            assert_eq!(said(path), Err("a brace in a path has no other that belongs to it".to_owned()), "{path}");
        }
        assert_eq!(said("dist/{}/x.csv"), Err("there is no parameter ``".to_owned()));
    }
}
