//! What came of making artefacts again.

use crate::plan::ExportId;
use std::collections::BTreeMap;

/// What making an artefact again came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The bytes are the same.
    Same,
    /// They are not: which column or artefact is the first that is another, in words.
    Other(String),
    /// It cannot be told, and why.
    Untold(String),
}

/// Verdicts by export, as an index into [`crate::plan::Plan::exports`].
pub type Verdicts = BTreeMap<ExportId, Verdict>;
