//! People with the firm that they work for: colleagues share it, and its host and telephone, and are not one.

use super::*;

/// People of `firms` firms; every third stands twice.
fn people(firms: usize, seed: u64) -> (Spec, Rows, Vec<usize>) {
    let spec = Spec::new(vec![
        Comparison::new("given", Kind::GivenName),
        Comparison::new("surname", Kind::Surname),
        Comparison::new("firm", Kind::Organisation),
        Comparison::new("mail", Kind::Email),
        Comparison::new("phone", Kind::Phone),
    ]);
    let mut lots = Lots(seed);
    let given: Vec<String> = (0..30).map(|_| lots.word(2)).collect();
    let surnames: Vec<String> = (0..80).map(|_| lots.word(3)).collect();
    let (mut rows, mut truth): (Rows, Vec<usize>) = Default::default();
    for _ in 0..firms {
        let (head, trade) = (lots.word(3), ["Systems", "Foods", "Mining"][lots.next(3)]);
        let desk = format!("02{}", 10_000_000 + lots.next(80_000_000));
        for _ in 0..1 + lots.next(6) {
            let (first, last) = (given[lots.next(30)].clone(), surnames[lots.next(80)].clone());
            let person = truth.last().map_or(0, |it| it + 1);
            for _ in 0..1 + usize::from(lots.next(3) == 0) {
                let mail = match lots.next(10) {
                    0..7 => format!("{first}.{last}@{head}.example"),
                    _ => String::new(),
                };
                let phone = if lots.next(10) < 7 { desk.clone() } else { String::new() };
                rows.push(vec![first.clone(), last.clone(), format!("{head} {trade}"), mail, phone]);
                truth.push(person);
            }
        }
    }
    (spec, rows, truth)
}

#[test]
fn colleagues_are_not_one() {
    for (firms, seed) in [(40, 3), (60, 4), (200, 5)] {
        let (spec, rows, truth) = people(firms, seed);
        let found = resolve(&spec, &table(&rows)).expect("a table");
        let (precision, recall) = scores(&found.clusters, &truth);
        assert!(precision > 0.95 && recall > 0.95, "{firms}: {precision} {recall} {:?}", found.notes);
    }
}
