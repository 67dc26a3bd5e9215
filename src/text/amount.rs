//! What people write around a number: currencies, accounting brackets, a minus behind it, per cent.
//!
//! A debit is above zero and a credit below, as in a ledger: `5.00 DR`, `5.00 CR`. Triangles before a number say that it is
//! below zero. Signs of currencies are those of Unicode (category Sc), also behind letters as in `US$`; codes are the active ones of
//! ISO 4217 (`currencies.txt`). Other words for money are those of one country, and given.

use super::codes::CURRENCIES;

/// A number without what stands around it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bare<'t> {
    /// The number, with the sign that stands in front of it.
    pub number: &'t str,
    /// Whether it is the negative of this.
    pub negative: bool,
    /// How far the decimal point moves to the right: -2 of per cent, 3 of thousands.
    pub shift: i64,
}

/// Takes off what stands around a number; `None` where two signs say that it is negative. `words` are further words for
/// money, such as `Fr.`.
///
/// An ending that multiplies is a word with a tab and the zeros that it stands for behind it: `k\t3`. It counts in small and
/// in capital letters.
///
/// Whether what is left is a number is not asked here.
pub fn bare<'t>(text: &'t str, words: &[&str]) -> Option<Bare<'t>> {
    let mut it = Bare { number: text.trim(), negative: false, shift: 0 };
    // Most numbers are bare.
    if it.number.bytes().all(|it| it.is_ascii_digit() || matches!(it, b'.' | b',' | b' ')) {
        return Some(it);
    }
    let mut signs = 0;
    let (mut before_it, mut behind_it, mut side) = (false, false, false);
    loop {
        let before = it.number;
        if it.shift == 0
            && let Some((rest, shift)) = share(it.number)
        {
            (it.number, it.shift) = (rest, shift);
        }
        if it.shift == 0
            && let Some((rest, shift)) = magnified(it.number, words)
        {
            (it.number, it.shift) = (rest, shift);
        }
        if let Some(inner) = it.number.strip_prefix('(').and_then(|it| it.strip_suffix(')')) {
            signs += 1;
            it.number = inner.trim();
        }
        if let Some(rest) = it.number.strip_prefix(['\u{25b2}', '\u{25b3}']) {
            signs += 1;
            it.number = rest.trim_start();
        }
        if !side && let Some((rest, is_credit)) = without_side(it.number) {
            side = true;
            signs += usize::from(is_credit);
            it.number = rest.trim();
        }
        if !before_it && let Some(rest) = without_money_before(it.number, words) {
            before_it = true;
            it.number = rest.trim();
        }
        if !behind_it && let Some(rest) = without_money_behind(it.number, words) {
            behind_it = true;
            it.number = rest.trim();
        }
        if let Some(rest) = it.number.strip_prefix(|it| is_minus(it) || it == '+')
            && let Some(rest) = without_money_before(rest.trim_start(), words).filter(|_| !before_it)
        {
            signs += usize::from(!it.number.starts_with('+'));
            before_it = true;
            it.number = rest.trim();
        }
        // `500/-` and `500/=`: nothing behind the shillings or rupees.
        let closed = it.number.strip_suffix("/-").or_else(|| it.number.strip_suffix("/="));
        if let Some(rest) = closed.filter(|it| it.ends_with(|it: char| it.is_ascii_digit())) {
            it.number = rest;
        }
        // `5.-` and `5,--` are whole amounts, and `5-` is a negative one.
        let dashes = it.number.trim_end_matches(|it| is_minus(it) || it == '\u{2014}').trim_end();
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
    let own = usize::from(it.number.starts_with(is_minus));
    it.negative = signs == 1;
    (signs + own <= 1).then_some(it)
}

/// What people type for a minus: the hyphens and short dashes of Unicode as well.
pub(super) fn is_minus(it: char) -> bool {
    matches!(it, '-' | '\u{2010}'..='\u{2013}' | '\u{2212}')
}

/// Takes off the side of an account behind a number, or before it: `CR` is credit, which is below zero, `DR` is debit.
fn without_side(text: &str) -> Option<(&str, bool)> {
    let side = |it: &str| match it {
        _ if it.eq_ignore_ascii_case("cr") => Some(true),
        _ if it.eq_ignore_ascii_case("dr") => Some(false),
        _ => None,
    };

    let shorter = text.strip_suffix('.').unwrap_or(text);
    if let Some((rest, word)) = shorter.len().checked_sub(2).and_then(|at| shorter.split_at_checked(at))
        && let Some(is_credit) = side(word)
    {
        return (rest.contains(|it: char| it.is_ascii_digit()) && !rest.ends_with(char::is_alphabetic))
            .then_some((rest, is_credit));
    }
    let (word, rest) = text.split_at_checked(2)?;
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    side(word).filter(|_| rest.starts_with(' ')).map(|is_credit| (rest, is_credit))
}

fn share(text: &str) -> Option<(&str, i64)> {
    let percent = text.strip_suffix('%').map(|it| (it, -2));
    percent.or_else(|| text.strip_suffix('\u{2030}').map(|it| (it, -3))).map(|(rest, shift)| (rest.trim_end(), shift))
}

