//! What a user's query may do, seen on the tree that DuckDB's own parser made of it, before anything is bound: binding
//! alone runs table functions.
//!
//! What is not known to be harmless is refused: kinds of nodes, functions, tables. The functions stand in
//! `guard/functions.txt`.

mod intervals;
mod size;

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use serde_json::{Map, Value};

use crate::expr::parse::elsewhere;
use crate::problem::did_you_mean;
use size::{Bound, COLUMNS, LARGEST, WIDEST};

/// Functions that may be called, and those that may not with the reason.
const FUNCTIONS: &str = include_str!("guard/functions.txt");

/// Counted up when what is refused changes: what was bound before is looked at again.
pub(crate) const REVISION: u64 = 4;

/// Kinds of expressions that a query may hold.
const EXPRESSIONS: [&str; 17] = [
    "BETWEEN",
    "CASE",
    "CAST",
    "COLLATE",
    "COLUMN_REF",
    "COMPARISON",
    "CONJUNCTION",
    "CONSTANT",
    "FUNCTION",
    "LAMBDA",
    "LAMBDA_REF",
    "OPERATOR",
    "POSITIONAL_REFERENCE",
    "STAR",
    "SUBQUERY",
    "TYPE",
    "WINDOW",
];

/// Kinds of queries, tables and what stands behind them that a query may hold.
const NODES: [&str; 21] = [
    "ASCENDING",
    "BASE_TABLE",
    "CTE_NODE",
    "DESCENDING",
    "DISTINCT_MODIFIER",
    "EMPTY",
    "EXPRESSION_LIST",
    "JOIN",
    "LIMIT_MODIFIER",
    "LIMIT_PERCENT_MODIFIER",
    "ORDER_ASCENDING",
    "ORDER_DEFAULT",
    "ORDER_DESCENDING",
    "ORDER_MODIFIER",
    "PIVOT",
    "RECURSIVE_CTE_NODE",
    "SELECT_NODE",
    "SET_OPERATION_NODE",
    "SHOW_REF",
    "SUBQUERY",
    "TABLE_FUNCTION",
];

/// Functions that are told by a text which aggregate they shall call.
const BY_NAME: [&str; 5] = ["aggregate", "array_aggr", "array_aggregate", "list_aggr", "list_aggregate"];

/// Words that ask for the time without being in the engine's list of functions.
const CLOCKS: [&str; 5] = ["current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"];

/// Schemas of the engine: what stands before a function is one of these, or a value that it is called on.
const SCHEMAS: [&str; 4] = ["", "main", "pg_catalog", "system"];

/// Why a query is not run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Refused {
    /// The fact.
    pub(super) message: String,
    /// What to do instead.
    pub(super) help: Option<String>,
    /// Where in the text, in bytes.
    pub(super) at: Option<usize>,
}

/// What a query is judged by.
pub(super) struct Known<'a> {
    /// The tables that it may read, as `pipeline.step` or `step`, folded.
    pub(super) tables: &'a HashSet<String>,
    /// The columns of these, folded.
    pub(super) columns: &'a HashSet<String>,
    /// Functions that it may call beside those of the engine, each with the parts that a call is written out to.
    pub(super) functions: &'a HashMap<String, u64>,
}

/// Why a query, as a tree, is not run.
pub(super) fn refused(tree: &Value, known: &Known<'_>) -> Option<Refused> {
    let judged = Guard { known, own: Vec::new() }.node(tree);
    let judged = judged.and_then(|()| fits(&size::of_tree(tree, known.columns.len(), known.functions)));
    judged.and_then(|()| intervals::told_apart(tree)).err()
}

/// The parts that a call of a function with this body is written out to, for each part of its arguments.
pub(super) fn size_of(body: &str) -> u64 {
    size::of_text(body)
}

/// Why a text is not even given to the parser of the engine.
pub(super) fn too_large(text: &str) -> Option<Refused> {
    fits(&Bound { parts: size::of_text(text), ..Bound::default() }).err()
}

