//! Pages among the artefacts of a build: each is a file of its own, staged, listed and verified like any other, and a
//! page that no plan makes any more goes when the others are put in place.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::digest::{Digest, digest_of};
use crate::pipeline::{Page, ReportForm};
use crate::plan::{Name, Plan, PlannedExport};
use crate::publish::{Hashing, PublishError, Staging};
use crate::run::docs::{Docs, Known};
use crate::run::ours::Ours;
use crate::run::warden::Watch;
use crate::run::writers::Made;
use crate::run::{LazyEngine, linked, promised};

/// The facts of each export of pages, gathered when they are first asked for.
pub(super) struct Sites<'a> {
    known: Known<'a>,
    of: BTreeMap<&'a Name, Docs<'a>>,
}

impl<'a> Sites<'a> {
    /// Nothing gathered yet.
    pub(super) fn new(known: Known<'a>) -> Sites<'a> {
        Sites { known, of: BTreeMap::new() }
    }

    fn docs(&mut self, export: &'a PlannedExport) -> &mut Docs<'a> {
        let known = self.known;
        self.of.entry(&export.name).or_insert_with(|| Docs::of(known, export))
    }

    /// What decides the bytes of a page; nothing for another export.
    pub(super) fn key(&mut self, export: &'a PlannedExport) -> Option<Digest> {
        let page = export.page()?;
        if let Some(text) = promised::declared(self.known.plan, export) {
            let domain = if page == Page::Package { "hotpass data package v1" } else { "hotpass csvw v1" };
            return Some(Digest::of(domain, text.as_bytes()));
        }
        if page == Page::Linkage {
            return linked::key(self.known, export);
        }
        let key = self.docs(export).key(page, export.table);
        match export.declared.words.is_none() {
            true => Some(key),
            false => Some(digest_of("hotpass words of a report v1", &(key.hex(), &export.declared.words))),
        }
    }

    /// Writes a page beside its place.
    pub(super) fn stage(
        &mut self,
        export: &'a PlannedExport,
        (engine, watch): (&LazyEngine<'_>, &Watch<'_>),
        staging: &mut Staging,
    ) -> Result<Made, PublishError> {
        let world = |error: &dyn std::fmt::Display| PublishError::Rows(error.to_string());
        let Some(page) = export.page() else { return Err(world(&"it is not a page")) };
        let known = self.known;
        let declared = promised::declared(known.plan, export);
        let docs = self.docs(export);
        if let Page::Report(ReportForm::Xlsx) = page {
            let report = engine.with(|it| {
                let mut worker = it.worker()?;
                watch.stops(worker.stopper());
                watch.noted(docs.report(&mut *worker))
            });
            let report = report.map_err(|error| world(&error))?;
            let path = PathBuf::from(&export.declared.path);
            let mut file = staging.create(&path).map_err(PublishError::Io)?;
            let written = report.write_sheet(&mut file, &export.declared.words)?;
            staging.staged(&path, file, written.clone()).map_err(PublishError::Io)?;
            return Ok(Made { path: export.declared.path.clone(), written });
        }
        let made = || {
            engine.with(|it| {
                let mut worker = it.worker()?;
                watch.stops(worker.stopper());
                watch.noted(match page {
                    Page::Linkage => linked::page(known, export, &mut *worker),
                    page => docs.page(page, export.table, &mut *worker),
                })
            })
        };
        let text = declared.map_or_else(made, Ok).map_err(|error| world(&error))?;
        let path = PathBuf::from(&export.declared.path);
        let mut file = Hashing::new(staging.create(&path).map_err(PublishError::Io)?);
        file.write_all(text.as_bytes()).map_err(PublishError::Io)?;
        let (file, written) = file.finish(0).map_err(PublishError::Io)?;
        staging.staged(&path, file, written.clone()).map_err(PublishError::Io)?;
        Ok(Made { path: export.declared.path.clone(), written })
    }
}

/// Removes pages of tables that are gone, and partitions of values that are gone: what the manifest lists beneath a
/// folder of such files, this build does not make, and nobody changed. They go before the others are put in place.
///
/// `files` are those of each export; none are known of one that was not asked for.
pub(super) fn sweep(plan: &Plan, files: &[Option<Vec<&str>>], root: &Path, ours: &Ours<'_>) -> std::io::Result<()> {
    let known = |(it, files): &(&PlannedExport, &Option<Vec<&str>>)| !it.is_partitioned() || files.is_some();
    let folders = || plan.exports.iter().zip(files).filter(known).filter_map(|(it, _)| Some(Path::new(it.folder()?)));
    let planned = |path: &Path| plan.exports.iter().any(|it| Path::new(&it.declared.path) == path);
    let written = |path: &Path| files.iter().flatten().flatten().any(|it| Path::new(it) == path);
    for path in ours.listed() {
        let path = Path::new(&path);
        let Some(folder) = folders().find(|it| path.starts_with(it)) else { continue };
        if planned(path) || written(path) || !ours.is_unchanged(path) {
            continue;
        }
        match std::fs::remove_file(root.join(path)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => (),
        }
        // Folders of values that are gone go too, where nothing else is in them.
        let beneath = path.ancestors().skip(1).take_while(|it| *it != folder);
        let _ = beneath.map(|it| root.join(it)).try_for_each(std::fs::remove_dir);
    }
    Ok(())
}
