//! What may be typed. Only shapes: what the words mean in a workspace is decided where they are used.

mod check;
pub mod cluster;
mod contract;
mod docs;
mod env;
mod expect;
mod gate;
mod limits;
mod link;
mod profile;
pub mod query;
mod refine;
mod reports;
mod schema;
mod show;
mod values;
pub mod verb_name;
mod verify;
mod watch;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::terminal::manner::Manner;

pub use check::Check;
pub use cluster::Cluster;
pub use contract::Contract;
pub use docs::Docs;
pub use env::Env;
pub use expect::Expect;
pub use gate::Gate;
pub use limits::{Budget, Limits};
pub use link::{ExplainPair, Link, LinkPlan, LinkReport, Measure, Review, Train};
pub use profile::Profile;
pub use query::Query;
pub use refine::Refine;
pub use reports::Reports;
pub use schema::Schema;
pub use show::Show;
pub use values::{Format, Size, When, duration, page_or_workbook, seconds, setting, size};
pub use verify::{Archive, Attest, Verify};
pub use watch::Watch;

/// The whole command line.
#[derive(Clone, PartialEq, Debug, Parser)]
#[command(
    name = "hotpass",
    version,
    about = "Turns messy spreadsheets into governed data, the way a build system turns sources into binaries",
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub struct Cli {
    /// Flags of every verb.
    #[command(flatten)]
    pub global: Global,
    /// The verb; without one, an overview is shown.
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

/// Flags of every verb.
#[derive(Clone, PartialEq, Eq, Debug, Default, Args)]
#[command(next_help_heading = "Everywhere")]
pub struct Global {
    /// The workspace [default: the nearest folder upward with `hotpass.toml` or `pipelines/`]
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub directory: Option<PathBuf>,
    /// The profile, instead of the one that each pipeline names
    #[arg(long, value_name = "NAME", global = true)]
    pub profile: Option<String>,
    /// A value for a declared parameter; may be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = setting, global = true)]
    pub set: Vec<(String, String)>,
    /// The environment, one that `hotpass.toml` declares
    #[arg(long = "env", value_name = "NAME", global = true)]
    pub environment: Option<String>,
    /// A folder outside of the workspace that hotpass may read, relative to the workspace; may be given several times
    #[arg(long, value_name = "DIR", global = true)]
    pub allow: Vec<PathBuf>,
    /// The format of the output: `human` (text, the default) or `json` (one JSON object for each line); if a verb takes other formats, the first line of its help lists them
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

/// What to do.
#[derive(Clone, PartialEq, Debug, Subcommand)]
pub enum Verb {
    /// Run the steps that are out of date, check the results, publish the exports
    Build(Build),
    /// Build, and build again each time an input file of the build changes
    Watch(Watch),
    /// Find problems in pipelines and profiles without reading rows of data
    Check(Check),
    /// Show which steps a build would run, which it would reuse, and why
    Plan(Targets),
    /// Explain why a step runs, where a column or a cell comes from, or what a problem means
    Explain(Explain),
    /// Show the first rows of a table and a summary of its columns
    Show(Show),
    /// Compare a table with an earlier version of it
    Diff(Diff),
    /// Write Data Docs of the last build, also if a check failed
    Docs(Docs),
    /// Show the gates, and whether the last build meets them
    Gate(Gate),
    /// List pipelines, steps, kinds of steps, exports and profiles with their state
    List(Targets),
    /// Query the tables of sources and steps with SQL
    Query(Query),
    /// Run the tests of steps that are in `tests/`
    Test(Test),
    /// Show the lines that would write detected and guessed settings into the pipeline; `--write` writes them
    Adopt(Adopt),
    /// Find different spellings of the same value in a column, and propose a lookup
    Cluster(Cluster),
    /// Work on steps that find duplicates: save the learnt model, explain matches, review pairs
    #[command(subcommand)]
    Link(Link),
    /// List, check, emit, compare and convert contracts
    #[command(subcommand)]
    Contract(Contract),
    /// List, show, check and convert profiles
    #[command(subcommand)]
    Profile(Profile),
    /// Convert checks from other tools into expectations
    #[command(subcommand)]
    Expect(Expect),
    /// List environments, compare two, and promote the results of one to another
    #[command(subcommand)]
    Env(Env),
    /// Draw a graph of the steps with their state
    #[command(before_help = "Formats of this verb: `--format` takes `mermaid` (the default), `svg`, `dot` and `json`.")]
    Graph(Targets),
    /// Check that the published files are the files that were recorded
    Verify(Verify),
    /// Write the exact inputs of the last build into one file
    Archive(Archive),
    /// Write an attestation of the artefacts and their inputs, signed if there is a key
    Attest(Attest),
    /// Delete stored data that no recent build needs
    Gc(Gc),
    /// Write a small workspace that you can build immediately
    Init(Init),
    /// Clean a folder of workbooks with the pipeline that comes with hotpass; no workspace is needed
    Refine(Refine),
    /// Report problems of the workspace, the store and the installation, and how to solve them
    Doctor,
    /// Print JSON Schemas: for TOML files in editors, and for the JSON output of hotpass
    Schema(Schema),
    /// Print the script for completion of verbs, flags and names in a shell
    Completions(Completions),
    /// Print the manual page of hotpass, or of a verb, for `man -l -`
    Man(Man),
}

/// Which tables and artefacts.
#[derive(Clone, PartialEq, Eq, Debug, Default, Args)]
pub struct Selected {
    /// Steps and exports; by default all of them
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

const SELECTORS: &str = "\
Targets: `name` or `pipeline.name` of a step or export, or a glob such as `crm.*`. `+name` adds everything upstream, \
`name+` everything downstream; `2+name` adds two levels upstream, `name+1` one level downstream; `@name` adds everything \
downstream, and everything that those steps need. `kind:map`, `tag:x`, `source:x`, `export:x`, `path:x` and `column:x` select by a \
property, and `changed` selects what a build would run. `a,b` selects only what both `a` and `b` select; for all of both, give two targets.";

/// `hotpass build`.
#[derive(Clone, PartialEq, Debug, Default, Args)]
#[command(after_help = SELECTORS)]
pub struct Build {
    /// Which tables and artefacts.
    #[command(flatten)]
    pub selected: Selected,
    /// How many steps run at the same time [default: one for each processor]
    #[arg(long, short, value_name = "N", env = "HOTPASS_JOBS", hide_env_values = true)]
    pub jobs: Option<NonZeroUsize>,
    /// Run steps even if they are up to date: all targets, or only the steps named here
    #[arg(long, value_name = "STEP", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    force: Vec<String>,
    /// After a failure, continue with the steps that do not depend on the failed step
    #[arg(long)]
    pub keep_going: bool,
    /// Replace files at the paths of artefacts even if hotpass did not write them
    #[arg(long)]
    pub overwrite: bool,
    /// Replace artefacts that were published with other values of `--set` or `--profile`; by default, the build refuses this
    #[arg(long)]
    pub publish: bool,
    /// The lowest severity that gives an exit code other than 0; with `warn`, a build with warnings publishes and ends with 4
    #[arg(long, value_enum, default_value_t, value_name = "SEVERITY")]
    pub fail_on: FailOn,
    /// What it may take.
    #[command(flatten)]
    pub limits: Limits,
    /// A folder for temporary data that does not fit into memory
    #[arg(long, value_name = "DIR")]
    pub spill: Option<PathBuf>,
    /// Show what would run, and run nothing, as `plan` does
    #[arg(long)]
    pub dry_run: bool,
    /// Fail if anything differs from `hotpass.lock`, and publish nothing then
    #[arg(long)]
    pub locked: bool,
    /// Write every event to this file, one JSON object for each line
    #[arg(long, value_name = "FILE")]
    pub events: Option<PathBuf>,
    /// Where it is reported.
    #[command(flatten)]
    pub reports: Reports,
}

impl Build {
    /// `--force` and `--force=STEP`: everything that is asked for, or what these selectors name.
    pub fn force(&self) -> Option<Vec<String>> {
        match self.force.as_slice() {
            [] => None,
            words if words.iter().any(String::is_empty) => Some(self.selected.targets.clone()),
            words => Some(words.to_vec()),
        }
    }
}

/// What ends a build with a failure.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum FailOn {
    /// Errors only.
    #[default]
    Error,
    /// Warnings and rows set aside too.
    Warn,
}

/// `hotpass explain`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct Explain {
    /// One of: the code of a problem; a step (`pipeline.step`); a column (`step.column`); a record (`step:KEY`); a cell (`step:KEY.column`); a gate (`gate:NAME`)
    pub subject: String,
    /// What it may take.
    #[command(flatten)]
    pub budget: Budget,
}

/// `hotpass diff`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
#[command(after_help = RUNS)]
pub struct Diff {
    /// A step or a source; or targets, as for `build`, to compare several tables
    #[arg(value_name = "STEP", required = true)]
    pub steps: Vec<String>,
    /// The earlier run [default: the latest run in which this table was different]
    #[arg(long, value_name = "RUN")]
    pub from: Option<String>,
    /// The later run [default: the table as it is now]
    #[arg(long, value_name = "RUN")]
    pub to: Option<String>,
    /// Compare with another workspace, such as a checkout of another branch; `--from` is then a run of that workspace
    #[arg(long, value_name = "DIR")]
    pub against: Option<PathBuf>,
    /// Columns that identify a row [default: the key of the table, else all columns]
    #[arg(long, value_name = "COLUMN", value_delimiter = ',')]
    pub by: Vec<String>,
    /// Compare the rows that the step set aside
    #[arg(long)]
    pub rejected: bool,
    /// The largest number of rows; a workbook always has all rows [default: 20; 1000 in a page; all rows in JSON]
    #[arg(long, short = 'n', value_name = "N")]
    pub rows: Option<u64>,
    /// Write the result as an HTML page (`.html`) or a workbook (`.xlsx`)
    #[arg(long, short, value_name = "FILE", value_parser = page_or_workbook)]
    pub output: Option<PathBuf>,
    /// Show personal data without masking
    #[arg(long)]
    pub unmasked: bool,
    /// What it may take.
    #[command(flatten)]
    pub budget: Budget,
}

const RUNS: &str = "\
Runs: `now` is the current table, which must be up to date, `last` the last run, `last~1` the run before it. The first \
characters of the name of a run are enough. `git:REV` is the table that a branch, a tag or a commit gives.";

/// `hotpass test`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Args)]
#[command(
    after_help = "Tests: by name, or by the step they are about: `pipeline.step`, `kind:map`, `tag:x`, `+name`, or a glob."
)]
pub struct Test {
    /// Tests, or steps whose tests should run; by default all tests
    #[arg(value_name = "TEST|STEP")]
    pub targets: Vec<String>,
    /// Write the actual results into the tests that failed
    #[arg(long)]
    pub update: bool,
    /// Print a test made from rows of the last build; personal values are replaced by made-up values
    #[arg(long, value_name = "STEP", conflicts_with_all = ["targets", "update"])]
    pub scaffold: Option<String>,
    /// The largest number of rows in the test
    #[arg(long, value_name = "N", default_value_t = 3, requires = "scaffold")]
    pub rows: u64,
    /// Write the results in the XML format of JUnit to this file
    #[arg(long, value_name = "FILE")]
    pub report_junit: Option<PathBuf>,
    /// What it may take.
    #[command(flatten)]
    pub limits: Limits,
}

