//! Packed files: `.gz`, `.zst` and the members of a `.zip` are read as what is in them.
//!
//! They are unpacked into memory, within the limits of workbooks: a small file that holds very much is refused.

use std::fs::File;
use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;
use zip::ZipArchive;
use zip::result::ZipError;

use crate::readers::problems::{KIND, MISSING, PASSWORD, bytes, damaged, refuse, shown, too_large};
use crate::readers::{ReadError, Request};

/// How many members of an archive are named.
const NAMED: usize = 5;

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Gzip,
    Zstd,
    Zip,
}

impl Packing {
    /// By the ending of a name.
    fn of(name: &str) -> Option<Packing> {
        match name.rsplit_once('.')?.1.to_lowercase().as_str() {
            "gz" => Some(Packing::Gzip),
            "zst" => Some(Packing::Zstd),
            "zip" => Some(Packing::Zip),
            _ => None,
        }
    }
}

/// Whether a file of this name is packed.
pub fn is_packed(name: &str) -> bool {
    Packing::of(name).is_some()
}

/// Whether a file of this name has members.
pub fn has_members(name: &str) -> bool {
    Packing::of(name) == Some(Packing::Zip)
}

/// The name whose ending says what is in a file: that of its member, or its own without `.gz`.
pub fn inner<'a>(name: &'a str, member: Option<&'a str>) -> &'a str {
    match Packing::of(name) {
        Some(Packing::Zip) => member.unwrap_or(name),
        Some(_) => name.rsplit_once('.').map_or(name, |(it, _)| it),
        None => name,
    }
}

/// What is in the file of a request; nothing where it is not packed.
pub(crate) fn unpacked(request: &Request, file: &File) -> Result<Option<Vec<u8>>, ReadError> {
    let name = request.path.to_string_lossy();
    let packing = Packing::of(&name);
    if request.options.member.is_some() && packing != Some(Packing::Zip) {
        let message = format!("`{}` has no members: only a `.zip` has", shown(&request.name));
        return Err(refuse(&KIND, message, "remove `member`, or name the archive in `path`"));
    }
    let Some(packing) = packing else { return Ok(None) };
    let size = file.metadata().map_or(0, |it| it.len());
    let limits = &request.limits;
    let most = limits.part_bytes.min((1 << 20) + limits.ratio.saturating_mul(size));
    let broken = |error: &dyn std::fmt::Display| damaged(&request.name, format!("it cannot be unpacked: {error}"));
    let mut out = Vec::new();
    match packing {
        Packing::Gzip => taken(MultiGzDecoder::new(file), most, &mut out).map_err(|it| broken(&it))?,
        Packing::Zstd => {
            let reader = StreamingDecoder::new(file).map_err(|it| broken(&it))?;
            taken(reader, most, &mut out).map_err(|it| broken(&it))?;
        }
        Packing::Zip => {
            let mut archive = ZipArchive::new(file).map_err(|it| broken(&it))?;
            if archive.has_duplicate_names() {
                return Err(damaged(&request.name, "two of its members have one name"));
            }
            let member = request.options.member.clone().unwrap_or_default();
            let known: Vec<String> = archive.file_names().filter_map(|it| Some(it.ok()?.into_owned())).collect();
            let known = known.into_iter().filter(|it| !it.ends_with('/')).collect();
            let part = archive.by_name(&member).map_err(|error| match error {
                ZipError::FileNotFound => missing(&request.name, &member, known),
                ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
                    let message = format!("`{}` is protected by a password", shown(&request.name));
                    refuse(&PASSWORD, message, "unpack it, and read what is in it")
                }
                other => broken(&other),
            })?;
            taken(part, most, &mut out).map_err(|it| broken(&it))?;
        }
    }
    if out.len() as u64 > most {
        let what = format!("it holds more than {}, unpacked", bytes(most));
        return Err(too_large(&request.name, what));
    }
    Ok(Some(out))
}

fn taken(reader: impl Read, most: u64, out: &mut Vec<u8>) -> io::Result<()> {
    reader.take(most.saturating_add(1)).read_to_end(out).map(drop)
}

fn missing(file: &str, member: &str, mut known: Vec<String>) -> ReadError {
    let message = format!("there is no `{}` in `{}`", shown(member), shown(file));
    known.sort();
    let count = known.len();
    let named: Vec<String> = known.iter().take(NAMED).map(|it| format!("`{}`", shown(it))).collect();
    let rest = if count > NAMED { format!(" and {} more", count - NAMED) } else { String::new() };
    match count {
        0 => refuse(&KIND, message, "the archive is empty"),
        _ => refuse(&MISSING, message, &format!("it holds {}{rest}", named.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_say_what_is_in_a_file() {
        assert_eq!(inner("a/b.csv.gz", None), "a/b.csv");
        assert_eq!(inner("b.XLSX.ZST", None), "b.XLSX");
        assert_eq!(inner("b.zip", Some("in/c.csv")), "in/c.csv");
        assert_eq!(inner("b.csv", Some("in/c.csv")), "b.csv");
        assert!(has_members("b.Zip") && is_packed("b.gz") && !has_members("b.gz") && !is_packed("gz"));
    }
}
