//! Profiles: what they come to, what is odd in them, and those that were written as YAML.

use hotpass::answers::profile::files;
use hotpass::profile::lint;
use hotpass::query;

use crate::case::Case;

const PIPELINE: &str = "[pipeline]\nname = 'p'\n";

fn hotpass(case: &Case, words: &[&str]) -> (String, String, Option<i32>) {
    let ran = case.run(words);
    (ran.out, ran.err, ran.code)
}

#[test]
fn shipped_profiles_have_nothing_odd() {
    let case = Case::new(&[("hotpass.toml", PIPELINE)]);
    let (told, problems, code) = hotpass(&case, &["profile", "lint"]);
    assert_eq!((told.as_str(), code), ("nothing is odd in 10 profiles\n", Some(0)), "{problems}");
}

#[test]
fn every_rule_names_its_place() {
    let check = |code: &str, profile: &str, here: &str| {
        let pipeline = format!("{PIPELINE}[source.rows]\npath = 'rows.csv'\n");
        let case =
            Case::new(&[("hotpass.toml", pipeline.as_str()), ("profiles/own.toml", profile), ("rows.csv", "a\n1\n")]);
        let (told, problems, exit) = hotpass(&case, &["profile", "lint", "--format", "json"]);
        assert_eq!(exit, Some(0), "{problems}{told}");
        let lines: Vec<serde_json::Value> = told.lines().map(|it| serde_json::from_str(it).expect("JSON")).collect();
        let found = lines.iter().find(|it| it["code"] == code).unwrap_or_else(|| panic!("no `{code}`:\n{told}"));
        let line = profile.lines().nth(found["line"].as_u64().expect("a line") as usize - 1).expect("a line");
        assert!(line.contains(here), "{code} points at `{line}`");
        assert!(found["help"].as_str().is_some_and(|it| !it.is_empty()), "{code} has no help");
        code.to_owned()
    };
    let checked = [
        check("hotpass::profile::repeated-synonym", "[field.web_site]\nsynonyms = [\"Web-Site\"]\n", "Web-Site"),
        check("hotpass::profile::shadowed-synonym", "[field.name]\nsynonyms = [\"Title\"]\n[field.title]\n", "Title"),
        check("hotpass::profile::repeated-alias", "[lookup.state]\nOpen = [\"OPEN\"]\n", "OPEN"),
        check(
            "hotpass::profile::unreachable-alias",
            "[lookup.state]\nOpen = [\"n/a\"]\n[normal]\nplaceholders = [\"N/A\"]\n",
            "n/a",
        ),
        check("hotpass::profile::empty-lookup", "[lookup.state]\n", "lookup"),
        check("hotpass::profile::open-person", "[field.mail]\nvalue = \"email\"\n", "field.mail"),
        check("hotpass::profile::unknown-region", "[normal]\nregion = \"Narnia\"\n", "Narnia"),
        check(
            "hotpass::profile::stray-class",
            "[field.mails]\nvalue = \"emails\"\nclass = \"personal\"\n[field.mail]\nclass = \"personal\"\n",
            "field.mail]",
        ),
        check("hotpass::profile::empty-enrich", "[enrich.rank]\n", "rank"),
        check(
            "hotpass::profile::doubled-priority",
            "[ingest.source.a]\npriority = 1\n[ingest.source.b]\npriority = 0x01\n",
            "0x01",
        ),
        check("hotpass::profile::glob-without-files", "[ingest.source.a]\npath = \"data/*.csv\"\n", "data/*.csv"),
        check(
            "hotpass::profile::globs-overlap",
            "[ingest.source.a]\npath = \"*.toml\"\nformat = \"csv\"\n\
             [ingest.source.b]\npath = \"hot*.toml\"\nformat = \"csv\"\n",
            "hot*.toml",
        ),
        check("hotpass::profile::unread-source", "[ingest.source.rowz]\npriority = 1\n", "rowz"),
        check("hotpass::profile::unread-enrich", "[enrich.rank]\nOwner = 1\n", "enrich.rank"),
    ];
    let rules: Vec<&str> = lint::CODES.iter().chain(files::CODES).map(|it| it.name).collect();
    assert_eq!(checked.iter().map(String::as_str).collect::<Vec<_>>(), rules);
}

#[test]
fn what_is_wrong_in_a_profile_is_found_without_a_pipeline_that_names_it() {
    let case = Case::new(&[
        ("hotpass.toml", PIPELINE),
        ("profiles/own.toml", "[profile]\nextends = \"other\"\n[field.a]\nclass = \"secret\"\nsynonym = \"b\"\n"),
        ("profiles/other.toml", "[profile]\nextends = \"own\"\n"),
    ]);
    let (_, problems, code) = hotpass(&case, &["profile", "lint", "own"]);
    assert_eq!(code, Some(2));
    for word in ["extends itself", "`class` does not take `secret`", "nothing reads `synonym`"] {
        assert!(problems.contains(word), "no `{word}`:\n{problems}");
    }
    let (_, problems, code) = hotpass(&case, &["profile", "lint", "onw"]);
    assert!(code == Some(2) && problems.contains("did you mean `own`?"), "{problems}");
}

