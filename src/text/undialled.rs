//! Things in digits that nobody dials: days, times, prices, shares, places, addresses of the internet, names of things,
//! and numbers whose exponent says that digits are missing.
//!
//! Not here: what is a number (`phone`).

use std::borrow::Cow;
use std::ops::Range;

/// `text` with a separator for each word that is something else in digits. A text that is something else as a whole is
/// nothing but a separator. `is_number` tells whether a text is one number that can be dialled.
pub(super) fn without_others<'a>(text: Cow<'a, str>, is_number: &dyn Fn(&str) -> bool) -> Cow<'a, str> {
    if is_of_digits(&text) {
        return if is_written_together(text.trim()) { Cow::Borrowed("|") } else { text };
    }
    looked_through(text, is_number)
}

/// The same of any text.
fn looked_through<'a>(text: Cow<'a, str>, is_number: &dyn Fn(&str) -> bool) -> Cow<'a, str> {
    if is_other_as_a_whole(&text) {
        return Cow::Borrowed("|");
    }
    let is_end = |it: char| it.is_whitespace() || matches!(it, ';' | '|');
    if !text.contains('@') && !text.split(is_end).any(is_other) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for word in text.split_inclusive(is_end) {
        let kept = word.trim_end_matches(is_end);
        let begin = kept.as_ptr() as usize - text.as_ptr() as usize;
        if is_other(kept) && !(is_price(bare(kept)) && is_part(&text, begin..begin + kept.len(), is_number)) {
            out.push('|');
        } else {
            // An address of e-mail falls, and what stands beside it stays.
            for part in kept.split_inclusive([',', '/', '<', '>', '(', ')', '[', ']']) {
                out.push_str(if part.contains('@') { "|" } else { part });
            }
        }
        out.push_str(&word[kept.len()..]);
    }
    Cow::Owned(out)
}

/// Whether a text has nothing but digits and marks that stand within numbers, as most do. Of all things in digits that
/// nobody dials only a moment without marks is written so, or between `-` a day or a UUID, where the answer is no.
fn is_of_digits(text: &str) -> bool {
    let is_mark = |it: u8| matches!(it, b' ' | b'(' | b')' | b'+' | b'-');
    text.bytes().all(|it| it.is_ascii_digit() || is_mark(it))
        && (!text.contains('-') || !text.split(' ').any(|it| is_day(bare(it)) || is_named(it)))
}

/// Digits of a number that is a number without what stands beside it.
const ALONE: usize = 8;

/// Whether a word that looks like a price is a part of a number, as `27.12` is in `27.12 34 56`: the row of digits in which
/// it stands is one, has words that look otherwise too, and is none without this word. A comma stands in no number.
fn is_part(text: &str, word: Range<usize>, is_number: &dyn Fn(&str) -> bool) -> bool {
    if text[word.clone()].contains(',') {
        return false;
    }
    let is_dialled =
        |it: char| it.is_ascii_digit() || matches!(it, ' ' | '.' | '-' | '(' | ')' | '+' | '\u{a0}' | '\u{202f}');
    let before = text[..word.start].rsplit(|it| !is_dialled(it)).next().unwrap_or_default();
    let behind = text[word.end..].split(|it| !is_dialled(it)).next().unwrap_or_default();
    let rest = format!("{before} {behind}");
    let is_alone = |it: &str| it.bytes().filter(u8::is_ascii_digit).count() >= ALONE && is_number(it);
    let is_otherwise = |it: &str| it.bytes().any(|it| it.is_ascii_digit()) && !is_price(bare(it));
    rest.split(char::is_whitespace).any(is_otherwise)
        && is_number(&format!("{before}{}{behind}", &text[word]))
        && ![&rest, before, behind].into_iter().any(is_alone)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit())
}

/// What takes more than one word: a price with blanks between its thousands, two coordinates, a day and a time.
fn is_other_as_a_whole(text: &str) -> bool {
    const LONGEST: usize = 48;
    let text = text.trim();
    text.len() <= LONGEST
        && [is_spaced_price, is_coded_price, is_signed_price, is_place, is_written_together, is_account]
            .iter()
            .any(|it| it(text))
}

/// `12 253 000,00`.
fn is_spaced_price(text: &str) -> bool {
    let Some((whole, cents)) = text.rsplit_once([',', '.']) else { return false };
    let mut groups = whole.split(' ');
    let first = groups.next().unwrap_or_default();
    let mut rest = groups.peekable();
    let leads = first.len() <= 3 && is_digits(first) && !first.starts_with('0');
    leads
        && cents.len() == 2
        && is_digits(cents)
        && rest.peek().is_some()
        && rest.all(|it| it.len() == 3 && is_digits(it))
}

