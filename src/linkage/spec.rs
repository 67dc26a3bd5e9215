//! What linkage is asked and what it answers: comparisons, blocks and decisions in, pairs and clusters out.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::cells::Cells;
pub(super) use super::comparison::MOST_COMPARISONS;
pub use super::comparison::{Comparison, Kind, Relation, Role};
use super::model::{Model, Pattern};

/// Below this probability of a match clusters may hold together by pairs that are none.
pub(super) const LEAST: f64 = 0.06;

/// What of a value two rows must have in common.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// The folded value.
    Whole,
    /// Its first characters, so many.
    Prefix(u8),
    /// How its first word sounds, roughly.
    Sound,
    /// Any of its three most distinctive words.
    Words,
    /// For a date the year, for an e-mail address what stands before `@`, for an address its number and street.
    Part,
}

/// One part of a block.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// A form of a compared column, by its place in [`Spec::compare`].
    Compared(u32, Form),
    /// A column of [`Table::keys`], by its place there.
    Given(u32),
}

/// Rows that agree on all keys are compared.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Block {
    /// What the rows have in common; a row without one of them is in no block of this rule.
    pub on: Vec<Key>,
}

/// Words of languages, countries and trades, from lookups and profiles. All may be empty.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lexicon {
    /// Legal forms of organisations, each one or several words.
    pub legal_forms: Vec<String>,
    /// What stands between two names of one organisation: `trading as`.
    pub aliases: Vec<String>,
    /// Short forms of words and what they stand for.
    pub abbreviations: BTreeMap<String, String>,
    /// Groups of given names that people use for each other.
    pub nicknames: Vec<Vec<String>>,
    /// Hosts of mailboxes that anybody may have.
    pub free_mail: Vec<String>,
    /// What stands before `@` in mailboxes of offices.
    pub role_mailboxes: Vec<String>,
}

/// What is to be resolved, and how.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The compared columns.
    pub compare: Vec<Comparison>,
    /// The rules for candidate pairs; empty = found automatically.
    pub block: Vec<Block>,
    /// Pairs of at least this probability are matches; default 0.5.
    pub match_at: f64,
    /// Pairs of at least this probability are worth a review; default 0.05.
    pub review_at: f64,
    /// Which sources are compared with which, `(a, a)` for rows of one; empty = all with all.
    pub between: Vec<(u32, u32)>,
    /// Sources of which a cluster has at most one row.
    pub unique_in: Vec<u32>,
    /// Comparisons, by place, in which two rows that are one never differ.
    pub never_differ: Vec<u32>,
    /// How pairs become clusters.
    pub clustering: Clustering,
    /// No cluster has more rows; default 100.
    pub max_size: u32,
    /// A block of more rows is split; default 500.
    pub max_block: u32,
    /// Candidate pairs for each row at most, on average; default 100.
    pub max_pairs: u32,
    /// What people decided.
    pub decisions: Vec<Decision>,
    /// Pairs that somebody asks about: they are compared and judged, and reach nothing else.
    pub asked: Vec<(u32, u32)>,
    /// The last of the verdicts whose pairs are told; default: of all. Pairs that are decided always are.
    pub told: Verdict,
    /// What the columns of [`Table::keys`] are called, for rules in words.
    pub key_names: Vec<String>,
    /// Words of the data's language and country.
    pub lexicon: Lexicon,
    /// Threads to use at most; the answer does not depend on it.
    pub threads: usize,
    /// When to stop.
    pub stop: Stop,
}

/// Asked now and then whether to stop. Once it says so, the answer comes soon and is of no use.
#[derive(Clone, Default)]
pub struct Stop(Option<Arc<dyn Fn() -> bool + Send + Sync>>);

impl Stop {
    /// Stops when this says so.
    pub fn when(asked: impl Fn() -> bool + Send + Sync + 'static) -> Stop {
        Stop(Some(Arc::new(asked)))
    }

