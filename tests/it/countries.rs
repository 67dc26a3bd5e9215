//! `init --from` on books of several countries: the profile that fits, and dates, numbers, telephone numbers, names and
//! lists as people there mean them. The books are made up.

use crate::book::{book, sheet};
use crate::case::Case;

/// What `init --from` makes of lines of a sheet: the proposal, and the rows of the table that comes out.
fn made(lines: &str) -> (String, String) {
    let case = Case::new::<&[u8]>(&[]);
    case.write("in/book.xlsx", book(&[sheet("S", lines)]));
    let output = case.run(&["-C", "ws", "init", "--from", "in"]);
    assert_eq!(output.code, Some(0), "{}", output.all());
    let built = case.run(&["-C", "ws", "build"]);
    assert_eq!(built.code, Some(0), "{}", built.all());
    let shown = case.run(&["-C", "ws", "show", "book_clean", "--unmasked", "--format", "json"]);
    assert_eq!(shown.code, Some(0), "{}", shown.all());
    (case.text("ws/hotpass.toml"), shown.all())
}

/// Lines are repeated with other numbers, so that columns have enough values to tell what they are.
fn check(profile: &str, head: &str, lines: &[&str], fields: &[&str], values: &[&str]) {
    let (text, shown) = made(&format!("{head}\n{}", lines.join("\n")));
    assert!(text.contains(&format!("profile = \"{profile}\"")), "{profile}:\n{text}");
    for field in fields {
        assert!(text.lines().any(|it| it.starts_with(field)), "{profile}: no `{field}` in:\n{text}");
    }
    for value in values {
        assert!(shown.contains(value), "{profile}: no `{value}` in:\n{shown}\n{text}");
    }
}

#[test]
fn german_books() {
    check(
        "germany",
        "Firma|Ansprechpartner|Straße|PLZ|Ort|Bundesland|Telefon|E-Mail|Umsatz|Gegründet|Aktiv",
        &[
            "Müller Flug GmbH|Hans Müller|Hauptstraße 5|01067|Dresden|Sachsen|0351 4381234|info@mueller.example|1.234,50 €|5. März 2019|ja",
            "Aero Nord e.V.|Eva Groß|Am Markt 2|20095|Hamburg|HH|040 22863456|a@nord.example|12.500,00 €|12. Oktober 2020|nein",
            "Süd Segel AG|Jörg Weiß|Bahnhofstr. 7|80331|München|BY|089 21234567|b@sued.example|999,99 €|01.12.2021|ja",
            "West UG|Ute Ärmel|Domplatz 1|50667|Köln|NRW|0221 3456789|c@west.example|0,50 €|28.02.2022|nein",
            "Ost KG|Max Öhl|Ring 9|10115|Berlin|Berlin|+49 30 23125678|d@ost.example|2.000.000,00 €|31.01.2023|ja",
        ],
        &["organization_name = \"Firma\"", "contact_phones = \"Telefon\"", "state = \"Bundesland\""],
        &[
            "+493514381234",
            "+492213456789",
            "1234.5",
            "12500",
            "0.5",
            "2019-03-05",
            "2020-10-12",
            "2021-12-01",
            "\"01067\"",
            "Hans Müller",
            "Nordrhein-Westfalen",
            "Hamburg",
            "true",
            "false",
        ],
    );
}

#[test]
fn french_books() {
    check(
        "france",
        "Société|Prénom|Nom|Adresse|Code postal|Ville|Téléphone|Courriel|Montant|Date d'adhésion|Membre",
        &[
            "SARL Dupont|Jean|Dupont|5 rue de la Paix|01000|Bourg|04 74 22 33 44|jd@dupont.example|1 234,50 €|1er août 2021|oui",
            "Aéro Club SAS|Zoé|Lefèvre|12 avenue Foch|75002|Paris|01 42 68 53 00|zl@aero.example|99,00 €|15 février 2022|non",
            "Ets Martin|Luc|Martin|3 place Carnot|69002|Lyon|04 72 10 20 30|lm@martin.example|12 500,75 €|03/12/2020|oui",
            "SA Voltige|Ève|Noël|8 quai Sud|13002|Marseille|04 91 55 66 77|en@voltige.example|0,95 €|28/02/2019|non",
        ],
        &["contact_given_name = \"Prénom\"", "contact_surname = \"Nom\"", "contact_emails = \"Courriel\""],
        &[
            "+33474223344",
            "+33142685300",
            "1234.5",
            "12500.75",
            "2021-08-01",
            "2022-02-15",
            "2020-12-03",
            "\"01000\"",
            "true",
        ],
    );
}

/// Of Spain there is no profile: what is written as in France and Germany, and dialled without a zero, is of neither.
#[test]
fn books_of_a_country_that_nobody_has_described_are_of_no_other() {
    check(
        "generic",
        "Empresa|Correo electrónico|Teléfono|Importe|Fecha de alta",
        &[
            "Panadería Ñandú|info@nandu.example|910 340 608|1.100,50 €|13/01/2024",
            "Taller Güell|taller@guell.example|912 345 678|2.250,75 €|02/02/2024",
            "Óptica Sol|sol@optica.example|934 455 667|99,95 €|28/03/2024",
            "Librería Mar|mar@libros.example|954 112 233|1.000.000,00 €|04/12/2024",
        ],
        &["importe = \"Importe\""],
        &["910 340 608", "info@nandu.example"],
    );
}

