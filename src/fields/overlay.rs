//! One table of TOML laid over another before either is read: what both say, the upper one says. And values that are
//! looked at without a word.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::expr::Literal;
use crate::fields::{Fields, Value};

impl Fields<'_> {
    /// A value of any plain type; nothing, and no word of it, where there is none.
    pub fn plain(&self, key: &str) -> Option<Literal> {
        let value = self.table.get(key)?;
        if value.get_ref().is_table() { None } else { self.literal(value) }
    }

    /// Whether a value stands for a parameter that has none, which is told of the parameter or of its name.
    pub(super) fn is_told(&self, value: Value<'_>) -> bool {
        let DeValue::Table(table) = value.get_ref() else { return false };
        let name = table.get("parameter").filter(|_| table.len() == 1).map(|it| it.get_ref());
        let Some(DeValue::String(name)) = name else { return false };
        self.reader.parameters.borrow().get(name.as_ref()).is_none_or(|it| *it == Literal::Null)
    }
}

/// The whole of a file with the table at `path` laid over it: its values of each table that `over` names, and in tables
/// with names, `source.rows`, these keys alone. Nothing where the file has no such table. Places stay those of what is
/// read.
pub fn overlaid<'t>(
    file: &Spanned<DeTable<'t>>,
    path: &[&str],
    over: &[(&str, &[&str])],
) -> Option<Spanned<DeTable<'t>>> {
    let mut upper = file.get_ref();
    for part in path {
        let DeValue::Table(inner) = upper.get(*part)?.get_ref() else { return None };
        upper = inner;
    }
    let mut acc = file.clone();
    for (key, known) in over {
        let (Some(DeValue::Table(upper)), Some(DeValue::Table(beneath))) =
            (upper.get(*key).map(Spanned::get_ref), acc.get_mut().get_mut(*key).map(Spanned::get_mut))
        else {
            continue;
        };
        for (name, value) in upper.iter() {
            let Some(stands) = beneath.get_mut(name.get_ref().as_ref()).map(Spanned::get_mut) else { continue };
            match (value.get_ref(), stands) {
                (DeValue::Table(upper), DeValue::Table(beneath)) => {
                    let known = upper.iter().filter(|(key, _)| known.contains(&key.get_ref().as_ref()));
                    known.for_each(|(key, value)| drop(beneath.insert(key.clone(), value.clone())));
                }
                _ => drop(beneath.insert(name.clone(), value.clone())),
            }
        }
    }
    Some(acc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_say_the_upper_one_says() {
        let text = "a.x = 1\na.t.y = 2\nlist = [1]\n[environment.dev.a]\nx = 3\nz = 4\nt = { y = 5, w = 6, v = 7 }\n\
                    [environment.dev]\nlist = []\n";
        let file = DeTable::parse(text).expect("TOML");
        let keys = |table: &DeTable<'_>| {
            let mut keys: Vec<String> = table.keys().map(|it| it.get_ref().to_string()).collect();
            keys.sort();
            keys
        };
        let laid = overlaid(&file, &["environment", "dev"], &[("a", &["y", "w"])]).expect("a table");
        let DeValue::Table(a) = laid.get_ref()["a"].get_ref() else { panic!("a table") };
        // What is not there has nothing laid over it, and is told elsewhere.
        assert_eq!(keys(a), ["t", "x"]);
        assert_eq!(&text[a["x"].span()], "3");
        let DeValue::Table(t) = a["t"].get_ref() else { panic!("a table") };
        assert_eq!(keys(t), ["w", "y"]);
        assert_eq!(&text[t["y"].span()], "5");
        assert_eq!(&text[laid.get_ref()["list"].span()], "[1]");
        assert!(overlaid(&file, &["environment", "prod"], &[("a", &[])]).is_none());
    }
}
