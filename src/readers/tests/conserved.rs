//! Every filled cell of a file goes on, is set aside, is an error that is counted, stands in the header, or stands in a
//! row that the account of what was left out counts: over random tables, in delimited text and workbooks.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::kinds::ods;
use super::written::{Cell, Held, binary, old};
use super::*;

/// Formats of numbers: of days, times, durations, shares, with zeros in front, and with words.
const CODES: [&str; 9] =
    ["yyyy-mm-dd", "hh:mm", "[h]:mm:ss", "dd/mm/yyyy hh:mm", "0.00%", "00000", "000-00-0000", "General\" kg\"", "@"];

#[derive(Clone, Debug)]
enum Value {
    Blank,
    Text(String),
    Number(i32),
    /// A number under one of the formats.
    Under(f64, usize),
    Truth(bool),
    /// One of those that have a name.
    Error(usize),
    /// What a formula gave.
    Given(Box<Value>),
}

const ERRORS: [(&str, u8); 7] = [
    ("#NULL!", 0x00),
    ("#DIV/0!", 0x07),
    ("#VALUE!", 0x0f),
    ("#REF!", 0x17),
    ("#NAME?", 0x1d),
    ("#NUM!", 0x24),
    ("#N/A", 0x2a),
];

impl Value {
    /// What it holds, and whether a formula gave it.
    fn bare(&self) -> (&Value, bool) {
        if let Value::Given(it) = self { (it, true) } else { (self, false) }
    }
}

fn value() -> impl Strategy<Value = Value> {
    const WORDS: [&str; 10] =
        ["Total", "Subtotal North", "Note: x", "kg", "name", "town", "2024-01-05", "a@b.example", "$1,200.00", "* y"];
    let text = || "[a-zA-Zé日,;\" ]{1,6}[a-z0-9]".prop_map(Value::Text);
    let numbers = prop_oneof![0..60_000_i32, any::<i32>()].prop_map(f64::from);
    let numbers = prop_oneof![3 => numbers, 1 => -1e6..1e6, 1 => 0.0..1.0];
    let plain = prop_oneof![
        3 => proptest::sample::select(&WORDS[..]).prop_map(|it| Value::Text(it.to_owned())),
        3 => text(),
        4 => (0..40_i32).prop_map(Value::Number),
        1 => any::<i32>().prop_map(Value::Number),
        2 => (numbers, 0..CODES.len()).prop_map(|(number, code)| Value::Under(number, code)),
        1 => any::<bool>().prop_map(Value::Truth),
        1 => (0..ERRORS.len()).prop_map(Value::Error),
    ];
    prop_oneof![
        3 => Just(Value::Blank),
        12 => plain.clone(),
        2 => plain.prop_map(|it| Value::Given(Box::new(it))),
    ]
}

#[derive(Clone, Debug)]
struct Grid(Vec<Vec<Value>>);

/// A few rows of any cells, mostly below names and as wide as these.
fn grid() -> impl Strategy<Value = Grid> {
    (1..6_usize, 0..3_usize, any::<bool>(), 0..4_u8).prop_flat_map(|(width, titles, named, ragged)| {
        let wide = if ragged == 0 { 1..8 } else { width..width + 1 };
        let rows = prop::collection::vec(prop::collection::vec(value(), wide), 0..14);
        let above = prop::collection::vec(prop::collection::vec(value(), 1..3), titles);
        (above, rows).prop_map(move |(above, rows)| {
            let names = ["name", "town", "staff", "since", "notes", "more"].map(|it| Value::Text(it.to_owned()));
            let names = named.then(|| names[..width].to_vec());
            Grid(above.into_iter().chain(names).chain(rows).collect())
        })
    })
}

impl Grid {
    fn csv(&self) -> Vec<u8> {
        let quoted = |it: &str| format!("\"{}\"", it.replace('"', "\"\""));
        let cell = |it: &Value| match it.bare().0 {
            Value::Text(it) => quoted(it),
            Value::Number(it) => it.to_string(),
            Value::Under(it, _) => it.to_string(),
            Value::Truth(it) => it.to_string(),
            Value::Error(it) => ERRORS[*it].0.to_owned(),
            Value::Blank | Value::Given(_) => String::new(),
        };
        let line = |it: &Vec<Value>| it.iter().map(cell).collect::<Vec<_>>().join(",");
        self.0.iter().map(line).collect::<Vec<_>>().join("\n").into_bytes()
    }

