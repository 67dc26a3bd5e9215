//! What is compared: kinds of values, what they say of two rows, and how two rows can be related.

use serde::{Deserialize, Serialize};

/// More comparisons than this do not fit into one pattern.
pub(super) const MOST_COMPARISONS: usize = 24;

/// What the values of a column are, and so how two of them are compared.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Equal or not: codes, sex, town.
    Exact,
    /// A person's given names.
    GivenName,
    /// A person's family name.
    Surname,
    /// The name of an organisation: distinctive words count more than common ones.
    Organisation,
    /// A telephone number.
    Phone,
    /// An e-mail address.
    Email,
    /// A website or domain.
    Host,
    /// A day.
    Date,
    /// A street address: numbers must agree.
    Address,
    /// A postal code.
    Postcode,
    /// A number that identifies: registration, identity, tax.
    Number,
    /// A title, a list of authors, a description.
    Text,
    /// Coordinates.
    Place,
    /// Several values in one: all that were seen.
    List,
}

/// Whether a value belongs to one entity, or is shared by several that have something to do with each other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Two that differ here are two: given name, date of birth, registration number.
    Own,
    /// Households and offices share it: surname, phone, address, town.
    Shared,
}

impl Kind {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Kind; 14] = [
        Kind::Exact,
        Kind::GivenName,
        Kind::Surname,
        Kind::Organisation,
        Kind::Phone,
        Kind::Email,
        Kind::Host,
        Kind::Date,
        Kind::Address,
        Kind::Postcode,
        Kind::Number,
        Kind::Text,
        Kind::Place,
        Kind::List,
    ];

    /// How the kind is spelt in a pipeline: `given name`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Exact => "exact",
            Kind::GivenName => "given name",
            Kind::Surname => "surname",
            Kind::Organisation => "organisation",
            Kind::Phone => "phone",
            Kind::Email => "email",
            Kind::Host => "host",
            Kind::Date => "date",
            Kind::Address => "address",
            Kind::Postcode => "postcode",
            Kind::Number => "number",
            Kind::Text => "text",
            Kind::Place => "place",
            Kind::List => "list",
        }
    }

    /// The kind that is spelt so.
    pub fn from_name(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|it| it.name() == name)
    }

    /// The role that values of this kind have unless somebody says otherwise.
    pub fn role(self) -> Role {
        match self {
            Kind::GivenName | Kind::Organisation | Kind::Date | Kind::Number | Kind::Text => Role::Own,
            Kind::Exact | Kind::Surname | Kind::Phone | Kind::Email | Kind::Host => Role::Shared,
            Kind::Address | Kind::Postcode | Kind::Place | Kind::List => Role::Shared,
        }
    }

    /// The role of its values beside those of `all` kinds that are compared: where persons are, an organisation is what
    /// colleagues share.
    pub fn role_among(self, mut all: impl Iterator<Item = Kind>) -> Role {
        match self {
            Kind::Organisation if all.any(|it| matches!(it, Kind::GivenName | Kind::Surname)) => Role::Shared,
            _ => self.role(),
        }
    }
}

/// A column that is compared.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Comparison {
    /// What it is called in models and explanations.
    pub name: String,
    /// How its values are compared.
    pub kind: Kind,
    /// Whether relatives share its values.
    pub role: Role,
}

impl Comparison {
    /// A comparison in the role of its kind.
    pub fn new(name: impl Into<String>, kind: Kind) -> Comparison {
        Comparison { name: name.into(), kind, role: kind.role() }
    }
}

/// What two rows are to each other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// One entity.
    Same,
    /// Two entities that share something: a household, a group, tenants of one building.
    Related,
    /// Two entities at different places under one name: branches.
    Branch,
    /// Nothing: they agree by chance.
    Chance,
}
