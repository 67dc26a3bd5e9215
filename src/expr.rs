//! Expressions over the columns of one table: what `filter`, `derive` and expectations say, and what step kinds make.
//!
//! A small closed language: every function is in [`functions`], so types are known before a
//! row is read, the columns read are exact, and no text of a user reaches an engine other than as a literal.
//! Reading expressions from text is in `parse`, writing SQL in `relation::sql`.

pub mod aggregate;
pub mod custom;
pub mod functions;
mod ordered;
pub mod parse;
pub mod pattern;
mod print;
pub mod python;
mod refusal;
mod told;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::model::{Schema, Type};
use functions::Function;
pub use ordered::Decides;
pub use told::{Settings, Untold};

/// An expression.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Expr {
    /// A column of the table beneath.
    Column(String),
    /// A literal.
    Literal(Literal),
    /// A function or operator of the closed list, by name.
    Call(String, Vec<Expr>),
    /// `case when … then … else … end`.
    Case(Vec<(Expr, Expr)>, Option<Box<Expr>>),
    /// A cast that gives null for what does not fit.
    Cast(Box<Expr>, Type),
}

/// A constant.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Literal {
    /// No value.
    Null,
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Any other number, as it was written: floats have no total equality.
    Number(String),
    /// True or false.
    Boolean(bool),
}

impl Literal {
    /// What it holds, as a cell has it: texts without quotes, numbers as they were written. None of no value.
    pub fn plain(&self) -> Option<String> {
        Some(match self {
            Literal::Null => return None,
            Literal::Text(it) | Literal::Number(it) => it.clone(),
            Literal::Integer(it) => it.to_string(),
            Literal::Boolean(it) => it.to_string(),
        })
    }
}

/// Why an expression has no type.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mistake {
    /// It names a column that the table does not have.
    NoColumn(String),
    /// It calls a function that does not exist.
    NoFunction(String),
    /// A function takes another number of arguments.
    Arguments {
        /// The function.
        function: String,
        /// What it takes, in words.
        takes: String,
        /// What it got.
        got: usize,
    },
    /// A function got a type that it does not take.
    WrongType {
        /// The function.
        function: String,
        /// What it takes, in words.
        takes: String,
        /// What it got.
        got: Type,
    },
    /// Branches of a `case` have types that do not go together.
    Branches(Type, Type),
    /// It has more than [`LARGEST`] parts once it is written out.
    TooLarge,
}

/// The most parts that an expression may have once it is written out: the operand of a `case` stands in each of its
/// branches, so nested ones grow by themselves.
pub const LARGEST: usize = 20_000;

/// What is said of one that is larger, and what to do.
pub const TOO_LARGE: (&str, &str) = (
    "the expression has more than 20000 parts once it is written out",
    "compute what is repeated, such as the operand of a `case`, in a column of an earlier step",
);

impl Expr {
    /// A column by name.
    pub fn column(name: impl Into<String>) -> Expr {
        Expr::Column(name.into())
    }

    /// A text literal.
    pub fn text(text: impl Into<String>) -> Expr {
        Expr::Literal(Literal::Text(text.into()))
    }

    /// An integer literal.
    pub fn integer(number: i64) -> Expr {
        Expr::Literal(Literal::Integer(number))
    }

    /// No value.
    pub fn null() -> Expr {
        Expr::Literal(Literal::Null)
    }

    /// A call of a function of the closed list.
    pub fn call(name: &str, arguments: impl IntoIterator<Item = Expr>) -> Expr {
        Expr::Call(name.to_owned(), arguments.into_iter().collect())
    }

    /// All of `parts`, joined by `and`; true for none.
    pub fn all(parts: impl IntoIterator<Item = Expr>) -> Expr {
        parts.into_iter().reduce(|a, b| Expr::call("and", [a, b])).unwrap_or(Expr::Literal(Literal::Boolean(true)))
    }

