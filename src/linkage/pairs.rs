//! The whole way: values, candidates, levels, patterns, what they say, clusters.

use std::collections::BTreeSet;

use ahash::AHashMap;

use super::block::{self, Candidate, rows};
use super::chance::{self, Chance, Opportunities};
use super::cluster::{self, Edge, Given};
use super::column::{self, Column};
use super::fit::Evidence;
use super::fold::Folds;
use super::judge;
use super::kept_counts;
use super::learn;
use super::level::{self, Memory};
use super::model::{Model, Pattern};
use super::parallel::parts;
use super::spec::{Clustering, Fitted, Kind, Note, Pair, Relation, Resolution, Rule, Says, Verdict};

/// Pairs that are compared at a time.
const PART: usize = 1 << 14;
/// Rows of a component of which all pairs are compared.
const SMALL: usize = 50;
/// Fewer expected matches than this say little.
const FEW: f64 = 50.0;

/// Four bits a comparison.
type Packed = u128;

/// Resolves what fits; `keeps`: the model is made to be kept.
pub(super) fn resolve(fitted: &Fitted<'_>, keeps: bool) -> Resolution {
    let spec = fitted.spec;
    let folds = Folds::new(&spec.lexicon);
    let columns = column::columns(fitted, &folds);
    let opportunities = Opportunities::new(fitted, &columns);
    let found = block::candidates(fitted, &columns);
    let mut notes = found.notes;
    let packed = compared(fitted, &columns, &found.pairs);
    let mut patterns = Patterns::new(&packed, columns.len());
    let mut model = match fitted.model {
        Some(model) => model.clone(),
        None => {
            let chances: Vec<Chance> = chance::chances(fitted, &columns);
            let counted = &patterns.counted;
            let mut model = learn::learn(&Evidence {
                compare: &spec.compare,
                patterns: counted,
                chances: &chances,
                opportunities: &opportunities,
            });
            model.capped = judge::capped(&model, &spec.compare, &opportunities, counted);
            model
        }
    };
    if keeps {
        model.seen = Some(kept_counts::seen(&model, &columns));
    }
    let mut judged: Vec<Pattern> =
        patterns.counted.iter().map(|(levels, count)| judge::judged(&model, levels, *count)).collect();
    let decisions = Decisions::new(fitted);
    let mut pairs: Vec<Pair> = found
        .pairs
        .iter()
        .zip(&packed)
        .map(|((pair, rules), packed)| made(fitted, *pair, *rules, patterns.place(*packed), &judged, &decisions))
        .collect();
    drop(packed);
    let order = block::order_of(&columns, fitted.table.rows);
    let more = beside(fitted, &pairs, &order, &decisions);
    if !more.is_empty() {
        let packed = compared(fitted, &columns, &more);
        for ((pair, rules), packed) in more.iter().zip(packed) {
            let place = patterns.add(packed, columns.len());
            if place as usize == judged.len() {
                judged.push(judge::judged(&model, &patterns.counted[place as usize].0, 0));
            }
            judged[place as usize].pairs = patterns.counted[place as usize].1;
            pairs.push(made(fitted, *pair, *rules, place, &judged, &decisions));
        }
        pairs.sort_unstable_by_key(|it| (it.left, it.right));
    }
    let edges: Vec<Edge> = pairs.iter().map(edge).collect();
    let given = given(fitted, &edges, &order, &decisions);
    let clusters = cluster::clusters(&given);
    let bridges = cluster::bridges(&given, &clusters.leaders);
    notes
        .extend(clusters.contradictions.iter().map(|(left, right)| Note::Contradiction { left: *left, right: *right }));
    if let Some(largest) = clusters.held.iter().max() {
        notes.push(Note::TooLarge { clusters: clusters.held.len() as u32, largest: *largest });
    }
    let mut rules = found.rules;
    let (precision, recall) = expected(&pairs, &mut rules);
    drop(edges);
    evidence(&model, fitted, &opportunities, &judged, &mut notes);
    model.patterns = judged;
    let asked = asked(fitted, &columns, &model);
    Resolution { pairs, clusters: clusters.leaders, bridges, asked, model, rules, notes, precision, recall }
}

/// What the model says of the pairs that somebody asks about.
fn asked(fitted: &Fitted<'_>, columns: &[Column], model: &Model) -> Vec<Pattern> {
    let pairs: Vec<Candidate> = fitted.spec.asked.iter().map(|it| (block::pair(it.0, it.1), 0)).collect();
    let packed = compared(fitted, columns, &pairs);
    packed.into_iter().map(|it| judge::judged(model, &unpacked(it, columns.len()), 0)).collect()
}

