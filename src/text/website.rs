//! Websites: an address of the web with a checked host, and that host alone.
//!
//! Not here: whether anything answers there, public suffixes and lists of top-level domains, which age.
//!
//! | superseded vector | here | because |
//! | --- | --- | --- |
//! | `http://foo.com` -> `https://foo.com` | `http://foo.com` | D-43: a scheme that was written stays |
//! | `//foo.com` -> `https:////foo.com` | none | D-43 |
//! | `ftp://foo.com` -> `https://ftp://foo.com` | none | D-43 |
//! | `foo` -> `https://foo` | none | D-43: a host has a dot |
//! | `https://www.www.foo.com` -> `https://www.foo.com` | `https://foo.com` | idempotence |
//! | user names in the address are kept | none | that is an e-mail address or a secret |

use std::borrow::Cow;

use super::clean::cleaned;
use super::host::host;

/// The address in `text` with lower-case host, without leading `www.`, query, fragment and slashes at the end.
///
/// `https` is assumed where no scheme is written; a port stays unless it is the scheme's own. `None` for other schemes,
/// e-mail addresses, texts with blanks and hosts that cannot be one.
pub fn website(text: &str) -> Option<String> {
    let text = cleaned(text);
    let parts = parts(&text)?;
    let mut out = String::with_capacity(text.len() + 8);
    out.push_str(parts.scheme);
    out.push_str("://");
    out.push_str(bare_host(&parts.host));
    if let Some(port) = parts.port {
        out.push(':');
        out.push_str(&port.to_string());
    }
    if parts.path.contains('\\') {
        out.push_str(&parts.path.replace('\\', "/"));
    } else {
        out.push_str(parts.path);
    }
    Some(out)
}

/// The host of [`website`], without port: `foo.co.za`.
pub fn domain(text: &str) -> Option<String> {
    let text = cleaned(text);
    let parts = parts(&text)?;
    Some(bare_host(&parts.host).to_owned())
}

struct Parts<'a> {
    scheme: &'static str,
    host: Cow<'a, str>,
    port: Option<u16>,
    /// Empty, or begins with a slash.
    path: &'a str,
}

fn parts(text: &str) -> Option<Parts<'_>> {
    let (scheme, rest) = scheme(unwrapped(text));
    let rest = &rest[..rest.find(['?', '#']).unwrap_or(rest.len())];
    let rest = rest.trim_end_matches(is_trailing);
    if rest.contains(|it: char| it.is_whitespace() || matches!(it, '<' | '>' | '"' | '|')) {
        return None;
    }
    let (authority, path) = rest.split_at(rest.find(['/', '\\']).unwrap_or(rest.len()));
    let (name, port) = match authority.split_once(':') {
        Some((name, "")) => (name, None),
        Some((name, port)) => (name, Some(port_number(port)?)),
        None => (authority, None),
    };
    let host = host(name)?;
    // One letter behind the last dot is an abbreviation (`e.g`), not a place on the web.
    if host.rsplit('.').next().is_none_or(|it| it.len() < 2) {
        return None;
    }
    let own = if scheme == "http" { 80 } else { 443 };
    Some(Parts { scheme, host, port: port.filter(|it| *it != own), path })
}

/// The scheme, and what follows it; of several (`http://https://…`) the last.
fn scheme(text: &str) -> (&'static str, &str) {
    let mut found = ("https", text);
    loop {
        let (_, rest) = found;
        let after = |name: &str| {
            let (head, tail) = rest.split_at_checked(name.len())?;
            let tail = head.eq_ignore_ascii_case(name).then_some(tail)?;
            tail.strip_prefix("//").or_else(|| tail.strip_prefix("\\\\")).map(str::trim_start)
        };
        found = match (after("https:"), after("http:")) {
            (Some(rest), _) => ("https", rest),
            (_, Some(rest)) => ("http", rest),
            _ => return found,
        };
    }
}

/// A port as it is written in an address.
fn port_number(text: &str) -> Option<u16> {
    text.bytes().all(|it| it.is_ascii_digit()).then(|| text.parse().ok()).flatten().filter(|it| *it > 0)
}

/// `host` without each leading `www.` that leaves a dot behind.
fn bare_host(host: &str) -> &str {
    let mut host = host;
    while let Some(rest) = host.strip_prefix("www.").filter(|it| it.contains('.')) {
        host = rest;
    }
    host
}

