//! Tests of steps as declared: small tables in, the table that is to come out, the rows that are to be set aside.
//!
//! What is read here is free of schemas: whether a column exists, and whether a cell fits it, is found out when the
//! plan is known.

pub mod difference;
pub mod grid;
pub mod value;

use crate::fields::keys::{Key, Keys, Need, Takes, words};
use crate::fields::{Fields, MISSING_KEY};
use crate::problem::{Code, Problem};
use crate::span::Span;

/// A text that is no table.
pub const BAD_TABLE: Code = Code::error("hotpass::test::bad-table");
/// A test of something that is no step, or with rows for what the step does not need.
pub const UNKNOWN_TABLE: Code = Code::error("hotpass::test::unknown-table");
/// A column that a table does not have.
pub const UNKNOWN_COLUMN: Code = Code::error("hotpass::test::unknown-column");
/// A cell that is no value of its column's type.
pub const WRONG_CELL: Code = Code::error("hotpass::test::wrong-cell");

/// All codes of this module.
pub const CODES: &[&Code] = &[&BAD_TABLE, &UNKNOWN_TABLE, &UNKNOWN_COLUMN, &WRONG_CELL];

/// A file of tests.
pub const FILE: Keys = Keys::of(&[Key::new("test", Takes::Table(&TESTS), "tests by what they show")]);

const TESTS: Keys = Keys::any(Takes::Table(&TEST), "what the test shows");
const TEST: Keys = Keys::of(&[
    Key::required("step", Takes::Text, "the step it is about"),
    Key::new("description", Takes::Text, "for people"),
    Key::new("order", Takes::Word(&words(&ORDERS)), "whether rows must come in the order given here").or_text("given"),
    Key::new("given", Takes::Table(&GIVEN), "rows of what the step is made of"),
    Key::new("expect", ROWS, "the expected rows"),
    Key::new("rejected", ROWS, "the rows that must be set aside"),
])
.needing(&[Need::one_of(&["expect", "rejected"])]);
const ORDERS: [(&str, bool); 2] = [("given", true), ("any", false)];
const GIVEN: Keys = Keys::any(ROWS, "a source or step, and its rows");
/// A text between bars, or a list of rows.
const ROWS: Takes = Takes::Either(&[Takes::Text, Takes::List(&Takes::Table(&ROW), 0)]);
const ROW: Keys = Keys::any(Takes::Plain, "a column, and its value in this row");

/// One declared test.
#[derive(Clone, PartialEq, Debug)]
pub struct Test {
    /// What it shows.
    pub name: String,
    /// Where it is declared.
    pub span: Span,
    /// The step.
    pub step: (String, Span),
    /// Rows of what the step needs, by name of the source or step.
    pub given: Vec<(String, Span, Cells)>,
    /// The rows that are to come out.
    pub expect: Option<Cells>,
    /// The rows that are to be set aside.
    pub rejected: Option<Cells>,
    /// Whether rows are to come in the order in which they are written.
    pub ordered: bool,
}

/// A table as written in a test.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Cells {
    /// Names of columns.
    pub columns: Vec<(String, Option<Span>)>,
    /// Rows; `None` for no value.
    pub rows: Vec<Vec<(Option<String>, Option<Span>)>>,
}

/// Reads all tests of a file.
pub fn tests(fields: &mut Fields) -> Vec<Test> {
    let mut acc = Vec::new();
    for (name, mut table) in fields.named_tables("test") {
        acc.extend(test(name, &mut table));
        table.finish();
    }
    acc
}

fn test(name: String, table: &mut Fields) -> Option<Test> {
    let step = table.required_text("step");
    let step = step.map(|it| (it, table.span_of("step")));
    table.text("description");
    let ordered = table.choice("order", &ORDERS).unwrap_or(true);
    let mut given = Vec::new();
    let mut sound = true;
    if let Some(mut tables) = table.table("given") {
        for name in tables.keys() {
            match cells(&mut tables, &name) {
                Some(cells) => given.push((name.clone(), tables.span_of(&name), cells)),
                None => sound = false,
            }
        }
    }
    let mut out = |key: &str| match table.has(key) {
        true => {
            let cells = cells(table, key);
            sound &= cells.is_some();
            cells
        }
        false => None,
    };
    let (expect, rejected) = (out("expect"), out("rejected"));
    if !table.has("expect") && !table.has("rejected") {
        let message = format!("`[{}]` expects nothing", table.path());
        let problem = Problem::new(&MISSING_KEY, message).label(&table.span(), "this test");
        let help = "write the expected rows under `expect`, or the rows to set aside under `rejected`".to_owned();
        table.report(problem.help(help));
        return None;
    }
    let (span, step) = (table.span(), step?);
    sound.then_some(Test { name, span, step, given, expect, rejected, ordered })
}