#[test]
fn a_profile_that_is_shown_is_that_profile() {
    let case = Case::new(&[("hotpass.toml", PIPELINE)]);
    for name in ["generic", "south-africa", "aviation", "test", "germany", "france", "japan"] {
        let (shown, _, _) = hotpass(&case, &["profile", "show", name]);
        case.write("profiles/flat.toml", &shown);
        let session = case.open();
        let (all, flat) = (query::merged(&session.db, name, None), query::merged(&session.db, "flat", None));
        assert_eq!(flat.problems, [], "{name}:\n{shown}");
        assert_eq!(flat.layers.len(), 1);
        assert_eq!(flat.profile.settings(), all.profile.settings(), "{name}");
        assert_eq!(flat.profile.ingest.usual, all.profile.ingest.usual, "{name}");
        assert_eq!(flat.profile.ingest.sources, all.profile.ingest.sources, "{name}");
        let fields = |it: &hotpass::profile::Profile| -> Vec<_> {
            let words = |it: &hotpass::profile::Field| it.synonyms.iter().map(|(it, _)| it.clone()).collect::<Vec<_>>();
            let field = |(name, it): &(String, hotpass::profile::Field)| {
                (name.clone(), it.value.clone(), it.class, it.like.clone(), words(it))
            };
            it.fields.iter().map(field).collect()
        };
        assert_eq!(fields(&flat.profile), fields(&all.profile), "{name}");
    }
    let (shown, _, _) = hotpass(&case, &["profile", "show", "aviation"]);
    assert!(shown.contains("region = \"ZA\"  # south-africa, shipped\n"), "{shown}");
    let planes = shown.lines().skip_while(|it| *it != "[field.planes]").nth(2).unwrap_or_default();
    assert_eq!(planes, "synonyms = [\"aircraft\", \"fleet\"]  # aviation, shipped");
}

#[test]
fn profiles_are_listed_with_their_origin() {
    let own = "[profile]\nextends = \"generic\"\ndescription = \"ours\"\n";
    let case = Case::new(&[("hotpass.toml", PIPELINE), ("profiles/test.toml", own)]);
    let (told, _, _) = hotpass(&case, &["profile", "list", "--format", "json"]);
    let lines: Vec<serde_json::Value> = told.lines().map(|it| serde_json::from_str(it).expect("JSON")).collect();
    let origins: Vec<_> = lines.iter().map(|it| (it["name"].as_str(), it["origin"].as_str())).collect();
    let expected = [
        ("aviation", "aviation, shipped"),
        ("france", "france, shipped"),
        ("generic", "generic, shipped"),
        ("germany", "germany, shipped"),
        ("india", "india, shipped"),
        ("japan", "japan, shipped"),
        ("south-africa", "south-africa, shipped"),
        ("test", "profiles/test.toml"),
        ("united-kingdom", "united-kingdom, shipped"),
        ("united-states", "united-states, shipped"),
    ];
    assert_eq!(origins, expected.map(|(name, origin)| (Some(name), Some(origin))));
}

const YAML: &str = "\
name: harbour
display_name: Harbour masters
default_country_code: DE
email_validation_threshold: 0.85
source_priorities: {Register: 3}
ingest:
  sources:
    - {name: Register, format: excel, path_pattern: '*register*.xlsx', priority: 3}
  chunk_size: 5000
  staging_enabled: true
refine:
  mappings:
    organization_name: [harbour, 'name of harbour']
    contact_email: [mail]
  deduplication: {strategy: fuzzy, threshold: 0.8}
  expectations:
    - expect_column_to_exist: harbour
  normalization: {phone_format: E164, country_code: DE}
enrich:
  allow_network: false
compliance:
  policy: GDPR
  pii_fields: [contact_email, contact_phone]
motto: ahoy
";

