//! A match that must be nearly certain joins what is.

use super::*;

#[test]
fn a_match_that_must_be_nearly_certain_joins_what_is() {
    let (rows, truth) = people(600, 4);
    let joined = |match_at: f64| {
        let found = resolve(&Spec { match_at, ..of_people() }, &table(&rows)).expect("a table");
        scores(&found.clusters, &truth)
    };
    let (_, usual) = joined(0.5);
    for match_at in [0.985, 0.99, 0.992, 0.995, 0.999, 0.9999] {
        let (precision, recall) = joined(match_at);
        assert!(precision > 0.99 && recall > 0.85 * usual, "{match_at}: {precision} {recall} of {usual}");
    }
}
