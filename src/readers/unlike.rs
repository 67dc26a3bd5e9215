//! Names that are unlike each other even without regard to case, as a database compares them.

use std::collections::{HashMap, HashSet};

/// Gives names, each once: what was given already gets a number, `name_2`.
pub(crate) struct Unlike {
    /// What is wanted by somebody, in small letters: a number must not make the name that another has by itself.
    wanted: HashSet<String>,
    /// What was given.
    taken: HashSet<String>,
    /// The last number that was tried for a name. What was tried once is taken for the next of its name too.
    tried: HashMap<String, usize>,
}

impl Unlike {
    /// For these names, of which some are in use already.
    pub(crate) fn new<'n>(wanted: impl IntoIterator<Item = &'n str>, used: &[&str]) -> Unlike {
        let wanted = wanted.into_iter().map(str::to_lowercase).collect();
        Unlike { wanted, taken: used.iter().map(|it| it.to_lowercase()).collect(), tried: HashMap::new() }
    }

    /// The name, or with a number where it was given before.
    pub(crate) fn give(&mut self, name: &str) -> String {
        let folded = name.to_lowercase();
        if self.taken.insert(folded.clone()) {
            return name.to_owned();
        }
        let number = self.tried.entry(folded).or_insert(1);
        loop {
            *number += 1;
            let unique = format!("{name}_{number}");
            let folded = unique.to_lowercase();
            if !self.wanted.contains(&folded) && self.taken.insert(folded) {
                return unique;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_makes_no_name_of_somebody_else() {
        let given = |names: &[&str]| {
            let mut unlike = Unlike::new(names.iter().copied(), &["_row"]);
            names.iter().map(|it| unlike.give(it)).collect::<Vec<_>>()
        };
        assert_eq!(given(&["a", "A", "a", "b"]), ["a", "A_2", "a_3", "b"]);
        assert_eq!(given(&["a", "a", "A_2"]), ["a", "a_3", "A_2"]);
        assert_eq!(given(&["_row"]), ["_row_2"]);
    }
}
