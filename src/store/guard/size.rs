//! How large a query is once the engine has written it out: its parser copies what stands behind `case` for each `when`
//! and a named window for each use, some functions are written out with an argument twice, and `columns(…)` is written
//! out for each column. In each other these multiply, and a query of a few lines would fill the memory.

use std::collections::HashMap;

use serde_json::{Map, Value};
use sqlparser::dialect::DuckDbDialect;
use sqlparser::tokenizer::{Token, Tokenizer};

use super::word;

/// Functions that the engine writes out with an argument twice.
pub(super) const TWICE: [&str; 7] = [
    "array_pop_back",
    "array_to_string",
    "array_to_string_comma_default",
    "fmod",
    "nullif",
    "round_even",
    "split_part",
];

/// The most parts that a query may have once it is written out. The engine takes up to 3 KB for each.
pub(super) const LARGEST: u64 = 200_000;

/// The most columns that one query of it may have.
pub(super) const WIDEST: u64 = 100_000;

/// The most columns that all queries of it may have together.
pub(super) const COLUMNS: u64 = 1_000_000;

/// The words of a text once the engine's parser has read it: at least as many as there are, and no more than
/// `u64::MAX`. A text that cannot be taken apart here counts as if all its cases stood in each other.
pub(super) fn of_text(text: &str) -> u64 {
    let Ok(tokens) = Tokenizer::new(&DuckDbDialect {}, text).with_unescape(false).tokenize() else {
        return unread(text);
    };
    let tokens: Vec<Token> = tokens.into_iter().filter(|it| !matches!(it, Token::Whitespace(_))).collect();
    // A window may use another one: each turn knows one more of those in each other.
    let mut windows = HashMap::new();
    loop {
        let (size, found) =
            Sized { windows: &windows, found: HashMap::new(), open: vec![Part::default()] }.all(&tokens);
        if found == windows || size > LARGEST {
            return size;
        }
        windows = found;
    }
}

/// The most that a text can become.
fn unread(text: &str) -> u64 {
    let words = || text.split(|it: char| !it.is_alphanumeric() && it != '_');
    let count = |name: &str| words().filter(|it| it.eq_ignore_ascii_case(name)).count() as u64;
    let (cases, whens, uses) = (count("case"), count("when"), count("over"));
    let each = 1 + whens.checked_div(cases).unwrap_or(0);
    let factor = each.saturating_pow(u32::try_from(cases).unwrap_or(u32::MAX));
    let all = factor.saturating_mul(text.len() as u64);
    if count("window") > 0 { all.saturating_mul(1 + uses) } else { all }
}

/// Adds up words, bracket by bracket and case by case.
struct Sized<'a> {
    /// The windows that have names, with their sizes.
    windows: &'a HashMap<String, u64>,
    /// What was found of them in this turn.
    found: HashMap<String, u64>,
    /// What is open.
    open: Vec<Part>,
}

/// A bracket or a case.
#[derive(Default)]
struct Part {
    is_case: bool,
    /// What stands behind `case`, once the first `when` has come.
    operand: u64,
    whens: u64,
    size: u64,
    /// The name before `as (`.
    name: Option<String>,
}

