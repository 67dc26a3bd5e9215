//! What the records of a JSON file are made of: every path of keys that leads to a value is a column, and what all its
//! values are decides its type.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::model::Type;
use crate::problem::Problem;
use crate::readers::ReadError;
use crate::readers::header::clean;
use crate::readers::problems::{REPEATED_COLUMN, shown, too_large};
use crate::readers::row::MAX_COLUMNS;
use crate::readers::unlike::Unlike;
use crate::readers::within::Within;

/// Bytes of all different keys at most.
const KEY_BYTES: usize = 4 << 20;

/// The columns of a file, and what is worth a word about them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    /// In order.
    pub columns: Vec<Member>,
    /// What does not stop the reading.
    pub warnings: Vec<Problem>,
}

/// One column: a path of keys.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// Its name: the keys, with a point between each two.
    pub name: String,
    /// The keys that lead to it from a record; none where records are no objects.
    pub path: Vec<String>,
    /// What its values are.
    pub kinds: Kinds,
    /// The keys of objects within its lists.
    #[serde(default, skip_serializing_if = "Within::is_empty")]
    pub within: Within,
}

/// What values are, seen together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kinds(u8);

impl Kinds {
    /// A text, a list, a number that no type holds digit by digit.
    pub(super) const TEXT: Kinds = Kinds(1);
    pub(super) const BOOLEAN: Kinds = Kinds(2);
    /// A whole number that a double holds as well.
    const INTEGER: Kinds = Kinds(4);
    /// A whole number that a double would round.
    const LONG: Kinds = Kinds(8);
    const FLOAT: Kinds = Kinds(16);
    /// A number of whatever kind.
    const NUMBER: Kinds = Kinds(32);

    /// A list that has numbers in it.
    const LISTED: Kinds = Kinds(64);

    /// A list, as JSON.
    pub(super) fn of_list(text: &str) -> Kinds {
        let mut in_text = false;
        let mut signs = text.bytes();
        while let Some(sign) = signs.next() {
            match sign {
                b'\\' if in_text => drop(signs.next()),
                b'"' => in_text = !in_text,
                b'0'..=b'9' if !in_text => return Kinds::TEXT.and(Kinds::LISTED),
                _ => (),
            }
        }
        Kinds::TEXT
    }

    /// Whether some of the values are numbers.
    pub fn has_numbers(self) -> bool {
        self.0 & Kinds::NUMBER.0 != 0
    }

    /// Whether some of the values are lists with numbers in them.
    pub fn has_listed_numbers(self) -> bool {
        self.0 & Kinds::LISTED.0 != 0
    }

    /// What a number is, as it is written.
    pub(super) fn of_number(text: &str) -> Kinds {
        let whole = !text.contains(['.', 'e', 'E']);
        let kind = match text.parse::<i64>() {
            Ok(0) if text.starts_with('-') => Kinds::FLOAT,
            Ok(_) if is_held(text) => Kinds::INTEGER,
            Ok(_) => Kinds::LONG,
            Err(_) if whole || !is_held(text) => Kinds::TEXT,
            Err(_) => Kinds::FLOAT,
        };
        kind.and(Kinds::NUMBER)
    }

    /// Whether some of the values are numbers, and all of them stand as texts.
    pub fn has_numbers_as_texts(self) -> bool {
        self.0 & Kinds::NUMBER.0 != 0 && self.ty() == Type::Text
    }

    /// With other values.
    #[must_use]
    pub fn and(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }

    /// The type that holds all of them, and each as it is written; text where there is none.
    pub fn ty(self) -> Type {
        const WHOLE: u8 = Kinds::INTEGER.0 | Kinds::LONG.0;
        const HELD: u8 = Kinds::INTEGER.0 | Kinds::FLOAT.0;
        match self.0 & !(Kinds::NUMBER.0 | Kinds::LISTED.0) {
            0 => Type::Text,
            it if it == Kinds::BOOLEAN.0 => Type::Boolean,
            it if it & !WHOLE == 0 => Type::Integer,
            it if it & !HELD == 0 => Type::Float,
            _ => Type::Text,
        }
    }
}

