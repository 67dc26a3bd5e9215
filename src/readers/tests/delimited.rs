//! Text with delimiters.

use proptest::prelude::*;

use super::*;
use crate::readers::problems::UNSURE_ENCODING;

fn csv(bytes: impl AsRef<[u8]>) -> Case {
    Case::new("a.csv", bytes)
}

#[test]
fn texts_stay_as_they_are() {
    csv("id,tel\n007, 082 \n1E5,\"say \"\"hi\"\"\"\n").shows(&["id|tel", "2: 007| 082 ", "3: 1E5|say \"hi\""]);
    csv("a,b\n1,\"x\ny\"\n2,\"x\r\ny\"\n3,z\n").shows(&["a|b", "2: 1|x\ny", "4: 2|x\r\ny", "6: 3|z"]);
    csv("a,b\n1,5\" pipe\n").shows(&["a|b", "2: 1|5\" pipe"]);
    csv("a\n\u{2028}x\n").shows(&["a", "2: \u{2028}x"]);
}

#[test]
fn line_ends_of_every_kind_count_once() {
    for text in ["a,b\n1,x\n2,y\n", "a,b\r\n1,x\r\n2,y\r\n", "a,b\r1,x\r2,y\r", "a,b\n1,x\r\n2,y"] {
        csv(text).shows(&["a|b", "2: 1|x", "3: 2|y"]);
    }
    csv("a,b\n\n1,x\n \n,\n2,y\n\n").shows(&["a|b", "3: 1|x", "6: 2|y"]);
}

#[test]
fn what_has_no_value_is_null() {
    csv("a,b,c\n1,,\"\"\n2, \t,NA\n3,x,-\n")
        .with(|it| it.options.nulls = vec!["NA".to_owned(), "-".to_owned()])
        .shows(&["a|b|c", "2: 1|·|·", "3: 2|·|·", "4: 3|x|·"]);
    csv("a\nNA\n").shows(&["a", "2: NA"]);
}

/// Rows that do not fit are refused.
fn strict(text: &str) -> Case {
    csv(text).with(|it| it.options.ragged = Ragged::Refuse)
}

#[test]
fn rows_that_do_not_fit_are_set_aside_and_none_is_lost() {
    let case = csv("a,b,c\n1,2,3\n4,5\n\n6,7,8,9,10\n4,5\n11,12,13\n");
    let answer = case.shows(&["a|b|c", "2: 1|2|3", "7: 11|12|13"]);
    assert_eq!((answer.trailer.rows, answer.trailer.other), (2, 3));
    let answer = case.aside(&[
        "a|b|c|_reason|_beyond",
        "3: 4|5|·|it has 2 fields, the header has 3|·",
        "5: 6|7|8|it has 5 fields, the header has 3|D: 9\nE: 10",
        "6: 4|5|·|it has 2 fields, the header has 3|·",
    ]);
    assert_eq!((answer.trailer.rows, answer.trailer.other), (3, 2));
    let originals: std::collections::HashSet<_> = answer.originals.iter().collect();
    assert_eq!(originals.len(), 3, "the second of two equal rows is told from the first");
}

#[test]
fn a_delimiter_at_the_end_of_every_record_makes_no_column() {
    let case = csv("a,b\n1,2,\n3,,\n,4, \n5,6,x\n7\n");
    let answer = case.shows(&["a|b", "2: 1|2", "3: 3|·", "4: ·|4"]);
    assert_eq!(answer.found.warnings[0].code, "hotpass::source::trailing-delimiter");
    case.aside(&[
        "a|b|_reason|_beyond",
        "5: 5|6|it has 3 fields, the header has 2|C: x",
        "6: 7|·|it has 1 field, the header has 2|·",
    ]);
    let answer = csv("a;b;\n1;2;\n").shows(&["a|b", "2: 1|2"]);
    assert_eq!(answer.found.warnings, [], "a header that ends so too is like its records");
    // One record that fits shows that the others do not.
    let answer = csv("a,b\n1,2,\n3,4,\n5,6\n").shows(&["a|b", "4: 5|6"]);
    assert_eq!((answer.trailer.other, answer.found.warnings.len()), (2, 0));
}

