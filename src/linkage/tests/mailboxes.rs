//! Mailboxes that are made of names, at several hosts that give them to anybody.

use super::*;

/// People of few given names and surnames, so that many are namesakes, with `given.surname@host`; a number stands behind
/// it where somebody has it. Every `twice`-th one stands in two rows, the second time with a slip in the telephone.
fn namesakes(count: usize, twice: usize, seed: u64) -> (Rows, Vec<usize>) {
    const HOSTS: [&str; 5] = ["gmail.com", "yahoo.com", "web.de", "mail.ru", "outlook.com"];
    let mut lots = Lots(seed);
    let given: Vec<String> = (0..40).map(|_| lots.word(3)).collect();
    let surnames: Vec<String> = (0..60).map(|_| lots.word(4)).collect();
    let (mut rows, mut truth, mut taken): (Rows, Vec<usize>, BTreeSet<String>) = Default::default();
    for entity in 0..count {
        let (one, other) = (&given[lots.next(given.len())], &surnames[lots.next(surnames.len())]);
        let host = HOSTS[lots.next(HOSTS.len())];
        let numbered = |number: usize| match number {
            0 => format!("{one}.{other}@{host}"),
            _ => format!("{one}.{other}{number}@{host}"),
        };
        let mail = (0..).map(numbered).find(|it| !taken.contains(it)).expect("there are enough numbers");
        taken.insert(mail.clone());
        let born = format!("{}{:02}{:02}", 1940 + lots.next(60), 1 + lots.next(12), 1 + lots.next(28));
        let phone = format!("0{}", 100_000_000 + lots.next(800_000_000));
        rows.push(vec![one.clone(), other.clone(), mail, born, phone]);
        truth.push(entity);
        if entity % twice == 0 {
            let mut row = rows[rows.len() - 1].clone();
            row[4] = format!("0{}", 100_000_000 + lots.next(800_000_000));
            rows.push(row);
            truth.push(entity);
        }
    }
    (rows, truth)
}

#[test]
fn namesakes_are_not_one_because_their_mailboxes_are_made_of_their_names() {
    let mut spec = Spec::new(vec![
        Comparison::new("given", Kind::GivenName),
        Comparison::new("surname", Kind::Surname),
        Comparison::new("mail", Kind::Email),
        Comparison::new("born", Kind::Date),
        Comparison::new("phone", Kind::Phone),
    ]);
    spec.lexicon.free_mail = ["gmail.com", "yahoo.com", "web.de", "mail.ru", "outlook.com"].map(Into::into).into();
    for (count, twice) in [(1_500, 10), (600, 3)] {
        let (rows, truth) = namesakes(count, twice, 5);
        let found = resolve(&spec, &table(&rows)).expect("a table");
        let (precision, recall) = scores(&found.clusters, &truth);
        assert!(precision > 0.95 && recall > 0.98, "{count}: {precision} {recall} {:?}", found.notes);
    }
    let (rows, _) = namesakes(600, 601, 5);
    let rows = rows[2..].to_vec();
    let found = resolve(&spec, &table(&rows)).expect("a table");
    let alone = found.clusters.iter().zip(0..).filter(|(leader, row)| **leader == *row).count();
    // Nobody stands there twice. Some have names that differ in a letter.
    assert!(alone + 10 > rows.len(), "{alone} of {}", rows.len());
}
