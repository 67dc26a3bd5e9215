//! What casts of texts call: `as_date(x)`, `as_integer(x)`, … They take text and give a value of their type, or null.
//!
//! Not here: what spells a value (`text::cast`), which casts call them (`relation::sql`).

use std::error::Error;

use duckdb::Connection;
use duckdb::core::DataChunkHandle;
use duckdb::vscalar::{ScalarFunctionSignature, VScalar};
use duckdb::vtab::arrow::WritableVector;

use super::text_type;
use super::vector::{Day, Micros, Plain, Texts, Values};
use crate::text::{cast, list};

/// Registers them for all connections to a database; `as_decimal`, which is told how many digits, goes with the other
/// functions of two arguments.
pub(super) fn register(connection: &Connection) -> duckdb::Result<()> {
    one::<i64>(connection, "as_integer", cast::integer)?;
    one::<i64>(connection, "as_whole", cast::whole)?;
    one::<f64>(connection, "as_float", cast::float)?;
    one::<bool>(connection, "as_boolean", cast::boolean)?;
    one::<bool>(connection, "is_json", |it| Some(list::is_json(it)))?;
    one::<Day>(connection, "as_date", |it| cast::date(it).map(Day))?;
    one::<Micros>(connection, "as_timestamp", |it| cast::timestamp(it).map(Micros))
}

fn one<T: Plain>(connection: &Connection, name: &str, read: fn(&str) -> Option<T>) -> duckdb::Result<()> {
    connection.register_scalar_function_with_state::<Cast<T>>(name, &Read(read))
}

/// Reads a text as a value.
#[derive(Clone, Copy)]
struct Read<T>(fn(&str) -> Option<T>);

struct Cast<T>(std::marker::PhantomData<T>);

impl<T: Plain> VScalar for Cast<T> {
    type State = Read<T>;

    fn invoke(
        read: &Read<T>,
        input: &mut DataChunkHandle,
        output: &mut dyn WritableVector,
    ) -> Result<(), Box<dyn Error>> {
        let texts = Texts::new(input, 0)?;
        let mut made = Values::<T>::new(output)?;
        for row in 0..input.len() {
            let value = match texts.get(row) {
                Some(cell) => (read.0)(cell.text()?),
                None => None,
            };
            made.set(row, value);
        }
        Ok(())
    }

    fn signatures() -> Vec<ScalarFunctionSignature> {
        vec![ScalarFunctionSignature::exact(vec![text_type()], T::TYPE.into())]
    }
}
