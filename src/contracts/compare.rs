//! What another version of a contract changes for those who rely on it: nothing, something more, or a broken promise.
//!
//! Broken is a promise when data that kept the old version may fail the new one, or when readers may meet what they were
//! told they would not: a field that is gone, another type, a null. A wider list of values or wider bounds are more, not
//! less.

use std::cmp::Ordering;

use serde::Serialize;

use super::value::{are_same, is_same, order};
use super::{Classification, Contract, Extra, Field, Order};
use crate::expr::Literal;

/// What a change means for those who rely on the contract.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Nothing that data must keep.
    None,
    /// What was promised is still promised.
    Additive,
    /// What was promised is not promised any more.
    Breaking,
}

impl Effect {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Effect::None => "none",
            Effect::Additive => "additive",
            Effect::Breaking => "breaking",
        }
    }
}

/// One change.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Change {
    /// The field, if it is about one.
    pub field: Option<String>,
    /// What it means.
    pub effect: Effect,
    /// What changed, in words.
    pub what: String,
}

/// All changes from one version to another, in the order of the fields.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Difference {
    /// The changes.
    pub changes: Vec<Change>,
    /// The gravest of them.
    pub effect: Effect,
    /// Whether the major version was raised.
    pub raised: bool,
}

impl Difference {
    /// Whether a promise is broken that the version does not admit.
    pub fn is_refused(&self) -> bool {
        self.effect == Effect::Breaking && !self.raised
    }
}

/// What `to` changes of `from`.
pub fn compare(from: &Contract, to: &Contract) -> Difference {
    let mut acc = Vec::new();
    let mut add = |field: Option<&str>, effect, what: String| {
        acc.push(Change { field: field.map(str::to_owned), effect, what });
    };
    if from.primary_key != to.primary_key {
        add(
            None,
            Effect::Breaking,
            format!("the primary key is {}, and was {}", names(&to.primary_key), names(&from.primary_key)),
        );
    }
    if from.modes.extra != to.modes.extra {
        let effect = if to.modes.extra == Extra::Deny { Effect::Breaking } else { Effect::Additive };
        add(None, effect, "the rule for other columns is different".to_owned());
    }
    if from.modes.order != to.modes.order {
        let effect = if to.modes.order == Order::Exact { Effect::Breaking } else { Effect::Additive };
        add(None, effect, "the order of columns is declared differently".to_owned());
    }
    if from.modes.coerce != to.modes.coerce {
        let effect = if to.modes.coerce { Effect::Additive } else { Effect::Breaking };
        add(None, effect, "the rule for reading values from texts is different".to_owned());
    }
    for (key, a, b) in [
        ("title", &from.title, &to.title),
        ("description", &from.description, &to.description),
        ("owner", &from.owner, &to.owner),
    ] {
        if a != b {
            add(None, Effect::None, format!("the {key} is different"));
        }
    }
    for field in &from.fields {
        match to.field(&field.name) {
            None => add(Some(&field.name), Effect::Breaking, "the field was removed".to_owned()),
            Some(other) => of_field(field, other, &mut |effect, what| add(Some(&field.name), effect, what)),
        }
    }
    for (at, field) in to.fields.iter().enumerate().filter(|(_, it)| from.field(&it.name).is_none()) {
        let behind = to.fields[at..].iter().all(|it| from.field(&it.name).is_none());
        let moves = from.modes.order == Order::Exact && !behind;
        let (effect, what) = match (field.required, moves) {
            (true, _) => (Effect::Breaking, "the field is new and required"),
            (_, true) => (Effect::Breaking, "the field is new and moves the fields after it"),
            _ => (Effect::Additive, "the field is new"),
        };
        add(Some(&field.name), effect, what.to_owned());
    }
    let shared = |a: &Contract, b: &Contract| -> Vec<String> {
        a.fields.iter().filter(|it| b.field(&it.name).is_some()).map(|it| it.name.clone()).collect()
    };
    if shared(from, to) != shared(to, from) {
        let effect = if from.modes.order == Order::Exact { Effect::Breaking } else { Effect::None };
        add(None, effect, "the fields are in a different order".to_owned());
    }
    let effect = acc.iter().map(|it| it.effect).max().unwrap_or(Effect::None);
    Difference { changes: acc, effect, raised: to.version.major > from.version.major }
}

