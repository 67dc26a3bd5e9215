//! What `init --from` proposes for workbooks of any ugliness checks and builds as it stands.

use crate::book::{Sheet, book, sheet};
use crate::case::Case;

/// What is proposed for these files, after it was checked and built.
fn proposed(files: &[(&str, Vec<u8>)]) -> (Case, String) {
    let case = Case::new::<&[u8]>(&[]);
    files.iter().for_each(|(name, bytes)| case.write(&format!("in/{name}"), bytes));
    let made = case.run(&["-C", "ws", "init", "--from", "in"]);
    assert_eq!(made.code, Some(0), "{}", made.all());
    let text = case.text("ws/hotpass.toml");
    for words in [["-C", "ws", "check"], ["-C", "ws", "build"]] {
        let output = case.run(&words);
        assert_eq!(output.code, Some(0), "{words:?}: {}\n{text}", output.all());
    }
    (case, text)
}

fn has(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|it| it.starts_with(line)), "no `{line}` in:\n{text}");
    }
}

/// As many rows as are wanted, made of a line in which `@` is the number of the row.
fn rows(head: &str, line: &str, count: usize) -> String {
    let lines: Vec<String> = (1..=count).map(|it| line.replace('@', &it.to_string())).collect();
    format!("{head}\n{}", lines.join("\n"))
}

fn one(sheets: &[Sheet]) -> String {
    proposed(&[("book.xlsx", book(sheets))]).1
}

#[test]
fn titles_above_and_totals_below() {
    let lines = "List of members 2025\nPrinted by the office\n\nName|E-mail|Paid\n".to_owned()
        + &rows("", "Club @|club@@club.example|#@", 9).trim_start().replace("@@", "x@")
        + "\n\nTotal||#45";
    let text = one(&[sheet("Members", &lines)]);
    has(&text, &["header = 4", "organization_name = \"Name\"", "paid = \"Paid\"", "value = \"integer\""]);
}

#[test]
fn hidden_and_empty_sheets_and_sheets_of_prose_are_left_out() {
    let table = rows("Name|Town", "Club @|Town @", 5);
    let prose =
        "How to fill this in\n\nPlease do not change the order of the columns in the other sheet, ever.\nThank you";
    let text = one(&[
        sheet("Data", &table),
        sheet("Old", &table).hidden(),
        sheet("Empty", ""),
        sheet("Read me", prose),
        sheet("Head only", "Name|Town|Note"),
    ]);
    has(
        &text,
        &["# Sheet `Old` is left out: it is hidden", "# Sheet `Empty` is left out", "# Sheet `Read me` is left out"],
    );
    has(&text, &["# Sheet `Head only` is left out: there are no rows below its header"]);
    assert_eq!(text.matches("[source.").count(), 1, "{text}");
}

#[test]
fn headers_that_are_merged_over_columns_and_rows() {
    let lines = rows("Club|Contact||Notes\n|Name|Phone|", "Club @|Jo Smith|+27 21 555 010@|seen", 6);
    let text = one(&[sheet("Clubs", &lines).merged("A1:A2").merged("B1:C1").merged("D1:D2")]);
    has(
        &text,
        &["[source.book]", "header = [1, 2]", "# Sheet `Clubs`: 6 rows, 4 columns; the header is in rows 1 to 2"],
    );
    assert!(text.contains("\"Contact Phone\""), "names are those of both rows:\n{text}");
}

#[test]
fn columns_of_one_name_or_of_none() {
    let lines = rows("Name|Name|name||Name_2|Value|Value", "Club @|B@|C@|D@|E@|#1|#2", 6);
    let text = one(&[sheet("S", &lines)]);
    has(&text, &["value = \"Value\"", "value_2 = \"Value_2\""]);
}

