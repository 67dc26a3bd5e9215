//! What nobody knows any more of cells: what came out of a `sql` step, or was computed, are texts, and nothing says which
//! of them were numbers, or which is of which column. Read with a comma, 3.125 would be 3125.

use std::collections::{BTreeMap, BTreeSet};

use super::Planning;
use super::forms::differing;
use crate::expr::aggregate::Aggregate as Function;
use crate::expr::{Expr, Literal};
use crate::model::{SOURCE, Type};
use crate::plan::{Operation, Table, TableId};
use crate::readers::Evidence;
use crate::readers::json::Kinds;
use crate::relation::Relation;
use crate::relation::explode::Items;
use crate::relation::forms::Form;
use crate::steps::{CELLS_FORGOTTEN, Finding, Work};

/// What is read of a column.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Read {
    /// Numbers, where the sign is not known to be a point.
    comma: bool,
    /// Numbers or dates, in the form that their own values say.
    undeclared: bool,
    /// Whether what reads them computes something of them first.
    computed: bool,
}

/// How a column came to forget what its cells were.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lost {
    No,
    Computed,
    Queried,
}

impl Planning<'_> {
    /// What a step reads of columns that came through what keeps no cells: with a comma, where some were numbers, or in
    /// one form, where they are written in several.
    pub(super) fn forgotten(&self, work: &Work, inputs: &[TableId]) -> Vec<Finding> {
        let Work::Relation(relation) = work else { return Vec::new() };
        let mut asked = BTreeMap::new();
        relation.exprs().into_iter().for_each(|it| read(it, &mut asked));
        let mut acc = Vec::new();
        for (column, how) in asked {
            let origins = self.behind(inputs, column, how.computed);
            let of_points = |((at, name), lost): (&(TableId, String), &Lost)| {
                let table = &self.plan.tables[*at];
                let has_points = table.evidence.get(name).is_some_and(|it| it.points + it.either > 0);
                let kinds = kinds_in_json(table, name);
                // Items of a list are texts, and nothing says which of them were numbers.
                let lost = if kinds.has_listed_numbers() { (*lost).max(Lost::Computed) } else { *lost };
                let has_numbers = has_points || kinds.has_numbers();
                (has_numbers && table.written.contains_key(name) || kinds.has_listed_numbers()).then_some(lost)
            };
            let numbers = origins.iter().filter_map(of_points).max().unwrap_or(Lost::No);
            if how.comma && numbers > Lost::No {
                acc.push(numbers_told(column, numbers));
            }
            let lost = origins.values().copied().max().unwrap_or(Lost::No);
            if how.undeclared && lost > Lost::No {
                acc.extend(self.forms_told(column, lost, inputs, &origins));
            }
        }
        acc
    }

    /// What tells that values in several forms are in a column, and nothing says which is which.
    fn forms_told(
        &self,
        column: &str,
        lost: Lost,
        inputs: &[TableId],
        origins: &BTreeMap<(TableId, String), Lost>,
    ) -> Option<Finding> {
        let tables: BTreeSet<TableId> = origins.keys().map(|(at, _)| *at).collect();
        let named = inputs.iter().any(|it| self.plan.tables[*it].schema.has(SOURCE));
        // Rows that name the source of their values are read source by source.
        if named && tables.len() == origins.len() {
            return None;
        }
        let evidence = |(at, name): &(TableId, String)| {
            let known = self.plan.tables[*at].evidence.get(name).cloned().unwrap_or_default();
            ((*at, name.clone()), known)
        };
        let known: BTreeMap<_, _> = origins.keys().map(evidence).collect();
        let form = differing(&known);
        let sum = |of: fn(&Evidence) -> u64| known.values().map(of).sum::<u64>();
        let what = match form {
            Form { sign: true, .. } => {
                let (points, commas) = (sum(|it| it.points), sum(|it| it.commas));
                format!("of their first values {points} have a decimal point and {commas} a decimal comma")
            }
            Form { order: true, .. } => {
                let dates = sum(|it| it.shuffled);
                format!("of their first values {dates} are dates that do not begin with the year")
            }
            Form { sign: false, order: false } => return None,
        };
        let (column, count) = (column.escape_debug(), known.len());
        let message = format!(
            "`{column}` is read in one form, but it holds values of {count} columns, and {} does not keep which value \
             is of which: {what}",
            lost.words()
        );
        let help =
            format!("read each of the columns in a `normalise` or `derive` step before, or say the form of `{column}`");
        Some(Finding::new(&CELLS_FORGOTTEN, "", message).label("in this step").help(help))
    }

    /// The columns of files behind a column, each with what forgot what its cells were.
    fn behind(&self, inputs: &[TableId], column: &str, computed: bool) -> BTreeMap<(TableId, String), Lost> {
        let lost = if computed { Lost::Computed } else { Lost::No };
        let mut open: Vec<_> = inputs.iter().map(|it| (*it, column.to_owned(), lost)).collect();
        let (mut acc, mut seen) = (BTreeMap::new(), BTreeSet::new());
        while let Some(it) = open.pop() {
            if !seen.insert(it.clone()) {
                continue;
            }
            let (at, column, lost) = it;
            let table = &self.plan.tables[at];
            if table.schema.get(&column).is_none_or(|it| it.ty != Type::Text) {
                continue;
            }
            match &table.make {
                Operation::Read(_) => {
                    let known = acc.entry((at, column)).or_insert(lost);
                    *known = lost.max(*known);
                }
                Operation::Relation(relation) => {
                    let mut passed = BTreeSet::new();
                    passes(relation, &column, lost == Lost::Computed, &mut passed);
                    open.extend(passed.into_iter().map(|(input, name, computed)| {
                        let lost = if computed { lost.max(Lost::Computed) } else { lost };
                        (table.inputs[input], name.to_owned(), lost)
                    }));
                }
                Operation::Sql(_) => {
                    let beneath = self.beneath(table, &column).into_iter();
                    open.extend(beneath.map(|(at, it)| (at, it, Lost::Queried)));
                }
                Operation::Beside | Operation::Values(_) => (),
            }
        }
        acc
    }

    /// The columns of which a query may have made one: those of its name, and all where none has it.
    fn beneath(&self, query: &Table, column: &str) -> Vec<(TableId, String)> {
        let columns = |at: &TableId| {
            let at = *at;
            self.plan.tables[at].schema.visible().map(move |it| (at, it.name.clone()))
        };
        let (own, others): (Vec<_>, Vec<_>) = query.inputs.iter().flat_map(columns).partition(|(_, it)| it == column);
        if own.is_empty() { others } else { own }
    }
}

