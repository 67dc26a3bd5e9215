//! What only trying tells: which order dates have, which columns are numbers, what normalising would lose, and what is
//! true of every row.

use std::collections::{BTreeMap, BTreeSet};

use crate::answers::init::country::quoted as quoted_text;
use crate::answers::init::draft::{Draft, StepStatus, text};
use crate::answers::init::scratch::{Counted, Scratch, Tried, World, check};
use crate::profile::{DateOrder, Profile, Value};
use crate::text::words::Words;

/// From this share of its values on a column is what they look like.
const TYPED: f64 = 0.95;
/// A column of which a greater share of values would be lost is taken as it is.
const LOST: f64 = 0.2;
/// From this share on a column is expected to be filled in the next delivery too, with so much room.
const FILLED: f64 = 0.5;
const ROOM: f64 = 0.05;
/// What tells rows apart stands among so many first columns.
const KEYS: usize = 12;

/// Kinds of values that a column is of whose name says so and whose values do not deny it.
const NAMED: [Value; 7] =
    [Value::Iban, Value::Vat, Value::Country, Value::Currency, Value::Language, Value::Coordinates, Value::Duration];
/// How much a column's name must be like that of the kind.
const ALIKE: f64 = 0.6;

/// What only a key looks like: a few letters and a number, or sixteen bytes in hexadecimal digits.
const SHAPE: &str = r"^(\pL{1,6}[-_./]?[0-9]+|[0-9A-Fa-f]{8}(-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12})$";

/// What is to be normalised how, found out by counting what each way makes of the values. `Some` when a table cannot be
/// made.
pub(crate) fn types(scratch: &Scratch, draft: &mut Draft, profile: &Profile) -> World<Option<Tried>> {
    let known = |name: &str| profile.field(name).map(|it| it.value.clone());
    let mut asks: Vec<String> = Vec::new();
    draft.plain.clear();
    draft.normal.clear();
    for table in draft.tables_mut() {
        for column in &mut table.columns {
            column.lost = None;
        }
    }
    let phones: Vec<String> =
        fields(draft).filter(|it| matches!(known(it), Some(Value::Phone | Value::Phones))).collect();
    if profile.region.is_none() {
        let why = "numbers without a country code need `region` in `[normal]`, such as `region = \"ZA\"`";
        draft.plain.extend(phones.into_iter().map(|it| (it, format!("{why}; then this goes"))));
    }
    if profile.date_order.is_none() {
        draft.normal.push(("date_order", "\"day_first\"".to_owned(), String::new()));
    }
    for (at, (_, _, table)) in draft.tables().enumerate() {
        let step = format!("{}_fields", table.name);
        for (place, column) in table.columns.iter().enumerate() {
            let Some(field) = column.field() else { continue };
            let (name, id) = (quoted(field), format!("{at}.{place}"));
            let valued = format!("unless_listed({name}) is not null");
            let mut ask = |key: &str, holds: String| {
                asks.push(check(&step, &format!("{key}.{id}"), &holds, Some(&valued)));
            };
            let value = match &column.status {
                StepStatus::Own { value, .. } => Some(value.clone()),
                _ => known(field),
            };
            match value {
                Some(Value::Date) => {
                    ask("whole_days", format!("not matches({name}, '{TIME}')"));
                    for order in ["day_first", "month_first"] {
                        let style = quoted_text(&format!("{order}{}", profile.date_style(profile.date_precision)));
                        ask(order, format!("date({name}, {style}) is not null"));
                    }
                }
                Some(Value::Decimal | Value::Exact(_) | Value::Integer) => {
                    ask("zeros", format!("not matches({name}, '^[-+]?0[0-9]')"));
                    let money: String = profile.numbers().iter().map(|it| format!("\n{it}")).collect();
                    for (key, sign) in [("point", "."), ("comma", ",")] {
                        let sign = quoted_text(&format!("{sign}{money}"));
                        ask(key, format!("decimal({name}, {sign}) is not null"));
                        ask(&format!("integer_{key}"), format!("integer({name}, {sign}) is not null"));
                    }
                }
                Some(Value::Text) if matches!(column.status, StepStatus::Own { .. }) => {
                    ask("truth", format!("boolean({name}) is not null"));
                    for kind in named(&column.name) {
                        let function = kind.function().unwrap_or_default();
                        ask(function, format!("{function}({name}) is not null"));
                    }
                }
                _ => (),
            }
        }
    }
    // Types are not known yet, so nothing is normalised.
    let mut raw = draft.clone();
    let all = fields(draft).map(|it| (it, String::new()));
    raw.plain = all.filter(|(it, _)| known(it).is_some()).collect();
    raw.tables_mut().flat_map(|it| &mut it.columns).for_each(|it| {
        if let StepStatus::Own { value, .. } = &mut it.status {
            *value = Value::Text;
        }
    });
    let tried = scratch.measure(&raw, &asks)?;
    if !tried.failed.is_empty() {
        return Ok(Some(tried));
    }
    decide(draft, profile, &tried.counted);
    Ok(None)
}

