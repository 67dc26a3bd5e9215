//! Which columns of a user's query hold personal values, followed through the tree of the query. What cannot be
//! followed counts as personal.
//!
//! Three things are told apart: what is open, what is a stored personal value as it stands, and what was made of such
//! values. Whether a stored value is there, whether two stored values are equal and how they are ordered may decide
//! which rows there are; anything else that is asked of personal values makes all that depends on it personal. In a
//! step, rows that a condition chose are as they were; a column of answers about personal values is personal.

mod calls;
mod columns;
mod conditions;
mod counting;
mod nodes;
mod tables;

use std::collections::HashMap;

use serde_json::Value;

use crate::model::{Class, Schema};
use crate::store::backend;
use crate::store::guard::word;
use columns::{Columns, Level, Relation, Scope};
use nodes::{Node, all_names, holds_star, list, names};

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
    let lowest = std::cell::Cell::new(usize::MAX);
    let mut follow = Follow { tables, care, scopes: Vec::new(), own: Vec::new(), lowest };
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
    /// The outermost scope from which a name was taken.
    lowest: std::cell::Cell<usize>,
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
        let mut out = self.outputs(map)?;
        if self.ties(map)? {
            self.scopes.last_mut()?.given.clear();
            out = self.outputs(map)?;
        }
        out.tied = self.scopes.last()?.tied;
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

    fn outputs(&mut self, map: &Node) -> Option<Columns> {
        let mut out = Columns::of(Vec::new());
        for it in list(map, "select_list") {
            self.output(it.as_object()?, &mut out)?;
        }
        Some(out)
    }

    /// Whether what chooses rows ties columns to personal values, which are told from here on: conditions, and what orders
    /// rows of which only the first are taken.
    fn ties(&mut self, map: &Node) -> Option<bool> {
        let mut any = false;
        for key in ["where_clause", "having", "qualify"] {
            if let Some(condition) = map.get(key).filter(|it| !it.is_null()) {
                any |= self.tie(condition, None)?;
            }
        }
        let modifiers = list(map, "modifiers");
        let orders = |it: &Value| it["type"] == "ORDER_MODIFIER";
        if modifiers.iter().any(|it| !orders(it)) {
            for it in modifiers.iter().flat_map(|it| it["orders"].as_array()).flatten() {
                any |= self.tie(&it["expression"], None)?;
            }
        }
        Some(any)
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
                    // How many rows there are is the very number.
                    rows = rows.max(self.value(limit)?.made());
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
        out.tied = left.tied || right.tied;
        let given = Relation { alias: String::new(), columns: out.clone(), is_stored: false };
        self.scopes.push(Scope { relations: vec![given], ..Scope::default() });
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
        Some(Columns { named, rest: left.rest.map(|_| level), rows: level, ..left })
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

    /// A query in the place of a value: what it chooses rows by makes the value.
    fn subquery(&mut self, map: &Node) -> Option<Level> {
        let care = std::mem::replace(&mut self.care, Care::Answers);
        let found = self.query(&map.get("subquery")?["node"]);
        self.care = care;
        let found = found?.settled();
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
        let relation = Relation { alias: String::new(), columns: Columns::of(given), is_stored: false };
        self.scopes.push(Scope { relations: vec![relation], ..Scope::default() });
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
        for (depth, scope) in self.scopes.iter().enumerate().rev() {
            let fitting: Vec<_> = scope.relations.iter().map(|it| fits(it, names)).collect();
            // A table that surely has the column comes before those of which the columns are not known.
            let sure = fitting.iter().any(|(_, is_sure)| *is_sure);
            let meant = fitting.iter().filter(|(_, is_sure)| *is_sure || !sure);
            let mut here = meant.filter_map(|(level, _)| *level).max();
            if let [name] = names {
                here = here.max(scope.given.iter().filter(|(it, _)| it == name).map(|(_, it)| *it).max());
            }
            if here.is_some() {
                self.lowest.set(self.lowest.get().min(depth));
            }
            found = found.max(here);
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

/// Whether a node turns a truth value round.
fn is_not(map: &Node) -> bool {
    word(map, "class") == "OPERATOR" && word(map, "type") == "OPERATOR_NOT"
}

/// Whether a node of one value gives yes or no.
fn is_answer(map: &Node) -> bool {
    let asks = ["OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL", "OPERATOR_NOT", "COMPARE_IN", "COMPARE_NOT_IN"];
    word(map, "class") == "OPERATOR" && asks.contains(&word(map, "type"))
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
            let part = before.iter().any(|it| known(it) || relation.alias == *it).then(|| columns.max().made());
            (part.max(columns.rest.map(Level::made)), part.is_some())
        }
    }
}
