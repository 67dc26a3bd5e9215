//! Operators: steps of Rust over whole tables, for what no expression and no statement says.
//!
//! An operator is deterministic: the same rows in the same order give the same rows, on every machine and with any
//! number of threads. It says of each column that it makes which columns it reads, so that pruning, recipes, keys and
//! lineage follow without any further word; [`Apply`](crate::relation::apply::Apply) puts it into a relation. Whoever
//! runs it ([`Inputs`], [`Room`]) is beyond the algebra: this file knows no engine.

use std::collections::BTreeSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, StringArray};
use arrow_buffer::Buffer;
use arrow_schema::{DataType, Field, TimeUnit};
use serde::Serialize;
use serde::ser::Serializer;

use crate::digest::{Digest, Hasher as Digests};
use crate::expr::Mistake;
use crate::model::{Schema, Type};
use crate::problem::Problem;

/// What is done to whole tables, in Rust.
pub trait Operator: fmt::Debug + Send + Sync {
    /// Its name in keys: never changed, and no name of a Rust type.
    fn name(&self) -> &'static str;

    /// Raised when the same recipe comes to make other rows or values.
    fn revision(&self) -> u32;

    /// What it does, as data with names of its own choice. The order of columns of its inputs must not be in it.
    fn recipe(&self) -> serde_json::Value;

    /// Which rows it gives.
    fn rows(&self) -> Rows;

    /// The columns that it makes of inputs with these columns, in order, with types and classes. That its inputs have
    /// what it [reads](Operator::reads) is seen to by others.
    ///
    /// # Errors
    ///
    /// The first mistake: a type that it does not take.
    fn schema(&self, beneath: &[Schema]) -> Result<Schema, Mistake>;

    /// For each of its inputs, the columns that it reads to make the columns `wanted`. What decides which rows there
    /// are belongs to it, also where nothing is wanted.
    fn reads<'a>(&'a self, wanted: &BTreeSet<&str>) -> Vec<BTreeSet<&'a str>>;

    /// For each of its inputs, the columns whose values can reach the column `made`, without those that only decide.
    fn lineage<'a>(&'a self, made: &str) -> Vec<BTreeSet<&'a str>> {
        self.reads(&BTreeSet::from([made]))
    }

    /// Of [other](Rows::Other) rows, where the value of `made` in a row comes from: inputs, each with the column of its
    /// own that tells the ordinal of the row there, null for none. Values of which this says nothing have no origins.
    fn origins<'a>(&'a self, made: &str) -> Vec<(usize, &'a str)> {
        let _ = made;
        Vec::new()
    }

    /// Whether one of its columns costs about as much as all of them: they are then made in one statement, however long
    /// the table.
    fn at_once(&self) -> bool {
        false
    }

    /// Whether no two rows have the same value in this column, whatever is beneath.
    fn is_unique(&self, made: &str) -> bool {
        let _ = made;
        false
    }

    /// Makes the rows: the columns `wanted`, in this order, each of the type that its schema says. Rows that are the
    /// [same](Rows::Same) come in their order; how they are cut into batches makes no difference.
    ///
    /// # Errors
    ///
    /// What `inputs`, `out` and their [`Room`] gave, or words of its own.
    fn run(&self, wanted: &[String], inputs: &mut dyn Inputs, out: Out<'_>) -> Result<(), OperatorError>;
}

/// Takes rows.
pub type Out<'a> = &'a mut dyn FnMut(RecordBatch) -> Result<(), OperatorError>;

/// Which rows an operator gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rows {
    /// Those of its first input in their order: what it makes stands beside their columns.
    Same,
    /// Others, in an order that depends on its inputs alone.
    Other,
}

/// Why an operator ends before its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OperatorError {
    /// Nobody waits for it any more: whoever runs it knows why.
    Stopped,
    /// It needs more memory than it may have.
    Memory,
    /// In words, without values.
    Failed(String),
    /// What somebody wrote or delivered cannot be used.
    Refused(Box<Problem>),
}

/// The rows beneath an operator.
pub trait Inputs {
    /// Gives the rows of an input in their order, batch by batch: the columns that are read, in the order of their
    /// names. An input can be read again.
    ///
    /// # Errors
    ///
    /// What `each` gave, and [`OperatorError::Stopped`] when there are no more rows to be had.
    fn read(
        &mut self,
        input: usize,
        each: &mut dyn FnMut(&RecordBatch) -> Result<(), OperatorError>,
    ) -> Result<(), OperatorError>;

