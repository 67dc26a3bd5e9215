//! `derive`: adds columns computed row by row, drops, renames or orders others.
//!
//! ```toml
//! [step.scored]
//! kind = "derive"
//! from = "organisations"
//! drop = ["scratch"]
//!
//! [step.scored.columns]
//! has_website = "website is not null"
//! label = "organization_name || case when has_website then ' (web)' else '' end"
//! ```
//!
//! An expression sees the columns of the input and those derived above it. `keep = [...]` instead of `drop` names all
//! columns of the result, in their order.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::expr::{Decides, Expr, Mistake};
use crate::fields::keys::{Key, Keys, Takes};
use crate::fields::{Fields, WRONG_VALUE};
use crate::finding::mistaken;
use crate::model::{Class, Column, Schema, Type};
use crate::profile::Profile;
use crate::relation::Written;
use crate::relation::written::BESIDE;
use crate::relation::{DERIVED, Relation, class_of};
use crate::steps::columns::{FROM, known, one_input};
use crate::steps::{Decoded, Finding, Input, Kind, Lowered, Spec, losses};

pub(super) const KIND: Kind = Kind {
    name: "derive",
    revision: 1,
    summary: "adds columns computed row by row, drops, renames or orders others",
    keys: KEYS,
    decode,
};

const KEYS: &[Key] = &[
    FROM,
    Key::new("columns", Takes::Table(&COLUMNS), "for a new column, the expression that gives its value"),
    Key::new("drop", Takes::TEXTS, "columns of the input that are left out"),
    Key::new("keep", Takes::TEXTS, "all columns of the result, in their order"),
    Key::new("rename", Takes::Table(&RENAME), "for a column of the input, its new name"),
    Key::new("open", Takes::TEXTS, "columns that may be shown"),
    Key::new("personal", Takes::TEXTS, "columns with personal data, which hotpass masks when it shows tables"),
];

const COLUMNS: Keys = Keys::any(Takes::Text, "a new column, and the expression that gives its value");
const RENAME: Keys = Keys::any(Takes::Text, "a column of the input, and its new name");

#[derive(Debug, Serialize)]
struct Derive {
    columns: Vec<(String, Expr)>,
    drop: Vec<String>,
    keep: Option<Vec<String>>,
    rename: Vec<(String, String)>,
    open: Vec<String>,
    personal: Vec<String>,
    /// Columns whose expressions cannot be read: what is wrong with them has been told.
    #[serde(skip)]
    unread: Vec<String>,
}

fn decode(fields: &mut Fields, _: &Profile) -> Option<Decoded> {
    let inputs = one_input(fields, "from");
    let mut columns = Vec::new();
    let mut unread = Vec::new();
    if let Some(mut table) = fields.table("columns") {
        for name in table.keys() {
            match table.expr(&name) {
                Some(expr) => columns.push((name, expr)),
                None => unread.push(name),
            }
        }
    }
    let mut rename = Vec::new();
    if let Some(mut table) = fields.table("rename") {
        for name in table.keys() {
            rename.extend(table.text(&name).map(|it| (name, it)));
        }
    }
    let (drop, open, personal) = (fields.words("drop"), fields.words("open"), fields.words("personal"));
    let keep = fields.has("keep").then(|| fields.words("keep"));
    if keep.is_some() && !drop.is_empty() {
        let help = Some("`keep` alone says what the result has".to_owned());
        fields.problem(&WRONG_VALUE, "drop", "`drop` and `keep` are both set", "leave one of the two", help);
    }
    let inputs = inputs?;
    Some(Decoded::new(inputs, Derive { columns, drop, keep, rename, open, personal, unread }))
}

impl Spec for Derive {
    fn decided_by(&self) -> Vec<(String, Decides<'_>)> {
        let mut acc = Vec::new();
        for (name, expr) in &self.columns {
            let mut names = BTreeSet::new();
            expr.ordered(&mut names);
            // What is made here has another order than what came in.
            let taken =
                names.into_iter().filter(|it| !self.columns.iter().any(|(made, _)| it.column == Some(made.as_str())));
            acc.extend(taken.map(|it| (format!("columns.{name}"), it)));
        }
        acc
    }

