//! Values that many rows have: nothing else is lost by them, and rows that say the same are one in any order.

use super::*;

/// People twice each, and so many rows that are all the same but for what `other` makes of their number.
fn crowded(rows: usize, other: impl Fn(usize, &mut Lots) -> [String; 3]) -> Rows {
    let mut lots = Lots(9);
    let mut acc: Rows = Vec::new();
    for _ in 0..300 {
        let (given, surname) = (lots.word(3), lots.word(4));
        let mail = format!("{given}.{surname}@m.example");
        acc.extend([vec![given.clone(), surname.clone(), mail.clone()], vec![given, surname, mail]]);
    }
    acc.extend((0..rows).map(|it| other(it, &mut lots).to_vec()));
    acc
}

fn same(_: usize, _: &mut Lots) -> [String; 3] {
    ["Test", "Tester", "test@none.example"].map(str::to_owned)
}

fn spec() -> Spec {
    Spec::new(vec![
        Comparison::new("first", Kind::GivenName),
        Comparison::new("last", Kind::Surname),
        Comparison::new("mail", Kind::Email),
    ])
}

/// How many clusters of each size there are.
fn sizes(clusters: &[u32]) -> Vec<(usize, usize)> {
    let mut rows = std::collections::BTreeMap::<u32, usize>::new();
    clusters.iter().for_each(|it| *rows.entry(*it).or_default() += 1);
    let mut acc = std::collections::BTreeMap::<usize, usize>::new();
    rows.values().for_each(|it| *acc.entry(*it).or_default() += 1);
    acc.into_iter().collect()
}

/// How many of the people are one cluster, or within one.
fn twins(clusters: &[u32]) -> usize {
    (0..300).filter(|it| clusters[2 * it] == clusters[2 * it + 1]).count()
}

#[test]
fn rows_that_say_the_same_are_one_and_hide_nobody() {
    for many in [15, 120, 200, 3000] {
        let rows = crowded(many, same);
        let found = resolve(&spec(), &table(&rows)).expect("a table");
        assert_eq!(twins(&found.clusters), 300, "{many} {:?}", found.notes);
        assert!(sizes(&found.clusters).contains(&(many, 1)), "{many} {:?}", sizes(&found.clusters));
        assert!(!found.rules.is_empty() && found.precision > 0.9, "{:?}", found.rules);
        assert!(found.pairs.is_sorted_by_key(|it| (it.left, it.right)));
        // The same in another order, where other rows stand for their like.
        let turned: Rows = rows.iter().rev().cloned().collect();
        let again = resolve(&spec(), &table(&turned)).expect("a table");
        assert_eq!(sizes(&again.clusters), sizes(&found.clusters));
        assert_eq!(again.pairs.len(), found.pairs.len());
        let counted = blocks(&spec(), &table(&rows), None).expect("a table");
        assert!(counted.pairs > 300 && counted.worst[0].rows as usize >= many, "{counted:?}");
    }
}

#[test]
fn a_decision_about_one_of_many_concerns_this_one() {
    let rows = crowded(200, same);
    let decisions = vec![Decision { left: 0, right: 700, says: Says::Same }];
    let found = resolve(&Spec { decisions, ..spec() }, &table(&rows)).expect("a table");
    assert_eq!(found.clusters[700], 0);
    let decisions = vec![Decision { left: 650, right: 700, says: Says::Different }];
    let found = resolve(&Spec { decisions, ..spec() }, &table(&rows)).expect("a table");
    assert_ne!(found.clusters[650], found.clusters[700]);
    assert!((600..800).filter(|it| found.clusters[*it] == 600).count() >= 198, "{:?}", sizes(&found.clusters));
    // Whoever asks about rows that others stand for hears what these weigh.
    let asked = vec![(790, 799), (0, 1), (600, 799)];
    let found = resolve(&Spec { asked, ..spec() }, &table(&rows)).expect("a table");
    assert_eq!(found.asked[0].levels, found.asked[2].levels);
    assert!(found.asked.iter().all(|it| it.weight > 0.0), "{:?}", found.asked);
}

