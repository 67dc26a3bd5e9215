//! Rows that somebody asked for, free of how they are laid out: columns with their types and classes, and the rows as
//! far as they may be shown.
//!
//! What stands in a personal column is replaced when the rows come in, so no layout and no file can show it.

pub(crate) mod file;

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use serde::Serialize;

use crate::answers::cell::Row;
use crate::answers::latest::Since;
use crate::escape::line;
use crate::model::{Class, MASK, Type};
use crate::problem::{Code, Problem};
use crate::publish::cell_texts;
use crate::store::backend::EngineError;
use crate::workspace::failure::{Failure, failed};

/// Two columns of an answer have one name, and the form it is written in tells columns apart by their names.
pub const REPEATED_COLUMN: Code = Code::error("hotpass::query::repeated-column");

/// A column of an answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Head {
    /// Its name; several columns may have one.
    pub(crate) name: String,
    /// The type of its values.
    #[serde(rename = "type")]
    pub(crate) ty: Type,
    /// How its values may be used.
    pub(crate) class: Class,
    /// Whether a mask stands in the place of each value.
    pub(crate) masked: bool,
}

/// Rows that were asked for.
#[derive(Default, Debug, Serialize)]
pub(crate) struct Answered {
    /// The columns, in order.
    pub(crate) columns: Vec<Head>,
    /// How many rows there are here.
    pub(crate) rows: u64,
    /// How many more there were.
    pub(crate) left_out: u64,
    /// What is noted of the tables that they come from.
    #[serde(skip)]
    pub(crate) notes: Vec<Since>,
    #[serde(skip)]
    schema: Option<SchemaRef>,
    #[serde(skip)]
    batches: Vec<RecordBatch>,
}

impl Answered {
    /// Columns that are known before a row is; `shown` says whose values are.
    pub(crate) fn of(columns: Vec<Head>) -> Answered {
        let ty = |it: &Head| if it.masked { DataType::Utf8 } else { crate::publish::arrow_type(it.ty) };
        let fields: Vec<Field> = columns.iter().map(|it| Field::new(&it.name, ty(it), true)).collect();
        Answered { columns, schema: Some(Arc::new(Schema::new(fields))), ..Answered::default() }
    }

    /// Adds rows, at most as many as there are `most` together. The first batch tells the columns; `classes` say what
    /// they hold, and a class that is not told is personal.
    pub(crate) fn add(
        &mut self,
        batch: &RecordBatch,
        classes: &[Class],
        unmasked: bool,
        most: u64,
    ) -> Result<(), EngineError> {
        if self.schema.is_none() {
            let head = |(at, field): (usize, &Arc<Field>)| {
                let class = classes.get(at).copied().unwrap_or(Class::Personal);
                let masked = !unmasked && class != Class::Open;
                Head { name: field.name().clone(), ty: type_of(field.data_type()), class, masked }
            };
            *self = Answered::of(batch.schema().fields().iter().enumerate().map(head).collect());
        }
        let room = most.saturating_sub(self.rows).min(batch.num_rows() as u64);
        self.left_out += batch.num_rows() as u64 - room;
        let Some(schema) = self.schema.clone().filter(|_| room > 0) else { return Ok(()) };
        let batch = batch.slice(0, usize::try_from(room).unwrap_or(usize::MAX));
        let columns = batch.columns().iter().zip(&self.columns);
        let columns = columns.map(|(column, head)| if head.masked { masked(column) } else { Arc::clone(column) });
        let made = RecordBatch::try_new(schema, columns.collect());
        self.batches.push(made.map_err(|error| EngineError::Engine(error.to_string()))?);
        self.rows += room;
        Ok(())
    }

    /// The cells as texts, row by row; `None` for nulls.
    pub(crate) fn cells(&self) -> Result<Vec<Vec<Option<String>>>, EngineError> {
        let mut rows = Vec::new();
        for batch in &self.batches {
            rows.extend(cell_texts(batch).map_err(EngineError::Engine)?);
        }
        Ok(rows)
    }

