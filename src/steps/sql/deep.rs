//! How deep the tree of a query becomes: each operator of a chain stands in the next one, and so does each `union`.
//! Whoever walks the tree, and whoever gives it back, goes as deep as that on the stack.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan};

/// The most operators that may stand in each other.
pub(super) const DEEPEST: usize = 10_000;

/// The most operators of a text that can stand in each other: those of the longest chain, with the chains around it.
pub(super) fn depth(tokens: &[TokenWithSpan]) -> usize {
    let (mut sets, mut open, mut deepest) = (0, vec![0], 0);
    // All operators of the chains that are open.
    let mut now: usize = 0;
    for token in tokens {
        let next = match &token.token {
            Token::LParen | Token::LBracket | Token::LBrace => Next::Opens,
            Token::RParen | Token::RBracket | Token::RBrace => Next::Closes,
            Token::Comma | Token::SemiColon => Next::Begins,
            Token::Number(..) | Token::Whitespace(_) | Token::Period | Token::Colon => Next::Stays,
            Token::Word(word) if word.quote_style.is_none() => of_word(word.keyword),
            Token::Word(_) | Token::SingleQuotedString(_) | Token::Placeholder(_) | Token::EOF => Next::Stays,
            _ => Next::Stands,
        };
        match next {
            Next::Opens => open.push(0),
            Next::Closes => {
                now -= open.pop().unwrap_or(0);
                // A bracket may stand behind a value, as in `a[1][2]`, which is a chain too.
                match open.last_mut() {
                    Some(last) => *last += 1,
                    None => open.push(1),
                }
                now += 1;
            }
            Next::Begins => now -= open.last_mut().map_or(0, std::mem::take),
            Next::Stands => {
                if let Some(last) = open.last_mut() {
                    *last += 1;
                    now += 1;
                }
            }
            Next::Sets => sets += 1,
            Next::Stays => {}
        }
        deepest = deepest.max(sets + now);
    }
    deepest
}

/// What a token does to the chain that it stands in.
enum Next {
    /// It opens one inside of it.
    Opens,
    /// It ends the innermost.
    Closes,
    /// It ends one and begins another beside it.
    Begins,
    /// It is an operator.
    Stands,
    /// It brings queries together, over all commas.
    Sets,
    Stays,
}

fn of_word(keyword: Keyword) -> Next {
    match keyword {
        Keyword::CASE => Next::Opens,
        Keyword::END => Next::Closes,
        Keyword::WHEN | Keyword::THEN | Keyword::ELSE => Next::Begins,
        Keyword::UNION | Keyword::EXCEPT | Keyword::INTERSECT => Next::Sets,
        Keyword::AND
        | Keyword::OR
        | Keyword::NOT
        | Keyword::IS
        | Keyword::IN
        | Keyword::BETWEEN
        | Keyword::LIKE
        | Keyword::ILIKE
        | Keyword::SIMILAR
        | Keyword::COLLATE
        | Keyword::AT => Next::Stands,
        _ => Next::Stays,
    }
}

#[cfg(test)]
mod tests {
    use sqlparser::dialect::DuckDbDialect;
    use sqlparser::tokenizer::Tokenizer;

    use super::depth;

    fn of(text: &str) -> usize {
        depth(&Tokenizer::new(&DuckDbDialect {}, text).tokenize_with_location().expect(text))
    }

    #[test]
    fn operators_of_a_chain_stand_in_each_other() {
        assert_eq!(of("select a + b + c, d + e from t"), 2, "the longest chain counts");
        assert_eq!(of("select a + (b * c * d) from t"), 3, "with what is around it");
        assert_eq!(of("values ('2024-01-01'::date), ('2024-01-02'::date)"), 1, "lists of values are no chain");
        assert_eq!(of("select 1, 2 union all select 3, 4 union all select 5, 6"), 2, "whatever stands between");
        assert_eq!(of("select a[1][2][3] from t"), 3);
        assert_eq!(
            of("select case when a = 1 then 2 when a = 2 then 3 end from t"),
            1,
            "branches are beside each other"
        );
    }
}