    fn lower(&self, inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<Lowered> {
        let input = &inputs[0];
        let before = findings.len();
        let mut seen: Schema = input.schema.clone();
        let mut layers = Layers::over(input);
        // Of what is made of a column that has a problem nothing is known, so nothing is told.
        let mut unknown: BTreeSet<&str> = self.unread.iter().map(String::as_str).collect();
        for (name, expr) in &self.columns {
            let mut reads = BTreeSet::new();
            expr.columns(&mut reads);
            if !reads.is_disjoint(&unknown) {
                unknown.insert(name);
                continue;
            }
            unknown.remove(name.as_str());
            match expr.ty(&seen).and_then(|ty| layers.add(name, expr).map(|()| ty)) {
                Ok(ty) => {
                    let class = class_of(expr, &seen);
                    seen.columns.retain(|it| it.name != *name);
                    seen.columns.push(Column::new(name, ty).classed(class));
                }
                Err(mistake) => {
                    findings.push(mistaken(input.name, &seen, mistake, &format!("columns.{name}")));
                    unknown.insert(name);
                }
            }
        }
        for name in &self.drop {
            known(input, name, "drop", findings);
        }
        for (name, _) in &self.rename {
            known(input, name, "rename", findings);
        }
        let mut classes = BTreeMap::new();
        for (words, key, class) in [(&self.open, "open", Class::Open), (&self.personal, "personal", Class::Personal)] {
            for name in words {
                let made = seen.has(name) || unknown.contains(name.as_str());
                if !made && !self.rename.iter().any(|(_, it)| it == name) {
                    known(input, name, key, findings);
                }
                classes.insert(name.clone(), class);
            }
        }
        if findings.len() > before || !unknown.is_empty() {
            return None;
        }
        let Layers { beneath, mut derived, whole, .. } = layers;
        let mut columns: Vec<(String, Expr)> = Vec::new();
        for column in &input.schema.columns {
            if self.drop.contains(&column.name) {
                continue;
            }
            let renamed = self.rename.iter().find(|(it, _)| *it == column.name).map(|(_, it)| it);
            let name = renamed.unwrap_or(&column.name);
            let at = derived.iter().position(|(it, _)| it == name);
            columns.push(match at {
                Some(at) => derived.remove(at),
                None => (name.clone(), Expr::column(&column.name)),
            });
        }
        // Visible columns stand before hidden ones.
        let hidden = columns.iter().position(|(name, _)| crate::model::is_hidden(name)).unwrap_or(columns.len());
        columns.splice(hidden..hidden, derived);
        if let Some(keep) = &self.keep {
            self.keep(keep, &mut columns, findings);
            if findings.len() > before {
                return None;
            }
        }
        let over_input = |(name, expr): &(String, Expr)| match whole.get(name) {
            Some(whole) => Some((name.clone(), whole.clone()?)),
            None => Some((name.clone(), expr.clone())),
        };
        let told = losses::of(&columns.iter().filter_map(over_input).collect::<Vec<_>>(), input);
        Some(Lowered { classes, told, ..beneath.project(columns).into() })
    }
}

impl Derive {
    /// Leaves what is kept, and what is hidden; what `keep` and the other keys do not agree on is told.
    fn keep(&self, keep: &[String], columns: &mut Vec<(String, Expr)>, findings: &mut Vec<Finding>) {
        self.beside(keep, findings);
        let made: Schema = columns.iter().map(|(name, _)| Column::new(name, Type::Text)).collect();
        let unknown = keep.iter().filter(|it| !made.has(it));
        findings.extend(unknown.map(|it| crate::steps::unknown_column("the result", &made, it, "keep")));
        columns.retain(|(name, _)| crate::model::is_hidden(name) || keep.contains(name));
        columns.sort_by_key(|(name, _)| keep.iter().position(|it| it == name).unwrap_or(usize::MAX));
    }

