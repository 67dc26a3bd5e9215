//! A word that most rows have is the block of most rows; the rarer words find what there is to find.

use super::*;

#[test]
fn a_word_that_most_rows_have_does_not_lower_the_estimated_recall() {
    let spec = Spec::new(vec![
        Comparison::new("given", Kind::GivenName),
        Comparison::new("surname", Kind::Surname),
        Comparison::new("address", Kind::Address),
    ]);
    let mut lots = Lots(21);
    let (mut rows, mut truth): (Rows, Vec<usize>) = Default::default();
    for person in 0..1_200 {
        let row = vec![lots.word(3), lots.word(4), format!("{} {} Street", 1 + lots.next(300), lots.word(3))];
        for _ in 0..1 + person % 2 {
            rows.push(row.clone());
            truth.push(person);
        }
    }
    let found = resolve(&spec, &table(&rows)).expect("a table");
    let (precision, recall) = scores(&found.clusters, &truth);
    assert!(precision > 0.99 && recall > 0.99, "{precision} {recall}");
    assert!(found.recall > 0.97, "{} {:?}", found.recall, found.notes);
    assert!(!found.notes.iter().any(|it| matches!(it, Note::SplitBlocks { .. })), "{:?}", found.notes);
}
