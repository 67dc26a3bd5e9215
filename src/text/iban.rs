//! Numbers of bank accounts, as ISO 13616 has them: `GB82 WEST 1234 5698 7654 32` is `GB82WEST12345698765432`.

use super::clean::{ascii_digits, lined};

/// How long numbers are, by country: the registry of IBAN that SWIFT keeps.
const LENGTHS: &str = include_str!("ibans.txt");

/// The number in its electronic form, if its length is that of its country and its check digits hold (ISO 7064, mod
/// 97-10). `IBAN` and a colon before it fall.
pub fn iban(text: &str) -> Option<String> {
    let line = ascii_digits(&lined(text)).to_ascii_uppercase();
    let line = line.strip_prefix("IBAN").unwrap_or(&line).trim_start_matches([':', ' ', '.']).to_owned();
    let is_part = |it: char| it.is_ascii_alphanumeric() || " -\u{2010}\u{2011}\u{2013}".contains(it);
    let number: String = line.chars().filter(char::is_ascii_alphanumeric).collect();
    let length = LENGTHS.split_whitespace().find_map(|it| it.strip_prefix(number.get(..2)?)?.parse::<usize>().ok())?;
    let fits = line.chars().all(is_part) && number.len() == length;
    (fits && mod97(&number[4..], &number[..4]) == 1).then_some(number)
}

/// The remainder by 97 of a number in which letters stand for 10 to 35, written in two parts.
pub(super) fn mod97(first: &str, second: &str) -> u32 {
    let digits = first.chars().chain(second.chars()).filter_map(|it| it.to_digit(36));
    digits.fold(0, |rest, it| (rest * if it < 10 { 10 } else { 100 } + it) % 97)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Examples of the registry.
    const KNOWN: [&str; 8] = [
        "GB82WEST12345698765432",
        "DE89370400440532013000",
        "NL91ABNA0417164300",
        "FR1420041010050500013M02606",
        "NO9386011117947",
        "BE68539007547034",
        "CH9300762011623852957",
        "MT84MALT011000012345MTLCAST001S",
    ];

    #[test]
    fn numbers_hold_by_their_length_and_their_check_digits() {
        for known in KNOWN {
            assert_eq!(iban(known).as_deref(), Some(known));
        }
        let check = |text: &str, expected: &str| assert_eq!(iban(text).unwrap_or_default(), expected, "{text:?}");
        check("IBAN: gb82 west 1234 5698 7654 32", "GB82WEST12345698765432");
        check("GB82-WEST-1234-5698-7654-32", "GB82WEST12345698765432");
        // A digit is another one, one is missing, and a country has none.
        check("GB82WEST12345698765431", "");
        check("GB82WEST1234569876543", "");
        check("US82WEST12345698765432", "");
        check("GB82WEST12345698765432 / GB33BUKB20201555555555", "");
        check("", "");
    }

    proptest! {
        #[test]
        fn one_digit_that_is_another_one_is_found(known in 0usize..8, at in any::<prop::sample::Index>(), by in 1u8..10) {
            let mut text: Vec<u8> = KNOWN[known].into();
            let digits: Vec<usize> = (2..text.len()).filter(|it| text[*it].is_ascii_digit()).collect();
            let at = digits[at.index(digits.len())];
            text[at] = b'0' + (text[at] - b'0' + by) % 10;
            prop_assert_eq!(iban(&String::from_utf8_lossy(&text)), None);
        }

        #[test]
        fn a_number_stays_itself(text in any::<String>(), spaced in "(GB82 ?WEST ?1234 ?5698 ?7654 ?32|[A-Z]{2}[0-9 ]{0,30})") {
            for text in [text, spaced] {
                if let Some(once) = iban(&text) {
                    prop_assert_eq!(iban(&once), Some(once));
                }
            }
        }
    }
}
