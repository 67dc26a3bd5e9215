//! What reads an input from outside, each as one function over bytes. It may refuse them in any way; it may not panic.

use std::cell::RefCell;
use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use hotpass::expr::parse;
use hotpass::model::Column;
use hotpass::readers::json;
use hotpass::readers::{self, Format, Header, Request};
use hotpass::store::Paths;
use hotpass::store::engine::DuckDb;
use hotpass::store::journal::Journal;
use hotpass::workspace::session::{Asked, Session};
use tempfile::TempDir;

use super::change::{Lot, changed};

/// Makes another input of seeds, with words that may be put in.
type Change = fn(&mut Lot, &[Vec<u8>], &[&str]) -> Vec<u8>;

/// One reader.
pub struct Target {
    /// Its name.
    pub name: &'static str,
    /// Inputs as they come.
    seeds: fn(&Place) -> Vec<Vec<u8>>,
    /// What changes put in.
    words: &'static [&'static str],
    /// Another input.
    change: Change,
    /// Reads it.
    pub run: fn(&Place, &[u8]),
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "plan", seeds: tomls, words: KEYS, change: changed, run: plan },
    Target { name: "expression", seeds: expressions, words: OPERATORS, change: changed, run: expression },
    Target { name: "query", seeds: queries, words: OPERATORS, change: changed, run: query },
    Target { name: "csv", seeds: texts, words: &[], change: changed, run: csv },
    Target { name: "json", seeds: jsons, words: &["null", "true", "1e5", "\\u0000"], change: changed, run: json },
    Target { name: "xlsx", seeds: books, words: MARKS, change: parts, run: xlsx },
    Target { name: "ods", seeds: sheets, words: MARKS, change: parts, run: ods },
    Target { name: "journal", seeds: journals, words: &[], change: changed, run: journal },
];

const KEYS: &[&str] = &[
    "kind = ",
    "from = ",
    "'derive'",
    "'merge'",
    "'sql'",
    "'aggregate'",
    "'pivot'",
    "'resolve'",
    "'union'",
    "[step.a]",
    "[source.a]",
    "[export.a]",
    "[[expect.a]]",
    "[[gate]]",
    "[contract.a]",
    "true",
    "[]",
    "{}",
    "path = 'a.csv'",
    "columns = ",
    "query = ",
    "'$since'",
    "where = ",
    "take = ",
    "1979-05-27",
];
const OPERATORS: &[&str] = &[
    " and ",
    " or ",
    " not ",
    " between ",
    " in ",
    " like ",
    " is null",
    "case when ",
    " then ",
    " end",
    " || ",
    " + ",
    " :: ",
    "coalesce(",
    "lower(",
    "count(*)",
    " over (",
    " filter (",
    "select ",
    " from a ",
    "date '2024-01-01'",
    "$p",
    " union all ",
    "with a as (",
    " limit 1",
    "unnest(",
    "[1]",
    " -> ",
];
const MARKS: &[&str] = &[
    "<c r=\"A1\" t=\"s\">",
    "<v>",
    "</v>",
    "</c>",
    "<row r=\"1048577\">",
    "r=\"XFE1\"",
    "s=\"99999\"",
    "t=\"d\"",
    "&amp;",
    "<is><t>",
    "<mergeCell ref=\"A1:XFD1048576\"/>",
    "table:number-columns-repeated=\"16384\"",
    "<!--",
    "office:value-type=\"date\"",
    "xml:space=\"preserve\"",
];

impl Target {
    /// The inputs as they come.
    pub fn seeds(&self, place: &Place) -> Vec<Vec<u8>> {
        let seeds = (self.seeds)(place);
        assert!(!seeds.is_empty(), "{} has no seed", self.name);
        seeds
    }

    /// Another input.
    pub fn input(&self, lot: &mut Lot, seeds: &[Vec<u8>]) -> Vec<u8> {
        (self.change)(lot, seeds, self.words)
    }
}

/// A folder to work in.
pub struct Place {
    folder: TempDir,
    program: PathBuf,
    asking: RefCell<Option<Session>>,
}

impl Place {
    /// Works with this program.
    pub fn new(program: &str) -> Place {
        Place {
            folder: tempfile::tempdir().expect("a folder"),
            program: PathBuf::from(program),
            asking: RefCell::default(),
        }
    }

    fn root(&self) -> PathBuf {
        self.folder.path().canonicalize().expect("a path")
    }

    fn asked(&self) -> Asked {
        Asked { root: self.root(), jobs: 1, reader: Some(self.program.clone()), ..Asked::default() }
    }

    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.root().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, bytes).expect("written");
        path
    }
}

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The fenced parts of a kind in the reference.
fn fenced(kind: &str) -> Vec<Vec<u8>> {
    let pages = ["steps", "pipeline", "expectations", "gates", "contracts", "expressions"];
    let fence = format!("```{kind}\n");
    let mut acc = Vec::new();
    for page in pages {
        let text = fs::read_to_string(repository(&format!("docs/reference/{page}.md"))).expect("a page");
        acc.extend(text.split(&fence).skip(1).filter_map(|it| Some(it.split_once("```")?.0.as_bytes().to_vec())));
    }
    acc
}

