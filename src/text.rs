//! The pure value functions: one untidy text in, one usable value or none out.
//!
//! All are total (no text makes them panic), pure (no clock, locale, network or environment) and, where text becomes
//! text, idempotent: a value that went through once goes through again unchanged. `None` means *no usable value*.
//! What belongs to one country, industry or workbook (regions, aliases, placeholders, legal suffixes, day or month
//! first) comes in as an argument.
//!
//! Not here: SQL names and registration (`store`), which columns they run on (`steps`), verdicts about whether an
//! address is deliverable.

pub mod alias;
pub mod alike;
pub mod amount;
pub mod calendar;
pub mod capital;
pub mod cast;
pub mod clean;
pub mod codes;
pub mod coordinates;
pub mod date;
pub mod duration;
pub mod email;
pub mod english;
pub mod format;
pub mod iban;
pub mod json_schema;
pub mod list;
pub mod name;
pub mod number;
pub mod paired;
pub mod pattern;
pub mod phone;
pub mod placeholder;
pub mod postcode;
pub mod priced;
pub mod pseudonym;
pub mod quantity;
pub mod shape;
pub mod similarity;
pub mod slug;
pub mod sounds;
pub mod strftime;
mod undialled;
pub mod vat;
pub mod website;
pub mod words;

mod host;
mod near;
