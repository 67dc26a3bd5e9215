//! What becomes of pairs: what the model says of their patterns, and what people decided of them.

use std::collections::{BTreeMap, BTreeSet};

use super::block::rows;
use super::cluster::Edge;
use super::fit::Counted;
use super::judge;
use super::kinds;
use super::model::{Model, Pattern};
use super::spec::{Fitted, Pair, Relation, Says, Verdict};

/// Patterns, and what becomes of pairs that have them.
pub(super) struct Judged {
    pub patterns: Vec<Pattern>,
    /// One a pattern.
    pub verdicts: Vec<Verdict>,
    /// For each sort of pairs the place of its pattern.
    pub places: Vec<u32>,
}

impl Judged {
    pub fn new(fitted: &Fitted<'_>, model: &Model, (counted, places): (Vec<Counted>, Vec<u32>)) -> Judged {
        let patterns: Vec<Pattern> =
            counted.iter().map(|(levels, count)| judge::judged(model, levels, *count)).collect();
        let verdicts = patterns.iter().map(|it| verdict(fitted, it)).collect();
        Judged { patterns, verdicts, places }
    }

    /// What becomes of a pair of a sort, and what somebody decided of it.
    pub fn verdict(&self, pair: u64, sort: u32, decisions: &Decisions) -> (Verdict, Option<Says>) {
        let (left, right) = rows(pair);
        let decided = decisions.of(left, right);
        let verdict = match decided {
            Some(Says::Same) => Verdict::Match,
            Some(Says::Different) => Verdict::Reject,
            None => self.verdicts[self.places[sort as usize] as usize],
        };
        (verdict, decided)
    }

    /// What a pair of a sort weighs when clusters are formed.
    pub fn edge(&self, pair: u64, sort: u32, decisions: &Decisions) -> Edge {
        let (left, right) = rows(pair);
        let (verdict, decided) = self.verdict(pair, sort, decisions);
        let pattern = &self.patterns[self.places[sort as usize] as usize];
        Edge { left, right, weight: weight(pattern.weight, verdict, pattern.relation, decided) }
    }

    /// A pair of a sort.
    pub fn pair(&self, pair: u64, rules: u64, sort: u32, decisions: &Decisions) -> Pair {
        let (left, right) = rows(pair);
        let place = self.places[sort as usize];
        let pattern = &self.patterns[place as usize];
        let (verdict, decided) = self.verdict(pair, sort, decisions);
        Pair {
            left,
            right,
            weight: pattern.weight,
            probability: judge::probability(pattern.weight),
            pattern: place,
            rules,
            relation: pattern.relation,
            verdict,
            decided,
        }
    }
}

/// What becomes of pairs that have a pattern, where nobody decided.
fn verdict(fitted: &Fitted<'_>, pattern: &Pattern) -> Verdict {
    let spec = fitted.spec;
    let differs = |at: &u32| {
        let at = *at as usize;
        kinds::differs(spec.compare[at].kind, usize::from(pattern.levels[at]))
    };
    let probability = judge::probability(pattern.weight);
    match () {
        () if spec.never_differ.iter().any(differs) => Verdict::Reject,
        () if probability >= spec.match_at => Verdict::Match,
        () if probability >= spec.review_at => Verdict::Review,
        () if matches!(pattern.relation, Relation::Related | Relation::Branch) => Verdict::Related,
        () => Verdict::Reject,
    }
}

/// What people decided, and what never is.
pub(super) struct Decisions {
    pub same: Vec<(u32, u32)>,
    pub different: BTreeSet<(u32, u32)>,
}

impl Decisions {
    /// The later one of two about the same rows holds.
    pub fn new(fitted: &Fitted<'_>) -> Decisions {
        let mut last: BTreeMap<(u32, u32), Says> = BTreeMap::new();
        for it in &fitted.spec.decisions {
            last.insert((it.left.min(it.right), it.left.max(it.right)), it.says);
        }
        let of = |says: Says| last.iter().filter(move |it| *it.1 == says).map(|it| *it.0);
        Decisions { same: of(Says::Same).collect(), different: of(Says::Different).collect() }
    }

    /// All pairs that are decided.
    pub fn pairs(&self) -> impl Iterator<Item = (u32, u32)> {
        self.same.iter().chain(&self.different).copied()
    }

    pub fn of(&self, left: u32, right: u32) -> Option<Says> {
        if self.same.is_empty() && self.different.is_empty() {
            return None;
        }
        if self.different.contains(&(left, right)) {
            return Some(Says::Different);
        }
        self.same.binary_search(&(left, right)).is_ok().then_some(Says::Same)
    }
}

/// What a pair weighs when clusters are formed: one that never is weighs as little as can be.
pub(super) fn edge(pair: &Pair) -> Edge {
    let Pair { left, right, .. } = *pair;
    Edge { left, right, weight: weight(pair.weight, pair.verdict, pair.relation, pair.decided) }
}

fn weight(weight: f64, verdict: Verdict, relation: Relation, decided: Option<Says>) -> f64 {
    let different = decided == Some(Says::Different);
    let never = different || verdict == Verdict::Reject && relation == Relation::Same;
    if never { -60.0 } else { weight }
}