/// A time behind a day that is not midnight: a field of days would lose it.
const TIME: &str = "[0-9][T ](0?[1-9]|1[0-9]|2[0-3]):[0-9]|[0-9][T ]0?0:(0[1-9]|[1-5][0-9]|00:(0[1-9]|[1-5][0-9]))";

/// The kinds of which a column may be by its name.
fn named(column: &str) -> impl Iterator<Item = &'static Value> {
    NAMED.iter().filter(move |it| {
        let kind = it.spelling();
        Words::new([[kind.as_str()]]).alike(column, &kind) >= ALIKE
    })
}

/// Fields of all tables, each once.
fn fields(draft: &Draft) -> impl Iterator<Item = String> {
    let all: BTreeSet<String> =
        draft.tables().flat_map(|(_, _, it)| &it.columns).filter_map(|it| it.field().map(str::to_owned)).collect();
    all.into_iter()
}

fn decide(draft: &mut Draft, profile: &Profile, counted: &BTreeMap<String, Counted>) {
    let comma = decide_signs(draft, profile, counted);
    let kinds = kinds(draft, counted, profile.decimal_comma.unwrap_or(comma));
    for column in draft.tables_mut().flat_map(|it| &mut it.columns) {
        if let StepStatus::Own { name, value: value @ Value::Text, .. } = &mut column.status
            && kinds.truths.contains(name)
            && !kinds.others.contains(name)
        {
            *value = Value::Boolean;
        }
        if let StepStatus::Own { name, value: value @ Value::Text, .. } = &mut column.status
            && let Some(Some(kind)) = kinds.named.get(name)
        {
            *value = (*kind).clone();
        }
        if let StepStatus::Own { name, value: value @ Value::Date, .. } = &mut column.status
            && kinds.texts.contains(name)
        {
            *value = Value::Text;
        }
        if let StepStatus::Own { name, value: value @ (Value::Decimal | Value::Integer), .. } = &mut column.status {
            *value = match () {
                () if kinds.texts.contains(name) => Value::Text,
                () if kinds.fractions.contains(name) => Value::Decimal,
                () => Value::Integer,
            };
        }
    }
}

/// Decides in which order days are written and which sign a fraction has; whether that is a comma.
fn decide_signs(draft: &mut Draft, profile: &Profile, counted: &BTreeMap<String, Counted>) -> bool {
    let sum = |key: &str| -> u64 {
        let prefix = format!("{key}.");
        counted.iter().filter(|(it, _)| it.starts_with(&prefix)).map(|(_, it)| it.held).sum()
    };
    if profile.date_order.is_none() {
        let (day, month) = (sum("day_first"), sum("month_first"));
        let (order, more, less) = match month > day {
            true => (DateOrder::MonthFirst, month, day),
            false => (DateOrder::DayFirst, day, month),
        };
        let why = match more == less {
            true => "both orders can be read here; say which one is meant".to_owned(),
            false => format!("{more} days can be read so, the other way round {less}"),
        };
        draft.normal.clear();
        if sum("day_first") + sum("month_first") > 0 || fields(draft).any(|it| is_date(profile, &it)) {
            draft.normal.push(("date_order", format!("\"{}\"", order.word()), why));
        }
    }
    let comma = sum("comma") > sum("point");
    if profile.decimal_comma.is_none() && comma {
        let why = format!("{} numbers can be read so, with a point {}", sum("comma"), sum("point"));
        draft.normal.push(("decimal_comma", "true".to_owned(), why));
    }
    comma
}

