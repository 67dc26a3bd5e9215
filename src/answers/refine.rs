//! `hotpass refine`: which sheets of a folder are sources of the shipped pipeline, and the pipeline for just these.

pub(crate) mod concrete;
pub(crate) mod folder;
pub(crate) mod recognise;
pub(crate) mod report;

use serde::Serialize;

/// A sheet that was taken for a source.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "refine.source")]
pub(crate) struct Recognised {
    pub(crate) source: String,
    pub(crate) place: String,
    pub(crate) score: f64,
}

/// A file that was put in place.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "refine.artefact")]
pub(crate) struct Placed {
    pub(crate) path: String,
    pub(crate) bytes: u64,
}
