//! Texts one after the other in one piece of memory: cells of a column, or its different values.

/// Of a text that is none.
const NONE: u64 = 1 << 63;

/// Texts by their places; any of them may be missing. Each takes eight bytes beside its own.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Cells {
    /// Where each text ends.
    ends: Vec<u64>,
    text: String,
}

impl Cells {
    /// Bytes that each text takes beside its own.
    pub const EACH: usize = size_of::<u64>();

    /// Puts a text behind the others.
    pub fn push(&mut self, text: Option<&str>) {
        self.text.push_str(text.unwrap_or_default());
        let end = self.text.len() as u64;
        self.ends.push(if text.is_some() { end } else { end | NONE });
    }

    /// The text at a place; nothing where it is missing or there is no such place.
    #[inline]
    pub fn get(&self, at: usize) -> Option<&str> {
        let end = *self.ends.get(at)?;
        if end & NONE != 0 {
            return None;
        }
        let begin = at.checked_sub(1).map_or(0, |it| self.ends[it] & !NONE);
        self.text.get(begin as usize..end as usize)
    }

    /// How many texts there are, those that are missing too.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// How many bytes all texts are.
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All texts.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Option<&str>> {
        (0..self.len()).map(|it| self.get(it))
    }
}

impl<T: AsRef<str>> FromIterator<Option<T>> for Cells {
    fn from_iter<I: IntoIterator<Item = Option<T>>>(texts: I) -> Cells {
        let mut acc = Cells::default();
        texts.into_iter().for_each(|it| acc.push(it.as_ref().map(AsRef::as_ref)));
        acc
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_text_is_not_a_missing_one() {
        let texts = [Some("a"), None, Some(""), Some("\u{fc}ber"), None];
        let cells: Cells = texts.into_iter().collect();
        assert_eq!(cells.iter().collect::<Vec<_>>(), texts);
        assert_eq!((cells.get(3), cells.get(5), cells.len()), (Some("\u{fc}ber"), None, 5));
    }
}
