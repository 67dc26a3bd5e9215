//! What decides an order in an expression, where texts would be compared letter by letter.

use std::collections::BTreeSet;

use crate::expr::{Expr, Literal};

/// What comes before or behind something else by an expression or a key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Decides<'a> {
    /// The column; none where it is computed.
    pub column: Option<&'a str>,
    /// A number that is written as a text, and that it is compared with.
    pub beside: Option<&'a str>,
}

impl<'a> Decides<'a> {
    /// A column that rows are ordered by.
    pub fn column(name: &'a str) -> Decides<'a> {
        Decides { column: Some(name), beside: None }
    }
}

/// What compares by the order of values.
const ORDERING: [&str; 7] = ["<", "<=", ">", ">=", "between", "greatest", "least"];

impl Expr {
    /// The text that this is, if it is written as numbers are.
    pub fn written_number(&self) -> Option<&str> {
        match self {
            Expr::Literal(Literal::Text(it)) if is_number(it) => Some(it),
            _ => None,
        }
    }

    /// Adds what is compared by its order; with the empty text nothing is compared, since that is a question for whether
    /// there is something.
    pub fn ordered<'a>(&'a self, acc: &mut BTreeSet<Decides<'a>>) {
        match self {
            Expr::Column(_) | Expr::Literal(_) => (),
            Expr::Call(name, arguments) => {
                let is_empty = |it: &Expr| matches!(it, Expr::Literal(Literal::Text(it)) if it.is_empty());
                if ORDERING.contains(&name.as_str()) && !arguments.iter().any(is_empty) {
                    compared(arguments, acc);
                }
                arguments.iter().for_each(|it| it.ordered(acc));
            }
            Expr::Case(branches, otherwise) => {
                let each = branches.iter().flat_map(|(when, then)| [when, then]);
                each.chain(otherwise.as_deref()).for_each(|it| it.ordered(acc));
            }
            Expr::Cast(value, _) => value.ordered(acc),
        }
    }
}

fn compared<'a>(arguments: &'a [Expr], acc: &mut BTreeSet<Decides<'a>>) {
    let beside = arguments.iter().find_map(Expr::written_number);
    for it in arguments {
        match it {
            Expr::Column(name) => drop(acc.insert(Decides { column: Some(name), beside })),
            Expr::Literal(_) => (),
            _ if beside.is_some() => drop(acc.insert(Decides { column: None, beside })),
            _ => (),
        }
    }
}

/// Whether a text is written as a number in a program is.
fn is_number(text: &str) -> bool {
    text.trim_start_matches('-').starts_with(|it: char| it.is_ascii_digit()) && text.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse::parse;

    #[test]
    fn numbers_that_are_written_as_texts_are_known() {
        let check = |text: &str, expected: &[(Option<&str>, Option<&str>)]| {
            let expr = parse(text).expect(text);
            let mut acc = BTreeSet::new();
            expr.ordered(&mut acc);
            let found: Vec<_> = acc.into_iter().map(|it| (it.column, it.beside)).collect();
            assert_eq!(found, expected, "{text}");
        };
        check("n < '50'", &[(Some("n"), Some("50"))]);
        check("'-1.5' >= n", &[(Some("n"), Some("-1.5"))]);
        check("n between '5' and '50'", &[(Some("n"), Some("5"))]);
        check("not (n between 'a' and m)", &[(Some("m"), None), (Some("n"), None)]);
        check("trim(n) > '5' or n > 'infinity'", &[(None, Some("5")), (Some("n"), None)]);
        check("n in ('5', '6') or n = '7' or n > ''", &[]);
    }
}
