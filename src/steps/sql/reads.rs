//! What a user's statement reads: tables by name, and the words that may name their columns.
//!
//! Nothing is resolved here: a word that might name a column counts as naming one, and a statement that takes columns
//! without naming them counts as reading all. DuckDB has the last word about what a statement means.

use std::collections::BTreeSet;

use sqlparser::ast::{Expr, FunctionArg, FunctionArgExpr, FunctionArguments, Query, Select, SelectFlavor, SelectItem};
use sqlparser::ast::{SetExpr, Statement, TableFactor};
use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::stars::{self, Pattern, Star, narrowed};
use super::walk::{Look, walk};
use crate::model::Schema;
use crate::steps::{Input, Query as Asked};

/// Functions whose answer differs from run to run, from machine to machine or from setting to setting.
const VOLATILE: [&str; 30] = [
    "txid_current",
    "current_setting",
    "current_user",
    "session_user",
    "user",
    "version",
    "pg_postmaster_start_time",
    "current_query",
    "current_query_id",
    "current_connection_id",
    "getvariable",
    "nextval",
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
    "current_localtimestamp",
    "current_localtime",
    "today",
    "get_current_timestamp",
    "get_current_time",
    "transaction_timestamp",
    "localtimestamp",
    "localtime",
];

/// Those that need no brackets.
const BARE: [&str; 7] = [
    "current_user",
    "session_user",
    "current_timestamp",
    "current_date",
    "current_time",
    "localtimestamp",
    "localtime",
];

/// Words with which columns are taken that nothing names.
const UNNAMED: [&str; 6] = ["natural", "pivot", "unpivot", "describe", "summarize", "positional"];

/// How a statement takes columns that it does not name.
#[derive(Clone, Debug, Default)]
pub(super) struct Takes {
    /// Its stars and patterns, where it takes no column in another way.
    stars: Option<(Vec<Star>, Vec<Pattern>)>,
    /// Tables that it defines itself, folded.
    own: BTreeSet<String>,
    /// Words of it that may name hidden columns, folded.
    hidden: BTreeSet<String>,
}

impl Takes {
    /// The query over tables with the hidden columns that it names, which its stars leave out.
    pub(super) fn with_hidden(&self, query: &Asked, inputs: &[Input<'_>]) -> Asked {
        let mut query = query.clone();
        let Some((stars, patterns)) = self.stars.as_ref().filter(|_| query.words.is_none()) else { return query };
        let named = |schema: &Schema| -> Vec<String> {
            let hidden = schema.columns.iter().filter(|it| it.is_hidden()).map(|it| it.name.clone());
            hidden.filter(|it| self.hidden.contains(&it.to_lowercase())).collect()
        };
        let of = |table: &str| {
            let input = inputs.iter().find(|it| it.name.to_lowercase() == table);
            input.map(|it| named(it.schema)).unwrap_or_default()
        };
        let hidden: BTreeSet<String> =
            inputs.iter().flat_map(|it| named(it.schema)).map(|it| it.to_lowercase()).collect();
        if hidden.is_empty() {
            return query;
        }
        if let Some((text, inserted)) =
            narrowed(&query.text, (stars, patterns), &hidden, &|it| self.own.contains(it), &of)
        {
            query.text = text;
            query.inserted = inserted;
            query.hidden = hidden.into_iter().collect();
        }
        query
    }
}

/// Tables that statements read, as written, without those they define themselves; each once.
pub(super) fn tables(statements: &[Statement]) -> Vec<String> {
    let mut seen = Vec::new();
    for statement in statements {
        for name in Reads::of(statement).tables {
            if !seen.contains(&name) {
                seen.push(name);
            }
        }
    }
    seen
}

/// What the words of a text say, whatever they stand for.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// All of them, folded.
    all: BTreeSet<String>,
    /// Those that a bracket stands behind, folded.
    pub(super) called: BTreeSet<String>,
    /// How many are `columns`.
    columns: usize,
    /// The first thing that gives another answer at every run.
    pub(super) volatile: Option<String>,
}

