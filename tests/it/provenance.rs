//! What an export tells about a table: the cells that its values come from, and those that said otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use calamine::{Data, Reader, Xlsx, open_workbook};

use crate::case::Case;

type Row = BTreeMap<String, String>;

/// The rows of a CSV artefact; empty cells left out.
fn rows(case: &Case, path: &str) -> Vec<Row> {
    let mut records = records(&case.text(path)).into_iter();
    let heads = records.next().expect("a header");
    let row = |record: Vec<String>| heads.iter().cloned().zip(record).filter(|(_, it)| !it.is_empty()).collect();
    records.map(row).collect()
}

fn records(text: &str) -> Vec<Vec<String>> {
    let (mut acc, mut record, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(it) = chars.next() {
        match it {
            '"' if quoted && chars.peek() == Some(&'"') => field.extend(chars.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut field)),
            '\n' if !quoted => {
                record.push(std::mem::take(&mut field));
                acc.push(std::mem::take(&mut record));
            }
            '\r' if !quoted => (),
            _ => field.push(it),
        }
    }
    acc
}

fn get<'a>(row: &'a Row, column: &str) -> &'a str {
    row.get(column).map_or("", String::as_str)
}

/// The sample as shipped, built.
fn sample() -> Case {
    let case = crate::sample::workspace(&Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/sample"));
    case.build().ok();
    case
}

/// `C12` as row and column from 0.
fn position(cell: &str) -> (u32, u32) {
    let digits = cell.find(|it: char| it.is_ascii_digit()).expect("a row");
    let column = cell[..digits].bytes().fold(0, |acc, it| acc * 26 + u32::from(it - b'A') + 1);
    (cell[digits..].parse::<u32>().expect("a row") - 1, column - 1)
}

#[test]
fn every_published_value_of_the_sample_has_a_chain_that_ends_in_a_cell_that_is_there() {
    let case = sample();
    let published = rows(&case, "dist/contacts.csv");
    let mut told: BTreeMap<(String, String), Vec<Row>> = BTreeMap::new();
    for row in rows(&case, "dist/provenance.csv") {
        told.entry((row["key"].clone(), row["column"].clone())).or_default().push(row);
    }
    let mut values = 0;
    // What was joined to records may repeat them, so these rows go by number.
    for (at, record) in published.iter().enumerate() {
        for column in record.keys() {
            let key = ((at + 1).to_string(), column.clone());
            assert!(told.remove(&key).is_some_and(|it| !it.is_empty()), "`{column}` of `{}` comes from nowhere", key.0);
            values += 1;
        }
    }
    assert!(values > 3000, "{values} values are published");
    assert!(told.is_empty(), "of what is not published nothing is told: {:?}", told.keys().next());

    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/modules/organisations.toml");
    let own: toml::Table = case.text("hotpass.toml").parse().expect("TOML");
    let used: toml::Table = std::fs::read_to_string(root).expect("text").parse().expect("TOML");
    let mut books: BTreeMap<String, Xlsx<_>> = BTreeMap::new();
    let mut sheets = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for row in rows(&case, "dist/provenance.csv") {
        let (file, header) = (get(&row, "file").to_owned(), get(&row, "header"));
        if get(&row, "source").is_empty() {
            let toml = match file.as_str() {
                "hotpass.toml" => &own,
                "<shipped>/modules/organisations.toml" => &used,
                other => panic!("`{other}` is not a pipeline"),
            };
            if get(&row, "rule") == "query" {
                // What a query says of whom not to contact: a chain ends at its text.
                let step = header.split('.').nth(1).expect("a step");
                assert!(toml["step"].get(step).is_some_and(|it| it.get("query").is_some()), "{row:?}");
                continue;
            }
            assert_eq!(get(&row, "rule"), "constant");
            let mut keys = header.split('.');
            let step = toml["step"].get(keys.nth(1).expect("a step")).expect("it is declared");
            let path: Vec<&str> = keys.collect();
            assert!(path.iter().try_fold(step, |it, key| it.get(key)).is_some(), "`{header}` is not declared");
            continue;
        }
        let (sheet, cell) = (get(&row, "sheet").to_owned(), get(&row, "cell").to_owned());
        assert!(!file.is_empty(), "{row:?}");
        if !file.ends_with(".xlsx") {
            // What people keep themselves: the number of the line is told.
            let line = cell.trim_start_matches(|it: char| it.is_ascii_alphabetic()).parse::<usize>().expect("a line");
            assert!(case.text(&file).lines().nth(line - 1).is_some_and(|it| it.len() > 2), "{row:?} is no line");
            continue;
        }
        if !seen.insert((file.clone(), sheet.clone(), cell.clone())) {
            continue;
        }
        let book = books.entry(file.clone()).or_insert_with(|| open_workbook(case.path(&file)).expect("a workbook"));
        let range =
            sheets.entry((file, sheet.clone())).or_insert_with(|| book.worksheet_range(&sheet).expect("a sheet"));
        let value = range.get_value(position(&cell));
        let filled = value.is_some_and(|it| !matches!(it, Data::Empty) && !it.to_string().trim().is_empty());
        assert!(filled, "{row:?} is an empty cell");
    }
    assert!(seen.len() > 1000, "{} cells gave values", seen.len());
}

#[test]
fn what_is_told_of_personal_data_are_references() {
    let case = sample();
    let mut personal: BTreeSet<String> = BTreeSet::new();
    for record in rows(&case, "dist/contacts.csv") {
        for column in ["contact_primary_name", "contact_primary_email", "contact_primary_phone"] {
            personal.extend(record.get(column).cloned());
        }
    }
    assert!(personal.len() > 100);
    for path in ["dist/provenance.csv", "dist/conflicts.csv"] {
        let cells: BTreeSet<String> = rows(&case, path).into_iter().flat_map(Row::into_values).collect();
        assert_eq!(personal.intersection(&cells).next(), None, "{path}");
    }
}

const PIPELINE: &str = r#"
[pipeline]
name = "crm"

[normal]
placeholders = ["tbc"]
date_order = "day_first"
[field.key]
[field.town]
value = "line"
[field.phone]
value = "line"
class = "personal"
[field.email]
value = "line"
class = "personal"
[field.seen]
value = "date"
[field.notes]
value = "line"

[source.list]
path = "data/list.csv"
priority = 2
[source.calls]
path = "data/calls.csv"
priority = 1

[step.listed]
kind = "map"
from = "list"
set.country = "NL"
[step.called]
kind = "map"
from = "calls"
[step.rows]
kind = "union"
from = ["listed", "called"]
[step.clean]
kind = "normalise"
from = "rows"
[step.merged]
kind = "merge"
from = "clean"
key = "key"
together = [["email"]]
[step.merged.fields]
seen = { take = "latest" }
notes = { take = "all" }
[step.organisations]
kind = "derive"
from = "merged"
rename.key = "id"
columns.label = "coalesce(town, notes, 'nowhere')"
drop = ["email"]

[export.organisations]
from = "organisations"
path = "dist/organisations.csv"
[export.provenance]
from = "organisations"
about = "provenance"
path = "dist/provenance.csv"
[export.conflicts]
from = "organisations"
about = "conflicts"
path = "dist/conflicts.csv"
"#;

const LIST: &str = "key,town,phone,email,seen,notes\nx,Delft,12,a@one.example,1/2/2020,old\ny,TBC,34,,,\nz,,,,,\n";
const CALLS: &str =
    "key,town,phone,email,seen,notes\nx, Delft ,12,b@one.example,3/2/2020,new\nx,Leiden,99,,,\ny,Gouda,,,,\n";

fn small() -> Case {
    let case = Case::new(&[("hotpass.toml", PIPELINE), ("data/list.csv", LIST), ("data/calls.csv", CALLS)]);
    case.build().ok();
    case
}

#[test]
fn each_cell_that_gave_a_value_is_told() {
    insta::assert_snapshot!(small().text("dist/provenance.csv"), @r#"
    key,column,source,file,sheet,cell,header,rule,others
    x,id,list,data/list.csv,,2,key,name `key`,
    x,town,list,data/list.csv,,2,town,name `town`,2
    x,phone,list,data/list.csv,,2,phone,name `phone`,2
    x,seen,calls,data/calls.csv,,2,seen,name `seen`,1
    x,notes,list,data/list.csv,,2,notes,name `notes`,
    x,notes,calls,data/calls.csv,,2,notes,name `notes`,
    x,country,,hotpass.toml,,,step.listed.set.country,constant,0
    x,label,list,data/list.csv,,2,town,name `town`,2
    y,id,list,data/list.csv,,3,key,name `key`,
    y,town,calls,data/calls.csv,,4,town,name `town`,0
    y,phone,list,data/list.csv,,3,phone,name `phone`,0
    y,country,,hotpass.toml,,,step.listed.set.country,constant,0
    y,label,calls,data/calls.csv,,4,town,name `town`,0
    z,id,list,data/list.csv,,4,key,name `key`,
    z,country,,hotpass.toml,,,step.listed.set.country,constant,0
    z,label,,hotpass.toml,,,step.organisations.columns.label,constant,
    "#);
}

#[test]
fn only_cells_that_disagree_are_conflicts() {
    // `TBC` is not a value, `12` and ` Delft ` say the same, notes are joined, and e-mail addresses are those of two people.
    insta::assert_snapshot!(small().text("dist/conflicts.csv"), @r#"
    key,column,class,take,source,cell,value,other_source,other_cell,other_value
    x,seen,open,latest,calls,data/calls.csv:2,2020-02-03,list,data/list.csv:2,2020-02-01
    x,phone,personal,first,list,data/list.csv:2,,calls,data/calls.csv:3,
    x,town,open,first,list,data/list.csv:2,Delft,calls,data/calls.csv:3,Leiden
    "#);
}

#[test]
fn a_corrected_value_is_told_as_before() {
    let case = small();
    case.replace("data/calls.csv", "Gouda", "Breda");
    assert_eq!(case.build().ok().written(), "dist/organisations.csv");
    case.replace("data/list.csv", "TBC", "Breda");
    assert_eq!(case.build().ok().written(), "dist/provenance.csv");
    assert_eq!(case.build().ok().ran(), "nothing");
    let fresh = case.fresh();
    fresh.build().ok();
    assert!(case.artefacts() == fresh.artefacts(), "incremental equals from scratch");
}

#[test]
fn nothing_is_made_for_provenance_that_nobody_asked_for() {
    let case = small();
    let plan = |case: &Case| case.open().plan().tables.len();
    let all = plan(&case);
    let (before, _) = PIPELINE.split_once("[export.provenance]").expect("it is there");
    case.write("hotpass.toml", before);
    assert_eq!(plan(&case) + 2 + 8, all, "two tables are told, and eight have companions");
}

#[test]
fn tables_without_a_key_go_by_number_and_queries_end_a_chain() {
    let case = Case::new(&[
        (
            "hotpass.toml",
            r#"
[pipeline]
name = "p"
[source.rows]
path = "data/*.csv"
select = "all"
[step.counted]
kind = "sql"
query = "select a, count(*) as n from rows group by a order by a"
[step.joined]
kind = "join"
from = "rows"
with = "counted"
on = "a"
[export.provenance]
from = "joined"
about = "provenance"
path = "dist/provenance.csv"
"#,
        ),
        ("data/one.csv", "a,b\nx,1\n"),
        ("data/two.csv", "a,b\nx,\ny,2\n"),
    ]);
    case.build().ok();
    insta::assert_snapshot!(case.text("dist/provenance.csv"), @r#"
    key,column,source,file,sheet,cell,header,rule,others
    1,a,rows,data/one.csv,,2,a,,
    1,b,rows,data/one.csv,,2,b,,
    1,n,,hotpass.toml,,,step.counted,query,
    2,a,rows,data/two.csv,,2,a,,
    2,n,,hotpass.toml,,,step.counted,query,
    3,a,rows,data/two.csv,,3,a,,
    3,b,rows,data/two.csv,,3,b,,
    3,n,,hotpass.toml,,,step.counted,query,
    "#);
}

/// The number of a place, and a count of nothing, are values too.
#[test]
fn what_is_counted_is_told_also_where_no_cell_gave_it() {
    let pipeline = r#"
[pipeline]
name = "p"
[source.rows]
path = "data/rows.csv"
header = 1
delimiter = ","
[step.parts]
kind = "explode"
from = "rows"
columns = ["tags"]
number = "no"
[step.long]
kind = "unpivot"
from = "rows"
columns.v = ["c", "d"]
number = "no"
[step.groups]
kind = "aggregate"
from = "rows"
by = ["k"]
[step.groups.columns]
rows = "count(*)"
filled = "count(d)"
[step.whole]
kind = "aggregate"
from = "rows"
columns.rows = "count(*)"
[step.records]
kind = "merge"
from = "rows"
key = "tags"
fields.d = { take = "count" }
[[gate]]
id = "traced"
provenance = ["parts", "long", "groups", "whole", "records"]
"#;
    let tables = ["parts", "long", "groups", "whole", "records"];
    let exports = tables.map(|it| {
        format!(
            "[export.{it}]\nfrom = \"{it}\"\npath = \"dist/{it}.csv\"\n\
             [export.{it}_told]\nfrom = \"{it}\"\nabout = \"provenance\"\npath = \"dist/{it}-told.csv\"\n"
        )
    });
    let pipeline = format!("{pipeline}{}", exports.concat());
    let case = Case::new(&[("hotpass.toml", pipeline.as_str()), ("data/rows.csv", "k,tags,c,d\na,p;q,1,2\n,r,3,\n")]);
    case.build().ok();
    let mut values = Vec::new();
    for table in tables {
        let told: BTreeSet<(String, String)> = rows(&case, &format!("dist/{table}-told.csv"))
            .into_iter()
            .map(|it| (it["key"].clone(), it["column"].clone()))
            .collect();
        let published = rows(&case, &format!("dist/{table}.csv"));
        for (at, record) in published.iter().enumerate() {
            let key = if table == "records" { record["tags"].clone() } else { (at + 1).to_string() };
            for column in record.keys() {
                assert!(told.contains(&(key.clone(), column.clone())), "{table} {key} {column}: {told:?}");
            }
        }
        values.push(told.len());
    }
    assert_eq!(values, [13, 11, 5, 1, 7]);
    insta::assert_snapshot!(case.text("dist/groups-told.csv"), @r"
    key,column,source,file,sheet,cell,header,rule,others
    1,k,rows,data/rows.csv,,2,k,,
    1,rows,rows,data/rows.csv,,2,k,,
    1,filled,rows,data/rows.csv,,2,d,,
    2,rows,,hotpass.toml,,,step.groups,constant,
    2,filled,,hotpass.toml,,,step.groups,constant,
    ");
}

/// Rows of files beside rows that have none, files that people corrected, and columns that have another name in the file.
#[test]
fn whatever_a_source_is_its_cells_are_told() {
    let pipeline = r#"
[pipeline]
name = "p"
[source.rows]
path = "data/rows.csv"
[source.fixed]
corrects = "rows"
path = "fixes/*.csv"
[source.sheet]
path = "data/sheet.xlsx"
[export.to_fix]
from = "rows"
rejected = true
path = "dist/to-fix.csv"
[step.counted]
kind = "sql"
query = "select id, n from sheet where id = 'z'"
[step.all]
kind = "union"
from = ["counted", "rows", "sheet"]
[step.records]
kind = "merge"
from = "all"
key = "id"
[export.all]
from = "all"
about = "provenance"
path = "dist/all.csv"
[export.records]
from = "records"
about = "provenance"
path = "dist/records.csv"
"#;
    let case = Case::new(&[("hotpass.toml", pipeline), ("data/rows.csv", "id,n\na,1\nb,2,more\nz,3\n")]);
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in [["id", "_own", "n"], ["c", "it", "4"], ["z", "is", "5"]].iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            sheet.write_string(row as u32, column as u16, *cell).expect("a cell");
        }
    }
    case.write("data/sheet.xlsx", book.save_to_buffer().expect("a workbook"));
    case.build().ok();
    let sent = case.text("dist/to-fix.csv").lines().map(|it| format!("{it}\n")).collect::<String>();
    let heads: Vec<String> = records(&sent)[0].clone();
    let mut row = records(&sent)[1].clone();
    row[heads.iter().position(|it| it == "reason").expect("reasons")] = String::new();
    case.write("fixes/one.csv", format!("{}\n{}\n", heads.join(","), row.join(",")));
    case.build().ok();
    insta::assert_snapshot!(case.text("dist/all.csv"), @r"
    key,column,source,file,sheet,cell,header,rule,others
    1,id,,hotpass.toml,,,step.counted,query,
    1,n,,hotpass.toml,,,step.counted,query,
    2,id,rows,data/rows.csv,,2,id,,
    2,n,rows,data/rows.csv,,2,n,,
    3,id,rows,data/rows.csv,,4,id,,
    3,n,rows,data/rows.csv,,4,n,,
    4,id,fixed,fixes/one.csv,,2,id,,0
    4,n,fixed,fixes/one.csv,,2,n,,0
    5,id,sheet,data/sheet.xlsx,Sheet1,A2,id,,
    5,n,sheet,data/sheet.xlsx,Sheet1,C2,n,,
    5,column_own,sheet,data/sheet.xlsx,Sheet1,B2,_own,,
    6,id,sheet,data/sheet.xlsx,Sheet1,A3,id,,
    6,n,sheet,data/sheet.xlsx,Sheet1,C3,n,,
    6,column_own,sheet,data/sheet.xlsx,Sheet1,B3,_own,,
    ");
    insta::assert_snapshot!(case.text("dist/records.csv"), @r"
    key,column,source,file,sheet,cell,header,rule,others
    a,id,rows,data/rows.csv,,2,id,,
    a,n,rows,data/rows.csv,,2,n,,0
    b,id,fixed,fixes/one.csv,,2,id,,0
    b,n,fixed,fixes/one.csv,,2,n,,0
    c,id,sheet,data/sheet.xlsx,Sheet1,A2,id,,
    c,n,sheet,data/sheet.xlsx,Sheet1,C2,n,,0
    c,column_own,sheet,data/sheet.xlsx,Sheet1,B2,_own,,0
    z,id,,hotpass.toml,,,step.counted,query,
    z,n,,hotpass.toml,,,step.counted,query,2
    z,column_own,sheet,data/sheet.xlsx,Sheet1,B3,_own,,0
    ");
    let told = case.prints(&["explain", "sheet.column_own"]);
    assert!(told.contains("data/sheet.xlsx#Sheet1!B"), "{told}");
    let fresh = case.fresh();
    fresh.build().ok();
    assert!(case.artefacts() == fresh.artefacts(), "incremental equals from scratch");
}