    /// What to ask while no rows are read, from any thread.
    fn room(&self) -> Arc<dyn Room>;

    /// What an operator that does the same left when it ran before, over whatever rows; nothing where it is gone or
    /// damaged. It makes a run shorter and nothing else: what comes out must be the same without it.
    fn memo(&mut self) -> Option<Buffer> {
        None
    }

    /// Leaves something for the next run, in the place of what is there. Where that cannot be, nothing is lost but time.
    fn leave(&mut self, memo: &[u8]) {
        let _ = memo;
    }

    /// Tells what it counted on its way, as JSON without values: a plan tells it as long as the step does not run again.
    fn tell(&mut self, counted: String) {
        let _ = counted;
    }
}

/// Whether to go on, and how much may be kept in memory.
pub trait Room: Send + Sync {
    /// To be asked at least some ten times a second.
    ///
    /// # Errors
    ///
    /// [`OperatorError::Stopped`] when the build is stopped.
    fn go_on(&self) -> Result<(), OperatorError>;

    /// To be asked before so many more bytes are kept; they count until the operator ends.
    ///
    /// # Errors
    ///
    /// [`OperatorError::Memory`] when that is more than the build may have.
    fn keep(&self, bytes: usize) -> Result<(), OperatorError>;

    /// How many threads it may use. What comes out must not depend on it.
    fn threads(&self) -> usize;
}

/// An operator as part of a relation: equal to those that do the same.
#[derive(Clone)]
pub struct Op(Arc<dyn Operator>);

impl Op {
    /// Of this operator.
    pub fn new(operator: impl Operator + 'static) -> Op {
        Op(Arc::new(operator))
    }

    /// What it does, as a name of what it leaves.
    pub fn digest(&self) -> Digest {
        let mut hasher = Digests::new("hotpass operator v1");
        hasher.json(&self.told());
        hasher.finish()
    }

    fn told(&self) -> Signature {
        Signature { name: self.name(), revision: self.revision(), recipe: self.recipe() }
    }
}

/// What an operator is in a recipe.
#[derive(PartialEq, Eq, Hash, Debug, Serialize)]
struct Signature {
    name: &'static str,
    revision: u32,
    recipe: serde_json::Value,
}

impl Deref for Op {
    type Target = dyn Operator;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl PartialEq for Op {
    fn eq(&self, other: &Op) -> bool {
        self.told() == other.told()
    }
}

impl Eq for Op {}

impl Hash for Op {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.told().hash(state);
    }
}

impl fmt::Debug for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Op {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.told().serialize(serializer)
    }
}

/// How Arrow holds values of a type.
pub fn arrow_type(ty: Type) -> DataType {
    match ty {
        Type::Text => DataType::Utf8,
        Type::Integer => DataType::Int64,
        Type::Decimal { scale } => DataType::Decimal128(38, i8::try_from(scale).unwrap_or(i8::MAX)),
        Type::Float => DataType::Float64,
        Type::Boolean => DataType::Boolean,
        Type::Date => DataType::Date32,
        Type::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
    }
}

/// Rows with columns of these names; `count` of them, which matters where there is no column.
///
/// # Errors
///
/// Columns of other lengths.
pub fn batch<'a>(
    names: impl IntoIterator<Item = &'a str>,
    columns: Vec<ArrayRef>,
    count: usize,
) -> Result<RecordBatch, OperatorError> {
    let fields: Vec<Field> =
        names.into_iter().zip(&columns).map(|(name, it)| Field::new(name, it.data_type().clone(), true)).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(count));
    RecordBatch::try_new_with_options(Arc::new(arrow_schema::Schema::new(fields)), columns, &options)
        .map_err(|_| OperatorError::Failed("its columns are of different lengths".to_owned()))
}

/// The values of a column of texts, row by row.
///
/// # Errors
///
/// Where the column is not there, or is no text.
pub fn texts<'a>(batches: &'a [RecordBatch], column: &str) -> Result<Vec<Option<&'a str>>, OperatorError> {
    let mut acc = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
    for rows in batches {
        acc.extend(text_of(rows, column)?.iter());
    }
    Ok(acc)
}

/// A column of texts.
///
/// # Errors
///
/// As [`texts`].
pub fn text_of<'a>(rows: &'a RecordBatch, column: &str) -> Result<&'a StringArray, OperatorError> {
    let array = rows.column_by_name(column).and_then(|it| it.as_string_opt::<i32>());
    array.ok_or_else(|| OperatorError::Failed("a column that is compared is not a text".to_owned()))
}
