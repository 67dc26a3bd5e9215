//! The loop of rejected rows: set aside, written for people, corrected, read back.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use hotpass::readers::{Format, Header, Request, read};
use hotpass::summary::Status;
use rust_xlsxwriter::{Formula, Workbook};

use crate::case::Case;

const PIPELINE: &str = r#"
[pipeline]
name = "p"

[source.register]
path = "data/register-*.csv"
select = "newest"
priority = 3

[source.fixed]
path = "fixes/*.xlsx"
corrects = "register"

[step.names]
kind = "normalise"
from = "register"
columns.email = "email"

[export.out]
from = "names"
path = "dist/out.csv"

[export.fixes]
from = "register"
rejected = true
path = "dist/to-fix.xlsx"
"#;

const REGISTER: &str = "\
name,email,city
Aero School,info@aero.example,Durban
Blue School,info@blue.example,George,021 555 0101
Red School,info@red.example
Green School,info@green.example,Knysna
";

fn case() -> Case {
    Case::new(&[("hotpass.toml", PIPELINE), ("data/register-1.csv", REGISTER)])
}

/// The first sheet of a workbook, as texts: the header first.
fn sheet(case: &Case, path: &str) -> Vec<Vec<String>> {
    let mut request = Request::new(case.path(path), path, Format::XLSX);
    request.options.header = Header::Row(1);
    let mut rows = Vec::new();
    let mut add = |batch: arrow_array::RecordBatch| {
        for row in 0..batch.num_rows() {
            let texts = batch.columns()[..batch.num_columns() - 1].iter();
            let texts =
                texts.map(|it| it.as_string::<i32>()).map(|it| if it.is_null(row) { "" } else { it.value(row) });
            rows.push(texts.map(str::to_owned).collect());
        }
        Ok(())
    };
    let (found, _) = read(&request, &mut |_| Ok(()), &mut add).expect("a sheet");
    rows.insert(0, found.columns.iter().map(|it| it.name.clone()).collect());
    rows
}

/// A person opens the workbook, changes what they change, and saves it where it is read back.
fn send(case: &Case, from: &str, to: &str, change: impl Fn(&mut Vec<String>, &[String])) {
    let mut rows = sheet(case, from);
    let header = rows[0].iter().map(|it| it.trim_end_matches("_2").to_owned()).collect::<Vec<_>>();
    rows[0].clone_from(&header);
    rows[1..].iter_mut().for_each(|it| change(it, &header));
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    for (at, row) in rows.iter().enumerate() {
        for (column, text) in row.iter().enumerate().filter(|(_, it)| !it.is_empty()) {
            page.write(at as u32, column as u16, text.as_str()).expect("a cell");
        }
    }
    case.write(to, book.save_to_buffer().expect("a workbook"));
}

fn set(row: &mut [String], header: &[String], column: &str, text: &str) {
    let at = header.iter().position(|it| it == column).unwrap_or_else(|| panic!("{column} in {header:?}"));
    text.clone_into(&mut row[at]);
}

#[test]
fn a_corrected_row_comes_back_and_says_what_it_corrects() {
    let case = case();
    let report = case.build().ok();
    assert_eq!(report.summary().set_aside, [("p.register".to_owned(), 2)].into());
    assert_eq!(case.text("dist/out.csv").lines().count(), 3);
    let rejected = sheet(&case, "dist/to-fix.xlsx");
    assert_eq!(rejected[0][..5], ["name", "email", "city", "reason", "beyond"]);
    assert_eq!(
        rejected[1][..5],
        ["Blue School", "info@blue.example", "George", "it has 4 fields, the header has 3", "D: 021 555 0101"]
    );

    // One is corrected, the other is left for later.
    send(&case, "dist/to-fix.xlsx", "fixes/from-jo.xlsx", |row, header| {
        if row[0] == "Blue School" {
            set(row, header, "city", "Knysna");
            set(row, header, "reason", "");
        }
    });
    let report = case.build().ok();
    assert_eq!(report.summary().set_aside, [("p.register".to_owned(), 1)].into());
    let tables = case.tables(true);
    let register = &tables["p.register"];
    assert!(
        register.contains("Blue School | info@blue.example | Knysna | ... | register | fixes/from-jo.xlsx#"),
        "{register}"
    );
    assert!(register.contains("| data/register-1.csv | 3"), "{register}");
    assert!(case.text("dist/out.csv").contains("Blue School,info@blue.example,Knysna"));
    assert!(tables["p.register@rejected"].contains("Red School"));

    // The other is none: nobody is asked again.
    send(&case, "dist/to-fix.xlsx", "fixes/from-al.xlsx", |row, header| set(row, header, "reason", "drop"));
    let report = case.build().ok();
    assert!(report.summary().set_aside.is_empty() && report.problems.is_empty(), "{}", report.problems);
    assert_eq!(case.text("dist/out.csv").lines().count(), 4);
    assert_eq!(case.build().ok().ran(), "nothing");
}