fn fits(bound: &Bound) -> Judged {
    let (what, most, help) = match bound {
        it if it.parts > LARGEST => ("parts", LARGEST, TO_SHARE),
        it if it.widest > WIDEST => ("columns in one query", WIDEST, TO_NARROW),
        it if it.columns > COLUMNS => ("columns in all its queries", COLUMNS, TO_NARROW),
        _ => return Ok(()),
    };
    let message = format!("it may have more than {most} {what} once the engine has written it out");
    Err(Refused { message, help: Some(help.to_owned()), at: None })
}

const TO_SHARE: &str = "compute in a subquery what is after `case`, in a named window, in `columns(…)`, or \
    in functions such as `nullif`";
const TO_NARROW: &str = "name the columns that are needed in place of `*`";

struct Guard<'a> {
    known: &'a Known<'a>,
    /// Tables that the query defines itself, as far as they are known here.
    own: Vec<String>,
}

type Judged = Result<(), Refused>;

impl Guard<'_> {
    fn node(&mut self, value: &Value) -> Judged {
        match value {
            Value::Array(all) => all.iter().try_for_each(|it| self.node(it)),
            Value::Object(map) => self.object(map),
            _ => Ok(()),
        }
    }

    fn object(&mut self, map: &Map<String, Value>) -> Judged {
        if map.get("sample").is_some_and(|it| !it.is_null()) {
            return refuse(map, "a sample gives another answer at every run", RULE);
        }
        let (class, kind) = (word(map, "class"), word(map, "type"));
        match (class, kind) {
            ("", "") => (),
            ("", "TABLE_FUNCTION") => return self.table_function(map),
            ("", "BASE_TABLE") => self.table(map)?,
            ("", "SHOW_REF") => shown(map)?,
            ("", "PIVOT") => pivoted(map)?,
            ("", kind) if NODES.contains(&kind) || kind.ends_with("_TYPE_INFO") => (),
            ("CONSTANT", _) => return Ok(()),
            ("FUNCTION", _) if self.is_own(map) => (),
            ("FUNCTION" | "WINDOW", _) => called(map)?,
            ("COLUMN_REF", _) => self.column(map)?,
            (class, _) if EXPRESSIONS.contains(&class) => (),
            _ => {
                let what = if class.is_empty() { kind } else { class };
                return refuse(map, &format!("`{}` is not allowed in a query here", what.to_lowercase()), PLAIN);
            }
        }
        let before = self.own.len();
        // What a query defines is known to what stands behind it.
        self.defined(map)?;
        if kind == "RECURSIVE_CTE_NODE" {
            self.own.push(word(map, "cte_name").to_lowercase());
        }
        let rest = map.iter().filter(|(key, _)| *key != "cte_map");
        let judged = rest.map(|(_, it)| it).try_for_each(|it| self.node(it));
        self.own.truncate(before);
        judged
    }

    /// Whether it calls a function of the pipeline.
    fn is_own(&self, map: &Map<String, Value>) -> bool {
        let name = word(map, "function_name").to_lowercase();
        word(map, "schema").is_empty() && self.known.functions.contains_key(&name)
    }

    fn defined(&mut self, map: &Map<String, Value>) -> Judged {
        for entry in map.get("cte_map").and_then(|it| it["map"].as_array()).into_iter().flatten() {
            self.node(&entry["value"])?;
            self.own.extend(entry["key"].as_str().map(str::to_lowercase));
        }
        Ok(())
    }

    fn table(&self, map: &Map<String, Value>) -> Judged {
        let (schema, name) = (word(map, "schema_name").to_lowercase(), word(map, "table_name").to_lowercase());
        let full = if schema.is_empty() { name.clone() } else { format!("{schema}.{name}") };
        let own = schema.is_empty() && self.own.contains(&name);
        let plain = word(map, "catalog_name").is_empty() && map.get("at_clause").is_none_or(Value::is_null);
        if plain && (own || self.known.tables.contains(&full)) {
            return Ok(());
        }
        let mut names: Vec<&str> = self.known.tables.iter().map(String::as_str).collect();
        names.sort_unstable();
        // A name that several pipelines have names none alone.
        let several = names.iter().filter(|it| it.split_once('.').is_some_and(|(_, step)| step == full));
        let several: Vec<String> = several.map(|it| format!("`{}`", it.escape_debug())).take(SAID).collect();
        let help = match several.as_slice() {
            [] => did_you_mean(&full, names).or_else(|| Some(TABLES.to_owned())),
            [one] => Some(format!("it is called {one} here")),
            _ => Some(format!("name one: {}", several.join(", "))),
        };
        Err(Refused { message: no_table(&full), help, at: place(map) })
    }

    fn table_function(&mut self, map: &Map<String, Value>) -> Judged {
        let Some(function) = map.get("function").and_then(Value::as_object) else {
            return refuse(map, "a table that is made by no function cannot be read here", PLAIN);
        };
        if word(function, "class") != "FUNCTION" {
            return refuse(map, "a table that is made by no function cannot be read here", PLAIN);
        }
        listed(function, "tables")?;
        self.node(function.get("children").unwrap_or(&Value::Null))
    }

    /// Some names are functions where no column has them.
    fn column(&self, map: &Map<String, Value>) -> Judged {
        let [Value::String(name)] = map.get("column_names").and_then(Value::as_array).map_or(&[][..], Vec::as_slice)
        else {
            return Ok(());
        };
        let name = name.to_lowercase();
        match LISTS.refused(&name) {
            Some("clock") => refuse(map, &told(&name, "clock"), &format!("{RULE}; a column is `t.{name}`")),
            Some("session") if !self.known.columns.contains(&name) => {
                refuse(map, &told(&name, "session"), &format!("{RULE}; a column is `t.{name}`"))
            }
            _ if CLOCKS.contains(&name.as_str()) => refuse(map, &told(&name, "clock"), RULE),
            _ => Ok(()),
        }
    }
}

