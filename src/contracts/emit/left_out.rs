//! What a form for other programs cannot say of a contract, by name: nothing is left out without a word.

use super::Form;
use super::json::bounded;
use super::portable::portable;
use crate::contracts::{Contract, Extra, Field, Order};
use crate::model::Type;

/// Something that a form does not say, or says where other programs do not look.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeftOut {
    /// Its place: the contract, or the contract and the field.
    pub place: String,
    /// The key of the contract: `unique`.
    pub key: &'static str,
    /// Why, and where it stands instead.
    pub why: &'static str,
}

/// All that a form does not say so that other programs hold to it, in the order of the fields.
pub fn left_out(contract: &Contract, form: Form) -> Vec<LeftOut> {
    let mut acc = Vec::new();
    let of_table = |(key, why)| LeftOut { place: contract.name.clone(), key, why };
    acc.extend(table(contract, form).into_iter().map(of_table));
    for it in &contract.fields {
        let place = format!("{}.{}", contract.name, it.name);
        let all = masked(it, form).into_iter().chain(field(contract, it, form));
        acc.extend(all.map(|(key, why)| LeftOut { place: place.clone(), key, why }));
    }
    acc
}

/// A key, and why it is left out.
type Missing = (&'static str, &'static str);

const OURS: &str = "it is under `hotpass`, which other programs do not read";
const CUSTOM: &str = "it is a custom property, which other programs do not check";
const COMMENT: &str = "it is in a comment";

fn table(it: &Contract, form: Form) -> Vec<Missing> {
    let mut acc = Vec::new();
    let mut tell = |is_said: bool, key, why| acc.extend(is_said.then_some((key, why)));
    let (warns, denies) = (it.modes.extra == Extra::Warn, it.modes.extra == Extra::Deny);
    let (exact, coerces) = (it.modes.order == Order::Exact, it.modes.coerce);
    match form {
        Form::TableSchema => {
            tell(it.owner.is_some(), "owner", OURS);
            tell(warns, "extra", OURS);
            tell(coerces, "coerce", OURS);
            tell(exact && !denies, "column_order", OURS);
        }
        Form::JsonSchema => {
            tell(it.owner.is_some(), "owner", OURS);
            tell(!it.primary_key.is_empty(), "primary_key", "it is about several rows; it is under `hotpass`");
            tell(warns, "extra", OURS);
            tell(coerces, "coerce", OURS);
            tell(exact, "column_order", "an object has no order; it is under `hotpass`");
        }
        Form::Odcs => {
            tell(warns || denies, "extra", CUSTOM);
            tell(coerces, "coerce", CUSTOM);
            tell(exact, "column_order", CUSTOM);
        }
        Form::Csvw => {
            tell(warns, "extra", "a file has exactly the columns that are listed");
            tell(coerces, "coerce", "a value is written as its type is");
        }
        Form::Sql => {
            tell(warns, "extra", "a table has exactly the columns that are listed");
            tell(coerces, "coerce", "a value is stored as its type is");
        }
        Form::Markdown | Form::Toml => (),
    }
    acc
}

/// What names values, of a field whose values are masked.
fn masked(it: &Field, form: Form) -> Vec<Missing> {
    let why = match form {
        Form::Toml => return Vec::new(),
        Form::Markdown => "the values are masked; only their shapes are shown",
        _ => "the values are masked",
    };
    let named = [("enum", !it.values.is_empty()), ("example", it.example.is_some())];
    named.into_iter().filter(|(_, named)| *named && it.is_personal()).map(|(key, _)| (key, why)).collect()
}