#[test]
fn a_delimiter_at_the_end_of_the_header_alone_makes_no_column() {
    for text in ["a,b,\n1,2\n3,4\n", "a,b,,\n1,2\n3,4\n", "a,b, ,\n1,2\n3,4\n"] {
        let answer = csv(text).shows(&["a|b", "2: 1|2", "3: 3|4"]);
        assert_eq!(answer.found.warnings[0].code, "hotpass::source::trailing-delimiter", "{text}");
    }
    for text in ["a,,b\n1,2\n3,4\n", ",a,b\n1,2\n3,4\n"] {
        let answer = csv(text).shows(&["a|b", "2: 1|2", "3: 3|4"]);
        assert_eq!(answer.found.warnings[0].code, "hotpass::source::spare-delimiter", "{text}");
        strict(text).refused("ragged", "line 2");
    }
    csv("a,,c\n1,2\n3,4\n5,6,7\n").shows(&["a|B|c", "4: 5|6|7"]);
    csv("a,,c,\n1,2,3\n4,5,6\n").shows(&["a|B|c", "2: 1|2|3", "3: 4|5|6"]);
    // One record that is as wide as the header shows what the others lack.
    let answer = csv("a,b,\n1,2\n3,4,5\n").shows(&["a|b|C", "3: 3|4|5"]);
    assert_eq!((answer.trailer.other, answer.found.warnings.len()), (1, 0));
    csv("a,b,c\n1,2\n3,4\n").refused("ragged", "none of the 2 rows");
}

#[test]
fn a_title_with_more_fields_than_its_table_stands_above_it() {
    let check = |text: &str, header: Header, above: u64| {
        let read = csv(text).with(|it| it.options.header = Header::Detect).read().unwrap();
        assert_eq!(read.found.header, header, "{text}");
        assert_eq!(read.trailer.left_out.get(&LeftOut::Above).copied().unwrap_or(0), above, "{text}");
    };
    let records = "name,town\nAero,Ghent\nBlue,Aarau\nDawn,Basel\n";
    check(&format!("Members of, the club, in March, 2025\n{records}"), Header::Row(2), 1);
    check(&format!("Members of, the club, in March\nprinted by, Jo, in Ghent, by hand\n{records}"), Header::Row(3), 2);
    check("Members,Q1,draft\nname,count\nAero,1\nBlue,2\nDawn,3\n", Header::Row(2), 1);
    check("Members,March,2025\nname,town,n,m\nAero,Ghent,1,2\nBlue,Aarau,2,3\nDawn,Basel,1,1\n", Header::Row(2), 1);
    // Records that lack their last field, or have a name in front, are none below a title.
    let detected = |text: &str| csv(text).with(|it| it.options.header = Header::Detect);
    detected("name,town,notes\nAero,Ghent\nBlue,Aarau\nDawn,Basel\n").refused("ragged", "none of the 3 rows");
    check("n,m,share\nAero,1,2,3\nBlue,2,3,4\nDawn,1,1,1\n", Header::Row(1), 0);
}

#[test]
fn a_row_of_nothing_but_sums_is_no_record() {
    let records = "name,q,p,w\nAda,17,72,x\nBo,97,8,y\nCy,32,15,z\n";
    let check = |last: &str, rows: u64| {
        let answer = csv(format!("{records}{last}\n")).read().unwrap();
        assert_eq!((answer.trailer.rows, answer.trailer.other), (rows, 4 - rows), "{last}");
    };
    check(",146,95,", 3);
    check(",146,,", 3);
    check(",146,96,", 4);
    check("Di,5,7,", 4);
    check(",5,,", 4);
    check(",,,v", 4);
    csv(format!("{records},146,95,\n")).aside(&["name|q|p|w|_reason|_beyond", "5: ·|146|95|·|it looks like a total|·"]);
}

