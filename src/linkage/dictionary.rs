//! Which texts are there, each once: a table of their places, five bytes for each place of it, beside the texts themselves.

use ahash::RandomState;
use hashbrown::HashTable;

use super::cells::Cells;

/// Finds texts of somebody's [`Cells`] by what they say. What it finds does not depend on how it is seeded.
#[derive(Default)]
pub(super) struct Dictionary {
    state: RandomState,
    places: HashTable<u32>,
}

impl Dictionary {
    /// The place among `texts` of the one that says this, or else what [`put`](Dictionary::put) wants to know of it.
    pub fn find(&self, text: &str, texts: &Cells) -> Result<u32, u64> {
        let hash = self.state.hash_one(text);
        self.places.find(hash, |it| texts.get(*it as usize) == Some(text)).copied().ok_or(hash)
    }

    /// Takes the text at a place that was not found: `hash` is what [`find`](Dictionary::find) gave for it.
    pub fn put(&mut self, hash: u64, place: u32, texts: &Cells) {
        let Dictionary { state, places } = self;
        places.insert_unique(hash, place, |it| state.hash_one(texts.get(*it as usize).unwrap_or_default()));
    }

    /// How many texts it finds.
    pub fn len(&self) -> usize {
        self.places.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_found_where_it_was_put() {
        let (mut texts, mut found) = (Cells::default(), Dictionary::default());
        for at in 0..3000_u32 {
            let text = format!("text {}", at % 1000);
            match found.find(&text, &texts) {
                Ok(place) => assert_eq!(place, at % 1000),
                Err(hash) => {
                    texts.push(Some(&text));
                    found.put(hash, at, &texts);
                }
            }
        }
        assert_eq!((found.len(), texts.len()), (1000, 1000));
    }
}
