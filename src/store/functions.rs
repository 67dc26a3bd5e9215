//! Registers the value functions of `text/` in DuckDB: `hp_email(x)`, `hp_phone(x, 'ZA')`, …
//!
//! They take and give text; null in is null out. All are pure, so that DuckDB may fold constants and spread rows over
//! threads; a panic inside one becomes an error of the statement (the `duckdb` crate contains it).
//!
//! Not here: which functions there are and what they take (`expr::functions`), what they do to a text (`text/`).

use std::borrow::Cow;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use duckdb::Connection;
use duckdb::core::{DataChunkHandle, LogicalTypeHandle, LogicalTypeId};
use duckdb::vscalar::{ScalarFunctionSignature, VScalar};
use duckdb::vtab::arrow::WritableVector;

use crate::digest::Hasher;
use crate::expr::functions::{Function, NULL_PART};
use crate::profile::DateOrder;
use crate::text::alias::Aliases;
use crate::text::placeholder::Placeholders;
use crate::text::{clean, date, email, list, name, number, phone, slug, website};

use memo::{Memo, Memos};
use vector::{Cell, Made, Texts};

mod memo;
mod vector;

/// Registers `hp_<name>` for each of [`Function::values`], for all connections to this database.
pub fn register(connection: &Connection) -> duckdb::Result<()> {
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
    Ok(())
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
    ("person_name", |it| owned(name::person(it))),
    ("person_role", |it| owned(name::role(it))),
    ("slug", |it| owned(slug::slug(it))),
    ("integer", |it| owned(number::integer(it).map(|it| it.to_string()))),
    ("boolean", |it| number::boolean(it).map(|it| Cow::Borrowed(if it { "true" } else { "false" }))),
];

fn owned<'a>(made: Option<String>) -> Option<Cow<'a, str>> {
    made.map(Cow::Owned)
}

fn joined(all: Vec<String>) -> Option<String> {
    (!all.is_empty()).then(|| all.join(";"))
}

struct OneArgument;

impl VScalar for OneArgument {
    type State = One;

