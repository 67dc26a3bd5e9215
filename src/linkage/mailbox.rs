//! Mailboxes that are made of names: `thandi.mokoena@…` says nothing of whoever is called so that the names do not say.
//!
//! Weights add up as if each column were evidence of its own. So what two mailboxes have in common counts only as far as
//! it is not made of names that the two rows have in common as well.

use super::column::Column;
use super::kinds::{self, BINS, level};
use super::spec::Kind;
use super::tally::Packed;
use crate::text::similarity::jaro_winkler_from;

/// What is left of a mailbox without its names, and has fewer letters and digits, tells nobody apart: `1`, `jr`, `87`.
const TELLING: usize = 3;
/// From which similarity on what is left is similar, as for whole mailboxes.
const SIMILAR: f64 = 0.88;

const NEARLY: u8 = level(0);
const ELSEWHERE: u8 = level(1);
const ALIKE: u8 = level(2);
const SAME_HOST: u8 = level(3);
const DIFFERENT: u8 = level(4);

/// The columns of mailboxes, and those of the names that they may be made of.
pub(super) struct Mailboxes<'a> {
    mails: Vec<(usize, &'a Column)>,
    names: Vec<(usize, &'a Column)>,
}

impl<'a> Mailboxes<'a> {
    /// `None` where there are no mailboxes, or no names of persons.
    pub fn of(columns: &'a [Column]) -> Option<Mailboxes<'a>> {
        let all = |is: &dyn Fn(Kind) -> bool| columns.iter().enumerate().filter(|it| is(it.1.kind)).collect::<Vec<_>>();
        let mails = all(&|it| it == Kind::Email);
        let names = all(&|it| matches!(it, Kind::GivenName | Kind::Surname));
        (!mails.is_empty() && !names.is_empty()).then_some(Mailboxes { mails, names })
    }

    /// The levels of a pair, in which mailboxes are compared without the names that it has in common.
    pub fn levels(&self, packed: Packed, left: u32, right: u32) -> Packed {
        self.mails.iter().fold(packed, |packed, (at, column)| {
            let found = level_at(packed, *at);
            if !(NEARLY..=ALIKE).contains(&found) {
                return packed;
            }
            match self.level(packed, column, found, left, right) {
                level if level == found => packed,
                level => packed & !(15 << (4 * at)) | Packed::from(level) << (4 * at),
            }
        })
    }

    fn level(&self, packed: Packed, column: &Column, found: u8, left: u32, right: u32) -> u8 {
        let (Some(one), Some(other)) = (column.value(left), column.value(right)) else { return found };
        let agrees = |at: usize, kind: Kind| {
            let level = level_at(packed, at);
            level > 0 && !kinds::differs(kind, usize::from(level))
        };
        let common: Vec<&Column> =
            self.names.iter().filter(|(at, it)| agrees(*at, it.kind)).map(|(_, it)| *it).collect();
        let rest = |row: u32, text: &str, host: usize| {
            let names = common.iter().filter_map(|it| it.value(row)).map(|it| it.text);
            without_names(&text[..host], names)
        };
        let ((a, cut), (b, also)) = (
            rest(left, one.text, one.mail.host(one.text.len())),
            rest(right, other.text, other.mail.host(other.text.len())),
        );
        if !cut || !also {
            return found;
        }
        let equal = self.names.iter().all(|(at, _)| (1..=BINS as u8).contains(&level_at(packed, *at)));
        let telling = a.len().min(b.len()) >= TELLING;
        match found {
            // Two mailboxes of one name on one host do not differ by their name: a letter is wrong in one.
            NEARLY if equal => found,
            NEARLY if a.is_empty() && b.is_empty() => match host(one.text) == host(other.text) {
                true => SAME_HOST,
                false => DIFFERENT,
            },
            ELSEWHERE if !telling => DIFFERENT,
            ALIKE if !telling || a != b && jaro_winkler_from(SIMILAR, a.as_bytes(), b.as_bytes()).is_none() => {
                SAME_HOST
            }
            _ => found,
        }
    }
}

fn level_at(packed: Packed, at: usize) -> u8 {
    (packed >> (4 * at)) as u8 & 15
}

fn host(mail: &str) -> &str {
    mail.rsplit_once('@').map_or("", |it| it.1)
}

/// The letters and digits of a mailbox that are no name and no initial of one; and whether any was.
fn without_names<'a>(mailbox: &str, names: impl Iterator<Item = &'a str>) -> (String, bool) {
    let plain = |it: &str| it.chars().filter(|it| it.is_alphanumeric()).collect::<String>();
    let mut rest = plain(mailbox);
    let mut names: Vec<String> = names.map(plain).filter(|it| !it.is_empty()).collect();
    names.sort_by_key(|it| std::cmp::Reverse(it.len()));
    let mut initials = Vec::new();
    for name in names {
        match rest.find(&name).filter(|_| name.len() > 1) {
            Some(at) => rest.replace_range(at..at + name.len(), ""),
            None => initials.extend(name.chars().next()),
        }
    }
    let cut = rest.len() < plain(mailbox).len();
    // `jsmith`: an initial is one beside a name, and among other letters it is a letter.
    let letters: String = rest.chars().filter(|it| it.is_alphabetic()).collect();
    if cut && letters.chars().count() == 1 && letters.chars().all(|it| initials.contains(&it)) {
        rest.retain(|it| !it.is_alphabetic());
    }
    (rest, cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_initials_are_cut_out_of_mailboxes() {
        for (mailbox, names, expected) in [
            ("thandi.mokoena", vec!["thandi", "mokoena"], ("", true)),
            ("t.mokoena", vec!["thandi", "mokoena"], ("", true)),
            ("mokoenat87", vec!["thandi", "mokoena"], ("87", true)),
            ("x.mokoena", vec!["thandi", "mokoena"], ("x", true)),
            ("jan.van.der.merwe", vec!["jan", "van der merwe"], ("", true)),
            ("stargazer", vec!["thandi", "mokoena"], ("stargazer", false)),
            ("thandi.mokoena", vec!["thandi"], ("mokoena", true)),
            ("thandi", vec![], ("thandi", false)),
            ("ann.hannover", vec!["ann", "hannover"], ("", true)),
        ] {
            let (rest, cut) = without_names(mailbox, names.into_iter());
            assert_eq!((rest.as_str(), cut), expected, "{mailbox}");
        }
    }
}
