//! Registers the value functions of `text/` in DuckDB: `hp_email(x)`, `hp_phone(x, 'ZA')`, …
//!
//! They take and give text; null in is null out. All are pure, so that DuckDB may fold constants and spread rows over
//! threads; a panic inside one becomes an error of the statement (the `duckdb` crate contains it).
//!
//! Not here: which functions there are and what they take (`expr::functions`), what they do to a text (`text/`).

use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;

use duckdb::Connection;
use duckdb::core::{DataChunkHandle, LogicalTypeHandle, LogicalTypeId};
use duckdb::vscalar::{ScalarFunctionSignature, VScalar};
use duckdb::vtab::arrow::WritableVector;

use crate::digest::Hasher;
use crate::expr::functions::{Function, NULL_PART};
use crate::profile::DateOrder;
use crate::text::{
    clean, codes, coordinates, date, duration, email, iban, list, name, number, pattern, priced, slug, vat, website,
};

use two::{TWO, Two, TwoArguments};
use vector::{Cell, Made, Texts};

mod asked;
mod casts;
mod memo;
mod two;
mod vector;

/// With the first columns are looked at, with the second digits are compared, with the others lists of JSON are taken apart
/// and made.
const OWN: [(&str, One); 5] = [
    ("pattern_of", |it| owned(Some(pattern::pattern(it)))),
    ("digits_of", |it| owned(number::significant(it))),
    ("items_of", |it| owned(list::of_json(it))),
    ("json_mended", |it| Some(list::mended(it))),
    ("json_text", |it| owned(serde_json::to_string(it).ok())),
];

/// Whether a function of this name is one that [`register`] makes.
pub(super) fn is_ours(name: &str) -> bool {
    OWN.iter().any(|it| it.0 == name) || Function::values().any(|it| name.strip_prefix("hp_") == Some(it.name))
}

/// Registers `hp_<name>` for each of [`Function::values`], `as_<type>`, which casts call, and functions of our own.
pub fn register(connection: &Connection) -> duckdb::Result<()> {
    for (name, call) in OWN {
        connection.register_scalar_function_with_state::<OneArgument>(name, &call)?;
    }
    for function in Function::values() {
        let name = format!("hp_{}", function.name);
        if let Some((_, call)) = ONE.iter().find(|it| it.0 == function.name) {
            connection.register_scalar_function_with_state::<OneArgument>(&name, call)?;
        } else if let Some((_, kind)) = TWO.iter().find(|it| it.0 == function.name) {
            connection.register_scalar_function_with_state::<TwoArguments>(&name, &Arc::new(kind.state()))?;
        } else if function.name == "identifier" {
            connection.register_scalar_function::<Identifier>(&name)?;
        } else {
            return Err(duckdb::Error::InvalidParameterName(name));
        }
    }
    asked::register(connection)?;
    for (name, kind) in [("as_text", Two::Format), ("rounded", Two::Rounded), ("has_time", Two::HasTime)] {
        connection.register_scalar_function_with_state::<TwoArguments>(name, &Arc::new(kind.state()))?;
    }
    casts::register(connection)
}

/// 16 hexadecimal digits that stand for `parts`, in order; null is a part like any other.
pub fn identifier<'a>(parts: impl IntoIterator<Item = Option<&'a str>>) -> String {
    named(&Hasher::new(IDENTIFIER), parts)
}

const IDENTIFIER: &str = "hotpass identifier v1";

fn named<'a>(empty: &Hasher, parts: impl IntoIterator<Item = Option<&'a str>>) -> String {
    let mut hasher = empty.clone();
    for part in parts {
        match part {
            Some(text) if text != NULL_PART => hasher.text(text),
            _ => hasher.number(u64::MAX), // No text is that long.
        };
    }
    let mut hex = hasher.finish().hex();
    hex.truncate(16);
    hex
}

/// A function of a text alone.
type One = for<'a> fn(&'a str) -> Option<Cow<'a, str>>;

