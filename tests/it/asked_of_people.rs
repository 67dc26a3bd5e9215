//! What a column of a `sql` step tells of one personal value makes it personal; what only counts does not.

use std::collections::BTreeMap;

use crate::case::Case;

const TOML: &str = "[pipeline]\nname = 'p'\n[field.mail]\nclass = 'personal'\n[field.born]\nclass = 'personal'\n\
    [field.other]\nclass = 'personal'\n[source.a]\npath = 'a.csv'\n[source.b]\npath = 'a.csv'\n";

/// Whether columns of a step are personal, by name. `select` is all of its query.
pub fn personal(select: &str, more: &str) -> BTreeMap<String, bool> {
    let toml = format!(
        "{TOML}[step.q]\nkind = 'sql'\nfrom = ['a', 'b']\nquery = \"\"\"\n{select}\n\"\"\"\n{more}\n\
        [export.q]\nfrom = 'q'\npath = 'dist/q.csv'\n"
    );
    let rows = "name,mail,born,other,n\nAda,x@x.example,2001-01-01,x@x.example,1\nBo,,1999-01-01,b@x.example,2\n";
    let case = Case::new(&[("hotpass.toml", toml.as_str()), ("a.csv", rows)]);
    case.run(&["build"]).ok();
    let events = case.run(&["show", "q", "-n", "0", "--format", "json"]).ok().events();
    let columns = events.iter().filter(|it| it["event"] == "column");
    let one = |it: &serde_json::Value| (it["name"].as_str().expect("a name").to_owned(), it["class"] == "personal");
    columns.map(one).collect()
}

#[test]
fn an_answer_about_one_value_is_as_personal_as_the_value() {
    let all = [
        ("mail", true),
        ("mail = 'x@x.example'", true),
        ("mail <> 'x@x.example'", true),
        ("'x@x.example' = mail", true),
        ("mail in ('x@x.example', 'y')", true),
        ("mail like 'x%'", true),
        ("mail between 'a' and 'm'", true),
        ("mail < 'm'", true),
        ("not (mail = 'x@x.example')", true),
        ("mail = 'x' or n = '1'", true),
        ("(mail = 'x@x.example')::int", true),
        ("length(mail)", true),
        ("upper(mail)", true),
        ("starts_with(mail, 'x')", true),
        ("cast(born as date)", true),
        ("year(cast(born as date))", true),
        ("cast(born as date) > date '2000-01-01'", true),
        ("case when mail = 'x@x.example' then 1 else 0 end", true),
        ("case mail when 'x@x.example' then 1 end", true),
        ("case when name = 'Ada' then length(mail) end", true),
        ("if(mail = 'x', 1, 2)", true),
        ("coalesce(mail = 'x', false)", true),
        ("mail = 'x' is true", true),
        // Whether something is there, or is the same, or what is not about people, is open.
        ("mail is null", false),
        ("mail is not null", false),
        ("mail = other", false),
        ("name = 'Ada'", false),
        ("case when mail is null then 1 else 2 end", false),
        ("cast(n as integer) + 1", false),
        ("count(*) over ()", false),
        ("row_number() over (order by mail, n)", false),
        ("exists (select 1 from b where b.mail = a.mail)", false),
        ("1", false),
    ];
    let listed: Vec<String> = all.iter().enumerate().map(|(at, (it, _))| format!("{it} as c{at}")).collect();
    let found = personal(&format!("select {} from a order by name", listed.join(",\n ")), "");
    let wrong: Vec<_> = all.iter().enumerate().filter(|(at, (_, is))| found[&format!("c{at}")] != *is).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn what_several_rows_come_to_is_open_where_it_counts() {
    let all = [
        ("count(*)", false),
        ("count(mail)", false),
        ("count(distinct mail)", false),
        ("count(*) filter (where mail like 'x%')", false),
        ("count(case when mail = 'x@x.example' then 1 end)", false),
        ("count_if(mail = 'x@x.example')", false),
        ("sum(case when mail = 'x@x.example' then 1 else 0 end)", false),
        ("sum((mail = 'x@x.example')::int)", false),
        ("avg(case when mail like 'x%' then 1.0 else 0.0 end)", false),
        ("bool_or(mail = 'x@x.example')", false),
        ("sum(cast(n as integer))", false),
        ("max(mail)", true),
        ("min(cast(born as date))", true),
        ("avg(year(cast(born as date)))", true),
        ("sum(length(mail))", true),
        ("any_value(mail = 'x@x.example')", true),
        ("string_agg(case when mail = 'x' then 'y' else 'n' end, ',' order by n)", true),
        ("max(case when n = '1' then length(mail) end)", true),
    ];
    let listed: Vec<String> = all.iter().enumerate().map(|(at, (it, _))| format!("{it} as c{at}")).collect();
    let found = personal(&format!("select name, {} from a group by name order by name", listed.join(",\n ")), "");
    let wrong: Vec<_> = all.iter().enumerate().filter(|(at, (_, is))| found[&format!("c{at}")] != *is).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn it_is_followed_through_queries_within_and_rows_that_are_chosen_change_nothing() {
    let query = "with w as (select name, mail = 'x@x.example' as is_x from a), u as (select * from w union all select * from w) \
        select name, is_x as flag, not is_x as other_flag from u where is_x order by name";
    let found = personal(query, "");
    assert_eq!(
        found,
        BTreeMap::from([("name", false), ("flag", true), ("other_flag", true)].map(|(a, b)| (a.to_owned(), b)))
    );
    let found = personal("select name, n from a where mail = 'x@x.example' order by name", "");
    assert!(found.values().all(|it| !it), "{found:?}");
}

#[test]
fn the_class_of_a_column_can_be_said() {
    let query = "select mail = 'x@x.example' as flag, name from a order by name";
    let found = personal(query, "open = 'flag'\npersonal = ['name']");
    assert_eq!((found["flag"], found["name"]), (false, true));
    let case = Case::new(&[
        (
            "hotpass.toml",
            format!("{TOML}[step.q]\nkind = 'sql'\nquery = 'select name from a'\nopen = 'nmae'\n").as_str(),
        ),
        ("a.csv", "name,mail,born,other,n\nAda,,,,1\n"),
    ]);
    let ran = case.run(&["check"]);
    assert!(ran.code == Some(2) && ran.err.contains("no column `nmae`"), "{}", ran.all());
}