/// The levels of pairs, packed.
fn compared(fitted: &Fitted<'_>, columns: &[Column], pairs: &[Candidate]) -> Vec<Packed> {
    let of_kind = |kind| columns.iter().position(|it| it.kind == kind);
    let persons = of_kind(Kind::GivenName).zip(of_kind(Kind::Surname));
    let made = parts(fitted.spec.threads, pairs.len(), PART, |range| {
        let pairs = &pairs[range];
        let mut acc: Vec<Packed> = vec![0; pairs.len()];
        if fitted.spec.stop.is_asked() {
            return acc;
        }
        for (at, column) in columns.iter().enumerate() {
            let mut memory = Memory::default();
            for (packed, (pair, _)) in acc.iter_mut().zip(pairs) {
                let (left, right) = rows(*pair);
                *packed |= Packed::from(column.level(left, right, &mut memory)) << (4 * at);
            }
        }
        if let Some((given, surname)) = persons {
            for (packed, (pair, _)) in acc.iter_mut().zip(pairs) {
                let (left, right) = rows(*pair);
                if let Some((one, other)) = level::swapped(&columns[given], &columns[surname], left, right) {
                    for (at, level) in [(given, one), (surname, other)] {
                        *packed &= !(15 << (4 * at));
                        *packed |= Packed::from(level) << (4 * at);
                    }
                }
            }
        }
        acc
    });
    made.concat()
}

/// The different patterns of levels.
struct Patterns {
    counted: Vec<(Vec<u8>, u64)>,
    places: AHashMap<Packed, u32>,
}

impl Patterns {
    fn new(packed: &[Packed], comparisons: usize) -> Patterns {
        let mut counts: AHashMap<Packed, u64> = AHashMap::default();
        packed.iter().for_each(|it| *counts.entry(*it).or_default() += 1);
        let mut counts: Vec<(Packed, u64)> = counts.into_iter().collect();
        counts.sort_unstable();
        let places = (0..).zip(&counts).map(|(at, it)| (it.0, at)).collect();
        let counted = counts.into_iter().map(|(packed, count)| (unpacked(packed, comparisons), count)).collect();
        Patterns { counted, places }
    }

    fn place(&self, packed: Packed) -> u32 {
        self.places.get(&packed).copied().unwrap_or_default()
    }

    fn add(&mut self, packed: Packed, comparisons: usize) -> u32 {
        let next = self.counted.len() as u32;
        let place = *self.places.entry(packed).or_insert(next);
        if place == next {
            self.counted.push((unpacked(packed, comparisons), 0));
        }
        self.counted[place as usize].1 += 1;
        place
    }
}

fn unpacked(packed: Packed, comparisons: usize) -> Vec<u8> {
    (0..comparisons).map(|at| (packed >> (4 * at)) as u8 & 15).collect()
}

/// What people decided, and what never is.
struct Decisions {
    same: Vec<(u32, u32)>,
    different: BTreeSet<(u32, u32)>,
}

impl Decisions {
    /// The later one of two about the same rows holds.
    fn new(fitted: &Fitted<'_>) -> Decisions {
        let mut last: std::collections::BTreeMap<(u32, u32), Says> = std::collections::BTreeMap::new();
        for it in &fitted.spec.decisions {
            last.insert((it.left.min(it.right), it.left.max(it.right)), it.says);
        }
        let of = |says: Says| last.iter().filter(move |it| *it.1 == says).map(|it| *it.0);
        Decisions { same: of(Says::Same).collect(), different: of(Says::Different).collect() }
    }

    /// All pairs that are decided.
    fn pairs(&self) -> impl Iterator<Item = (u32, u32)> {
        self.same.iter().chain(&self.different).copied()
    }

    fn of(&self, left: u32, right: u32) -> Option<Says> {
        if self.different.contains(&(left, right)) {
            return Some(Says::Different);
        }
        self.same.binary_search(&(left, right)).is_ok().then_some(Says::Same)
    }
}

fn made(fitted: &Fitted<'_>, pair: u64, rules: u64, place: u32, judged: &[Pattern], decisions: &Decisions) -> Pair {
    let (left, right) = rows(pair);
    let pattern = &judged[place as usize];
    let spec = fitted.spec;
    let differs = |at: &u32| {
        let at = *at as usize;
        super::kinds::differs(spec.compare[at].kind, usize::from(pattern.levels[at]))
    };
    let probability = judge::probability(pattern.weight);
    let decided = decisions.of(left, right);
    let verdict = match decided {
        Some(Says::Same) => Verdict::Match,
        Some(Says::Different) => Verdict::Reject,
        None if spec.never_differ.iter().any(differs) => Verdict::Reject,
        None if probability >= spec.match_at => Verdict::Match,
        None if probability >= spec.review_at => Verdict::Review,
        None if matches!(pattern.relation, Relation::Related | Relation::Branch) => Verdict::Related,
        None => Verdict::Reject,
    };
    Pair {
        left,
        right,
        weight: pattern.weight,
        probability,
        pattern: place,
        rules,
        relation: pattern.relation,
        verdict,
        decided,
    }
}