impl Sized<'_> {
    fn all(mut self, tokens: &[Token]) -> (u64, HashMap<String, u64>) {
        for (at, token) in tokens.iter().enumerate() {
            let before = at.checked_sub(1).map(|it| &tokens[it]);
            match token {
                Token::LParen | Token::LBracket | Token::LBrace => {
                    let name = before.filter(|it| is(it, "as")).and_then(|_| name(tokens.get(at.checked_sub(2)?)?));
                    self.open.push(Part { size: 1, name, ..Part::default() });
                }
                Token::RParen | Token::RBracket | Token::RBrace => self.close_bracket(),
                it if before == Some(&Token::Period) || before.is_some_and(|it| is(it, "as")) => self.add(used(it)),
                it if is(it, "case") => self.open.push(Part { is_case: true, ..Part::default() }),
                it if is(it, "when") => self.when(),
                it if is(it, "end") && self.open.last().is_some_and(|it| it.is_case) => self.close(),
                it if before.is_some_and(|it| is(it, "over")) => {
                    let window = name(it).and_then(|it| self.windows.get(&it).copied());
                    self.add(window.unwrap_or(1));
                }
                it => self.add(used(it)),
            }
        }
        while self.open.len() > 1 {
            self.close();
        }
        (self.open.pop().map_or(0, |it| it.size), self.found)
    }

    fn add(&mut self, size: u64) {
        if let Some(part) = self.open.last_mut() {
            part.size = part.size.saturating_add(size);
        }
    }

    fn when(&mut self) {
        if let Some(part) = self.open.last_mut().filter(|it| it.is_case) {
            if part.whens == 0 {
                part.operand = std::mem::take(&mut part.size);
            }
            part.whens += 1;
        }
        self.add(1);
    }

    fn close_bracket(&mut self) {
        // A case that has no end: the engine will refuse it.
        while self.open.last().is_some_and(|it| it.is_case) {
            self.close();
        }
        if self.open.len() > 1 {
            self.close();
        }
    }

    fn close(&mut self) {
        let Some(part) = self.open.pop() else { return };
        let size = part.operand.saturating_mul(part.whens).saturating_add(part.size).saturating_add(1);
        self.add(size);
        if let Some(name) = part.name {
            let known = self.found.entry(name).or_default();
            *known = size.max(*known);
        }
    }
}

/// What one token counts as.
fn used(token: &Token) -> u64 {
    u64::from(!matches!(token, Token::Comma | Token::Period | Token::SemiColon))
}

fn is(token: &Token, keyword: &str) -> bool {
    matches!(token, Token::Word(it) if it.quote_style.is_none() && it.value.eq_ignore_ascii_case(keyword))
}

fn name(token: &Token) -> Option<String> {
    match token {
        Token::Word(it) => Some(it.value.to_lowercase()),
        _ => None,
    }
}

/// How large a query is once it is bound.
#[derive(Default)]
pub(super) struct Bound {
    /// Its expressions and what stands in them.
    pub(super) parts: u64,
    /// The columns of all its queries and tables together, those that stars stand for among them.
    pub(super) columns: u64,
    /// The columns of the widest of them.
    pub(super) widest: u64,
}

/// How large the tree is that the engine's parser made, at most, over tables with so many columns; functions of the
/// pipeline are written out to so many parts.
pub(super) fn of_tree(tree: &Value, columns: usize, functions: &HashMap<String, u64>) -> Bound {
    let mut walk = Tree { functions, table: columns as u64, own: Vec::new(), scope: 0, bound: Bound::default() };
    let size = walk.size(tree, false);
    Bound { parts: size.parts, ..walk.bound }
}

struct Tree<'a> {
    /// Functions of the pipeline, with their sizes.
    functions: &'a HashMap<String, u64>,
    /// The columns of a table that is given.
    table: u64,
    /// Queries that have names, with their columns.
    own: Vec<(String, u64)>,
    /// The columns of what the query around selects from.
    scope: u64,
    bound: Bound,
}

#[derive(Clone, Copy, Default)]
struct Size {
    parts: u64,
    /// The columns, of a query or a table.
    width: u64,
    /// Whether it stands for each column of the scope.
    each: bool,
}

impl Size {
    fn and(self, other: Size) -> Size {
        Size {
            parts: self.parts.saturating_add(other.parts),
            width: self.width.saturating_add(other.width),
            each: self.each || other.each,
        }
    }
}

