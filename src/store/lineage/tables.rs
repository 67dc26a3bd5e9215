//! The tables that a query reads from, and how they are joined.

use serde_json::Value;

use super::columns::{Columns, Level, Relation, Scope};
use super::conditions::Sides;
use super::nodes::{Node, holds_query, list, names};
use super::{Care, Follow};
use crate::store::guard::word;

use Level::Open;

impl Follow<'_> {
    /// Adds the tables behind `from` to the innermost scope; gives what decides about their rows.
    pub(super) fn from(&mut self, value: &Value) -> Option<Level> {
        let map = value.as_object()?;
        let alias = word(map, "alias").to_lowercase();
        let (name, columns) = match word(map, "type") {
            "EMPTY" => return Some(Open),
            "JOIN" => return self.join(map),
            "BASE_TABLE" => (word(map, "table_name").to_lowercase(), self.stored(map)?),
            "SUBQUERY" => (String::new(), self.beside(&map.get("subquery")?["node"])?),
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
        let is_stored = word(map, "type") == "BASE_TABLE" && self.defines(map).is_none();
        let alias = if alias.is_empty() { name } else { alias };
        let scope = self.scopes.last_mut()?;
        scope.tied |= columns.tied;
        scope.relations.push(Relation { alias, columns, is_stored });
        Some(rows)
    }

    /// A query as a table. One that names columns of the tables beside it is made anew for each of their rows: what it
    /// chooses by their values is as personal as they are.
    fn beside(&mut self, node: &Value) -> Option<Columns> {
        let (depth, before) = (self.scopes.len(), self.lowest.replace(usize::MAX));
        let mut found = self.query(node);
        if self.lowest.get() < depth && self.care != Care::Answers {
            let care = std::mem::replace(&mut self.care, Care::Answers);
            found = self.query(node);
            self.care = care;
        }
        self.lowest.set(self.lowest.get().min(before));
        found
    }

    /// What the query itself defines under the name of a table.
    fn defines(&self, map: &Node) -> Option<&Columns> {
        let name = word(map, "table_name").to_lowercase();
        let own = self.own.iter().rev().find(|(it, _)| *it == name && word(map, "schema_name").is_empty());
        own.map(|(_, columns)| columns)
    }

    pub(super) fn stored(&self, map: &Node) -> Option<Columns> {
        if let Some(columns) = self.defines(map) {
            return Some(columns.clone());
        }
        let named = self.table(map)?.iter().map(|(name, class)| (name.clone(), Level::of(*class))).collect();
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
        let end = self.scopes.last()?.relations.len();
        if let Some(condition) = map.get("condition").filter(|it| !it.is_null()) {
            let level = self.value(condition)?;
            rows = rows.max(self.decides(level));
            let outer = ["LEFT", "RIGHT", "OUTER", "FULL"].iter().any(|it| word(map, "join_type").contains(it));
            let sides = outer.then_some(Sides { left: first..middle, right: middle..end });
            self.tie(condition, sides.as_ref())?;
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
            let unknown = unknown.unwrap_or_default().made();
            asked = asked.max(unknown);
            right.iter_mut().for_each(|it| it.columns.exact = false);
            if unknown != Open {
                left[first..].iter_mut().chain(right).for_each(|it| it.columns.tell());
            }
        }
        self.tie_names(&shared, first..middle, middle..end)?;
        Some(rows.max(self.decides(asked)))
    }
}
