//! `hotpass verify`, `archive` and `attest`: what may be typed behind them.

use std::path::PathBuf;

use clap::Args;

use super::Limits;

/// `hotpass verify`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Args)]
pub struct Verify {
    /// The manifest, or its folder; by default that of the workspace
    pub manifest: Option<PathBuf>,
    /// Run everything again in a temporary folder, and compare the results
    #[arg(long)]
    pub rebuild: bool,
    /// Also read every byte of the stored tables, and compare it with the recorded checksums
    #[arg(long)]
    pub store: bool,
    /// Run everything again from the inputs in this archive
    #[arg(long, value_name = "FILE", requires = "rebuild")]
    pub archive: Option<PathBuf>,
    /// Also compare the files with this attestation
    #[arg(long, value_name = "FILE")]
    pub attestation: Option<PathBuf>,
    /// The key that must have signed the attestation, in PEM
    #[arg(long, value_name = "FILE", requires = "attestation")]
    pub public_key: Option<PathBuf>,
    /// What it may take.
    #[command(flatten)]
    pub limits: Limits,
}

/// `hotpass archive`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Args)]
pub struct Archive {
    /// The file to write [default: `hotpass-archive.zip` in the workspace]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `hotpass attest`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Args)]
pub struct Attest {
    /// The file to write [default: `attestation.json` beside the manifest]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The Ed25519 key that signs the attestation, in PEM [default: the key in `HOTPASS_SIGNING_KEY`; without a key it is not signed]
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// A URI that identifies the system that ran the build
    #[arg(long, value_name = "URI")]
    pub builder: Option<String>,
}
