//! Whether the rows that answers name are there, and as they were.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::steps::deciding::print_text;
use crate::steps::matching::Rows;

/// For either row of an answer its key and its print; one of the two may be empty.
pub type Sides = [[String; 2]; 2];

/// What became of the rows of an answer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Both are there.
    There,
    /// Both are there, and what is compared in one of them changed.
    Changed,
    /// One is not there.
    Gone,
}

/// What became of the rows of each answer.
pub(super) fn standing(known: &Rows<'_>, answers: &[Sides]) -> Vec<Standing> {
    let mut by_key: HashMap<&str, Vec<String>> = HashMap::new();
    let prints: Vec<String> = known.prints.iter().map(print_text).collect();
    for (key, print) in known.keys.iter().zip(&prints) {
        by_key.entry(key.unwrap_or_default().trim()).or_default().push(print.clone());
    }
    let by_print: HashSet<&String> = prints.iter().collect();
    let one = |[key, print]: &[String; 2]| match by_key.get(key.as_str()).filter(|_| !key.is_empty()) {
        Some(own) if print.is_empty() || own.contains(print) => Standing::There,
        Some(_) => Standing::Changed,
        None if by_print.contains(print) => Standing::There,
        None => Standing::Gone,
    };
    answers.iter().map(|[left, right]| one(left).max(one(right))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_there_or_changed_or_gone() {
        let prints = [[1; 32], [2; 32]];
        let rows = Rows { keys: vec![Some("a "), Some("b")], prints: &prints, sides: Vec::new() };
        let print = |it: u8| print_text(&[it; 32]);
        let answer = |key: &str, print: String| [[key.to_owned(), print], ["b".to_owned(), String::new()]];
        let answers = [
            answer("a", String::new()),
            answer("a", print(1)),
            answer("a", print(9)),
            answer("x", print(1)),
            answer("x", print(9)),
            answer("", print(1)),
            answer("", print(9)),
        ];
        use Standing::{Changed, Gone, There};
        assert_eq!(standing(&rows, &answers), [There, There, Changed, There, Gone, There, Gone]);
    }
}
