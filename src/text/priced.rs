//! The currency beside a number, which the number itself does not keep.

use super::amount::{is_code, is_sign};
use super::clean::cleaned;
use super::codes::currency;
use super::number::amount;

/// The currency that stands beside a number: its three letters of ISO 4217, or the sign as it is written where several
/// currencies have it, as `$`. `None` of a number without one, and of what is no number.
pub fn currency_of(text: &str) -> Option<String> {
    // Most numbers are bare.
    if text.bytes().all(|it| it.is_ascii_digit() || matches!(it, b'.' | b',' | b' ' | b'-')) {
        return None;
    }
    let text = cleaned(text);
    if amount(&text, false, &[]).is_none() && amount(&text, true, &[]).is_none() {
        return None;
    }
    if let Some(at) = text.find(is_sign) {
        let sign = text[at..].chars().next()?;
        let letters = text[..at].bytes().rev().take_while(u8::is_ascii_uppercase).count();
        let named = format!("{}{sign}", &text[at - letters..at]);
        if sign == '\u{a4}' {
            return None;
        }
        let code = currency(&named).or_else(|| currency(&sign.to_string()));
        return Some(code.unwrap_or_else(|| if letters > 0 { named } else { sign.to_string() }));
    }
    let words = text.split(|it: char| !it.is_ascii_uppercase());
    words.filter(|it| is_code(it)).map(str::to_owned).next()
}

/// Countries of locales (LCID), as they stand behind the sign of a currency in a number format, with their currency: of
/// signs that several currencies have.
const LOCALES: [(&str, &str); 21] = [
    ("409", "USD"),
    ("1009", "CAD"),
    ("C0C", "CAD"),
    ("C09", "AUD"),
    ("1409", "NZD"),
    ("4809", "SGD"),
    ("C04", "HKD"),
    ("404", "TWD"),
    ("80A", "MXN"),
    ("2C0A", "ARS"),
    ("340A", "CLP"),
    ("240A", "COP"),
    ("411", "JPY"),
    ("804", "CNY"),
    ("41D", "SEK"),
    ("414", "NOK"),
    ("406", "DKK"),
    ("40F", "ISK"),
    ("809", "GBP"),
    ("439", "INR"),
    ("420", "PKR"),
];

/// The currency that a number format of a spreadsheet shows beside numbers: `#,##0.00 "€"`, `[$USD] 0`, `[$kr-41D]`. Its
/// three letters where they are known, else the sign.
pub fn currency_of_format(code: &str) -> Option<String> {
    let (mut rest, mut shown) = (code, String::new());
    while let Some(next) = rest.chars().next() {
        let behind = &rest[next.len_utf8()..];
        rest = match next {
            '[' => {
                let (inside, behind) = behind.split_once(']')?;
                let symbol = inside.strip_prefix('$').map(|it| it.rsplit_once('-').unwrap_or((it, "")));
                if let Some((sign, locale)) = symbol.filter(|(sign, _)| !sign.is_empty()) {
                    return of_sign(sign, locale);
                }
                behind
            }
            '"' => {
                let (text, behind) = behind.split_once('"')?;
                shown.push_str(text);
                behind
            }
            '\\' => {
                let sign = behind.chars().next()?;
                shown.push(sign);
                &behind[sign.len_utf8()..]
            }
            '_' | '*' => behind.chars().next().map_or("", |it| &behind[it.len_utf8()..]),
            it if is_sign(it) => {
                shown.push(it);
                behind
            }
            // What stands between two texts parts them.
            _ => {
                shown.push(' ');
                behind
            }
        };
    }
    shown.split_whitespace().find_map(|it| {
        let is_known = it.contains(is_sign) || is_code(it);
        is_known.then(|| of_sign(it, "")).flatten()
    })
}

/// Currencies whose sign may be a dollar alone.
const DOLLARS: [&str; 9] = ["USD", "CAD", "AUD", "NZD", "HKD", "SGD", "TWD", "MXN", "BRL"];

/// Whether the currencies may all be one: a sign that several have, and one of these.
pub fn are_one(found: &[&str]) -> bool {
    let of_one = |sign: &str, codes: &[&str]| {
        let named: Vec<_> = found.iter().filter(|it| **it != sign).collect();
        found.contains(&sign) && matches!(named.as_slice(), [it] if codes.contains(it))
    };
    of_one("$", &DOLLARS) || of_one("¥", &["JPY", "CNY"])
}

/// The currency of a sign or a code, in a locale.
fn of_sign(sign: &str, locale: &str) -> Option<String> {
    let sign = sign.trim();
    if sign.is_empty() || sign == "\u{a4}" {
        return None;
    }
    // A calendar or a script of digits may stand before the locale.
    let locale = locale.get(locale.len().saturating_sub(4)..).unwrap_or(locale).trim_start_matches('0');
    let of_locale =
        || LOCALES.iter().find(|(it, _)| it.eq_ignore_ascii_case(locale)).map(|(_, code)| (*code).to_owned());
    Some(currency(sign).or_else(of_locale).unwrap_or_else(|| sign.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_format_shows_a_currency() {
        for (code, expected) in [
            ("#,##0.00 \"€\"", Some("EUR")),
            ("#,##0.00\\ \"€\"", Some("EUR")),
            ("#,##0.00 [$€-407]", Some("EUR")),
            ("[$USD] #,##0.00", Some("USD")),
            ("[$-409]d mmm yy", None),
            ("[$$-409]#,##0.00;[Red]-[$$-409]#,##0.00", Some("USD")),
            ("[$$-1009]#,##0", Some("CAD")),
            ("$#,##0", Some("$")),
            ("\\$#,##0", Some("$")),
            ("\"US$\" 0", Some("USD")),
            ("0 \"GBP\"", Some("GBP")),
            ("[$kr-41D] 0", Some("SEK")),
            ("[$kr-414] 0", Some("NOK")),
            ("_-* #,##0.00 €_-;-* #,##0.00 €_-", Some("EUR")),
            ("[$¥-411]#,##0", Some("JPY")),
            ("0 \"kg\"", None),
            ("0.00", None),
            ("General", None),
            ("[Red]0%", None),
            ("0 \"ISBN\"", None),
        ] {
            assert_eq!(currency_of_format(code).as_deref(), expected, "{code}");
        }
    }

    #[test]
    fn a_currency_beside_a_number_is_its_code_or_the_sign_that_several_have() {
        for (text, expected) in [
            ("€5.00", Some("EUR")),
            ("5,00 EUR", Some("EUR")),
            ("EUR 5", Some("EUR")),
            ("-£3", Some("GBP")),
            ("(£3)", Some("GBP")),
            ("US$5", Some("USD")),
            ("5 US$", Some("USD")),
            ("$5", Some("$")),
            ("¥1000", Some("¥")),
            ("￥1000", Some("¥")),
            ("100 JPY", Some("JPY")),
            ("1000円", Some("JPY")),
            ("1000원", Some("KRW")),
            ("￦1000", Some("KRW")),
            ("CN¥5", Some("CNY")),
            ("100元", Some("CNY")),
            ("NZD5.00", Some("NZD")),
            ("5.00", None),
            ("5 %", None),
            ("5 DR", None),
            ("EUR", None),
            ("five €", None),
        ] {
            assert_eq!(currency_of(text).as_deref(), expected, "{text}");
        }
    }
}
