//! A world for tests: a folder on disk whose headers are read in this process, without an engine.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use crate::db::RootDb;
use crate::digest::{Digest, Hasher};
use crate::model::Schema;
use crate::plan::Plan;
use crate::problem::Problem;
use crate::query;
use crate::readers::json::Shape;
use crate::readers::{self, Found, Known, ReadError, Request};
use crate::steps::Query;
use crate::system::{Revision, System, Unknown};

/// The folder.
#[derive(Debug)]
struct Folder(PathBuf);

impl System for Folder {
    fn revision(&self, path: &Path) -> Option<Revision> {
        let known = fs::metadata(self.0.join(path)).ok()?;
        let mtime = known.modified().ok()?.duration_since(UNIX_EPOCH).ok()?.as_nanos() as i128;
        Some(Revision { size: known.len(), mtime, ctime: 0, inode: 0 })
    }

    fn read_text(&self, path: &Path) -> io::Result<String> {
        fs::read_to_string(self.0.join(path))
    }

    fn list(&self, folder: &Path) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.0.join(folder)) else { return Vec::new() };
        let name = |it: fs::DirEntry| {
            let slash = if it.path().is_dir() { "/" } else { "" };
            format!("{}{slash}", it.file_name().to_string_lossy())
        };
        let mut names: Vec<String> = entries.filter_map(|it| it.ok().map(name)).collect();
        names.sort();
        names
    }

    fn fingerprint(&self, path: &Path) -> Option<Digest> {
        let bytes = fs::read(self.0.join(path)).ok()?;
        Some(Hasher::new("a test").bytes(&bytes).finish())
    }

    fn header(&self, request: &Request, known: &Known, _: &Digest) -> Result<Found, Unknown> {
        match readers::head(request, known, readers::read) {
            Ok(found) => Ok(found),
            Err(ReadError::Problem(problem)) => Err(Unknown::Problem(problem)),
            Err(ReadError::World(reason)) => Err(Unknown::World(reason)),
        }
    }

    fn columns(&self, _: &Path, _: &Digest) -> Result<Schema, Unknown> {
        Err(Unknown::NeedsEngine)
    }

    fn shape(&self, path: &Path, _: &Digest) -> Result<Shape, Unknown> {
        let file = fs::File::open(self.0.join(path)).map_err(|error| Unknown::World(error.to_string()))?;
        match readers::json::shape(file, &path.display().to_string()) {
            Ok(shape) => Ok(shape),
            Err(ReadError::Problem(problem)) => Err(Unknown::Problem(problem)),
            Err(ReadError::World(reason)) => Err(Unknown::World(reason)),
        }
    }

    fn bind_sql(&self, _: &Query, _: &[(&str, &Schema)]) -> Result<Schema, Unknown> {
        Err(Unknown::NeedsEngine)
    }

    fn absolute(&self, path: &Path) -> PathBuf {
        self.0.join(path)
    }

    fn is_settled(&self, _: &Revision) -> bool {
        true
    }
}

/// What planning says of the workspace in a folder.
pub(crate) fn planned(folder: &Path) -> (Arc<Plan>, Vec<Problem>) {
    let mut db = RootDb::new(Arc::new(Folder(folder.to_owned())));
    let settings = db.settings(None, std::collections::BTreeMap::new(), None);
    let problems = query::check(&db, settings).clone();
    (Arc::clone(&query::plan(&db, settings).plan), problems)
}
