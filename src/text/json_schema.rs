//! A JSON Schema that texts are held against.
//!
//! Every draft that a schema names with `$schema` is known, from draft 4 on; without a name it is one of 2020-12. As in
//! Python's `jsonschema`, `format` describes and does not constrain. References lead to places in the schema itself:
//! nothing is fetched.

use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

/// A schema, ready to be asked.
#[derive(Debug)]
pub struct Schema(Validator);

impl Schema {
    /// Reads a schema from its JSON; otherwise why it is none.
    pub fn new(text: &str) -> Result<Schema, String> {
        let schema: Value = serde_json::from_str(text).map_err(|it| it.to_string())?;
        if !schema.is_object() && !schema.is_boolean() {
            return Err("a schema is a JSON object, as {\"type\": \"object\"}".to_owned());
        }
        let made = jsonschema::options().should_validate_formats(false).build(&schema);
        made.map(Schema).map_err(|it| match (it.kind(), it.instance_path().to_string()) {
            (ValidationErrorKind::Referencing(_), _) => "a reference leads to nothing in it".to_owned(),
            (_, path) if path.is_empty() => it.to_string(),
            (_, path) => format!("a schema cannot contain the value at `{path}`"),
        })
    }

    /// Whether a text is JSON that the schema allows.
    pub fn fits(&self, text: &str) -> bool {
        serde_json::from_str(text).is_ok_and(|it| self.0.is_valid(&it))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(schema: &str, text: &str, expected: bool) {
        assert_eq!(Schema::new(schema).expect("a schema").fits(text), expected, "{schema} {text}");
    }

    #[test]
    fn what_a_schema_allows_fits() {
        let person =
            r#"{"type": "object", "required": ["name"], "properties": {"age": {"type": "integer", "minimum": 0}}}"#;
        check(person, r#"{"name": "Ada", "age": 36}"#, true);
        check(person, r#"{"name": "Ada", "age": 36.0}"#, true);
        check(person, r#"{"name": "Ada", "age": -1}"#, false);
        check(person, r#"{"age": 36}"#, false);
        check(person, "[]", false);
        check(person, "no JSON", false);
        check("true", "1", true);
        check("false", "1", false);
    }

    #[test]
    fn a_format_is_no_constraint_and_a_reference_stays_inside() {
        check(r#"{"format": "email"}"#, r#""nobody""#, true);
        check(r#"{"$schema": "http://json-schema.org/draft-07/schema#", "format": "email"}"#, r#""nobody""#, true);
        check(r##"{"$ref": "#/$defs/a", "$defs": {"a": {"const": 1}}}"##, "1", true);
        check(r##"{"$ref": "#/$defs/a", "$defs": {"a": {"const": 1}}}"##, "2", false);
        let far = Schema::new(r#"{"$ref": "https://example.org/x.json"}"#);
        assert!(far.is_err(), "{far:?}");
        let file = Schema::new(r#"{"$ref": "file:///etc/passwd"}"#);
        assert!(file.is_err(), "{file:?}");
    }

    #[test]
    fn what_is_no_schema_is_told() {
        for text in ["", "{", "1", "[]", r#"{"type": "strin"}"#, r#"{"pattern": "("}"#, r#"{"minimum": "1"}"#] {
            assert!(Schema::new(text).is_err(), "{text}");
        }
    }
}
