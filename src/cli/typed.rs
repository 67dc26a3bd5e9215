//! What was typed, read as a whole: which formats fit which verb is known only then.

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use crate::cli::args::Format;
use crate::cli::verb_name;
use crate::cli::verbs::{Cli, Verb, contract, link};

/// Reads the command line. An error knows its stream and number: help and version are 0 on stdout, usage is 2 on
/// stderr.
pub fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let cli = Cli::try_parse_from(words).map_err(verb_name::suggested)?;
    let picture = matches!(cli.global.format, Format::Svg | Format::Mermaid | Format::Dot);
    let drawn = match &cli.verb {
        Some(Verb::Graph(_)) => true,
        Some(Verb::Link(link::Link::Explain(_))) => cli.global.format == Format::Svg,
        _ => false,
    };
    if picture && !drawn {
        let message = "`hotpass graph` draws pictures, and `hotpass link explain` draws `svg`; `--format` takes `human` \
                       or `json` here";
        return Err(Cli::command().error(ErrorKind::InvalidValue, message));
    }
    let plain = matches!(cli.global.format, Format::Human | Format::Json);
    let emits = matches!(cli.verb, Some(Verb::Contract(contract::Contract::Emit { .. })));
    let table = matches!(cli.global.format, Format::Csv | Format::Markdown | Format::Box);
    if table && matches!(cli.verb, Some(Verb::Query(_) | Verb::Show(_))) {
        return Ok(cli);
    }
    if table && !(emits && cli.global.format == Format::Markdown) {
        let message = "`query` and `show` take `csv`, `markdown` and `box`; `--format` takes `human` or `json` here";
        return Err(Cli::command().error(ErrorKind::InvalidValue, message));
    }
    if !plain && !picture && !emits || cli.global.format == Format::Json && emits {
        let message = "`contract emit` takes `table-schema`, `json-schema`, `odcs`, `csvw`, `sql`, `markdown` or `toml`; \
                       `--format` takes `human` or `json` elsewhere";
        return Err(Cli::command().error(ErrorKind::InvalidValue, message));
    }
    Ok(cli)
}
