//! Expressions of a relation, told what the cells were that they read: a number of a workbook is that number wherever it
//! is read, in the condition of a filter as in a column that is derived.
//!
//! Not here: what an expression makes of it (`written`), steps whose layers know more than their relation (`derive`).

use std::collections::{BTreeMap, BTreeSet};

use crate::expr::{Expr, Mistake};
use crate::model::{KINDS, SOURCE};
use crate::relation::Relation;
use crate::relation::written::{Known, Written};

/// Of what is known of some columns, that which can be asked of a table with such columns: letters stand in one of them.
pub fn askable(written: &BTreeMap<String, Written>, has: impl Fn(&str) -> bool) -> BTreeMap<String, Written> {
    let can = |it: &Written| match it {
        Written::Plain => true,
        Written::Cells(_) => has(KINDS),
        Written::Several(_) => has(KINDS) && has(SOURCE),
        Written::Beside(letters) => has(letters),
    };
    written.iter().filter(|(name, it)| has(name) && can(it)).map(|(name, it)| (name.clone(), it.clone())).collect()
}

impl Relation {
    /// The same over such inputs, with every expression told.
    ///
    /// # Errors
    ///
    /// [`Mistake::TooLarge`], as of [`Expr::aware`].
    pub fn aware(self, inputs: &[Known<'_>]) -> Result<Relation, Mistake> {
        if inputs.iter().all(|it| it.written.is_empty()) { Ok(self) } else { self.told(inputs) }
    }

    fn told(self, inputs: &[Known<'_>]) -> Result<Relation, Mistake> {
        let told = |from: Box<Relation>| from.told(inputs).map(Box::new);
        Ok(match self {
            Relation::Scan { .. } => self,
            Relation::Project { from, mut columns } => {
                from.tell(columns.iter_mut().map(|(_, it)| it).collect(), inputs)?;
                Relation::Project { from: told(from)?, columns }
            }
            Relation::Filter { from, mut keep } => {
                from.tell(vec![&mut keep], inputs)?;
                Relation::Filter { from: told(from)?, keep }
            }
            Relation::Sort { from, mut by } => {
                from.tell(by.iter_mut().map(|it| &mut it.expr).collect(), inputs)?;
                Relation::Sort { from: told(from)?, by }
            }
            Relation::Union(parts) => {
                Relation::Union(parts.into_iter().map(|it| it.told(inputs)).collect::<Result<_, _>>()?)
            }
            Relation::Join(mut it) => {
                (it.left, it.right) = (it.left.told(inputs)?, it.right.told(inputs)?);
                Relation::Join(it)
            }
            Relation::Consolidate(mut it) => {
                let prefer = it.picks.iter_mut().filter_map(|(_, it)| it.prefer_mut()).flatten();
                it.from.tell(it.rank.iter_mut().chain(prefer).map(|it| &mut it.expr).collect(), inputs)?;
                it.from = it.from.told(inputs)?;
                Relation::Consolidate(it)
            }
            Relation::Explode(mut it) => {
                it.from.tell(it.lists.iter_mut().flat_map(|(_, it)| it.exprs_mut()).collect(), inputs)?;
                it.from = it.from.told(inputs)?;
                Relation::Explode(it)
            }
            Relation::Apply(mut it) => {
                it.from = it.from.into_iter().map(|it| it.told(inputs)).collect::<Result<_, _>>()?;
                Relation::Apply(it)
            }
            Relation::Aggregate(mut it) => {
                it.from = it.from.told(inputs)?;
                Relation::Aggregate(it)
            }
            Relation::Window(mut it) => {
                it.from = it.from.told(inputs)?;
                Relation::Window(it)
            }
        })
    }

    /// What its columns and conditions are made of, in all tables beneath.
    pub fn exprs(&self) -> Vec<&Expr> {
        let mut acc = Vec::new();
        let mut open = vec![self];
        while let Some(it) = open.pop() {
            match it {
                Relation::Scan { .. } => (),
                Relation::Project { from, columns } => {
                    acc.extend(columns.iter().map(|(_, it)| it));
                    open.push(from);
                }
                Relation::Filter { from, keep } => {
                    acc.push(keep);
                    open.push(from);
                }
                Relation::Sort { from, by } => {
                    acc.extend(by.iter().map(|it| &it.expr));
                    open.push(from);
                }
                Relation::Union(parts) => open.extend(parts),
                Relation::Join(it) => open.extend([&it.left, &it.right]),
                Relation::Consolidate(it) => open.push(&it.from),
                Relation::Explode(it) => open.push(&it.from),
                Relation::Apply(it) => open.extend(&it.from),
                Relation::Aggregate(it) => open.push(&it.from),
                Relation::Window(it) => open.push(&it.from),
            }
        }
        acc
    }

    /// Tells expressions over its rows how those columns are written that they ask about.
    fn tell(&self, mut exprs: Vec<&mut Expr>, inputs: &[Known<'_>]) -> Result<(), Mistake> {
        exprs.retain(|it| it.asks());
        let mut asked = BTreeSet::new();
        exprs.iter().for_each(|it| it.columns(&mut asked));
        let known = asked.iter().filter_map(|it| Some(((*it).to_owned(), self.written(it, inputs)?)));
        let known: BTreeMap<String, Written> = known.collect();
        if known.is_empty() {
            return Ok(());
        }
        let columns: BTreeSet<&str> = self.columns().into_iter().collect();
        let known = askable(&known, |name| columns.contains(name));
        exprs.into_iter().try_for_each(|it| {
            *it = it.clone().aware(&known)?;
            Ok(())
        })
    }
}
