//! Small tables of firms, in which hardly anything stands twice: what firms share is no sign that they are one.

use super::*;

fn of_firms() -> Spec {
    let mut spec = Spec::new(vec![
        Comparison::new("name", Kind::Organisation),
        Comparison::new("mail", Kind::Email),
        Comparison::new("phone", Kind::Phone),
        Comparison::new("address", Kind::Address),
        Comparison::new("postcode", Kind::Postcode),
    ]);
    spec.lexicon.legal_forms = ["Ltd", "Inc"].map(Into::into).into();
    spec
}

/// A firm of its own: name, mailbox, telephone, address, postcode.
fn firm(lots: &mut Lots) -> Vec<String> {
    const TRADES: [&str; 8] =
        ["Textiles", "Engineering", "Foods", "Transport", "Software", "Printing", "Mining", "Security"];
    let (head, trade) = (lots.word(4), TRADES[lots.next(8)]);
    let phone = format!("0{}", 100_000_000 + lots.next(800_000_000));
    let address = format!("{} {} Street", 1 + lots.next(300), lots.word(3));
    let mail = format!("info@{head}.example");
    vec![format!("{head} {trade}"), mail, phone, address, (1_000 + lots.next(8_000)).to_string()]
}

#[test]
fn firms_of_one_building_are_not_one() {
    for (buildings, each) in [(40, 3), (60, 2)] {
        let mut lots = Lots(3);
        let mut rows: Rows = Vec::new();
        for _ in 0..buildings {
            let first = firm(&mut lots);
            for _ in 1..each {
                let mut next = firm(&mut lots);
                next[3..].clone_from_slice(&first[3..]);
                rows.push(next);
            }
            rows.push(first);
        }
        let found = resolve(&of_firms(), &table(&rows)).expect("a table");
        let joined = (0..).zip(&found.clusters).filter(|(row, leader)| row != *leader).count();
        assert!(joined <= 1, "{joined} of {}", rows.len());
        assert!(found.notes.iter().any(|it| matches!(it, Note::TooFew { .. })), "{:?}", found.notes);
    }
}

#[test]
fn firms_of_one_group_are_not_one() {
    for (count, seed) in [(80, 8), (150, 9)] {
        let mut lots = Lots(seed);
        let (mut rows, mut truth): (Rows, Vec<usize>) = Default::default();
        for entity in 0..count {
            let one = firm(&mut lots);
            if entity % 3 == 0 {
                // A sister of one head, host, address and telephone.
                let mut sister = one.clone();
                let head = one[0].split(' ').next().unwrap_or_default();
                sister[0] = format!("{head} Holdings");
                sister[1] = format!("office@{}", one[1].split('@').next_back().unwrap_or_default());
                rows.push(sister);
                truth.push(count + entity);
            }
            if entity % 4 == 0 {
                let mut again = one.clone();
                again[0].push_str(" Ltd");
                rows.push(again);
                truth.push(entity);
            }
            rows.push(one);
            truth.push(entity);
        }
        let found = resolve(&of_firms(), &table(&rows)).expect("a table");
        let (precision, recall) = scores(&found.clusters, &truth);
        assert!(precision > 0.9 && recall > 0.9, "{count}: {precision} {recall} {:?}", found.notes);
    }
}
