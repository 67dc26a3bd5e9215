//! Values as they are compared: without case, accents, and punctuation that carries nothing.
//!
//! Every fold gives plain ASCII or nothing, so that distances count letters and not bytes of letters.

use super::spec::{Kind, Lexicon};

/// The lexicon, folded as values are.
#[derive(Default)]
pub(super) struct Folds {
    /// Behind a name.
    legal_forms: Vec<Vec<String>>,
    /// Before it: those that are spelt with a `+` behind them.
    leading_forms: Vec<Vec<String>>,
    aliases: Vec<Vec<String>>,
    abbreviations: ahash::AHashMap<String, String>,
    free_mail: Vec<String>,
    roles: Vec<String>,
    /// The groups of given names that each name is in.
    pub nicknames: ahash::AHashMap<String, Vec<u32>>,
}

impl Folds {
    pub fn new(lexicon: &Lexicon) -> Folds {
        let phrases = |texts: &[String]| -> Vec<Vec<String>> {
            let mut acc: Vec<Vec<String>> = texts.iter().map(|it| words(it)).filter(|it| !it.is_empty()).collect();
            // The longest first, so that a part of a form never hides the whole.
            acc.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
            acc.dedup();
            acc
        };
        let lower = |texts: &[String]| texts.iter().map(|it| plain(it)).collect();
        let mut nicknames: ahash::AHashMap<String, Vec<u32>> = ahash::AHashMap::default();
        for (group, names) in (0..).zip(&lexicon.nicknames) {
            for name in names {
                nicknames.entry(letters(name)).or_default().push(group);
            }
        }
        let abbreviations = lexicon.abbreviations.iter().map(|(short, long)| (letters(short), letters(long)));
        let (leading, behind): (Vec<String>, Vec<String>) =
            lexicon.legal_forms.iter().cloned().partition(|it| it.ends_with('+'));
        Folds {
            legal_forms: phrases(&behind),
            leading_forms: phrases(&leading),
            aliases: phrases(&lexicon.aliases),
            abbreviations: abbreviations.filter(|(short, long)| !short.is_empty() && !long.is_empty()).collect(),
            free_mail: lower(&lexicon.free_mail),
            roles: lower(&lexicon.role_mailboxes),
            nicknames,
        }
    }

    /// The value as it is compared; `None` when nothing comparable is left.
    pub fn value(&self, kind: Kind, text: &str) -> Option<String> {
        let folded = match kind {
            Kind::Exact => spaced(&plain(text)),
            Kind::GivenName | Kind::Surname => letters(text),
            Kind::Organisation => self.organisation(text),
            Kind::Address | Kind::Text => self.long(text),
            Kind::Phone => phone(text)?,
            Kind::Email => self.email(text)?,
            Kind::Host => self.host(text)?,
            Kind::Date => date(text)?,
            Kind::Postcode | Kind::Number => code(text),
            Kind::Place => super::place::fold(text)?,
            Kind::List => super::list::fold(text, |it| spaced(&plain(it))),
        };
        (!folded.is_empty()).then_some(folded)
    }

    /// Whether a host gives mailboxes to anybody.
    pub fn is_free(&self, host: &str) -> bool {
        self.free_mail.iter().any(|it| it == host)
    }

    /// Whether a mailbox is one of an office.
    pub fn is_role(&self, local: &str) -> bool {
        self.roles.iter().any(|it| it == local)
    }

