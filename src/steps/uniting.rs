//! Groups that have a key or a known id in common are one, also by way of others: an operator, since a chain may be of any
//! length.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow_array::{ArrayRef, StringArray};
use serde_json::Value;

use crate::expr::Mistake;
use crate::model::{Column, Schema, Type};
use crate::relation::operator::{Inputs, Operator, OperatorError, Out, Rows, batch, texts};

/// Says of each group which one leads it: the first by name of those that it hangs together with. The columns of the one
/// table beneath are a group, one of its keys, and the id under which the key is known, if it is.
#[derive(Debug)]
pub(super) struct Unite {
    pub group: &'static str,
    pub key: &'static str,
    pub id: &'static str,
    /// What the leading group is called.
    pub head: &'static str,
}

impl Operator for Unite {
    fn name(&self) -> &'static str {
        "unite"
    }

    fn revision(&self) -> u32 {
        2
    }

    fn recipe(&self) -> Value {
        Value::from([self.group, self.key, self.id, self.head].to_vec())
    }

    fn rows(&self) -> Rows {
        Rows::Other
    }

    fn schema(&self, beneath: &[Schema]) -> Result<Schema, Mistake> {
        let class = beneath.first().and_then(|it| it.get(self.group)).map(|it| it.class).unwrap_or_default();
        Ok([self.group, self.head].map(|it| Column::new(it, Type::Text).classed(class)).into_iter().collect())
    }

    fn reads<'a>(&'a self, _: &BTreeSet<&str>) -> Vec<BTreeSet<&'a str>> {
        vec![BTreeSet::from([self.group, self.key, self.id])]
    }

    fn lineage<'a>(&'a self, _: &str) -> Vec<BTreeSet<&'a str>> {
        vec![BTreeSet::from([self.group])]
    }

    fn is_unique(&self, made: &str) -> bool {
        made == self.group
    }

    fn run(&self, wanted: &[String], inputs: &mut dyn Inputs, out: Out<'_>) -> Result<(), OperatorError> {
        let mut kept = Vec::new();
        let room = inputs.room();
        inputs.read(0, &mut |rows| {
            room.keep(rows.get_array_memory_size())?;
            kept.push(rows.clone());
            Ok(())
        })?;
        let found = united(&texts(&kept, self.group)?, &texts(&kept, self.key)?, &texts(&kept, self.id)?);
        let column = |name: &String| -> ArrayRef {
            let values = found.iter().map(|(group, head)| if name == self.group { *group } else { *head });
            Arc::new(values.map(Some).collect::<StringArray>())
        };
        out(batch(wanted.iter().map(String::as_str), wanted.iter().map(column).collect(), found.len())?)
    }
}

/// Each group with the one that leads it, by name.
fn united<'a>(
    groups: &[Option<&'a str>],
    keys: &[Option<&'a str>],
    ids: &[Option<&'a str>],
) -> Vec<(&'a str, &'a str)> {
    let known: Vec<&str> = groups.iter().copied().flatten().collect::<BTreeSet<_>>().into_iter().collect();
    let mut above: Vec<usize> = (0..known.len()).collect();
    for of in [keys, ids] {
        let mut first: BTreeMap<&str, usize> = BTreeMap::new();
        for (group, it) in groups.iter().zip(of).filter_map(|(group, it)| Some(((*group)?, (*it)?))) {
            let group = known.partition_point(|it| *it < group);
            let met = *first.entry(it).or_insert(group);
            let (one, other) = (top(&mut above, met), top(&mut above, group));
            above[one.max(other)] = one.min(other);
        }
    }
    (0..known.len()).map(|it| (known[it], known[top(&mut above, it)])).collect()
}

fn top(above: &mut [usize], mut it: usize) -> usize {
    while above[it] != it {
        above[it] = above[above[it]];
        it = above[it];
    }
    it
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_of_any_length_are_one_in_any_order() {
        let links = [("g1", "c", "3"), ("g1", "d", "4"), ("g2", "b", "2"), ("g2", "c", "3"), ("g3", "a", "1")];
        let more = [("g3", "x", "2"), ("g4", "e", ""), ("g5", "f", "5"), ("g5", "e", ""), ("g6", "y", "")];
        let mut rows: Vec<_> = links.into_iter().chain(more).collect();
        for _ in 0..rows.len() {
            let groups: Vec<_> = rows.iter().map(|it| Some(it.0)).collect();
            let keys: Vec<_> = rows.iter().map(|it| Some(it.1)).collect();
            let ids: Vec<_> = rows.iter().map(|it| Some(it.2).filter(|it| !it.is_empty())).collect();
            let expected = [("g1", "g1"), ("g2", "g1"), ("g3", "g1"), ("g4", "g4"), ("g5", "g4"), ("g6", "g6")];
            assert_eq!(united(&groups, &keys, &ids), expected);
            rows.rotate_left(1);
        }
        assert_eq!(united(&[], &[], &[]), []);
        assert_eq!(united(&[Some("g"), None], &[None, Some("k")], &[None, None]), [("g", "g")]);
    }
}