    /// How many parts it has once it is written out for the engine: some functions repeat an argument.
    pub fn cost(&self) -> usize {
        self.cost_over(&|_| 1)
    }

    /// The same where columns stand for more than themselves.
    pub fn cost_over(&self, column: &impl Fn(&str) -> usize) -> usize {
        let sum = |all: &mut dyn Iterator<Item = usize>| all.fold(1_usize, usize::saturating_add);
        match self {
            Expr::Column(name) => column(name),
            Expr::Literal(_) => 1,
            Expr::Cast(value, _) => value.cost_over(column).saturating_add(1),
            Expr::Case(branches, otherwise) => {
                let parts = branches.iter().flat_map(|(when, then)| [when, then]).chain(otherwise.as_deref());
                sum(&mut parts.map(|it| it.cost_over(column)))
            }
            Expr::Call(name, arguments) => {
                let repeats = |at: usize| Function::get(name).map_or(1, |it| it.repeats(at));
                sum(&mut arguments.iter().enumerate().map(|(at, it)| it.cost_over(column).saturating_mul(repeats(at))))
            }
        }
    }

    /// Adds the names of the columns that are read.
    pub fn columns<'a>(&'a self, acc: &mut BTreeSet<&'a str>) {
        match self {
            Expr::Column(name) => {
                acc.insert(name);
            }
            Expr::Literal(_) => (),
            Expr::Call(_, arguments) => arguments.iter().for_each(|it| it.columns(acc)),
            Expr::Case(branches, otherwise) => {
                for (when, then) in branches {
                    when.columns(acc);
                    then.columns(acc);
                }
                if let Some(it) = otherwise {
                    it.columns(acc);
                }
            }
            Expr::Cast(value, _) => value.columns(acc),
        }
    }

    /// The same over columns of other names; `None` for those that keep theirs.
    pub fn renamed(&self, name: &impl Fn(&str) -> Option<String>) -> Expr {
        self.replaced(&|column| name(column).map(Expr::Column))
    }

    /// The same with other expressions in the place of columns; `None` for those that stay.
    pub fn replaced(&self, with: &impl Fn(&str) -> Option<Expr>) -> Expr {
        let all = |all: &[Expr]| all.iter().map(|it| it.replaced(with)).collect();
        match self {
            Expr::Column(column) => with(column).unwrap_or_else(|| self.clone()),
            Expr::Literal(_) => self.clone(),
            Expr::Call(function, arguments) => Expr::Call(function.clone(), all(arguments)),
            Expr::Case(branches, otherwise) => Expr::Case(
                branches.iter().map(|(when, then)| (when.replaced(with), then.replaced(with))).collect(),
                otherwise.as_ref().map(|it| Box::new(it.replaced(with))),
            ),
            Expr::Cast(value, ty) => Expr::Cast(Box::new(value.replaced(with)), *ty),
        }
    }

    /// Adds the names of the columns whose texts it shows, cleaned or chosen between, but each as it was written.
    pub fn shows<'a>(&'a self, acc: &mut BTreeSet<&'a str>) {
        match self {
            Expr::Column(name) => {
                acc.insert(name);
            }
            Expr::Literal(_) => (),
            Expr::Call(name, arguments) => match name.as_str() {
                "coalesce" | "least" | "greatest" => arguments.iter().for_each(|it| it.shows(acc)),
                "clean" | "line" | "trim" | "lower" | "upper" | "nullif" | "unless_listed" | "unmarked" | "replace" => {
                    arguments.iter().take(1).for_each(|it| it.shows(acc));
                }
                _ => (),
            },
            Expr::Case(branches, otherwise) => {
                branches.iter().map(|(_, then)| then).chain(otherwise.as_deref()).for_each(|it| it.shows(acc));
            }
            Expr::Cast(value, ty) if *ty == Type::Text => value.shows(acc),
            Expr::Cast(..) => (),
        }
    }

    /// The type over a table of this schema, or why it has none. A bare `null` is text.
    pub fn ty(&self, schema: &Schema) -> Result<Type, Mistake> {
        Ok(self.maybe_type(schema)?.unwrap_or(Type::Text))
    }

    /// `None` for what is null of any type.
    fn maybe_type(&self, schema: &Schema) -> Result<Option<Type>, Mistake> {
        match self {
            Expr::Column(name) => match schema.get(name) {
                Some(column) => Ok(Some(column.ty)),
                None => Err(Mistake::NoColumn(name.clone())),
            },
            Expr::Literal(Literal::Null) => Ok(None),
            Expr::Literal(Literal::Text(_)) => Ok(Some(Type::Text)),
            Expr::Literal(Literal::Integer(_)) => Ok(Some(Type::Integer)),
            Expr::Literal(Literal::Number(_)) => Ok(Some(Type::Float)),
            Expr::Literal(Literal::Boolean(_)) => Ok(Some(Type::Boolean)),
            Expr::Call(name, arguments) => {
                let Some(function) = Function::get(name) else { return Err(Mistake::NoFunction(name.clone())) };
                let types: Vec<_> = arguments.iter().map(|it| it.maybe_type(schema)).collect::<Result<_, _>>()?;
                function.result(&types)
            }
            Expr::Case(branches, otherwise) => {
                let mut found = None;
                for (when, then) in branches {
                    let condition = when.maybe_type(schema)?;
                    if condition.is_some_and(|it| it != Type::Boolean) {
                        return Err(Mistake::WrongType {
                            function: "case when".to_owned(),
                            takes: "a condition".to_owned(),
                            got: condition.unwrap_or(Type::Text),
                        });
                    }
                    found = common(found, then.maybe_type(schema)?)?;
                }
                match otherwise {
                    Some(it) => common(found, it.maybe_type(schema)?),
                    None => Ok(found),
                }
            }
            Expr::Cast(value, ty) => match value.maybe_type(schema)? {
                Some(from) if !casts(from, *ty) => Err(Mistake::WrongType {
                    function: format!("cast as {ty}"),
                    takes: castable(*ty).to_owned(),
                    got: from,
                }),
                _ => Ok(Some(*ty)),
            },
        }
    }
}

