//! Conditions that a step chooses rows by, as far as they make values: a row of another table that a personal value
//! chose tells about it, and so does a column that is compared with one.
//!
//! A condition alone changes no class: which rows there are is decided by whoever wrote the pipeline. But `r.i <=
//! s.salary` says what the salary is to whoever sees `r.i`, or how many such rows there are. Of each part of a condition
//! it is asked which columns it ties to a personal value. In the care [`Care::Answers`] rows that a condition chose are
//! personal as a whole, so nothing is asked there.

use std::collections::BTreeSet;
use std::ops::Range;

use serde_json::Value;

use super::columns::{Level, Relation};
use super::nodes::{Node, holds_column, list, names, same_shape};
use super::{Care, Follow, fits, is_not};
use crate::store::guard::word;

use Level::{Made, Open};

/// What a part of a condition is about.
#[derive(Default)]
struct About {
    /// Tables with personal columns in it.
    personal: BTreeSet<usize>,
    /// Open columns in it, by their tables.
    open: BTreeSet<(usize, String)>,
    /// Whether it names an open column of its own `select`, which may be made of any table.
    is_loose: bool,
    /// Whether a query within it gives a personal value.
    is_beyond: bool,
}

impl About {
    fn is_personal(&self) -> bool {
        !self.personal.is_empty() || self.is_beyond
    }

    /// Whether it only says that two personal values are equal.
    fn is_equality(&self, part: &Value) -> bool {
        self.open.is_empty() && !self.is_loose && same_shape(part)
    }

    fn ties(&self) -> bool {
        self.is_personal() && (self.is_loose || !self.open.is_empty() || self.personal.len() > 1)
    }
}

/// The tables on both sides of a join that keeps rows without a partner.
pub(super) struct Sides {
    pub(super) left: Range<usize>,
    pub(super) right: Range<usize>,
}

impl Follow<'_> {
    /// Tells the columns of the innermost tables that a condition ties to personal values; whether there are any. Of an
    /// outer join also those of the other side, which are there or not.
    pub(super) fn tie(&mut self, condition: &Value, outer: Option<&Sides>) -> Option<bool> {
        if self.care == Care::Answers {
            return Some(false);
        }
        let mut any = false;
        for part in parts(condition) {
            let level = self.value(part)?;
            if level == Open {
                continue;
            }
            let about = self.about(part)?;
            if about.is_personal() && !about.is_equality(part) {
                let scope = self.scopes.last_mut()?;
                let all = scope.relations.iter_mut().enumerate();
                let told = all.fold(false, |acc, (at, it)| tell(&about, at, it, outer) || acc);
                scope.tied |= told;
                any |= told;
            }
        }
        Some(any)
    }

    /// Whether what is asked within a value ties open columns to personal ones.
    pub(super) fn asks(&mut self, value: &Value) -> Option<bool> {
        for part in parts(value) {
            let before = std::mem::replace(&mut self.care, Care::Steps);
            let (level, about) = (self.value(part), self.about(part));
            self.care = before;
            let (level, about) = (level?, about?);
            if level != Open && about.ties() && !about.is_equality(part) {
                return Some(true);
            }
        }
        Some(false)
    }

    /// Tells the columns by which two tables are joined under one name, where one alone is personal.
    pub(super) fn tie_names(&mut self, shared: &[String], left: Range<usize>, right: Range<usize>) -> Option<()> {
        if self.care == Care::Answers {
            return Some(());
        }
        let scope = self.scopes.last_mut()?;
        for name in shared {
            let side = |all: &[Relation]| all.iter().filter_map(|it| it.columns.get(name)).max().unwrap_or_default();
            let (a, b) = (side(&scope.relations[left.clone()]), side(&scope.relations[right.clone()]));
            if (a == Open) == (b == Open) {
                continue;
            }
            let open = if a == Open { left.clone() } else { right.clone() };
            scope.relations[open]
                .iter_mut()
                .filter(|it| it.columns.get(name).is_some())
                .for_each(|it| it.columns.tell());
            scope.tied = true;
        }
        Some(())
    }

    fn about(&mut self, part: &Value) -> Option<About> {
        let mut acc = About { is_beyond: self.gives_personal(part)?, ..About::default() };
        let mut asked = Vec::new();
        self.asked(part, &BTreeSet::new(), &mut asked);
        let scope = self.scopes.last()?;
        for names in asked {
            let found: Vec<(usize, Level)> =
                scope.relations.iter().enumerate().filter_map(|(at, it)| Some((at, fits(it, &names).0?))).collect();
            for (at, level) in &found {
                match level {
                    Open => _ = acc.open.insert((*at, names.last().cloned().unwrap_or_default())),
                    _ => _ = acc.personal.insert(*at),
                }
            }
            let own = scope.given.iter().filter(|(it, _)| names.len() == 1 && *it == names[0]);
            let own = own.map(|(_, it)| *it).max().filter(|_| found.is_empty());
            acc.is_loose |= own == Some(Open);
            acc.is_beyond |= own.is_some_and(|it| it != Open);
        }
        Some(acc)
    }

    /// Whether a query within a value gives a personal one, whichever rows it chooses.
    fn gives_personal(&mut self, value: &Value) -> Option<bool> {
        match value {
            Value::Array(all) => all.iter().try_fold(false, |acc, it| Some(acc | self.gives_personal(it)?)),
            Value::Object(map) if word(map, "class") == "SUBQUERY" => {
                let beside = map.get("child").map_or(Some(false), |it| self.gives_personal(it))?;
                if word(map, "subquery_type").contains("EXISTS") {
                    return Some(beside);
                }
                let found = self.query(&map.get("subquery")?["node"])?;
                Some(beside || found.named.iter().map(|(_, it)| *it).chain(found.rest).any(|it| it != Open))
            }
            Value::Object(map) => map.values().try_fold(false, |acc, it| Some(acc | self.gives_personal(it)?)),
            _ => Some(false),
        }
    }

    /// Adds the names of columns within a value, but those of tables that a query within it reads (`inner`), and those
    /// that only order or group the rows of a window.
    fn asked(&self, value: &Value, inner: &BTreeSet<String>, acc: &mut Vec<Vec<String>>) {
        let each = |map: &Node, but: &[&str], inner: &BTreeSet<String>, acc: &mut Vec<Vec<String>>| {
            let all = map.iter().filter(|(key, _)| !but.contains(&key.as_str()));
            all.for_each(|(_, it)| self.asked(it, inner, acc));
        };
        match value {
            Value::Array(all) => all.iter().for_each(|it| self.asked(it, inner, acc)),
            Value::Object(map) => match word(map, "class") {
                "COLUMN_REF" => {
                    let names = names(map, "column_names");
                    if names.first().is_some_and(|it| !inner.contains(it)) {
                        acc.push(names);
                    }
                }
                "SUBQUERY" => {
                    let mut within = inner.clone();
                    self.inner(&map["subquery"], &mut within);
                    each(map, &["child"], &within, acc);
                    if let Some(it) = map.get("child") {
                        self.asked(it, inner, acc);
                    }
                }
                "WINDOW" => each(map, &["orders", "arg_orders", "partitions"], inner, acc),
                _ => each(map, &[], inner, acc),
            },
            _ => (),
        }
    }

    /// Names that tables within a query have, with their columns.
    fn inner(&self, value: &Value, acc: &mut BTreeSet<String>) {
        match value {
            Value::Array(all) => all.iter().for_each(|it| self.inner(it, acc)),
            Value::Object(map) => {
                if !word(map, "table_name").is_empty() || map.contains_key("column_name_alias") {
                    acc.extend([word(map, "alias"), word(map, "table_name")].map(str::to_lowercase));
                    acc.extend(names(map, "column_name_alias"));
                }
                let stored = if word(map, "table_name").is_empty() { None } else { self.stored(map) };
                acc.extend(stored.into_iter().flat_map(|it| it.named).map(|(name, _)| name));
                map.values().for_each(|it| self.inner(it, acc));
            }
            _ => (),
        }
    }
}

