//! All verbs: each is a file of this folder, with its flags and what is done, and a line of the list.

pub mod adopt;
pub mod archive;
pub mod attest;
pub mod build;
pub mod check;
pub mod cluster;
pub mod completions;
pub mod contract;
pub mod diff;
pub mod docs;
pub mod doctor;
pub mod env;
pub mod expect;
pub mod explain;
pub mod gate;
pub mod gc;
pub mod graph;
pub mod init;
pub mod link;
pub mod list;
pub mod man;
pub mod plan;
pub mod profile;
pub mod query;
pub mod refine;
pub mod schema;
pub mod show;
pub mod test;
pub mod verify;
pub mod watch;

use clap::{Parser, Subcommand};

use crate::cli::args::Global;
use crate::cli::verb::Act;

/// Declares the verbs, in the order of the help.
macro_rules! verbs {
    ($($(#[$attribute:meta])* $name:ident($flags:ty),)*) => {
        /// What to do.
        #[derive(Clone, PartialEq, Debug, Subcommand)]
        #[expect(missing_docs, reason = "each has the doc of its flags, which is its help too")]
        pub enum Verb {
            $($(#[$attribute])* $name($flags),)*
        }

        impl Verb {
            pub(super) fn acts(&self) -> &dyn Act {
                match self {
                    $(Verb::$name(it) => it,)*
                }
            }
        }
    };
}

verbs! {
    Build(build::Build),
    Watch(watch::Watch),
    Check(check::Check),
    Plan(plan::Plan),
    Explain(explain::Explain),
    Show(show::Show),
    Diff(diff::Diff),
    Docs(docs::Docs),
    Gate(gate::Gate),
    List(list::List),
    Query(query::Query),
    Test(test::Test),
    Adopt(adopt::Adopt),
    Cluster(cluster::Cluster),
    #[command(subcommand)]
    Link(link::Link),
    #[command(subcommand)]
    Contract(contract::Contract),
    #[command(subcommand)]
    Profile(profile::Profile),
    #[command(subcommand)]
    Expect(expect::Expect),
    #[command(subcommand)]
    Env(env::Env),
    Graph(graph::Graph),
    Verify(verify::Verify),
    Archive(archive::Archive),
    Attest(attest::Attest),
    Gc(gc::Gc),
    Init(init::Init),
    Refine(refine::Refine),
    Doctor(doctor::Doctor),
    Schema(schema::Schema),
    Completions(completions::Completions),
    Man(man::Man),
}

/// The whole command line.
#[derive(Clone, PartialEq, Debug, Parser)]
#[command(
    name = "hotpass",
    version,
    about = "Cleans, checks and publishes tables from messy spreadsheets, and recomputes only what changed",
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
