//! E-mail addresses: one, or several in a cell.
//!
//! Syntax only. Not here: whether a mailbox or domain exists, which needs a network and a date (D-20).
//!
//! | superseded vector | here | because |
//! | --- | --- | --- |
//! | `a b@c.d` -> itself | `b@c.d` | D-43: white space is no part of an address, and what stands beside it is a remark |
//! | `x@y@z` -> itself | none | D-43 |
//! | ` x@y.z. ` -> `x@y.z.` | `x@y.z` | D-43 |
//! | `mailto:a@b.co` -> itself | `a@b.co` | D-43 |
//! | `a@b.c d@e.f` -> one item | two | D-43: white space is no part of an address |
//! | `a@b.c or d@e.f` -> one item | two | the same |

use std::collections::HashSet;

use unicode_normalization::char::is_combining_mark;

use super::clean::cleaned;
use super::host::host;

/// The one address in `text`, in lower case, without what stands around it: `mailto:`, a label, a name, a remark, marks.
///
/// The domain is checked and written in ASCII. `None` for several addresses: see [`emails`].
pub fn email(text: &str) -> Option<String> {
    if !text.contains(['@', '＠', '﹫']) {
        return None;
    }
    let text = cleaned(text);
    // A slash may be part of a name or stand between two: `a/b@c.co` is not taken apart.
    let is_unclear = |word: &str| word.contains('@') && word.contains('/');
    // `Bo <bo@one.example>, Cy <cy@two.example>` are two, and neither is the one.
    let single = (text.matches('@').count() == 1).then(|| address(&text)).flatten();
    single.or_else(|| {
        if text.split_whitespace().any(is_unclear) {
            return None;
        }
        let mut all = addresses(&text);
        if all.len() == 1 { all.pop() } else { None }
    })
}

/// A cleaned text that is one address, and nothing else but marks around it.
fn address(text: &str) -> Option<String> {
    let (local, domain) = bare(text).split_once('@')?;
    // A point before it is no mark around it: `.a@b.co` was typed for another address.
    let start = local.as_ptr() as usize - text.as_ptr() as usize;
    if !is_local(local) || text[..start].ends_with('.') {
        return None;
    }
    let domain = host(domain)?;
    let mut out = String::with_capacity(local.len() + 1 + domain.len());
    if local.is_ascii() {
        out.extend(local.bytes().map(|it| char::from(it.to_ascii_lowercase())));
    } else {
        // Lower-casing may take a letter out of NFKC, and cleaning would put it back the next time.
        out.push_str(&cleaned(&local.to_lowercase()));
    }
    out.push('@');
    out.push_str(&domain);
    Some(out)
}

/// Every address in `text`, in order, without repeats.
///
/// Addresses are separated by white space, `;` `,` `/` `|` and brackets; words between them (`or`, `and`, names) fall.
pub fn emails(text: &str) -> Vec<String> {
    addresses(&cleaned(text))
}

/// [`emails`] of a cleaned text.
fn addresses(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut seen = HashSet::new();
    let is_word_end = |it: char| it != '/' && is_separator(it);
    // What looks like an address in a link is none: `https://bo:word@one.example/?for=cy@two.example`.
    let words = text.split(is_word_end).filter(|it| it.contains('@') && !it.contains("://"));
    for part in words.flat_map(|it| it.split('/')).filter(|it| it.contains('@')) {
        let several = part.matches('@').count() > 1;
        for one in part.split(|it| several && it == '&') {
            out.extend(address(unlabelled(one)).filter(|it| seen.insert(it.clone())));
        }
    }
    out
}

/// A word without a label that stands before it without a blank: `e-mail:bo@one.example`.
fn unlabelled(word: &str) -> &str {
    match word.split_once(':') {
        Some((label, rest)) if is_label(label) => rest,
        _ => word,
    }
}

fn is_separator(it: char) -> bool {
    it.is_whitespace() || matches!(it, ';' | ',' | '/' | '|' | '<' | '>' | '(' | ')' | '[' | ']' | '"')
}

/// `text` without what people put around an address.
fn bare(text: &str) -> &str {
    let mut text = text;
    if let Some((_, inner)) = text.split_once('<') {
        text = inner.split_once('>').map_or(inner, |(inner, _)| inner);
    }
    loop {
        let before = text.len();
        text = text.trim_matches(is_around);
        if text.get(..7).is_some_and(|it| it.eq_ignore_ascii_case("mailto:")) {
            text = &text[7..];
            text = text.split_once('?').map_or(text, |(address, _)| address);
        }
        if text.len() == before {
            return text;
        }
    }
}

/// Words before an address, in lower case without hyphens, where no blank stands between.
const LABELS: [&str; 34] = [
    "e",
    "m",
    "w",
    "h",
    "o",
    "p",
    "c",
    "email",
    "mail",
    "mails",
    "emailaddress",
    "emailadresse",
    "mailadresse",
    "address",
    "adresse",
    "work",
    "home",
    "office",
    "private",
    "personal",
    "business",
    "contact",
    "to",
    "from",
    "cc",
    "bcc",
    "replyto",
    "correo",
    "courriel",
    "mel",
    "mél",
    "epost",
    "eposta",
    "posta",
];

/// Whether a word before `:` says that an address follows. Any other may be the name before a password.
fn is_label(word: &str) -> bool {
    let plain: String = word.to_lowercase().chars().filter(|it| !matches!(it, '-' | '.')).collect();
    LABELS.contains(&plain.as_str())
}

