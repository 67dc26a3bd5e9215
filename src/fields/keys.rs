//! What a table of TOML may hold, declared once beside the code that reads it.
//!
//! [`Fields`](super::Fields) takes from a declaration which keys are known, what they take and what is said of one that
//! is missing; `schema` prints the same declarations for editors. A key that is read and not declared is a mistake in
//! this program, which every debug build tells; one that is declared and not read is found by `tests/it/schema.rs`.

/// One key of a table.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// As it is typed.
    pub name: &'static str,
    /// What may stand there.
    pub takes: Takes,
    /// What it means, as the end of `the table needs it, …`.
    pub doc: &'static str,
    /// Whether the table is nothing without it.
    pub required: bool,
    /// What is meant without it, where that is always the same.
    pub usual: Option<Usual>,
}

/// What may stand under a key.
#[derive(Clone, Copy, Debug)]
pub enum Takes {
    /// A text.
    Text,
    /// A text that may be a name: letters, digits, `_` and `-`.
    Name,
    /// A text of one character, or of so many at most.
    Characters(usize),
    /// `true` or `false`.
    Flag,
    /// `false`, where only that says something.
    False,
    /// `true`, where only that says something.
    True,
    /// A whole number between two others.
    Integer(i64, i64),
    /// A number between two others.
    Number(f64, f64),
    /// A text, a number or a truth value.
    Plain,
    /// One of these words.
    Word(&'static [&'static str]),
    /// One of these words, or this beginning with a name behind it: `lookup:NAME`.
    WordOr(&'static [&'static str], &'static str),
    /// One of these words with a number of digits in brackets behind it: `decimal(2)`.
    Scaled(&'static [&'static str]),
    /// A text, or a list of at least so many.
    Texts(usize),
    /// A list with at least so many of these.
    List(&'static Takes, usize),
    /// A table.
    Table(&'static Keys),
    /// A table or a list of them.
    Tables(&'static Keys),
    /// Any of these.
    Either(&'static [Takes]),
}

/// What is meant without a key.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Usual {
    /// A text.
    Text(&'static str),
    /// A truth value.
    Flag(bool),
    /// A number.
    Number(f64),
}

/// All keys of a table.
#[derive(Clone, Copy, Debug)]
pub struct Keys {
    /// Those that are known, in the order in which they are told.
    pub keys: &'static [Key],
    /// What stands under every other key, if people choose the names.
    pub rest: Option<Rest>,
    /// Further keys, by what one of them says.
    pub by: Option<By>,
    /// Keys of which one must be there.
    pub needs: &'static [Need],
    /// Whether they are read before parameters have values.
    pub early: bool,
}

/// Keys whose names people choose.
#[derive(Clone, Copy, Debug)]
pub struct Rest {
    /// What stands under them.
    pub takes: Takes,
    /// What they are.
    pub doc: &'static str,
    /// Whether they must be names: letters, digits, `_` and `-`.
    pub names: bool,
}

/// Further keys, by what one of them says.
#[derive(Clone, Copy, Debug)]
pub struct By {
    /// The key that decides.
    pub key: &'static str,
    /// The key with a path whose ending decides where that one is not there.
    pub ending_of: Option<&'static str>,
    /// What it may say.
    pub kinds: fn() -> Vec<Variant>,
}

/// The keys that one word brings with it.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// The word.
    pub name: &'static str,
    /// What it stands for.
    pub doc: &'static str,
    /// Its keys.
    pub keys: &'static [Key],
}

/// One of several keys must be there.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Need {
    /// Only where this one is; always when `None`.
    pub beside: Option<&'static str>,
    /// One of these.
    pub one_of: &'static [&'static str],
}

impl Key {
    /// A key that may be left out.
    pub const fn new(name: &'static str, takes: Takes, doc: &'static str) -> Key {
        Key { name, takes, doc, required: false, usual: None }
    }

    /// A key that must be there.
    pub const fn required(name: &'static str, takes: Takes, doc: &'static str) -> Key {
        Key { required: true, ..Key::new(name, takes, doc) }
    }

    /// What is meant without it.
    pub const fn or(self, usual: Usual) -> Key {
        Key { usual: Some(usual), ..self }
    }

    /// The text that is meant without it.
    pub const fn or_text(self, usual: &'static str) -> Key {
        self.or(Usual::Text(usual))
    }
}

impl Takes {
    /// Any whole number.
    pub const INTEGER: Takes = Takes::Integer(i64::MIN, i64::MAX);
    /// A number from 0 to 1.
    pub const SHARE: Takes = Takes::Number(0.0, 1.0);
    /// A text or a list of texts.
    pub const TEXTS: Takes = Takes::Texts(0);

