//! An answer that stands on an earlier one: of rows that are as they were, pairs and clusters are as they were.
//!
//! Rows that are others are compared with the rows that they have a key in common with. Components in which something is
//! otherwise are formed again, by the same code that forms those of all rows. What is estimated follows from counts of
//! sorts of pairs, so it is the same to the last bit. Where more may be otherwise, as when other rules would be chosen,
//! there is no such answer, and everything is done.

use super::base::{Base, lasts};
use super::block::{self, Candidate};
use super::cells::Cells;
use super::chance::Opportunities;
use super::cluster::{self, Clusters, Components, Edge};
use super::column::{Column, by_values};
use super::confirmed::Confirmed;
use super::fold::Folds;
use super::kinds;
use super::mates::{Mates, Rows, Wide};
use super::model::Model;
use super::moved::{Moved, NOWHERE};
use super::pairs::{self, Values, beside, given, told};
use super::rules;
use super::seen::Seen;
use super::spec::{Comparison, Decision, Fitted, Key, Note, Pair, Resolution, Rule, Spec, Table, Verdict};
use super::tally::{self, Tally};
use super::verdict::{Decisions, Judged, edge};

/// A pair, the rules that found it, and its sort.
type Sorted = (u64, u64, u32);

/// The answer, where one can stand on the earlier one.
pub(super) fn resolve(fitted: &Fitted<'_>, base: &Base<'_>, moved: &Moved) -> Option<Resolution> {
    let (spec, table, head) = (fitted.spec, fitted.table, &base.head);
    let model = fitted.model?;
    let seen = model.seen.as_ref()?;
    let same = base.values.len() == spec.compare.len()
        && base.cells.len() == table.columns.len() + table.keys.len()
        && (&head.between, &head.unique_in) == (&spec.between, &spec.unique_in)
        && rules::every(head.rows) == rules::every(table.rows)
        && head.crowd == rules::crowd(fitted);
    let levels = |(at, it): (usize, &Comparison)| {
        base.sorts.iter().all(|(_, packed)| (packed >> (4 * at)) as usize & 15 < kinds::count(it.kind))
    };
    if !lasts(spec, table, fitted.model) || !same || !spec.compare.iter().enumerate().all(levels) {
        return None;
    }
    let folds = Folds::new(&spec.lexicon);
    let wide: Vec<Wide<'_>> = (0..spec.compare.len()).map(|at| Wide::new(fitted, at, base, moved, &folds)).collect();
    let (new, old) = otherwise(fitted, &wide, seen, moved);
    let rows = Rows { fitted, base, wide: &wide, new: &new, old: &old };
    let found = candidates(&rows, &folds)?;

    let mut tally = Tally::of(base.sorts.clone(), base.counts.clone());
    let decisions = Decisions::new(fitted);
    let met = found.iter().flat_map(|it| <[u32; 2]>::from(block::rows(it.0))).collect();
    let anew = Part::new(&rows, met, &folds).sorted(&found, &mut tally);
    let judged = Judged::new(fitted, model, tally.patterns(wide.len()));
    let touched = Touched::new(&rows, moved, &anew, &judged, &decisions);
    let (mut within, mut beyond) = touched.kept(&rows, moved, &judged, &mut tally);
    let (more, rest): (Vec<Sorted>, Vec<Sorted>) = anew.iter().partition(|it| touched.holds(it.0));
    within.extend(more);
    beyond.extend(rest);

    let members = (0..table.rows).filter(|it| touched.rows[*it as usize]).collect();
    let formed = Part::new(&rows, members, &folds).formed(fitted, model, within, &mut tally, judged);
    let Formed { pairs, clusters, judged, compared } = formed;
    let all = pairs.into_iter().chain(beyond);
    let mut all: Vec<(Pair, u32)> = all.map(|it| (judged.pair(it.0, it.1, it.2, &decisions), it.2)).collect();
    all.retain(|(it, _)| it.decided.is_some() || (it.verdict != Verdict::Reject && spec.tells(it.verdict, None)));
    // Most are sorted already.
    all.sort_by_key(|(it, _)| (it.left, it.right));
    let decided: Vec<_> = all.iter().filter_map(|(pair, sort)| Some((*sort, pair.decided?))).collect();

    let mut rules = counted(fitted, base, &tally);
    let (precision, recall) = tally.expected(&judged, &decided, &mut rules);
    let recall = block::less(recall, head.beyond, table.rows);
    let split = |(rule, blocks, largest): &(u32, u32, u32)| Note::SplitBlocks {
        rule: *rule,
        blocks: *blocks,
        largest: *largest,
    };
    let mut notes: Vec<Note> = head.split.iter().map(split).collect();
    let clusters = touched.clusters(base, moved, clusters);
    told(&clusters, &mut notes);
    let values: Vec<&[u32]> = wide.iter().map(|it| it.of.as_slice()).collect();
    tally::evidence(model, fitted, &Opportunities::of(fitted, &values), &judged, &mut notes);
    Some(Resolution {
        pairs: all.into_iter().map(|it| it.0).collect(),
        clusters: clusters.leaders,
        bridges: Vec::new(),
        asked: Vec::new(),
        model: Model { patterns: judged.patterns, ..model.clone() },
        rules,
        notes,
        precision,
        recall,
        compared: found.len() as u64 + compared,
        candidates: tally.candidates(),
    })
}

