//! Telephone numbers in E.164: one, or several in a cell.
//!
//! Valid here means what libphonenumber's metadata calls valid: the number could have been given out.
//! The metadata is compiled in, so a new release of `rlibphonenumber` may change an answer.
//!
//! Not here: carriers, kinds of numbers, and numbers spelled in letters (`0800 FLOWERS` is none).
//!
//! | superseded vector | here | because |
//! | --- | --- | --- |
//! | `27821234567.0`, `821234567.0` -> none | `+27821234567` | D-4: a number cell printed as a float |
//! | `0821234567x12` -> none | `+27821234567` | an extension is no part of the number |
//! | `011 555 1234 / 082 123 4567`: lost | [`phones`] gives both, [`phone`] none | D-44 |
//! | letters are deleted, their digits join | letters separate | digits of two things never make one number |

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, Region};

use super::clean::{ascii_digits, cleaned};
use super::undialled::{exponent_digits, without_others};

/// Bytes of the longest piece that is taken apart at its spaces: three numbers with their prefixes.
const MAX_RUN: usize = 48;

/// Slashes that stand inside one number at most.
const MAX_SLASHES: usize = 3;

/// The shortest E.164 text that spaces alone may part from another: some countries give out numbers of five digits, and
/// almost any row of digits could be read as a few of those.
const MIN_SPLIT: usize = "+123456789".len();

/// Whether these are the letters of a region that has telephone numbers (ISO 3166).
pub fn is_region(text: &str) -> bool {
    Region::from_code(text).is_ok()
}

/// Whether every national number of a region is written with a `0` in front, where it is not written with a `+`: so in
/// Germany and France, and not in Spain or the United States.
pub fn has_leading_zero(region: &str) -> bool {
    let example = Region::from_code(region).ok().and_then(|it| PHONE_NUMBER_UTIL.get_example_number(it).ok());
    let written = example.map(|it| it.format_as(PhoneNumberFormat::National).into_owned());
    written.is_some_and(|it| it.trim_start_matches(|it: char| !it.is_ascii_digit()).starts_with('0'))
}

/// The number in `text`, read as dialled in `region` (ISO 3166 letters; anything else reads international ones only).
///
/// `None` unless there is exactly one valid number: see [`phones`] for cells with several.
pub fn phone(text: &str, region: &str) -> Option<String> {
    let region = Region::from_code(region).ok();
    let text = without_others(cleaned(text), &|it| number(it, region).is_some());
    if let Some(one) = plain(&text, region).or_else(|| in_context(&text)) {
        return Some(one);
    }
    let Found { mut all, is_range } = numbers(&text, region);
    if all.len() == 1 && !is_range { all.pop() } else { None }
}

/// Every valid number in `text`, in order, without repeats.
///
/// Numbers are separated by `/` `;` `,` `|` `&`, line breaks and words, or by spaces where that alone gives valid
/// numbers and nothing else. What stands behind `x`, `ext` or `#` is an extension and falls.
pub fn phones(text: &str, region: &str) -> Vec<String> {
    let region = Region::from_code(region).ok();
    let text = without_others(cleaned(text), &|it| number(it, region).is_some());
    match plain(&text, region).or_else(|| in_context(&text)) {
        Some(one) => vec![one],
        None => numbers(&text, region).all,
    }
}

/// The common case without taking apart: nothing but one number and the marks inside numbers.
fn plain(text: &str, region: Option<Region>) -> Option<String> {
    let dialled = |it: u8| it.is_ascii_digit() || matches!(it, b' ' | b'-' | b'(' | b')' | b'+');
    if text.len() > MAX_RUN || !text.bytes().all(dialled) {
        return None;
    }
    number(text, region)
}

/// The number of a link that says what stands before it: `tel:0821234567;phone-context=+27`, and with the code of a place
/// `tel:123-4567;phone-context=+2711` (RFC 3966).
fn in_context(text: &str) -> Option<String> {
    let (number, country) = text.split_once(";phone-context=+")?;
    let number = number.get(4..).filter(|_| number[..4].eq_ignore_ascii_case("tel:"))?;
    let country = country.split(';').next()?;
    let is_country = (1..=7).contains(&country.len()) && country.bytes().all(|it| it.is_ascii_digit());
    let number = number.split(';').next().filter(|it| is_country && !it.contains('+'))?;
    parse(&format!("+{country}{}", dialled_digits(number)?), None)
}

