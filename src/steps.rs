//! Kinds of steps: the registry, and what a kind has to say of itself.
//!
//! A kind is one file beside this one and one line in [`KINDS`]. It decodes its TOML table into a specification that
//! is free of spans, and lowers that to a [`Relation`] once the schemas of its inputs are known.

mod aggregate;
pub mod asking;
mod calls;
mod cluster;
mod columns;
mod correct;
mod costs;
mod deciding;
mod dedupe;
mod derive;
mod estimates;
mod explode;
mod filter;
pub mod frozen;
mod identify;
mod join;
mod judge;
mod link;
mod lookup;
mod losses;
mod map;
mod matching;
mod memo;
mod merge;
mod normalise;
mod noting;
mod pivot;
mod reasons;
mod resolve;
mod sample;
mod snapshot;
mod sort;
mod sql;
mod union;
mod uniting;
mod unpivot;
mod window;

pub use costs::{Cost, Costs};
pub use estimates::{ESTIMATED_PRECISION, ESTIMATED_RECALL, REVIEW_OPEN};
pub use join::MATCHED;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::Expectation;
use crate::expr::functions::{LOSES_DIGITS, LOSES_TIME};
use crate::expr::{Decides, Expr};
use crate::fields::Fields;
use crate::fields::keys::{Key, Variant};
use crate::model::Class;
use crate::problem::Code;
use crate::profile::Profile;
use crate::relation::Relation;

pub use crate::finding::{Finding, Input, TYPE_MISMATCH, UNKNOWN_COLUMN};
pub(crate) use crate::finding::{mistaken, unknown_column};
pub(crate) use columns::meant_column;

/// Every kind of step there is.
pub const KINDS: &[Kind] = &[
    map::KIND,
    normalise::KIND,
    derive::KIND,
    filter::KIND,
    sort::KIND,
    join::KIND,
    union::KIND,
    unpivot::KIND,
    explode::KIND,
    merge::KIND,
    aggregate::KIND,
    window::KIND,
    pivot::KIND,
    dedupe::KIND,
    lookup::KIND,
    sample::KIND,
    resolve::KIND,
    link::KIND,
    cluster::KIND,
    identify::KIND,
    snapshot::KIND,
    correct::KIND,
    judge::KIND,
    sql::KIND,
];

/// What kinds of steps are called elsewhere, and which one does the same here.
pub const ELSEWHERE: &str = include_str!("steps/words.txt");

/// Two output columns with one name.
pub const COLUMN_TWICE: Code = Code::error("hotpass::step::column-twice");
/// A table without columns.
pub const NO_COLUMNS: Code = Code::error("hotpass::step::no-columns");
/// A step has a grain, and is not made row by row.
pub const GRAIN: Code = Code::error("hotpass::step::grain");
/// A column that says who must not be contacted, and that no field takes.
pub const UNHEARD: Code = Code::warning("hotpass::step::unheard");
/// A `map` step that finds no column for any field.
pub const NOTHING_MAPPED: Code = Code::error("hotpass::step::nothing-mapped");
/// A `judge` step over a table of whose rows nothing is expected.
pub const NOTHING_EXPECTED: Code = Code::error("hotpass::step::nothing-expected");
/// SQL that cannot be read.
pub const SQL: Code = Code::error("hotpass::step::sql");
/// SQL whose answer depends on an order that it leaves open.
pub const ORDER_LEFT_OPEN: Code = Code::warning("hotpass::step::order-left-open");
/// A setting that a step needs and neither it nor its profile gives.
pub const UNSET: Code = Code::error("hotpass::step::unset");

/// Numbers whose decimal sign nobody declared, or that have another one.
pub const DECIMAL_SIGN: Code = Code::warning("hotpass::step::decimal-sign");

/// Amounts in several currencies that become numbers of one column.
pub const CURRENCIES: Code = Code::warning("hotpass::step::currencies");

/// Numbers of a workbook may be read otherwise behind a query, which hands on texts.
pub const CELLS_FORGOTTEN: Code = Code::warning("hotpass::step::cells-forgotten");
/// A text that decides an order, and whose values have another one.
pub const TEXT_ORDER: Code = Code::warning("hotpass::step::text-order");
/// Dates that are written in another order than is usual, or in one that nothing tells.
pub const DATE_ORDER: Code = Code::warning("hotpass::step::date-order");

