//! The border as its callers see it: files in, a table or a problem out.
//!
//! Workbooks are made by another library where they are sound, and by hand where they are not.

mod binary;
mod conserved;
mod delimited;
mod kinds;
mod older;
mod quotes;
mod workbook;
mod written;

use std::io::Write;
use std::path::PathBuf;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, RecordBatch};

use super::*;

/// A folder of its own with one file in it.
struct Case {
    _folder: tempfile::TempDir,
    request: Request,
}

impl Case {
    fn new(name: &str, bytes: impl AsRef<[u8]>) -> Case {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let format = Format::of_path(&path).unwrap();
        Case { request: Request::new(path, name, format), _folder: folder }
    }

    fn with(mut self, change: impl FnOnce(&mut Request)) -> Case {
        change(&mut self.request);
        self
    }

    /// The table as lines: the columns, then each row with its number and `·` for what has no value.
    fn read(&self) -> Result<Answer, ReadError> {
        let (mut lines, mut letters, mut calls) = (Vec::new(), Vec::new(), 0);
        let (found, trailer) = read(
            &self.request,
            &mut |found| {
                calls += 1;
                assert!(!found.columns.is_empty() || self.request.options.header == Header::Absent);
                Ok(())
            },
            &mut |mut batch| {
                if let Ok(at) = batch.schema().index_of(KINDS) {
                    let texts = batch.remove_column(at);
                    letters.extend(texts.as_string::<i32>().iter().map(|it| it.unwrap_or("·").to_owned()));
                }
                lines.extend(rows(&batch));
                Ok(())
            },
        )?;
        assert_eq!(calls, 1);
        assert_eq!(trailer.rows, lines.len() as u64);
        for it in &trailer.columns {
            assert_eq!(it.text + it.number + it.date + it.boolean + it.error + it.blank, trailer.rows);
        }
        let mut names: Vec<_> = found.columns.iter().map(|it| it.name.as_str()).collect();
        let mut originals = Vec::new();
        if self.request.part == Part::Aside {
            names.extend(&ASIDE[..2]);
            for line in &mut lines {
                let (rest, original) = line.rsplit_once('|').unwrap();
                originals.push(original.to_owned());
                *line = rest.to_owned();
            }
        }
        lines.insert(0, names.join("|"));
        Ok(Answer { lines, letters, found, trailer, originals })
    }

    /// What was set aside, without the digests of rows.
    fn aside(&self, expected: &[&str]) -> Answer {
        let request = Request { part: Part::Aside, ..self.request.clone() };
        let folder = tempfile::tempdir().unwrap();
        Case { _folder: folder, request }.shows(expected)
    }

    fn shows(&self, expected: &[&str]) -> Answer {
        let answer = self.read().unwrap();
        assert_eq!(answer.lines, expected);
        answer
    }

    fn refused(&self, code: &str, words: &str) {
        match self.read() {
            Err(ReadError::Problem(problem)) => {
                assert_eq!(problem.code, format!("hotpass::source::{code}"), "{}", problem.message);
                let all = format!("{} {}", problem.message, problem.help.unwrap_or_default());
                assert!(all.contains(words), "`{words}` is not in: {all}");
            }
            other => panic!("not refused: {:?}", other.map(|it| it.lines)),
        }
    }
}

#[derive(Debug)]
struct Answer {
    lines: Vec<String>,
    /// Which cells are numbers, for each row.
    letters: Vec<String>,
    found: Found,
    trailer: Trailer,
    originals: Vec<String>,
}

fn rows(batch: &RecordBatch) -> Vec<String> {
    let (numbers, texts) = batch.columns().split_last().unwrap();
    let row = |at: usize| {
        let cells = texts.iter().map(|it| if it.is_null(at) { "·" } else { it.as_string::<i32>().value(at) });
        let number = numbers.as_primitive::<Int64Type>().value(at);
        format!("{number}: {}", cells.collect::<Vec<_>>().join("|"))
    };
    (0..batch.num_rows()).map(row).collect()
}

