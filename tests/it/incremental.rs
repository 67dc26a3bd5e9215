//! One change, one sentence, what ran.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook};

use hotpass::summary::Status;

use crate::case::{self, Case, Report};

pub const PIPELINE: &str = r#"
[pipeline]
name = "crm"
profile = "local"

[source.schools]
path = "data/schools.csv"
priority = 1

[source.clients]
path = "data/clients.csv"
priority = 2

[step.from_schools]
kind = "map"
from = "schools"

[step.from_clients]
kind = "map"
from = "clients"

[step.orgs]
kind = "merge"
from = ["from_schools", "from_clients"]
key = "slug"

[step.scored]
kind = "derive"
from = "orgs"

[step.scored.columns]
has_site = "site is not null"
loud = "upper(notes)"

[[expect.scored]]
column = "slug"
not_null = true
unique = true

[[expect.scored]]
column = "notes"
length = { max = 20 }
severity = "warn"

[export.rows]
from = "scored"
path = "dist/rows.csv"

[export.book]
from = "scored"
path = "dist/book.xlsx"

[export.columns]
from = "scored"
path = "dist/columns.parquet"
"#;

const PROFILE: &str = "
[field.slug]
[field.name]
synonyms = ['Organisation']
[field.site]
synonyms = ['Website']
[field.notes]
";

const SCHOOLS: &str = "slug,Organisation,Website,notes\n\
    a,Alpha,https://a.example,first\n\
    b,Beta,,second\n\
    d,Delta,https://d.example,\n";
const CLIENTS: &str = "slug,Organisation,Website,notes,Fax\na,Alpha Ltd,,,1\nc,Gamma,https://c.example,third,2\n";

const FILES: [(&str, &str); 4] = [
    ("hotpass.toml", PIPELINE),
    ("profiles/local.toml", PROFILE),
    ("data/schools.csv", SCHOOLS),
    ("data/clients.csv", CLIENTS),
];

fn built() -> Case {
    let case = Case::new(&FILES);
    case.build().ok();
    case
}

/// What a build says that nothing was done in.
fn check_idle(report: Report) {
    let report = report.ok();
    assert_eq!(
        (report.ran(), report.checked(), report.written()),
        ("nothing".into(), "nothing".into(), "nothing".into())
    );
}

/// A build in the folder as it is gives what a build in a new folder gives.
fn check_as_from_scratch(case: &Case) {
    let fresh = case.fresh();
    fresh.build().ok();
    assert_eq!(case.tables(true), fresh.tables(true));
    assert!(case.artefacts() == fresh.artefacts(), "artefacts differ from a build from scratch");
}

#[test]
fn the_first_build_makes_everything_and_the_second_nothing() {
    let case = Case::new(&FILES);
    let first = case.build().ok();
    assert_eq!(first.steps(), "from_schools from_clients orgs scored");
    assert_eq!(first.checked(), "scored.slug.not_null scored.slug.unique scored.notes.length");
    assert_eq!(first.written(), "dist/rows.csv dist/book.xlsx dist/columns.parquet");
    let rows = "slug,name,site,notes,has_site,loud\n\
        a,Alpha Ltd,https://a.example,first,true,FIRST\n\
        b,Beta,,second,false,SECOND\n\
        c,Gamma,https://c.example,third,true,THIRD\n\
        d,Delta,https://d.example,,true,\n";
    assert_eq!(case.text("dist/rows.csv"), rows);
    check_idle(case.build());
}

#[test]
fn a_comment_runs_no_query_beyond_reading_the_file() {
    let case = built();
    let mut session = case.open();
    case::build(&session, |_, _| ()).ok();
    case.replace("hotpass.toml", "[step.orgs]", "# why\n[step.orgs]");
    session.db.refresh();
    let report = case::build(&session, |_, _| ()).ok();
    // `dist` looks for the folder of the manifest, which an environment may say, and `check` places what is wrong in the
    // file as it is now.
    assert_eq!(report.queries.join(" "), "source_text lower declared declared_environments dist check");
    check_idle(report);
}

