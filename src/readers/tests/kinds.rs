//! One sheet as workbooks of every kind: what a person reads does not depend on how it was saved.

use proptest::prelude::*;
use rust_xlsxwriter::{Format as Style, Workbook};

use super::written::{compound, put, record, wide};
use super::*;

/// A number under a format: the code, the same as a style of OpenDocument, its value there, and what a person reads.
struct Shown {
    code: &'static str,
    style: &'static str,
    number: f64,
    value: &'static str,
    text: &'static str,
}

const DAY: &str =
    "<n:date-style s:name='N'><n:year/><n:text>-</n:text><n:month/><n:text>-</n:text><n:day/></n:date-style>";
const CLOCK: &str = "<n:time-style s:name='N'><n:hours/><n:text>:</n:text><n:minutes/></n:time-style>";
const MOMENT: &str =
    "<n:date-style s:name='N'><n:year/><n:month/><n:day/><n:text> </n:text><n:hours/><n:minutes/></n:date-style>";
const HOURS: &str =
    "<n:time-style s:name='N' n:truncate-on-overflow='false'><n:hours/><n:minutes/><n:seconds/></n:time-style>";
const FIVE: &str = "<n:number-style s:name='N'><n:number n:min-integer-digits='5'/></n:number-style>";
const SOCIAL: &str = "<n:number-style s:name='N'><n:number n:min-integer-digits='9'>\
    <n:embedded-text n:position='6'>-</n:embedded-text><n:embedded-text n:position='4'>-</n:embedded-text></n:number></n:number-style>";
const PREFIX: &str =
    "<n:number-style s:name='N'><n:text>A-</n:text><n:number n:min-integer-digits='3'/></n:number-style>";
const SHARE: &str = "<n:percentage-style s:name='N'><n:number n:min-integer-digits='1' n:decimal-places='2'/><n:text>%</n:text></n:percentage-style>";
const PLACES: &str =
    "<n:number-style s:name='N'><n:number n:min-integer-digits='4' n:decimal-places='2'/></n:number-style>";
const GROUPS: &str =
    "<n:number-style s:name='N'><n:number n:min-integer-digits='4' n:grouping='true'/></n:number-style>";
const WORD: &str =
    "<n:number-style s:name='N'><n:text>Day </n:text><n:number n:min-integer-digits='1'/></n:number-style>";

const fn shown(code: &'static str, style: &'static str, number: f64, value: &'static str, text: &'static str) -> Shown {
    Shown { code, style, number, value, text }
}

const ZIP: &str = "<n:number-style s:name='P'><n:number n:min-integer-digits='5'/></n:number-style>\
    <n:number-style s:name='N'><n:number n:min-integer-digits='9'><n:embedded-text n:position='4'>-</n:embedded-text>\
    </n:number><s:map s:condition='value()&lt;=99999' s:apply-style-name='P'/></n:number-style>";
const BEHIND: &str =
    "<n:number-style s:name='N'><n:number n:min-integer-digits='5'/><n:text>-DE</n:text></n:number-style>";
const WRITTEN: &str = "<n:number-style s:name='N'><n:number n:min-integer-digits='1' n:decimal-places='1'/><n:text>%</n:text></n:number-style>";

const CELLS: [Shown; 21] = [
    shown("00000", FIVE, 17.0, "float 17", "00017"),
    shown("00000", FIVE, 4.5, "float 4.5", "4.5"),
    shown("00000", FIVE, -17.0, "float -17", "-00017"),
    shown("000-00-0000", SOCIAL, 12_345_678.0, "float 12345678", "012-34-5678"),
    shown("\"A-\"000", PREFIX, 7.0, "float 7", "A-007"),
    shown("[<=99999]00000;00000-0000", ZIP, 501.0, "float 501", "00501"),
    shown("[<=99999]00000;00000-0000", ZIP, 21_341_234.0, "float 21341234", "02134-1234"),
    shown("00000\"-DE\"", BEHIND, 1067.0, "float 1067", "01067-DE"),
    shown("0.0\\%", WRITTEN, 12.5, "float 12.5", "12.5%"),
    shown("0.00%", SHARE, 0.125, "percentage 0.125", "0.125"),
    shown("0000.00", PLACES, 7.5, "float 7.5", "7.5"),
    shown("0,000", GROUPS, 7.0, "float 7", "7"),
    shown("\"Day \"0", WORD, 7.0, "float 7", "7"),
    shown("\"Day \"General", WORD, 45_292.0, "float 45292", "45292"),
    shown("yyyy-mm-dd", DAY, 45_292.0, "date 2024-01-01", "2024-01-01"),
    shown("yyyy-mm-dd", DAY, 45_292.5, "date 2024-01-01T12:00:00", "2024-01-01T12:00:00"),
    shown("yyyy-mm-dd hh:mm", MOMENT, 45_292.0, "date 2024-01-01", "2024-01-01T00:00:00"),
    shown("hh:mm", CLOCK, 0.427_083_333_333_333_3, "time PT10H15M00S", "10:15:00"),
    shown("[h]:mm:ss", HOURS, 10.632_060_185_185_185, "time PT255H10M10S", "255:10:10"),
    shown("[h]:mm:ss", HOURS, 0.0, "time PT00H00M00S", "00:00:00"),
    shown("General", "", 351_030_001_351_351.0, "float 351030001351351", "351030001351351"),
];

