//! Regular expressions that are written in pipelines, looked at before any value is: the engine would complain at the
//! first row only.
//!
//! The engine's are those of RE2. What is told here is wrong in every dialect; where dialects differ, the engine has the
//! last word.

use regex_syntax::ast::parse::ParserBuilder;
use regex_syntax::ast::{Ast, ErrorKind, Span, Visitor, visit};

/// The engine counts no further.
const MOST_REPEATS: u32 = 1000;

/// What is wrong with a pattern: a fact, and the character (from 0) at which it is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wrong {
    /// The fact.
    pub reason: String,
    /// Characters of the pattern before it.
    pub at: usize,
}

impl Wrong {
    /// Line and column in the pattern, both from 1.
    pub fn place(&self, pattern: &str) -> (usize, usize) {
        let before = || pattern.chars().take(self.at);
        let line = before().filter(|it| *it == '\n').count() + 1;
        (line, before().collect::<Vec<_>>().iter().rev().take_while(|it| **it != '\n').count() + 1)
    }
}

/// What is wrong with a pattern, if anything is.
pub fn wrong(pattern: &str) -> Option<Wrong> {
    // Between these everything stands for itself, which only the engine knows.
    if pattern.contains("\\Q") {
        return None;
    }
    let tell = |reason: &str, span: &Span| {
        Some(Wrong { reason: reason.to_owned(), at: pattern[..span.start.offset].chars().count() })
    };
    let error = match ParserBuilder::new().octal(true).build().parse(pattern) {
        Ok(tree) => return visit(&tree, Repeats).err().and_then(|(reason, span)| tell(reason, &span)),
        Err(error) => error,
    };
    let rest = &pattern[error.span().start.offset..];
    let reason = match error.kind() {
        // In the engine's dialect a bracket within brackets stands for itself.
        ErrorKind::ClassUnclosed if !rest.contains(']') => "this bracket is not closed",
        ErrorKind::ClassRangeInvalid => "this range ends before it begins",
        ErrorKind::GroupUnclosed => "this bracket is not closed",
        ErrorKind::GroupUnopened => "this bracket was not opened",
        ErrorKind::GroupNameEmpty | ErrorKind::GroupNameInvalid | ErrorKind::GroupNameUnexpectedEof => {
            "a group cannot have this name"
        }
        ErrorKind::GroupNameDuplicate { .. } => "two groups have this name",
        ErrorKind::RepetitionMissing => "there is nothing before this that could be repeated",
        ErrorKind::RepetitionCountInvalid => "the most is less than the least",
        ErrorKind::EscapeUnexpectedEof => "there is nothing after this backslash",
        ErrorKind::UnsupportedLookAround => "lookahead and lookbehind are not supported",
        _ => return None,
    };
    tell(reason, error.span())
}

/// Finds repetitions that the engine refuses.
struct Repeats;

impl Visitor for Repeats {
    type Output = ();
    type Err = (&'static str, Span);

    fn finish(self) -> Result<(), Self::Err> {
        Ok(())
    }

    fn visit_pre(&mut self, tree: &Ast) -> Result<(), Self::Err> {
        use regex_syntax::ast::{RepetitionKind, RepetitionRange};
        let Ast::Repetition(it) = tree else { return Ok(()) };
        if matches!(*it.ast, Ast::Repetition(_)) {
            return Err(("what is repeated already cannot be repeated without brackets", it.op.span));
        }
        let most = match &it.op.kind {
            RepetitionKind::Range(RepetitionRange::Exactly(most) | RepetitionRange::AtLeast(most)) => *most,
            RepetitionKind::Range(RepetitionRange::Bounded(_, most)) => *most,
            _ => 0,
        };
        if most > MOST_REPEATS {
            return Err(("nothing can be repeated more than 1 000 times", it.op.span));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let check = |pattern: &str, reason: &str, at: usize| {
            let found = wrong(pattern).unwrap_or_else(|| panic!("{pattern} is right"));
            assert_eq!((found.reason.as_str(), found.at), (reason, at), "{pattern}");
        };
        check("é[a-z", "this bracket is not closed", 1);
        check("^(a|b$", "this bracket is not closed", 1);
        check("a)", "this bracket was not opened", 1);
        check("*a", "there is nothing before this that could be repeated", 0);
        check("[z-a]", "this range ends before it begins", 1);
        check("a{3,1}", "the most is less than the least", 1);
        check("a\\", "there is nothing after this backslash", 1);
        check("a(?=b)", "lookahead and lookbehind are not supported", 1);
        check("a**", "what is repeated already cannot be repeated without brackets", 2);
        check("a{1001}", "nothing can be repeated more than 1 000 times", 1);
        assert_eq!(wrong("ab\ncd(").map(|it| it.place("ab\ncd(")), Some((2, 3)));
    }

    #[test]
    fn what_the_engine_takes_is_right() {
        for pattern in
            ["", "^[A-Z]{2,3}-\\d+$", "[[a]", "a{", "a{x", "\\Q[\\E", "(?i)x", "(?P<n>a)", "\\pN", "[]a]", "a*?"]
        {
            assert_eq!(wrong(pattern), None, "{pattern}");
        }
    }
}
