//! A contract as other programs write it: the same bytes for the same contract.

mod json;
mod left_out;
mod odcs;
mod package;
mod portable;
mod text;
mod toml;

use std::borrow::Cow;

use super::{Contract, Field};
use crate::model::Type;
use crate::publish::marked;
pub(crate) use odcs::STATUS;
pub(crate) use text::{promises, promises_in};

/// How others write it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// Frictionless Table Schema.
    TableSchema,
    /// JSON Schema 2020-12 of one row.
    JsonSchema,
    /// Open Data Contract Standard, as YAML.
    Odcs,
    /// CSV on the Web: what stands beside a CSV file.
    Csvw,
    /// `CREATE TABLE`.
    Sql,
    /// A page for people.
    Markdown,
    /// As we write it.
    Toml,
}

/// The words for them.
pub const FORMS: [(&str, Form); 7] = [
    ("table-schema", Form::TableSchema),
    ("json-schema", Form::JsonSchema),
    ("odcs", Form::Odcs),
    ("csvw", Form::Csvw),
    ("sql", Form::Sql),
    ("markdown", Form::Markdown),
    ("toml", Form::Toml),
];

impl Form {
    /// What stands near the beginning of a file in this form.
    pub fn mark(self) -> &'static str {
        match self {
            Form::TableSchema => "tableschema",
            Form::JsonSchema => "urn:hotpass:contract",
            Form::Odcs => "DataContract",
            Form::Csvw => "ns/csvw",
            Form::Sql => "CREATE TABLE",
            Form::Markdown => "| contract |",
            Form::Toml => "[contract.",
        }
    }

    /// The name of the file for a contract.
    pub fn file(self, name: &str) -> String {
        match self {
            Form::TableSchema => format!("{name}.schema.json"),
            Form::JsonSchema => format!("{name}.json-schema.json"),
            Form::Odcs => format!("{name}.odcs.yaml"),
            Form::Csvw => format!("{name}.csv-metadata.json"),
            Form::Sql => format!("{name}.sql"),
            Form::Markdown => format!("{name}.md"),
            Form::Toml => format!("{name}.toml"),
        }
    }
}

/// How a file of delimited text is written.
#[derive(Clone, Copy, Debug)]
pub struct Dialect<'a> {
    /// What stands between two fields.
    pub delimiter: char,
    /// How its characters are written.
    pub encoding: &'a str,
    /// What ends a line.
    pub line_end: &'a str,
    /// Whether numbers have a comma.
    pub decimal_comma: bool,
    /// Whether texts that a spreadsheet would run get a mark, names of columns too.
    pub marks: bool,
}

impl Dialect<'_> {
    /// A name of a column as it stands in the file.
    fn heading<'a>(&self, name: &'a str) -> Cow<'a, str> {
        if self.marks { marked(name, self.delimiter) } else { Cow::Borrowed(name) }
    }
}

pub use left_out::{LeftOut, left_out};
pub use package::{Resource, package};

/// A file of delimited text as CSV on the Web has it: these columns in their order, and what a contract says of them.
/// `url` is the file, as seen from what is written here. No value is named of a column that `is_personal`.
pub fn csvw_of(
    contract: Option<&Contract>,
    is_personal: &dyn Fn(&str) -> bool,
    columns: &[(&str, Type)],
    url: &str,
    dialect: &Dialect<'_>,
) -> String {
    let shown = contract.map(|it| it.shown(Field::unlisted, is_personal));
    json::csvw_of((contract, shown.as_ref()), columns, url, dialect)
}

/// The contract in this form; but for our own, without values of fields that are masked. `url` is the CSV file that CSV on the Web is about.
pub fn emit(contract: &Contract, form: Form, url: &str) -> String {
    let open = || contract.shown(Field::unlisted, &|_| false);
    match form {
        Form::TableSchema => json::table_schema(&open()),
        Form::JsonSchema => json::json_schema(&open()),
        Form::Csvw => json::csvw(&open(), url),
        Form::Odcs => odcs::odcs(&open()),
        Form::Sql => text::sql(&open()),
        Form::Markdown => text::markdown_page(&contract.shown(Field::masked, &|_| false)),
        Form::Toml => toml::toml(contract),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contracts::tests::read;

    const WHOLE: &str = "version = '1.2.0'\ntitle = 'Schools'\ndescription = 'One row a school; <b>, | and \"'\nowner = 'office'\n\
        primary_key = ['id']\nextra = 'deny'\n\
        [[contract.c.field]]\nname = 'id'\nrequired = true\npattern = '^S-[0-9]+$'\nexample = 'S-1'\n\
        [[contract.c.field]]\nname = 'fee'\ntype = 'decimal'\nmin = 0\nmax = 10.5\nunit = 'EUR'\nexample = 3\n\
        [[contract.c.field]]\nname = 'kind'\nenum = ['a', \"b'c\"]\nclassification = 'internal'\n\
        [[contract.c.field]]\nname = 'opened'\ntype = 'date'\nmin = '2000-01-01'\nunique = true\n\
        [[contract.c.field]]\nname = 'mail of'\nclassification = 'pii'\nreferences = 'people.mail'\ndescription = \"two\\nlines: #x\"\n";

    #[test]
    fn every_form_is_a_snapshot() {
        let contract = read(WHOLE);
        for (word, form) in FORMS {
            insta::assert_snapshot!(word, emit(&contract, form, "c.csv"));
        }
    }

    #[test]
    fn what_is_json_is_json() {
        let contract = read(WHOLE);
        for form in [Form::TableSchema, Form::JsonSchema, Form::Csvw] {
            let json: serde_json::Value = serde_json::from_str(&emit(&contract, form, "c.csv")).expect("JSON");
            assert!(json.is_object());
        }
        let yaml = emit(&contract, Form::Odcs, "");
        assert!(<saphyr::Yaml<'_> as saphyr::LoadableYamlNode>::load_from_str(&yaml).is_ok(), "{yaml}");
    }
}