fn check(name: &str, bytes: &[u8]) {
    let mut expected = vec!["a".to_owned()];
    expected.extend(CELLS.iter().zip(2..).map(|(it, row)| format!("{row}: {}", it.text)));
    let answer = Case::new(name, bytes).read().unwrap();
    let differ: Vec<_> = answer.lines.iter().zip(&expected).filter(|(a, b)| a != b).collect();
    assert!(differ.is_empty() && answer.lines.len() == expected.len(), "{name}: {differ:?} {:?}", answer.lines);
    let is_date = |it: &Shown| ["date", "time"].iter().any(|kind| it.value.starts_with(kind));
    let letters: Vec<_> = CELLS.iter().map(|it| if is_date(it) { "" } else { "n" }).collect();
    assert_eq!(answer.letters, letters, "{name}");
}

#[test]
fn a_sheet_reads_the_same_however_it_was_saved() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "a").unwrap();
    for (row, it) in (1..).zip(&CELLS) {
        sheet.write_number_with_format(row, 0, it.number, &Style::new().set_num_format(it.code)).unwrap();
    }
    check("a.xlsx", &book.save_to_buffer().unwrap());
    check("a.ods", &ods(&open_document(), ""));
    check("a.xlsb", &binary(&[], false));
    check("a.xls", &compound(&old(false), false));
    check("a.xls", &compound(&old(false), true));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// What is looked up beside the library ends, and without a panic, whatever the file holds.
    #[test]
    fn damage_is_looked_through(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        short: bool,
        inside: bool,
    ) {
        let damage = |bytes: &mut Vec<u8>| {
            let length = bytes.len();
            changes.iter().for_each(|(at, byte)| bytes[at.index(length)] = *byte);
        };
        let mut stream = old(true);
        if inside {
            damage(&mut stream);
        }
        let mut file = compound(&stream, short);
        if !inside {
            damage(&mut file);
        }
        legacy::look_through(&file);
    }

    /// OpenDocument of whatever elements is read or refused.
    #[test]
    fn any_elements_are_read_or_refused(
        parts in prop::collection::vec(prop::sample::select(&[
            "<t:table t:name='S'>", "</t:table>", "<t:table-row>", "</t:table-row>", "<t:table-cell>", "</t:table-cell>",
            "<t:table-cell o:value-type='float' o:value='1'/>", "<t:table-row t:number-rows-repeated='99999999'>",
            "<t:table-cell t:number-columns-repeated='4294967295'/>", "<x:p>", "</x:p>", "a", " ", "<x:s x:c='9'/>",
            "<t:table-cell o:value-type='time' o:time-value='PT1H'/>", "<t:table-column t:number-columns-repeated='0'/>",
            "<s:style s:name='c' s:family='table-cell' s:parent-style-name='c'/>", "<n:number-style s:name='n'>",
            "<n:number n:min-integer-digits='70'>", "<n:embedded-text n:position='3'>", "</n:embedded-text>", "</n:number>",
            "</n:number-style>", "<t:table-cell t:style-name='c' o:value-type='date' o:date-value='x'/>",
        ][..]), 0..24)
    ) {
        let case = Case::new("a.ods", ods(&parts.concat(), ""));
        let _ = read(&case.request, &mut |_| Ok(()), &mut |_| Ok(()));
    }
}

