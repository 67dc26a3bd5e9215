//! What was made from what: an in-toto Statement v1 with a SLSA provenance v1.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use crate::answers::archive;
use crate::digest::hex;
use crate::lock::Lock;
use crate::publish::{Manifest, Written};
use crate::readers::reach::Reach;
use crate::run::keys::slashed;
use crate::store::engine::IDENTITY;
use crate::workspace::session::Session;

/// What a statement is.
pub(crate) const STATEMENT: &str = "https://in-toto.io/Statement/v1";
/// What its predicate is.
pub(crate) const PROVENANCE: &str = "https://slsa.dev/provenance/v1";
/// What `externalParameters` of our builds mean: `docs/reference/attestation.md`.
const BUILD_TYPE: &str = "urn:hotpass:build:v1";
/// Who builds, where nobody says so.
const UNNAMED: &str = "urn:hotpass:builder:unnamed";

/// The statement.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Statement {
    #[serde(rename = "_type")]
    kind: &'static str,
    subject: Vec<Resource>,
    predicate_type: &'static str,
    predicate: Predicate,
}

/// A file with its digests.
#[derive(Debug, Serialize)]
struct Resource {
    name: String,
    digest: Digests,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotations: Option<Annotations>,
}

#[derive(Debug, Serialize)]
struct Digests {
    #[serde(skip_serializing_if = "Option::is_none")]
    blake3: Option<String>,
    sha256: String,
}

#[derive(Debug, Serialize)]
struct Annotations {
    cells: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Predicate {
    build_definition: Definition,
    run_details: Details,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Definition {
    build_type: &'static str,
    external_parameters: External,
    internal_parameters: Internal,
    resolved_dependencies: Vec<Resource>,
}

#[derive(Debug, Serialize)]
struct External {
    pipelines: Vec<String>,
    profile: Option<String>,
    set: BTreeMap<String, String>,
}

#[derive(Debug, Serialize)]
struct Internal {
    engine: &'static str,
}

#[derive(Debug, Serialize)]
struct Details {
    builder: Builder,
    metadata: Metadata,
    byproducts: Vec<Resource>,
}

#[derive(Debug, Serialize)]
struct Builder {
    id: String,
    version: Version,
}

#[derive(Debug, Serialize)]
struct Version {
    hotpass: &'static str,
}

/// The only time is `SOURCE_DATE_EPOCH`; without it there is none.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_on: Option<String>,
}

impl Resource {
    fn of(name: String, sha256: String) -> Resource {
        Resource { name, digest: Digests { blake3: None, sha256 }, annotations: None }
    }
}

impl Statement {
    /// What was made from what.
    pub(crate) fn of(session: &Session, builder: Option<&str>) -> io::Result<Statement> {
        let plan = session.plan();
        let folder = session.root.join(&plan.dist);
        let manifest = Manifest::read(&session.root, &plan.dist).map_err(io::Error::other)?;
        let lock = Lock::read(&session.root, session.environment()).ok().flatten().unwrap_or_default();
        let mut subject = Vec::new();
        let mut cells = BTreeMap::new();
        for (_, section) in manifest.pipelines() {
            for it in &section.artefacts {
                let digest = Digests { blake3: Some(it.blake3.hex()), sha256: hex(&it.sha256) };
                subject.push(Resource { name: manifest.from_folder(&it.path), digest, annotations: None });
            }
            let files = section.sources.iter().flat_map(|it| &it.files);
            cells.extend(files.map(|it| (it.path.clone(), it.cells.hex())));
        }
        subject.sort_by(|a, b| a.name.cmp(&b.name));
        let reach = Reach::of(&session.root);
        let dependency = |path: std::path::PathBuf| {
            let name = slashed(&path);
            let annotations = cells.get(&name).map(|it| Annotations { cells: it.clone() });
            Ok(Resource { annotations, ..Resource::of(name, sha256_of(&reach, &path)?) })
        };
        let dependencies = archive::inputs(session).into_iter().map(dependency).collect::<io::Result<_>>()?;
        let beside = ["SHA256SUMS", "manifest.json"];
        let byproduct = |name: &str| Ok(Resource::of(name.to_owned(), sha256_of(&reach, &folder.join(name))?));
        let byproducts = beside.into_iter().map(byproduct).collect::<io::Result<_>>()?;
        let pipelines = manifest.pipelines().map(|(name, _)| name.to_owned()).collect();
        let definition = Definition {
            build_type: BUILD_TYPE,
            external_parameters: External { pipelines, profile: lock.profile, set: lock.parameters },
            internal_parameters: Internal { engine: IDENTITY },
            resolved_dependencies: dependencies,
        };
        let version = Version { hotpass: env!("CARGO_PKG_VERSION") };
        let details = Details {
            builder: Builder { id: builder.unwrap_or(UNNAMED).to_owned(), version },
            metadata: Metadata { finished_on: source_date()? },
            byproducts,
        };
        let predicate = Predicate { build_definition: definition, run_details: details };
        Ok(Statement { kind: STATEMENT, subject, predicate_type: PROVENANCE, predicate })
    }

    /// How many artefacts it is about.
    pub(crate) fn subjects(&self) -> usize {
        self.subject.len()
    }
}

/// `SOURCE_DATE_EPOCH` as a time: https://reproducible-builds.org/specs/source-date-epoch/.
fn source_date() -> io::Result<Option<String>> {
    let Some(text) = std::env::var_os("SOURCE_DATE_EPOCH") else { return Ok(None) };
    let seconds = text.to_str().and_then(|it| it.parse::<i64>().ok());
    let time = seconds.and_then(|it| jiff::Timestamp::from_second(it).ok());
    let reason = || io::Error::other("`SOURCE_DATE_EPOCH` is not a number of seconds");
    time.map(|it| Some(it.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())).ok_or_else(reason)
}

/// The digest of a file.
pub(crate) fn sha256_of(reach: &Reach, path: &std::path::Path) -> io::Result<String> {
    let name = |error: io::Error| io::Error::new(error.kind(), format!("`{}`: {error}", path.display()));
    let written = reach.open(path).and_then(|mut it| Written::of(&mut it, 0)).map_err(name)?;
    Ok(hex(&written.sha256))
}