    /// The rows of a query, for programs.
    pub(crate) fn records(&self) -> Result<Vec<Row<'_>>, Failure> {
        self.as_records().map_err(Failure::Problem)?;
        self.rows_of(None)
    }

    /// The rows of a table, or of none, for programs.
    pub(crate) fn rows_of<'a>(&'a self, table: Option<&'a str>) -> Result<Vec<Row<'a>>, Failure> {
        let cells = self.cells().map_err(failed)?;
        let columns = || self.columns.iter().map(|it| (it.name.as_str(), it.ty));
        Ok(cells.iter().map(|cells| Row::of(table, columns(), cells)).collect())
    }

    /// Names of columns whose values are not shown.
    pub(crate) fn hidden(&self) -> Vec<&str> {
        self.columns.iter().filter(|it| it.masked).map(|it| it.name.as_str()).collect()
    }

    /// Refuses two columns of one name, of which a record keeps only one.
    pub(crate) fn as_records(&self) -> Result<(), Box<Problem>> {
        let mut seen = BTreeSet::new();
        let Some(twice) = self.columns.iter().find(|it| !seen.insert(it.name.as_str())) else { return Ok(()) };
        let name = line(&twice.name);
        let message = format!("two columns of the answer are called `{name}`");
        let help = format!("give one of them another name: `{name} as {name}_2`");
        Err(Box::new(Problem::new(&REPEATED_COLUMN, message).help(help)))
    }
}

/// The cells of a batch as text; columns that are not open are masked.
pub(crate) fn cells(
    batch: &RecordBatch,
    open: &dyn Fn(usize) -> bool,
) -> Result<Vec<Vec<Option<String>>>, EngineError> {
    let mut rows = cell_texts(batch).map_err(EngineError::Engine)?;
    for row in &mut rows {
        for (at, cell) in row.iter_mut().enumerate() {
            if cell.is_some() && !open(at) {
                *cell = Some(MASK.to_owned());
            }
        }
    }
    Ok(rows)
}

/// A mask in the place of each value.
fn masked(column: &ArrayRef) -> ArrayRef {
    if let Some(texts) = column.as_string_opt::<i32>() {
        return Arc::new(texts.iter().map(|it| it.map(|_| MASK)).collect::<StringArray>());
    }
    let mask = |row: usize| (!column.is_null(row)).then_some(MASK);
    Arc::new((0..column.len()).map(mask).collect::<StringArray>())
}

/// The type that a column of the engine has.
fn type_of(ty: &DataType) -> Type {
    match ty {
        DataType::Boolean => Type::Boolean,
        DataType::Date32 => Type::Date,
        DataType::Timestamp(..) => Type::Timestamp,
        DataType::Float64 => Type::Float,
        DataType::Int32 | DataType::Int64 => Type::Integer,
        DataType::Decimal128(_, scale) => Type::Decimal { scale: u8::try_from(*scale).unwrap_or_default() },
        _ => Type::Text,
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::Int64Array;

    use super::*;

    fn batch() -> RecordBatch {
        let fields = vec![Field::new("n", DataType::Int64, true), Field::new("mail", DataType::Utf8, true)];
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None, Some(3)]));
        let mails: ArrayRef = Arc::new(StringArray::from(vec![Some("a@b.example"), None, Some("c@d.example")]));
        RecordBatch::try_new(Arc::new(Schema::new(fields)), vec![numbers, mails]).expect("a batch")
    }

    fn answered(classes: &[Class], unmasked: bool, most: u64) -> Answered {
        let mut answered = Answered::default();
        answered.add(&batch(), classes, unmasked, most).expect("rows");
        answered
    }

    #[test]
    fn a_value_that_is_not_open_never_comes_in() {
        let text = |it: &Answered| format!("{:?}", it.cells().expect("cells"));
        let open = [Class::Open, Class::Personal];
        assert_eq!(
            text(&answered(&open, false, 9)),
            "[[Some(\"1\"), Some(\"•••\")], [None, None], [Some(\"3\"), Some(\"•••\")]]"
        );
        // Numbers are masked too, and what nobody tells the class of.
        assert!(!text(&answered(&[Class::Personal], false, 9)).contains('3'));
        assert_eq!(answered(&[], false, 9).hidden(), ["n", "mail"]);
        assert!(text(&answered(&[], true, 9)).contains("a@b.example"));
    }

    #[test]
    fn rows_beyond_the_limit_are_counted() {
        let found = answered(&[Class::Open; 2], false, 2);
        assert_eq!((found.rows, found.left_out), (2, 1));
        let told = serde_json::to_value(&found).expect("JSON");
        assert_eq!(told["columns"][1]["type"], "text");
        assert_eq!((&told["rows"], &told["left_out"]), (&2.into(), &1.into()));
    }
}
