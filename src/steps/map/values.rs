//! What the values of a column say about which field it is: for it, against it, or nothing.

use serde::Serialize;

use crate::profile::{Like, Value};
use crate::readers::Evidence;
use crate::text::shape::Shape;

/// Values that cannot be mistaken for others.
const STRONG: f64 = 0.75;
/// Values that many fields may have.
const WEAK: f64 = 0.45;
/// A share above which a shape rules a column.
const RULES: f64 = 0.6;
/// A share below which a field's own values are as good as absent.
const ABSENT: f64 = 0.2;
/// From here on a share is as good as all: the rest is dirt, and must not decide between two columns alike.
const ENOUGH: f64 = 0.8;
/// The same for how much so many values prove.
const PROVEN: f64 = 0.9;
/// Where one of so many values ends in a legal form they are names of organisations; other columns have none.
const ENDINGS: f64 = 16.0;
/// How much it tells that values are words that differ, before any has such an end.
const NAMES: f64 = 0.7;
/// The share of values that differ from all others, from which on they may be names.
const DIFFERENT: f64 = 0.3;
/// How many more of all values must stand in one list than in another.
const PLAINLY: f64 = 0.1;
/// The share of rows with a value from which on values that differ are no marks.
const MARKED: f64 = 0.5;
/// So many more values would have to be seen to be sure.
const DOUBT: f64 = 2.0;

/// What values say.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Says {
    /// How much they speak for the field, from 0 to 1, and why.
    For(f64, String),
    /// The same, but they would speak for any field of the kind.
    Fits(f64, String),
    /// They are something else: why.
    Against(String),
    /// Nothing.
    Nothing,
}

/// What the values of a field are.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(super) struct Wanted {
    pub(super) value: Value,
    pub(super) like: Option<Like>,
}

impl Says {
    fn fits(self) -> Says {
        match self {
            Says::For(strength, reason) => Says::Fits(strength, reason),
            other => other,
        }
    }
}

impl Wanted {
    /// What the values of a column say.
    pub(super) fn says(&self, found: &Evidence) -> Says {
        if found.valued == 0 {
            return Says::Nothing;
        }
        if let Some(like) = &self.like {
            let said = match like {
                Like::Mark => return marks(found),
                Like::Word => speak(found, found.of(Shape::Word), WEAK, "are single words"),
                Like::Street if found.share(found.distinct) < DIFFERENT => Says::Nothing,
                Like::Street => speak(found, found.of(Shape::Street), STRONG, "look like streets"),
                Like::List(list) if absent(found, found.listed(list)) => {
                    Says::Against(format!("its values are not in `{list}`"))
                }
                Like::List(list) => speak(found, found.listed(list), STRONG, &format!("are in `{list}`")),
            };
            return if said == Says::Nothing { ruled(found, &[]) } else { said };
        }
        let shaped = |shape: Shape, strength: f64| {
            if absent(found, found.of(shape)) {
                let other = ruled(found, &[shape]);
                let none = Says::Against(format!("its values are no {}", shape.plural()));
                return if other == Says::Nothing { none } else { other };
            }
            speak(found, found.of(shape), strength, &format!("look like {}", shape.plural()))
        };
        match &self.value {
            Value::Email | Value::Emails => shaped(Shape::Email, STRONG),
            Value::Phone | Value::Phones => shaped(Shape::Phone, STRONG),
            Value::Website => shaped(Shape::Website, STRONG),
            Value::Date => shaped(Shape::Date, STRONG).fits(),
            Value::Integer | Value::Decimal | Value::Exact(_) => shaped(Shape::Number, WEAK).fits(),
            Value::PersonName if found.share(found.of(Shape::Word)) >= RULES => {
                Says::Against("its values are single words".to_owned())
            }
            Value::Lookup(list) if absent(found, found.listed(list)) => {
                Says::Against(format!("its values are not in `{list}`"))
            }
            Value::Lookup(list) => speak(found, found.listed(list), STRONG, &format!("are in `{list}`")),
            Value::OrganisationName | Value::PersonName if coded(found) => {
                Says::Against("its values are numbers or codes".to_owned())
            }
            Value::OrganisationName => match ruled(found, &[]) {
                Says::Nothing => named(found),
                against => against,
            },
            Value::Boolean => Says::Nothing,
            _ => ruled(found, &[]),
        }
    }