    /// What a table under it may hold.
    pub(super) fn table(&self) -> Option<&'static Keys> {
        match self {
            Takes::Table(keys) | Takes::Tables(keys) => Some(keys),
            Takes::List(item, _) => item.table(),
            Takes::Either(all) => all.iter().find_map(Takes::table),
            _ => None,
        }
    }

    /// In words, as the end of `it takes …`.
    pub fn words(&self) -> String {
        match self {
            Takes::Text | Takes::Name => "a text".to_owned(),
            Takes::Characters(1) => "one character".to_owned(),
            Takes::Characters(_) => "one or two characters".to_owned(),
            Takes::Flag => "`true` or `false`".to_owned(),
            Takes::False => "`false`".to_owned(),
            Takes::True => "`true`".to_owned(),
            Takes::Integer(..) => "a whole number".to_owned(),
            Takes::Number(..) => "a number".to_owned(),
            Takes::Plain => "a text, a number or a truth value".to_owned(),
            Takes::Word(words) => either(words.iter().map(|it| format!("`{it}`")).collect()),
            Takes::WordOr(words, beginning) => {
                let words = words.iter().map(|it| format!("`{it}`"));
                either(words.chain([format!("`{beginning}NAME`")]).collect())
            }
            Takes::Scaled(words) => either(words.iter().map(|it| format!("`{it}(DIGITS)`")).collect()),
            Takes::Texts(_) => "a text or a list of texts".to_owned(),
            Takes::List(..) => "a list".to_owned(),
            Takes::Table(_) => "a table".to_owned(),
            Takes::Tables(_) => "a table or a list of tables".to_owned(),
            Takes::Either(all) => either(all.iter().map(Takes::words).collect()),
        }
    }
}

/// `a`, `a or b`, `a, b or c`.
fn either(words: Vec<String>) -> String {
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => words.concat(),
    }
}

impl Keys {
    /// A table with these keys and no others.
    pub const fn of(keys: &'static [Key]) -> Keys {
        Keys { keys, rest: None, by: None, needs: &[], early: false }
    }

    /// A table whose keys people choose.
    pub const fn any(takes: Takes, doc: &'static str) -> Keys {
        Keys { rest: Some(Rest { takes, doc, names: false }), ..Keys::of(&[]) }
    }

    /// A table whose keys are names that people choose.
    pub const fn named(takes: Takes, doc: &'static str) -> Keys {
        Keys { rest: Some(Rest { takes, doc, names: true }), ..Keys::of(&[]) }
    }

    /// Further keys by the word under `key`.
    pub const fn by(self, key: &'static str, kinds: fn() -> Vec<Variant>) -> Keys {
        Keys { by: Some(By { key, ending_of: None, kinds }), ..self }
    }

    /// Further keys by the word under `key`, else by the ending of the path under `path`.
    pub const fn by_ending(self, key: &'static str, path: &'static str, kinds: fn() -> Vec<Variant>) -> Keys {
        Keys { by: Some(By { key, ending_of: Some(path), kinds }), ..self }
    }

    /// Read before parameters have values, so that none may stand for one.
    pub const fn early(self) -> Keys {
        Keys { early: true, ..self }
    }

    /// Keys of which one must be there.
    pub const fn needing(self, needs: &'static [Need]) -> Keys {
        Keys { needs, ..self }
    }
}

impl Need {
    /// One of these, always.
    pub const fn one_of(one_of: &'static [&'static str]) -> Need {
        Need { beside: None, one_of }
    }
}

/// The words of a list of choices.
pub const fn words<T, const N: usize>(choices: &[(&'static str, T); N]) -> [&'static str; N] {
    let mut acc = [""; N];
    let mut at = 0;
    while at < N {
        acc[at] = choices[at].0;
        at += 1;
    }
    acc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_key_takes_is_told_in_words() {
        let check = |takes: Takes, expected: &str| assert_eq!(takes.words(), expected);
        check(Takes::Word(&["a"]), "`a`");
        const THREE: [(&str, u8); 3] = [("a", 1), ("b", 2), ("c", 3)];
        check(Takes::Word(&const { words(&THREE) }), "`a`, `b` or `c`");
        check(Takes::WordOr(&["a", "b"], "lookup:"), "`a`, `b` or `lookup:NAME`");
        check(Takes::Either(&[Takes::Text, Takes::Flag]), "a text or `true` or `false`");
    }
}