#[test]
fn the_header_said_again_and_totals_are_no_records() {
    let text = "name,n,note\nAda,5,x\nBo,7,y\nname,n,note\nCy,1,z\nTotal,13,\n,,(checked)\n";
    let answer = csv(text).shows(&["name|n|note", "2: Ada|5|x", "3: Bo|7|y", "5: Cy|1|z"]);
    assert_eq!(answer.trailer.left_out, [(LeftOut::Header, 1)].into());
    csv(text).aside(&[
        "name|n|note|_reason|_beyond",
        "6: Total|13|·|it looks like a total|·",
        "7: ·|·|(checked)|it stands below what looks like a total|·",
    ]);
    let dropped = csv(text).with(|it| it.options.totals = Totals::Drop).read().unwrap().trailer;
    assert_eq!((dropped.rows, dropped.other, dropped.left_out[&LeftOut::Total]), (3, 0, 2));
    let kept =
        csv(text).with(|it| (it.options.totals, it.options.again) = (Totals::Keep, false)).read().unwrap().trailer;
    assert_eq!((kept.rows, kept.other), (6, 0));
    let words =
        |it: &mut Request| (it.options.totals, it.options.total_words) = (Totals::Keep, vec!["TOTAL".to_owned()]);
    csv("a,b,c\nTotally,1,x\ntotal: ,2,\nTotal,3,full\n").with(|it| words(it)).shows(&[
        "a|b|c",
        "2: Totally|1|x",
        "4: Total|3|full",
    ]);
}

#[test]
fn columns_that_only_keep_others_apart_are_none() {
    csv("a,,b,\n1,,2,\n3,,4,\n").shows(&["a|b", "2: 1|2", "3: 3|4"]);
    csv("a,,b\n1,,2\n3,x,4\n").shows(&["a|B|b_2", "2: 1|·|2", "3: 3|x|4"]);
}

#[test]
fn two_rows_of_names_are_joined_where_they_are_declared() {
    let text = "x,person,,\nid,first,last,city\n1,Ada,Lovel,Durban\n";
    csv(text)
        .with(|it| it.options.header = Header::Rows(1, 2))
        .shows(&["x id|person first|last|city", "3: 1|Ada|Lovel|Durban"]);
}

#[test]
fn malformed_records_are_refused_by_line() {
    strict("a,b\n1,x\n2,\"open\n3,z\n").refused("quote", "line 3 of `a.csv` is never closed");
    csv("\"").refused("quote", "line 1");
    strict("a,b\n1,\"x\"y\n").refused("quote", "line 2 of `a.csv` has text after a closing quote");
    strict("a,b,c\n1,2,3\n\n4,5\n").refused("ragged", "line 4 of `a.csv` has 2 fields, the header has 3");
    strict("a,b\n1,2,3\n").refused("ragged", "line 2 of `a.csv` has 3 fields, the header has 2");
    csv("a,b\n1,x\0y\n").refused("zero-byte", "line 2");
    // UTF-16 without a mark, which is no UTF-8 either.
    let wide = |bytes: fn(u16) -> [u8; 2]| "a,b\né,ü\n".encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    csv(wide(u16::to_le_bytes)).refused("zero-byte", "line 1");
    csv(wide(u16::to_be_bytes)).refused("zero-byte", "line 1");
}

#[test]
fn a_table_of_which_no_row_fits_is_refused() {
    let none = csv("name,age,city\nr1,Bo,34,Ghent,x\nr2,Cy,35,Basel,y\n");
    none.refused("ragged", "none of the 2 rows of `a.csv` fits the header; line 2: it has 5 fields, the header has 3");
    let short = csv("name,age,city\nr1,Bo,34,Ghent\nr2,Cy,35,Basel\n");
    short.shows(&["A|name|age|city", "2: r1|Bo|34|Ghent", "3: r2|Cy|35|Basel"]);
    // What stands twice is no name of a row.
    csv("name,age\nr1,Bo,34\nr1,Cy,35\n").refused("ragged", "none of the 2 rows");
    csv("name,age,city\nr1,Bo,34,Ghent\nCy,35,Basel\n").shows(&["name|age|city", "3: Cy|35|Basel"]);
}

#[test]
fn shape_is_checked_far_below_any_sample() {
    let mut text = "a,b\n".to_owned() + &"1,x\n".repeat(100_000);
    let answer = csv(&text).read().unwrap();
    assert_eq!(answer.trailer.rows, 100_000);
    text.push_str("1,x,y\n");
    strict(&text).refused("ragged", "line 100,002");
    assert_eq!(csv(&text).read().unwrap().trailer.other, 1);
    csv(&text).aside(&["a|b|_reason|_beyond", "100002: 1|x|it has 3 fields, the header has 2|C: y"]);
}

#[test]
fn there_must_be_something_to_read() {
    csv("").refused("empty", "is empty");
    csv("\n").refused("empty", "no cell with a value");
    csv("\u{feff}").refused("empty", "no cell with a value");
    csv("a,b\n").shows(&["a|b"]);
}

