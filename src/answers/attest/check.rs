//! What an attestation is against what stands.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::envelope::{self, Envelope, public_key};
use super::statement::{PROVENANCE, STATEMENT, sha256_of};
use crate::answers::difference::{Difference, top};
use crate::digest::hex;
use crate::escape::line;
use crate::publish::Manifest;
use crate::readers::reach::{self, Reach};

/// What an attestation is against a manifest and, if there is one, the workspace it was made in: differences, and how
/// it is signed, in words.
pub(crate) fn check(
    path: &Path,
    key: Option<&Path>,
    manifest: &Manifest,
    folder: &Path,
    root: Option<&Path>,
) -> Result<(Vec<Difference>, String), String> {
    let world = |path: &Path, error: &dyn std::fmt::Display| format!("`{}`: {error}", path.display());
    let text = reach::text(path).map_err(|error| world(path, &error))?;
    let mut differences = Vec::new();
    let mut differ = |name: &str, message: String| differences.push(Difference::new("attestation", name, message));
    let name = path.display().to_string();
    let parsed = Envelope::from_json(&text).and_then(|it| Ok((it.payload()?, it)));
    let (payload, envelope) = match parsed {
        Ok(parsed) => parsed,
        Err(reason) => {
            differ(&name, format!("it is not an attestation: {reason}"));
            return Ok((differences, "not signed".to_owned()));
        }
    };
    let how = match (key, envelope.signers().as_slice()) {
        (None, []) => "unsigned".to_owned(),
        (None, signers) => format!("signed, and not checked without `--public-key`: {}", line(&signers.join(", "))),
        (Some(path), _) => {
            let pem = reach::text(path).map_err(|error| world(path, &error))?;
            let key = public_key(&pem).map_err(|reason| world(path, &reason))?;
            if !envelope.is_signed_by(&key) {
                differ(&name, "it is not signed by the key that was given".to_owned());
            }
            format!("signed by {}", envelope::key_id(&key))
        }
    };
    let statement: Value = serde_json::from_slice(&payload).unwrap_or_default();
    if statement["_type"] != STATEMENT || statement["predicateType"] != PROVENANCE {
        differ(&name, "it states something else than the provenance of artefacts".to_owned());
        return Ok((differences, how));
    }
    let listed = |value: &Value| -> BTreeMap<String, String> {
        let items = value.as_array().into_iter().flatten();
        let item = |it: &Value| Some((it["name"].as_str()?.to_owned(), it["digest"]["sha256"].as_str()?.to_owned()));
        items.filter_map(item).collect()
    };
    let subjects = listed(&statement["subject"]);
    let artefacts = manifest.pipelines().flat_map(|(_, it)| &it.artefacts);
    let artefacts: BTreeMap<String, String> =
        artefacts.map(|it| (manifest.from_folder(&it.path), hex(&it.sha256))).collect();
    for name in subjects.keys().chain(artefacts.keys().filter(|it| !subjects.contains_key(*it))) {
        match (subjects.get(name), artefacts.get(name)) {
            (Some(said), Some(is)) if said == is => (),
            (Some(_), Some(_)) => differ(name, "its bytes are not those attested".to_owned()),
            (Some(_), None) => differ(name, "it is attested, and the manifest does not list it".to_owned()),
            _ => differ(name, "nobody attested it".to_owned()),
        }
    }
    let details = &statement["predicate"]["runDetails"];
    let definition = &statement["predicate"]["buildDefinition"];
    let beside = listed(&details["byproducts"]).into_iter().map(|(name, sum)| (folder.join(&name), name, sum));
    let inputs = root.map(|root| {
        let inputs = listed(&definition["resolvedDependencies"]).into_iter();
        inputs.map(|(name, sum)| (root.join(&name), name, sum)).collect::<Vec<_>>()
    });
    let reach = Reach::of(root.unwrap_or(&top(manifest, folder)));
    for (path, name, sum) in beside.chain(inputs.unwrap_or_default()) {
        match sha256_of(&reach, &path) {
            Ok(is) if is == sum => (),
            Ok(_) => differ(&name, "its bytes are not those attested".to_owned()),
            Err(_) => differ(&name, "it is attested, and not there".to_owned()),
        }
    }
    Ok((differences, how))
}