/// `EUR 650253000`, `650 253 000 USD`: no number that is dialled without its country begins with another digit than 0
/// beside a code of a currency, and those with it have a plus.
fn is_coded_price(text: &str) -> bool {
    let code = |it: &str| crate::text::amount::is_code(it);
    let behind = || text.rsplit_once(' ').filter(|(_, it)| code(it)).map(|(it, _)| it);
    let rest = text.split_once(' ').filter(|(it, _)| code(it)).map(|(_, it)| it).or_else(behind);
    rest.is_some_and(|it| it.starts_with(|it: char| matches!(it, '1'..='9')))
}

/// `$ 215 550 101`, `021 555 0101 €`: nobody writes a sign of money beside what is dialled.
fn is_signed_price(text: &str) -> bool {
    let is_sign = |it: char| crate::text::amount::is_sign(it);
    let rest = text.strip_prefix(is_sign).or_else(|| text.strip_suffix(is_sign));
    rest.is_some_and(|it| it.chars().all(|it| it.is_ascii_digit() || matches!(it, ' ' | '.' | ',' | '-' | '\'')))
}

/// `51.5074, -0.1278`: degrees of latitude and of longitude with three decimals or more.
fn is_place(text: &str) -> bool {
    let mut parts = text.split([',', ';', ' ']).filter(|it| !it.is_empty());
    let (Some(north), Some(east), None) = (parts.next(), parts.next(), parts.next()) else { return false };
    let is_degree = |it: &str, most: u32| {
        let it = it.strip_prefix(['-', '+']).unwrap_or(it);
        let Some((whole, fraction)) = it.split_once('.') else { return false };
        let padded = whole.len() > 1 && whole.starts_with('0');
        let fits = whole.len() <= 3 && is_digits(whole) && !padded && whole.parse().is_ok_and(|it: u32| it <= most);
        fits && fraction.len() >= 3 && is_digits(fraction)
    };
    is_degree(north, 90) && is_degree(east, 180)
}

/// An IBAN, by its check digits: `DE89 3704 0044 0532 0130 00`.
fn is_account(text: &str) -> bool {
    let text = text.strip_prefix("IBAN").map_or(text, |it| it.trim_start_matches([':', ' ']));
    let signs: Vec<u8> = text.bytes().filter(|it| *it != b' ').collect();
    let of_one = signs.iter().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit());
    if !of_one || !(15..=34).contains(&signs.len()) || !signs[..2].iter().all(u8::is_ascii_uppercase) {
        return false;
    }
    // ISO 13616: the first four signs come last, letters count from 10, and the rest of division by 97 is 1.
    let rest = signs[4..].iter().chain(&signs[..4]).fold(0, |rest: u32, sign| match sign {
        b'0'..=b'9' => (rest * 10 + u32::from(sign - b'0')) % 97,
        _ => (rest * 100 + u32::from(sign - b'A') + 10) % 97,
    });
    rest == 1
}

/// `20240131 1030`, `20240131103000`.
fn is_written_together(text: &str) -> bool {
    let Some((day, time)) = text.split_at_checked(8) else { return false };
    let time = match time.strip_prefix([' ', 'T']) {
        Some(time) if time.len() == 4 || time.len() == 6 => time,
        None if time.len() == 6 => time,
        _ => return false,
    };
    if !is_digits(day) || !is_digits(time) {
        return false;
    }
    let below = |it: &str, from: u32, to: u32| it.parse().is_ok_and(|it: u32| (from..to).contains(&it));
    let is_day = below(&day[..4], 1900, 2100) && below(&day[4..6], 1, 13) && below(&day[6..], 1, 32);
    is_day && below(&time[..2], 0, 24) && below(&time[2..4], 0, 60)
}

/// A word without the marks around its digits.
fn bare(word: &str) -> &str {
    word.trim_matches(|it: char| !it.is_ascii_digit() && it != '+')
}

fn is_other(word: &str) -> bool {
    if is_link(word) || is_named(word) || is_money(word) {
        return true;
    }
    let word = bare(word);
    is_day(word)
        || is_time(word)
        || is_fraction(word)
        || is_hours(word)
        || is_price(word)
        || is_internet(word)
        || is_spoilt(word)
}

/// `https://one.example/2125550123`, `www.2125550123.example`.
fn is_link(word: &str) -> bool {
    word.contains("://") || word.get(..4).is_some_and(|it| it.eq_ignore_ascii_case("www."))
}

/// Up to three capital letters and digits of which the first is no 0, as `DE123456789`; a `UUID`.
fn is_named(word: &str) -> bool {
    let word = word.trim_matches(|it: char| !it.is_ascii_alphanumeric());
    let letters = word.bytes().take_while(u8::is_ascii_uppercase).count();
    let digits = &word[letters..];
    let is_code = (1..=3).contains(&letters) && digits.len() >= 6 && is_digits(digits) && !digits.starts_with('0');
    let mut sizes = word.split('-').map(|it| it.bytes().all(|it| it.is_ascii_hexdigit()).then_some(it.len()));
    is_code || [8, 4, 4, 4, 12].iter().all(|it| sizes.next() == Some(Some(*it))) && sizes.next().is_none()
}

