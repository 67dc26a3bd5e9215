//! A step becomes a table: lowered to a relation or to SQL, with its schema and the recipe of each column.

use std::collections::{BTreeMap, BTreeSet};

use super::forms::{formed, meeting};
use super::{Node, Planning, sql};
use crate::digest::Hasher;
use crate::expr::{Expr, Mistake};
use crate::model::{Class, KINDS, Schema};
use crate::pipeline::Step;
use crate::plan::{ColumnPlan, Learning, Operation, Role, Table, TableId, TableMap};
use crate::readers::Evidence;
use crate::relation::Relation;
use crate::relation::forms::Forms;
use crate::relation::written::Known;
use crate::steps::{Finding, GRAIN, Input, Lowered, Spec, Work, meant_column};
use crate::system::Unknown;

/// What may be meant by the column that a query names and none of its tables has.
fn named(message: &str, text: &str, tables: &[&Table]) -> Option<String> {
    let (_, name) = message.split_once("no column `")?;
    let columns = tables.iter().flat_map(|it| it.schema.names());
    meant_column(name.split('`').next()?, text, columns)
}

/// Why it is not known which columns come out.
#[derive(PartialEq)]
enum NoSchema {
    NeedsEngine,
    Problem,
}

impl Planning<'_> {
    pub(super) fn step(&mut self, node: &Node, step: &Step, inputs: Vec<TableId>) -> Option<TableId> {
        let (spec, kept) = self.with_model(node, &step.decoded.spec);
        let (schema, lowered) = self.lowered(node, step, &*spec, &inputs)?;
        let revision = step.kind.revision;
        let mut sources: BTreeMap<String, i64> = BTreeMap::new();
        inputs.iter().for_each(|it| sources.extend(self.plan.tables[*it].sources.clone()));
        let (rejects, told, asks, formed) = (lowered.rejects, lowered.told, lowered.asks, lowered.formed);
        let (make, columns) = match lowered.work {
            Work::Relation(relation) => {
                let columns = schema.names().map(|it| column_plan(&relation, it, revision)).collect();
                (Operation::Relation(relation), columns)
            }
            Work::Sql(query) => {
                let columns = sql::columns(&query, &schema, &inputs, &self.plan.tables, revision);
                (Operation::Sql(query), columns)
            }
        };
        let grain = self.grain(node, step, &make, &inputs);
        let evidence = carried_evidence(&schema, &columns, &inputs, &self.plan.tables);
        let index = self.push(Table {
            name: node.name.clone(),
            role: Role::Step,
            kind: step.kind.name,
            inputs: inputs.clone(),
            make,
            schema,
            columns,
            grain,
            parts: None,
            unmapped: lowered.unmapped,
            rules: lowered.rules,
            guesses: lowered.guesses,
            holding: lowered.holding,
            evidence,
            written: BTreeMap::new(),
            formed,
            tags: step.tags.clone(),
            description: step.description.clone(),
            sources: sources.clone(),
        });
        if let (Some(kept), Some(asks)) = (kept, asks) {
            let (path, frozen, inputs) = (kept.path, kept.digest, inputs.clone());
            self.plan.learning.push(Learning { step: index, inputs, path, frozen, asks });
        }
        let told = told.into_iter().chain(self.widened(index)).collect();
        self.told(index, told);
        if let Some(relation) = rejects {
            self.rejects(node, step, relation, inputs, sources);
        }
        Some(index)
    }

    /// The table beside a step, of the rows that it does not take.
    fn rejects(
        &mut self,
        node: &Node,
        step: &Step,
        relation: Relation,
        inputs: Vec<TableId>,
        sources: BTreeMap<String, i64>,
    ) {
        let schemas: Vec<&Schema> = inputs.iter().map(|it| &self.plan.tables[*it].schema).collect();
        let Ok(schema) = relation.schema(&schemas) else { return };
        let columns = schema.names().map(|it| column_plan(&relation, it, step.kind.revision)).collect();
        let make = Operation::Relation(relation);
        let bare = Table::bare(node.name.clone(), Role::Rejects, step.kind.name, make);
        self.push(Table { inputs, schema, columns, sources, ..bare });
    }

    /// What a step comes to, with its columns; nothing where it has a problem, which is told.
    fn lowered(&mut self, node: &Node, step: &Step, spec: &dyn Spec, inputs: &[TableId]) -> Option<(Schema, Lowered)> {
        let mut findings = Vec::new();
        let lowered = self.work(node, step, spec, inputs, &mut findings);
        let made = lowered.map(|it| (self.schema_of(node, &it.work, inputs, &mut findings), it));
        for finding in findings {
            self.find(node.pipeline, &node.path, finding);
        }
        let (schema, lowered) = made?;
        let mut schema = match schema {
            Ok(schema) => schema,
            Err(no_schema) => {
                self.plan.needs_engine |= no_schema == NoSchema::NeedsEngine;
                return None;
            }
        };
        if schema.columns.is_empty() {
            let message = format!("step `{}` has no columns left", node.name.name);
            self.find(node.pipeline, &node.path, Finding::new(&crate::steps::NO_COLUMNS, "", message));
            return None;
        }
        if let Some(twice) = repeated(&schema) {
            let message = format!("two columns would be called `{}`", twice.escape_debug());
            self.find(node.pipeline, &node.path, Finding::new(&crate::steps::COLUMN_TWICE, "", message));
            return None;
        }
        // Other kinds know the columns that they make before they are asked for their classes.
        for (name, class) in lowered.classes.iter().filter(|(it, _)| !schema.has(it)) {
            let key = if *class == Class::Open { "open" } else { "personal" };
            if matches!(lowered.work, Work::Sql(_)) {
                let finding = crate::finding::unknown_column("the result", &schema, name, key);
                self.find(node.pipeline, &node.path, finding);
            }
        }
        for column in &mut schema.columns {
            if let Some(class) = lowered.classes.get(&column.name) {
                column.class = *class;
            }
        }
        Some((schema, lowered))
    }

    /// What a step does to its inputs.
    fn work(
        &self,
        node: &Node,
        step: &Step,
        spec: &dyn Spec,
        inputs: &[TableId],
        findings: &mut Vec<Finding>,
    ) -> Option<Lowered> {
        let tables: Vec<&Table> = inputs.iter().map(|it| &self.plan.tables[*it]).collect();
        let names = node.inputs.iter().map(|(name, _)| name.as_str());
        let views: Vec<Input> = tables.iter().zip(names).map(|(table, name)| table.as_input(name)).collect();
        let mut lowered = spec.lower(&views, findings)?;
        if let Err(mistake) = told(&mut lowered, &tables) {
            findings.push(crate::steps::mistaken(&node.name.name, &Schema::default(), mistake, ""));
        }
        findings.extend(self.forgotten(&lowered.work, inputs));
        if let Work::Relation(relation) = &lowered.work {
            let money = Some(node.pipeline.known.money.as_slice());
            // What all rows decide is not known where they are made one by one.
            let asked = if step.grain.is_some() { None } else { money };
            let (made, formed) = with_letters(relation, inputs, &self.plan.tables, asked);
            if asked.is_none() && !with_letters(relation, inputs, &self.plan.tables, money).1.is_subset(&formed) {
                findings.push(unformed());
            }
            lowered.formed = formed;
            if let Some(made) = made {
                lowered.work = Work::Relation(made);
                // What cells were says nothing of anybody.
                lowered.classes.insert(KINDS.to_owned(), Class::Open);
            }
        }
        findings.extend(self.misordered(step.decoded.spec.decided_by(), inputs));
        Some(lowered)
    }

    /// The columns that come out.
    fn schema_of(
        &self,
        node: &Node,
        work: &Work,
        inputs: &[TableId],
        findings: &mut Vec<Finding>,
    ) -> Result<Schema, NoSchema> {
        let tables: Vec<&Table> = inputs.iter().map(|it| &self.plan.tables[*it]).collect();
        let query = match work {
            Work::Sql(query) => query,
            Work::Relation(relation) => {
                let schemas: Vec<&Schema> = tables.iter().map(|it| &it.schema).collect();
                return relation.schema(&schemas).map_err(|mistake| {
                    findings.push(crate::steps::mistaken(&node.name.name, &Schema::default(), mistake, ""));
                    NoSchema::Problem
                });
            }
        };
        // Exactly the columns that it will see when it runs.
        let read = |table: &&Table| -> Schema {
            let names = sql::reads(query, &table.schema);
            names.filter_map(|it| table.schema.get(it)).cloned().collect()
        };
        let read: Vec<Schema> = tables.iter().map(read).collect();
        let names = node.inputs.iter().map(|(name, _)| name.as_str());
        let views: Vec<_> = names.zip(&read).collect();
        match self.db.system().bind_sql(query, &views) {
            Ok(schema) => return Ok(sql::classes(query, schema, &tables)),
            Err(Unknown::NeedsEngine) => return Err(NoSchema::NeedsEngine),
            Err(Unknown::Problem(problem)) => {
                let finding = Finding::new(&crate::steps::SQL, "query", problem.message).label("in this query");
                let near = named(finding.message.as_str(), &query.text, &tables);
                let help = near.or(problem.help);
                findings.push(finding.help(help));
            }
            Err(Unknown::World(reason)) => findings.push(Finding::new(&crate::steps::SQL, "query", reason)),
        }
        Err(NoSchema::Problem)
    }
}