/// What a pair weighs when clusters are formed: one that never is weighs as little as can be.
fn edge(pair: &Pair) -> Edge {
    let different = pair.decided == Some(Says::Different);
    let never = different || pair.verdict == Verdict::Reject && pair.relation == Relation::Same;
    Edge { left: pair.left, right: pair.right, weight: if never { -60.0 } else { pair.weight } }
}

fn given<'a>(fitted: &'a Fitted<'a>, edges: &'a [Edge], order: &'a [u32], decisions: &'a Decisions) -> Given<'a> {
    let at = fitted.spec.match_at.clamp(1e-15, 1.0 - 1e-15);
    Given {
        edges,
        order,
        at: (at / (1.0 - at)).log2(),
        same: &decisions.same,
        different: &decisions.different,
        unique: fitted,
        max_size: fitted.spec.max_size,
        how: fitted.spec.clustering,
    }
}

/// The pairs that no rule found and that count all the same: those of small components, and those that are decided.
/// Nothing is learnt from them, so a decision changes what it is about and nothing else.
fn beside(fitted: &Fitted<'_>, pairs: &[Pair], order: &[u32], decisions: &Decisions) -> Vec<Candidate> {
    let is_known = |it: &(u32, u32)| pairs.binary_search_by_key(it, |it| (it.left, it.right)).is_ok();
    let mut acc = within_components(fitted, pairs, order, decisions);
    acc.extend(decisions.pairs().filter(|it| !is_known(it)).map(|(left, right)| (block::pair(left, right), 0)));
    acc.sort_unstable();
    acc.dedup();
    acc
}

/// The pairs of small components that no rule found.
fn within_components(fitted: &Fitted<'_>, pairs: &[Pair], order: &[u32], decisions: &Decisions) -> Vec<Candidate> {
    if fitted.spec.clustering != Clustering::Average {
        return Vec::new();
    }
    let matching: Vec<Edge> = pairs.iter().filter(|it| it.verdict == Verdict::Match).map(edge).collect();
    let components = cluster::components(&given(fitted, &matching, order, decisions));
    let mut acc = Vec::new();
    for members in components.iter().filter(|it| (3..=SMALL).contains(&it.len())) {
        for (at, left) in members.iter().enumerate() {
            for right in members[at + 1..].iter().filter(|it| fitted.may_pair(*left, **it)) {
                if pairs.binary_search_by_key(&(*left, *right), |it| (it.left, it.right)).is_err() {
                    acc.push((block::pair(*left, *right), 0));
                }
            }
        }
    }
    acc
}

/// Expected precision and recall of the pairs that match, and the matches of each rule.
fn expected(pairs: &[Pair], rules: &mut [Rule]) -> (f64, f64) {
    let (mut matched, mut right, mut all) = (0.0, 0.0, 0.0);
    for it in pairs {
        let expected = match it.decided {
            Some(Says::Same) => 1.0,
            Some(Says::Different) => 0.0,
            None => it.probability,
        };
        all += expected;
        if it.verdict == Verdict::Match {
            matched += 1.0;
            right += expected;
        }
        for (_, rule) in rules.iter_mut().enumerate().filter(|(at, _)| it.rules >> at & 1 == 1) {
            rule.matches += it.probability;
        }
    }
    let missed = missed(pairs, rules);
    let share = |part: f64, whole: f64| if whole > 0.0 { (part / whole).clamp(0.0, 1.0) } else { 1.0 };
    // Where not even one is expected there is nothing to find.
    let recall = if all + missed < 0.5 { 1.0 } else { share(right, all + missed) };
    (share(right, matched), recall)
}

/// Matches that no rule found, from how far the two best rules of different columns overlap (Chapman 1951).
fn missed(pairs: &[Pair], rules: &[Rule]) -> f64 {
    let columns = |rule: &Rule| -> BTreeSet<super::spec::Key> {
        let form = |it: &super::spec::Key| match it {
            super::spec::Key::Compared(at, _) => super::spec::Key::Compared(*at, super::spec::Form::Whole),
            given => *given,
        };
        let like = rule.like.map(|at| super::spec::Key::Compared(at, super::spec::Form::Whole));
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
    let Some((score, one, other)) = best.filter(|it| it.0 >= FEW) else { return 0.0 };
    let _ = score;
    let both = pairs.iter().filter(|it| it.rules >> one & it.rules >> other & 1 == 1);
    let both: f64 = both.map(|it| it.probability).sum();
    let estimated = (rules[one].matches + 1.0) * (rules[other].matches + 1.0) / (both + 1.0) - 1.0;
    let found: f64 = pairs.iter().map(|it| it.probability).sum();
    (estimated - found).clamp(0.0, found)
}

fn evidence(
    model: &Model,
    fitted: &Fitted<'_>,
    opportunities: &Opportunities,
    patterns: &[Pattern],
    notes: &mut Vec<Note>,
) {
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
    if model.change >= 1e-3 {
        notes.push(Note::NotSettled { change: model.change });
    }
}