fn field(contract: &Contract, it: &Field, form: Form) -> Vec<Missing> {
    let mut acc = Vec::new();
    let mut tell = |is_said: bool, key, why| acc.extend(is_said.then_some((key, why)));
    let (min, max, ordered) = (it.min.is_some(), it.max.is_some(), bounded(it.ty));
    let days = matches!(it.ty, Type::Date | Type::Timestamp);
    let listed = !it.values.is_empty() && !it.is_personal();
    let unread = it.pattern.as_deref().is_some_and(|it| portable(it).is_none());
    match form {
        Form::TableSchema => {
            let decimal = matches!(it.ty, Type::Decimal { .. });
            tell(decimal, "type", "it is a `number` there; that it is a decimal is under `hotpass`");
            tell(min && !ordered, "min", OURS);
            tell(max && !ordered, "max", OURS);
            tell(unread, "pattern", "other programs do not read it; it is under `hotpass`");
        }
        Form::JsonSchema => {
            let decimal = matches!(it.ty, Type::Decimal { .. });
            tell(decimal, "type", "it is a `number` there; that it is a decimal is under `hotpass`");
            tell(it.unique, "unique", "it is about several rows; it is under `hotpass`");
            let told = "it is written as `formatMinimum`, which not every program reads";
            tell(min && days, "min", told);
            let told = "it is written as `formatMaximum`, which not every program reads";
            tell(max && days, "max", told);
            tell(min && !ordered, "min", OURS);
            tell(max && !ordered, "max", OURS);
            tell(unread, "pattern", "other programs do not read it; it is under `hotpass`");
            tell(it.unit.is_some(), "unit", OURS);
            tell(it.references.is_some(), "references", OURS);
        }
        Form::Odcs => {
            tell(min && !ordered, "min", CUSTOM);
            tell(max && !ordered, "max", CUSTOM);
            tell(listed, "enum", CUSTOM);
            tell(unread, "pattern", "other programs do not read it; it is a custom property");
            tell(it.unit.is_some(), "unit", CUSTOM);
            tell(it.references.is_some(), "references", CUSTOM);
        }
        Form::Csvw => {
            let is_key = contract.primary_key == [it.name.clone()];
            tell(it.unique && !is_key, "unique", "only a primary key tells rows apart there");
            tell(listed && it.ty != Type::Text, "enum", "only texts have a pattern there, which lists them");
            let both = listed && it.pattern.is_some();
            tell(both, "pattern", "the pattern there lists the values of `enum`");
            tell(unread && !both, "pattern", "other programs do not read it");
            tell(min && !ordered, "min", "a value of this type has no bounds there");
            tell(max && !ordered, "max", "a value of this type has no bounds there");
            tell(it.references.is_some(), "references", "the other file is not described there");
        }
        Form::Sql => {
            tell(it.pattern.is_some(), "pattern", COMMENT);
            tell(it.references.is_some(), "references", COMMENT);
        }
        Form::Markdown | Form::Toml => (),
    }
    acc
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contracts::emit::{FORMS, emit};
    use crate::contracts::import::import;
    use crate::contracts::tests::read;

    /// Every constraint of a contract, with every type that may have it: lines of the table, the type of the field, lines of
    /// the field, and the key that it is about.
    const CONSTRAINTS: [(&str, &str, &str, &str); 48] = [
        ("title = 'T: #'", "text", "", "title"),
        ("description = 'D, \"d\"'", "text", "", "description"),
        ("owner = 'office'", "text", "", "owner"),
        ("primary_key = ['f']", "text", "", "primary_key"),
        ("primary_key = ['g', 'f']", "integer", "", "primary_key"),
        ("extra = 'warn'", "text", "", "extra"),
        ("extra = 'deny'", "text", "", "extra"),
        ("coerce = true", "text", "", "coerce"),
        ("column_order = 'exact'", "text", "", "column_order"),
        ("extra = 'deny'\ncolumn_order = 'exact'", "text", "", "column_order"),
        ("extra = 'warn'\ncolumn_order = 'exact'", "text", "", "extra"),
        ("", "integer", "", "type"),
        ("", "decimal", "", "type"),
        ("", "float", "", "type"),
        ("", "boolean", "", "type"),
        ("", "date", "", "type"),
        ("", "timestamp", "", "type"),
        ("", "text", "required = true", "required"),
        ("", "text", "unique = true", "unique"),
        ("", "decimal", "unique = true", "unique"),
        ("", "text", "description = \"one\\ntwo\"", "description"),
        ("", "text", "unit = 'km/h'", "unit"),
        ("", "text", "example = 'e'", "example"),
        ("", "date", "example = '2020-01-31'", "example"),
        ("", "decimal", "example = 2.5", "example"),
        ("", "text", "enum = ['a.b', \"c'|d\", '=e']", "enum"),
        ("", "text", "enum = ['1', 'true', 'null', '']", "enum"),
        ("", "integer", "enum = [1, -2]", "enum"),
        ("", "decimal", "enum = [1, 2.5]", "enum"),
        ("", "float", "enum = [1.5, -2.25]", "enum"),
        ("", "boolean", "enum = [true]", "enum"),
        ("", "date", "enum = ['2020-01-31']", "enum"),
        ("", "timestamp", "enum = ['2020-01-31 10:00:00']", "enum"),
        ("", "text", "pattern = '^a[0-9]+$'", "pattern"),
        ("", "text", "pattern = 'a|b'", "pattern"),
        ("", "text", "pattern = '(?i)a|b'", "pattern"),
        ("", "text", "pattern = 'a[[:alpha:]](?P<n>b)\\z'", "pattern"),
        ("", "text", "pattern = '^\\pL+$'", "pattern"),
        ("", "text", "pattern = '^a\\$'", "pattern"),
        ("", "text", "min = 'b'\nmax = 'm'", "min"),
        ("", "integer", "min = -5\nmax = 7", "min"),
        ("", "decimal", "min = 0.25\nmax = 7", "max"),
        ("", "float", "max = 7.5", "max"),
        ("", "date", "min = '2000-01-01'\nmax = '2030-12-31'", "min"),
        ("", "timestamp", "min = '2000-01-01 00:00:00'", "min"),
        ("", "text", "references = 't.u.x'", "references"),
        ("", "text", "classification = 'internal'", "classification"),
        ("", "text", "classification = 'sensitive_pii'", "classification"),
    ];

    fn contract(table: &str, ty: &str, field: &str) -> std::sync::Arc<Contract> {
        read(&format!(
            "version = '1.2.3'\n{table}\n[[contract.c.field]]\nname = 'f'\ntype = '{ty}'\n{field}\n\
             [[contract.c.field]]\nname = 'g'\n"
        ))
    }

    #[test]
    fn what_a_form_does_not_carry_it_names() {
        for (table, ty, field, key) in CONSTRAINTS {
            let it = contract(table, ty, field);
            let bare = if key == "type" { contract("", "text", "") } else { contract("", ty, "") };
            for (word, form) in FORMS {
                let carried = emit(&it, form, "c.csv") != emit(&bare, form, "c.csv");
                let told = left_out(&it, form).iter().any(|it| it.key == key);
                // A table and a file have exactly their columns, in their order, whatever else is said.
                let meant = matches!(form, Form::Csvw | Form::Sql) && ["extra", "column_order"].contains(&key);
                assert!(carried || told || meant, "{word}: `{key}` of {ty} vanishes: {table}{field}");
            }
        }
    }

    #[test]
    fn a_round_trip_keeps_every_constraint() {
        for (table, ty, field, key) in CONSTRAINTS {
            let it = contract(table, ty, field);
            for form in [Form::Odcs, Form::TableSchema, Form::Toml] {
                let text = emit(&it, form, "c.csv");
                let toml = if form == Form::Toml {
                    text.clone()
                } else {
                    let imported = import(&text, "c").unwrap_or_else(|error| panic!("{form:?} {key}: {error}\n{text}"));
                    assert_eq!(imported.dropped, [], "{form:?} {key} of {ty}: {text}");
                    imported.toml
                };
                let again = read(toml.trim_start().strip_prefix("[contract.c]\n").expect("a heading"));
                assert_eq!(*again, *it, "{form:?}: `{key}` of {ty} comes back as another: {text}{toml}");
            }
        }
    }

    #[test]
    fn values_that_are_masked_are_told() {
        let it = contract("", "text", "enum = ['Ada']\nexample = 'Ada'\nclassification = 'pii'");
        for (word, form) in FORMS {
            let told: Vec<&str> = left_out(&it, form).iter().map(|it| it.key).collect();
            let expected: &[&str] = if form == Form::Toml { &[] } else { &["enum", "example"] };
            assert_eq!(told, expected, "{word}");
        }
    }

    #[test]
    fn what_others_say_more_is_named_when_it_comes_in() {
        let check = |text: &str, places: &[&str]| {
            let found = import(text, "c").expect("a contract").dropped;
            let found: Vec<&str> = found.iter().map(|(place, _)| place.as_str()).collect();
            assert_eq!(found, places, "{text}");
        };
        let odcs = |heading: &str, property: &str| {
            format!(
                "kind: DataContract\nversion: 1.0.0\n{heading}schema:\n- name: t\n  properties:\n  - {{name: a, {property}}}\n"
            )
        };
        check(&odcs("", "logicalType: number, physicalType: 'decimal(10,4)'"), &["t.a.physicalType"]);
        check(&odcs("", "logicalType: string, physicalType: VARCHAR(20)"), &["t.a.physicalType"]);
        check(&odcs("", "examples: [x, y]"), &["t.a.examples"]);
        check(&odcs("", "customProperties: [{property: z, value: 1}]"), &["t.a.customProperties.z"]);
        check(&odcs("id: 77\nstatus: draft\n", ""), &["status"]);
        check(&odcs("id: x-7\n", ""), &["id"]);
        check(&odcs("description: {purpose: p, usage: u}\n", ""), &["description.usage"]);
        check(&odcs("team: [{username: a, role: owner}, {username: b, role: dev}]\n", ""), &["team.1"]);
        let schema = |more: &str, field: &str| format!("{more}fields:\n- {{name: a, {field}}}\n");
        check(&schema("", "type: string, format: email"), &["a.format"]);
        check(&schema("", "type: year"), &["a.type"]);
        check(&schema("", "title: A"), &["a.title"]);
        check(&schema("version: one\n", ""), &["version"]);
        check(&schema("fieldsMatch: superset\n", ""), &["fieldsMatch"]);
        check(&schema("foreignKeys: [{fields: a, reference: {resource: '', fields: b}}]\n", ""), &[]);
    }
}
