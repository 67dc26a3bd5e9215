//! `hotpass verify`: whether what is published is what was recorded.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::answers::verify::{self, Request, Verified};
use crate::cli::verb::{Act, Answer, Asked, Call, Ended, Exit, Limits, Outcome, views};
use crate::problem::Problem;
use crate::workspace::session::text_of;

/// Check that the published files are still the files that the build recorded
#[derive(Clone, PartialEq, Eq, Debug, Default, Args)]
pub struct Verify {
    /// The manifest (`manifest.json`, the list of published files), or its folder; by default the manifest of the workspace
    manifest: Option<PathBuf>,
    /// Run everything again in a temporary folder, and compare the results
    #[arg(long)]
    rebuild: bool,
    /// Also read every byte of the stored tables, and compare it with the recorded checksums
    #[arg(long)]
    store: bool,
    /// Run everything again from the inputs in this archive
    #[arg(long, value_name = "FILE", requires = "rebuild")]
    archive: Option<PathBuf>,
    /// Also compare the files with this attestation (a file that `attest` wrote)
    #[arg(long, value_name = "FILE")]
    attestation: Option<PathBuf>,
    /// The public key, in PEM format, that belongs to the signature of the attestation
    #[arg(long, value_name = "FILE", requires = "attestation")]
    public_key: Option<PathBuf>,
    #[command(flatten)]
    limits: Limits,
}

impl Act for Verify {
    fn limits(&self) -> Limits {
        self.limits
    }

    /// What is published can be verified where there is no workspace.
    fn alone(&self, call: &Call<'_>) -> Option<Ended> {
        let named = self.manifest.is_some() || self.archive.is_some();
        (named && call.global.directory.is_none()).then(|| self.verify(call, None))
    }

    fn act(&self, call: &Call<'_>, asked: Asked) -> Ended {
        self.verify(call, Some(&asked))
    }
}

impl Verify {
    fn verify(&self, call: &Call<'_>, asked: Option<&Asked>) -> Ended {
        let request = Request {
            manifest: self.manifest.clone(),
            rebuild: self.rebuild,
            store: self.store,
            archive: self.archive.clone(),
            attestation: self.attestation.clone(),
            public_key: self.public_key.clone(),
            limits: self.limits.into(),
        };
        verified(call, asked, &request).map(|it| verdict(call, &it))
    }
}

/// What was looked at, or how the command ends without a verdict.
pub(super) fn verified(call: &Call<'_>, asked: Option<&Asked>, request: &Request) -> Result<Verified, Outcome> {
    let tell = |root: &Path, problems: &[Problem]| call.out.problems(problems, &|path| text_of(root, path));
    let verified = verify::verify(asked, request, call.factory, &tell);
    verified.map_err(|why| call.unanswered(asked.map_or(Path::new(""), |it| &it.root), why))
}

/// Tells what was looked at.
pub(super) fn verdict(call: &Call<'_>, verified: &Verified) -> Answer {
    if call.is_json() {
        call.out.event(verified);
    } else {
        views::verify::verified(verified).iter().for_each(|it| call.out.say(it));
    }
    Answer::nothing(if verified.is_same() { Exit::Done } else { Exit::Different })
}