impl Planning<'_> {
    /// What parts the rows of a step, if its rows are made one by one and the columns are there.
    fn grain(&mut self, node: &Node, step: &Step, make: &Operation, inputs: &[TableId]) -> Option<Expr> {
        let is_row_local = matches!(make, Operation::Relation(it) if it.takes_row_by_row());
        let Some(grain) = &step.grain else {
            // What a source says is for those that can: nobody asked this step.
            let &[input] = inputs else { return None };
            return self.plan.tables[input].parts.clone().filter(|_| is_row_local);
        };
        let finding = match (is_row_local, inputs) {
            (true, [input]) => {
                let table = &self.plan.tables[*input];
                let mistake = grain.ty(&table.schema).err();
                let from = node.inputs.first().map_or("", |(name, _)| name.as_str());
                mistake.map(|it| crate::steps::mistaken(from, &table.schema, it, "grain"))
            }
            _ => {
                let message = format!("a `{}` step is not made row by row here, so it has no grain", step.kind.name);
                let help = "`derive`, `filter`, `map` and `normalise` are, unless they look at a whole column; \
                            put such a step before, and say `grain` there";
                Some(Finding::new(&GRAIN, "grain", message).label("this key").help(help.to_owned()))
            }
        };
        match finding {
            Some(finding) => self.find(node.pipeline, &node.path, finding),
            None => return Some(grain.clone()),
        }
        None
    }
}