/// Rows among which too little tells those that are one from others.
pub const LITTLE_EVIDENCE: Code = Code::warning("hotpass::step::little-evidence");
/// Pairs of rows that were not compared, or were taken apart again, because there were too many.
pub const PAIRS_LEFT_OUT: Code = Code::warning("hotpass::step::pairs-left-out");
/// Decisions of people that cannot all be followed.
pub const CONTRADICTION: Code = Code::error("hotpass::step::contradiction");
/// Decisions of people about rows that changed since.
pub const STALE_DECISION: Code = Code::warning("hotpass::step::stale-decision");

/// A history that knows days after the one of which a table tells.
pub const LATER_HISTORY: Code = Code::warning("hotpass::step::later-history");
/// A history with days that cannot be read.
pub const UNREAD_HISTORY: Code = Code::warning("hotpass::step::unread-history");

/// A model that was learnt with other comparisons than those of its step.
pub const OTHER_MODEL: Code = Code::error("hotpass::step::other-model");
/// A model that cannot be read.
pub const BAD_MODEL: Code = Code::error("hotpass::step::bad-model");

/// All codes of this module.
pub const CODES: &[&Code] = &[
    &UNKNOWN_COLUMN,
    &TYPE_MISMATCH,
    &COLUMN_TWICE,
    &NO_COLUMNS,
    &GRAIN,
    &NOTHING_MAPPED,
    &UNHEARD,
    &NOTHING_EXPECTED,
    &SQL,
    &ORDER_LEFT_OPEN,
    &UNSET,
    &DECIMAL_SIGN,
    &CURRENCIES,
    &TEXT_ORDER,
    &CELLS_FORGOTTEN,
    &DATE_ORDER,
    &LITTLE_EVIDENCE,
    &PAIRS_LEFT_OUT,
    &CONTRADICTION,
    &STALE_DECISION,
    &LATER_HISTORY,
    &UNREAD_HISTORY,
    &OTHER_MODEL,
    &BAD_MODEL,
];

/// A kind of step.
pub struct Kind {
    /// How TOML names it.
    pub name: &'static str,
    /// Raised when the kind makes something else of the same specification.
    pub revision: u32,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// The keys of its TOML table, beside those of every step.
    pub keys: &'static [Key],
    /// Reads its TOML table.
    pub decode: fn(&mut Fields, &Profile) -> Option<Decoded>,
}

/// What each kind adds to the keys of a step.
pub fn variants() -> Vec<Variant> {
    KINDS.iter().map(|it| Variant { name: it.name, doc: it.summary, keys: it.keys }).collect()
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A step as decoded: the tables it reads, and what it does with them.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// Names of steps and sources, in the order in which `lower` gets their schemas, each with its key in the TOML.
    pub inputs: Vec<(String, String)>,
    /// What is done.
    pub spec: Arc<dyn Spec>,
    /// The digest of the specification: equal recipes do equal things.
    pub recipe: Digest,
}

impl PartialEq for Decoded {
    fn eq(&self, other: &Decoded) -> bool {
        self.inputs == other.inputs && self.recipe == other.recipe
    }
}

impl Decoded {
    /// A decoded step.
    pub fn new(inputs: Vec<(String, String)>, spec: impl Spec + Serialize + 'static) -> Decoded {
        let recipe = digest_of("hotpass recipe v1", &spec);
        Decoded { inputs, spec: Arc::new(spec), recipe }
    }
}