/// A zip archive of these parts.
fn zip(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ::zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        writer.start_file(*name, ::zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A workbook made by hand.
#[derive(Clone)]
struct Book {
    sheets: String,
    sheet: String,
    strings: String,
    styles: String,
    properties: &'static str,
    extra: Vec<(&'static str, Vec<u8>)>,
    without: &'static str,
}

impl Book {
    /// One sheet with these rows.
    fn new(rows: &str) -> Book {
        Book {
            sheets: r#"<sheet name="Sheet1" sheetId="1" r:id="rId1"/>"#.to_owned(),
            sheet: format!(r#"<worksheet xmlns="x"><sheetData>{rows}</sheetData></worksheet>"#),
            strings: String::new(),
            styles: String::new(),
            properties: "",
            extra: Vec::new(),
            without: "",
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let relation = |id: &str, kind: &str, target: &str| {
            format!(r#"<Relationship Id="{id}" Type="http://x/{kind}" Target="{target}"/>"#)
        };
        let root = format!("<Relationships>{}</Relationships>", relation("a", "officeDocument", "xl/workbook.xml"));
        let book = format!(
            r#"<?xml version="1.0" encoding="UTF-8"?><workbook xmlns:r="r">{}<sheets>{}</sheets></workbook>"#,
            self.properties, self.sheets
        );
        let related = format!(
            "<Relationships>{}{}{}{}{}</Relationships>",
            relation("rId1", "worksheet", "worksheets/sheet1.xml"),
            relation("rId2", "worksheet", "worksheets/sheet1.xml"),
            relation("rIdChart", "chartsheet", "chartsheets/sheet1.xml"),
            relation("rIdS", "sharedStrings", "sharedStrings.xml"),
            relation("rIdT", "styles", "/xl/styles.xml")
        );
        let strings = format!("<sst>{}</sst>", self.strings);
        let styles = format!("<styleSheet>{}</styleSheet>", self.styles);
        let parts = [
            ("_rels/.rels", root.as_str()),
            ("xl/workbook.xml", &book),
            ("xl/_rels/workbook.xml.rels", &related),
            ("xl/worksheets/sheet1.xml", &self.sheet),
            ("xl/sharedStrings.xml", &strings),
            ("xl/styles.xml", &styles),
        ];
        let mut parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
        parts.retain(|(name, _)| *name != self.without && self.extra.iter().all(|(other, _)| name != other));
        parts.extend(self.extra.iter().map(|(name, bytes)| (*name, bytes.as_slice())));
        zip(&parts)
    }

    fn case(&self) -> Case {
        Case::new("book.xlsx", self.bytes())
    }
}

#[test]
fn formats_go_by_the_ending_of_a_name() {
    let check = |name: &str, format| assert_eq!(Format::of_path(std::path::Path::new(name)), format, "{name}");
    check("a.xlsx", Some(Format::XLSX));
    check("a.XLSM", Some(Format::XLSX));
    check("a.tsv", Some(Format::CSV));
    check("a.b/c.ods", Some(Format::ODS));
    check("a.txt", None);
    check("xlsx", None);
}

#[test]
fn a_request_survives_its_way_to_the_child() {
    let mut request = Request::new(PathBuf::from("/data/ä b.csv"), "ä b.csv", Format::CSV);
    request.options.delimiter = Some("\t".to_owned());
    request.options.header = Header::Row(3);
    let text = serde_json::to_string(&request).unwrap();
    assert_eq!(serde_json::from_str::<Request>(&text).unwrap(), request);
}

#[cfg(unix)]
#[test]
fn a_path_that_is_no_text_survives_too() {
    use std::os::unix::ffi::OsStrExt;
    let path = PathBuf::from(std::ffi::OsStr::from_bytes(b"/data/\xff.csv"));
    let request = Request::new(path, "x.csv", Format::CSV);
    let text = serde_json::to_string(&request).unwrap();
    assert_eq!(serde_json::from_str::<Request>(&text).unwrap(), request);
}

#[test]
fn what_is_no_file_is_refused_without_waiting() {
    let case = Case::new("a.csv", "a\n1\n");
    let folder = case.request.path.parent().unwrap().to_owned();
    let at = |name: &str| {
        let path = folder.join(name);
        Case::new("b.csv", "").with(|it| {
            it.path = path;
            it.name = name.to_owned();
        })
    };
    at("none.csv").refused("missing", "there is no file `none.csv`");
    at("").with(|it| it.name = "folder".to_owned()).refused("missing", "is not a file");
    at("a.csv/b.csv").refused("missing", "leads to no file");
    #[cfg(unix)]
    {
        rustix::fs::mknodat(rustix::fs::CWD, folder.join("pipe"), rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        at("pipe").refused("missing", "is not a file");
        std::os::unix::fs::symlink("loop.csv", folder.join("loop.csv")).unwrap();
        at("loop.csv").refused("missing", "leads to no file");
    }
}

#[test]
fn a_file_that_changes_while_it_is_read_is_refused() {
    let case = Case::new("a.csv", "a\n1\n");
    let mut grow = |_: &Found| {
        std::fs::write(&case.request.path, "a\n1\n2\n").unwrap();
        Ok(())
    };
    let Err(ReadError::Problem(problem)) = read(&case.request, &mut grow, &mut |_| Ok(())) else { panic!() };
    assert_eq!(problem.code, problems::CHANGED.name);
}

#[test]
fn what_is_of_another_kind_says_so() {
    Case::new("a.csv", "version https://git-lfs.github.com/spec/v1\n").refused("kind", "git lfs pull");
    Case::new("a.csv", zip(&[("a", b"x")])).refused("kind", "looks like a zip archive");
    Case::new("a.xlsx", "<!doctype html><table>").refused("kind", "looks like an HTML page");
    Case::new("a.xls", zip(&[("a", b"x")])).refused("kind", "looks like a zip archive");
    Case::new("a.xlsx", "a,b\n1,2\n").refused("damaged", "zip archive");
    let mut locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    locked.resize(70_000, 0);
    Case::new("a.xlsx", &locked).refused("kind", "looks like an old Excel workbook");
    locked.extend("EncryptionInfo".encode_utf16().flat_map(u16::to_le_bytes));
    Case::new("a.xlsx", &locked).refused("password", "remove the password");
}
