//! Stars of a query: `*`, `t.*` and `columns('pattern')` take the columns that people see, and no hidden one that the
//! query names beside them.
//!
//! To the engine a column is there or not. Where a query names hidden columns, its tables have them, and each star is
//! told to leave them out: `* exclude ("t"."_row")`.

use std::collections::BTreeSet;

use sqlparser::ast::{
    ExcludeSelectItem, JoinOperator, ObjectName, Select, SelectItem, SelectItemQualifiedWildcardKind,
};
use sqlparser::ast::{Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Value};
use sqlparser::ast::{TableFactor, TableWithJoins, WildcardAdditionalOptions};
use sqlparser::dialect::DuckDbDialect;
use sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan, Tokenizer};

use crate::relation::sql::{identifier, quote};
use crate::steps::Inserted;

/// A star of a `select`.
#[derive(Clone, Debug)]
pub(super) struct Star {
    at: Location,
    /// The tables whose columns it takes.
    tables: Vec<Named>,
    /// What it leaves out already: qualifier and name, folded.
    excluded: Vec<(Option<String>, String)>,
}

/// The pattern of a `columns('pattern')`, from its first character to what stands behind it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pattern(Span);

impl Pattern {
    /// That of a call, where it is one with a pattern alone.
    pub(super) fn of(call: &Function) -> Option<Pattern> {
        let FunctionArguments::List(list) = &call.args else { return None };
        let [FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Value(it)))] = list.args.as_slice() else { return None };
        matches!(it.value, Value::SingleQuotedString(_)).then_some(Pattern(it.span))
    }
}

/// A table of a query.
#[derive(Clone, Debug)]
struct Named {
    /// As it is written, folded.
    name: String,
    /// What its columns are called by.
    alias: String,
}

/// The stars of a `select`; `None` where it takes rows in a way that cannot leave columns out.
pub(super) fn of(select: &Select) -> Option<Vec<Star>> {
    let mut tables = Vec::new();
    select.from.iter().try_for_each(|it| joined(it, &mut tables))?;
    let mut stars = Vec::new();
    for item in &select.projection {
        match item {
            SelectItem::Wildcard(options) => stars.push(star(options, tables.clone())?),
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), options) => {
                let (_, qualifier) = parts(name)?;
                let own = tables.iter().filter(|it| it.alias == qualifier);
                stars.push(star(options, own.cloned().collect())?);
            }
            SelectItem::QualifiedWildcard(..) => return None,
            SelectItem::UnnamedExpr(_) | SelectItem::ExprWithAlias { .. } => (),
            _ => return None,
        }
    }
    Some(stars)
}

fn star(options: &WildcardAdditionalOptions, tables: Vec<Named>) -> Option<Star> {
    let left_out: &[ObjectName] = match &options.opt_exclude {
        None => &[],
        Some(ExcludeSelectItem::Single(name)) => std::slice::from_ref(name),
        Some(ExcludeSelectItem::Multiple(names)) => names,
    };
    let excluded = left_out.iter().map(parts).collect::<Option<_>>()?;
    Some(Star { at: options.wildcard_token.0.span.start, tables, excluded })
}

/// Qualifier and last part of a name, folded.
fn parts(name: &ObjectName) -> Option<(Option<String>, String)> {
    let mut parts: Vec<String> =
        name.0.iter().map(|it| Some(it.as_ident()?.value.to_lowercase())).collect::<Option<_>>()?;
    let last = parts.pop()?;
    Some((parts.pop(), last))
}

/// The tables of a `from` whose columns a star takes.
fn joined(from: &TableWithJoins, acc: &mut Vec<Named>) -> Option<()> {
    table(&from.relation, acc)?;
    for join in &from.joins {
        use JoinOperator::{Anti, LeftAnti, LeftSemi, RightAnti, RightSemi, Semi};
        match &join.join_operator {
            Semi(_) | LeftSemi(_) | Anti(_) | LeftAnti(_) => (),
            RightSemi(_) | RightAnti(_) => return None,
            _ => table(&join.relation, acc)?,
        }
    }
    Some(())
}

