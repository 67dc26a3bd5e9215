//! What a query may call, and what it may show: functions that give one answer, and personal values never.

use crate::case::Case;
use crate::program::command;

/// A value that stands in a personal column, and no part of which may be shown.
const SECRET: &str = "zebulon";

fn case() -> Case {
    let pipeline = "[pipeline]\nname = 'p'\n[source.rows]\npath = 'data/rows.csv'\n\
        [step.kept]\nkind = 'derive'\nfrom = 'rows'\npersonal = ['mail', 'note']\ncolumns = { one = '1' }\n";
    let rows = format!("id,city,mail,note\n1,Basel,{SECRET}@one.example,{SECRET} called\n2,Ghent,bo@one.example,x\n");
    let case = Case::new(&[("hotpass.toml", pipeline.to_owned()), ("data/rows.csv", rows)]);
    assert_eq!(run(&case, &["build"]).0, Some(0), "{}", run(&case, &["build"]).1);
    case
}

fn run(case: &Case, words: &[&str]) -> (Option<i32>, String) {
    let output = command(&case.path(""), words).output().expect("it runs");
    let all = [output.stdout, output.stderr].map(|it| String::from_utf8_lossy(&it).into_owned()).concat();
    (output.status.code(), all)
}

#[test]
fn no_query_shows_a_personal_value() {
    let case = case();
    let values = [
        "mail",
        "upper(mail)",
        "mail || ''",
        "max(mail)",
        "min(note)",
        "string_agg(mail, ',')",
        "list(mail)",
        "struct_pack(a := mail)",
        "substr(mail, 1, 4)",
        "cast(mail as varchar)",
        "coalesce(null, mail)",
        "[mail]",
        "case when true then mail end",
        "regexp_extract(mail, '^[a-z]+')",
        "to_json(mail)",
        "any_value(note)",
        "arg_max(mail, id)",
        "first(mail)",
        "mail as city",
        "reverse(mail)",
        "t",
        "row(mail)",
        "hex(mail)",
        "array_agg(note)[1]",
        "concat_ws('', mail, city)",
        "format('{}', mail)",
        "unicode(mail)",
        "ascii(mail)",
    ];
    let sources = [
        "select {} from kept t",
        "select * from (select {} as city from kept t)",
        "with q as (select {} from kept t) select * from q",
        "select {} from kept t union all select 'x'",
        "select (select {} from kept t limit 1)",
        "select q.* from kept k join (select {} as b from kept t) q on true",
    ];
    for value in values {
        for source in sources {
            let text = source.replace("{}", value);
            for format in ["text", "json"] {
                let (_, all) = run(&case, &["query", "--format", format, &text]);
                let reversed: String = SECRET.chars().rev().collect();
                let hex: String = SECRET.bytes().map(|it| format!("{it:02X}")).collect();
                for secret in [SECRET, &SECRET.to_uppercase(), &reversed, &hex, "zebu"] {
                    assert!(!all.contains(secret), "{text}: {all}");
                }
                assert!(!all.contains("122"), "the first letter as a number: {text}: {all}");
            }
        }
    }
    for text in [
        "select * from kept",
        "from kept",
        "select t from kept t",
        "select columns('m.*') from kept",
        "summarize kept",
        "select * from kept where mail like 'zeb%'",
    ] {
        let (_, all) = run(&case, &["query", text]);
        assert!(!all.contains(SECRET), "{text}: {all}");
    }
    let (code, all) = run(&case, &["query", "--unmasked", "select mail from kept"]);
    assert!(code == Some(0) && all.contains(SECRET), "{all}");
}

#[test]
fn what_tells_nothing_of_a_person_stays_readable() {
    let case = case();
    for (text, expected) in [
        ("select city from kept where id = '1'", "Basel"),
        ("select count(*) + 40 as n from kept", "42"),
        ("select count(distinct mail) + 40 as n from kept", "42"),
        ("select city, count(*) + 40 as n from kept group by city", "41"),
        ("select upper(city) as c from kept", "GHENT"),
    ] {
        let (code, all) = run(&case, &["query", text]);
        assert!(code == Some(0) && all.contains(expected), "{text}: {all}");
    }
}

#[test]
fn only_functions_on_the_list_are_called() {
    let case = case();
    for call in [
        "\"random\"()",
        "random()",
        "RANDOM()",
        "\"now\"()",
        "now()",
        "current_date",
        "current_timestamp",
        "\"uuid\"()",
        "gen_random_uuid()",
        "age(timestamp '2020-01-01')",
        "\"age\"(timestamp '2020-01-01')",
        "main.random()",
        "system.main.now()",
        "getvariable('a')",
        "current_setting('threads')",
        "version()",
        "nextval('s')",
        "today()",
        "list_aggregate([1], 'reservoir_quantile')",
        "error('x')",
        "current_user",
        "txid_current()",
        "setseed(0.5)",
        "read_text('/etc/passwd')",
        "getenv('HOME')",
    ] {
        let (code, all) = run(&case, &["query", &format!("select {call}")]);
        assert_eq!(code, Some(2), "{call}: {all}");
    }
    for table in [
        "enable_logging('QueryLog')",
        "read_csv('/etc/passwd')",
        "read_parquet('x')",
        "duckdb_settings()",
        "duckdb_functions()",
        "pragma_version()",
        "glob('*')",
        "read_text('/etc/passwd')",
        "'/etc/passwd'",
        "information_schema.tables",
        "pg_catalog.pg_tables",
        "duckdb_tables()",
        "query('select 1')",
        "query_table('kept')",
        "kept tablesample 1",
        "kept using sample 1",
        "(show tables)",
        "repeat_row(1, num_rows = 3), duckdb_logs()",
    ] {
        let (code, all) = run(&case, &["query", &format!("select * from {table}")]);
        assert_eq!(code, Some(2), "{table}: {all}");
        let pipeline = format!(
            "[pipeline]\nname = 'p'\n[source.kept]\npath = 'a.csv'\n[step.s]\nkind = 'sql'\nfrom = ['kept']\nquery = \"select * from {table}\"\n"
        );
        let step = Case::new(&[("hotpass.toml", pipeline.as_str()), ("a.csv", "x\n1\n")]);
        let (code, all) = run(&step, &["build"]);
        assert_eq!(code, Some(2), "{table} in a step: {all}");
    }
    for text in [
        "select * from range(3)",
        "select unnest([1, 2])",
        "select date_trunc('month', date '2025-03-04')",
        "select age(date '2025-01-01', date '2024-01-01')",
    ] {
        let (code, all) = run(&case, &["query", text]);
        assert_eq!(code, Some(0), "{text}: {all}");
    }
}

