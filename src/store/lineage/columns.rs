//! What is known of the columns of a query on the way: their names, and how far each tells personal data.

use serde_json::Value;

pub(super) use crate::relation::level::Level;
use Level::{Made, Open};

/// The columns of a table, as far as they are known.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    pub(super) named: Vec<(String, Level)>,
    /// Of columns whose names are not known; `None` when there are no such columns.
    pub(super) rest: Option<Level>,
    /// Of what decides which rows there are.
    pub(super) rows: Level,
    /// Whether `named` are all columns in their order.
    pub(super) exact: bool,
    /// Whether personal values decide how many rows stand for one.
    pub(super) tied: bool,
}

impl Columns {
    pub(super) fn of(named: Vec<(String, Level)>) -> Columns {
        Columns { named, rest: None, rows: Open, exact: true, tied: false }
    }

    pub(super) fn unknown(level: Level) -> Columns {
        Columns { named: Vec::new(), rest: Some(level), rows: level.made(), exact: false, tied: false }
    }

    pub(super) fn max(&self) -> Level {
        self.named.iter().map(|(_, it)| *it).chain(self.rest).max().unwrap_or_default().max(self.rows)
    }

    pub(super) fn get(&self, name: &str) -> Option<Level> {
        let named = self.named.iter().filter(|(it, _)| it == name).map(|(_, it)| *it);
        named.chain(self.rest).max()
    }

    /// With what decides about its rows told by each column.
    pub(super) fn settled(mut self) -> Columns {
        if self.rows != Open {
            self.tell();
        }
        self
    }

    /// Each column tells personal data from here on.
    pub(super) fn tell(&mut self) {
        self.named.iter_mut().for_each(|(_, it)| *it = Made);
        self.rest = self.rest.map(|_| Made);
    }

    /// With other names for the first columns.
    pub(super) fn renamed(mut self, names: &[Value]) -> Columns {
        if names.is_empty() {
            return self;
        }
        if !self.exact || names.len() > self.named.len() {
            let level = self.max();
            return Columns { named: Vec::new(), rest: Some(level), exact: false, ..self };
        }
        for ((old, _), name) in self.named.iter_mut().zip(names) {
            *old = name.as_str().unwrap_or_default().to_lowercase();
        }
        self
    }
}

/// A table as a query knows it.
#[derive(Clone, Debug)]
pub(super) struct Relation {
    pub(super) alias: String,
    pub(super) columns: Columns,
    /// Whether it is a table that stands, and not what a query makes.
    pub(super) is_stored: bool,
}

/// Tables and names that one `select` sees.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    pub(super) relations: Vec<Relation>,
    /// Names that its own list of columns gives.
    pub(super) given: Vec<(String, Level)>,
    /// Whether personal values decide how many rows stand for one.
    pub(super) tied: bool,
}