    /// The names without their legal forms, other names of the same behind a `/`.
    fn organisation(&self, text: &str) -> String {
        let all = words(text);
        let mut names: Vec<Vec<&str>> = vec![Vec::new()];
        let mut rest: &[String] = &all;
        while let Some((word, after)) = rest.split_first() {
            let begins = |it: &&Vec<String>| rest.starts_with(it);
            // A legal form is one where it stands behind a name, and another name stands behind the first one.
            let named = names.last().is_some_and(|it| !it.is_empty());
            let (forms, aliases) =
                if named { (&self.legal_forms, &*self.aliases) } else { (&self.leading_forms, &[][..]) };
            if let Some(alias) = aliases.iter().find(begins) {
                names.push(Vec::new());
                rest = &rest[alias.len()..];
            } else if let Some(form) = forms.iter().find(begins) {
                rest = &rest[form.len()..];
            } else {
                let word = self.abbreviations.get(word).map_or(word.as_str(), String::as_str);
                names.last_mut().into_iter().for_each(|it| it.push(word));
                rest = after;
            }
        }
        let names: Vec<String> = names.iter().filter(|it| !it.is_empty()).map(|it| it.join(" ")).collect();
        if names.is_empty() { all.join(" ") } else { names.join("/") }
    }

    fn long(&self, text: &str) -> String {
        let words = words(text);
        let long: Vec<&str> =
            words.iter().map(|it| self.abbreviations.get(it).map_or(it.as_str(), String::as_str)).collect();
        long.join(" ")
    }

    fn email(&self, text: &str) -> Option<String> {
        let text = plain(text);
        let (local, host) = text.trim().rsplit_once('@')?;
        let usable = !local.is_empty() && host.contains('.') && !local.contains(' ') && !host.contains(' ');
        usable.then(|| format!("{local}@{host}"))
    }

    fn host(&self, text: &str) -> Option<String> {
        let text = plain(text);
        let text = text.trim();
        let text = text.split_once("://").map_or(text, |(_, it)| it);
        let text = text.rsplit_once('@').map_or(text, |(_, it)| it);
        let host = text.split(['/', '?', '#', ':', ' ']).next().unwrap_or_default().trim_matches('.');
        let host = host.strip_prefix("www.").unwrap_or(host);
        (host.contains('.') && !self.is_free(host)).then(|| host.to_owned())
    }
}

/// Lower case and ASCII.
pub(super) fn plain(text: &str) -> String {
    let mut acc = String::with_capacity(text.len());
    for it in text.trim().chars() {
        match it {
            'A'..='Z' => acc.push(it.to_ascii_lowercase()),
            it if it.is_ascii() => acc.push(it),
            it => acc.push_str(&deunicode::deunicode_char(it).unwrap_or(" ").to_ascii_lowercase()),
        }
    }
    acc
}

/// One space for each run of blanks.
fn spaced(text: &str) -> String {
    text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

/// Letters and digits, everything else a space; an apostrophe joins what it stands between.
pub(super) fn letters(text: &str) -> String {
    let mut acc = String::with_capacity(text.len());
    for it in plain(text).chars() {
        match it {
            'a'..='z' | '0'..='9' => acc.push(it),
            '\'' | '`' => {}
            _ if acc.is_empty() || acc.ends_with(' ') => {}
            _ => acc.push(' '),
        }
    }
    acc.truncate(acc.trim_end().len());
    acc
}

/// The words of a text; single letters that follow each other are one word: `A-B-C` is `abc`.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut acc: Vec<String> = Vec::new();
    let mut single = false;
    for word in letters(&text.replace('&', " and ")).split(' ').filter(|it| !it.is_empty()) {
        let one = word.len() == 1 && word.as_bytes()[0].is_ascii_alphabetic();
        match acc.last_mut().filter(|_| one && single) {
            Some(last) => last.push_str(word),
            None => acc.push(word.to_owned()),
        }
        single = one;
    }
    acc
}

/// Letters and digits in lower case, with nothing between them; nothing for one digit over and over.
fn code(text: &str) -> String {
    let code: String = plain(text).chars().filter(char::is_ascii_alphanumeric).collect();
    let same = code.len() > 4 && code.bytes().all(|it| it == code.as_bytes()[0]);
    if same { String::new() } else { code }
}

/// The last nine digits at most: with or without the code of the country.
fn phone(text: &str) -> Option<String> {
    let digits: String = plain(text).chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_start_matches('0');
    let same = digits.bytes().all(|it| it == digits.as_bytes()[0]);
    (digits.len() >= 5 && !same).then(|| digits[digits.len().saturating_sub(9)..].to_owned())
}

