//! What a contract promises of numbers holds or is broken in every format alike, and values are counted as what they are.

use crate::case::Case;

const FORMATS: [&str; 7] = ["csv", "tsv", "json", "ndjson", "parquet", "xlsx", "ods"];

/// A workspace that publishes a column `f` of these values, cast to `ty`, in every format, under a contract that says `promise`
/// of it.
fn published(values: &[&str], ty: &str, promise: &str) -> Case {
    let exports = FORMATS.map(|it| {
        let flat = if matches!(it, "xlsx" | "ods") { "summary = false\n" } else { "" };
        format!("[export.{it}]\nfrom = 't'\npath = 'dist/t.{it}'\ncontract = 'c'\n{flat}")
    });
    let pipeline = format!(
        "[pipeline]\nname = 'p'\n[source.s]\npath = 's.csv'\n[step.t]\nkind = 'derive'\nfrom = 's'\n\
         columns.f = 'cast(f as {ty})'\n{}[contract.c]\nversion = '1.0.0'\n[[contract.c.field]]\nname = 'id'\n\
         [[contract.c.field]]\nname = 'f'\n{promise}\n",
        exports.concat()
    );
    let rows: Vec<String> = values.iter().enumerate().map(|(at, it)| format!("a{at},{it}\n")).collect();
    Case::new(&[("hotpass.toml", pipeline), ("s.csv", format!("id,f\n{}", rows.concat()))])
}

/// Whether each file keeps the contract.
fn verdicts(case: &Case) -> Vec<(&'static str, bool, String)> {
    let check = |it: &'static str| {
        let (file, sheet) = (format!("dist/t.{it}"), ["--sheet", "Data"]);
        let sheet: &[&str] = if matches!(it, "xlsx" | "ods") { &sheet } else { &[] };
        let words: Vec<&str> = ["contract", "check", &file, "--contract", "c"].iter().chain(sheet).copied().collect();
        let ran = case.run(&words);
        (it, ran.code == Some(0), ran.all())
    };
    FORMATS.into_iter().map(check).collect()
}

#[test]
fn a_contract_holds_for_every_format_that_was_written_under_it() {
    for (values, ty, promise) in [
        (&["1.25", "2.75"][..], "decimal", "type = 'decimal'\nmin = 1.25\nmax = 2.75"),
        (&["1.50", "2.25"], "decimal", "type = 'decimal'\nenum = [1.5, 2.250]"),
        (&["1", "2"], "decimal", "type = 'decimal'\nunique = true"),
        (&["0.0000001", "2.1"], "decimal(7)", "type = 'decimal'\nmin = 0.0000001"),
        (&["1.2345", "12345678901234567890123.1"], "decimal(4)", "type = 'decimal'"),
        (&["-1.5", ""], "decimal(1)", "type = 'decimal'\nmax = -1.5"),
        (&["1", "-2"], "integer", "type = 'integer'\nmin = -2"),
        (&["1e300", "0.1"], "float", "type = 'float'"),
        (&["1.0", "2.0"], "float", "type = 'float'\nenum = [1, 2.0]"),
        (&["true", "false"], "boolean", "type = 'boolean'"),
        (&["2024-01-31", "2024-02-29"], "date", "type = 'date'\nmin = '2024-01-31'"),
        (&["2024-01-31 08:30", "2024-02-29"], "timestamp", "type = 'timestamp'\nmax = '2024-02-29'"),
    ] {
        let case = published(values, ty, promise);
        case.build().ok();
        for (format, kept, said) in verdicts(&case) {
            assert!(kept, "{format} of {values:?} as {ty}: {said}");
        }
    }
}

#[test]
fn a_contract_is_broken_in_every_format_alike() {
    let case = published(&["1.25", "2.75", "2.75"], "decimal", "type = 'decimal'");
    case.build().ok();
    case.replace("hotpass.toml", "type = 'decimal'", "type = 'decimal'\nmax = 2.5\nunique = true");
    for (format, kept, said) in verdicts(&case) {
        assert!(!kept && said.contains("2 of 3 rows") && said.contains("1 of 3 rows"), "{format}: {said}");
    }
    // More digits than a float holds.
    let case = published(&["12345678901234567.78", "1"], "decimal", "type = 'decimal'");
    case.build().ok();
    case.replace("hotpass.toml", "type = 'decimal'", "type = 'decimal'\nmax = 12345678901234567.77");
    for (format, kept, said) in verdicts(&case) {
        assert!(!kept && said.contains("1 of 2 rows"), "{format}: {said}");
    }
}

