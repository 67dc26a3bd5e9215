//! The whole way: values, candidates, levels, patterns, what they say, clusters.

use std::cmp::Ordering;

use super::block::{self, Candidate, Candidates, rows};
use super::chance::{self, Chance, Opportunities};
use super::cluster::{self, Clusters, Edge, Edges, Given};
use super::column::{Column, by_values};
use super::confirmed::Confirmed;
use super::fit::{Counted, Evidence};
use super::judge;
use super::kept::Kept;
use super::kept_counts;
use super::learn;
use super::level::{self, Memory};
use super::mailbox::Mailboxes;
use super::model::{Model, Pattern};
use super::parallel::parts;
use super::spec::{Clustering, Fitted, Kind, Note, Resolution, Verdict};
use super::tally::{self, Packed, Tally, unpacked};
use super::verdict::{Decisions, Judged, edge};

/// Pairs that are compared at a time.
const PART: usize = 1 << 14;
/// Rows of a component of which all pairs are compared.
const SMALL: usize = 50;

/// Resolves what fits, out of its columns; `keeps`: the model is made to be kept.
pub(super) fn resolve(fitted: &Fitted<'_>, columns: Vec<Column>, keeps: bool) -> Whole {
    let spec = fitted.spec;
    let opportunities = Opportunities::new(fitted, &columns);
    let mut found = block::candidates(fitted, &columns);
    let mut notes = std::mem::take(&mut found.notes);
    let split = notes.clone();
    let (mut tally, mut kept) = (Tally::default(), Kept::default());
    while let Some(part) = found.next() {
        let packed = compared(fitted, &columns, &part.pairs);
        let sorts = part.pairs.iter().zip(packed).map(|(it, packed)| tally.add(it.1, packed)).collect();
        kept.before(&part, sorts);
    }
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
    let order = |one, other| by_values(&columns, one, other);
    let confirmed = Confirmed::new(&spec.compare, &columns);
    let contradict = |one: &[u32], other: &[u32]| confirmed.contradict(one, other);
    let values: Values<'_> = (&order, &contradict);
    let mut more = {
        let matching = Matching(Weighing { kept: &kept, judged: &judged, decisions: &decisions });
        let is_known = |left, right| kept.is_known(left, right);
        beside(&given(fitted, &matching, values, &decisions), fitted, &is_known, &decisions)
    };
    if !more.is_empty() {
        let packed = compared(fitted, &columns, &more);
        let sorts = packed.into_iter().map(|it| tally.add(0, it));
        kept.more(more.drain(..).map(|it| it.0).zip(sorts).collect());
        judged = Judged::new(fitted, &model, tally.patterns(columns.len()));
    }
    let weighing = Weighing { kept: &kept, judged: &judged, decisions: &decisions };
    let clusters = cluster::clusters(&given(fitted, &weighing, values, &decisions));
    let (mut pairs, mut decided) = (Vec::new(), Vec::new());
    kept.each(&mut |pair, sort| {
        let (verdict, says) = judged.verdict(pair, sort, &decisions);
        decided.extend(says.map(|it| (sort, it)));
        if spec.tells(verdict, says) {
            pairs.push(judged.pair(pair, tally.sorts[sort as usize].0, sort, &decisions));
        }
    });
    let bridges = match spec.told {
        Verdict::Reject => {
            cluster::bridges(&pairs.iter().map(edge).collect::<Vec<_>>(), least_weight(fitted), &clusters.leaders)
        }
        _ => Vec::new(),
    };
    let (precision, recall) = tally.expected(&judged, &decided, &mut found.rules);
    let recall = found.less(recall, fitted.table.rows, tally.candidates());
    told(&clusters, &mut notes);
    tally::evidence(&model, fitted, &opportunities, &judged, &mut notes);
    model.patterns = judged.patterns;
    let resolution = Resolution {
        pairs,
        clusters: clusters.leaders.clone(),
        bridges,
        asked: asked(fitted, &columns, &model),
        model,
        rules: found.rules.clone(),
        notes,
        precision,
        recall,
        compared: kept.len() as u64,
        candidates: tally.candidates(),
    };
    Whole { resolution, columns, found, split, tally, kept, clusters }
}

/// All pairs with what they weigh.
struct Weighing<'a> {
    kept: &'a Kept,
    judged: &'a Judged,
    decisions: &'a Decisions,
}

impl Edges for Weighing<'_> {
    fn each(&self, act: &mut dyn FnMut(Edge)) {
        self.kept.each(&mut |pair, sort| act(self.judged.edge(pair, sort, self.decisions)));
    }
}

/// Those of them that match.
struct Matching<'a>(Weighing<'a>);

impl Edges for Matching<'_> {
    fn each(&self, act: &mut dyn FnMut(Edge)) {
        let Weighing { kept, judged, decisions } = self.0;
        kept.each(&mut |pair, sort| {
            if judged.verdict(pair, sort, decisions).0 == Verdict::Match {
                act(judged.edge(pair, sort, decisions));
            }
        });
    }
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
    pub kept: Kept,
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
    let mailboxes = Mailboxes::of(columns);
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
        if let Some(mailboxes) = &mailboxes {
            for (packed, (pair, _)) in acc.iter_mut().zip(pairs) {
                let (left, right) = rows(*pair);
                *packed = mailboxes.levels(*packed, left, right);
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

/// What clusters are told of values: their order, and whether two clusters contradict each other.
pub(super) type Values<'a> = (&'a dyn Fn(u32, u32) -> Ordering, &'a dyn Fn(&[u32], &[u32]) -> bool);

pub(super) fn given<'a>(
    fitted: &'a Fitted<'a>,
    edges: &'a dyn Edges,
    (order, contradict): Values<'a>,
    decisions: &'a Decisions,
) -> Given<'a> {
    Given {
        edges,
        rows: fitted.table.rows,
        order,
        at: least_weight(fitted),
        same: &decisions.same,
        different: &decisions.different,
        unique: fitted,
        contradict,
        max_size: fitted.spec.max_size,
        how: fitted.spec.clustering,
    }
}

/// The pairs that no rule found and that count all the same: those of small components, and those that are decided.
/// Nothing is learnt from them, so a decision changes what it is about and nothing else. `matching`: made of the pairs
/// that match.
pub(super) fn beside(
    matching: &Given<'_>,
    fitted: &Fitted<'_>,
    is_known: &dyn Fn(u32, u32) -> bool,
    decisions: &Decisions,
) -> Vec<Candidate> {
    let mut acc = Vec::new();
    if fitted.spec.clustering == Clustering::Average {
        let components = cluster::components(matching);
        for members in components.iter().filter(|it| (3..=SMALL).contains(&it.len())) {
            for (at, left) in members.iter().enumerate() {
                let others = members[at + 1..].iter().filter(|it| fitted.may_pair(*left, **it));
                acc.extend(others.filter(|it| !is_known(*left, **it)).map(|right| (block::pair(*left, *right), 0)));
            }
        }
    }
    let decided = decisions.pairs().filter(|it| !is_known(it.0, it.1));
    acc.extend(decided.map(|(left, right)| (block::pair(left, right), 0)));
    acc.sort_unstable();
    acc.dedup();
    acc
}
