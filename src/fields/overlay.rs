//! One table of TOML laid over another before either is read: what both say, the upper one says.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::expr::Literal;
use crate::fields::Fields;

impl Fields<'_> {
    /// A value of any plain type; nothing, and no word of it, where there is none.
    pub fn plain(&self, key: &str) -> Option<Literal> {
        let value = self.table.get(key)?;
        if value.get_ref().is_table() { None } else { self.literal(value) }
    }
}

/// The whole of a file with `environment.NAME` laid over it: those of its tables that `over` names. Nothing where the
/// file has no such table. Places stay those of what is read.
pub fn overlaid<'t>(file: &Spanned<DeTable<'t>>, path: &[&str], over: &[&str]) -> Option<Spanned<DeTable<'t>>> {
    let mut upper = file.get_ref();
    for part in path {
        let DeValue::Table(inner) = upper.get(*part)?.get_ref() else { return None };
        upper = inner;
    }
    let mut acc = file.clone();
    for key in over {
        if let Some((name, value)) = upper.get_key_value(*key) {
            lay(acc.get_mut(), name, value);
        }
    }
    Some(acc)
}

fn lay<'t>(table: &mut DeTable<'t>, name: &Spanned<std::borrow::Cow<'t, str>>, value: &Spanned<DeValue<'t>>) {
    let DeValue::Table(upper) = value.get_ref() else {
        table.insert(name.clone(), value.clone());
        return;
    };
    match table.get_mut(name.get_ref().as_ref()).map(Spanned::get_mut) {
        Some(DeValue::Table(beneath)) => {
            for (name, value) in upper.iter() {
                lay(beneath, name, value);
            }
        }
        _ => drop(table.insert(name.clone(), value.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_say_the_upper_one_says() {
        let text =
            "a.x = 1\na.y = 2\nlist = [1]\n[environment.dev.a]\nx = 3\nz.deep = 4\n[environment.dev]\nlist = []\n";
        let file = DeTable::parse(text).expect("TOML");
        let keys = |table: &DeTable<'_>| table.keys().map(|it| it.get_ref().to_string()).collect::<Vec<_>>();
        let laid = overlaid(&file, &["environment", "dev"], &["a"]).expect("a table");
        let DeValue::Table(a) = laid.get_ref()["a"].get_ref() else { panic!("a table") };
        assert_eq!(keys(a), ["x", "y", "z"]);
        assert_eq!(&text[a["x"].span()], "3");
        assert_eq!(&text[a["y"].span()], "2");
        assert_eq!(&text[laid.get_ref()["list"].span()], "[1]");
        assert!(overlaid(&file, &["environment", "prod"], &["a"]).is_none());
    }
}
