//! Made-up texts of the same shape, for examples made of real rows: letters for letters, digits for digits, an address
//! for an address, a day for a day.
//!
//! The same word always becomes the same word under one key, whatever its case, so what belonged together before still
//! does. The key must be unknown to whoever sees the result; a digest of the data is.

use crate::digest::{Digest, Hasher};
use crate::text::shape::{Shape, shape};

/// Stands behind the last dot of made-up hosts: nobody can register such a name (RFC 2606).
const HOST: &str = "example";
/// So many digits together are a number to dial, of which the beginning says where.
const DIALLED: usize = 7;

/// A made-up text.
pub fn disguise(text: &str, key: &Digest) -> String {
    let dates = shape(text) == Some(Shape::Date);
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let until = |is: &dyn Fn(char) -> bool| rest.find(|it: char| !is(it)).unwrap_or(rest.len());
        let token = until(&|it| it.is_alphanumeric() || "._%+-@".contains(it));
        let address = rest[..token].trim_end_matches('.');
        let taken = match () {
            () if is_address(address) => {
                let (name, host) = address.split_once('@').unwrap_or((address, ""));
                out.push_str(&format!("{}@{}.{HOST}", disguise(name, key), words(first_label(host), key)));
                address.len()
            }
            () if first.is_alphabetic() => {
                let length = until(&|it| it.is_alphabetic());
                out.push_str(&words(&rest[..length], key));
                length
            }
            () if first.is_ascii_digit() || first == '+' => {
                let length = until(&|it| it.is_ascii_digit() || " +()-.".contains(it));
                let number = rest[..length].trim_end_matches(|it: char| !it.is_ascii_digit());
                let number = if number.is_empty() { &rest[..1] } else { number };
                out.push_str(&if dates { days(number, key) } else { numbers(number, key) });
                number.len()
            }
            () => {
                out.push(first);
                first.len_utf8()
            }
        };
        rest = &rest[taken..];
    }
    out
}

fn is_address(token: &str) -> bool {
    let parts = token.split_once('@');
    parts.is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.contains('@'))
}

fn first_label(host: &str) -> &str {
    host.split('.').next().unwrap_or(host)
}

/// Bytes without an end that depend on a text and the key.
struct Lots {
    seed: Digest,
    at: usize,
}

impl Lots {
    fn new(text: &str, key: &Digest) -> Lots {
        let mut hasher = Hasher::new("hotpass disguise v1");
        Lots { seed: hasher.digest(key).text(text).finish(), at: 0 }
    }

    fn below(&mut self, count: u8) -> u8 {
        let bytes = self.seed.as_bytes();
        if self.at == bytes.len() {
            self.seed = Digest::of("hotpass disguise more v1", bytes);
            self.at = 0;
        }
        self.at += 1;
        self.seed.as_bytes()[self.at - 1] % count.max(1)
    }
}

/// Vowels for vowels and consonants for consonants; letters that are not of the English alphabet stay.
fn words(text: &str, key: &Digest) -> String {
    let mut lots = Lots::new(&text.to_lowercase(), key);
    let mut letter = |c: char| {
        let from: &[u8] = match c.to_ascii_lowercase() {
            'a' | 'e' | 'i' | 'o' | 'u' => b"aeiou",
            'a'..='z' => b"bcdfghjklmnpqrstvwyz",
            '0'..='9' => b"0123456789",
            _ => return c,
        };
        let made = char::from(from[usize::from(lots.below(u8::try_from(from.len()).unwrap_or(1)))]);
        if c.is_ascii_uppercase() { made.to_ascii_uppercase() } else { made }
    };
    text.chars().map(&mut letter).collect()
}

/// Digits for digits. A number keeps its sign, no number begins to have a leading zero, and what is dialled keeps where
/// it leads.
fn numbers(text: &str, key: &Digest) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let mut lots = Lots::new(&digits, key);
    let kept = match digits.len() {
        ..DIALLED => 0,
        _ if text.starts_with('+') || digits.starts_with("00") => 4,
        _ => 3,
    };
    let mut at = 0;
    let mut digit = |c: char| {
        if !c.is_ascii_digit() {
            return c;
        }
        at += 1;
        match (at <= kept, at) {
            (true, _) => c,
            (false, 1) if c == '0' => c,
            (false, 1) => char::from(b'1' + lots.below(9)),
            (false, _) => char::from(b'0' + lots.below(10)),
        }
    };
    text.chars().map(&mut digit).collect()
}

/// A day in the same ten years, written in the same order.
fn days(text: &str, key: &Digest) -> String {
    let mut lots = Lots::new(text, key);
    let mut out = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let length = rest.find(|it: char| !it.is_ascii_digit()).unwrap_or(rest.len());
        match length {
            0 => {
                let c = rest.chars().next().unwrap_or_default();
                out.push(c);
                rest = &rest[c.len_utf8()..];
                continue;
            }
            1 => out.push(char::from(b'1' + lots.below(9))),
            // Up to twelve: whichever of the two it is, it can be a month.
            2 => out.push_str(&format!("{:02}", 1 + lots.below(12))),
            4 => out.push_str(&format!("{}{}", &rest[..3], lots.below(10))),
            _ => out.push_str(&numbers(&rest[..length], key)),
        }
        rest = &rest[length..];
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::date::{Order, date};
    use crate::text::email::emails;

    fn key() -> Digest {
        Digest::of("hotpass test key v1", b"some data")
    }

    #[test]
    fn the_shape_stays_and_the_value_does_not() {
        for text in ["Anna Botha", "12 Long Street", "+27 82 555 0101", "011-555 0133", "anna@acme.co.za", "1980-05-17"]
        {
            let made = disguise(text, &key());
            assert_ne!(made, text);
            assert_eq!(shape(&made), shape(text), "{text}: {made}");
        }
        assert!(disguise("+27 82 555 0101", &key()).starts_with("+27 82 "));
        assert!(disguise("anna@acme.co.za", &key()).ends_with(".example"));
        assert_eq!(emails(&disguise("a@b.example; Cee D <cee@d.example>", &key())).len(), 2);
    }

    #[test]
    fn what_was_the_same_is_the_same() {
        let made = |text: &str| disguise(text, &key());
        assert_eq!(made("ANNA botha").to_lowercase(), made("Anna Botha").to_lowercase());
        assert_eq!(made("Botha, Anna"), made("Botha") + ", " + &made("Anna"));
        assert_ne!(made("Anna"), disguise("Anna", &Digest::of("hotpass test key v1", b"other data")));
    }

    proptest! {
        #[test]
        fn lengths_stay_but_for_hosts(text in "[ -?A-~é]{0,30}") {
            prop_assert_eq!(disguise(&text, &key()).chars().count(), text.chars().count());
        }

        #[test]
        fn a_day_stays_a_day(year in 1900..2100, month in 1..=12, day in 1..=28) {
            for text in [format!("{year}-{month:02}-{day:02}"), format!("{day:02}/{month:02}/{year}")] {
                let made = disguise(&text, &key());
                prop_assert!(date(&made, Order::DayFirst).is_some(), "{} {}", text, made);
            }
        }
    }
}
