//! Tables for the tests of the writers. Not in the product.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int32Array, Int64Array, RecordBatch,
    StringArray, TimestampMicrosecondArray,
};
use arrow_schema::{Field, Schema, SchemaRef};

use super::{PublishError, Table};

/// A column of texts.
pub fn texts(name: &str, texts: &[Option<&str>]) -> (String, ArrayRef) {
    (name.to_owned(), Arc::new(StringArray::from(texts.to_vec())))
}

/// One column of each type, each with a null in its last row.
pub fn all_types() -> Vec<(String, ArrayRef)> {
    let decimals = Decimal128Array::from(vec![Some(1250), Some(-5), None]).with_precision_and_scale(12, 2);
    vec![
        texts("text", &[Some("Rõõm & <co>"), Some("https://example.org/x"), None]),
        ("whole".to_owned(), Arc::new(Int32Array::from(vec![Some(1), Some(-2), None]))),
        ("long".to_owned(), Arc::new(Int64Array::from(vec![Some(7), Some(i64::MAX), None]))),
        ("float".to_owned(), Arc::new(Float64Array::from(vec![Some(0.8), Some(f64::NAN), None]))),
        ("flag".to_owned(), Arc::new(BooleanArray::from(vec![Some(true), Some(false), None]))),
        ("day".to_owned(), Arc::new(Date32Array::from(vec![Some(19_782), Some(-40_000), None]))),
        (
            "moment".to_owned(),
            Arc::new(TimestampMicrosecondArray::from(vec![Some(1_709_210_096_500_000), Some(0), None])),
        ),
        ("money".to_owned(), Arc::new(decimals.expect("a scale of two fits into twelve digits"))),
    ]
}

/// Gives `write` a table of `columns` in batches of one row.
pub fn with_table<T>(
    columns: &[(String, ArrayRef)],
    write: impl FnOnce(Table<'_>) -> Result<T, PublishError>,
) -> Result<T, PublishError> {
    let fields: Vec<Field> = columns.iter().map(|(name, it)| Field::new(name, it.data_type().clone(), true)).collect();
    let schema: SchemaRef = Arc::new(Schema::new(fields));
    let arrays = columns.iter().map(|(_, it)| Arc::clone(it)).collect();
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays).map_err(|it| it.to_string());
    let rows = batch.as_ref().map_or(0, RecordBatch::num_rows);
    let mut batches = (0..rows).map(|row| batch.clone().map(|it| it.slice(row, 1)));
    write(Table { name: "contacts", schema, rows: rows as u64, batches: &mut batches })
}

/// The code and message of the problem that `result` must be.
pub fn problem<T>(result: Result<T, PublishError>) -> (String, String) {
    match result {
        Err(PublishError::Problem(it)) => (it.code, it.message),
        Err(other) => panic!("not a problem: {other}"),
        Ok(_) => panic!("nothing was refused"),
    }
}
