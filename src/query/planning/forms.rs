//! Where values that are written in different forms meet: `1.234` of a file with decimal points beside `1,5` of one with
//! commas, in one column. Each of them takes the form of its own column along.
//!
//! What the first values of the columns look like tells whether they may differ, so nothing is asked of tables whose
//! columns do not.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Schema, Type};
use crate::plan::{Operation, Table, TableId, TableMap};
use crate::readers::{EVIDENCE_ROWS as ROWS, Evidence};
use crate::relation::forms::{Form, Forms};
use crate::relation::written::Known;
use crate::relation::{Relation, Written};
use crate::text::shape::Shape;

/// For each input of a relation, the columns whose values meet others in another form.
pub(super) fn meeting(
    relation: &Relation,
    schema: &Schema,
    inputs: &[TableId],
    tables: &TableMap<Table>,
    money: &[String],
) -> Vec<Option<Forms>> {
    let mut acc: Vec<BTreeMap<String, Form>> = vec![BTreeMap::new(); inputs.len()];
    let apart = Apart::over(inputs, tables);
    for column in schema.visible().filter(|it| it.ty == Type::Text) {
        if apart.are_told(relation, &column.name) {
            continue;
        }
        let shown = relation.shown(&column.name);
        let form = differing(&origins(shown.iter().map(|(input, it)| (inputs[*input], (*it).to_owned())), tables));
        if form == Form::default() {
            continue;
        }
        for (input, name) in shown {
            let known = acc[input].entry(name.to_owned()).or_default();
            *known = Form { sign: known.sign || form.sign, order: known.order || form.order };
        }
    }
    let money = money.join("\n");
    acc.into_iter().map(|columns| (!columns.is_empty()).then(|| Forms { columns, money: money.clone() })).collect()
}

/// Columns of a relation with values that took their forms along, here or in a table beneath.
pub(super) fn formed(
    relation: &Relation,
    schema: &Schema,
    inputs: &[&Table],
    forms: &[Option<Forms>],
) -> BTreeSet<String> {
    let is_formed = |(input, name): (usize, &str)| {
        let here = forms.get(input).and_then(|it| it.as_ref());
        inputs[input].formed.contains(name) || here.is_some_and(|it| it.columns.contains_key(name))
    };
    let texts = schema.visible().filter(|it| it.ty == Type::Text);
    texts.filter(|it| relation.shown(&it.name).into_iter().any(is_formed)).map(|it| it.name.clone()).collect()
}

/// The columns of files whose texts some columns show, with what their first values look like.
pub(super) fn origins(
    columns: impl Iterator<Item = (TableId, String)>,
    tables: &TableMap<Table>,
) -> BTreeMap<(TableId, String), Evidence> {
    let mut acc = BTreeMap::new();
    let mut open: Vec<(TableId, String)> = columns.collect();
    let mut seen = BTreeSet::new();
    while let Some((at, column)) = open.pop() {
        let table = &tables[at];
        let is_text = table.schema.get(&column).is_some_and(|it| it.ty == Type::Text);
        if !is_text || !seen.insert((at, column.clone())) {
            continue;
        }
        match &table.make {
            Operation::Relation(relation) => {
                let shown = relation.shown(&column).into_iter();
                open.extend(shown.map(|(input, it)| (table.inputs[input], it.to_owned())));
            }
            Operation::Read(_) | Operation::Sql(_) | Operation::Beside | Operation::Values(_) => {
                let evidence = table.evidence.get(&column).cloned().unwrap_or_default();
                acc.insert((at, column), evidence);
            }
        }
    }
    acc
}

/// What the forms of some columns may differ in, by their first values.
pub(super) fn differing(origins: &BTreeMap<(TableId, String), Evidence>) -> Form {
    let numbers = |it: &&Evidence| it.points + it.commas + it.either + it.of(Shape::Number) > 0;
    let has_sign = |it: &&Evidence| it.points + it.commas + it.either > 0;
    let sign = |it: &Evidence| match (it.points, it.commas) {
        (1.., 0) => Some(false),
        (0, 1..) => Some(true),
        _ => None,
    };
    // What stands behind the first rows is not known of a column that has nothing else in them.
    let unseen = |it: &&Evidence| it.valued == 0 && it.rows >= ROWS;
    let all: Vec<&Evidence> = origins.values().filter(|it| numbers(it) || unseen(it)).collect();
    let same =
        all.iter().all(|it| sign(it) == sign(all[0])) && (sign_is_seen(&all) || all.iter().all(|it| it.rows < ROWS));
    let dated: Vec<&Evidence> = origins.values().filter(|it| it.shuffled > 0 || unseen(it)).collect();
    Form {
        sign: all.len() > 1 && all.iter().any(has_sign) && !same,
        order: dated.len() > 1 && dated.iter().any(|it| it.shuffled > 0),
    }
}

/// Whether some values say which sign stands before decimals.
fn sign_is_seen(all: &[&Evidence]) -> bool {
    all.iter().any(|it| it.points + it.commas > 0)
}

/// Which columns the rows tell apart by the source that they name, as if each had letters of its own.
struct Apart {
    places: Vec<(BTreeMap<String, Written>, BTreeMap<String, i64>)>,
}

impl Apart {
    fn over(inputs: &[TableId], tables: &TableMap<Table>) -> Apart {
        let mut acc = Apart { places: Vec::new() };
        let mut next = 0;
        for at in inputs {
            let table = &tables[*at];
            let mut place = |name: &str| {
                next += 1;
                (name.to_owned(), Written::Cells(next))
            };
            let written = table.schema.visible().map(|it| place(&it.name)).collect();
            acc.places.push((written, table.sources.clone()));
        }
        acc
    }

    /// Whether all values of a column that name one source are of one column.
    fn are_told(&self, relation: &Relation, column: &str) -> bool {
        let inputs: Vec<Known> =
            self.places.iter().map(|(written, sources)| Known { written, sources, forms: None }).collect();
        relation.written(column, &inputs).is_some()
    }
}