#[test]
fn encodings_are_marked_strict_or_recorded() {
    let check = |bytes: &[u8], encoding: &str, detected: usize| {
        let answer = csv(bytes).shows(&["a|b", "2: 1|café"]);
        assert_eq!(answer.found.encoding.as_deref(), Some(encoding));
        assert_eq!(answer.found.detected.iter().filter(|it| it.what == "encoding").count(), detected);
    };
    let utf16 = |swap: bool| -> Vec<u8> {
        let order = if swap { u16::to_be_bytes } else { u16::to_le_bytes };
        "\u{feff}a,b\n1,café\n".encode_utf16().flat_map(order).collect()
    };
    check("a,b\n1,café\n".as_bytes(), "UTF-8", 0);
    check("\u{feff}a,b\n1,café\n".as_bytes(), "UTF-8", 0);
    check(&utf16(false), "UTF-16LE", 0);
    check(&utf16(true), "UTF-16BE", 0);
    check(b"a,b\n1,caf\xe9\n", "windows-1252", 1);
    let warned =
        |bytes: &[u8]| csv(bytes).read().unwrap().found.warnings.iter().any(|it| it.code == UNSURE_ENCODING.name);
    assert!(warned(b"a,b\n1,caf\xe9\n"), "one letter tells little");
    assert!(!warned(b"a,b\n1,caf\xe9 cr\xe8me br\xfbl\xe9e \xe0 la for\xeat th\xe9 gla\xe7\xe9 \xe9t\xe9\n"));
    let answer = csv(b"a,b\n1,caf\xe9\n").with(|it| it.options.encoding = Some("latin1".to_owned())).read().unwrap();
    assert!(answer.found.detected.iter().all(|it| it.what != "encoding"));
}

#[test]
fn bytes_that_are_no_text_are_refused_by_place() {
    let overlong: &[u8] = b"a,b\n1,\xc0\xaf\n";
    csv(overlong).refused("encoding", "line 2 of `a.csv` holds a byte that is not UTF-8, at offset 6");
    csv(b"a,b\n1,\xed\xa0\xbd\xed\xb8\x80\n").refused("encoding", "line 2");
    csv(b"a,b\n1,caf\xc3").refused("encoding", "at offset 9");
    let late = [b"a,b\n".as_slice(), &b"1,x\n".repeat(100_000), b"2,\xff\n"].concat();
    csv(late).refused("encoding", "line 100,002 of `a.csv` holds a byte that is not UTF-8, at offset 400,006");
    csv("a\n")
        .with(|it| it.options.encoding = Some("klingon".to_owned()))
        .refused("encoding", "there is no encoding `klingon`");
    csv("\u{feff}a\n")
        .with(|it| it.options.encoding = Some("utf-16le".to_owned()))
        .refused("encoding", "mark of UTF-8");
    csv(b"\xff\xfe\0\0a\0\0\0").refused("encoding", "UTF-32");
    // A name as DOS writes it: no code page of Windows has this byte.
    let dos = b"a,b\n1,x\n2,M\x81ller\n";
    csv(dos)
        .with(|it| it.options.encoding = Some("windows-1252".to_owned()))
        .refused("encoding", "line 3 of `a.csv` holds a byte that is not windows-1252, at offset 11");
}

#[test]
fn characters_may_lie_across_blocks() {
    for shift in 0..4 {
        let text = format!("a\n{}{}\n", "x".repeat(65_530 + shift), "é€😀".repeat(9));
        let answer = csv(&text).read().unwrap();
        assert_eq!(answer.lines[1], format!("2: {}", text[2..].trim_end()));
    }
}

