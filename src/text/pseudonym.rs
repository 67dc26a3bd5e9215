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
pub fn pseudonym(text: &str, key: &Digest) -> String {
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
                out.push_str(&format!("{}@{}.{HOST}", pseudonym(name, key), words(first_label(host), key)));
                address.len()
            }
            () if is_word(first) => {
                let length = until(&is_word);
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
        let mut hasher = Hasher::new("hotpass pseudonym v1");
        Lots { seed: hasher.digest(key).text(text).finish(), at: 0 }
    }

    fn below(&mut self, count: u8) -> u8 {
        let bytes = self.seed.as_bytes();
        if self.at == bytes.len() {
            self.seed = Digest::of("hotpass pseudonym more v1", bytes);
            self.at = 0;
        }
        self.at += 1;
        self.seed.as_bytes()[self.at - 1] % count.max(1)
    }
}

/// Whether a character is told by a word: a letter, or a digit that is not one of ours.
fn is_word(c: char) -> bool {
    c.is_alphabetic() || (c.is_numeric() && !c.is_ascii())
}

/// Where the ten digits of other scripts begin.
const ZEROS: [u32; 14] =
    [0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xe50, 0x1040, 0xff10];

/// A letter of the same script, or a digit of it; what is counted otherwise becomes a digit of ours.
fn foreign(c: char, lots: &mut Lots) -> char {
    if !is_word(c) {
        return c;
    }
    let code = u32::from(c);
    if c.is_numeric() {
        let zero = ZEROS.into_iter().find(|it| (*it..*it + 10).contains(&code)).unwrap_or(u32::from('0'));
        return char::from_u32(zero + u32::from(lots.below(10))).unwrap_or('0');
    }
    let lower = c.to_lowercase().next().unwrap_or(c);
    // Scripts of words stand far apart; an alphabet lies within some hundred places.
    let (from, count) = match u32::from(lower) {
        0x3400..=0x9fff | 0x20000.. => (0x4e00, 0x5000),
        0xac00..=0xd7a3 => (0xac00, 0x2ba4),
        code => (code & !0xff, 0x100),
    };
    let back = |it: char| it.to_uppercase().flat_map(char::to_lowercase).eq([it]);
    let is_mark = |it: &char| matches!(it, '\u{300}'..='\u{36f}');
    let plain = |it: &char| it.is_alphabetic() && !it.is_numeric() && back(*it) && !is_mark(it) && !it.is_ascii();
    let at = (u32::from(lots.below(255)) << 8 | u32::from(lots.below(255))) % count;
    let made = (0..count).filter_map(|step| char::from_u32(from + (at + step) % count)).find(plain).unwrap_or('x');
    let mut upper = made.to_uppercase();
    match (c.is_uppercase(), upper.next(), upper.next()) {
        (true, Some(it), None) => it,
        _ => made,
    }
}

/// Vowels for vowels and consonants for consonants; other letters become some of their script.
fn words(text: &str, key: &Digest) -> String {
    let mut lots = Lots::new(&text.to_lowercase(), key);
    let mut letter = |c: char| {
        let from: &[u8] = match c.to_ascii_lowercase() {
            'a' | 'e' | 'i' | 'o' | 'u' => b"aeiou",
            'a'..='z' => b"bcdfghjklmnpqrstvwyz",
            '0'..='9' => b"0123456789",
            _ => return foreign(c, &mut lots),
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
            let made = pseudonym(text, &key());
            assert_ne!(made, text);
            assert_eq!(shape(&made), shape(text), "{text}: {made}");
        }
        assert!(pseudonym("+27 82 555 0101", &key()).starts_with("+27 82 "));
        assert!(pseudonym("anna@acme.co.za", &key()).ends_with(".example"));
        assert_eq!(emails(&pseudonym("a@b.example; Cee D <cee@d.example>", &key())).len(), 2);
    }

    #[test]
    fn no_script_shows_what_stood_there() {
        let texts = [
            "Ελένη Παπαδοπούλου",
            "Анна Каренина",
            "安娜山田太郎",
            "김민수",
            "محمد علي",
            "Ñandú Ångström Øre Žižek",
            "अन्ना",
            "٠١٢٣٤٥٦٧٨٩",
            "۰۱۲۳۴۵۶۷",
            "０８２１２３４５",
            "०१२३४५६७",
            "½²³⁴⁵⁶⁷",
            "ⅧⅨ",
            "ßßßß",
        ];
        for text in texts {
            let made = pseudonym(text, &key());
            assert_eq!(made.chars().count(), text.chars().count(), "{text}: {made}");
            let same = made.chars().zip(text.chars()).filter(|(a, b)| a == b && is_word(*b)).count();
            let all = text.chars().filter(|it| is_word(*it)).count();
            assert!(same * 3 <= all, "{text}: {made}");
            assert!(text.chars().zip(made.chars()).all(|(a, b)| a.is_numeric() == b.is_numeric()), "{text}: {made}");
        }
        assert_eq!(pseudonym("ΑΝΝΑ", &key()).to_lowercase(), pseudonym("αννα", &key()));
    }

    #[test]
    fn what_was_the_same_is_the_same() {
        let made = |text: &str| pseudonym(text, &key());
        assert_eq!(made("ANNA botha").to_lowercase(), made("Anna Botha").to_lowercase());
        assert_eq!(made("Botha, Anna"), made("Botha") + ", " + &made("Anna"));
        assert_ne!(made("Anna"), pseudonym("Anna", &Digest::of("hotpass test key v1", b"other data")));
    }

    proptest! {
        #[test]
        fn lengths_stay_but_for_hosts(text in "[ -?A-~é]{0,30}") {
            prop_assert_eq!(pseudonym(&text, &key()).chars().count(), text.chars().count());
        }

        #[test]
        fn a_day_stays_a_day(year in 1900..2100, month in 1..=12, day in 1..=28) {
            for text in [format!("{year}-{month:02}-{day:02}"), format!("{day:02}/{month:02}/{year}")] {
                let made = pseudonym(&text, &key());
                prop_assert!(date(&made, Order::DayFirst).is_some(), "{} {}", text, made);
            }
        }
    }
}
