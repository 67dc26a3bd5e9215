//! Every filled cell of a file goes on, is set aside, is an error that is counted, stands in the header, or stands in a
//! row that the account of what was left out counts: over random tables, in delimited text and workbooks.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::kinds::ods;
use super::*;

#[derive(Clone, Debug)]
enum Value {
    Blank,
    Text(String),
    Number(i32),
    /// A number under the format of a day.
    Day(u16),
    Truth(bool),
    Error,
}

fn value() -> impl Strategy<Value = Value> {
    const WORDS: [&str; 10] =
        ["Total", "Subtotal North", "Note: x", "kg", "name", "town", "2024-01-05", "a@b.example", "$1,200.00", "* y"];
    prop_oneof![
        3 => Just(Value::Blank),
        3 => proptest::sample::select(&WORDS[..]).prop_map(|it| Value::Text(it.to_owned())),
        3 => "[a-zA-Zé日,;\" ]{1,6}[a-z0-9]".prop_map(Value::Text),
        4 => (0..40_i32).prop_map(Value::Number),
        1 => any::<i32>().prop_map(Value::Number),
        1 => any::<u16>().prop_map(Value::Day),
        1 => any::<bool>().prop_map(Value::Truth),
        1 => Just(Value::Error),
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
        let cell = |it: &Value| match it {
            Value::Blank => String::new(),
            Value::Text(it) => quoted(it),
            Value::Number(it) => it.to_string(),
            Value::Day(it) => it.to_string(),
            Value::Truth(it) => it.to_string(),
            Value::Error => "#N/A".to_owned(),
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
                rows += &match it {
                    Value::Blank => String::new(),
                    Value::Text(it) => {
                        let it = it.replace('"', "&quot;");
                        format!("<c r=\"{place}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{it}</t></is></c>")
                    }
                    Value::Number(it) => format!("<c r=\"{place}\"><v>{it}</v></c>"),
                    Value::Day(it) => format!("<c r=\"{place}\" s=\"1\"><v>{it}</v></c>"),
                    Value::Truth(it) => format!("<c r=\"{place}\" t=\"b\"><v>{}</v></c>", u8::from(*it)),
                    Value::Error => format!("<c r=\"{place}\" t=\"e\"><v>#N/A</v></c>"),
                };
            }
            rows += "</row>";
        }
        let mut book = Book::new(&rows);
        book.styles = r#"<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>"#.to_owned();
        book.properties = if since_1904 { r#"<workbookPr date1904="1"/>"# } else { "" };
        book.bytes()
    }

    fn ods(&self) -> Vec<u8> {
        let cell = |it: &Value| {
            match it {
            Value::Blank => "<t:table-cell/>".to_owned(),
            Value::Text(it) => {
                let it = it.replace('"', "&quot;");
                format!("<t:table-cell o:value-type='string'><x:p>{it}</x:p></t:table-cell>")
            }
            Value::Number(it) => format!("<t:table-cell o:value-type='float' o:value='{it}'/>"),
            Value::Day(it) => format!("<t:table-cell o:value-type='date' o:date-value='20{:02}-01-05'/>", it % 100),
            Value::Truth(it) => format!("<t:table-cell o:value-type='boolean' o:boolean-value='{it}'/>"),
            Value::Error => {
                "<t:table-cell o:value-type='string' o:string-value='' c:value-type='error'><x:p>#N/A</x:p></t:table-cell>"
                    .to_owned()
            }
        }
        };
        let row = |it: &Vec<Value>| format!("<t:table-row>{}</t:table-row>", it.iter().map(cell).collect::<String>());
        let rows: String = self.0.iter().map(row).collect();
        ods(&format!("<t:table t:name='S'>{rows}</t:table>"), "")
    }

    /// Filled cells of each row that has some, and how many of them are errors; delimited text has none.
    fn filled(&self, errors: bool) -> BTreeMap<i64, (usize, usize)> {
        let count = |cells: &Vec<Value>| {
            let filled = cells.iter().filter(|it| !matches!(it, Value::Blank)).count();
            let wrong = cells.iter().filter(|it| errors && matches!(it, Value::Error)).count();
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
            it.options.labels = Labels { totals: words(&["total", "subtotal"]), remarks: words(&["note"]) };
        };
        check("a.csv", &grid.csv(), &grid, change);
        check("a.xlsx", &grid.xlsx(since_1904), &grid, change);
        check("a.ods", &grid.ods(), &grid, change);
    }
}
