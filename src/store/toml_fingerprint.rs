//! What a TOML text means, free of its comments, of white space around its lines and of the layout of its queries: enough
//! to see that an edit changed nothing else. It is not parsed here: what cannot be understood differs from everything.

use std::collections::HashSet;

use crate::digest::{Digest, Hasher};
use crate::store::query_layout::without_layout;

/// Bytes that are hashed at once.
const PIECE: usize = 1 << 14;

/// The digest of a text without comments, empty lines and space at the ends of lines, and with the texts that are
/// `queries` without their layout: they are counted from 0 in the order of all texts in quotes, sorted. Texts of one
/// digest are the same to every parser of TOML 1.0, if one of them is sound; `None` for texts that this scan does not
/// follow.
pub fn toml_fingerprint(text: &str, queries: &[u32]) -> Option<Digest> {
    scanned(text, &mut |number, _| queries.binary_search(&number).is_ok())
}

/// Which texts in quotes begin at these bytes, as [`toml_fingerprint`] counts them.
pub fn quoted_at(text: &str, starts: &HashSet<usize>) -> Vec<u32> {
    let mut found = Vec::new();
    scanned(text, &mut |number, start| {
        found.extend(starts.contains(&start).then_some(number));
        false
    });
    found
}

/// Asks of each text in quotes whether it is a query, by its number and by the byte where it begins.
fn scanned(text: &str, is_query: &mut dyn FnMut(u32, usize) -> bool) -> Option<Digest> {
    // Hashed in long pieces: many short ones cost more.
    let mut hasher = Hasher::new("hotpass toml meaning v3");
    let mut meaning = Vec::with_capacity(2 * PIECE);
    let mut number = 0;
    // Whether a line break in a text of many lines is one character or two is for a parser to say.
    let one_break = !text.contains('\r');
    let mut lines = text.lines();
    let mut kept = String::new();
    while let Some(line) = lines.next() {
        kept.clear();
        let mut rest = line.trim_start_matches([' ', '\t']);
        while let Some(at) = rest.bytes().position(|it| matches!(it, b'#' | b'"' | b'\'')) {
            let (before, from) = rest.split_at(at);
            kept.push_str(before);
            if let Some(comment) = from.strip_prefix('#') {
                if comment.chars().any(|it| it.is_control() && it != '\t') {
                    return None;
                }
                rest = "";
                break;
            }
            let is_query = is_query(number, from.as_ptr() as usize - text.as_ptr() as usize);
            number += 1;
            let quote = if from.starts_with('"') { '"' } else { '\'' };
            let fence = if quote == '"' { "\"\"\"" } else { "'''" };
            if let Some(inside) = from.strip_prefix(fence) {
                if !one_break {
                    return None;
                }
                // A text of many lines is kept as it is; its end is where the fence stands again.
                let begin = kept.len();
                kept.push_str(fence);
                rest = inside;
                loop {
                    match closing(rest, fence) {
                        Some(end) => {
                            kept.push_str(&rest[..end]);
                            rest = &rest[end..];
                            if is_query {
                                lay_out(&mut kept, begin, fence);
                            }
                            break;
                        }
                        None => {
                            kept.push_str(rest);
                            kept.push('\n');
                            rest = lines.next()?;
                        }
                    }
                }
                continue;
            }
            let end = closing(&from[1..], &from[..1])? + 1;
            let begin = kept.len();
            kept.push_str(&from[..end]);
            if is_query {
                lay_out(&mut kept, begin, &from[..1]);
            }
            rest = &from[end..];
        }
        kept.push_str(rest);
        let kept = kept.trim_end_matches([' ', '\t']);
        if !kept.is_empty() {
            meaning.extend((kept.len() as u64).to_le_bytes());
            meaning.extend(kept.as_bytes());
            if meaning.len() >= PIECE {
                hasher.raw(&meaning);
                meaning.clear();
            }
        }
    }
    Some(hasher.raw(&meaning).finish())
}

/// Takes the layout out of the query that stands between fences at the end of `kept`, as far as it can be followed.
fn lay_out(kept: &mut String, begin: usize, fence: &str) {
    let query = &kept[begin + fence.len()..kept.len() - fence.len()];
    if let Some(query) = without_layout(query) {
        kept.truncate(begin);
        kept.extend([fence, &query, fence]);
    }
}

