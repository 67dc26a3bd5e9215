//! What is odd in a profile without being wrong: words that can never do anything, and people in the open.
//!
//! Each rule is a warning with an identifier of its own, a place, and what to do. Builds do not tell them: a profile
//! is looked over by whoever writes it.

use std::collections::BTreeMap;

use crate::fields::Spans;
use crate::model::Class;
use crate::problem::{Code, Problem, did_you_mean};
use crate::profile::{Profile, Value, fold};
use crate::text::placeholder::Placeholders;

/// A synonym that is the field's own name, or another of its synonyms.
pub const REPEATED_SYNONYM: Code = Code::warning("hotpass::profile::repeated-synonym");
/// A synonym that is the name of another field.
pub const SHADOWED_SYNONYM: Code = Code::warning("hotpass::profile::shadowed-synonym");
/// An alias that is its own value, or another alias of it.
pub const REPEATED_ALIAS: Code = Code::warning("hotpass::profile::repeated-alias");
/// A value or alias that a placeholder takes away before it is looked up.
pub const UNREACHABLE_ALIAS: Code = Code::warning("hotpass::profile::unreachable-alias");
/// A lookup without values.
pub const EMPTY_LOOKUP: Code = Code::warning("hotpass::profile::empty-lookup");
/// A field that tells of people and is open.
pub const OPEN_PERSON: Code = Code::warning("hotpass::profile::open-person");
/// A field that has a class and nothing else, and is spelt nearly like another.
pub const STRAY_CLASS: Code = Code::warning("hotpass::profile::stray-class");
/// A table of `enrich` without values.
pub const EMPTY_ENRICH: Code = Code::warning("hotpass::profile::empty-enrich");
/// Two sources of one rank: which of them wins is not said.
pub const DOUBLED_PRIORITY: Code = Code::warning("hotpass::profile::doubled-priority");
/// A region that no telephone number belongs to.
pub const UNKNOWN_REGION: Code = Code::warning("hotpass::profile::unknown-region");

/// All codes of this module.
pub const CODES: &[&Code] = &[
    &REPEATED_SYNONYM,
    &SHADOWED_SYNONYM,
    &REPEATED_ALIAS,
    &UNREACHABLE_ALIAS,
    &EMPTY_LOOKUP,
    &OPEN_PERSON,
    &UNKNOWN_REGION,
    &STRAY_CLASS,
    &EMPTY_ENRICH,
    &DOUBLED_PRIORITY,
];

/// Looks a merged profile over; `spans` says where things stand.
pub fn lint(profile: &Profile, spans: &Spans) -> Vec<Problem> {
    let mut acc = Vec::new();
    synonyms(profile, &mut acc);
    lookups(profile, spans, &mut acc);
    for (name, field) in &profile.fields {
        let of_people =
            matches!(field.value, Value::Email | Value::Emails | Value::Phone | Value::Phones | Value::PersonName);
        if of_people && field.class == Class::Open {
            let message = format!("field `{name}` holds {} and is open", field.value.spelling());
            let help = "say `class = \"personal\"`, so that it is masked where tables are shown".to_owned();
            acc.push(Problem::new(&OPEN_PERSON, message).label(&field.span, "this field").help(help));
        }
    }
    if let Some(region) = &profile.region
        && !crate::text::phone::is_region(region)
    {
        let message = format!("`{}` is not a region", region.escape_debug());
        let help = "two letters of ISO 3166, such as `DE`".to_owned();
        acc.push(placed(Problem::new(&UNKNOWN_REGION, message), spans, "normal.region").help(help));
    }
    stray(profile, &mut acc);
    for name in profile.enrich.iter().filter(|(_, it)| it.is_empty()).map(|(name, _)| name) {
        let problem = Problem::new(&EMPTY_ENRICH, format!("`[enrich.{name}]` has no value"));
        let help = "add values, or remove it: `enrich` would give null for every row".to_owned();
        acc.push(placed(problem, spans, &format!("enrich.{name}@")).help(help));
    }
    priorities(profile, spans, &mut acc);
    acc
}

