//! What may be seen of the values that a contract names: of a field whose values are masked, people see patterns of those
//! that it lists and of its example, and programs, to which a pattern would be a value, see neither.

use super::{Contract, Field};
use crate::expr::Literal;
use crate::model::Class;
use crate::text::pattern::pattern;

impl Field {
    /// Whether its values are masked.
    pub fn is_personal(&self) -> bool {
        self.classification.class() == Class::Personal
    }

    /// The field with patterns in the place of the values that it names, each once.
    pub fn masked(&self) -> Field {
        let masked = |it: &Literal| Literal::Text(pattern(&it.plain().unwrap_or_default()));
        let mut values: Vec<Literal> = Vec::new();
        for it in self.values.iter().map(masked) {
            if !values.contains(&it) {
                values.push(it);
            }
        }
        Field { values, example: self.example.as_ref().map(masked), ..self.clone() }
    }

    /// The field without the values that it names.
    pub fn unlisted(&self) -> Field {
        Field { values: Vec::new(), example: None, ..self.clone() }
    }
}

impl Contract {
    /// The contract with those of its fields turned whose values are masked, by their own classification or because
    /// `is_personal` says so of their names.
    pub fn shown(&self, turned: fn(&Field) -> Field, is_personal: &dyn Fn(&str) -> bool) -> Contract {
        let one = |it: &Field| match it.is_personal() || is_personal(&it.name) {
            true => turned(it),
            false => it.clone(),
        };
        Contract { fields: self.fields.iter().map(one).collect(), ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use crate::contracts::emit::{FORMS, Form, emit};
    use crate::contracts::tests::read;

    #[test]
    fn no_form_for_others_names_values_of_personal_fields() {
        let contract = read(
            "version = '1.0.0'\n[[contract.c.field]]\nname = 'who'\nrequired = true\nenum = ['Ada Lace', 'Bo Hop', 'Jo']\n\
             example = 'Ada Lace'\nclassification = 'pii'\n[[contract.c.field]]\nname = 'kind'\nenum = ['Open One']\n\
             example = 'Open One'\n",
        );
        for (word, form) in FORMS {
            let text = emit(&contract, form, "c.csv");
            assert_eq!(text.contains("Ada") || text.contains("Hop"), form == Form::Toml, "{word}: {text}");
            assert!(text.contains("Open One"), "{word}: {text}");
            assert_eq!(text.contains("one of Aa Aa, Aa |"), form == Form::Markdown, "{word}: {text}");
        }
    }
}
