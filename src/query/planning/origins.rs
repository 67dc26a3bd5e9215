//! Tables about tables: the provenance of every published cell, and the conflicts behind it.
//!
//! Each table on the way gets a companion: its columns, carried, and beside each visible one the origins of its values
//! (`relation::trace`). Origins are references, so a corrected value leaves them as they are and nothing is made again.
//! Companions are only planned where an export asks for what they tell; no other build has them.
//!
//! An origin is a code (`super::codes`) and the number of a row, and behind a merge the number of those that lost.

use std::collections::{BTreeMap, BTreeSet};

use super::Planning;
use super::codes::{self, Codes, Entry};
use super::step::column_plan;
use crate::expr::Expr;
use crate::graph;
use crate::model::{Class, Column, PLACE, Schema, Type, is_hidden};
use crate::plan::{ColumnPlan, Name, Operation, ReadFile, Role, Table, TableId, slashed};
use crate::relation::explode::{Explode, Items};
use crate::relation::row_number::numbered;
use crate::relation::trace::{self, BETWEEN, HERE, PART};
use crate::relation::{Join, Pick, Relation};
use crate::steps::asking::Question;

/// Raised when the same tables would come out otherwise.
const REVISION: u32 = 2;

/// What tells a row apart, as text.
const KEY: &str = "_key";

