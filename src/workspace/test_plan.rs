//! Plans that no file declares, for tests of selectors, lists and pictures.

#[path = "../draw/shapes.rs"]
mod shapes;

use std::path::PathBuf;

use crate::index::Place;
use crate::model::{Column, Schema, Type};
use crate::pipeline::{Export, ExportFormat};
use crate::plan::{Name, Operation, Plan, PlannedExport, Role, Table, TableId};
use crate::relation::Relation;

pub(crate) use shapes::{chain, fan, random};

/// Adds a table; `inputs` are names of tables that are there.
pub(crate) fn add(plan: &mut Plan, name: &str, role: Role, kind: &'static str, inputs: &[&str]) {
    let (pipeline, name) = name.split_once('.').expect("pipeline.name");
    plan.pipelines.insert(pipeline.to_owned(), PathBuf::from(format!("pipelines/{pipeline}.toml")));
    let at = |it: &&str| plan.table(it).unwrap_or_else(|| panic!("{it}"));
    let inputs: Vec<TableId> = inputs.iter().map(at).collect();
    let name = Name { pipeline: pipeline.to_owned(), name: name.to_owned() };
    let make = Operation::Relation(Relation::Scan { input: 0, columns: Vec::new().into() });
    let schema: Schema = [Column::new("name", Type::Text), Column::new("_row", Type::Integer)].into_iter().collect();
    plan.tables.push(Table { inputs, schema, ..Table::bare(name, role, kind, make) });
}

/// Adds an export of a table that is there.
pub(crate) fn export(plan: &mut Plan, name: &str, from: &str, path: &str) {
    let (pipeline, name) = name.split_once('.').expect("pipeline.name");
    let table = plan.table(from).expect("a table");
    let declared = Export {
        about: None,
        from: plan.tables[table].name.name.clone(),
        path: path.to_owned(),
        format: ExportFormat::Parquet,
        columns: Vec::new(),
        rejected: false,
        tables: Vec::new(),
        words: crate::publish::Words::none(),
    };
    let name = Name { pipeline: pipeline.to_owned(), name: name.to_owned() };
    plan.exports.push(PlannedExport {
        name,
        declared,
        table,
        columns: vec!["name".to_owned()],
        sheets: Vec::new(),
        gates: Vec::new(),
    });
}

/// Two sources, four steps, two exports.
pub(crate) fn small() -> Plan {
    let mut plan = Plan::default();
    add(&mut plan, "crm.people", Role::Source, "source", &[]);
    add(&mut plan, "crm.schools", Role::Source, "source", &[]);
    add(&mut plan, "crm.mapped", Role::Step, "map", &["crm.people"]);
    add(&mut plan, "crm.clean", Role::Step, "normalise", &["crm.mapped"]);
    add(&mut plan, "crm.clean", Role::Rejects, "normalise", &["crm.mapped"]);
    add(&mut plan, "crm.merged", Role::Step, "merge", &["crm.clean", "crm.schools"]);
    add(&mut plan, "crm.odd", Role::Step, "sql", &["crm.schools"]);
    plan.tables[TableId::new(2)].tags = vec!["daily".to_owned()];
    plan.tables[TableId::new(6)].tags = vec!["daily".to_owned()];
    export(&mut plan, "crm.contacts", "crm.merged", "dist/contacts.parquet");
    export(&mut plan, "crm.odds", "crm.odd", "dist/odds.parquet");
    plan
}

/// Three deliveries on their way to two artefacts: 30 tables in two pipelines.
pub(crate) fn thirty() -> Plan {
    let mut plan = Plan::default();
    let mut cleaned = Vec::new();
    for source in ["registry", "outreach", "clients", "newsletter_subscribers_2025", "events"] {
        let [raw, mapped, clean, kept] = ["", "_mapped", "_clean", "_kept"].map(|it| format!("intake.{source}{it}"));
        add(&mut plan, &raw, Role::Source, "source", &[]);
        add(&mut plan, &mapped, Role::Step, "map", &[&raw]);
        add(&mut plan, &clean, Role::Step, "normalise", &[&mapped]);
        add(&mut plan, &kept, Role::Step, "filter", &[&clean]);
        cleaned.push(kept);
    }
    let all: Vec<&str> = cleaned.iter().map(String::as_str).collect();
    add(&mut plan, "intake.organisations", Role::Step, "merge", &all);
    add(&mut plan, "intake.people", Role::Step, "merge", &[all[0], all[2], all[4]]);
    add(&mut plan, "report.provinces", Role::Source, "source", &[]);
    add(&mut plan, "report.joined", Role::Step, "join", &["intake.organisations", "report.provinces"]);
    add(&mut plan, "report.scored", Role::Step, "derive", &["report.joined", "intake.people"]);
    add(&mut plan, "report.ranked", Role::Step, "sort", &["report.scored"]);
    add(&mut plan, "report.by_province", Role::Step, "sql", &["report.scored", "report.provinces"]);
    add(&mut plan, "report.unreached", Role::Step, "filter", &["report.ranked", "intake.registry"]);
    add(&mut plan, "report.calls", Role::Step, "sort", &["report.unreached"]);
    add(&mut plan, "report.all", Role::Step, "union", &["report.calls", "report.ranked"]);
    export(&mut plan, "report.contacts", "report.ranked", "dist/contacts.xlsx");
    export(&mut plan, "report.calls_list", "report.calls", "dist/calls.csv");
    export(&mut plan, "report.provinces_table", "report.by_province", "dist/provinces.parquet");
    plan
}

/// A plan of so many tables, joined like this.
pub(crate) fn joined(prefix: &str, (nodes, edges): &(usize, Vec<(usize, usize)>)) -> Plan {
    const NAMES: [&str; 6] = ["registry", "outreach_people", "clean_rows", "contacts_by_organisation", "ids", "scored"];
    const KINDS: [&str; 6] = ["map", "normalise", "filter", "derive", "merge", "sql"];
    let name = |at: usize| format!("{prefix}.{}_{at}", NAMES[at * 7 % 6]);
    let mut plan = Plan::default();
    for node in 0..*nodes {
        let inputs: Vec<String> = edges.iter().filter(|it| it.1 == node).map(|it| name(it.0)).collect();
        let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
        let source = inputs.is_empty();
        let role = if source { Role::Source } else { Role::Step };
        add(&mut plan, &name(node), role, if source { "source" } else { KINDS[node % 6] }, &inputs);
    }
    let taken = |node: &usize| edges.iter().any(|it| it.0 == *node);
    for node in (0..*nodes).filter(|it| !taken(it)).take(12) {
        export(&mut plan, &format!("{prefix}.file_{node}"), &name(node), &format!("dist/file_{node}.csv"));
    }
    plan
}
