//! Generated books with everything planted that real ones had: old dates, words for do not contact, marks that say no,
//! people and addresses where they do not belong, organisations called `Total`. `refine` publishes, and each is read.

use calamine::Data;

use super::{Delivery, Sheets, books, deliver, headers, program};
use crate::tests::Case;

/// A row of a sheet, by the names of its columns.
type Planted = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const REGISTER: &str = "registry-2025-07.xlsx";

const ROWS: &[Planted] = &[
    (
        REGISTER,
        "Cleaned",
        &[("Name of Organisation", "Total Kestrel Academy"), ("Province", "Gauteng"), ("Status", "Active")],
    ),
    (REGISTER, "Cleaned", &[("Name of Organisation", "Total Wing Flyers")]),
    (REGISTER, "Cleaned", &[("Name of Organisation", "Lonely Name Flyers")]),
    (
        REGISTER,
        "Cleaned",
        &[("Name of Organisation", "Town Flyers"), ("Province", "Kranskop, Gauteng"), ("Status", "Active")],
    ),
    (REGISTER, "Cleaned", &[("Name of Organisation", "Slip Flyers"), ("Province", "Mpumulanga"), ("Status", "Active")]),
    (
        REGISTER,
        "Cleaned",
        &[
            ("Name of Organisation", "Comma Flyers"),
            ("Contact Person", "Bo Kestrel (Owner), Cy Marsh (CFI)"),
            ("Contact Email Address", "cy.marsh@comma.example; bo.kestrel@comma.example"),
        ],
    ),
    (
        REGISTER,
        "Cleaned",
        &[
            ("Name of Organisation", "Unlike Flyers"),
            ("Contact Person", "Bo Kestrel / Cy Marsh"),
            ("Contact Email Address", "office@unlike.example"),
        ],
    ),
    (
        REGISTER,
        "Cleaned",
        &[("Name of Organisation", "Lines Flyers"), ("Contact Person", "Bo Kestrel (Owner)\nCy Marsh (CFI)")],
    ),
    (
        REGISTER,
        "Cleaned",
        &[
            ("Name of Organisation", "Role Flyers"),
            ("Contact Person", "Head of Training"),
            ("Contact Email Address", "e-mail: hot@role.example (office hours)"),
        ],
    ),
    (
        REGISTER,
        "Cleaned",
        &[
            ("Name of Organisation", "Sentence Flyers"),
            ("Contact Person", "not listed"),
            ("Contact Email Address", "y@sentence.example"),
        ],
    ),
    (
        REGISTER,
        "Cleaned",
        &[
            ("Name of Organisation", "Swapped Flyers"),
            ("Contact Person", "Di Roe"),
            ("Contact Number", "di@swapped.example"),
            ("Contact Email Address", "082 555 0103"),
        ],
    ),
    ("clients.xlsx", "Company_Cat", &[("Company", "Old Flyers"), ("Status", "Active"), ("LoadDate", "11/02/2009")]),
    ("clients.xlsx", "Company_Cat", &[("Company", "Asked Flyers"), ("Status", "DNC - asked 12/3/2024")]),
    (
        "clients.xlsx",
        "Company_Contacts",
        &[("Company", "Asked Flyers"), ("FirstName", "Jo"), ("Surname", "Asked"), ("Email", "jo@asked.example")],
    ),
    ("clients.xlsx", "Company_Cat", &[("Company", "Stop Flyers"), ("Status", "Please stop")]),
    (
        "clients.xlsx",
        "Company_Contacts",
        &[("Company", "Stop Flyers"), ("FirstName", "Jo"), ("Surname", "Stop"), ("Email", "jo@stop.example")],
    ),
    ("outreach.xlsx", "Organisation", &[("ID", "90001 "), ("Organisation Name", "Blank Flyers"), ("Area", "Gauteng")]),
    (
        "outreach.xlsx",
        "Contact Info",
        &[("ID", "90001"), ("Firstname", "Ida"), ("Surname", "Blank"), ("Email", "ida@blank.example")],
    ),
    ("outreach.xlsx", "Organisation", &[("ID", "90002"), ("Organisation Name", "Mark Flyers"), ("Area", "Gauteng")]),
    (
        "outreach.xlsx",
        "Contact Info",
        &[("ID", "90002"), ("Firstname", "Max"), ("Surname", "Mark"), ("Email", "old@mark.example"), ("Invalid", "x")],
    ),
    (
        "outreach.xlsx",
        "Contact Info",
        &[("ID", "90002"), ("Firstname", "Max"), ("Surname", "Mark"), ("Email", "new@mark.example")],
    ),
    (
        "outreach.xlsx",
        "Contact Info",
        &[("ID", "90002"), ("Firstname", "Zed"), ("Surname", "Mark"), ("Email", "zed@mark.example"), ("Invalid", "0")],
    ),
    (
        "outreach.xlsx",
        "Contact Info",
        &[("ID", "90002"), ("Firstname", "Ned"), ("Surname", "Mark"), ("Email", "ned@mark.example"), ("Invalid", "No")],
    ),
    ("outreach.xlsx", "Contact Info", &[("ID", "90002"), ("Email", "nobody@mark.example"), ("Invalid", "x")]),
];

fn text(it: &str) -> Data {
    if it.is_empty() { Data::Empty } else { Data::String(it.to_owned()) }
}