    /// Why none of a column's values can be the field's, though few of them are no proof against its own names: they are
    /// all numbers, and those of the field have letters.
    pub(super) fn cannot(&self, found: &Evidence) -> Option<String> {
        let has_letters = match (&self.like, &self.value) {
            (Some(Like::Word), _) => true,
            (Some(Like::List(list)), _) | (None, Value::Lookup(list)) => found.listed(list) == 0,
            (None, it) => matches!(
                it,
                Value::Email | Value::Emails | Value::Website | Value::PersonName | Value::OrganisationName
            ),
            _ => false,
        };
        let numbers = found.of(Shape::Number) + found.of(Shape::Phone);
        (has_letters && found.valued >= 2 && numbers == found.valued).then(|| "its values are numbers".to_owned())
    }

    /// The same of values that are enough against a synonym: another table may call something else so. A list may be of
    /// numbers that are not in it yet.
    pub(super) fn disowns(&self, found: &Evidence) -> Option<String> {
        self.cannot(found).filter(|_| self.list().is_none() && sure_share(found, found.valued) >= RULES)
    }

    /// Whether its values are one word each, as parts of a person's name are.
    pub(super) fn is_word(&self) -> bool {
        self.like == Some(Like::Word)
    }

    /// Why values are none of one word.
    pub(super) fn several(&self, found: &Evidence) -> Option<String> {
        let other = self.is_word() && found.valued > 0 && absent(found, found.of(Shape::Word));
        other.then(|| "its values are several words, and no other part of a name stands beside it".to_owned())
    }

    /// The closed list in which its values stand.
    pub(super) fn list(&self) -> Option<&str> {
        match (&self.value, &self.like) {
            (Value::Lookup(list), _) | (_, Some(Like::List(list))) => Some(list),
            _ => None,
        }
    }

    /// Whether values that are plainly of another kind rule the column, so that not even its name is believed.
    pub(super) fn denies(&self, found: &Evidence) -> Option<String> {
        let own = match &self.value {
            Value::Email | Value::Emails => Shape::Email,
            Value::Phone | Value::Phones => Shape::Phone,
            Value::Website => Shape::Website,
            Value::Date => Shape::Date,
            _ => return None,
        };
        match ruled(found, &[own]) {
            Says::Against(why) if absent(found, found.of(own)) => Some(why),
            _ => None,
        }
    }
}

/// A mark says that something is so: a column of marks says the same few things, or hardly anything.
fn marks(found: &Evidence) -> Says {
    let many = found.distinct > 2 && found.share(found.distinct) >= DIFFERENT && found.filled() >= MARKED;
    let numbers = found.distinct > 2 && sure_share(found, found.of(Shape::Number)) >= RULES;
    match many || numbers {
        true => Says::Against("its values differ, and marks are few".to_owned()),
        false => ruled(found, &[Shape::Date]),
    }
}

/// Whether most values are numbers, or neither words nor anything else that is known.
fn coded(found: &Evidence) -> bool {
    sure_share(found, found.of(Shape::Number) + found.of(Shape::Other)) >= RULES
}

/// Names of organisations are of several words, differ from row to row, and hardly a row is without; some end in a legal form.
fn named(found: &Evidence) -> Says {
    if found.share(found.of(Shape::Words)) < RULES || found.share(found.distinct) < DIFFERENT {
        return Says::Nothing;
    }
    let ends = (found.share(found.endings) * ENDINGS).min(1.0);
    let strength = STRONG * (NAMES + (1.0 - NAMES) * ends) * found.filled().sqrt() * sure(found);
    let why = match found.endings {
        0 => "its values are words, and many are different".to_owned(),
        count => format!("{} of its values end in a legal form", percent(found, count)),
    };
    Says::For(strength, why)
}

/// Whether plainly more of the values stand in one list than in another, and enough of them to tell: why.
pub(super) fn rather(found: &Evidence, list: &str, than: &str) -> Option<String> {
    let (count, own) = (found.listed(list), found.listed(than));
    let plain = found.share(count) - found.share(own) >= PLAINLY && sure_share(found, count) >= RULES;
    plain.then(|| {
        format!("{} of its values are in `{list}`, {} in `{than}`", percent(found, count), percent(found, own))
    })
}