/// Whether a double holds all digits of a number that are written: those of `1.10` are three.
fn is_held(text: &str) -> bool {
    let Some(value) = text.parse::<f64>().ok().filter(|it| it.is_finite()) else { return false };
    parts(text) == parts(&format!("{value:e}"))
}

/// Digits from the first that counts to the last, and the power of ten of the first.
fn parts(text: &str) -> Option<(String, i64)> {
    let text = text.trim_start_matches('-');
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let written = match part {
        "" | "0" => whole.trim_end_matches('0').to_owned(),
        part => format!("{whole}{part}"),
    };
    let digits = written.trim_start_matches('0');
    if digits.is_empty() {
        // Zero, however it is written, has no digit but those behind its point.
        return Some((String::new(), part.len().saturating_sub(1) as i64));
    }
    let zeros = (written.len() - digits.len()) as i64;
    Some((digits.to_owned(), exponent.parse::<i64>().ok()?.checked_add(whole.len() as i64 - 1 - zeros)?))
}

/// The keys of all records, as a tree: a node for each path.
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    /// Objects that were entered.
    objects: u64,
    /// Bytes of all keys.
    bytes: usize,
    /// Bytes of all paths within lists.
    held: usize,
}

/// The first node: the record itself.
pub(super) const RECORD: usize = 0;

/// A path of keys.
#[derive(Default)]
pub(super) struct Node {
    key: String,
    children: HashMap<String, usize>,
    /// In the order in which they came.
    order: Vec<usize>,
    /// The object in which the key was seen last.
    seen: u64,
    /// Whether something other than an object with members was there.
    valued: bool,
    /// Whether an object without members was.
    pub(super) hollow: bool,
    kinds: Kinds,
    within: Within,
    /// Its place among the columns that are read.
    pub(super) column: Option<usize>,
}

impl Tree {
    pub(super) fn new() -> Tree {
        Tree { nodes: vec![Node::default()], objects: 0, bytes: 0, held: 0 }
    }

    /// The tree of known columns. `takes` says which place among those that are read a column has.
    pub(super) fn of(shape: &Shape, takes: impl Fn(&str) -> Option<usize>) -> Tree {
        let mut tree = Tree::new();
        for column in &shape.columns {
            let node = column.path.iter().fold(RECORD, |at, key| tree.child_of(at, key));
            tree.nodes[node].column = takes(&column.name);
        }
        tree
    }

    /// A number for an object that is entered.
    pub(super) fn object(&mut self) -> u64 {
        self.objects += 1;
        self.objects
    }

    /// The node of a key in an object; `None` if the object had it already.
    pub(super) fn member(&mut self, at: usize, key: &str, object: u64) -> Option<usize> {
        let child = self.child_of(at, key);
        let seen = std::mem::replace(&mut self.nodes[child].seen, object);
        (seen != object).then_some(child)
    }

    fn child_of(&mut self, at: usize, key: &str) -> usize {
        if let Some(child) = self.nodes[at].children.get(key) {
            return *child;
        }
        let child = self.nodes.len();
        self.bytes += key.len();
        self.nodes.push(Node { key: key.to_owned(), ..Node::default() });
        self.nodes[at].children.insert(key.to_owned(), child);
        self.nodes[at].order.push(child);
        child
    }

    /// Where the keys within a list of a node are noted.
    pub(super) fn within(&mut self, node: usize) -> &mut Within {
        let within = &mut self.nodes[node].within;
        if self.held > KEY_BYTES {
            within.cut();
        }
        within
    }

    /// Counts bytes that were noted.
    pub(super) fn hold(&mut self, bytes: usize) {
        self.held += bytes;
    }

    /// Notes a value.
    pub(super) fn note(&mut self, node: usize, kinds: Kinds) {
        let node = &mut self.nodes[node];
        node.valued = true;
        node.kinds = node.kinds.and(kinds);
    }