/// What the values of a column are in files of JSON.
fn kinds_in_json(table: &Table, column: &str) -> Kinds {
    let Operation::Read(reading) = &table.make else { return Kinds::default() };
    let members = reading.files.iter().filter_map(|it| it.shape.as_ref()).flat_map(|it| &it.columns);
    members.filter(|it| it.name == column).fold(Kinds::default(), |all, it| all.and(it.kinds))
}

impl Lost {
    fn words(self) -> &'static str {
        match self {
            Lost::Queried => "a query",
            Lost::No | Lost::Computed => "what computes it",
        }
    }
}

fn numbers_told(column: &str, lost: Lost) -> Finding {
    let (column, what) = (column.escape_debug(), lost.words());
    let message =
        format!("`{column}` is read with a decimal comma, but {what} does not keep which of its cells were numbers");
    let instead = match lost {
        Lost::Queried => "before the query, or make the query of steps",
        Lost::No | Lost::Computed => "before that",
    };
    let help = format!(
        "numbers of workbooks are written with a point there, and 3.125 would be 3125: read `{column}` in a \
         `normalise` or `derive` step {instead}"
    );
    Finding::new(&CELLS_FORGOTTEN, "", message).label("in this step").help(help)
}

/// The input columns whose texts an output column has, as they are or computed of them.
fn passes<'a>(relation: &'a Relation, column: &str, computed: bool, acc: &mut BTreeSet<(usize, &'a str, bool)>) {
    match relation {
        Relation::Project { from, columns } => {
            let mut texts = BTreeSet::new();
            columns.named(column).into_iter().for_each(|(_, it)| texts_of(it, computed, &mut texts));
            texts.into_iter().for_each(|(it, computed)| passes(from, it, computed, acc));
        }
        Relation::Filter { from, .. } | Relation::Sort { from, .. } => passes(from, column, computed, acc),
        Relation::Union(parts) => parts.iter().for_each(|it| passes(it, column, computed, acc)),
        Relation::Aggregate(it) => match it.calls.iter().find(|(name, _)| name == column) {
            Some((_, call)) if JOINING.contains(&call.function) => {
                call.of.iter().for_each(|beneath| passes(&it.from, beneath, true, acc));
            }
            _ => acc.extend(relation.shown(column).into_iter().map(|(input, it)| (input, it, computed))),
        },
        Relation::Explode(it) => match it.lists.iter().find(|(name, _)| name == column) {
            Some((_, Items::Split { text, .. })) => {
                let mut texts = BTreeSet::new();
                texts_of(text, computed, &mut texts);
                texts.into_iter().for_each(|(beneath, computed)| passes(&it.from, beneath, computed, acc));
            }
            _ => acc.extend(relation.shown(column).into_iter().map(|(input, it)| (input, it, computed))),
        },
        _ => acc.extend(relation.shown(column).into_iter().map(|(input, it)| (input, it, computed))),
    }
}