/// A number before the longest ending that multiplies it, and the zeros that this stands for.
fn magnified<'t>(text: &'t str, words: &[&str]) -> Option<(&'t str, i64)> {
    let endings = words.iter().filter_map(|it| it.split_once('\t'));
    let found = endings.filter_map(|(ending, zeros)| {
        let (rest, last) = text.split_at_checked(text.len().checked_sub(ending.len())?)?;
        let rest = rest.trim_end();
        let fits = last.to_lowercase() == ending.to_lowercase() && rest.ends_with(|it: char| it.is_ascii_digit());
        fits.then_some((rest, zeros.parse().ok()?))
    });
    found.min_by_key(|(rest, _)| rest.len())
}

fn without_money_before<'t>(text: &'t str, words: &[&str]) -> Option<&'t str> {
    let sign = |it: &'t str| it.strip_prefix(is_sign);
    let letters = text.bytes().take_while(u8::is_ascii_uppercase).count();
    // Of `Rs` and `Rs.` the longer one is meant.
    let named = words.iter().filter_map(|word| text.strip_prefix(word)).min_by_key(|it| it.len());
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
    let named = words.iter().filter_map(|word| text.strip_suffix(word)).min_by_key(|it| it.len());
    let rest =
        text.strip_suffix(is_sign).map(without_letters).or_else(|| Some(&text[..at]).filter(|_| is_code(&text[at..])));
    rest.or(named).filter(|it| !it.ends_with(char::is_alphabetic))
}

/// What stands before a sign, without the letters of its country: `5 US` of `5 US$`.
fn without_letters(text: &str) -> &str {
    let letters = text.bytes().rev().take_while(u8::is_ascii_uppercase).count();
    if letters <= 3 { &text[..text.len() - letters] } else { text }
}

/// Whether these are the letters of a currency (ISO 4217).
pub(super) fn is_code(text: &str) -> bool {
    text.len() == 3 && CURRENCIES.split_ascii_whitespace().any(|it| it == text)
}

/// Category Sc of Unicode, and the letters that stand for a currency behind numbers in Chinese, Japanese and Korean.
pub fn is_sign(it: char) -> bool {
    matches!(it, '$' | '¢'..='¥' | '֏' | '؋' | '߾' | '߿' | '৲' | '৳' | '৻' | '૱' | '௹' | '฿' | '៛'
        | '\u{20a0}'..='\u{20c1}' | '円' | '圓' | '元' | '원' | '꠸' | '﷼' | '﹩' | '＄' | '￠' | '￡' | '￥' | '￦')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_around_a_number_falls() {
        let check = |text: &str, number: &str, negative: bool, shift: i64| {
            assert_eq!(bare(text, &["R", "Fr", "Fr.", "/-"]), Some(Bare { number, negative, shift }), "{text:?}");
        };
        for (text, number, negative, shift) in [
            ("12", "12", false, 0),
            ("-12", "-12", false, 0),
            ("€ 99,00", "99,00", false, 0),
            ("99,00 €", "99,00", false, 0),
            ("US$1,234.50", "1,234.50", false, 0),
            ("1,234.50 US$", "1,234.50", false, 0),
            ("5A$", "5", false, 0),
            ("5 WORD$", "5 WORD$", false, 0),
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
            ("1,000円", "1,000", false, 0),
            ("5.00 CR", "5.00", true, 0),
            ("5.00CR", "5.00", true, 0),
            ("5.00 Dr.", "5.00", false, 0),
            ("$5.00 DR", "5.00", false, 0),
            ("Cr. 5.00", "5.00", true, 0),
            ("-5.00 DR", "-5.00", false, 0),
            ("▲500", "500", true, 0),
            ("△ 1,000", "1,000", true, 0),
            ("\u{2013}5", "\u{2013}5", false, 0),
            ("5\u{2013}", "5", true, 0),
            ("5 -", "5", true, 0),
            ("5+", "5+", false, 0),
            ("$5.00 USD", "5.00", false, 0),
            ("R 1,200/-", "1,200", false, 0),
            ("DRAGON", "DRAGON", false, 0),
            ("CR", "CR", false, 0),
        ] {
            check(text, number, negative, shift);
        }
        let check = |text: &str, number: &str, shift: i64| {
            let expected = Bare { number, negative: text.starts_with('('), shift };
            assert_eq!(bare(text, &["k\t3", "Mio.\t6", "mio\t6"]), Some(expected), "{text:?}");
        };
        check("1.5k", "1.5", 3);
        check("1.5 K", "1.5", 3);
        check("$ 2k", "2", 3);
        check("2k €", "2", 3);
        check("(3 Mio.)", "3", 6);
        check("3 mio", "3", 6);
        check("3kk", "3kk", 0);
        check("3 kg", "3 kg", 0);
        check("k", "k", 0);
        for text in ["(-5)", "-5-", "(5-)", "-$5-", "(5.00) CR", "-5.00 CR", "▲-5"] {
            assert_eq!(bare(text, &[]), None, "{text:?}");
        }
    }
}
