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
    /// A folder outside of the workspace that it may read, as seen from the workspace; may be given several times
    #[arg(long, value_name = "DIR", global = true)]
    pub allow: Vec<PathBuf>,
    /// For people, or one JSON object a line
    #[arg(long, value_enum, default_value_t, hide_default_value = true, value_name = "FORMAT", global = true)]
    pub format: Format,
    /// When to use colour
    #[arg(long, value_enum, default_value_t, hide_default_value = true, value_name = "WHEN", global = true)]
    pub color: When,
    /// Say less
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more
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
    /// Make what is not made, check it, publish it
    Build(Build),
    /// Build, and build again at each change of what was read
    Watch(Watch),
    /// Find every problem without reading a row
    Check(Check),
    /// Tell what would run, what would be reused, and why
    Plan(Targets),
    /// Tell why a step runs, or where a column comes from
    Explain(Explain),
    /// Show the first rows of a table, and what its columns hold
    Show(Show),
    /// Tell what differs between a table as it was and as it is
    Diff(Diff),
    /// Write Data Docs of what is built now, also where a check failed
    Docs(Docs),
    /// Tell what gates ask for, and whether it holds of what is built
    Gate(Gate),
    /// List pipelines, steps, kinds, exports and profiles with their state
    List(Targets),
    /// Read the tables of steps with SQL
    Query(Query),
    /// Try the tests of steps that stand in `tests/`
    Test(Test),
    /// Write what was detected or guessed into the pipeline, as a difference first
    Adopt(Adopt),
    /// Propose a lookup for the spellings of one value in a column
    Cluster(Cluster),
    /// Keep what a step learnt that finds rows that are one, tell why two rows are one, and ask people
    #[command(subcommand)]
    Link(Link),
    /// List, check, emit, compare and convert contracts
    #[command(subcommand)]
    Contract(Contract),
    /// List, show, look over and convert profiles
    #[command(subcommand)]
    Profile(Profile),
    /// Convert checks of other tools into expectations
    #[command(subcommand)]
    Expect(Expect),
    /// List environments, compare two, and promote what one has built to another
    #[command(subcommand)]
    Env(Env),
    /// Draw the steps, coloured and marked by their state
    #[command(before_help = "Formats: `--format svg`, `mermaid`, `dot` or `json`; `mermaid` unless one is given.")]
    Graph(Targets),
    /// Tell whether what is published is what was recorded
    Verify(Verify),
    /// Write the exact inputs of the last build as one file
    Archive(Archive),
    /// State what was made from what, signed
    Attest(Attest),
    /// Drop what no build needs any more
    Gc(Gc),
    /// Write a small workspace that builds at once
    Init(Init),
    /// Refine a folder of workbooks without a workspace, by the pipeline that comes with hotpass
    Refine(Refine),
    /// Tell what is missing or odd here, with the remedy
    Doctor,
    /// Print the JSON Schema by which editors complete and check TOML files
    Schema(Schema),
    /// Print the script that completes verbs, flags and names in a shell
    Completions(Completions),
    /// Print the manual page of hotpass, or of a verb, for `man -l -`
    Man(Man),
}

/// Which tables and artefacts.
#[derive(Clone, PartialEq, Eq, Debug, Default, Args)]
pub struct Selected {
    /// Steps and exports; everything when there is none
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    /// Leave these out of what is named; may be given several times
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
Targets: a step or export, `pipeline.step`, `+name` with all it needs, `name+` with all that needs it, \
`2+name`, `name+1`, `@name`, `kind:map`, `tag:x`, `source:x`, `export:x`, `path:x`, `column:x`, `changed`, or a glob \
such as `crm.*`; a comma takes what both sides name.";

/// `hotpass build`.
#[derive(Clone, PartialEq, Debug, Default, Args)]
#[command(after_help = SELECTORS)]
pub struct Build {
    /// Which tables and artefacts.
    #[command(flatten)]
    pub selected: Selected,
    /// How many steps run at a time [default: one for each processor]
    #[arg(long, short, value_name = "N", env = "HOTPASS_JOBS", hide_env_values = true)]
    pub jobs: Option<NonZeroUsize>,
    /// Make what is made already again: everything that is asked for, or the steps named
    #[arg(long, value_name = "STEP", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    force: Vec<String>,
    /// Go on with steps that do not need the one that failed
    #[arg(long)]
    pub keep_going: bool,
    /// Replace what stands where artefacts go, though hotpass did not write it
    #[arg(long)]
    pub overwrite: bool,
    /// Replace what is published with what these values of `--set` and `--profile` give
    #[arg(long)]
    pub publish: bool,
    /// The least that makes the build end with a failure
    #[arg(long, value_enum, default_value_t, value_name = "SEVERITY")]
    pub fail_on: FailOn,
    /// What it may take.
    #[command(flatten)]
    pub limits: Limits,
    /// Where the engine puts what does not fit into memory
    #[arg(long, value_name = "DIR")]
    pub spill: Option<PathBuf>,
    /// Tell what would run and run nothing, as `plan` does
    #[arg(long)]
    pub dry_run: bool,
    /// Publish nothing unless all is as `hotpass.lock` has it
    #[arg(long)]
    pub locked: bool,
    /// Write every event as a line of JSON to this file
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
    /// Warnings and quarantined rows too.
    Warn,
}

/// `hotpass explain`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct Explain {
    /// The code of a problem, a step (`pipeline.step`), a column of its table (`step.column`), one cell (`step:KEY.column`) or record (`step:KEY`)
    pub subject: String,
    /// What it may take.
    #[command(flatten)]
    pub budget: Budget,
}