/// What the values of fields are, as far as they say so themselves, by name.
#[derive(Default)]
struct Kinds {
    /// Numbers that are none, and days that have a time.
    texts: BTreeSet<String>,
    /// Numbers with fractions.
    fractions: BTreeSet<String>,
    /// Texts that are truth values in one column, and texts that are not.
    truths: BTreeSet<String>,
    others: BTreeSet<String>,
    /// Texts of a kind that has a name; none where columns differ.
    named: BTreeMap<String, Option<&'static Value>>,
}

/// One field has one kind of values, whatever table it is in.
fn kinds(draft: &Draft, counted: &BTreeMap<String, Counted>, usual_comma: bool) -> Kinds {
    let held = |key: &str, id: &str| counted.get(&format!("{key}.{id}")).copied().unwrap_or_default();
    let mut acc = Kinds::default();
    let ids: Vec<(String, String, Value)> = draft
        .tables()
        .enumerate()
        .flat_map(|(at, (_, _, table))| {
            table.columns.iter().enumerate().filter_map(move |(place, it)| match &it.status {
                StepStatus::Own { name, value, .. } => Some((name.clone(), format!("{at}.{place}"), value.clone())),
                _ => None,
            })
        })
        .collect();
    for (name, id, value) in ids {
        if value == Value::Text {
            let of = |it: &&Value| held(it.function().unwrap_or_default(), &id);
            let kind = NAMED.iter().find(|it| of(it).considered > 0 && of(it).share() >= TYPED);
            let known = acc.named.entry(name.clone()).or_insert(kind);
            *known = known.filter(|it| kind == Some(it));
            let truth = held("truth", &id);
            match truth.considered > 0 && truth.held == truth.considered {
                true => drop(acc.truths.insert(name)),
                false => drop(acc.others.insert(name)),
            }
            continue;
        }
        if value == Value::Date && held("whole_days", &id).share() < 1.0 {
            acc.texts.insert(name);
            continue;
        }
        if !matches!(value, Value::Decimal | Value::Integer) {
            continue;
        }
        // Every column has its own sign; the one that is usual decides where both fit.
        let (usual, other) = if usual_comma { ("comma", "point") } else { ("point", "comma") };
        let sign = if held(other, &id).held > held(usual, &id).held { other } else { usual };
        let number = held(sign, &id);
        if held("zeros", &id).share() < 1.0 || number.share() < TYPED {
            acc.texts.insert(name);
        } else if held(&format!("integer_{sign}"), &id).held < number.held {
            acc.fractions.insert(name);
        }
    }
    acc
}

fn is_date(profile: &Profile, field: &str) -> bool {
    profile.field(field).is_some_and(|it| it.value == Value::Date)
}

/// Counts what normalising loses, takes as they are the columns that would lose much, and notes what is true of the
/// rest. `Some` when a table cannot be made.
pub(crate) fn losses(scratch: &Scratch, draft: &mut Draft, profile: &Profile) -> World<Option<Tried>> {
    loop {
        let mut asks: Vec<String> = Vec::new();
        for (at, (_, _, table)) in draft.tables().enumerate() {
            for (place, column) in table.columns.iter().enumerate() {
                let Some(field) = column.field() else { continue };
                let (name, id) = (quoted(field), format!("{at}.{place}"));
                let valued = format!("unless_listed({name}) is not null");
                let (fields, clean) = (format!("{}_fields", table.name), format!("{}_clean", table.name));
                asks.push(check(&fields, &format!("valued.{id}"), &format!("{name} is not null"), Some(&valued)));
                asks.push(check(&clean, &format!("filled.{id}"), &format!("{name} is not null"), None));
                if place >= KEYS {
                    continue;
                }
                asks.push(check(
                    &clean,
                    &format!("shaped.{id}"),
                    &format!("matches(cast({name} as text), '{SHAPE}')"),
                    None,
                ));
                asks.push(format!(
                    "\n[[expect.{clean}]]\nid = \"unique.{id}\"\ncolumn = {}\nunique = true\nseverity = \"warn\"\n",
                    text(field)
                ));
            }
        }
        let tried = scratch.measure(draft, &asks)?;
        if !tried.failed.is_empty() {
            return Ok(Some(tried));
        }
        if !demoted(draft, &tried) {
            note(draft, &tried, profile);
            return Ok(None);
        }
    }
}

