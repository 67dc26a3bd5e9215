//! Files that people write, as they are changed: what is otherwise, and the whole file at once.

use std::path::Path;

/// The changed lines with three around them, as `diff -u` shows them.
pub(crate) fn difference(file: &Path, before: &str, after: &str) -> String {
    let name = file.display().to_string();
    similar::TextDiff::from_lines(before, after).unified_diff().header(&name, &name).to_string()
}

/// Writes the whole file beside its place first: a pipeline is never half there.
pub(crate) fn write(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    if let Ok(metadata) = std::fs::metadata(path) {
        file.as_file().set_permissions(metadata.permissions())?;
    }
    file.persist(path)?;
    Ok(())
}
