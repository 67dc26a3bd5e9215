//! Which rules find candidates: those that somebody gave, or else all keys and combinations of keys that cost little.
//!
//! A key that costs much because of a few crowded values, such as one mailbox that a thousand rows have, is a rule all the
//! same: in these blocks rows are compared with their neighbours, and combinations with other keys part them further.

use serde::{Deserialize, Serialize};

use super::spec::{Fitted, Form, Key, Kind};

/// Rules at most, each of which is a bit.
pub(super) const MOST_RULES: usize = 48;
/// Neighbours that each row of a block too large is compared with.
pub(super) const NEIGHBOURS: usize = 20;
/// Pairs for each row that one rule found automatically may cost, and all together.
const RULE_COSTS: f64 = 4.0;
const ALL_COST: f64 = 16.0;
/// Pairs for each row that all rules with crowded blocks may cost together, beside the others.
const CROWDED_COST: f64 = 40.0;
/// What a small table may cost all the same.
const CHEAP: f64 = 20_000.0;
/// Rows beyond which costs are estimated from a part of the keys.
const MANY_ROWS: u32 = 65_536;
/// Blocks that are not crowded for each one that is, at least, where a few are to blame for what a rule costs; and the
/// pairs of such a block, at most, on average.
const FEW: u64 = 4;
/// A block of so few rows is never crowded.
const LEAST_CROWD: u32 = 70;

/// What a rule costs; of a part of its keys.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub(super) struct Price {
    /// Pairs of all blocks.
    pub pairs: u64,
    /// Pairs of blocks that are not [crowded](crowd).
    pub rest: u64,
    /// Rows of those that are.
    pub crowd: u64,
    /// How many blocks of two rows or more are not crowded, and how many are.
    pub blocks: [u64; 2],
}

impl Price {
    /// Of blocks of so many rows.
    pub fn of(blocks: impl Iterator<Item = u64>, fitted: &Fitted<'_>) -> Price {
        let (most, crowd) = (fitted.spec.max_block, u64::from(crowd(fitted)));
        blocks.fold(Price::default(), |acc, rows| {
            let is_crowded = rows > crowd;
            Price {
                pairs: acc.pairs + pairs_of(rows, most),
                rest: acc.rest + if is_crowded { 0 } else { pairs_of(rows, most) },
                crowd: acc.crowd + if is_crowded { rows } else { 0 },
                blocks: [acc.blocks[0] + u64::from(rows > 1 && !is_crowded), acc.blocks[1] + u64::from(is_crowded)],
            }
        })
    }

    /// With another price put to it, and a third one taken away.
    pub fn changed(self, more: Price, less: Price) -> Option<Price> {
        let sum = |own: u64, more: u64, less: u64| own.checked_add(more)?.checked_sub(less);
        Some(Price {
            pairs: sum(self.pairs, more.pairs, less.pairs)?,
            rest: sum(self.rest, more.rest, less.rest)?,
            crowd: sum(self.crowd, more.crowd, less.crowd)?,
            blocks: [
                sum(self.blocks[0], more.blocks[0], less.blocks[0])?,
                sum(self.blocks[1], more.blocks[1], less.blocks[1])?,
            ],
        })
    }

    /// Of all keys.
    fn times(self, every: u64) -> Price {
        let of = |it: u64| it.saturating_mul(every);
        Price { pairs: of(self.pairs), rest: of(self.rest), crowd: of(self.crowd), blocks: self.blocks.map(of) }
    }
}

/// The pairs of a block of so many rows; one that is too large is counted as it is split.
fn pairs_of(rows: u64, most: u32) -> u64 {
    let most = u64::from(most);
    if rows > most { rows * most } else { rows * rows.saturating_sub(1) / 2 }
}

/// A block of more rows is crowded: a few of them would cost as much as a rule may. It moves in steps, so that one more
/// row seldom moves it.
pub(super) fn crowd(fitted: &Fitted<'_>) -> u32 {
    let rows = f64::from(fitted.table.rows.max(1));
    let step = rows.log2().floor().exp2();
    (step.sqrt() as u32).max(LEAST_CROWD).min(fitted.spec.max_block)
}

/// The rules.
#[derive(Clone, PartialEq, Default, Debug)]
pub(super) struct Chosen {
    /// Their keys, each with whether crowded blocks are split.
    pub rules: Vec<(Vec<Key>, bool)>,
    /// Rules that would cost too much, each with its pairs.
    pub left_out: Vec<(Vec<Key>, u64)>,
}

/// Of how many keys one is looked at where pairs are only estimated.
pub(super) fn every(rows: u32) -> u64 {
    if rows > MANY_ROWS { 8 } else { 1 }
}

/// The keys of each rule. `holds`: whether a comparison has values at all. `price` tells what a [part](every) of some
/// keys costs; where it does not know there are no rules.
pub(super) fn chosen(
    fitted: &Fitted<'_>,
    holds: impl Fn(usize) -> bool,
    mut price: impl FnMut(&[Key]) -> Option<Price>,
) -> Option<Chosen> {
    if !fitted.spec.block.is_empty() {
        let given = fitted.spec.block.iter().take(MOST_RULES - 8).map(|it| (it.on.clone(), false));
        return Some(Chosen { rules: given.collect(), left_out: Vec::new() });
    }
    let every = every(fitted.table.rows);
    automatic(fitted, &holds, &mut |on| Some(price(on)?.times(every)))
}