/// Bytes up to the end of a quoted text whose opening quote stands before `text`; quotes of basic strings are escaped
/// by a backslash, and up to two quotes may stand before a closing fence.
fn closing(text: &str, fence: &str) -> Option<usize> {
    let (bytes, quote) = (text.as_bytes(), fence.as_bytes()[0]);
    let is_escape = |it: u8| it == b'\\' && quote == b'"';
    let mut at = 0;
    loop {
        at += bytes.get(at..)?.iter().position(|it| *it == quote || is_escape(*it))?;
        if is_escape(bytes[at]) {
            // No byte of a longer character looks like a quote.
            at += 2;
            continue;
        }
        let quotes = bytes[at..].iter().take_while(|it| **it == quote).count();
        if quotes >= fence.len() {
            return Some(at + if fence.len() == 3 { quotes.min(5) } else { 1 });
        }
        at += quotes;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn comments_and_layout_are_no_meaning() {
        let check = |one: &str, other: &str, same: bool| {
            let of = |text| toml_fingerprint(text, &[]);
            let equal = of(one).is_some() && of(one) == of(other);
            assert_eq!(equal, same, "{one:?} {other:?}");
        };
        check("a = 1\n", "# why\n\na = 1  # one\n", true);
        check("  a = 1", "a = 1\r\n", true);
        check("a = '# no comment'", "a = ''", false);
        check("a = \"\\\"# none\" # one", "a = \"\\\"# none\"", true);
        check("a = \"\"\"\nselect 1 # 2\n\"\"\" # x", "a = \"\"\"\nselect 1 # 2\n\"\"\"", true);
        check("a = \"\"\"\nselect 1 # 2\n\"\"\"", "a = \"\"\"\nselect 1\n\"\"\"", false);
        check("a = \"\"\"\n  x\n\"\"\"", "a = \"\"\"\nx\n\"\"\"", false);
        check("a = '''it's''''' # five quotes", "a = '''it's'''''", true);
        check("a = 1\nb = 2", "a = 1 b = 2", false);
        check("a = [1, # one\n 2]", "a = [1,\n2]", true);
        check("a = 1 # \u{1}", "a = 1", false);
        check("a = \"open", "a = \"open", false);
        check("a = '''open", "a = '''open", false);
    }

    #[test]
    fn layout_of_queries_alone_is_no_meaning() {
        let text = "a = 'x  y'\n[step.\"b\"]\nquery = \"\"\"\nselect a,\n  b -- c\nfrom t\n\"\"\"\nd = \"from  t\"\n";
        let starts = [text.find("\"\"\"").expect("a query"), text.find("\"from").expect("another one")].into();
        let queries = quoted_at(text, &starts);
        assert_eq!(queries, [2, 3]);
        let of = |text: &str| toml_fingerprint(text, &queries).expect("followed");
        assert_eq!(of(text), of(&text.replace(",\n  b -- c", ", b")));
        assert_eq!(of(text), of(&text.replace("from  t", "from t -- t")));
        assert_ne!(of(text), of(&text.replace("x  y", "x y")));
        assert_ne!(of(text), of(&text.replace("from t", "from u")));
        assert_ne!(of(text), of(&text.replace("a,\n", "a, 'x' as x,\n")));
        assert_ne!(toml_fingerprint(text, &[]), toml_fingerprint(&text.replace(" -- c", ""), &[]));
    }

    proptest! {
        #[test]
        fn texts_of_one_meaning_parse_alike(lines in prop::collection::vec("[ab=\\[\\]{}\"'#\\\\ 1.,x]{0,9}", 0..7), cut in 0usize..7) {
            let one = lines.join("\n");
            let mut other = lines;
            if cut < other.len() {
                other[cut] = other[cut].split('#').next().unwrap_or_default().trim().to_owned();
            }
            let other = other.join("\n");
            let of = |text| toml_fingerprint(text, &[]);
            if let (Ok(left), true) = (one.parse::<toml::Table>(), of(&one).is_some() && of(&one) == of(&other)) {
                prop_assert_eq!(Ok(left), other.parse::<toml::Table>(), "{:?} {:?}", one, other);
            }
        }
    }
}
