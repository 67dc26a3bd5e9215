//! `hotpass cluster`: spellings of one value, and a lookup that says so.

use clap::{Args, ValueEnum};

use crate::answers::cluster;
use crate::cli::verb::{Act, Asked, Budget, Call, Ended, Limits, views};
use crate::text::alike::Alike;
use crate::text::sounds::Sound;

/// Find different spellings of the same value in a column, and propose a lookup: a list that replaces spellings by one value
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct Cluster {
    /// The table: a source or a step
    table: String,
    /// Its column
    column: String,
    /// The lookup that gets the spellings [default: the name of the column]
    #[arg(long, value_name = "NAME")]
    lookup: Option<String>,
    /// What the spellings have in common, as listed below; may be given several times [default: words, pairs and near]
    #[arg(long, value_enum, value_name = "WAY")]
    by: Vec<Way>,
    /// Write the lookup into the pipeline
    #[arg(long)]
    write: bool,
    #[command(flatten)]
    budget: Budget,
}

impl Act for Cluster {
    fn limits(&self) -> Limits {
        self.budget.into()
    }

    fn act(&self, call: &Call<'_>, asked: Asked) -> Ended {
        call.look(&asked, |of| {
            let (table, column, lookup) = (self.table.as_str(), self.column.as_str(), self.lookup.as_deref());
            let request = cluster::Request { table, column, lookup, by: &ways(&self.by), write: self.write };
            let found = cluster::cluster(of, &request)?;
            let answer = call.shown(&found, |it, _| it.difference.clone());
            Ok(answer.noted(call.manner(), || views::cluster::notes(&found, column, self.write)))
        })
    }
}

/// How values are found to be one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Way {
    /// The same words in any order
    Words,
    /// The same pairs of letters
    Pairs,
    /// A letter or two differ
    Near,
    /// They sound alike in English
    Metaphone,
    /// They sound alike, for names of several origins
    DoubleMetaphone,
    /// They sound alike in German
    Cologne,
    /// They sound alike, for surnames in English
    Nysiis,
}

fn ways(by: &[Way]) -> Vec<Alike> {
    let way = |it: &Way| match it {
        Way::Words => Alike::Words,
        Way::Pairs => Alike::Pairs,
        Way::Near => Alike::Near,
        Way::Metaphone => Alike::Sounds(Sound::Metaphone),
        Way::DoubleMetaphone => Alike::Sounds(Sound::DoubleMetaphone),
        Way::Cologne => Alike::Sounds(Sound::Cologne),
        Way::Nysiis => Alike::Sounds(Sound::Nysiis),
    };
    if by.is_empty() { Alike::ALL.to_vec() } else { by.iter().map(way).collect() }
}
