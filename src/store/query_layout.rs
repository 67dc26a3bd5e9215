//! A query without its layout: enough to see that an edit changed only white space and comments. It is not parsed here:
//! what this scan does not follow is left as it is, and differs from everything else.

/// The text of a query with one blank for white space and comments, and none where white space says nothing.
/// Two queries of one text are the same to DuckDB. `None` for texts with quotes that this scan does not follow.
pub(super) fn without_layout(query: &str) -> Option<String> {
    let mut out = String::with_capacity(query.len());
    let mut rest = query;
    // Whether white space or a comment stands between what was kept and what comes.
    let mut blank = false;
    while let Some(first) = rest.bytes().next() {
        if first.is_ascii_whitespace() {
            rest = &rest[1..];
            blank = true;
            continue;
        }
        // Most of a text is words, each of which is taken at once.
        let word = rest.bytes().position(|it| !is_word(it)).unwrap_or(rest.len());
        if word > 0 && (!blank || out.bytes().next_back().is_some_and(is_word)) {
            if blank {
                out.push(' ');
            }
            blank = false;
            out.push_str(&rest[..word]);
            rest = &rest[word..];
            continue;
        }
        let Some(it) = rest.chars().next() else { break };
        if it == '-'
            && let Some(comment) = rest.strip_prefix("--")
        {
            rest = &comment[comment.find('\n').unwrap_or(comment.len())..];
            blank = true;
            continue;
        }
        if it == '/'
            && let Some(comment) = rest.strip_prefix("/*")
        {
            let (inside, behind) = comment.split_once("*/")?;
            // Comments within comments are for the engine to read.
            if inside.contains("/*") {
                return None;
            }
            rest = behind;
            blank = true;
            continue;
        }
        if let Some(before) = out.chars().next_back().filter(|_| blank)
            && !is_layout(before, it)
        {
            // Texts on lines of their own are one text, and on one line they are none.
            if (before, it) == ('\'', '\'') {
                return None;
            }
            out.push(' ');
        }
        blank = false;
        let length = match it {
            '\'' | '"' => quoted(rest, &out)?,
            // `$$` and `$tag$` begin a text.
            '$' => dollar(rest)?,
            // A text with escapes, or one that a parser of TOML reads first.
            '\\' => return None,
            _ => word.max(it.len_utf8()),
        };
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    Some(out)
}

/// Whether this is a letter of ASCII, a digit or `_`.
fn is_word(it: u8) -> bool {
    it.is_ascii_alphanumeric() || it == b'_'
}

/// Whether white space between these says nothing.
fn is_layout(before: char, behind: char) -> bool {
    let apart = |it: char| matches!(it, '(' | ')' | ',' | ';');
    // Beside these it says nothing if a word or something in quotes stands on the other side.
    let sign = |it: char| matches!(it, '=' | '<' | '>' | '*' | '/' | '%' | '|');
    let part = |it: char| it.is_alphanumeric() || matches!(it, '_' | '\'' | '"');
    apart(before) || apart(behind) || sign(before) && part(behind) || sign(behind) && part(before)
}

/// The bytes of what stands in quotes at the beginning of `text`, whose quotes inside are doubled. `before` is what
/// stands before it: a word there gives a text another meaning.
fn quoted(text: &str, before: &str) -> Option<usize> {
    let quote = &text[..1];
    if quote == "'" && before.ends_with(|it: char| it.is_alphanumeric() || it == '_') {
        return None;
    }
    let mut end = 1;
    loop {
        end += text[end..].find(quote)? + 1;
        if !text[end..].starts_with(quote) {
            break;
        }
        end += 1;
    }
    (!text[..end].contains('\\')).then_some(end)
}

/// The bytes of a parameter at the beginning of `text`.
fn dollar(text: &str) -> Option<usize> {
    let word = text[1..].find(|it: char| !it.is_alphanumeric() && it != '_').map_or(text.len(), |it| it + 1);
    (!text[word..].starts_with('$')).then_some(word)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sqlparser::dialect::DuckDbDialect;
    use sqlparser::tokenizer::{Token, Tokenizer};

    use super::*;

    #[test]
    fn only_white_space_and_comments_are_layout() {
        let check = |one: &str, other: &str, same: bool| {
            let known = without_layout(one);
            assert_eq!(known.is_some() && known == without_layout(other), same, "{one:?} {other:?}");
        };
        check("select a,b from t", "\nselect a, b -- what\n  from /* where */ t\n", true);
        check("select count(*) from t", "select count ( * )\nfrom t", true);
        check("select a=b, c*2 from t", "select a = b, c * 2 from t", true);
        check("select a - b", "select a -b", false);
        check("select 1.5", "select 1 .5", false);
        check("select a - -b", "select a --b", false);
        check("select a < = b", "select a <= b", false);
        check("select ab", "select a b", false);
        check("select 'a  b'", "select 'a b'", false);
        check("select 'a -- b'", "select 'a", false);
        check("select 'it''s' -- x", "select 'it''s'", true);
        check("select \"a  b\"  from t", "select \"a  b\" from t", true);
        check("select \"a  b\" from t", "select \"a b\" from t", false);
        check("select 'a'\n'b'", "select 'a'\n'b'", false);
        check("select e'\\n'", "select e'\\n'", false);
        check("select e'a'  ", "select e'a'", false);
        check("select $$a  b$$", "select $$a  b$$", false);
        check("select $since  ", "select $since", true);
        check("select /* a /* b */ c */ 1", "select /* a /* b */ c */ 1", false);
        check("select /* a", "select /* a", false);
        check("select 'a", "select 'a", false);
    }

    proptest! {
        #[test]
        fn queries_of_one_text_have_the_same_tokens(parts in prop::collection::vec("[a-b1\"'$*(),;.<=+/ \\n-]{0,3}", 0..9), blanks in prop::collection::vec(0usize..4, 9)) {
            let blank = |it: &usize| ["", " ", "\n", " /* x */ "][*it];
            let one = parts.join(" ");
            let other: String = parts.iter().zip(&blanks).map(|(part, it)| format!("{part}{}", blank(it))).collect();
            let tokens = |text: &str| {
                let all = Tokenizer::new(&DuckDbDialect {}, text).tokenize().ok()?;
                Some(all.into_iter().filter(|it| !matches!(it, Token::Whitespace(_))).collect::<Vec<_>>())
            };
            if without_layout(&one).is_some() && without_layout(&one) == without_layout(&other) && let Some(known) = tokens(&one) {
                prop_assert_eq!(Some(known), tokens(&other), "{:?} {:?}", one, other);
            }
        }
    }
}
