//! Versions of contracts: three numbers, of which the first rises when a promise is broken.

use std::fmt;

use serde::{Serialize, Serializer};

/// `1.2.0`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Version {
    /// Rises when a promise is broken.
    pub major: u64,
    /// Rises when one is added.
    pub minor: u64,
    /// Rises for all else.
    pub patch: u64,
}

impl Version {
    /// Reads `1.2.0`; `1` and `1.2` have zeros behind, a `v` before it is passed over.
    pub fn parse(text: &str) -> Option<Version> {
        let mut parts = [0; 3];
        let text = text.strip_prefix('v').unwrap_or(text);
        let words: Vec<&str> = text.split('.').collect();
        if words.len() > 3 {
            return None;
        }
        for (part, word) in parts.iter_mut().zip(words) {
            let digits = !word.is_empty() && word.bytes().all(|it| it.is_ascii_digit());
            *part = word.parse().ok().filter(|_| digits)?;
        }
        Some(Version { major: parts[0], minor: parts[1], patch: parts[2] })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_numbers() {
        let check = |text, expected: Option<&str>| {
            assert_eq!(Version::parse(text).map(|it| it.to_string()).as_deref(), expected, "{text}");
        };
        check("1.2.3", Some("1.2.3"));
        check("v3", Some("3.0.0"));
        check("0.1", Some("0.1.0"));
        for text in ["", "1.2.3.4", "1.x", "+1", "1..2", "-1", "99999999999999999999999"] {
            check(text, None);
        }
        assert!(Version::parse("1.10.0") > Version::parse("1.9.9"));
    }
}
