//! What may be typed: help, usage, and the names of verbs.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::CommandFactory;
use hotpass::cli::args::Format;
use hotpass::cli::typed::parse;
use hotpass::cli::verb_name::{ELSEWHERE, built};
use hotpass::cli::verbs::build::Build;
use hotpass::cli::verbs::{Cli, Verb};
use insta::assert_snapshot;

fn parsed(line: &str) -> Result<Cli, clap::Error> {
    parse(line.split_whitespace().map(OsString::from))
}

fn build(line: &str) -> Build {
    match parsed(line).map(|it| it.verb) {
        Ok(Some(Verb::Build(build))) => build,
        other => panic!("{other:?}"),
    }
}

fn help(verb: Option<&str>) -> String {
    let mut command = Cli::command().term_width(100);
    command.build();
    match verb {
        Some(verb) => command.find_subcommand_mut(verb).expect("a verb").render_help().to_string(),
        None => command.render_help().to_string(),
    }
}

#[test]
fn the_definition_holds_together() {
    Cli::command().debug_assert();
}

#[test]
fn help_of_the_program() {
    assert_snapshot!("help", help(None));
}

#[test]
fn help_of_every_verb() {
    let verbs: Vec<String> = Cli::command().get_subcommands().map(|it| it.get_name().to_owned()).collect();
    let all: Vec<_> = verbs.iter().map(|it| own_part(&help(Some(it)))).collect();
    assert_snapshot!("help_of_verbs", all.join("\n=====\n\n"));
}

/// Without the flags that all verbs share: they stand once, in the help of the program.
fn own_part(help: &str) -> String {
    let (own, rest) = help.split_once("Everywhere:\n").expect("every verb has the global flags");
    let after = rest.split_once("\n\n").map_or("", |(_, it)| it);
    format!("{}\n\n{after}", own.trim_end())
}

#[test]
fn flags_stand_before_and_after_the_verb() {
    let cli = parsed("hotpass -C ws --set a=1 build --format json crm.clean +dist").expect("it is right");
    assert_eq!(cli.global.directory, Some(PathBuf::from("ws")));
    assert_eq!(cli.global.format, Format::Json);
    assert_eq!(cli.global.settings(), BTreeMap::from([("a".to_owned(), "1".to_owned())]));
    let cli = parsed("hotpass plan --set a=1 --set b=x=y --set a=2").expect("it is right");
    assert_eq!(
        cli.global.settings().into_iter().collect::<Vec<_>>(),
        [("a".to_owned(), "2".to_owned()), ("b".to_owned(), "x=y".to_owned())]
    );
}

#[test]
fn force_means_everything_or_the_steps_named() {
    let words = |it: &[&str]| Some(it.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>());
    assert_eq!(build("hotpass build").force(), None);
    assert_eq!(build("hotpass build --force").force(), words(&[]));
    assert_eq!(build("hotpass build --force clean").force(), words(&["clean"]));
    assert_eq!(build("hotpass build --force=a --force=b").force(), words(&["a", "b"]));
}

#[test]
fn usage_ends_with_two_and_help_with_nothing() {
    let check = |line: &str, code| assert_eq!(parsed(line).expect_err("no").exit_code(), code, "{line}");
    check("hotpass biuld", 2);
    check("hotpass build --jobs 0", 2);
    check("hotpass build --memory much", 2);
    check("hotpass build --set novalue", 2);
    check("hotpass check --format svg", 2);
    check("hotpass link explain found a b --format dot", 2);
    check("hotpass link explain found a b -o a.png", 2);
    check("hotpass check -q -v", 2);
    check("hotpass show", 2);
    check("hotpass --help", 0);
    check("hotpass build --help", 0);
    check("hotpass --version", 0);
    assert_eq!(parsed("hotpass graph --format svg").expect("it is right").global.format, Format::Svg);
    assert_eq!(parsed("hotpass").expect("it is right").verb, None);
}

#[test]
fn verbs_of_other_programs_are_told_by_ours() {
    let told = |typed: &str| {
        let error = parse(["hotpass", typed].map(Into::into)).expect_err(typed);
        (error.exit_code(), error.to_string())
    };
    for (typed, verb) in [("run", "'build'"), ("compile", "'plan'"), ("ls", "'list'"), ("biuld", "'build'")] {
        let (code, text) = told(typed);
        assert!(code == 2 && text.contains(verb), "{typed}: {text}");
    }
}

#[test]
fn every_verb_that_is_told_is_there_and_no_other_name_is_one() {
    let all = built();
    for (names, verb) in ELSEWHERE.lines().filter_map(|it| it.split_once(" = ")) {
        assert!(all.find_subcommand(verb).is_some(), "{verb}");
        names.split(' ').for_each(|it| assert!(all.find_subcommand(it).is_none(), "{it}"));
    }
}
