//! Values that the rows of a cluster confirm: two of them or more have the same.
//!
//! One wrong day of birth is a slip. Two rows with one day, and two others with another, are no two slips: a slip does
//! not come twice. The pairs between the four rows say so four times with the same bits, and their mean says it once.

use super::column::{Column, MISSING};
use super::kinds;
use super::level::{self, Memory};
use super::spec::{Comparison, Kind, Role};

/// The columns of which a thing has one value.
pub(super) struct Confirmed<'a> {
    own: Vec<&'a Column>,
    /// Given names and surnames, which stand in each other's place now and then.
    persons: Option<(&'a Column, &'a Column)>,
}

impl<'a> Confirmed<'a> {
    pub fn new(compare: &[Comparison], columns: &'a [Column]) -> Confirmed<'a> {
        let own = |it: &(&Comparison, &Column)| it.0.role == Role::Own && has_one(it.0.kind);
        let of_kind = |kind| columns.iter().find(|it| it.kind == kind);
        Confirmed {
            own: compare.iter().zip(columns).filter(own).map(|it| it.1).collect(),
            persons: of_kind(Kind::GivenName).zip(of_kind(Kind::Surname)),
        }
    }

    /// Whether two clusters confirm values that differ: each has some, and none of the one is near one of the other.
    pub fn contradict(&self, one: &[u32], other: &[u32]) -> bool {
        self.own.iter().any(|column| {
            let (confirmed, others) = (twice(column, one), twice(column, other));
            let differ = |left: u32, right: u32| {
                let level = column.level_of(left, right, &mut Memory::default());
                kinds::differs(column.kind, usize::from(level))
            };
            if confirmed.is_empty() || others.is_empty() {
                return false;
            }
            let apart = confirmed.iter().all(|it| others.iter().all(|also| differ(*it, *also)));
            apart && (column.kind != Kind::GivenName || !self.are_swapped(one, other))
        })
    }

    /// Whether the given name and the surname of a row stand in each other's place in a row of the other cluster.
    fn are_swapped(&self, one: &[u32], other: &[u32]) -> bool {
        let swapped = |(given, surname): (&Column, &Column)| {
            one.iter().any(|left| other.iter().any(|right| level::swapped(given, surname, *left, *right).is_some()))
        };
        self.persons.is_some_and(swapped)
    }
}

/// Whether a thing has one value of a kind. Organisations and works have several names.
fn has_one(kind: Kind) -> bool {
    matches!(kind, Kind::GivenName | Kind::Date | Kind::Number)
}

/// The places of the values that two of these rows have.
fn twice(column: &Column, rows: &[u32]) -> Vec<u32> {
    let mut values: Vec<u32> = rows.iter().map(|it| column.of[*it as usize]).filter(|it| *it != MISSING).collect();
    values.sort_unstable();
    values.chunk_by(|a, b| a == b).filter(|it| it.len() > 1).map(|it| it[0]).collect()
}

#[cfg(test)]
mod tests {
    use super::super::cells::Cells;
    use super::super::fold::Folds;
    use super::super::spec::Lexicon;
    use super::*;

    /// Whether the first two of four rows contradict the last two; a row is a given name, a surname and a day of birth.
    fn contradict(rows: [[&str; 3]; 4]) -> bool {
        let kinds = [Kind::GivenName, Kind::Surname, Kind::Date];
        let folds = Folds::new(&Lexicon::default());
        let column = |(at, kind): (usize, Kind)| {
            let cells: Cells = rows.iter().map(|it| Some(it[at]).filter(|it| !it.is_empty())).collect();
            Column::new(kind, &cells, &folds, true, None)
        };
        let columns: Vec<Column> = kinds.into_iter().enumerate().map(column).collect();
        let compare = kinds.map(|it| Comparison::new(it.name(), it));
        Confirmed::new(&compare, &columns).contradict(&[0, 1], &[2, 3])
    }

    #[test]
    fn what_two_rows_say_each_is_no_slip() {
        let of = |given, born| [given, "dorgan", born];
        let ana = of("ana", "1970-03-12");
        assert!(contradict([ana, ana, of("ana", "1984-11-30"), of("ana", "1984-11-30")]), "two days of birth");
        assert!(!contradict([ana, ana, of("tomis", "1970-03-12"), of("", "1970-03-12")]), "a name that one row says");
        assert!(contradict([ana, ana, of("tomis", "1970-03-12"), of("tomis", "1970-03-12")]), "two names");
        assert!(!contradict([ana, ana, of("ana", "1970-12-03"), of("ana", "1970-12-03")]), "a day that is near");
        assert!(!contradict([ana, ana, of("ana", "1984-11-30"), ana]), "one slip");
        assert!(!contradict([ana, of("ana", "1984-11-30"), of("ana", "1990-01-01"), ana]), "nothing is confirmed");
        assert!(!contradict([ana, ana, of("", ""), of("", "")]), "nothing is said");
    }

    #[test]
    fn names_in_the_place_of_each_other_are_no_two_names() {
        let (ana, turned) = (["ana", "dorgan", "1970-03-12"], ["dorgan", "ana", "1970-03-12"]);
        assert!(!contradict([ana, ana, turned, turned]));
    }
}