impl Planning<'_> {
    /// The table of the provenance of `table`: one row for each cell that gave a value.
    pub(super) fn provenance(&mut self, table: TableId) -> Option<TableId> {
        let companion = self.companion(table);
        let it = &self.plan.tables[table];
        let schema = &self.plan.tables[companion].schema;
        let visible: Vec<&Column> = it.schema.visible().collect();
        let names: BTreeSet<&str> = visible.iter().map(|it| it.name.as_str()).collect();
        let all = keyed(&self.plan, table, Relation::scan(0, schema));
        let placed = trace::placed(all, &names);
        let each = |what: &dyn Fn(&str) -> Expr| {
            let cell = |column: &&Column| when_there(&column.name, what(&column.name));
            Items::Each(visible.iter().map(cell).collect())
        };
        let lists = vec![
            ("column".to_owned(), each(&|it| Expr::text(it))),
            ("origins".to_owned(), each(&|it| each_once(Expr::column(trace::origins(it))))),
        ];
        let cells = unnest(placed, lists, &[KEY]);
        let split = Items::Split { text: Expr::column("origins"), separator: BETWEEN.to_owned() };
        let single = unnest(cells, vec![("origin".to_owned(), split)], &[KEY, "column"]);
        let others = Expr::call("split_part", [Expr::column("origin"), Expr::text(PART), Expr::integer(2)]);
        let reached = self.reached(table, &names);
        let codes = self.codes.borrow();
        let known = Known(codes.of(reached.keys().map(|(_, cell)| cell)));
        let part = |what: fn(&Entry) -> &str| known.part("origin", what);
        let columns = vec![
            ("key".to_owned(), Expr::column(KEY)),
            ("column".to_owned(), Expr::column("column")),
            ("source".to_owned(), part(|it| &it.source)),
            ("file".to_owned(), part(|it| &it.file)),
            ("sheet".to_owned(), part(|it| &it.sheet)),
            ("cell".to_owned(), known.cell("origin")),
            ("header".to_owned(), part(|it| &it.header)),
            ("rule".to_owned(), rule(&codes, &known, &reached)),
            ("others".to_owned(), Expr::Cast(Box::new(others), Type::Integer)),
        ];
        drop(codes);
        self.about(table, "provenance", vec![companion, table], single.project(columns))
    }

    /// The table of the conflicts behind `table`: one row for each cell that says otherwise than the one that was
    /// taken. `None` when no field of it was ever decided.
    pub(super) fn conflicts(&mut self, table: TableId) -> Option<TableId> {
        let mut parts = Vec::new();
        let mut inputs = Vec::new();
        for (merge, fields) in self.decided(table) {
            let companion = self.companion(merge);
            let it = &self.plan.tables[merge];
            let Operation::Relation(relation) = &it.make else { continue };
            let (Some(survive), Some(key)) = (trace::survivors(relation), trace::record_key(relation)) else {
                continue;
            };
            let key = key.to_owned();
            let shift = inputs.len();
            inputs.extend(self.plan.tables[companion].inputs.iter().take(it.inputs.len()).copied());
            inputs.push(companion);
            let records = Relation::scan(inputs.len() - 1, &self.plan.tables[companion].schema);
            let beneath: BTreeSet<&str> = fields.iter().map(|(_, beneath)| beneath.as_str()).collect();
            let constant = |column: &str| self.constant(merge, column, "constant");
            let rows = trace::placed(trace::kept(&survive.from.shifted(shift), &constant), &beneath);
            let left: BTreeSet<String> =
                fields.iter().flat_map(|(field, _)| [field.clone(), trace::origins(field)]).collect();
            let right = beneath.iter().flat_map(|it| [(*it).to_owned(), trace::origins(it)]);
            let join = Join {
                left: keyed(&self.plan, merge, records),
                right: rows,
                on: vec![vec![(key.clone(), survive.key.clone())]],
                outer: false,
                take_left: left.into_iter().chain([KEY.to_owned()]).collect(),
                take_right: right.map(|it| (it.clone(), other(&it))).collect(),
                matched: None,
            };
            let reached = self.reached(merge, &fields.iter().map(|(field, _)| field.as_str()).collect());
            let codes = self.codes.borrow();
            let known = Known(codes.of(reached.keys().map(|(_, cell)| cell)));
            parts.push(disagreements(Relation::Join(Box::new(join)), &fields, (&it.make, &it.schema), &known));
        }
        let relation = if parts.len() > 1 { Relation::Union(parts) } else { parts.pop()? };
        inputs.push(table);
        self.about(table, "conflicts", inputs, relation)
    }

    /// The table of one cell that holds what is known of the answer of a step that compares rows. It waits for what is
    /// expected of the step.
    pub(super) fn linkage(&mut self, table: TableId) -> Option<TableId> {
        let name = &self.plan.tables[table].name;
        let it = self.plan.learning.iter().find(|it| self.plan.tables[it.step].name == *name)?;
        let relation = it.asks.relation(Question::Report);
        let inputs = it.inputs.iter().copied().chain([table]).collect();
        self.about(table, "linkage", inputs, relation)
    }

    fn about(
        &mut self,
        table: TableId,
        kind: &'static str,
        inputs: Vec<TableId>,
        relation: Relation,
    ) -> Option<TableId> {
        let schemas: Vec<&Schema> = inputs.iter().map(|it| &self.plan.tables[*it].schema).collect();
        let schema = relation.schema(&schemas).ok()?;
        let columns = schema.names().map(|it| column_plan(&relation, it, REVISION)).collect();
        Some(self.add(table, Role::About, kind, inputs, relation, schema, columns))
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of a table")]
    fn add(
        &mut self,
        table: TableId,
        role: Role,
        kind: &'static str,
        inputs: Vec<TableId>,
        relation: Relation,
        schema: Schema,
        columns: Vec<ColumnPlan>,
    ) -> TableId {
        let it = &self.plan.tables[table];
        let name = Name { pipeline: it.name.pipeline.clone(), name: format!("{}__{kind}", it.name.name) };
        // Several tables may have one name: what was read of a source, and what it is with corrected rows put in.
        let same = |it: &Table| it.name == name && it.role == role && it.inputs == inputs;
        let known = self.plan.tables.position(same);
        if let Some(known) = known {
            return known;
        }
        let sources = it.sources.clone();
        let bare = Table::bare(name, role, kind, Operation::Relation(relation));
        self.push(Table { inputs, schema, columns, sources, ..bare })
    }

    /// The companion of a table, with those of all that it is made of.
    fn companion(&mut self, table: TableId) -> TableId {
        let needed = graph::upstream([table], &self.plan.needs());
        let mut companions: BTreeMap<TableId, TableId> = BTreeMap::new();
        // Inputs come before what reads them.
        for at in needed.marked().filter(|it| *it <= table) {
            let it = &self.plan.tables[at];
            let (inputs, relation) = match &it.make {
                Operation::Read(reading) => {
                    let origin = |column: &str| match is_hidden(column) {
                        true => None,
                        false => Some(self.cell_origin(at, column, &reading.files)),
                    };
                    (vec![at], beside(&it.schema, &origin))
                }
                Operation::Sql(_) | Operation::Beside | Operation::Values(_) => {
                    let origin = |column: &str| Some(Expr::text(self.constant(at, column, "query")));
                    (vec![at], beside(&it.schema, &origin))
                }
                Operation::Relation(relation) => {
                    let constant = |column: &str| self.constant(at, column, "constant");
                    let inputs = it.inputs.iter().map(|it| companions[it]).chain([at]).collect();
                    (inputs, trace::kept(relation, &constant))
                }
            };
            let own = inputs.len() - 1;
            let mut schema = it.schema.clone();
            let mut columns: Vec<ColumnPlan> =
                it.schema.names().map(|it| ColumnPlan::Carried { input: own, column: it.to_owned() }).collect();
            // In the order of the relation, in which they are made.
            let told: BTreeSet<String> = it.schema.visible().map(|it| trace::origins(&it.name)).collect();
            for name in relation.columns().into_iter().filter(|it| told.contains(*it)) {
                columns.push(column_plan(&relation, name, REVISION));
                schema.columns.push(Column::new(name, Type::Text));
            }
            let made = self.add(at, Role::Origins, "origins", inputs, relation, schema, columns);
            companions.insert(at, made);
        }
        companions[&table]
    }

    /// The origin of a cell of a column but for its row: files are told apart by the place that their rows carry.
    fn cell_origin(&self, table: TableId, column: &str, files: &[ReadFile]) -> Expr {
        let at = self.plan.tables[table].schema.place(column);
        let code = |file: &ReadFile| {
            let entry = Entry {
                source: self.plan.tables[table].name.name.clone(),
                file: slashed(&file.path),
                sheet: file.found.as_ref().and_then(|it| it.sheet.clone()).unwrap_or_default(),
                letter: at.and_then(|at| file.letter(at)).unwrap_or_default().to_owned(),
                header: at.and_then(|at| file.column(at)).map_or(column, |it| it.name.as_str()).to_owned(),
                word: String::new(),
            };
            (file.place(), self.codes.borrow_mut().cell(table, column, entry) + HERE)
        };
        let codes: BTreeMap<String, String> = files.iter().map(code).collect();
        match codes.len() {
            0 | 1 => codes.into_values().next().map_or_else(Expr::null, Expr::text),
            _ => entry(Expr::column(PLACE), &codes),
        }
    }

    /// The origin of a value that no cell gave.
    fn constant(&self, table: TableId, column: &str, word: &str) -> String {
        let (file, header) = self.plan.declared_at(table, column);
        self.codes.borrow_mut().constant(table, Entry { file, header, word: word.to_owned(), ..Entry::default() })
    }

    /// For each of these columns, all columns beneath, each of its table, and the rule that took it there.
    fn reached(&self, table: TableId, columns: &BTreeSet<&str>) -> BTreeMap<(String, Cell), Option<String>> {
        let mut acc = BTreeMap::new();
        for own in columns {
            let mut open = vec![(table, (*own).to_owned(), None::<String>)];
            let mut seen = BTreeSet::new();
            while let Some((at, column, rule)) = open.pop() {
                if !seen.insert((at, column.clone(), rule.clone())) {
                    continue;
                }
                let it = &self.plan.tables[at];
                let rule = it.rules.get(&column).cloned().or(rule);
                if let Operation::Relation(relation) = &it.make {
                    let beneath = relation.lineage(&column).into_iter();
                    open.extend(beneath.map(|(input, name)| (it.inputs[input], name.to_owned(), rule.clone())));
                }
                acc.insert(((*own).to_owned(), (at, column)), rule);
            }
        }
        acc
    }

    /// The merges that decided what a table shows, each with its decided fields and the columns they stand in.
    fn decided(&self, table: TableId) -> BTreeMap<TableId, BTreeSet<(String, String)>> {
        let mut acc: BTreeMap<TableId, BTreeSet<(String, String)>> = BTreeMap::new();
        let visible = self.plan.tables[table].schema.visible();
        let mut open: Vec<(TableId, String)> = visible.map(|it| (table, it.name.clone())).collect();
        let mut seen = BTreeSet::new();
        while let Some((at, column)) = open.pop() {
            if !seen.insert((at, column.clone())) {
                continue;
            }
            let it = &self.plan.tables[at];
            let Operation::Relation(relation) = &it.make else { continue };
            match (trace::pick(relation, &column), it.schema.get(&column).map(|it| it.ty)) {
                // Whether anything is true is an answer to all, not a choice among them.
                (Some(Pick::Least(_) | Pick::Greatest(_)), Some(Type::Boolean)) => (),
                (Some(Pick::First { column: from, .. } | Pick::Least(from) | Pick::Greatest(from)), _) => {
                    acc.entry(at).or_default().insert((column, from.clone()));
                }
                (Some(_), _) => (),
                (None, _) => {
                    let beneath = relation.lineage(&column).into_iter();
                    open.extend(beneath.map(|(input, name)| (it.inputs[input], name.to_owned())));
                }
            }
        }
        acc
    }
}

