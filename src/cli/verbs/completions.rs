//! `hotpass completions`: the script that teaches a shell to ask us what may come next.

use clap::Args;
use clap_complete::Shell;
use clap_complete::env::Shells;

use crate::cli::complete::VARIABLE;
use crate::cli::verb::{Act, Answer, Call, Ended};

/// Print the script with which a shell completes commands, flags and names
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct Completions {
    /// The shell
    shell: Shell,
}

impl Act for Completions {
    fn apart(&self, _: &Call<'_>) -> Option<Ended> {
        Some(Ok(Answer::of(completions(self.shell))))
    }
}

/// The script for a shell. It calls the program that is found as `hotpass`, so it stays right when that is a newer one.
fn completions(shell: Shell) -> String {
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
    fn every_shell_learns_to_ask() {
        for shell in Shell::value_variants() {
            let script = completions(*shell);
            assert!(script.contains("hotpass") && script.contains(VARIABLE), "{shell}: {script}");
        }
    }
}