/// What is said of a table that a query cannot have.
pub fn no_table(name: &str) -> String {
    format!("there is no table `{}` that this query may read", name.escape_debug())
}

const RULE: &str = "give the value as a parameter: `--set` enters the key";
/// How many tables of one name a help says.
const SAID: usize = 8;
const TABLES: &str = "tables are named as steps and sources are: `step` or `pipeline.step`";
const PLAIN: &str = "write it with a plain `select`";

fn shown(map: &Map<String, Value>) -> Judged {
    let known = ["DESCRIBE", "SUMMARY"].contains(&word(map, "show_type"));
    match known && map.get("query").is_some_and(|it| !it.is_null()) {
        true => Ok(()),
        false => refuse(map, "the engine's own lists cannot be read", reason("catalogue").1),
    }
}

fn pivoted(map: &Map<String, Value>) -> Judged {
    let enums = map.get("pivots").and_then(Value::as_array).into_iter().flatten();
    match enums.into_iter().all(|it| it["pivot_enum"].as_str().unwrap_or_default().is_empty()) {
        true => Ok(()),
        false => {
            refuse(map, "the names of the new columns are not said", "write them down: `on month in ('may', 'june')`")
        }
    }
}

/// A call of a function that gives a value.
fn called(map: &Map<String, Value>) -> Judged {
    let name = word(map, "function_name").to_lowercase();
    listed(map, "values")?;
    let children = map.get("children").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if map.get("export_state").and_then(Value::as_bool) == Some(true) {
        return refuse(map, "the state of an aggregate cannot be given out", PLAIN);
    }
    let schema = word(map, "schema").to_lowercase();
    if name == "age" && !(schema.is_empty() && children.len() == 2) {
        let message = "`age` of one time counts from now, and gives another answer at every run";
        return refuse(map, message, "give both times: `age(until, since)`");
    }
    if BY_NAME.contains(&name.as_str()) {
        let at = usize::from(SCHEMAS.contains(&schema.as_str()));
        let named =
            children.get(at).filter(|it| it["class"] == "CONSTANT").and_then(|it| it["value"]["value"].as_str());
        let Some(named) = named else {
            let message = format!("`{name}` does not say which aggregate it calls");
            return refuse(map, &message, "write its name down: `list_aggregate(l, 'sum')`");
        };
        return allowed(map, &named.to_lowercase(), "values");
    }
    Ok(())
}