fn is_around(it: char) -> bool {
    it.is_whitespace()
        || matches!(it, '.' | ',' | ';' | ':' | '<' | '>' | '(' | ')' | '[' | ']' | '"' | '\'' | '`')
        || matches!(it, '‘' | '’' | '“' | '”')
}

/// The part before the `@`: words of letters, digits and the marks that addresses in use have, joined by single dots.
fn is_local(local: &str) -> bool {
    let fits = |it: char| it.is_alphanumeric() || is_combining_mark(it) || "!#$%&'*+-=?^_`{}~".contains(it);
    local.len() <= 64 && local.split('.').all(|word| !word.is_empty() && word.chars().all(fits))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(email(text).unwrap_or_default(), expected, "{text:?}");
    }

    fn check_all(text: &str, expected: &[&str]) {
        assert_eq!(emails(text), expected, "{text:?}");
    }

    #[test]
    fn addresses_are_found_or_refused() {
        check("A.B@X.CO", "a.b@x.co");
        check(" x@y.z. ", "x@y.z");
        check("\u{a0}a@b.co,", "a@b.co");
        check("MailTo:Info@Aero.co.za?subject=Hello", "info@aero.co.za");
        check("<a@b.co>", "a@b.co");
        check("Jo Smith <jo.smith@b.co>", "jo.smith@b.co");
        check("'o'brien@b.co'", "o'brien@b.co");
        check("<mailto:a@b.co>.", "a@b.co");
        check("a+tag_1@sub.b-c.co", "a+tag_1@sub.b-c.co");
        check("info@MÜNCHEN.de", "info@xn--mnchen-3ya.de");
        check("info＠aero.co", "info@aero.co");
        check("josé@b.co", "josé@b.co");
        check("e-mail: bo@one.example", "bo@one.example");
        check("Bo Kestrel (bo@one.example)", "bo@one.example");
        check("bo@one.example (work)", "bo@one.example");
        check("bo@one.example BO@one.example", "bo@one.example");
        check("work [bo@one.example], not at home", "bo@one.example");
        check("a b@c.de", "b@c.de");
        check("JOSE\u{301}@b.co", "josé@b.co");
        check("E-mail:bo@one.example", "bo@one.example");
        check("Bo <bo@one.example>, <BO@one.example>", "bo@one.example");
        check("Bo <bo@one.example>, Cy <cy@two.example>", "");
        check("<bo@one.example> <cy@two.example>", "");
        check("https://one.example/?m=bo@one.example", "");
        check("https://bo:word@one.example", "");
        check("bo:word@one.example", "");
        check("ftp:bo@one.example", "");
        check("Work:bo@one.example", "bo@one.example");
        check(".bo@one.example", "");
        check("Bo <.bo@one.example>", "");
        check("bo.@one.example", "");
        for text in [
            "x@y@z",
            "x@y@z.co",
            "a@",
            "@b.co",
            "a@b",
            "a@localhost",
            "a@b..co",
            "a..b@c.co",
            "a@-b.co",
            "a@b.1",
            "a@1.2.3.4",
            "a@[1.2.3.4]",
            "a@b_c.co",
            "a@b.co d@e.co",
            "info(at)b.co",
            "@",
            "",
            "a/b@c.co",
        ] {
            check(text, "");
        }
        check(&format!("{}@b.co", "a".repeat(65)), "");
    }

    #[test]
    fn a_cell_may_hold_several() {
        check_all("a@b.c; D@e.f, a@b.c", &["a@b.c", "d@e.f"]);
        check_all("a@b.c d@e.f", &["a@b.c", "d@e.f"]);
        check_all("a@b.c or d@e.f and g@h.i", &["a@b.c", "d@e.f", "g@h.i"]);
        check_all("a@b.co/c@d.co|e@f.co\nA@B.CO", &["a@b.co", "c@d.co", "e@f.co"]);
        check_all("Jo <jo@b.co>, \"Al\" <al@b.co>", &["jo@b.co", "al@b.co"]);
        check_all("Jo<jo@b.co>(work)", &["jo@b.co"]);
        check_all("a@b.co&c@d.co", &["a@b.co", "c@d.co"]);
        check_all("r&d@b.co", &["r&d@b.co"]);
        check_all("none, tel 123", &[]);
        check_all("E:a@b.co,W:c@d.co", &["a@b.co", "c@d.co"]);
        check_all("https://b.co/?m=a@b.co c@d.co", &["c@d.co"]);
        check_all("mailto:a@b.co?cc=x", &["a@b.co"]);
    }

    proptest! {
        #[test]
        fn an_address_stays_itself(text in "\\PC*|[a-zA-ZéÉİßΣ0-9.+'<>: -]{1,9}@[a-zA-Z0-9éÉßİ.-]{1,9}(\\.[a-zA-Zß]{1,3})?[.,> ]?") {
            if let Some(once) = email(&text) {
                prop_assert_eq!(emails(&once), vec![once.clone()]);
                prop_assert_eq!(once.matches('@').count(), 1);
                prop_assert!(!once.contains(char::is_whitespace));
                prop_assert!(once.rsplit('@').next().is_some_and(|it| it.contains('.') && it.is_ascii()));
                prop_assert_eq!(email(&once), Some(once));
            }
        }

        #[test]
        fn lists_stay_themselves(text in any::<String>(), cell in "([a-cA-C.]{1,3}@[a-c]{1,2}\\.[a-c]{1,2}[ ;,/|&]{0,2}){0,4}") {
            for text in [text, cell] {
                let once = emails(&text);
                prop_assert_eq!(emails(&once.join("; ")), once);
            }
        }
    }
}