/// The numbers of a cell.
struct Found {
    all: Vec<String>,
    /// Whether the last digits of another one follow, as in `0100/0101`: a second number that is not written out.
    is_range: bool,
}

/// [`phones`] for a text that was cleaned.
fn numbers(text: &str, region: Option<Region>) -> Found {
    let text = ascii_digits(text);
    let mut out: Vec<String> = Vec::new();
    let mut add = |it: String| {
        if !out.contains(&it) {
            out.push(it);
        }
    };
    let parts: Vec<Part> = Parts { rest: &text }.collect();
    let (mut at, mut is_range) = (0, false);
    while let Some(part) = parts.get(at) {
        let found = run(part.text, region);
        at += 1;
        if found.is_empty()
            && let Some((one, taken)) = slashed(&parts[at - 1..], region)
        {
            add(one);
            at += taken - 1;
            is_range |= parts[at - 1].joins && parts.get(at).is_some_and(Part::ends_a_number);
            continue;
        }
        is_range |= !found.is_empty() && part.joins && parts.get(at).is_some_and(Part::ends_a_number);
        found.into_iter().for_each(&mut add);
    }
    Found { all: out, is_range }
}

/// `030/1234567`, `082/123/4567`: a slash may also stand inside a number, between parts of which the first is none by
/// itself. The number of as many parts as give one, and how many these are.
fn slashed(parts: &[Part<'_>], region: Option<Region>) -> Option<(String, usize)> {
    let most = 1 + parts.iter().take(MAX_SLASHES).take_while(|it| it.slash).count();
    (2..=most.min(parts.len())).rev().find_map(|count| {
        let texts: Vec<&str> = parts[..count].iter().map(|it| it.text).collect();
        Some((number(&texts.join(" "), region)?, count))
    })
}

/// The pieces of a cell between separators, words and extensions.
struct Parts<'a> {
    rest: &'a str,
}

/// A piece that may hold numbers, and whether a `/` ended it, or another sign that puts two beside each other.
struct Part<'a> {
    text: &'a str,
    slash: bool,
    joins: bool,
}

impl Part<'_> {
    /// Whether these are last digits in the place of those of the number before. One alone is a count.
    fn ends_a_number(&self) -> bool {
        let digits = self.text.trim().trim_start_matches('-');
        (2..=6).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit())
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        loop {
            let start = self.rest.find(is_dialled)?;
            let rest = &self.rest[start..];
            let end = exact_float(rest).or_else(|| rest.find(|it| !is_dialled(it))).unwrap_or(rest.len());
            let (text, rest) = rest.split_at(end);
            self.rest = without_extension(rest);
            if text.bytes().any(|it| it.is_ascii_digit()) {
                let joins = rest.starts_with(['/', '&']);
                return Some(Part { text, slash: rest.starts_with('/'), joins });
            }
        }
    }
}

/// Digits and the marks that stand inside a number. `.` is one: `082.123.4567`.
fn is_dialled(it: char) -> bool {
    it.is_ascii_digit()
        || matches!(
            it,
            '+' | '-' | '.' | '(' | ')' | '[' | ']' | ' ' | '\t' | '·' | '\u{2010}'..='\u{2015}' | '\u{2212}'
        )
}

/// The length of a number that a program printed as a float at the start of `text`: `27821234567.0`, `2.7821234567E10`.
fn exact_float(text: &str) -> Option<usize> {
    let end = text.find(|it: char| !(it.is_ascii_digit() || matches!(it, '.' | 'E' | 'e' | '+'))).unwrap_or(text.len());
    exponent_digits(&text[..end]).map(|_| end)
}