/// All columns of a table, and beside each an origin for every value that is there.
fn beside(schema: &Schema, origin: &dyn Fn(&str) -> Option<Expr>) -> Relation {
    let all = schema.names().map(|it| (it.to_owned(), Expr::column(it)));
    let told = schema.names().filter_map(|it| Some((trace::origins(it), when_there(it, origin(it)?))));
    Relation::scan(0, schema).project(all.chain(told).collect())
}

fn when_there(column: &str, then: Expr) -> Expr {
    Expr::Case(vec![(Expr::call("is not null", [Expr::column(column)]), then)], None)
}

/// A column of a table.
type Cell = (TableId, String);

/// What the codes mean that may be met.
struct Known<'a>(BTreeMap<&'a str, &'a Entry>);

impl Known<'_> {
    /// What `what` says of the origin in a column.
    fn told(&self, origin: &str, what: impl Fn(&Entry) -> String) -> Expr {
        let texts = self.0.iter().map(|(code, it)| ((*code).to_owned(), what(it)));
        entry(code(origin), &texts.filter(|(_, it)| !it.is_empty()).collect())
    }

    fn part(&self, origin: &str, what: impl Fn(&Entry) -> &str) -> Expr {
        self.told(origin, |it| what(it).to_owned())
    }

    /// `C12`, or the number of the line; null for what no cell gave.
    fn cell(&self, origin: &str) -> Expr {
        let letter = Expr::call("coalesce", [self.part(origin, |it| &it.letter), Expr::text("")]);
        Expr::call("||", [letter, row(origin)])
    }

    /// `file#sheet!C12`, or `file:12`; for a constant its file and keys.
    fn reference(&self, origin: &str) -> Expr {
        let row = Expr::call("coalesce", [row(origin), Expr::text("")]);
        Expr::call("||", [self.told(origin, Entry::reference), row])
    }
}