#[test]
fn a_key_with_one_crowded_value_is_a_rule_all_the_same() {
    let mut rows = crowded(300, |_, lots| [lots.word(3), lots.word(4), "info@firm.example".to_owned()]);
    // Nothing but the mailbox says that these are one.
    rows.push(["Nuvi", "Zumor", "only@mailbox.example"].map(str::to_owned).to_vec());
    rows.push(["Peldor", "Gantis", "only@mailbox.example"].map(str::to_owned).to_vec());
    let found = resolve(&spec(), &table(&rows)).expect("a table");
    let mail = found.rules.iter().find(|it| it.name == "mail").expect("a rule");
    assert_eq!((mail.split, mail.largest), (1, 300), "{:?}", found.rules);
    assert!(found.notes.iter().any(|it| matches!(it, Note::SplitBlocks { .. })), "{:?}", found.notes);
    assert!(found.recall < 1.0, "not all was compared");
    let (one, other) = (rows.len() as u32 - 2, rows.len() as u32 - 1);
    assert!(found.pairs.iter().any(|it| (it.left, it.right) == (one, other)));
    assert_eq!(twins(&found.clusters), 300);
}

#[test]
fn where_every_value_is_crowded_some_pairs_are_compared() {
    let mut lots = Lots(4);
    let words = [["a", "b"], ["c", "d"]];
    let rows: Rows = (0..2000).map(|_| words.iter().map(|it| it[lots.next(2)].to_owned()).collect()).collect();
    let compare = ["x", "y"].map(|it| Comparison::new(it, Kind::Exact)).to_vec();
    let found = resolve(&Spec::new(compare), &table(&rows)).expect("a table");
    assert!(found.compared > 0 && !found.rules.is_empty());
}

#[test]
fn of_two_equally_good_partners_that_exclude_each_other_neither_is_right() {
    let mut rows = crowded(0, same);
    rows.extend((0..3).map(|_| ["Nuvi", "Zumor", "n@z.example"].map(str::to_owned).to_vec()));
    let last = rows.len() - 1;
    for one in [0, 1, 2] {
        // The row of the first source stands in each place.
        let mut sources: Vec<u32> = (0..last as u32 - 2).map(|it| it % 2).collect();
        sources.extend((0..3).map(|it| u32::from(it != one)));
        let spec = Spec { between: vec![(1, 0)], unique_in: vec![0, 1], ..spec() };
        let found = resolve(&spec, &Table { sources, ..table(&rows) }).expect("a table");
        assert_eq!((twins(&found.clusters), sizes(&found.clusters)[0]), (300, (1, 3)), "{one}");
    }
}

#[test]
fn which_shops_of_a_chain_are_compared_does_not_follow_the_order_of_rows() {
    let spec = Spec::new(vec![
        Comparison::new("name", Kind::Organisation),
        Comparison::new("phone", Kind::Phone),
        Comparison::new("postcode", Kind::Postcode),
    ]);
    let mut lots = Lots(11);
    let mut rows: Rows = Vec::new();
    for _ in 0..20 {
        let name = format!("{} Foods", lots.word(4));
        for shop in 0..31 {
            let phone = format!("0{}", 100_000_000 + lots.next(800_000_000));
            let row = vec![name.clone(), phone, (1_000 + lots.next(8_000)).to_string()];
            rows.extend((shop % 5 == 0).then(|| row.clone()));
            rows.push(row);
        }
    }
    let moved: Vec<usize> = (0..rows.len()).map(|it| (it * 11 + 5) % rows.len()).collect();
    assert_eq!(moved.iter().collect::<BTreeSet<_>>().len(), rows.len(), "a number of rows that 11 divides");
    let shuffled: Rows = moved.iter().map(|it| rows[*it].clone()).collect();
    let answer = |rows: &Rows| {
        let found = resolve(&spec, &table(rows)).expect("a table");
        let row = |it: u32| rows[it as usize].join("|");
        let mut pairs: Vec<_> = found
            .pairs
            .iter()
            .map(|it| {
                let (one, other) = (row(it.left), row(it.right));
                (one.clone().min(other.clone()), one.max(other), it.weight.to_bits())
            })
            .collect();
        pairs.sort();
        (pairs, found.compared)
    };
    assert_eq!(answer(&rows), answer(&shuffled));
}