    fn invoke(
        call: &One,
        input: &mut DataChunkHandle,
        output: &mut dyn WritableVector,
    ) -> Result<(), Box<dyn Error>> {
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

/// A function of a text and a setting, which is a constant in practice.
#[derive(Clone, Copy)]
enum Two {
    Phone,
    Phones,
    MatchKey,
    Date,
    Decimal,
    Lookup,
    UnlessListed,
    Without,
}

const TWO: &[(&str, Two)] = &[
    ("phone", Two::Phone),
    ("phones", Two::Phones),
    ("match_key", Two::MatchKey),
    ("date", Two::Date),
    ("decimal", Two::Decimal),
    ("lookup", Two::Lookup),
    ("unless_listed", Two::UnlessListed),
    ("without", Two::Without),
];

/// What a function of two arguments has for all its calls.
struct TwoState {
    kind: Two,
    tables: Tables,
    memos: Memos,
}

impl Two {
    fn state(self) -> TwoState {
        TwoState { kind: self, tables: Tables::default(), memos: Memos::default() }
    }
}

/// A second argument, read.
enum Setting<'a> {
    Phone(&'a str, Memo),
    Phones(&'a str, Memo),
    MatchKey(Vec<&'a str>),
    Date(date::Order),
    Decimal { comma: bool },
    Lookup(Arc<Aliases>),
    UnlessListed(Arc<Placeholders>),
    Without(&'a str),
}

impl TwoState {
    fn setting<'a>(&self, text: &'a str) -> Result<Setting<'a>, &'static str> {
        Ok(match self.kind {
            Two::Phone => Setting::Phone(text, self.memos.take(text)),
            Two::Phones => Setting::Phones(text, self.memos.take(text)),
            Two::MatchKey => Setting::MatchKey(text.lines().collect()),
            Two::Date if text == DateOrder::DayFirst.word() => Setting::Date(date::Order::DayFirst),
            Two::Date if text == DateOrder::MonthFirst.word() => Setting::Date(date::Order::MonthFirst),
            Two::Date => return Err("the second argument of `date` is `day_first` or `month_first`"),
            Two::Decimal if matches!(text, "." | ",") => Setting::Decimal { comma: text == "," },
            Two::Decimal => return Err("the second argument of `decimal` is `.` or `,`"),
            Two::Lookup => match self.tables.get(text, |it| Table::Aliases(Arc::new(Aliases::parse(it)))) {
                Table::Aliases(it) => Setting::Lookup(it),
                Table::Placeholders(_) => return Err("a lookup is no list of placeholders"),
            },
            Two::Without => Setting::Without(text),
            Two::UnlessListed => {
                match self.tables.get(text, |it| Table::Placeholders(Arc::new(Placeholders::new(it.lines())))) {
                    Table::Placeholders(it) => Setting::UnlessListed(it),
                    Table::Aliases(_) => return Err("a list of placeholders is no lookup"),
                }
            }
        })
    }

    fn done(&self, setting: Option<Setting<'_>>) {
        if let Some(Setting::Phone(_, memo) | Setting::Phones(_, memo)) = setting {
            self.memos.put_back(memo);
        }
    }
}

impl Setting<'_> {
    /// Makes the value of `text` and hands it to `then`.
    fn apply(&mut self, text: &str, then: impl FnOnce(Option<&str>)) {
        match self {
            Setting::Phone(region, memo) => memo.recall(text, |it| phone::phone(it, region), then),
            Setting::Phones(region, memo) => memo.recall(text, |it| joined(phone::phones(it, region)), then),
            Setting::MatchKey(suffixes) => then(slug::key(text, suffixes).as_deref()),
            Setting::Date(order) => then(date::date(text, *order).as_deref()),
            Setting::Decimal { comma } => then(number::decimal(text, *comma).map(|it| it.to_string()).as_deref()),
            Setting::Lookup(aliases) => then(aliases.find(text)),
            Setting::Without(others) => then(list::without(text, others).as_deref()),
            Setting::UnlessListed(placeholders) => then(placeholders.keep(text).then_some(text)),
        }
    }
}

struct TwoArguments;

impl VScalar for TwoArguments {
    type State = Arc<TwoState>;

    fn invoke(
        state: &Arc<TwoState>,
        input: &mut DataChunkHandle,
        output: &mut dyn WritableVector,
    ) -> Result<(), Box<dyn Error>> {
        let (texts, settings) = (Texts::new(input, 0)?, Texts::new(input, 1)?);
        let mut made = Made::new(output);
        let mut last: Option<Cell<'_>> = None;
        let mut setting = None;
        for row in 0..input.len() {
            let (Some(cell), Some(how)) = (texts.get(row), settings.get(row)) else {
                made.set(row, None);
                continue;
            };
            if !last.is_some_and(|it| it.is_same(how)) {
                state.done(setting.take());
                setting = Some(state.setting(how.text()?)?);
                last = Some(how);
            }
            if let Some(setting) = &mut setting {
                setting.apply(cell.text()?, |it| made.set(row, it));
            }
        }
        state.done(setting);
        Ok(())
    }

    fn signatures() -> Vec<ScalarFunctionSignature> {
        vec![ScalarFunctionSignature::exact(vec![text_type(), text_type()], text_type())]
    }
}

/// The tables that were parsed last, by their text.
#[derive(Default)]
struct Tables(Mutex<Vec<(Box<str>, Table)>>);

#[derive(Clone)]
enum Table {
    Aliases(Arc<Aliases>),
    Placeholders(Arc<Placeholders>),
}

impl Tables {
    /// Tables kept at once: as many as the columns of a wide sheet may have lookups.
    const KEPT: usize = 16;

    fn get(&self, text: &str, parse: impl FnOnce(&str) -> Table) -> Table {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, table)) = kept.iter().find(|it| *it.0 == *text) {
            return table.clone();
        }
        let table = parse(text);
        if kept.len() == Tables::KEPT {
            kept.remove(0);
        }
        kept.push((text.into(), table.clone()));
        table
    }
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
    use super::*;

    #[test]
    fn perf() {
        let connection = Connection::open_in_memory().unwrap();
        register(&connection).unwrap();
        let cases: &[(&str, &str, &str)] = &[
            ("clean", "' Aero  School ' || i", ""), ("line", "' Aero  School ' || i", ""),
            ("email", "'Jane.Doe' || i || '@Example.co.za'", ""), ("emails", "'Jane.Doe' || i || '@Example.co.za; x@y.org'", ""),
            ("email dup", "'Jane.Doe' || i%2000 || '@Example.co.za'", ""),
            ("phone", "'082 ' || (1000000 + i)", ", 'ZA'"), ("phone dup", "'082 ' || (1000000 + i%2000)", ", 'ZA'"), ("phones", "'082 ' || (1000000 + i)||' / 011 555 1234'", ", 'ZA'"),
            ("website", "'www.Example' || i || '.co.za/About'", ""), ("website dup", "'www.Example' || i%2000 || '.co.za/About'", ""),("domain", "'www.Example' || i || '.co.za/About'", ""),
            ("organisation_name", "'Aéro School ' || i", ""), ("person_name", "'Dr Jane van der Doe ' || i", ""), ("person_role", "'Head of School ' || i", ""),
            ("slug", "'Aero School ' || i", ""), ("slug utf8", "'Aéro School ' || i", ""), ("match_key", "'Aero School ' || i || ' (Pty) Ltd'", ", 'pty ltd\nltd\ncc'"),
            ("date", "(i%28+1) || '/02/' || (2000 + i%20)", ", 'day_first'"), ("date iso", "'2020-02-' || (10 + i%18)", ", 'day_first'"),
            ("integer", "i::varchar", ""), ("decimal", "i || '.5'", ", '.'"), ("boolean", "case when i%2=0 then 'yes' else 'N' end", ""),
            ("lookup", "case when i%2=0 then 'kzn' else 'Gauteng' end", ", 'kzn\tKwaZulu-Natal\ngp\tGauteng'"),
            ("unless_listed", "'Aero School ' || i", ", 'n/a\n-\nunknown'"),
            ("identifier", "'Aero School ' || i", ", 'x'"),
            ("identifier const", "'Aero School '", ""),
        ];
        for (name, make, rest) in cases {
            let f = name.split(' ').next().unwrap();
            connection.execute_batch(&format!("create or replace table t as select {make} as x from range(1000000) r(i)")).unwrap();
            let mut line = format!("{name:18}");
            for threads in [1, 2] {
                connection.execute_batch(&format!("set threads={threads}")).unwrap();
                let time = |sql: &str| (0..3).map(|_| { let t = std::time::Instant::now();
                    let _: i64 = connection.query_row(sql, [], |r| r.get(0)).unwrap(); t.elapsed().as_secs_f64() }).fold(9e9, f64::min);
                let base = time("select sum(length(x))::bigint from t");
                let all = time(&format!("select coalesce(sum(length(hp_{f}(x{rest}))),0)::bigint from t"));
                line += &format!(" | {threads} threads {all:.3} s, own {:.3} s, {:.2} M/s", all - base, 1.0 / all);
            }
            println!("{line}");
        }
        use arrow_array::RecordBatch;
        let sql = "select 'Aero School ' || i as a, 'jane.doe' || i || '@example.org' as b, case when i%5=0 then null else '+2782' || (1000000+i) end as c, case when i%3=0 then 'Gauteng' else 'KwaZulu-Natal' end as d, i::bigint as e, i/7.0 as f, date '2020-01-01' + (i%365)::int as g from range(1000000) r(i)";
        let mut statement = connection.prepare(sql).unwrap();
        let batches: Vec<RecordBatch> = statement.query_arrow([]).unwrap().collect();
        println!("{} batches {:?}", batches.len(), batches[0].schema());
        for _ in 0..3 {
            let types: Vec<_> = batches[0].schema().fields().iter().map(|it| crate::store::digests::canonical_type(it.data_type()).unwrap_or(crate::model::Type::Date)).collect();
            let t = std::time::Instant::now();
            let mut digests = crate::store::digests::Digests::new(&types);
            for batch in &batches { digests.update(batch).unwrap(); }
            let (rows, d) = digests.finish();
            println!("digests {rows} {:?} {:?}", d[0], t.elapsed());
        }
    }
}
