//! Plans that no file declares, for tests of selectors, lists and pictures.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::model::{Column, Schema, Type};
use crate::pipeline::{Export, ExportFormat};
use crate::plan::{Make, Name, Plan, PlannedExport, Role, Table};
use crate::relation::Relation;

/// Adds a table; `inputs` are names of tables that are there.
pub(super) fn add(plan: &mut Plan, name: &str, role: Role, kind: &'static str, inputs: &[&str]) {
    let (pipeline, name) = name.split_once('.').expect("pipeline.name");
    plan.pipelines.insert(pipeline.to_owned(), PathBuf::from(format!("pipelines/{pipeline}.toml")));
    let at = |it: &&str| plan.table(it).unwrap_or_else(|| panic!("{it}"));
    let inputs: Vec<usize> = inputs.iter().map(at).collect();
    plan.tables.push(Table {
        name: Name { pipeline: pipeline.to_owned(), name: name.to_owned() },
        role,
        kind,
        inputs,
        make: Make::Relation(Relation::Scan { input: 0, columns: Vec::new() }),
        schema: Schema { columns: vec![Column::new("name", Type::Text), Column::new("_row", Type::Integer)] },
        columns: Vec::new(),
        unmapped: Vec::new(),
        rules: BTreeMap::new(),
        guesses: BTreeMap::new(),
        evidence: BTreeMap::new(),
        tags: Vec::new(),
        sources: BTreeMap::new(),
    });
}

/// Adds an export of a table that is there.
pub(super) fn export(plan: &mut Plan, name: &str, from: &str, path: &str) {
    let (pipeline, name) = name.split_once('.').expect("pipeline.name");
    let table = plan.table(from).expect("a table");
    let declared = Export {
        about: None,
        from: plan.tables[table].name.name.clone(),
        path: path.to_owned(),
        format: ExportFormat::Parquet,
        columns: Vec::new(),
        rejected: false,
    };
    let name = Name { pipeline: pipeline.to_owned(), name: name.to_owned() };
    plan.exports.push(PlannedExport { name, declared, table, columns: vec!["name".to_owned()], gates: Vec::new() });
}

/// Two sources, four steps, two exports.
pub(super) fn small() -> Plan {
    let mut plan = Plan::default();
    add(&mut plan, "crm.people", Role::Source, "source", &[]);
    add(&mut plan, "crm.schools", Role::Source, "source", &[]);
    add(&mut plan, "crm.mapped", Role::Step, "map", &["crm.people"]);
    add(&mut plan, "crm.clean", Role::Step, "normalise", &["crm.mapped"]);
    add(&mut plan, "crm.clean", Role::Rejects, "normalise", &["crm.mapped"]);
    add(&mut plan, "crm.merged", Role::Step, "merge", &["crm.clean", "crm.schools"]);
    add(&mut plan, "crm.odd", Role::Step, "sql", &["crm.schools"]);
    plan.tables[2].tags = vec!["daily".to_owned()];
    plan.tables[6].tags = vec!["daily".to_owned()];
    export(&mut plan, "crm.contacts", "crm.merged", "dist/contacts.parquet");
    export(&mut plan, "crm.odds", "crm.odd", "dist/odds.parquet");
    plan
}

/// Three deliveries on their way to two artefacts: 30 tables in two pipelines.
pub(super) fn thirty() -> Plan {
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