/// `yyyymmdd` of a date that begins with its year, or of eight digits; else `None`.
fn date(text: &str) -> Option<String> {
    let text = plain(text);
    let text = text.trim().split(['t', ' ']).next().unwrap_or_default();
    let digits: String = match text.bytes().all(|it| it.is_ascii_digit()) {
        true => text.to_owned(),
        false => {
            let parts: Vec<&str> = text.split(|it: char| !it.is_ascii_digit()).collect();
            let [year, month, day] = parts[..] else { return None };
            format!("{year:0>4}{month:0>2}{day:0>2}")
        }
    };
    let number = |range: std::ops::Range<usize>| digits.get(range).and_then(|it| it.parse::<u32>().ok());
    let (year, month, day) = (number(0..4)?, number(4..6)?, number(6..8)?);
    let usable = digits.len() == 8 && year > 0 && (1..=12).contains(&month) && (1..=31).contains(&day);
    usable.then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folds() -> Folds {
        Folds::new(&Lexicon {
            legal_forms: vec!["(Pty) Ltd".into(), "Ltd".into(), "GmbH".into(), "AG".into(), "Ets+".into()],
            aliases: vec!["t/a".into(), "trading as".into()],
            abbreviations: [("svcs".to_owned(), "services".to_owned())].into(),
            free_mail: vec!["mail.example".into()],
            ..Lexicon::default()
        })
    }

    #[test]
    fn organisations() {
        let fold = |text| folds().value(Kind::Organisation, text);
        assert_eq!(fold("Bávu  Svcs (Pty) Ltd.").as_deref(), Some("bavu services"));
        assert_eq!(fold("A-B-C Company GmbH").as_deref(), Some("abc company"));
        assert_eq!(fold("Tomo Ltd t/a Fish & Chips").as_deref(), Some("tomo/fish and chips"));
        assert_eq!(fold("Pty Tools Ltd").as_deref(), Some("pty tools"), "a part of a legal form is a word");
        assert_eq!(fold("Ltd").as_deref(), Some("ltd"), "a name that is a legal form stays");
        assert_eq!(fold("AG Motors AG").as_deref(), Some("ag motors"), "a name begins with no legal form");
        assert_eq!(fold("Ets Motors").as_deref(), Some("motors"), "but with those that stand there");
        assert_eq!(fold("Trading As Fish").as_deref(), Some("trading as fish"), "nor with what stands between names");
        assert_eq!(fold("Tomo t/a AG Fish").as_deref(), Some("tomo/ag fish"));
        assert_eq!(fold("--"), None);
    }

    #[test]
    fn numbers_dates_and_addresses_of_the_net() {
        let fold = |kind, text| folds().value(kind, text);
        assert_eq!(fold(Kind::Phone, "082 555 0100"), fold(Kind::Phone, "+27825550100"));
        assert_eq!(fold(Kind::Phone, "000000000"), None);
        assert_eq!(fold(Kind::Date, "1999-2-3").as_deref(), Some("19990203"));
        assert_eq!(fold(Kind::Date, "19990203").as_deref(), Some("19990203"));
        assert_eq!(fold(Kind::Date, "19991399"), None);
        assert_eq!(fold(Kind::Host, "https://www.Example.org/a?b").as_deref(), Some("example.org"));
        assert_eq!(fold(Kind::Host, "x@mail.example"), None);
        assert_eq!(fold(Kind::Email, " A.b@Example.org ").as_deref(), Some("a.b@example.org"));
        assert_eq!(fold(Kind::Email, "none"), None);
        assert_eq!(fold(Kind::Number, "99 99 99"), None);
        assert_eq!(fold(Kind::Number, "2001/02-3").as_deref(), Some("2001023"));
        assert_eq!(fold(Kind::Surname, "O'Brien-Smith").as_deref(), Some("obrien smith"));
    }
}
