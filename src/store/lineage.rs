//! Which columns of a user's query hold personal values, followed through the tree of the query. What cannot be
//! followed counts as personal.
//!
//! Three things are told apart: what is open, what is a stored personal value as it stands, and what was made of such
//! values. Whether a stored value is there, whether two stored values are equal and how they are ordered may decide
//! which rows there are; anything else that is asked of personal values makes all that depends on it personal. In a
//! step, rows that a condition chose are as they were; a column of answers about personal values is personal.

mod columns;
mod counting;
mod nodes;

use std::collections::HashMap;

use serde_json::Value;

use crate::model::{Class, Schema};
use crate::store::backend;
use crate::store::guard::word;
use columns::{Columns, Level, Relation, Scope};
use counting::{ASKS, COUNTS, SUMS};
use nodes::{Node, all_names, holds_query, holds_star, list, names};

use Level::{Made, Open, Stored};

/// Tables by the names that a query may use, folded: columns with their classes.
pub(super) type Tables = HashMap<String, Vec<(String, Class)>>;

/// The columns of a table for [`classes`].
pub(super) fn columns(schema: impl Iterator<Item = (String, Class)>) -> Vec<(String, Class)> {
    schema.map(|(name, class)| (name.to_lowercase(), class)).collect()
}

/// The columns of stored tables, by the names that a query may use.
pub(super) fn tables<'a>(all: impl Iterator<Item = (String, &'a backend::Stored)>) -> Tables {
    let columns_of =
        |it: &backend::Stored| columns(it.columns.iter().map(|it| (it.column.name.clone(), it.column.class)));
    all.map(|(name, stored)| (name, columns_of(stored))).collect()
}

/// The columns of inputs of a query, by the names that it may use.
pub(super) fn named(inputs: &[(&str, &Schema)]) -> Tables {
    let mut acc = Tables::new();
    for (name, schema) in inputs {
        let columns = columns(schema.columns.iter().map(|it| (it.name.clone(), it.class)));
        let name = name.to_lowercase();
        if let Some((_, plain)) = name.split_once('.') {
            acc.insert(plain.to_owned(), columns.clone());
        }
        acc.insert(name, columns);
    }
    acc
}

/// How much is masked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Care {
    /// Of a step that is written down: which rows there are tells nothing of them, as in all steps. What is asked of a
    /// single value is as personal as the value; what several rows come to is not.
    Steps,
    /// Of what an aggregate of a step takes together: answers about values are only counted.
    Counts,
    /// Of a query that anybody may ask: what is asked of personal values is as personal as they are.
    Answers,
}

/// The classes of the columns that a query gives.
pub(super) fn classes(tree: &Value, tables: &Tables, care: Care, gives: &Schema) -> Vec<Class> {
    let mut follow = Follow { tables, care, scopes: Vec::new(), own: Vec::new() };
    let Some(found) = follow.query(tree).map(Columns::settled) else {
        return vec![follow.mentioned(tree); gives.columns.len()];
    };
    let by_place = found.exact && found.named.len() == gives.columns.len();
    let level = |(at, name): (usize, &str)| match by_place {
        true => found.named[at].1,
        false => found.get(&name.to_lowercase()).unwrap_or_else(|| found.max()),
    };
    let class = |it: Level| if it == Open { Class::Open } else { Class::Personal };
    gives.names().enumerate().map(level).map(class).collect()
}

struct Follow<'a> {
    tables: &'a Tables,
    care: Care,
    /// Innermost last.
    scopes: Vec<Scope>,
    /// Tables that the query defines itself.
    own: Vec<(String, Columns)>,
}

