//! A condition that makes a value, and one that ties a row to a personal value, is as personal as the value.

use crate::asked_of_people::personal;

/// Holds each of some expressions over `from`, of a row or of a group, against whether it is personal.
fn check(from: &str, all: &[(&str, bool)]) {
    let listed: Vec<String> = all.iter().enumerate().map(|(at, (it, _))| format!("{it} as c{at}")).collect();
    let found = personal(&format!("select {} {from}", listed.join(",\n ")), "");
    let wrong: Vec<_> = all.iter().enumerate().filter(|(at, (_, is))| found[&format!("c{at}")] != *is).collect();
    assert!(wrong.is_empty(), "{from}: {wrong:?}");
}

#[test]
fn a_query_in_the_place_of_a_value_is_as_personal_as_what_it_chooses_by() {
    check(
        "from a order by name",
        &[
            ("(select max(i) from range(0, 99) r(i) where r.i <= year(a.born::date))", true),
            ("(select sum(1) from range(0, 99) r(i) where r.i <= year(a.born::date))", true),
            ("(select max(b.n::int) from b where b.name <= a.mail)", true),
            ("(select b.n::int from b order by abs(b.n::int - year(a.born::date)) limit 1)", true),
            ("(select max(n::int) from b where b.mail = 'x')", true),
            ("exists (select 1 from b where b.n > a.mail)", true),
            ("not exists (select 1 from b where b.n > a.mail)", true),
            ("a.n in (select b.n from b where b.mail like 'x%')", true),
            ("(select count(*) from range(year(a.born::date)))", true),
            ("name in (select mail from b)", true),
            ("(select max(b.n::int) from b where b.n <= a.n)", false),
            ("(select count(*) from b where b.mail = a.mail)", false),
            ("(select count(*) from b)", false),
            ("mail in (select mail from b)", false),
        ],
    );
}

#[test]
fn a_row_that_a_personal_value_chose_tells_of_it() {
    for (from, what) in [
        ("from a join range(1900, 2100) r(i) on r.i = year(a.born::date)", "r.i"),
        ("from a join range(1900, 2100) r(i) on r.i < year(a.born::date)", "r.i + 1"),
        ("from a, range(1900, 2100) r(i) where r.i = year(a.born::date)", "r.i"),
        ("from a, range(1900, 2100) r(i) where a.n = '1' and not (r.i <> year(a.born::date))", "r.i"),
        ("from a left join b on a.mail like 'x%'", "b.n::int"),
        ("from a join b on b.name = a.mail", "b.n::int"),
        ("from a join (select name as mail, n from b) c using (mail)", "c.n::int"),
        ("from a asof join b on a.mail >= b.name", "b.n::int"),
        ("from a, lateral (select max(i) as i from range(1900, 2100) t(i) where t.i <= year(a.born::date)) r", "r.i"),
        ("from a, lateral (select b.n from b where b.name < a.mail limit 1) r", "r.n::int"),
        ("from (select r.i, a.name, a.n, a.born from a, range(1900, 2100) r(i)) a where i = year(a.born::date)", "i"),
        ("from a, b qualify row_number() over (partition by a.name order by b.name = a.mail) = 1", "b.n::int"),
    ] {
        check(&format!("{from} order by 1"), &[(what, true)]);
    }
    let own = "from a join range(1900, 2100) r(i) on r.i = year(a.born::date) order by 1";
    check(own, &[("length(a.name)", false), ("a.n::int", false), ("a.mail", true)]);
    // Rows that are chosen, and equal values of two people, tell nothing more.
    for from in [
        "from a join b on a.mail = b.mail",
        "from a join b on lower(trim(a.mail)) = lower(trim(b.mail))",
        "from a left join b using (mail)",
        "from a join b on a.n = b.n where a.mail like 'x%' and b.born is not null",
        "from a join b on a.n = b.n and b.mail = 'x'",
        "from a join b on a.n = b.n where a.n in (select n from b where mail like 'x%')",
        "from a, b where exists (select 1 from b c where c.mail = a.mail)",
        "from a, b qualify row_number() over (partition by lower(a.mail) order by a.n desc) = 1",
    ] {
        check(&format!("{from} order by 1"), &[("length(a.name)", false), ("b.n::int", false)]);
    }
    check("from a where a.name = a.mail order by 1", &[("length(name)", true), ("n::int", false)]);
    check("from (select a.name, b.n from a, b order by length(a.mail), b.n limit 1)", &[("length(name)", false)]);
}

#[test]
fn what_takes_several_rows_together_is_open_only_where_it_counts() {
    check(
        "from a group by name, n order by name",
        &[
            ("sum(case when mail = 'x' then 73519 when mail = 'y' then 81726 end)", true),
            ("max(case when mail = 'x' then 5 else 0 end)", true),
            ("avg(case when mail = 'x' then 5 else 0 end)", true),
            ("sum((mail = 'x')::int * 5)", true),
            ("sum(case when mail = 'x' then 0.1 else 0 end)", true),
            ("max(73519) filter (where mail = 'x')", true),
            ("len(list('rich') filter (where mail = 'x'))", true),
            ("first(n::int order by length(mail))", true),
            ("arg_max(n::int, length(mail))", true),
            ("count(*) filter (where starts_with(mail, name))", true),
            ("sum(case when mail like name then 1 else 0 end)", true),
            ("bool_or(mail like name)", true),
            ("max(case when mail = 'x' then 1 else 0 end)", false),
            ("sum(1) filter (where mail = 'x')", false),
            ("max(n::int) filter (where mail = 'x')", false),
            ("first(n::int order by mail)", false),
        ],
    );
    check(
        "from a order by name",
        &[
            ("dense_rank() over (order by mail > 'm')", true),
            ("rank() over (order by year(born::date))", true),
            ("count(*) over (partition by mail = 'x')", true),
            ("count(*) filter (where mail = 'x') over (partition by name)", true),
            ("sum(case when mail = 'x' then 1 else 0 end) over (order by n)", true),
            ("bool_or(mail = 'x') over (partition by n)", true),
            ("count(*) over (partition by mail)", false),
            ("rank() over (order by mail)", false),
            ("lag(n::int) over (order by born)", false),
        ],
    );
    // How many rows belong to one is the very number.
    check(
        "from a join range(1900, 2100) r(i) on r.i < year(a.born::date) group by a.name order by 1",
        &[("length(a.name)", false), ("count(*)", true), ("sum(1)", true), ("length(string_agg('x'))", true)],
    );
    check(
        "from (select a.name from a, range(1900, 2100) r(i) where r.i < year(a.born::date)) group by name order by 1",
        &[("length(name)", false), ("count(*)", true)],
    );
    check("from (select 1 as x from a limit (select max(year(born::date)) from a))", &[("count(*)", true)]);
}

#[test]
fn a_distance_between_personal_values_is_made_of_both() {
    let days = "(partition by n order by cast(born as date) range between interval 1 day preceding and current row)";
    let named = "(order by other range between unbounded preceding and current row)";
    check(
        "from (select *, cast(n as integer) as k, length(mail) as other_length from a)",
        &[
            (&format!("count(*) over {days}"), true),
            (&format!("count(*) over {named}"), false),
            ("count(*) over (order by mail rows between 1 preceding and 1 following)", false),
            ("count(*) over (order by k range between 1 preceding and current row)", false),
        ],
    );
}
