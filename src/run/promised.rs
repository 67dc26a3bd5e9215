//! What a contract says of a table, on its way into the file that is published: a print of the contract, and its words.
//! Names and words of the contract, never a value.

use std::path::Path;

use crate::contracts::emit::{self, Dialect, Resource};
use crate::contracts::{Contract, Field};
use crate::model::Class;
use crate::pipeline::{ExportFormat, Page};
use crate::plan::{Plan, PlannedExport};
use crate::publish::{Cell, Csv, FormulaGuard, Words};
use crate::run::keys::slashed;

/// The contract that an exported table keeps; none of what is told about a table, or rejected.
fn contract<'a>(plan: &'a Plan, export: &PlannedExport) -> Option<&'a Contract> {
    let is_table = export.declared.about.is_none() && !export.declared.rejected;
    plan.contracts.iter().find(|it| is_table && it.table == export.table).map(|it| &*it.contract)
}

/// Names and values for the notes of a file: the properties of a workbook, the key-value metadata of Parquet. Empty
/// where no contract is kept.
pub(super) fn notes(plan: &Plan, export: &PlannedExport) -> Vec<(String, String)> {
    let Some(it) = contract(plan, export) else { return Vec::new() };
    let mut acc = vec![
        ("hotpass.contract".to_owned(), it.name.clone()),
        ("hotpass.contract.version".to_owned(), it.version.to_string()),
        ("hotpass.contract.digest".to_owned(), format!("blake3:{}", it.digest().hex())),
    ];
    let words = [("title", &it.title), ("description", &it.description), ("owner", &it.owner)];
    let words = words.into_iter().filter_map(|(key, it)| Some((format!("hotpass.contract.{key}"), it.clone()?)));
    acc.extend(words);
    for name in &export.columns {
        let description = it.field(name).and_then(|it| it.description.clone());
        acc.extend(description.map(|it| (format!("hotpass.column.{name}"), it)));
    }
    acc
}

/// Whether values of a column are masked.
fn is_personal(plan: &Plan, export: &PlannedExport, name: &str) -> bool {
    plan.tables[export.table].schema.get(name).is_some_and(|it| it.class != Class::Open)
}

/// Lines of the sheet that says what a workbook promises. Empty where no contract is kept.
pub(super) fn read_me(plan: &Plan, export: &PlannedExport, words: &Words) -> Vec<(String, Cell)> {
    let Some(it) = contract(plan, export) else { return Vec::new() };
    let (whole, it) = (it, it.shown(Field::masked, &|name| is_personal(plan, export, name)));
    let text = |it: String| Cell::Text(it);
    let mut acc = vec![(words.of("contract").to_owned(), text(format!("{} {}", it.name, it.version)))];
    let own = [("title", &it.title), ("description", &it.description), ("owner", &it.owner)];
    acc.extend(own.into_iter().filter_map(|(key, it)| Some((words.of(key).to_owned(), text(it.clone()?)))));
    acc.push((words.of("digest").to_owned(), text(format!("blake3:{}", whole.digest().hex()))));
    acc.extend([(String::new(), Cell::Empty), (words.of("columns").to_owned(), Cell::Empty)]);
    for name in &export.columns {
        let Some(field) = it.field(name) else {
            acc.push((name.clone(), text(words.of("undeclared").to_owned())));
            continue;
        };
        let unit = field.unit.as_ref().map(|it| words.with("in_unit", &[it]));
        let said = emit::promises_in(field, words);
        let all = field.description.clone().into_iter().chain(said).chain(unit);
        acc.push((name.clone(), text(all.collect::<Vec<_>>().join("; "))));
    }
    acc
}

/// What a file says that tells of what is declared alone; nothing for another one.
pub(super) fn declared(plan: &Plan, export: &PlannedExport) -> Option<String> {
    match export.page()? {
        Page::Beside => Some(beside(plan, export)),
        Page::Package => Some(package(plan, export)),
        _ => None,
    }
}

/// What stands beside all files of a pipeline, as a data package has it: each table in a file with its columns, and what
/// is promised of them. Neither a length nor a digest of a file: these stand in the manifest.
fn package(plan: &Plan, export: &PlannedExport) -> String {
    let folder = Path::new(&export.declared.path).parent().unwrap_or(Path::new(""));
    let listed = plan.exports.iter().filter(|it| export.lists(it));
    let resources: Vec<Resource<'_>> = listed.map(|it| resource(plan, it, folder)).collect();
    emit::package(&export.name.pipeline, &resources)
}

fn resource<'a>(plan: &'a Plan, export: &'a PlannedExport, folder: &Path) -> Resource<'a> {
    let schema = &plan.tables[export.table].schema;
    let path = Path::new(&export.declared.path);
    Resource {
        name: export.name.name.clone(),
        path: slashed(path.strip_prefix(folder).unwrap_or(path)),
        contract: contract(plan, export).map(|it| it.shown(Field::unlisted, &|name| is_personal(plan, export, name))),
        columns: export.columns.iter().filter_map(|it| Some((it.clone(), schema.get(it)?.ty))).collect(),
        dialect: match &export.declared.format {
            ExportFormat::Csv(csv) => Some(dialect(csv)),
            _ => None,
        },
    }
}

fn dialect(csv: &Csv) -> Dialect<'_> {
    Dialect {
        delimiter: csv.delimiter,
        encoding: csv.encoding.label(),
        line_end: csv.line_end.text(),
        decimal_comma: csv.decimal_comma,
        marks: csv.formulas != FormulaGuard::Off,
    }
}

/// What stands beside a file of delimited text: which columns it has and what is promised of them, as CSV on the Web has
/// it.
fn beside(plan: &Plan, export: &PlannedExport) -> String {
    let written = plan.exports.iter().find_map(|it| match &it.declared.format {
        ExportFormat::Csv(csv) if it.name == export.name => Some((it, csv)),
        _ => None,
    });
    let Some((file, csv)) = written else { return String::new() };
    let name = file.declared.path.rsplit('/').next().unwrap_or_default();
    let schema = &plan.tables[export.table].schema;
    let columns: Vec<_> = export.columns.iter().filter_map(|it| Some((it.as_str(), schema.get(it)?.ty))).collect();
    emit::csvw_of(contract(plan, export), &|name| is_personal(plan, export, name), &columns, name, &dialect(csv))
}
