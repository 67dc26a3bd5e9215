//! Sheets of workbooks: which tables they hold, and whether columns can be shown as is said.

use super::{NOTHING_SET_ASIDE, Planning};
use crate::model::{PLACE, ROW, Schema};
use crate::pipeline::Pipeline;
use crate::plan::TableId;
use crate::publish::problems::{SHOWN, TOO_WIDE};
use crate::publish::{FORMATS, NumberFormat, SHEET_COLUMNS, ShownColumns, Xlsx};
use crate::readers::ASIDE;
use crate::steps::{Finding, unknown_column};

/// A table with the columns of it that are written; none where there is no such table, which has been told.
type Planned = Option<(TableId, Vec<String>)>;

impl Planning<'_> {
    /// Tables and columns of the sheets behind the first one. What a contract says of columns becomes notes.
    pub(super) fn sheets(
        &mut self,
        pipeline: &Pipeline,
        name: &str,
        (table, columns): (TableId, &[String]),
        options: &mut Xlsx,
    ) -> Result<Vec<Planned>, Vec<Finding>> {
        let mut findings = Vec::new();
        shown(&self.plan.tables[table].schema, columns, &options.columns, "", &mut findings);
        if options.describe {
            self.described(table, columns, &mut options.columns);
        }
        let mut sheets = Vec::new();
        for sheet in &mut options.sheets {
            let key = format!("sheets.{}", sheet.name);
            let (path, who) = (format!("export.{name}.{key}"), format!("sheet `{}`", sheet.name.escape_debug()));
            let Some(found) = self.find_table(pipeline, &sheet.from, &path, "from", &who) else {
                sheets.push(None);
                continue;
            };
            let set_aside = || {
                let message = format!("`{}` sets no rows aside", sheet.from.escape_debug());
                let help = "a source sets aside what it cannot use, a `join` what finds nothing".to_owned();
                Finding::new(&NOTHING_SET_ASIDE, format!("{key}.rejected"), message).help(help)
            };
            let found = match sheet.rejected {
                true => self.plan.rejects_of(found).ok_or_else(|| vec![set_aside()])?,
                false => found,
            };
            let schema = &self.plan.tables[found].schema;
            let unknown = sheet.columns.iter().filter(|it| !schema.has(it));
            findings.extend(unknown.map(|it| unknown_column(&sheet.from, schema, it, &format!("{key}.columns"))));
            let mut columns = sheet.columns.clone();
            if columns.is_empty() {
                columns = schema.visible().map(|it| it.name.clone()).collect();
                if sheet.rejected {
                    let known = [ASIDE[2], PLACE, ROW];
                    columns.extend(known.iter().filter(|it| schema.has(it)).map(|it| (*it).to_owned()));
                }
            }
            if columns.len() > SHEET_COLUMNS {
                let message =
                    format!("`{}` has {} columns, and a sheet holds {SHEET_COLUMNS}", sheet.from, columns.len());
                let help = "name fewer in `columns`".to_owned();
                findings.push(Finding::new(&TOO_WIDE, format!("{key}.from"), message).label("this sheet").help(help));
            }
            shown(schema, &columns, &sheet.shown, &format!("{key}."), &mut findings);
            if sheet.describe {
                self.described(found, &columns, &mut sheet.shown);
            }
            sheets.push(Some((found, columns)));
        }
        match findings.is_empty() {
            true => Ok(sheets),
            false => Err(findings),
        }
    }

    /// What the contract of a table says of its columns, as notes; what is noted already stays.
    fn described(&self, table: TableId, columns: &[String], shown: &mut ShownColumns) {
        let contracts = self.plan.contracts.iter().filter(|it| it.table == table);
        for field in contracts.flat_map(|it| &it.contract.fields) {
            if let Some(description) = field.description.as_ref().filter(|_| columns.contains(&field.name)) {
                shown.entry(field.name.clone()).or_default().note.get_or_insert_with(|| description.clone());
            }
        }
    }
}

/// Finds columns that cannot be shown as is said: those that are not written, numbers that are none, and labels that
/// would stand twice.
fn shown(schema: &Schema, columns: &[String], shown: &ShownColumns, before: &str, findings: &mut Vec<Finding>) {
    let mut find = |key: &str, message: String, help: &str| {
        let finding = Finding::new(&SHOWN, format!("{before}{key}"), message).label("said here");
        findings.push(finding.help(help.to_owned()));
    };
    for (name, it) in shown {
        let key = |of: &str| if of == "total" { of.to_owned() } else { format!("{of}.{name}") };
        let said = [
            ("labels", it.label.is_some()),
            ("formats", it.format.is_some()),
            ("widths", it.width.is_some()),
            ("notes", it.note.is_some()),
            ("total", it.total),
        ];
        let column = schema.get(name).filter(|_| columns.contains(name));
        let Some(column) = column else {
            for (of, _) in said.into_iter().filter(|(_, said)| *said) {
                let message = format!("`{}` is not a column of this sheet", name.escape_debug());
                let near = crate::problem::did_you_mean(name, columns.iter().map(String::as_str));
                find(&key(of), message, &near.unwrap_or_else(|| "columns go by their names in the table".to_owned()));
            }
            continue;
        };
        if let Some(word) = &it.format {
            let shown = word.escape_debug();
            match NumberFormat::read(word) {
                Ok(format) if format.of.fits(column.ty) => (),
                Ok(_) => {
                    let message = format!("`{name}` is {}, which `{shown}` does not write", column.ty);
                    find(&key("formats"), message, "a cast in a step before makes a number or a day of it");
                }
                Err(reason) => {
                    let known = FORMATS.map(|(it, ..)| it);
                    let all = || format!("write one of `{}`, or a code such as `0.00`", known.join("`, `"));
                    let help = crate::problem::did_you_mean(word, known).unwrap_or_else(all);
                    find(&key("formats"), format!("`{shown}` is not a format: {reason}"), &help);
                }
            }
        }
        if it.total && !column.ty.is_number() {
            let message = format!("`{name}` is {}, and only numbers are summed", column.ty);
            find("total", message, "a cast in a step before makes a number of it");
        }
    }
    let label = |name: &String| shown.get(name).and_then(|it| it.label.clone()).unwrap_or_else(|| name.clone());
    let mut seen = std::collections::BTreeMap::new();
    for name in columns {
        if let Some(other) = seen.insert(label(name).to_lowercase(), name) {
            let message = format!("`{other}` and `{name}` would have one header");
            find("labels", message, "give one of them another label");
        }
    }
}