/// The forms that are tried for a kind when nobody gave rules.
fn forms(kind: Kind) -> &'static [Form] {
    match kind {
        Kind::GivenName | Kind::Surname => &[Form::Sound],
        Kind::Organisation | Kind::Text => &[Form::Whole, Form::Words],
        Kind::Email | Kind::Date => &[Form::Whole, Form::Part],
        Kind::Address => &[Form::Part, Form::Words],
        Kind::Place => &[Form::Whole, Form::Part],
        Kind::List => &[Form::Words],
        Kind::Exact | Kind::Phone | Kind::Host | Kind::Postcode | Kind::Number => &[Form::Whole],
    }
}

/// What rules may cost, and what they do.
struct Purse {
    /// Pairs of one rule, of all, and of all with crowded blocks.
    each: f64,
    all: f64,
    crowded: f64,
}

impl Purse {
    fn new(rows: f64) -> Purse {
        Purse {
            each: (RULE_COSTS * rows).max(CHEAP),
            all: (ALL_COST * rows).max(4.0 * CHEAP),
            crowded: (CROWDED_COST * rows).max(4.0 * CHEAP),
        }
    }

    /// Pays for a rule, if it costs little.
    fn pays(&mut self, price: Price) -> bool {
        let cost = price.pairs as f64;
        let pays = cost <= self.each && cost <= self.all;
        self.all -= if pays { cost } else { 0.0 };
        pays
    }

    /// Pays for a rule whose crowded blocks are split.
    fn pays_split(&mut self, price: Price) -> bool {
        let cost = price.rest as f64 + (price.crowd * NEIGHBOURS as u64) as f64;
        let pays = cost <= self.crowded;
        self.crowded -= if pays { cost } else { 0.0 };
        pays
    }

    /// Whether a rule costs much because of a few crowded blocks alone. A key of which most blocks are crowded, such as a
    /// year, tells too little, and so does one of which the others are not small, such as a town.
    fn is_crowded(&self, price: Price) -> bool {
        let [others, crowded] = price.blocks;
        crowded > 0 && others >= FEW * crowded && price.rest <= FEW * others && price.rest as f64 <= self.each / 4.0
    }
}

/// Rules that cost little: one key where one is enough, else two or three together.
fn automatic(
    fitted: &Fitted<'_>,
    holds: &dyn Fn(usize) -> bool,
    price: &mut dyn FnMut(&[Key]) -> Option<Price>,
) -> Option<Chosen> {
    let mut purse = Purse::new(f64::from(fitted.table.rows));
    let compared = fitted.spec.compare.iter().enumerate().filter(|(at, _)| holds(*at));
    let singles: Vec<Key> =
        compared.flat_map(|(at, it)| forms(it.kind).iter().map(move |form| Key::Compared(at as u32, *form))).collect();
    let mut acc = Chosen::default();
    let mut last: Option<(Price, Vec<Key>)> = None;
    let mut open: Vec<Vec<Key>> = singles.iter().map(|it| vec![*it]).collect();
    for size in 1..=3 {
        let mut priced: Vec<(Price, Vec<Key>)> = Vec::new();
        for on in open {
            priced.push((price(&on)?, on));
        }
        priced.sort_by(|a, b| (a.0.pairs, &a.1).cmp(&(b.0.pairs, &b.1)));
        let mut dear: Vec<Vec<Key>> = Vec::new();
        for (price, on) in priced {
            if acc.has(&on, false) || price.pairs == 0 {
                continue;
            }
            let has_room = acc.rules.len() < MOST_RULES - 8;
            if has_room && purse.pays(price) {
                acc.rules.push((on, false));
                continue;
            }
            // What crowds a key crowds most of its combinations.
            if purse.is_crowded(price) && !acc.has(&on, true) {
                if has_room && purse.pays_split(price) {
                    acc.rules.push((on.clone(), true));
                } else {
                    acc.left_out.push((on.clone(), price.pairs));
                }
            }
            last = last.filter(|it| it.1.len() == on.len() && it.0.pairs <= price.pairs).or(Some((price, on.clone())));
            dear.push(on);
        }
        if size == 3 {
            break;
        }
        open = longer(&dear, &singles, &acc);
    }
    if let Some((price, on)) = last.filter(|_| acc.rules.is_empty()) {
        // Rather some pairs of large blocks than none.
        match purse.pays_split(price) {
            true => acc.rules.push((on, true)),
            false => acc.left_out.push((on, price.pairs)),
        }
    }
    Some(acc)
}

/// Combinations with one key more.
fn longer(dear: &[Vec<Key>], singles: &[Key], acc: &Chosen) -> Vec<Vec<Key>> {
    let mut open = Vec::new();
    for on in dear {
        for key in singles.iter().filter(|it| on.last().is_some_and(|last| column(last) < column(it))) {
            let mut longer = on.clone();
            longer.push(*key);
            if !acc.has(&longer, false) {
                open.push(longer);
            }
        }
    }
    open.sort();
    open.dedup();
    open.truncate(120);
    open
}

impl Chosen {
    /// Whether a rule finds all that these keys find; `split`: or one whose crowded blocks are split.
    fn has(&self, on: &[Key], split: bool) -> bool {
        self.rules.iter().any(|it| (split || !it.1) && it.0.iter().all(|key| on.contains(key)))
    }
}

fn column(key: &Key) -> u32 {
    match key {
        Key::Compared(at, _) | Key::Given(at) => *at,
    }
}