impl Words {
    /// The words among these tokens.
    pub(super) fn of(tokens: &[TokenWithSpan]) -> Words {
        let mut acc = Words::default();
        let tokens = tokens.iter().map(|it| &it.token).filter(|it| !matches!(it, Token::Whitespace(_)));
        let mut tokens = tokens.peekable();
        // Whether a member may follow, and whether it was `using`.
        let (mut member, mut using) = (false, false);
        while let Some(token) = tokens.next() {
            let Token::Word(word) = token else {
                (member, using) = (*token == Token::Period, false);
                continue;
            };
            let name = word.value.to_lowercase();
            let called = tokens.peek() == Some(&&Token::LParen);
            if acc.volatile.is_none() && word.quote_style.is_none() {
                let samples = name == "tablesample" || name == "sample" && using;
                let draws = VOLATILE.contains(&name.as_str()) && (called || BARE.contains(&name.as_str()) && !member);
                acc.volatile = (samples || draws).then(|| name.clone());
            }
            acc.columns += usize::from(name == "columns");
            (member, using) = (false, name == "using");
            if called {
                acc.called.insert(name.clone());
            }
            acc.all.insert(name);
        }
        acc
    }

    /// Whether this is one of them.
    pub(super) fn has(&self, word: &str) -> bool {
        self.all.contains(word)
    }
}

/// Every word of a text that may name a column, folded and sorted: columns of other names are not read. `None`
/// when the statement takes columns without naming them; how it does is told beside.
pub(super) fn words(said: Words, statement: &Statement) -> (Option<Vec<String>>, Takes) {
    let Words { all: words, columns, .. } = said;
    let reads = Reads::of(statement);
    // A pattern is about all columns beside it, whatever the query calls them: one `select` alone has no other ones.
    let patterned = columns == reads.patterns.len() && (columns == 0 || reads.selects == 1);
    if UNNAMED.iter().any(|it| words.contains(*it)) || reads.takes_unnamed() || !patterned {
        return (None, Takes::default());
    }
    if reads.stars.is_empty() && columns == 0 {
        return (Some(words.into_iter().collect()), Takes::default());
    }
    let hidden = words.into_iter().filter(|it| crate::model::is_hidden(it)).collect();
    (None, Takes { stars: Some((reads.stars, reads.patterns)), own: reads.own, hidden })
}

/// One walk over a statement.
#[derive(Default)]
struct Reads {
    tables: Vec<String>,
    /// Names under which the statement knows its tables, folded.
    names: BTreeSet<String>,
    /// Tables the statement defines itself, folded.
    own: BTreeSet<String>,
    /// Single names that stand as values, folded.
    values: BTreeSet<String>,
    /// Where it takes all columns that people see.
    stars: Vec<Star>,
    /// Where it takes columns by a pattern of their names.
    patterns: Vec<Pattern>,
    /// How many times it selects.
    selects: usize,
    /// Whether it takes columns in any other way that does not name them.
    unnamed: bool,
}

impl Reads {
    fn of(statement: &Statement) -> Reads {
        let mut reads = Reads::default();
        walk(statement, &mut reads);
        let own = &reads.own;
        reads.tables.retain(|it| !own.contains(&it.to_lowercase()));
        reads
    }

    /// A table taken as a value is its whole row.
    fn takes_unnamed(&self) -> bool {
        self.unnamed || self.values.iter().any(|it| self.names.contains(it))
    }
}

impl Look for Reads {
    fn query(&mut self, query: &Query) {
        for table in query.with.iter().flat_map(|it| &it.cte_tables) {
            self.own.insert(table.alias.name.value.to_lowercase());
        }
        self.unnamed |= matches!(*query.body, SetExpr::Table(_)) || !query.pipe_operators.is_empty();
    }

