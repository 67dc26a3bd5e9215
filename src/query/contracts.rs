//! Contracts that all pipelines share: TOML files in `contracts/`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::contracts::{Contracts, FILE, INCONSISTENT, TWICE, decode};
use crate::db::Db;
use crate::fields::{Parameters, Reader, SYNTAX};
use crate::problem::Problem;
use crate::query::{lent, source_text, tomls, unreadable};

/// The folder of contracts.
pub const FOLDER: &str = "contracts";

/// The contracts of the workspace's folder.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Shared {
    /// By name.
    pub declared: Contracts,
    /// Names of all, also of those that could not be read.
    pub named: Vec<String>,
    /// Whether a file could not be read as a whole, so that nobody knows what it declares.
    pub unsure: bool,
    /// What is wrong in their files.
    pub problems: Vec<Problem>,
}

/// Reads all files of contracts.
#[salsa::tracked(returns(ref))]
pub fn shared(db: &dyn Db) -> Shared {
    let mut acc = Shared::default();
    let mut places: BTreeMap<String, PathBuf> = BTreeMap::new();
    for path in tomls(db, Path::new(FOLDER)) {
        let path = Arc::new(path);
        let text = match source_text(db, db.file(&path)) {
            Ok(text) => text,
            Err(reason) => {
                acc.problems.push(unreadable(db, &path, reason));
                acc.unsure = true;
                continue;
            }
        };
        acc.named.extend(names(&path, text));
        let (declared, problems) = read(&path, text, |reader, name, span| {
            if let Some(other) = places.get(name) {
                let message = format!("the contract `{name}` is declared in `{}` too", other.display());
                let problem = Problem::new(&TWICE, message).label(span, "declared here");
                reader.report(problem.help("give one of the two another name".to_owned()));
            }
        });
        acc.unsure |= problems.iter().any(|it| it.code == SYNTAX.name);
        acc.problems.extend(lent(db, &path));
        acc.problems.extend(problems);
        for (name, it) in declared {
            places.entry(name.clone()).or_insert_with(|| path.to_path_buf());
            acc.declared.entry(name).or_insert(it);
        }
    }
    acc
}

/// The names of all contracts in the text of one file, read or not.
fn names(path: &Arc<PathBuf>, text: &str) -> Vec<String> {
    let reader = Reader::new(path, Parameters::new());
    reader.fields(&reader.parse(text), &FILE).keys_of("contract")
}

/// The contracts in the text of one file, with what is wrong there; `named` is told of each name with its place.
pub fn read(
    path: &Arc<PathBuf>,
    text: &str,
    mut named: impl FnMut(&Reader, &str, &crate::span::Span),
) -> (Contracts, Vec<Problem>) {
    let reader = Reader::new(path, Parameters::new());
    let table = reader.parse(text);
    let mut fields = reader.fields(&table, &FILE);
    let declared = decode(&mut fields);
    if let Some(names) = fields.table("contract") {
        declared.keys().for_each(|name| named(&reader, name, &names.span_of(name)));
    }
    fields.finish();
    drop(table);
    let (mut problems, spans) = reader.finish();
    for flaw in declared.values().flat_map(|it| &it.flaws) {
        let problem = Problem::new(&INCONSISTENT, flaw.message.clone()).help(flaw.help.clone());
        let span = spans.get(&format!("{}.{}", flaw.path, flaw.key)).or_else(|| spans.get(&flaw.path));
        problems.push(match span {
            Some(span) => problem.label(span, "this value"),
            None => problem,
        });
    }
    (declared, problems)
}
