//! JSON whose keys stand in the order in which they were put, so that a schema reads from its head.

use serde::ser::{Serialize, SerializeMap, Serializer};

/// An object of JSON, in order.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Object(Vec<(String, Json)>);

/// A value of JSON.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Json {
    Flag(bool),
    Whole(i64),
    Number(f64),
    Text(String),
    List(Vec<Json>),
    Object(Object),
}

impl Object {
    /// With one more key.
    pub(super) fn with(mut self, key: &str, value: impl Into<Json>) -> Object {
        self.put(key, value);
        self
    }

    /// With all keys of another one.
    pub(super) fn and(mut self, other: Object) -> Object {
        other.0.into_iter().for_each(|(key, value)| self.put(&key, value));
        self
    }

    /// Adds a key.
    pub(super) fn put(&mut self, key: &str, value: impl Into<Json>) {
        debug_assert!(!self.0.iter().any(|(it, _)| it == key), "`{key}` stands twice");
        self.0.push((key.to_owned(), value.into()));
    }

    /// Whether there is nothing in it.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Json::Flag(it) => serializer.serialize_bool(*it),
            Json::Whole(it) => serializer.serialize_i64(*it),
            // `0`, and not `0.0`: bounds are read by people too.
            Json::Number(it) if it.fract() == 0.0 => serializer.serialize_i64(*it as i64),
            Json::Number(it) => serializer.serialize_f64(*it),
            Json::Text(it) => serializer.serialize_str(it),
            Json::List(it) => it.serialize(serializer),
            Json::Object(it) => it.serialize(serializer),
        }
    }
}

impl From<bool> for Json {
    fn from(it: bool) -> Json {
        Json::Flag(it)
    }
}

impl From<i64> for Json {
    fn from(it: i64) -> Json {
        Json::Whole(it)
    }
}

impl From<f64> for Json {
    fn from(it: f64) -> Json {
        Json::Number(it)
    }
}

impl From<&str> for Json {
    fn from(it: &str) -> Json {
        Json::Text(it.to_owned())
    }
}

impl From<Object> for Json {
    fn from(it: Object) -> Json {
        Json::Object(it)
    }
}

impl<T: Into<Json>> FromIterator<T> for Json {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Json {
        Json::List(items.into_iter().map(Into::into).collect())
    }
}
