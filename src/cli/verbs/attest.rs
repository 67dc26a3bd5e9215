//! `hotpass attest`: only what was just verified is attested.

use std::path::PathBuf;

use clap::Args;

use crate::answers::{attest, verify as verifies};
use crate::cli::verb::{Act, Answer, Asked, Call, Ended, Exit, views};
use crate::cli::verbs::verify::{verdict, verified};

/// Write an attestation: a statement that says which published files were made from which inputs, signed if there is a key
#[derive(Clone, PartialEq, Eq, Debug, Default, Args)]
pub struct Attest {
    /// The file to write [default: `attestation.json` in the folder of `manifest.json`]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The private Ed25519 key, in PEM format, that signs the attestation [default: the key in `HOTPASS_SIGNING_KEY`; without a key it is not signed]
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// A URI that identifies the system that ran the build
    #[arg(long, value_name = "URI")]
    builder: Option<String>,
}

impl Act for Attest {
    fn act(&self, call: &Call<'_>, asked: Asked) -> Ended {
        let asked = &asked;
        let verified = verified(call, Some(asked), &verifies::Request::default())?;
        if !verified.is_same() {
            return Ok(verdict(call, &verified));
        }
        let (output, key) = (self.output.as_deref(), self.key.as_deref());
        let request = attest::Request { output, key, builder: self.builder.as_deref() };
        let attested = attest::attest(asked, &request, call.factory).map_err(|it| call.failed(&it))?;
        call.said(&attested, views::attest::attested);
        Ok(Answer::nothing(Exit::Done))
    }
}
