//! `hotpass completions SHELL`: the script that teaches a shell our verbs and flags.

use clap::CommandFactory;

use crate::cli::args::Cli;

/// The script for a shell.
pub fn completions(shell: clap_complete::Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "hotpass", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;
    use clap_complete::Shell;

    use super::completions;

    #[test]
    fn every_shell_learns_the_verbs() {
        for shell in Shell::value_variants() {
            let script = completions(*shell);
            assert!(script.contains("explain") && script.contains("keep-going"), "{shell}");
        }
    }
}