#[test]
fn a_correction_holds_for_the_row_and_not_for_its_place() {
    let case = case();
    case.build().ok();
    send(&case, "dist/to-fix.xlsx", "fixes/jo.xlsx", |row, header| {
        set(row, header, "city", "Knysna");
        set(row, header, "reason", "");
    });
    case.build().ok();
    let first = case.text("dist/out.csv");
    assert_eq!(first.lines().count(), 5);
    // The next delivery has another name and a row above; one of the rows was corrected where it comes from.
    let next = REGISTER.replace("Aero School", "New School,n@new.example,Paarl\nAero School");
    let next = next.replace("info@red.example\n", "info@red.example,Paarl\n");
    case.write("data/register-2.csv", next);
    let report = case.build().ok();
    assert!(report.summary().set_aside.is_empty(), "{}", report.problems);
    let out = case.text("dist/out.csv");
    assert_eq!(out.lines().count(), 6, "{out}");
    assert_eq!(out.matches("Red School,info@red.example,Paarl").count(), 1);
    assert_eq!(out.matches("Blue School,info@blue.example,Knysna").count(), 1);
}

#[test]
fn a_file_that_was_not_written_for_it_is_told() {
    let case = case();
    case.build().ok();
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    for (column, name) in ["name", "email"].into_iter().enumerate() {
        page.write(0, column as u16, name).expect("a cell");
        page.write(1, column as u16, "x").expect("a cell");
    }
    case.write("fixes/other.xlsx", book.save_to_buffer().expect("a workbook"));
    let report = case.build();
    assert_eq!(report.status, Status::Refused);
    assert!(report.problems.contains("`fixed` has no column `_original`"), "{}", report.problems);
    case.remove("fixes/other.xlsx");
    case.replace("hotpass.toml", "corrects = \"register\"", "corrects = \"registre\"");
    assert!(case.problems().contains("did you mean `register`?"), "{}", case.problems());
}

/// Saves a book with this sheet, where texts that are numbers are cells of numbers, and `#N/A` is an error.
fn book(case: &Case, path: &str, rows: &[&[&str]]) {
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    for (at, row) in rows.iter().enumerate() {
        for (column, text) in row.iter().enumerate().filter(|(_, it)| !it.is_empty()) {
            let (at, column) = (at as u32, column as u16);
            match (text.parse::<f64>(), *text) {
                (Ok(number), _) => page.write(at, column, number).expect("a number"),
                (_, "#N/A") => {
                    page.write_formula(at, column, Formula::new("=NA()").set_result("#N/A")).expect("an error")
                }
                (_, text) => page.write(at, column, text).expect("a text"),
            };
        }
    }
    case.write(path, book.save_to_buffer().expect("a workbook"));
}

const CELLS: &str = r#"
[pipeline]
name = "p"

[source.s]
path = "s.xlsx"
header = 1

[source.fixed]
path = "fixes/*.xlsx"
corrects = "s"

[step.flagged]
kind = "derive"
from = "s"
columns = { failed = "is_error(stop)" }

[step.clean]
kind = "normalise"
from = "flagged"
columns = { amount = "decimal(3)" }

[export]
out = { from = "clean", path = "dist/out.csv" }
again = { from = "s", rejected = true, path = "dist/again.xlsx" }
"#;