    /// Tells of what is declared and comes neither into the result nor into what does.
    fn beside(&self, keep: &[String], findings: &mut Vec<Finding>) {
        let mut read: BTreeSet<&str> = keep.iter().map(String::as_str).collect();
        // An expression sees what is derived above it, so what is below is known first.
        let mut tell = |key: String, name: &str| {
            let message = format!("`{}` is not in `keep`, and nothing reads it", name.escape_debug());
            let help = "name it in `keep`, or delete this line".to_owned();
            findings.push(Finding::new(&WRONG_VALUE, &key, message).label("declared here").help(help));
        };
        for (name, expr) in self.columns.iter().rev() {
            match read.contains(name.as_str()) || crate::model::is_hidden(name) {
                true => expr.columns(&mut read),
                false => tell(format!("columns.{name}"), name),
            }
        }
        for (name, new) in self.rename.iter().filter(|(_, new)| !keep.contains(new)) {
            tell(format!("rename.{name}"), new);
        }
        for (words, key) in [(&self.open, "open"), (&self.personal, "personal")] {
            words.iter().filter(|it| !keep.contains(it)).for_each(|it| tell(key.to_owned(), it));
        }
    }
}

/// Most parts of an expression in which what was derived above stands in the place of its name. Beyond that it is computed
/// once, in a table beneath: a chain of columns that each name the one above twice would double with each of them.
const LARGEST: usize = 500;

/// What is derived so far.
struct Layers<'a> {
    input: &'a Input<'a>,
    /// The table over whose columns the expressions stand.
    beneath: Relation,
    /// Columns with their expressions, in the order in which they are declared.
    derived: Vec<(String, Expr)>,
    /// The same over the input alone, where that is not too large: what is lost of its cells is counted there.
    whole: BTreeMap<String, Option<Expr>>,
    /// How the texts beneath are written, where that is known.
    written: BTreeMap<String, Written>,
}

impl<'a> Layers<'a> {
    fn over(input: &'a Input<'a>) -> Layers<'a> {
        let beneath = Relation::scan(0, input.schema);
        Layers { input, beneath, derived: Vec::new(), whole: BTreeMap::new(), written: input.written.clone() }
    }

    fn add(&mut self, name: &str, expr: &Expr) -> Result<(), Mistake> {
        let mut read = BTreeSet::new();
        expr.columns(&mut read);
        let whole = match read.iter().any(|it| self.whole.get(*it) == Some(&None)) {
            true => None,
            false => inlined(expr, &|name| self.whole.get(name)?.as_ref()),
        };
        self.whole.insert(name.to_owned(), whole.and_then(|it| it.aware(self.input.written).ok()));
        let inlined = inlined(expr, &|name| self.of(name)).unwrap_or_else(|| {
            self.compute();
            expr.replaced(&|name| self.of(name).cloned())
        });
        self.derived.push((name.to_owned(), inlined.aware(&self.written)?));
        Ok(())
    }

    fn of(&self, name: &str) -> Option<&Expr> {
        self.derived.iter().find(|(it, _)| it == name).map(|(_, it)| it)
    }

    /// Makes columns of a table beneath of all that is derived and more than a name.
    fn compute(&mut self) {
        let mut columns: Vec<(String, Expr)> =
            self.beneath.columns().into_iter().map(|it| (it.to_owned(), Expr::column(it))).collect();
        for (name, expr) in &mut self.derived {
            if matches!(expr, Expr::Column(_) | Expr::Literal(_)) {
                continue;
            }
            let made = format!("{DERIVED}{name}");
            if let Some(kind) = expr.kind(&self.written) {
                let kinds = format!("{BESIDE}{name}");
                columns.push((kinds.clone(), kind));
                self.written.insert(made.clone(), Written::Beside(kinds));
            }
            let expr = std::mem::replace(expr, Expr::column(&made));
            columns.push((made, expr));
        }
        let beneath = std::mem::replace(&mut self.beneath, Relation::Union(Vec::new()));
        self.beneath = beneath.project(columns);
    }
}

