//! `manifest.json` and `SHA256SUMS`: what was published, from what, and how to check it.
//!
//! A section a pipeline, carried forward when another one is built. No run, no time, no absolute path: equal artefacts
//! give an equal manifest. Fields stand in the order of their names.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::io;
use std::path::Path;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Written;
use crate::digest::Digest;
use crate::readers::reach::Reach;

/// The version of the format that this program reads and writes.
const VERSION: u32 = 1;

/// All that stands published beside one `manifest.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The folder of `manifest.json`, relative to the workspace.
    folder: String,
    pipelines: BTreeMap<String, Section>,
    v: u32,
}

/// What one pipeline published.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Section {
    /// The files it wrote.
    pub artefacts: Vec<Artefact>,
    /// The contracts that its tables keep, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub contracts: BTreeMap<String, Kept>,
    /// The sources it read.
    pub sources: Vec<Source>,
}

/// A contract that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// BLAKE3 of all that it says.
    #[serde(with = "hex_digest")]
    pub digest: Digest,
    /// Its version.
    pub version: String,
}

/// A published file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Artefact {
    /// BLAKE3 of its bytes.
    #[serde(with = "hex_digest")]
    pub blake3: Digest,
    /// Its length.
    pub bytes: u64,
    /// Relative to the workspace, with `/` on every system.
    pub path: String,
    /// Its rows of data.
    pub rows: u64,
    /// SHA-256 of its bytes.
    #[serde(with = "hex_bytes")]
    pub sha256: [u8; 32],
}

/// A source and the files it was read from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Source {
    /// Its files.
    pub files: Vec<SourceFile>,
    /// Its name in the pipeline.
    pub name: String,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SourceFile {
    /// The digest of the cells that were read, not of its bytes: saving a workbook again changes those.
    #[serde(with = "hex_digest")]
    pub cells: Digest,
    /// Relative to the workspace.
    pub path: String,
}

/// Why a manifest was not read.
#[derive(Debug)]
pub enum ManifestError {
    /// The file could not be read.
    Io(io::Error),
    /// It is not a manifest.
    Damaged(String),
    /// A newer hotpass wrote it.
    Newer(u32),
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ManifestError::Io(error) => write!(f, "cannot read `manifest.json`: {error}"),
            ManifestError::Damaged(reason) => write!(f, "`manifest.json` is not a manifest: {reason}"),
            ManifestError::Newer(version) => {
                write!(f, "`manifest.json` has version {version}, and this hotpass reads up to version {VERSION}")
            }
        }
    }
}

impl std::error::Error for ManifestError {}

impl Artefact {
    /// The entry of a file at `path`, relative to the workspace.
    pub fn new(path: &Path, written: &Written) -> Artefact {
        Artefact {
            blake3: written.blake3,
            bytes: written.bytes,
            path: slashed(path),
            rows: written.rows,
            sha256: written.sha256,
        }
    }
}

impl Manifest {
    /// An empty manifest for `folder`, relative to the workspace.
    pub fn new(folder: &Path) -> Manifest {
        Manifest { folder: slashed(folder), pipelines: BTreeMap::new(), v: VERSION }
    }

    /// The manifest that stands in `folder`, or an empty one.
    pub fn read(root: &Path, folder: &Path) -> Result<Manifest, ManifestError> {
        match Reach::of(root).text(&folder.join("manifest.json")) {
            Ok(text) => Manifest::from_json(&text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Manifest::new(folder)),
            Err(error) => Err(ManifestError::Io(error)),
        }
    }

    /// Reads the text of a manifest.
    pub fn from_json(text: &str) -> Result<Manifest, ManifestError> {
        #[derive(Deserialize)]
        struct Version {
            v: u32,
        }
        let damaged = |error: serde_json::Error| ManifestError::Damaged(error.to_string());
        let Version { v } = serde_json::from_str(text).map_err(damaged)?;
        if v > VERSION {
            return Err(ManifestError::Newer(v));
        }
        serde_json::from_str(text).map_err(damaged)
    }

