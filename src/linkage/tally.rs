//! How many pairs are of one sort: found by the same rules, and of the same levels. What is learnt and estimated follows
//! from these counts, in an order of their own, so that neither the order of rows nor that of work reaches an answer.

use std::collections::BTreeSet;

use ahash::AHashMap;

use super::chance::Opportunities;
use super::fit::Counted;
use super::judge;
use super::kinds;
use super::model::Model;
use super::spec::{Fitted, Form, Key, Kind, Note, Role, Rule, Says, Verdict};
use super::verdict::Judged;

/// Fewer expected matches than this say little.
const FEW: f64 = 50.0;
/// Of fewer matches than this, nothing is said of what they differ in.
const LEAST_MATCHES: u64 = 50;
/// Matches that differ more often than this in what is their own, such as names, may be of two things.
const OFTEN: f64 = 0.35;

/// Four bits a comparison.
pub(super) type Packed = u128;

/// The levels of a pattern, one a comparison.
pub(super) fn unpacked(packed: Packed, comparisons: usize) -> Vec<u8> {
    (0..comparisons).map(|at| (packed >> (4 * at)) as u8 & 15).collect()
}

/// The sorts of pairs, and how many pairs there are of each.
#[derive(Default)]
pub(super) struct Tally {
    places: AHashMap<(u64, Packed), u32>,
    /// Rules, and levels.
    pub sorts: Vec<(u64, Packed)>,
    pub counts: Vec<u64>,
}

impl Tally {
    /// Of what was counted before.
    pub fn of(sorts: Vec<(u64, Packed)>, counts: Vec<u64>) -> Tally {
        Tally { places: (0..).zip(&sorts).map(|(at, it)| (*it, at)).collect(), sorts, counts }
    }

    /// Counts a pair; gives the place of its sort.
    pub fn add(&mut self, rules: u64, packed: Packed) -> u32 {
        let next = self.sorts.len() as u32;
        let place = *self.places.entry((rules, packed)).or_insert(next);
        if place == next {
            self.sorts.push((rules, packed));
            self.counts.push(0);
        }
        self.counts[place as usize] += 1;
        place
    }

    /// How many pairs the rules found.
    pub fn candidates(&self) -> u64 {
        self.sorts.iter().zip(&self.counts).filter(|it| it.0.0 != 0).map(|it| *it.1).sum()
    }

    /// The patterns of levels that some pair has, sorted, and for each sort the place of its pattern.
    pub fn patterns(&self, comparisons: usize) -> (Vec<Counted>, Vec<u32>) {
        let mut by_levels: Vec<(Packed, u32)> = (0..).zip(&self.sorts).map(|(at, it)| (it.1, at)).collect();
        by_levels.retain(|it| self.counts[it.1 as usize] > 0);
        by_levels.sort_unstable();
        let mut places = vec![u32::MAX; self.sorts.len()];
        let mut patterns = Vec::new();
        for same in by_levels.chunk_by(|a, b| a.0 == b.0) {
            same.iter().for_each(|it| places[it.1 as usize] = patterns.len() as u32);
            let count = same.iter().map(|it| self.counts[it.1 as usize]).sum();
            patterns.push((unpacked(same[0].0, comparisons), count));
        }
        (patterns, places)
    }

    /// What is expected of the pairs: precision and recall of those that match, and the matches of each rule. `decided`:
    /// the sorts of pairs that somebody decided.
    pub fn expected(&self, judged: &Judged, decided: &[(u32, Says)], rules: &mut [Rule]) -> (f64, f64) {
        let mut open = self.counts.clone();
        decided.iter().for_each(|it| open[it.0 as usize] -= 1);
        let mut sorted: Vec<u32> = (0..self.sorts.len() as u32).filter(|it| self.counts[*it as usize] > 0).collect();
        sorted.sort_unstable_by_key(|it| self.sorts[*it as usize]);
        let (mut matched, mut right, mut all) = (0.0, 0.0, 0.0);
        let mut probable: Vec<(u64, f64)> = Vec::with_capacity(sorted.len());
        for at in sorted {
            let ((found_by, _), place) = (self.sorts[at as usize], judged.places[at as usize] as usize);
            let probability = judge::probability(judged.patterns[place].weight);
            let count = open[at as usize] as f64;
            all += count * probability;
            if judged.verdicts[place] == Verdict::Match {
                matched += count;
                right += count * probability;
            }
            let expected = self.counts[at as usize] as f64 * probability;
            for (_, rule) in rules.iter_mut().enumerate().filter(|(rule, _)| found_by >> rule & 1 == 1) {
                rule.matches += expected;
            }
            probable.push((found_by, expected));
        }
        let same = decided.iter().filter(|it| it.1 == Says::Same).count() as f64;
        (matched, right, all) = (matched + same, right + same, all + same);
        let missed = missed(&probable, rules);
        let share = |part: f64, whole: f64| if whole > 0.0 { (part / whole).clamp(0.0, 1.0) } else { 1.0 };
        // Where not even one is expected there is nothing to find.
        let recall = if all + missed < 0.5 { 1.0 } else { share(right, all + missed) };
        (share(right, matched), recall)
    }
}