/// A text between bars, or a list of tables with one key for each cell.
fn cells(table: &mut Fields, key: &str) -> Option<Cells> {
    if table.is_list(key) {
        return Some(listed(table, key));
    }
    let text = table.text(key)?;
    let grid = match grid::parse(&text) {
        Ok(grid) => grid,
        Err(error) => {
            let span = table.span_within(key, error.range);
            let help = "a table is written as `| name | age |`, and below it a line for each row".to_owned();
            table.report(Problem::new(&BAD_TABLE, error.message).label(&span, "here").help(help));
            return None;
        }
    };
    let span = |item: &grid::Item| Some(table.span_within(key, item.range.clone()));
    let mut columns: Vec<(String, Option<Span>)> = Vec::new();
    for head in &grid.heads {
        let name = head.text.clone().unwrap_or_default();
        let fault = match () {
            () if name.is_empty() => "a column has no name".to_owned(),
            () if columns.iter().any(|(it, _)| *it == name) => {
                format!("two columns are called `{}`", name.escape_debug())
            }
            () => {
                columns.push((name, span(head)));
                continue;
            }
        };
        let place = table.span_within(key, head.range.clone());
        let help = "every column of a test has a name of its own".to_owned();
        table.report(Problem::new(&BAD_TABLE, fault).label(&place, "here").help(help));
        return None;
    }
    let rows = grid.rows.iter().map(|row| row.iter().map(|it| (it.text.clone(), span(it))).collect());
    Some(Cells { columns, rows: rows.collect() })
}

fn listed(table: &mut Fields, key: &str) -> Cells {
    let mut acc = Cells::default();
    for mut row in table.tables(key) {
        let names = row.keys();
        for name in &names {
            if !acc.columns.iter().any(|(it, _)| it == name) {
                acc.columns.push((name.clone(), Some(row.span_of(name))));
                acc.rows.iter_mut().for_each(|it| it.push((None, None)));
            }
        }
        let mut cells = Vec::new();
        for (name, _) in &acc.columns {
            cells.push(match names.contains(name) {
                true => (row.value(name).and_then(|it| it.plain()), Some(row.span_of(name))),
                false => (None, None),
            });
        }
        acc.rows.push(cells);
    }
    acc
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use super::*;
    use crate::fields::{Parameters, Reader};

    fn read(text: &str) -> (Vec<Test>, Vec<String>) {
        let reader = Reader::new(&Arc::new(PathBuf::from("tests/x.toml")), Parameters::new());
        let table = reader.parse(text);
        let mut fields = reader.fields(&table, &FILE);
        let tests = tests(&mut fields);
        fields.finish();
        let told = reader.finish().0.into_iter().map(|it| {
            let span = &it.labels[0].span;
            format!("{}: {}", &text[span.start..span.end], it.message)
        });
        (tests, told.collect())
    }

    fn rows(cells: &Cells) -> Vec<Vec<Option<&str>>> {
        cells.rows.iter().map(|row| row.iter().map(|(it, _)| it.as_deref()).collect()).collect()
    }

    #[test]
    fn a_table_is_a_text_or_a_list_of_rows() {
        let (tests, told) = read(
            "[test.a]\nstep = 's'\norder = 'any'\ngiven.x = '''\n| a | b |\n| 1 |  |'''\nexpect = [{ a = 1 }, { b = true }]\n\
             rejected = []",
        );
        assert_eq!(told, [""; 0]);
        assert_eq!(rows(&tests[0].given[0].2), [[Some("1"), None]]);
        assert_eq!(rows(tests[0].expect.as_ref().expect("rows")), [[Some("1"), None], [None, Some("true")]]);
        assert_eq!(tests[0].rejected, Some(Cells::default()));
        assert!(!tests[0].ordered);
    }

    #[test]
    fn what_cannot_be_read_is_told_where_it_stands() {
        let check = |text: &str, expected: &str| {
            let (_, told) = read(text);
            assert_eq!(told, [expected], "{text}");
        };
        check("[test.a]\nstep = 's'", "a: `[test.a]` expects nothing");
        check("[test.a]\nexpect = '| a |'", "a: `[test.a]` needs `step`, the step it is about");
        check(
            "[test.a]\nstep = 's'\nexpect = '''\n| a |\n| 1 | 2 |'''",
            "| 1 | 2 |: a row has 2 cells where there are 1 columns",
        );
        check("[test.a]\nstep = 's'\nexpect = '''\n| a | a |'''", "a: two columns are called `a`");
        check("[test.a]\nstep = 's'\nexpect = '| a |'\nexpects = ''", "expects: nothing reads `expects` in `[test.a]`");
        check("[tests.a]\nstep = 's'", "tests: nothing reads `tests` here");
    }
}