/// The rows that are looked at anew, and the earlier ones that they were or that are not there any more: those with
/// other values, and those whose values have become rare or are it no more.
fn otherwise(fitted: &Fitted<'_>, wide: &[Wide<'_>], seen: &Seen, moved: &Moved) -> (Vec<u32>, Vec<u32>) {
    let of = |it: &[u32]| -> Vec<u32> { (0..).zip(it).filter(|it| *it.1 == NOWHERE).map(|it| it.0).collect() };
    let (mut new, mut old) = (of(&moved.from), of(&moved.to));
    for (at, wide) in wide.iter().enumerate() {
        let Some(seen) = seen.of(at, &fitted.spec.compare[at].name) else { continue };
        for row in wide.turned(seen) {
            new.push(row);
            old.extend(Some(moved.from[row as usize]).filter(|it| *it != NOWHERE));
        }
    }
    for it in [&mut new, &mut old] {
        it.sort_unstable();
        it.dedup();
    }
    (new, old)
}

/// The pairs of rows that are looked at anew, each with the rules that find it; nothing where other rules would be chosen.
fn candidates(rows: &Rows<'_>, folds: &Folds) -> Option<Vec<Candidate>> {
    let head = &rows.base.head;
    let chosen: Vec<Vec<Key>> = head.rules.iter().map(|it| it.0.clone()).collect();
    let mut keys: Vec<Key> = head.priced.iter().map(|it| &it.0).chain(&chosen).flatten().copied().collect();
    keys.sort_unstable();
    keys.dedup();
    let there = |it: &Key| match it {
        Key::Compared(at, _) => (*at as usize) < rows.wide.len(),
        Key::Given(at) => (*at as usize) < rows.fitted.table.keys.len(),
    };
    if !keys.iter().all(there) {
        return None;
    }
    let mates = Mates::new(rows, keys, folds);
    let now = rules::chosen(rows.fitted, |at| rows.wide[at].holds(), |on| mates.price(on))?;
    if !now.left_out.is_empty() || now.rules.iter().any(|it| it.1) || !now.rules.iter().map(|it| &it.0).eq(&chosen) {
        return None;
    }
    let (found, times) = mates.candidates(&chosen)?;
    (head.found.saturating_add(times) <= block::budget(rows.fitted)).then_some(found)
}

/// The rules with the pairs that they found.
fn counted(fitted: &Fitted<'_>, base: &Base<'_>, tally: &Tally) -> Vec<Rule> {
    let rule = |(at, (on, largest, split)): (usize, &(Vec<Key>, u32, u32))| {
        let found = tally.sorts.iter().zip(&tally.counts).filter(|it| it.0.0 >> at & 1 == 1);
        let (mut pairs, mut alone) = (0, 0);
        for ((rules, _), count) in found {
            pairs += count;
            alone += if rules.count_ones() == 1 { *count } else { 0 };
        }
        let name = block::name(fitted, on);
        Rule { on: on.clone(), like: None, name, pairs, alone, largest: *largest, split: *split, matches: 0.0 }
    };
    base.head.rules.iter().enumerate().map(rule).collect()
}

/// Components in which something may be otherwise.
struct Touched {
    /// The earlier rows in them.
    earlier: Vec<bool>,
    /// The rows in them.
    rows: Vec<bool>,
}

