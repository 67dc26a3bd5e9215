//! Columns that no field takes and that say who must not be contacted: by their name, or by their values.
//!
//! Such a column is dropped like any other one, and then nobody is left alone. The words are those of a few languages;
//! what they miss is not told, so they lean to telling.

use std::collections::BTreeMap;

use crate::expr::Expr;
use crate::finding::Finding;
use crate::model::{Column, Type};
use crate::readers::Evidence;
use crate::steps::{Notice, UNHEARD};
use crate::text::shape::Shape;
use crate::text::slug::slug;

/// What names of such columns hold, as whole words. The last lines are of columns that say who may be contacted.
const NAMES: &str = "
do-not-contact do-not-call do-not-phone do-not-mail do-not-email do-not-e-mail do-not-text do-not-sms do-not-use
do-not-disturb do-not-market do-not-send do-not-approach dont-contact dont-call dont-phone dont-mail dont-email
don-t-contact don-t-call don-t-phone don-t-mail don-t-email never-contact never-call not-to-be-contacted no-contact
no-calls no-email no-emails no-mail no-mailing no-mailings no-marketing no-newsletter no-sms dnc opt-out optout
opted-out opt-outs unsubscribe unsubscribed suppress suppressed suppression blacklist blacklisted blocklist left-alone
leave-alone refused-contact refuses-contact gdpr-objection objection-to-contact
ne-pas-contacter ne-pas-appeler ne-pas-telephoner ne-pas-demarcher desabonne desinscrit desinscription liste-rouge
opposition-contact
nicht-kontaktieren nicht-anrufen nicht-anschreiben kein-kontakt keine-werbung keine-anrufe kontaktsperre werbesperre
werbewiderspruch sperrvermerk abgemeldet robinsonliste
no-contactar no-llamar no-enviar non-contattare non-chiamare nao-contactar nao-contatar nao-ligar
niet-benaderen niet-bellen niet-mailen niet-contacteren uitgeschreven moenie-kontak moenie-bel
consent opt-in optin opted-in may-contact may-we-contact can-contact can-we-contact ok-to-contact permission
permission-to-contact consentement einwilligung consentimiento consentimento consenso toestemming
";

/// What values of such columns hold.
const VALUES: &str = r"(?i)\b(?:dnc|(?:do[\s-]+not|don.?t|never)[\s-]+(?:ever[\s-]+)?(?:contact|call|phone|text|mail|e-?mail)|opt(?:ed)?[\s-]*out|unsubscribed?|no[\s-]+(?:contact|marketing|calls|e-?mails)|ne[\s-]+pas[\s-]+(?:contacter|appeler)|nicht[\s-]+(?:kontaktieren|anrufen|anschreiben)|keine[\s-]+(?:werbung|anrufe)|no[\s-]+(?:contactar|llamar)|non[\s-]+(?:contattare|chiamare)|niet[\s-]+(?:benaderen|bellen|mailen)|moenie[\s-]+(?:kontak|bel))\b";

/// Whether a name of a column says it.
fn is_named(name: &str) -> bool {
    let Some(slug) = slug(name) else { return false };
    let slug = format!("-{slug}-");
    NAMES.split_whitespace().any(|it| slug.contains(&format!("-{it}-")))
}

/// Whether the values can be words: most of those that were looked at are no numbers, dates or addresses.
fn are_words(found: Option<&Evidence>) -> bool {
    let others = [Shape::Email, Shape::Website, Shape::Phone, Shape::Date, Shape::Number, Shape::Street];
    found.is_none_or(|it| others.iter().map(|shape| it.of(*shape)).sum::<u64>() * 2 <= it.valued)
}

/// What is told of columns that no field took, of the table `input`; and what a build counts of the others.
pub(super) fn told<'a>(
    input: &str,
    left: impl Iterator<Item = &'a Column>,
    evidence: &BTreeMap<String, Evidence>,
    findings: &mut Vec<Finding>,
) -> Vec<Notice> {
    let mut acc = Vec::new();
    for column in left {
        let name = column.name.escape_debug();
        if is_named(&column.name) {
            let message = format!("no field takes `{name}` of `{input}`, which says who may be contacted by its name");
            findings.push(Finding::new(&UNHEARD, "from", message).label("this table").help(help(&column.name)));
        } else if column.ty == Type::Text && are_words(evidence.get(&column.name)) {
            let only = Expr::call("matches", [Expr::column(&column.name), Expr::text(VALUES)]);
            acc.push(Notice::Unheard { column: column.name.clone(), only });
        }
    }
    acc
}

/// What to do about a column.
pub(crate) fn help(column: &str) -> String {
    format!(
        "take it to a field, and leave these people out: `columns.contact_refused = {column:?}` where the profile has \
         that field; `keep = [{column:?}]` takes the column on as it is"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_it_in_whole_words() {
        let check = |name: &str, expected: bool| assert_eq!(is_named(name), expected, "{name}");
        for it in
            ["DNC", "Do not contact?", "do_not_call", "Opt-out (mail)", "Unsubscribed on", "Keine Werbung", "Désabonné"]
        {
            check(it, true);
        }
        for it in ["", "Notes", "Contact", "Dance", "Opt", "Country", "Permissions held"] {
            check(it, false);
        }
    }
}
