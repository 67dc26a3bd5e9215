//! Which column goes to which field: every pair has a score, and the best pairs come first, whatever the order in
//! which columns and fields stand. Then headers over several columns are followed to the right.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Schema;
use crate::readers::Evidence;
use crate::steps::Proposal;
use crate::steps::columns::resolve;
use crate::steps::map::Field;
use crate::steps::map::values::{Says, rather};
use crate::text::words::{self, Name, Words};

/// The field's own name, a synonym, and the most that a guess is worth.
const NAME: f64 = 1.0;
const SYNONYM: f64 = 0.99;
const GUESS: f64 = 0.95;
/// How much a column loses that has no value at all.
const GAPS: f64 = 0.15;
/// What is left of a likeness that values speak against, and of a name that they deny.
const AGAINST: f64 = 0.4;
const DENIED: f64 = 0.5;
/// What is left of a name whose values rather stand in the list of another field.
const RIVALLED: f64 = 0.7;
/// What is left of a pair for the column to which its header goes on.
const GOES_ON: f64 = 0.9;
/// A guess below this is not worth telling, and no more of them than this are told.
const LEAST: f64 = 0.3;
const TOLD: usize = 3;

/// A column that may be a field.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Pair<'a> {
    pub(super) column: &'a str,
    pub(super) field: &'a str,
    pub(super) score: f64,
    /// Its name says so, and its values do not deny it.
    pub(super) certain: bool,
    pub(super) why: String,
    /// Its values are of the field's kind, as those of other columns may be, and its name does not say that they are the
    /// field's.
    pub(super) of_kind_only: bool,
    /// Which of the field's names it is.
    rank: usize,
}

/// Every pair that is worth a word, best first; of equals the earlier name, the earlier column, the earlier field.
pub(super) fn pairs<'a>(
    schema: &'a Schema,
    evidence: &BTreeMap<String, Evidence>,
    fields: &'a [Field],
    negations: &[String],
) -> Vec<Pair<'a>> {
    let words = Words::new(fields.iter().map(Field::names)).negated_by(negations);
    let columns: BTreeMap<&str, Name> = schema.visible().map(|it| (it.name.as_str(), words.name(&it.name))).collect();
    let known: Vec<Vec<Name>> = fields.iter().map(|it| it.names().map(|name| words.name(name)).collect()).collect();
    let mut acc: Vec<Pair> = Vec::new();
    for (field, known) in fields.iter().zip(&known) {
        let named: Vec<Option<&str>> = field.names().map(|it| resolve(schema, it)).collect();
        for column in schema.visible() {
            let rank = named.iter().position(|it| *it == Some(column.name.as_str()));
            let alike = || known.iter().map(|it| columns[column.name.as_str()].names(it)).collect();
            acc.extend(pair(&column.name, field, rank, evidence.get(&column.name), alike));
        }
    }
    let alike = |column: &str, field: usize| columns[column].alike(&known[field][0]);
    rival(&mut acc, evidence, fields, &alike);
    alone(&mut acc, evidence, fields);
    let columns: BTreeMap<&str, usize> = schema.names().enumerate().map(|(at, it)| (it, at)).collect();
    let places: BTreeMap<&str, usize> = fields.iter().enumerate().map(|(at, it)| (it.name.as_str(), at)).collect();
    let place = |it: &Pair| (it.rank, columns[it.column], places[it.field]);
    acc.sort_by(|a, b| b.score.total_cmp(&a.score).then(place(a).cmp(&place(b))));
    acc
}

/// One pair; `alike` says how much the column's name is like each of the field's, and whether both have words of their own.
fn pair<'a>(
    column: &'a str,
    field: &'a Field,
    rank: Option<usize>,
    evidence: Option<&Evidence>,
    alike: impl FnOnce() -> Vec<(f64, bool)>,
) -> Option<Pair<'a>> {
    let cannot = || evidence.and_then(|it| field.wanted.cannot(it)).filter(|_| rank.is_none()).map(Says::Against);
    let says = cannot().unwrap_or_else(|| evidence.map_or(Says::Nothing, |it| field.wanted.says(it)));
    if let Some(rank) = rank {
        let name = field.names().nth(rank).unwrap_or_default();
        let rule = if rank == 0 { "name" } else { "synonym" };
        let score = if rank == 0 { NAME } else { SYNONYM };
        let why = format!("{rule} `{name}`");
        let denied = |it: &Evidence| field.wanted.denies(it).or_else(|| field.wanted.disowns(it).filter(|_| rank > 0));
        return Some(match evidence.and_then(denied) {
            Some(denied) => {
                let why = format!("{why}, but {denied}");
                Pair {
                    column,
                    field: &field.name,
                    score: score * DENIED,
                    certain: false,
                    why,
                    of_kind_only: false,
                    rank,
                }
            }
            None => Pair { column, field: &field.name, score, certain: true, why, of_kind_only: false, rank },
        });
    }
    let alike = field.names().zip(alike()).enumerate().map(|(rank, (it, alike))| (alike, rank, it));
    let ((alike, apart), rank, name) = alike.max_by(|a, b| a.0.0.total_cmp(&b.0.0).then(b.1.cmp(&a.1)))?;
    let mut why = Vec::new();
    if alike > 0.0 {
        why.push(format!("its name is like `{name}`"));
    }
    let of_kind_only = matches!(says, Says::Fits(..)) && (apart || alike == 0.0);
    let score = match says {
        Says::For(strength, reason) | Says::Fits(strength, reason) => {
            why.push(reason);
            alike + (1.0 - alike) * strength
        }
        Says::Against(reason) => {
            why.push(format!("but {reason}"));
            alike * AGAINST
        }
        Says::Nothing => alike,
    };
    // A column with many gaps is rather something beside the field than the field.
    let score = score * evidence.map_or(1.0, |it| 1.0 - GAPS * (1.0 - it.filled()));
    let score = (score.min(GUESS) * 100.0).round() / 100.0;
    let made = || Pair { column, field: &field.name, score, certain: false, why: why.join(", "), of_kind_only, rank };
    (score >= LEAST).then(made)
}