#[test]
fn names_in_other_alphabets_and_with_signs() {
    let lines = rows("名前|Größe (m²)|_row|\"Quoted\" \\ [x]|select|Naïve: 100 %", "名@|#@|r@|q@|s@|n@", 5);
    let text = one(&[sheet("データ", &lines), sheet("Ünï & <co>", &lines), sheet("10%'s", &lines)]);
    assert_eq!(text.matches("[source.").count(), 3, "{text}");
    has(&text, &["sheet = \"データ\"", "sheet = \"Ünï & <co>\"", "sheet = \"10%'s\""]);
}

#[test]
fn what_only_a_dictionary_can_read_keeps_its_letters() {
    let lines = rows("商品コード|商品名|単価 (税込)|コード", "A-@|りんご@|#@00|x@", 6);
    let text = one(&[sheet("取引先", &lines)]);
    has(&text, &["[field.\"商品コード\"]", "\"商品名\" = \"商品名\"", "\"単価_税込\" = \"単価 (税込)\""]);
    has(&text, &["kodo = \"コード\"", "sheet = \"取引先\""]);
}

/// `Nom` is a surname beside a given name, and else what the values are.
#[test]
fn a_part_of_a_name_stands_beside_another() {
    let schools =
        "Nom;Ville;Téléphone\nÉcole primaire Jean Moulin;Lyon;04 72 00 01 02\nLycée Victor Hugo;Paris;01 42 00 01 02
Collège Louise Michel;Lille;03 20 00 01 02\nÉcole maternelle du Parc;Nantes;02 40 00 01 02
Lycée André Ampère;Lyon;04 78 00 01 02\nÉcole Saint Exupéry;Nice;04 93 00 01 02\n";
    let (_, text) = proposed(&[("book.csv", schools.as_bytes().to_vec())]);
    has(&text, &["organization_name = \"Nom\"", "address_town = \"Ville\""]);
    assert!(!text.contains("contact_surname"), "{text}");
    let people = "École;Nom;Ville;Téléphone\nÉcole Jean Moulin;Marie Dupont;Lyon;04 72 00 01 02
Lycée Victor Hugo;Paul Martin;Paris;01 42 00 01 02\nCollège Louise Michel;Anne Petit;Lille;03 20 00 01 02
École du Parc;Luc Moreau;Nantes;02 40 00 01 02\nLycée Ampère;Léa Simon;Lyon;04 78 00 01 02\n";
    let (_, text) = proposed(&[("book.csv", people.as_bytes().to_vec())]);
    has(&text, &["organization_name = \"École\""]);
    assert!(!text.contains("contact_surname = \"Nom\""), "{text}");
    let parts = "Nom;Prénom;Ville;Téléphone\nde la Tour du Pin;Jean;Lyon;04 72 00 01 02\nvan der Berg;Victor;Paris;01 42 00 01 02
Le Goff Martin;Anne;Lille;03 20 00 01 02\nda Silva Pinto;Luc;Nantes;02 40 00 01 02\nEl Amrani Idrissi;Léa;Lyon;04 78 00 01 02\n";
    let (_, text) = proposed(&[("book.csv", parts.as_bytes().to_vec())]);
    has(&text, &["contact_surname = \"Nom\"", "contact_given_name = \"Prénom\""]);
}

#[test]
fn tables_beside_and_below_each_other() {
    let beside = rows("Name|Town||Item|Price", "Club @|Town @||Item @|#@.5", 6);
    let below = rows("Name|Town", "Club @|Town @", 6) + "\n\n" + &rows("Item|Price|Stock", "Item @|#@|#7", 6);
    one(&[sheet("Beside", &beside), sheet("Below", &below)]);
}