/// Whether the function that a node calls is on a list.
fn listed(map: &Map<String, Value>, list: &str) -> Judged {
    allowed(map, &word(map, "function_name").to_lowercase(), list)
}

fn allowed(map: &Map<String, Value>, name: &str, list: &str) -> Judged {
    if LISTS.allows(name, list) {
        return Ok(());
    }
    let shown = name.escape_debug();
    match LISTS.groups.get(&(list.to_owned(), name.to_owned())).map(String::as_str) {
        Some(group) => refuse(map, &told(name, group), reason(group).1),
        None => {
            let known = LISTS.allowed.iter().filter(|(it, _)| it == list).map(|(_, it)| it.as_str());
            let help = did_you_mean(name, known.filter(|it| it.starts_with(char::is_alphabetic)));
            let help = help.or_else(|| elsewhere(name).filter(|it| says_sql(it, list)).map(str::to_owned));
            let message = format!("there is no function `{shown}` that a query may call");
            Err(Refused { message, help: help.or_else(|| Some(DOCS.to_owned())), at: place(map) })
        }
    }
}

/// Whether what an expression says for a function of elsewhere may stand in a query as well.
fn says_sql(help: &str, list: &str) -> bool {
    let quoted: Vec<&str> = help.split('`').skip(1).step_by(2).collect();
    let calls = quoted.iter().filter_map(|it| it.split_once('(')).map(|(name, _)| name.trim());
    let (mut calls, case) = (calls.peekable(), quoted.iter().any(|it| it.starts_with("case ")));
    (case || calls.peek().is_some()) && calls.all(|it| LISTS.allows(it, list) || it == "coalesce" || it == "nullif")
}

const DOCS: &str = "docs/reference/sql.md lists what may be called";

/// `` `now` asks for the time, and … ``
fn told(name: &str, group: &str) -> String {
    format!("`{}` {}", name.escape_debug(), reason(group).0)
}

/// What is wrong with a group of functions, and what to use.
fn reason(group: &str) -> (&'static str, &'static str) {
    match group {
        "clock" => ("asks for the time, and gives another answer at every run", RULE),
        "chance" => ("draws lots, and gives another answer at every run", RULE),
        "session" => ("depends on the session, which is different in every run", RULE),
        "catalogue" => ("looks into the engine's own lists", "`hotpass list` and `hotpass show` show what there is"),
        "files" => ("reads files", "declare the file as a source: `[source.NAME]`"),
        "queries" => ("runs a text as a query", "write the query itself"),
        _ => ("changes or shows how the engine works", PLAIN),
    }
}

fn refuse(map: &Map<String, Value>, message: &str, help: &str) -> Judged {
    Err(Refused { message: message.to_owned(), help: Some(help.to_owned()), at: place(map) })
}

fn place(map: &Map<String, Value>) -> Option<usize> {
    map.get("query_location").and_then(Value::as_u64).and_then(|it| usize::try_from(it).ok()).filter(|it| *it < 1 << 40)
}

/// A text of a node; empty when there is none.
pub(super) fn word<'a>(map: &'a Map<String, Value>, key: &str) -> &'a str {
    map.get(key).and_then(Value::as_str).unwrap_or_default()
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| Lists::read(FUNCTIONS));

/// Functions by list, folded.
#[derive(Default)]
struct Lists {
    allowed: HashSet<(String, String)>,
    groups: HashMap<(String, String), String>,
}