#[test]
fn a_file_that_was_only_touched_runs_no_query() {
    let case = built();
    let mut session = case.open();
    case::build(&session, |_, _| ()).ok();
    for (path, text) in FILES {
        case.write(path, text);
    }
    session.db.refresh();
    let report = case::build(&session, |_, _| ()).ok();
    assert_eq!(report.queries.join(" "), "source_text exists fingerprint");
    check_idle(report);
}

#[test]
fn an_edit_below_a_header_reads_no_pipeline_anew() {
    let case = built();
    let mut session = case.open();
    case::build(&session, |_, _| ()).ok();
    case.replace("data/schools.csv", "second", "other");
    session.db.refresh();
    let report = case::build(&session, |_, _| ()).ok();
    assert!(!report.queries.contains(&"lower".to_owned()), "{report}");
    assert_eq!(report.steps(), "orgs scored");
}

#[test]
fn moved_tables_and_written_out_defaults_run_nothing() {
    let case = built();
    case.replace("hotpass.toml", "path = \"data/schools.csv\"", "select = \"one\"\npath = \"data/schools.csv\"");
    case.replace("hotpass.toml", "key = \"slug\"", "key = 'slug'\ncompleteness = []");
    let text = case.text("hotpass.toml");
    let (head, source) = text.split_once("[source.schools]").expect("a source");
    let (source, rest) = source.split_once("[source.clients]").expect("a source");
    case.write("hotpass.toml", format!("{head}[source.clients]{rest}\n[source.schools]{source}"));
    check_idle(case.build());
}

#[test]
fn a_glob_that_means_the_same_file_reads_nothing() {
    let case = built();
    case.replace("hotpass.toml", "data/schools.csv", "data/sch*.csv");
    check_idle(case.build());
}

#[test]
fn a_changed_cell_makes_its_column_and_no_other() {
    let case = built();
    case.replace("data/schools.csv", "second", "another");
    let report = case.build().ok();
    assert_eq!(report.summary().sources_read(), 1);
    assert_eq!(report.ran().split_once(") ").expect("two").1, "orgs(notes, _from:notes) scored(loud)");
    assert_eq!(report.checked(), "scored.notes.length");
    assert_eq!(report.written(), "dist/rows.csv dist/book.xlsx dist/columns.parquet");
    check_as_from_scratch(&case);
}

#[test]
fn an_added_row_makes_all_columns() {
    let case = built();
    case.write("data/schools.csv", SCHOOLS.to_owned() + "e,Epsilon,,\n");
    let report = case.build().ok();
    assert_eq!(report.steps(), "orgs scored");
    check_as_from_scratch(&case);
}

#[test]
fn a_synonym_that_changes_no_mapping_runs_nothing() {
    let case = built();
    case.replace("profiles/local.toml", "'Website'", "'Website', 'Homepage'");
    check_idle(case.build());
}

#[test]
fn a_synonym_that_changes_the_mapping_makes_what_really_changes() {
    let case = built();
    case.replace("profiles/local.toml", "[field.notes]", "[field.notes]\n[field.fax]\nsynonyms = ['Fax']");
    let report = case.build().ok();
    assert_eq!(report.ran(), "from_clients(slug, name, site, notes, fax) orgs(fax, _from:fax)");
    assert_eq!(report.checked(), "nothing");
    check_as_from_scratch(&case);
}

#[test]
fn a_priority_makes_the_merge_and_what_follows() {
    let case = built();
    case.replace("hotpass.toml", "priority = 1", "priority = 3");
    let report = case.build().ok();
    assert_eq!(report.ran(), "orgs(name, site, notes, _from:name, _from:site, _from:notes)");
    assert_eq!(report.written(), "dist/rows.csv dist/book.xlsx dist/columns.parquet");
    check_as_from_scratch(&case);
}