const ONE: &[(&str, One)] = &[
    ("clean", |it| owned(clean::clean(it))),
    ("line", |it| owned(clean::line(it))),
    ("email", |it| owned(email::email(it))),
    ("emails", |it| owned(joined(email::emails(it)))),
    ("website", |it| owned(website::website(it))),
    ("domain", |it| owned(website::domain(it))),
    ("organisation_name", |it| owned(name::organisation(it))),
    ("people", |it| owned(joined(name::people(it)))),
    ("person_name", |it| owned(name::person(it))),
    ("person_role", |it| owned(name::role(it))),
    ("slug", |it| owned(slug::slug(it))),
    ("iban", |it| owned(iban::iban(it))),
    ("vat", |it| owned(vat::vat(it))),
    ("country", |it| owned(codes::country(it))),
    ("currency", |it| owned(codes::currency(it))),
    ("currency_of", |it| owned(priced::currency_of(it))),
    ("unmarked", |it| Some(crate::publish::unmarked(it))),
    ("language", |it| owned(codes::language(it))),
    ("coordinates", |it| owned(coordinates::coordinates(it))),
    ("duration", |it| owned(duration::duration(it))),
    ("date_order", |it| date::order_of(it).map(|it| Cow::Borrowed(told_order(it)))),
];

fn told_order(says: date::Says) -> &'static str {
    match says {
        date::Says::Only(date::Order::DayFirst) => DateOrder::DayFirst.word(),
        date::Says::Only(date::Order::MonthFirst) => DateOrder::MonthFirst.word(),
        date::Says::Either | date::Says::Only(date::Order::Unsaid | date::Order::YearFirst) => "either",
    }
}

fn told_sign(sign: number::Sign) -> &'static str {
    match sign {
        number::Sign::Point => ".",
        number::Sign::Comma => ",",
        number::Sign::Either => "either",
    }
}

fn owned<'a>(made: Option<String>) -> Option<Cow<'a, str>> {
    made.map(Cow::Owned)
}

fn joined(all: Vec<String>) -> Option<String> {
    (!all.is_empty()).then(|| all.join(";"))
}

struct OneArgument;

impl VScalar for OneArgument {
    type State = One;

    fn invoke(call: &One, input: &mut DataChunkHandle, output: &mut dyn WritableVector) -> Result<(), Box<dyn Error>> {
        let texts = Texts::new(input, 0)?;
        let mut made = Made::new(output);
        let mut last: Option<(Cell<'_>, Option<Cow<'_, str>>)> = None;
        for row in 0..input.len() {
            let Some(cell) = texts.get(row) else {
                made.set(row, None);
                continue;
            };
            let value = match last.take() {
                Some((before, value)) if before.is_same(cell) => value,
                _ => call(cell.text()?),
            };
            made.set(row, value.as_deref());
            last = Some((cell, value));
        }
        Ok(())
    }

    fn signatures() -> Vec<ScalarFunctionSignature> {
        vec![ScalarFunctionSignature::exact(vec![text_type()], text_type())]
    }
}

fn text_type() -> LogicalTypeHandle {
    LogicalTypeId::Varchar.into()
}

struct Identifier;

impl VScalar for Identifier {
    type State = ();

    fn invoke(_: &(), input: &mut DataChunkHandle, output: &mut dyn WritableVector) -> Result<(), Box<dyn Error>> {
        let columns: Result<Vec<_>, _> = (0..input.num_columns()).map(|it| Texts::new(input, it)).collect();
        let columns = columns?;
        let mut made = Made::new(output);
        let empty = Hasher::new(IDENTIFIER);
        let mut parts = Vec::with_capacity(columns.len());
        for row in 0..input.len() {
            parts.clear();
            for column in &columns {
                parts.push(column.get(row).map(Cell::text).transpose()?);
            }
            made.set(row, Some(&named(&empty, parts.iter().copied())));
        }
        Ok(())
    }

    fn signatures() -> Vec<ScalarFunctionSignature> {
        vec![ScalarFunctionSignature::variadic(text_type(), text_type())]
    }
}

#[cfg(test)]
mod tests {
    use duckdb::params;

    use super::*;
    use crate::expr::{Expr, Literal};
    use crate::model::{Column, Schema, Type};
    use crate::relation::Relation;
    use crate::relation::sql::{Tables, statement};
    use crate::text::alias::Aliases;
    use crate::text::phone;
    use crate::text::placeholder::Placeholders;

