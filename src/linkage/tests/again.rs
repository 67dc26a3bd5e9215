//! Answers that stand on earlier ones are those that everything gives.

use super::*;

/// All that somebody can tell of an answer.
fn told(found: &Resolution) -> String {
    let pair = |it: &Pair| {
        let levels = &found.model.patterns[it.pattern as usize].levels;
        format!(
            "{} {} {} {levels:?} {} {:?} {:?} {:?}\n",
            it.left, it.right, it.weight, it.rules, it.verdict, it.relation, it.decided
        )
    };
    let is_told = |it: &&Pair| it.verdict != Verdict::Reject || it.decided.is_some();
    let pairs: String = found.pairs.iter().filter(is_told).map(pair).collect();
    let rule = |it: &Rule| format!("{} {} {} {}\n", it.name, it.pairs, it.alone, it.matches);
    let rules: String = found.rules.iter().map(rule).collect();
    let Resolution { clusters, model, notes, precision, recall, .. } = found;
    format!("{pairs}{rules}{clusters:?} {:?} {notes:?} {precision} {recall}", model.patterns)
}

/// People with an address in the place of a town.
fn addressed(count: usize, seed: u64) -> Rows {
    let (mut rows, _) = people(count, seed);
    for (at, row) in rows.iter_mut().enumerate() {
        let way = ["street", "road", "lane"][at % 3];
        let street: String = row[3].chars().take(3).collect();
        row[3] = format!("{} {street} {} {way}", 1 + at / 2 % 9, &row[1][..2]);
    }
    rows
}

fn edit(lots: &mut Lots, rows: &mut Rows, spec: &mut Spec) {
    let at = lots.next(rows.len());
    let other = lots.next(rows.len());
    let column = lots.next(5);
    match lots.next(9) {
        0 | 1 => rows[at][column].push('k'),
        2 => rows[at][column] = rows[other][column].clone(),
        3 => rows[at] = rows[other].clone(),
        4 => rows[at][column].clear(),
        5 => rows.insert(at, rows[other].clone()),
        6 => drop(rows.remove(at)),
        7 => spec.decisions.clear(),
        _ => {
            let says = [Says::Same, Says::Different][lots.next(2)];
            spec.decisions.push(Decision { left: at as u32, right: other as u32, says });
        }
    }
    let count = rows.len() as u32;
    spec.decisions.retain(|it| it.left != it.right && it.left.max(it.right) < count);
}

fn compared() -> Vec<Comparison> {
    compared_as(Kind::Exact)
}

/// The fourth column as something else.
fn compared_as(kind: Kind) -> Vec<Comparison> {
    let kinds = [Kind::GivenName, Kind::Surname, Kind::Date, kind, Kind::Phone];
    kinds.into_iter().enumerate().map(|(at, kind)| Comparison::new(format!("column {at}"), kind)).collect()
}

/// Edits rows and decisions, and holds each answer against the whole; gives how many stood on an earlier one.
fn check(mut spec: Spec, count: usize, seed: u64, sources: u32) -> usize {
    let (mut rows, _) = people(count, seed);
    let mut lots = Lots(seed);
    let with = |rows: &Rows| -> Vec<u32> {
        (0..).zip(rows).filter(|_| sources > 1).map(|(at, _): (u32, _)| at % sources).collect()
    };
    let model = train(&spec, &Table { sources: with(&rows), ..table(&rows) }).expect("a table").model;
    let mut left: Option<Vec<u8>> = None;
    let mut stood = 0;
    for _ in 0..24 {
        let table = Table { sources: with(&rows), ..table(&rows) };
        spec.threads = [1, 2, 8][lots.next(3)];
        let earlier = left.as_deref().and_then(|it| Earlier::of(it, &table));
        let found = resolve_upon(&spec, table.clone(), Some(&model), earlier.as_ref()).expect("a table");
        let whole = resolve_with(&spec, &table, Some(&model)).expect("a table");
        assert_eq!(told(&found.resolution), told(&whole));
        stood += usize::from(found.left.is_none());
        left = found.left.or(left);
        (0..1 + lots.next(3)).for_each(|_| edit(&mut lots, &mut rows, &mut spec));
    }
    stood
}