/// Tells the columns of a table that a part of a condition ties to personal values; whether there are any.
fn tell(about: &About, at: usize, relation: &mut Relation, outer: Option<&Sides>) -> bool {
    let is_personal = about.personal.contains(&at);
    let mentioned: Vec<&String> = about.open.iter().filter(|(it, _)| *it == at).map(|(_, name)| name).collect();
    let kept = outer.is_some_and(|it| {
        let from = |side: &Range<usize>| about.is_beyond || about.personal.iter().any(|it| side.contains(it));
        it.right.contains(&at) && from(&it.left) || it.left.contains(&at) && from(&it.right)
    });
    // Columns of a query may be made of one another; those of a table that stands are not.
    let whole = !mentioned.is_empty() && (!is_personal || !relation.is_stored);
    if about.is_loose || kept || whole || is_personal && about.personal.len() > 1 {
        relation.columns.tell();
        return true;
    }
    relation.columns.named.iter_mut().filter(|(it, _)| mentioned.contains(&it)).for_each(|(_, it)| *it = Made);
    !mentioned.is_empty()
}

/// The parts of a condition that are asked one by one: what stands between `and`, `or` and `not`, and what a `case` asks.
fn parts(value: &Value) -> Vec<&Value> {
    let Some(map) = value.as_object() else { return Vec::new() };
    match word(map, "class") {
        "CONJUNCTION" => list(map, "children").iter().flat_map(parts).collect(),
        _ if is_not(map) => list(map, "children").iter().flat_map(parts).collect(),
        "CASE" => {
            let checks = list(map, "case_checks").iter().flat_map(|it| [&it["when_expr"], &it["then_expr"]]);
            checks.chain(map.get("else_expr")).flat_map(parts).collect()
        }
        "CONSTANT" => Vec::new(),
        _ if holds_column(value) => {
            let mut acc = vec![value];
            of_windows(value, &mut acc);
            acc
        }
        _ => Vec::new(),
    }
}

/// Adds what orders and groups the rows of windows within a value.
fn of_windows<'a>(value: &'a Value, acc: &mut Vec<&'a Value>) {
    match value {
        Value::Array(all) => all.iter().for_each(|it| of_windows(it, acc)),
        Value::Object(map) => {
            if word(map, "class") == "WINDOW" {
                let orders = list(map, "orders").iter().chain(list(map, "arg_orders")).map(|it| &it["expression"]);
                acc.extend(orders.chain(list(map, "partitions")).filter(|it| holds_column(it)));
            }
            map.values().for_each(|it| of_windows(it, acc));
        }
        _ => (),
    }
}
