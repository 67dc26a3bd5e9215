//! An answer as later ones may stand on it: the rows as they were read, the pairs that were compared, and their components.
//!
//! It is flat, so that reading it takes no longer than its bytes take. Whoever keeps it sees to it that the bytes are those
//! that were left; what does not fit together is none.

use serde::{Deserialize, Serialize};

use super::candidate;
use super::cells::Cells;
use super::column::{MISSING, is_liked};
use super::model::Model;
use super::pairs::Whole;
use super::rules::{Price, crowd};
use super::spec::{Clustering, Fitted, Key, LEAST, Note, Spec, Table};
use super::tally::Packed;

/// Of a text that is none.
const NONE: u32 = 1 << 31;

/// Numbers as they were left.
#[derive(Clone, Copy)]
pub(super) struct Numbers<'a>(&'a [[u8; 4]]);

impl<'a> Numbers<'a> {
    pub fn len(self) -> usize {
        self.0.len()
    }

    pub fn at(self, at: usize) -> u32 {
        u32::from_le_bytes(self.0[at])
    }

    pub fn all(self) -> impl Iterator<Item = u32> + 'a {
        self.0.iter().map(|it| u32::from_le_bytes(*it))
    }

    pub fn within(self, places: std::ops::Range<usize>) -> Numbers<'a> {
        Numbers(&self.0[places])
    }
}

/// Texts one after the other.
pub(super) struct Texts<'a> {
    ends: Numbers<'a>,
    bytes: &'a [u8],
}

impl<'a> Texts<'a> {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn get(&self, at: usize) -> Option<&'a str> {
        std::str::from_utf8(self.bytes(at)?).ok()
    }

    /// The same without a look at what it is.
    pub fn bytes(&self, at: usize) -> Option<&'a [u8]> {
        if at >= self.ends.len() {
            return None;
        }
        let end = self.ends.at(at);
        let begin = at.checked_sub(1).map_or(0, |it| self.ends.at(it) & !NONE);
        if end & NONE != 0 { None } else { self.bytes.get(begin as usize..end as usize) }
    }
}

/// A rule of the answer: its keys, the rows of its largest block, and how many blocks were split.
pub(super) type KeptRule = (Vec<Key>, u32, u32);

/// What there is little of.
#[derive(Serialize, Deserialize)]
pub(super) struct Head {
    pub rows: u32,
    comparisons: usize,
    keys: usize,
    pub between: Vec<(u32, u32)>,
    pub unique_in: Vec<u32>,
    /// What keys cost, with the pairs that a part of them gave.
    pub priced: Vec<(Vec<Key>, Price)>,
    /// A block of more rows is crowded.
    pub crowd: u32,
    /// Rows whose pairs were not all compared, each as the share that was not.
    pub beyond: f64,
    pub rules: Vec<KeptRule>,
    /// Pairs that were found, those that several rules found as often as they did.
    pub found: u64,
    /// Rules whose blocks were split, how many, and the rows of the largest.
    pub split: Vec<(u32, u32, u32)>,
    /// Clusters that would have been too large: a row, and how many there would have been.
    pub held: Vec<(u32, u32)>,
    /// Rows that decisions are about.
    pub decided: Vec<u32>,
}

/// An earlier answer.
pub(super) struct Base<'a> {
    pub head: Head,
    /// Cells of compared columns and of those that are only keys, as they were read.
    pub cells: Vec<Texts<'a>>,
    sources: Numbers<'a>,
    /// For each comparison its values, sorted, and the place of each row's.
    pub values: Vec<Texts<'a>>,
    pub of: Vec<Numbers<'a>>,
    pub sorts: Vec<(u64, Packed)>,
    pub counts: Vec<u64>,
    /// For each row where its pairs with later rows begin, and where the last ones end.
    pub starts: Numbers<'a>,
    pub rights: Numbers<'a>,
    /// For each pair its sort.
    pub sort_of: Numbers<'a>,
    /// For each row the least row of its component, and of its cluster.
    pub components: Numbers<'a>,
    pub leaders: Numbers<'a>,
}

/// Texts of more bytes are not left: an answer with them is too much to keep.
const MOST_TEXT: usize = 1 << 28;

