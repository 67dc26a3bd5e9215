//! Values that were wrong beside an independent computation: days, lists and products.

use crate::case::Case;

fn built(toml: &str, files: &[(&str, &str)]) -> Case {
    let case = Case::new(files);
    case.write("hotpass.toml", format!("[pipeline]\nname = 'p'\n{toml}"));
    case.run(&["build"]).ok();
    case
}

fn text(case: &Case, path: &str) -> String {
    String::from_utf8(case.read(path)).expect("text")
}

/// The engine takes 30 days and a month for one interval.
#[test]
fn thirty_days_are_not_a_month() {
    let days = ("days.csv", "day,n\n2024-07-15,1\n2024-01-31,2\n2023-01-31,3\n");
    let toml = "[source.days]\npath = 'days.csv'\nheader = 1\n\
        [step.typed]\nkind = 'derive'\nfrom = 'days'\ncolumns = { d = 'cast(day as date)' }\n\
        [step.moved]\nkind = 'derive'\nfrom = 'typed'\nkeep = ['n', 'a', 'b', 'c', 'e', 'f', 'g', 'h']\n\
        columns = { a = 'add_days(d, 30)', b = 'add_months(d, 1)', c = 'add_days(d, 360)', e = 'add_years(d, 1)', \
        f = 'add_days(d, -60)', g = 'add_months(d, -2)', h = 'add_days(d, 400000)' }\n\
        [step.kept]\nkind = 'filter'\nfrom = 'typed'\n\
        where = 'add_days(d, 30) <> add_months(d, 1) and day_of_year(add_months(d, 1)) = 60'\n\
        [export.moved]\nfrom = 'moved'\npath = 'dist/moved.csv'\n[export.kept]\nfrom = 'kept'\npath = 'dist/kept.csv'\n";
    let case = built(toml, &[days]);
    let expected = "n,a,b,c,e,f,g,h\n\
        1,2024-08-14,2024-08-15,2025-07-10,2025-07-15,2024-05-16,2024-05-15,\n\
        2,2024-03-01,2024-02-29,2025-01-25,2025-01-31,2023-12-02,2023-11-30,\n\
        3,2023-03-02,2023-02-28,2024-01-26,2024-01-31,2022-12-02,2022-11-30,\n";
    assert_eq!(text(&case, "dist/moved.csv").replace("\r\n", "\n"), expected);
    assert_eq!(text(&case, "dist/kept.csv").lines().count(), 2, "the end of January alone");
}

#[test]
fn a_query_with_intervals_that_the_engine_takes_for_one_is_refused() {
    let case = Case::new(&[("days.csv", "day\n2024-07-15\n")]);
    let toml = |query: &str| {
        format!(
            "[pipeline]\nname = 'p'\n[source.days]\npath = 'days.csv'\nheader = 1\n\
            [step.q]\nkind = 'sql'\nquery = '''{query}'''\n[export.q]\nfrom = 'q'\npath = 'dist/q.csv'\n"
        )
    };
    let both = "select day::date + interval 30 day as a, day::date + interval 1 month as b from days";
    case.write("hotpass.toml", toml(both));
    let ran = case.run(&["build"]);
    assert!(ran.code == Some(2) && ran.all().contains("two intervals are one to the engine"), "{}", ran.all());
    let ran = case.run(&["query", &both.replace("from days", "from p.days")]);
    assert!(ran.all().contains("two intervals are one to the engine"), "{}", ran.all());
    case.write("hotpass.toml", toml(&both.replace("interval 30 day", "30")));
    case.run(&["build"]).ok();
    assert_eq!(text(&case, "dist/q.csv").lines().nth(1), Some("2024-08-14,2024-08-15T00:00:00"));
}

#[test]
fn an_item_of_a_list_has_no_blanks_around_it() {
    let cells = "n,s\n1,\"p;\nq\"\n2,p;\tq\n3,\"p ;\u{a0}q\u{2028}; ;\"\n4,\"[\"\"p\"\",\"\"\\nq\"\"]\"\n";
    let toml = "[source.cells]\npath = 'cells.csv'\nheader = 1\n\
        [step.made]\nkind = 'derive'\nfrom = 'cells'\nkeep = ['n', 'a', 'b', 'c', 'd', 'e', 'f', 'g']\n\
        columns = { a = \"list_has(s, 'q')\", b = 'list_item(s, 2)', c = 'list_sort(s)', d = \"list_join(s, '+')\", \
        e = \"each_once(s, ';')\", f = \"without(s, 'p')\", g = 'list_length(s)' }\n\
        [step.rows]\nkind = 'explode'\nfrom = 'cells'\ncolumns = 's'\n\
        [export.made]\nfrom = 'made'\npath = 'dist/made.csv'\n[export.rows]\nfrom = 'rows'\npath = 'dist/rows.csv'\n";
    let case = built(toml, &[("cells.csv", cells)]);
    let made = text(&case, "dist/made.csv");
    for (line, n) in made.lines().skip(1).zip(1..) {
        assert_eq!(line, format!("{n},true,q,p;q,p+q,p;q,q,2"));
    }
    assert_eq!(made.lines().count(), 5);
    let rows: Vec<String> = text(&case, "dist/rows.csv").lines().skip(1).map(str::to_owned).collect();
    assert_eq!(rows, ["1,p", "1,q", "2,p", "2,q", "3,p", "3,q", "4,p", "4,q"]);
}

