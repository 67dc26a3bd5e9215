//! Folders of Parquet files, one for each value of a column: where values go, what stands and what goes away.

use crate::case::Case;

const PIPELINE: &str = r#"
[pipeline]
name = "p"
[source.rows]
path = "data/rows.csv"
header = 1
[step.kept]
kind = "derive"
from = "rows"
columns.year = "year(cast(day as date))"
[export.years]
from = "kept"
path = "dist/years"
format = "parquet"
columns = ["n", "town"]
partition_by = ["year", "town"]
"#;

const ROWS: &str =
    "n,town,day\n1,Ghent,2024-01-31\n2,Bruges,2023-05-01\n3,Ghent,2024-03-01\n4,../../x,2024-04-01\n5,,\n";

fn case() -> Case {
    Case::new(&[("hotpass.toml", PIPELINE), ("data/rows.csv", ROWS)])
}

fn files(case: &Case) -> Vec<String> {
    let own = |it: &String| it.ends_with(".parquet");
    case.artefacts().into_keys().map(|it| it.trim_start_matches("dist/").to_owned()).filter(own).collect()
}

/// The rows of one file, as our own reader finds them.
fn rows_of(case: &Case, path: &str) -> String {
    let pipeline = "[pipeline]\nname = \"r\"\n[source.rows]\npath = \"data/part.parquet\"\n";
    let again = Case::new(&[("hotpass.toml", pipeline.as_bytes()), ("data/part.parquet", &case.read(path))]);
    again.build().ok();
    again.table("r.rows")
}

#[test]
fn each_value_has_a_file_and_makes_no_path_of_its_own() {
    let case = case();
    case.build().ok();
    let all = [
        "years/year=2023/town=Bruges/part.parquet",
        "years/year=2024/town=..%2F..%2Fx/part.parquet",
        "years/year=2024/town=Ghent/part.parquet",
        "years/year=__HIVE_DEFAULT_PARTITION__/town=__HIVE_DEFAULT_PARTITION__/part.parquet",
    ];
    assert_eq!(files(&case), all);
    assert_eq!(rows_of(&case, "dist/years/year=2024/town=Ghent/part.parquet"), "n\n1\n3\n");
    let other = case.fresh();
    other.build().ok();
    assert_eq!(other.artefacts(), case.artefacts(), "the same bytes wherever it is built");
    let sums = case.text("dist/SHA256SUMS");
    assert!(all.iter().all(|it| sums.contains(it)), "{sums}");
    let lock = case.text("hotpass.lock");
    assert!(all.iter().all(|it| lock.contains(it)), "{lock}");
    assert_eq!(case.build().ok().written(), "nothing");
}

#[test]
fn what_no_row_has_any_more_goes_away_and_nothing_else_does() {
    let case = case();
    case.build().ok();
    case.write("dist/years/year=2023/own.txt", "somebody's");
    case.write("dist/years/year=2024/town=Ghent/part.parquet", "changed");
    case.write("data/rows.csv", "n,town,day\n2,Antwerp,2024-05-01\n");
    case.build().ok();
    assert_eq!(
        files(&case),
        ["years/year=2024/town=Antwerp/part.parquet", "years/year=2024/town=Ghent/part.parquet"],
        "what somebody changed is not ours to take away"
    );
    assert_eq!(case.text("dist/years/year=2023/own.txt"), "somebody's");
    assert!(!case.path("dist/years/year=2024/town=..%2F..%2Fx").exists(), "empty folders go");
    let sums = case.text("dist/SHA256SUMS");
    assert!(sums.contains("Antwerp") && !sums.contains("Bruges"), "{sums}");
    // A file that is gone is written again, and one of no rows at all leaves none.
    case.remove("dist/years/year=2024/town=Antwerp/part.parquet");
    case.build().ok();
    assert_eq!(rows_of(&case, "dist/years/year=2024/town=Antwerp/part.parquet"), "n\n2\n");
    case.write("data/rows.csv", "n,town,day\n");
    case.build().ok();
    assert_eq!(files(&case), ["years/year=2024/town=Ghent/part.parquet"]);
    assert_eq!(case.build().ok().written(), "nothing");
}

#[test]
fn many_rows_come_out_the_same_on_one_thread_and_on_several() {
    let mut rows = String::from("n,town,day\n");
    for n in 0..150_000 {
        rows.push_str(&format!("{n},{},2024-01-{:02}\n", ["a", "b", "c"][n % 3], n % 28 + 1));
    }
    let case = Case::new(&[("hotpass.toml", PIPELINE), ("data/rows.csv", &rows)]);
    let mut other = case.fresh();
    other.asked.jobs = 1;
    case.build().ok();
    other.build().ok();
    assert_eq!(files(&case).len(), 3);
    assert!(case.artefacts() == other.artefacts());
    let first = rows_of(&case, "dist/years/year=2024/town=b/part.parquet");
    let expected: Vec<String> = (0..150_000).filter(|it| it % 3 == 1).map(|it| it.to_string()).collect();
    assert!(first == format!("n\n{}\n", expected.join("\n")), "rows keep their order");
}

#[test]
fn a_folder_belongs_to_one_export_and_to_no_source() {
    let more = "[export.other]\nfrom = \"kept\"\npath = \"dist/years/other.csv\"\n";
    let problems = Case::new(&[("hotpass.toml", &*[PIPELINE, more].concat()), ("data/rows.csv", ROWS)]).problems();
    assert!(problems.contains("hotpass::export::path-taken"), "{problems}");
    let more = "[source.again]\npath = \"dist/years/*/*/part.parquet\"\n";
    let problems = Case::new(&[("hotpass.toml", &*[PIPELINE, more].concat()), ("data/rows.csv", ROWS)]).problems();
    assert!(problems.contains("a source is read from there"), "{problems}");
}

#[test]
fn two_values_that_a_disk_would_confuse_stop_the_build() {
    let case = case();
    case.replace("data/rows.csv", "3,Ghent", "3,GHENT");
    let problems = case.build().problems;
    assert!(problems.contains("differ only in upper and lower case"), "{problems}");
    assert!(!problems.to_lowercase().contains("ghent"), "no value is said: {problems}");
    assert!(files(&case).is_empty());
}
