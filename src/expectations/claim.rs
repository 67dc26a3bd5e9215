//! What a check claims of a column or a table, as one sentence that can be turned: what is, what should be, what is
//! not.

use std::fmt::{self, Display, Formatter};

use super::masked;
use crate::text::pattern::pattern;

/// `is unique`, `does not match 'x'`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claim {
    verb: Verb,
    not: bool,
    rest: Vec<Part>,
}

/// A part of what is claimed.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Part {
    /// Words of ours, and bounds.
    Words(String),
    /// A value that a column may or may not have.
    Value(String),
    /// An expression, in which texts stand between quotes.
    Expression(String),
}

/// What is done; the verbs that checks need.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verb {
    /// `is`.
    Be,
    /// `has`.
    Have,
    /// `matches`.
    Match,
    /// `satisfies`.
    Satisfy,
    /// `uses`.
    Use,
    /// `loses`.
    Lose,
}

impl Verb {
    fn infinitive(self) -> &'static str {
        match self {
            Verb::Be => "be",
            Verb::Have => "have",
            Verb::Match => "match",
            Verb::Satisfy => "satisfy",
            Verb::Use => "use",
            Verb::Lose => "lose",
        }
    }

    /// What stands for it in `and is not`.
    fn short(self) -> &'static str {
        if self == Verb::Be { "is" } else { "does" }
    }
}

impl Claim {
    /// `verb rest`.
    pub fn new(verb: Verb, rest: impl Into<String>) -> Claim {
        Claim { verb, not: false, rest: vec![Part::Words(rest.into())] }
    }

    /// With values behind it, `between` them.
    pub fn values(mut self, values: impl IntoIterator<Item = String>, between: &str) -> Claim {
        for (at, value) in values.into_iter().enumerate() {
            self.rest.push(Part::Words(if at == 0 { " " } else { between }.to_owned()));
            self.rest.push(Part::Value(value));
        }
        self
    }

    /// With an expression behind it.
    pub fn expression(mut self, text: &str) -> Claim {
        self.rest.push(Part::Expression(text.to_owned()));
        self.rest.push(Part::Words("`".to_owned()));
        self
    }

    /// With patterns in the place of values, each told once.
    pub fn masked(mut self) -> Claim {
        let mut rest: Vec<Part> = Vec::new();
        for it in self.rest {
            let it = match it {
                Part::Words(_) => it,
                Part::Value(text) => Part::Value(pattern(&text)),
                Part::Expression(text) => Part::Expression(masked::quoted(&text)),
            };
            if matches!(it, Part::Value(_)) && rest.contains(&it) {
                rest.pop();
            } else {
                rest.push(it);
            }
        }
        self.rest = rest;
        self
    }

    fn rest(&self) -> String {
        let text = |it: &Part| match it {
            Part::Words(it) | Part::Value(it) | Part::Expression(it) => it.clone(),
        };
        self.rest.iter().map(text).collect()
    }

    /// The contrary, if `not`.
    pub fn negated(mut self, not: bool) -> Claim {
        self.not = not;
        self
    }

    /// `should be unique`.
    pub fn should(&self) -> String {
        format!("should {}{} {}", if self.not { "not " } else { "" }, self.verb.infinitive(), self.rest())
    }

    /// `is not`: what is said of a table for which the claim is false.
    pub fn fails(&self) -> String {
        format!("{}{}", self.verb.short(), if self.not { "" } else { " not" })
    }
}

impl Display for Claim {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let rest = self.rest();
        match (self.verb, self.not) {
            (Verb::Be, false) => write!(f, "is {rest}"),
            (Verb::Be, true) => write!(f, "is not {rest}"),
            (verb, true) => write!(f, "does not {} {rest}", verb.infinitive()),
            (Verb::Have, false) => write!(f, "has {rest}"),
            (Verb::Match, false) => write!(f, "matches {rest}"),
            (Verb::Satisfy, false) => write!(f, "satisfies {rest}"),
            (Verb::Use, false) => write!(f, "uses {rest}"),
            (Verb::Lose, false) => write!(f, "loses {rest}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_can_be_turned() {
        let check = |claim: Claim, expected: [&str; 3]| {
            let turned = [claim.to_string(), claim.should(), claim.fails()];
            assert_eq!(turned.each_ref().map(String::as_str), expected);
        };
        check(Claim::new(Verb::Be, "unique"), ["is unique", "should be unique", "is not"]);
        let null = Claim::new(Verb::Be, "null").negated(true);
        check(null, ["is not null", "should not be null", "is"]);
        check(Claim::new(Verb::Match, "'x'"), ["matches 'x'", "should match 'x'", "does not"]);
        let listed = Claim::new(Verb::Be, "in").values(["'Jo Smith'", "'Al Jones'", "42"].map(str::to_owned), ", ");
        let names = "'Jo Smith', 'Al Jones', 42";
        assert_eq!(listed.to_string(), format!("is in {names}"));
        check(listed.masked(), ["is in 'Aa Aa', 99", "should be in 'Aa Aa', 99", "is not"]);
        let text = "n > 9 and name <> 'Jo''s'";
        let held = Claim::new(Verb::Satisfy, "`").expression(text);
        assert_eq!(held.to_string(), format!("satisfies `{text}`"));
        assert_eq!(held.masked().to_string(), "satisfies `n > 9 and name <> 'Aa''a'`");
        let other = Claim::new(Verb::Match, "'x'").negated(true);
        check(other, ["does not match 'x'", "should not match 'x'", "does"]);
    }
}