#[test]
fn there_and_back_makes_nothing() {
    let case = built();
    let before = case.artefacts();
    for (path, from, to) in [
        ("hotpass.toml", "upper(notes)", "lower(notes)"),
        ("hotpass.toml", "priority = 2", "priority = 0"),
        ("data/clients.csv", "Gamma", "Gimel"),
    ] {
        case.replace(path, from, to);
        assert_ne!(case.build().ok().ran(), "nothing", "{to}");
        case.replace(path, to, from);
        let back = case.build().ok();
        assert_eq!((back.ran(), back.checked()), ("nothing".into(), "nothing".into()), "{from}");
        assert!(case.artefacts() == before, "{from}");
    }
}

#[test]
fn what_an_expectation_does_not_read_does_not_take_it_again() {
    let case = built();
    case.replace("hotpass.toml", "upper(notes)", "upper(name)");
    let report = case.build().ok();
    assert_eq!(report.ran(), "scored(loud)");
    assert_eq!(report.checked(), "nothing");
}

#[test]
fn a_severity_takes_no_check_again() {
    let case = built();
    case.replace("hotpass.toml", "severity = \"warn\"", "severity = \"warn\"\nmostly = 0.5");
    assert_eq!(case.build().ok().checked(), "nothing");
}

fn workbook(author: &str, year: u16) -> Vec<u8> {
    let mut book = Workbook::new();
    let at = ExcelDateTime::from_ymd(year, 1, 1).expect("a day");
    book.set_properties(&DocProperties::new().set_author(author).set_creation_datetime(&at));
    let sheet = book.add_worksheet();
    for (row, cells) in [["slug", "Organisation"], ["a", "Alpha"], ["b", "Beta"]].iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            sheet.write(row as u32, column as u16, *cell).expect("a cell");
        }
    }
    book.save_to_buffer().expect("a workbook")
}

#[test]
fn a_workbook_saved_again_runs_no_step() {
    let text = PIPELINE.replace("data/schools.csv", "data/schools.xlsx");
    let case = Case::new(&FILES);
    case.write("hotpass.toml", text);
    case.write("data/schools.xlsx", workbook("one", 2020));
    case.build().ok();
    assert_ne!(workbook("one", 2020), workbook("another", 2021));
    case.write("data/schools.xlsx", workbook("another", 2021));
    let report = case.build().ok();
    assert_eq!((report.summary().sources_read(), report.steps()), (1, "nothing".into()));
    assert_eq!((report.checked(), report.written()), ("nothing".into(), "nothing".into()));
}

#[test]
fn a_failed_error_leaves_artefacts_as_they_were_and_a_warning_does_not() {
    let case = built();
    let before = case.artefacts();
    case.replace("data/schools.csv", "second", "a note that is much longer than it may be");
    let warned = case.build().ok();
    assert!(warned.problems.contains("hotpass::expect::warned"), "{}", warned.problems);
    assert_eq!(warned.written(), "dist/rows.csv dist/book.xlsx dist/columns.parquet");
    case.replace("data/schools.csv", "a note that is much longer than it may be", "second");
    case.build().ok();
    assert!(case.artefacts() == before);

    case.replace("hotpass.toml", "unique = true", "unique = true\nnot_in = ['b']");
    let refused = case.build();
    assert_eq!(refused.status, Status::Refused);
    assert!(refused.problems.contains("hotpass::expect::failed"), "{}", refused.problems);
    assert_eq!(refused.written(), "nothing");
    assert!(case.artefacts() == before);
    // It fails again without being taken again.
    let again = case.build();
    assert_eq!((again.status, again.checked()), (Status::Refused, "nothing".into()));
    case.replace("hotpass.toml", "\nnot_in = ['b']", "");
    check_idle(case.build());
}

