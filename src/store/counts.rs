//! What a check counted: rows, and a number where one was held against something.

use serde::{Deserialize, Serialize};

/// What a check counted.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Rows that count.
    pub considered: u64,
    /// Of them, those that are not as expected.
    pub unexpected: u64,
    /// Ordinals of the first of these.
    pub sample: Vec<u64>,
    /// The number that was held against bounds, where there is one. It has a record of its own.
    #[serde(skip)]
    pub observed: Option<String>,
    /// What earlier published builds say of the number, for a check that learns from them. It is never written down.
    #[serde(skip)]
    pub learnt: Option<Learnt>,
}

/// What earlier published builds say of a number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Learnt {
    /// In words: `16, 18 before, 11.1 % less`.
    pub words: String,
    /// Whether they are too few to tell.
    pub waits: bool,
}

impl Counts {
    /// Whether nothing can be said yet, because too few builds were published.
    pub fn waits(&self) -> bool {
        self.learnt.as_ref().is_some_and(|it| it.waits)
    }
}