/// By which rule a cell came to its column, as the steps say that map columns to fields.
fn rule(codes: &Codes, known: &Known<'_>, reached: &BTreeMap<(String, Cell), Option<String>>) -> Expr {
    let mut rules = BTreeMap::new();
    for ((column, cell), rule) in reached.iter().filter_map(|(it, rule)| Some((it, rule.as_ref()?))) {
        rules.extend(codes.cells(cell).map(|code| (format!("{code}{column}"), rule.clone())));
    }
    let here = Expr::call("||", [code("origin"), Expr::column("column")]);
    Expr::call("coalesce", [known.part("origin", |it| &it.word), entry(here, &rules)])
}

/// The code of one origin.
fn code(origin: &str) -> Expr {
    Expr::call("substr", [Expr::column(origin), Expr::integer(1), Expr::integer(codes::LENGTH as i64)])
}

/// The row of one origin; null for what no cell gave.
fn row(origin: &str) -> Expr {
    let head = Expr::call("split_part", [Expr::column(origin), Expr::text(PART), Expr::integer(1)]);
    // A row has no more digits than this.
    let row = Expr::call("substr", [head, Expr::integer(codes::LENGTH as i64 + 1), Expr::integer(20)]);
    Expr::call("nullif", [row, Expr::text("")])
}

/// What stands for a text, if it is one of those.
fn entry(of: Expr, texts: &BTreeMap<String, String>) -> Expr {
    if texts.is_empty() {
        return Expr::Cast(Box::new(Expr::null()), Type::Text);
    }
    Expr::call("entry", [of, Expr::text(serde_json::to_string(texts).unwrap_or_default())])
}