impl Tree<'_> {
    /// What stands `inside` of an expression is written out with it.
    fn size(&mut self, value: &Value, inside: bool) -> Size {
        match value {
            Value::Array(all) => all.iter().map(|it| self.size(it, inside)).fold(Size::default(), Size::and),
            Value::Object(map) if !word(map, "class").is_empty() => self.expression(map, inside),
            Value::Object(map) => self.query(map, inside),
            _ => Size::default(),
        }
    }

    fn expression(&mut self, map: &Map<String, Value>, inside: bool) -> Size {
        let class = word(map, "class");
        let one = Size { parts: 1, width: 0, each: map.get("columns") == Some(&Value::Bool(true)) };
        let inner = class != "SUBQUERY";
        let all = map.values().map(|it| self.size(it, inner)).fold(one, Size::and);
        let twice = match class {
            "FUNCTION" => TWICE.contains(&word(map, "function_name").to_lowercase().as_str()),
            // It is not copied, but its hash is made of itself and of its parts.
            class => class == "LAMBDA",
        };
        let own = self.functions.get(&word(map, "function_name").to_lowercase()).copied();
        let times = if all.each && !inside { self.scope.max(1) } else { 1 };
        let parts = all.parts.saturating_mul(times).saturating_mul(1 + u64::from(twice));
        let parts = parts.saturating_mul(own.unwrap_or(1).max(1));
        Size { parts, width: 0, each: all.each && inner }
    }

    fn query(&mut self, map: &Map<String, Value>, inside: bool) -> Size {
        let (before, scope) = (self.own.len(), self.scope);
        let mut all = Size::default();
        for entry in map.get("cte_map").and_then(|it| it["map"].as_array()).into_iter().flatten() {
            let size = self.size(&entry["value"], false);
            let name = entry["key"].as_str().unwrap_or_default().to_lowercase();
            self.own.push((name, size.width));
            all.parts = all.parts.saturating_add(size.parts);
        }
        let rest = || map.iter().filter(|(key, _)| *key != "cte_map");
        match word(map, "type") {
            "SELECT_NODE" => {
                let from = self.size(map.get("from_table").unwrap_or(&Value::Null), false);
                self.scope = from.width;
                let rest = rest().filter(|(key, _)| *key != "from_table").map(|(_, it)| self.size(it, inside));
                all = rest.fold(all.and(from), Size::and);
                all.width = self.selected(map);
            }
            "SET_OPERATION_NODE" | "RECURSIVE_CTE_NODE" => {
                let sides: Vec<Size> = rest().map(|(_, it)| self.size(it, inside)).collect();
                let width = sides.iter().map(|it| it.width).max().unwrap_or(0);
                all = Size { width, ..sides.into_iter().fold(all, Size::and) };
            }
            "BASE_TABLE" => all.width = self.named(&word(map, "table_name").to_lowercase()),
            "EXPRESSION_LIST" => {
                let rows = map.get("values").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
                all = rest().map(|(_, it)| self.size(it, inside)).fold(all, Size::and);
                all.width = rows.first().and_then(Value::as_array).map_or(0, |it| it.len() as u64);
            }
            _ => all = rest().map(|(_, it)| self.size(it, inside)).fold(all, Size::and),
        }
        self.own.truncate(before);
        self.scope = scope;
        if map.contains_key("type") {
            self.bound.columns = self.bound.columns.saturating_add(all.width);
            self.bound.widest = self.bound.widest.max(all.width);
        }
        Size { each: false, ..all }
    }

    /// The columns of a list after `select`.
    fn selected(&self, map: &Map<String, Value>) -> u64 {
        let list = map.get("select_list").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let width = |it: &Value| if holds_star(it) { self.scope.max(1) } else { 1 };
        list.iter().map(width).fold(0, u64::saturating_add)
    }

    fn named(&self, name: &str) -> u64 {
        self.own.iter().rev().find(|(it, _)| it == name).map_or(self.table, |(_, width)| *width)
    }
}

