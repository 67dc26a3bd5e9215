//! The zip package of a workbook: looked over before anything is unpacked, and unpacked within limits.
//!
//! What the directory says is checked and not believed: every part that is read is read to its end, where its size and
//! its checksum must be those declared.

use std::cell::Cell;
use std::collections::HashMap;
use std::io::{self, Read};
use std::rc::Rc;

use zip::ZipArchive;
use zip::read::ZipFile;

use crate::readers::fault::Fault;
use crate::readers::input::{Input, Shared, world};
use crate::readers::problems::{PASSWORD, bytes, damaged, refuse, shown, thousands, too_large};
use crate::readers::xml::Place;
use crate::readers::{Limits, ReadError, Request};

/// Parts of a workbook at most.
const MAX_PARTS: usize = 10_000;

/// The parts of a workbook.
#[derive(Clone)]
pub(crate) struct Package {
    archive: ZipArchive<Shared>,
    names: Rc<HashMap<String, usize>>,
    file: String,
    limits: Limits,
    inflated: Rc<Cell<u64>>,
}

/// A part that is being read.
pub(crate) type Part<'a> = Bounded<'a>;

impl Package {
    /// Looks over the directory.
    pub(crate) fn open(request: &Request, input: &Input) -> Result<Package, ReadError> {
        let file = request.name.clone();
        let mut archive = ZipArchive::new(input.reader()).map_err(|error| not_a_zip(&file, error))?;
        if archive.is_empty() {
            return Err(damaged(&file, "it is a zip archive without a part"));
        }
        if archive.len() > MAX_PARTS {
            let what =
                format!("it has {} parts, more than {}", thousands(archive.len() as u64), thousands(MAX_PARTS as u64));
            return Err(too_large(&file, what));
        }
        if archive.has_duplicate_names() {
            return Err(damaged(&file, "two of its parts have one name"));
        }
        let names = part_names(&mut archive, &file)?;
        let overlapping = archive.has_overlapping_entries().map_err(|error| not_a_zip(&file, error))?;
        if overlapping {
            return Err(damaged(&file, "its parts overlap"));
        }
        let limits = request.limits.clone();
        Ok(Package { archive, names: Rc::new(names), file, limits, inflated: Rc::new(Cell::new(0)) })
    }

    /// The same package, with limits of its own: a part is looked through twice.
    pub(crate) fn again(&self) -> Package {
        Package { inflated: Rc::default(), ..self.clone() }
    }

    /// Whether there is such a part.
    pub(crate) fn has(&self, part: &str) -> bool {
        self.names.contains_key(&part.to_ascii_lowercase())
    }

    /// How messages name a part.
    pub(crate) fn place(&self, part: &str) -> Place {
        Place { file: self.file.clone(), part: part.to_owned() }
    }

    /// Starts reading a part; names of parts do not tell upper from lower case.
    pub(crate) fn part(&mut self, part: &str) -> Result<Part<'_>, ReadError> {
        let Some(index) = self.names.get(&part.to_ascii_lowercase()).copied() else {
            return Err(damaged(&self.file, format!("part `{}` is missing", shown(part))));
        };
        let place = self.place(part);
        let inner = self.archive.by_index(index).map_err(|error| not_readable(&place, error))?;
        let bound = bound(&self.limits, inner.compressed_size());
        let (declared, file) = (inner.size(), self.file.clone());
        if declared > bound {
            return Err(oversized(&file, part, &self.limits));
        }
        let inflated = Rc::clone(&self.inflated);
        let bounded = Bounded { inner, read: 0, declared, bound, inflated, total: self.limits.total_bytes, place };
        Ok(bounded)
    }
}

/// What a part may inflate to.
fn bound(limits: &Limits, compressed: u64) -> u64 {
    compressed.saturating_mul(limits.ratio).max(1 << 20).min(limits.part_bytes)
}

fn oversized(file: &str, part: &str, limits: &Limits) -> ReadError {
    let what = format!(
        "part `{}` unpacks to more than {} times its size, or to more than {}",
        shown(part),
        thousands(limits.ratio),
        bytes(limits.part_bytes)
    );
    too_large(file, what)
}

/// The index of each part by its name in lower case.
fn part_names(archive: &mut ZipArchive<Shared>, file: &str) -> Result<HashMap<String, usize>, ReadError> {
    let mut names = HashMap::with_capacity(archive.len());
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index).map_err(|error| not_a_zip(file, error))?;
        if part.encrypted() {
            let message = format!("`{}` is protected by a password", shown(file));
            return Err(refuse(&PASSWORD, message, "remove the password and build again"));
        }
        let name = part.name().map_err(|error| not_a_zip(file, error))?.to_ascii_lowercase();
        // Some programs write the folders of parts as Windows does.
        let name = name.replace('\\', "/").trim_start_matches('/').to_owned();
        if names.insert(name, index).is_some() {
            return Err(damaged(file, "two of its parts have one name"));
        }
    }
    Ok(names)
}

fn not_a_zip(file: &str, error: zip::result::ZipError) -> ReadError {
    match error {
        zip::result::ZipError::Io(error) if error.raw_os_error().is_some() => world(file, &error),
        _ => damaged(file, "it is not a complete zip archive"),
    }
}

fn not_readable(place: &Place, error: zip::result::ZipError) -> ReadError {
    match error {
        zip::result::ZipError::Io(error) => place.failed(&error),
        zip::result::ZipError::UnsupportedArchive(_) => place.damaged("is packed in a way that is not read"),
        _ => place.damaged("cannot be unpacked"),
    }
}

/// A part that must not inflate beyond its bound, and must have the size it declares.
pub(crate) struct Bounded<'a> {
    inner: ZipFile<'a, Shared>,
    read: u64,
    declared: u64,
    bound: u64,
    inflated: Rc<Cell<u64>>,
    total: u64,
    place: Place,
}

impl Read for Bounded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = match self.inner.read(buffer) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) if error.raw_os_error().is_some() => return Err(Fault::wrap(world(&self.place.file, &error))),
            Err(error) => {
                let checksum = error.to_string().to_ascii_lowercase().contains("checksum");
                let what = if checksum { "does not match its checksum" } else { "cannot be unpacked" };
                return Err(Fault::wrap(self.place.damaged(what)));
            }
        };
        if count == 0 && !buffer.is_empty() && self.read != self.declared {
            return Err(Fault::wrap(self.place.damaged("has another size than it declares")));
        }
        self.read += count as u64;
        self.inflated.set(self.inflated.get() + count as u64);
        if self.read > self.declared {
            return Err(Fault::wrap(self.place.damaged("has another size than it declares")));
        }
        if self.read > self.bound || self.inflated.get() > self.total {
            let what = format!("it unpacks to more than {}", bytes(self.bound.min(self.total)));
            return Err(Fault::wrap(too_large(&self.place.file, what)));
        }
        Ok(count)
    }
}