#[test]
fn an_answer_that_stands_on_an_earlier_one_is_that_of_all_rows() {
    for seed in 1..6 {
        let stood = check(Spec::new(compared()), 300, seed, 1);
        assert!(stood > 8, "{stood}");
    }
    let rules =
        [vec![Key::Compared(2, Form::Whole)], vec![Key::Compared(1, Form::Whole), Key::Compared(3, Form::Whole)]];
    let block: Vec<Block> = rules.into_iter().map(|on| Block { on }).collect();
    assert!(check(Spec { block: block.clone(), ..Spec::new(compared()) }, 300, 7, 1) > 15);
    // Blocks that are too large are in no such answer, if they are touched.
    check(Spec { block, max_block: 3, ..Spec::new(compared()) }, 300, 8, 1);
    let across = Spec { between: vec![(0, 1), (0, 2), (1, 2)], unique_in: vec![0, 1, 2], ..Spec::new(compared()) };
    check(across, 300, 9, 3);
    check(Spec { max_size: 2, match_at: 0.2, ..Spec::new(compared()) }, 300, 10, 1);
}

/// Small tables, so that there are many edits: a case is a hundred in a row, of cells, rows, decisions and rules.
/// `HOTPASS_CASES=100` makes ten thousand.
#[test]
fn after_each_of_many_edits_an_answer_is_that_of_all_rows() {
    let cases = std::env::var("HOTPASS_CASES").ok().and_then(|it| it.parse().ok()).unwrap_or(6);
    let rules = [vec![], vec![vec![1]], vec![vec![2], vec![0, 3]], vec![vec![4], vec![1, 3]]];
    // Without addresses and with them.
    let mut stood = [0, 0];
    for seed in 0..cases {
        let addresses = seed % 2 == 1;
        let mut rows = if addresses { addressed(40, 1000 + seed) } else { people(40, 1000 + seed).0 };
        let mut spec = Spec::new(compared_as(if addresses { Kind::Address } else { Kind::Exact }));
        let model = train(&spec, &table(&rows)).expect("a table").model;
        let mut lots = Lots(seed);
        let mut left: Option<Vec<u8>> = None;
        for at in 0..100 {
            match lots.next(12) {
                0 => {
                    let key = |at: &u32| Key::Compared(*at, Form::Whole);
                    let block = |on: &Vec<u32>| Block { on: on.iter().map(key).collect() };
                    spec.block = rules[lots.next(rules.len())].iter().map(block).collect();
                }
                _ => edit(&mut lots, &mut rows, &mut spec),
            }
            let table = table(&rows);
            let earlier = left.as_deref().and_then(|it| Earlier::of(it, &table));
            let found = resolve_upon(&spec, table.clone(), Some(&model), earlier.as_ref()).expect("a table");
            let whole = resolve_with(&spec, &table, Some(&model)).expect("a table");
            assert_eq!(told(&found.resolution), told(&whole), "case {seed}, edit {at}");
            stood[usize::from(addresses)] += u64::from(earlier.is_some() && found.left.is_none());
            left = found.left.or(left);
        }
    }
    assert!(stood.iter().all(|it| *it > cases * 20), "{stood:?} of {cases} times 50");
}

#[test]
fn one_changed_row_is_compared_with_its_blocks_alone() {
    for (mut rows, kind) in [(people(3000, 11).0, Kind::Exact), (addressed(3000, 12), Kind::Address)] {
        let spec = Spec::new(compared_as(kind));
        let model = train(&spec, &table(&rows)).expect("a table").model;
        let whole = resolve_upon(&spec, table(&rows), Some(&model), None).expect("a table");
        let left = whole.left.expect("left");
        let at = rows.len() / 2;
        rows[at][1].push('k');
        let now = table(&rows);
        let earlier = Earlier::of(&left, &now).expect("most rows are as they were");
        assert_eq!((earlier.was(0), earlier.was(at as u32)), (Some(0), None));
        let found = resolve_upon(&spec, now.clone(), Some(&model), Some(&earlier)).expect("a table");
        assert!(found.left.is_none());
        let (few, all) = (found.resolution.compared, whole.resolution.compared);
        assert!(few < 200 && all > 3000, "{few} of {all}");
    }
}

#[test]
fn what_was_left_is_held_against_itself() {
    let (rows, _) = people(40, 3);
    let spec = Spec::new(compared());
    let model = train(&spec, &table(&rows)).expect("a table").model;
    let whole = resolve_upon(&spec, table(&rows), Some(&model), None).expect("a table");
    let left = whole.left.expect("left");
    for end in (0..left.len()).step_by(3) {
        assert!(Earlier::of(&left[..end], &table(&rows)).is_none(), "cut at {end}");
    }
    // Other bytes are no answer, or one that nobody falls over.
    for at in (0..left.len()).step_by(5) {
        let mut other = left.clone();
        other[at] ^= 0x11;
        let earlier = Earlier::of(&other, &table(&rows));
        let found = resolve_upon(&spec, table(&rows), Some(&model), earlier.as_ref());
        assert!(found.is_ok(), "byte {at}");
    }
    // Nothing is left by what moves with every row.
    assert!(resolve_upon(&spec, table(&rows), None, None).expect("a table").left.is_none());
}