/// Whether answers to this can stand on each other: what two rows weigh must not move with the others.
pub(super) fn lasts(spec: &Spec, table: &Table, model: Option<&Model>) -> bool {
    let text: usize = table.columns.iter().chain(&table.keys).map(Cells::bytes).sum();
    text <= MOST_TEXT
        && model.is_some_and(|it| it.seen.is_some())
        && !spec.compare.iter().any(|it| is_liked(it.kind))
        && spec.clustering != Clustering::OneToOne
        && spec.match_at >= LEAST
        && spec.asked.is_empty()
}

/// An answer as bytes; none where it is not one to stand on.
pub(super) fn left(fitted: &Fitted<'_>, whole: &Whole) -> Option<Vec<u8>> {
    let split = |it: &Note| match it {
        Note::SplitBlocks { rule, blocks, largest } => Some((*rule, *blocks, *largest)),
        _ => None,
    };
    let split: Vec<_> = whole.split.iter().map(split).collect::<Option<_>>()?;
    // How crowded blocks are split is found in all rows.
    if !whole.found.left_out.is_empty() || !whole.found.crowded.is_empty() {
        return None;
    }
    if !lasts(fitted.spec, fitted.table, fitted.model) || whole.kept.len() > u32::MAX as usize {
        return None;
    }
    let (spec, table) = (fitted.spec, fitted.table);
    let mut decided: Vec<u32> = spec.decisions.iter().flat_map(|it| [it.left, it.right]).collect();
    decided.sort_unstable();
    decided.dedup();
    let head = Head {
        rows: table.rows,
        comparisons: table.columns.len(),
        keys: table.keys.len(),
        between: spec.between.clone(),
        unique_in: spec.unique_in.clone(),
        priced: whole.found.priced.clone(),
        crowd: crowd(fitted),
        beyond: whole.found.beyond,
        rules: whole.found.rules.iter().map(|it| (it.on.clone(), it.largest, it.split)).collect(),
        found: whole.found.found,
        split,
        held: whole.clusters.held.clone(),
        decided,
    };
    let mut out = Flat::default();
    out.bytes(&postcard::to_stdvec(&head).ok()?);
    for cells in table.columns.iter().chain(&table.keys) {
        out.texts(cells.iter())?;
    }
    let rows = table.rows as usize;
    out.numbers(&table.sources);
    for column in &whole.columns {
        out.texts(column.values.texts.iter())?;
        out.numbers(&column.of);
    }
    let (rules, levels): (Vec<u64>, Vec<Packed>) = whole.tally.sorts.iter().copied().unzip();
    out.long(rules.into_iter());
    out.long(levels.iter().flat_map(|it| [*it as u64, (*it >> 64) as u64]));
    let mut starts = vec![0_u32; rows + 1];
    let (mut rights, mut sorts) = (Vec::with_capacity(whole.kept.len()), Vec::with_capacity(whole.kept.len()));
    whole.kept.each(&mut |pair, sort| {
        let (left, right) = candidate::rows(pair);
        starts[left as usize + 1] += 1;
        rights.push(right);
        sorts.push(sort);
    });
    for at in 0..rows {
        starts[at + 1] += starts[at];
    }
    out.numbers(&starts);
    out.numbers(&rights);
    out.numbers(&sorts);
    let mut components: Vec<u32> = (0..table.rows).collect();
    for members in whole.clusters.components.iter() {
        members.iter().for_each(|it| components[*it as usize] = members[0]);
    }
    out.numbers(&components);
    out.numbers(&whole.clusters.leaders);
    Some(out.0)
}

