//! No name of a person meets one of ours: pipelines, steps and columns that are called as generated SQL calls things, as
//! the engine calls its catalogs, and as SQL calls its words.

use std::fmt::Write;

use crate::case::Case;
use crate::program::{Ran, command};

/// Names of columns: ours in statements, the engine's own, and words of SQL.
const COLUMNS: [&str; 40] = [
    "o",
    "r",
    "q",
    "n",
    "l",
    "i",
    "g",
    "e",
    "p",
    "w",
    "a",
    "b",
    "t",
    "v",
    "x",
    "d",
    "k0",
    "k1",
    "c0",
    "c1",
    "s0",
    "t1",
    "v0",
    "r0",
    "l0",
    "range",
    "nothing",
    "work0",
    "file_row_number",
    "filename",
    "rowid",
    "side",
    "what",
    "row",
    "marks",
    "held",
    "select",
    "order",
    "from",
    "differences",
];

/// Names of pipelines: catalogs and schemas of the engine, those of ours, and words of SQL.
const PIPELINES: [&str; 7] = ["w", "memory", "data", "select", "o", "warehouse", "work0"];

/// Every kind that makes rows, over a table with all these columns; the value of `o` falls while rows go on.
fn pipeline(name: &str) -> String {
    let mut text = format!(
        "[pipeline]\nname = '{name}'\n[source.range]\npath = 'data/rows.csv'\n\
         [step.w]\nkind = 'derive'\nfrom = 'range'\ncolumns.k2 = \"o || k0\"\n\
         [step.runs]\nkind = 'filter'\nfrom = 'w'\nwhere = \"o is not null\"\n\
         [step.work0]\nkind = 'sort'\nfrom = 'runs'\nby = ['q', 'r']\n\
         [step.o]\nkind = 'union'\nfrom = ['work0', 'runs']\n\
         [step.differences]\nkind = 'merge'\nfrom = 'o'\nkey = 'k0'\n\
         [step.t1]\nkind = 'sql'\nquery = 'select k0, o, q from o order by k0, q'\n\
         [step.memory]\nkind = 'join'\nfrom = 'differences'\nwith = 'work0'\non = ['k0']\nkeep = 'all'\n"
    );
    for table in ["range", "w", "runs", "work0", "o", "t1"] {
        for format in ["csv", "parquet", "xlsx"] {
            let _ =
                writeln!(text, "[export.{table}_{format}]\nfrom = '{table}'\npath = 'dist/{name}/{table}.{format}'");
        }
        let _ = writeln!(text, "[[expect.{table}]]\ncolumns = ['o', 'k0', 'q']\nnot_null = true\nseverity = 'warn'");
        let _ = writeln!(text, "[[expect.{table}]]\ncolumns = ['o', 'q']\nunique = true\nseverity = 'warn'");
    }
    text
}

fn rows() -> String {
    let mut text = COLUMNS.join(",") + "\n";
    for row in 0..300 {
        // `o` has ties and falls, so that who sorts by it is found out.
        let cells: Vec<String> = (0..COLUMNS.len())
            .map(|at| if at == 0 { (5 - row / 60).to_string() } else { format!("{row}-{at}") })
            .collect();
        text += &(cells.join(",") + "\n");
    }
    text
}

fn run(case: &Case, words: &[&str]) -> Ran {
    Ran::from(command(&case.asked.root, &[]).args(words).output().expect("it starts"))
}

fn case() -> Case {
    let mut files = vec![("hotpass.toml".to_owned(), String::new()), ("data/rows.csv".to_owned(), rows())];
    files.extend(PIPELINES.iter().map(|it| (format!("pipelines/{it}.toml"), pipeline(it))));
    // One more reads a table of each in a query.
    let mut reader = "[pipeline]\nname = 'reader'\n".to_owned();
    for name in PIPELINES {
        let _ =
            writeln!(reader, "[step.of_{name}]\nkind = 'sql'\nquery = 'select k0, o from \"{name}\".o order by k0'");
        let _ = writeln!(reader, "[export.{name}]\nfrom = 'of_{name}'\npath = 'dist/reader/{name}.csv'");
    }
    files.push(("pipelines/reader.toml".to_owned(), reader));
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    Case::new(&files)
}

#[test]
fn names_of_people_meet_none_of_ours() {
    let case = case();
    let ran = run(&case, &["build"]);
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    let csv = case.text("dist/w/range.csv");
    assert_eq!(csv, rows(), "the order of the file");
    let parquet = case.read("dist/w/range.parquet");
    for name in PIPELINES {
        assert_eq!(case.text(&format!("dist/{name}/range.csv")), csv, "{name}");
        assert!(case.read(&format!("dist/{name}/range.parquet")) == parquet, "{name}");
        let ran = run(&case, &["show", &format!("{name}.o")]);
        assert_eq!(ran.code, Some(0), "show {name}: {}", ran.all());
        let ran = run(&case, &["show", &format!("{name}.o"), "--column", "*"]);
        assert_eq!(ran.code, Some(0), "show {name}: {}", ran.all());
        let of = |name: &str| case.text(&format!("dist/reader/{name}.csv"));
        assert!(of(name) == of("w") && of("w").lines().count() > 300, "{name}");
        let ran = run(&case, &["query", &format!("select count(*) as n from \"{name}\".runs")]);
        assert!(ran.code == Some(0) && ran.all().contains("300"), "{name}: {}", ran.all());
    }
    assert_eq!(first_column(&case, "dist/w/range.parquet"), first_of_csv(&csv), "Parquet keeps the order");
    // Once more, with other threads and nothing made.
    let again = case.fresh();
    let ran = run(&again, &["build", "--jobs", "1"]);
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert!(case.artefacts() == again.artefacts(), "bytes are the same");
    // A build that makes something else brings the warehouse up to date.
    case.write("data/rows.csv", rows().replace("1-", "one-"));
    let ran = run(&case, &["build"]);
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    let ran = run(&case, &["diff", "w.range", "--by", "k0,q"]);
    assert!(matches!(ran.code, Some(0)), "{}", ran.all());
    let ran = run(&case, &["query", "select count(*) as n from w.range"]);
    assert!(ran.code == Some(0) && ran.all().contains("300"), "{}", ran.all());
}

fn first_of_csv(csv: &str) -> Vec<String> {
    csv.lines().skip(1).filter_map(|it| Some(it.split(',').next()?.to_owned())).collect()
}

fn first_column(case: &Case, path: &str) -> Vec<String> {
    let connection = duckdb::Connection::open_in_memory().expect("an engine");
    let text = format!("SELECT o FROM read_parquet('{}')", case.path(path).display());
    let mut prepared = connection.prepare(&text).expect("prepared");
    let rows = prepared.query_map([], |row| row.get(0)).expect("rows");
    rows.map(|it| it.expect("a value")).collect()
}