/// Matches that no rule found, from how far the two best rules of different columns overlap (Chapman 1951). `probable`:
/// rules, and the expected matches among the pairs that they found together.
fn missed(probable: &[(u64, f64)], rules: &[Rule]) -> f64 {
    let columns = |rule: &Rule| -> BTreeSet<Key> {
        let form = |it: &Key| match it {
            Key::Compared(at, _) => Key::Compared(*at, Form::Whole),
            given => *given,
        };
        let like = rule.like.map(|at| Key::Compared(at, Form::Whole));
        rule.on.iter().map(form).chain(like).collect()
    };
    let mut best: Option<(f64, usize, usize)> = None;
    for (at, one) in rules.iter().enumerate() {
        for (next, other) in rules.iter().enumerate().skip(at + 1) {
            let score = one.matches.min(other.matches);
            if columns(one).is_disjoint(&columns(other)) && best.is_none_or(|it| score > it.0) {
                best = Some((score, at, next));
            }
        }
    }
    let Some((_, one, other)) = best.filter(|it| it.0 >= FEW) else { return 0.0 };
    let both: f64 = probable.iter().filter(|it| it.0 >> one & it.0 >> other & 1 == 1).map(|it| it.1).sum();
    let estimated = (rules[one].matches + 1.0) * (rules[other].matches + 1.0) / (both + 1.0) - 1.0;
    let found: f64 = probable.iter().map(|it| it.1).sum();
    (estimated - found).clamp(0.0, found)
}

/// What is to be known of the evidence.
pub(super) fn evidence(
    model: &Model,
    fitted: &Fitted<'_>,
    opportunities: &Opportunities,
    judged: &Judged,
    notes: &mut Vec<Note>,
) {
    let patterns = &judged.patterns;
    if patterns.is_empty() {
        notes.push(Note::NoCandidates);
        return;
    }
    let expected = model.all_matches();
    if expected < FEW {
        notes.push(Note::TooFew { expected });
    }
    if !patterns.iter().any(|it| it.weight > 0.0) {
        notes.push(Note::NothingSeparates);
    }
    let ratio = judge::unexplained(model, &fitted.spec.compare, opportunities, patterns);
    if ratio > 2.0 {
        notes.push(Note::Correlated { ratio });
    }
    notes.extend(often_differ(fitted, judged));
    if model.change >= 1e-3 {
        notes.push(Note::NotSettled { change: model.change });
    }
}

/// The comparisons of what is their own in which matches differ often; texts, of which works have several, aside.
fn often_differ(fitted: &Fitted<'_>, judged: &Judged) -> Vec<Note> {
    let own = fitted.spec.compare.iter().enumerate().filter(|it| it.1.role == Role::Own && it.1.kind != Kind::Text);
    let noted = own.filter_map(|(at, _)| {
        let (differ, all) = differing(fitted, judged, at);
        let share = differ as f64 / all.max(1) as f64;
        (all >= LEAST_MATCHES && share > OFTEN).then_some(Note::OwnDiffers { comparison: at as u32, share })
    });
    noted.collect()
}

/// Matches that differ in a comparison, and all that have values in it.
fn differing(fitted: &Fitted<'_>, judged: &Judged, at: usize) -> (u64, u64) {
    let kind = fitted.spec.compare[at].kind;
    let matches = judged.patterns.iter().zip(&judged.verdicts).filter(|it| *it.1 == Verdict::Match).map(|it| it.0);
    matches.filter(|it| it.levels[at] > 0).fold((0, 0), |(differ, all), it| {
        let differs = kinds::differs(kind, usize::from(it.levels[at]));
        (differ + if differs { it.pairs } else { 0 }, all + it.pairs)
    })
}

#[cfg(test)]
mod tests {
    use super::super::model::Pattern;
    use super::super::spec::{Comparison, Relation, Spec, Table};
    use super::*;

    #[test]
    fn matches_that_often_differ_in_their_names_are_told() {
        let spec = Spec::new(vec![
            Comparison::new("name", Kind::Organisation),
            Comparison::new("phone", Kind::Phone),
            Comparison::new("title", Kind::Text),
        ]);
        let table = Table::default();
        let fitted = Fitted { spec: &spec, table: &table, model: None };
        let last = |kind: Kind| (kinds::count(kind) - 1) as u8;
        // Names that differ, and those that are missing, beside equal ones.
        let noted = |differ: u64, equal: u64| {
            let pattern = |levels: [u8; 3], pairs| Pattern {
                levels: levels.to_vec(),
                pairs,
                weight: 1.0,
                relation: Relation::Same,
            };
            let other = last(Kind::Organisation);
            let patterns = vec![
                pattern([other, 1, last(Kind::Text)], differ),
                pattern([1, last(Kind::Phone), last(Kind::Text)], equal),
                pattern([0, 1, 1], 500),
                pattern([other, 1, 1], 500),
            ];
            let verdicts = vec![Verdict::Match, Verdict::Match, Verdict::Match, Verdict::Reject];
            often_differ(&fitted, &Judged { patterns, verdicts, places: Vec::new() })
        };
        assert_eq!(noted(40, 60), [Note::OwnDiffers { comparison: 0, share: 0.4 }]);
        assert_eq!(noted(30, 70), [], "names are misspelt and changed");
        assert_eq!(noted(20, 20), [], "few say little");
    }
}