/// `rest` behind an extension that it begins with.
fn without_extension(rest: &str) -> &str {
    let word = rest.trim_start_matches([';', ',', ':', '=', '.', ' ']);
    let end = word.find(|it: char| !it.is_alphabetic()).unwrap_or(word.len());
    let marked = match &word[..end] {
        "" => word.strip_prefix('#'),
        it if ["x", "ext", "extn", "extension"].iter().any(|mark| it.eq_ignore_ascii_case(mark)) => Some(&word[end..]),
        _ => None,
    };
    let Some(marked) = marked else { return rest };
    let digits = marked.trim_start_matches(['.', ':', '=', '#', ' ', '-']);
    let end = digits.find(|it: char| !it.is_ascii_digit()).unwrap_or(digits.len());
    // An extension has up to seven digits; more are a number of their own.
    if (1..=7).contains(&end) { &digits[end..] } else { rest }
}

/// The numbers in one piece: the whole, or else the groups between its spaces and pluses, all of them used.
fn run(text: &str, region: Option<Region>) -> Vec<String> {
    if let Some(one) = number(text, region) {
        return vec![one];
    }
    let mut groups: Vec<&str> = Vec::new();
    for word in text.split([' ', '\t']) {
        let mut rest = word;
        while let Some(plus) = rest.get(1..).and_then(|it| it.find('+')) {
            let (group, tail) = rest.split_at(plus + 1);
            groups.push(group);
            rest = tail;
        }
        groups.push(rest);
    }
    groups.retain(|it| it.bytes().any(|it| it.is_ascii_digit()));
    if groups.len() < 2 || text.len() > MAX_RUN {
        return Vec::new();
    }
    partition(&groups, region).unwrap_or_default()
}

/// The fewest numbers that use up all `groups`; of equally few, those whose shortest is longest, then the first.
fn partition(groups: &[&str], region: Option<Region>) -> Option<Vec<String>> {
    // `best[end]` is the best reading of the groups before `end`.
    let mut best: Vec<Option<Vec<String>>> = vec![Some(Vec::new())];
    for end in 1..=groups.len() {
        let mut found: Option<Vec<String>> = None;
        for start in 0..end {
            let Some(before) = &best[start] else { continue };
            let last = number(&groups[start..end].join(" "), region).filter(|it| it.len() >= MIN_SPLIT);
            let Some(last) = last else { continue };
            let mut reading = before.clone();
            reading.push(last);
            if found.as_ref().is_none_or(|it| rank(&reading) < rank(it)) {
                found = Some(reading);
            }
        }
        best.push(found);
    }
    best.pop().flatten()
}

/// Smaller is better.
fn rank(reading: &[String]) -> (usize, std::cmp::Reverse<usize>) {
    (reading.len(), std::cmp::Reverse(reading.iter().map(String::len).min().unwrap_or(0)))
}

/// One number in E.164, if `text` is one.
fn number(text: &str, region: Option<Region>) -> Option<String> {
    let digits = dialled_digits(text)?;
    if let Some(international) = digits.strip_prefix('+') {
        return international_number(international).or_else(|| parse(&digits, region));
    }
    parse(&digits, region).or_else(|| {
        // `00` is what most of the world dials for `+`, also where `region` dials something else.
        let digits = digits.strip_prefix("00")?;
        international_number(digits).or_else(|| parse(&format!("+{digits}"), region))
    })
}

/// `digits` as country code and number, if that is valid as it stands.
///
/// Every answer of this module passes here, which makes it idempotent; and it is faster than parsing.
fn international_number(digits: &str) -> Option<String> {
    // No country code begins with another.
    let (country, national) = (1..=3).find_map(|end| {
        let (country, national) = digits.split_at_checked(end)?;
        let country = country.parse().ok().filter(|_| !country.starts_with('0'))?;
        PHONE_NUMBER_UTIL.get_region_for_country_code(country).map(|_| (country, national))
    })?;
    valid(country, national)
}

/// A number in E.164, if it is valid.
fn valid(country: i32, national: &str) -> Option<String> {
    if !(2..=17).contains(&national.len()) {
        return None;
    }
    let zeros = national.bytes().take_while(|it| *it == b'0').count();
    let number = PhoneNumber {
        country_code: country,
        national_number: national.parse().ok()?,
        italian_leading_zero: (zeros > 0).then_some(true),
        number_of_leading_zeros: i32::try_from(zeros).ok().filter(|it| *it > 1),
        ..PhoneNumber::default()
    };
    PHONE_NUMBER_UTIL.is_valid_number(&number).then(|| format!("+{country}{national}"))
}

