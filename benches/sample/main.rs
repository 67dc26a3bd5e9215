//! Writes three ugly workbooks about invented organisations, in any size, and the truth about them.
//!
//! `cargo run --example sample -- --organisations 200 --seed 7 DIR`. The same arguments give the same bytes. What the
//! truth files hold is told in `truth`, the kinds of mess in `cell`. Nothing of this is part of the product: it knows
//! one country and one trade, which the product must not.

mod books;
mod cell;
mod contact;
mod csv;
mod draw;
mod mess;
mod page;
mod planted;
mod spelling;
mod truth;
mod words;
mod world;

#[cfg(test)]
mod tests;

use std::fs;
use std::path::PathBuf;

use clap::Parser;

use crate::page::{Output, Written};
use crate::truth::Truth;
use crate::world::World;

/// More organisations than this would be slow to keep in memory while their books are written.
const STREAMED: u32 = 20_000;

/// Writes three synthetic workbooks and the truth about them.
#[derive(Debug, Parser)]
#[command(name = "sample")]
struct Args {
    /// How many organisations there are in all.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    organisations: u32,
    /// Another seed gives other organisations and other mess.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Writes each sheet as CSV as well.
    #[arg(long)]
    csv: bool,
    /// Plants rarer mess as well, of which the shipped sample has none: what `planted` tells.
    #[arg(long)]
    planted: bool,
    /// Keeps texts inside the sheets instead of in a shared table; always so above 20 000 organisations.
    #[arg(long)]
    inline: bool,
    /// Where the truth goes, if not beside the books.
    #[arg(long, value_name = "DIR")]
    truth: Option<PathBuf>,
    /// Writes no truth.
    #[arg(long, conflicts_with = "truth")]
    no_truth: bool,
    /// The folder of the books; made if need be.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

fn main() -> Written {
    write(&Args::parse())
}

fn write(args: &Args) -> Written {
    let mut world = World::new(args.seed, args.organisations);
    world.planted = args.planted;
    let output =
        Output { folder: args.folder.clone(), csv: args.csv, inline: args.inline || args.organisations > STREAMED };
    fs::create_dir_all(&output.folder)?;
    let folder = args.truth.as_ref().unwrap_or(&output.folder);
    fs::create_dir_all(folder)?;
    let mut truth = Truth::new((!args.no_truth).then_some(folder), args.organisations)?;
    books::write(&world, &output, &mut truth)?;
    truth.finish(&world, folder)
}