    /// The text of `manifest.json`.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a manifest is plain data");
        text.push('\n');
        text
    }

    /// The folder of `manifest.json`, relative to the workspace.
    pub fn folder(&self) -> &str {
        &self.folder
    }

    /// The way from its folder to an artefact: all that a receiver of the folder needs.
    pub fn from_folder(&self, path: &str) -> String {
        relative(&self.folder, path)
    }

    /// What `pipeline` published.
    pub fn section(&self, pipeline: &str) -> Option<&Section> {
        self.pipelines.get(pipeline)
    }

    /// The pipelines that published something, by name.
    pub fn pipelines(&self) -> impl Iterator<Item = (&str, &Section)> {
        self.pipelines.iter().map(|(name, section)| (name.as_str(), section))
    }

    /// Replaces the section of `pipeline`, sorted; a file belongs to the pipeline that wrote it last.
    pub fn set(&mut self, pipeline: &str, mut section: Section) {
        section.artefacts.sort_by(|a, b| a.path.cmp(&b.path));
        section.artefacts.dedup_by(|a, b| a.path == b.path);
        for source in &mut section.sources {
            source.files.sort_by(|a, b| a.path.cmp(&b.path));
        }
        section.sources.sort_by(|a, b| a.name.cmp(&b.name));
        for other in self.pipelines.values_mut() {
            other.artefacts.retain(|it| section.artefacts.iter().all(|own| own.path != it.path));
        }
        self.pipelines.insert(pipeline.to_owned(), section);
    }

    /// Paths of all artefacts, relative to the workspace.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.pipelines.values().flat_map(|it| &it.artefacts).map(|it| it.path.as_str())
    }

    /// The text of `SHA256SUMS`: `sha256sum -c SHA256SUMS` in the folder checks every artefact.
    pub fn sums(&self) -> String {
        let mut sums: Vec<(String, [u8; 32])> = self
            .pipelines
            .values()
            .flat_map(|it| &it.artefacts)
            .map(|it| (self.from_folder(&it.path), it.sha256))
            .collect();
        sums.sort();
        let mut text = String::new();
        for (path, sha256) in sums {
            // As coreutils escapes names that would break the line.
            let escaped = path.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
            let mark = if escaped == path { "" } else { "\\" };
            let _ = writeln!(text, "{mark}{}  {escaped}", hex(&sha256));
        }
        text
    }
}

/// `path` as it is found from `folder`; both are relative to the workspace.
fn relative(folder: &str, path: &str) -> String {
    let folders: Vec<&str> = folder.split('/').filter(|it| !it.is_empty()).collect();
    let parts: Vec<&str> = path.split('/').collect();
    let shared = folders.iter().zip(&parts).take_while(|(a, b)| a == b).count();
    let mut steps = vec![".."; folders.len() - shared];
    steps.extend(&parts[shared..]);
    steps.join("/")
}

/// A relative path with `/` between its parts.
fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path
        .components()
        .filter_map(|it| match it {
            std::path::Component::Normal(part) => Some(part.to_string_lossy()),
            _ => None,
        })
        .collect();
    parts.join("/")
}

fn hex(bytes: &[u8; 32]) -> String {
    blake3::Hash::from_bytes(*bytes).to_hex().to_string()
}

mod hex_digest {
    use super::*;

    pub fn serialize<S: Serializer>(digest: &Digest, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&digest.hex())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Digest, D::Error> {
        let text = String::deserialize(deserializer)?;
        Digest::from_hex(&text).ok_or_else(|| de::Error::custom("a digest has 64 hexadecimal digits"))
    }
}

mod hex_bytes {
    use super::*;