/// `text` without a pair of brackets or quotes around it.
fn unwrapped(text: &str) -> &str {
    let mut text = text.trim_matches(char::is_whitespace);
    loop {
        let inner = [('<', '>'), ('(', ')'), ('[', ']'), ('"', '"'), ('\'', '\''), ('“', '”'), ('‘', '’')]
            .iter()
            .find_map(|(open, close)| text.strip_prefix(*open)?.strip_suffix(*close));
        match inner {
            Some(inner) => text = inner.trim_matches(char::is_whitespace),
            None => return text,
        }
    }
}

/// What stands at the end of an address in prose, and says nothing in it.
fn is_trailing(it: char) -> bool {
    it.is_whitespace() || matches!(it, '/' | '\\' | '.' | ',' | ';' | ':')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, site: &str, host: &str) {
        assert_eq!(website(text).unwrap_or_default(), site, "website({text:?})");
        assert_eq!(domain(text).unwrap_or_default(), host, "domain({text:?})");
    }

    #[test]
    fn addresses_are_told_in_one_way() {
        check("www.Foo.co.za/", "https://foo.co.za", "foo.co.za");
        check("HTTPS://Foo.CO.ZA/Path?q=1#x", "https://foo.co.za/Path", "foo.co.za");
        check("foo.com/a//", "https://foo.com/a", "foo.com");
        check("https:// foo.com", "https://foo.com", "foo.com");
        check("http://foo.com", "http://foo.com", "foo.com");
        check("https://www.www.foo.com", "https://foo.com", "foo.com");
        check("www.com", "https://www.com", "www.com");
        check("foo.com:8080/x", "https://foo.com:8080/x", "foo.com");
        check("http://foo.com:80", "http://foo.com", "foo.com");
        check("https://foo.com:80", "https://foo.com:80", "foo.com");
        check("foo.com?x=1/2", "https://foo.com", "foo.com");
        check("Foo.com.", "https://foo.com", "foo.com");
        check("<http://foo.com>", "http://foo.com", "foo.com");
        check("(www.foo.com)", "https://foo.com", "foo.com");
        check("http://https://foo.com", "https://foo.com", "foo.com");
        check("http:\\\\foo.com\\a", "http://foo.com/a", "foo.com");
        check("münchen.de/Straße", "https://xn--mnchen-3ya.de/Straße", "xn--mnchen-3ya.de");
        check("facebook.com/@foo", "https://facebook.com/@foo", "facebook.com");
        check("en.wikipedia.org/wiki/Foo_(bar)", "https://en.wikipedia.org/wiki/Foo_(bar)", "en.wikipedia.org");
    }

    #[test]
    fn other_things_are_refused() {
        for text in [
            "foo",
            "//foo.com",
            "//x",
            "ftp://foo.com",
            "mailto:a@b.co",
            "info@foo.com",
            "https://info@foo.com",
            "n/a",
            "No website yet.",
            "see foo.com",
            "foo.com bar.com",
            "foo.com;bar.com",
            "1.2.3.4",
            "http://",
            "https://www.",
            "",
            "-",
            "e.g",
            "foo.com:port",
            "foo.com:0",
            "foo.com:99999",
            "foo..com",
            "-foo.com",
            "localhost:8080",
            "foo.com/my page",
            "javascript:alert(1)",
            "http://foo",
            "12.5",
            "a|b.com",
        ] {
            check(text, "", "");
        }
    }

    proptest! {
        #[test]
        fn a_website_stays_itself(
            text in "\\PC*|(https?:[/\\\\]{2}|HTTP://)?(www\\.){0,2}[a-zA-Zé0-9.-]{1,9}\\.[a-zA-Z]{1,3}(:[0-9]{1,4})?[/\\\\]?[a-z/.,;?#:\\\\ '\"é]{0,6}",
        ) {
            if let Some(once) = website(&text) {
                let host = domain(&text).expect("a website has a domain");
                prop_assert!(once.starts_with("https://") || once.starts_with("http://"));
                prop_assert!(!once.ends_with('/') && !once.contains(['?', '#', ' ']));
                prop_assert!(host.contains('.') && !host.contains(|it: char| it.is_ascii_uppercase() || !it.is_ascii()));
                prop_assert_eq!(domain(&once), Some(host.clone()));
                prop_assert_eq!(domain(&host), Some(host));
                prop_assert_eq!(website(&once), Some(once));
            }
        }

        #[test]
        fn any_text_goes_through(text in any::<String>()) {
            prop_assert_eq!(website(&text).is_some(), domain(&text).is_some());
        }
    }
}
