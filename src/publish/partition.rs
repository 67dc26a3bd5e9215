//! Folders of a partitioned artefact, as Hive has them: `year=2024/month=1`, a folder for each value of each column.
//!
//! A value never makes a path of its own: whatever is no letter, digit or a few harmless signs is percent-encoded, a
//! value that is missing has the name that Hive gave it, and what some disk would confuse is refused.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::problems::PARTITION;
use crate::model::Type;
use crate::problem::Problem;

/// The name of the file in each folder.
pub const FILE: &str = "part.parquet";
/// Stands for a value that is missing, as Hive, Spark, Arrow and DuckDB read it.
const MISSING: &str = "__HIVE_DEFAULT_PARTITION__";
/// Most files of one artefact: each is a pass over the table.
pub const MOST: usize = 4_096;
/// Bytes of a name that every disk takes.
const LONGEST: usize = 255;

/// Values of the columns, in the order of these; nothing for one that is missing.
pub type Values = Vec<Option<String>>;

/// Whether values of this type can be names of folders: those that are written in one way only.
pub fn is_fit(ty: Type) -> bool {
    matches!(ty, Type::Text | Type::Integer | Type::Boolean | Type::Date)
}

/// The path of the file with these values, below the folder of the artefact.
fn path(by: &[String], values: &Values) -> String {
    let mut acc = String::new();
    for (name, value) in by.iter().zip(values) {
        let value = value.as_deref().map_or_else(|| MISSING.to_owned(), encoded);
        let _ = write!(acc, "{}={value}/", encoded(name));
    }
    acc + FILE
}

/// A path as files of these columns have them, for asking what would read such files.
pub fn like(by: &[String]) -> String {
    path(by, &vec![Some("x".to_owned()); by.len()])
}

/// Paths of all files, in the order of `all`.
///
/// # Errors
///
/// There are too many, one has too long a name, or some disks would take two for one.
pub fn paths(by: &[String], all: &[&Values]) -> Result<Vec<String>, Box<Problem>> {
    let columns = by.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ");
    let refused = |message: String, help: &str| Err(Box::new(Problem::new(&PARTITION, message).help(help.to_owned())));
    if all.len() > MOST {
        let message = format!("{columns} would make more than {MOST} files");
        return refused(message, "partition by a column of fewer values, such as a year in the place of a day");
    }
    let paths: Vec<String> = all.iter().map(|it| path(by, it)).collect();
    if all.iter().copied().flatten().flatten().any(|it| it.contains('\0')) {
        let message = format!("a value of {columns} has a sign that no name can have");
        return refused(message, "remove it in a step before: `clean(…)` does");
    }
    if all.iter().copied().flatten().flatten().any(|it| it.is_empty()) {
        let message = format!("a value of {columns} is an empty text, which is no name of a folder for every program");
        return refused(message, "make it null in a step before, as by `nullif(…, '')`: a missing value has a folder");
    }
    if paths.iter().flat_map(|it| it.split('/')).any(|it| it.len() > LONGEST) {
        let message = format!("a value of {columns} is too long for the name of a folder");
        return refused(message, "partition by a code or a year, not by a text that people wrote");
    }
    let mut known = HashSet::new();
    if !paths.iter().all(|it| known.insert(it.to_lowercase())) {
        let message = format!(
            "two values of {columns} differ only in upper and lower case, or in a value that means a missing one"
        );
        return refused(message, "make them one in a step before, as by `lower(…)`: not every disk keeps them apart");
    }
    Ok(paths)
}

/// A text as a part of a name: letters and digits of any script, and signs that no disk and no reader takes for more.
fn encoded(text: &str) -> String {
    let mut acc = String::new();
    let ends_open = |at: usize| at + 1 == text.len();
    for (at, sign) in text.char_indices() {
        let harmless = match sign {
            '-' | '_' | '+' | ',' | '(' | ')' | '@' | '~' => true,
            // Some disks leave these out at the end of a name.
            '.' | ' ' => !ends_open(at),
            _ => sign.is_alphanumeric(),
        };
        match harmless {
            true => acc.push(sign),
            false => sign.encode_utf8(&mut [0; 4]).bytes().for_each(|it| {
                let _ = write!(acc, "%{it:02X}");
            }),
        }
    }
    acc
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(all: &[Option<&str>]) -> Values {
        all.iter().map(|it| it.map(str::to_owned)).collect()
    }

    fn paths_of(all: &[&[Option<&str>]]) -> Result<Vec<String>, String> {
        let by = vec!["year".to_owned(), "a/b".to_owned()];
        let all: Vec<Values> = all.iter().map(|it| values(it)).collect();
        paths(&by, &all.iter().collect::<Vec<_>>()).map_err(|it| it.message)
    }

    #[test]
    fn values_are_parts_of_names_and_nothing_else() {
        let mean = ["../../x", "a\\b", "..", "C:", "a=b", "50%", "x.", "x ", "a b", "Zürich", "\u{202e}x", "*?\"<>|"];
        let encoded = [
            "..%2F..%2Fx",
            "a%5Cb",
            ".%2E",
            "C%3A",
            "a%3Db",
            "50%25",
            "x%2E",
            "x%20",
            "a b",
            "Zürich",
            "%E2%80%AEx",
            "%2A%3F%22%3C%3E%7C",
        ];
        for (value, name) in mean.into_iter().zip(encoded) {
            let paths = paths_of(&[&[Some("2024"), Some(value)]]);
            assert_eq!(paths, Ok(vec![format!("year=2024/a%2Fb={name}/part.parquet")]), "{value:?}");
        }
        assert_eq!(paths_of(&[&[None, None]]).unwrap()[0], format!("year={MISSING}/a%2Fb={MISSING}/part.parquet"));
    }

    #[test]
    fn what_a_disk_would_confuse_is_refused() {
        assert!(paths_of(&[&[Some("x"), None], &[Some("X"), None]]).unwrap_err().contains("upper and lower case"));
        assert!(paths_of(&[&[Some(MISSING), None], &[None, None]]).is_err());
        assert!(paths_of(&[&[Some("x"), None], &[Some("y"), None]]).is_ok());
        // Spark refuses a whole folder in which one is called `year=`.
        assert!(paths_of(&[&[Some(""), None]]).unwrap_err().contains("an empty text"));
        assert!(paths_of(&[&[Some(&"é".repeat(126)), None]]).unwrap_err().contains("too long"));
        let many: Vec<String> = (0..=MOST).map(|it| it.to_string()).collect();
        let many: Vec<Values> = many.iter().map(|it| values(&[Some(it)])).collect();
        assert!(paths(&["n".to_owned()], &many.iter().collect::<Vec<_>>()).is_err());
    }
}