/// `€6502530000`, `650253000%`.
fn is_money(word: &str) -> bool {
    let is_sign = |it: char| matches!(it, '$' | '£' | '¥' | '¢' | '\u{20a0}'..='\u{20cf}' | '%' | '‰');
    word.bytes().any(|it| it.is_ascii_digit()) && (word.starts_with(is_sign) || word.ends_with(is_sign))
}

/// Whether a word is `count` groups of digits with `mark` between them.
fn groups(word: &str, mark: char, count: usize) -> Option<Vec<&str>> {
    let groups: Vec<&str> = word.split(mark).take(count + 1).collect();
    (groups.len() == count && groups.iter().all(|it| is_digits(it))).then_some(groups)
}

/// `2025-07-26`, `26/07/2025`, `26.7.2025`; a time may follow a `T`.
fn is_day(word: &str) -> bool {
    let day = word.split_once('T').filter(|(_, time)| is_time(time)).map_or(word, |(day, _)| day);
    let fits = |it: &str, most: u32| it.len() <= 2 && it.parse().is_ok_and(|it: u32| (1..=most).contains(&it));
    let is_year = |it: &str| it.len() == 4 && (it.starts_with("19") || it.starts_with("20"));
    ['-', '/', '.'].iter().filter_map(|mark| groups(day, *mark, 3)).any(|it| {
        is_year(it[0]) && fits(it[1], 12) && fits(it[2], 31) || is_year(it[2]) && fits(it[0], 31) && fits(it[1], 31)
    })
}

/// `08:00-17:00`.
fn is_hours(word: &str) -> bool {
    word.split_once(['-', '–']).is_some_and(|(from, to)| is_time(from) && is_time(to))
}

/// `14:30`, `14:30:05`.
fn is_time(word: &str) -> bool {
    let fits = |it: &Vec<&str>| it.iter().all(|it| it.len() <= 2);
    groups(word, ':', 2).is_some_and(|it| fits(&it)) || groups(word, ':', 3).is_some_and(|it| fits(&it))
}

/// `2,844.25`, `2.844,25`, `844.25`, `2,125,550.123`.
fn is_price(word: &str) -> bool {
    let Some((whole, cents)) = word.rsplit_once(['.', ',']) else { return false };
    let mark = if word[whole.len()..].starts_with('.') { ',' } else { '.' };
    let mut groups = whole.split(mark);
    let first = groups.next().unwrap_or_default();
    let mut rest = groups.peekable();
    let most = if rest.peek().is_some() && !first.starts_with('0') { 3 } else { 2 };
    let grouped = rest.all(|it| it.len() == 3 && is_digits(it)) && (1..=3).contains(&first.len());
    is_digits(first) && (2..=most).contains(&cents.len()) && is_digits(cents) && grouped
}

/// `0.215550101`.
fn is_fraction(word: &str) -> bool {
    word.strip_prefix("0.").is_some_and(is_digits)
}

/// `192.168.1.10`. Four groups of two digits are how numbers are written in some countries.
fn is_internet(word: &str) -> bool {
    let is_byte = |it: &&str| it.len() <= 3 && it.parse::<u8>().is_ok();
    groups(word, '.', 4).is_some_and(|it| it.iter().all(is_byte) && it.iter().any(|it| it.len() != 2))
}

/// `2.78212E+10`: digits are missing.
fn is_spoilt(word: &str) -> bool {
    let Some((mantissa, exponent)) = word.split_once(['E', 'e']) else { return false };
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    is_digits(whole) && is_digits(fraction) && is_digits(exponent) && exponent_digits(word).is_none()
}

/// The digits of `2.7821234567E10`; `None` where the exponent says that digits are missing.
pub(super) fn exponent_digits(text: &str) -> Option<String> {
    let (mantissa, exponent) = text.split_once(['E', 'e'])?;
    let (first, rest) = mantissa.split_once('.')?;
    let exponent: usize = exponent.strip_prefix('+').unwrap_or(exponent).parse().ok()?;
    let digits = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
    (first.len() == 1 && rest.len() == exponent && digits(first) && digits(rest)).then(|| format!("{first}{rest}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_text_of_digits_is_what_it_is_when_it_is_looked_through(
            text in "[0-9]{0,4}([-() +]{0,2}[0-9]{1,8}){0,5}|(19|20)[0-9]{6}[ ]?[0-2][0-9]{3}([0-9]{2})?|[0-9]{8}(-[0-9]{4}){3}-[0-9]{12}|[(]?[0-3]?[0-9]-[0-3]?[0-9]-(19|20)[0-9]{2}[)]?( [0-9]{1,3})?",
            is_number in any::<bool>(),
        ) {
            let is_number = |_: &str| is_number;
            prop_assert_eq!(
                without_others(Cow::Borrowed(&text), &is_number),
                looked_through(Cow::Borrowed(&text), &is_number)
            );
        }
    }
}