fn table(it: &TableFactor, acc: &mut Vec<Named>) -> Option<()> {
    match it {
        TableFactor::Table { name, alias, args: None, .. } => {
            let (pipeline, last) = parts(name)?;
            let alias = alias.as_ref().map_or_else(|| last.clone(), |it| it.name.value.to_lowercase());
            let name = pipeline.map_or_else(|| last.clone(), |it| format!("{it}.{last}"));
            acc.push(Named { name, alias });
        }
        TableFactor::NestedJoin { table_with_joins, alias: None } => joined(table_with_joins, acc)?,
        // What they give is named by the query itself.
        TableFactor::Derived { .. } | TableFactor::UNNEST { .. } | TableFactor::Table { .. } => (),
        _ => return None,
    }
    Some(())
}

/// The query with stars and patterns that leave out hidden columns, and what was put in; `all` are the folded names of
/// these columns, and `hidden` gives those of a table by its folded name. `None` when a star is not where it should be.
pub(super) fn narrowed(
    text: &str,
    (stars, patterns): (&[Star], &[Pattern]),
    all: &BTreeSet<String>,
    own: &dyn Fn(&str) -> bool,
    hidden: &dyn Fn(&str) -> Vec<String>,
) -> Option<(String, Vec<Inserted>)> {
    let tokens = Tokenizer::new(&DuckDbDialect {}, text).tokenize_with_location().ok()?;
    let tokens: Vec<&TokenWithSpan> = tokens.iter().filter(|it| !matches!(it.token, Token::Whitespace(_))).collect();
    let mut put: Vec<(Location, String)> = Vec::new();
    for star in stars {
        let mut names: Vec<String> = Vec::new();
        for table in star.tables.iter().filter(|it| !own(&it.name)) {
            for column in hidden(&table.name) {
                let folded = column.to_lowercase();
                let left_out = |(of, name): &(Option<String>, String)| {
                    *name == folded && of.as_ref().is_none_or(|it| *it == table.alias)
                };
                let name = format!("{}.{}", identifier(&table.alias), identifier(&column));
                if !star.excluded.iter().any(left_out) && !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        if names.is_empty() {
            continue;
        }
        let at = tokens.iter().position(|it| it.span.start == star.at && it.token == Token::Mul)?;
        let names = names.join(", ");
        if star.excluded.is_empty() {
            put.push((tokens[at].span.end, format!(" exclude ({names})")));
            continue;
        }
        let first = tokens.get(at + 2)?;
        if first.token == Token::LParen {
            put.push((first.span.end, format!("{names}, ")));
            continue;
        }
        let mut last = at + 2;
        while tokens.get(last + 1).is_some_and(|it| it.token == Token::Period) {
            last += 2;
        }
        put.push((first.span.start, format!("({names}, ")));
        put.push((tokens.get(last)?.span.end, ")".to_owned()));
    }
    if !patterns.is_empty() {
        let all: Vec<_> = all.iter().map(|it| quote(it)).collect();
        let behind = format!(") and lower(c) not in ({})", all.join(", "));
        for Pattern(span) in patterns {
            put.push((span.start, "lambda c: regexp_matches(c, ".to_owned()));
            put.push((span.end, behind.clone()));
        }
    }
    put.sort_by_key(|(at, _)| (at.line, at.column));
    let mut out = text.to_owned();
    for (at, what) in put.iter().rev() {
        out.insert_str(offset(text, *at)?, what);
    }
    let put = put.into_iter().map(|(at, what)| Inserted {
        line: usize::try_from(at.line).unwrap_or(usize::MAX),
        column: usize::try_from(at.column).unwrap_or(usize::MAX),
        length: what.chars().count(),
    });
    Some((out, put.collect()))
}

/// Bytes before a place, whose line and column count from 1.
fn offset(text: &str, at: Location) -> Option<usize> {
    let line = usize::try_from(at.line).ok()?.checked_sub(1)?;
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let column = usize::try_from(at.column).ok()?.checked_sub(1)?;
    let within = text.get(start..)?;
    Some(start + within.char_indices().nth(column).map_or(within.len(), |(at, _)| at))
}
