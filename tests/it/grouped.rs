//! Clusters of pairs that are weighed already: those that `resolve` makes of the same pairs, in any order of rows.

use std::collections::{BTreeMap, BTreeSet};

use hotpass::summary::Status;

use crate::case::Case;
use crate::program::{Ran, command};

const PIPELINE: &str = "[pipeline]\nname = 'p'\n[source.rows]\npath = 'rows.csv'\n\
    [step.found]\nkind = 'resolve'\nfrom = 'rows'\nkey = 'id'\n\
    compare = { given = 'given name', family = 'surname', born = 'date', mails = 'list', seat = 'place' }\n\
    [step.pairs]\nkind = 'link'\nfrom = 'rows'\nkey = 'id'\nreview = 0.0\n\
    compare = { given = 'given name', family = 'surname', born = 'date', mails = 'list', seat = 'place' }\n\
    [step.grouped]\nkind = 'cluster'\nfrom = 'rows'\nwith = 'pairs'\nkey = 'id'\n\
    [export.found]\nfrom = 'found'\npath = 'dist/found.csv'\ncolumns = ['id', 'cluster', '_cluster_size']\n\
    [export.grouped]\nfrom = 'grouped'\npath = 'dist/grouped.csv'\ncolumns = ['id', 'cluster', '_cluster_size']\n";

/// People, half of them twice, with an initial, another address and a few metres away.
fn rows(count: usize) -> Vec<String> {
    let syllables = ["ba", "ke", "lo", "mi", "nu", "ra", "se", "to", "vi", "zu"];
    let word = |at: usize| format!("{}{}{}", syllables[at % 10], syllables[at / 10 % 10], syllables[at / 100 % 10]);
    let mut out = Vec::new();
    for at in 0..count {
        let (given, family) = (word(at * 7 + 3), word(at * 13 + 5));
        let born = format!("19{:02}-{:02}-{:02}", 40 + at % 59, 1 + at % 12, 1 + at * 5 % 28);
        let (lat, lon) = (33.0 + (at * 37 % 100) as f64 / 100.0, 18.0 + (at * 53 % 100) as f64 / 100.0);
        out.push(format!("{at},{given},{family},{born},{given}@{at}.example,\"-{lat:.5}, {lon:.5}\""));
        if at % 2 == 0 {
            let mails = format!("old@{at}.example;{given}@{at}.example");
            out.push(format!("{at}b,{},{family},{born},{mails},\"-{:.5}, {lon:.5}\"", &given[..1], lat + 0.0004));
        }
    }
    out
}

fn write(case: &Case, rows: &[String]) {
    case.write("rows.csv", format!("id,given,family,born,mails,seat\n{}\n", rows.join("\n")));
}

/// The rows of each cluster, and what it is called.
fn clusters(case: &Case, file: &str) -> BTreeMap<BTreeSet<String>, String> {
    let mut by_name: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in case.text(file).lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        by_name.entry(cells[1].to_owned()).or_default().insert(cells[0].to_owned());
    }
    by_name.into_iter().map(|(name, rows)| (rows, name)).collect()
}

#[test]
fn clusters_of_the_pairs_of_link_are_those_of_resolve() {
    let case = Case::new(&[("hotpass.toml", PIPELINE.to_owned())]);
    let mut all = rows(150);
    write(&case, &all);
    let built = case.build();
    assert_eq!(built.status, Status::Ok, "{}", built.problems);
    let (found, grouped) = (clusters(&case, "dist/found.csv"), clusters(&case, "dist/grouped.csv"));
    assert_eq!(found.keys().collect::<Vec<_>>(), grouped.keys().collect::<Vec<_>>());
    // Lists and places tell who is one, and nobody else is.
    let twice = |it: usize| BTreeSet::from([it.to_string(), format!("{it}b")]);
    assert!((0..75).all(|it| grouped.contains_key(&twice(it * 2))), "{grouped:?}");
    assert_eq!(grouped.len(), 150);
    let before = case.text("dist/grouped.csv");
    // Neither the order of rows nor threads change what clusters are called.
    all.reverse();
    write(&case, &all);
    let ran = Ran::from(command(&case.asked.root, &[]).args(["build", "--jobs", "1"]).output().expect("it starts"));
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert_eq!(clusters(&case, "dist/grouped.csv"), grouped);
    all.reverse();
    write(&case, &all);
    let ran = Ran::from(command(&case.asked.root, &[]).args(["build", "--jobs", "8"]).output().expect("it starts"));
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert_eq!(case.text("dist/grouped.csv"), before);
}

