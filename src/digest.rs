//! Content digests: BLAKE3, 256 bits, with one domain a purpose so that equal bytes of different meaning differ.
//!
//! Not here: digests of published files for other tools (`publish`), which are SHA-256 besides.

use std::fmt;
use std::io::{self, Write};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// 32 bytes that stand for a content.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of `bytes` in `domain`.
    pub fn of(domain: &'static str, bytes: &[u8]) -> Digest {
        let mut hasher = Hasher::new(domain);
        hasher.bytes(bytes);
        hasher.finish()
    }

    /// The raw 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// All 64 hexadecimal digits.
    pub fn hex(&self) -> String {
        blake3::Hash::from_bytes(self.0).to_hex().to_string()
    }

    /// The first 12 hexadecimal digits: enough to tell digests apart on a screen, never used as a key.
    pub fn short(&self) -> String {
        self.hex()[..12].to_owned()
    }

    /// Reads 64 hexadecimal digits; `None` for anything else.
    pub fn from_hex(text: &str) -> Option<Digest> {
        blake3::Hash::from_hex(text).ok().map(|it| Digest(*it.as_bytes()))
    }
}

/// A digest that is spelt in 64 hexadecimal digits: in files that people see.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Hex(pub Digest);

impl fmt::Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.hex())
    }
}

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.hex())
    }
}

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Hex, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digest = Digest::from_hex(&text).map(Hex);
        digest.ok_or_else(|| de::Error::custom("a digest has 64 hexadecimal digits"))
    }
}

impl From<[u8; 32]> for Digest {
    fn from(bytes: [u8; 32]) -> Digest {
        Digest(bytes)
    }
}

impl From<blake3::Hash> for Digest {
    fn from(hash: blake3::Hash) -> Digest {
        Digest(*hash.as_bytes())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.short())
    }
}

/// Hashes a sequence of values so that no two different sequences look alike: variable parts carry their length.
#[derive(Clone)]
pub struct Hasher(blake3::Hasher);

impl Hasher {
    /// A hasher for one purpose; `domain` is a constant such as `"hotpass column v1"`.
    pub fn new(domain: &'static str) -> Hasher {
        Hasher(blake3::Hasher::new_derive_key(domain))
    }

    /// Bytes with their length.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Hasher {
        self.number(bytes.len() as u64);
        self.0.update(bytes);
        self
    }

    /// Bytes as they are: for parts of fixed size, or whose lengths were hashed apart.
    pub fn raw(&mut self, bytes: &[u8]) -> &mut Hasher {
        self.0.update(bytes);
        self
    }

    /// Plain data as JSON, as it is.
    pub fn json(&mut self, value: &(impl Serialize + ?Sized)) -> &mut Hasher {
        // At once: JSON is written in pieces of a few bytes, and each costs as much as many.
        let text = serde_json::to_vec(value).expect("what is hashed is plain data");
        self.raw(&text)
    }

    /// Text with its length in bytes.
    pub fn text(&mut self, text: &str) -> &mut Hasher {
        self.bytes(text.as_bytes())
    }

    /// A number as eight little-endian bytes.
    pub fn number(&mut self, number: u64) -> &mut Hasher {
        self.0.update(&number.to_le_bytes());
        self
    }

    /// Another digest.
    pub fn digest(&mut self, digest: &Digest) -> &mut Hasher {
        self.0.update(&digest.0);
        self
    }

    /// The digest of all that was hashed.
    pub fn finish(&self) -> Digest {
        self.0.finalize().into()
    }
}

impl Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Hashes every field that serde sees: one that is added later cannot be forgotten.
pub fn digest_of(domain: &'static str, value: &(impl Serialize + ?Sized)) -> Digest {
    Hasher::new(domain).json(value).finish()
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |it: u8| char::from_digit(u32::from(it), 16).unwrap_or_default();
    bytes.iter().flat_map(|it| [digit(it >> 4), digit(it & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_keep_equal_bytes_apart() {
        assert_ne!(Digest::of("hotpass test a", b"x"), Digest::of("hotpass test b", b"x"));
    }

    #[test]
    fn parts_cannot_flow_into_each_other() {
        let one = Hasher::new("hotpass test").text("ab").text("c").finish();
        let two = Hasher::new("hotpass test").text("a").text("bc").finish();
        assert_ne!(one, two);
    }

    #[test]
    fn hex_round_trips() {
        let digest = Digest::of("hotpass test", b"x");
        assert_eq!(Digest::from_hex(&digest.hex()), Some(digest));
        assert_eq!(Digest::from_hex("abc"), None);
    }
}
