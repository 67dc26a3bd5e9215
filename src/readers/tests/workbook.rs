//! Workbooks, sound and hostile.

use rust_xlsxwriter::{ExcelDateTime, Format as Style, Formula, Workbook};

use super::*;

const HEADER: &str =
    r#"<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="B1" t="inlineStr"><is><t>b</t></is></c></row>"#;

/// A hand-made sheet whose second row has these cells.
fn with_row(cells: &str) -> Book {
    Book::new(&format!(r#"{HEADER}<row r="2">{cells}</row>"#))
}

fn check_row(cells: &str, expected: &str) {
    with_row(cells).case().shows(&["a|b", expected]);
}

fn save(book: &mut Workbook) -> Case {
    Case::new("book.xlsx", book.save_to_buffer().unwrap())
}

#[test]
fn cells_are_read_as_people_read_them() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, name) in ["id", "code", "when", "at", "share", "ok", "sum", "note"].into_iter().enumerate() {
        sheet.write_string(0, column as u16, name).unwrap();
    }
    let style = |code: &str| Style::new().set_num_format(code);
    let day = ExcelDateTime::from_ymd(2025, 7, 26).unwrap();
    sheet.write_number(1, 0, 8_001_015_009_087.0).unwrap();
    sheet.write_number_with_format(1, 1, 42.0, &style("00000")).unwrap();
    sheet.write_datetime_with_format(1, 2, &day, &style("dd/mm/yyyy")).unwrap();
    let moment = ExcelDateTime::from_ymd(2025, 7, 26).unwrap().and_hms(13, 45, 0).unwrap();
    sheet.write_datetime_with_format(1, 3, &moment, &style("yyyy-mm-dd hh:mm")).unwrap();
    sheet.write_number_with_format(1, 4, 0.125, &style("0.0%")).unwrap();
    sheet.write_boolean(1, 5, true).unwrap();
    sheet.write_formula(1, 6, Formula::new("=1+2").set_result("3")).unwrap();
    sheet.write_string(1, 7, " two\nlines ").unwrap();
    sheet.write_string(3, 0, "007").unwrap();
    sheet.write_string(3, 7, "  ").unwrap();
    let answer = save(&mut book).shows(&[
        "id|code|when|at|share|ok|sum|note",
        "2: 8001015009087|00042|2025-07-26|2025-07-26T13:45:00|0.125|true|3| two\nlines ",
        "4: 007|·|·|·|·|·|·|·",
    ]);
    assert_eq!(answer.found.sheet.as_deref(), Some("Sheet1"));
    let kinds = &answer.trailer.columns;
    assert_eq!((kinds[0].number, kinds[0].text, kinds[0].blank), (1, 1, 0));
    assert_eq!(kinds[1].formats, ["00000"]);
    assert_eq!((kinds[2].date, &kinds[2].formats[..]), (1, &["dd/mm/yyyy".to_owned()][..]));
    assert_eq!((kinds[5].boolean, kinds[6].formula, kinds[6].number, kinds[7].blank), (1, 1, 1, 1));
}

#[test]
fn a_large_sheet_comes_in_order_and_whole() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "n").unwrap();
    for row in 1..=40_000 {
        sheet.write_string(row, 0, format!("text {row}")).unwrap();
    }
    let case = save(&mut book);
    let answer = case.read().unwrap();
    assert_eq!(answer.trailer.rows, 40_000);
    let expected = (1..=40_000).map(|row| format!("{}: text {row}", row + 1));
    assert!(answer.lines[1..].iter().eq(&expected.collect::<Vec<_>>()));
    let head = case.with(|it| it.rows = Some(1)).read().unwrap();
    assert_eq!((head.lines.len(), head.found), (2, answer.found));
}

