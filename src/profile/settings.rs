//! What value functions and expressions are told by a profile: regions, orders, signs, words and letters, as the texts
//! that the functions take behind a value.

use crate::expr::Settings;
use crate::profile::{Profile, languages};
use crate::readers::Labels;

/// From so many letters on a word for a key is also the end of a longer word.
const JOINED: usize = 6;

impl Profile {
    /// What expressions are told unless they say it themselves.
    pub fn settings(&self) -> Settings {
        let style = self.date_style(self.date_precision);
        let order = self.date_order.map(|it| format!("{}{style}", it.word()));
        let comma = if self.decimal_comma == Some(true) { "," } else { "." };
        let money = self.numbers().join("\n");
        let comma = if money.is_empty() { comma.to_owned() } else { format!("{comma}\n{money}") };
        let letters = self.letters();
        let forms: Vec<&str> = self.legal_suffixes.iter().map(String::as_str).chain(letters.lines()).collect();
        let forms = forms.join("\n");
        let functions = [
            ("phone", self.region.clone()),
            ("phones", self.region.clone()),
            ("date", order),
            ("integer", Some(comma.clone())),
            ("decimal", Some(comma)),
            ("decimal_sign", Some(money)),
            ("boolean", Some(self.truth())),
            ("initcap", Some(self.particles.join("\n"))),
            ("postcode", Some(self.postcodes.join("\n"))),
            ("slug", Some(letters.clone()).filter(|it| !it.is_empty())),
            ("match_key", Some(forms)),
            ("unless_listed", Some(self.placeholders.join("\n"))),
        ];
        let lines = self.lookups.keys().filter_map(|it| Some((it.clone(), self.lookup_lines(it)?)));
        Settings {
            functions: functions.into_iter().filter_map(|(name, it)| Some((name.to_owned(), it?))).collect(),
            lookups: lines.collect(),
            enrich: self.enrich.clone(),
        }
    }

    /// What may stand beside a number, as value functions take it: words for money, and endings with a tab and the zeros
    /// that they stand for behind them.
    pub fn numbers(&self) -> Vec<String> {
        let endings = self.magnitudes.iter().map(|(name, zeros)| format!("{name}\t{zeros}"));
        self.money.iter().cloned().chain(endings).collect()
    }

    /// How the profile's languages write their letters with those of English, as value functions take it.
    pub fn letters(&self) -> String {
        languages::letters(&self.languages)
    }

    /// What tells totals and remarks in the profile's languages, and its words for money.
    pub fn labels(&self) -> Labels {
        Labels { money: self.numbers(), ..languages::labels(&self.languages) }
    }

    /// Whether a column with this name is one that tells rows apart, by the words of the profile's languages: `Client no.`,
    /// `customerId`, `Kundennummer`; and not `piano` or `valid`.
    pub fn names_a_key(&self, column: &str) -> bool {
        let name = column.trim_end_matches(|it: char| !it.is_alphanumeric() && !"°º".contains(it));
        languages::keys(&self.languages).iter().any(|word| {
            let letters = word.chars().count();
            let Some(at) = name.char_indices().rev().nth(letters - 1).map(|(at, _)| at) else { return false };
            let (before, end) = name.split_at(at);
            let apart = !before.ends_with(char::is_alphanumeric);
            let hump = before.ends_with(char::is_lowercase) && end.starts_with(char::is_uppercase);
            // Longer words, and those that nobody writes apart, are parts of others.
            let part = letters >= JOINED || !word.is_ascii();
            end.to_lowercase() == *word && (apart || hump || part)
        })
    }

    /// What stands behind the order of dates for value functions: the precision and words, each on a line of its own;
    /// nothing for English dates of whole days.
    pub fn date_style(&self, precision: Option<&str>) -> String {
        let words = languages::words(&self.languages);
        match precision {
            None | Some("day") if words.is_empty() => String::new(),
            precision => format!("\n{}{words}", precision.unwrap_or("day")),
        }
    }

    /// Words for what is true and what is not, as the value function takes them: lines of `+word` and `-word`. What is
    /// declared comes before what the languages say.
    pub fn truth(&self) -> String {
        let [yes, no] = languages::truth(&self.languages);
        let declared = |it: &&str| !self.yes.iter().chain(&self.no).any(|word| word.to_lowercase() == *it);
        let own = self.yes.iter().map(|it| format!("+{it}")).chain(self.no.iter().map(|it| format!("-{it}")));
        let yes = yes.into_iter().filter(declared).map(|it| format!("+{it}"));
        let no = no.into_iter().filter(declared).map(|it| format!("-{it}"));
        own.chain(yes).chain(no).collect::<Vec<_>>().join("\n")
    }

    /// The lookup as the value function takes it: lines of `alias<TAB>canonical`, sorted.
    pub fn lookup_lines(&self, name: &str) -> Option<String> {
        let lookup = self.lookups.get(name)?;
        let mut lines = Vec::new();
        for (value, aliases) in lookup {
            lines.push(format!("{value}\t{value}"));
            lines.extend(aliases.iter().map(|it| format!("{it}\t{value}")));
        }
        lines.sort();
        lines.dedup();
        Some(lines.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use crate::profile::Profile;

    #[test]
    fn names_of_keys_by_language() {
        let profile = |code: &str| Profile { languages: vec![code.to_owned()], ..Profile::default() };
        let check = |code: &str, names: &[&str], expected: bool| {
            for name in names {
                assert_eq!(profile(code).names_a_key(name), expected, "{code}: {name}");
            }
        };
        check(
            "en",
            &["ID", "Client no.", "customerId", "client_id", "Invoice #no", "Ref:", "UUID", "member number"],
            true,
        );
        check("en", &["piano", "valid", "paid", "Name", "", "#", "idea", "monkey", "no of staff"], false);
        check("de", &["Kundennummer", "Kunden-Nr.", "Kennzeichen", "ID"], true);
        check("de", &["Name", "Februar", "Barcode-Leser"], false);
        check("ja", &["社員番号", "商品コード"], true);
        check("fr", &["N°", "Client numéro", "Code"], true);
    }
}