    /// Whether to stop.
    pub fn is_asked(&self) -> bool {
        self.0.as_ref().is_some_and(|it| it())
    }
}

impl fmt::Debug for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stop").finish_non_exhaustive()
    }
}

impl Spec {
    /// Everything by default, with one thread.
    pub fn new(mut compare: Vec<Comparison>) -> Spec {
        let kinds: Vec<Kind> = compare.iter().map(|it| it.kind).collect();
        for it in compare.iter_mut().filter(|it| it.role == it.kind.role()) {
            it.role = it.kind.role_among(kinds.iter().copied());
        }
        Spec {
            compare,
            block: Vec::new(),
            match_at: 0.5,
            review_at: 0.05,
            between: Vec::new(),
            unique_in: Vec::new(),
            never_differ: Vec::new(),
            clustering: Clustering::Average,
            max_size: 100,
            max_block: 500,
            max_pairs: 100,
            decisions: Vec::new(),
            asked: Vec::new(),
            told: Verdict::Reject,
            key_names: Vec::new(),
            lexicon: Lexicon::default(),
            threads: 1,
            stop: Stop::default(),
        }
    }
}

impl Spec {
    /// Whether pairs of a verdict are told.
    pub(super) fn tells(&self, verdict: Verdict, decided: Option<Says>) -> bool {
        // Where clusters hold together by pairs that are none, they say why.
        verdict <= self.told || decided.is_some() || self.match_at < LEAST
    }
}

/// The rows, column by column.
#[derive(Clone, Default, Debug)]
pub struct Table {
    /// How many rows there are.
    pub rows: u32,
    /// One column a comparison, one value a row; `None` and blank text are missing values.
    pub columns: Vec<Cells>,
    /// Columns that only [`Key::Given`] names.
    pub keys: Vec<Cells>,
    /// The source of each row; empty = all of source 0.
    pub sources: Vec<u32>,
}

/// What somebody decided about two rows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Decision {
    /// A row.
    pub left: u32,
    /// Another row.
    pub right: u32,
    /// What they are.
    pub says: Says,
}

/// What a decision says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// One entity.
    Same,
    /// Two entities.
    Different,
}

/// Why nothing was resolved: specification and table do not fit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// There is nothing to compare, or there is more than one pattern holds.
    Comparisons {
        /// How many there are.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// Another number of columns than of comparisons.
    Columns {
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// A column, or the list of sources, with another number of values than there are rows.
    Rows {
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: u32,
    },
    /// A block without a key, or with one that is not there.
    Block {
        /// Its place in [`Spec::block`].
        block: usize,
    },
    /// [`Spec::never_differ`] names a comparison that is not there.
    Never {
        /// Its place.
        comparison: u32,
    },
    /// A decision about a row that is not there, or about a row and itself.
    Decision {
        /// Its place in [`Spec::decisions`].
        decision: usize,
    },
    /// A question about a row that is not there.
    Asked {
        /// Its place in [`Spec::asked`].
        asked: usize,
    },
    /// A threshold that is no probability.
    Threshold,
    /// The model was learnt with other comparisons.
    OtherModel,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Comparisons { found: 0, .. } => f.write_str("nothing is compared"),
            Fault::Comparisons { found, most } => write!(f, "{found} comparisons, and there may be {most}"),
            Fault::Columns { found, expected } => write!(f, "{found} columns for {expected} comparisons"),
            Fault::Rows { found, expected } => write!(f, "{found} values for {expected} rows"),
            Fault::Block { block } => write!(f, "block {} has no key, or one that is not there", block + 1),
            Fault::Never { comparison } => write!(f, "there is no comparison {comparison}"),
            Fault::Decision { decision } => write!(f, "decision {} is not about two rows of the table", decision + 1),
            Fault::Asked { asked } => write!(f, "question {} is not about rows of the table", asked + 1),
            Fault::Threshold => f.write_str("a threshold is a probability from 0 to 1"),
            Fault::OtherModel => f.write_str("the model was learnt with other comparisons"),
        }
    }
}

