//! Functions of a text and a setting: which there are, and how a setting is read.
//!
//! A setting is a constant in practice, so what it means is worked out once and kept for the calls that follow.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use duckdb::core::DataChunkHandle;
use duckdb::vscalar::{ScalarFunctionSignature, VScalar};
use duckdb::vtab::arrow::WritableVector;

use super::memo::{Memo, Memos};
use super::vector::{Cell, Made, Texts};
use super::{joined, text_type, told_sign};
use crate::expr::functions::CELL;
use crate::text::alias::Aliases;
use crate::text::calendar::Style;
use crate::text::placeholder::Placeholders;
use crate::text::slug::Letters;
use crate::text::{capital, date, format, list, number, paired, phone, postcode, slug};

/// A function of a text and a setting, which is a constant in practice.
#[derive(Clone, Copy)]
pub(super) enum Two {
    Phone,
    Phones,
    MatchKey,
    SlugIn,
    Postcode,
    Date,
    HasTime,
    Integer,
    Decimal,
    DecimalSign,
    Boolean,
    Initcap,
    /// A value as text in a format.
    Format,
    Rounded,
    Lookup,
    Nearest,
    Paired,
    Entry,
    UnlessListed,
    Without,
    EachOnce,
    EachWith,
}

pub(super) const TWO: &[(&str, Two)] = &[
    ("phone", Two::Phone),
    ("phones", Two::Phones),
    ("match_key", Two::MatchKey),
    ("slug_in", Two::SlugIn),
    ("postcode", Two::Postcode),
    ("date", Two::Date),
    ("integer", Two::Integer),
    ("decimal", Two::Decimal),
    ("decimal_sign", Two::DecimalSign),
    ("boolean", Two::Boolean),
    ("initcap", Two::Initcap),
    ("lookup", Two::Lookup),
    ("nearest", Two::Nearest),
    ("paired", Two::Paired),
    ("entry", Two::Entry),
    ("unless_listed", Two::UnlessListed),
    ("without", Two::Without),
    ("each_once", Two::EachOnce),
    ("each_with", Two::EachWith),
];

/// What stands for each of some texts.
type Entries = HashMap<String, String>;

/// What a function of two arguments has for all its calls.
pub(super) struct TwoState {
    kind: Two,
    aliases: Parsed<Aliases>,
    styles: Parsed<Option<Style>>,
    entries: Parsed<Option<Entries>>,
    placeholders: Parsed<Placeholders>,
    memos: Memos,
}

impl Two {
    pub(super) fn state(self) -> TwoState {
        TwoState {
            kind: self,
            aliases: Parsed::default(),
            styles: Parsed::default(),
            entries: Parsed::default(),
            placeholders: Parsed::default(),
            memos: Memos::default(),
        }
    }
}

