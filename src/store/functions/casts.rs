//! What casts of texts call: `as_date(x)`, `as_integer(x)`, … They take text and give a value of their type, or null.
//!
//! Not here: what spells a value (`text::cast`), which casts call them (`relation::sql`).

use std::error::Error;

use duckdb::Connection;
use duckdb::core::{DataChunkHandle, LogicalTypeHandle};
use duckdb::vscalar::{ScalarFunctionSignature, VScalar};
use duckdb::vtab::arrow::WritableVector;

use super::text_type;
use super::vector::{Day, Micros, Plain, Texts, Unscaled, Values};
use crate::text::{cast, list};

/// Digits of a decimal, as `relation::sql` names the type.
const DIGITS: u8 = 38;

/// Registers them for all connections to a database; there is an `as_decimal_S` for each number S of digits behind the
/// point, because a function gives one type.
pub(super) fn register(connection: &Connection) -> duckdb::Result<()> {
    one::<i64>(connection, "as_integer", cast::integer)?;
    one::<i64>(connection, "as_whole", cast::whole)?;
    one::<f64>(connection, "as_float", cast::float)?;
    one::<bool>(connection, "as_boolean", cast::boolean)?;
    one::<bool>(connection, "is_json", |it| Some(list::is_json(it)))?;
    one::<Day>(connection, "as_date", |it| cast::date(it).map(Day))?;
    one::<Micros>(connection, "as_timestamp", |it| cast::timestamp(it).map(Micros))?;
    macro_rules! decimals {
        ($($scale:literal)*) => { $(decimal::<$scale>(connection)?;)* };
    }
    decimals!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38);
    Ok(())
}

fn one<T: Plain>(connection: &Connection, name: &str, read: fn(&str) -> Option<T>) -> duckdb::Result<()> {
    connection.register_scalar_function_with_state::<Cast<T>>(name, &Read(read))
}

fn decimal<const SCALE: u8>(connection: &Connection) -> duckdb::Result<()> {
    connection.register_scalar_function_with_state::<Decimal<SCALE>>(&format!("as_decimal_{SCALE}"), &())
}

/// A cast to a decimal with so many digits behind the point.
struct Decimal<const SCALE: u8>;

impl<const SCALE: u8> VScalar for Decimal<SCALE> {
    type State = ();

    fn invoke((): &(), input: &mut DataChunkHandle, output: &mut dyn WritableVector) -> Result<(), Box<dyn Error>> {
        read_all(input, output, |it| cast::decimal(it, SCALE).map(Unscaled::from))
    }

    fn signatures() -> Vec<ScalarFunctionSignature> {
        vec![ScalarFunctionSignature::exact(vec![text_type()], LogicalTypeHandle::decimal(DIGITS, SCALE))]
    }
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
        read_all(input, output, read.0)
    }

    fn signatures() -> Vec<ScalarFunctionSignature> {
        vec![ScalarFunctionSignature::exact(vec![text_type()], T::TYPE.into())]
    }
}

fn read_all<T: Plain>(
    input: &DataChunkHandle,
    output: &mut dyn WritableVector,
    read: impl Fn(&str) -> Option<T>,
) -> Result<(), Box<dyn Error>> {
    let texts = Texts::new(input, 0)?;
    let mut made = Values::<T>::new(output)?;
    for row in 0..input.len() {
        let value = match texts.get(row) {
            Some(cell) => read(cell.text()?),
            None => None,
        };
        made.set(row, value);
    }
    Ok(())
}
