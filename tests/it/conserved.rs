//! Every filled cell goes on through a `normalise` step or is a loss that the build counts: over texts of every sort in
//! columns of every kind of values.

use crate::case::Case;

/// What texts are made of: what is read, what nearly is, and what shows nothing.
const PIECES: [&str; 48] = [
    "12",
    "1,234.50",
    "1.234,50",
    "5.00 CR",
    "１２",
    "१२३",
    "-7",
    "(8)",
    "12%",
    "1e5",
    "€ 3",
    "12.5.",
    "31/12/2024",
    "12/31/2024",
    "2024-02-30",
    "5. März 2025",
    "2025",
    "March 2025",
    "10:30",
    "yes",
    "nein",
    "ja",
    "maybe",
    "jo@a.example",
    "jo@",
    "a@b.example; c@d.example",
    "021 555 0101",
    "+27 21 555 0101",
    "0800",
    "www.a.example",
    "http://",
    "a.b",
    "Jo Moss",
    "Jo Moss (CFI)",
    "(CFI)",
    "Aero (Pty) Ltd",
    "\"Aero\",",
    "Gauteng",
    "gp",
    "Ghent",
    "---",
    "...",
    "\u{200b}",
    "\u{ad}",
    "½",
    "日本",
    "🛩",
    "\u{301}",
];

const KINDS: [&str; 21] = [
    "text",
    "line",
    "organisation_name",
    "person_name",
    "email",
    "emails",
    "phone",
    "phones",
    "website",
    "iban",
    "vat",
    "country",
    "currency",
    "language",
    "coordinates",
    "duration",
    "slug",
    "date",
    "integer",
    "decimal",
    "boolean",
];

#[test]
fn every_filled_cell_goes_on_or_is_counted() {
    let mut pipeline = "[pipeline]\nname = \"p\"\n[normal]\nregion = \"ZA\"\ndate_order = \"day_first\"\nlanguages = \"de\"\n\
        [lookup.place]\nGauteng = [\"gp\"]\n[source.s]\npath = \"s.csv\"\n[step.clean]\nkind = \"normalise\"\nfrom = \"s\"\n"
        .to_owned();
    KINDS.iter().for_each(|it| pipeline += &format!("columns.{it} = \"{it}\"\n"));
    pipeline += "columns.place = \"lookup:place\"\n";
    let mut texts: Vec<String> = PIECES.iter().map(|it| (*it).to_owned()).collect();
    let mut state = 7_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for _ in 0..250 {
        let (a, b) = (PIECES[next(PIECES.len())], PIECES[next(PIECES.len())]);
        let between = [" ", "", " / ", "; ", "\n", "-"][next(6)];
        texts.push(format!("{a}{between}{b}"));
    }
    let columns: Vec<&str> = KINDS.iter().copied().chain(["place"]).collect();
    let mut rows = columns.join(",") + "\n";
    for text in &texts {
        let cell = format!("\"{}\"", text.replace('"', "\"\""));
        rows += &(vec![cell; columns.len()].join(",") + "\n");
    }
    let case = Case::new(&[("hotpass.toml", pipeline.as_str()), ("s.csv", rows.as_str())]);
    let report = case.build().ok();
    let lost = report.summary().lost.get("p.clean").cloned().unwrap_or_default();
    let counts: Vec<String> = columns.iter().map(|it| format!("count({it}) as {it}")).collect();
    let query = format!("select {} from clean", counts.join(", "));
    let counted = case.run(&["query", &query, "--format", "json"]);
    assert_eq!(counted.code, Some(0), "{}", counted.all());
    let mut lines = counted.out.lines().filter_map(|it| serde_json::from_str::<serde_json::Value>(it).ok());
    let row = lines.find(|it| it["event"] == "row").expect("a row");
    // What nobody sees is not a value.
    let shows = |it: &String| !it.replace(['\u{200b}', '\u{ad}'], "").trim().is_empty();
    let shown = texts.iter().filter(|it| shows(it)).count() as u64;
    let mut wrong = Vec::new();
    for column in columns {
        let filled = row["values"][column].as_u64().unwrap_or_else(|| panic!("{row}"));
        let counted = lost.get(column).copied().unwrap_or(0);
        if filled + counted != shown {
            wrong.push(format!("{column}: {shown} cells, {filled} go on, {counted} are lost"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