/// Two fields may have names alike and closed lists of their own: what decides between them is where the values stand.
/// A synonym was written by somebody who knows, so it stays.
fn rival(
    pairs: &mut [Pair],
    evidence: &BTreeMap<String, Evidence>,
    fields: &[Field],
    alike: &dyn Fn(&str, usize) -> f64,
) {
    let list = |name: &str| fields.iter().find(|it| it.name == name).and_then(|it| it.wanted.list());
    for pair in pairs.iter_mut().filter(|it| it.certain && it.rank == 0) {
        let (Some(found), Some(own)) = (evidence.get(pair.column), list(pair.field)) else { continue };
        let others = fields.iter().enumerate().filter(|(_, it)| it.name != pair.field);
        let others = others.filter(|(at, _)| alike(pair.column, *at) > 0.0);
        let other = others.filter_map(|(_, it)| it.wanted.list()).find_map(|it| rather(found, it, own));
        if let Some(why) = other {
            pair.certain = false;
            pair.score *= RIVALLED;
            pair.why = format!("{}, but {why}", pair.why);
        }
    }
}

/// Parts of a person's name stand beside each other: a synonym for one, such as `nom`, names something else where no other
/// part has a column and the values are of several words, as those of organisations are.
fn alone(pairs: &mut [Pair], evidence: &BTreeMap<String, Evidence>, fields: &[Field]) {
    let part = |name: &str| fields.iter().find(|it| it.name == name).filter(|it| it.wanted.is_word());
    let parts: Vec<&str> =
        pairs.iter().filter(|it| it.certain && part(it.field).is_some()).map(|it| it.field).collect();
    let [only] = parts[..] else { return };
    for pair in pairs.iter_mut().filter(|it| it.certain && it.field == only && it.rank > 0) {
        let said = part(pair.field).zip(evidence.get(pair.column)).and_then(|(it, found)| it.wanted.several(found));
        if let Some(why) = said {
            pair.certain = false;
            pair.score *= DENIED;
            pair.why = format!("{}, but {why}", pair.why);
        }
    }
}

/// Each column to one field and each field to one column, best first; neither `taken` columns nor `given` fields.
pub(super) fn assign<'a>(
    pairs: &[Pair<'a>],
    taken: &BTreeSet<&str>,
    given: &BTreeSet<&str>,
    threshold: f64,
) -> Vec<Pair<'a>> {
    let (mut taken, mut given) = (taken.clone(), given.clone());
    let mut acc = Vec::new();
    for pair in pairs {
        let sure = pair.certain || pair.score >= threshold;
        if sure && !taken.contains(pair.column) && !given.contains(pair.field) {
            taken.insert(pair.column);
            given.insert(pair.field);
            acc.push(pair.clone());
        }
    }
    acc
}

/// A header over several columns names the first of them, and the others after it, or not at all. They go to the fields
/// that follow the one of the first, as long as their names begin with the same word and the values do not speak
/// against it.
pub(super) fn goes_on<'a>(
    assigned: &[Pair<'a>],
    schema: &'a Schema,
    evidence: &BTreeMap<String, Evidence>,
    fields: &'a [Field],
    taken: &BTreeSet<&str>,
    given: &BTreeSet<&str>,
    threshold: f64,
) -> Vec<Pair<'a>> {
    let mut acc: Vec<Pair<'a>> = Vec::new();
    let columns: Vec<&str> = schema.visible().map(|it| it.name.as_str()).collect();
    for (at, beside) in columns.windows(2).enumerate() {
        let &[left, column] = beside else { continue };
        let Some(before) = assigned.iter().chain(&acc).find(|it| it.column == left) else { continue };
        let unnamed = words::nameless(column, at + 1);
        let beneath = unnamed || words::goes_on(left, column);
        if taken.contains(column) || assigned.iter().any(|it| it.column == column) || !beneath {
            continue;
        }
        let after = fields.iter().skip_while(|it| it.name != before.field).skip(1);
        let held = |name: &str| given.contains(name) || assigned.iter().chain(&acc).any(|it| it.field == name);
        let akin = |name: &str| words::begin_alike(name, before.field) || words::goes_on(before.field, name);
        let next = after.take_while(|it| akin(&it.name)).find(|it| !held(&it.name));
        let Some(field) = next else { continue };
        let says = evidence.get(column).map_or(Says::Nothing, |it| field.wanted.says(it));
        let score = (before.score.min(GUESS) * GOES_ON * 100.0).round() / 100.0;
        if score >= threshold && !matches!(says, Says::Against(_)) {
            let (how, left) = (if unnamed { "has no name and " } else { "" }, left.escape_debug());
            let why = format!("it {how}goes on from `{left}`, which is `{}`", before.field);
            acc.push(Pair { column, field: &field.name, score, certain: false, why, of_kind_only: false, rank: 0 });
        }
    }
    acc
}

/// What a column might be; `holders` says which fields have a column already.
pub(super) fn proposals(pairs: &[Pair], column: &str, holders: &BTreeMap<&str, String>) -> Vec<Proposal> {
    let own = pairs.iter().filter(|it| it.column == column).take(TOLD);
    let told = own.map(|it| {
        let held = holders.get(it.field).map(|it| format!(", {it}")).unwrap_or_default();
        Proposal { field: it.field.to_owned(), score: it.score, why: format!("{}{held}", it.why) }
    });
    told.collect()
}