    fn xlsx(&self, since_1904: bool) -> Vec<u8> {
        let mut rows = String::new();
        for (row, cells) in (1..).zip(&self.0) {
            rows += &format!("<row r=\"{row}\">");
            for (column, it) in (0..).zip(cells) {
                let place = crate::readers::row::address(column, row);
                let (value, given) = it.bare();
                let formula = if given { "<f>X</f>" } else { "" };
                rows += &match value {
                    Value::Blank | Value::Given(_) => String::new(),
                    Value::Text(it) => {
                        let it = it.replace('"', "&quot;");
                        match given {
                            true => format!("<c r=\"{place}\" t=\"str\">{formula}<v>{it}</v></c>"),
                            false => format!(
                                "<c r=\"{place}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{it}</t></is></c>"
                            ),
                        }
                    }
                    Value::Number(it) => format!("<c r=\"{place}\">{formula}<v>{it}</v></c>"),
                    Value::Under(it, code) => {
                        format!("<c r=\"{place}\" s=\"{}\">{formula}<v>{it}</v></c>", code + 1)
                    }
                    Value::Truth(it) => format!("<c r=\"{place}\" t=\"b\">{formula}<v>{}</v></c>", u8::from(*it)),
                    Value::Error(it) => {
                        format!("<c r=\"{place}\" t=\"e\">{formula}<v>{}</v></c>", ERRORS[*it].0)
                    }
                };
            }
            rows += "</row>";
        }
        let mut book = Book::new(&rows);
        let (mut formats, mut styles) = (String::new(), String::from("<xf numFmtId=\"0\"/>"));
        for (id, code) in (200..).zip(CODES) {
            formats += &format!("<numFmt numFmtId=\"{id}\" formatCode=\"{}\"/>", code.replace('"', "&quot;"));
            styles += &format!("<xf numFmtId=\"{id}\"/>");
        }
        book.styles = format!("<numFmts>{formats}</numFmts><cellXfs>{styles}</cellXfs>");
        book.properties = if since_1904 { r#"<workbookPr date1904="1"/>"# } else { "" };
        book.bytes()
    }

    fn ods(&self) -> Vec<u8> {
        let cell = |it: &Value| {
            match it.bare().0 {
            Value::Blank | Value::Given(_) => "<t:table-cell/>".to_owned(),
            Value::Text(it) => {
                let it = it.replace('"', "&quot;");
                format!("<t:table-cell o:value-type='string'><x:p>{it}</x:p></t:table-cell>")
            }
            Value::Number(it) => format!("<t:table-cell o:value-type='float' o:value='{it}'/>"),
            Value::Under(it, 0 | 3) => {
                format!("<t:table-cell o:value-type='date' o:date-value='20{:02}-01-05'/>", (*it as i64).rem_euclid(100))
            }
            Value::Under(it, 1 | 2) => {
                format!("<t:table-cell o:value-type='time' o:time-value='PT{}H10M00S'/>", (*it as i64).rem_euclid(100))
            }
            Value::Under(it, 4) => format!("<t:table-cell o:value-type='percentage' o:value='{it}'/>"),
            Value::Under(it, _) => format!("<t:table-cell o:value-type='float' o:value='{it}'/>"),
            Value::Truth(it) => format!("<t:table-cell o:value-type='boolean' o:boolean-value='{it}'/>"),
            Value::Error(_) => {
                "<t:table-cell o:value-type='string' o:string-value='' c:value-type='error'><x:p>#N/A</x:p></t:table-cell>"
                    .to_owned()
            }
        }
        };
        let row = |it: &Vec<Value>| format!("<t:table-row>{}</t:table-row>", it.iter().map(cell).collect::<String>());
        let rows: String = self.0.iter().map(row).collect();
        ods(&format!("<t:table t:name='S'>{rows}</t:table>"), "")
    }

    /// The cells as the binary kinds of workbooks have them.
    fn cells(&self) -> Vec<Vec<Cell<'_>>> {
        fn cell((column, it): (u16, &Value)) -> Option<Cell<'_>> {
            let (value, formula) = it.bare();
            let (style, held) = match value {
                Value::Blank | Value::Given(_) => return None,
                Value::Text(it) => (0, Held::Text(it)),
                Value::Number(it) => (0, Held::Number(f64::from(*it))),
                Value::Under(it, code) => (*code as u16 + 1, Held::Number(*it)),
                Value::Truth(it) => (0, Held::Truth(*it)),
                Value::Error(it) => (0, Held::Error(ERRORS[*it].1)),
            };
            Some(Cell { column, style, formula, held })
        }
        self.0.iter().map(|it| (0..).zip(it).filter_map(cell).collect()).collect()
    }

    /// Filled cells of each row that has some, and how many of them are errors; delimited text has none.
    fn filled(&self, errors: bool) -> BTreeMap<i64, (usize, usize)> {
        let count = |cells: &Vec<Value>| {
            let filled = cells.iter().filter(|it| !matches!(it, Value::Blank)).count();
            let wrong = cells.iter().filter(|it| errors && matches!(it.bare().0, Value::Error(_))).count();
            (filled, wrong)
        };
        (1..).zip(&self.0).map(|(row, cells)| (row, count(cells))).filter(|(_, it)| it.0 > 0).collect()
    }
}