/// What becomes of a pair.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// At or above [`Spec::match_at`], or decided.
    Match,
    /// At or above [`Spec::review_at`].
    Review,
    /// Below both, and most likely [`Relation::Related`] or [`Relation::Branch`].
    Related,
    /// Below both, or decided.
    Reject,
}

/// Two rows that were compared.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Pair {
    /// The lesser row.
    pub left: u32,
    /// The greater row.
    pub right: u32,
    /// log2 of the odds that the two are one.
    pub weight: f64,
    /// The same as a probability.
    pub probability: f64,
    /// Its place in [`Model::patterns`].
    pub pattern: u32,
    /// Which rules found it, one bit each; 0 = compared because its rows lie in one component, or
    /// because it is decided.
    pub rules: u64,
    /// The likeliest relation.
    pub relation: Relation,
    /// What becomes of it, before clusters are formed.
    pub verdict: Verdict,
    /// What somebody decided of it.
    pub decided: Option<Says>,
}

/// What one rule for candidates brought.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Rule {
    /// The keys; empty for the rule of likeness.
    pub on: Vec<Key>,
    /// For the rule of likeness the compared column.
    pub like: Option<u32>,
    /// The rule in words: `surname (sound) + born`.
    pub name: String,
    /// Pairs that it found.
    pub pairs: u64,
    /// Pairs that only it found.
    pub alone: u64,
    /// The rows of its largest block.
    pub largest: u32,
    /// Blocks that were too large and were split.
    pub split: u32,
    /// Expected matches among its pairs.
    pub matches: f64,
}

/// What somebody should know about the answer.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// No two rows have a key in common.
    NoCandidates,
    /// So few matches are expected that defaults say more than the data.
    TooFew {
        /// Expected matches among the candidates.
        expected: f64,
    },
    /// No comparison tells matches from others.
    NothingSeparates,
    /// There are far more pairs that are no match than chance explains: comparisons depend on each other.
    Correlated {
        /// Found pairs for each expected one.
        ratio: f64,
    },
    /// Many matches differ in what is their own, such as the name.
    OwnDiffers {
        /// The place of the comparison.
        comparison: u32,
        /// The share of the matches that have values there.
        share: f64,
    },
    /// Learning stopped before it settled.
    NotSettled {
        /// The last change of a probability.
        change: f64,
    },
    /// Blocks of a rule were too large and were split: pairs may be missing.
    SplitBlocks {
        /// The rule's place in [`Resolution::rules`].
        rule: u32,
        /// How many blocks.
        blocks: u32,
        /// The rows of the largest.
        largest: u32,
    },
    /// There were more candidates than allowed, and rules were left out.
    TooManyPairs {
        /// How many rules.
        left_out: u32,
    },
    /// Clusters would have been larger than allowed.
    TooLarge {
        /// How many.
        clusters: u32,
        /// The rows of the largest.
        largest: u32,
    },
    /// Two rows are decided to differ and, by other decisions, to be one; the first is not followed.
    Contradiction {
        /// A row.
        left: u32,
        /// Another.
        right: u32,
    },
}

impl Note {
    /// Gives rows the numbers that they have elsewhere.
    pub(super) fn rename(&mut self, row: &dyn Fn(u32) -> u32) {
        if let Note::Contradiction { left, right } = self {
            (*left, *right) = (row(*left), row(*right));
        }
    }
}

