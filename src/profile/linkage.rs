//! `[linkage]`: words of a language, a country or a trade by which rows that are one are found, however they are written.
//!
//! ```toml
//! [linkage]
//! legal_forms = ["Ltd", "GmbH"]               # what an organisation is by law, and no part of what it is called
//! trading_as = ["t/a", "trading as"]          # stands between two names of one organisation
//! free_mail = ["mail.example"]                # hosts of mailboxes that anybody may have
//! role_mailboxes = ["info", "sales"]          # mailboxes of offices, and of no person
//! nicknames = [["Elizabeth", "Liz", "Beth"]]  # given names that people use for each other
//! abbreviations = { intl = "international" }  # in names of organisations and addresses
//! ```
//!
//! Legal forms are also those of `legal_suffixes` under `[normal]`, which match keys read as well.

use std::collections::BTreeSet;

use crate::fields::Fields;
use crate::fields::keys::{Key, Keys, Takes};
use crate::linkage::{Kind, Lexicon};

/// `[linkage]`.
pub(super) const KEYS: Keys = Keys::of(&[
    Key::new("legal_forms", Takes::TEXTS, "legal forms, where rows are compared and nowhere else"),
    Key::new("trading_as", Takes::TEXTS, "words between two names of one organisation"),
    Key::new("free_mail", Takes::TEXTS, "hosts of mailboxes that anybody may have"),
    Key::new("role_mailboxes", Takes::TEXTS, "the part before `@` in mailboxes of offices"),
    Key::new("nicknames", GROUPS, "given names that people use for each other, a list of each group"),
    Key::new("abbreviations", Takes::Table(&ABBREVIATIONS), "short forms of words in names and addresses"),
]);
const GROUPS: Takes = Takes::Either(&[Takes::Text, Takes::List(&Takes::TEXTS, 0)]);
const ABBREVIATIONS: Keys = Keys::any(Takes::Text, "a short form, and its long form");

/// Takes `[linkage]` out of a file: lists add to those that stand in `acc` already.
pub(super) fn extend(acc: &mut Lexicon, table: &mut Fields) {
    let lists = [
        ("legal_forms", &mut acc.legal_forms),
        ("trading_as", &mut acc.aliases),
        ("free_mail", &mut acc.free_mail),
        ("role_mailboxes", &mut acc.role_mailboxes),
    ];
    for (key, list) in lists {
        list.extend(table.words(key).into_iter().filter(|it| !it.is_empty()));
        list.sort();
        list.dedup();
    }
    let groups = table.nested_texts("nicknames").into_iter();
    acc.nicknames.extend(groups.map(|group| group.into_iter().map(|(it, _)| it).collect()));
    acc.nicknames.sort();
    acc.nicknames.dedup();
    if let Some(mut words) = table.table("abbreviations") {
        for short in words.keys() {
            acc.abbreviations.extend(words.text(&short).map(|it| (short, it)));
        }
        words.finish();
    }
}

/// The words that matter where values of these kinds are compared: others are no part of a recipe.
pub(super) fn of_kinds(all: &Lexicon, legal_suffixes: &[String], kinds: &BTreeSet<Kind>) -> Lexicon {
    let any = |of: &[Kind]| of.iter().any(|it| kinds.contains(it));
    let mut acc = Lexicon::default();
    if any(&[Kind::Organisation]) {
        acc.legal_forms = [legal_suffixes, &all.legal_forms].concat();
        acc.legal_forms.sort();
        acc.legal_forms.dedup();
        acc.aliases.clone_from(&all.aliases);
    }
    if any(&[Kind::Organisation, Kind::Address, Kind::Text]) {
        acc.abbreviations.clone_from(&all.abbreviations);
    }
    if any(&[Kind::GivenName]) {
        acc.nicknames.clone_from(&all.nicknames);
    }
    if any(&[Kind::Email, Kind::Host]) {
        acc.free_mail.clone_from(&all.free_mail);
        acc.role_mailboxes.clone_from(&all.role_mailboxes);
    }
    acc
}