#[test]
fn what_is_hidden_and_merged_is_known_of_every_kind() {
    // The second row and column B are hidden, A2 and B2 are one.
    for (name, bytes) in [("a.xlsb", binary(&[], true)), ("a.xls", compound(&old(true), false))] {
        let case = || Case::new(name, &bytes);
        let whole = case().read().unwrap();
        assert_eq!((&whole.lines[..3], whole.trailer.hidden), (&LINES.map(str::to_owned)[..], 1), "{name}");
        let shown = case().with(|it| it.options.hidden = Hidden::Exclude).read().unwrap();
        assert_eq!(shown.lines[..2], ["a", "3: 4.5"], "{name}");
        let filled = case().with(|it| it.options.merged = Merged::Fill).read().unwrap();
        assert_eq!(filled.lines[1..3], ["2: 00017|00017", "3: 4.5|·"], "{name}");
    }
    const LINES: [&str; 3] = ["a|b", "2: 00017|·", "3: 4.5|·"];
}

// ---- OpenDocument ----

pub(super) fn ods(rows: &str, styles: &str) -> Vec<u8> {
    let content = format!(
        "<?xml version='1.0'?><o:document-content><o:automatic-styles>{styles}</o:automatic-styles><o:body>\
         <o:spreadsheet>{rows}</o:spreadsheet></o:body></o:document-content>"
    );
    zip(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", content.as_bytes()),
        ("styles.xml", b"<o:document-styles/>"),
    ])
}

fn open_document() -> String {
    let mut rows =
        "<t:table-row><t:table-cell o:value-type='string'><x:p>a</x:p></t:table-cell></t:table-row>".to_owned();
    let mut styles = String::new();
    for (at, it) in CELLS.iter().enumerate() {
        styles += &it.style.replace("'N'", &format!("'N{at}'"));
        styles += &format!("<s:style s:name='c{at}' s:family='table-cell' s:data-style-name='N{at}'/>");
        let (kind, value) = it.value.split_once(' ').unwrap();
        let name = if matches!(kind, "date" | "time") { format!("{kind}-value") } else { "value".to_owned() };
        rows += &format!(
            "<t:table-row><t:table-cell t:style-name='c{at}' o:value-type='{kind}' c:value-type='{kind}' o:{name}='{value}'>\
             <x:p>shown</x:p></t:table-cell></t:table-row>"
        );
    }
    format!("{styles}<t:table t:name='S'>{rows}</t:table>")
}

#[test]
fn formulas_of_open_document_that_give_nothing_are_errors_whatever_type_they_have() {
    let cell = |inside: &str, shown: &str| {
        format!("<t:table-row><t:table-cell {inside}><x:p>{shown}</x:p></t:table-cell></t:table-row>")
    };
    let formula = "t:formula='of:=1/0' o:value-type";
    let rows = [
        cell("o:value-type='string'", "a"),
        cell(&format!("{formula}='float' o:value='0'"), "Err:502"),
        cell(&format!("{formula}='string'"), "#N/A"),
        cell(&format!("{formula}='float' o:value='0'"), "0"),
        cell("o:value-type='string'", "#N/A"),
        cell(&format!("{formula}='string'"), "Err:"),
    ];
    let table = format!("<t:table t:name='S'>{}</t:table>", rows.concat());
    let answer = Case::new("a.ods", ods(&table, "")).read().unwrap();
    assert_eq!(answer.lines[1..], ["2: ·", "3: ·", "4: 0", "5: #N/A", "6: Err:"]);
    assert_eq!(answer.trailer.errors, ["A2", "A3"]);
}

#[test]
fn a_formula_of_open_document_that_was_never_computed_is_counted() {
    let cells = [
        "/>",
        "><x:p/></t:table-cell>",
        " o:value-type='float'/>",
        " o:value-type='float' o:value=''/>",
        " o:value-type='boolean' o:boolean-value=''/>",
        " o:value-type='' o:value=''/>",
        // A text may be empty.
        " o:value-type='string'/>",
        " o:value-type='string' o:string-value=''/>",
    ];
    let row = |cell: &str| format!("<t:table-row><t:table-cell o:value-type='float' o:value='1'/>{cell}</t:table-row>");
    let mut table = row("<t:table-cell o:value-type='string'><x:p>b</x:p></t:table-cell>");
    table.extend(cells.iter().map(|it| row(&format!("<t:table-cell t:formula='of:=1+2'{it}"))));
    let case = Case::new("a.ods", ods(&format!("<t:table t:name='S'>{table}</t:table>"), ""));
    let answer = case.with(|it| it.options.header = Header::Row(1)).read().unwrap();
    assert_eq!(answer.trailer.errors, ["B2", "B3", "B4", "B5", "B6", "B7"]);
    assert!(answer.lines[1..].iter().all(|it| it.ends_with("1|·")), "{:?}", answer.lines);
}