/// The answer.
#[derive(Clone, Debug)]
pub struct Resolution {
    /// The compared pairs that are [told](Spec::told), by left and then right row.
    pub pairs: Vec<Pair>,
    /// For each row the least row of its cluster.
    pub clusters: Vec<u32>,
    /// Pairs, by place, whose loss would split a cluster, and the rows on the smaller side; none where not all pairs are
    /// told.
    pub bridges: Vec<(u32, u32)>,
    /// What the model says of each pair of [`Spec::asked`].
    pub asked: Vec<Pattern>,
    /// What was learnt.
    pub model: Model,
    /// What the rules brought.
    pub rules: Vec<Rule>,
    /// What somebody should know.
    pub notes: Vec<Note>,
    /// Expected share of true pairs among those that are matches.
    pub precision: f64,
    /// Expected share of matches among true pairs; pairs that no rule found are estimated from the rules' overlap.
    pub recall: f64,
    /// How many pairs were compared for it.
    pub compared: u64,
    /// How many pairs the rules found, each counted once.
    pub candidates: u64,
}

/// A specification and a table that fit each other.
pub(super) struct Fitted<'a> {
    pub spec: &'a Spec,
    pub table: &'a Table,
    pub model: Option<&'a Model>,
}

impl<'a> Fitted<'a> {
    pub fn new(spec: &'a Spec, table: &'a Table, model: Option<&'a Model>) -> Result<Fitted<'a>, Fault> {
        let count = spec.compare.len();
        if count == 0 || count > MOST_COMPARISONS {
            return Err(Fault::Comparisons { found: count, most: MOST_COMPARISONS });
        }
        if table.columns.len() != count {
            return Err(Fault::Columns { found: table.columns.len(), expected: count });
        }
        let lengths = table.columns.iter().chain(&table.keys).map(Cells::len);
        let sources = (!table.sources.is_empty()).then_some(table.sources.len());
        if let Some(found) = lengths.chain(sources).find(|it| *it != table.rows as usize) {
            return Err(Fault::Rows { found, expected: table.rows });
        }
        let there = |key: &Key| match key {
            Key::Compared(at, _) => (*at as usize) < count,
            Key::Given(at) => (*at as usize) < table.keys.len(),
        };
        if let Some(block) = spec.block.iter().position(|it| it.on.is_empty() || !it.on.iter().all(there)) {
            return Err(Fault::Block { block });
        }
        if let Some(comparison) = spec.never_differ.iter().find(|it| **it as usize >= count) {
            return Err(Fault::Never { comparison: *comparison });
        }
        let there = |it: &(u32, u32)| it.0 < table.rows && it.1 < table.rows;
        if let Some(asked) = spec.asked.iter().position(|it| !there(it)) {
            return Err(Fault::Asked { asked });
        }
        let about = |it: &Decision| it.left != it.right && it.left < table.rows && it.right < table.rows;
        if let Some(decision) = spec.decisions.iter().position(|it| !about(it)) {
            return Err(Fault::Decision { decision });
        }
        if ![spec.match_at, spec.review_at].iter().all(|it| (0.0..=1.0).contains(it)) {
            return Err(Fault::Threshold);
        }
        if model.is_some_and(|it| !it.fits(&spec.compare)) {
            return Err(Fault::OtherModel);
        }
        Ok(Fitted { spec, table, model })
    }

    /// Whether rows of these two sources are compared.
    pub fn compared(&self, one: u32, other: u32) -> bool {
        let between = &self.spec.between;
        between.is_empty() || between.contains(&(one, other)) || between.contains(&(other, one))
    }

    /// The source of a row.
    pub fn source(&self, row: u32) -> u32 {
        self.table.sources.get(row as usize).copied().unwrap_or(0)
    }

    /// Whether two rows may be a pair at all.
    pub fn may_pair(&self, one: u32, other: u32) -> bool {
        one != other && (self.spec.between.is_empty() || self.compared(self.source(one), self.source(other)))
    }
}

/// How pairs become clusters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clustering {
    /// Whatever hangs together by pairs that match.
    Components,
    /// Clusters are joined while the mean weight of the pairs between them is that of a match.
    Average,
    /// The best pairs first, each row in one pair.
    OneToOne,
}
