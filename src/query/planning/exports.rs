//! What is published: which columns of which table, to a path that is an artefact's.

use std::path::Path;

use super::{BAD_PATH, NO_CONFLICTS, NOTHING_SET_ASIDE, PATH_TWICE, Planning, paths};
use crate::db::Db;
use crate::fields::{MISSING_KEY, WRONG_VALUE};
use crate::index::Place;
use crate::model::{Class, PLACE, ROW};
use crate::pipeline::{About, Export, ExportFormat, Page, Pipeline};
use crate::plan::{Name, Operation, PlannedExport, Role, Table, TableId, TableSet};
use crate::publish::problems::{PARTITION, TEMPLATE, TOO_WIDE};
use crate::publish::{SHEET_COLUMNS, TemplateOf, Xlsx, partition};
use crate::query::fingerprint;
use crate::query::sources::stays_below;
use crate::readers::ASIDE;
use crate::steps::{Finding, unknown_column};

impl Planning<'_> {
    pub(super) fn exports(&mut self, pipeline: &Pipeline) {
        // A package lists what the others publish.
        let is_package = |it: &Export| it.about == Some(About::Package);
        let (packages, others): (Vec<_>, Vec<_>) = pipeline.exports.iter().partition(|(_, it)| is_package(it));
        for (name, declared) in others.into_iter().chain(packages) {
            if let Err(findings) = self.export(pipeline, name, declared) {
                let path = format!("export.{name}");
                findings.into_iter().for_each(|it| self.find(pipeline, &path, it));
            }
        }
    }

    fn export(&mut self, pipeline: &Pipeline, name: &str, declared: &Export) -> Result<(), Vec<Finding>> {
        match declared.about {
            Some(About::Docs) => return self.docs(pipeline, name, declared),
            Some(About::Quality) => return self.report(pipeline, name, declared),
            Some(About::Package) => return self.package(pipeline, name, declared),
            _ => (),
        }
        if !declared.tables.is_empty() {
            let finding = Finding::new(&WRONG_VALUE, "tables", "`tables` is about pages of `docs` and about `quality`")
                .label("this key");
            return Err(vec![finding.help("remove it, or say `about = \"docs\"`".to_owned())]);
        }
        if declared.from.is_empty() {
            let message = format!("`[export.{name}]` needs `from`, the table that it describes");
            let finding = Finding::new(&MISSING_KEY, "about", message).label("asked for here");
            return Err(vec![finding.help("add `from = …`".to_owned())]);
        }
        if declared.about == Some(About::Linkage) {
            return self.linkage_page(pipeline, name, declared);
        }
        self.place_of_export(name, declared).map_err(|it| vec![it])?;
        let who = format!("export `{name}`");
        let table = self.find_table(pipeline, &declared.from, &format!("export.{name}"), "from", &who);
        let Some(table) = table else { return Ok(()) };
        let table = self.told_about(table, declared).map_err(|it| vec![it.label("asked for here")])?;
        let mut columns = self.columns_of_export(table, declared)?;
        if let ExportFormat::Partitioned(by) = &declared.format {
            self.partitions(table, declared, by, &mut columns)?;
        }
        let beside = matches!(&declared.format, ExportFormat::Csv(it) if it.csvw);
        let path = format!("{}-metadata.json", declared.path);
        let beside = beside.then(|| Export { path, format: ExportFormat::Page(Page::Beside), ..declared.clone() });
        if let Some(it) = &beside {
            self.place_of_export(name, it).map_err(|it| vec![it])?;
        }
        let mut declared = declared.clone();
        let path_of = declared.path.clone();
        let sheets = match &mut declared.format {
            ExportFormat::Xlsx(options) | ExportFormat::Ods(options) => {
                if let Some(template) = &mut options.template {
                    self.template(&path_of, template).map_err(|it| vec![it])?;
                }
                self.sheets(pipeline, name, (table, &columns), options)?
            }
            _ => Vec::new(),
        };
        let Some(sheets) = sheets.into_iter().collect::<Option<Vec<_>>>() else { return Ok(()) };
        let name = Name { pipeline: pipeline.name.clone(), name: name.to_owned() };
        for declared in std::iter::once(declared).chain(beside) {
            let (name, columns, sheets) = (name.clone(), columns.clone(), sheets.clone());
            self.plan.exports.push(PlannedExport { name, declared, table, columns, sheets, gates: Vec::new() });
        }
        Ok(())
    }

    /// Data Docs: a file for each page, the index last, so that it leads to nothing that is not there yet.
    fn docs(&mut self, pipeline: &Pipeline, name: &str, declared: &Export) -> Result<(), Vec<Finding>> {
        let tables = self.tables_told_about(pipeline, name, declared);
        let Some(last) = tables.last().copied() else { return Ok(()) };
        let folder = &declared.path;
        let mut pages: Vec<(Page, String, TableId)> = Vec::new();
        for at in tables {
            let table = self.plan.tables[at].name.within(&pipeline.name);
            pages.push((Page::Table, format!("{folder}/tables/{table}.html"), at));
        }
        let of_all = [(Page::Checks, "checks"), (Page::Graph, "graph"), (Page::Index, "index")];
        pages.extend(of_all.map(|(page, file)| (page, format!("{folder}/{file}.html"), last)));
        for (page, path, table) in pages {
            let declared = Export { path, format: ExportFormat::Page(page), ..declared.clone() };
            self.place_of_export(name, &declared).map_err(|it| vec![it])?;
            let name = Name { pipeline: pipeline.name.clone(), name: name.to_owned() };
            let (columns, sheets, gates) = (Vec::new(), Vec::new(), Vec::new());
            self.plan.exports.push(PlannedExport { name, declared, table, columns, sheets, gates });
        }
        Ok(())
    }

    /// A quality report: one file. Of a table that is named the conflicts are planned too.
    fn report(&mut self, pipeline: &Pipeline, name: &str, declared: &Export) -> Result<(), Vec<Finding>> {
        let tables = self.tables_told_about(pipeline, name, declared);
        let Some(last) = tables.last().copied() else { return Ok(()) };
        self.place_of_export(name, declared).map_err(|it| vec![it])?;
        let from = pipeline.full_names(&declared.from).find_map(|it| self.index.get(&it)).copied();
        let table = from.and_then(|it| self.conflicts(it)).unwrap_or(last);
        // By their names they are found again when the report is made.
        let columns = tables.iter().map(|it| self.plan.tables[*it].name.within(&pipeline.name)).collect();
        let name = Name { pipeline: pipeline.name.clone(), name: name.to_owned() };
        self.plan.exports.push(PlannedExport {
            name,
            declared: declared.clone(),
            table,
            columns,
            sheets: Vec::new(),
            gates: Vec::new(),
        });
        Ok(())
    }

    /// The page about a step that compares rows: one file, of a table of one cell.
    fn linkage_page(&mut self, pipeline: &Pipeline, name: &str, declared: &Export) -> Result<(), Vec<Finding>> {
        self.place_of_export(name, declared).map_err(|it| vec![it])?;
        let (path, who) = (format!("export.{name}"), format!("export `{name}`"));
        let Some(table) = self.find_table(pipeline, &declared.from, &path, "from", &who) else { return Ok(()) };
        let Some(table) = self.linkage(table) else {
            let message = format!("`{}` compares no rows", declared.from.escape_debug());
            let finding = Finding::new(&WRONG_VALUE, "from", message).label("this table");
            return Err(vec![finding.help("name a step of the kind `resolve` or `link`".to_owned())]);
        };
        let name = Name { pipeline: pipeline.name.clone(), name: name.to_owned() };
        let (columns, sheets, gates) = (Vec::new(), Vec::new(), Vec::new());
        self.plan.exports.push(PlannedExport { name, declared: declared.clone(), table, columns, sheets, gates });
        Ok(())
    }

    /// A data package: one file, which needs the tables of all that it lists.
    fn package(&mut self, pipeline: &Pipeline, name: &str, declared: &Export) -> Result<(), Vec<Finding>> {
        self.place_of_export(name, declared).map_err(|it| vec![it])?;
        let name = Name { pipeline: pipeline.name.clone(), name: name.to_owned() };
        let (columns, sheets, gates) = (Vec::new(), Vec::new(), Vec::new());
        let mut export =
            PlannedExport { name, declared: declared.clone(), table: TableId::new(0), columns, sheets, gates };
        let listed: Vec<_> = self.plan.exports.iter().filter(|it| export.lists(it)).map(|it| it.table).collect();
        let Some((first, rest)) = listed.split_first() else {
            // What keeps the others from being planned is told already.
            if pipeline.exports.iter().any(|(_, it)| export.lists_declared(it)) {
                return Ok(());
            }
            let message = "no table of this pipeline is published in its folder or below";
            let help = "a package lists `csv`, `tsv`, `json`, `ndjson` and `parquet`: write it into their folder, such as \
                        `dist/datapackage.json`";
            let finding = Finding::new(&WRONG_VALUE, "path", message.to_owned()).label("this package");
            return Err(vec![finding.help(help.to_owned())]);
        };
        export.table = *first;
        export.sheets = rest.iter().map(|it| (*it, Vec::new())).collect();
        self.plan.exports.push(export);
        Ok(())
    }

    /// The tables of a pipeline that pages and reports tell about: all of it and of what it uses, those behind a table,
    /// or those named.
    fn tables_told_about(&mut self, pipeline: &Pipeline, name: &str, declared: &Export) -> Vec<TableId> {
        let own = |it: &Table| {
            self.publisher(&it.name.pipeline) == pipeline.name && matches!(it.role, Role::Source | Role::Step)
        };
        let mut wanted: TableSet = self.plan.tables.iter().map(own).collect();
        if !declared.from.is_empty() {
            let (path, who) = (format!("export.{name}"), format!("export `{name}`"));
            let found = self.find_table(pipeline, &declared.from, &path, "from", &who);
            let Some(table) = found else { return Vec::new() };
            let reached = crate::graph::upstream([table], &self.plan.needs());
            wanted.iter_mut().zip(reached).for_each(|(it, reached)| *it &= reached);
        }
        if !declared.tables.is_empty() {
            let (path, who) = (format!("export.{name}"), format!("export `{name}`"));
            let named = declared.tables.iter();
            let named: Vec<Option<TableId>> =
                named.map(|it| self.find_table(pipeline, it, &path, "tables", &who)).collect();
            wanted.places().for_each(|at| wanted[at] &= named.contains(&Some(at)));
        }
        wanted.marked().collect()
    }

    /// Whether the path is free, no source, and fit for an artefact.
    fn place_of_export(&self, name: &str, declared: &Export) -> Result<(), Finding> {
        let path = declared.path.escape_debug();
        let is_folder = |it: &ExportFormat| matches!(it, ExportFormat::Partitioned(_));
        if let Some(taken) = self.plan.exports.iter().find(|it| paths::collide(&it.declared.path, &declared.path)) {
            let other = taken.declared.path.escape_debug();
            let is_one = paths::same(&taken.declared.path, &declared.path);
            let within =
                |folder: &Export, it: &Export| is_folder(&folder.format) && paths::is_beneath(&it.path, &folder.path);
            let message = match is_one || within(&taken.declared, declared) || within(declared, &taken.declared) {
                true => format!("exports `{}` and `{name}` both write `{path}`", taken.name),
                false if paths::is_beneath(&declared.path, &taken.declared.path) => {
                    format!("export `{name}` writes below `{other}`, which is a file of export `{}`", taken.name)
                }
                false => {
                    format!("export `{name}` writes the file `{path}`, below which export `{}` writes", taken.name)
                }
            };
            let finding = Finding::new(&PATH_TWICE, "path", message);
            let finding = finding.label(if is_one { "written twice" } else { "this path" });
            return Err(finding.help("give one of the two another path".to_owned()));
        }
        let taken = |path: &str| paths::collide(path, &declared.path);
        let read = self.plan.tables.iter().any(|it| match &it.make {
            Operation::Read(reading) => reading.files.iter().any(|it| taken(&it.path.to_string_lossy())),
            _ => false,
        });
        let path_read = match &declared.format {
            ExportFormat::Partitioned(by) => format!("{}/{}", declared.path, partition::like(by)),
            _ => declared.path.clone(),
        };
        let read = read || self.read.iter().any(|it| taken(it) || paths::reads(it, &path_read));
        let reserved = self.reserved.iter();
        let reserved = reserved
            .into_iter()
            .find(|it| it.holds(&declared.path) || paths::is_beneath(&it.destination, &declared.path));
        let reason = match (read, reserved) {
            (true, _) => Some("a source is read from there".to_owned()),
            (_, Some(it)) => Some(format!("that folder belongs to the environment `{}`", it.name)),
            _ => paths::unfit(&declared.path).map(str::to_owned),
        };
        let misnamed = || match is_folder(&declared.format) {
            true => None,
            false => paths::misnamed(&declared.path, declared.format.endings()),
        };
        let Some(reason) = reason.or_else(misnamed) else { return Ok(()) };
        let message = format!("an artefact cannot be written to `{path}`: {reason}");
        let finding = Finding::new(&BAD_PATH, "path", message).label("this path");
        let ending = declared.format.endings()[0];
        Err(finding.help(format!("write below a folder of its own, such as `dist/{name}.{ending}`")))
    }

    /// What the template holds, and that no artefact takes its place.
    fn template(&self, export: &str, it: &mut TemplateOf) -> Result<(), Finding> {
        let shown = it.path.escape_debug();
        let refuse = |message: String, help: &str| {
            Err(Finding::new(&TEMPLATE, "template", message).label("this template").help(help.to_owned()))
        };
        if !stays_below(Path::new(&it.path)) {
            return refuse(format!("the template `{shown}` lies outside of the workspace"), "put it into `templates/`");
        }
        if !it.path.to_lowercase().ends_with(".xlsx") {
            return refuse(format!("the template `{shown}` is no `.xlsx` file"), "save it as `.xlsx`, without macros");
        }
        if paths::collide(&it.path, export) {
            return refuse(format!("`{shown}` would be its own template"), "keep the template in `templates/`");
        }
        let db: &dyn Db = self.db;
        it.digest = fingerprint(db, db.file(Path::new(&it.path)));
        match it.digest {
            Some(_) => Ok(()),
            None => refuse(format!("the template `{shown}` is not there"), "put the workbook there, and commit it"),
        }
    }

    /// Adds the columns whose values are folders, which all must be fit for it, and leaves some for the files.
    fn partitions(
        &self,
        table: TableId,
        declared: &Export,
        by: &[String],
        columns: &mut Vec<String>,
    ) -> Result<(), Vec<Finding>> {
        let schema = &self.plan.tables[table].schema;
        let mut findings = Vec::new();
        let mut refuse = |message: String, help: &str| {
            let finding = Finding::new(&PARTITION, "partition_by", message).label("these columns");
            findings.push(finding.help(help.to_owned()));
        };
        for (at, name) in by.iter().enumerate() {
            let Some(column) = schema.get(name) else {
                return Err(vec![unknown_column(&declared.from, schema, name, "partition_by")]);
            };
            let shown = name.escape_debug();
            if by[..at].contains(name) {
                refuse(format!("`{shown}` is there twice"), "name each column once");
            } else if column.class != Class::Open {
                let message = format!("`{shown}` is personal, and its values would be names of folders");
                refuse(message, "partition by a column that says nothing about a person, such as a year");
            } else if !partition::is_fit(column.ty) {
                let message = format!("`{shown}` is {}, which can be written in several ways", column.ty.name());
                refuse(message, "take a text, an integer, a day or a boolean: `year(day)` in a step before");
            }
            if !columns.contains(name) {
                columns.push(name.clone());
            }
        }
        if columns.iter().all(|it| by.contains(it)) {
            refuse("no column is left for the files".to_owned(), "partition by fewer columns");
        }
        if findings.is_empty() { Ok(()) } else { Err(findings) }
    }

    /// The table that is published: the one that is named, or one about it.
    fn told_about(&mut self, table: TableId, declared: &Export) -> Result<TableId, Finding> {
        let from = declared.from.escape_debug();
        if declared.rejected {
            let message = format!("`{from}` sets no rows aside");
            let help = "a source sets aside what it cannot use, a `join` what finds nothing".to_owned();
            let finding = || Finding::new(&NOTHING_SET_ASIDE, "rejected", message).help(help);
            return self.plan.rejects_of(table).ok_or_else(finding);
        }
        let told = match declared.about {
            None | Some(About::Docs) => Some(table),
            Some(About::Provenance) => self.provenance(table),
            Some(About::Conflicts) => self.conflicts(table),
            Some(About::Quality | About::Package | About::Linkage) => Some(table),
        };
        told.ok_or_else(|| {
            let message = format!("no field of `{from}` was decided among several rows");
            let help = "conflicts are those of a `merge` step; name it, or a table that is made of one";
            Finding::new(&NO_CONFLICTS, "about", message).help(help.to_owned())
        })
    }

    /// Names of the columns that are published, all of which there are.
    fn columns_of_export(&self, table: TableId, declared: &Export) -> Result<Vec<String>, Vec<Finding>> {
        let schema = &self.plan.tables[table].schema;
        let unknown =
            |column: &String, key| (!schema.has(column)).then(|| unknown_column(&declared.from, schema, column, key));
        let mut findings: Vec<Finding> = declared.columns.iter().filter_map(|it| unknown(it, "columns")).collect();
        if let Some(Xlsx { score: Some(score), .. }) = declared.format.workbook() {
            findings.extend(unknown(score, "score"));
        }
        let mut columns = declared.columns.clone();
        if columns.is_empty() {
            columns = schema.visible().map(|it| it.name.clone()).collect();
            if declared.rejected {
                // By what a row is known again, and where it came from.
                let known = [ASIDE[2], PLACE, ROW];
                columns.extend(known.iter().filter(|it| schema.has(it)).map(|it| (*it).to_owned()));
            }
        }
        if declared.format.workbook().is_some() && columns.len() > SHEET_COLUMNS {
            let message =
                format!("`{}` has {} columns, and a sheet holds {SHEET_COLUMNS}", declared.from, columns.len());
            let help = "name fewer in `columns`, or export the table as `parquet` or `csv`".to_owned();
            findings.push(Finding::new(&TOO_WIDE, "path", message).label("this sheet").help(help));
        }
        match findings.is_empty() {
            true => Ok(columns),
            false => Err(findings),
        }
    }
}