/// Rows of a part by number, each with its values.
fn part(case: &Case, part: Part) -> Option<(BTreeMap<i64, usize>, Found, Trailer)> {
    let mut rows = BTreeMap::new();
    let request = Request { part, ..case.request.clone() };
    let read = read(&request, &mut |_| Ok(()), &mut |batch| {
        let mut batch = batch;
        if let Ok(at) = batch.schema().index_of(KINDS) {
            batch.remove_column(at);
        }
        let (numbers, columns) = batch.columns().split_last().expect("columns");
        for at in 0..batch.num_rows() {
            let filled = |it: &arrow_array::ArrayRef| usize::from(it.is_valid(at));
            let own = columns.len() - if part == Part::Aside { ASIDE.len() } else { 0 };
            let mut count: usize = columns[..own].iter().map(filled).sum();
            if part == Part::Aside && columns[own + 1].is_valid(at) {
                count += columns[own + 1].as_string::<i32>().value(at).lines().count();
            }
            let number = numbers.as_primitive::<Int64Type>().value(at);
            assert_eq!(rows.insert(number, count), None, "row {number} comes twice");
        }
        Ok(())
    });
    match read {
        Ok((found, trailer)) => Some((rows, found, trailer)),
        // What is refused is told, whatever is in it.
        Err(ReadError::Problem(_)) => None,
        Err(ReadError::World(what)) => panic!("{what}"),
    }
}

fn check(name: &str, bytes: &[u8], grid: &Grid, change: impl FnOnce(&mut Request)) {
    let case = Case::new(name, bytes).with(change);
    let (Some((usable, found, trailer)), Some((aside, ..))) = (part(&case, Part::Usable), part(&case, Part::Aside))
    else {
        return;
    };
    let header = match found.header {
        Header::Row(it) => i64::from(it)..=i64::from(it),
        Header::Rows(first, last) => i64::from(first)..=i64::from(last),
        Header::Detect | Header::Absent => 0..=0,
    };
    let mut missing = 0;
    for (row, (filled, errors)) in grid.filled(!name.ends_with("csv")) {
        match (usable.get(&row), aside.get(&row)) {
            (Some(_), Some(_)) => panic!("{name}: row {row} is used and set aside"),
            (Some(count), _) | (_, Some(count)) => assert_eq!(*count, filled - errors, "{name}: row {row} of {grid:?}"),
            _ if header.contains(&row) => (),
            _ => missing += 1,
        }
    }
    let left_out: u64 = trailer.left_out.values().sum();
    assert_eq!(missing, left_out, "{name}: rows that are nowhere, and those that are left out, of {grid:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_filled_cell_is_accounted_for(grid in grid(), totals in 0..3_usize, header in 0..3_usize, since_1904: bool) {
        let words = |it: &[&str]| it.iter().map(|it| (*it).to_owned()).collect();
        let change = |it: &mut Request| {
            it.options.totals = [Totals::Detect, Totals::Drop, Totals::Keep][totals];
            it.options.header = [Header::Detect, Header::Detect, Header::Row(1)][header];
            it.options.labels = Labels { totals: words(&["total", "subtotal"]), remarks: words(&["note"]), money: words(&["R"]) };
        };
        check("a.csv", &grid.csv(), &grid, change);
        check("a.xlsx", &grid.xlsx(since_1904), &grid, change);
        check("a.ods", &grid.ods(), &grid, change);
        check("a.xls", &old(&grid.cells(), &CODES, since_1904), &grid, change);
        check("a.xlsb", &binary(&grid.cells(), &CODES, since_1904), &grid, change);
    }
}

#[test]
fn the_same_cells_read_the_same_in_workbooks_of_every_kind() {
    let text = |it: &str| Value::Text(it.to_owned());
    let mut rows = vec![["name", "town", "staff", "since", "notes"].map(text).to_vec()];
    for at in 0..CODES.len() {
        rows.push(vec![
            text("Zoë 日"),
            Value::Given(Box::new(text("Łódź"))),
            Value::Under(45_292.5, at),
            Value::Given(Box::new(Value::Under(17.0, at))),
            [Value::Truth(true), Value::Error(at % ERRORS.len()), Value::Number(-7), Value::Blank][at % 4].clone(),
        ]);
    }
    let grid = Grid(rows);
    for since_1904 in [false, true] {
        let case = |name: &str, bytes: Vec<u8>| Case::new(name, bytes).with(|it| it.options.header = Header::Row(1));
        let first = case("a.xlsx", grid.xlsx(since_1904)).read().unwrap();
        assert_eq!(first.lines.len(), CODES.len() + 1);
        for (name, bytes) in
            [("a.xls", old(&grid.cells(), &CODES, since_1904)), ("a.xlsb", binary(&grid.cells(), &CODES, since_1904))]
        {
            let answer = case(name, bytes).read().unwrap();
            assert_eq!(answer.lines, first.lines, "{name}");
            assert_eq!(
                (answer.trailer.errors, answer.trailer.error_count),
                (first.trailer.errors.clone(), 2),
                "{name}"
            );
        }
    }
}