impl Touched {
    fn new(rows: &Rows<'_>, moved: &Moved, anew: &[Sorted], judged: &Judged, decisions: &Decisions) -> Touched {
        let base = rows.base;
        let mut components = vec![false; base.components.len()];
        let mut mark = |row: u32| components[base.components.at(row as usize) as usize] = true;
        rows.old.iter().chain(&base.head.decided).for_each(|it| mark(*it));
        let mut mark = |row: u32| {
            if let Some(row) = Some(moved.from[row as usize]).filter(|it| *it != NOWHERE) {
                mark(row);
            }
        };
        decisions.pairs().flat_map(<[u32; 2]>::from).for_each(&mut mark);
        // A hair below what matches, so that rounding never decides.
        let at = pairs::least_weight(rows.fitted) - 1e-6;
        for (pair, found_by, sort) in anew {
            let pair = judged.pair(*pair, *found_by, *sort, decisions);
            if edge(&pair).weight >= at {
                [pair.left, pair.right].into_iter().for_each(&mut mark);
            }
        }
        let earlier: Vec<bool> = base.components.all().map(|it| components[it as usize]).collect();
        let rows = moved.from.iter().map(|it| *it == NOWHERE || earlier[*it as usize]).collect();
        Touched { earlier, rows }
    }

    /// Whether both rows of a pair are in them.
    fn holds(&self, pair: u64) -> bool {
        let (left, right) = block::rows(pair);
        self.rows[left as usize] && self.rows[right as usize]
    }

    /// The earlier pairs that are as they were: those within these components, and those beyond that are told. Others are
    /// counted no more.
    fn kept(&self, rows: &Rows<'_>, moved: &Moved, judged: &Judged, tally: &mut Tally) -> (Vec<Sorted>, Vec<Sorted>) {
        const TOUCHED: u8 = 1;
        const ANEW: u8 = 2;
        let base = rows.base;
        let mut flags: Vec<u8> = self.earlier.iter().map(|it| u8::from(*it)).collect();
        rows.old.iter().for_each(|it| flags[*it as usize] |= ANEW);
        let is_told: Vec<bool> =
            (0..base.sorts.len()).map(|it| judged.verdicts[judged.places[it] as usize] != Verdict::Reject).collect();
        let (mut within, mut beyond) = (Vec::new(), Vec::new());
        for left in 0..flags.len() {
            let places = base.starts.at(left) as usize..base.starts.at(left + 1) as usize;
            let sorts = base.sort_of.within(places.clone()).all();
            for (right, sort) in base.rights.within(places).all().zip(sorts) {
                let (one, other) = (flags[left], flags[right as usize]);
                let found_by = base.sorts[sort as usize].0;
                if (one | other) & ANEW != 0 || (found_by == 0 && (one | other) != 0) {
                    let count = &mut tally.counts[sort as usize];
                    *count = count.saturating_sub(1);
                    continue;
                }
                let is_within = one & other & TOUCHED != 0;
                if is_within || is_told[sort as usize] {
                    let pair = block::pair(moved.to[left], moved.to[right as usize]);
                    if is_within { &mut within } else { &mut beyond }.push((pair, found_by, sort));
                }
            }
        }
        (within, beyond)
    }

    /// All clusters: those that were formed again, and the others.
    fn clusters(&self, base: &Base<'_>, moved: &Moved, formed: Clusters) -> Clusters {
        let Clusters { mut leaders, mut held, .. } = formed;
        for (row, leader) in leaders.iter_mut().enumerate().filter(|it| !self.rows[it.0]) {
            *leader = moved.to[base.leaders.at(moved.from[row] as usize) as usize];
        }
        held.extend(base.head.held.iter().filter(|it| !self.earlier[it.0 as usize]));
        Clusters { leaders, held, ..formed }
    }
}

/// Some of the rows, as a table of their own.
struct Part {
    /// Which, sorted.
    members: Vec<u32>,
    spec: Spec,
    table: Table,
    columns: Vec<Column>,
}

/// What was formed again.
struct Formed {
    /// The pairs within, rows numbered as all are.
    pairs: Vec<Sorted>,
    /// The same of clusters; other rows are each their own.
    clusters: Clusters,
    judged: Judged,
    compared: u64,
}