#[test]
fn what_is_plain_is_run() {
    let case = case();
    for query in [
        "select id from kept order by id desc",
        "select id from kept order by id asc nulls last",
        "select id, row_number() over (order by id desc) from kept",
        "select string_agg(city, ',' order by city desc) from kept",
        "select distinct on (city) city, id from kept order by city, id desc",
        "select city, count(*) from kept group by all order by all limit 1 offset 1",
        "select id from kept order by id limit 10%",
        "with recursive q(n) as (select 1 union all select n + 1 from q where n < 5) select * from q",
        "select * from (values (1, 'a'), (2, 'b')) v(x, y)",
        "select * exclude (mail) replace (upper(city) as city) from kept",
        "select columns('i.*') from kept",
        "pivot kept on city in ('Basel', 'Ghent') using count(*) group by id",
        "select list_transform([1, 2], lambda x: x + 1)",
        "select a.id from kept a left join kept b on a.id = b.id and a.city <> b.city",
        "select id from kept union by name select city as id from kept",
        "describe select * from kept",
        "from kept select id",
        "select cast(id as decimal(10, 2)), id::integer[], {'x': 1}, map {'a': 1}, id collate nocase from kept",
    ] {
        let (code, all) = run(&case, &["query", query]);
        assert!(code == Some(0) || !all.contains("is not allowed in a query"), "{query}: {all}");
    }
}

#[test]
fn columns_that_are_called_like_personal_fields_are_personal_without_a_mapping() {
    let pipeline = "[pipeline]\nname = 'p'\n[field.mail]\nclass = 'personal'\nsynonyms = 'E-Mail address'\n\
        [field.who]\nclass = 'personal'\nsynonyms = 'city'\n[field.city]\n\
        [source.rows]\npath = 'data/rows.csv'\n\
        [step.kept]\nkind = 'derive'\nfrom = 'rows'\ncolumns = { up = 'upper(\"e-mail address\")' }\n";
    let rows = format!(
        "id,city,e-mail address,E-mail Address,E-MAIL ADDRESS,who,who\n\
         1,Basel,{SECRET}@one.example,{SECRET},{SECRET},{SECRET},{SECRET}\n2,Ghent,bo@one.example,b,c,d,e\n"
    );
    let case = Case::new(&[("hotpass.toml", pipeline.to_owned()), ("data/rows.csv", rows)]);
    assert_eq!(run(&case, &["build"]).0, Some(0), "{}", run(&case, &["build"]).1);
    for words in [
        &["show", "kept"][..],
        &["show", "rows", "--format", "csv"],
        &["query", "select * from kept"],
        &["query", "select up from kept"],
        &["explain", "p.kept:1.up"],
    ] {
        let (code, all) = run(&case, words);
        assert_eq!(code, Some(0), "{words:?}: {all}");
        assert!(!all.to_lowercase().contains(SECRET), "{words:?} shows it: {all}");
    }
    // A name that is an open field's own stays open.
    assert!(run(&case, &["query", "select city from kept"]).1.contains("Basel"));
    assert!(run(&case, &["query", "--unmasked", "select up from kept"]).1.contains(&SECRET.to_uppercase()));
}

#[test]
fn a_header_that_was_changed_on_the_way_is_still_that_of_a_personal_field() {
    let pipeline = "[pipeline]\nname = 'p'\n[field.mail]\nclass = 'personal'\n[field.pay]\nclass = 'personal'\n\
        [source.one]\npath = 'one.csv'\n[source.two]\npath = 'two.json'\n\
        [source.three]\npath = 'three.csv'\nheader = [1, 2]\n";
    let one = format!("id,_mail,pay (EUR)\n1,{SECRET},{SECRET}\n2,b,c\n");
    let two = format!("[{{\"id\": 1, \"contact\": {{\"mail\": \"{SECRET}\", \"city\": \"Basel\"}}}}]");
    let three = format!("Person,Person,Work\nid,mail,city\n1,{SECRET},Ghent\n");
    let files = [("hotpass.toml", pipeline.to_owned()), ("one.csv", one), ("two.json", two), ("three.csv", three)];
    let case = Case::new(&files);
    assert_eq!(run(&case, &["build"]).0, Some(0), "{}", run(&case, &["build"]).1);
    for (table, open) in [("one", "id"), ("two", "Basel"), ("three", "Ghent")] {
        let (code, all) = run(&case, &["show", table]);
        assert!(code == Some(0) && all.contains(open) && !all.contains(SECRET), "{table}: {all}");
    }
}
