//! Tables about tables: the provenance of every published cell, and the conflicts behind it.
//!
//! Each table on the way gets a companion: its columns, carried, and beside each visible one the origins of its values
//! (`relation::trace`). Origins are references, so a corrected value leaves them as they are and nothing is made again.
//! Companions are only planned where an export asks for what they tell; no other build has them.
//!
//! An origin is `source, sheet, letter, header, place, row`, and behind a merge the number of those that lost; for what
//! no cell gave, `=word` is the source, the keys in the pipeline are the header, and its file is the place.

use std::collections::{BTreeMap, BTreeSet};

use super::Planning;
use super::step::column_plan;
use crate::border::Format;
use crate::expr::Expr;
use crate::graph;
use crate::model::{Class, Column, PLACE, Schema, Type, is_hidden};
use crate::plan::{ColumnPlan, Make, Name, ReadFile, Role, Table};
use crate::relation::number::Number;
use crate::relation::trace::{self, BETWEEN, HERE, PART};
use crate::relation::unnest::{Items, Unnest};
use crate::relation::{Join, Pick, Relation};

/// Raised when the same tables would come out otherwise.
const REVISION: u32 = 1;

/// What tells a row apart, as text.
const KEY: &str = "_key";

/// Where the parts of one origin stand in it.
const SOURCE_PART: i64 = 1;
const SHEET_PART: i64 = 2;
const LETTER_PART: i64 = 3;
const HEADER_PART: i64 = 4;
const PLACE_PART: i64 = 5;
const ROW_PART: i64 = 6;
const OTHERS_PART: i64 = 7;