#[test]
fn delimiters_are_declared_said_or_recorded() {
    let check = |name: &str, text: &str, declared: Option<&str>, delimiter, detected| {
        let answer =
            Case::new(name, text).with(|it| it.options.delimiter = declared.map(str::to_owned)).read().unwrap();
        assert_eq!(answer.lines[0], "a|b", "{text:?}");
        assert_eq!(answer.found.delimiter, Some(delimiter));
        assert_eq!(answer.found.detected.iter().any(|it| it.what == "delimiter"), detected);
    };
    check("a.csv", "a;b\n1,5;2,5\n", None, ';', true);
    check("a.csv", "a|b\n1|2\n", Some("|"), '|', false);
    check("a.csv", "sep=;\na;b\n1;2\n", None, ';', false);
    check("a.tsv", "a\tb\n1\t2\n", None, '\t', false);
    csv("a\n").with(|it| it.options.delimiter = Some("é".to_owned())).refused("dialect", "ASCII");
    csv("a,'b;c'\n")
        .with(|it| (it.options.delimiter, it.options.quote) = (Some(",".to_owned()), Some('\'')))
        .shows(&["a|b;c"]);
}

#[test]
fn a_delimiter_of_two_characters_is_declared() {
    let read = |text: &str, declared: &str| csv(text).with(|it| it.options.delimiter = Some(declared.to_owned()));
    let text = "a||b||c\n1||x|y||\n\"p||q\"||\"say \"\"||\"\"\"||z\n";
    let answer = read(text, "||").shows(&["a|b|c", "2: 1|x|y|·", "3: p||q|say \"||\"|z"]);
    assert_eq!(answer.found.delimiter, None);
    read("a::b\n1:2::3\n", "::").shows(&["a|b", "2: 1:2|3"]);
    read("a~|b\n\"1~|2\"~|3\n", "~|").shows(&["a|b", "2: 1~|2|3"]);
    read("a||b\n1||\u{1f}\n", "||").refused("dialect", "line 2 of `a.csv` holds the sign U+001F");
    read("a\"|b\n", "\"|").refused("dialect", "both delimiter and quote");
    // Its two halves may lie in two blocks.
    for shift in 0..4 {
        let text = format!("a||b\n{}||2\n", "x".repeat(65_527 + shift));
        read(&text, "||").shows(&["a|b", &format!("2: {}|2", "x".repeat(65_527 + shift))]);
    }
}

#[test]
fn a_line_that_names_the_delimiter_is_not_counted_by_the_header() {
    csv("sep=;\na;b\n1;2\n").shows(&["a|b", "3: 1|2"]);
}

#[test]
fn headers_are_found_below_titles() {
    let text = "Report 2025,,\nPrinted by,Jo,\n\nname,phone,city\nAl,0821234567,Durban\n";
    let answer =
        csv(text).with(|it| it.options.header = Header::Detect).shows(&["name|phone|city", "5: Al|0821234567|Durban"]);
    assert_eq!(answer.found.header, Header::Row(4));
    let detected = answer.found.detected.iter().find(|it| it.what == "header").unwrap();
    assert_eq!(detected.answer, "4");
    assert!(detected.confidence > 0.5 && detected.confidence <= 1.0);
    csv(text).with(|it| it.options.header = Header::Row(4)).shows(&["name|phone|city", "5: Al|0821234567|Durban"]);
    csv(text).with(|it| it.options.header = Header::Row(3)).refused("header", "row 3 of `a.csv` is blank");
    csv("1,2\n3,4\n").with(|it| it.options.header = Header::Detect).refused("header", "looks like a header");
    csv("1,2\n3,4\n").with(|it| it.options.header = Header::Absent).shows(&["A|B", "1: 1|2", "2: 3|4"]);
}

#[test]
fn repeated_and_missing_names_are_told_apart() {
    let answer = csv("a,A,,b,\n1,2,3,4,\n").shows(&["a|A_2|C|b", "2: 1|2|3|4"]);
    assert_eq!(answer.found.warnings.len(), 1);
    assert_eq!(
        answer.found.warnings[0].message,
        "`a.csv` names column A `a` and column B `A`, which differ only in case"
    );
    let mut text = "a,b,\n".to_owned() + &"1,2,\n".repeat(2000);
    assert_eq!(csv(&text).read().unwrap().lines[0], "a|b");
    text.push_str("1,2,3\n");
    strict(&text).refused("beside", "`C2002`");
}

#[test]
fn a_range_limits_rows_and_columns() {
    let text = "x,a,b\n1,2,3\n4,5,6\n7,8,9\n";
    csv(text).with(|it| it.options.range = Some("B1:C3".to_owned())).shows(&["a|b", "2: 2|3", "3: 5|6"]);
    csv(text).with(|it| it.options.range = Some("C:C".to_owned())).shows(&["b", "2: 3", "3: 6", "4: 9"]);
    csv(text).with(|it| it.options.range = Some("nonsense".to_owned())).refused("range", "B3:H200");
}

