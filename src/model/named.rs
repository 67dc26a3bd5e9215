//! A list of parts that have names, which finds a part by its name in constant time, however long the list is.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, DerefMut};
use std::sync::OnceLock;

use ahash::RandomState;
use hashbrown::HashTable;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// From how many parts on a table of places costs less than looking through the list.
const LONG: usize = 64;

/// What has a name.
pub trait HasName {
    /// The name, exactly as it is written.
    fn name(&self) -> &str;
}

impl HasName for String {
    fn name(&self) -> &str {
        self
    }
}

impl<T> HasName for (String, T) {
    fn name(&self) -> &str {
        &self.0
    }
}

/// A list of parts with names. It is used as the `Vec` that it is, and knows nothing of its names after a change.
#[derive(Clone)]
pub struct Named<T> {
    list: Vec<T>,
    /// The places of the parts by name; made by the first who asks for one.
    places: OnceLock<Places>,
}

#[derive(Clone)]
struct Places {
    hasher: RandomState,
    table: HashTable<u32>,
}

impl<T: HasName> Named<T> {
    /// The place of the first part of this exact name.
    pub fn place(&self, name: &str) -> Option<usize> {
        if self.list.len() < LONG {
            return self.list.iter().position(|it| it.name() == name);
        }
        let Places { hasher, table } = self.places.get_or_init(|| self.places());
        let found = table.find(hasher.hash_one(name), |at| self.list[*at as usize].name() == name);
        found.map(|at| *at as usize)
    }

    /// The first part of this exact name.
    pub fn named(&self, name: &str) -> Option<&T> {
        self.place(name).map(|at| &self.list[at])
    }

    fn places(&self) -> Places {
        let hasher = RandomState::with_seed(0);
        let mut table = HashTable::with_capacity(self.list.len());
        for (at, it) in self.list.iter().enumerate() {
            let same = |other: &u32| self.list[*other as usize].name() == it.name();
            let rehash = |other: &u32| hasher.hash_one(self.list[*other as usize].name());
            table.entry(hasher.hash_one(it.name()), same, rehash).or_insert(at as u32);
        }
        Places { hasher, table }
    }
}

impl<T> Deref for Named<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.list
    }
}

impl<T> DerefMut for Named<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        self.places.take();
        &mut self.list
    }
}

impl<T> From<Vec<T>> for Named<T> {
    fn from(list: Vec<T>) -> Named<T> {
        Named { list, places: OnceLock::new() }
    }
}

impl<T> FromIterator<T> for Named<T> {
    fn from_iter<I: IntoIterator<Item = T>>(parts: I) -> Named<T> {
        Vec::from_iter(parts).into()
    }
}

impl<T> IntoIterator for Named<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> std::vec::IntoIter<T> {
        self.list.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Named<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> std::slice::Iter<'a, T> {
        self.list.iter()
    }
}

impl<'a, T> IntoIterator for &'a mut Named<T> {
    type Item = &'a mut T;
    type IntoIter = std::slice::IterMut<'a, T>;

    fn into_iter(self) -> std::slice::IterMut<'a, T> {
        self.iter_mut()
    }
}

impl<T> Default for Named<T> {
    fn default() -> Named<T> {
        Vec::new().into()
    }
}

impl<T: PartialEq> PartialEq for Named<T> {
    fn eq(&self, other: &Named<T>) -> bool {
        self.list == other.list
    }
}

impl<T: Eq> Eq for Named<T> {}

impl<T: Hash> Hash for Named<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.list.hash(state);
    }
}

impl<T: fmt::Debug> fmt::Debug for Named<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.list.fmt(f)
    }
}

impl<T: Serialize> Serialize for Named<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.list.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Named<T>, D::Error> {
        Vec::deserialize(deserializer).map(Named::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_a_name_is_found_in_short_and_long_lists() {
        for count in [0, 1, LONG - 1, LONG, 5 * LONG] {
            let mut list: Named<String> = (0..count).map(|it| format!("c{}", it / 2)).collect();
            for name in ["c0", "c1", "c31", "c100", "", "other"] {
                assert_eq!(list.place(name), list.iter().position(|it| it == name), "{count} {name}");
            }
            list.push("other".to_owned());
            assert_eq!(list.place("other"), Some(count), "{count}");
            list[0] = "first".to_owned();
            assert_eq!(list.named("first").map(String::as_str), Some("first"));
            assert_eq!(list.clone(), list);
        }
    }
}
