//! What a `derive`, `aggregate` or `window` step makes of a personal value is personal, also where a condition makes it.

use crate::case::Case;

const TOML: &str = r#"
[pipeline]
name = "p"
[field.name]
class = "personal"
[field.salary]
class = "personal"
[field.gone]
class = "personal"
[source.s]
path = "s.csv"
[enrich.w]
"Zyx Quill" = "Zyx Quill"
[function.band]
takes = { x = "integer" }
gives = "case when x > 70000 then 'rich' else 'poor' end"
[step.n]
kind = "derive"
from = "s"
columns = { salary = "cast(salary as integer)", gone = "cast(gone as boolean)" }
"#;

/// Holds each of some expressions of a step of a kind against whether it is personal.
fn check(kind: &str, more: &str, all: &[(&str, bool)]) {
    let columns: Vec<String> = all.iter().enumerate().map(|(at, (it, _))| format!("c{at} = '''{it}'''\n")).collect();
    let toml = format!("{TOML}[step.d]\nkind = '{kind}'\nfrom = 'n'\n{more}\n[step.d.columns]\n{}", columns.concat());
    let rows = "id,name,salary,gone,town,other\n1,Zyx Quill,73519,true,Basel,x\n2,Vex Brind,81726,false,Ghent,y\n";
    let case = Case::new(&[("hotpass.toml", toml.as_str()), ("s.csv", rows)]);
    case.run(&["build"]).ok();
    let events = case.run(&["show", "d", "-n", "0", "--format", "json"]).ok().events();
    let class = |name: &str| {
        events.iter().find(|it| it["event"] == "column" && it["name"] == name).expect(name)["class"].clone()
    };
    let wrong: Vec<_> =
        all.iter().enumerate().filter(|(at, (_, is))| (class(&format!("c{at}")) == "personal") != *is).collect();
    assert!(wrong.is_empty(), "{kind}: {wrong:?}");
}

#[test]
fn a_condition_that_makes_a_value_is_as_personal_as_what_it_asks() {
    check(
        "derive",
        "",
        &[
            ("case when name = 'Zyx Quill' then 'Zyx Quill' end", true),
            ("case when salary > 70000 then 'rich' else 'poor' end", true),
            ("case name when 'Zyx Quill' then 1 else 2 end", true),
            ("case when town = 'Basel' and salary > 70000 then 1 end", true),
            ("case when name = town then 1 end", true),
            ("enrich(name, 'w')", true),
            ("band(salary)", true),
            ("cast((salary > 70000) as text)", true),
            ("cast(name like 'Z%' as integer)", true),
            ("coalesce(case when name = 'x' then 'y' end, town)", true),
            ("not gone", true),
            ("coalesce(gone, false)", true),
            ("gone = true", true),
            ("case when gone then false else true end", true),
            // Truth values are open in `derive`, and so is whether something is there.
            ("name = 'Zyx Quill'", false),
            ("salary > 70000 and town = 'Basel'", false),
            ("case when name is null then 'none' else 'some' end", false),
            ("case when name = name then 1 end", false),
            ("case when town = 'Basel' then 'here' end", false),
            ("gone is null", false),
        ],
    );
}

#[test]
fn what_takes_several_rows_together_is_open_only_where_it_counts() {
    check(
        "aggregate",
        "by = 'id'",
        &[
            ("sum(case when name = 'Zyx Quill' then 73519 end)", true),
            ("max(case when name = 'Zyx Quill' then 5 else 0 end)", true),
            ("first(case when salary > 70000 then 'rich' end order by id)", true),
            ("sum(case when name = 'Zyx Quill' then 1 else 0 end)", false),
            ("count(*) filter (where name = 'Zyx Quill')", false),
            ("any(name = 'Zyx Quill')", false),
        ],
    );
    check(
        "window",
        "order = 'id'",
        &[
            ("count(*) filter (where name = 'Zyx Quill')", true),
            ("any(salary > 70000) over (partition by id)", true),
            ("sum(case when name = 'Zyx Quill' then 1 else 0 end)", true),
            ("count(name)", false),
            ("row_number() over (order by name)", false),
        ],
    );
}
