//! Questions about a `resolve` or `link` step: what it learns, why two rows are one, which pairs are worth a look.
//!
//! They are asked of the rows of the step's own inputs, by an operator that gives one row with one text: the answer as
//! JSON. Nothing of it is stored.

mod blocks;
mod measure;
mod pair;
mod queue;
mod report;
mod rows;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use arrow_array::{ArrayRef, StringArray};
use serde::{Deserialize, Serialize};
use serde_json::{Value, to_value};

use crate::digest::Digest;
use crate::expr::Mistake;
use crate::model::{Class, Column, Schema, Type};
use crate::relation::Relation;
use crate::relation::apply::Apply;
use crate::relation::operator::{Inputs, Operator, OperatorError, Out, Rows as Given, batch};
use crate::steps::frozen::Frozen;
use crate::steps::matching::{self, By, Matching, Rows, nobody};

pub use crate::steps::deciding::{DECIDE, SIDES, WORDS as DECISION_WORDS};
pub use blocks::{Blocks, Worst};
use measure::Labelled;
pub use measure::{Label, MOST_LABELS, Measured};
pub use pair::{Explained, ExplainedPair, Part, RowName};
pub use queue::{Asked, Queue};
pub use rows::{Sides, Standing};

/// The column of the answer.
const ANSWER: &str = "answer";

/// What can be asked about a step.
#[derive(Clone, PartialEq, Debug)]
pub struct Asks {
    matching: Matching,
    from: Vec<Relation>,
    review: f64,
    /// Of what is compared.
    class: Class,
}

/// A question.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// What is learnt from the rows: [`Trained`].
    Train {
        /// The step, as it is named in the file.
        step: String,
    },
    /// Why two rows are one, or two: [`Explained`]. Each is named by its key, its print, or `#N`.
    Pair(String, String),
    /// How good the clusters are: [`Measured`].
    Measure {
        /// Pairs of which somebody knows whether they are one.
        labels: Vec<Label>,
    },
    /// Whether the rows that answers name are there: a [`Standing`] of each.
    Rows {
        /// How each answer names its two rows.
        answers: Vec<Sides>,
    },
    /// Which pairs are worth a look: [`Queue`].
    Review {
        /// How many at most.
        pairs: u32,
    },
    /// What the rules for candidates find, before anything is compared: [`Blocks`].
    Blocks,
    /// All that is known of the answer as a whole: what a report of linkage holds.
    Report,
}

/// What was learnt.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Trained {
    /// The model as the text of its file.
    pub text: String,
    /// The rows that it was learnt from.
    pub rows: u64,
}

impl Asks {
    pub(super) fn new(matching: &Matching, from: &[Relation], review: f64, class: Class) -> Asks {
        Asks { matching: matching.clone(), from: from.to_vec(), review, class }
    }

    /// The column by which rows are known, as the pipeline names it.
    pub fn key(&self) -> Option<&str> {
        self.matching.key().map(String::as_str)
    }

    /// The rules for candidates that the step declares, in words; none where they are found.
    pub fn rules(&self) -> Vec<String> {
        self.matching.rules()
    }

    /// Stands for what decides which rows are compared.
    pub fn blocking(&self) -> Digest {
        self.matching.blocking()
    }

    /// The relation over the inputs of the step that gives the answer: one row, one text.
    pub fn relation(&self, question: Question) -> Relation {
        let ask = Ask { matching: self.matching.clone(), review: self.review, class: self.class, question };
        let asked = Apply::relation(ask, self.from.clone(), &[ANSWER]);
        // Of its inputs only what it reads.
        asked.prune(&BTreeSet::from([ANSWER]))
    }
}

/// Answers a question.
#[derive(Debug)]
struct Ask {
    matching: Matching,
    review: f64,
    class: Class,
    question: Question,
}

/// What is asked, for a recipe.
#[derive(Serialize)]
struct Recipe<'a> {
    matching: matching::Recipe<'a>,
    review: f64,
    question: &'a Question,
}

