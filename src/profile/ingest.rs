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
use crate::pipeline::Said;
use crate::span::Span;

/// What is said of sources before a pipeline says anything.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Ingest {
    /// Of all sources.
    pub usual: Said,
    /// Of sources by name.
    pub sources: BTreeMap<String, Said>,
    /// Where each of these was declared last.
    pub places: BTreeMap<String, Span>,
}

impl Ingest {
    /// Takes `[ingest]` out of a file; it wins over what stands here already.
    pub(super) fn extend(&mut self, table: &mut Fields) {
        let none = Said::default();
        for (name, mut source) in table.named_tables("source") {
            let beneath = self.sources.get(&name).unwrap_or(&none);
            let said = Said::decode(&mut source, beneath).over(beneath);
            self.places.insert(name.clone(), source.span());
            source.finish();
            self.sources.insert(name, said);
        }
        self.usual = Said::habits(table).over(&self.usual);
    }
}