impl Lists {
    /// `[values]` begins a list, `[values refused: clock]` the functions that may not be called for one reason.
    fn read(text: &str) -> Lists {
        let mut lists = Lists::default();
        let (mut list, mut group) = ("", "");
        for line in text.lines().filter(|it| !it.starts_with("# ")) {
            if let Some(head) = line.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
                (list, group) = head.split_once(" refused: ").unwrap_or((head, ""));
                continue;
            }
            for name in line.split(' ').filter(|it| !it.is_empty()) {
                let key = (list.to_owned(), name.to_lowercase());
                match group {
                    "" => drop(lists.allowed.insert(key)),
                    group => drop(lists.groups.insert(key, group.to_owned())),
                }
            }
        }
        lists
    }

    /// Value functions of ours give the same answer always.
    fn allows(&self, name: &str, list: &str) -> bool {
        let ours = || list == "values" && crate::store::functions::is_ours(name);
        self.allowed.contains(&(list.to_owned(), name.to_owned())) || ours()
    }

    fn refused(&self, name: &str) -> Option<&str> {
        self.groups.get(&("values".to_owned(), name.to_owned())).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_of_the_engine_was_looked_at() {
        let connection = duckdb::Connection::open_in_memory().expect("an engine");
        let text = "SELECT DISTINCT lower(function_name), function_type IN ('table', 'table_macro') \
            FROM duckdb_functions() WHERE function_type <> 'pragma' ORDER BY ALL";
        let mut prepared = connection.prepare(text).expect("a statement");
        let rows = prepared.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?)));
        let mut unseen = Vec::new();
        for row in rows.expect("rows") {
            let (name, is_table) = row.expect("a row");
            let list = if is_table { "tables" } else { "values" };
            let known = LISTS.allowed.contains(&(list.to_owned(), name.clone()))
                || LISTS.groups.contains_key(&(list.to_owned(), name.clone()));
            if !known {
                unseen.push(format!("{list}: {name}"));
            }
        }
        assert!(unseen.is_empty(), "functions that stand in no list of guard/functions.txt: {unseen:#?}");
    }

    /// An aggregate cannot stand in itself, and the last only has names of its own that are those of its arguments.
    const ONCE: [&str; 4] = ["json_group_array", "json_group_object", "weighted_avg", "map_contains_entry"];

    #[test]
    fn what_the_engine_writes_out_twice_is_known() {
        let connection = duckdb::Connection::open_in_memory().expect("an engine");
        let text = "SELECT DISTINCT lower(function_name), array_to_string(parameters, ' '), macro_definition \
            FROM duckdb_functions() WHERE function_type = 'macro'";
        let mut prepared = connection.prepare(text).expect("a statement");
        let rows = prepared.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        let mut doubled = HashSet::new();
        for row in rows.expect("rows") {
            let (name, parameters, definition): (String, String, String) = row.expect("a row");
            let mut words: Vec<&str> = definition.split(|it: char| !it.is_alphanumeric() && it != '_').collect();
            words.retain(|word| parameters.split(' ').any(|it| it == *word));
            let once: HashSet<&str> = words.iter().copied().collect();
            if once.len() < words.len() && LISTS.allowed.contains(&("values".to_owned(), name.clone())) {
                doubled.insert(name);
            }
        }
        assert_eq!(doubled, size::TWICE.into_iter().chain(ONCE).map(str::to_owned).collect());
    }

    #[test]
    fn functions_that_are_written_out_twice_are_counted_so_often() {
        let known = Known { tables: &HashSet::new(), columns: &HashSet::new(), functions: &HashMap::new() };
        let constant = serde_json::json!({"class": "CONSTANT", "type": "VALUE_CONSTANT"});
        let call = |of: Value| serde_json::json!({"class": "FUNCTION", "type": "FUNCTION", "function_name": "NULLIF", "children": [of]});
        let nested = |depth| (0..depth).fold(constant.clone(), |it, _| call(it));
        assert_eq!(refused(&nested(10), &known), None);
        assert!(refused(&nested(30), &known).is_some_and(|it| it.message.contains("parts")));
    }
}
