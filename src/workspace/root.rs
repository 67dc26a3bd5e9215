//! Which folder is the workspace: the one named by `-C`, else the nearest upward that looks like one.

use std::path::{Path, PathBuf};

use crate::escape::line;
use crate::problem::{Code, Problem};
use crate::query::WORKSPACE_FILE;
use crate::store::FOLDER as STATE;

/// No folder upward from here is a workspace.
pub const NO_WORKSPACE: Code = Code::error("hotpass::cli::no-workspace");
/// `-C` names what is no folder.
pub const NO_FOLDER: Code = Code::error("hotpass::cli::no-folder");
/// A state folder that is a link to somewhere else.
pub const LINKED_STATE: Code = Code::error("hotpass::cli::linked-state");

/// All codes of this module.
pub const CODES: &[&Code] = &[&NO_WORKSPACE, &NO_FOLDER, &LINKED_STATE];

/// The folder that makes its parent a workspace.
const PIPELINES: &str = "pipelines";

/// The workspace: `chosen` by `-C` relative to `here`, else the nearest folder from `here` upward that holds
/// `hotpass.toml` or `pipelines/`.
pub fn workspace(here: &Path, chosen: Option<&Path>) -> Result<PathBuf, Problem> {
    if let Some(chosen) = chosen {
        let folder = here.join(chosen);
        if folder.is_dir() {
            return with_own_state(folder);
        }
        let message = format!("`{}` is not a folder", line(&chosen.display().to_string()));
        return Err(Problem::new(&NO_FOLDER, message).help("`-C` takes the folder of a workspace".to_owned()));
    }
    let found = here.ancestors().find(|it| is_workspace(it));
    let found = found.map(Path::to_owned).ok_or_else(|| {
        let message = format!("neither this folder nor one above it has `{WORKSPACE_FILE}` or `{PIPELINES}/`");
        let help = "`hotpass init` makes a workspace here; `-C DIR` names one elsewhere".to_owned();
        Problem::new(&NO_WORKSPACE, message).help(help)
    });
    found.and_then(with_own_state)
}

/// The folder, if what is kept for it is kept in it: whoever sends a workspace does not say where else this writes.
fn with_own_state(folder: PathBuf) -> Result<PathBuf, Problem> {
    let state = folder.join(STATE);
    let inside = || Some(state.canonicalize().ok()?.starts_with(folder.canonicalize().ok()?));
    if state.is_symlink() && inside() != Some(true) {
        let message = format!("`{STATE}` is a link that leads out of the workspace");
        let help = format!("remove the link; a `{STATE}` that should lie elsewhere can be mounted there");
        return Err(Problem::new(&LINKED_STATE, message).help(help));
    }
    Ok(folder)
}

/// Whether a folder looks like one.
pub fn is_workspace(folder: &Path) -> bool {
    folder.join(WORKSPACE_FILE).is_file() || folder.join(PIPELINES).is_dir()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_state_folder_that_leads_elsewhere_is_refused() {
        let (folder, other) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let own = folder.path();
        fs::write(own.join(WORKSPACE_FILE), "").expect("a file");
        fs::create_dir(own.join("kept")).expect("a folder");
        let check = |target: &Path, expected: Option<&str>| {
            let link = own.join(STATE);
            let _ = fs::remove_file(&link);
            std::os::unix::fs::symlink(target, &link).expect("a link");
            for chosen in [None, Some(Path::new("."))] {
                let told = workspace(own, chosen).err().map(|it| it.code);
                assert_eq!(told.as_deref(), expected, "{}", target.display());
            }
        };
        check(Path::new("kept"), None);
        check(other.path(), Some(LINKED_STATE.name));
        check(Path::new("../nowhere"), Some(LINKED_STATE.name));
    }

    #[test]
    fn the_nearest_workspace_upward_is_taken() {
        let folder = tempfile::tempdir().expect("a folder");
        let outer = folder.path();
        fs::create_dir_all(outer.join("inner/pipelines/deep")).expect("folders");
        fs::create_dir_all(outer.join("other/data")).expect("folders");
        fs::write(outer.join(WORKSPACE_FILE), "").expect("a file");
        let check = |here: &str, chosen: Option<&str>, expected: &str| {
            let found = workspace(&outer.join(here), chosen.map(Path::new)).map_err(|it| it.message);
            assert_eq!(found, Ok(outer.join(expected)));
        };
        check("inner/pipelines/deep", None, "inner");
        check("inner", None, "inner");
        check("other/data", None, "");
        check("other", Some("data"), "other/data");
        let problem = workspace(outer, Some(Path::new("nowhere"))).expect_err("there is no such folder");
        assert_eq!(problem.code, NO_FOLDER.name);
    }

    #[test]
    fn no_workspace_is_a_problem_that_says_what_to_do() {
        let problem = workspace(Path::new("/"), None);
        if let Err(problem) = problem {
            assert_eq!(problem.code, NO_WORKSPACE.name);
            assert!(problem.help.is_some_and(|it| it.contains("hotpass init")));
        }
    }
}
