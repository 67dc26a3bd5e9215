//! The whole way: values, candidates, levels, patterns, what they say, clusters.

use super::block::{self, Candidate, Candidates, rows};
use super::chance::{self, Chance, Opportunities};
use super::cluster::{self, Clusters, Edge, Given};
use super::column::{self, Column};
use super::fit::{Counted, Evidence};
use super::fold::Folds;
use super::judge;
use super::kept_counts;
use super::learn;
use super::level::{self, Memory};
use super::model::{Model, Pattern};
use super::parallel::parts;
use super::spec::{Clustering, Fitted, Kind, Note, Pair, Resolution, Says, Verdict};
use super::tally::{self, Packed, Tally, unpacked};
use super::verdict::{Decisions, Judged, edge};

/// Pairs that are compared at a time.
const PART: usize = 1 << 14;
/// Rows of a component of which all pairs are compared.
const SMALL: usize = 50;

/// Resolves what fits; `keeps`: the model is made to be kept.
pub(super) fn resolve(fitted: &Fitted<'_>, keeps: bool) -> Whole {
    let spec = fitted.spec;
    let folds = Folds::new(&spec.lexicon);
    let columns = column::columns(fitted, &folds);
    let opportunities = Opportunities::new(fitted, &columns);
    let mut found = block::candidates(fitted, &columns);
    let mut notes = std::mem::take(&mut found.notes);
    let split = notes.clone();
    let packed = compared(fitted, &columns, &found.pairs);
    let mut tally = Tally::default();
    let mut sorts: Vec<u32> =
        found.pairs.iter().zip(&packed).map(|((_, rules), packed)| tally.add(*rules, *packed)).collect();
    drop(packed);
    let patterns = tally.patterns(columns.len());
    let mut model = match fitted.model {
        Some(model) => model.clone(),
        None => learnt(fitted, &columns, &patterns.0, &opportunities),
    };
    if keeps {
        model.seen = Some(kept_counts::seen(&model, &columns));
    }
    let mut judged = Judged::new(fitted, &model, patterns);
    let decisions = Decisions::new(fitted);
    let judge = |judged: &Judged, pairs: &[Candidate], sorts: &[u32]| -> Vec<Pair> {
        let pairs = pairs.iter().zip(sorts);
        pairs.map(|((pair, rules), sort)| judged.pair(*pair, *rules, *sort, &decisions)).collect()
    };
    let mut pairs = judge(&judged, &found.pairs, &sorts);
    let order = block::order_of(&columns, fitted.table.rows);
    let more = beside(fitted, &pairs, &order, &decisions);
    let made = (found.pairs.len() + more.len()) as u64;
    if !more.is_empty() {
        drop(pairs);
        let packed = compared(fitted, &columns, &more);
        let of_more = packed.iter().map(|it| tally.add(0, *it));
        let mut all: Vec<(Candidate, u32)> = found.pairs.into_iter().zip(sorts).collect();
        all.extend(more.iter().copied().zip(of_more));
        all.sort_unstable();
        (found.pairs, sorts) = all.into_iter().unzip();
        judged = Judged::new(fitted, &model, tally.patterns(columns.len()));
        pairs = judge(&judged, &found.pairs, &sorts);
    }
    // All that is to be known of them is in `pairs`.
    found.pairs = Vec::new();
    let edges: Vec<Edge> = pairs.iter().map(edge).collect();
    let given = given(fitted, &edges, &order, &decisions);
    let clusters = cluster::clusters(&given);
    let bridges = cluster::bridges(&given, &clusters.leaders);
    drop(edges);
    let decided: Vec<(u32, Says)> =
        pairs.iter().zip(&sorts).filter_map(|(pair, sort)| Some((*sort, pair.decided?))).collect();
    let (precision, recall) = tally.expected(&judged, &decided, &mut found.rules);
    told(&clusters, &mut notes);
    tally::evidence(&model, fitted, &opportunities, &judged, &mut notes);
    model.patterns = judged.patterns;
    let asked = asked(fitted, &columns, &model);
    let rules = found.rules.clone();
    let leaders = clusters.leaders.clone();
    let resolution = Resolution {
        pairs,
        clusters: leaders,
        bridges,
        asked,
        model,
        rules,
        notes,
        precision,
        recall,
        compared: made,
        candidates: tally.candidates(),
    };
    Whole { resolution, columns, found, split, tally, sorts, clusters }
}

/// A model that is learnt of these very rows.
fn learnt(fitted: &Fitted<'_>, columns: &[Column], counted: &[Counted], opportunities: &Opportunities) -> Model {
    let chances: Vec<Chance> = chance::chances(fitted, columns);
    let compare = &fitted.spec.compare;
    let mut model = learn::learn(&Evidence { compare, patterns: counted, chances: &chances, opportunities });
    model.capped = judge::capped(&model, compare, opportunities, counted);
    model
}

/// An answer, and all that it was made by.
pub(super) struct Whole {
    pub resolution: Resolution,
    pub columns: Vec<Column>,
    pub found: Candidates,
    /// What is to be known of blocks.
    pub split: Vec<Note>,
    pub tally: Tally,
    /// For each pair its sort.
    pub sorts: Vec<u32>,
    pub clusters: Clusters,
}

/// What is to be known of clusters.
pub(super) fn told(clusters: &Clusters, notes: &mut Vec<Note>) {
    notes
        .extend(clusters.contradictions.iter().map(|(left, right)| Note::Contradiction { left: *left, right: *right }));
    if let Some(largest) = clusters.held.iter().map(|it| it.1).max() {
        notes.push(Note::TooLarge { clusters: clusters.held.len() as u32, largest });
    }
}

/// What the model says of the pairs that somebody asks about.
fn asked(fitted: &Fitted<'_>, columns: &[Column], model: &Model) -> Vec<Pattern> {
    let pairs: Vec<Candidate> = fitted.spec.asked.iter().map(|it| (block::pair(it.0, it.1), 0)).collect();
    let packed = compared(fitted, columns, &pairs);
    packed.into_iter().map(|it| judge::judged(model, &unpacked(it, columns.len()), 0)).collect()
}

/// The levels of pairs, packed.
pub(super) fn compared(fitted: &Fitted<'_>, columns: &[Column], pairs: &[Candidate]) -> Vec<Packed> {
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

/// The weight of a match.
pub(super) fn least_weight(fitted: &Fitted<'_>) -> f64 {
    weight_of(fitted.spec.match_at)
}

/// log2 of the odds of a probability; what is certain is nearly so.
pub fn weight_of(probability: f64) -> f64 {
    let at = probability.clamp(1e-15, 1.0 - 1e-15);
    (at / (1.0 - at)).log2()
}

pub(super) fn given<'a>(
    fitted: &'a Fitted<'a>,
    edges: &'a [Edge],
    order: &'a [u32],
    decisions: &'a Decisions,
) -> Given<'a> {
    Given {
        edges,
        order,
        at: least_weight(fitted),
        same: &decisions.same,
        different: &decisions.different,
        unique: fitted,
        max_size: fitted.spec.max_size,
        how: fitted.spec.clustering,
    }
}

/// The pairs that no rule found and that count all the same: those of small components, and those that are decided.
/// Nothing is learnt from them, so a decision changes what it is about and nothing else.
pub(super) fn beside(fitted: &Fitted<'_>, pairs: &[Pair], order: &[u32], decisions: &Decisions) -> Vec<Candidate> {
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