/// Whether values of one type can be values of another.
fn casts(from: Type, to: Type) -> bool {
    let counts = |it: Type| it.is_number() || it == Type::Boolean;
    let tells = |it: Type| matches!(it, Type::Date | Type::Timestamp);
    from == Type::Text || to == Type::Text || (counts(from) && counts(to)) || (tells(from) && tells(to))
}

/// What can be cast to a type, in words.
fn castable(to: Type) -> &'static str {
    match to {
        Type::Text => "anything",
        Type::Date | Type::Timestamp => "a text, a date or a timestamp",
        Type::Integer | Type::Decimal { .. } | Type::Float | Type::Boolean => "a text, a number or a truth value",
    }
}

/// The type that holds both: equal types, or the wider of two numbers.
pub fn common(a: Option<Type>, b: Option<Type>) -> Result<Option<Type>, Mistake> {
    match (a, b) {
        (None, it) | (it, None) => Ok(it),
        (Some(a), Some(b)) if a == b => Ok(Some(a)),
        (Some(Type::Decimal { scale: a }), Some(Type::Decimal { scale: b })) => {
            Ok(Some(Type::Decimal { scale: a.max(b) }))
        }
        (Some(Type::Integer), Some(decimal @ Type::Decimal { .. }))
        | (Some(decimal @ Type::Decimal { .. }), Some(Type::Integer)) => Ok(Some(decimal)),
        (Some(a), Some(b)) if a.is_number() && b.is_number() => Ok(Some(Type::Float)),
        (Some(a), Some(b)) => Err(Mistake::Branches(a, b)),
    }
}
