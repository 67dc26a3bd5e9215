//! Reading a lock. A build asks for it several times, and its text is long: it is parsed once.

use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;

use super::{Lock, VERSION, file};
use crate::readers::reach::Reach;

/// The text that was read last, and what it says.
static LAST: Mutex<Option<(String, Lock)>> = Mutex::new(None);

impl Lock {
    /// The lock of a workspace, or of an environment of it: `Ok(None)` if there is none, the reason if it cannot be read.
    pub fn read(root: &Path, environment: Option<&str>) -> Result<Option<Lock>, String> {
        let text = match Reach::of(root).text(&file(environment)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.to_string()),
        };
        let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, lock)) = last.as_ref().filter(|(known, _)| *known == text) {
            return Ok(Some(lock.clone()));
        }
        let lock = Lock::from_toml(&text)?;
        *last = Some((text, lock.clone()));
        Ok(Some(lock))
    }

    /// Reads the text of a lock.
    pub fn from_toml(text: &str) -> Result<Lock, String> {
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let read: Result<Lock, _> = toml::from_str(text);
        // One of a later version may well have another form.
        let version = match &read {
            Ok(lock) => lock.version,
            Err(_) => toml::from_str(text).map_or(0, |it: Version| it.version),
        };
        if version > VERSION {
            return Err(format!("it has version {version}, and this hotpass reads up to version {VERSION}"));
        }
        read.map_err(|it| it.message().to_owned())
    }
}