#[test]
fn money_of_json_is_text_for_a_contract_that_promises_decimals() {
    let pipeline = |more: &str| {
        format!(
            "[pipeline]\nname = 'p'\n[source.s]\npath = 's.json'\ncontract = 'c'\ncoerce = true\n[contract.c]\n\
             version = '1.0.0'\n[[contract.c.field]]\nname = 'f'\ntype = 'decimal'\n{more}\n[step.t]\nkind = 'derive'\n\
             from = 's'\ncolumns.f = 'cast(f as decimal(3))'\n"
        )
    };
    for (rows, expected) in [
        (r#"[{"f": 1.25}, {"f": 2.005}]"#, "f\n1.250\n2.005\n"),
        (r#"[{"f": 1.50}, {"f": 2}]"#, "f\n1.500\n2.000\n"),
        (r#"[{"f": 7}, {"f": 8}]"#, "f\n7.000\n8.000\n"),
    ] {
        let case = Case::new(&[("hotpass.toml", pipeline("").as_str()), ("s.json", rows)]);
        case.build().ok();
        assert_eq!(case.table("p.t"), expected, "{rows}");
    }
    // Without `coerce` the type is what the file has.
    let case = Case::new(&[
        ("hotpass.toml", pipeline("").replace("coerce = true\n", "").as_str()),
        ("s.json", r#"[{"f": 1.25}]"#),
    ]);
    assert!(case.problems().contains("hotpass::contract::wrong-type"), "{}", case.problems());
}

#[test]
fn money_of_json_is_the_same_whatever_its_column_is() {
    let pipeline = "[pipeline]\nname = 'p'\n[source.s]\npath = 's.json'\n[step.n]\nkind = 'normalise'\nfrom = 's'\n\
                    columns.p = 'money'\n";
    for (rows, expected) in [
        (r#"[{"p": 1.25}, {"p": 1.005}, {"p": 3}]"#, "p\n1.25\n\n3.00\n"),
        (r#"[{"p": 1.50}, {"p": 1.005}, {"p": 3}]"#, "p\n1.50\n\n3.00\n"),
        (r#"[{"p": 3}, {"p": 4}]"#, "p\n3.00\n4.00\n"),
        (r#"[{"p": "1.25"}, {"p": 1.5}]"#, "p\n1.25\n1.50\n"),
        (r#"[{"p": 1e3}, {"p": 123456789012345678.25}]"#, "p\n1000.00\n123456789012345678.25\n"),
    ] {
        let case = Case::new(&[("hotpass.toml", pipeline), ("s.json", rows)]);
        case.build().ok();
        assert_eq!(case.table("p.n"), expected, "{rows}");
    }
}

/// The names of the checks of a contract, and what fails.
fn names(fields: &str) -> Vec<String> {
    let pipeline = format!(
        "[pipeline]\nname = 'p'\n[source.s]\npath = 's.csv'\ncontract = 'c'\ncoerce = true\n[contract.c]\nversion = '1.0.0'\n{fields}"
    );
    let rows =
        "id,a,b,when\n2,0.10,1,2024-01-01\n2.0,+0.1,2,2024-01-01 00:00\n02,00.100,10,2024-01-01T01:00+01:00\n5,x,3,\n";
    let case = Case::new(&[("hotpass.toml", pipeline.as_str()), ("s.csv", rows)]);
    let built = case.build();
    built.problems.lines().filter(|it| it.contains("fail")).map(|it| it.trim().to_owned()).collect()
}

#[test]
fn checks_of_a_contract_have_names_of_their_own_and_count_rows() {
    let field = |name: &str, more: &str| format!("[[contract.c.field]]\nname = '{name}'\n{more}\n");
    let b = field("b", "type = 'integer'\nmax = 9");
    let told = |it: &[String]| it.join("\n");
    let alone = names(&b);
    assert!(told(&alone).contains("`s.b` should be at most 9: 1 of 4 rows fails"), "{alone:?}");
    assert!(told(&alone).contains("--failing contract.c.s.b.between"), "{alone:?}");
    let both = names(&(field("a", "type = 'decimal'\nunique = true\nmin = 0.1\nenum = [0.1, 7]") + &b));
    for line in &alone {
        assert!(both.contains(line), "{line} in {both:?}");
    }
    assert!(told(&both).contains("`s.a` should be unique: 2 of 3 rows fail;"), "{both:?}");
    assert!(told(&both).contains("`s.a` should be written as a decimal: 1 of 4 rows fails"), "{both:?}");
    assert!(told(&both).contains("--failing contract.c.s.a.unique"), "{both:?}");
    assert!(!told(&both).contains("#2"), "{both:?}");
    let keys = field("id", "type = 'integer'\nunique = true") + &field("when", "type = 'timestamp'\nunique = true");
    let keys = names(&keys);
    assert!(told(&keys).contains("`s.id` should be unique: 2 of 4 rows fail;"), "{keys:?}");
    assert!(told(&keys).contains("`s.when` should be unique: 2 of 3 rows fail;"), "{keys:?}");
}