#[test]
fn texts_of_open_document_read_as_people_see_them() {
    let cell = |inside: &str| {
        let rows = format!(
            "<t:table t:name='S'>\n <t:table-row>\n  <t:table-cell o:value-type='string'>\n   <x:p>a</x:p>\n  </t:table-cell>\n \
             </t:table-row>\n <t:table-row>\n  <t:table-cell {inside}\n </t:table-row>\n</t:table>"
        );
        Case::new("a.ods", ods(&rows, "")).read().unwrap().lines[1..].join("\n")
    };
    let text = |inside: &str| cell(&format!("o:value-type='string'>{inside}</t:table-cell>"));
    assert_eq!(text("<x:p>one<x:s x:c='2'/>two<x:tab/>x</x:p><x:p/><x:p>b</x:p>"), "2: one  two\tx\n\nb");
    // Nothing is cut, and no number is too great to be understood.
    for many in ["16777217", "2147483648", "99999999999999999999"] {
        let rows = |cell: &str| format!("<t:table t:name='S'><t:table-row>{cell}</t:table-row></t:table>");
        let blanks = format!("<t:table-cell o:value-type='string'><x:p>a<x:s x:c='{many}'/>b</x:p></t:table-cell>");
        Case::new("a.ods", ods(&rows(&blanks), "")).refused("too-large", "a cell");
        let copies = format!(
            "<t:table-cell t:number-columns-repeated='{many}'/><t:table-cell o:value-type='float' o:value='1'/>"
        );
        Case::new("a.ods", ods(&rows(&copies), "")).refused("cell", "off the grid");
        let wide = format!(
            "<t:table-cell t:number-columns-spanned='{many}' t:number-rows-spanned='{many}' o:value-type='float' o:value='1'/>"
        );
        let _ = Case::new("a.ods", ods(&rows(&wide), "")).read();
    }
    assert_eq!(text("\n  <x:p>\n   one <x:span>two</x:span>\n   &amp; three\n  </x:p>\n"), "2: one two & three");
    assert_eq!(text("<o:annotation><x:p>remark</x:p></o:annotation><x:p>a<x:line-break/>b</x:p>"), "2: a\nb");
    assert_eq!(text("<x:p><x:a>link</x:a></x:p><d:frame><d:image><x:p>no</x:p></d:image></d:frame>"), "2: link");
    // Fields show the text in them; readings above characters and what is hidden are none of it.
    let ruby = "<x:ruby><x:ruby-base>東京</x:ruby-base><x:ruby-text>とうきょう</x:ruby-text></x:ruby>都";
    assert_eq!(text(&format!("<x:p>{ruby}</x:p>")), "2: 東京都");
    assert_eq!(
        text("<x:p>Report <x:title>Budget</x:title> v<x:date>05/01/24</x:date></x:p>"),
        "2: Report Budget v05/01/24"
    );
    assert_eq!(text("<x:p><x:sheet-name>Sales</x:sheet-name></x:p>"), "2: Sales");
    let fields = "<x:meta>a<x:span>b</x:span></x:meta><x:conditional-text>c</x:conditional-text><x:user-defined>d</x:user-defined>";
    assert_eq!(text(&format!("<x:p>{fields}<x:hidden-text x:is-hidden='true'>no</x:hidden-text>e</x:p>")), "2: abcde");
    let note = "<x:p>a<x:note><x:note-body><x:p>no</x:p></x:note-body></x:note><d:custom-shape><x:p>no</x:p></d:custom-shape>b</x:p>";
    assert_eq!(text(note), "2: ab");
    assert_eq!(cell("o:value-type='time' o:time-value='-PT01H05M00S'/>"), "2: -01:05:00");
    assert_eq!(cell("o:value-type='float' o:value='0.30000000000000004'/>"), "2: 0.3");
    assert_eq!(cell("o:value-type='float' o:value='351030001351351123'/>"), "2: 351030001351351123");
    assert_eq!(
        cell("o:value-type='string' o:string-value='' c:value-type='error'><x:p>#N/A</x:p></t:table-cell>"),
        "2: ·"
    );
    assert_eq!(cell("o:value-type='boolean' o:boolean-value='true'/>"), "2: true");
    assert_eq!(cell("o:value-type='boolean' o:boolean-value='0'/>"), "2: false");
    assert_eq!(cell("o:value-type='boolean' o:boolean-value='x'/>"), "2: ·");
    assert_eq!(cell("t:formula='of:=A1' o:value-type='string'><x:p>x</x:p></t:table-cell>"), "2: x");
    assert_eq!(cell("o:value-type='date' o:date-value='1066-10-14'/>"), "2: 1066-10-14");
}

