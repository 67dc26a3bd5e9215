//! What kinds find wrong with a table of TOML, and the tables that they are asked about: shared by steps, expectations
//! and contracts.

use std::collections::{BTreeMap, BTreeSet};

use crate::expr::custom::is_argument;
use crate::expr::parse::parse;
use crate::expr::{Mistake, TOO_LARGE};
use crate::fields::EXPRESSION;
use crate::model::{Schema, Type};
use crate::problem::{Code, did_you_mean};
use crate::readers::Evidence;
use crate::relation::Written;

/// A column that an input does not have.
pub const UNKNOWN_COLUMN: Code = Code::error("hotpass::step::unknown-column");

/// A value whose type does not go with what is done to it.
pub const TYPE_MISMATCH: Code = Code::error("hotpass::step::type-mismatch");

/// What to do about a value where a condition stands.
pub(crate) const COMPARE: &str = "compare it: `name = '…'`, `amount > 0`, `name is not null`";

/// An input of a step, as `lower` sees it.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its columns.
    pub schema: &'a Schema,
    /// The sources its rows can come from, with their priorities.
    pub sources: &'a BTreeMap<String, i64>,
    /// What the first values of its columns look like, where that is known.
    pub evidence: &'a BTreeMap<String, Evidence>,
    /// How the texts of its columns are known to be written.
    pub written: &'a BTreeMap<String, Written>,
    /// Columns whose texts took along in which form they are written, as they met others.
    pub formed: &'a BTreeSet<String>,
}

/// Something wrong with a step, at a key of its table. `query` turns it into a problem with a place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// Which problem.
    pub code: &'static Code,
    /// The fact, without the step's name.
    pub message: String,
    /// The key in the step's table, such as `columns.website`; the table itself when empty.
    pub key: String,
    /// What is there.
    pub label: String,
    /// What to do.
    pub help: Option<String>,
    /// Whether texts and numbers around it may be values of people.
    pub of_people: bool,
}

impl Finding {
    /// A finding at a key.
    pub fn new(code: &'static Code, key: impl Into<String>, message: impl Into<String>) -> Finding {
        Finding {
            code,
            message: message.into(),
            key: key.into(),
            label: "here".to_owned(),
            help: None,
            of_people: false,
        }
    }

    /// Says what is there.
    pub fn label(mut self, label: &str) -> Finding {
        label.clone_into(&mut self.label);
        self
    }

    /// Says whether texts and numbers around it may be values of people.
    pub fn of_people(mut self, of_people: bool) -> Finding {
        self.of_people = of_people;
        self
    }

    /// Says what to do.
    pub fn help(mut self, help: impl Into<Option<String>>) -> Finding {
        self.help = help.into();
        self
    }
}

/// The finding for a column that a table does not have.
pub(crate) fn unknown_column(table: &str, schema: &Schema, column: &str, key: &str) -> Finding {
    let ordered = || match column.rsplit_once(' ') {
        Some((name, way)) if schema.has(name) && way.eq_ignore_ascii_case("desc") => {
            Some(format!("for greatest first write `-{}`", name.escape_debug()))
        }
        Some((name, way)) if schema.has(name) && way.eq_ignore_ascii_case("asc") => {
            Some(format!("write `{}`", name.escape_debug()))
        }
        _ => None,
    };
    let computed = || {
        let call = column.contains(['(', '+', '*', '/', '|']) && parse(column).is_ok();
        call.then(|| {
            let shown = column.escape_debug();
            format!("only names of columns are allowed here: a step of kind `derive` makes one of `{shown}`")
        })
    };
    let help = ordered().or_else(|| parted(schema)).or_else(computed);
    let help = help.or_else(|| did_you_mean(column, schema.names()));
    let help = help.unwrap_or_else(|| {
        let names: Vec<_> = schema.visible().map(|it| format!("`{}`", it.name.escape_debug())).collect();
        if names.is_empty() { "it has no columns".to_owned() } else { format!("it has {}", names.join(", ")) }
    });
    let message = format!("`{table}` has no column `{}`", column.escape_debug());
    Finding::new(&UNKNOWN_COLUMN, key, message).label("named here").help(help)
}

/// What to say where all names stand in one: the file has another delimiter than it was read with.
fn parted(schema: &Schema) -> Option<String> {
    let mut names = schema.visible().map(|it| it.name.as_str());
    let (only, None) = (names.next()?, names.next()) else { return None };
    let [sign, told] =
        [[";", ";"], ["\t", "\\t"], ["|", "|"], [",", ","]].into_iter().find(|it| only.contains(it[0]))?;
    let says = format!("its one column is `{}`", only.escape_debug());
    Some(format!(
        "{says}: if `{}` is between columns, write `delimiter = \"{told}\"` at the source",
        sign.escape_debug()
    ))
}

/// The finding for a mistake in an expression.
pub(crate) fn mistaken(table: &str, schema: &Schema, mistake: Mistake, key: &str) -> Finding {
    match mistake {
        Mistake::NoColumn(column) => {
            let finding = unknown_column(table, schema, &column, key);
            match did_you_mean(&column, schema.names()).or_else(|| parted(schema)) {
                Some(_) => finding,
                None => {
                    let help = finding.help.clone().unwrap_or_default();
                    finding.help(format!("{help}; put a text in single quotes: `'…'`"))
                }
            }
        }
        Mistake::NoFunction(name) => Finding::new(&TYPE_MISMATCH, key, format!("there is no function `{name}`")),
        Mistake::Arguments { function, takes, got } => {
            Finding::new(&TYPE_MISMATCH, key, format!("`{function}` takes {takes} arguments, not {got}"))
        }
        Mistake::WrongType { function, takes, got } if is_argument(&function) => {
            let message = format!("an argument is {got}, and the function takes {takes} there");
            let help = format!("cast it: `cast(… as …)` turns {got} into another type");
            Finding::new(&TYPE_MISMATCH, key, message).help(help)
        }
        Mistake::WrongType { function, takes, got } => {
            let help = match (function.as_str(), got) {
                ("+" | "-", Type::Date | Type::Timestamp) => {
                    "`days_between(a, b)` counts days, and `add_days(day, n)` gives another one".to_owned()
                }
                ("+", Type::Text) => {
                    "texts are put together by `||`; `cast(… as decimal)` makes a number of one".to_owned()
                }
                _ => format!("cast it: `cast(… as …)` turns {got} into another type"),
            };
            Finding::new(&TYPE_MISMATCH, key, format!("`{function}` takes {takes}, not {got}")).help(help)
        }
        Mistake::TooLarge => Finding::new(&EXPRESSION, key, TOO_LARGE.0).help(TOO_LARGE.1.to_owned()),
        Mistake::Branches(a, b) => {
            let message = format!("{a} and {b} do not go together");
            let is_day = |it: Type| matches!(it, Type::Date | Type::Timestamp);
            let help = match (a, b) {
                (day, Type::Text | Type::Integer) | (Type::Text | Type::Integer, day) if is_day(day) => {
                    "a day is written `cast('2025-06-30' as date)`; a column is cast likewise"
                }
                (Type::Boolean, Type::Text) | (Type::Text, Type::Boolean) => {
                    "write `and` and `or` between conditions; `||` joins texts"
                }
                (number, Type::Text) | (Type::Text, number) if !is_day(number) => {
                    "a text becomes a number by `cast(… as decimal)` or `cast(… as integer)`"
                }
                _ => "cast one of the two to the other's type",
            };
            Finding::new(&TYPE_MISMATCH, key, message).help(help.to_owned())
        }
    }
}
