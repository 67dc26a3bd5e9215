//! Kinds of values: what the values of a field are, and so how they are normalised.

use serde::{Deserialize, Serialize};

use crate::fields::keys::{Takes, words};
use crate::model::Type;

/// Stands before the name of a lookup.
pub(super) const LOOKUP: &str = "lookup:";

/// What the values of a field are, and so how they are normalised.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Text, cleaned.
    Text,
    /// Text on one line.
    Line,
    /// Name of an organisation.
    OrganisationName,
    /// Name of a person, without a role in brackets.
    PersonName,
    /// Role of a person, from brackets behind a name.
    PersonRole,
    /// One e-mail address.
    Email,
    /// E-mail addresses, joined by `;`.
    Emails,
    /// One telephone number, E.164.
    Phone,
    /// Telephone numbers, joined by `;`.
    Phones,
    /// Address of a web site.
    Website,
    /// A postcode in the form of the country.
    Postcode,
    /// A slug made of the text.
    Slug,
    /// The number of a bank account.
    Iban,
    /// An identifier for value added tax.
    Vat,
    /// A country, ISO 3166-1.
    Country,
    /// A currency, ISO 4217.
    Currency,
    /// A language, ISO 639-1.
    Language,
    /// A place on the earth.
    Coordinates,
    /// How long something takes, ISO 8601.
    Duration,
    /// A day.
    Date,
    /// A whole number.
    Integer,
    /// A number, as a float.
    Decimal,
    /// An exact number with so many digits behind the point.
    Exact(u8),
    /// A truth value.
    Boolean,
    /// A value of a closed list, by its aliases.
    Lookup(String),
}

impl Value {
    /// Spellings in TOML; `lookup` needs a second key.
    const CHOICES: [(&'static str, &'static str); 25] = [
        ("text", "text"),
        ("line", "line"),
        ("organisation_name", "organisation_name"),
        ("person_name", "person_name"),
        ("person_role", "person_role"),
        ("email", "email"),
        ("emails", "emails"),
        ("phone", "phone"),
        ("phones", "phones"),
        ("website", "website"),
        ("postcode", "postcode"),
        ("slug", "slug"),
        ("iban", "iban"),
        ("vat", "vat"),
        ("country", "country"),
        ("currency", "currency"),
        ("language", "language"),
        ("coordinates", "coordinates"),
        ("duration", "duration"),
        ("date", "date"),
        ("integer", "integer"),
        ("decimal", "decimal"),
        ("money", "money"),
        ("percent", "percent"),
        ("boolean", "boolean"),
    ];

    /// What stands where kinds of values are named.
    pub const TAKES: Takes =
        Takes::Either(&[Takes::WordOr(&words(&Self::CHOICES), LOOKUP), Takes::Scaled(&Self::EXACT)]);
    /// The same without lookups.
    pub const PLAIN: Takes = Takes::Either(&[Takes::Word(&words(&Self::CHOICES)), Takes::Scaled(&Self::EXACT)]);
    /// Kinds of values that may have the digits behind their point in brackets.
    const EXACT: [&'static str; 3] = ["decimal", "money", "percent"];

    /// Reads the spelling; lookups are spelt `lookup:NAME`, exact numbers `decimal(3)`. Money has two digits behind its
    /// point where nothing else is said, and a share four, so two of a percentage.
    pub fn parse(text: &str) -> Option<Value> {
        Some(match text {
            "text" => Value::Text,
            "line" => Value::Line,
            "organisation_name" => Value::OrganisationName,
            "person_name" => Value::PersonName,
            "person_role" => Value::PersonRole,
            "email" => Value::Email,
            "emails" => Value::Emails,
            "phone" => Value::Phone,
            "phones" => Value::Phones,
            "website" => Value::Website,
            "postcode" => Value::Postcode,
            "slug" => Value::Slug,
            "iban" => Value::Iban,
            "vat" => Value::Vat,
            "country" => Value::Country,
            "currency" => Value::Currency,
            "language" => Value::Language,
            "coordinates" => Value::Coordinates,
            "duration" => Value::Duration,
            "date" => Value::Date,
            "integer" => Value::Integer,
            "decimal" => Value::Decimal,
            "money" => Value::Exact(2),
            "percent" => Value::Exact(4),
            "boolean" => Value::Boolean,
            _ => match text.strip_prefix(LOOKUP) {
                Some(name) => Value::Lookup(name.to_owned()),
                None => Value::Exact(scale(text)?),
            },
        })
    }

    /// How TOML spells it.
    pub fn spelling(&self) -> String {
        match self {
            Value::Lookup(name) => format!("{LOOKUP}{name}"),
            Value::Exact(scale) => format!("decimal({scale})"),
            plain => {
                let found = Self::CHOICES.iter().find(|(name, _)| Value::parse(name).as_ref() == Some(plain));
                found.map(|(name, _)| (*name).to_owned()).unwrap_or_default()
            }
        }
    }

    /// The value function that brings a text to its normal form, if it needs nothing but the text.
    pub fn function(&self) -> Option<&'static str> {
        Some(match self {
            Value::Text => "clean",
            Value::Line => "line",
            Value::OrganisationName => "organisation_name",
            Value::PersonName => "person_name",
            Value::PersonRole => "person_role",
            Value::Email => "email",
            Value::Emails => "emails",
            Value::Website => "website",
            Value::Iban => "iban",
            Value::Vat => "vat",
            Value::Country => "country",
            Value::Currency => "currency",
            Value::Language => "language",
            Value::Coordinates => "coordinates",
            Value::Duration => "duration",
            _ => return None,
        })
    }

    /// All plain spellings, for suggestions.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Self::CHOICES.iter().map(|(name, _)| *name)
    }
}

/// The digits behind the point of `decimal(3)` and `money(3)`.
fn scale(text: &str) -> Option<u8> {
    let behind = Value::EXACT.iter().find_map(|it| text.strip_prefix(it))?;
    match Type::spelt(&format!("decimal{behind}"))? {
        Type::Decimal { scale } if !behind.is_empty() => Some(scale),
        _ => None,
    }
}
