//! What programs read of an answer: a JSON object a line, each with the version of what it means.

use serde::Serialize;
use serde_json::Value;

use crate::escape::json_line;

/// The version of all events.
const VERSION: u8 = 1;

/// An answer for programs: an event is a line, and a list is the lines of what is in it, however deep.
pub(crate) fn json(answer: &(impl Serialize + ?Sized)) -> String {
    lines(value(answer))
}

/// An event as a value, with its version.
pub(crate) fn value(event: &(impl Serialize + ?Sized)) -> Value {
    let mut value = serde_json::to_value(event).unwrap_or_default();
    if let Value::Object(members) = &mut value {
        members.insert("v".to_owned(), VERSION.into());
    }
    value
}

fn lines(value: Value) -> String {
    match value {
        Value::Array(all) => all.into_iter().map(lines).collect(),
        Value::Object(mut members) => {
            members.insert("v".to_owned(), VERSION.into());
            json_line(&Value::Object(members))
        }
        // Nothing is told of what is not there.
        Value::Null => String::new(),
        other => json_line(&other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    #[serde(tag = "event")]
    enum Event {
        #[serde(rename = "a.one")]
        One { text: &'static str },
        #[serde(rename = "two")]
        Two,
    }

    #[test]
    fn events_are_lines_with_their_version() {
        let one = || Event::One { text: "x\u{202e}" };
        assert_eq!(json(&one()), "{\"event\":\"a.one\",\"text\":\"x\\u202e\",\"v\":1}\n");
        let all = (vec![one(), Event::Two], None::<Event>, Event::Two);
        assert_eq!(json(&all).lines().count(), 3);
        assert_eq!(json(&all).lines().last(), Some("{\"event\":\"two\",\"v\":1}"));
    }
}
