//! The files of a folder that is refined. What cannot be read is left out with a warning that names it; nothing is passed
//! over in silence but what other programs keep beside files, and what an earlier run put there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::escape::line;
use crate::problem::{Code, Problem};
use crate::readers::Format;
use crate::readers::reach::{self, Place, Reach};

/// A file of the folder that cannot be read.
pub const UNREADABLE: Code = Code::warning("hotpass::refine::unreadable");

/// What is in a folder.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    /// Workbooks and delimited text, by name.
    pub(crate) files: Vec<PathBuf>,
    /// A warning for every other file.
    pub(crate) told: Vec<Problem>,
}

/// Looks into `folder`. Files that begin with `stem` and stand where the output goes, `out`, are an earlier run's.
pub(crate) fn look(folder: &Path, out: &Path, stem: &str) -> io::Result<Folder> {
    let mut all: Vec<PathBuf> = fs::read_dir(folder)?.map(|it| it.map(|it| it.path())).collect::<io::Result<_>>()?;
    all.sort();
    let (reach, own) = (Reach::of(folder), reach::real(folder) == reach::real(out));
    let mut acc = Folder::default();
    for path in all {
        let Some(name) = path.file_name().and_then(|it| it.to_str()) else {
            acc.told.push(left_out(&path, "its name is not a text"));
            continue;
        };
        let rest = name.strip_prefix(stem).filter(|it| own && it.starts_with(['.', '-']));
        if path.is_dir() || name.starts_with(['.', '~']) || rest.is_some() {
            continue;
        }
        if reach.place(&reach::real(&path)) == Place::Outside {
            acc.told.push(left_out(&path, "it is a link that leads out of its folder"));
        } else if Format::of_path(&path).is_none() {
            acc.told.push(left_out(&path, "it is neither a workbook nor delimited text"));
        } else if !path.is_file() {
            acc.told.push(left_out(&path, "it is not a file"));
        } else if Format::of_path(&reach::real(&path)).is_none() {
            acc.told.push(left_out(&path, "it leads to a file that is neither a workbook nor delimited text"));
        } else {
            acc.files.push(path);
        }
    }
    Ok(acc)
}

/// The warning that a file is left out.
fn left_out(path: &Path, reason: &str) -> Problem {
    let name = path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
    let help = "what it holds is in no artefact; remove it from the folder, or put a copy there that can be read";
    Problem::new(&UNREADABLE, format!("`{}` is left out: {reason}", line(&name))).help(help.to_owned())
}

/// The warning that a place, a file or a sheet of one, cannot be read, and why.
pub(crate) fn unreadable(place: &str, why: &Problem) -> Problem {
    let message = format!("`{}` is left out: {}", line(place), why.message);
    Problem::new(&UNREADABLE, message).help(why.help.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_read_or_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let make = |name: &str| fs::write(folder.path().join(name), "a\n1\n").expect("written");
        ["b.csv", "a.xlsx", "letter.pdf", ".hidden.csv", "~$a.xlsx", "out.csv", "out-ids.csv", "outer.csv"]
            .into_iter()
            .for_each(make);
        fs::create_dir(folder.path().join("old.csv")).expect("a folder");
        let names = |it: &Folder| -> Vec<_> {
            it.files.iter().map(|it| it.file_name().expect("a name").to_string_lossy().into_owned()).collect()
        };
        let here = look(folder.path(), folder.path(), "out").expect("it can be read");
        assert_eq!(names(&here), ["a.xlsx", "b.csv", "outer.csv"]);
        let told: Vec<_> = here.told.iter().map(|it| (&*it.code, it.message.as_str())).collect();
        let letter = "`letter.pdf` is left out: it is neither a workbook nor delimited text";
        assert_eq!(told, [(UNREADABLE.name, letter)]);
        let elsewhere = look(folder.path(), Path::new("elsewhere"), "out").expect("it can be read");
        assert_eq!(names(&elsewhere), ["a.xlsx", "b.csv", "out-ids.csv", "out.csv", "outer.csv"]);
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("letter.pdf", folder.path().join("link.csv")).expect("a link");
            let linked = look(folder.path(), folder.path(), "out").expect("it can be read");
            assert_eq!(names(&linked), ["a.xlsx", "b.csv", "outer.csv"]);
            assert!(linked.told.iter().any(|it| it.message.starts_with("`link.csv` is left out: it leads to")));
        }
        assert!(look(&folder.path().join("nowhere"), folder.path(), "out").is_err());
    }
}