#[test]
fn a_yaml_profile_is_converted_and_what_is_dropped_is_told() {
    let case = Case::new(&[("hotpass.toml", PIPELINE), ("harbour.yaml", YAML)]);
    let (toml, told, code) = hotpass(&case, &["profile", "import", "harbour.yaml"]);
    assert_eq!(code, Some(0), "{told}");
    insta::assert_snapshot!(toml, @r#"
    [profile]
    extends = "generic"
    description = "Harbour masters"

    [normal]
    region = "DE"

    [field.organization_name]
    synonyms = ["harbour", "name of harbour"]

    [field.contact_email]
    synonyms = ["mail"]
    class = "personal"

    [field.contact_phone]
    class = "personal"

    [ingest.source.register]
    path = "*register*.xlsx"
    priority = 3
    "#);
    insta::assert_snapshot!(told, @r#"
    dropped `ingest.sources.0.format`: the ending of the path says it
    dropped `email_validation_threshold`: no step reads it
    dropped `ingest.chunk_size`: files are read in bounded memory, and how does not change what is read
    dropped `ingest.staging_enabled`: every table is kept; there is nothing to stage
    dropped `refine.deduplication`: a `merge` step makes one record from the rows with the same key
    dropped `refine.expectations`: declare checks in a pipeline, under `[[expect.TABLE]]`
    dropped `refine.normalization.phone_format`: telephone numbers are always written as E.164
    dropped `enrich`: declare facts about values under `[enrich.NAME]`; no step looks anything up elsewhere
    dropped `compliance.policy`: no step asks for consent or forgets after a time; `class = "personal"` masks
    dropped `motto`: no step reads it
    10 keys dropped
    "#);
    case.write("profiles/harbour.toml", &toml);
    let (_, problems, code) = hotpass(&case, &["profile", "lint", "harbour"]);
    assert_eq!(code, Some(0), "{problems}");
}

/// What a build of the source `rows` has, row by row.
fn rows(case: &Case) -> Vec<String> {
    case.build().ok();
    std::fs::read_to_string(case.path("dist/rows.csv")).expect("it is published").lines().map(str::to_owned).collect()
}

#[test]
fn a_profile_says_how_files_come_and_a_source_says_otherwise() {
    let check = |profile: &str, source: &str, expected: &[&str]| {
        let pipeline = format!(
            "[pipeline]\nname = 'p'\nprofile = 'own'\n[source.rows]\n{source}\n\
             [export.rows]\nfrom = 'rows'\npath = 'dist/rows.csv'\n"
        );
        let case = Case::new(&[
            ("hotpass.toml", pipeline.as_str()),
            ("profiles/own.toml", profile),
            ("data/rows.csv", "a;b\n1;nix\n2;-\n"),
        ]);
        assert_eq!(rows(&case), expected, "{profile}\n{source}");
    };
    let (path, plain) = ("path = 'data/rows.csv'", ["a,b", "1,nix", "2,-"]);
    check("", path, &plain);
    check("[ingest]\nnulls = ['nix']", path, &["a,b", "1,", "2,-"]);
    // Words add up, and an empty list takes none; of all else the source's own word counts.
    check("[ingest]\nnulls = ['nix']", &format!("{path}\nnulls = ['-']"), &["a,b", "1,", "2,"]);
    check("[ingest]\nnulls = ['nix']", &format!("{path}\nnulls = []"), &plain);
    check("[ingest]\nheader = 2", path, &["1,nix", "2,-"]);
    check("[ingest]\nheader = 2", &format!("{path}\nheader = 1"), &plain);
    // What nothing reads of a file of this format is no matter.
    check("[ingest]\nhidden = 'exclude'", path, &plain);
    // One source is known better than all, and the pipeline knows best.
    let known = "[ingest]\nheader = 2\n[ingest.source.rows]\npath = 'data/rows.csv'\nheader = 1\nnulls = ['-']";
    check(known, "", &["a,b", "1,nix", "2,"]);
    check(known, "header = 2", &["1,nix", "2,"]);
}

#[test]
fn what_a_profile_says_of_files_must_be_readable() {
    let check = |profile: &str, expected: &str| {
        let pipeline = format!("{PIPELINE}profile = 'own'\n[source.rows]\npath = 'rows.csv'\n");
        let case =
            Case::new(&[("hotpass.toml", pipeline.as_str()), ("profiles/own.toml", profile), ("rows.csv", "a\n1\n")]);
        let told = case.problems();
        assert!(told.contains(expected) && told.contains("profiles/own.toml"), "{profile}: {told}");
    };
    check("[ingest]\npath = 'x.csv'", "nothing reads `path` in `[ingest]`");
    check("[ingest]\nhidden = 'never'", "`hidden` does not take `never`");
    check("[ingest.source.rows]\npath = 'x.csv'\nsheet = 'S'", "nothing reads `sheet` of delimited text");
    check("[ingest.source.rows]\ncorrects = 'x'", "nothing reads `corrects`");
    check("[enrich.rank]\na = 1\nb = 'x'", "`[enrich.rank]` gives numbers and texts");
    check("[enrich]\na = 1", "`a` takes a table");
}

#[test]
fn a_changed_weight_makes_what_asks_for_it_and_nothing_else() {
    let pipeline = "[pipeline]\nname = 'p'\nprofile = 'own'\n[source.rows]\npath = 'rows.csv'\n\
        [step.ranked]\nkind = 'derive'\nfrom = 'rows'\n[step.ranked.columns]\n\
        rank = \"coalesce(enrich(role, 'rank'), 9)\"\nweight = \"enrich('x', 'weight')\"\n\
        [export.rows]\nfrom = 'ranked'\npath = 'dist/rows.csv'\n";
    let profile = "[enrich.rank]\nOwner = 1\nPilot = 2\n[enrich.weight]\nx = 0.25\n";
    let case = Case::new(&[
        ("hotpass.toml", pipeline),
        ("profiles/own.toml", profile),
        ("rows.csv", "role\nPilot\nGuard\n\"Owner\"\n"),
    ]);
    assert_eq!(rows(&case), ["role,rank,weight", "Pilot,2,0.25", "Guard,9,0.25", "Owner,1,0.25"]);
    case.write("profiles/own.toml", profile.replace("0.25", "0.5"));
    let again = case.build();
    assert_eq!(rows(&case)[1], "Pilot,2,0.5");
    let made: Vec<_> = again.summary().steps.iter().flat_map(|it| it.columns.clone()).collect();
    assert_eq!(made, ["weight"]);
}

#[test]
fn what_a_pipeline_asks_a_profile_for_is_read() {
    let check = |asked: &str, odd: bool| {
        let pipeline = format!(
            "{PIPELINE}profile = 'own'\n[source.rows]\npath = 'rows.csv'\n[step.s]\nkind = 'derive'\nfrom = 'rows'\n\
             [step.s.columns]\nr = \"{asked}\"\n"
        );
        let profile = "[enrich.rank]\nOwner = 1\n";
        let case =
            Case::new(&[("hotpass.toml", pipeline.as_str()), ("profiles/own.toml", profile), ("rows.csv", "a\n1\n")]);
        let told = hotpass(&case, &["profile", "lint"]).1;
        assert_eq!(told.contains("no pipeline asks for `[enrich.rank]`"), odd, "{asked}: {told}");
    };
    check("coalesce(enrich(lower(a), 'rank'), 9)", false);
    check("a || 'rank'", true);
}

#[test]
fn what_is_no_yaml_profile_is_refused() {
    let case = Case::new(&[("hotpass.toml", PIPELINE), ("x.yaml", "- a\n- b\n"), ("y.yaml", "a: [\n")]);
    for file in ["x.yaml", "y.yaml", "gone.yaml"] {
        let (toml, told, code) = hotpass(&case, &["profile", "import", file]);
        assert_eq!((toml.as_str(), code), ("", Some(2)), "{file}");
        assert!(told.contains("is not a profile"), "{told}");
    }
}

#[test]
fn what_an_import_says_of_a_key_is_what_it_writes() {
    let imported = |yaml: &str| {
        let case = Case::new(&[("hotpass.toml", PIPELINE), ("a.yaml", yaml)]);
        let (toml, told, code) = hotpass(&case, &["profile", "import", "a.yaml"]);
        assert_eq!(code, Some(0), "{told}");
        (toml, told)
    };
    let (toml, told) = imported("name: a\nextends: south-africa\n");
    assert!(toml.contains("extends = \"south-africa\"") && told == "0 keys dropped\n", "{toml}{told}");
    let (toml, told) = imported("name: a\nextends: [b, c]\n");
    assert!(toml.contains("extends = \"generic\""), "{toml}");
    assert_eq!(
        told,
        "dropped `extends`: it is not the name of one profile; the TOML extends `generic`\n1 key dropped\n"
    );
    let check = |yaml: &str, key: &str, gone: &str| {
        let (toml, told) = imported(yaml);
        assert!(told.contains(&format!("dropped `{key}`: ")), "{key}: {told}");
        assert!(told.ends_with("1 key dropped\n") && !toml.contains(gone), "{key}: {told}{toml}");
    };
    check("name: a\ndisplay_name: 5\n", "display_name", "5");
    check("default_country_code: 27\n", "default_country_code", "27");
    check("default_country_code: ZA\nrefine: {normalization: {country_code: DE}}\n", "default_country_code", "ZA");
    check("column_synonyms: {mail: [email, 77]}\n", "column_synonyms.mail", "77");
    check("column_synonyms: words\n", "column_synonyms", "words");
    check("compliance: {pii_fields: {mail: 1}}\n", "compliance.pii_fields", "mail");
    check("source_priorities: {crm: high}\n", "source_priorities.crm", "high");
    check(
        "source_priorities: {crm: 77}\ningest: {sources: [{name: crm, priority: 2}]}\n",
        "source_priorities.crm",
        "77",
    );
    check("ingest: {sources: crm}\n", "ingest.sources", "crm");
}
