//! What people write around a number: currencies, accounting brackets, a minus behind it, per cent.
//!
//! Signs of currencies are those of Unicode (category Sc), also behind letters as in `US$`; codes are the active ones of
//! ISO 4217 (`currencies.txt`). Other words for money are those of one country, and given.

/// The active codes of ISO 4217.
const CODES: &str = include_str!("currencies.txt");

/// A number without what stands around it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bare<'t> {
    /// The number, with the sign that stands in front of it.
    pub number: &'t str,
    /// Whether it is the negative of this.
    pub negative: bool,
    /// How far the decimal point moves to the right: -2 of per cent.
    pub shift: i64,
}

/// Takes off what stands around a number; `None` where two signs say that it is negative. `words` are further words for
/// money, such as `Fr.`.
///
/// Whether what is left is a number is not asked here.
pub fn bare<'t>(text: &'t str, words: &[&str]) -> Option<Bare<'t>> {
    let mut it = Bare { number: text.trim(), negative: false, shift: 0 };
    // Most numbers are bare.
    if it.number.bytes().all(|it| it.is_ascii_digit() || matches!(it, b'.' | b',' | b' ')) {
        return Some(it);
    }
    let mut signs = 0;
    let mut money = false;
    loop {
        let before = it.number;
        if it.shift == 0
            && let Some((rest, shift)) = share(it.number)
        {
            (it.number, it.shift) = (rest, shift);
        }
        if let Some(inner) = it.number.strip_prefix('(').and_then(|it| it.strip_suffix(')')) {
            signs += 1;
            it.number = inner.trim();
        }
        if !money && let Some(rest) = without_money(it.number, words) {
            money = true;
            it.number = rest.trim();
        }
        if let Some(rest) = it.number.strip_prefix(['-', '\u{2212}', '+'])
            && let Some(rest) = without_money_before(rest.trim_start(), words).filter(|_| !money)
        {
            signs += usize::from(!it.number.starts_with('+'));
            money = true;
            it.number = rest.trim();
        }
        // `5.-` and `5,--` are whole amounts, and `5-` is a negative one.
        let dashes = it.number.trim_end_matches(['-', '\u{2212}', '\u{2013}', '\u{2014}']);
        if dashes.len() < it.number.len() && dashes.ends_with(|it: char| it.is_ascii_digit() || ".,".contains(it)) {
            match dashes.strip_suffix(['.', ',']) {
                Some(whole) => it.number = whole,
                None => {
                    signs += 1;
                    it.number = dashes;
                }
            }
        }
        if it.number == before {
            break;
        }
    }
    let own = usize::from(it.number.starts_with(['-', '\u{2212}']));
    it.negative = signs == 1;
    (signs + own <= 1).then_some(it)
}

fn share(text: &str) -> Option<(&str, i64)> {
    let percent = text.strip_suffix('%').map(|it| (it, -2));
    percent.or_else(|| text.strip_suffix('\u{2030}').map(|it| (it, -3))).map(|(rest, shift)| (rest.trim_end(), shift))
}

fn without_money<'t>(text: &'t str, words: &[&str]) -> Option<&'t str> {
    without_money_before(text, words).or_else(|| without_money_behind(text, words))
}

fn without_money_before<'t>(text: &'t str, words: &[&str]) -> Option<&'t str> {
    let sign = |it: &'t str| it.strip_prefix(is_sign);
    let letters = text.bytes().take_while(u8::is_ascii_uppercase).count();
    let named = words.iter().find_map(|word| text.strip_prefix(word));
    let rest = match letters {
        0 => sign(text),
        1..=3 => sign(&text[letters..]).or_else(|| text.get(letters..).filter(|_| is_code(&text[..letters]))),
        _ => None,
    };
    // What goes on with a letter was another word.
    rest.or(named).filter(|it| !it.starts_with(char::is_alphabetic))
}

fn without_money_behind<'t>(text: &'t str, words: &[&str]) -> Option<&'t str> {
    let letters = text.bytes().rev().take_while(u8::is_ascii_uppercase).count();
    let at = text.len() - letters;
    let named = words.iter().find_map(|word| text.strip_suffix(word));
    let rest = text.strip_suffix(is_sign).or_else(|| Some(&text[..at]).filter(|_| is_code(&text[at..])));
    rest.or(named).filter(|it| !it.ends_with(char::is_alphabetic))
}

fn is_code(text: &str) -> bool {
    text.len() == 3 && CODES.split_ascii_whitespace().any(|it| it == text)
}

/// Category Sc of Unicode.
fn is_sign(it: char) -> bool {
    matches!(it, '$' | '¢'..='¥' | '֏' | '؋' | '߾' | '߿' | '৲' | '৳' | '৻' | '૱' | '௹' | '฿' | '៛'
        | '\u{20a0}'..='\u{20c1}' | '꠸' | '﷼' | '﹩' | '＄' | '￠' | '￡' | '￥' | '￦')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_around_a_number_falls() {
        let check = |text: &str, number: &str, negative: bool, shift: i64| {
            assert_eq!(bare(text, &["R", "Fr."]), Some(Bare { number, negative, shift }), "{text:?}");
        };
        for (text, number, negative, shift) in [
            ("12", "12", false, 0),
            ("-12", "-12", false, 0),
            ("€ 99,00", "99,00", false, 0),
            ("99,00 €", "99,00", false, 0),
            ("US$1,234.50", "1,234.50", false, 0),
            ("R 1 234,50", "1 234,50", false, 0),
            ("R1", "1", false, 0),
            ("Fr. 12.50", "12.50", false, 0),
            ("USD 12", "12", false, 0),
            ("12 CHF", "12", false, 0),
            ("(2 000,00)", "2 000,00", true, 0),
            ("($5)", "5", true, 0),
            ("$(5)", "5", true, 0),
            ("-€5", "5", true, 0),
            ("€-5", "-5", false, 0),
            ("5-", "5", true, 0),
            ("5,-", "5", false, 0),
            ("€ 5.--", "5", false, 0),
            ("12%", "12", false, -2),
            ("(12 %)", "12", true, -2),
            ("3 ‰", "3", false, -3),
            // No money: whoever reads a number finds none.
            ("ABC 12", "ABC 12", false, 0),
            ("Rs 12", "Rs 12", false, 0),
            ("RAND 5", "RAND 5", false, 0),
            ("12 USDX", "12 USDX", false, 0),
            ("2024-01-02", "2024-01-02", false, 0),
            ("$€5", "€5", false, 0),
        ] {
            check(text, number, negative, shift);
        }
        for text in ["(-5)", "-5-", "(5-)", "-$5-"] {
            assert_eq!(bare(text, &[]), None, "{text:?}");
        }
    }
}
