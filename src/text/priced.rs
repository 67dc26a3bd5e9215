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

#[cfg(test)]
mod tests {
    use super::*;

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