    /// Refuses more columns than a sheet has.
    pub(super) fn check(&self, file: &str) -> Result<(), ReadError> {
        if self.nodes.len() > MAX_COLUMNS as usize {
            return Err(too_large(file, format!("its records have more than {MAX_COLUMNS} different keys")));
        }
        if self.bytes > KEY_BYTES {
            return Err(too_large(file, "the keys of its records are longer than names of columns may be"));
        }
        Ok(())
    }

    /// The columns: depth first, members in the order in which they came.
    pub(super) fn shape(&self, file: &str) -> Shape {
        let mut paths = Vec::new();
        let mut open: Vec<(usize, Vec<String>)> = vec![(RECORD, Vec::new())];
        while let Some((at, path)) = open.pop() {
            let node = &self.nodes[at];
            for child in node.order.iter().rev() {
                let mut path = path.clone();
                path.push(self.nodes[*child].key.clone());
                open.push((*child, path));
            }
            // A key that is always null is a column as well; an empty object is told where nothing else is.
            let leaf = node.order.is_empty();
            if node.valued || leaf && (at != RECORD || node.hollow) {
                let kinds = if leaf && node.hollow { node.kinds.and(Kinds::TEXT) } else { node.kinds };
                paths.push((path, kinds, node.within.clone()));
            }
        }
        named(paths, file)
    }
}

/// Gives columns names: one line each, unlike each other even without regard to case.
fn named(paths: Vec<(Vec<String>, Kinds, Within)>, file: &str) -> Shape {
    let name = |path: &[String]| {
        let clear = |key: &String| Some(clean(key)).filter(|it| !it.is_empty()).unwrap_or_else(|| "column".to_owned());
        let keys: Vec<_> = path.iter().map(clear).collect();
        if keys.is_empty() { "value".to_owned() } else { keys.join(".") }
    };
    let mut shape = Shape::default();
    let wanted: Vec<String> = paths.iter().map(|(path, ..)| name(path)).collect();
    let mut unlike = Unlike::new(wanted.iter().map(String::as_str), &[]);
    for ((path, kinds, within), name) in paths.into_iter().zip(&wanted) {
        let unique = unlike.give(name);
        if unique != *name && shape.warnings.len() < 20 {
            let first = wanted.iter().find(|it| it.to_lowercase() == name.to_lowercase()).unwrap_or(name);
            let message = match first == name {
                true => format!("`{}` has two paths of keys that are both called `{}`", shown(file), shown(name)),
                false => format!(
                    "`{}` has paths of keys that are called `{}` and `{}`, which differ only in case",
                    shown(file),
                    shown(first),
                    shown(name)
                ),
            };
            let help = format!("the second is called `{}`; name it in the file to choose another", shown(&unique));
            shape.warnings.push(Problem::new(&REPEATED_COLUMN, message).help(help));
        }
        shape.columns.push(Member { name: unique, path, kinds, within });
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(numbers: &[&str], expected: Type) {
        let kinds = numbers.iter().fold(Kinds::default(), |acc, it| acc.and(Kinds::of_number(it)));
        assert_eq!(kinds.ty(), expected, "{numbers:?}");
    }

    #[test]
    fn a_type_holds_every_digit_or_is_text() {
        check(&["1", "-7", "9223372036854775807"], Type::Integer);
        check(&["9223372036854775808"], Type::Text);
        check(&["123456789012345678901234567890", "1"], Type::Text);
        check(&["1", "2.5"], Type::Float);
        check(&["9007199254740993", "2.5"], Type::Text);
        check(&["1.0", "0.1", "1e3", "1.5E-7", "0", "0.0", "-0"], Type::Float);
        for lost in ["1.10", "1.00", "0.00", "0.1000000000000000055", "1e400", "3.14159265358979323846", "1e-400"] {
            check(&[lost], Type::Text);
        }
    }
}
