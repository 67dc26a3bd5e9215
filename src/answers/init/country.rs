//! Which country's profile a book fits, where its columns do not tell: telephone numbers that are dialled there, its
//! money, its legal forms, the months of its language, the order of its dates, and its decimal sign.
//!
//! All of it is counted, and no sign is enough by itself: what is dialled in one country is dialled in others too.

use std::collections::BTreeMap;

use crate::answers::init::draft::Draft;
use crate::answers::init::scratch::{Scratch, Tried, World, check};
use crate::plan::Plan;
use crate::profile::{DateOrder, Profile};
use crate::query::Merged;
use crate::readers::Evidence;
use crate::text::phone;
use crate::text::shape::Shape;

/// What each sign is worth, against one column that is recognised.
const DIALLED: f64 = 0.5;
const MONEY: f64 = 0.5;
const FORMS: f64 = 0.6;
const WORDS: f64 = 0.8;
const WRITTEN: f64 = 0.3;
/// Where one of so many values ends in a legal form, the column holds organisations.
const FORMED: f64 = 3.0;
/// A share above which a shape rules a column.
const RULES: f64 = 0.5;
/// No more columns are asked than this.
const ASKED: usize = 40;

/// What was counted of a book, whatever profile it will have.
pub(crate) struct Signs {
    tried: Tried,
    /// Days by source and column, with the words of no language.
    days: BTreeMap<(String, String), f64>,
}

impl Signs {
    /// Counts the signs of all profiles. `plan` is the one of a profile that knows little.
    pub(crate) fn count(scratch: &Scratch, draft: &Draft, plan: &Plan, profiles: &[(String, Merged)]) -> World<Signs> {
        let mut asks: Vec<String> = Vec::new();
        let mut days = BTreeMap::new();
        let columns = plan.tables.iter().filter(|it| it.kind == "source");
        let columns =
            columns.flat_map(|it| it.evidence.iter().map(move |(name, found)| (it.name.name.as_str(), name, found)));
        for (at, (table, name, found)) in columns.enumerate() {
            days.insert((table.to_owned(), name.clone()), share(found, Shape::Date));
            if at >= ASKED || found.valued == 0 {
                continue;
            }
            let column = format!("\"{}\"", name.replace('"', "\"\""));
            let mut ask = |key: &str, holds: &str, only: &str| {
                asks.push(check(table, &format!("{key}.{at}"), holds, Some(only)));
            };
            if share(found, Shape::Date) >= RULES {
                for order in [DateOrder::DayFirst, DateOrder::MonthFirst] {
                    let word = order.word();
                    ask(
                        word,
                        &format!("date_order({column}) = '{word}'"),
                        &format!("date_order({column}) is not null"),
                    );
                }
            }
            let others = [Shape::Date, Shape::Words, Shape::Word, Shape::Email, Shape::Website];
            if others.iter().any(|it| share(found, *it) >= RULES) {
                continue;
            }
            for (profile, merged) in profiles {
                let it = &merged.profile;
                if let Some(region) = it.region.as_ref().filter(|_| share(found, Shape::Phone) >= RULES) {
                    let mut dialled = format!("phones({column}, {}) is not null", quoted(region));
                    // Without their zero, numbers of one country are numbers of many others.
                    if phone::has_leading_zero(region) {
                        dialled += &format!(" and matches({column}, '^[^0-9]*0')");
                    }
                    ask(&format!("phone.{profile}"), &dialled, &format!("not contains({column}, '+')"));
                }
                if let (Some(words), Some(_)) = (pattern(&it.money), &it.region) {
                    let money = format!("matches({column}, {})", quoted(&words));
                    ask(&format!("money.{profile}"), &money, &format!("{column} is not null"));
                }
            }
        }
        Ok(Signs { tried: scratch.measure_sources(draft, &asks)?, days })
    }

    /// What speaks for a profile, against columns that are recognised, and how far days and numbers are written its way,
    /// which speaks for many; a profile of no country has nothing.
    pub(crate) fn of(&self, name: &str, profile: &Profile, plan: &Plan) -> [f64; 2] {
        if profile.region.is_none() {
            return [0.0; 2];
        }
        let best = |key: &str| {
            let own = self.tried.counted.iter().filter(|(it, _)| it.starts_with(&format!("{key}.{name}.")));
            own.map(|(_, it)| it.share()).fold(0.0, f64::max)
        };
        let held = |key: &str| -> u64 {
            let own = self.tried.counted.iter().filter(|(it, _)| it.starts_with(&format!("{key}.")));
            own.map(|(_, it)| it.held).sum()
        };
        let (mut forms, mut words) = (0.0_f64, 0.0_f64);
        let (mut points, mut commas) = (0, 0);
        for table in plan.tables.iter().filter(|it| it.kind == "source") {
            for (column, found) in &table.evidence {
                forms = forms.max((found.share(found.endings) * FORMED).min(1.0));
                let before = self.days.get(&(table.name.name.clone(), column.clone())).copied().unwrap_or(0.0);
                words = words.max(share(found, Shape::Date) - before);
                points += found.points;
                commas += found.commas;
            }
        }
        let orders = [held(DateOrder::DayFirst.word()), held(DateOrder::MonthFirst.word())];
        let order = written(orders, profile.date_order.map(|it| it != DateOrder::DayFirst));
        let sign = written([points, commas], profile.decimal_comma);
        let own = DIALLED * best("phone") + MONEY * best("money") + FORMS * forms + WORDS * words;
        [own, WRITTEN * (order + sign)]
    }
}

/// Whether what was counted of two ways to write is the way of a profile: 1, or -1 where it is the other.
fn written([first, second]: [u64; 2], is_second: Option<bool>) -> f64 {
    match (first, second, is_second) {
        (0, 1.., Some(true)) | (1.., 0, Some(false)) => 1.0,
        (0, 1.., Some(false)) | (1.., 0, Some(true)) => -1.0,
        _ => 0.0,
    }
}

fn share(found: &Evidence, shape: Shape) -> f64 {
    found.share(found.of(shape))
}

/// A pattern that finds one of some words for money beside digits.
fn pattern(words: &[String]) -> Option<String> {
    let one = |it: &String| {
        let escaped = regex_syntax::escape(it);
        // No word goes on with a letter.
        match it.contains(char::is_alphabetic) {
            true => format!("(^|[\\s0-9.,(+-]){escaped}($|[\\s0-9.,)])"),
            false => escaped,
        }
    };
    let all: Vec<String> = words.iter().map(one).collect();
    (!all.is_empty()).then(|| format!("({})", all.join("|")))
}

/// A text in an expression.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