impl Follow<'_> {
    /// Of what a condition tells about the rows that it leaves.
    fn decides(&self, level: Level) -> Level {
        if self.care == Care::Answers { level.made() } else { Open }
    }

    /// Personal, if any table that the query names holds something personal.
    fn mentioned(&self, value: &Value) -> Class {
        match value {
            Value::Array(all) => all.iter().map(|it| self.mentioned(it)).max().unwrap_or_default(),
            Value::Object(map) => {
                let columns = self.table(map).into_iter().flatten().map(|(_, class)| *class).max();
                let beneath = map.values().map(|it| self.mentioned(it)).max();
                columns.unwrap_or_default().max(beneath.unwrap_or_default())
            }
            _ => Class::Open,
        }
    }

    fn table(&self, map: &Node) -> Option<&Vec<(String, Class)>> {
        let (schema, name) = (word(map, "schema_name").to_lowercase(), word(map, "table_name").to_lowercase());
        self.tables.get(&if schema.is_empty() { name } else { format!("{schema}.{name}") })
    }

    /// `None` for what cannot be followed.
    fn query(&mut self, node: &Value) -> Option<Columns> {
        let map = node.as_object()?;
        let before = self.own.len();
        let found = self.defined(map).and_then(|()| match word(map, "type") {
            "SELECT_NODE" => self.select(map),
            "SET_OPERATION_NODE" => self.set_operation(map),
            "RECURSIVE_CTE_NODE" => self.recursive(map),
            _ => None,
        });
        self.own.truncate(before);
        found
    }

    fn defined(&mut self, map: &Node) -> Option<()> {
        for entry in map.get("cte_map").and_then(|it| it["map"].as_array()).into_iter().flatten() {
            let value = entry["value"].as_object()?;
            let columns = self.query(&value.get("query")?["node"])?.settled().renamed(list(value, "aliases"));
            self.own.push((entry["key"].as_str()?.to_lowercase(), columns));
        }
        Some(())
    }

    fn select(&mut self, map: &Node) -> Option<Columns> {
        self.scopes.push(Scope::default());
        let found = self.selected(map);
        self.scopes.pop();
        found
    }

    fn selected(&mut self, map: &Node) -> Option<Columns> {
        let mut rows = self.from(map.get("from_table")?)?;
        let mut out = Columns::of(Vec::new());
        for it in list(map, "select_list") {
            self.output(it.as_object()?, &mut out)?;
        }
        for key in ["where_clause", "having", "qualify"] {
            if let Some(condition) = map.get(key).filter(|it| !it.is_null()) {
                let level = self.value(condition)?;
                rows = rows.max(self.decides(level));
            }
        }
        for it in list(map, "group_expressions") {
            let level = self.key(it, &out)?;
            rows = rows.max(self.grouped(level));
        }
        if word(map, "aggregate_handling") == "FORCE_AGGREGATES" {
            rows = rows.max(self.grouped(out.max()));
        }
        rows = rows.max(self.modifiers(map, &out)?);
        out.rows = rows;
        Some(out.settled())
    }

    /// Rows that share a stored value come together; what is made of it tells about it.
    fn grouped(&self, level: Level) -> Level {
        if level == Made { self.decides(Made) } else { Open }
    }

    /// What orders and limits tell.
    fn modifiers(&mut self, map: &Node, out: &Columns) -> Option<Level> {
        let mut rows = Open;
        for it in list(map, "modifiers") {
            let it = it.as_object()?;
            if word(it, "type") == "DISTINCT_MODIFIER" && list(it, "distinct_on_targets").is_empty() {
                rows = rows.max(self.grouped(out.max()));
            }
            let orders = list(it, "orders").iter().map(|it| &it["expression"]);
            for key in list(it, "distinct_on_targets").iter().chain(orders) {
                let level = self.key(key, out)?;
                rows = rows.max(self.grouped(level));
            }
            for key in ["limit", "offset"] {
                if let Some(limit) = it.get(key).filter(|it| !it.is_null()) {
                    let level = self.value(limit)?;
                    rows = rows.max(self.decides(level));
                }
            }
        }
        Some(rows)
    }

    /// What rows are grouped or ordered by: a number is the place of a column.
    fn key(&mut self, it: &Value, out: &Columns) -> Option<Level> {
        let constant = it["class"] == "CONSTANT";
        let place = it["value"]["value"].as_u64().filter(|_| constant).and_then(|it| usize::try_from(it).ok());
        match place {
            Some(place) if out.exact => Some(out.named.get(place.wrapping_sub(1)).map_or(Open, |(_, it)| *it)),
            _ if constant || it["class"] == "STAR" => Some(out.max()),
            _ => self.value(it),
        }
    }

    /// Adds what an entry of a `select` gives.
    fn output(&mut self, map: &Node, out: &mut Columns) -> Option<()> {
        let alias = word(map, "alias").to_lowercase();
        if word(map, "class") == "STAR" {
            return self.star(map, out);
        }
        let level = self.expression(map)?;
        // These may give several columns.
        if holds_star(map) || word(map, "function_name").eq_ignore_ascii_case("unnest") {
            out.exact = false;
            out.rest = out.rest.max(Some(level));
        }
        let name = match list(map, "column_names").last().and_then(Value::as_str) {
            Some(last) if alias.is_empty() => last.to_lowercase(),
            _ => alias,
        };
        if name.is_empty() {
            out.rest = out.rest.max(Some(level));
        }
        self.scopes.last_mut()?.given.push((name.clone(), level));
        out.named.push((name, level));
        Some(())
    }

    fn star(&mut self, map: &Node, out: &mut Columns) -> Option<()> {
        let plain =
            map.get("expr").is_none_or(Value::is_null) && map.get("columns").and_then(Value::as_bool) != Some(true);
        let kept = list(map, "rename_list").is_empty() && list(map, "qualified_exclude_list").is_empty();
        let replaced: Vec<_> = list(map, "replace_list").iter().collect();
        let (left_out, of) = (names(map, "exclude_list"), word(map, "relation_name").to_lowercase());
        if !plain || !kept {
            let mut level = self.everything();
            for it in replaced {
                level = level.max(self.value(&it["value"])?);
            }
            out.exact = false;
            out.rest = out.rest.max(Some(level));
            return Some(());
        }
        let scope = self.scopes.last()?.clone();
        for relation in scope.relations.iter().filter(|it| of.is_empty() || it.alias == of) {
            out.exact &= relation.columns.exact;
            out.rest = out.rest.max(relation.columns.rest);
            let columns = relation.columns.named.iter().filter(|(name, _)| !left_out.contains(name));
            out.named.extend(columns.cloned());
        }
        for it in replaced {
            let (name, level) = (it["key"].as_str()?.to_lowercase(), self.value(&it["value"])?);
            out.named.iter_mut().filter(|(it, _)| *it == name).for_each(|(_, it)| *it = (*it).max(level));
            out.exact = false;
        }
        Some(())
    }

    fn set_operation(&mut self, map: &Node) -> Option<Columns> {
        let (left, right) = (self.query(map.get("left")?)?, self.query(map.get("right")?)?);
        let kind = word(map, "setop_type");
        let by_place = left.exact && right.exact && left.named.len() == right.named.len();
        let mut out = match by_place && !kind.contains("NAME") {
            true => {
                let pairs = left.named.iter().zip(&right.named);
                Columns::of(pairs.map(|((name, a), (_, b))| (name.clone(), a.mixed(*b))).collect())
            }
            false => Columns::unknown(left.max().max(right.max()).made()),
        };
        out.rows = left.rows.max(right.rows);
        if kind != "UNION" || map.get("setop_all").and_then(Value::as_bool) != Some(true) {
            out.rows = out.rows.max(self.grouped(out.max()));
        }
        let given = Relation { alias: String::new(), columns: out.clone() };
        self.scopes.push(Scope { relations: vec![given], given: Vec::new() });
        let rows = self.modifiers(map, &out);
        self.scopes.pop();
        out.rows = out.rows.max(rows?);
        Some(out.settled())
    }

    /// A query that reads what it gives itself: all of its columns are as personal as any of them.
    fn recursive(&mut self, map: &Node) -> Option<Columns> {
        let left = self.query(map.get("left")?)?;
        let name = word(map, "cte_name").to_lowercase();
        let mut level = left.max().made();
        for _ in 0..2 {
            self.own.push((name.clone(), Columns { rows: level, ..Columns::unknown(level) }));
            let right = self.query(map.get("right")?);
            self.own.pop();
            level = level.max(right?.max().made());
        }
        let named: Vec<_> = left.named.iter().map(|(name, _)| (name.clone(), level)).collect();
        Some(Columns { named, rest: left.rest.map(|_| level), rows: level, exact: left.exact })
    }

    /// Adds the tables behind `from` to the innermost scope; gives what decides about their rows.
    fn from(&mut self, value: &Value) -> Option<Level> {
        let map = value.as_object()?;
        let alias = word(map, "alias").to_lowercase();
        let (name, columns) = match word(map, "type") {
            "EMPTY" => return Some(Open),
            "JOIN" => return self.join(map),
            "BASE_TABLE" => (word(map, "table_name").to_lowercase(), self.stored(map)?),
            "SUBQUERY" => (String::new(), self.query(&map.get("subquery")?["node"])?),
            "TABLE_FUNCTION" => {
                let function = map.get("function")?.as_object()?;
                let level = self.all(list(function, "children"))?.made();
                (word(function, "function_name").to_lowercase(), Columns::unknown(level))
            }
            "EXPRESSION_LIST" => (String::new(), self.written(map)?),
            "SHOW_REF" => (String::new(), self.shown(map)?),
            "PIVOT" => (String::new(), self.pivot(map)?),
            _ => return None,
        };
        let columns = columns.renamed(list(map, "column_name_alias"));
        let rows = columns.rows;
        let alias = if alias.is_empty() { name } else { alias };
        self.scopes.last_mut()?.relations.push(Relation { alias, columns });
        Some(rows)
    }

    fn stored(&self, map: &Node) -> Option<Columns> {
        let name = word(map, "table_name").to_lowercase();
        let own = self.own.iter().rev().find(|(it, _)| *it == name && word(map, "schema_name").is_empty());
        if let Some((_, columns)) = own {
            return Some(columns.clone());
        }
        let level = |class: Class| if class == Class::Open { Open } else { Stored };
        let named = self.table(map)?.iter().map(|(name, class)| (name.clone(), level(*class))).collect();
        Some(Columns::of(named))
    }

    fn written(&mut self, map: &Node) -> Option<Columns> {
        let mut named: Vec<(String, Level)> = Vec::new();
        for (nth, row) in list(map, "values").iter().enumerate() {
            for (at, it) in row.as_array()?.iter().enumerate() {
                let level = self.value(it)?.made();
                match named.get_mut(at) {
                    Some((_, before)) => *before = (*before).max(level),
                    None if nth == 0 => named.push((format!("col{at}"), level)),
                    None => return None,
                }
            }
        }
        Some(Columns::of(named))
    }

    /// Names and types of columns are open; what is counted of them is not.
    fn shown(&mut self, map: &Node) -> Option<Columns> {
        let level = match word(map, "show_type") {
            "DESCRIBE" => Open,
            _ => self.query(map.get("query")?)?.max().made(),
        };
        Some(Columns::unknown(level))
    }

    fn pivot(&mut self, map: &Node) -> Option<Columns> {
        self.scopes.push(Scope::default());
        let found = map.get("source").and_then(|it| self.from(it));
        let all = self.scopes.pop()?;
        let level = all.relations.iter().map(|it| it.columns.max()).max().unwrap_or_default().max(found?);
        let asks = |key: &str| map.get(key).is_some_and(holds_query);
        (!asks("aggregates") && !asks("pivots")).then(|| Columns::unknown(level.made()))
    }

    fn join(&mut self, map: &Node) -> Option<Level> {
        let first = self.scopes.last()?.relations.len();
        let mut rows = self.from(map.get("left")?)?;
        let middle = self.scopes.last()?.relations.len();
        rows = rows.max(self.from(map.get("right")?)?);
        if let Some(condition) = map.get("condition").filter(|it| !it.is_null()) {
            let level = self.value(condition)?;
            rows = rows.max(self.decides(level));
        }
        let natural = word(map, "ref_type") == "NATURAL";
        let using = names(map, "using_columns");
        let relations = &mut self.scopes.last_mut()?.relations;
        let (left, right) = relations.split_at_mut(middle);
        let side = |all: &[Relation], name: &str| all.iter().filter_map(|it| it.columns.get(name)).max();
        let shared = left[first..].iter().flat_map(|it| it.columns.named.iter().map(|(name, _)| name.clone()));
        let shared: Vec<String> = if natural { shared.collect() } else { using };
        let mut asked = Open;
        for name in &shared {
            if let (Some(a), Some(b)) = (side(&left[first..], name), side(right, name)) {
                asked = asked.max(a.equal(b));
            }
        }
        if natural || !shared.is_empty() {
            let unknown = left[first..].iter().chain(right.iter()).filter_map(|it| it.columns.rest).max();
            asked = asked.max(unknown.unwrap_or_default().made());
            right.iter_mut().for_each(|it| it.columns.exact = false);
        }
        Some(rows.max(self.decides(asked)))
    }

    fn value(&mut self, value: &Value) -> Option<Level> {
        self.expression(value.as_object()?)
    }

    fn all(&mut self, all: &[Value]) -> Option<Level> {
        all.iter().try_fold(Open, |acc, it| Some(acc.max(self.value(it)?)))
    }

    fn expression(&mut self, map: &Node) -> Option<Level> {
        let kind = word(map, "type");
        match word(map, "class") {
            "CONSTANT" => Some(Open),
            "COLUMN_REF" => Some(self.column(&names(map, "column_names"))),
            "FUNCTION" | "WINDOW" => self.call(map),
            "COMPARISON" => {
                let (a, b) = (self.value(map.get("left")?)?, self.value(map.get("right")?)?);
                if self.care == Care::Counts {
                    return Some(Open);
                }
                let equality = ["COMPARE_EQUAL", "COMPARE_NOTEQUAL"].contains(&kind) || kind.contains("DISTINCT_FROM");
                Some(if equality { a.equal(b) } else { a.max(b).made() })
            }
            "OPERATOR" if kind == "GROUPING_FUNCTION" => Some(Open),
            "OPERATOR" if kind == "OPERATOR_IS_NULL" || kind == "OPERATOR_IS_NOT_NULL" => {
                let level = self.all(list(map, "children"))?;
                Some(if level == Stored || self.care == Care::Counts { Open } else { level })
            }
            "OPERATOR" if kind == "COMPARE_IN" || kind == "COMPARE_NOT_IN" => {
                let (value, among) = list(map, "children").split_first()?;
                let value = self.value(value)?;
                if self.care == Care::Counts {
                    return Some(Open);
                }
                among.iter().try_fold(Open, |acc, it| Some(acc.max(value.equal(self.value(it)?))))
            }
            "SUBQUERY" => self.subquery(map),
            "LAMBDA" => self.lambda(map),
            "BETWEEN" if self.care == Care::Counts => Some(Open),
            "CASE" if self.care == Care::Counts => {
                let thens = list(map, "case_checks").iter().map(|it| &it["then_expr"]);
                let mut level = self.value(map.get("else_expr")?)?;
                for it in thens {
                    level = level.max(self.value(it)?);
                }
                Some(level.made())
            }
            "STAR" | "POSITIONAL_REFERENCE" | "LAMBDA_REF" => Some(self.everything()),
            "OPERATOR" | "CONJUNCTION" | "CASE" | "CAST" | "BETWEEN" | "COLLATE" => {
                Some(self.beneath(&Value::Object(map.clone()), true)?.made())
            }
            _ => None,
        }
    }

    /// The highest of all expressions within a node.
    fn beneath(&mut self, value: &Value, top: bool) -> Option<Level> {
        match value {
            Value::Array(all) => all.iter().try_fold(Open, |acc, it| Some(acc.max(self.beneath(it, false)?))),
            Value::Object(map) if !top && !word(map, "class").is_empty() => self.expression(map),
            Value::Object(map) => map.values().try_fold(Open, |acc, it| Some(acc.max(self.beneath(it, false)?))),
            _ => Some(Open),
        }
    }

    /// What a function is called with, as far as what it gives tells of it.
    fn given(&mut self, map: &Node) -> Option<Level> {
        let name = word(map, "function_name").to_lowercase();
        let (name, before) = (name.as_str(), self.care);
        let is_plain = word(map, "schema").is_empty();
        let sums = is_plain && before == Care::Steps && word(map, "class") == "FUNCTION" && SUMS.contains(&name);
        if sums {
            self.care = Care::Counts;
        }
        let level = self.all(list(map, "children"));
        self.care = before;
        let level = level?;
        // How many there are, and how many different ones, is no value.
        let counts = match before {
            Care::Answers => name == "count" && level == Stored,
            Care::Steps => COUNTS.contains(&name),
            Care::Counts => COUNTS.contains(&name) || ASKS.contains(&name),
        };
        Some(if is_plain && counts { Open } else { level.made() })
    }

    fn call(&mut self, map: &Node) -> Option<Level> {
        let mut level = self.given(map)?;
        let plain = word(map, "schema").is_empty();
        if !plain {
            // What looks like a schema may be the value that the function is called on.
            let before = [word(map, "catalog").to_lowercase(), word(map, "schema").to_lowercase()];
            let before: Vec<String> = before.into_iter().filter(|it| !it.is_empty()).collect();
            let engine = before.len() == 1 && ["main", "system", "pg_catalog"].contains(&before[0].as_str());
            level = level.max(if engine && !self.names(&before[0]) { Open } else { self.column(&before).made() });
        }
        let orders = list(map, "orders").iter().chain(list(map, "arg_orders"));
        let orders = orders.chain(map.get("order_bys").and_then(|it| it["orders"].as_array()).into_iter().flatten());
        let keys: Vec<&Value> = orders.map(|it| &it["expression"]).chain(list(map, "partitions")).collect();
        for key in keys {
            let own = self.value(key)?;
            level = level.max(self.grouped(own));
        }
        for key in ["filter", "filter_expr", "start_expr", "end_expr", "offset_expr", "default_expr"] {
            if let Some(it) = map.get(key).filter(|it| !it.is_null()) {
                let own = self.value(it)?;
                level = level.max(if key == "default_expr" { own.made() } else { self.decides(own) });
            }
        }
        Some(level)
    }

    fn subquery(&mut self, map: &Node) -> Option<Level> {
        let found = self.query(&map.get("subquery")?["node"])?.settled();
        let own = match map.get("child").filter(|it| !it.is_null()) {
            Some(child) => Some(self.value(child)?),
            None => None,
        };
        Some(match (word(map, "subquery_type"), own) {
            ("EXISTS" | "NOT_EXISTS", _) => found.rows,
            ("ANY", Some(own)) if word(map, "comparison_type") == "COMPARE_EQUAL" && found.exact => {
                found.named.iter().fold(found.rows, |acc, (_, it)| acc.max(own.equal(*it)))
            }
            (_, own) => found.max().max(own.unwrap_or_default()).made(),
        })
    }

    /// Names of a lambda stand for parts of the value beside it.
    fn lambda(&mut self, map: &Node) -> Option<Level> {
        let mut parameters = Vec::new();
        all_names(map.get("lhs")?, &mut parameters);
        let given = parameters.iter().map(|it| (it.clone(), Open)).collect();
        let relation = Relation { alias: String::new(), columns: Columns::of(given) };
        self.scopes.push(Scope { relations: vec![relation], given: Vec::new() });
        let level = map.get("expr").and_then(|it| self.value(it));
        self.scopes.pop();
        level
    }

    /// Whether any table or column that is seen has this name.
    fn names(&self, name: &str) -> bool {
        let relations = self.scopes.iter().flat_map(|it| &it.relations);
        let mut known = relations.map(|it| it.alias == name || it.columns.get(name).is_some());
        known.any(|it| it) || self.scopes.iter().any(|it| it.given.iter().any(|(it, _)| it == name))
    }

    /// What a name may stand for: everything that it fits in the innermost table that has it.
    fn column(&self, names: &[String]) -> Level {
        let mut found: Option<Level> = None;
        for scope in self.scopes.iter().rev() {
            let mut sure = false;
            for relation in &scope.relations {
                let (level, is_sure) = fits(relation, names);
                found = found.max(level);
                sure |= is_sure;
            }
            if let [name] = names {
                found = found.max(scope.given.iter().filter(|(it, _)| it == name).map(|(_, it)| *it).max());
            }
            if sure {
                break;
            }
        }
        found.unwrap_or_else(|| self.everything())
    }

    /// All that is seen from here.
    fn everything(&self) -> Level {
        let relations = self.scopes.iter().flat_map(|it| &it.relations).map(|it| it.columns.max());
        let given = self.scopes.iter().flat_map(|it| &it.given).map(|(_, it)| *it);
        relations.chain(given).max().unwrap_or_default().made()
    }
}

/// What a name stands for in a table, and whether it surely is of this table.
fn fits(relation: &Relation, names: &[String]) -> (Option<Level>, bool) {
    let columns = &relation.columns;
    let known = |name: &String| columns.named.iter().any(|(it, _)| it == name);
    let Some((last, before)) = names.split_last() else { return (None, false) };
    match before.last() {
        None => {
            let whole = (relation.alias == *last).then(|| columns.max().made());
            (columns.get(last).max(whole), known(last) || whole.is_some())
        }
        Some(table) if relation.alias == *table && columns.get(last).is_some() => {
            let part = names.iter().any(|it| known(it) && it != last).then(|| columns.max().made());
            (columns.get(last).max(part), known(last))
        }
        // A part of a value, or of a row that is taken as one.
        Some(_) => {
            let part = names.iter().any(|it| known(it) || relation.alias == *it).then(|| columns.max().made());
            (part.max(columns.rest.map(Level::made)), part.is_some())
        }
    }
}