impl Operator for Ask {
    fn name(&self) -> &'static str {
        "question about matching rows"
    }

    fn revision(&self) -> u32 {
        4
    }

    fn recipe(&self) -> Value {
        to_value(Recipe { matching: self.matching.recipe(), review: self.review, question: &self.question })
            .unwrap_or_default()
    }

    fn rows(&self) -> Given {
        Given::Other
    }

    fn schema(&self, _: &[Schema]) -> Result<Schema, Mistake> {
        Ok([Column::new(ANSWER, Type::Text).classed(self.class)].into_iter().collect())
    }

    fn reads<'a>(&'a self, _: &BTreeSet<&str>) -> Vec<BTreeSet<&'a str>> {
        self.matching.reads(true)
    }

    fn run(&self, wanted: &[String], inputs: &mut dyn Inputs, out: Out<'_>) -> Result<(), OperatorError> {
        let answer = match &self.question {
            Question::Train { step } => self.train(step, inputs)?,
            Question::Pair(left, right) => self.pair([left, right], inputs)?,
            Question::Measure { labels } => self.measure(labels, inputs)?,
            Question::Rows { answers } => self.matching.known(inputs, |rows| told(&rows::standing(rows, answers)))?,
            Question::Review { pairs } => self.review(*pairs as usize, inputs)?,
            Question::Blocks => told(&blocks::blocks(&self.matching, inputs)?)?,
            Question::Report => self.report(inputs)?,
        };
        let columns = wanted.iter().map(|_| Arc::new(StringArray::from(vec![answer.as_str()])) as ArrayRef);
        out(batch(wanted.iter().map(String::as_str), columns.collect(), 1)?)
    }
}

impl Ask {
    fn train(&self, step: &str, inputs: &mut dyn Inputs) -> Result<String, OperatorError> {
        self.matching.resolve(inputs, self.review, By::Rows, nobody, |found| {
            let rows = found.prints.len() as u64;
            let frozen = Frozen::new(found.found.model, self.matching.across().map(str::to_owned));
            told(&Trained { text: frozen.to_toml(step), rows })
        })
    }
}

impl Ask {
    fn pair(&self, words: [&String; 2], inputs: &mut dyn Inputs) -> Result<String, OperatorError> {
        let known: RefCell<[Vec<u32>; 2]> = RefCell::default();
        let ask = |rows: &Rows<'_>| {
            let mut meant = known.borrow_mut();
            *meant = words.map(|it| pair::meant(rows, it));
            // Two words may mean the rows of one key.
            if meant[0] == meant[1] && meant[0].len() > 1 {
                meant[1].rotate_left(1);
            }
            let asked = meant[0].first().copied().zip(meant[1].first().copied());
            Ok(asked.filter(|(left, right)| left != right).into_iter().collect())
        };
        self.matching.resolve(inputs, self.review, By::Question, ask, |found| {
            let meant = known.borrow();
            told(&match meant.each_ref().map(Vec::as_slice) {
                [[], _] => Explained::NoRow(0),
                [_, []] => Explained::NoRow(1),
                [[left, ..], [right, ..]] if left == right => Explained::OneRow,
                both => Explained::Pair(Box::new(pair::explain(&found, &self.matching, both)?)),
            })
        })
    }
}

impl Ask {
    fn measure(&self, labels: &[Label], inputs: &mut dyn Inputs) -> Result<String, OperatorError> {
        let known: RefCell<Labelled> = RefCell::default();
        let ask = |rows: &Rows<'_>| {
            *known.borrow_mut() = measure::labelled(rows, labels);
            Ok(known.borrow().pairs.iter().map(|it| (it.0, it.1)).collect())
        };
        self.matching
            .resolve(inputs, self.review, By::Question, ask, |found| told(&measure::measure(&found, &known.borrow())))
    }
}

impl Ask {
    fn review(&self, pairs: usize, inputs: &mut dyn Inputs) -> Result<String, OperatorError> {
        self.matching.resolve(inputs, self.review, By::Question, nobody, |found| {
            told(&queue::queue(&found, &self.matching, pairs)?)
        })
    }
}

impl Ask {
    fn report(&self, inputs: &mut dyn Inputs) -> Result<String, OperatorError> {
        self.matching.resolve(inputs, self.review, By::Question, nobody, |found| {
            told(&report::report(&found, &self.matching, self.review)?)
        })
    }
}

fn told(answer: &impl Serialize) -> Result<String, OperatorError> {
    serde_json::to_string(answer).map_err(|_| OperatorError::Failed("the answer cannot be written".to_owned()))
}