fn speak(found: &Evidence, count: u64, strength: f64, what: &str) -> Says {
    let share = found.share(count);
    // Less than a half speaks for nothing: some values of any column look like something.
    if share < 0.5 {
        return Says::Nothing;
    }
    Says::For(
        strength * (share / ENOUGH).min(1.0) * sure(found),
        format!("{} of its values {what}", percent(found, count)),
    )
}

/// Values of one kind that is not among `but`, and that no name or remark has.
fn ruled(found: &Evidence, but: &[Shape]) -> Says {
    let kinds = [Shape::Email, Shape::Website, Shape::Phone, Shape::Date];
    let ruling = kinds.into_iter().find(|it| !but.contains(it) && sure_share(found, found.of(*it)) >= RULES);
    match ruling {
        Some(shape) => {
            Says::Against(format!("{} of its values look like {}", percent(found, found.of(shape)), shape.plural()))
        }
        None => Says::Nothing,
    }
}

/// How much so many values prove.
fn sure(found: &Evidence) -> f64 {
    (found.valued as f64 / (found.valued as f64 + DOUBT) / PROVEN).min(1.0)
}

/// The share if the values that were not seen were all others.
fn sure_share(found: &Evidence, count: u64) -> f64 {
    count as f64 / (found.valued as f64 + DOUBT)
}

/// Whether there would be few even if half of the values that were not seen were such.
fn absent(found: &Evidence, count: u64) -> bool {
    (count as f64 + DOUBT / 2.0) / (found.valued as f64 + DOUBT) < ABSENT
}

/// Rounded down, so that only all are `100 %`.
fn percent(found: &Evidence, count: u64) -> String {
    format!("{} %", count * 100 / found.valued.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(valued: u64, shape: Shape, count: u64) -> Evidence {
        Evidence { rows: valued, valued, shapes: [(shape, count)].into(), ..Evidence::default() }
    }

    fn wanted(value: Value) -> Wanted {
        Wanted { value, like: None }
    }

    #[test]
    fn addresses_speak_for_their_field_and_against_others() {
        let emails = found(50, Shape::Email, 48);
        assert!(matches!(wanted(Value::Emails).says(&emails), Says::For(it, _) if it > 0.6));
        let against = Says::Against("96 % of its values look like e-mail addresses".to_owned());
        for value in [Value::Phone, Value::Line, Value::OrganisationName, Value::Date] {
            assert_eq!(wanted(value.clone()).says(&emails), against, "{value:?}");
        }
        assert_eq!(wanted(Value::Boolean).says(&emails), Says::Nothing);
    }

    #[test]
    fn few_values_prove_little() {
        let strength = |valued| match wanted(Value::Phone).says(&found(valued, Shape::Phone, valued)) {
            Says::For(it, _) => it,
            other => panic!("{other:?}"),
        };
        assert!(strength(1) < strength(5) && strength(5) < strength(500));
        assert_eq!(wanted(Value::Phone).says(&found(0, Shape::Phone, 0)), Says::Nothing);
        assert_eq!(wanted(Value::Phone).denies(&found(2, Shape::Email, 2)), None);
        assert!(wanted(Value::Phone).denies(&found(20, Shape::Email, 20)).is_some());
    }

    #[test]
    fn numbers_are_no_names_however_few() {
        let numbers = found(3, Shape::Number, 3);
        let word = Wanted { value: Value::Line, like: Some(Like::Word) };
        for it in [&word, &wanted(Value::PersonName), &wanted(Value::Lookup("x".to_owned())), &wanted(Value::Website)] {
            assert!(it.cannot(&numbers).is_some(), "{it:?}");
            assert_eq!(it.cannot(&found(3, Shape::Number, 2)), None);
            assert_eq!(it.cannot(&found(1, Shape::Number, 1)), None);
            assert_eq!(it.disowns(&found(2, Shape::Number, 2)), None);
            assert_eq!(it.disowns(&numbers).is_some(), it.list().is_none());
        }
        for value in [Value::Line, Value::Phone, Value::Integer, Value::Date, Value::Boolean] {
            assert_eq!(wanted(value.clone()).cannot(&numbers), None, "{value:?}");
        }
    }

    #[test]
    fn a_column_that_may_hold_anything_is_never_denied_its_name() {
        assert_eq!(wanted(Value::Text).denies(&found(50, Shape::Date, 50)), None);
        assert_eq!(wanted(Value::Lookup("x".to_owned())).denies(&found(50, Shape::Date, 50)), None);
    }
}