#[test]
fn force_makes_what_it_names() {
    let case = built();
    let before = case.artefacts();
    let report = case.build_as(|plan, order| {
        let table = plan.table("crm.orgs").expect("a table");
        order.force[table] = true;
    });
    assert_eq!(report.steps(), "orgs");
    assert!(case.artefacts() == before);
}

#[test]
fn only_what_is_wanted_is_built() {
    let case = Case::new(&FILES);
    let report = case.build_as(|plan, order| {
        order.tables = plan.tables.map(|_| false);
        order.exports = plan.exports.map(|_| false);
        order.tables[plan.table("crm.from_clients").expect("a table")] = true;
    });
    assert_eq!(
        report.ran(),
        "clients(slug, Organisation, Website, notes, Fax, _source, _place, _row) from_clients(slug, name, site, notes)"
    );
    assert_eq!(report.written(), "nothing");
    assert_eq!(case.build().ok().steps(), "from_schools orgs scored");
}

#[test]
fn keep_going_makes_what_does_not_need_a_failed_step() {
    let case = built();
    // Adds up to more than an integer holds: only running it tells.
    let broken = "[step.broken]\nkind = 'derive'\nfrom = 'schools'\ncolumns = { n = '9223372036854775807 + _row' }\n";
    let after = "[step.after]\nkind = 'derive'\nfrom = 'broken'\ncolumns = { m = 'n + 1' }\n[[expect.after]]\nrows = { min = 1 }\n";
    case.write("hotpass.toml", format!("{PIPELINE}\n{broken}\n{after}"));
    case.replace("data/schools.csv", "second", "another");
    let report = case.build_as(|_, order| order.keep_going = true);
    assert_eq!(report.status, Status::Refused);
    assert!(report.steps().ends_with("orgs scored"), "{report}");
    insta::assert_snapshot!(report.problems, @r"
    hotpass::step::stopped: `crm.broken.n` cannot be made: overflow in addition of INT64 (… + …); it begins with row 2 of `data/schools.csv`
      hotpass.toml:60:17 `'9223372036854775807 + _row'` it stops here
      help: correct the row, or exclude it with a `filter` step
    ");
    assert_eq!(report.written(), "dist/rows.csv dist/book.xlsx dist/columns.parquet", "none of them needs it");
}

#[test]
fn a_changed_artefact_is_written_again() {
    let case = built();
    let before = case.artefacts();
    case.write("dist/rows.csv", "something else");
    case.remove("dist/book.xlsx");
    let report = case.build().ok();
    assert_eq!((report.ran(), report.written()), ("nothing".into(), "dist/rows.csv dist/book.xlsx".into()));
    assert!(case.artefacts() == before);
}

/// A step of every kind that can be about the columns of `rows`.
const KINDS: &str = r#"
[pipeline]
name = "p"
[source.rows]
path = "rows.csv"
header = 1
[source.more]
path = "more.csv"
header = 1
[step.mapped]
kind = "map"
from = "rows"
columns = { a = "a" }
keep = "b"
[step.normal]
kind = "normalise"
from = "rows"
columns = { b = "slug" }
[step.some]
kind = "filter"
from = "rows"
where = "a <> 'q'"
[step.sorted]
kind = "sort"
from = "some"
by = ["-a", "b"]
[step.derived]
kind = "derive"
from = "sorted"
columns = { c = "a || b" }
[step.joined]
kind = "join"
from = "derived"
with = "more"
on = ["id", "a"]
[step.all]
kind = "union"
from = ["rows", "more"]
[step.one]
kind = "merge"
from = ["rows", "more"]
key = "id"
completeness = ["a", "b"]
rank = "-b"
together = [["a", "b"]]
[step.each]
kind = "explode"
from = "all"
columns = ["b"]
separator = ";"
[step.grouped]
kind = "aggregate"
from = "rows"
by = "a"
columns = { n = "count(*)", first = "first(b order by id)" }
[step.ranked]
kind = "window"
from = "rows"
by = "a"
order = "b"
columns = { n = "row_number()", before = "lag(b || id)" }
[step.wide]
kind = "pivot"
from = "rows"
by = "id"
column = "a"
values = ["x", "q"]
value = "first(b)"
[step.once]
kind = "dedupe"
from = "rows"
[step.looked]
kind = "lookup"
from = "rows"
with = "more"
on = "id"
columns = { d = "d" }
[step.few]
kind = "sample"
from = "rows"
rows = 1
[step.asked]
kind = "sql"
query = "select id, b from rows order by id"
[[expect.sorted]]
column = "a"
not_null = true
"#;

#[test]
fn a_moved_column_runs_no_step() {
    let more = "id,a,b,d\n2,z,w,1\n3,y,u;v,2\n";
    let case = Case::new(&[("hotpass.toml", KINDS), ("rows.csv", "id,a,b\n1,x,y\n2,q,w\n"), ("more.csv", more)]);
    case.build().ok();
    case.write("rows.csv", "b,id,a\ny,1,x\nw,2,q\n");
    let report = case.build().ok();
    assert_eq!((report.ran(), report.checked()), ("rows(b, id, a, _source, _place, _row)".into(), "nothing".into()));
}

/// Steps over several rows, and what each new column reads of `rows`.
const OVER_ROWS: &str = r#"
[pipeline]
name = "p"
[source.rows]
path = "rows.csv"
[step.groups]
kind = "aggregate"
from = "rows"
by = "k"
columns = { n = "count(*)", a = "max(a)", b = "first(b order by d)", c = "count(*) filter (where c = 'y')" }
[step.around]
kind = "window"
from = "rows"
by = "k"
order = "d"
columns = { n = "row_number()", before = "lag(a)", share = "count(b) over (partition by c)" }
"#;

#[test]
fn a_column_over_several_rows_reads_what_it_names_and_what_groups_and_orders() {
    let rows =
        [["k", "a", "b", "c", "d"], ["p", "1", "x", "y", "1"], ["p", "2", "z", "n", "2"], ["q", "3", "w", "y", "3"]];
    let text = |rows: &[[&str; 5]]| rows.iter().map(|it| it.join(",") + "\n").collect::<String>();
    let case = Case::new(&[("hotpass.toml", OVER_ROWS), ("rows.csv", text(&rows).as_str())]);
    case.build().ok();
    let check = |column: usize, value: &str, expected: &str| {
        let mut changed = rows;
        changed[1][column] = value;
        case.write("rows.csv", text(&changed));
        let report = case.build().ok();
        assert_eq!(
            report.ran(),
            format!("rows(k, a, b, c, d, _source, _place, _row) {expected}"),
            "{}",
            rows[0][column]
        );
        case.write("rows.csv", text(&rows));
        case.build().ok();
    };
    check(1, "9", "groups(a) around(before)");
    check(2, "v", "groups(b) around(share)");
    check(3, "n", "groups(c) around(share)");
    check(4, "5", "groups(b) around(n, before)");
    check(0, "q", "groups(k, n, a, b, c, _rows) around(n, before)");
}

#[test]
fn a_text_that_decides_is_told_in_every_build() {
    let pipeline = "[pipeline]\nname = 'p'\n[source.rows]\npath = 'rows.csv'\n[step.sorted]\nkind = 'sort'\nfrom = 'rows'\nby = 'n'\n";
    let case = Case::new(&[("hotpass.toml", pipeline), ("rows.csv", "n\n9\n100\n10\n")]);
    let told =
        |report: &Report| report.problems.contains("hotpass::step::text-order: `n` is compared letter by letter");
    let first = case.build().ok();
    assert!(told(&first), "{}", first.problems);
    let second = case.build().ok();
    assert!(told(&second) && second.ran() == "nothing", "{}", second.problems);
    case.write("rows.csv", "n\n009\n100\n010\n");
    let third = case.build().ok();
    assert!(!told(&third), "{}", third.problems);
}