/// A second argument, read.
enum Setting<'a> {
    Phone(&'a str, Memo),
    Phones(&'a str, Memo),
    MatchKey(Vec<&'a str>, Letters),
    SlugIn(Letters),
    Postcode(Vec<&'a str>),
    Date(Arc<Option<Style>>),
    HasTime(Arc<Option<Style>>),
    Integer { comma: bool, words: Vec<&'a str> },
    IntegerOfCell,
    Decimal { comma: bool, words: Vec<&'a str> },
    DecimalOfCell { scale: Option<usize> },
    DecimalSign(Vec<&'a str>),
    Boolean { yes: Vec<&'a str>, no: Vec<&'a str> },
    Initcap(Vec<&'a str>),
    Format(&'a str),
    Rounded(i64),
    Lookup(Arc<Aliases>),
    Nearest(Arc<Aliases>),
    Paired(&'a str),
    Entry(Arc<Option<Entries>>),
    UnlessListed(Arc<Placeholders>),
    Without(&'a str),
    EachOnce(&'a str),
    EachWith(&'a str),
}

impl TwoState {
    fn setting<'a>(&self, text: &'a str) -> Result<Setting<'a>, &'static str> {
        Ok(match self.kind {
            Two::Phone => Setting::Phone(text, self.memos.take(text)),
            Two::Phones => Setting::Phones(text, self.memos.take(text)),
            Two::MatchKey => {
                let forms = text.lines().filter(|it| !it.contains('\t')).collect();
                Setting::MatchKey(forms, Letters::parse(text))
            }
            Two::Postcode => Setting::Postcode(listed(text)),
            Two::SlugIn => Setting::SlugIn(Letters::parse(text)),
            Two::Date => match self.styles.get(text, Style::parse) {
                style if style.is_some() => Setting::Date(style),
                _ => return Err("the second argument of `date` is `day_first`, `month_first` or `year_first`"),
            },
            Two::HasTime => Setting::HasTime(self.styles.get(text, Style::parse)),
            Two::Integer if text == CELL => Setting::IntegerOfCell,
            Two::Integer => {
                let (comma, words) = signed(text).ok_or("the second argument of `integer` is `.` or `,`")?;
                Setting::Integer { comma, words }
            }
            Two::Decimal => match text.strip_prefix(CELL) {
                Some("") => Setting::DecimalOfCell { scale: None },
                Some(scale) if let Ok(scale) = scale.parse() => Setting::DecimalOfCell { scale: Some(scale) },
                _ => {
                    let (comma, words) = signed(text).ok_or("the second argument of `decimal` is `.` or `,`")?;
                    Setting::Decimal { comma, words }
                }
            },
            Two::DecimalSign => Setting::DecimalSign(listed(text)),
            Two::Boolean => {
                let of = |mark: char| text.lines().filter_map(|it| it.strip_prefix(mark)).collect();
                Setting::Boolean { yes: of('+'), no: of('-') }
            }
            Two::Initcap => Setting::Initcap(text.lines().collect()),
            Two::Format => Setting::Format(text),
            // Of more digits no float has any.
            Two::Rounded => Setting::Rounded(text.parse().unwrap_or(0)),
            Two::Lookup => Setting::Lookup(self.aliases.get(text, Aliases::parse)),
            Two::Nearest => Setting::Nearest(self.aliases.get(text, Aliases::parse)),
            Two::Paired => Setting::Paired(text),
            Two::Entry => Setting::Entry(self.entries.get(text, list::members_of_json)),
            Two::UnlessListed => Setting::UnlessListed(self.placeholders.get(text, |it| Placeholders::new(it.lines()))),
            Two::Without => Setting::Without(text),
            Two::EachOnce => Setting::EachOnce(text),
            Two::EachWith => Setting::EachWith(text),
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
            Setting::MatchKey(forms, letters) => then(slug::key_in(text, forms, letters).as_deref()),
            Setting::Postcode(forms) => then(postcode::postcode(text, forms).as_deref()),
            Setting::SlugIn(letters) => then(slug::slug_in(text, letters).as_deref()),
            Setting::Initcap(particles) => then(Some(&capital::initcap(text, particles))),
            Setting::Format(it) => then(format::format(text, it).as_deref()),
            Setting::Rounded(places) => then(Some(&format::rounded(text, *places))),
            Setting::Date(style) => {
                then(style.as_ref().as_ref().and_then(|it| date::date_as(text, it)).as_deref());
            }
            Setting::HasTime(style) => {
                let has_time = style.as_ref().as_ref().is_some_and(|it| date::has_time(text, it));
                then(has_time.then_some("true"));
            }
            Setting::Integer { comma, words } => {
                then(number::whole(text, *comma, words).map(|it| it.to_string()).as_deref());
            }
            Setting::IntegerOfCell => {
                let number = number::of_cell(text).and_then(|it| it.parse::<i64>().ok());
                then(number.map(|it| it.to_string()).as_deref());
            }
            Setting::Decimal { comma, words } => then(number::amount(text, *comma, words).as_deref()),
            Setting::DecimalOfCell { scale } => {
                let number = number::of_cell(text);
                let shown = number.as_deref().zip(*scale).and_then(|(number, scale)| number::shown(number, scale));
                then(shown.or(number).as_deref());
            }
            Setting::DecimalSign(words) => then(number::sign(text, words).map(told_sign)),
            Setting::Boolean { yes, no } => {
                then(number::boolean(text, [yes, no]).map(|it| if it { "true" } else { "false" }));
            }
            Setting::Lookup(aliases) => then(aliases.find(text)),
            Setting::Nearest(aliases) => then(aliases.near(text)),
            Setting::Paired(people) => then(paired::paired(text, people).as_deref()),
            Setting::Entry(entries) => then(entries.iter().find_map(|it| it.get(text)).map(String::as_str)),
            Setting::Without(others) => then(list::without(text, others).as_deref()),
            Setting::EachOnce(separator) => then(list::each_once(text, separator).as_deref()),
            Setting::EachWith(end) => then(Some(&list::each_with(text, end))),
            Setting::UnlessListed(placeholders) => then(placeholders.keep(text).then_some(text)),
        }
    }
}

/// A decimal sign, and words for money behind it, one a line: whether it is a comma.
fn signed(text: &str) -> Option<(bool, Vec<&str>)> {
    let (sign, words) = text.split_at_checked(1)?;
    let is_known = matches!(sign, "." | ",") && (words.is_empty() || words.starts_with('\n'));
    is_known.then(|| (sign == ",", listed(words)))
}

/// The words of a setting, one a line.
fn listed(text: &str) -> Vec<&str> {
    text.lines().filter(|it| !it.is_empty()).collect()
}

pub(super) struct TwoArguments;

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

/// What was parsed last, by its text.
struct Parsed<T>(Mutex<Vec<(Box<str>, Arc<T>)>>);

impl<T> Default for Parsed<T> {
    fn default() -> Parsed<T> {
        Parsed(Mutex::default())
    }
}

impl<T> Parsed<T> {
    /// Kept at once: as many as the columns of a wide sheet may have lookups.
    const KEPT: usize = 16;

    fn get(&self, text: &str, parse: impl FnOnce(&str) -> T) -> Arc<T> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, it)) = kept.iter().find(|it| *it.0 == *text) {
            return it.clone();
        }
        let it = Arc::new(parse(text));
        if kept.len() == Self::KEPT {
            kept.remove(0);
        }
        kept.push((text.into(), it.clone()));
        it
    }
}
