//! What the engine says of a query that it does not take, in our words: the fact, and what to do about it.
//!
//! Here are only sentences about the text of a query. No row has been read when they are said, so whatever they name
//! was typed.

use crate::problem::{Problem, nearest};
use crate::steps::{SQL, meant_column};

/// Words that a query may begin or go on with, for those that are misspelt.
const WORDS: [&str; 28] = [
    "select",
    "from",
    "where",
    "group",
    "having",
    "order",
    "limit",
    "offset",
    "join",
    "inner",
    "left",
    "right",
    "outer",
    "full",
    "cross",
    "union",
    "except",
    "intersect",
    "distinct",
    "with",
    "case",
    "else",
    "between",
    "values",
    "using",
    "recursive",
    "asc",
    "desc",
];

/// The problem of a query whose text the engine refuses; `columns` are those of the tables that it reads.
pub(super) fn problem<'a>(said: &str, text: &str, columns: impl Iterator<Item = &'a str>) -> Problem {
    let (fact, help) = told(said, text, columns);
    let help = help.or_else(|| no_query(text).map(str::to_owned));
    Problem::new(&SQL, format!("the query cannot be run: {fact}")).help(help)
}

/// What is done in the place of a statement that is no query; `None` where it may be one.
pub(super) fn no_query(text: &str) -> Option<&'static str> {
    let first = text.split_whitespace().next()?.to_lowercase();
    match first.trim_end_matches(';') {
        "show" | "describe" | "desc" | "pragma" | "explain" => Some(LISTS),
        it if it.starts_with(['.', '\\']) => Some(LISTS),
        "insert" | "update" | "delete" | "create" | "drop" | "alter" | "truncate" | "copy" | "export" | "attach"
        | "set" | "use" | "call" => Some("a query changes nothing: steps make tables, and exports write them"),
        _ => None,
    }
}

const LISTS: &str = "`hotpass list` names all tables, and `hotpass show STEP` shows one";

fn told<'a>(said: &str, text: &str, columns: impl Iterator<Item = &'a str>) -> (String, Option<String>) {
    let kinds = ["Binder Error: ", "Catalog Error: ", "Parser Error: "];
    let said = kinds.iter().find_map(|it| said.strip_prefix(it)).unwrap_or(said);
    let between = |before: &str, after: &str| {
        let (_, rest) = said.split_once(before)?;
        rest.split_once(after).map(|(it, _)| it)
    };
    if let Some(name) = between("Referenced column \"", "\" not found") {
        return (format!("there is no column `{name}`"), meant_column(name, text, columns));
    }
    if (said.starts_with("Table \"") || said.starts_with("Values list \""))
        && let (Some(table), Some(name)) = (between("\"", "\""), between("have a column named \"", "\""))
    {
        return (format!("`{table}` has no column `{name}`"), meant_column(name, text, columns));
    }
    if let Some(call) = between("No function matches the given name and argument types '", "'") {
        let (name, types) = call.split_once('(').unwrap_or((call, ""));
        let types: Vec<_> = types.trim_end_matches(')').split(", ").map(type_name).collect();
        let fact = format!("`{name}` does not take {}", types.join(", "));
        return (fact, Some("a cast makes another type: `cast(… as decimal)`, `cast(… as date)`".to_owned()));
    }
    if let Some(name) = between("column \"", "\" must appear in the GROUP BY clause") {
        let help = format!("add `group by {name}`, or take one of its values: `min({name})`");
        return (format!("`{name}` is neither grouped by nor in an aggregate"), Some(help));
    }
    if let (Some(name), Some(names)) = (between("Ambiguous reference to column name \"", "\""), between("(use: ", ")"))
    {
        let names = names.replace('"', "`");
        return (format!("`{name}` is a column of several tables"), Some(format!("name one: {names}")));
    }
    if let Some(table) = between("Ambiguous reference to table \"", " (duplicate alias") {
        let name = table.rsplit('.').next().unwrap_or(table).trim_matches('"');
        let help = "give each a name of its own: `from t as a join t as b on …`".to_owned();
        return (format!("`{name}` is in one `from` twice"), Some(help));
    }
    if said.starts_with("Max expression depth limit") {
        return ("it is nested too deep".to_owned(), Some("compute a part of it in a subquery".to_owned()));
    }
    if said.starts_with("WHERE clause cannot contain aggregates") {
        let help = "`having` is for conditions on groups, after `group by`".to_owned();
        return ("`where` looks at single rows, and an aggregate at several".to_owned(), Some(help));
    }
    if let Some(types) = between("Cannot compare values of type ", " - an explicit cast is required")
        && let Some((a, b)) = types.split_once(" and type ").or_else(|| types.split_once(" and "))
    {
        let help = "make one type of both: `cast(… as decimal)`, or a text in single quotes".to_owned();
        return (format!("{} is compared with {}", type_name(a), type_name(b)), Some(help));
    }
    (said.trim_end_matches('!').to_owned(), None)
}

