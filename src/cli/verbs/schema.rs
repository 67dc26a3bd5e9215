//! `hotpass schema`: the schemas of what is written and of what is answered.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::answers::schema;
use crate::cli::verb::{Act, Answer, Call, Ended, views};
use crate::schema::NAMES;

/// Print JSON Schemas: for TOML files in editors, and for the JSON output of hotpass
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct Schema {
    /// The kind of file; `answers` means the lines that `--format json` prints
    #[arg(value_name = "FILE", value_parser = NAMES, default_value = NAMES[0])]
    document: String,
    /// Write the schemas of all kinds into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "document")]
    out: Option<PathBuf>,
}

impl Act for Schema {
    fn apart(&self, call: &Call<'_>) -> Option<Ended> {
        Some(self.schema(call))
    }
}

impl Schema {
    fn schema(&self, call: &Call<'_>) -> Ended {
        let Some(out) = &self.out else { return Ok(Answer::raw(schema::schema(&self.document))) };
        let here = call.global.directory.as_deref().unwrap_or(Path::new(""));
        let written = schema::write_all(here, out).map_err(|why| call.unanswered(here, why.into()))?;
        Ok(call.shown(&written, |it, _| views::schema::written(it)))
    }
}