#[test]
fn cells_of_open_document_are_repeated_hidden_and_styled_by_their_columns() {
    let styles = format!(
        "{}<s:style s:name='base' s:family='table-cell' s:data-style-name='N'/>\
         <s:style s:name='c' s:family='table-cell' s:parent-style-name='base'/>",
        FIVE
    );
    let text = |text: &str| format!("<t:table-cell o:value-type='string'><x:p>{text}</x:p></t:table-cell>");
    let table = format!(
        "<t:table t:name='S'><t:shapes><d:frame><t:table t:name='Inside'/></d:frame></t:shapes>\
         <t:table-column t:number-columns-repeated='2' t:default-cell-style-name='c'/><t:table-column t:visibility='collapse'/>\
         <t:table-header-rows><t:table-row>{}{}{}</t:table-row></t:table-header-rows>\
         <t:table-row t:number-rows-repeated='2'><t:table-cell t:number-columns-repeated='2' o:value-type='float' o:value='7'/>\
         <t:covered-table-cell/></t:table-row>\
         <t:table-row t:number-rows-repeated='3'><t:table-cell t:number-columns-repeated='1024'/></t:table-row>\
         <t:table-row t:visibility='filter'><t:table-cell/>{}</t:table-row>\
         <t:table-row t:number-rows-repeated='1048000'><t:table-cell t:number-columns-repeated='16384'/></t:table-row></t:table>\
         <t:table t:name='T'/>",
        text("a"),
        text("b"),
        text("c"),
        text("x")
    );
    let case = || Case::new("a.ods", ods(&table, &styles)).with(|it| it.options.sheet = Some("S".to_owned()));
    let all = ["a|b|c", "2: 00007|00007|·", "3: 00007|00007|·", "7: ·|x|·"];
    assert_eq!(case().shows(&all).trailer.hidden, 1);
    case().with(|it| it.options.hidden = Hidden::Exclude).shows(&["a|b", "2: 00007|00007", "3: 00007|00007"]);
    Case::new("a.ods", ods(&table, &styles)).refused("sheet", "`S`, `T`");
    // Without width or height.
    let none = "<s:style s:name='z' s:family='table-column'><s:table-column-properties s:column-width='0cm'/></s:style>\
                <s:style s:name='z' s:family='table-row'><s:table-row-properties s:row-height='0.000in'/></s:style>";
    let styles = format!("{styles}{none}");
    let table = table
        .replace("t:visibility='collapse'", "t:style-name='z'")
        .replace("t:visibility='filter'", "t:style-name='z'");
    let case = Case::new("a.ods", ods(&table, &styles)).with(|it| it.options.sheet = Some("S".to_owned()));
    case.with(|it| it.options.hidden = Hidden::Exclude).shows(&["a|b", "2: 00007|00007", "3: 00007|00007"]);
    let merged = format!(
        "<t:table t:name='S'><t:table-row>{}{}</t:table-row><t:table-row>\
         <t:table-cell t:number-rows-spanned='2' o:value-type='string'><x:p>x</x:p></t:table-cell>{}</t:table-row>\
         <t:table-row><t:covered-table-cell/>{}</t:table-row></t:table>",
        text("a"),
        text("b"),
        text("1"),
        text("2")
    );
    let case = || Case::new("a.ods", ods(&merged, ""));
    case().shows(&["a|b", "2: x|1", "3: ·|2"]);
    case().with(|it| it.options.merged = Merged::Fill).shows(&["a|b", "2: x|1", "3: x|2"]);
    let fill = |it: &mut Request| (it.options.merged, it.options.hidden) = (Merged::Fill, Hidden::Exclude);
    let second =
        merged.replacen("</t:table-row><t:table-row>", "</t:table-row><t:table-row t:visibility='collapse'>", 1);
    Case::new("a.ods", ods(&second, "")).with(fill).shows(&["a|b", "3: x|2"]);
}