/// Functions over several rows that make one text of their values.
const JOINING: [Function; 2] = [Function::List, Function::StringAgg];

/// Functions that make a text of texts, of which nothing is known any more.
const COMPUTING: [&str; 11] = [
    "replace",
    "regexp_replace",
    "upper",
    "lower",
    "left",
    "right",
    "substr",
    "substring",
    "split_part",
    "||",
    "concat",
];

/// The columns that an expression takes texts of, each with whether it computes something of it.
fn texts_of<'a>(expr: &'a Expr, computed: bool, acc: &mut BTreeSet<(&'a str, bool)>) {
    match expr {
        Expr::Column(name) => drop(acc.insert((name, computed))),
        Expr::Literal(_) => (),
        Expr::Cast(value, ty) => {
            if *ty == Type::Text {
                texts_of(value, computed, acc);
            }
        }
        Expr::Case(branches, otherwise) => {
            branches
                .iter()
                .map(|(_, then)| then)
                .chain(otherwise.as_deref())
                .for_each(|it| texts_of(it, computed, acc));
        }
        Expr::Call(name, arguments) => match name.as_str() {
            "coalesce" | "least" | "greatest" => arguments.iter().for_each(|it| texts_of(it, computed, acc)),
            _ if expr.keeps_cells() => arguments.iter().take(1).for_each(|it| texts_of(it, computed, acc)),
            name if COMPUTING.contains(&name) => arguments.iter().for_each(|it| texts_of(it, true, acc)),
            _ => (),
        },
    }
}

/// What `decimal`, `integer` and `date` read.
fn read<'a>(expr: &'a Expr, acc: &mut BTreeMap<&'a str, Read>) {
    match expr {
        Expr::Column(_) | Expr::Literal(_) => (),
        Expr::Cast(value, _) => read(value, acc),
        Expr::Case(branches, otherwise) => {
            branches.iter().for_each(|(when, then)| [when, then].into_iter().for_each(|it| read(it, acc)));
            otherwise.iter().for_each(|it| read(it, acc));
        }
        Expr::Call(name, arguments) => {
            if let ("decimal" | "integer" | "date", [text, way]) = (name.as_str(), arguments.as_slice()) {
                let declared = matches!(way, Expr::Literal(_));
                let comma = name != "date" && !matches!(way, Expr::Literal(Literal::Text(it)) if !it.starts_with(','));
                let mut texts = BTreeSet::new();
                texts_of(text, false, &mut texts);
                for (column, computed) in texts {
                    let known = acc.entry(column).or_default();
                    known.comma |= comma;
                    known.undeclared |= !declared;
                    known.computed |= computed;
                }
            }
            arguments.iter().for_each(|it| read(it, acc));
        }
    }
}
