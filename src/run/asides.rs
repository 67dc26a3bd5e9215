//! Rows that are not in a table although they were delivered: set aside because they cannot be used, left out because
//! they are no records, hidden. A build tells of all of them, also when it found them set aside by an earlier one.

use std::collections::{BTreeMap, BTreeSet};

use crate::digest::Digest;
use crate::model::Column;
use crate::plan::{Operation, Plan, Role, Table, TableId, TableMap, TableSet};
use crate::problem::{Code, Problem};
use crate::readers::problems::{CURRENCY_FORMATS, ERROR_CELLS, HIDDEN, STRAY_QUOTE, plural, thousands};
use crate::readers::{Hidden, Trailer};
use crate::run::keys::{self, State};
use crate::store::journal::Journal;
use crate::text::priced::are_one;
use crate::text::priced::currency_of_format;

/// Columns and cells that are named.
const MOST: usize = 5;

/// Rows that cannot be used.
pub const SET_ASIDE: Code = Code::warning("hotpass::table::set-aside");

/// How many rows each wanted table set aside; those that set none aside are not there.
pub(super) fn set_aside(plan: &Plan, wanted: &TableSet, states: &TableMap<State>) -> BTreeMap<String, u64> {
    let tables = plan.tables.iter().zip(wanted).zip(states);
    let counts = tables.filter_map(|((table, wanted), state)| match state {
        State::Materialized(settled) if *wanted && table.role == Role::Rejects && settled.rows > 0 => {
            Some((table.name.to_string(), settled.rows))
        }
        _ => None,
    });
    counts.collect()
}

/// How columns begin that say why a row was set aside; a number follows where a column is called so.
const REASONS: [&str; 2] = ["reason", "problem"];

/// What is to be told of rows that were set aside, and of hidden rows where that was asked for.
pub(super) fn problems(
    plan: &Plan,
    wanted: &TableSet,
    set_aside: &BTreeMap<String, u64>,
    journal: &Journal,
) -> Vec<(TableId, Problem)> {
    let mut acc = Vec::new();
    for (index, table) in plan.tables.entries().filter(|(index, _)| wanted[*index]) {
        let name = table.name.to_string();
        match &table.make {
            Operation::Read(reading) if !reading.aside => {
                let account = account(journal, &keys::read_key(plan, index));
                acc.extend(error_cells(table, &account).map(|it| (index, it)));
                acc.extend(stray_quotes(table, &account).map(|it| (index, it)));
                acc.extend(currencies(table, &account).into_iter().map(|it| (index, it)));
                let hidden = account.iter().map(|it| it.hidden).sum();
                if hidden > 0 && reading.source.options.hidden == Hidden::Warn {
                    let message = format!("`{name}` has {}", plural(hidden, "hidden row"));
                    let help = "they are read; `hidden = \"exclude\"` leaves them out, `\"include\"` says nothing";
                    acc.push((index, Problem::new(&HIDDEN, message).help(help.to_owned())));
                }
            }
            _ => (),
        }
        if let Some(rows) = set_aside.get(&name).filter(|_| table.role == Role::Rejects) {
            let message = format!("`{name}` sets {} aside", plural(*rows, "row"));
            let tells = |it: &str| REASONS.iter().any(|reason| it.starts_with(reason));
            let why = if table.schema.names().any(tells) { " and why" } else { "" };
            let help = format!("see them{why} with `hotpass show {name} --rejected`");
            acc.push((index, Problem::new(&SET_ASIDE, message).help(help)));
        }
    }
    acc
}

/// Cells that hold no value because something went wrong, by column.
fn error_cells(table: &Table, account: &[Trailer]) -> Option<Problem> {
    let count: u64 = account.iter().map(|it| it.error_count).sum();
    if count == 0 {
        return None;
    }
    let of_column = |at: usize| account.iter().filter_map(|it| it.columns.get(at)).map(|it| it.error).sum::<u64>();
    let columns = table.schema.visible().enumerate().filter(|(at, _)| of_column(*at) > 0);
    let columns: Vec<String> =
        columns.map(|(at, it)| format!("{} of `{}`", of_column(at), it.name.escape_debug())).collect();
    let shown = columns.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
    let more = columns.len().saturating_sub(MOST);
    let more = if more > 0 { format!(" and {more} more columns") } else { String::new() };
    let (cells, hold) = (plural(count, "cell"), if count == 1 { "holds" } else { "hold" });
    let message =
        format!("{cells} of `{}` {hold} an error, or a formula that was never computed: {shown}{more}", table.name);
    // Addresses are those of one sheet.
    let at = match account {
        [one] => {
            let shown: Vec<String> = one.errors.iter().take(MOST).cloned().collect();
            let more = match count.saturating_sub(shown.len() as u64) {
                0 => String::new(),
                more => format!(" and {} more", thousands(more)),
            };
            format!("{}{more}: ", shown.join(", "))
        }
        _ => String::new(),
    };
    let help = format!(
        "{at}they are read as blank; open the workbook in the program it comes from, correct what is wrong, and save it"
    );
    Some(Problem::new(&ERROR_CELLS, message).help(help))
}