/// Fields that were meant to be others: a class protects the columns of its own field only.
fn stray(profile: &Profile, acc: &mut Vec<Problem>) {
    for (name, field) in &profile.fields {
        let bare = field.value == Value::Text && field.synonyms.is_empty() && field.like.is_none();
        let others = profile.fields.iter().map(|(it, _)| it.as_str()).filter(|it| it != name);
        if bare
            && field.class == Class::Personal
            && let Some(help) = did_you_mean(name, others)
        {
            let message = format!("field `{name}` has a class and nothing that it could protect");
            acc.push(Problem::new(&STRAY_CLASS, message).label(&field.span, "this field").help(help));
        }
    }
}

/// Sources of one rank, unless they are of one file.
fn priorities(profile: &Profile, spans: &Spans, acc: &mut Vec<Problem>) {
    let mut seen: Vec<(&str, i64, Option<&str>)> = Vec::new();
    for (name, said) in &profile.ingest.sources {
        let Some(rank) = said.priority() else { continue };
        let alike =
            |(_, other, path): &&(&str, i64, Option<&str>)| *other == rank && (path.is_none() || *path != said.path());
        if let Some((other, ..)) = seen.iter().find(alike) {
            let message = format!("`{other}` and `{name}` have the same priority, {rank}");
            let help = "give the one that is trusted more a greater number".to_owned();
            let place = format!("ingest.source.{name}.priority");
            acc.push(placed(Problem::new(&DOUBLED_PRIORITY, message), spans, &place).help(help));
        }
        seen.push((name, rank, said.path()));
    }
}

fn synonyms(profile: &Profile, acc: &mut Vec<Problem>) {
    let names: BTreeMap<String, &str> = profile.fields.iter().map(|(it, _)| (fold(it), it.as_str())).collect();
    for (name, field) in &profile.fields {
        let mut seen = vec![fold(name)];
        for (synonym, span) in &field.synonyms {
            let folded = fold(synonym);
            let shown = synonym.escape_debug();
            if seen.contains(&folded) {
                let message = format!("synonym `{shown}` of `{name}` says nothing new");
                let problem = Problem::new(&REPEATED_SYNONYM, message).label(span, "again here");
                acc.push(problem.help("remove it: case, spaces and punctuation do not matter".to_owned()));
            } else if let Some(other) = names.get(&folded) {
                let message = format!("synonym `{shown}` of `{name}` is the name of the field `{other}`");
                let problem = Problem::new(&SHADOWED_SYNONYM, message).label(span, "goes to the other field");
                acc.push(problem.help("remove it, or give the other field another name".to_owned()));
            }
            seen.push(folded);
        }
    }
}

fn lookups(profile: &Profile, spans: &Spans, acc: &mut Vec<Problem>) {
    let placeholders = Placeholders::new(&profile.placeholders);
    for (name, lookup) in &profile.lookups {
        if lookup.is_empty() {
            let problem = Problem::new(&EMPTY_LOOKUP, format!("lookup `{name}` has no value"));
            let help = "add values, or remove it: every text would become null".to_owned();
            acc.push(placed(problem, spans, &format!("lookup.{name}")).help(help));
        }
        for (value, aliases) in lookup {
            let path = format!("lookup.{name}.{value}");
            let mut seen = vec![fold(value)];
            for alias in std::iter::once(value).chain(aliases) {
                if !placeholders.keep(alias) {
                    let message = format!("`{}` in lookup `{name}` is a placeholder", alias.escape_debug());
                    let help = "remove it from one of the two: a placeholder becomes null first".to_owned();
                    acc.push(placed(Problem::new(&UNREACHABLE_ALIAS, message), spans, &path).help(help));
                }
            }
            for alias in aliases {
                let folded = fold(alias);
                if !folded.is_empty() && seen.contains(&folded) {
                    let message = format!("alias `{}` of `{value}` says nothing new", alias.escape_debug());
                    let help = "remove it: case, spaces and punctuation do not matter".to_owned();
                    acc.push(placed(Problem::new(&REPEATED_ALIAS, message), spans, &path).help(help));
                }
                seen.push(folded);
            }
        }
    }
}

fn placed(problem: Problem, spans: &Spans, path: &str) -> Problem {
    match spans.get(path) {
        Some(span) => problem.label(span, "here"),
        None => problem,
    }
}