fn of_field(from: &Field, to: &Field, add: &mut dyn FnMut(Effect, String)) {
    if from.ty != to.ty {
        add(Effect::Breaking, format!("the type is `{}`, and was `{}`", to.ty, from.ty));
    }
    for (what, was, is) in [("required", from.required, to.required), ("unique", from.unique, to.unique)] {
        match (was, is) {
            (true, false) => add(Effect::Breaking, format!("it is not {what} any more")),
            (false, true) => add(Effect::Breaking, format!("it is {what} now")),
            _ => (),
        }
    }
    let ty = to.ty;
    let alike = from.values.len() == to.values.len()
        && from.values.iter().zip(&to.values).all(|(was, is)| is_same(was, is, ty));
    if !alike {
        // All values that were allowed still are: there are more.
        let listed = |it: &Literal| to.values.iter().any(|other| is_same(it, other, ty));
        let wider = to.values.is_empty() || !from.values.is_empty() && from.values.iter().all(listed);
        let effect = if wider { Effect::Additive } else { Effect::Breaking };
        add(effect, "the allowed values are different".to_owned());
    }
    if from.pattern != to.pattern {
        let effect = if to.pattern.is_none() { Effect::Additive } else { Effect::Breaking };
        add(effect, "the pattern is different".to_owned());
    }
    for (what, was, is, low) in [("least", &from.min, &to.min, true), ("greatest", &from.max, &to.max, false)] {
        if !are_same(was.as_ref(), is.as_ref(), ty) {
            let less = |a: &Literal, b: &Literal| order(a, b, ty) == Some(Ordering::Less);
            let wider = |was: &Literal, is: &Literal| if low { less(is, was) } else { less(was, is) };
            let effect = match (was, is) {
                (_, None) => Effect::Additive,
                (Some(was), Some(is)) if wider(was, is) => Effect::Additive,
                _ => Effect::Breaking,
            };
            add(effect, format!("the {what} value is different"));
        }
    }
    if from.unit != to.unit {
        let effect = if from.unit.is_none() { Effect::Additive } else { Effect::Breaking };
        add(effect, "the unit is different".to_owned());
    }
    if from.references != to.references {
        let effect = if to.references.is_none() { Effect::Additive } else { Effect::Breaking };
        add(effect, "it refers to another column".to_owned());
    }
    if from.classification != to.classification {
        // Values that were to be handled with care are not, or the other way about.
        let rank = |it: Classification| it as u8;
        let effect =
            if rank(to.classification) > rank(from.classification) { Effect::Breaking } else { Effect::Additive };
        let (is, was) = (to.classification.word(), from.classification.word());
        add(effect, format!("the classification is `{is}`, and was `{was}`"));
    }
    let same_example = are_same(from.example.as_ref(), to.example.as_ref(), ty);
    for (what, same) in [("description", from.description == to.description), ("example", same_example)] {
        if !same {
            add(Effect::None, format!("the {what} is different"));
        }
    }
}

fn names(all: &[String]) -> String {
    match all {
        [] => "none".to_owned(),
        all => all.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contracts::tests::read;

    const BASE: &str = "version = '1.0.0'\nprimary_key = 'id'\n[[contract.c.field]]\nname = 'id'\nrequired = true\n\
        [[contract.c.field]]\nname = 'n'\ntype = 'integer'\nmin = 1\nmax = 9\nenum = [1, 2]\n";

    fn check(from: &str, to: &str, expected: &str) {
        let changed = BASE.replace(from, to);
        assert_ne!(changed, BASE, "{from}");
        let found = compare(&read(BASE), &read(&changed));
        assert_eq!(found.effect.word(), expected, "{from} -> {to}: {found:?}");
    }

    #[test]
    fn what_a_change_means() {
        assert_eq!(compare(&read(BASE), &read(BASE)).effect, Effect::None);
        check("version = '1.0.0'", "version = '1.0.0'\ndescription = 'x'", "none");
        check("name = 'n'", "name = 'n'\ndescription = 'x'", "none");
        check("enum = [1, 2]\n", "enum = [1, 2]\n[[contract.c.field]]\nname = 'new'\n", "additive");
        check("enum = [1, 2]\n", "enum = [1, 2]\n[[contract.c.field]]\nname = 'new'\nrequired = true\n", "breaking");
        check("enum = [1, 2]", "enum = [1, 2, 3]", "additive");
        check("enum = [1, 2]", "enum = [1]", "breaking");
        check("max = 9", "max = 10", "additive");
        check("max = 9", "max = 8", "breaking");
        check("min = 1\n", "", "additive");
        let was = BASE.replace("name = 'n'", "name = 'n'\nrequired = true");
        assert_eq!(compare(&read(&was), &read(BASE)).effect, Effect::Breaking);
        check("name = 'n'", "name = 'm'", "breaking");
        check("min = 1\nmax = 9", "min = 1\nmax = 9\nrequired = true", "breaking");
        check("primary_key = 'id'\n", "", "breaking");
        check("name = 'n'", "name = 'n'\nclassification = 'pii'", "breaking");
    }

    #[test]
    fn values_are_compared_and_not_their_spelling() {
        let check = |ty: &str, was: &str, is: &str, expected: &str| {
            let of =
                |it: &str| read(&format!("version = '1.0.0'\n[[contract.c.field]]\nname = 'n'\ntype = '{ty}'\n{it}\n"));
            assert_eq!(compare(&of(was), &of(is)).effect.word(), expected, "{ty}: {was} -> {is}");
        };
        check("decimal", "min = 0.10", "min = 0.1", "none");
        check("decimal", "enum = [1, 2.50]", "enum = [1.0, 2.5]", "none");
        check("decimal", "enum = [1]", "enum = [1.0, 2]", "additive");
        check("float", "enum = [1.0]\nexample = 1.0", "enum = [1.00]\nexample = 1", "none");
        check("timestamp", "max = '2020-01-01 00:00:00'", "max = '2020-01-01T00:00:00'", "none");
        check("timestamp", "min = '2020-01-01 08:00:00'", "min = '2020-01-01T07:00:00'", "additive");
        check("decimal", "max = 12345678901234567890.2", "max = 12345678901234567890.1", "breaking");
        check("decimal", "max = 9", "max = 10.0", "additive");
    }

    #[test]
    fn a_broken_promise_asks_for_a_raised_version() {
        let broken = BASE.replace("name = 'n'", "name = 'm'");
        assert!(compare(&read(BASE), &read(&broken)).is_refused());
        let admitted = broken.replace("1.0.0", "2.0.0");
        assert!(!compare(&read(BASE), &read(&admitted)).is_refused());
    }
}