/// What a step does, free of spans.
pub trait Spec: fmt::Debug + Send + Sync {
    /// Says what is made of inputs of these schemas. What is wrong goes to `findings`; the result is what could
    /// be understood.
    fn lower(&self, inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<Lowered>;

    /// What decides by its order what comes out, each with the key that names it.
    fn decided_by(&self) -> Vec<(String, Decides<'_>)> {
        Vec::new()
    }

    /// Whether it learns from its rows what can be kept as a model.
    fn learns(&self) -> bool {
        false
    }

    /// The same step with a model that is kept.
    ///
    /// # Errors
    /// In words, when the model was learnt of something else.
    fn with_model(&self, _: frozen::Frozen) -> Result<Arc<dyn Spec>, String> {
        Err("the step learns nothing".to_owned())
    }

    /// The same step knowing what the pipeline expects of tables, for the kind that asks for it.
    fn judging(&self, _: &[Expectation]) -> Option<Decoded> {
        None
    }
}

/// What a step makes.
#[derive(Clone, PartialEq, Debug)]
pub struct Lowered {
    /// The table.
    pub work: Work,
    /// Rows set aside: those that could not be used.
    pub rejects: Option<Relation>,
    /// What it can be asked about its rows beside what it makes of them.
    pub asks: Option<asking::Asks>,
    /// What a build counts and tells of the rows that were read.
    pub told: Vec<Notice>,
    /// Classifications that the step declares; all others follow the values.
    pub classes: BTreeMap<String, Class>,
    /// Input columns that nothing took.
    pub unmapped: Vec<Unmapped>,
    /// For each output column that a rule chose, the rule: `synonym`, `name`, `declared`.
    pub rules: BTreeMap<String, String>,
    /// For each output column that is a guess, where it was taken from.
    pub guesses: BTreeMap<String, Guess>,
    /// Columns of its inputs that hold values of columns of the table.
    pub holding: Vec<Holding>,
    /// Columns whose values take along in which form they are written, as they meet others.
    pub formed: BTreeSet<String>,
}

/// A column of an input, such as the values of corrections, whose cells are values of columns of the table: it is as
/// personal as these.
#[derive(Clone, PartialEq, Debug)]
pub struct Holding {
    /// Which input.
    pub input: usize,
    /// Its column.
    pub column: String,
    /// The column of the table, or any of them.
    pub of: Option<String>,
}

/// What a build counts of a column by itself, and tells. Expressions are over the first input of the step, those of
/// [`Notice::Noted`] over what it makes.
#[derive(Clone, PartialEq, Debug)]
pub enum Notice {
    /// How the values of a column are written, where that was not declared.
    Written {
        /// The column.
        column: String,
        /// The source whose rows are counted; all rows without one.
        source: Option<String>,
        /// What is told: of dates, or of decimals.
        code: &'static Code,
        /// Which of the two ways is usual: 0 or 1.
        usual: Option<usize>,
        /// Whether somebody said so.
        is_said: bool,
        /// The rows whose value fits one way only, and those of them that fit the second.
        only: (Expr, Expr),
        /// The rows whose value is another one each way.
        either: Expr,
    },
    /// What a step notes of its rows as a whole.
    Noted {
        /// What is told.
        code: &'static Code,
        /// The rows that say so.
        only: Expr,
        /// The fact, without the step's name.
        message: &'static str,
        /// What to do.
        help: &'static str,
    },
    /// Dates that read with the day first, where nobody said so.
    ShortYears {
        /// The column.
        column: String,
        /// The source whose rows are counted; all rows without one.
        source: Option<String>,
        /// The rows whose date can have the day first and not the month.
        days: Expr,
        /// Those of them whose date is another one with a year of two digits first.
        years: Expr,
    },
    /// The currencies beside the numbers of a column.
    Currencies {
        /// The column.
        column: String,
        /// For two currencies at a time, which they are, the rows that have one of them and those that have the second.
        /// What stands behind all others is every other one.
        pairs: Vec<([&'static str; 2], Expr, Expr)>,
    },
    /// A column that nothing took, of values that may say who must not be contacted.
    Unheard {
        /// The column of the first input.
        column: String,
        /// The rows that say so.
        only: Expr,
    },
    /// Values that could not be read.
    Lost {
        /// The column that was made.
        column: String,
        /// The rows with something to read.
        filled: Expr,
        /// What was to be read, as text.
        text: Expr,
        /// The columns that were read out of the same cell, this one among them.
        sharing: Vec<String>,
    },
    /// Whole numbers and decimals that become floats, because they stand beside some.
    Widened {
        /// Which input of the step they come from.
        input: usize,
        /// The column there.
        column: String,
        /// The numbers.
        value: Expr,
    },
    /// Values that were read, and of which something is lost.
    Cut {
        /// The column that was made.
        column: String,
        /// What was read, as text.
        text: Expr,
        /// What of them.
        lost: Cut,
    },
}

/// What of a value that was read is lost.
#[derive(Clone, PartialEq, Debug)]
pub enum Cut {
    /// Digits that a float does not hold.
    Digits,
    /// The time beside a day; with what `date` was told.
    Time(Expr),
}

impl Cut {
    /// Whether something of `text` is lost in `made`.
    pub fn condition(&self, text: &Expr, made: &Expr) -> Expr {
        match self {
            Cut::Digits => Expr::call(LOSES_DIGITS, [text.clone(), made.clone()]),
            Cut::Time(told) => {
                let is_read = Expr::call("is not null", [made.clone()]);
                Expr::call("and", [is_read, Expr::call(LOSES_TIME, [text.clone(), told.clone()])])
            }
        }
    }
}

/// An input column that nothing took.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Unmapped {
    /// The column.
    pub column: String,
    /// What it might be, best first.
    pub proposals: Vec<Proposal>,
}

/// A field that a column might be.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Proposal {
    /// The field.
    pub field: String,
    /// From 0 to 1.
    pub score: f64,
    /// In words, without values.
    pub why: String,
}

/// A column that was taken without a name that says so.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Guess {
    /// The input column.
    pub column: String,
    /// From 0 to 1.
    pub score: f64,
    /// In words, without values.
    pub why: String,
    /// Whether what speaks for it speaks for other columns as well: its values are dates, and nothing says which.
    pub of_kind_only: bool,
}

