//! The envelope of a statement: DSSE v1 with Ed25519, as in-toto's own tools write and read it.
//!
//! Signing is deterministic: the same statement and key give the same bytes. No key is ever made here.

use base64ct::{Base64, Encoding};
use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePublicKey};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// What a payload is.
pub const PAYLOAD: &str = "application/vnd.in-toto+json";

/// A payload with the signatures over it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Envelope {
    payload: String,
    #[serde(rename = "payloadType")]
    payload_type: String,
    signatures: Vec<Signed>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Signed {
    #[serde(default)]
    keyid: String,
    sig: String,
}

/// A key that signs: PKCS#8 in PEM, as `openssl genpkey -algorithm ed25519` writes it.
pub fn signing_key(pem: &str) -> Result<SigningKey, String> {
    // What the library says of a key it cannot read holds no part of it, and is left out all the same.
    SigningKey::from_pkcs8_pem(pem.trim()).map_err(|_| "it is not an Ed25519 key in PKCS#8 and PEM".to_owned())
}

/// A key that verifies: SubjectPublicKeyInfo in PEM, as `openssl pkey -pubout` writes it.
pub fn public_key(pem: &str) -> Result<VerifyingKey, String> {
    VerifyingKey::from_public_key_pem(pem.trim()).map_err(|_| "it is not a public Ed25519 key in PEM".to_owned())
}

/// The name of a key: SHA-256 of its SubjectPublicKeyInfo in DER.
pub fn key_id(key: &VerifyingKey) -> String {
    let der = key.to_public_key_der().map(|it| it.as_bytes().to_vec()).unwrap_or_default();
    Sha256::digest(der).iter().map(|it| format!("{it:02x}")).collect()
}

impl Envelope {
    /// An envelope around `payload`, signed if there is a key.
    pub fn new(payload: &[u8], key: Option<&SigningKey>) -> Envelope {
        let sign = |key: &SigningKey| Signed {
            keyid: key_id(&key.verifying_key()),
            sig: Base64::encode_string(&key.sign(&encoded(PAYLOAD, payload)).to_bytes()),
        };
        Envelope {
            payload: Base64::encode_string(payload),
            payload_type: PAYLOAD.to_owned(),
            signatures: key.map(sign).into_iter().collect(),
        }
    }

    /// The text of a file.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string(self).expect("an envelope is plain data");
        text.push('\n');
        text
    }

    /// Reads the text of a file.
    pub fn from_json(text: &str) -> Result<Envelope, String> {
        let envelope: Envelope = serde_json::from_str(text).map_err(|error| error.to_string())?;
        match envelope.payload_type == PAYLOAD {
            true => Ok(envelope),
            false => Err("its payload is not an in-toto statement".to_owned()),
        }
    }

    /// What is inside.
    pub fn payload(&self) -> Result<Vec<u8>, String> {
        Base64::decode_vec(&self.payload).map_err(|_| "its payload is not base64".to_owned())
    }

    /// Names of the keys that signed it, as it says.
    pub fn signers(&self) -> Vec<&str> {
        self.signatures.iter().map(|it| it.keyid.as_str()).collect()
    }

    /// Whether one of the signatures is this key's.
    pub fn is_signed_by(&self, key: &VerifyingKey) -> bool {
        let Ok(payload) = self.payload() else { return false };
        let message = encoded(&self.payload_type, &payload);
        self.signatures.iter().any(|it| {
            let bytes = Base64::decode_vec(&it.sig).ok();
            let signature = bytes.and_then(|it| Signature::from_slice(&it).ok());
            signature.is_some_and(|it| key.verify_strict(&message, &it).is_ok())
        })
    }
}

/// DSSE's pre-authentication encoding: type and payload with their lengths.
fn encoded(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    #[test]
    fn the_encoding_is_that_of_the_specification() {
        // https://github.com/secure-systems-lab/dsse/blob/v1.0.0/protocol.md, its test vector.
        let message = encoded("http://example.com/HelloWorld", b"hello world");
        assert_eq!(message, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    }

    #[test]
    fn only_the_key_that_signed_is_found() {
        let envelope = Envelope::new(b"{}", Some(&key(1)));
        assert!(envelope.is_signed_by(&key(1).verifying_key()));
        assert!(!envelope.is_signed_by(&key(2).verifying_key()));
        assert!(!Envelope::new(b"{}", None).is_signed_by(&key(1).verifying_key()));
        assert_eq!(Envelope::from_json(&envelope.to_json()), Ok(envelope));
    }

    #[test]
    fn a_tampered_envelope_is_refused() {
        let envelope = Envelope::new(br#"{"a":1}"#, Some(&key(1)));
        let other = Envelope { payload: Base64::encode_string(br#"{"a":2}"#), ..envelope.clone() };
        assert!(!other.is_signed_by(&key(1).verifying_key()));
        let mut cut = envelope;
        cut.signatures[0].sig.truncate(8);
        assert!(!cut.is_signed_by(&key(1).verifying_key()));
    }

    #[test]
    fn keys_are_read_as_openssl_writes_them() {
        // The example of RFC 8410, section 10.3 and 10.1.
        let private = "-----BEGIN PRIVATE KEY-----\n\
            MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
        let public = "-----BEGIN PUBLIC KEY-----\n\
            MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
        let (private, public) = (signing_key(private).expect("a key"), public_key(public).expect("a key"));
        assert_eq!(private.verifying_key(), public);
        assert!(signing_key("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----").is_err());
    }
}