impl Part {
    fn new(rows: &Rows<'_>, mut members: Vec<u32>, folds: &Folds) -> Part {
        members.sort_unstable();
        members.dedup();
        let (spec, table) = (rows.fitted.spec, rows.fitted.table);
        let of = |cells: &Cells| members.iter().map(|it| cells.get(*it as usize)).collect();
        let cells: Vec<Cells> = table.columns.iter().map(of).collect();
        let column = |(at, cells): (usize, &Cells)| {
            let seen = rows.fitted.model.and_then(|it| it.seen.as_ref());
            let seen = seen.and_then(|it| it.of(at, &spec.compare[at].name));
            let mut column = Column::new(spec.compare[at].kind, cells, folds, true, seen);
            if let Some(seen) = seen {
                column.count(|text| rows.wide[at].count(text), seen);
            }
            if let Some([_, now]) = &rows.wide[at].words {
                column.read(now, folds);
            }
            column
        };
        let columns = cells.iter().enumerate().map(column).collect();
        let sources = if table.sources.is_empty() { &[][..] } else { &members };
        let sources = sources.iter().map(|it| table.sources[*it as usize]).collect();
        let table = Table { rows: members.len() as u32, columns: cells, keys: Vec::new(), sources };
        let number = |it: u32| members.binary_search(&it).ok().map(|it| it as u32);
        let decision =
            |it: &Decision| Some(Decision { left: number(it.left)?, right: number(it.right)?, says: it.says });
        let decisions = spec.decisions.iter().filter_map(decision).collect();
        let spec = Spec { decisions, block: Vec::new(), ..spec.clone() };
        Part { members, spec, table, columns }
    }

    fn numbered(&self, pair: u64) -> u64 {
        let (left, right) = block::rows(pair);
        let number = |it: u32| self.members.binary_search(&it).unwrap_or_default() as u32;
        block::pair(number(left), number(right))
    }

    fn row(&self, number: u32) -> u32 {
        self.members[number as usize]
    }

    /// Compares pairs of its rows, and counts them.
    fn sorted(&self, pairs: &[Candidate], tally: &mut Tally) -> Vec<Sorted> {
        let numbered: Vec<Candidate> = pairs.iter().map(|it| (self.numbered(it.0), it.1)).collect();
        let fitted = Fitted { spec: &self.spec, table: &self.table, model: None };
        let packed = pairs::compared(&fitted, &self.columns, &numbered);
        pairs.iter().zip(packed).map(|(it, packed)| (it.0, it.1, tally.add(it.1, packed))).collect()
    }

    /// Forms clusters out of its pairs.
    fn formed(
        &self,
        whole: &Fitted<'_>,
        model: &Model,
        mut pairs: Vec<Sorted>,
        tally: &mut Tally,
        judged: Judged,
    ) -> Formed {
        let fitted = Fitted { spec: &self.spec, table: &self.table, model: None };
        let decisions = Decisions::new(&fitted);
        let order = |one, other| by_values(&self.columns, one, other);
        let confirmed = Confirmed::new(&self.spec.compare, &self.columns);
        let contradict = |one: &[u32], other: &[u32]| confirmed.contradict(one, other);
        let values: Values<'_> = (&order, &contradict);
        let own = |judged: &Judged, pairs: &mut Vec<Sorted>| -> Vec<Pair> {
            pairs.sort_unstable();
            pairs.iter().map(|it| judged.pair(self.numbered(it.0), it.1, it.2, &decisions)).collect()
        };
        let known = own(&judged, &mut pairs);
        let is_known = |left, right| known.binary_search_by_key(&(left, right), |it| (it.left, it.right)).is_ok();
        let matching: Vec<Edge> = known.iter().filter(|it| it.verdict == Verdict::Match).map(edge).collect();
        let more = beside(&given(&fitted, &matching, values, &decisions), &fitted, &is_known, &decisions);
        let all = |(left, right): (u32, u32)| block::pair(self.row(left), self.row(right));
        let more: Vec<Candidate> = more.iter().map(|it| (all(block::rows(it.0)), it.1)).collect();
        pairs.extend(self.sorted(&more, tally));
        let judged = Judged::new(whole, model, tally.patterns(self.columns.len()));
        let edges: Vec<Edge> = own(&judged, &mut pairs).iter().map(edge).collect();
        let found = cluster::clusters(&given(&fitted, &edges, values, &decisions));
        let mut leaders: Vec<u32> = (0..whole.table.rows).collect();
        for (row, leader) in self.members.iter().zip(&found.leaders) {
            leaders[*row as usize] = self.row(*leader);
        }
        let clusters = Clusters {
            leaders,
            components: Components::default(),
            held: found.held.iter().map(|it| (self.row(it.0), it.1)).collect(),
            contradictions: found.contradictions.iter().map(|it| (self.row(it.0), self.row(it.1))).collect(),
        };
        Formed { pairs, clusters, judged, compared: more.len() as u64 }
    }
}
