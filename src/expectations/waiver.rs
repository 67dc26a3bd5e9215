//! `waiver = { reason, owner, until, as_of }`: a failure that somebody answers for, up to a day.
//!
//! No build looks at a clock, so the day on which it is asked is declared beside the day on which the waiver ends, mostly
//! by a parameter: `as_of = { parameter = "day" }`. Nothing is waived silently: what failed is told as ever, with who
//! waived it and why.

use jiff::civil::Date;
use serde::Serialize;

use crate::expectations::BAD_WAIVER;
use crate::fields::Fields;
use crate::fields::keys::{Key, Keys, Takes};

/// A failure that somebody answers for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Waiver {
    /// Why it is well for now.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day, as `2025-12-31`.
    pub until: String,
    /// The day on which it is asked.
    pub day: String,
}

pub(crate) const KEYS: Keys = Keys::of(&[
    Key::required("reason", Takes::Text, "why the failure is well for now"),
    Key::required("owner", Takes::Text, "who answers for it"),
    Key::required("until", Takes::Text, "the last day on which it holds, as `2025-12-31`"),
    Key::required("as_of", Takes::Text, "the day on which it is asked, mostly a parameter"),
]);

impl Waiver {
    /// Reads the table under `key`.
    pub(crate) fn decode(fields: &mut Fields, key: &str) -> Option<Waiver> {
        let mut table = fields.table(key)?;
        let mut text = |key: &str| table.required_text(key);
        let (reason, owner, until, day) = (text("reason"), text("owner"), text("until"), text("as_of"));
        for (key, it) in [("reason", &reason), ("owner", &owner)] {
            if it.as_ref().is_some_and(|it| it.trim().is_empty()) {
                let help = Some("say it in a few words".to_owned());
                table.problem(&BAD_WAIVER, key, format!("`{key}` of the waiver is empty"), "this text", help);
            }
        }
        let day_of = |key: &str, it: &Option<String>| {
            let found = it.as_ref().and_then(|it| it.parse::<Date>().ok());
            if it.is_some() && found.is_none() {
                let help = Some("write a day, such as `2025-12-31`, or a parameter".to_owned());
                table.problem(&BAD_WAIVER, key, format!("`{key}` of the waiver is not a day"), "this text", help);
            }
            found.map(|it| it.to_string())
        };
        let (until, day) = (day_of("until", &until), day_of("as_of", &day));
        table.finish();
        Some(Waiver { reason: reason?, owner: owner?, until: until?, day: day? })
    }

    /// Whether it holds on the day on which it is asked.
    pub fn is_active(&self) -> bool {
        // Days as `2025-12-31` sort as texts.
        self.day <= self.until
    }

    /// In words, as the end of what is told of a failure.
    pub fn words(&self) -> String {
        match self.is_active() {
            true => format!("waived until {} by {}: {}", self.until, self.owner, self.reason),
            false => format!("its waiver by {} ended on {}", self.owner, self.until),
        }
    }
}
