//! Remembers what slow functions gave for texts that come again, as they do in real columns.
//!
//! Bounded: a few thousand short texts for each thread at work. Not here: which functions are slow enough.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};

/// Texts remembered at once; a power of two.
const SLOTS: usize = 4096;

/// Bytes of the longest text that is remembered.
const LONGEST: usize = 64;

/// What one function with one setting gave lately.
#[derive(Default)]
pub(super) struct Memo {
    setting: String,
    slots: Vec<Slot>,
}

#[derive(Clone, Default)]
struct Slot {
    used: bool,
    text: String,
    made: Option<String>,
}

impl Memo {
    /// A memo for `setting`, which forgets what it knew of another.
    fn of(mut self, setting: &str) -> Memo {
        if self.setting != setting {
            self = Memo { setting: setting.to_owned(), slots: Vec::new() };
        }
        self.slots.resize(SLOTS, Slot::default());
        self
    }

    /// What `make` gives for `text`.
    pub(super) fn recall<R>(
        &mut self,
        text: &str,
        make: impl FnOnce(&str) -> Option<String>,
        then: impl FnOnce(Option<&str>) -> R,
    ) -> R {
        if text.len() > LONGEST {
            return then(make(text).as_deref());
        }
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let slot = &mut self.slots[hasher.finish() as usize % SLOTS];
        if !slot.used || slot.text != text {
            slot.used = false;
            slot.made = make(text);
            slot.text.clear();
            slot.text.push_str(text);
            slot.used = true;
        }
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
