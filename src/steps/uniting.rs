//! Ids that meet in groups are one, also by way of others: an operator, since a chain may be of any length.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, StringArray};
use serde_json::Value;

use crate::expr::Mistake;
use crate::model::{Column, Schema, Type};
use crate::relation::operator::{Inputs, Operator, OperatorError, Out, Rows, batch, texts};

/// Says of each id which one it goes by: the oldest of those that it met. The columns of the one table beneath are a
/// group, an id that is known in it, and the age of the id.
#[derive(Debug)]
pub(super) struct Unite {
    pub group: &'static str,
    pub id: &'static str,
    pub age: &'static str,
    /// What the id it goes by is called.
    pub now: &'static str,
}

impl Operator for Unite {
    fn name(&self) -> &'static str {
        "unite"
    }

    fn revision(&self) -> u32 {
        1
    }

    fn recipe(&self) -> Value {
        Value::from([self.group, self.id, self.age, self.now].to_vec())
    }

    fn rows(&self) -> Rows {
        Rows::Other
    }

    fn schema(&self, beneath: &[Schema]) -> Result<Schema, Mistake> {
        let class = beneath.first().and_then(|it| it.get(self.id)).map(|it| it.class).unwrap_or_default();
        Ok([self.id, self.now].map(|it| Column::new(it, Type::Text).classed(class)).into_iter().collect())
    }

    fn reads<'a>(&'a self, _: &BTreeSet<&str>) -> Vec<BTreeSet<&'a str>> {
        vec![BTreeSet::from([self.group, self.id, self.age])]
    }

    fn lineage<'a>(&'a self, _: &str) -> Vec<BTreeSet<&'a str>> {
        vec![BTreeSet::from([self.id])]
    }

    fn is_unique(&self, made: &str) -> bool {
        made == self.id
    }

    fn run(&self, wanted: &[String], inputs: &mut dyn Inputs, out: Out<'_>) -> Result<(), OperatorError> {
        let mut kept = Vec::new();
        let room = inputs.room();
        inputs.read(0, &mut |rows| {
            room.keep(rows.get_array_memory_size())?;
            kept.push(rows.clone());
            Ok(())
        })?;
        let mut ages: Vec<Option<i64>> = Vec::new();
        for rows in &kept {
            let column = rows.column_by_name(self.age).and_then(|it| it.as_primitive_opt::<Int64Type>());
            let column = column.ok_or_else(|| OperatorError::Failed("an age is not a number".to_owned()))?;
            ages.extend(column.iter());
        }
        let found = united(&texts(&kept, self.group)?, &texts(&kept, self.id)?, &ages);
        let column = |name: &String| -> ArrayRef {
            let values = found.iter().map(|(id, now)| if name == self.id { *id } else { *now });
            Arc::new(values.map(Some).collect::<StringArray>())
        };
        out(batch(wanted.iter().map(String::as_str), wanted.iter().map(column).collect(), found.len())?)
    }
}

/// Each id with the one that it goes by, the oldest first.
fn united<'a>(groups: &[Option<&'a str>], ids: &[Option<&'a str>], ages: &[Option<i64>]) -> Vec<(&'a str, &'a str)> {
    let mut known: BTreeMap<(i64, &str), ()> = BTreeMap::new();
    for (id, age) in ids.iter().zip(ages) {
        known.extend(id.map(|it| ((age.unwrap_or(i64::MAX), it), ())));
    }
    // One age an id, so places tell them apart, the oldest first.
    let known: Vec<&str> = known.into_keys().map(|it| it.1).collect();
    let places: BTreeMap<&str, usize> = known.iter().copied().zip(0..).collect();
    let mut above: Vec<usize> = (0..known.len()).collect();
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for (group, id) in groups.iter().zip(ids).filter_map(|(group, id)| Some(((*group)?, places[(*id)?]))) {
        let met = *first.entry(group).or_insert(id);
        let (one, other) = (top(&mut above, met), top(&mut above, id));
        above[one.max(other)] = one.min(other);
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
        let links = [("g1", "c", 2), ("g1", "d", 3), ("g2", "b", 1), ("g2", "c", 2), ("g3", "a", 0), ("g3", "b", 1)];
        let alone = [("g4", "e", 4), ("g5", "f", 5), ("g5", "e", 4)];
        let mut rows: Vec<_> = links.into_iter().chain(alone).collect();
        for _ in 0..rows.len() {
            let groups: Vec<_> = rows.iter().map(|it| Some(it.0)).collect();
            let ids: Vec<_> = rows.iter().map(|it| Some(it.1)).collect();
            let ages: Vec<_> = rows.iter().map(|it| Some(it.2)).collect();
            let expected = [("a", "a"), ("b", "a"), ("c", "a"), ("d", "a"), ("e", "e"), ("f", "e")];
            assert_eq!(united(&groups, &ids, &ages), expected);
            rows.rotate_left(1);
        }
        assert_eq!(united(&[], &[], &[]), []);
        assert_eq!(united(&[Some("g")], &[None], &[None]), []);
    }
}
