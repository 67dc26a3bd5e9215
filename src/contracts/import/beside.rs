//! What documents of others say beside their fields: how strictly a table is meant, and what their headings say.

use serde_json::Value;

use super::{Imported, quoted};
use crate::contracts::emit::STATUS;

/// How strictly a table is held to a Table Schema: by its own word, and by ours beside it.
pub(super) fn table_modes(document: &Value, acc: &mut Imported) -> Modes {
    let mut modes = Modes::default();
    // The profile of version 2.0 has it in a list.
    let word = document["fieldsMatch"].as_str().or(document["fieldsMatch"][0].as_str());
    match word {
        Some("exact") => (modes.extra, modes.order) = (Some("deny"), true),
        Some("equal") => modes.extra = Some("deny"),
        Some("subset") | None => (),
        Some(_) => {
            let why = "a contract names fields that are there, so fields that may be missing have no equivalent";
            acc.dropped.push(("fieldsMatch".to_owned(), why.to_owned()));
        }
    }
    for (key, value) in document["hotpass"].as_object().into_iter().flatten() {
        match key.as_str() {
            "owner" => (),
            "column_order" => modes.order = true,
            key => modes.said(key, value, "hotpass", acc),
        }
    }
    modes
}

/// What is meant of other columns, of texts and of the order, where it is not as usual.
#[derive(Default)]
pub(super) struct Modes {
    extra: Option<&'static str>,
    coerce: bool,
    order: bool,
}

impl Modes {
    /// Takes a property of ours, and says which it does not know.
    pub(super) fn said(&mut self, key: &str, value: &Value, place: &str, acc: &mut Imported) {
        match (key, value.as_str(), value.as_bool()) {
            ("extra", Some("deny"), _) => self.extra = Some("deny"),
            ("extra", Some("warn"), _) => self.extra = Some("warn"),
            ("extra", Some("allow"), _) | ("coerce", _, Some(false)) | ("column_order", Some("any"), _) => (),
            ("coerce", _, Some(true)) => self.coerce = true,
            ("column_order", Some("exact"), _) => self.order = true,
            _ => acc.dropped.push((format!("{place}.{key}"), "a custom property means nothing here".to_owned())),
        }
    }

    pub(super) fn lines(&self) -> Vec<(&'static str, String)> {
        let extra = self.extra.map(|it| ("extra", quoted(it)));
        let coerce = self.coerce.then(|| ("coerce", "true".to_owned()));
        let order = self.order.then(|| ("column_order", quoted("exact")));
        extra.into_iter().chain(coerce).chain(order).collect()
    }
}

/// Names what of the heading of a document has no place in a contract.
pub(super) fn odcs_heading(document: &Value, tables: &[Value], acc: &mut Imported) {
    let mut tell = |place: &str, why: &str| acc.dropped.push((place.to_owned(), why.to_owned()));
    if document["id"].as_str().is_some_and(|it| !it.starts_with("urn:hotpass:contract:")) {
        tell("id", "a contract is known by its name");
    }
    if document["status"].as_str().is_some_and(|it| STATUS != format!("status: \"{it}\"")) {
        tell("status", "nothing reads it: a contract holds where a table names it");
    }
    if document["name"].as_str().is_some() && tables.len() > 1 {
        tell("name", "it is about several contracts");
    }
    match &document["description"] {
        Value::Object(all) => all.keys().filter(|it| *it != "purpose").for_each(|key| {
            tell(&format!("description.{key}"), "nothing reads it");
        }),
        Value::Null => (),
        _ => tell("description", "its text is read from `purpose`"),
    }
    let is_owner = |it: &Value| it["role"].as_str().is_some_and(|it| it.eq_ignore_ascii_case("owner"));
    let team = document["team"].as_array().or(document["team"]["members"].as_array());
    let mut owned = false;
    for (at, member) in team.into_iter().flatten().enumerate() {
        if owned || !is_owner(member) {
            tell(&format!("team.{at}"), "a contract names its owner alone, the first member with `role: owner`");
        }
        owned |= is_owner(member);
        let others = member.as_object().into_iter().flat_map(|it| it.keys());
        let known = if member["username"].as_str().is_some() { "username" } else { "name" };
        for key in others.filter(|it| is_owner(member) && ![known, "role"].contains(&it.as_str())) {
            tell(&format!("team.{at}.{key}"), "nothing reads it");
        }
    }
}
