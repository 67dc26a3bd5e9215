//! The shape of tables: types, columns, schemas. Plain data that every floor above speaks.

mod named;

use std::fmt;

pub use named::{HasName, Named};
use serde::{Deserialize, Serialize};

/// The closed set of types a table may hold. Whatever an engine makes beyond it is cast to one of these when a
/// step's result is stored, so that no type is lost on its way through Parquet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Type {
    /// UTF-8 text.
    Text,
    /// 64-bit signed integer.
    Integer,
    /// Exact number: 38 digits, `scale` of them after the point.
    Decimal {
        /// Digits after the point.
        scale: u8,
    },
    /// IEEE 754 double.
    Float,
    /// True or false.
    Boolean,
    /// A day.
    Date,
    /// A UTC instant in microseconds.
    Timestamp,
}

impl Type {
    /// How TOML and people spell it.
    pub fn name(self) -> &'static str {
        match self {
            Type::Text => "text",
            Type::Integer => "integer",
            Type::Decimal { .. } => "decimal",
            Type::Float => "float",
            Type::Boolean => "boolean",
            Type::Date => "date",
            Type::Timestamp => "timestamp",
        }
    }

    /// How keys spell it, with its scale: never changed.
    pub fn spelling(self) -> String {
        match self {
            Type::Decimal { scale } => format!("decimal({scale})"),
            other => other.name().to_owned(),
        }
    }

    /// Reads [`Type::spelling`]; a scale is at most 38.
    pub fn spelt(name: &str) -> Option<Type> {
        match name.strip_prefix("decimal(") {
            Some(scale) => {
                let scale = scale.strip_suffix(')')?.parse().ok().filter(|it| *it <= 38)?;
                Some(Type::Decimal { scale })
            }
            None => Type::parse(name),
        }
    }

    /// Reads [`Type::name`]; a bare `decimal` has two digits after the point.
    pub fn parse(name: &str) -> Option<Type> {
        Some(match name {
            "text" => Type::Text,
            "integer" => Type::Integer,
            "decimal" => Type::Decimal { scale: 2 },
            "float" => Type::Float,
            "boolean" => Type::Boolean,
            "date" => Type::Date,
            "timestamp" => Type::Timestamp,
            _ => return None,
        })
    }

    /// Whether arithmetic works on it.
    pub fn is_number(self) -> bool {
        matches!(self, Type::Integer | Type::Decimal { .. } | Type::Float)
    }

    /// All spellings, for suggestions.
    pub const NAMES: [&'static str; 7] = ["text", "integer", "decimal", "float", "boolean", "date", "timestamp"];
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What stands for a value that is not shown.
pub const MASK: &str = "•••";

/// How a column's values may be shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// May be shown to anyone who may see the table.
    #[default]
    Open,
    /// Personal data: masked in what is shown, never in a message or a log.
    Personal,
}

/// One column of a table.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Column {
    /// Its name; unique in the table, also when case is ignored.
    pub name: String,
    /// What it holds.
    #[serde(rename = "type")]
    pub ty: Type,
    /// How it may be shown.
    pub class: Class,
}

impl Column {
    /// An open column.
    pub fn new(name: impl Into<String>, ty: Type) -> Column {
        Column { name: name.into(), ty, class: Class::Open }
    }

    /// The same column with a classification.
    pub fn classed(mut self, class: Class) -> Column {
        self.class = class;
        self
    }

    /// Whether it carries provenance rather than data: such columns are never exported.
    pub fn is_hidden(&self) -> bool {
        is_hidden(&self.name)
    }
}

/// Names that begin with `_` belong to hotpass: coordinates and survivorship.
pub fn is_hidden(name: &str) -> bool {
    name.starts_with('_')
}

/// The declared name of the source a row came from.
pub const SOURCE: &str = "_source";
/// `file#sheet` a row came from, the file relative to the workspace.
pub const PLACE: &str = "_place";
/// The row's number in that sheet, as a spreadsheet shows it; in a text, the line in which it begins.
pub const ROW: &str = "_row";
/// Which cells of the row are numbers in the workbook it came from, a letter for each column of the source in order: `n`
/// for a number, `N` for one of a workbook that counts days from 1904, `.` for everything else; without the dots at the end.
pub const KINDS: &str = "_kinds";
/// The three coordinates, in the order in which sources store them.
pub const COORDINATES: [&str; 3] = [SOURCE, PLACE, ROW];

/// The columns of a table, in order.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Schema {
    /// In order, hidden ones last.
    pub columns: Named<Column>,
}

impl HasName for Column {
    fn name(&self) -> &str {
        &self.name
    }
}

impl Schema {
    /// The column of this exact name.
    pub fn get(&self, name: &str) -> Option<&Column> {
        self.columns.named(name)
    }

    /// The place of the column of this exact name.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.columns.place(name)
    }

    /// Whether there is a column of this exact name.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// All names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|it| it.name.as_str())
    }

    /// The columns people see.
    pub fn visible(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|it| !it.is_hidden())
    }
}

impl FromIterator<Column> for Schema {
    fn from_iter<T: IntoIterator<Item = Column>>(columns: T) -> Schema {
        Schema { columns: columns.into_iter().collect() }
    }
}
