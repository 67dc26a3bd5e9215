//! Why a text is not an expression.

/// Why a text is not an expression: a fact, and what to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotAnExpression {
    /// The fact.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

pub(super) fn refuse<T>(message: impl Into<String>) -> Result<T, NotAnExpression> {
    Err(NotAnExpression { message: message.into(), help: None })
}
