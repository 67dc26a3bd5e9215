//! SARIF 2.1.0: all problems as results, for panels that show what code scanners found.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::problem::{Problem, Severity, reference};
use crate::publish::own_files::OwnFile;
use crate::report::{AsFile, Place, Places, Report};
use crate::show::{self, json_line};
use crate::summary::Summary;

/// The schema that the file follows.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// How its files are known.
const FILE: OwnFile = OwnFile::text("report in SARIF", "sarif-schema");

/// The report of a build.
pub(super) const REPORT: Report = Report::File(AsFile {
    flag: "report-sarif",
    doc: "Write problems to this file as SARIF, a format for code scanners",
    own: &FILE,
    text: |it| sarif(it.summary, &it.places),
});

/// The file.
pub fn sarif(summary: &Summary, places: &Places<'_>) -> String {
    let mut rules: BTreeMap<&str, usize> = summary.problems.iter().map(|it| (it.code.as_str(), 0)).collect();
    rules.values_mut().enumerate().for_each(|(index, it)| *it = index);
    let results: Vec<Value> = summary.problems.iter().map(|it| result(it, rules[it.code.as_str()], places)).collect();
    let described =
        |code: &&str| json!({"id": code, "shortDescription": {"text": code}, "help": {"text": reference(code)}});
    let rules: Vec<Value> = rules.keys().map(described).collect();
    json_line(&json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "hotpass", "version": env!("CARGO_PKG_VERSION"), "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "the root of the checkout"}}},
            "results": results,
        }],
    }))
}

fn result(problem: &Problem, rule: usize, places: &Places<'_>) -> Value {
    let text = match &problem.help {
        Some(help) => format!("{}. Help: {help}", problem.message),
        None => problem.message.clone(),
    };
    let mut it = json!({
        "ruleId": problem.code, "ruleIndex": rule,
        "level": if problem.severity == Severity::Error { "error" } else { "warning" },
        "message": {"text": show::sarif(&text)},
    });
    if let Some(place) = places.of(problem) {
        it["locations"] = json!([location(&place)]);
    }
    it
}

fn location(place: &Place) -> Value {
    json!({"physicalLocation": {
        "artifactLocation": {"uri": uri(&place.path), "uriBaseId": "%SRCROOT%"},
        "region": {
            "startLine": place.line, "startColumn": place.column,
            "endLine": place.end_line, "endColumn": place.end_column,
        },
    }})
}

/// A relative path as a URI: all but unreserved characters and `/` are written as bytes.
fn uri(path: &str) -> String {
    let plain = |it: u8| it.is_ascii_alphanumeric() || b"-._~/".contains(&it);
    path.bytes().map(|it| if plain(it) { char::from(it).to_string() } else { format!("%{it:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("pipelines/a b.toml"), "pipelines/a%20b.toml");
        assert_eq!(uri("ä.toml"), "%C3%A4.toml");
    }
}
