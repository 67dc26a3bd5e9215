//! Texts that come with the program: profiles, and pipelines that others use.

use std::path::{Path, PathBuf};

/// How the folder of shipped texts is spelt in places.
pub const FOLDER: &str = "<shipped>";

/// The profile that the others extend.
pub const GENERIC: &str = "generic";

/// Profiles that come with hotpass: name and text.
pub const PROFILES: &[(&str, &str)] = &[
    (GENERIC, include_str!("../../pipelines/profiles/generic.toml")),
    ("south-africa", include_str!("../../pipelines/profiles/south-africa.toml")),
    ("united-states", include_str!("../../pipelines/profiles/united-states.toml")),
    ("united-kingdom", include_str!("../../pipelines/profiles/united-kingdom.toml")),
    ("germany", include_str!("../../pipelines/profiles/germany.toml")),
    ("france", include_str!("../../pipelines/profiles/france.toml")),
    ("india", include_str!("../../pipelines/profiles/india.toml")),
    ("japan", include_str!("../../pipelines/profiles/japan.toml")),
    ("aviation", include_str!("../../pipelines/profiles/aviation.toml")),
    ("test", include_str!("../../pipelines/profiles/test.toml")),
];

/// Pipelines that come with hotpass, to be used by others: name and text.
pub const MODULES: &[(&str, &str)] = &[
    ("contacts-by-id", include_str!("../../pipelines/modules/contacts-by-id.toml")),
    ("organisations", include_str!("../../pipelines/modules/organisations.toml")),
    ("parties", include_str!("../../pipelines/modules/parties.toml")),
];

/// The place of a shipped profile.
pub fn profile(name: &str) -> PathBuf {
    PathBuf::from(format!("{FOLDER}/{name}.toml"))
}

/// The place of a shipped pipeline.
pub fn module(name: &str) -> PathBuf {
    PathBuf::from(format!("{FOLDER}/modules/{name}.toml"))
}

/// The text that stands at a place.
pub fn text(path: &Path) -> Option<&'static str> {
    let name = path.strip_prefix(FOLDER).ok()?.to_str()?.strip_suffix(".toml")?;
    let (all, name) = match name.strip_prefix("modules/") {
        Some(name) => (MODULES, name),
        None => (PROFILES, name),
    };
    all.iter().find(|(it, _)| *it == name).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shipped_is_found_by_its_place() {
        for (name, shipped) in PROFILES {
            assert_eq!(text(&profile(name)), Some(*shipped));
        }
        for (name, shipped) in MODULES {
            assert_eq!(text(&module(name)), Some(*shipped));
        }
        assert_eq!(text(Path::new("generic.toml")), None);
        assert_eq!(text(Path::new("<shipped>/none.toml")), None);
    }
}