/// The rows with what tells them apart as [`KEY`]: their key, unless it is personal, or their number.
fn keyed(plan: &crate::plan::Plan, table: TableId, rows: Relation) -> Relation {
    let key = plan.unique_column(table);
    let open = |it: &String| plan.tables[table].schema.get(it).is_some_and(|it| it.class == Class::Open);
    let columns: Vec<_> = rows.columns().into_iter().map(|it| (it.to_owned(), Expr::column(it))).collect();
    let (rows, key) = match key.filter(open) {
        Some(key) => (rows, Expr::column(key)),
        None => (numbered(rows, "_at"), Expr::call("+", [Expr::column("_at"), Expr::integer(1)])),
    };
    let key = (KEY.to_owned(), Expr::Cast(Box::new(key), Type::Text));
    rows.project(columns.into_iter().chain([key]).collect())
}

/// Two parts of an expression may be one cell.
fn each_once(origins: Expr) -> Expr {
    Expr::call("each_once", [origins, Expr::text(BETWEEN)])
}

fn unnest(from: Relation, lists: Vec<(String, Items)>, keep: &[&str]) -> Relation {
    let take = lists.iter().map(|(name, _)| name.clone()).collect();
    let keep = keep.iter().map(|it| (*it).to_owned()).collect();
    Relation::Explode(Box::new(Explode { from, lists, keep, take, place: None, outer: false }))
}

/// The name of a column of the rows beneath, beside those of the record.
fn other(column: &str) -> String {
    format!("_other:{column}")
}

/// One row for each field of a record that a row beneath says otherwise.
fn disagreements(
    joined: Relation,
    fields: &BTreeSet<(String, String)>,
    (make, schema): (&Operation, &Schema),
    known: &Known<'_>,
) -> Relation {
    let differs = |field: &str, beneath: &str| {
        let (a, b) = (Expr::column(field), Expr::column(other(beneath)));
        let there = [a.clone(), b.clone()].map(|it| Expr::call("is not null", [it]));
        Expr::all(there.into_iter().chain([Expr::call("<>", [a, b])]))
    };
    let each = |what: &dyn Fn(&str, &str) -> Expr| {
        let one = |(field, beneath): &(String, String)| {
            Expr::Case(vec![(differs(field, beneath), what(field, beneath))], None)
        };
        Items::Each(fields.iter().map(one).collect())
    };
    let class = |field: &str| schema.get(field).map_or(Class::Personal, |it| it.class);
    // References for what is personal, not values.
    let value = |field: &str, column: String| match class(field) {
        Class::Open => Expr::Cast(Box::new(Expr::column(column)), Type::Text),
        Class::Personal => Expr::Cast(Box::new(Expr::null()), Type::Text),
    };
    let first =
        |column: String| Expr::call("split_part", [Expr::column(column), Expr::text(BETWEEN), Expr::integer(1)]);
    let word = |field: &str| if class(field) == Class::Open { "open" } else { "personal" };
    let take = |field: &str| match make {
        Operation::Relation(relation) => match trace::pick(relation, field) {
            Some(Pick::Least(_)) => "earliest",
            Some(Pick::Greatest(_)) => "latest",
            _ => "first",
        },
        _ => "first",
    };
    let lists = [
        ("take", each(&|field, _| Expr::text(take(field)))),
        ("column", each(&|field, _| Expr::text(field))),
        ("class", each(&|field, _| Expr::text(word(field)))),
        ("taken", each(&|field, _| first(trace::origins(field)))),
        ("value", each(&|field, _| value(field, field.to_owned()))),
        ("left", each(&|_, beneath| first(other(&trace::origins(beneath))))),
        ("other_value", each(&|field, beneath| value(field, other(beneath)))),
    ];
    let lists = lists.into_iter().map(|(name, items)| (name.to_owned(), items)).collect();
    let plain = |it: &str| (it.to_owned(), Expr::column(it));
    let made = |name: &str, expr: Expr| (name.to_owned(), expr);
    unnest(joined, lists, &[KEY]).project(vec![
        made("key", Expr::column(KEY)),
        plain("column"),
        plain("class"),
        plain("take"),
        made("source", known.part("taken", |it| &it.source)),
        made("cell", known.reference("taken")),
        plain("value"),
        made("other_source", known.part("left", |it| &it.source)),
        made("other_cell", known.reference("left")),
        plain("other_value"),
    ])
}
