//! `hotpass list`: pipelines with their sources, steps and exports; then profiles, then what kinds there are.

use serde::Serialize;

use crate::draw::{State, format_name};
use crate::expectations;
use crate::model::Class;
use crate::plan::{Plan, Role, Table as Planned, TableId};
use crate::query::shipped::PROFILES;
use crate::steps;

/// Everything that can be named on the command line.
pub(crate) type Listed = Vec<Thing>;

/// Something that can be named.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Thing {
    Pipeline(Pipeline),
    Source(Table),
    Step(Table),
    Export(Export),
    Profile(Profile),
    StepKind(Kind),
    ExpectationKind(Kind),
}

#[derive(Debug, Serialize)]
pub(crate) struct Pipeline {
    pub(crate) name: String,
    pub(crate) file: String,
}

/// A source or a step.
#[derive(Debug, Serialize)]
pub(crate) struct Table {
    pub(crate) pipeline: String,
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    /// Full names.
    pub(crate) inputs: Vec<String>,
    pub(crate) columns: Vec<Column>,
    pub(crate) tags: Vec<String>,
    pub(crate) state: State,
    /// How many checks are about it.
    #[serde(skip)]
    pub(crate) checks: u64,
    /// Its number in the plan, and those of its inputs: what a step sets aside has the name of the step.
    #[serde(skip)]
    pub(crate) number: TableId,
    #[serde(skip)]
    pub(crate) above: Vec<TableId>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Column {
    name: String,
    #[serde(rename = "type")]
    ty: &'static str,
    class: Class,
}

#[derive(Debug, Serialize)]
pub(crate) struct Export {
    pub(crate) pipeline: String,
    pub(crate) name: String,
    /// The full name of its table.
    pub(crate) from: String,
    pub(crate) path: String,
    pub(crate) format: &'static str,
    columns: Vec<String>,
    pub(crate) state: State,
    /// Whether it is a page, which is about more than its table.
    #[serde(skip)]
    pub(crate) is_page: bool,
    /// The number of its table.
    #[serde(skip)]
    pub(crate) table: TableId,
}

#[derive(Debug, Serialize)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) shipped: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) summary: &'static str,
}

/// Everything that can be named. `profiles` are the names of all profiles there are; without them neither they nor
/// kinds are listed. `state` tells of a table of the plan.
pub(crate) fn list(plan: &Plan, profiles: Option<&[String]>, state: &dyn Fn(TableId) -> State) -> Listed {
    let mut acc = Vec::new();
    for (pipeline, file) in &plan.pipelines {
        acc.push(Thing::Pipeline(Pipeline { name: pipeline.clone(), file: file.display().to_string() }));
        let tables = plan.tables.entries();
        let own = tables.filter(|(_, it)| it.name.pipeline == *pipeline && it.role.is_listed());
        acc.extend(own.map(|(at, it)| table(plan, at, it, state(at))));
        let exports = plan.exports.iter().filter(|it| it.is_listed() && it.name.pipeline == *pipeline);
        acc.extend(exports.map(|it| {
            Thing::Export(Export {
                pipeline: pipeline.clone(),
                name: it.name.name.clone(),
                from: plan.tables[it.table].name.to_string(),
                path: it.declared.path.clone(),
                format: format_name(it),
                columns: it.columns.clone(),
                state: state(it.table),
                is_page: it.page().is_some(),
                table: it.table,
            })
        }));
    }
    let Some(profiles) = profiles else { return acc };
    let shipped = |name: &str| PROFILES.iter().any(|(it, _)| *it == name);
    acc.extend(profiles.iter().map(|it| Thing::Profile(Profile { name: it.clone(), shipped: shipped(it) })));
    acc.extend(steps::KINDS.iter().map(|it| Thing::StepKind(Kind { name: it.name, summary: it.summary })));
    acc.extend(
        expectations::KINDS.iter().map(|it| Thing::ExpectationKind(Kind { name: it.name, summary: it.summary })),
    );
    acc
}

fn table(plan: &Plan, at: TableId, it: &Planned, state: State) -> Thing {
    let column = |it: &crate::model::Column| Column { name: it.name.clone(), ty: it.ty.name(), class: it.class };
    let table = Table {
        pipeline: it.name.pipeline.clone(),
        name: it.name.name.clone(),
        kind: it.kind,
        inputs: it.inputs.iter().map(|it| plan.tables[*it].name.to_string()).collect(),
        columns: it.schema.visible().map(column).collect(),
        tags: it.tags.clone(),
        state,
        checks: plan.expectations.iter().filter(|it| it.about == at).count() as u64,
        number: at,
        above: it.inputs.clone(),
    };
    if it.role == Role::Source { Thing::Source(table) } else { Thing::Step(table) }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::answers::event;
    use crate::index::Place;
    use crate::workspace::test_plan;

    #[test]
    fn json_has_a_line_for_each_thing() {
        let profiles = ["aviation".to_owned(), "own".to_owned()];
        let listed = list(&test_plan::small(), Some(&profiles), &|it| State::ALL[it.at() % 4]);
        let text = event::json(&listed);
        let lines: Vec<Value> = text.lines().map(|it| serde_json::from_str(it).expect("JSON")).collect();
        let count = |event: &str| lines.iter().filter(|it| it["event"] == event).count();
        assert!(lines.iter().all(|it| it["v"] == 1));
        assert_eq!(
            [count("pipeline"), count("source"), count("step"), count("export"), count("profile")],
            [1, 2, 4, 2, 2]
        );
        assert_eq!(count("step_kind"), steps::KINDS.len());
        let merged = lines.iter().find(|it| it["name"] == "merged").expect("it is listed");
        assert_eq!(merged["inputs"], json!(["crm.clean", "crm.schools"]));
        assert_eq!(merged["state"], "would_run");
        assert_eq!(merged["columns"], json!([{ "name": "name", "type": "text", "class": "open" }]));
    }
}
