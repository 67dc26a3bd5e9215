//! A part says which lookups and weights it needs, so that whoever lacks one is told once.

use std::collections::BTreeSet;
use std::path::Path;

use crate::case::Case;

fn module() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/modules/organisations.toml");
    std::fs::read_to_string(path).expect("a pipeline")
}

/// The last argument of each call of a function, where it is a text.
fn named(text: &str, function: &str) -> BTreeSet<String> {
    let call = format!("{function}(");
    let calls = text.match_indices(&call).map(|(at, _)| &text[at..]);
    let last = |it: &str| {
        let mut depth = 0;
        let end = it.find(|c| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            c == ')' && depth == 0
        })?;
        it[..end].strip_suffix('\'')?.rsplit_once('\'').map(|(_, name)| name.to_owned())
    };
    calls.filter_map(last).collect()
}

#[test]
fn a_shipped_part_declares_what_it_looks_up() {
    let text = module();
    let table: toml::Table = text.parse().expect("TOML");
    let declared = |key: &str| {
        let all = table["pipeline"][key].as_array().expect("a list").iter();
        all.map(|it| it.as_str().expect("a text").to_owned()).collect::<BTreeSet<_>>()
    };
    let used = named(&text, "lookup").into_iter().chain(named(&text, "nearest")).collect::<BTreeSet<_>>();
    assert_eq!(declared("lookups"), used);
    assert_eq!(declared("enrich"), named(&text, "enrich"));
}

#[test]
fn whoever_lacks_them_is_told_once() {
    let pipeline = "[pipeline]\nname = \"p\"\nprofile = \"generic\"\n[source.rows]\npath = \"rows.csv\"\nheader = 1\n\
                    [use.clean]\npipeline = \"shipped:organisations\"\ninputs = { rows = \"rows\" }\n\
                    [export.out]\nfrom = \"clean.organisations\"\npath = \"dist/out.csv\"\n";
    let rows = "organization_name,source_datasets\nAero School,register\n";
    let case = Case::new(&[("hotpass.toml", pipeline), ("rows.csv", rows)]);
    let told = case.problems();
    assert_eq!(told.matches("hotpass::").count(), 1, "{told}");
    for it in ["`[lookup.category]`", "`[lookup.province]`", "`[lookup.role]`", "hotpass.toml:8"] {
        assert!(told.contains(it), "{it}: {told}");
    }
    assert!(!told.contains("[lookup.permission]"), "the profile has it: {told}");
}

const BOOK: &str = "[pipeline]\nname = \"p\"\nprofile = \"aviation\"\n[enrich]\nsource_rank = { Book = 1 }\n\
    [field.employees]\nvalue = \"integer\"\n[source.book]\npath = \"book.csv\"\nheader = 1\n\
    [step.mapped]\nkind = \"map\"\nfrom = \"book\"\nset.source_datasets = \"Book\"\n\
    [use.refined]\npipeline = \"shipped:organisations\"\ninputs = { rows = \"mapped\" }\n\
    [export.orgs]\nfrom = \"refined.organisations\"\npath = \"dist/orgs.csv\"\n\
    columns = [\"organization_name\", \"province\", \"area\", \"organization_category\", \"organization_type\", \"contact_primary_name\"]\n\
    [export.people]\nfrom = \"refined.people\"\npath = \"dist/people.csv\"\ncolumns = [\"contact_name\", \"contact_role\", \"contact_email\"]\n";

/// What books call by its usual name is taken, and what is not is told.
#[test]
fn fields_of_a_profile_reach_organisations() {
    let rows = "Company,Full name,Contact,Province,Organisation category,Email,Employees\n\
        Aero School,Jo Smith,,Gauteng,Flight School,jo@aero.example,12\n\
        Bee Club,\"Bee, Ann\",Ann Bee (Owner),Narnia,Odd kind,ann@bee.example,3\n\
        Cub Works,Cy Dee cy@cub.example,,Limpopo,,,4\n";
    let case = Case::new(&[("hotpass.toml", BOOK), ("book.csv", rows)]);
    let told = case.problems();
    let unread = "input `refined.rows` does not read mapped column of `mapped`, and it is lost: `employees`";
    assert!(told.contains(unread), "{told}");
    case.build();
    insta::assert_snapshot!(case.text("dist/orgs.csv"), @"
    organization_name,province,area,organization_category,organization_type,contact_primary_name
    Cub Works,Limpopo,,,,Cy Dee
    Bee Club,,Narnia,,Odd kind,Ann Bee
    Aero School,Gauteng,,Flight School,Flight School,Jo Smith
    ");
    insta::assert_snapshot!(case.text("dist/people.csv"), @"
    contact_name,contact_role,contact_email
    Cy Dee,,cy@cub.example
    Ann Bee,Owner,ann@bee.example
    Jo Smith,,jo@aero.example
    ");
}
