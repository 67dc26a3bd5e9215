//! What a file is for the workspace, in any of its environments: read, published, or kept as a record.
//!
//! What is declared counts beside what stands in a manifest, which somebody may have removed, and beside what planning
//! asked for: of several deliveries only the newest may be read, and the others are as little to be replaced.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::db::{RootDb, Settings};
use crate::history;
use crate::lock::{self, Lock};
use crate::pipeline::ExportFormat;
use crate::plan::{Operation, Plan};
use crate::publish::Manifest;
use crate::query;
use crate::readers::reach::real;
use crate::store::journal::Known;
use crate::workspace::session::Session;

/// Folders that the workspace reads files from by their names.
const FOLDERS: [&str; 4] = ["pipelines", "profiles", query::TESTS, query::CONTRACTS_FOLDER];
/// What stands beside a manifest.
const BESIDE: [&str; 3] = ["manifest.json", "SHA256SUMS", "attestation.json"];

/// What a file is for the workspace, if it is anything. Where nothing stands, nothing is read yet; but an artefact goes
/// there, and would be somebody else's file.
pub(super) fn used(path: &Path, session: &Session) -> Option<&'static str> {
    let stands = path.is_file();
    let path = real(path);
    let files = Files::of(session);
    let real = |it: &Path| real(&session.root.join(it));
    let is = |all: &BTreeSet<PathBuf>| all.iter().any(|it| real(it) == path);
    let is_beneath = |all: &BTreeSet<PathBuf>| all.iter().any(|it| path.starts_with(real(it)));
    if stands && (is(&files.read) || is_beneath(&FOLDERS.iter().map(PathBuf::from).collect())) {
        return Some("read by the workspace");
    }
    (is(&files.published) || is_beneath(&files.folders)).then_some("published by the workspace")
}

/// Files of a workspace, relative to it.
#[derive(Default)]
struct Files {
    read: BTreeSet<PathBuf>,
    published: BTreeSet<PathBuf>,
    /// Folders of partitions, whose files are named by the values in them.
    folders: BTreeSet<PathBuf>,
}

impl Files {
    fn of(session: &Session) -> Files {
        let mut acc = Files::default();
        acc.environment(session, &session.db, session.settings);
        let own = session.environment().map(str::to_owned);
        let named = query::declared_environments(&session.db).iter().map(|it| Some(it.name.clone()));
        let others: Vec<Option<String>> = std::iter::once(None).chain(named).filter(|it| *it != own).collect();
        for environment in others {
            let (profile, set) = session.asked_for();
            let mut db = session.db.another();
            let settings = db.settings(profile.clone(), set.clone(), environment);
            acc.environment(session, &db, settings);
        }
        let known = |it: &Known| it.artefacts.keys().map(PathBuf::from).collect::<Vec<_>>();
        acc.published.extend(session.journal.known(known));
        acc
    }

    fn environment(&mut self, session: &Session, db: &RootDb, settings: Settings) {
        let environment = settings.environment(db).clone();
        let environment = environment.as_deref();
        self.planned(db, &query::plan(db, settings).plan);
        self.read.extend(db.known_paths());
        let dist = query::dist(db, settings);
        self.published.extend(BESIDE.map(|it| dist.join(it)));
        self.published.extend([history::file(environment), lock::file(environment)]);
        if let Ok(manifest) = Manifest::read(&session.root, dist) {
            self.published.extend(manifest.paths().map(PathBuf::from));
        }
        if let Ok(Some(recorded)) = Lock::read(&session.root, environment) {
            self.published.extend(recorded.artefact.keys().map(PathBuf::from));
        }
    }

    fn planned(&mut self, db: &RootDb, plan: &Plan) {
        for table in plan.tables.iter() {
            let Operation::Read(reading) = &table.make else { continue };
            self.read.extend(query::files(db, &reading.source.path));
            self.read.extend(reading.files.iter().map(|it| it.path.clone()));
        }
        for export in plan.exports.iter() {
            let path = PathBuf::from(&export.declared.path);
            match export.declared.format {
                ExportFormat::Partitioned(_) => _ = self.folders.insert(path),
                _ => _ = self.published.insert(path),
            }
        }
    }
}
