//! `hotpass attest`: a statement of what was made from what, for those who were not there. in-toto Statement v1 with a
//! SLSA provenance v1, in a DSSE envelope.
//!
//! Only what was just verified is attested. The only time is `SOURCE_DATE_EPOCH`; without it there is none.

pub mod check;
pub mod envelope;
mod statement;

use std::io;
use std::path::Path;

use serde::Serialize;

use crate::answers::attest::envelope::{Envelope, signing_key};
use crate::answers::attest::statement::Statement;
use crate::publish::own_files::ATTESTATION;
use crate::readers::reach;
use crate::store::backend::EngineFactory;
use crate::workspace::session::{Asked, Session, dist};

/// The environment variable that may hold the signing key.
pub(crate) const KEY: &str = "HOTPASS_SIGNING_KEY";

/// An attestation that was written.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "attest.summary")]
pub(crate) struct Attested {
    pub(crate) path: String,
    /// How many artefacts it is about.
    pub(crate) subjects: usize,
    signed: bool,
    /// The key that signed it.
    pub(crate) key: Option<String>,
}

/// What is attested, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    /// Where the statement goes, if not beside the manifest.
    pub(crate) output: Option<&'a Path>,
    /// A file with the key that signs it.
    pub(crate) key: Option<&'a Path>,
    /// Who builds.
    pub(crate) builder: Option<&'a str>,
}

/// States what was made from what. Only what was just verified is attested.
pub(crate) fn attest(
    asked: &Asked,
    it: &Request<'_>,
    factory: Option<&'static dyn EngineFactory>,
) -> Result<Attested, String> {
    let pem = match it.key {
        Some(path) => Some(reach::text(path).map_err(|error| format!("`{}`: {error}", path.display()))?),
        None => std::env::var(KEY).ok().filter(|it| !it.trim().is_empty()),
    };
    let key = pem.map(|it| signing_key(&it)).transpose().map_err(|reason| format!("the signing key: {reason}"))?;
    let session = Session::open(asked, factory, false).map_err(|error| error.to_string())?;
    let statement = Statement::of(&session, it.builder).map_err(|error| error.to_string())?;
    // Keys are sorted, as `Value` sorts them.
    let text = serde_json::to_value(&statement).map_err(|error| error.to_string())?.to_string();
    let envelope = Envelope::new(text.as_bytes(), key.as_ref());
    let beside = || asked.root.join(dist(&asked.root, asked.environment.as_deref())).join("attestation.json");
    let path = it.output.map_or_else(beside, Path::to_owned);
    let written = ATTESTATION.place(&path, |file| io::Write::write_all(file, envelope.to_json().as_bytes()));
    written.map_err(|error| format!("`{}`: {error}", path.display()))?;
    let key = key.map(|it| envelope::key_id(&it.verifying_key()));
    Ok(Attested { path: path.display().to_string(), subjects: statement.subjects(), signed: key.is_some(), key })
}