#[test]
fn weights_limits_and_decisions_are_followed_and_the_rest_is_set_aside() {
    let pipeline = "[pipeline]\nname = 'p'\n[source.rows]\npath = 'rows.csv'\n[source.listed]\npath = 'pairs.csv'\n\
        [source.decided]\npath = 'decided.csv'\n\
        [step.pairs]\nkind = 'derive'\nfrom = 'listed'\ncolumns = { probability = 'cast(p as float)' }\n\
        [step.grouped]\nkind = 'cluster'\nfrom = 'rows'\nwith = 'pairs'\nkey = 'key'\n";
    let export = "[export.grouped]\nfrom = 'grouped'\npath = 'dist/grouped.csv'\n\
        columns = ['key', 'cluster', '_cluster_size', '_cluster_least', '_cluster_bridges']\n";
    let rejected = "[export.rejected]\nfrom = 'grouped'\nrejected = true\npath = 'dist/rejected.csv'\n\
        columns = ['problem', 'left', 'right', 'decide']\n";
    let case = Case::new(&[
        ("rows.csv", "key,system\nd,x\na,x\nb,y\nc,z\ne,y\n,y\ne,z\n".to_owned()),
        ("decided.csv", "left,right,decide\na,b,different\nd,e,same\na,z,same\n".to_owned()),
        (
            "pairs.csv",
            "left,right,p\na,b,0.99\nb,a,0.2\nc,b,0.98\nc,a,0.9\nd,c,0.95\na,d,0.001\nb,d,0.001\n\
             a,a,0.9\na,z,0.9\n,b,0.9\na,e,\nb,e,1.5\n"
                .to_owned(),
        ),
    ]);
    let built = |with: &str| {
        case.write("hotpass.toml", format!("{pipeline}{with}{export}{rejected}"));
        let built = case.build();
        assert_eq!(built.status, Status::Ok, "{}", built.problems);
        let mut names: BTreeMap<String, char> = BTreeMap::new();
        let rows = case.text("dist/grouped.csv");
        let told = rows.lines().skip(1).map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let next = char::from(b'A' + names.len() as u8);
            let name = if cells[1].is_empty() { '-' } else { *names.entry(cells[1].to_owned()).or_insert(next) };
            format!("{}:{name}", cells[0])
        });
        told.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(built(""), "d:A a:B b:B c:B e:C :- e:C");
    let problems = "problem,left,right,decide\nboth are one and the same row,a,a,\nthere is no row with this key,a,z,\n\
        it does not say which two rows it is about,,b,\nit does not say how sure it is,a,e,\n\
        its probability is not from 0 to 1,b,e,\n";
    assert_eq!(case.text("dist/rejected.csv"), problems);
    assert_eq!(built("how = 'components'\n"), "d:A a:A b:A c:A e:B :- e:B");
    assert_eq!(built("match = 0.97\n"), "d:A a:B b:B c:C e:D :- e:D");
    assert_eq!(built("across = 'system'\n"), "d:A a:B b:B c:B e:C :- e:C");
    assert_eq!(built("max_size = 2\n"), "d:A a:B b:B c:A e:C :- e:C");
    assert_eq!(built("how = 'one to one'\n"), "d:A a:B b:B c:A e:C :- e:C");
    assert_eq!(built("decisions = 'decided'\n"), "d:A a:B b:C c:C e:A :- e:A");
    assert!(case.text("dist/rejected.csv").ends_with("there is no row with this key,a,z,same\n"));
}
