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
//! query sees these tables and nothing else: no files, no network, no settings. It runs on one thread, so that its
//! rows come in one order; functions that read the clock or draw lots are refused.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use serde::Serialize;
use sqlparser::ast::{self, Statement, visit_expressions, visit_relations};
use sqlparser::dialect::DuckDbDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, Tokenizer};

use crate::fields::Fields;
use crate::profile::Profile;
use crate::steps::columns::many_inputs;
use crate::steps::{Decoded, Finding, Input, Kind, Lowered, Query, SQL, Spec, Work};

pub(super) const KIND: Kind =
    Kind { name: "sql", revision: 1, summary: "a query of your own over other tables, run in a sandbox", decode };

/// Functions whose answer differs from run to run.
const VOLATILE: [&str; 14] = [
    "random",
    "setseed",
    "uuid",
    "gen_random_uuid",
    "uuidv4",
    "uuidv7",
    "now",
    "current_timestamp",
    "current_date",
    "current_time",
    "today",
    "get_current_timestamp",
    "transaction_timestamp",
    "localtimestamp",
];

#[derive(Debug, Serialize)]
struct Sql {
    query: Query,
}

fn decode(fields: &mut Fields, _: &Profile) -> Option<Decoded> {
    let declared = fields.has("from").then(|| many_inputs(fields, "from"));
    let text = fields.required_text("query", "the statement that makes the table")?;
    let dialect = DuckDbDialect {};
    let parsed = Parser::new(&dialect)
        .with_recursion_limit(200)
        .try_with_sql(&text)
        .and_then(|mut parser| parser.parse_statements());
    let query = match &parsed {
        Ok(statements) => understood(fields, &text, statements)?,
        // DuckDB knows more than this parser: it has the last word when the step is bound.
        Err(_) if declared.is_some() => Query { canonical: text.trim().to_owned(), words: None, text: text.clone() },
        Err(error) => {
            let message = error.to_string().trim_start_matches("sql parser error: ").to_owned();
            let help = Some("if DuckDB understands it, name the tables it reads: `from = [...]`".to_owned());
            fields.problem(&SQL, "query", format!("the query cannot be read: {message}"), "in this query", help);
            return None;
        }
    };
    let inputs = match declared {
        Some(inputs) => inputs?,
        None => {
            let statements = parsed.as_deref().unwrap_or_default();
            tables(statements).into_iter().map(|it| (it, "query".to_owned())).collect()
        }
    };
    Some(Decoded::new(inputs, Sql { query }))
}

fn understood(fields: &Fields, text: &str, statements: &[Statement]) -> Option<Query> {
    let [statement @ Statement::Query(_)] = statements else {
        let help = Some("a `sql` step is one `select`".to_owned());
        fields.problem(&SQL, "query", "the query is not one `select`", "in this query", help);
        return None;
    };
    let mut volatile = None;
    let _ = visit_expressions(statement, |expr| {
        if let ast::Expr::Function(call) = expr {
            let name = call.name.to_string().to_lowercase();
            if VOLATILE.contains(&name.as_str()) {
                volatile = Some(name);
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    });
    if let Some(name) = volatile {
        let message = format!("`{name}` gives another answer at every run");
        let help = Some("give the value as a parameter: `--set` enters the key".to_owned());
        fields.problem(&SQL, "query", message, "in this query", help);
        return None;
    }
    Some(Query { text: text.to_owned(), canonical: statement.to_string(), words: words(text, statement) })
}

/// Tables a statement reads, without those it defines itself.
fn tables(statements: &[Statement]) -> Vec<String> {
    let mut own = BTreeSet::new();
    let mut seen = Vec::new();
    for statement in statements {
        if let Statement::Query(query) = statement {
            common_tables(query, &mut own);
        }
        let _ = visit_relations(statement, |name| {
            if let [part] = name.0.as_slice() {
                let name = part.to_string().trim_matches('"').to_owned();
                if !seen.contains(&name) {
                    seen.push(name);
                }
            }
            ControlFlow::<()>::Continue(())
        });
    }
    seen.retain(|it| !own.contains(&it.to_lowercase()));
    seen
}

fn common_tables(query: &ast::Query, acc: &mut BTreeSet<String>) {
    for table in query.with.iter().flat_map(|it| &it.cte_tables) {
        acc.insert(table.alias.name.value.to_lowercase());
        common_tables(&table.query, acc);
    }
}

/// Every word of the text that may name a column, folded and sorted: columns of other names are not read. `None`
/// when the statement takes columns without naming them.
fn words(text: &str, statement: &Statement) -> Option<Vec<String>> {
    // `columns(…)`, natural joins and rows taken as a whole read what they do not name.
    let unnamed = ["columns", "natural", "pivot", "unpivot", "exclude", "describe", "summarize"];
    let tokens = Tokenizer::new(&DuckDbDialect {}, text).tokenize().ok()?;
    let mut words = BTreeSet::new();
    for token in &tokens {
        if let Token::Word(word) = token {
            words.insert(word.value.to_lowercase());
        }
    }
    if unnamed.iter().any(|it| words.contains(*it)) || !words.contains("select") {
        return None;
    }
    // `*` as a list of columns; as a sign of multiplication or in `count(*)` it reads nothing by itself.
    let stars = statement.to_string().replace("count(*)", "").replace("COUNT(*)", "");
    let starts_list = |it: &str| stars.contains(it);
    if starts_list("SELECT *") || starts_list(", *") || starts_list(".*") || starts_list("DISTINCT *") {
        return None;
    }
    // A table or alias taken as a value is its whole row.
    let mut whole = false;
    let named: BTreeSet<_> = tables(std::slice::from_ref(statement)).into_iter().map(|it| it.to_lowercase()).collect();
    let _ = visit_expressions(statement, |expr| {
        if let ast::Expr::Identifier(name) = expr
            && named.contains(&name.value.to_lowercase())
        {
            whole = true;
        }
        ControlFlow::<()>::Continue(())
    });
    (!whole).then(|| words.into_iter().collect())
}

impl Spec for Sql {
    fn lower(&self, _: &[Input<'_>], _: &mut Vec<Finding>) -> Option<Lowered> {
        let work = Work::Sql(self.query.clone());
        Some(Lowered {
            work,
            rejects: None,
            classes: Default::default(),
            unmapped: Vec::new(),
            rules: Default::default(),
        })
    }
}