impl<'a> Base<'a> {
    /// Out of bytes.
    pub fn read(bytes: &'a [u8]) -> Option<Base<'a>> {
        let mut from = Read(bytes);
        let head: Head = postcard::from_bytes(from.bytes()?).ok()?;
        let rows = head.rows as usize;
        let cells: Vec<Texts<'_>> = (0..head.comparisons + head.keys).map(|_| from.texts()).collect::<Option<_>>()?;
        let sources = from.numbers()?;
        let (mut values, mut of) = (Vec::new(), Vec::new());
        for _ in 0..head.comparisons {
            let own = from.texts()?;
            let places = from.numbers()?;
            let fits = |it: u32| it == MISSING || (it as usize) < own.len();
            if places.len() != rows || !places.all().all(fits) {
                return None;
            }
            values.push(own);
            of.push(places);
        }
        let rules = from.long()?;
        let levels = from.long()?;
        let levels = levels.chunks_exact(2).map(|it| Packed::from(it[0]) | Packed::from(it[1]) << 64);
        let sorts: Vec<(u64, Packed)> = rules.into_iter().zip(levels).collect();
        let (starts, rights, sort_of) = (from.numbers()?, from.numbers()?, from.numbers()?);
        let (components, leaders) = (from.numbers()?, from.numbers()?);
        let below = |it: Numbers<'_>, most: usize| it.all().max().is_none_or(|it| (it as usize) < most);
        if !below(sort_of, sorts.len()) {
            return None;
        }
        let mut counts = vec![0; sorts.len()];
        sort_of.all().for_each(|it| counts[it as usize] += 1);
        let one = |(row, leader): (usize, u32)| components.at(leader as usize) == components.at(row);
        let fits = cells.iter().all(|it| it.len() == rows)
            && [0, rows].contains(&sources.len())
            && counts.iter().all(|it| *it > 0)
            && [components, leaders].into_iter().all(|it| it.len() == rows && below(it, rows))
            && starts.len() == rows + 1
            && starts.all().is_sorted()
            && starts.at(rows) as usize == rights.len()
            && sort_of.len() == rights.len()
            && below(rights, rows)
            && leaders.all().enumerate().all(one)
            && head.decided.iter().all(|it| (*it as usize) < rows)
            && head.held.iter().all(|it| (it.0 as usize) < rows);
        let base =
            Base { head, cells, sources, values, of, sorts, counts, starts, rights, sort_of, components, leaders };
        (fits && from.0.is_empty()).then_some(base)
    }

    /// The source of a row.
    pub fn source(&self, row: usize) -> u32 {
        if row < self.sources.len() { self.sources.at(row) } else { 0 }
    }
}

/// Lists of numbers and texts as bytes, each behind its length.
#[derive(Default)]
struct Flat(Vec<u8>);

impl Flat {
    fn bytes(&mut self, it: &[u8]) {
        self.0.extend((it.len() as u64).to_le_bytes());
        self.0.extend(it);
    }

    fn numbers(&mut self, it: &[u32]) {
        self.0.extend((it.len() as u64 * 4).to_le_bytes());
        self.0.reserve(it.len() * 4);
        it.iter().for_each(|it| self.0.extend(it.to_le_bytes()));
    }

    fn long(&mut self, it: impl Iterator<Item = u64>) {
        let bytes: Vec<u8> = it.flat_map(u64::to_le_bytes).collect();
        self.bytes(&bytes);
    }

    fn texts<'a>(&mut self, it: impl ExactSizeIterator<Item = Option<&'a str>>) -> Option<()> {
        let mut ends = Vec::with_capacity(it.len());
        let mut bytes = Vec::new();
        for text in it {
            bytes.extend(text.unwrap_or_default().as_bytes());
            let end = u32::try_from(bytes.len()).ok().filter(|it| it & NONE == 0)?;
            ends.push(if text.is_some() { end } else { end | NONE });
        }
        self.numbers(&ends);
        self.bytes(&bytes);
        Some(())
    }
}

struct Read<'a>(&'a [u8]);

impl<'a> Read<'a> {
    fn bytes(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.0.split_first_chunk::<8>()?;
        let (bytes, rest) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        self.0 = rest;
        Some(bytes)
    }

    fn numbers(&mut self) -> Option<Numbers<'a>> {
        let (numbers, rest) = self.bytes()?.as_chunks::<4>();
        rest.is_empty().then_some(Numbers(numbers))
    }

    fn long(&mut self) -> Option<Vec<u64>> {
        let (numbers, rest) = self.bytes()?.as_chunks::<8>();
        rest.is_empty().then(|| numbers.iter().map(|it| u64::from_le_bytes(*it)).collect())
    }

    fn texts(&mut self) -> Option<Texts<'a>> {
        Some(Texts { ends: self.numbers()?, bytes: self.bytes()? })
    }
}