/// The row right behind the header of its sheet.
fn plant(sheets: &mut Sheets, sheet: &str, header: usize, cells: &[(&str, &str)]) {
    let (_, rows) = sheets.iter_mut().find(|(it, _)| it == sheet).expect("the sheet");
    let value = |name: &Data| cells.iter().find(|(it, _)| *name == text(it)).map_or(Data::Empty, |(_, it)| text(it));
    let row: Vec<Data> = rows[header].iter().map(value).collect();
    assert_eq!(row.iter().filter(|it| **it != Data::Empty).count(), cells.len(), "{sheet}: {cells:?}");
    rows.insert(header + 1, row);
}

#[test]
fn whatever_real_books_had_is_read_and_nothing_shuts_the_rest() {
    let case = Case::new(60, 402, false);
    let headers = headers(&case);
    let mut files: Delivery = books(&case).into_iter().map(|(name, it)| (format!("{name}.xlsx"), it)).collect();
    for (book, sheet, cells) in ROWS {
        let header = headers[&(book.trim_end_matches(".xlsx").to_owned(), (*sheet).to_owned())];
        plant(files.get_mut(*book).expect("the book"), sheet, header, cells);
    }
    let folder = deliver(&files);
    std::fs::write(folder.path().join("in/broken.xlsx"), b"PK\x03\x04 nothing more").expect("written");
    std::fs::write(folder.path().join("in/letter.pdf"), b"%PDF-1.4").expect("written");
    let out = folder.path().join("out");
    std::fs::create_dir_all(&out).expect("a folder");
    let mut command = program();
    command.arg("refine").arg("--input-dir").arg(folder.path().join("in")).args(["--fail-on", "warn"]);
    let run = command.arg("--output-path").arg(out.join("refined.xlsx")).output().expect("it starts");
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    assert_eq!(run.status.code(), Some(4), "{said}");
    let plain = said.split_whitespace().collect::<Vec<_>>().join(" ").replace(" | ", " ");
    for told in [
        "`data/broken.xlsx` is left out",
        "`letter.pdf` is left out",
        "a date beyond these was misread",
        "a word that no list knows blocks",
        "what stands in the other's column was moved",
        "it is nobody's",
    ] {
        assert!(plain.contains(told), "`{told}` is not told:\n{said}");
    }
    let table = |name: &str| crate::tests::table(&std::fs::read_to_string(out.join(name)).expect("a table"));
    let records = table("refined.csv");
    let check = |name: &str, expected: &[(&str, &str)]| {
        let own: Vec<_> = records.iter().filter(|it| it["organization_name"] == name).collect();
        assert_eq!(own.len(), 1, "{name}\n{said}");
        for (column, value) in expected {
            assert_eq!(own[0][*column], *value, "{name}: {column}");
        }
    };
    check("Total Kestrel Academy", &[("province", "Gauteng")]);
    check("Total Wing Flyers", &[]);
    check("Lonely Name Flyers", &[]);
    check("Town Flyers", &[("province", "Gauteng")]);
    check("Slip Flyers", &[("province", "Mpumalanga")]);
    check("Old Flyers", &[("last_interaction_date", "2009-02-11"), ("status", "Active")]);
    for name in ["Asked Flyers", "Stop Flyers"] {
        check(name, &[("status", "DNC"), ("contact_primary_email", ""), ("contact_primary_name", "")]);
    }
    check("Unlike Flyers", &[("contact_primary_email", "office@unlike.example"), ("contact_primary_name", "")]);
    let people = table("refined-people.csv");
    let reached = |name: &str| {
        let own = people.iter().filter(|it| it["organization_name"] == name);
        let mut all: Vec<[&str; 3]> = own
            .map(|it| ["contact_name", "contact_role", "contact_emails"].map(|column| it[column].as_str()))
            .collect();
        all.sort_unstable();
        all
    };
    let cfi = "Chief Flying Instructor";
    let check = |name: &str, expected: &[[&str; 3]]| assert_eq!(reached(name), expected, "{name}");
    check(
        "Comma Flyers",
        &[["Bo Kestrel", "Owner", "bo.kestrel@comma.example"], ["Cy Marsh", cfi, "cy.marsh@comma.example"]],
    );
    check("Lines Flyers", &[["Bo Kestrel", "Owner", ""], ["Cy Marsh", cfi, ""]]);
    check("Unlike Flyers", &[["", "", "office@unlike.example"], ["Bo Kestrel", "", ""], ["Cy Marsh", "", ""]]);
    check("Role Flyers", &[["", "Head of Training", "hot@role.example"]]);
    check("Sentence Flyers", &[["", "", "y@sentence.example"]]);
    check("Swapped Flyers", &[["Di Roe", "", "di@swapped.example"]]);
    check("Blank Flyers", &[["Ida Blank", "", "ida@blank.example"]]);
    let mark = ["Max", "Ned", "Zed"].map(|it| (format!("{it} Mark"), format!("{}@mark.example", it.to_lowercase())));
    let mark: Vec<_> = mark.iter().map(|(name, email)| [name.as_str(), "", email.as_str()]).collect();
    check("Mark Flyers", &[["Max Mark", "", "new@mark.example"], mark[1], mark[2]]);
}
