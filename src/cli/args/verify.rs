//! `hotpass verify`, `archive` and `attest`: what may be typed behind them.

use std::path::PathBuf;

use clap::Args;

use super::Limits;

/// `hotpass verify`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Args)]
pub struct Verify {
    /// The manifest, or its folder; that of the workspace when there is none
    pub manifest: Option<PathBuf>,
    /// Make everything again in a scratch place and compare it
    #[arg(long)]
    pub rebuild: bool,
    /// Read every byte of the state folder's tables too, and hold it against what was written
    #[arg(long)]
    pub store: bool,
    /// Make it again from the inputs in this archive
    #[arg(long, value_name = "FILE", requires = "rebuild")]
    pub archive: Option<PathBuf>,
    /// Hold it against this attestation too
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
    /// Where it goes [default: `hotpass-archive.zip` in the workspace]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `hotpass attest`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Args)]
pub struct Attest {
    /// Where it goes [default: `attestation.json` beside the manifest]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The Ed25519 key that signs it, in PEM; else the one in `HOTPASS_SIGNING_KEY`; else it is unsigned
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Who builds, as a URI
    #[arg(long, value_name = "URI")]
    pub builder: Option<String>,
}
