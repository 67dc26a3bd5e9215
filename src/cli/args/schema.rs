//! `hotpass schema`: what may be typed behind it.

use std::path::PathBuf;

use clap::Args;

use crate::schema::DOCUMENTS;

/// `hotpass schema`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct Schema {
    /// The kind of file
    #[arg(value_name = "FILE", value_parser = DOCUMENTS.map(|it| it.name), default_value = DOCUMENTS[0].name)]
    pub document: String,
    /// Write those of all kinds into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "document")]
    pub out: Option<PathBuf>,
}
