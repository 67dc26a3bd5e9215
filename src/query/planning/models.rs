//! Models that people keep: which file belongs to which step, and whether what it holds was learnt of the same
//! comparisons. A step whose model cannot be used is planned as if there were none, so that it can be asked to learn
//! again, and nothing is built before that is done.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Declared, Located, Node, Planning, What};
use crate::db::Db;
use crate::digest::Digest;
use crate::plan::slashed;
use crate::problem::Problem;
use crate::span::Span;
use crate::steps::frozen::{FOLDER, Frozen};
use crate::steps::{BAD_MODEL, Finding, OTHER_MODEL, Spec};

/// The model of a step that learns.
pub(super) struct Kept {
    /// Where it stands, or would stand.
    pub path: PathBuf,
    /// What stands for it, where it is used.
    pub digest: Option<Digest>,
}

/// How many steps that learn have a name.
pub(super) fn named(nodes: &[Node<'_>]) -> HashMap<String, usize> {
    let mut acc = HashMap::new();
    for node in nodes {
        if matches!(&node.what, Declared::Step(step) if step.decoded.spec.learns()) {
            *acc.entry(node.name.name.clone()).or_default() += 1;
        }
    }
    acc
}

impl Planning<'_> {
    /// A step with the model that is kept for it, and where that is; nothing of a step that learns nothing.
    pub(super) fn with_model(&mut self, node: &Node<'_>, spec: &Arc<dyn Spec>) -> (Arc<dyn Spec>, Option<Kept>) {
        if !spec.learns() {
            return (Arc::clone(spec), None);
        }
        // A name that several pipelines have is told with its pipeline.
        let several = self.learning.get(&node.name.name).is_some_and(|it| *it > 1);
        let name = if several { node.name.to_string() } else { node.name.name.clone() };
        let path = Path::new(FOLDER).join(format!("{name}.toml"));
        let (spec, digest) = match self.read_model(node, spec, &path, &name) {
            Some((spec, digest)) => (spec, Some(digest)),
            None => (Arc::clone(spec), None),
        };
        (spec, Some(Kept { path, digest }))
    }

    fn read_model(
        &mut self,
        node: &Node<'_>,
        spec: &Arc<dyn Spec>,
        path: &Path,
        name: &str,
    ) -> Option<(Arc<dyn Spec>, Digest)> {
        let db: &dyn Db = self.db;
        let file = db.file(path);
        file.revision(db)?;
        let shown = slashed(path);
        let again = format!("`hotpass link train {name} --write` learns again; or remove the file");
        let place = Arc::new(path.to_owned());
        let text = match crate::query::source_text(db, file) {
            Ok(text) => text,
            Err(reason) => {
                let problem = crate::query::unreadable(db, &place, reason);
                self.tell(node, problem);
                return None;
            }
        };
        if let Some(lent) = crate::query::lent(db, path) {
            self.tell(node, lent);
        }
        let frozen = match Frozen::from_toml(text) {
            Ok(frozen) => frozen,
            Err(why) => {
                let problem = Problem::new(&BAD_MODEL, format!("`{shown}` is not a model: {}", why.reason));
                let at = why.span.unwrap_or(0..0);
                self.tell(node, problem.label(&Span::new(&place, at), "here").help(again));
                return None;
            }
        };
        let digest = frozen.digest;
        match spec.with_model(frozen) {
            Ok(spec) => Some((spec, digest)),
            Err(reason) => {
                let message = format!("`{shown}` is the model of another recipe: {reason}");
                let finding = Finding::new(&OTHER_MODEL, "compare", message).label("compared here").help(again);
                self.find(node.pipeline, &node.path, finding);
                None
            }
        }
    }

    fn tell(&mut self, node: &Node<'_>, problem: Problem) {
        let (file, path) = (node.pipeline.file.to_path_buf(), format!("{}@", node.path));
        self.findings.push(Located { file, path, what: What::Problem(problem) });
    }
}