#[test]
fn the_header_can_be_asked_for_alone() {
    let text = "a,b\n".to_owned() + &"1,x\n".repeat(50_000) + "broken";
    let all = csv(text.trim_end_matches("broken")).read().unwrap();
    for rows in [0, 3] {
        let some = csv(&text).with(|it| it.rows = Some(rows)).read().unwrap();
        assert_eq!((some.trailer.rows, &some.found), (rows, &all.found));
    }
}

#[test]
fn a_cell_has_a_limit() {
    let text = format!("a\n{}\n", "x".repeat(2000));
    csv(&text).with(|it| it.limits.cell_bytes = 1000).refused("too-large", "line 2");
    csv(&text).with(|it| it.limits.cell_bytes = 2000).read().unwrap();
    csv(",".repeat(20_000)).refused("too-large", "more than 16,384 fields");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever cells hold, writing them by the book and reading them gives them back.
    #[test]
    fn what_is_written_reads_back(
        cells in prop::collection::vec(prop::collection::vec("[a-zé,;\"\n\r ]{0,6}", 3), 1..8),
    ) {
        let quoted = |it: &String| format!("\"{}\"", it.replace('"', "\"\""));
        let mut text = "a,b,c\n".to_owned();
        let mut expected = Vec::new();
        for row in &cells {
            text += &(row.iter().map(quoted).collect::<Vec<_>>().join(",") + "\n");
            if row.iter().any(|it| !it.trim().is_empty()) {
                expected.push(row.iter().map(|it| if it.trim().is_empty() { "·" } else { it }).collect::<Vec<_>>().join("|"));
            }
        }
        let answer = csv(&text).with(|it| it.options.delimiter = Some(",".to_owned())).read().unwrap();
        let got: Vec<_> = answer.lines[1..].iter().map(|it| it.split_once(": ").unwrap().1.to_owned()).collect();
        prop_assert_eq!(got, expected);
    }

    /// No bytes make the reader panic, lose a row without a word, or fail otherwise than by a problem.
    #[test]
    fn any_bytes_are_read_or_refused(bytes in "[ab,;\"\n\r\0\u{80}\u{feff}]{0,40}", cut in 0..8_usize) {
        let bytes = &bytes.as_bytes()[..bytes.len().saturating_sub(cut)];
        if let Err(error) = csv(bytes).read() {
            prop_assert!(matches!(error, ReadError::Problem(_)), "{error}");
        }
    }
}

#[test]
fn a_sign_before_another_says_that_it_is_meant_as_itself() {
    let escaped = |text: &str| Case::new("a.csv", text).with(|it| it.options.escape = Some('\\'));
    escaped("a,b\n\"x \\\"q\\\" y\",1\nx\\,y,\\\"z\n\"\\\\\",c:\\é\n").shows(&[
        "a|b",
        "2: x \"q\" y|1",
        "3: x,y|\"z",
        "4: \\|c:é",
    ]);
    // A doubled quote is one too, and a line ends where it does.
    escaped("a,b\n\"x \"\"q\"\"\",1\\\n2,3\\").shows(&["a|b", "2: x \"q\"|1\\", "3: 2|3\\"]);
    escaped("a,b\n\"x \\\n y\",1\n").shows(&["a|b", "2: x \n y|1"]);
    let strict = |text: &str| escaped(text).with(|it| it.options.ragged = Ragged::Refuse);
    strict("a,b\n\"x\\\",1\n").refused("quote", "never closed");
    strict("a,b\n\"x\"\\,1\n").refused("quote", "after a closing quote");
    Case::new("a.csv", "a,b\n\"x \\\"q\",1\n").refused("quote", "`escape`");
    Case::new("a.csv", "a,b\n1,2\n").with(|it| it.options.escape = Some('"')).refused("dialect", "`escape`");
}

#[test]
fn the_delimiter_is_found_also_where_signs_are_escaped() {
    let case = Case::new("a.csv", "a;b\nx\\;y;1\nz;2\n").with(|it| it.options.escape = Some('\\'));
    let answer = case.shows(&["a|b", "2: x;y|1", "3: z|2"]);
    assert_eq!(answer.found.delimiter, Some(';'));
}