/// What makes a file a pipeline.
const HEAD: &str = "[pipeline]\nname = 'p'\n";

fn tomls(_: &Place) -> Vec<Vec<u8>> {
    let headed = |it: Vec<u8>| if it.starts_with(b"[pipeline]") { it } else { [HEAD.as_bytes(), &it].concat() };
    let mut acc: Vec<Vec<u8>> = fenced("toml").into_iter().map(headed).collect();
    let sample = fs::read(repository("pipelines/sample/hotpass.toml")).expect("the sample");
    acc.push(sample);
    acc
}

fn plan(place: &Place, input: &[u8]) {
    place.put("hotpass.toml", input);
    place.put("a.csv", b"a,b\n1,x\n2,y\n");
    let session = Session::open(&place.asked(), None, false).expect("a session");
    let _ = (session.plan(), session.problems());
}

fn expressions(_: &Place) -> Vec<Vec<u8>> {
    let text = fs::read_to_string(repository("docs/reference/expressions.md")).expect("a page");
    let written = text.split('`').skip(1).step_by(2).filter(|it| !it.contains('\n') && !it.is_empty());
    written.map(|it| it.as_bytes().to_vec()).collect()
}

fn expression(place: &Place, input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let _ = (parse::parse(&text), parse::parse_aggregated(&text));
    let toml = toml::Value::String(text.into_owned()).to_string();
    let head = "[source.a]\npath = 'a.csv'\n[step.s]\nkind = 'derive'\nfrom = 'a'\n[step.s.columns]\nc = ";
    plan(place, format!("{HEAD}{head}{toml}\n").as_bytes());
}

fn queries(_: &Place) -> Vec<Vec<u8>> {
    let own = [
        "select a, count(*) as n from a group by a order by n desc, a",
        "with t as (select *, row_number() over (order by a) as r from a) select a, b from t where r <= 2 order by r",
        "select x.a, y.b from a x left join a y on x.a = y.b and x.b like '%y' order by all",
        "select case when a > 1 then lower(b) else coalesce(b, 'none') end as c from a union all select 'x' order by 1",
        "select unnest(string_split(b, ',')) as part, strptime(a, '%Y')::date as d from a order by part, d",
    ];
    own.iter().map(|it| it.as_bytes().to_vec()).collect()
}

fn query(place: &Place, input: &[u8]) {
    let text = toml::Value::String(String::from_utf8_lossy(input).into_owned()).to_string();
    let toml = format!("{HEAD}[source.a]\npath = 'a.csv'\n[step.s]\nkind = 'sql'\nfrom = ['a']\nquery = {text}\n");
    place.put("hotpass.toml", toml.as_bytes());
    place.put("a.csv", b"a,b\n1,x\n2,y\n");
    let mut asking = place.asking.borrow_mut();
    let session = asking.get_or_insert_with(|| Session::open(&place.asked(), Some(&DuckDb), false).expect("a session"));
    session.db.refresh();
    let _ = (session.plan(), session.problems());
}

/// Reads a table as it would be read with nothing declared, and with its header in the first row.
fn table(place: &Place, name: &str, format: Format, input: &[u8]) {
    let path = place.put(name, input);
    for header in [Header::Detect, Header::Row(1), Header::Absent] {
        let mut request = Request::new(path.clone(), name, format);
        request.options.header = header;
        let _ = readers::read(&request, &mut |_| Ok(()), &mut |_| Ok(()));
    }
}

fn texts(_: &Place) -> Vec<Vec<u8>> {
    let own: [&[u8]; 6] = [
        b"name,town,n\nMill,Durban,1\n\"Quay, Ltd\",\"a\"\"b\nc\",2.5\n",
        b"\xef\xbb\xbfname;town\r\nM\xc3\xbcller;K\xc3\xb6ln\r\n;;\r\n",
        b"\xff\xfea\0,\0b\0\n\0\x31\0,\0\x32\0\n\0",
        b"Report of May\n\nname\ttown\tdate\nMill\tDurban\t2024-05-01\nTotal\t\t2\n",
        b"na\xefve,caf\xe9\n\x93x\x94,1\n",
        b"a,b,c\n1,2\n1,2,3,4\n\n\"open,\n",
    ];
    own.iter().map(|it| it.to_vec()).collect()
}

fn csv(place: &Place, input: &[u8]) {
    table(place, "in.csv", Format::CSV, input);
}

fn jsons(_: &Place) -> Vec<Vec<u8>> {
    let own = [
        "[{\"a\": 1, \"b\": {\"c\": [1, 2, \"x\"]}}, {\"a\": null, \"d\": 1.50e-3}]",
        "{\"a\": \"\\u00e9\\ud83d\\ude00\"}\n{\"a\": true, \"b\": [[]]}\n",
        "[1, \"x\", 12345678901234567890, -0.0]",
        "{\"rows\": [{\"a\": {}}]}",
    ];
    own.iter().map(|it| it.as_bytes().to_vec()).collect()
}

