//! The schema of a line of `--format json`, an event a file in `answers/` and a line here. It is written and not made of
//! the types: what programs read changes with these files alone, and a test holds every verb to them.

macro_rules! event {
    ($name:literal) => {
        ($name, include_str!(concat!("answers/", $name, ".json")))
    };
}

/// The events by name, each with its schema.
const EVENTS: [(&str, &str); 77] = [
    event!("adopt.key"),
    event!("archive.summary"),
    event!("attest.summary"),
    event!("build.summary"),
    event!("check.summary"),
    event!("cluster"),
    event!("column"),
    event!("contract"),
    event!("contract.check"),
    event!("contract.diff"),
    event!("contract.dropped"),
    event!("contract.import"),
    event!("diff.column"),
    event!("diff.row"),
    event!("diff.summary"),
    event!("docs"),
    event!("doctor.finding"),
    event!("env"),
    event!("env.artefact"),
    event!("env.cause"),
    event!("env.promoted"),
    event!("expect.dropped"),
    event!("expect.import"),
    event!("expectation_kind"),
    event!("explain.cell"),
    event!("explain.code"),
    event!("explain.column"),
    event!("explain.gate"),
    event!("explain.step"),
    event!("export"),
    event!("failure"),
    event!("gate"),
    event!("gc.summary"),
    event!("graph"),
    event!("guess"),
    event!("init"),
    event!("link.answers"),
    event!("link.measure"),
    event!("link.model"),
    event!("link.pair"),
    event!("link.plan"),
    event!("link.report"),
    event!("link.review"),
    event!("link.review.pair"),
    event!("lock.difference"),
    event!("lost"),
    event!("pipeline"),
    event!("plan.blocks"),
    event!("plan.export"),
    event!("plan.gate"),
    event!("plan.lost"),
    event!("plan.step"),
    event!("plan.written"),
    event!("problem"),
    event!("profile"),
    event!("profile.dropped"),
    event!("profile.import"),
    event!("profile.lint"),
    event!("profile.part"),
    event!("refine.artefact"),
    event!("refine.source"),
    event!("row"),
    event!("schema"),
    event!("source"),
    event!("step"),
    event!("step.finished"),
    event!("step_kind"),
    event!("test.finished"),
    event!("test.scaffold"),
    event!("test.summary"),
    event!("unmapped"),
    event!("verify.difference"),
    event!("verify.summary"),
    event!("watch.changed"),
    event!("watch.preview"),
    event!("watch.ready"),
    event!("watch.waiting"),
];

/// What stands before the events.
const HEAD: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "urn:hotpass:schema:answers",
  "title": "hotpass answers",
  "description": "a line of what `--format json` and `--events` give",
  "type": "object",
  "required": ["v", "event"],
"#;

/// The schema as JSON, the same bytes on every machine.
pub fn answers() -> String {
    let references = EVENTS.map(|(name, _)| format!("    {{\"$ref\": \"#/$defs/{name}\"}}"));
    let events = EVENTS.map(|(name, schema)| format!("    \"{name}\": {}", schema.trim_end().replace('\n', "\n    ")));
    let (references, events) = (references.join(",\n"), events.join(",\n"));
    format!("{HEAD}  \"oneOf\": [\n{references}\n  ],\n  \"$defs\": {{\n{events}\n  }}\n}}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An event that is not listed would be in no schema.
    #[test]
    fn every_file_is_an_event_in_order() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/schema/answers");
        let files = std::fs::read_dir(folder).expect("a folder").flatten();
        let mut files: Vec<String> = files.map(|it| it.file_name().to_string_lossy().into_owned()).collect();
        files.sort_by_key(|it| it.trim_end_matches(".json").to_owned());
        assert_eq!(files, EVENTS.map(|(name, _)| format!("{name}.json")));
        let schema: serde_json::Value = serde_json::from_str(&answers()).expect("JSON");
        for (name, text) in EVENTS {
            assert!(text.contains(&format!("\"event\": {{\"const\": \"{name}\"}}")), "{name}");
            assert!(schema["$defs"][name].is_object(), "{name}");
        }
    }
}