#[test]
fn open_document_that_is_no_sheet_is_refused() {
    let text = zip(&[("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"<a/>")]);
    Case::new("a.ods", text).refused("damaged", "workbook of this kind");
    let manifest = b"<m:manifest><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>";
    Case::new("a.ods", zip(&[("content.xml", b"<a/>"), ("META-INF/manifest.xml", manifest)]))
        .refused("password", "password");
    let wide = "<t:table t:name='S'><t:table-row><t:table-cell t:number-columns-repeated='20000' o:value-type='float' o:value='1'/></t:table-row></t:table>";
    Case::new("a.ods", ods(wide, "")).refused("cell", "off the grid");
}

// ---- Excel's binary workbook ----

/// With these records behind the last cell; or with a hidden row and column, and cells that are merged.
fn binary(more: &[(u16, Vec<u8>)], hides: bool) -> Vec<u8> {
    let join = |parts: &[&[u8]]| parts.concat();
    let mut book = Vec::new();
    record(0x83, &[], &mut book);
    record(0x8f, &[], &mut book);
    record(0x9c, &join(&[&0_u32.to_le_bytes(), &1_u32.to_le_bytes(), &wide("rId1"), &wide("S")]), &mut book);
    record(0x90, &[], &mut book);
    record(0x84, &[], &mut book);
    let mut styles = Vec::new();
    record(0x116, &[], &mut styles);
    record(0x267, &(CELLS.len() as u32).to_le_bytes(), &mut styles);
    for (id, it) in (200_u16..).zip(&CELLS) {
        record(0x2c, &join(&[&id.to_le_bytes(), &wide(it.code)]), &mut styles);
    }
    record(0x268, &[], &mut styles);
    record(0x269, &(CELLS.len() as u32 + 1).to_le_bytes(), &mut styles);
    for id in std::iter::once(0).chain((200_u16..).take(CELLS.len())) {
        record(0x2f, &join(&[&0_u16.to_le_bytes(), &id.to_le_bytes(), &[0; 12]]), &mut styles);
    }
    record(0x26a, &[], &mut styles);
    record(0x117, &[], &mut styles);
    let mut sheet = Vec::new();
    record(0x81, &[], &mut sheet);
    record(0x94, &[0; 16], &mut sheet);
    if hides {
        record(0x186, &[], &mut sheet);
        record(0x3c, &join(&[&[1, 0, 0, 0, 1, 0, 0, 0], &[0; 8], &[1, 0]]), &mut sheet);
        record(0x187, &[], &mut sheet);
    }
    record(0x91, &[], &mut sheet);
    let cell = |style: u32| join(&[&0_u32.to_le_bytes(), &style.to_le_bytes()]);
    record(0x00, &join(&[&0_u32.to_le_bytes(), &[0; 21]]), &mut sheet);
    record(0x06, &join(&[&cell(0), &wide("a")]), &mut sheet);
    if hides {
        record(0x06, &join(&[&1_u32.to_le_bytes(), &[0; 4], &wide("b")]), &mut sheet);
    }
    for (row, it) in (1_u32..).zip(&CELLS) {
        let flags = if hides && row == 1 { 0x10 } else { 0 };
        record(0x00, &join(&[&row.to_le_bytes(), &[0; 7], &[flags], &[0; 13]]), &mut sheet);
        let whole = (it.number as i32) << 2 | 2;
        match it.number.fract() == 0.0 && it.number.abs() < 1e8 {
            true => record(0x02, &join(&[&cell(row), &whole.to_le_bytes()]), &mut sheet),
            false => record(0x05, &join(&[&cell(row), &it.number.to_le_bytes()]), &mut sheet),
        }
    }
    for (kind, data) in more {
        record(*kind, data, &mut sheet);
    }
    record(0x92, &[], &mut sheet);
    if hides {
        record(0xb0, &join(&[&[1, 0, 0, 0], &[1, 0, 0, 0], &[0; 4], &[1, 0, 0, 0]]), &mut sheet);
    }
    record(0x82, &[], &mut sheet);
    let relation = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"http://x/{kind}\" Target=\"{target}\"/>")
    };
    let root = format!("<Relationships>{}</Relationships>", relation("a", "officeDocument", "xl/workbook.bin"));
    let related = format!(
        "<Relationships>{}{}</Relationships>",
        relation("rId1", "worksheet", "worksheets/sheet1.bin"),
        relation("rId2", "styles", "styles.bin")
    );
    zip(&[
        ("_rels/.rels", root.as_bytes()),
        ("xl/workbook.bin", &book),
        ("xl/_rels/workbook.bin.rels", related.as_bytes()),
        ("xl/worksheets/sheet1.bin", &sheet),
        ("xl/styles.bin", &styles),
    ])
}

#[test]
fn a_formula_of_a_binary_workbook_that_gives_an_error_is_counted() {
    let cell = |row: u32| vec![(0x00, [row.to_le_bytes().as_slice(), &[0; 21]].concat())];
    let mut more = cell(40);
    more.push((0x0b, [0, 0, 0, 0, 0, 0, 0, 0, 0x2a, 0, 0].to_vec()));
    more.extend(cell(41));
    more.push((0x09, [[0_u8; 8].as_slice(), &3_f64.to_le_bytes(), &[0; 2]].concat()));
    let answer = Case::new("a.xlsb", binary(&more, false)).read().unwrap();
    assert_eq!(answer.lines[CELLS.len() + 1..], ["41: ·", "42: 3"]);
    assert_eq!((answer.trailer.errors.as_slice(), answer.trailer.columns[0].formula), (&["A41".to_owned()][..], 2));
}

/// A short record has no column: its cell stands behind the one before, which may be blank.
#[test]
fn cells_of_a_binary_workbook_may_say_no_column() {
    let full = |column: u32, data: &[u8]| [&column.to_le_bytes(), &[0; 4], data].concat();
    let short = |data: &[u8]| [&[0; 4], data].concat();
    let row = |at: u32| (0x00, [at.to_le_bytes().as_slice(), &[0; 21]].concat());
    let more = vec![
        row(40),
        (0x06, full(0, &wide("a"))),
        (0x0d, short(&(12_u32 << 2 | 2).to_le_bytes())),
        (0x10, short(&2.5_f64.to_le_bytes())),
        (0x0c, short(&[])),
        (0x0f, short(&[1])),
        (0x0e, short(&[0x2a])),
        (0x11, short(&wide("b"))),
        (0x3e, full(9, &[&[0], &*wide("c")].concat())),
        row(41),
        (0x0d, short(&(250_u32 << 2 | 3).to_le_bytes())),
        (0x01, full(3, &[])),
        (0x11, short(&wide("d"))),
    ];
    let mut case = Case::new("a.xlsb", binary(&more, false));
    case.request.options.header = crate::readers::Header::Row(41);
    let answer = case.read().unwrap();
    // A header without a value has the letter of its column; a column that is blank throughout is none.
    assert_eq!(answer.lines, ["a|12|2.5|true|F|b|c", "42: 2.5|·|·|d|·|·|·"]);
}

#[test]
fn a_shared_text_that_is_not_there_is_damage() {
    let more = vec![
        (0x00, [20_u32.to_le_bytes().as_slice(), &[0; 21]].concat()),
        (0x07, [[0_u8; 8].as_slice(), &7_u32.to_le_bytes()].concat()),
    ];
    Case::new("a.xlsb", binary(&more, false)).refused("damaged", "workbook of this kind");
}

/// Records of version 2 stand in sheets of later versions too.
#[test]
fn a_sheet_of_an_older_version_has_records_of_its_own_and_of_those_before() {
    for (begin, length) in [(0x0009_u16, 4_u16), (0x0209, 6), (0x0409, 6)] {
        let mut file = Vec::new();
        let mut head = vec![2, 0, 0x10, 0];
        head.resize(usize::from(length), 0);
        put(begin, &head, &mut file);
        let at = |row: u16, column: u16| [row.to_le_bytes(), column.to_le_bytes()].concat();
        let old = |row, column, data: &[u8]| [&*at(row, column), &[0; 3], data].concat();
        put(0x0004, &old(0, 0, b"\x04name"), &mut file);
        put(0x0004, &old(0, 1, b"\x01n"), &mut file);
        put(0x0004, &old(1, 0, b"\x01x"), &mut file);
        put(0x0003, &old(1, 1, &2.5_f64.to_le_bytes()), &mut file);
        if begin != 0x0009 {
            let new = |row, column, data: &[u8]| [&*at(row, column), &[0; 2], data].concat();
            put(0x0204, &new(2, 0, b"\x01\0y"), &mut file);
            put(0x027e, &new(2, 1, &(7_u32 << 2 | 2).to_le_bytes()), &mut file);
        }
        put(0x000a, &[], &mut file);
        let answer = Case::new("a.xls", file).read().unwrap();
        let lines: &[&str] = if begin == 0x0009 { &["2: x|2.5"] } else { &["2: x|2.5", "3: y|7"] };
        assert_eq!(answer.lines[1..], *lines, "{begin:#x}");
    }
}

// ---- Excel 97 ----

/// With a hidden row and column, and cells that are merged, where that is asked for.
fn old(hides: bool) -> Vec<u8> {
    old_with(hides, &[])
}

/// With these records behind the last cell.
fn old_with(hides: bool, more: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let begin = |of: u16| [0x0600_u16, of, 0, 0, 0, 0, 0, 0].iter().flat_map(|it| it.to_le_bytes()).collect::<Vec<_>>();
    let mut book = Vec::new();
    put(0x0809, &begin(5), &mut book);
    // A code page of one byte a letter, which says nothing of texts that are Unicode.
    put(0x0042, &1252_u16.to_le_bytes(), &mut book);
    for (id, it) in (200_u16..).zip(&CELLS) {
        let mut data = id.to_le_bytes().to_vec();
        data.extend((it.code.len() as u16).to_le_bytes());
        data.push(0);
        data.extend(it.code.bytes());
        put(0x041e, &data, &mut book);
    }
    for id in std::iter::once(0).chain((200_u16..).take(CELLS.len())) {
        let mut data = vec![0; 20];
        data[2..4].copy_from_slice(&id.to_le_bytes());
        put(0x00e0, &data, &mut book);
    }
    let sheet_at = book.len() as u32 + 4 + 9 + 4;
    put(0x0085, &[sheet_at.to_le_bytes().as_slice(), &[0, 0, 1, 0, b'S']].concat(), &mut book);
    put(0x000a, &[], &mut book);
    put(0x0809, &begin(0x10), &mut book);
    if hides {
        put(0x007d, &[1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0], &mut book);
        put(0x0208, &[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x20, 0, 0, 0], &mut book);
    }
    put(0x0204, &[0, 0, 0, 0, 0, 0, 1, 0, 0, b'a'], &mut book);
    if hides {
        put(0x0204, &[0, 0, 1, 0, 0, 0, 1, 0, 0, b'b'], &mut book);
        put(0x00e5, &[1, 0, 1, 0, 1, 0, 0, 0, 1, 0], &mut book);
    }
    for (row, it) in (1_u16..).zip(&CELLS) {
        let place = [row.to_le_bytes(), [0, 0], row.to_le_bytes()].concat();
        let whole = ((it.number as i32) << 2 | 2).to_le_bytes();
        match row % 4 {
            _ if it.number.fract() != 0.0 || it.number.abs() > 1e8 => {
                put(0x0203, &[place.as_slice(), &it.number.to_le_bytes()].concat(), &mut book);
            }
            0 => put(0x0203, &[place.as_slice(), &it.number.to_le_bytes()].concat(), &mut book),
            1 => put(0x027e, &[place.as_slice(), &whole].concat(), &mut book),
            2 => put(0x00bd, &[place.as_slice(), &whole, &[0, 0]].concat(), &mut book),
            _ => {
                let formula = [place.as_slice(), &it.number.to_le_bytes(), &[0; 8]].concat();
                put(0x0006, &formula, &mut book);
            }
        }
    }
    for (kind, data) in more {
        put(*kind, data, &mut book);
    }
    put(0x000a, &[], &mut book);
    book
}

#[test]
fn texts_and_formulas_of_old_workbooks_are_whole() {
    let long: String = std::iter::repeat_n("äöü", 4000).collect();
    let letters: Vec<u8> = long.encode_utf16().map(|it| it as u8).collect();
    let wide: Vec<u8> = long.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let place = |row: u8| vec![row, 0, 0, 0, 0, 0];
    let text_of_formula = [0_u8, 0, 0, 0, 0, 0, 0xff, 0xff];
    let formula = |row: u8, result: [u8; 8]| [place(row), result.to_vec(), vec![0; 8]].concat();
    let length = 12_000_u16.to_le_bytes();
    let more = vec![
        // A text of two bytes a letter.
        (
            0x0204,
            [place(40).as_slice(), &[2, 0, 1], &"Łó".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()]
                .concat(),
        ),
        // A long text of a formula, first in one byte a letter, then in two.
        (0x0006, formula(41, text_of_formula)),
        (0x0207, [length.as_slice(), &[0], &letters[..8217]].concat()),
        (0x003c, [&[1], &wide[2 * 8217..2 * 12_000]].concat()),
        // Formulas as older versions write them.
        (0x0206, formula(42, 1.5_f64.to_le_bytes())),
        (0x0406, formula(43, [1, 0, 1, 0, 0, 0, 0xff, 0xff])),
        (0x0406, formula(44, [2, 0, 7, 0, 0, 0, 0xff, 0xff])),
    ];
    let answer = Case::new("a.xls", compound(&old_with(false, &more), false)).read().unwrap();
    let found: Vec<&str> = answer.lines[CELLS.len() + 1..].iter().map(String::as_str).collect();
    assert_eq!(found, ["41: Łó", &format!("42: {long}"), "43: 1.5", "44: true", "45: ·"]);
    // What is not all there is refused.
    let cut = [(0x0006, more[1].1.clone()), (0x0207, more[2].1.clone()), (0x003c, vec![0, b'x'])];
    Case::new("a.xls", compound(&old_with(false, &cut), false)).refused("damaged", "workbook of this kind");
}