/// A type of the engine as we call it.
fn type_name(theirs: &str) -> String {
    let name = theirs.trim().trim_start_matches("type ");
    let bare = name.split('(').next().unwrap_or(name);
    match bare {
        "VARCHAR" | "STRING_LITERAL" => "text",
        "TINYINT" | "SMALLINT" | "INTEGER" | "BIGINT" | "HUGEINT" | "INTEGER_LITERAL" => "integer",
        "DOUBLE" | "FLOAT" => "float",
        "DECIMAL" => "decimal",
        "BOOLEAN" => "boolean",
        "DATE" => "date",
        "TIMESTAMP" => "timestamp",
        "" => "nothing",
        _ => return name.to_lowercase(),
    }
    .to_owned()
}

/// The help for a text that the engine's parser stops in, at a byte of it.
pub(super) fn misspelt(text: &str, at: usize) -> Option<String> {
    let rest = text.get(at..)?;
    let end = rest.find(|it: char| !it.is_alphanumeric()).unwrap_or(rest.len());
    let meant = |word: &str| {
        let word = word.to_lowercase();
        nearest(&word, WORDS).filter(|it| *it != word).map(|it| format!("did you mean `{it}`?"))
    };
    // What is misspelt is often taken for a name, and the word behind it for what is wrong.
    let before = text[..at].trim_end();
    let start = before.rfind(|it: char| !it.is_alphanumeric()).map_or(0, |it| it + 1);
    let begin = before.get(start..).filter(|it| !it.is_empty());
    let number = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
    if let Some("top" | "first") = begin.map(str::to_lowercase).as_deref()
        && let Some(rows) = rest.split_whitespace().next().filter(|it| number(it))
    {
        return Some(format!("the first rows are asked for at the end: `limit {rows}`"));
    }
    meant(&rest[..end]).or_else(|| begin.and_then(meant))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rows_are_asked_for_at_the_end() {
        for text in ["select top 3 * from t", "select TOP 3 name from t"] {
            let help = misspelt(text, 11);
            assert_eq!(help.as_deref(), Some("the first rows are asked for at the end: `limit 3`"), "{text}");
        }
        assert_eq!(misspelt("select top x from t", 11), None);
    }

    #[test]
    fn what_the_engine_says_is_told_with_a_way_out() {
        let check = |said: &str, text: &str, fact: &str, help: &str| {
            let (found, way) = told(said, text, ["city", "name", "_row"].into_iter());
            assert_eq!((found.as_str(), way.unwrap_or_default().as_str()), (fact, help), "{said}");
        };
        let absent = |it: &str| format!("Binder Error: Referenced column \"{it}\" not found in FROM clause!");
        check(&absent("ctiy"), "select ctiy", "there is no column `ctiy`", "did you mean `city`?");
        check(&absent("zebra"), "select zebra", "there is no column `zebra`", "there are `city`, `name`");
        let quoted = "put names in double quotes and texts in single quotes: `'Basel'`";
        check(&absent("Basel"), "where city = \"Basel\"", "there is no column `Basel`", quoted);
        check(
            "Binder Error: Values list \"k\" does not have a column named \"nam\"",
            "",
            "`k` has no column `nam`",
            "did you mean `name`?",
        );
        check(
            "Binder Error: No function matches the given name and argument types 'sum(VARCHAR)'. You might need to add",
            "",
            "`sum` does not take text",
            "a cast makes another type: `cast(… as decimal)`, `cast(… as date)`",
        );
        check(
            "Binder Error: column \"city\" must appear in the GROUP BY clause or must be part of an aggregate function.",
            "",
            "`city` is neither grouped by nor in an aggregate",
            "add `group by city`, or take one of its values: `min(city)`",
        );
        check(
            "Binder Error: Ambiguous reference to column name \"city\" (use: \"a.city\" or \"b.city\")",
            "",
            "`city` is a column of several tables",
            "name one: `a.city` or `b.city`",
        );
        check(
            "Binder Error: Ambiguous reference to table \"\"~\".main.kept\" (duplicate alias \"kept\", explicitly alias",
            "",
            "`kept` is in one `from` twice",
            "give each a name of its own: `from t as a join t as b on …`",
        );
        check(
            "Binder Error: Max expression depth limit of 1000 exceeded. Use \"SET max_expression_depth TO x\" to",
            "",
            "it is nested too deep",
            "compute a part of it in a subquery",
        );
        check("Binder Error: something new!", "", "something new", "");
    }

    #[test]
    fn what_is_no_query_has_another_place() {
        let check = |text: &str, word: &str| {
            assert!(no_query(text).is_some_and(|it| it.contains(word)), "{text}");
        };
        for text in [".tables", " .schema kept", "SHOW TABLES;", "describe kept", "\\d", "explain select 1"] {
            check(text, "hotpass list");
        }
        for text in ["drop table kept", "INSERT into kept values (1)", "copy kept to 'x'", "set threads = 1"] {
            check(text, "exports write");
        }
        assert_eq!(["select 1", "from kept", "with q as (select 1) select * from q", ""].map(no_query), [None; 4]);
    }

    #[test]
    fn misspelt_words_are_told() {
        let check = |text: &str, at, expected: Option<&str>| {
            let expected = expected.map(|it| format!("did you mean `{it}`?"));
            assert_eq!(misspelt(text, at), expected, "{text}");
        };
        check("selct 1", 0, Some("select"));
        check("select a form b wher c", 21, Some("where"));
        check("select 1 +", 10, None);
        check("select é +", 11, None);
        check("", 5, None);
    }
}
