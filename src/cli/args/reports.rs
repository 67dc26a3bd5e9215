//! Flags of reports: one for each that is a file.

use std::path::PathBuf;

use clap::{Arg, ArgMatches, Args, Command, Error, FromArgMatches, value_parser};

use crate::report::{AsFile, Files, REPORTS, Report};

/// The files that were asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Reports {
    /// By flag.
    pub files: Files,
}

fn all() -> impl Iterator<Item = &'static AsFile> {
    REPORTS.iter().filter_map(|it| if let Report::File(it) = it { Some(it) } else { None })
}

impl Args for Reports {
    fn augment_args(command: Command) -> Command {
        let flag = |it: &AsFile| Arg::new(it.flag).long(it.flag).value_name("FILE").help(it.doc);
        all().fold(command, |command, it| command.arg(flag(it).value_parser(value_parser!(PathBuf))))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Reports::augment_args(command)
    }
}

impl FromArgMatches for Reports {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Reports, Error> {
        let named = |it: &AsFile| Some((it.flag, matches.get_one::<PathBuf>(it.flag)?.clone()));
        Ok(Reports { files: all().filter_map(named).collect() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Reports::from_arg_matches(matches)?;
        Ok(())
    }
}
