//! What a file is read as: a reader, by its name.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::path::Path;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::readers::input::Input;
use crate::readers::xlsx::Sheet;
use crate::readers::{Found, READERS, ReadError, Request, Sink, Trailer};

/// How files of one kind become tables. [`READERS`] lists them all.
pub struct TableReader {
    /// How its files end, in small letters. The first is how TOML names it.
    pub endings: &'static [&'static str],
    /// What stands in its files.
    pub holds: Holds,
    /// What the first bytes of its files show them to be; `None` where they show nothing.
    pub(crate) begins: Option<&'static str>,
    /// Reads one table.
    pub(crate) read: Read,
    /// Lists the sheets of a file.
    pub(crate) sheets: fn(&Request, &Input) -> Result<Vec<Sheet>, ReadError>,
}

/// Reads one table of a file into a sink.
type Read = fn(&Request, &Input, &mut Sink<'_>) -> Result<(Found, Trailer), ReadError>;

/// What stands in a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Holds {
    /// Sheets of cells that know what they are. They are read in a child: their readers believe what files claim.
    Sheets,
    /// One table of texts.
    Text,
}

/// One of [`READERS`].
#[derive(Clone, Copy)]
pub struct Format(&'static TableReader);

impl Format {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Format> {
        READERS.iter().map(|it| Format(it))
    }

    /// What this reader reads.
    pub const fn of(reader: &'static TableReader) -> Format {
        Format(reader)
    }

    /// Its reader.
    pub fn reader(self) -> &'static TableReader {
        self.0
    }

    /// The format of this name.
    pub fn of_name(name: &str) -> Option<Format> {
        Format::all().find(|it| it.name() == name)
    }

    /// The format that the ending of a name stands for.
    pub fn of_path(path: &Path) -> Option<Format> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        Format::all().find(|it| it.0.endings.contains(&ending.as_str()))
    }

    /// How TOML names it.
    pub const fn name(self) -> &'static str {
        self.0.endings[0]
    }

    /// Whether its files hold sheets.
    pub fn has_sheets(self) -> bool {
        self.0.holds == Holds::Sheets
    }
}

impl PartialEq for Format {
    fn eq(&self, other: &Format) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Format {}

impl Hash for Format {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// So it stands in the recipes of sources.
impl Serialize for Format {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Format {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Format, D::Error> {
        let name = String::deserialize(deserializer)?;
        Format::of_name(&name).ok_or_else(|| D::Error::custom("no reader has this name"))
    }
}