/// Whether an expression stands for several columns.
fn holds_star(value: &Value) -> bool {
    match value {
        Value::Array(all) => all.iter().any(holds_star),
        Value::Object(map) => match word(map, "class") {
            "STAR" => true,
            "SUBQUERY" => false,
            _ => map.values().any(holds_star),
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_parser_copies_is_counted_so_often() {
        let check = |text: &str, expected: u64| assert_eq!(of_text(text), expected, "{text}");
        check("select a, 'case case' from t -- case", 5);
        check("select f(a) from t", 7);
        check("select case a when 1 then 2 when 2 then 3 end from t", 3 + 1 + 2 + 8);
        check("select case when a then 2 when b then 3 end from t", 3 + 1 + 8);
        check("select t.case, a as end from t", 8);
        check("select sum(a) over w, sum(b) over w from t window w as (order by a)", 31);
        check("select a from t where case", 6);
        check("select a)", 2);
    }

    #[test]
    fn what_stands_in_each_other_multiplies() {
        let nested = |depth: usize, whens: usize| {
            let arm = " when 1 then 2".repeat(whens);
            (0..depth).fold("a".to_owned(), |it, _| format!("case {it}{arm} end"))
        };
        assert!(of_text(&nested(2, 2)) < 100);
        assert!(of_text(&nested(20, 2)) > LARGEST);
        assert!(of_text(&nested(6, 20)) > LARGEST);
        let sums = "sum(a) over w, ".repeat(2_000);
        let keys = "a, ".repeat(2_000);
        assert!(of_text(&format!("select {sums} 1 from t window w as (partition by {keys} a)")) > LARGEST);
        let chain = "select sum(a) over v from t window w as (order by b), v as (order by (select sum(a) over w))";
        assert!(of_text(chain) > of_text(&chain.replace("over w", "over (w)")));
        // A window that uses itself comes to an end.
        assert!(of_text("select window w as (order by sum(a) over w)") > LARGEST);
    }

    #[test]
    fn a_text_that_cannot_be_taken_apart_counts_as_the_worst() {
        let open = "select 'a ";
        assert!(Tokenizer::new(&DuckDbDialect {}, open).tokenize().is_err());
        assert!(of_text(open) <= LARGEST);
        assert!(of_text(&format!("{open}{}", "case a when 1 then 2 when 2 then 3 end ".repeat(20))) > LARGEST);
    }

    #[test]
    fn stars_are_counted_with_the_columns_that_they_stand_for() {
        let connection = duckdb::Connection::open_in_memory().expect("an engine");
        let tree = |text: &str| -> Value {
            let json: String = connection
                .query_row("SELECT json_serialize_sql(?::VARCHAR)", [text], |row| row.get(0))
                .expect("a tree");
            let tree: Value = serde_json::from_str(&json).expect("JSON");
            assert_eq!(tree["error"], false, "{text}");
            tree["statements"][0]["node"].clone()
        };
        let check =
            |text: &str, widest: u64| assert_eq!(of_tree(&tree(text), 10, &HashMap::new()).widest, widest, "{text}");
        check("select a from t", 10);
        check("select *, a from t", 11);
        check("select *, * from (select a, b from t)", 10);
        check("select *, * from (select *, a from t)", 22);
        check("select * from t, t as u", 20);
        check("select * from t union all select * from t", 10);
        check("with a as (select 1 as b), c as (select *, * from a) select *, * from c", 4);
        check("select x from (values (1, 2, 3)) v(x, y, z)", 3);
        check("select columns(*) + 1, (select max(a) from t) from t", 11);
        let parts = |text: &str| of_tree(&tree(text), 10, &HashMap::new()).parts;
        assert_eq!(parts("select columns(*) + 1 from t"), 10 * parts("select a + 1 from t"));
        let nested = |depth| format!("{}select * from t{}", "select *, * from (".repeat(depth), ")".repeat(depth));
        assert!(of_tree(&tree(&nested(16)), 2, &HashMap::new()).widest > WIDEST);
        assert!(of_tree(&tree(&nested(10)), 2, &HashMap::new()).widest <= WIDEST);
    }
}