impl Planning<'_> {
    /// The table of the provenance of `table`: one row for each cell that gave a value.
    pub(super) fn provenance(&mut self, table: usize) -> Option<usize> {
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
        let others = Expr::Cast(Box::new(part("origin", OTHERS_PART)), Type::Integer);
        let columns = vec![
            ("key".to_owned(), Expr::column(KEY)),
            ("column".to_owned(), Expr::column("column")),
            ("source".to_owned(), source_of("origin")),
            ("file".to_owned(), file_of("origin")),
            ("sheet".to_owned(), part("origin", SHEET_PART)),
            ("cell".to_owned(), cell_of("origin")),
            ("header".to_owned(), part("origin", HEADER_PART)),
            ("rule".to_owned(), self.rule(table, &visible)),
            ("others".to_owned(), others),
        ];
        self.about(table, "provenance", vec![companion, table], single.project(columns))
    }

    /// The table of the conflicts behind `table`: one row for each cell that says otherwise than the one that was
    /// taken. `None` when no field of it was ever decided.
    pub(super) fn conflicts(&mut self, table: usize) -> Option<usize> {
        let mut parts = Vec::new();
        let mut inputs = Vec::new();
        for (merge, fields) in self.decided(table) {
            let companion = self.companion(merge);
            let it = &self.plan.tables[merge];
            let Make::Relation(Relation::Survive(survive)) = &it.make else { continue };
            let Some(key) = trace::record_key(&Relation::Survive(survive.clone())).map(str::to_owned) else { continue };
            let shift = inputs.len();
            inputs.extend(self.plan.tables[companion].inputs.iter().take(it.inputs.len()).copied());
            inputs.push(companion);
            let records = Relation::scan(inputs.len() - 1, &self.plan.tables[companion].schema);
            let beneath: BTreeSet<&str> = fields.iter().map(|(_, beneath)| beneath.as_str()).collect();
            let constant = |column: &str| constant(&self.plan, merge, column, "constant");
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
            parts.push(disagreements(Relation::Join(Box::new(join)), &fields, &it.make, &it.schema));
        }
        let relation = if parts.len() > 1 { Relation::Union(parts) } else { parts.pop()? };
        inputs.push(table);
        self.about(table, "conflicts", inputs, relation)
    }

    fn about(&mut self, table: usize, kind: &'static str, inputs: Vec<usize>, relation: Relation) -> Option<usize> {
        let schemas: Vec<&Schema> = inputs.iter().map(|it| &self.plan.tables[*it].schema).collect();
        let schema = relation.schema(&schemas).ok()?;
        let columns = schema.names().map(|it| column_plan(&relation, it, REVISION)).collect();
        Some(self.add(table, Role::About, kind, inputs, relation, schema, columns))
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of a table")]
    fn add(
        &mut self,
        table: usize,
        role: Role,
        kind: &'static str,
        inputs: Vec<usize>,
        relation: Relation,
        schema: Schema,
        columns: Vec<ColumnPlan>,
    ) -> usize {
        let it = &self.plan.tables[table];
        let name = Name { pipeline: it.name.pipeline.clone(), name: format!("{}__{kind}", it.name.name) };
        let known = self.plan.tables.iter().position(|it| it.name == name && it.role == role);
        if let Some(known) = known {
            return known;
        }
        let sources = it.sources.clone();
        let (unmapped, rules, tags) = (Vec::new(), BTreeMap::new(), Vec::new());
        let make = Make::Relation(relation);
        let (guesses, evidence) = (BTreeMap::new(), BTreeMap::new());
        self.push(Table {
            name,
            role,
            kind,
            inputs,
            make,
            schema,
            columns,
            unmapped,
            rules,
            guesses,
            evidence,
            tags,
            sources,
        })
    }

    /// The companion of a table, with those of all that it is made of.
    fn companion(&mut self, table: usize) -> usize {
        let needed = graph::upstream([table], &self.plan.needs());
        let mut companions: BTreeMap<usize, usize> = BTreeMap::new();
        // Inputs come before what reads them.
        for at in (0..=table).filter(|it| needed[*it]) {
            let it = &self.plan.tables[at];
            let (inputs, relation) = match &it.make {
                Make::Read(reading) => {
                    let origin = |column: &str| match is_hidden(column) {
                        true => None,
                        false => Some(cell_origin(&it.name.name, column, &reading.files)),
                    };
                    (vec![at], beside(&it.schema, &origin))
                }
                Make::Sql(_) | Make::Given(_) => {
                    let origin = |column: &str| Some(Expr::text(constant(&self.plan, at, column, "query")));
                    (vec![at], beside(&it.schema, &origin))
                }
                Make::Relation(relation) => {
                    let constant = |column: &str| constant(&self.plan, at, column, "constant");
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

    /// By which rule a cell came to its column, as the steps say that map columns to fields.
    fn rule(&self, table: usize, visible: &[&Column]) -> Expr {
        let by_column = visible.iter().filter_map(|column| {
            let rules = self.rules(table, &column.name);
            let here = Expr::call("||", [source_of("origin"), part("origin", HEADER_PART)]);
            let branches = rules.into_iter().map(|((source, header), rule)| {
                let there = Expr::text(format!("{source}{}", tidy(&header)));
                (Expr::call("=", [here.clone(), there]), Expr::text(rule))
            });
            let branches: Vec<_> = branches.collect();
            let is_here = Expr::call("=", [Expr::column("column"), Expr::text(&column.name)]);
            (!branches.is_empty()).then_some((is_here, Expr::Case(branches, None)))
        });
        let constant = Expr::call("starts_with", [Expr::column("origin"), Expr::text("=")]);
        let word = Expr::call("replace", [raw_part("origin", SOURCE_PART), Expr::text("="), Expr::text("")]);
        Expr::Case(std::iter::once((constant, word)).chain(by_column).collect(), None)
    }

    /// For each column of a source that can reach a column, the rule that took it there.
    fn rules(&self, table: usize, column: &str) -> BTreeMap<(String, String), String> {
        let mut acc = BTreeMap::new();
        let mut open = vec![(table, column.to_owned(), None::<String>)];
        let mut seen = BTreeSet::new();
        while let Some((at, column, rule)) = open.pop() {
            if !seen.insert((at, column.clone(), rule.clone())) {
                continue;
            }
            let it = &self.plan.tables[at];
            let rule = it.rules.get(&column).cloned().or(rule);
            match &it.make {
                Make::Relation(relation) => {
                    let beneath = relation.lineage(&column).into_iter();
                    open.extend(beneath.map(|(input, name)| (it.inputs[input], name.to_owned(), rule.clone())));
                }
                Make::Read(_) => {
                    acc.extend(rule.map(|rule| ((it.name.name.clone(), column), rule)));
                }
                Make::Sql(_) | Make::Given(_) => (),
            }
        }
        acc
    }

    /// The merges that decided what a table shows, each with its decided fields and the columns they stand in.
    fn decided(&self, table: usize) -> BTreeMap<usize, BTreeSet<(String, String)>> {
        let mut acc: BTreeMap<usize, BTreeSet<(String, String)>> = BTreeMap::new();
        let visible = self.plan.tables[table].schema.visible();
        let mut open: Vec<(usize, String)> = visible.map(|it| (table, it.name.clone())).collect();
        let mut seen = BTreeSet::new();
        while let Some((at, column)) = open.pop() {
            if !seen.insert((at, column.clone())) {
                continue;
            }
            let it = &self.plan.tables[at];
            let Make::Relation(relation) = &it.make else { continue };
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

/// Text that stands in an origin between its marks.
fn tidy(text: &str) -> String {
    text.chars().map(|it| if it.is_control() { ' ' } else { it }).collect()
}

/// The origin of a cell of a file but for its row: which column it stands in may differ from file to file.
fn cell_origin(source: &str, column: &str, files: &[ReadFile]) -> Expr {
    let text = |file: &ReadFile| {
        let found = file.found.as_ref();
        let sheet = found.and_then(|it| it.sheet.clone()).unwrap_or_default();
        let sheets = file.request.as_ref().is_some_and(|it| it.format != Format::Csv);
        let letter = found.filter(|_| sheets).and_then(|it| it.columns.iter().find(|it| it.name == column));
        let letter = letter.map(|it| it.letter.as_str()).unwrap_or_default();
        [source, &tidy(&sheet), letter, &tidy(column), HERE].join(PART)
    };
    let texts: BTreeSet<String> = files.iter().map(text).collect();
    if texts.len() <= 1 {
        return texts.into_iter().next().map_or_else(Expr::null, Expr::text);
    }
    let is_file = |file: &ReadFile| Expr::call("=", [Expr::column(PLACE), Expr::text(file.place())]);
    Expr::Case(files.iter().map(|file| (is_file(file), Expr::text(text(file)))).collect(), None)
}

/// The origin of a value that no cell gave.
fn constant(plan: &crate::plan::Plan, table: usize, column: &str, word: &str) -> String {
    let (file, keys) = plan.declared_at(table, column);
    [&format!("={word}"), "", "", &tidy(&keys), &tidy(&file), ""].join(PART)
}

/// A part of one origin; null when it is empty.
fn part(column: &str, at: i64) -> Expr {
    Expr::call("nullif", [raw_part(column, at), Expr::text("")])
}

fn raw_part(column: &str, at: i64) -> Expr {
    Expr::call("split_part", [Expr::column(column), Expr::text(PART), Expr::integer(at)])
}

fn source_of(column: &str) -> Expr {
    let constant = Expr::call("starts_with", [Expr::column(column), Expr::text("=")]);
    Expr::Case(vec![(Expr::call("not", [constant]), part(column, SOURCE_PART))], None)
}

/// The place without the sheet behind it.
fn file_of(column: &str) -> Expr {
    let (place, sheet) = (part(column, PLACE_PART), part(column, SHEET_PART));
    let length = |it: Expr| Expr::call("length", [it]);
    let shorter = Expr::call("-", [length(place.clone()), length(sheet.clone())]);
    let rest = Expr::call("substr", [place.clone(), Expr::integer(1), Expr::call("-", [shorter, Expr::integer(1)])]);
    Expr::Case(vec![(Expr::call("is not null", [sheet]), rest)], Some(Box::new(place)))
}

/// `C12`, or the number of the line.
fn cell_of(column: &str) -> Expr {
    let letter = Expr::call("coalesce", [part(column, LETTER_PART), Expr::text("")]);
    Expr::call("||", [letter, part(column, ROW_PART)])
}

/// `file#sheet!C12`, or `file:12`; for a constant its keys.
fn reference(column: &str) -> Expr {
    let between = Expr::Case(
        vec![(Expr::call("is not null", [part(column, LETTER_PART)]), Expr::text("!"))],
        Some(Box::new(Expr::text(":"))),
    );
    let behind = Expr::call("||", [between, cell_of(column)]);
    let cell = Expr::call("||", [part(column, PLACE_PART), behind]);
    let keys = Expr::call("concat_ws", [Expr::text(" "), part(column, PLACE_PART), part(column, HEADER_PART)]);
    Expr::call("coalesce", [cell, keys])
}

/// The rows with what tells them apart as [`KEY`]: their key, unless it is personal, or their number.
fn keyed(plan: &crate::plan::Plan, table: usize, rows: Relation) -> Relation {
    let key = plan.unique_column(table);
    let open = |it: &String| plan.tables[table].schema.get(it).is_some_and(|it| it.class == Class::Open);
    let columns: Vec<_> = rows.columns().into_iter().map(|it| (it.to_owned(), Expr::column(it))).collect();
    let (rows, key) = match key.filter(open) {
        Some(key) => (rows, Expr::column(key)),
        None => {
            let number = Relation::Number(Box::new(Number { from: rows, name: "_at".to_owned() }));
            (number, Expr::call("+", [Expr::column("_at"), Expr::integer(1)]))
        }
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
    Relation::Unnest(Box::new(Unnest { from, lists, keep, take, place: None, outer: false }))
}

/// The name of a column of the rows beneath, beside those of the record.
fn other(column: &str) -> String {
    format!("_other:{column}")
}

/// One row for each field of a record that a row beneath says otherwise.
fn disagreements(joined: Relation, fields: &BTreeSet<(String, String)>, make: &Make, schema: &Schema) -> Relation {
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
        Make::Relation(relation) => match trace::pick(relation, field) {
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
        made("source", source_of("taken")),
        made("cell", reference("taken")),
        plain("value"),
        made("other_source", source_of("left")),
        made("other_cell", reference("left")),
        plain("other_value"),
    ])
}
