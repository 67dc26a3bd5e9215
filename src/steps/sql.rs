//! `sql`: a query of the user's own over other tables, run in a sandbox.
//!
//! ```toml
//! [step.by_province]
//! kind = "sql"
//! query = """
//! select province, count(*) as organisations
//! from organisations
//! group by province
//! order by province
//! """
//! ```
//!
//! Tables are named as steps and sources are; `from = [...]` names them when the text cannot be understood here. The
//! query sees the values of parameters (`$since`), functions of the pipeline, these tables and nothing else: no files, no network, no settings. It runs on one thread, so that its
//! rows come in one order; functions that read the clock or draw lots are refused.

mod deep;
mod differences;
mod lent;
mod order;
mod parameters;
mod reads;
mod stars;
mod walk;

pub(super) use differences::between;

use std::collections::BTreeMap;

use reads::Words;
use serde::Serialize;
use sqlparser::ast::Statement;
use sqlparser::dialect::DuckDbDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Tokenizer;

use crate::fields::Fields;
use crate::fields::keys::{Key, Takes};
use crate::model::Class;
use crate::profile::Profile;
use crate::relation::sql::called as called_by;
use crate::steps::{Decoded, Finding, Input, Kind, Lowered, ORDER_LEFT_OPEN, Query, SQL, Spec, Work};

pub(super) const KIND: Kind = Kind {
    name: "sql",
    // Long tables are joined in another order since 2 (185 of the decisions).
    revision: 2,
    summary: "a query of your own over other tables, run in a sandbox",
    keys: KEYS,
    decode,
};

const KEYS: &[Key] = &[
    Key::required("query", Takes::Text, "the statement that makes the table, in DuckDB's SQL"),
    Key::new("from", Takes::TEXTS, "the tables it reads; found in the text without it"),
    Key::new("open", Takes::TEXTS, "columns of the result that may be shown to everybody"),
    Key::new("personal", Takes::TEXTS, "columns of the result that hold personal data"),
];

#[derive(Debug, Serialize)]
struct Sql {
    query: Query,
    /// Where it takes columns without naming them, and hidden columns that it may name beside that.
    #[serde(skip)]
    takes: reads::Takes,
    /// Classes of columns of the result that are said.
    #[serde(skip)]
    classes: BTreeMap<String, Class>,
}

fn decode(fields: &mut Fields, _: &Profile) -> Option<Decoded> {
    let declared: Option<Vec<(String, String)>> = fields.has("from").then(|| {
        // None at all may be named: a query of constants reads nothing.
        fields.words("from").into_iter().map(|it| (it, "from".to_owned())).collect()
    });
    let text = fields.required_text("query")?;
    let mut classes = BTreeMap::new();
    for (key, class) in [("open", Class::Open), ("personal", Class::Personal)] {
        classes.extend(fields.words(key).into_iter().map(|it| (it, class)));
    }
    let (inputs, sql) = read(fields, "query", &text, declared)?;
    Some(Decoded::new(inputs, Sql { classes, ..sql }))
}

/// A query under a key of a table that is no step: its tables are found in the text.
pub(super) fn under(fields: &mut Fields, key: &str) -> Option<Decoded> {
    let text = fields.text(key)?;
    let (inputs, sql) = read(fields, key, &text, None)?;
    Some(Decoded::new(inputs, sql))
}

/// The names of tables, each with the key that names it, and the query.
type Understood = (Vec<(String, String)>, Sql);

/// Reads a query that stands under `key`, over the tables that are declared or else found in it.
fn read(fields: &Fields, key: &str, written: &str, declared: Option<Vec<(String, String)>>) -> Option<Understood> {
    let (text, parameters) = parameters::put_in(written, |name| fields.parameter(name, key))?;
    let text = text.as_str();
    let dialect = DuckDbDialect {};
    let tokens = Tokenizer::new(&dialect, text).tokenize_with_location().map_err(ParserError::from);
    let mut said = tokens.as_deref().map_or_else(|_| Words::default(), Words::of);
    let called = std::mem::take(&mut said.called);
    if tokens.as_deref().is_ok_and(|it| deep::depth(it) > deep::DEEPEST) {
        let message = format!("the query has more than {} operators inside each other", deep::DEEPEST);
        let help = Some("put long lists of values into a table, and join it".to_owned());
        fields.problem(&SQL, key, message, "in this query", help);
        return None;
    }
    let parsed = tokens.and_then(|tokens| {
        let parser = Parser::new(&dialect).with_recursion_limit(200);
        parser.with_tokens_with_locations(tokens).parse_statements()
    });
    if let Some(name) = &said.volatile {
        let message = format!("`{name}` gives another answer at every run");
        let help = Some("give the value as a parameter: `--set` enters the key".to_owned());
        fields.problem(&SQL, key, message, "in this query", help);
        return None;
    }
    let (mut query, takes) = match &parsed {
        Ok(statements) => understood(fields, key, (text, said), statements)?,
        // DuckDB knows more than this parser: it has the last word when the step is bound.
        Err(_) if declared.is_some() => (query(text, text.trim().to_owned(), None), reads::Takes::default()),
        Err(error) => {
            let message = error.to_string().trim_start_matches("sql parser error: ").to_owned();
            let help = match text.contains("{{") || text.contains("{%") {
                true => "there are no templates: write the name of a table, and a parameter as `$name`",
                false => "if DuckDB understands it, name the tables it reads: `from = [...]`",
            };
            let help = Some(help.to_owned());
            fields.problem(&SQL, key, format!("the query cannot be read: {message}"), "in this query", help);
            return None;
        }
    };
    let mut inputs = match declared {
        Some(inputs) => inputs,
        None => {
            let statements = parsed.as_deref().unwrap_or_default();
            reads::tables(statements).into_iter().map(|it| (it, key.to_owned())).collect()
        }
    };
    inputs.sort();
    inputs.dedup();
    query.parameters = parameters;
    for (name, custom) in fields.functions(&|name| called.contains(name)) {
        let function = called_by(&custom.gives, &custom.takes);
        query.canonical.push_str(&format!("\n{name}{function}"));
        query.functions.push((name, function));
    }
    query.tables = inputs.iter().map(|(name, _)| name.clone()).collect();
    Some((inputs, Sql { query, takes, classes: BTreeMap::new() }))
}

fn query(text: &str, canonical: String, words: Option<Vec<String>>) -> Query {
    Query { text: text.to_owned(), canonical, words, ..Query::default() }
}

fn understood(
    fields: &Fields,
    key: &str,
    (text, said): (&str, Words),
    statements: &[Statement],
) -> Option<(Query, reads::Takes)> {
    let [statement @ Statement::Query(_)] = statements else {
        let help = Some("a `sql` step is one `select`".to_owned());
        fields.problem(&SQL, key, "the query is not one `select`", "in this query", help);
        return None;
    };
    for (what, help) in order::left_open(statements) {
        let message = format!("`{what}` takes rows in an order that the query leaves open");
        fields.problem(&ORDER_LEFT_OPEN, key, message, "in this query", Some(help.to_owned()));
    }
    let lendable = lent::lendable(&said, statements);
    let (words, takes) = reads::words(said, statement);
    Some((Query { lendable, ..query(text, statement.to_string(), words) }, takes))
}

impl Spec for Sql {
    fn lower(&self, inputs: &[Input<'_>], _: &mut Vec<Finding>) -> Option<Lowered> {
        let work = Lowered::from(Work::Sql(self.takes.with_hidden(&self.query, inputs)));
        Some(Lowered { classes: self.classes.clone(), ..work })
    }
}