/// An expression with what is known in the place of names, unless that makes it too large.
fn inlined<'a>(expr: &Expr, known: &impl Fn(&str) -> Option<&'a Expr>) -> Option<Expr> {
    let cost = expr.cost_over(&|name| known(name).map_or(1, Expr::cost));
    (cost <= LARGEST.max(expr.cost())).then(|| expr.replaced(&|name| known(name).cloned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(keep: &[&str], expected: Result<&[&str], &str>) {
        let text = |name: &str| Column::new(name, Type::Text);
        let schema: Schema = [text("a"), text("b"), text("_row")].into_iter().collect();
        let spec = Derive {
            columns: vec![("c".to_owned(), Expr::call("||", [Expr::column("a"), Expr::column("b")]))],
            drop: Vec::new(),
            keep: Some(keep.iter().map(|it| (*it).to_owned()).collect()),
            rename: vec![("b".to_owned(), "d".to_owned())],
            open: Vec::new(),
            personal: Vec::new(),
            unread: Vec::new(),
        };
        let mut findings = Vec::new();
        let sources = BTreeMap::new();
        let lowered = spec.lower(
            &[Input {
                name: "rows",
                schema: &schema,
                sources: &sources,
                evidence: &BTreeMap::new(),
                written: &BTreeMap::new(),
                formed: &BTreeSet::new(),
            }],
            &mut findings,
        );
        let names = match lowered.map(|it| it.work) {
            Some(crate::steps::Work::Relation(it)) => Ok(it.columns().join(" ")),
            _ => Err(findings[0].message.clone()),
        };
        assert_eq!(
            names.as_deref().map_err(String::as_str),
            expected.map(|it| it.join(" ")).as_deref().map_err(|it| *it)
        );
    }

    #[test]
    fn what_is_named_twice_by_each_column_above_is_computed_once() {
        let schema: Schema = [Column::new("a", Type::Text)].into_iter().collect();
        let twice = |of: &str| Expr::call("||", [Expr::column(of), Expr::column(of)]);
        let mut columns = vec![("x0".to_owned(), twice("a"))];
        columns.extend((1..200).map(|at| (format!("x{at}"), twice(&format!("x{}", at - 1)))));
        let spec = Derive {
            columns,
            drop: vec!["a".to_owned()],
            keep: None,
            rename: Vec::new(),
            open: Vec::new(),
            personal: Vec::new(),
            unread: Vec::new(),
        };
        let (sources, evidence, written) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let input = Input {
            name: "rows",
            schema: &schema,
            sources: &sources,
            evidence: &evidence,
            written: &written,
            formed: &BTreeSet::new(),
        };
        let lowered = spec.lower(&[input], &mut Vec::new()).expect("it is well");
        let crate::steps::Work::Relation(relation) = lowered.work else { panic!("another work") };
        assert_eq!(relation.columns().len(), 200);
        assert!(serde_json::to_string(&relation).expect("it can be written").len() < 5_000_000);
    }

    #[test]
    fn every_column_with_a_problem_of_its_own_is_told_and_no_other() {
        let schema: Schema = [Column::new("a", Type::Text)].into_iter().collect();
        let derived = |name: &str, expr| (name.to_owned(), expr);
        let spec = Derive {
            columns: vec![
                derived("one", Expr::column("gone")),
                derived("two", Expr::call("lower", [Expr::column("one")])),
                derived("three", Expr::call("abs", [Expr::column("a")])),
                derived("four", Expr::column("broken")),
                derived("five", Expr::call("upper", [Expr::column("a")])),
            ],
            drop: Vec::new(),
            keep: None,
            rename: Vec::new(),
            open: Vec::new(),
            personal: vec!["four".to_owned()],
            unread: vec!["broken".to_owned()],
        };
        let (mut findings, sources) = (Vec::new(), BTreeMap::new());
        let input = Input {
            name: "rows",
            schema: &schema,
            sources: &sources,
            evidence: &BTreeMap::new(),
            written: &BTreeMap::new(),
            formed: &BTreeSet::new(),
        };
        assert!(spec.lower(&[input], &mut findings).is_none());
        let keys: Vec<_> = findings.iter().map(|it| it.key.as_str()).collect();
        assert_eq!(keys, ["columns.one", "columns.three"]);
    }

    #[test]
    fn kept_columns_stand_in_their_order() {
        check(&["d", "c", "a"], Ok(&["d", "c", "a", "_row"]));
        check(&["c", "d"], Ok(&["c", "d", "_row"]));
        check(&["c", "d", "b"], Err("`the result` has no column `b`"));
    }

    #[test]
    fn what_is_declared_and_neither_kept_nor_read_is_told() {
        check(&["d", "a"], Err("`c` is not in `keep`, and nothing reads it"));
        check(&["c", "a"], Err("`d` is not in `keep`, and nothing reads it"));
    }
}