/// Tells the expressions of a step what the cells were that they read.
fn told(lowered: &mut Lowered, tables: &[&Table]) -> Result<(), Mistake> {
    let known: Vec<Known> =
        tables.iter().map(|it| Known { written: &it.written, sources: &it.sources, forms: None }).collect();
    if let Work::Relation(relation) = &lowered.work {
        lowered.work = Work::Relation(relation.clone().aware(&known)?);
    }
    lowered.rejects = lowered.rejects.take().map(|it| it.aware(&known)).transpose()?;
    Ok(())
}

/// The same rows with letters of their own, where these tables have some that they would not keep or their values meet
/// in several forms; and the columns whose values took their forms along. `money` are words for it; without them no forms are
/// asked.
pub(super) fn with_letters(
    relation: &Relation,
    inputs: &[TableId],
    tables: &TableMap<Table>,
    money: Option<&[String]>,
) -> (Option<Relation>, BTreeSet<String>) {
    let beneath: Vec<&Table> = inputs.iter().map(|it| &tables[*it]).collect();
    let schemas: Vec<&Schema> = beneath.iter().map(|it| &it.schema).collect();
    let Ok(schema) = relation.schema(&schemas) else { return (None, BTreeSet::new()) };
    let forms: Vec<Option<Forms>> = match money {
        Some(money) => meeting(relation, &schema, inputs, tables, money),
        None => vec![None; inputs.len()],
    };
    let known: Vec<Known> = std::iter::zip(&beneath, &forms)
        .map(|(it, forms)| Known { written: &it.written, sources: &it.sources, forms: forms.as_ref() })
        .collect();
    (relation.lettered(&schema, &known), formed(relation, &schema, &beneath, &forms))
}

/// What tells that a step whose rows are made one by one does not keep the forms of values that meet in it.
fn unformed() -> Finding {
    let message = "values of columns that may be written in different forms (decimal comma or point, day or month first) \
                   become one column here, and a step with `grain` does not keep which is which";
    let help = "leave `grain` out here, or read each of the columns in a `normalise` step before".to_owned();
    Finding::new(&crate::steps::CELLS_FORGOTTEN, "grain", message).label("this key").help(help)
}

/// The columns of a relation over these tables, where it has some.
pub(super) fn columns_of(relation: &Relation, tables: &[&Table]) -> Option<Schema> {
    let schemas: Vec<&Schema> = tables.iter().map(|it| &it.schema).collect();
    let mut schema = relation.schema(&schemas).ok()?;
    // What cells were says nothing of anybody.
    schema.columns.iter_mut().filter(|it| it.name == KINDS).for_each(|it| it.class = Class::Open);
    Some(schema)
}

/// How one column of a relation is made: carried as it is, or made of the columns that it reads.
pub(super) fn column_plan(relation: &Relation, column: &str, revision: u32) -> ColumnPlan {
    if let Some((input, column)) = relation.carried(column) {
        return ColumnPlan::Carried { input, column: column.to_owned() };
    }
    let pruned = relation.prune(&BTreeSet::from([column]));
    let mut hasher = Hasher::new("hotpass column recipe v1");
    let reads = pruned.reads().into_iter();
    let reads = reads.map(|(input, names)| (input, names.into_iter().map(str::to_owned).collect())).collect();
    let recipe = hasher.number(u64::from(revision)).digest(&pruned.into_recipe()).finish();
    ColumnPlan::Made { recipe, reads }
}

/// The first name that stands twice when case is ignored.
fn repeated(schema: &Schema) -> Option<&str> {
    let mut seen = BTreeSet::new();
    schema.names().find(|it| !seen.insert(it.to_lowercase()))
}

/// What is known of the values of columns that are those of an input.
pub(super) fn carried_evidence(
    schema: &Schema,
    columns: &[ColumnPlan],
    inputs: &[TableId],
    tables: &TableMap<Table>,
) -> BTreeMap<String, Evidence> {
    let known = |(name, plan): (&str, &ColumnPlan)| match plan {
        ColumnPlan::Carried { input, column } => {
            tables[*inputs.get(*input)?].evidence.get(column).map(|it| (name.to_owned(), it.clone()))
        }
        ColumnPlan::Made { .. } => None,
    };
    schema.names().zip(columns).filter_map(known).collect()
}