#[test]
fn cells_stay_what_they_were_in_a_table_that_is_corrected() {
    let case = Case::new(&[("hotpass.toml", CELLS)]);
    let rows: [&[&str]; 4] =
        [&["id", "amount", "stop"], &["a", "12,5", "yes"], &["b", "3.125", "#N/A"], &["c", "7,25"]];
    book(&case, "s.xlsx", &rows);
    case.build().ok();
    let out = "id,amount,stop,failed\na,12.500,yes,false\nb,3.125,,true\nc,7.250,,false\n";
    assert_eq!(case.text("dist/out.csv"), out);

    // A check sets the row aside; a person corrects another cell of it, and saves what was a number as a text.
    let check = "\n[[expect.flagged]]\ncolumn = \"id\"\nin = [\"a\", \"c\", \"d\"]\non_fail = \"reject\"\n";
    let step = CELLS
        .replace("corrects = \"s\"", "corrects = \"flagged\"")
        .replace("{ from = \"s\", rej", "{ from = \"flagged\", rej");
    case.write("hotpass.toml", format!("{step}{check}"));
    case.build().ok();
    assert!(!case.text("dist/out.csv").contains("3.125"));
    send(&case, "dist/again.xlsx", "fixes/jo.xlsx", |row, header| {
        assert_eq!(row[1], "3.125");
        set(row, header, "id", "d");
        set(row, header, "reason", "");
    });
    case.build().ok();
    let out = "id,amount,stop,failed\na,12.500,yes,false\nc,7.250,,false\nd,3.125,,true\n";
    assert_eq!(case.text("dist/out.csv"), out);
}

#[test]
fn a_record_has_an_error_where_no_row_of_it_has_a_value() {
    let pipeline = CELLS.replace("[source.fixed]\npath = \"fixes/*.xlsx\"\ncorrects = \"s\"\n", "");
    let merge = "[step.one]\nkind = \"merge\"\nfrom = \"s\"\nkey = \"id\"\n\n[step.flagged]\n";
    let pipeline = pipeline
        .replace("[step.flagged]\n", merge)
        .replace("from = \"s\"\ncolumns = { failed", "from = \"one\"\ncolumns = { failed");
    let pipeline = pipeline.replace("again = { from = \"s\", rejected = true, path = \"dist/again.xlsx\" }\n", "");
    let case = Case::new(&[("hotpass.toml", &pipeline)]);
    let rows: [&[&str]; 6] = [
        &["id", "amount", "stop"],
        &["a", "12,5"],
        &["a", "3.125", "#N/A"],
        &["b", "3.125", "#N/A"],
        &["b", "1,5", "yes"],
        &["c", "2,5"],
    ];
    book(&case, "s.xlsx", &rows);
    case.build().ok();
    let out = case.text("dist/out.csv");
    assert_eq!(out, "id,amount,stop,failed\na,12.500,,true\nb,3.125,yes,false\nc,2.500,,false\n");
}

#[test]
fn a_line_that_was_set_aside_is_as_personal_where_it_can_be_corrected() {
    let field = "\n[field.email]\nclass = \"personal\"\n";
    let case = case();
    let shown = || case.run(&["show", "p.register", "--rejected"]).all();
    for pipeline in [
        PIPELINE.replace("[source.fixed]\npath = \"fixes/*.xlsx\"\ncorrects = \"register\"\n", ""),
        PIPELINE.to_owned(),
    ] {
        case.write("hotpass.toml", pipeline + field);
        case.build().ok();
        let text = shown();
        assert!(text.contains("it has 4 fields"), "{text}");
        assert!(!text.contains("021 555 0101") && !text.contains("info@") && !text.contains("George"), "{text}");
    }
    // Nor does a file that was sent back show more than the rows did.
    send(&case, "dist/to-fix.xlsx", "fixes/jo.xlsx", |_, _| ());
    case.build().ok();
    let text = case.run(&["show", "p.fixed"]).all();
    assert!(text.contains("it has 4 fields") && !text.contains("021 555 0101") && !text.contains("info@"), "{text}");
}