/// A product has the digits of both, so that it is the same number in its own step and in the next.
#[test]
fn a_product_of_exact_numbers_is_exact() {
    let toml = "[source.prices]\npath = 'prices.csv'\nheader = 1\n\
        [step.typed]\nkind = 'derive'\nfrom = 'prices'\nkeep = ['n', 'x', 'long']\n\
        columns = { x = 'cast(x as decimal)', long = 'cast(x as decimal(20))' }\n\
        [step.taxed]\nkind = 'derive'\nfrom = 'typed'\nkeep = ['n', 'x', 'tax', 'more', 'whole']\n\
        columns = { tax = 'x * x', more = 'tax * 100', whole = 'x * 3' }\n\
        [step.same]\nkind = 'filter'\nfrom = 'taxed'\nwhere = 'tax = x * x'\n\
        [step.sums]\nkind = 'aggregate'\nfrom = 'taxed'\ncolumns = { a = 'sum(x * x)', b = 'sum(tax)' }\n\
        [export.same]\nfrom = 'same'\npath = 'dist/same.csv'\n[export.sums]\nfrom = 'sums'\npath = 'dist/sums.csv'\n";
    let case = built(toml, &[("prices.csv", "n,x\n1,0.15\n2,0.05\n3,-1.50\n")]);
    let expected =
        "n,x,tax,more,whole\n1,0.15,0.0225,2.2500,0.45\n2,0.05,0.0025,0.2500,0.15\n3,-1.50,2.2500,225.0000,-4.50\n";
    assert_eq!(text(&case, "dist/same.csv").replace("\r\n", "\n"), expected);
    assert_eq!(text(&case, "dist/sums.csv").lines().nth(1), Some("2.2750,2.2750"));
    case.write("hotpass.toml", format!("[pipeline]\nname = 'p'\n{}", toml.replace("x * x'", "long * long'")));
    let ran = case.run(&["check"]);
    assert!(ran.all().contains("at most 38 digits"), "{}", ran.all());
}

/// Two rows with the same values that are two people: which of them has which cluster is a matter of their keys.
#[test]
fn the_order_of_rows_names_no_cluster() {
    let rows = [
        "t1,Twin Dupont,1980-01-01,A",
        "t2,Twin Dupont,1980-01-01,A",
        "x,Ada Lovel,1961-02-03,A",
        "y,Ada Lovel,1961-02-03,B",
    ];
    let clusters = |rows: &[&str], extra: &str| {
        let toml = format!(
            "[source.people]\npath = 'people.csv'\nheader = 1\n[source.decided]\npath = 'decided.csv'\nheader = 1\n\
            [step.found]\nkind = 'resolve'\nfrom = 'people'\nkey = 'id'\n\
            compare = {{ name = 'given name', born = 'date' }}\n{extra}\n\
            [export.found]\nfrom = 'found'\npath = 'dist/found.csv'\ncolumns = ['id', 'cluster']\n"
        );
        let people = format!("id,name,born,system\n{}\n", rows.join("\n"));
        let case = built(&toml, &[("people.csv", &people), ("decided.csv", "decide,left,right\ndifferent,t1,t2\n")]);
        let mut lines: Vec<String> = text(&case, "dist/found.csv").lines().skip(1).map(str::to_owned).collect();
        lines.sort();
        lines
    };
    for extra in ["decisions = 'decided'", "across = 'system'", "across = 'system'\ndecisions = 'decided'"] {
        let once = clusters(&rows, extra);
        let [_, cluster] = [0, 1].map(|at| once[at].split_once(',').expect("two").1.to_owned());
        assert!(!once[0].ends_with(&cluster), "{once:?}");
        assert_eq!(once, clusters(&[rows[1], rows[3], rows[0], rows[2]], extra), "{extra}");
    }
}