/// `hotpass adopt`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct Adopt {
    /// Sources and `map` steps; a source includes the steps that map it; by default all of them
    #[arg(value_name = "SOURCE|STEP")]
    pub targets: Vec<String>,
    /// Write the change into the files
    #[arg(long)]
    pub write: bool,
}

/// `hotpass gc`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Args)]
pub struct Gc {
    /// How many of the latest runs keep their data
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub keep_runs: u64,
    /// Delete the data of the oldest runs until the store is not larger than this
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub max_size: Option<Size>,
    /// Show what would be deleted, and delete nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `hotpass init`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct Init {
    /// The template of the workspace
    #[arg(long, value_name = "NAME", default_value = DEFAULT)]
    pub template: String,
    /// Read these files, and propose sources, a mapping and checks for them
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "template")]
    pub from: Vec<PathBuf>,
    /// Overwrite existing files
    #[arg(long)]
    pub force: bool,
    /// What looking at them may take.
    #[command(flatten)]
    pub limits: Limits,
}

/// `hotpass completions`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct Completions {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// `hotpass man`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct Man {
    /// The verb; by default the page of hotpass itself
    #[arg(value_parser = verb_name::verb)]
    pub verb: Option<String>,
}

/// Reads the command line. An error knows its stream and number: help and version are 0 on stdout, usage is 2 on
/// stderr.
pub fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let cli = Cli::try_parse_from(words).map_err(verb_name::suggested)?;
    let picture = matches!(cli.global.format, Format::Svg | Format::Mermaid | Format::Dot);
    let drawn = match &cli.verb {
        Some(Verb::Graph(_)) => true,
        Some(Verb::Link(Link::Explain(_))) => cli.global.format == Format::Svg,
        _ => false,
    };
    if picture && !drawn {
        let message = "`hotpass graph` draws pictures, and `hotpass link explain` draws `svg`; `--format` takes `human` \
                       or `json` here";
        return Err(Cli::command().error(ErrorKind::InvalidValue, message));
    }
    let plain = matches!(cli.global.format, Format::Human | Format::Json);
    let emits = matches!(cli.verb, Some(Verb::Contract(Contract::Emit { .. })));
    let table = matches!(cli.global.format, Format::Csv | Format::Markdown | Format::Box);
    if table && matches!(cli.verb, Some(Verb::Query(_) | Verb::Show(_))) {
        return Ok(cli);
    }
    if table && !(emits && cli.global.format == Format::Markdown) {
        let message = "`query` and `show` take `csv`, `markdown` and `box`; `--format` takes `human` or `json` here";
        return Err(Cli::command().error(ErrorKind::InvalidValue, message));
    }
    if !plain && !picture && !emits || cli.global.format == Format::Json && emits {
        let message = "`contract emit` takes `table-schema`, `json-schema`, `odcs`, `csvw`, `sql`, `markdown` or `toml`; \
                       `--format` takes `human` or `json` elsewhere";
        return Err(Cli::command().error(ErrorKind::InvalidValue, message));
    }
    Ok(cli)
}

/// The template that is written unless another one is named.
pub const DEFAULT: &str = "contacts";