fn json(_: &Place, input: &[u8]) {
    let Ok(shape) = json::shape(Cursor::new(input), "in.json") else { return };
    let schema = shape.columns.iter().map(|it| Column::new(it.name.as_str(), it.kinds.ty())).collect();
    let _ = json::read(Cursor::new(input), "in.json", &shape, &schema, &mut |_| Ok(()));
}

/// A workbook of few rows, with what cells may be.
fn books(_: &Place) -> Vec<Vec<u8>> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let date = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
    for (column, name) in ["name", "day", "n", "ok"].iter().enumerate() {
        sheet.write(0, column as u16, *name).expect("written");
    }
    for row in 1..4_u32 {
        sheet.write(row, 0, format!("name & {row}")).expect("written");
        sheet.write_with_format(row, 1, 45_000.5 + f64::from(row), &date).expect("written");
        sheet.write(row, 2, f64::from(row) / 3.0).expect("written");
        sheet.write(row, 3, row % 2 == 0).expect("written");
    }
    sheet.write_formula(4, 2, rust_xlsxwriter::Formula::new("=SUM(C2:C4)").set_result("2")).expect("written");
    sheet.merge_range(5, 0, 5, 3, "a note", &rust_xlsxwriter::Format::new()).expect("written");
    vec![book.save_to_buffer().expect("a book")]
}

/// A workbook of few rows, in the other format.
fn sheets(_: &Place) -> Vec<Vec<u8>> {
    let content = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document-content \
xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" \
xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"><office:body><office:spreadsheet>\
<table:table table:name=\"S\"><table:table-row><table:table-cell office:value-type=\"string\"><text:p>name</text:p>\
</table:table-cell><table:table-cell office:value-type=\"string\"><text:p>day</text:p></table:table-cell>\
</table:table-row><table:table-row table:number-rows-repeated=\"2\"><table:table-cell office:value-type=\"string\">\
<text:p>Mill<text:s text:c=\"2\"/>x</text:p></table:table-cell><table:table-cell office:value-type=\"date\" \
office:date-value=\"2024-05-01T10:00:00\"><text:p>1 May</text:p></table:table-cell></table:table-row>\
<table:table-row table:number-rows-repeated=\"1048000\"><table:table-cell table:number-columns-repeated=\"1024\"/>\
</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>";
    let kind = "application/vnd.oasis.opendocument.spreadsheet";
    vec![packed(&[("mimetype".to_owned(), kind.into()), ("content.xml".to_owned(), content.into())])]
}

fn packed(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in parts {
        zip.start_file(name.as_str(), options).expect("a part");
        zip.write_all(bytes).expect("written");
    }
    zip.finish().expect("written").into_inner()
}

/// Changes a part of a workbook, and now and then the file as it is.
fn parts(lot: &mut Lot, seeds: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
    if lot.below(8) == 0 {
        return changed(lot, seeds, words);
    }
    let mut zip = zip::ZipArchive::new(Cursor::new(lot.of(seeds))).expect("a book");
    let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
    for at in 0..zip.len() {
        let mut part = zip.by_index(at).expect("a part");
        let (name, mut bytes) = (part.name().expect("a name").into_owned(), Vec::new());
        part.read_to_end(&mut bytes).expect("a part");
        parts.push((name, bytes));
    }
    // Most of what can be read stands in the sheet.
    let rows = parts.iter().position(|(name, _)| name.contains("sheet1") || name == "content.xml");
    let at = rows.filter(|_| lot.below(2) == 0).unwrap_or_else(|| lot.below(parts.len()));
    parts[at].1 = changed(lot, &[parts[at].1.clone()], words);
    packed(&parts)
}

fn xlsx(place: &Place, input: &[u8]) {
    table(place, "in.xlsx", Format::XLSX, input);
}

fn ods(place: &Place, input: &[u8]) {
    table(place, "in.ods", Format::ODS, input);
}

/// What a small build remembers.
fn journals(place: &Place) -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().expect("a folder");
    let toml = "[pipeline]\nname = 'p'\n[source.a]\npath = 'a.csv'\n[step.s]\nkind = 'filter'\nfrom = 'a'\nwhere = \"b = 'x'\"\n\
[export.o]\nfrom = 's'\npath = 'dist/o.csv'\n";
    fs::write(folder.path().join("hotpass.toml"), toml).expect("written");
    fs::write(folder.path().join("a.csv"), "a,b\n1,x\n2,y\n").expect("written");
    let built = Command::new(&place.program).arg("-C").arg(folder.path()).arg("build").output().expect("it starts");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    vec![fs::read(Paths::new(folder.path(), None).journal()).expect("a journal")]
}

fn journal(place: &Place, input: &[u8]) {
    let paths = Paths::new(&place.root(), None);
    paths.create().expect("a store");
    fs::write(paths.journal(), input).expect("written");
    if let Ok(journal) = Journal::open(&paths.journal()) {
        let _ = journal.forget_lost(&paths);
    }
    fs::remove_file(paths.journal()).expect("it is there");
}