    const CORPUS: &[Option<&str>] = &[
        None,
        Some(""),
        Some(" \u{a0}\n"),
        Some("a\0b"),
        Some("N/A"),
        Some("yes"),
        Some("0"),
        Some("-12"),
        Some("1.234,50"),
        Some("1,234.50"),
        Some("twelve bytes"),
        Some("thirteen byte"),
        Some("05/02/2025"),
        Some("2025-02-05T10:00:00+02:00"),
        Some("Dr Jane van der Doe (Head of School)"),
        Some(" Jane.Doe@Example.CO.ZA; x@y.org "),
        Some("mailto:jane@example.org"),
        Some("082 123 4567"),
        Some("011 555 1234 / 082 123 4567"),
        Some("+44 20 7946 0958 ext 12"),
        Some("WWW.Example.org/About Us?x=1"),
        Some("https://bücher.example/"),
        Some("Aéro—School  (Pty) Ltd."),
        Some("日本 ½ Straße"),
        Some("KWAZULU  natal"),
        Some("\u{10ffff}"),
    ];

    const LOOKUP: &str = "kwazulu natal\tKwaZulu-Natal\ngp\tGauteng";

    fn connection() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        register(&connection).unwrap();
        connection
    }

    /// All texts that a statement gives in its first column.
    fn texts(connection: &Connection, sql: &str) -> Vec<Option<String>> {
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    /// The corpus again and again, so that chunks repeat it and end within it.
    fn corpus(connection: &Connection) {
        connection.execute_batch("CREATE TABLE corpus (o INTEGER, x VARCHAR)").unwrap();
        let mut appender = connection.appender("corpus").unwrap();
        for (index, text) in CORPUS.iter().cycle().take(5000).enumerate() {
            appender.append_row(params![index as i32, text]).unwrap();
        }
    }

    fn check(connection: &Connection, call: &str, function: impl Fn(&str) -> Option<String>) {
        let got = texts(connection, &format!("SELECT hp_{call} FROM corpus ORDER BY o"));
        assert_eq!(got.len(), 5000);
        for (text, got) in CORPUS.iter().cycle().zip(got) {
            assert_eq!(got, text.and_then(&function), "{call} of {text:?}");
        }
    }

    #[test]
    fn every_value_function_is_registered_as_declared() {
        let connection = connection();
        let sql = "SELECT concat_ws(' ', function_name, len(parameters), varargs, stability, return_type) \
            FROM duckdb_functions() WHERE function_name LIKE 'hp\\_%' ESCAPE '\\' ORDER BY function_name";
        let declared = |it: &Function| match it.arity() {
            Some(arity) => format!("hp_{} {arity} CONSISTENT VARCHAR", it.name),
            None => format!("hp_{} 0 VARCHAR CONSISTENT VARCHAR", it.name),
        };
        let mut expected: Vec<_> = Function::values().map(|it| Some(declared(it))).collect();
        expected.sort();
        assert_eq!(texts(&connection, sql), expected);
    }

    #[test]
    fn in_sql_they_give_what_they_give_in_rust() {
        let connection = &connection();
        corpus(connection);
        check(connection, "clean(x)", clean::clean);
        check(connection, "line(x)", clean::line);
        check(connection, "email(x)", email::email);
        check(connection, "emails(x)", |it| Some(email::emails(it).join(";")).filter(|it| !it.is_empty()));
        check(connection, "phone(x, 'ZA')", |it| phone::phone(it, "ZA"));
        check(connection, "phone(x, '')", |it| phone::phone(it, ""));
        check(connection, "phones(x, 'ZA')", |it| Some(phone::phones(it, "ZA").join(";")).filter(|it| !it.is_empty()));
        check(connection, "website(x)", website::website);
        check(connection, "domain(x)", website::domain);
        check(connection, "organisation_name(x)", name::organisation);
        check(connection, "people(x)", |it| joined(name::people(it)));
        check(connection, "person_name(x)", name::person);
        check(connection, "person_role(x)", name::role);
        check(connection, "each_with(x, '-1')", |it| Some(list::each_with(it, "-1")));
        check(connection, "slug(x)", slug::slug);
        check(connection, "match_key(x, '(pty) ltd\ncc')", |it| slug::key(it, &["(pty) ltd", "cc"]));
        check(connection, "match_key(x, '')", |it| slug::key(it, &[]));
        check(connection, "date(x, 'day_first')", |it| date::date(it, date::Order::DayFirst));
        check(connection, "date(x, 'month_first')", |it| date::date(it, date::Order::MonthFirst));
        check(connection, "date_order(x)", |it| date::order_of(it).map(|it| told_order(it).to_owned()));
        check(connection, "decimal_sign(x, '')", |it| number::sign(it, &[]).map(|it| told_sign(it).to_owned()));
        check(connection, "integer(x, '.')", |it| number::integer(it).map(|it| it.to_string()));
        check(connection, "integer(x, ',')", |it| number::whole(it, true, &[]).map(|it| it.to_string()));
        check(connection, "decimal(x, '.')", |it| number::decimal(it, false));
        check(connection, "decimal(x, ',')", |it| number::decimal(it, true));
        check(connection, "decimal(x, ',' || chr(10) || 'R')", |it| number::amount(it, true, &["R"]));
        check(connection, "boolean(x, '+ja' || chr(10) || '-nein')", |it| {
            number::boolean(it, [&["ja"], &["nein"]]).map(|it| it.to_string())
        });
        let aliases = Aliases::parse(LOOKUP);
        check(connection, &format!("lookup(x, '{LOOKUP}')"), |it| aliases.find(it).map(str::to_owned));
        let list = Placeholders::new(["n/a", "-"]);
        check(connection, "unless_listed(x, 'n/a\n-')", |it| list.keep(it).then(|| it.to_owned()));
        check(connection, "unless_listed(x, '')", |it| (!it.trim().is_empty()).then(|| it.to_owned()));
    }

    #[test]
    fn second_arguments_may_differ_from_row_to_row() {
        let sql = "SELECT hp_phone(x, r) FROM (VALUES ('020 7946 0958', 'GB'), ('082 123 4567', 'ZA'), \
            ('082 123 4567', NULL), (NULL, 'ZA'), ('082 123 4567', 'GB'), ('020 7946 0958', 'GB')) AS t (x, r)";
        let expected = [Some("+442079460958"), Some("+27821234567"), None, None, None, Some("+442079460958")];
        assert_eq!(texts(&connection(), sql), expected.map(|it| it.map(str::to_owned)));
        let sql = "SELECT hp_lookup('x', 'x' || chr(9) || i) FROM range(40) AS t (i)";
        let expected: Vec<_> = (0..40).map(|it| Some(it.to_string())).collect();
        assert_eq!(texts(&connection(), sql), expected);
    }

    #[test]
    fn a_second_argument_that_means_nothing_is_an_error_of_the_statement() {
        let connection = connection();
        let message = |sql| connection.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap_err().to_string();
        assert!(
            message("SELECT hp_date('5/2/2025', 'secret')").contains("is `day_first`, `month_first` or `year_first`")
        );
        assert!(message("SELECT hp_decimal('1', 'secret')").contains("is `.` or `,`"));
        assert_eq!(texts(&connection, "SELECT hp_email('A@b.org')"), [Some("a@b.org".to_owned())]);
    }

    struct Corpus;

    impl Tables for Corpus {
        fn select(&self, _: usize, columns: &[(&str, String)], _: bool) -> String {
            let columns: Vec<_> = columns.iter().map(|(_, name)| format!("x AS {name}")).collect();
            format!("SELECT {} FROM corpus ORDER BY o", columns.join(", "))
        }

        fn schema(&self, _: usize) -> Schema {
            Schema { columns: vec![Column::new("x", Type::Text)].into() }
        }
    }

    #[test]
    fn null_is_a_part_of_an_identifier_like_any_other() {
        let connection = connection();
        corpus(&connection);
        let schema = Schema { columns: vec![Column::new("x", Type::Text)].into() };
        let check = |parts: Vec<Expr>, expected: &dyn Fn(Option<&str>) -> String| {
            let columns = vec![("id".to_owned(), Expr::call("identifier", parts))];
            let statement = statement(&Relation::scan(0, &schema).project(columns), &Corpus);
            for (text, got) in CORPUS.iter().cycle().zip(texts(&connection, &statement.text)) {
                assert_eq!(got, Some(expected(text.filter(|it| *it != NULL_PART))), "{text:?}");
            }
        };
        let null = || Expr::Literal(Literal::Null);
        check(vec![Expr::column("x")], &|it| identifier([it]));
        check(vec![Expr::column("x"), null()], &|it| identifier([it, None]));
        check(vec![Expr::text("a"), null()], &|_| identifier([Some("a"), None]));
        check(vec![Expr::column("x"), Expr::text("a"), Expr::column("x")], &|it| identifier([it, Some("a"), it]));
    }

    /// The value of an expression over a table of one row.
    fn number(connection: &Connection, text: &str) -> Option<f64> {
        let expr = crate::expr::parse::parse(text).unwrap();
        let columns = vec![("n".to_owned(), Expr::Cast(Box::new(expr), Type::Float))];
        let relation = Relation::Scan { input: 0, columns: Vec::new().into() }.project(columns);
        let statement = statement(&relation, &One);
        connection.query_row(&statement.text, [], |row| row.get(0)).unwrap()
    }

    struct One;

    impl Tables for One {
        fn select(&self, _: usize, _: &[(&str, String)], _: bool) -> String {
            "SELECT 1 AS nothing".to_owned()
        }

        fn schema(&self, _: usize) -> Schema {
            Schema::default()
        }
    }

    #[test]
    fn scores_are_what_their_formulas_say() {
        let connection = connection();
        let check = |text: &str, expected: Option<f64>| {
            let got = number(&connection, text);
            let near = got.zip(expected).is_some_and(|(a, b)| (a - b).abs() < 1e-12);
            assert!(near || got == expected, "{text} is {got:?}, expected {expected:?}");
        };
        for (value, expected) in [
            ("0.35", 0.14185106490048777),
            ("0.45", 0.3543436937742046),
            ("0.5", 0.5),
            ("0.6", 0.7685247834990175),
            ("0.85", 0.9852259683067269),
            ("0.92", 0.9935678915330812),
        ] {
            check(&format!("logistic({value}, 12, 0.5)"), Some(expected));
        }
        // A doubtful address alone, one beside a good number, a good number alone.
        check("logistic(mean(0.35, null), 12, 0.5) * 0.6", Some(0.08511063894029265));
        check("logistic(mean(0.35, 0.85), 12, 0.5) * 0.6", Some(0.4611148700994105));
        check("logistic(mean(nullif(0, 0), 0.85), 12, 0.5)", Some(0.9852259683067269));
        check("logistic(weighted_mean(1, 0.3, 0.75, 0.25, 0.85, 0.15, 1, 0.2, 0, 0.1), 12, 0.5)", {
            let mean: f64 = (0.3 + 0.25 * 0.75 + 0.15 * 0.85 + 0.2) / (0.3 + 0.25 + 0.15 + 0.2 + 0.1);
            Some(1.0 / (1.0 + (-12.0 * (mean - 0.5)).exp()))
        });
        check("weighted_mean(2, 1, 5, 3)", Some(4.25));
        check("weighted_mean(2, 1, null, 3)", None);
        check("weighted_mean(2, 0)", None);
        check("clamp(length('{1}{2}'), 0, length('{0}'))", Some(3.0));
        check("mean(1, 2.5)", Some(1.75));
        check("mean(null, null)", None);
        check("clamp(1.5, 0, 1)", Some(1.0));
        check("clamp(-0.5, 0, 1)", Some(0.0));
        check("clamp(0.25, 0, 1)", Some(0.25));
        check("clamp(null, 0, 1)", None);
    }

    #[test]
    fn identifiers_tell_parts_apart() {
        let all: [&[Option<&str>]; 9] = [
            &[],
            &[None],
            &[Some("")],
            &[None, None],
            &[Some("a")],
            &[Some("ab"), Some("c")],
            &[Some("a"), Some("bc")],
            &[Some("a"), None],
            &[None, Some("a")],
        ];
        let mut made: Vec<_> = all.iter().map(|it| identifier(it.iter().copied())).collect();
        assert!(made.iter().all(|it| it.len() == 16 && it.bytes().all(|it| it.is_ascii_hexdigit())));
        made.sort();
        made.dedup();
        assert_eq!(made.len(), all.len());
        // Published identifiers must not change from one release to the next.
        assert_eq!(identifier([Some("Aero School"), None]), "53f6d4a04974a87e");
    }
}
