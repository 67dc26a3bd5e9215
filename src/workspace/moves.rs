//! Values typed for one build do not replace what is published with other ones unless that is said.

use crate::escape::line;
use crate::lock::Lock;
use crate::problem::{Code, Problem};
use crate::workspace::session::Asked;

/// `--set` or `--profile` with other values than what stands published was made with.
pub const MOVES_PUBLISHED: Code = Code::error("hotpass::cli::moves-published");

/// All codes of this module.
pub const CODES: &[&Code] = &[&MOVES_PUBLISHED];

/// Why a build would publish what nobody asked it to: something stands published, made with other values of `--set` or
/// another `--profile`, and no environment is given.
pub fn moves(asked: &Asked) -> Option<Box<Problem>> {
    let typed = asked.profile.is_some() || !asked.set.is_empty();
    if !typed || asked.environment.is_some() {
        return None;
    }
    let recorded = Lock::read(&asked.root, None).ok().flatten()?;
    let same = recorded.profile == asked.profile && recorded.parameters == asked.set;
    if recorded.artefact.is_empty() || same {
        return None;
    }
    let profile = (recorded.profile != asked.profile).then(|| "`--profile`".to_owned());
    let names = asked.set.keys().chain(recorded.parameters.keys());
    let mut other: Vec<&String> = names.filter(|it| recorded.parameters.get(*it) != asked.set.get(*it)).collect();
    other.sort();
    other.dedup();
    let what: Vec<String> = profile.into_iter().chain(other.iter().map(|it| format!("`--set {}`", line(it)))).collect();
    let message = format!("what is published was made with other values: {}", what.join(", "));
    let help = "`--env NAME` publishes beside it; `--publish` replaces it";
    Some(Box::new(Problem::new(&MOVES_PUBLISHED, message).help(help.to_owned())))
}
