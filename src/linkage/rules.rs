//! Which rules find candidates: those that somebody gave, or else all keys and combinations of keys that cost little.

use super::spec::{Fitted, Form, Key, Kind};

/// Rules at most, each of which is a bit.
pub(super) const MOST_RULES: usize = 48;
/// Pairs for each row that one rule found automatically may cost, and all together.
const RULE_COSTS: f64 = 4.0;
const ALL_COST: f64 = 16.0;
/// What a small table may cost all the same.
const CHEAP: f64 = 20_000.0;
/// Rows beyond which costs are estimated from a part of the keys.
const MANY_ROWS: u32 = 65_536;

/// Of how many keys one is looked at where pairs are only estimated.
pub(super) fn every(rows: u32) -> u64 {
    if rows > MANY_ROWS { 8 } else { 1 }
}

/// The keys of each rule. `holds`: whether a comparison has values at all. `pairs` tells how many pairs a
/// [part](every) of some keys gives; where it does not know there are no rules.
pub(super) fn chosen(
    fitted: &Fitted<'_>,
    holds: impl Fn(usize) -> bool,
    mut pairs: impl FnMut(&[Key]) -> Option<u64>,
) -> Option<Vec<Vec<Key>>> {
    if !fitted.spec.block.is_empty() {
        return Some(fitted.spec.block.iter().take(MOST_RULES - 8).map(|it| it.on.clone()).collect());
    }
    let every = every(fitted.table.rows);
    automatic(fitted, &holds, &mut |on| Some(pairs(on)?.saturating_mul(every) as f64))
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

/// Rules that cost little: one key where one is enough, else two or three together.
fn automatic(
    fitted: &Fitted<'_>,
    holds: &dyn Fn(usize) -> bool,
    cost: &mut dyn FnMut(&[Key]) -> Option<f64>,
) -> Option<Vec<Vec<Key>>> {
    let rows = f64::from(fitted.table.rows);
    let (each, all) = ((RULE_COSTS * rows).max(CHEAP), (ALL_COST * rows).max(4.0 * CHEAP));
    let compared = fitted.spec.compare.iter().enumerate().filter(|(at, _)| holds(*at));
    let singles: Vec<Key> =
        compared.flat_map(|(at, it)| forms(it.kind).iter().map(move |form| Key::Compared(at as u32, *form))).collect();
    let mut chosen: Vec<Vec<Key>> = Vec::new();
    let mut spent = 0.0;
    let mut open: Vec<Vec<Key>> = singles.iter().map(|it| vec![*it]).collect();
    for size in 1..=3 {
        let mut priced: Vec<(f64, Vec<Key>)> = Vec::new();
        for on in open {
            priced.push((cost(&on)?, on));
        }
        priced.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
        let mut dear: Vec<Vec<Key>> = Vec::new();
        for (cost, on) in priced {
            let known = chosen.iter().any(|it| it.iter().all(|key| on.contains(key)));
            if known || cost == 0.0 {
                continue;
            }
            if cost <= each && spent + cost <= all && chosen.len() < MOST_RULES - 8 {
                spent += cost;
                chosen.push(on);
            } else {
                dear.push(on);
            }
        }
        if size == 3 {
            break;
        }
        open = Vec::new();
        for on in &dear {
            for key in singles.iter().filter(|it| on.last().is_some_and(|last| column(last) < column(it))) {
                let mut longer = on.clone();
                longer.push(*key);
                let known = chosen.iter().any(|it| it.iter().all(|key| longer.contains(key)));
                if !known {
                    open.push(longer);
                }
            }
        }
        open.sort();
        open.dedup();
        open.truncate(120);
    }
    Some(chosen)
}

fn column(key: &Key) -> u32 {
    match key {
        Key::Compared(at, _) | Key::Given(at) => *at,
    }
}
