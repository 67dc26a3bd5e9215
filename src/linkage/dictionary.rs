//! Which texts are there, each once: a table of their places, five bytes for each place of it, beside the texts themselves.

use ahash::RandomState;

use super::cells::Cells;

/// Of a place where nothing is.
const FREE: u32 = u32::MAX;
/// Places of the table to begin with.
const FIRST: usize = 64;

/// Finds texts of somebody's [`Cells`] by what they say. What it finds does not depend on how it is seeded.
pub(super) struct Dictionary {
    state: RandomState,
    /// A part of the hash, so that other texts are seldom looked at.
    tags: Vec<u8>,
    places: Vec<u32>,
    held: usize,
}

impl Default for Dictionary {
    fn default() -> Dictionary {
        Dictionary { state: RandomState::new(), tags: vec![0; FIRST], places: vec![FREE; FIRST], held: 0 }
    }
}

impl Dictionary {
    /// The place among `texts` of the one that says this, or else where in the table it is to be put.
    pub fn find(&self, text: &str, texts: &Cells) -> Result<u32, usize> {
        let hash = self.state.hash_one(text);
        let (mask, tag) = (self.places.len() - 1, tag(hash));
        let mut at = hash as usize & mask;
        while self.places[at] != FREE {
            if self.tags[at] == tag && texts.get(self.places[at] as usize) == Some(text) {
                return Ok(self.places[at]);
            }
            at = (at + 1) & mask;
        }
        Err(at)
    }

    /// Puts a text where [`find`](Dictionary::find) said.
    pub fn put(&mut self, at: usize, place: u32, texts: &Cells) {
        let text = texts.get(place as usize).unwrap_or_default();
        self.tags[at] = tag(self.state.hash_one(text));
        self.places[at] = place;
        self.held += 1;
        if self.held * 4 > self.places.len() * 3 {
            self.grow(texts);
        }
    }

    /// How many texts it finds.
    pub fn len(&self) -> usize {
        self.held
    }

    fn grow(&mut self, texts: &Cells) {
        let many = self.places.len() * 2;
        self.tags = vec![0; many];
        let places = std::mem::replace(&mut self.places, vec![FREE; many]);
        for place in places.into_iter().filter(|it| *it != FREE) {
            let hash = self.state.hash_one(texts.get(place as usize).unwrap_or_default());
            let mut at = hash as usize & (many - 1);
            while self.places[at] != FREE {
                at = (at + 1) & (many - 1);
            }
            self.tags[at] = tag(hash);
            self.places[at] = place;
        }
    }
}

fn tag(hash: u64) -> u8 {
    (hash >> 56) as u8
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
                Err(free) => {
                    texts.push(Some(&text));
                    found.put(free, at, &texts);
                }
            }
        }
        assert_eq!((found.len(), texts.len()), (1000, 1000));
    }
}