/// For each of some columns of files, the currencies that the formats of its numbers show.
pub(super) fn currencies_behind(
    plan: &Plan,
    journal: &Journal,
    columns: &[(TableId, String)],
) -> Vec<BTreeSet<String>> {
    let of = |(table, name): &(TableId, String)| {
        if !matches!(plan.tables[*table].make, Operation::Read(_)) {
            return None;
        }
        let at = plan.tables[*table].schema.visible().position(|it| it.name == *name)?;
        Some(shown_currencies(&account(journal, &keys::read_key(plan, *table)), at))
    };
    columns.iter().filter_map(of).filter(|it| !it.is_empty()).collect()
}

/// The currencies that the formats of numbers show in a column.
fn shown_currencies(account: &[Trailer], column: usize) -> BTreeSet<String> {
    let formats = account.iter().filter_map(|it| it.columns.get(column)).flat_map(|it| &it.formats);
    formats.filter_map(|it| currency_of_format(it)).collect()
}

/// Columns whose numbers have formats of several currencies: the number of a cell does not keep what its format shows.
fn currencies(table: &Table, account: &[Trailer]) -> Vec<Problem> {
    let told = |(at, column): (usize, &Column)| {
        let found = shown_currencies(account, at);
        let named: Vec<&str> = found.iter().map(String::as_str).collect();
        if named.len() < 2 || are_one(&named) {
            return None;
        }
        let name = column.name.escape_debug();
        let message = format!(
            "the number formats of `{name}` of `{}` show several currencies, which numbers do not keep: {}",
            table.name,
            named.join(", ")
        );
        let help = "write the currency of each row in a column of its own, or have a sheet for each currency";
        Some(Problem::new(&CURRENCY_FORMATS, message).help(help.to_owned()))
    };
    table.schema.visible().enumerate().filter_map(told).collect()
}

/// Records with quotes that open or close no value.
fn stray_quotes(table: &Table, account: &[Trailer]) -> Option<Problem> {
    let count: u64 = account.iter().map(|it| it.mended.count).sum();
    if count == 0 {
        return None;
    }
    let (records, hold) = (plural(count, "record"), if count == 1 { "holds" } else { "hold" });
    let message = format!("{records} of `{}` {hold} a quote that opens or closes no value", table.name);
    // Lines are those of one file.
    let lines = match account {
        [one] => {
            let lines: Vec<String> = one.mended.lines.iter().take(MOST).map(|it| thousands(*it)).collect();
            let more = if count > lines.len() as u64 { " and more" } else { "" };
            format!("{} {}{more}: ", if count == 1 { "line" } else { "lines" }, lines.join(", "))
        }
        _ => String::new(),
    };
    let help = format!(
        "{lines}it is taken for a sign of the value; let whatever writes the file double it, or refuse such files with `ragged = \"refuse\"`"
    );
    Some(Problem::new(&STRAY_QUOTE, message).help(help))
}

/// Rows of a source that were left out, by what they are.
pub(super) fn left_out(plan: &Plan, table: TableId, journal: &Journal) -> BTreeMap<String, u64> {
    let mut acc = BTreeMap::new();
    // What corrected rows are put into was read before.
    let read = match &plan.tables[table] {
        it if matches!(it.make, Operation::Read(_)) => table,
        it if it.role == Role::Source => it.inputs[0],
        _ => return acc,
    };
    for trailer in account(journal, &keys::read_key(plan, read)) {
        for (what, rows) in trailer.left_out {
            *acc.entry(what.noun().to_owned()).or_default() += rows;
        }
    }
    acc
}

/// What the readers of a source's files said of them, in order; empty when nothing is known.
pub(super) fn account(journal: &Journal, key: &Digest) -> Vec<Trailer> {
    let json = journal.known(|it| it.accounts.get(key).cloned());
    json.and_then(|it| serde_json::from_str(&it).ok()).unwrap_or_default()
}
