//! `hotpass attest`: a statement of what was made from what, for those who were not there. in-toto Statement v1 with a
//! SLSA provenance v1, in a DSSE envelope.
//!
//! Only what was just verified is attested. The only time is `SOURCE_DATE_EPOCH`; without it there is none.

pub mod check;
pub mod envelope;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::cli::args::{self, Global};
use crate::cli::attest::envelope::{Envelope, signing_key};
use crate::cli::build::hex;
use crate::cli::exit::Exit;
use crate::cli::outcome::{Outcome, world_failed};
use crate::cli::output::Output;
use crate::cli::{archive, verify};
use crate::lock::Lock;
use crate::publish::Manifest;
use crate::publish::own_files::ATTESTATION;
use crate::readers::reach::{self, Reach};
use crate::run::keys::slashed;
use crate::show::{count, line};
use crate::store::backend::EngineFactory;
use crate::store::engine::IDENTITY;
use crate::workspace::session::{Asked, Session, dist};

/// What a statement is.
const STATEMENT: &str = "https://in-toto.io/Statement/v1";
/// What its predicate is.
const PROVENANCE: &str = "https://slsa.dev/provenance/v1";
/// What `externalParameters` of our builds mean: `docs/reference/attestation.md`.
const BUILD_TYPE: &str = "urn:hotpass:build:v1";
/// The environment variable that may hold the signing key.
const KEY: &str = "HOTPASS_SIGNING_KEY";

/// `hotpass attest`.
pub fn attest(
    global: &Global,
    asked: &Asked,
    it: &args::Attest,
    factory: Option<&'static dyn EngineFactory>,
) -> Outcome {
    let out = Output::new(global);
    if let Some(outcome) = verify::differs(asked, factory, &out) {
        return outcome;
    }
    match write(asked, it, factory) {
        Ok((path, subjects, signer)) => {
            let path = path.display().to_string();
            if out.is_json() {
                out.line(&json!({"v": 1, "event": "attest.summary", "path": path, "subjects": subjects,
                    "signed": signer.is_some(), "key": signer}));
            } else {
                let how = signer.map_or_else(
                    || format!("unsigned: there is neither `--key` nor `{KEY}`"),
                    |it| format!("signed by {it}"),
                );
                out.say(&format!("{:>10}  {}  {}, {how}", "wrote", line(&path), count(subjects as u64, "artefact")));
            }
            Outcome::Done(Exit::Done)
        }
        Err(reason) => Outcome::Done(world_failed(&reason, &out)),
    }
}

type Attested = (PathBuf, usize, Option<String>);

fn write(asked: &Asked, it: &args::Attest, factory: Option<&'static dyn EngineFactory>) -> Result<Attested, String> {
    let pem = match &it.key {
        Some(path) => Some(reach::text(path).map_err(|error| format!("`{}`: {error}", path.display()))?),
        None => std::env::var(KEY).ok().filter(|it| !it.trim().is_empty()),
    };
    let key = pem.map(|it| signing_key(&it)).transpose().map_err(|reason| format!("the signing key: {reason}"))?;
    let statement = statement(asked, it.builder.as_deref(), factory).map_err(|error| error.to_string())?;
    let subjects = statement["subject"].as_array().map_or(0, Vec::len);
    let envelope = Envelope::new(statement.to_string().as_bytes(), key.as_ref());
    let path = it
        .output
        .clone()
        .unwrap_or_else(|| asked.root.join(dist(&asked.root, asked.environment.as_deref())).join("attestation.json"));
    let written = ATTESTATION.place(&path, |file| io::Write::write_all(file, envelope.to_json().as_bytes()));
    written.map_err(|error| format!("`{}`: {error}", path.display()))?;
    Ok((path, subjects, key.map(|it| envelope::key_id(&it.verifying_key()))))
}

/// What was made from what. Keys are sorted, as `Value` sorts them.
fn statement(asked: &Asked, builder: Option<&str>, factory: Option<&'static dyn EngineFactory>) -> io::Result<Value> {
    let session = Session::open(asked, factory, false)?;
    let plan = session.plan();
    let folder = session.root.join(&plan.dist);
    let manifest = Manifest::read(&session.root, &plan.dist).map_err(io::Error::other)?;
    let lock = Lock::read(&session.root, session.environment()).ok().flatten().unwrap_or_default();
    let mut subjects = Vec::new();
    let mut cells = BTreeMap::new();
    for (_, section) in manifest.pipelines() {
        for it in &section.artefacts {
            let digest = json!({"blake3": it.blake3.hex(), "sha256": hex(&it.sha256)});
            subjects.push((manifest.from_folder(&it.path), digest));
        }
        let files = section.sources.iter().flat_map(|it| &it.files);
        cells.extend(files.map(|it| (it.path.clone(), it.cells.hex())));
    }
    subjects.sort_by(|a, b| a.0.cmp(&b.0));
    let subjects: Vec<Value> =
        subjects.into_iter().map(|(name, digest)| json!({"name": name, "digest": digest})).collect();
    let mut dependencies = Vec::new();
    let reach = Reach::of(&session.root);
    for path in archive::inputs(&session) {
        let name = slashed(&path);
        let mut it = json!({"name": name, "digest": {"sha256": check::sha256_of(&reach, &path)?}});
        if let Some(cells) = cells.get(&name) {
            it["annotations"] = json!({"cells": cells});
        }
        dependencies.push(it);
    }
    let byproducts = ["SHA256SUMS", "manifest.json"].map(|it| Ok((it, check::sha256_of(&reach, &folder.join(it))?)));
    let byproducts = byproducts.into_iter().collect::<io::Result<Vec<_>>>()?;
    let byproducts: Vec<Value> =
        byproducts.into_iter().map(|(name, sum)| json!({"name": name, "digest": {"sha256": sum}})).collect();
    let pipelines: Vec<&str> = manifest.pipelines().map(|(name, _)| name).collect();
    let mut metadata = serde_json::Map::new();
    if let Some(time) = source_date()? {
        metadata.insert("finishedOn".to_owned(), json!(time));
    }
    Ok(json!({
        "_type": STATEMENT,
        "subject": subjects,
        "predicateType": PROVENANCE,
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": {"pipelines": pipelines, "profile": lock.profile, "set": lock.parameters},
                "internalParameters": {"engine": IDENTITY},
                "resolvedDependencies": dependencies,
            },
            "runDetails": {
                "builder": {
                    "id": builder.unwrap_or("urn:hotpass:builder:unnamed"),
                    "version": {"hotpass": env!("CARGO_PKG_VERSION")},
                },
                "metadata": metadata,
                "byproducts": byproducts,
            },
        },
    }))
}

/// `SOURCE_DATE_EPOCH` as a time: https://reproducible-builds.org/specs/source-date-epoch/.
fn source_date() -> io::Result<Option<String>> {
    let Some(text) = std::env::var_os("SOURCE_DATE_EPOCH") else { return Ok(None) };
    let seconds = text.to_str().and_then(|it| it.parse::<i64>().ok());
    let time = seconds.and_then(|it| jiff::Timestamp::from_second(it).ok());
    let reason = || io::Error::other("`SOURCE_DATE_EPOCH` is no number of seconds");
    time.map(|it| Some(it.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())).ok_or_else(reason)
}
