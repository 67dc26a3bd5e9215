//! What the command line says of itself: the manual pages, in the format that `man` reads, and the script that teaches a
//! shell to ask us what may come next.

use clap_complete::Shell;
use clap_complete::env::Shells;

use crate::cli::args::verb_name;
use crate::cli::complete::VARIABLE;

/// The page of hotpass, or of a verb that it has.
pub fn man(verb: Option<&str>) -> String {
    let all = verb_name::built();
    let page = verb.and_then(|verb| all.find_subcommand(verb).cloned()).unwrap_or(all);
    let mut text = Vec::new();
    // Writing to a vector does not fail.
    let _ = clap_mangen::Man::new(page).manual("hotpass").render(&mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// The script for a shell. It calls the program that is found as `hotpass`, so it stays right when that is a newer one.
pub fn completions(shell: Shell) -> String {
    let mut script = Vec::new();
    if let Some(known) = Shells::builtins().completer(&shell.to_string()) {
        // Nothing that writes to memory fails.
        let _ = known.write_registration(VARIABLE, "hotpass", "hotpass", "hotpass", &mut script);
    }
    String::from_utf8_lossy(&script).into_owned()
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    #[test]
    fn every_verb_has_a_page_and_the_first_one_names_all() {
        let first = man(None);
        for verb in verb_name::built().get_subcommands() {
            assert!(first.contains(&format!("hotpass\\-{}(1)", verb.get_name())), "{first}");
            let page = man(Some(verb.get_name()));
            assert!(page.contains(".SH SYNOPSIS") && page.contains(verb.get_name()), "{page}");
        }
        assert!(man(Some("build")).contains("keep\\-going"));
        assert_eq!(verb_name::verb("bulid").expect_err("no verb"), "there is no such verb; did you mean `build`?");
    }

    #[test]
    fn every_shell_learns_to_ask() {
        for shell in Shell::value_variants() {
            let script = completions(*shell);
            assert!(script.contains("hotpass") && script.contains(VARIABLE), "{shell}: {script}");
        }
    }
}