    pub fn serialize<S: Serializer>(bytes: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
        hex_digest::deserialize(deserializer).map(|it| *it.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artefact(path: &str) -> Artefact {
        let digest = Digest::of("hotpass test", path.as_bytes());
        Artefact { blake3: digest, bytes: 3, path: path.to_owned(), rows: 1, sha256: *digest.as_bytes() }
    }

    fn section(paths: &[&str]) -> Section {
        Section { artefacts: paths.iter().map(|it| artefact(it)).collect(), ..Section::default() }
    }

    #[test]
    fn another_pipeline_keeps_its_section() {
        let mut manifest = Manifest::new(Path::new("dist"));
        manifest.set("b", section(&["dist/z.csv", "dist/a.csv"]));
        let mut again = Manifest::from_json(&manifest.to_json()).unwrap();
        assert_eq!(again, manifest);
        again.set("a", section(&["dist/b.csv"]));
        assert_eq!(again.section("b"), manifest.section("b"));
        assert_eq!(again.section("b").unwrap().artefacts[0].path, "dist/a.csv");
        again.set("a", section(&["dist/a.csv"]));
        assert_eq!(again.section("b").unwrap().artefacts.len(), 1, "the file went to the other pipeline");
    }

    #[test]
    fn the_order_of_arrival_does_not_show() {
        let (mut one, mut two) = (Manifest::new(Path::new("dist")), Manifest::new(Path::new("dist")));
        one.set("a", section(&["dist/1", "dist/2"]));
        one.set("b", section(&["dist/3"]));
        two.set("b", section(&["dist/3"]));
        two.set("a", section(&["dist/2", "dist/1"]));
        assert_eq!(one.to_json(), two.to_json());
        assert_eq!(one.sums(), two.sums());
    }

    #[test]
    fn keys_are_sorted_and_digests_are_hexadecimal() {
        let mut manifest = Manifest::new(Path::new("dist"));
        let cells = Digest::of("hotpass test", b"cells");
        let files = vec![SourceFile { cells, path: "data/crm.xlsx".to_owned() }];
        manifest.set(
            "crm",
            Section { sources: vec![Source { files, name: "crm".to_owned() }], ..section(&["dist/a.csv"]) },
        );
        let json: serde_json::Value = serde_json::from_str(&manifest.to_json()).unwrap();
        // A `Value` sorts its keys, so an equal text means that ours were sorted.
        assert_eq!(manifest.to_json(), serde_json::to_string_pretty(&json).unwrap() + "\n");
        assert_eq!(json["pipelines"]["crm"]["sources"][0]["files"][0]["cells"], cells.hex());
        assert_eq!(json["v"], 1);
    }

    #[test]
    fn newer_and_damaged_manifests_are_told_apart() {
        let read = |text| Manifest::from_json(text);
        assert!(matches!(read(r#"{"v":2,"else":[]}"#), Err(ManifestError::Newer(2))));
        assert!(matches!(read(r#"{"v":1}"#), Err(ManifestError::Damaged(_))));
        assert!(matches!(read("<<<<<<< HEAD"), Err(ManifestError::Damaged(_))));
    }

    #[test]
    fn sums_are_relative_to_their_folder() {
        for (folder, path, expected) in [
            ("dist", "dist/a.csv", "a.csv"),
            ("dist", "dist/x/a.csv", "x/a.csv"),
            ("dist", "out/a.csv", "../out/a.csv"),
            ("", "a.csv", "a.csv"),
            ("a/b", "a/c/d", "../c/d"),
        ] {
            assert_eq!(relative(folder, path), expected);
        }
        let mut manifest = Manifest::new(Path::new("dist"));
        manifest.set("a", section(&["dist/a b.csv", "dist/line\nbreak"]));
        let lines: Vec<String> = manifest.sums().lines().map(str::to_owned).collect();
        assert_eq!(lines[0], format!("{}  a b.csv", hex(&artefact("dist/a b.csv").sha256)));
        assert_eq!(lines[1], format!("\\{}  line\\nbreak", hex(&artefact("dist/line\nbreak").sha256)));
    }
}
