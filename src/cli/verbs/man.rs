//! `hotpass man`: the manual pages, in the format that `man` reads.

use clap::Args;

use crate::cli::verb::{Act, Answer, Call, Ended};
use crate::cli::verb_name;

/// Print the manual page of hotpass or of one command; to read it: `hotpass man | man -l -`
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct Man {
    /// The command; by default the page of hotpass itself
    #[arg(value_parser = verb_name::verb)]
    verb: Option<String>,
}

impl Act for Man {
    fn apart(&self, _: &Call<'_>) -> Option<Ended> {
        Some(Ok(Answer::of(man(self.verb.as_deref()))))
    }
}

/// The page of hotpass, or of a verb that it has.
fn man(verb: Option<&str>) -> String {
    let all = verb_name::built();
    let page = verb.and_then(|verb| all.find_subcommand(verb).cloned()).unwrap_or(all);
    let mut text = Vec::new();
    // Writing to a vector does not fail.
    let _ = clap_mangen::Man::new(page).manual("hotpass").render(&mut text);
    String::from_utf8_lossy(&text).into_owned()
}

#[cfg(test)]
mod tests {
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
}
