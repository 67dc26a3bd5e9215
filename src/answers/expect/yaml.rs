//! YAML as the values of JSON.

use std::ops::Range;

use saphyr::{LoadableYamlNode, MarkedYaml, SafelyIndex, Yaml};
use serde_json::{Map, Value as Json};

/// How deep values may stand in each other.
const DEEPEST: usize = 64;

/// The first document of a text; the error says why it cannot be read.
pub(crate) fn read(text: &str) -> Result<Json, String> {
    let documents = Yaml::load_from_str(text).map_err(|error| error.to_string())?;
    let root = documents.first().ok_or("it is empty")?;
    value(root, 0)
}

fn value(node: &Yaml<'_>, depth: usize) -> Result<Json, String> {
    if depth > DEEPEST {
        return Err("its values are nested too deep".to_owned());
    }
    if let Some(items) = node.as_sequence() {
        return items.iter().map(|it| value(it, depth + 1)).collect::<Result<_, _>>().map(Json::Array);
    }
    if let Some(mapping) = node.as_mapping() {
        let mut acc = Map::new();
        for (key, it) in mapping {
            let key = match value(key, depth + 1)? {
                Json::String(text) => text,
                other => other.to_string(),
            };
            acc.insert(key, value(it, depth + 1)?);
        }
        return Ok(Json::Object(acc));
    }
    if let Some(it) = node.as_bool() {
        return Ok(Json::from(it));
    }
    if let Some(it) = node.as_integer() {
        return Ok(Json::from(it));
    }
    if let Some(it) = node.as_floating_point() {
        return Ok(Json::from(it));
    }
    Ok(node.as_str().map_or(Json::Null, Json::from))
}

/// Where a value stands in a text, which may be JSON: the bytes of its first line. `path` leads to it; where it leads to
/// nothing, the last value on the way.
pub(crate) fn place(text: &str, path: &[String]) -> Range<usize> {
    let documents = MarkedYaml::load_from_str(text).unwrap_or_default();
    let Some(mut node) = documents.first() else { return 0..0 };
    for part in path {
        let next = part.parse().ok().and_then(|it: usize| node.get(it)).or_else(|| node.get(part.as_str()));
        let Some(next) = next else { break };
        node = next;
    }
    let byte = |chars| text.char_indices().nth(chars).map_or(text.len(), |(at, _)| at);
    let (start, end) = (byte(node.span.start.index()), byte(node.span.end.index()));
    let line = text[start..].find('\n').map_or(text.len(), |it| start + it);
    start..end.min(line).max(start)
}
