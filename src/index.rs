//! Places in lists, each with the type of its list: a table of a plan is never taken for a check, or for an input of a step.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

/// A place in a list of one kind.
pub trait Place: Copy + Ord + 'static {
    /// The place with so many before it.
    fn new(at: usize) -> Self;
    /// How many are before it.
    fn at(self) -> usize;
}

impl Place for usize {
    fn new(at: usize) -> usize {
        at
    }

    fn at(self) -> usize {
        self
    }
}

/// Declares a [`Place`] by its documentation and its name.
macro_rules! place {
    ($(#[$about:meta])* $name:ident) => {
        $(#[$about])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);

        impl $crate::index::Place for $name {
            fn new(at: usize) -> $name {
                $name(u32::try_from(at).expect("a workspace has fewer than four thousand million of anything"))
            }

            fn at(self) -> usize {
                self.0 as usize
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}
pub(crate) use place;

/// A list that is asked by places of one kind alone: the list itself, or something known of each of its elements.
#[derive(Clone, PartialEq, Eq)]
pub struct IndexVec<I, T> {
    raw: Vec<T>,
    of: PhantomData<fn(I) -> I>,
}

impl<I: Place, T> IndexVec<I, T> {
    /// An empty list.
    pub fn new() -> IndexVec<I, T> {
        Vec::new().into()
    }

    /// The same value for each of so many.
    pub fn filled(value: T, many: usize) -> IndexVec<I, T>
    where
        T: Clone,
    {
        vec![value; many].into()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.raw.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// The place of the one that is added next.
    pub fn next(&self) -> I {
        I::new(self.raw.len())
    }

    /// Adds one, and tells its place.
    pub fn push(&mut self, value: T) -> I {
        let place = self.next();
        self.raw.push(value);
        place
    }

    /// What stands there, if the list is that long.
    pub fn get(&self, place: I) -> Option<&T> {
        self.raw.get(place.at())
    }

    /// All, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.raw.iter()
    }

    /// All, in order, to be changed.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, T> {
        self.raw.iter_mut()
    }

    /// Leaves those that it says yes of, and may change them. Places move.
    pub fn retain_mut(&mut self, is: impl FnMut(&mut T) -> bool) {
        self.raw.retain_mut(is);
    }

    /// All places, in order.
    pub fn places(&self) -> impl DoubleEndedIterator<Item = I> + ExactSizeIterator + Clone + use<I, T> {
        (0..self.raw.len()).map(I::new)
    }

    /// All with their places, in order.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = (I, &T)> + ExactSizeIterator + Clone {
        self.raw.iter().enumerate().map(|(at, it)| (I::new(at), it))
    }

    /// All with their places, in order, as they are.
    pub fn into_entries(self) -> impl DoubleEndedIterator<Item = (I, T)> + ExactSizeIterator {
        self.raw.into_iter().enumerate().map(|(at, it)| (I::new(at), it))
    }

    /// The place of the first that is so.
    pub fn position(&self, is: impl FnMut(&T) -> bool) -> Option<I> {
        self.raw.iter().position(is).map(I::new)
    }

    /// Something of each, in the same order.
    pub fn map<U>(&self, of: impl FnMut(&T) -> U) -> IndexVec<I, U> {
        self.raw.iter().map(of).collect()
    }

    /// As a plain list.
    pub fn as_slice(&self) -> &[T] {
        &self.raw
    }
}

impl<I: Place> IndexVec<I, bool> {
    /// The places that are marked.
    pub fn marked(&self) -> impl Iterator<Item = I> + '_ {
        self.entries().filter_map(|(place, it)| it.then_some(place))
    }
}

impl<I: Place, T> Default for IndexVec<I, T> {
    fn default() -> IndexVec<I, T> {
        IndexVec::new()
    }
}

impl<I, T: fmt::Debug> fmt::Debug for IndexVec<I, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(f)
    }
}

impl<I, T> From<Vec<T>> for IndexVec<I, T> {
    fn from(raw: Vec<T>) -> IndexVec<I, T> {
        IndexVec { raw, of: PhantomData }
    }
}

impl<I, T> FromIterator<T> for IndexVec<I, T> {
    fn from_iter<S: IntoIterator<Item = T>>(all: S) -> IndexVec<I, T> {
        all.into_iter().collect::<Vec<T>>().into()
    }
}

impl<I, T> IntoIterator for IndexVec<I, T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.raw.into_iter()
    }
}

impl<'a, I, T> IntoIterator for &'a IndexVec<I, T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.raw.iter()
    }
}

impl<'a, I, T> IntoIterator for &'a mut IndexVec<I, T> {
    type Item = &'a mut T;
    type IntoIter = std::slice::IterMut<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.raw.iter_mut()
    }
}

impl<I: Place, T> Index<I> for IndexVec<I, T> {
    type Output = T;

    fn index(&self, place: I) -> &T {
        &self.raw[place.at()]
    }
}

impl<I: Place, T> IndexMut<I> for IndexVec<I, T> {
    fn index_mut(&mut self, place: I) -> &mut T {
        &mut self.raw[place.at()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    place! {
        /// A place of this test.
        Here
    }

    #[test]
    fn what_is_pushed_is_found_at_its_place() {
        let mut list: IndexVec<Here, &str> = IndexVec::new();
        let (one, two) = (list.push("one"), list.push("two"));
        assert_eq!((list[one], list[two], list.get(list.next())), ("one", "two", None));
        assert_eq!(list.position(|it| *it == "two"), Some(two));
        assert_eq!(list.map(|it| it.len() == 3 && *it == "two").marked().collect::<Vec<_>>(), [two]);
        list.retain_mut(|it| *it == "two");
        assert_eq!(list.entries().collect::<Vec<_>>(), [(one, &"two")]);
    }
}
