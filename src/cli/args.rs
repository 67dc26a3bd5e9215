//! What may be typed behind several verbs. Only shapes: what the words mean in a workspace is decided where they are used.

mod limits;
mod reports;
pub mod values;

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::terminal::manner::Manner;

pub use limits::{Budget, Limits};
pub use reports::Reports;
pub use values::{Format, Size, When, duration, page_or_workbook, seconds, setting, size};

/// Flags of every verb.
#[derive(Clone, PartialEq, Eq, Debug, Default, Args)]
#[command(next_help_heading = "Everywhere")]
pub struct Global {
    /// The workspace, which is the folder with the pipelines; other paths stay relative to the current folder [default: the current folder or the nearest parent folder that contains `hotpass.toml` or `pipelines/`]
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub directory: Option<PathBuf>,
    /// The profile (a list of fields and words) to use, instead of the profile that each pipeline names
    #[arg(long, value_name = "NAME", global = true)]
    pub profile: Option<String>,
    /// A value for a declared parameter; may be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = setting, global = true)]
    pub set: Vec<(String, String)>,
    /// The environment (a separate set of published files) to use; `hotpass.toml` declares its name
    #[arg(long = "env", value_name = "NAME", global = true)]
    pub environment: Option<String>,
    /// A folder outside the workspace that hotpass may read, relative to the workspace; may be given several times
    #[arg(long, value_name = "DIR", global = true)]
    pub allow: Vec<PathBuf>,
    /// The format of the output: `human` (text, the default) or `json` (one JSON object for each line); if a command takes other formats, the first line of its help lists them
    #[arg(long, value_enum, default_value_t, hide_default_value = true, value_name = "FORMAT", global = true)]
    pub format: Format,
    /// When to use colour
    #[arg(long, value_enum, default_value_t, hide_default_value = true, value_name = "WHEN", global = true)]
    pub color: When,
    /// Print less
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print more
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

impl Global {
    /// `--set` by key; of two values for one key the last counts.
    pub fn settings(&self) -> BTreeMap<String, String> {
        self.set.iter().cloned().collect()
    }

    /// In which manner is answered.
    pub fn manner(&self) -> Manner {
        let json = self.format == Format::Json;
        Manner { json, color: self.color, quiet: self.quiet, verbose: self.verbose }
    }
}

/// Which tables and artefacts.
#[derive(Clone, PartialEq, Eq, Debug, Default, Args)]
pub struct Selected {
    /// Steps and exports, as described at the end; by default all of them
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    /// Leave these targets out; may be given several times
    #[arg(long, value_name = "TARGET")]
    pub exclude: Vec<String>,
}

/// What verbs take that look at a part of the plan.
#[derive(Clone, PartialEq, Eq, Debug, Default, Args)]
#[command(after_help = SELECTORS)]
pub struct Targets {
    /// Which tables and artefacts.
    #[command(flatten)]
    pub selected: Selected,
    /// What planning may take.
    #[command(flatten)]
    pub budget: Budget,
}

/// What targets may be, for help.
pub const SELECTORS: &str = "\
Targets: `name` or `pipeline.name` of a step or export, or a pattern such as `crm.*`. `+name` adds everything from which `name` is computed \
(upstream), `name+` everything that is computed from `name` (downstream). `2+name` adds two levels upstream, `name+1` one level downstream; `@name` \
adds everything downstream, and everything that those steps need. `kind:map`, `tag:x`, `source:x`, `export:x`, `path:x` and `column:x` select by a property; \
`changed` selects what a build would run. `a,b` selects what is in `a` and also in `b`. To select everything from either, write them as two arguments.";

/// What ends a build with a failure.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum FailOn {
    /// Errors only.
    #[default]
    Error,
    /// Warnings and rows set aside too.
    Warn,
}