#[test]
fn error_cells_are_counted_and_never_text() {
    let errors = ["#REF!", "#N/A", "#SPILL!", "#CALC!", "#BUSY!", "anything"];
    let row =
        |(at, error)| format!(r#"<row r="{at}"><c r="A{at}"><v>1</v></c><c r="B{at}" t="e"><v>{error}</v></c></row>"#);
    let rows: String = (2..).zip(errors).map(row).collect();
    let answer = Book::new(&format!("{HEADER}{rows}")).case().read().unwrap();
    assert_eq!((answer.trailer.rows, answer.trailer.error_count, answer.trailer.columns[1].error), (6, 6, 6));
    assert_eq!(answer.trailer.errors, ["B2", "B3", "B4", "B5", "B6", "B7"]);
    assert!(answer.lines[1..].iter().all(|it| it.ends_with("1|·")));
}

#[test]
fn formulas_give_what_they_gave_last() {
    let cached = r#"<c r="A2"><f>1+2</f><v>3</v></c><c r="B2" t="str"><f>X</f><v>abc</v></c>"#;
    check_row(cached, "2: 3|abc");
    let never = with_row(r#"<c r="A2"><f>1+2</f></c><c r="B2" t="str"><f>X</f><v></v></c>"#).case().read().unwrap();
    assert_eq!(never.lines[1..], ["2: ·|·"]);
    assert_eq!((never.trailer.columns[0].error, never.trailer.columns[1].blank), (1, 1));
    assert_eq!(never.trailer.errors, ["A2"]);
    // Some programs write an empty value for none; only a text may be empty.
    for empty in ["<v/>", "<v></v>", "<v> </v>"] {
        for kind in ["", r#" t="n""#, r#" t="b""#, r#" t="s""#, r#" t="d""#] {
            let cells = format!(r#"<c r="A2"{kind}><f>1+2</f>{empty}</c><c r="B2"{kind}>{empty}</c>"#);
            let never = with_row(&cells).case().read().unwrap();
            assert_eq!(never.trailer.errors, ["A2"], "{cells}");
        }
        let cells = format!(r#"<c r="A2"><v>1</v></c><c r="B2" t="str"><f>""</f>{empty}</c>"#);
        assert_eq!(with_row(&cells).case().shows(&["a|b", "2: 1|·"]).trailer.error_count, 0);
    }
}

#[test]
fn odd_values_are_values_or_errors() {
    check_row(r#"<c r="A2" t="b"><v>1</v></c><c r="B2" t="b"><v>2</v></c>"#, "2: true|·");
    check_row(r#"<c r="A2"><v>1e400</v></c><c r="B2"><v>8.001015009087E12</v></c>"#, "2: ·|8001015009087");
    check_row(r#"<c r="A2"><v>NaN</v></c><c r="B2"><v>9007199254740993</v></c>"#, "2: ·|9007199254740993");
    check_row(
        r#"<c r="A2" t="d"><v>2024-01-02T03:04:05Z</v></c><c r="B2" t="d"><v>2024-13-99</v></c>"#,
        "2: 2024-01-02T03:04:05|·",
    );
    check_row(
        r#"<c r="A2" t="str"><v>a &amp; b&#33;</v></c><c r="B2" t="str"><v><![CDATA[<x>]]></v></c>"#,
        "2: a & b!|<x>",
    );
    check_row(
        r#"<c r="A2" t="inlineStr"><is><r><t>one </t></r><r><rPr><b/></rPr><t>two</t></r><rPh sb="0" eb="1"><t>KANA</t></rPh></is></c>"#,
        "2: one two|·",
    );
    check_row(r#"<c r="A2" t="str"><v>a_x000D_b</v></c><c r="B2" t="str"><v>_x005F_x0041_</v></c>"#, "2: a\rb|_x0041_");
}

#[test]
fn shared_texts_are_joined_and_held_to_their_table() {
    let mut book = with_row(r#"<c r="A2" t="s"><v>1</v></c><c r="B2" t="s"><v>0</v></c>"#);
    book.strings = r#"<si><t xml:space="preserve"> first </t></si><si><r><t>hello </t></r><r><t>world</t></r><rPh><t>KANA</t></rPh></si>"#.to_owned();
    book.case().shows(&["a|b", "2: hello world| first "]);
    for index in ["2", "-1", "1000000000", "x"] {
        let mut wrong = with_row(&format!(r#"<c r="A2" t="s"><v>{index}</v></c>"#));
        wrong.strings = book.strings.clone();
        wrong.case().refused("cell", "`A2`");
    }
    check_row(r#"<c r="A2" t="s"><v/></c><c r="B2"><v>1</v></c>"#, "2: ·|1");
}

#[test]
fn dates_follow_the_system_of_the_workbook() {
    let mut book = with_row(r#"<c r="A2" s="1"><v>60</v></c><c r="B2" s="1"><v>45292</v></c>"#);
    book.styles = r#"<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>"#.to_owned();
    // Day 60 never was: what is no date stays the number that it is.
    let answer = book.case().shows(&["a|b", "2: 60|2024-01-01"]);
    assert!(answer.trailer.errors.is_empty());
    // An extension has an element of this name that says nothing of it.
    book.properties = concat!(
        r#"<workbookPr date1904="1"/>"#,
        r#"<extLst><ext><x15:workbookPr xmlns:x15="x" chartTrackingRefBase="1"/></ext></extLst>"#
    );
    book.case().shows(&["a|b", "2: 1904-03-01|2028-01-02"]);
    // A style that is not there shows the number as it is.
    let mut none = with_row(r#"<c r="A2" s="7"><v>1</v></c>"#);
    none.styles = book.styles.clone();
    assert_eq!(none.case().shows(&["a|b", "2: 1|·"]).letters, ["n"]);
    // Which system it is goes with the numbers that show no day.
    none.properties = book.properties;
    assert_eq!(none.case().shows(&["a|b", "2: 1|·"]).letters, ["N"]);
}

#[test]
fn cells_are_held_to_the_grid() {
    let refused = |rows: &str, words: &str| Book::new(&format!("{HEADER}{rows}")).case().refused("cell", words);
    refused(r#"<row r="1048577"><c r="A1048577"><v>1</v></c></row>"#, "off the grid");
    refused(r#"<row r="2"><c r="XFE2"><v>1</v></c></row>"#, "`XFE2`");
    refused(r#"<row r="2"><c r="ZZZZZZZZ2"><v>1</v></c></row>"#, "off the grid");
    refused(r#"<row r="99999999999999999999"><c><v>1</v></c></row>"#, "off the grid");
    refused(r#"<row r="-1"><c r="A0"><v>1</v></c></row>"#, "off the grid");
    refused(r#"<row r="3"/><row r="2"/>"#, "row 2 after row 3");
    refused(r#"<row r="2"/><row r="2"/>"#, "row 2 after row 2");
    refused(r#"<row r="2"><c r="A3"><v>1</v></c></row>"#, "cell `A3` in row 2");
    refused(r#"<row r="2"><c r="B2"><v>1</v></c><c r="B2"><v>2</v></c></row>"#, "twice");
    refused(r#"<row r="2"><c r="A2" t="zz"><v>1</v></c></row>"#, "kind");
}

#[test]
fn positions_are_right_without_references_and_out_of_order() {
    Book::new("<row><c t=\"str\"><v>a</v></c><c t=\"str\"><v>b</v></c></row><row><c><v>1</v></c><c><v>2</v></c></row>")
        .case()
        .shows(&["a|b", "2: 1|2"]);
    check_row(r#"<c r="B2"><v>2</v></c><c r="A2"><v>1</v></c>"#, "2: 1|2");
}

#[test]
fn far_cells_cost_no_grid() {
    let far = format!(r#"{HEADER}<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#);
    let answer = Book::new(&far).case().read().unwrap();
    let names: Vec<_> = answer.found.columns.iter().map(|it| it.name.as_str()).collect();
    assert_eq!((answer.trailer.rows, names.as_slice()), (1, &["a", "b", "XFD"][..]));
}

#[test]
fn a_table_may_stand_anywhere() {
    let rows = r#"<row r="3"><c r="B3" t="str"><v>Title</v></c></row>
        <row r="7"><c r="D7" t="str"><v>name</v></c><c r="E7" t="str"><v>city</v></c></row>
        <row r="8"><c r="D8" t="str"><v>Jo</v></c><c r="E8" t="str"><v>Durban</v></c></row>"#;
    let answer =
        Book::new(rows).case().with(|it| it.options.header = Header::Detect).shows(&["name|city", "8: Jo|Durban"]);
    assert_eq!((answer.found.header, answer.found.columns[0].letter.as_str()), (Header::Row(7), "D"));
    Book::new(rows).case().refused("header", "row 1 of `book.xlsx` is blank");
}

#[test]
fn sheets_are_named_or_alone() {
    let two = |state: &str| {
        let mut book = Book::new(HEADER);
        book.sheets = format!(
            r#"<sheet name="One &amp; &#x202e;" r:id="rId1"/><sheet name="Two" r:id="rId2"{state}/><sheet name="Chart" r:id="rIdChart"/>"#
        );
        book.case()
    };
    two("").refused("sheet", "several sheets: `One & \\u{202e}`, `Two`");
    two(r#" state="hidden""#).shows(&["a|b"]);
    two(r#" state="veryHidden""#).with(|it| it.options.sheet = Some("two".to_owned())).shows(&["a|b"]);
    two("").with(|it| it.options.sheet = Some("Three".to_owned())).refused("sheet", "it has `One & \\u{202e}`, `Two`");
    two("").with(|it| it.options.sheet = Some("Chart".to_owned())).refused("sheet", "is a chart");
    let mut none = Book::new(HEADER);
    none.sheets = String::new();
    none.case().refused("empty", "has no sheet");
    Book::new("").case().refused("empty", "no cell with a value");
}

#[test]
fn hidden_rows_and_columns_go_only_when_told() {
    let mut book = Book::new("");
    book.sheet = format!(
        r#"<worksheet><cols><col min="2" max="2" hidden="1"/></cols><sheetData>{HEADER}
        <row r="2" hidden="1"><c r="A2"><v>1</v></c><c r="B2"><v>2</v></c></row>
        <row r="3"><c r="A3"><v>3</v></c><c r="B3"><v>4</v></c></row></sheetData></worksheet>"#
    );
    book.case().shows(&["a|b", "2: 1|2", "3: 3|4"]);
    let answer = book.case().with(|it| it.options.hidden = Hidden::Exclude).shows(&["a", "3: 3"]);
    assert_eq!(answer.trailer.left_out, [(LeftOut::Hidden, 1)].into());
    // Without width or height.
    let none = book.sheet.replace(r#"max="2" hidden="1""#, r#"max="2" width="0" customWidth="1""#);
    let shown =
        std::mem::replace(&mut book.sheet, none.replace(r#"r="2" hidden="1""#, r#"r="2" ht="0" customHeight="1""#));
    book.case().with(|it| it.options.hidden = Hidden::Exclude).shows(&["a", "3: 3"]);
    book.sheet = shown;
    book.sheets = r#"<sheet name="Sheet1" sheetId="1" state="hidden" r:id="rId1"/>"#.to_owned();
    let warn = book.case().with(|it| (it.options.hidden, it.options.sheet) = (Hidden::Warn, Some("Sheet1".to_owned())));
    let answer = warn.shows(&["a|b", "2: 1|2", "3: 3|4"]);
    let told: Vec<_> = answer.found.warnings.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(told, ["sheet `Sheet1` of `book.xlsx` is hidden", "`book.xlsx` has 1 hidden column: B"]);
    assert_eq!(answer.trailer.hidden, 1);
}

/// A sheet of texts, row by row with `|` between cells, and the ranges of cells that are merged.
fn sheet_of(rows: &[&str], merged: &[&str]) -> Book {
    let mut text = String::new();
    for (row, line) in rows.iter().enumerate() {
        let row = row + 1;
        text += &format!(r#"<row r="{row}">"#);
        for (column, cell) in line.split('|').enumerate().filter(|(_, it)| !it.is_empty()) {
            let kind = if cell.parse::<f64>().is_ok() { "n" } else { "str" };
            text += &format!(r#"<c r="{}{row}" t="{kind}"><v>{cell}</v></c>"#, row::letters(column as u32));
        }
        text += "</row>";
    }
    let mut book = Book::new(&text);
    let merged: String = merged.iter().map(|it| format!(r#"<mergeCell ref="{it}"/>"#)).collect();
    book.sheet = book.sheet.replace("</sheetData>", &format!("</sheetData><mergeCells>{merged}</mergeCells>"));
    book
}

#[test]
fn groups_above_complete_names_are_joined_where_two_rows_are_declared() {
    sheet_of(&["Club||Contact||", "Name|Town|First|Last|E-mail", "Aero|Ghent|Bo|Kestrel|bo@x.co"], &["A1:B1", "C1:E1"])
        .case()
        .with(|it| it.options.header = Header::Rows(1, 2))
        .shows(&["Club Name|Club Town|Contact First|Contact Last|Contact E-mail", "3: Aero|Ghent|Bo|Kestrel|bo@x.co"]);
}

#[test]
fn a_row_of_units_below_the_header_is_part_of_the_names() {
    sheet_of(&["name|weight|speed", "|(kg)|[kt]", "Aero|3|4", "Blue|5|6"], &[])
        .case()
        .with(|it| it.options.header = Header::Detect)
        .shows(&["name|weight (kg)|speed [kt]", "3: Aero|3|4", "4: Blue|5|6"]);
    for dash in ["-", "\u{2013}", "/"] {
        sheet_of(&["name|weight|speed", &format!("{dash}|(kg)|[kt]"), "Aero|3|4", "Blue|5|6"], &[])
            .case()
            .with(|it| it.options.header = Header::Detect)
            .shows(&["name|weight (kg)|speed [kt]", "3: Aero|3|4", "4: Blue|5|6"]);
    }
}

#[test]
fn a_merged_header_cell_names_all_of_its_columns() {
    let check = |rows: &[&str], merged: &[&str], expected: &[&str], detected: &str| {
        let answer = sheet_of(rows, merged).case().with(|it| it.options.header = Header::Detect).shows(expected);
        assert_eq!(answer.found.detected.last().unwrap().answer, detected);
        assert!(answer.found.warnings.is_empty(), "{:?}", answer.found.warnings);
    };
    check(
        &["Addresses|||", "name|airport||city", "Ada|FA|Hangar 3|Durban", "Bo|FB|Hangar 4|George"],
        &["A1:D1", "B2:C2"],
        &["name|airport|airport_2|city", "3: Ada|FA|Hangar 3|Durban", "4: Bo|FB|Hangar 4|George"],
        "2",
    );
    check(
        &["Report||||", "name|person||billing||notes", "|first|phone|first|phone|", "A|Jo|82|Al|83|x"],
        &["A1:E1", "A2:A3", "B2:C2", "D2:E2", "F2:F3"],
        &["name|person first|person phone|billing first|billing phone|notes", "4: A|Jo|82|Al|83|x"],
        "[2, 3]",
    );
    check(
        &["person||billing|", "name|phone|name|phone", "Jo|82|Al|83", "Di|84|Ed|85"],
        &["A1:B1", "C1:D1"],
        &["person name|person phone|billing name|billing phone", "3: Jo|82|Al|83", "4: Di|84|Ed|85"],
        "[1, 2]",
    );
    check(
        &["who||where|", "name|phone|city|area", "Jo|82|Durban|KZN", "Di|84|George|WC"],
        &["A1:B1", "C1:D1"],
        &["name|phone|city|area", "3: Jo|82|Durban|KZN", "4: Di|84|George|WC"],
        "2",
    );
}

#[test]
fn merged_cells_below_the_header_are_filled_where_that_is_declared() {
    let book = sheet_of(&["area|name|n", "Cape|Ada|5", "|Bo|7", "Natal|Cy|1"], &["A2:A3"]);
    book.case().shows(&["area|name|n", "2: Cape|Ada|5", "3: ·|Bo|7", "4: Natal|Cy|1"]);
    let filled = book.case().with(|it| it.options.merged = Merged::Fill);
    filled.shows(&["area|name|n", "2: Cape|Ada|5", "3: Cape|Bo|7", "4: Natal|Cy|1"]);
}

/// The first cell of an area has its value, also where its row or column is hidden or beside the range.
#[test]
fn merged_cells_have_the_value_of_a_cell_that_is_left_out() {
    let rows = ["area|name|n|m", "Cape|Ada|5|", "|Bo|7|", "|Cy|1|2", "Natal|||x"];
    let mut book = sheet_of(&rows, &["A1:A1", "A2:A4", "A5:C5", "D2:D3"]);
    let fill = |it: &mut Request| it.options.merged = Merged::Fill;
    let hide = |it: &mut Request| it.options.hidden = Hidden::Exclude;
    let all = ["area|name|n|m", "2: Cape|Ada|5|·", "3: Cape|Bo|7|·", "4: Cape|Cy|1|2", "5: Natal|Natal|Natal|x"];
    book.case().with(fill).shows(&all);
    let row = |header| move |it: &mut Request| it.options.header = header;
    let range = |range: &str| {
        let range = range.to_owned();
        move |it: &mut Request| it.options.range = Some(range)
    };
    book.case().with(fill).with(row(Header::Row(1))).with(range("A3:D5")).shows(&[all[0], all[2], all[3], all[4]]);
    let beside = book.case().with(fill).with(row(Header::Row(1))).with(range("B:D"));
    beside.shows(&["name|n|m", "2: Ada|5|·", "3: Bo|7|·", "4: Cy|1|2", "5: Natal|Natal|x"]);
    book.sheet = book.sheet.replace(r#"<row r="2">"#, r#"<row r="2" hidden="1">"#);
    book.case().with(fill).with(hide).shows(&[all[0], all[2], all[3], all[4]]);
    book.sheet = book.sheet.replace("<sheetData>", r#"<cols><col min="1" max="2" hidden="1"/></cols><sheetData>"#);
    let shown = ["n|m", "3: 7|·", "4: 1|2", "5: Natal|x"];
    book.case().with(fill).with(hide).shows(&shown);
    // A hidden column amid an area is none of the table.
    book.sheet = book.sheet.replace(r#"min="1" max="2""#, r#"min="2" max="2""#);
    let shown = ["area|n|m", "3: Cape|7|·", "4: Cape|1|2", "5: Natal|Natal|x"];
    book.case().with(fill).with(hide).shows(&shown);
}

#[test]
fn a_total_below_a_sheet_is_no_record() {
    let rows = ["name|city|n", "Ada|Durban|5", "Bo|George|7", "Cy|Knysna|1", "", "Summe||13", "as of March||"];
    let book = sheet_of(&rows, &[]);
    book.case().shows(&["name|city|n", "2: Ada|Durban|5", "3: Bo|George|7", "4: Cy|Knysna|1"]);
    book.case().aside(&[
        "name|city|n|_reason|_beyond",
        "6: Summe|·|13|it looks like a total|·",
        "7: as of March|·|·|it stands below what looks like a total|·",
    ]);
}

#[test]
fn a_sheet_that_stops_early_is_not_a_shorter_sheet() {
    let whole = Book::new(HEADER);
    let mut cut = whole.clone();
    cut.sheet.truncate(cut.sheet.len() - "</sheetData></worksheet>".len());
    cut.case().refused("damaged", "ends before it is complete");
    for share in [10, 50, 90, 99] {
        let bytes = whole.bytes();
        Case::new("book.xlsx", &bytes[..bytes.len() * share / 100]).refused("damaged", "book.xlsx");
    }
    for part in ["_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml"] {
        let mut book = whole.clone();
        book.without = part;
        book.case().refused("damaged", part);
    }
}

#[test]
fn parts_are_text_without_a_document_type() {
    let refused = |sheet: Vec<u8>, words: &str| {
        let mut book = Book::new("");
        book.extra.push(("xl/worksheets/sheet1.xml", sheet));
        book.case().refused("damaged", words);
    };
    let sheet = Book::new(HEADER).sheet;
    let read = |sheet: Vec<u8>| {
        let mut book = Book::new("");
        book.extra.push(("xl/worksheets/sheet1.xml", sheet));
        book.case().shows(&["ä|b"]);
    };
    let umlaut = sheet.replace(">a<", ">ä<");
    read(format!("\u{feff}{umlaut}").encode_utf16().flat_map(u16::to_le_bytes).collect());
    read(format!(r#"<?xml version="1.0" encoding="utf-16"?>{umlaut}"#).into_bytes());
    let latin = format!(r#"<?xml version="1.0" encoding="ISO-8859-1"?>{umlaut}"#);
    read(latin.chars().map(|it| it as u8).collect());
    refused(format!(r#"<?xml version="1.0" encoding="klingon"?>{sheet}"#).into_bytes(), "klingon");
    refused(format!("<!DOCTYPE a [<!ENTITY b \"c\">]>{sheet}").into_bytes(), "document type");
    refused(
        sheet
            .replace(">a<", ">\u{1}<")
            .replace('\u{1}', "@")
            .bytes()
            .map(|it| if it == b'@' { 0xff } else { it })
            .collect(),
        "not UTF-8",
    );
    refused(sheet.replace("</row>", "</rov>").into_bytes(), "do not match");
    with_row(r#"<c r="A2" t="str"><v>x&#0;y</v></c>"#).case().refused("cell", "reference");
    with_row(r#"<c r="A2" t="str"><v>&lol;</v></c>"#).case().refused("cell", "reference");
}

#[test]
fn parts_keep_to_what_they_declare() {
    let mut bytes = Book::new(HEADER).bytes();
    let mut stored = ::zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let mut archive = ::zip::ZipArchive::new(std::io::Cursor::new(std::mem::take(&mut bytes))).unwrap();
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).unwrap();
        let options = ::zip::write::SimpleFileOptions::default().compression_method(::zip::CompressionMethod::Stored);
        stored.start_file(part.name().unwrap(), options).unwrap();
        std::io::copy(&mut part, &mut stored).unwrap();
    }
    let mut bytes = stored.finish().unwrap().into_inner();
    let at = bytes.windows(3).position(|it| it == b">b<").unwrap();
    bytes[at + 1] = b'X';
    Case::new("book.xlsx", bytes).refused("damaged", "does not match its checksum");
    let mut twice = Book::new(HEADER);
    twice.extra.push(("XL/Workbook.xml", b"<workbook/>".to_vec()));
    twice.case().refused("damaged", "one name");
    Case::new("book.xlsx", zip(&[])).refused("damaged", "without a part");
}

#[test]
fn what_unpacks_to_too_much_is_refused() {
    let mut bomb = Book::new(HEADER);
    bomb.sheet = bomb.sheet.replace("<sheetData>", &format!("<sheetData>{}", " ".repeat(8 << 20)));
    bomb.case().refused("too-large", "200 times");
    bomb.case().with(|it| it.limits.ratio = 2000).shows(&["a|b"]);
    bomb.case().with(|it| (it.limits.ratio, it.limits.part_bytes) = (2000, 4 << 20)).refused("too-large", "4 MiB");
    let long = with_row(&format!(r#"<c r="A2" t="str"><v>{}</v></c>"#, "x".repeat(3000)));
    long.case().with(|it| it.limits.cell_bytes = 2000).refused("too-large", "`A2`");
}

#[test]
fn values_beside_the_table_are_never_dropped() {
    let mut rows = HEADER.to_owned();
    for row in 2..2000 {
        rows += &format!(r#"<row r="{row}"><c r="A{row}"><v>{row}</v></c></row>"#);
    }
    let stray = format!(r#"{rows}<row r="2000"><c r="H2000"><v>1</v></c></row>"#);
    let strict = Book::new(&stray).case().with(|it| it.options.ragged = Ragged::Refuse);
    strict.refused("beside", "`H2000`, beside the table, which spans columns A to B");
    let answer = Book::new(&stray).case().read().unwrap();
    assert_eq!((answer.trailer.rows, answer.trailer.other), (1998, 1));
    Book::new(&stray)
        .case()
        .aside(&["a|b|_reason|_beyond", "2000: ·|·|it has a value beside the table, in H2000|H: 1"]);
    let limited = Book::new(&stray).case().with(|it| it.options.range = Some("A:B".to_owned())).read().unwrap();
    assert_eq!(limited.trailer.rows, 1998);
}

#[test]
fn parts_may_stand_in_folders_as_windows_writes_them() {
    let bytes = Book::new(HEADER).bytes();
    let mut archive = ::zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut parts = Vec::new();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        let mut content = Vec::new();
        std::io::Read::read_to_end(&mut part, &mut content).unwrap();
        parts.push((part.name().unwrap().replace('/', "\\"), content));
    }
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, it)| (name.as_str(), it.as_slice())).collect();
    Case::new("a.xlsx", zip(&parts)).shows(&["a|b"]);
}

#[test]
fn an_old_workbook_that_is_none_is_refused() {
    let mut junk = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    junk.extend((0..2048).map(|it| it as u8));
    Case::new("a.xls", &junk).refused("damaged", "workbook of this kind");
    Case::new("a.ods", zip(&[("mimetype", b"x")])).refused("damaged", "workbook of this kind");
    Case::new("a.xlsb", zip(&[("a", b"x")])).refused("damaged", "part `_rels/.rels` is missing");
}

#[test]
fn open_document_sheets_are_read() {
    let content = r#"<?xml version="1.0"?><office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><office:body><office:spreadsheet><table:table table:name="T1"><table:table-row><table:table-cell office:value-type="string"><text:p>name</text:p></table:table-cell><table:table-cell office:value-type="string"><text:p>born</text:p></table:table-cell></table:table-row><table:table-row><table:table-cell office:value-type="float" office:value="7"><text:p>7</text:p></table:table-cell><table:table-cell office:value-type="date" office:date-value="2001-02-03"><text:p>3 Feb</text:p></table:table-cell></table:table-row><table:table-row><table:table-cell table:formula="of:=1/0"/><table:table-cell table:formula="of:=1+2" office:value-type="float" office:value="3"><text:p>3</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"#;
    let bytes = zip(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", content.as_bytes()),
        ("META-INF/manifest.xml", b"<manifest:manifest xmlns:manifest=\"m\"/>"),
    ]);
    let answer = Case::new("a.ods", bytes).shows(&["name|born", "2: 7|2001-02-03", "3: ·|3"]);
    assert_eq!((answer.trailer.errors.as_slice(), answer.trailer.columns[1].formula), (&["A3".to_owned()][..], 1));
}
