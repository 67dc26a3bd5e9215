//! Quotes that open or close no value: the record is read as the one that has as many fields as the others.

use proptest::prelude::*;

use super::*;

/// Reads these records, two of which are as they should be, and says which lines were mended.
fn check(lines: &str, expected: &[&str], mended: &[u64]) {
    let text = format!("a,b,c\n1,x,y\n{lines}2,z,\"p, q\"\n");
    let answer = Case::new("a.csv", &text).read().unwrap();
    assert_eq!(answer.lines[2..answer.lines.len() - 1], *expected, "{text}");
    assert_eq!(
        (answer.trailer.mended.count, &answer.trailer.mended.lines[..]),
        (mended.len() as u64, mended),
        "{text}"
    );
}

#[test]
fn a_quote_that_opens_no_value_is_a_sign_of_it() {
    check("\"x,\"p, q\",y\n", &["3: \"x|p, q|y"], &[3]);
    check("x,\"p,\"q\"\n", &["3: x|\"p|q"], &[3]);
    check("x,y,\"\nx,\"p, q\",y\n", &["3: x|y|\"", "4: x|p, q|y"], &[3]);
    check("x,y,\"z\n", &["3: x|y|\"z"], &[3]);
    check("x,\"y,z\n\"x,y,z\n", &["3: x|\"y|z", "4: \"x|y|z"], &[3, 4]);
    check("x,\"y,\"z\r\nx,\"34 in,\"z\r\n", &["3: x|\"y|\"z", "4: x|\"34 in|\"z"], &[3, 4]);
}

#[test]
fn a_quote_within_a_quoted_value_is_a_sign_of_it() {
    check("x,\"\"p, q\",y\n", &["3: x|\"p, q|y"], &[3]);
    check("x,\"said \"no\" twice\",y\n", &["3: x|said \"no\" twice|y"], &[3]);
    check("x,\"5\" by 3\"\",y\n", &["3: x|5\" by 3\"|y"], &[3]);
    check("x,\"round 48\"\",\"p, q\"\n", &["3: x|round 48\"|p, q"], &[3]);
    check("x,\"one \"line\"\nand \"\"two\"\"\",y\n", &["3: x|one \"line\"\nand \"two\"|y"], &[3]);
}

#[test]
fn what_keeps_to_the_rules_stays_as_it_is() {
    check("x,5\" pipe,\"\"\"y\"\"\"\n", &["3: x|5\" pipe|\"y\""], &[]);
    check("x,\"a\n\"\"b\"\",\n\",y\n", &["3: x|a\n\"b\",\n|y"], &[]);
}

#[test]
fn where_no_reading_has_enough_fields_the_record_is_set_aside_or_the_file_refused() {
    check("\"x\"y,z\n", &[], &[3]);
    let cut_off = "a,b,c\n1,x,y\n2,z,\"p, q";
    Case::new("a.csv", cut_off).refused("quote", "line 3 of `a.csv` is never closed");
    Case::new("a.csv", "a,b\n1,2\nx,\"p \\\"q\\\"\"\n").refused("quote", "`escape`");
    let strict = |text: &str| Case::new("a.csv", text).with(|it| it.options.ragged = Ragged::Refuse);
    strict("a,b\n1,2\nx,\"said \"no\"\"\n").refused("quote", "line 3");
}

#[test]
fn signs_that_stand_before_others_keep_their_meaning() {
    let text = "a|b|c\n1|x|y\n'x|'p\\'s | q'|'it's \\\\'\n2|z\\|z|'p'\n";
    let case = Case::new("a.csv", text).with(|it| {
        (it.options.delimiter, it.options.quote, it.options.escape) = (Some("|".to_owned()), Some('\''), Some('\\'));
    });
    case.shows(&["a|b|c", "2: 1|x|y", "3: 'x|p's | q|it's \\", "4: 2|z|z|p"]);
    let pair = Case::new("a.csv", "a::b\n1::x\n\"2::\"p::q\"\n3::y\n");
    let answer =
        pair.with(|it| it.options.delimiter = Some("::".to_owned())).shows(&["a|b", "2: 1|x", "3: \"2|p::q", "4: 3|y"]);
    assert_eq!(answer.trailer.mended.lines, [3]);
}

#[test]
fn a_header_is_a_record_like_others() {
    let text = "\"a,\"b\",c\n1,x,y\n2,z,w\n";
    Case::new("a.csv", text).shows(&["\"a|b|c", "2: 1|x|y", "3: 2|z|w"]);
}

#[test]
fn a_blank_between_delimiter_and_quote_is_no_value() {
    let text = "a, \"b\", c\n1, \"p, q\", x\n2, r, \n";
    let answer = Case::new("a.csv", text).shows(&["a|b|c", "2: 1|p, q|x", "3: 2|r|·"]);
    assert_eq!(answer.found.detected.iter().find(|it| it.what == "delimiter").unwrap().answer, ", ");
    Case::new("a.csv", "a, b\n1, 2\n").shows(&["a|b", "2: 1| 2"]);
}

/// Wherever a block of the reader ends.
#[test]
fn where_a_block_ends_makes_no_difference() {
    let long = "p".repeat(61);
    for shift in 0..70 {
        let mut text = format!("a,b,c\n{},x,y\n", "s".repeat(shift + 1));
        (0..1_000).for_each(|it| text += &format!("{it},\"{long}, q\",\"z\"\r\n"));
        text += "\"x,\"p, q\",y\r\n";
        (0..100).for_each(|it| text += &format!("{it},\"{long}, q\",\"z\"\r\n"));
        let answer = Case::new("a.csv", &text).read().unwrap();
        assert_eq!((answer.trailer.rows, answer.trailer.other), (1_102, 0), "{shift}");
        assert_eq!(
            (answer.lines[1_002].as_str(), &answer.trailer.mended.lines[..]),
            ("1003: \"x|p, q|y", &[1_003][..])
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// One quote more before any cell of any table, and all cells are what they were, but for that sign.
    #[test]
    fn one_quote_too_many_costs_nothing(
        cells in prop::collection::vec(prop::collection::vec("[a-z]{1,4}|[a-z]{1,3}[, \"][a-z]{1,3}\"?", 4), 4..8),
        (row, column) in (0..4_usize, 0..4_usize),
        ends in prop::sample::select(vec!["\n", "\r\n", "\r"]),
    ) {
        let mut text = format!("a,b,c,d{ends}");
        let mut expected = Vec::new();
        for (at, line) in cells.iter().enumerate() {
            let is_odd = |it: usize| (at, it) == (row, column);
            let written = line.iter().enumerate().map(|(it, cell)| {
                let sign = if is_odd(it) { "\"" } else { "" };
                let body = cell.replace('"', "\"\"");
                if cell.contains([',', '"']) { format!("\"{sign}{body}\"") } else { format!("{sign}{body}") }
            });
            text += &(written.collect::<Vec<_>>().join(",") + ends);
            let read = line.iter().enumerate().map(|(it, cell)| format!("{}{cell}", if is_odd(it) { "\"" } else { "" }));
            expected.push(read.collect::<Vec<_>>().join("|"));
        }
        let answer = Case::new("a.csv", &text).with(|it| it.options.delimiter = Some(",".to_owned())).read().unwrap();
        let got: Vec<_> = answer.lines[1..].iter().map(|it| it.split_once(": ").unwrap().1.to_owned()).collect();
        prop_assert_eq!(got, expected, "{}", text);
    }
}
