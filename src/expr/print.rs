//! Expressions as people write them, for those who ask how a value came about.
//!
//! What a profile puts into an expression, such as the lines of a lookup, is left out: it is long and stands elsewhere.

use std::fmt::{self, Display, Formatter};

use crate::expr::custom::is_argument;
use crate::expr::functions::{Function, Spelling};
use crate::expr::{Expr, Literal};

/// The longest literal that is written out, in characters.
const LONGEST: usize = 40;

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Expr::Column(name) => f.write_str(&name.escape_debug().to_string()),
            Expr::Literal(it) => it.fmt(f),
            Expr::Cast(value, ty) => write!(f, "cast({value} as {ty})"),
            Expr::Case(branches, otherwise) => {
                f.write_str("case")?;
                for (when, then) in branches {
                    write!(f, " when {when} then {then}")?;
                }
                match otherwise {
                    Some(it) => write!(f, " else {it} end"),
                    None => f.write_str(" end"),
                }
            }
            Expr::Call(name, arguments) => call(f, name, arguments),
        }
    }
}

fn call(f: &mut Formatter<'_>, name: &str, arguments: &[Expr]) -> fmt::Result {
    match (Function::get(name).map(|it| it.spelling), arguments) {
        (_, [it]) if is_argument(name) => inner(f, it),
        (Some(spelling), [a, b]) if between(name, spelling) => {
            inner(f, a)?;
            write!(f, " {name} ")?;
            inner(f, b)
        }
        (Some(Spelling::Prefix(sign)), [a]) => {
            write!(f, "{} ", sign.to_lowercase())?;
            inner(f, a)
        }
        (Some(Spelling::Postfix(_)), [a]) => {
            inner(f, a)?;
            write!(f, " {name}")
        }
        (Some(Spelling::In), [a, rest @ ..]) => {
            inner(f, a)?;
            f.write_str(" in ")?;
            list(f, rest)
        }
        (Some(Spelling::Between), [a, low, high]) => {
            inner(f, a)?;
            f.write_str(" between ")?;
            inner(f, low)?;
            f.write_str(" and ")?;
            inner(f, high)
        }
        _ => {
            f.write_str(name)?;
            list(f, arguments)
        }
    }
}

/// Whether a function is written between its operands, however the engine spells it.
fn between(name: &str, spelling: Spelling) -> bool {
    matches!(spelling, Spelling::Infix(_)) || name == "/"
}

fn list(f: &mut Formatter<'_>, all: &[Expr]) -> fmt::Result {
    f.write_str("(")?;
    for (at, it) in all.iter().enumerate() {
        f.write_str(if at > 0 { ", " } else { "" })?;
        it.fmt(f)?;
    }
    f.write_str(")")
}

/// An operand, in brackets where it has operands itself.
fn inner(f: &mut Formatter<'_>, expr: &Expr) -> fmt::Result {
    let operator = |name: &str| {
        use Spelling::{Between, In, Postfix, Prefix};
        Function::get(name)
            .map(|it| it.spelling)
            .is_some_and(|it| between(name, it) || matches!(it, Prefix(_) | Postfix(_) | In | Between))
    };
    match expr {
        Expr::Call(name, _) if operator(name) => write!(f, "({expr})"),
        _ => expr.fmt(f),
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Literal::Null => f.write_str("null"),
            Literal::Text(text) if text.chars().count() > LONGEST || text.contains('\n') => f.write_str("'…'"),
            Literal::Text(text) => write!(f, "'{}'", text.replace('\'', "''").escape_debug()),
            Literal::Integer(number) => write!(f, "{number}"),
            Literal::Number(number) => f.write_str(number),
            Literal::Boolean(it) => write!(f, "{it}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::expr::parse::parse;

    fn check(text: &str) {
        let expr = parse(text).expect(text);
        assert_eq!(expr.to_string(), text);
        assert_eq!(parse(&expr.to_string()).as_ref(), Ok(&expr), "{text}");
    }

    #[test]
    fn expressions_are_written_as_they_are_read() {
        check("coalesce(a, nullif(b, ''), 'it')");
        check("(a || '; ') || b");
        check("case when a is null then 1 else round(n / 5, 2) end");
        check("(not (a in ('x', 'y'))) and (b is distinct from c)");
        check("cast(n as integer) + 1");
        check("(n between 1 and (m + 2)) or b");
    }

    #[test]
    fn what_a_profile_adds_is_left_out() {
        let long = format!("lookup(a, '{}')", "line\n".repeat(9));
        assert_eq!(parse(&long).expect("read").to_string(), "lookup(a, '…')");
    }
}