#[test]
fn american_books() {
    check(
        "united-states",
        "Company|First name|Last name|Street address|City|State|ZIP|Phone|Email|Revenue|Since",
        &[
            "Blue Sky Flying, Inc.|Ada|Love|5 Main St|Boston|MA|02108|(617) 555-0123|ada@blue.example|$1,234.50|12/31/2021",
            "Aero Prairie LLC|Bo|Diaz|12 Oak Ave|Austin|Texas|73301|512-555-0145|bo@prairie.example|$12,500.00|3/4/2020",
            "Gulf Wings Corp|Cy|Young|7 Palm Rd|Miami|FL|33101|305.555.0167|cy@gulf.example|($250.25)|7/28/2022",
            "High Desert Co|Di|Rose|1 Mesa Dr|Reno|Nev.|89501|+1 775 555 0189|di@desert.example|$0.99|1/15/2019",
        ],
        &["state = \"State\"", "address_postcode = \"ZIP\""],
        &[
            "+16175550123",
            "+15125550145",
            "1234.5",
            "12500",
            "-250.25",
            "2021-12-31",
            "2020-03-04",
            "2022-07-28",
            "\"02108\"",
            "Massachusetts",
            "Nevada",
        ],
    );
}

#[test]
fn british_books() {
    check(
        "united-kingdom",
        "Company|Contact|Address|Town|Postcode|Telephone|Email|Amount|Joined",
        &[
            "Blue Sky Flying Ltd|Ada Love|5 High Street|Leeds|ls14ap|0113 496 0123|ada@blue.example|£1,234.50|31/12/2021",
            "Aero North PLC|Bo Hill|12 Mill Lane|York|YO1 7HH|01904 123456|bo@north.example|£12,500.00|3/4/2020",
            "Downs Gliding LLP|Cy Young|7 Park Road|Hove|BN3 1AA|020 7946 0958|cy@downs.example|-£250.25|28/7/2022",
            "Fen Air Limited|Di Rose|1 Dyke Drove|Ely|CB7 4AA|+44 20 7946 0321|di@fen.example|£0.99|15/1/2019",
        ],
        &["address_postcode = \"Postcode\"", "contact_phones = \"Telephone\""],
        &[
            "+441134960123",
            "+442079460958",
            "1234.5",
            "-250.25",
            "2021-12-31",
            "2020-04-03",
            "2022-07-28",
            "Ada Love",
            "LS1 4AP",
        ],
    );
}

#[test]
fn indian_books() {
    check(
        "india",
        "Firm name|Contact person|City|State|PIN code|Mobile no|Email|Turnover|Registered on",
        &[
            "Deccan Aero Pvt Ltd|Asha Rao|Pune|MH|411001|98220 12345|asha@deccan.example|₹12,34,567.50|31-12-2021",
            "Ganga Wings Private Limited|Ravi Das|Patna|Bihar|800001|09835012345|ravi@ganga.example|Rs. 1,20,000/-|03-04-2020",
            "Malabar Gliders LLP|Mini Nair|Kochi|Kerala|682001|+91 94470 12345|mini@malabar.example|₹5,000|28-07-2022",
            "Thar Sky Ltd|Om Singh|Jaipur|Rajasthan|302001|9829012345|om@thar.example|₹99.75|15-01-2019",
        ],
        &["state = \"State\"", "address_postcode = \"PIN code\""],
        &[
            "+919822012345",
            "+919835012345",
            "1234567.5",
            "120000",
            "2021-12-31",
            "2020-04-03",
            "Maharashtra",
            "411001",
            "Asha Rao",
        ],
    );
}

#[test]
fn japanese_books() {
    check(
        "japan",
        "会社名|担当者名|郵便番号|都道府県|住所|電話番号|メールアドレス|売上|設立日|会員",
        &[
            "株式会社アエロ|山田 太郎|１０００００１|東京|千代田1-1|03-3212-1234|taro@aero.example|1,000円|2019年3月5日|はい",
            "北空(株)|鈴木 花子|060-0001|北海道|北一条2-3|011-231-1234|hana@kita.example|12,500円|令和2年10月12日|いいえ",
            "有限会社南風|佐藤 次郎|900-0001|沖縄県|港町4-5|098-861-1234|jiro@minami.example|１，２３４円|2021/12/01|はい",
            "西翼合同会社|高橋 三郎|530-0001|Osaka|梅田6-7|06-6341-1234|sabu@nishi.example|▲500円|2022年2月28日(月)|いいえ",
        ],
        &["organization_name = \"会社名\"", "contact_phones = \"電話番号\"", "prefecture = \"都道府県\""],
        &[
            "+81332121234",
            "+81112311234",
            "12500",
            "1234",
            "-500",
            "2019-03-05",
            "2020-10-12",
            "2021-12-01",
            "2022-02-28",
            "東京都",
            "100-0001",
            "大阪府",
            "山田 太郎",
            "true",
        ],
    );
}