#[test]
fn numbers_keep_their_digits_and_days_their_order() {
    let mut lines = "Code|Amount|Ratio|Mixed|Day\n".to_owned();
    for it in 1..=20 {
        let mixed = if it % 3 == 0 { "much" } else { "12" };
        lines += &format!("00{it}|1.234,{:02}|#0.{it}|{mixed}|{it:02}/02/2025\n", it * 2);
    }
    let (case, text) = proposed(&[("book.xlsx", book(&[sheet("S", &lines)]))]);
    let value = |field: &str| {
        let (_, rest) = text.split_once(&format!("[field.{field}]\n")).unwrap_or_else(|| panic!("{field}: {text}"));
        rest.lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(value("code"), "value = \"text\"", "leading zeros are digits too");
    assert_eq!(value("mixed"), "value = \"text\"");
    has(&text, &["date_order = \"day_first\""]);
    let shown = case.run(&["-C", "ws", "show", "book_clean"]).all();
    for kept in ["001", "much", "2025-02-20"] {
        assert!(shown.contains(kept), "{shown}");
    }
}

#[test]
fn very_wide_very_narrow_and_very_short() {
    let head: Vec<String> = (1..=120).map(|it| format!("Measure {it}")).collect();
    let line: Vec<String> = (1..=120).map(|it| format!("#{it}")).collect();
    let wide = format!("{}\n{}\n{}", head.join("|"), line.join("|"), line.join("|"));
    let narrow = rows("E-mail", "a@x.example", 3);
    let text = one(&[sheet("Wide", &wide), sheet("Narrow", &narrow), sheet("Short", "A thing|A value\nx|y")]);
    assert_eq!(text.matches("[source.").count(), 3, "{text}");
}

#[test]
fn headers_again_placeholders_and_numbers_of_no_country() {
    let mut lines = String::new();
    for block in 0..3 {
        lines += "Company|Phone|Email|Website|Status\n";
        for it in 1..=6 {
            lines += &format!("Firm {block}{it}|021 555 01{block}{it}|n/a|www.firm{block}{it}.example|Paid\n");
        }
    }
    let (case, text) = proposed(&[("book.xlsx", book(&[sheet("S", &lines)]))]);
    has(&text, &["contact_phones = \"Phone\"", "# numbers without a country code need `region`"]);
    let shown = case.run(&["-C", "ws", "show", "book_clean", "--unmasked"]).all();
    assert!(shown.contains("021 555 0111") && shown.contains("Paid"), "{shown}");
    assert!(text.contains("# Sheet `S`: 18 rows"), "headers that are said again are no rows: {text}");
}

#[test]
fn delimited_text_and_books_of_one_name() {
    let western: Vec<u8> = "Café;Ort;Betrag\nBlau;K\u{f6}ln;1,5\nRot;Bonn;2,5\n".chars().map(|it| it as u8).collect();
    let table = rows("Name|Town", "Club @|Town @", 4);
    let (_, text) = proposed(&[
        ("list.csv", western),
        ("list.xlsx", book(&[sheet("Sheet1", &table)])),
        ("main.xlsx", book(&[sheet("Sheet1", &table), sheet("list_clean", &table)])),
    ]);
    has(&text, &["encoding = \"windows-1252\"", "delimiter = \";\"", "[source.list]", "[source.list_2]"]);
}

#[test]
fn rows_that_cannot_be_used_get_a_way_back() {
    let lines = rows("Name,Town,Note", "Club @,Town @,n@", 8) + "\nClub 9,Town 9,n9,lost\n";
    let (case, text) = proposed(&[("book.csv", lines.into_bytes())]);
    has(&text, &["[export.book_to_fix]", "[source.book_fixed]"]);
    assert!(case.path("ws/dist/book-to-fix.xlsx").exists());
}

#[test]
fn nothing_is_overwritten_and_nothing_is_half_written() {
    let table = book(&[sheet("S", &rows("Name|Town", "Club @|Town @", 4))]);
    let case = Case::new(&[("in/a.xlsx", table.as_slice()), ("ws/hotpass.toml", b"# mine\n"), ("in/not.txt", b"x")]);
    let refused = |words: &[&str], code: &str| {
        let output = case.run(words);
        assert_eq!(output.code, Some(2), "{}", output.all());
        assert!(output.all().contains(code), "{}", output.all());
    };
    refused(&["-C", "ws", "init", "--from", "in/a.xlsx"], "hotpass::init::file-exists");
    assert!(!case.path("ws/data").exists());
    refused(&["-C", "new", "init", "--from", "in/not.txt"], "hotpass::init::not-a-workbook");
    refused(&["-C", "new", "init", "--from", "in/gone.xlsx"], "hotpass::init::not-a-workbook");
    case.write("empty.csv/kept.txt", "x");
    refused(&["-C", "new", "init", "--from", "empty.csv"], "hotpass::init::no-table");
    for at in 1..8 {
        case.write(&format!("none/{at}.csv"), "");
    }
    let told = case.run(&["-C", "new", "init", "--from", "none"]).all();
    assert!(told.contains("help: `data/1.csv` is empty; `data/2.csv` is empty;"), "{told}");
    assert!(told.contains("and 2 more"), "{told}");
    #[cfg(unix)]
    {
        case.write("in/plain", "a,b\n1,2\n3,4\n");
        std::os::unix::fs::symlink("plain", case.path("in/link.csv")).expect("a link");
        for from in ["in/link.csv", "in"] {
            refused(&["-C", "new", "init", "--from", from], "hotpass::init::not-a-workbook");
        }
        let told = case.run(&["-C", "new", "init", "--from", "in/link.csv"]).all();
        assert!(told.contains("`in/link.csv` leads to `plain`") && told.contains("help: "), "{told}");
        case.remove("in/link.csv");
    }
    case.write("in/b.xlsx", book(&[sheet("S", "")]));
    refused(&["-C", "new", "init", "--from", "in/b.xlsx"], "hotpass::init::no-table");
    assert!(!case.path("new").exists(), "nothing is written when nothing is proposed");
    let forced = case.run(&["-C", "ws", "init", "--force", "--from", "in/a.xlsx"]);
    assert_eq!(forced.code, Some(0), "{}", forced.all());
    assert!(case.text("ws/hotpass.toml").starts_with("# Proposed by"));
    // What stands in the workspace is not copied.
    let case = Case::new(&[("a.xlsx", table.as_slice())]);
    assert_eq!(case.run(&["init", "--from", "a.xlsx"]).code, Some(0));
    assert!(case.text("hotpass.toml").contains("path = \"a.xlsx\"") && !case.path("data").exists());
}

#[test]
fn rows_without_a_header() {
    let (jo, al, bo) = ("Jo Moss|jo@a.example|5", "Al Fern|al@b.example|7", "Bo Reed|bo@c.example|9");
    let text = one(&[sheet("S", &[jo, al, bo, jo, al].join("\n"))]);
    has(&text, &["header = false", "# Sheet `S`: 5 rows, 3 columns; no row names its columns"]);
    has(&text, &["contact_emails = \"B\""]);
}

#[test]
fn a_book_that_is_not_there_is_told_with_those_that_are() {
    let case = Case::new(&[("in/clubs.csv", "a,b\n"), ("in/people.csv", "a,b\n"), ("in/notes.txt", "x")]);
    for (name, words) in
        [("in/club.csv", "did you mean `clubs.csv`?"), ("in/x.csv", "there is `clubs.csv`, `people.csv`")]
    {
        let told = case.run(&["-C", "ws", "init", "--from", name]).all();
        assert!(told.contains(words), "{told}");
    }
}

#[test]
fn a_contract_is_held_against_files_that_can_be_tables() {
    let pipeline = "[pipeline]\nname = 'p'\n[source.rows]\npath = 'rows.csv'\n";
    let contract = "[contract.c]\nversion = '1.0.0'\n[[contract.c.field]]\nname = 'a'\n";
    let case = Case::new(&[("hotpass.toml", format!("{pipeline}{contract}")), ("rows.csv", "a\n1\n".to_owned())]);
    case.write("plain", "a\n1\n");
    case.write("folder.csv/kept", "");
    for file in ["gone.csv", "plain", "folder.csv"] {
        let said = case.run(&["contract", "check", file]);
        assert_eq!(said.code, Some(2), "{}", said.all());
        assert!(said.all().contains("hotpass::contract::unreadable"), "{}", said.all());
        assert!(said.all().contains(&format!("`{file}` cannot be checked")), "{}", said.all());
    }
    assert_eq!(case.run(&["contract", "check", "rows.csv"]).code, Some(0));
}

#[test]
fn a_number_of_an_order_is_nobodys_refusal_and_its_date_no_contact() {
    let lines = rows(
        "Order No|Item No.|Ref|Contract Date|Order Date|Ordered|Customer|Customer ID",
        "SO-@|1000@|R-@|0@/03/2024|1@/04/2024|1@/05/2024|Works @ Ltd|7@",
        9,
    );
    let text = one(&[sheet("Orders", &lines)]);
    let own = ["order_no", "item_no", "ref", "contract_date", "order_date", "ordered", "customer", "customer_id"];
    for name in own {
        assert!(
            text.lines().any(|it| it.starts_with(&format!("{name} = "))),
            "`{name}` is not a field of its own:\n{text}"
        );
    }
    // Several countries call an organisation a customer, so it is of none of them.
    has(&text, &["profile = \"generic\""]);
    assert!(!text.lines().any(|it| it.starts_with("contact_refused")), "{text}");
}

#[test]
fn what_a_column_is_called_and_holds_is_what_it_is() {
    let head = "Name|Currency|Country Code|VAT Number|Language|Currency risk";
    let lines = rows(head, "Club @|usd|de|DE136695976|English|hard", 6) + "\nClub 7|EUR|France|DE136695976|fr|soft";
    let text = one(&[sheet("Clubs", &lines)]);
    let kind =
        |field: &str, kind: &str| assert!(text.contains(&format!("[field.{field}]\nvalue = \"{kind}\"")), "{text}");
    kind("currency", "currency");
    kind("country_code", "country");
    kind("vat_number", "vat");
    kind("language", "language");
    kind("currency_risk", "text");
}

#[test]
fn marks_are_still_found_by_a_name_that_is_like_theirs() {
    let lines = rows("Name|Please do not contact|Date", "Club @||0@/03/2024", 9) + "\nClub 10|x|10/03/2024";
    let text = one(&[sheet("Clubs", &lines)]);
    has(&text, &["contact_refused = \"Please do not contact\"", "last_interaction_date = \"Date\""]);
}

#[test]
fn a_time_behind_a_day_is_kept() {
    let rows: String =
        (1..9).map(|it| format!("{it},2024-01-0{it} 08:3{it},2024-02-0{it} 00:00:00,0{it}/12/2024 14:05\n")).collect();
    let (case, text) = proposed(&[("tickets.csv", format!("ticket,opened,paid,closed\n{rows}").into_bytes())]);
    let shown = case.run(&["-C", "ws", "show", "tickets_clean"]).all();
    for kept in ["2024-01-01 08:31", "01/12/2024 14:05"] {
        assert!(shown.contains(kept), "{text}\n{shown}");
    }
    assert!(text.contains("[field.paid]\nvalue = \"date\""), "{text}");
}

#[test]
fn numbers_are_not_given_to_fields_of_words_for_a_likeness_of_names() {
    let geo = "Site,Lat,Lon\nAlpha,50.123,4.5\nBeta,51.2,4.6\nGamma,50.5,4.7\nDelta,50.2,4.1\nEta,50.3,4.3\n";
    let accounts = "account,amount\n12345678901234567890,1.5\n22345678901234567890,2\n32345678901234567890,3\n";
    let words = "from,where\n1,2\n7,8\n";
    let files = [("geo.csv", geo), ("accounts.csv", accounts), ("words.csv", words)];
    let text = proposed(&files.map(|(name, text)| (name, text.as_bytes().to_vec()))).1;
    has(&text, &["lat = \"Lat\"", "account = \"account\"", "from = \"from\""]);
    for wrong in ["contact_surname = ", "status = ", "contact_refused = "] {
        assert!(!text.lines().any(|it| it.starts_with(wrong)), "{wrong}: {text}");
    }
}
