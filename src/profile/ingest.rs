//! `[ingest]`: how files of a trade, a country or one sender usually come, and what single sources look like.
//!
//! ```toml
//! [ingest]
//! nulls = ["#N/A"]               # of every source that does not say otherwise
//!
//! [ingest.source.register]       # of the source `register` of every pipeline
//! priority = 3
//! like = { "Name of Organisation" = "organisation_name" }
//! ```

use std::collections::BTreeMap;

use crate::fields::Fields;
use crate::fields::keys::{Key, Keys, Takes};
use crate::pipeline::{HABITS, KNOWN_SOURCE, PartialSource};
use crate::span::Span;

/// `[ingest]`.
pub(super) const KEYS: Keys = Keys::of(&ALL);
const ALL: [Key; HABITS.len() + 1] = {
    let mut acc = [Key::new("source", Takes::Table(&SOURCES), "what is known of single sources"); HABITS.len() + 1];
    let mut at = 0;
    while at < HABITS.len() {
        acc[at + 1] = HABITS[at];
        at += 1;
    }
    acc
};
const SOURCES: Keys = Keys::any(Takes::Table(&KNOWN_SOURCE), "what is known of a source of this name");

/// What is said of sources before a pipeline says anything.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Ingest {
    /// Of all sources.
    pub usual: PartialSource,
    /// Of sources by name.
    pub sources: BTreeMap<String, PartialSource>,
    /// Where each of these was declared last.
    pub places: BTreeMap<String, Span>,
}

impl Ingest {
    /// Takes `[ingest]` out of a file; it wins over what stands here already.
    pub(super) fn extend(&mut self, table: &mut Fields) {
        let none = PartialSource::default();
        for (name, mut source) in table.named_tables("source") {
            let beneath = self.sources.get(&name).unwrap_or(&none);
            let said = PartialSource::decode(&mut source, beneath).over(beneath);
            self.places.insert(name.clone(), source.span());
            source.finish();
            self.sources.insert(name, said);
        }
        self.usual = PartialSource::habits(table).over(&self.usual);
    }
}
