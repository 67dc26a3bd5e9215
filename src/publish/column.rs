//! Columns of a batch as one of the few types that are written.
//!
//! Casting is not done here: a type without a written form is refused before the first row is read.

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{
    Array, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow_schema::{DataType, Schema, TimeUnit};

use crate::model::Type;

use super::{PublishError, Table, value};

/// One column of one batch.
pub enum Column<'a> {
    /// Texts.
    Text(&'a StringArray),
    /// 32-bit integers.
    Int32(&'a Int32Array),
    /// 64-bit integers.
    Int64(&'a Int64Array),
    /// Floating point numbers.
    Float(&'a Float64Array),
    /// Yes and no.
    Boolean(&'a BooleanArray),
    /// Days since 1970-01-01.
    Date(&'a Date32Array),
    /// Microseconds since 1970-01-01, without a time zone.
    Timestamp(&'a TimestampMicrosecondArray),
    /// Decimals with their scale.
    Decimal(&'a Decimal128Array, i8),
}

/// One cell that is not null.
pub enum Value<'a> {
    /// A text.
    Text(&'a str),
    /// An integer.
    Integer(i64),
    /// A floating point number.
    Float(f64),
    /// Yes or no.
    Boolean(bool),
    /// Days since 1970-01-01.
    Date(i64),
    /// Microseconds since 1970-01-01.
    Timestamp(i64),
    /// Units and scale.
    Decimal(i128, i8),
}

impl<'a> Column<'a> {
    /// The cell of `row`; `None` if it is null.
    #[inline]
    pub fn value(&self, row: usize) -> Option<Value<'a>> {
        match self {
            Column::Text(it) => (!it.is_null(row)).then(|| Value::Text(it.value(row))),
            Column::Int32(it) => (!it.is_null(row)).then(|| Value::Integer(it.value(row).into())),
            Column::Int64(it) => (!it.is_null(row)).then(|| Value::Integer(it.value(row))),
            Column::Float(it) => (!it.is_null(row)).then(|| Value::Float(it.value(row))),
            Column::Boolean(it) => (!it.is_null(row)).then(|| Value::Boolean(it.value(row))),
            Column::Date(it) => (!it.is_null(row)).then(|| Value::Date(it.value(row).into())),
            Column::Timestamp(it) => (!it.is_null(row)).then(|| Value::Timestamp(it.value(row))),
            Column::Decimal(it, scale) => (!it.is_null(row)).then(|| Value::Decimal(it.value(row), *scale)),
        }
    }
}

impl Value<'_> {
    /// The cell as it is written in a CSV file.
    pub fn text(&self) -> String {
        let mut out = Vec::new();
        match *self {
            Value::Text(it) => return it.to_owned(),
            Value::Integer(it) => value::integer(&mut out, it),
            Value::Float(it) => value::float(&mut out, it),
            Value::Boolean(it) => return it.to_string(),
            Value::Date(it) => value::date(&mut out, it),
            Value::Timestamp(it) => value::timestamp(&mut out, it),
            Value::Decimal(units, scale) => value::decimal(&mut out, units, scale),
        }
        String::from_utf8_lossy(&out).into_owned()
    }
}

/// The type in which columns of a type are written.
pub fn arrow_type(ty: Type) -> DataType {
    match ty {
        Type::Text => DataType::Utf8,
        Type::Integer => DataType::Int64,
        Type::Decimal { scale } => DataType::Decimal128(38, scale as i8),
        Type::Float => DataType::Float64,
        Type::Boolean => DataType::Boolean,
        Type::Date => DataType::Date32,
        Type::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
    }
}

/// The cells of a batch as texts, written as in a CSV file; `None` for nulls.
pub fn cell_texts(batch: &RecordBatch) -> Result<Vec<Vec<Option<String>>>, String> {
    let columns = columns(&batch.schema(), batch).map_err(|error| error.to_string())?;
    let mut rows = Vec::with_capacity(batch.num_rows());
    for row in 0..batch.num_rows() {
        let text = |column: &Column<'_>| column.value(row).map(|it| it.text());
        rows.push(columns.iter().map(text).collect());
    }
    Ok(rows)
}

/// Refuses a table with a column of a type that has no written form.
pub fn check_types(table: &str, schema: &Schema) -> Result<(), PublishError> {
    for field in schema.fields() {
        let known = matches!(
            field.data_type(),
            DataType::Utf8
                | DataType::Int32
                | DataType::Int64
                | DataType::Float64
                | DataType::Boolean
                | DataType::Date32
                | DataType::Timestamp(TimeUnit::Microsecond, None)
                | DataType::Decimal128(..)
        );
        if !known {
            // Tables of the store hold known types only, so this is a mistake of ours and no problem of the user's.
            let (name, kind) = (field.name(), field.data_type());
            return Err(PublishError::Rows(format!(
                "column `{name}` of `{table}` has type `{kind}`, which is not a type of a table"
            )));
        }
    }
    Ok(())
}

/// The columns of `batch`, which must be those of `schema`.
pub fn columns<'a>(schema: &Schema, batch: &'a RecordBatch) -> Result<Vec<Column<'a>>, PublishError> {
    let typed = |(field, array): (&arrow_schema::FieldRef, &'a arrow_array::ArrayRef)| {
        if array.data_type() != field.data_type() {
            return None;
        }
        Some(match array.data_type() {
            DataType::Utf8 => Column::Text(array.as_string_opt::<i32>()?),
            DataType::Int32 => Column::Int32(array.as_primitive_opt::<Int32Type>()?),
            DataType::Int64 => Column::Int64(array.as_primitive_opt::<Int64Type>()?),
            DataType::Float64 => Column::Float(array.as_primitive_opt::<Float64Type>()?),
            DataType::Boolean => Column::Boolean(array.as_boolean_opt()?),
            DataType::Date32 => Column::Date(array.as_primitive_opt::<Date32Type>()?),
            DataType::Timestamp(..) => Column::Timestamp(array.as_primitive_opt::<TimestampMicrosecondType>()?),
            DataType::Decimal128(_, scale) => Column::Decimal(array.as_primitive_opt::<Decimal128Type>()?, *scale),
            _ => return None,
        })
    };
    let columns: Option<Vec<_>> = match batch.num_columns() == schema.fields().len() {
        true => schema.fields().iter().zip(batch.columns()).map(typed).collect(),
        false => None,
    };
    columns.ok_or_else(|| PublishError::Rows("a batch has other columns than the table".to_owned()))
}

/// The next batch of `table` that has rows.
pub fn next_batch(table: &mut Table<'_>) -> Result<Option<RecordBatch>, PublishError> {
    loop {
        match table.batches.next() {
            None => return Ok(None),
            Some(Err(reason)) => return Err(PublishError::Rows(reason)),
            Some(Ok(batch)) if batch.num_rows() == 0 => continue,
            Some(Ok(batch)) => return Ok(Some(batch)),
        }
    }
}

/// Refuses a file with other rows than were announced: half a table must never be published.
pub fn check_rows(announced: u64, written: u64) -> Result<(), PublishError> {
    match announced == written {
        true => Ok(()),
        false => Err(PublishError::Rows(format!("{announced} rows were announced and {written} came"))),
    }
}