/// Takes as they are the columns that would lose much; false when there are none.
fn demoted(draft: &mut Draft, tried: &Tried) -> bool {
    let of = |key: &str, at: usize, place: usize| {
        tried.counted.get(&format!("{key}.{at}.{place}")).copied().unwrap_or_default()
    };
    let mut plain: BTreeMap<String, String> = BTreeMap::new();
    let mut own: BTreeSet<String> = BTreeSet::new();
    for (at, (_, _, table)) in draft.tables().enumerate() {
        for (place, column) in table.columns.iter().enumerate() {
            let (valued, filled) = (of("valued", at, place).considered, of("filled", at, place).held);
            let lost = valued.saturating_sub(filled);
            if lost as f64 <= LOST * valued as f64 {
                continue;
            }
            match &column.status {
                StepStatus::Field { name, .. } if !draft.plain.contains_key(name) => {
                    let why = format!(
                        "`{}` of `{}`: {lost} of {valued} values are not what the profile has here, so it is taken as it is",
                        column.name, table.name
                    );
                    plain.entry(name.clone()).or_insert(why);
                }
                StepStatus::Own { name, value, .. } if *value != Value::Text => {
                    own.insert(name.clone());
                }
                _ => (),
            }
        }
    }
    let any = !plain.is_empty() || !own.is_empty();
    draft.plain.extend(plain);
    for column in draft.tables_mut().flat_map(|it| &mut it.columns) {
        if let StepStatus::Own { name, value, .. } = &mut column.status
            && own.contains(name)
        {
            *value = Value::Text;
        }
    }
    any
}

/// What is true of every table as it came out.
fn note(draft: &mut Draft, tried: &Tried, profile: &Profile) {
    for (at, table) in draft.tables_mut().enumerate() {
        let of =
            |key: &str, place: usize| tried.counted.get(&format!("{key}.{at}.{place}")).copied().unwrap_or_default();
        table.rows = tried.rows.get(&table.name).copied().unwrap_or(0);
        table.aside = tried.aside.get(&table.name).copied().unwrap_or(0);
        (table.full, table.unique, table.mostly) = (Vec::new(), None, Vec::new());
        for (place, column) in table.columns.iter_mut().enumerate() {
            let Some(field) = column.field().map(str::to_owned) else { continue };
            let (valued, filled, unique) = (of("valued", place), of("filled", place), of("unique", place));
            let lost = valued.considered.saturating_sub(filled.held);
            column.lost = (lost > 0).then_some((lost, valued.considered));
            let share = filled.share();
            if filled.considered > 0 && filled.held == filled.considered {
                let alone = filled.held > 1 && unique.held == unique.considered && unique.considered == filled.held;
                // Names of people and amounts are alone in a short list, and not in the next.
                let kind = match &column.status {
                    StepStatus::Own { value, .. } => Some(value),
                    _ => profile.field(&field).map(|it| &it.value),
                };
                let code = matches!(kind, Some(Value::Text | Value::Line | Value::Slug | Value::Integer));
                let shaped = of("shaped", place);
                let shaped = shaped.considered > 0 && shaped.held == shaped.considered;
                let is_key = code && (shaped || profile.names_a_key(&column.name));
                if alone && is_key && table.unique.is_none() {
                    table.unique = Some(field.clone());
                }
                table.full.push(field);
            } else if share >= FILLED && matches!(column.status, StepStatus::Field { .. }) {
                let least = ((share - ROOM) * 20.0).floor() / 20.0;
                table.mostly.push((field, least));
            }
        }
    }
}

/// A name in an expression.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
