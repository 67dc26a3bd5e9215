//! Remembers what slow functions gave for texts that come again, as they do in real columns.
//!
//! Bounded: a few thousand short texts for each thread at work. Not here: which functions are slow enough.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};

/// Places of texts with the same hash, of which the one written longest ago gives way.
const WAYS: usize = 4;

/// Hashes told apart; a power of two.
const SETS: usize = 2048;

/// Bytes of the longest text that is remembered.
const LONGEST: usize = 64;

/// What one function with one setting gave lately.
#[derive(Default)]
pub(super) struct Memo {
    setting: String,
    sets: Vec<Set>,
}

#[derive(Clone, Default)]
struct Set {
    slots: [Slot; WAYS],
    next: usize,
}

#[derive(Clone, Default)]
struct Slot {
    /// Zero for none.
    hash: u64,
    text: String,
    made: Option<String>,
}

impl Memo {
    /// A memo for `setting`, which forgets what it knew of another.
    fn of(mut self, setting: &str) -> Memo {
        if self.setting != setting {
            self = Memo { setting: setting.to_owned(), sets: Vec::new() };
        }
        self.sets.resize(SETS, Set::default());
        self
    }

    /// What `make` gives for `text`, handed to `then`.
    pub(super) fn recall<R>(
        &mut self,
        text: &str,
        make: impl FnOnce(&str) -> Option<String>,
        then: impl FnOnce(Option<&str>) -> R,
    ) -> R {
        if text.len() > LONGEST || self.sets.is_empty() {
            return then(make(text).as_deref());
        }
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let hash = hasher.finish() | 1 << 63;
        let set = &mut self.sets[hash as usize % SETS];
        if let Some(slot) = set.slots.iter().find(|it| it.hash == hash && it.text == text) {
            return then(slot.made.as_deref());
        }
        let slot = &mut set.slots[set.next];
        set.next = (set.next + 1) % WAYS;
        slot.hash = 0; // What stands here is of no use if `make` panics.
        slot.made = make(text);
        slot.text.clear();
        slot.text.push_str(text);
        slot.hash = hash;
        then(slot.made.as_deref())
    }
}

/// The memos that no thread is using.
#[derive(Default)]
pub(super) struct Memos(Mutex<Vec<Memo>>);

impl Memos {
    /// Takes one out for `setting`.
    pub(super) fn take(&self, setting: &str) -> Memo {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default().of(setting)
    }

    /// Puts one back for the next chunk.
    pub(super) fn put_back(&self, memo: Memo) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(memo);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recall(memo: &mut Memo, text: &str, made: &mut usize) -> Option<String> {
        let setting = memo.setting.clone();
        let make = |it: &str| {
            *made += 1;
            (it.len() > 1).then(|| format!("{setting}{it}"))
        };
        memo.recall(text, make, |it| it.map(str::to_owned))
    }

    #[test]
    fn each_text_keeps_its_own_answer() {
        let (memos, mut made) = (Memos::default(), 0);
        let mut memo = memos.take("a");
        for _ in 0..2 {
            for number in 0..50_000 {
                let text = number.to_string();
                let expected = (number > 9).then(|| format!("a{text}"));
                assert_eq!(recall(&mut memo, &text, &mut made), expected);
            }
        }
    }

    #[test]
    fn what_comes_again_is_made_once() {
        let (memos, mut made) = (Memos::default(), 0);
        for _ in 0..3 {
            let mut memo = memos.take("a");
            for text in ["", "x", "one", "two"] {
                recall(&mut memo, text, &mut made);
            }
            memos.put_back(memo);
        }
        assert_eq!(made, 4);
        assert_eq!(recall(&mut memos.take("b"), "one", &mut made).as_deref(), Some("bone"));
    }
}
