//! Functions that a pipeline declares: an expression over arguments with types, which stands where it is called.

use std::collections::BTreeMap;

use crate::expr::refusal::NotAnExpression;
use crate::expr::{Expr, Mistake};
use crate::model::{Column, Schema, Type};

/// Declared functions by name.
pub type Customs = BTreeMap<String, Custom>;

/// A declared function.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Custom {
    /// Its arguments, in order.
    pub takes: Vec<(String, Type)>,
    /// What it gives, over columns that are called as the arguments are.
    pub gives: Expr,
}

impl Custom {
    /// The columns that its expression is over.
    pub fn schema(&self) -> Schema {
        self.takes.iter().map(|(name, ty)| Column::new(name, *ty)).collect()
    }

    /// What it gives for these arguments. Each argument must have its type, which is looked at as every type is.
    pub(super) fn called(&self, name: &str, arguments: Vec<Expr>) -> Result<Expr, NotAnExpression> {
        if arguments.len() != self.takes.len() {
            let names: Vec<&str> = self.takes.iter().map(|(name, _)| name.as_str()).collect();
            let (takes, got) = (self.takes.len(), arguments.len());
            let help = Some(format!("write `{name}({})`", names.join(", ")));
            let message = format!("`{name}` takes {takes} arguments, not {got}");
            return Err(NotAnExpression { message, help });
        }
        let typed =
            self.takes.iter().zip(arguments).map(|((name, ty), it)| (name.as_str(), Expr::call(typed(*ty), [it])));
        let typed: BTreeMap<&str, Expr> = typed.collect();
        Ok(self.gives.replaced(&|column| typed.get(column).cloned()))
    }

    /// Whether it has a type over its arguments.
    ///
    /// # Errors
    ///
    /// The first mistake.
    pub fn check(&self) -> Result<Type, Mistake> {
        self.gives.ty(&self.schema())
    }
}

/// The function that an argument of a type goes through.
fn typed(ty: Type) -> &'static str {
    match ty {
        Type::Text => "text argument",
        Type::Integer => "integer argument",
        Type::Decimal { .. } | Type::Float => "number argument",
        Type::Boolean => "condition argument",
        Type::Date | Type::Timestamp => "day argument",
    }
}

/// Whether a function of the closed list is one that arguments go through.
pub fn is_argument(function: &str) -> bool {
    function.ends_with(" argument")
}
