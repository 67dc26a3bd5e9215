//! `reads_as = "date"` and `date_format = "%d/%m/%Y"`: texts that can be read as something else. Nulls are not
//! considered.

use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::{About, Check, Kind, Measure, as_text, of_present, spelt};
use crate::expr::Expr;
use crate::fields::keys::{Takes, words};
use crate::fields::{EXPRESSION, Fields};
use crate::finding::{Finding, Input};
use crate::model::Type;
use crate::text::strftime::Format;

pub(super) const READS_AS: Kind = Kind {
    name: "reads_as",
    revision: 1,
    summary: "every text can be read as a value of a type, or as JSON",
    takes: Takes::Word(&words(&WORDS)),
    decode: |fields, key| Some(Arc::new(Reads::As(fields.choice(key, &WORDS)?))),
    about: About::Each,
};
pub(super) const DATE_FORMAT: Kind = Kind {
    name: "date_format",
    revision: 1,
    summary: "every text is a day or a time in a format, as `%d/%m/%Y`",
    takes: Takes::Text,
    decode: format,
    about: About::Each,
};

const WORDS: [(&str, As); 6] = [
    ("integer", As::Integer),
    ("decimal", As::Decimal),
    ("boolean", As::Boolean),
    ("date", As::Date),
    ("timestamp", As::Timestamp),
    ("json", As::Json),
];

#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
enum As {
    Integer,
    Decimal,
    Boolean,
    Date,
    Timestamp,
    Json,
}

#[derive(Debug, Serialize)]
enum Reads {
    As(As),
    Format(String),
}

/// Every text is one as values of a type are published, so that `cast` reads it. Contracts ask it.
#[derive(Debug, Serialize)]
pub(super) struct Spelling(pub(super) Type);

impl Check for Spelling {
    fn measure(&self, columns: &[String], input: &Input<'_>) -> Result<Measure, Finding> {
        let read = spelt::is_one(&as_text(&columns[0], input.schema), self.0);
        of_present(&columns[0], Expr::call("not", [read]), input.schema, input.name)
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check spelling", self)
    }

    fn claim(&self) -> Claim {
        let (article, name) = (if self.0 == Type::Integer { "an" } else { "a" }, self.0.name());
        Claim::new(Verb::Be, format!("written as {article} {name}"))
    }
}

fn format(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    let text = fields.text(key)?;
    match Format::new(&text) {
        Ok(_) => Some(Arc::new(Reads::Format(text))),
        Err((reason, at)) => {
            let start = text.chars().take(at).map(char::len_utf8).sum();
            let end = start + text[start..].chars().take(2).map(char::len_utf8).sum::<usize>();
            let problem = crate::problem::Problem::new(&EXPRESSION, format!("the format cannot be read: {reason}"))
                .label(&fields.span_within(key, start..end), "here");
            fields.report(
                problem.help("the directives are those of Python's `strptime`: `%Y-%m-%d`, `%d %B %Y`".to_owned()),
            );
            None
        }
    }
}

impl Check for Reads {
    fn measure(&self, columns: &[String], input: &Input<'_>) -> Result<Measure, Finding> {
        let text = || as_text(&columns[0], input.schema);
        let cast = |ty| Expr::call("is not null", [Expr::Cast(Box::new(text()), ty)]);
        let read = match self {
            Reads::As(As::Integer) => cast(Type::Integer),
            Reads::As(As::Decimal) => cast(Type::Float),
            Reads::As(As::Boolean) => cast(Type::Boolean),
            Reads::As(As::Timestamp) => cast(Type::Timestamp),
            Reads::As(As::Date) => {
                let read = |order: &str| Expr::call("date", [text(), Expr::text(order)]);
                let either = Expr::call("coalesce", [read("day_first"), read("month_first")]);
                Expr::call("or", [cast(Type::Timestamp), Expr::call("is not null", [either])])
            }
            Reads::As(As::Json) => Expr::call("is json", [text()]),
            Reads::Format(format) => Expr::call("fits format", [text(), Expr::text(format)]),
        };
        of_present(&columns[0], Expr::call("not", [read]), input.schema, input.name)
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn claim(&self) -> Claim {
        let what = match self {
            Reads::As(As::Integer) => "readable as an integer".to_owned(),
            Reads::As(As::Decimal) => "readable as a number".to_owned(),
            Reads::As(As::Boolean) => "readable as a truth value".to_owned(),
            Reads::As(As::Date) => "readable as a date".to_owned(),
            Reads::As(As::Timestamp) => "readable as a time".to_owned(),
            Reads::As(As::Json) => "readable as JSON".to_owned(),
            Reads::Format(format) => format!("in the format '{format}'"),
        };
        Claim::new(Verb::Be, what)
    }
}