/// The digits of `text` behind one leading `+` or none.
fn dialled_digits(text: &str) -> Option<String> {
    let text = text.trim_matches(|it: char| !it.is_ascii_digit() && it != '+');
    if let Some(digits) = exponent_digits(text) {
        return Some(digits);
    }
    let whole = text.strip_suffix(".0").or_else(|| text.strip_suffix(".00"));
    let text = whole.filter(|it| it.bytes().all(|it| it.is_ascii_digit() || it == b'+')).unwrap_or(text);
    let mut out = String::with_capacity(text.len());
    for it in text.chars() {
        match it {
            '0'..='9' => out.push(it),
            '+' if out.is_empty() => out.push(it),
            '+' if out != "+" => return None,
            _ => (),
        }
    }
    // libphonenumber wants at least two digits of a number and reads at most seventeen behind a country code.
    (3..=21).contains(&out.len()).then_some(out)
}

/// A valid number in E.164, as libphonenumber reads `digits`.
fn parse(digits: &str, region: Option<Region>) -> Option<String> {
    let number = PHONE_NUMBER_UTIL.parse(digits, region).ok()?;
    international_number(number.format_as(PhoneNumberFormat::E164).strip_prefix('+')?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, region: &str, expected: &str) {
        assert_eq!(phone(text, region).unwrap_or_default(), expected, "{text:?} in {region}");
    }

    fn check_all(text: &str, region: &str, expected: &[&str]) {
        assert_eq!(phones(text, region), expected, "{text:?} in {region}");
    }

    #[test]
    fn regions_whose_numbers_begin_with_a_zero() {
        assert_eq!(["FR", "DE", "ZA", "GB", "JP", "IN"].map(has_leading_zero), [true; 6]);
        assert_eq!(["ES", "US", "PL", "DK", "", "x"].map(has_leading_zero), [false; 6]);
    }

    #[test]
    fn other_things_in_digits_are_not_dialled() {
        for text in [
            "2.782123457E10",
            "2.78212E+10",
            "2,78212E+10",
            "2025-07-26 14:30",
            "2025-07-26T14:30:05",
            "26/07/2025",
            "26.07.2025",
            "2,844.25",
            "R2,844.25",
            "2.844,25",
            "(1,234,567.89)",
            "192.168.100.200",
            "10.0.0.1",
        ] {
            for region in ["ZA", "US", "FI", "DE", "GB", "IN", "JP"] {
                check(text, region, "");
                check_all(text, region, &[]);
            }
        }
        check("called 2025-07-26: 082 123 4567", "ZA", "+27821234567");
        check("2.7821234567E10", "ZA", "+27821234567");
        check("32.12.34.56", "DK", "+4532123456");
        check("082 123 4567¹", "ZA", "+27821234567");
        check("082 123 456²", "ZA", "+2782123456");
    }

    #[test]
    fn slashes_inside_a_number_are_none_between_two() {
        check("082/123/4567", "ZA", "+27821234567");
        check("082/123/45/67", "ZA", "+27821234567");
        check("030/1234567", "DE", "+49301234567");
        check("0821234567/8", "ZA", "+27821234567");
        check_all("082/1234567/083/1234567", "ZA", &["+27821234567", "+27831234567"]);
        check_all("082 123 4567/083 123 4567", "ZA", &["+27821234567", "+27831234567"]);
    }

    #[test]
    fn a_link_may_say_the_code_of_a_place() {
        check("tel:123-4567;phone-context=+2711", "US", "+27111234567");
        check("tel:0821234567;phone-context=+27", "US", "+27821234567");
        check("tel:123-4567;phone-context=example.com", "ZA", "");
    }

    #[test]
    fn one_point_among_blanks_makes_no_price_of_a_number() {
        check(" 01.23 45 67 89", "FR", "+33123456789");
        check("Tel: 27.12  34 56 (work)", "LU", "+35227123456");
        check("T. +596-596\u{a0}30.12 34", "MQ", "+596596301234");
        check("Tel: +46-70\u{a0}123.45 67", "SE", "+46701234567");
        check("T. 32\u{a0}10.00", "GL", "+299321000");
        check("01.23- 45 67 89 (work)", "FR", "+33123456789");
        check("Tel: +352\u{a0}27.12\u{a0}34 56", "LU", "+35227123456");
        check("+238.221\u{a0}12.34 ", "CV", "+2382211234");
        check("250.00 082 123 4567", "ZA", "+27821234567");
        check("082 123 4567 250.00", "ZA", "+27821234567");
        check("12.50 089 1234567", "DE", "+49891234567");
        check("12.50 34.56", "DK", "");
        for text in ["34.41 23.45", "34,41 23,45", "34,41 / 23,45", "12,50 34,56"] {
            ["LU", "DK", "FR", "IT", "US"].iter().for_each(|it| check(text, it, ""));
            check_all(text, "LU", &[]);
        }
    }

    #[test]
    fn names_of_things_prices_and_places_are_not_dialled() {
        for text in [
            "DE123456789",
            "VAT ATU12345678",
            "INV2125550123",
            "DE89 3704 0044 0532 0130 00",
            "550e8400-e29b-41d4-a716-446655440000",
            "bo2125550123@one.example",
            "bo@2125550123.example",
            "https://one.example/2125550123",
            "www.2125550123.example",
            "€6502530000",
            "650253000%",
            "$2,125,550.123",
            "12 253 000,00",
            "51.5074, -0.1278",
            "52.520008,13.404954",
            "-26.204103 28.047305",
            "20240131103000",
            "20240131 1030",
            "2024-W05-3",
            "EUR 650253000",
            "650 253 000 USD",
            "ZAR 215550101",
            "$ 215 550 101",
            "£ 021 555 0101",
            "021 555 0101 €",
            "0.215550101",
        ] {
            for region in ["ZA", "US", "FI", "DE", "GB", "IN", "JP", "FR"] {
                check(text, region, "");
                check_all(text, region, &[]);
            }
        }
        check("bo@2125550123.example, 650 253 0000", "US", "+16502530000");
        check("0821234567,bo@one.example", "ZA", "+27821234567");
        check("c0821234567", "ZA", "+27821234567");
        check("Cell0821234567", "ZA", "+27821234567");
        check("T+27821234567", "US", "+27821234567");
        check("EUR +27821234567", "US", "+27821234567");
        check("082 123 4567 (08:00-17:00)", "ZA", "+27821234567");
        check("TEL 821234567", "ZA", "+27821234567");
    }

    #[test]
    fn a_link_says_where_it_is_dialled() {
        for region in ["ZA", "DE", "US"] {
            check("tel:0821234567;phone-context=+27", region, "+27821234567");
            check("TEL:821234567;phone-context=+27", region, "+27821234567");
            check("tel:650-253-0000;phone-context=+1", region, "+16502530000");
        }
        check("tel:0821234567;phone-context=one.example", "ZA", "+27821234567");
    }

    #[test]
    fn one_number_in_many_spellings() {
        for text in [
            "0821234567",
            "082 123 4567",
            "27821234567",
            "0027821234567",
            "00 27 82 123 4567",
            "+27(0)82 123 4567",
            "27821234567\u{a0} ",
            "27821234567.0",
            "821234567.0",
            "821234567",
            "+27821234567",
            "082-123-4567",
            "082.123.4567",
            "(082) 123 4567",
            "[082] 123 4567",
            "082 123 4567 (cell)",
            "Cell: 082 123 4567",
            "tel:+27821234567",
            "\u{202a}+27 82 123 4567\u{202c}",
            "０８２ １２３ ４５６７",
            "٠٨٢١٢٣٤٥٦٧",
            "0821234567x12",
            "082 123 4567 ext. 12",
            "082 123 4567 (ext 12)",
            "082 123 4567 #12",
            "+27821234567;ext=12",
            "082–123–4567",
            "2.7821234567E10",
            "2.7821234567e+10",
            "27 (0)82 123 4567",
            "'0821234567",
        ] {
            check(text, "ZA", "+27821234567");
        }
    }

    #[test]
    fn other_numbers() {
        check("082123456", "ZA", "+2782123456");
        check("0800 123 456", "ZA", "+27800123456");
        check("+44 20 7946 0958", "ZA", "+442079460958");
        check("020 7946 0958", "GB", "+442079460958");
        check("020 7946 0958", "gb", "+442079460958");
        check("(650) 253-0000", "US", "+16502530000");
        check("0027 82 123 4567", "US", "+27821234567");
        check("030/1234567", "DE", "+49301234567");
        check("+39 06 698 12345", "ZA", "+390669812345");
        check("+800 1234 5678", "ZA", "+80012345678");
        for text in ["12345", "", "n/a", "+", "++", "082 123 45678 9", "2.78E+10", "+0821234567", "x12", "-.-"] {
            check(text, "ZA", "");
        }
        for region in ["", "XX", "Zululand", "001"] {
            check("0821234567", region, "");
            check("+27 82 123 4567", region, "+27821234567");
        }
    }

    #[test]
    fn two_numbers_are_two() {
        let both = ["+27115551234", "+27821234567"];
        for text in [
            "011 555 1234 / 082 123 4567",
            "011 555 1234/082 123 4567",
            "0115551234;0821234567",
            "0115551234, 0821234567",
            "011 555 1234 | 082 123 4567",
            "011 555 1234\n082 123 4567",
            "011 555 1234 or 082 123 4567",
            "011 555 1234 & 082 123 4567",
            "0115551234 0821234567",
            "011 555 1234 082 123 4567",
            "+27115551234+27821234567",
            "011 555 1234 - 082 123 4567",
            "w 011 555 1234 c 082 123 4567",
            "011 555 1234 x5 / 082 123 4567",
            "27115551234.0 / 821234567.0",
            "0115551234 (w) 0821234567 (c) 0115551234",
        ] {
            check_all(text, "ZA", &both);
            check(text, "ZA", "");
        }
        check_all("011 555 1234 / 5", "ZA", &both[..1]);
        check_all("011 555 1234 / 011 555 1234", "ZA", &both[..1]);
        check("011 555 1234 / 011 555 1234", "ZA", both[0]);
        check_all("011 555 1234 12 / 082 123 4567", "ZA", &both[1..]);
        check_all("none", "ZA", &[]);
    }

    #[test]
    fn a_second_number_of_which_only_the_end_is_written_is_a_second_number() {
        for text in ["+1(212)555-0100/0101", "+1 212 555 0100 / 0101", "212 555 0100 & 0101", "212-555-0100/-01"] {
            check(text, "US", "");
            check_all(text, "US", &["+12125550100"]);
        }
    }

    #[test]
    fn hostile_texts_are_short_work() {
        for text in ["1 ".repeat(5_000), "+1".repeat(5_000), "1/".repeat(5_000), "x1".repeat(5_000), "9".repeat(10_000)]
        {
            assert_eq!(phones(&text, "ZA"), Vec::<String>::new());
        }
        assert_eq!(phones("0;phone-context=+1;phone-context=tel:", "US"), Vec::<String>::new());
    }

    fn is_e164(text: &str) -> bool {
        let digits = text.strip_prefix('+').unwrap_or_default();
        (4..=18).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|it| it.is_ascii_digit())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn a_number_stays_itself(text in "\\PC*|[0-9+(). /x-]{1,24}|\\+?[0-9]{5,15}", region in "ZA|US|DE|IT|RU|AR|MX|BR|HU|XX|FR") {
            let all = phones(&text, &region);
            prop_assert!(all.iter().all(|it| is_e164(it)), "{all:?}");
            for one in &all {
                prop_assert_eq!(phone(one, &region), Some(one.clone()));
            }
            prop_assert_eq!(phones(&all.join("; "), &region), all);
            if let Some(one) = phone(&text, &region) {
                prop_assert_eq!(phone(&one, &region), Some(one));
            }
        }

        #[test]
        fn any_text_goes_through(text in any::<String>(), region in any::<String>()) {
            phones(&text, &region);
        }
    }
}