impl From<Relation> for Lowered {
    fn from(relation: Relation) -> Lowered {
        Lowered::from(Work::Relation(relation))
    }
}

impl From<Work> for Lowered {
    fn from(work: Work) -> Lowered {
        Lowered {
            work,
            rejects: None,
            asks: None,
            told: Vec::new(),
            classes: BTreeMap::new(),
            unmapped: Vec::new(),
            rules: BTreeMap::new(),
            holding: Vec::new(),
            formed: BTreeSet::new(),
            guesses: BTreeMap::new(),
        }
    }
}

/// What to do about a column that says who must not be contacted, and that no field takes.
pub fn unheard_help(column: &str) -> String {
    map::unheard::help(column)
}

/// A query under a key of a table that is no step, as the step that it would be; problems are told to the fields.
pub fn query_under(fields: &mut crate::fields::Fields, key: &str) -> Option<Decoded> {
    sql::under(fields, key)
}

/// The rows that only one of two tables has, or has more often, as the step that would make them; `key` asks for it.
pub fn differences(one: &str, other: &str, key: &str) -> Decoded {
    sql::between(one, other, key)
}

/// The kind of step that a query is.
pub const QUERY: &Kind = &sql::KIND;

/// How a table is made.
#[derive(Clone, PartialEq, Debug)]
pub enum Work {
    /// By the algebra.
    Relation(Relation),
    /// By a user's SQL, in the sandbox.
    Sql(Query),
}

/// A user's statement.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Serialize)]
pub struct Query {
    /// As it was written, with the values of its parameters.
    pub text: String,
    /// Free of comments, layout and spelling of keywords: what the key holds.
    pub canonical: String,
    /// Every word that may name a column, folded; `None` when all columns that people see count as read.
    pub words: Option<Vec<String>>,
    /// Hidden columns that it names, folded, where all others count as read.
    pub hidden: Vec<String>,
    /// What was put into the text so that stars leave them out, in order.
    pub inserted: Vec<Inserted>,
    /// What the values of parameters put into the text before that, in order.
    pub parameters: Vec<Inserted>,
    /// The names by which it knows its inputs, in their order.
    pub tables: Vec<String>,
    /// Functions of the pipeline that it calls: names, and their arguments and bodies as the engine takes them.
    pub functions: Vec<(String, String)>,
    /// Whether it gives the same rows in the same order over tables that are lent to it as over tables of the engine.
    #[serde(skip)]
    pub lendable: bool,
}

/// Something that was put into a query: how many characters before which one, by line and column from 1.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct Inserted {
    /// The line.
    pub line: usize,
    /// The column, in the text as it was written.
    pub column: usize,
    /// How many.
    pub length: usize,
}

impl Query {
    /// Whether it reads a column of this name.
    pub fn reads(&self, column: &str) -> bool {
        let named = |words: &[String]| words.iter().any(|it| *it == column.to_lowercase());
        match &self.words {
            Some(words) => named(words),
            None => !crate::model::is_hidden(column) || named(&self.hidden),
        }
    }

    /// A place in the text as it was written, of one in the text that runs.
    pub fn written(&self, place: (usize, usize)) -> (usize, usize) {
        let without = |(line, column): (usize, usize), inserted: &[Inserted]| {
            let mut before = 0;
            for it in inserted.iter().filter(|it| it.line == line) {
                if it.column + before < column {
                    before += it.length.min(column - it.column - before);
                }
            }
            (line, column - before)
        };
        without(without(place, &self.inserted), &self.parameters)
    }
}