    fn select(&mut self, select: &Select) {
        let all = |it: &SelectItem| matches!(it, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..));
        self.selects += 1;
        self.unnamed |= select.flavor == SelectFlavor::FromFirstNoSelect;
        if select.projection.iter().any(all) {
            match stars::of(select) {
                Some(stars) => self.stars.extend(stars),
                None => self.unnamed = true,
            }
        }
    }

    fn table(&mut self, table: &TableFactor) {
        let alias = match table {
            TableFactor::Table { name, alias, args, .. } => {
                let parts: Vec<String> =
                    name.0.iter().map(|it| it.to_string().trim_matches(['"', '\'']).to_owned()).collect();
                self.names.extend(parts.last().map(|it| it.to_lowercase()));
                if args.is_none() && parts.len() <= 2 {
                    self.tables.push(parts.join("."));
                }
                alias
            }
            TableFactor::Derived { alias, .. } | TableFactor::Function { alias, .. } => alias,
            TableFactor::NestedJoin { alias, .. } => alias,
            TableFactor::UNNEST { .. } | TableFactor::TableFunction { .. } => &None,
            _ => {
                self.unnamed = true;
                &None
            }
        };
        if let Some(alias) = alias {
            self.names.insert(alias.name.value.to_lowercase());
            // Columns renamed by their place are read by their place.
            self.unnamed |= !alias.columns.is_empty();
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Identifier(name) => {
                self.values.insert(name.value.to_lowercase());
            }
            Expr::Wildcard(_) | Expr::QualifiedWildcard(..) => self.unnamed = true,
            Expr::Function(call) => {
                let name = call.name.to_string();
                let counts = name.eq_ignore_ascii_case("count");
                if name.eq_ignore_ascii_case("columns") {
                    self.patterns.extend(Pattern::of(call));
                }
                if let FunctionArguments::List(list) = &call.args {
                    let all = |it: &FunctionArg| match it {
                        FunctionArg::Unnamed(FunctionArgExpr::Wildcard) => !counts,
                        FunctionArg::Unnamed(FunctionArgExpr::Expr(_)) => false,
                        _ => true,
                    };
                    self.unnamed |= list.args.iter().any(all);
                }
            }
            _ => (),
        }
    }
}

#[cfg(test)]
mod tests {
    use sqlparser::dialect::DuckDbDialect;
    use sqlparser::parser::Parser;
    use sqlparser::tokenizer::Tokenizer;

    use super::*;

    fn said(text: &str) -> Words {
        let tokens = Tokenizer::new(&DuckDbDialect {}, text).tokenize_with_location();
        Words::of(&tokens.unwrap_or_else(|error| panic!("{text}: {error}")))
    }

    fn parsed(text: &str) -> Vec<Statement> {
        Parser::parse_sql(&DuckDbDialect {}, text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn tables_are_those_that_the_statement_does_not_define() {
        let check = |text: &str, expected: &[&str]| assert_eq!(tables(&parsed(text)), expected, "{text}");
        check("select a from t join u on t.x = u.x", &["t", "u"]);
        check("with c as (select a from t) select a from c, t", &["t"]);
        check("select a from crm.t union all select a from \"T u\"", &["crm.t", "T u"]);
        check("select a from range(3) r(a), t where a in (select b from u)", &["t", "u"]);
    }

    #[test]
    fn what_is_not_named_is_read_whole() {
        let whole = |text: &str| assert_eq!(words(said(text), &parsed(text)[0]).0, None, "{text}");
        whole("select * from t");
        whole("select distinct on (a) * from t");
        whole("select x from t as x");
        whole("select t from t");
        whole("select count(x) from t as x");
        whole("select a from (from t) s(a)");
        whole("select count(*) from (from t)");
        whole("select t.* from t");
        whole("select to_json(x) from t x");
        whole("select p from t as x(p, q)");
        whole("select columns('a.*') from t");
        whole("select a from t natural join u");
    }

    #[test]
    fn what_is_named_is_read() {
        let check = |text: &str, column: &str, read: bool| {
            let words = words(said(text), &parsed(text)[0]).0.unwrap_or_else(|| panic!("{text} reads all"));
            assert_eq!(words.contains(&column.to_owned()), read, "{text}");
        };
        check("select a, count(*) from t group by 1", "a", true);
        check("select a, count(*) from t group by 1", "b", false);
        check("select a * 2 from t", "b", false);
        check("select a from t join u using (B)", "b", true);
        check("select t.\"c d\" from t", "c d", true);
    }

    #[test]
    fn chance_and_the_clock_are_noticed() {
        let check = |text: &str, expected: Option<&str>| assert_eq!(said(text).volatile.as_deref(), expected, "{text}");
        check("select Random() from t", Some("random"));
        check("select current_date", Some("current_date"));
        check("select t.current_date from t", None);
        check("select now, \"random\" from t", None);
        check("select a from t using sample 10%", Some("sample"));
        check("select a from t tablesample 3 rows", Some("tablesample"));
        check("select 'now()'", None);
    }
}
