//! Where the two programs stand: `hotpass` starts `hotpass-engine` when there is work, and the engine starts `hotpass`
//! to read workbooks.
//!
//! They lie in one folder, as a build leaves them, or as packages install them: `bin/hotpass` and
//! `lib/hotpass/hotpass-engine`, with DuckDB's library beside the engine. `PATH` is never asked.

use std::env::consts::EXE_SUFFIX;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, io};

/// Where `hotpass-engine` is, or where it would be if both programs lay in one folder.
///
/// # Errors
/// When the system does not tell where this program is.
pub fn engine() -> io::Result<PathBuf> {
    env::current_exe().map(|own| beside(&own, "hotpass-engine", "../lib/hotpass").unwrap_or_else(|it| it))
}

/// Starts `hotpass-engine` in the place of this program; where the system has no such thing, the number it ended with.
///
/// # Errors
/// When it cannot be started.
pub fn start_engine(words: &[OsString]) -> io::Result<ExitCode> {
    let mut command = Command::new(engine()?);
    command.args(words);
    #[cfg(unix)]
    {
        Err(std::os::unix::process::CommandExt::exec(&mut command))
    }
    #[cfg(not(unix))]
    {
        let code = command.status()?.code().unwrap_or(1);
        Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
    }
}

/// The thin program, which also reads workbooks; this one where it is not found.
///
/// # Errors
/// When the system does not tell where this program is.
pub fn reader() -> io::Result<PathBuf> {
    env::current_exe().map(|own| beside(&own, "hotpass", "../../bin").unwrap_or(own))
}

/// The program of a name in the folder of another one, or in a folder that is told from there.
fn beside(own: &Path, name: &str, installed: &str) -> Result<PathBuf, PathBuf> {
    let name = format!("{name}{EXE_SUFFIX}");
    let near = own.with_file_name(&name);
    let far = own.with_file_name(installed).join(&name);
    match () {
        () if near.is_file() => Ok(near),
        () if far.is_file() => Ok(far),
        () => Err(near),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn programs_find_one_another_in_one_folder_and_where_packages_put_them() {
        let root = tempfile::tempdir().expect("a folder");
        let [bin, lib] = ["bin", "lib/hotpass"].map(|it| root.path().join(it));
        for it in [&bin, &lib] {
            fs::create_dir_all(it).expect("a folder");
        }
        let thin = bin.join(format!("hotpass{EXE_SUFFIX}"));
        let engine = |folder: &Path| folder.join(format!("hotpass-engine{EXE_SUFFIX}"));
        let found = || beside(&thin, "hotpass-engine", "../lib/hotpass");
        assert_eq!(found(), Err(engine(&bin)), "where it would be");
        fs::write(engine(&lib), "").expect("written");
        fs::write(&thin, "").expect("written");
        assert_eq!(found().map(fs::canonicalize).expect("found").ok(), engine(&lib).canonicalize().ok());
        let back = beside(&engine(&lib), "hotpass", "../../bin").map(fs::canonicalize);
        assert_eq!(back.expect("found").ok(), thin.canonicalize().ok());
        fs::write(engine(&bin), "").expect("written");
        assert_eq!(found(), Ok(engine(&bin)), "one folder comes first");
    }
}
