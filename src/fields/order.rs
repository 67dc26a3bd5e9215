//! The order in which people wrote keys, which TOML itself does not keep.

use toml::de::DeTable;

/// The keys of a table, in the order of the file.
pub(super) fn in_order(table: &DeTable<'_>) -> Vec<String> {
    let mut keys: Vec<_> = table.keys().map(|it| (it.span().start, it.get_ref().to_string())).collect();
    keys.sort();
    keys.into_iter().map(|(_, it)| it).collect()
}
