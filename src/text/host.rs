//! Host names, as e-mail addresses and websites share them: lower-case ASCII with at least one dot.
//!
//! Not here: whether a host exists, and lists of top-level domains, which age.

use std::borrow::Cow;

/// `text` as a host name in lower-case ASCII (internationalised names in Punycode), without a dot at its end.
///
/// `None` unless there are two labels or more, each of 1 to 63 letters, digits and inner hyphens, 253 bytes in all,
/// the last one not a number.
pub(super) fn host(text: &str) -> Option<Cow<'_, str>> {
    let text = text.strip_suffix('.').unwrap_or(text);
    // Punycode that decodes to nothing sensible is refused by `idna` only, so it sees every `xn--`.
    let is_xn = || text.as_bytes().windows(4).any(|it| it.eq_ignore_ascii_case(b"xn--"));
    let plain = text.is_ascii() && !(text.contains("--") && is_xn());
    let host = if !plain {
        Cow::Owned(idna::domain_to_ascii(text).ok()?)
    } else if text.bytes().any(|it| it.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    };
    is_host(&host).then_some(host)
}

/// Whether `text` has the shape that [`host`] gives.
fn is_host(text: &str) -> bool {
    let Some((_, last)) = text.rsplit_once('.') else { return false };
    text.len() <= 253
        && text.split('.').all(is_label)
        && (last.starts_with("xn--") || last.bytes().all(|it| it.is_ascii_lowercase()))
}

fn is_label(label: &str) -> bool {
    let bytes = label.as_bytes();
    (1..=63).contains(&bytes.len())
        && bytes.iter().all(|it| matches!(it, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        && bytes.first() != Some(&b'-')
        && bytes.last() != Some(&b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(host(text).unwrap_or_default(), expected, "{text:?}");
    }

    #[test]
    fn hosts_are_checked_and_folded() {
        check("Foo.CO.za", "foo.co.za");
        check("foo.com.", "foo.com");
        check("münchen.DE", "xn--mnchen-3ya.de");
        check("XN--Mnchen-3ya.de", "xn--mnchen-3ya.de");
        check("例え。テスト", "xn--r8jz45g.xn--zckzah");
        for text in ["foo", "", ".", "a..b", ".a.b", "a.b..", "-a.com", "a-.com", "a_b.com", "1.2.3.4", "a b.com"] {
            check(text, "");
        }
        check("xn--a.com", "");
        check(&format!("{}.com", "a".repeat(64)), "");
        check(&"a.".repeat(130), "");
    }
}
