//! Reading through a child process: the same answer as in this process, and no hostile file ends the parent.

use std::cell::Cell;
use std::io::Write;
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use hotpass::readers::{Format, Found, ReadError, Request, Trailer, read, read_in_child};

type Answer = Result<(Vec<Found>, Vec<RecordBatch>, Found, Trailer), ReadError>;

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_hotpass"))
}

fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, Request) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let format = Format::of_path(&path).unwrap();
    (folder, Request::new(path, name, format))
}

fn in_child(program: &Path, request: &Request) -> Answer {
    let (mut founds, mut batches) = (Vec::new(), Vec::new());
    let answer = read_in_child(
        program,
        request,
        &|| false,
        &mut |it| {
            founds.push(it.clone());
            Ok(())
        },
        &mut |it| {
            batches.push(it);
            Ok(())
        },
    );
    answer.map(|(found, trailer)| (founds, batches, found, trailer))
}

fn here(request: &Request) -> Answer {
    let (mut founds, mut batches) = (Vec::new(), Vec::new());
    let answer = read(
        request,
        &mut |it| {
            founds.push(it.clone());
            Ok(())
        },
        &mut |it| {
            batches.push(it);
            Ok(())
        },
    );
    answer.map(|(found, trailer)| (founds, batches, found, trailer))
}

fn refused(answer: Answer, code: &str) -> String {
    match answer {
        Err(ReadError::Problem(problem)) => {
            assert_eq!(problem.code, format!("hotpass::source::{code}"), "{}", problem.message);
            problem.message
        }
        other => panic!("not refused: {:?}", other.map(|it| it.3)),
    }
}

fn many_rows(rows: usize) -> Vec<u8> {
    let mut text = b"a,b,c\n".to_vec();
    for row in 0..rows {
        writeln!(text, "{row},text {},", row % 7).unwrap();
    }
    text
}

#[test]
fn the_child_answers_what_this_process_would() {
    let (_folder, request) = file("a.csv", &many_rows(100_000));
    let answer = in_child(program(), &request).unwrap();
    assert_eq!(answer.3.rows, 100_000);
    assert!(answer.1.len() > 2);
    assert_eq!(answer, here(&request).unwrap());

    let (_folder, request) = file("a.csv", b"a,b\n");
    assert_eq!(in_child(program(), &request).unwrap(), here(&request).unwrap());

    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "name").unwrap();
    for row in 1..5000 {
        sheet.write_string(row, 0, format!("text {row}")).unwrap();
    }
    let (_folder, request) = file("a.xlsx", &book.save_to_buffer().unwrap());
    assert_eq!(in_child(program(), &request).unwrap(), here(&request).unwrap());
}

#[test]
fn problems_come_through_the_pipe() {
    let (_folder, mut request) = file("a.csv", b"a,b\n1,\"");
    let problem = here(&request).unwrap_err();
    assert_eq!(in_child(program(), &request).unwrap_err(), problem);
    request.path = PathBuf::from("/nowhere/at/all.csv");
    refused(in_child(program(), &request), "missing");
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_asks_for_too_much_memory_ends_the_child_alone() {
    // One text of 48 MiB, which the limits on what is unpacked are told to let pass.
    let text = "A".repeat(48 << 20);
    let relation = |id: &str, kind: &str, target: &str| {
        format!(r#"<Relationship Id="{id}" Type="http://x/{kind}" Target="{target}"/>"#)
    };
    let relations = |inside: &str| format!("<Relationships>{inside}</Relationships>");
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, part) in [
        ("_rels/.rels", relations(&relation("a", "officeDocument", "xl/workbook.xml"))),
        (
            "xl/workbook.xml",
            r#"<workbook xmlns:r="r"><sheets><sheet name="S" r:id="s"/></sheets></workbook>"#.to_owned(),
        ),
        ("xl/_rels/workbook.xml.rels", relations(&relation("s", "worksheet", "sheet.xml"))),
        (
            "xl/sheet.xml",
            format!(
                r#"<worksheet><sheetData><row r="1"><c r="A1" t="str"><v>{text}</v></c></row></sheetData></worksheet>"#
            ),
        ),
    ] {
        writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(part.as_bytes()).unwrap();
    }
    let (_folder, mut request) = file("a.xlsx", &writer.finish().unwrap().into_inner());
    (request.limits.ratio, request.limits.cell_bytes) = (5000, 1 << 30);
    request.limits.memory_bytes = 64 << 20;
    let message = refused(in_child(program(), &request), "too-large");
    assert_eq!(message, "`a.xlsx` asks for more memory than 64 MiB to be read");
}

#[test]
fn what_is_not_the_program_is_no_fault_of_the_file() {
    let (folder, request) = file("a.csv", b"a\n1\n");
    assert!(matches!(in_child(&folder.path().join("none"), &request), Err(ReadError::World(_))));
}

#[cfg(unix)]
#[test]
fn a_child_that_does_not_keep_to_its_word_is_not_believed() {
    use std::os::unix::fs::PermissionsExt;
    let frame = |kind: char, text: &str| {
        let length: String = (text.len() as u64).to_le_bytes().iter().map(|it| format!("\\{it:03o}")).collect();
        format!("printf '{kind}{length}'; printf '%s' '{text}'\n")
    };
    let found = frame('F', &serde_json::to_string(&Found::default()).unwrap());
    let (folder, request) = file("a.csv", b"a\n1\n");
    let (_, _, _, mut trailer) = here(&request).unwrap();
    trailer.rows = 5;
    let trailer = frame('T', &serde_json::to_string(&trailer).unwrap());
    let program = folder.path().join("liar");
    let check = |script: String| {
        std::fs::write(&program, format!("#!/bin/sh\ncat > /dev/null\n{script}")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
        in_child(&program, &request)
    };
    let junk = frame('B', "junk!");
    for script in [found.clone() + &trailer, trailer.clone(), junk.clone(), found.clone() + &junk + &trailer] {
        assert!(matches!(check(script), Err(ReadError::World(_))));
    }
    refused(check("exit 0".to_owned()), "crashed");
    refused(check(found + "exit 0"), "crashed");
    refused(check("kill -SEGV $$".to_owned()), "crashed");
    refused(check("kill -ABRT $$".to_owned()), "too-large");
}

#[test]
fn a_reader_that_stops_listening_or_is_cancelled_ends_the_child() {
    let (_folder, request) = file("a.csv", &many_rows(300_000));
    let stop = || ReadError::World("enough".to_owned());
    let answer = read_in_child(program(), &request, &|| false, &mut |_| Ok(()), &mut |_| Err(stop()));
    assert_eq!(answer.unwrap_err(), stop());

    let cancelled = Cell::new(false);
    let answer = read_in_child(program(), &request, &|| cancelled.get(), &mut |_| Ok(()), &mut |_| {
        cancelled.set(true);
        Ok(())
    });
    assert_eq!(answer.unwrap_err(), ReadError::World("reading was cancelled".to_owned()));
}