/// `hotpass diff`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
#[command(after_help = RUNS)]
pub struct Diff {
    /// The step or source; selectors for several
    #[arg(value_name = "STEP", required = true)]
    pub steps: Vec<String>,
    /// The run it is compared with [default: the last one that left something else]
    #[arg(long, value_name = "RUN")]
    pub from: Option<String>,
    /// The run that is compared [default: the table as it stands]
    #[arg(long, value_name = "RUN")]
    pub to: Option<String>,
    /// Compare with another workspace, such as a checkout of another branch; `--from` is then a run of it
    #[arg(long, value_name = "DIR")]
    pub against: Option<PathBuf>,
    /// Columns that tell rows apart [default: the key of the table, else whole rows]
    #[arg(long, value_name = "COLUMN", value_delimiter = ',')]
    pub by: Vec<String>,
    /// The rows that the step set aside
    #[arg(long)]
    pub rejected: bool,
    /// How many rows; a workbook has all [default: 20, in a page 1000, as JSON all]
    #[arg(long, short = 'n', value_name = "N")]
    pub rows: Option<u64>,
    /// Write it as a page (`.html`) or a workbook (`.xlsx`)
    #[arg(long, short, value_name = "FILE", value_parser = page_or_workbook)]
    pub output: Option<PathBuf>,
    /// Show personal data as it is
    #[arg(long)]
    pub unmasked: bool,
    /// What it may take.
    #[command(flatten)]
    pub budget: Budget,
}

const RUNS: &str = "\
Runs: `now` is the table as the pipelines stand, `last` the last run, `last~1` the one before, and the beginning of \
the name of a run is enough. `git:REV` is the table as a branch, a tag or a commit makes it.";

/// `hotpass test`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Args)]
#[command(
    after_help = "Tests: by name, or by the step they are about: `pipeline.step`, `kind:map`, `tag:x`, `+name`, or a glob."
)]
pub struct Test {
    /// Tests, or steps whose tests are wanted; all when there is none
    #[arg(value_name = "TEST|STEP")]
    pub targets: Vec<String>,
    /// Write what came out into the tests that expected something else
    #[arg(long)]
    pub update: bool,
    /// Print a test made of rows of the last build, with made-up values for personal ones
    #[arg(long, value_name = "STEP", conflicts_with_all = ["targets", "update"])]
    pub scaffold: Option<String>,
    /// How many rows of the step
    #[arg(long, value_name = "N", default_value_t = 3, requires = "scaffold")]
    pub rows: u64,
    /// Write the results as JUnit's XML to this file
    #[arg(long, value_name = "FILE")]
    pub report_junit: Option<PathBuf>,
    /// What it may take.
    #[command(flatten)]
    pub limits: Limits,
}

/// `hotpass adopt`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct Adopt {
    /// Sources, with the steps that map them, and `map` steps; everything when there is none
    #[arg(value_name = "SOURCE|STEP")]
    pub targets: Vec<String>,
    /// Write it
    #[arg(long)]
    pub write: bool,
}

/// `hotpass gc`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Args)]
pub struct Gc {
    /// How many of the last runs keep what they made
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub keep_runs: u64,
    /// Drop the oldest until no more than this is left
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub max_size: Option<Size>,
    /// Tell what would be dropped and drop nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `hotpass init`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct Init {
    /// What the workspace begins with
    #[arg(long, value_name = "NAME", default_value = DEFAULT)]
    pub template: String,
    /// Look at these workbooks, and propose sources, mapping and checks for them
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "template")]
    pub from: Vec<PathBuf>,
    /// Overwrite files that are there
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
    /// The verb; without one, the page of hotpass
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
