//! What stands between fields and around them: declared, said by the file (`sep=;`), or found over a bounded prefix.

use super::fold::SIGN;
use crate::readers::problems::{DIALECT, refuse, shown};
use crate::readers::{Detected, ReadError, Request};

/// Candidates, the likelier first.
const DELIMITERS: [u8; 4] = *b",;\t|";
/// Records that are looked at.
const RECORDS: usize = 200;

/// The bytes that a scanner needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    pub(super) quote: u8,
    /// What stands before a sign that is meant as itself.
    pub(super) escape: Option<u8>,
    /// The two characters that the delimiter stands for.
    pub(super) pair: Option<[u8; 2]>,
}

impl Dialect {
    /// Decides, and says how many bytes of `text` are a line that only names the delimiter.
    pub(super) fn choose(
        request: &Request,
        text: &str,
        whole: bool,
        detected: &mut Vec<Detected>,
    ) -> Result<(Dialect, usize), ReadError> {
        let quote = ascii(request.options.quote.unwrap_or('"'))?;
        let escape = request.options.escape.map(ascii).transpose()?;
        let (said, skipped) = separator_line(text);
        let by_name = request.path.extension().is_some_and(|it| it.eq_ignore_ascii_case("tsv"));
        let declared = request.options.delimiter.as_deref().unwrap_or_default().chars().map(ascii);
        let declared = declared.collect::<Result<Vec<u8>, _>>()?;
        let mut pair = <[u8; 2]>::try_from(declared.as_slice()).ok();
        let delimiter = match (declared.as_slice(), said) {
            ([_, _, ..], _) => SIGN,
            ([declared], _) => *declared,
            ([], Some(said)) => said,
            ([], None) if by_name => b'\t',
            ([], None) => {
                let (delimiter, confidence) =
                    detect(&text[skipped..], Dialect { delimiter: b',', quote, escape, pair: None }, whole);
                pair = is_led_by_blanks(&text[skipped..], delimiter, quote).then_some([delimiter, b' ']);
                let mut answer = char::from(delimiter).to_string();
                answer.extend(pair.map(|_| ' '));
                detected.push(Detected { what: "delimiter".to_owned(), answer, confidence, why: String::new() });
                if pair.is_some() { SIGN } else { delimiter }
            }
        };
        if delimiter == quote || declared.contains(&quote) {
            let message = format!("`{}` cannot be both delimiter and quote", shown(&char::from(quote).to_string()));
            return Err(refuse(&DIALECT, message, "name two different characters"));
        }
        if let Some(escape) = escape.filter(|it| [delimiter, quote].contains(it) || declared.contains(it)) {
            let message =
                format!("`{}` cannot be `escape` and something else too", shown(&char::from(escape).to_string()));
            return Err(refuse(&DIALECT, message, "leave `escape` out where a quote is doubled, or name another sign"));
        }
        Ok((Dialect { delimiter, quote, escape, pair }, skipped))
    }
}

fn ascii(c: char) -> Result<u8, ReadError> {
    match u8::try_from(c) {
        Ok(byte @ (b'\t' | b' '..=b'~')) if !byte.is_ascii_alphanumeric() => Ok(byte),
        _ => {
            let message = format!("`{}` cannot be a delimiter or a quote", shown(&c.to_string()));
            Err(refuse(&DIALECT, message, "name a tab or one ASCII sign that is not a letter or a digit"))
        }
    }
}

/// The delimiter that a first line `sep=;` names, and the length of the line.
fn separator_line(text: &str) -> (Option<u8>, usize) {
    let Some(end) = text.find(['\r', '\n']) else { return (None, 0) };
    let line = text[..end].trim_matches('"');
    let said = line.strip_prefix("sep=").and_then(|it| {
        let mut chars = it.chars();
        ascii(chars.next()?).ok().filter(|_| chars.next().is_none())
    });
    match said {
        Some(said) => (Some(said), end + if text[end..].starts_with("\r\n") { 2 } else { 1 }),
        None => (None, 0),
    }
}

/// The delimiter under which most records have the same number of fields, more than one.
fn detect(text: &str, dialect: Dialect, whole: bool) -> (u8, f32) {
    let mut best = (b',', 0.0, 1, false);
    for delimiter in DELIMITERS {
        let counts = field_counts(text, Dialect { delimiter, ..dialect }, whole);
        let mut common = (1, 0);
        for count in counts.iter().filter(|it| **it > 1) {
            let same = counts.iter().filter(|it| *it == count).count();
            if same > common.1 {
                common = (*count, same);
            }
        }
        let share = common.1 as f32 / counts.len().max(1) as f32;
        // Of two signs that make all records alike, one that a blank always follows stands between words.
        let prose = is_prose(text, delimiter);
        let better = match (prose, best.3) {
            (true, false) if share <= best.1 => false,
            (false, true) if share >= best.1 && share > 0.0 => true,
            _ => share > best.1 || (share == best.1 && share > 0.0 && common.0 > best.2),
        };
        if better {
            best = (delimiter, share, common.0, prose);
        }
    }
    // A sign that a few values happen to hold makes no columns.
    if best.1 < 0.4 {
        return (b',', 0.5);
    }
    // A comma within the numbers of a single column: no sign delimits there.
    if best.0 == b',' && !text.contains(';') && is_column_of_decimals(text, whole) {
        return (b';', 0.6);
    }
    (best.0, (best.1 * 100.0).round() / 100.0)
}

/// Whether a name without a comma stands above nothing but numbers, of which at least two have a decimal comma. Rows that
/// count from 1 before the comma are numbered, and have a second value.
fn is_column_of_decimals(text: &str, whole: bool) -> bool {
    let mut lines: Vec<&str> = text.lines().filter(|it| !it.trim().is_empty()).take(RECORDS).collect();
    if !whole && lines.len() < RECORDS {
        lines.pop();
    }
    let Some((header, rows)) = lines.split_first() else { return false };
    let is_digits = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
    let is_whole = |it: &str| {
        let mut groups = it.strip_prefix('-').unwrap_or(it).split('.');
        groups.next().is_some_and(is_digits) && groups.all(|it| is_digits(it) && it.len() == 3)
    };
    let parts = |row: &&str| {
        row.trim()
            .split_once(',')
            .map_or((row.trim().to_owned(), None), |(whole, fraction)| (whole.to_owned(), Some(fraction.to_owned())))
    };
    let numbers: Vec<_> = rows.iter().map(parts).collect();
    let fits = numbers.iter().all(|(it, fraction)| is_whole(it) && fraction.as_deref().is_none_or(is_digits));
    let counts = numbers.iter().zip(1..).all(|((it, fraction), at)| fraction.is_some() && *it == at.to_string());
    let decimals = numbers.iter().filter(|(_, fraction)| fraction.is_some()).count();
    let named = !header.contains(',') && header.chars().any(char::is_alphabetic);
    named && fits && !counts && decimals >= 2
}

/// Whether a blank follows this sign wherever it stands within a line.
fn is_prose(text: &str, delimiter: u8) -> bool {
    let mut within = text.as_bytes().windows(2).filter(|it| it[0] == delimiter && !matches!(it[1], b'\r' | b'\n'));
    delimiter != b'\t' && within.next().is_some_and(|it| it[1] == b' ') && within.all(|it| it[1] == b' ')
}

/// Whether a blank follows the delimiter wherever it stands between fields, and quotes open fields behind it, as in
/// `1, "p, q"`: the blank belongs to the delimiter, or no quote would open a field.
fn is_led_by_blanks(text: &str, delimiter: u8, quote: u8) -> bool {
    let bytes = text.as_bytes();
    let (mut at, mut quoted, mut opened) = (0, false, false);
    while let Some(byte) = bytes.get(at) {
        let next = bytes.get(at + 1);
        match *byte {
            it if it == quote && quoted && next == Some(&quote) => at += 1,
            it if it == quote && quoted => quoted = false,
            it if it == quote && at.checked_sub(1).is_none_or(|it| matches!(bytes[it], b'\r' | b'\n')) => quoted = true,
            it if quoted || it != delimiter => (),
            _ if next.is_some_and(|it| *it != b' ') => return false,
            _ if bytes.get(at + 2) == Some(&quote) => {
                (quoted, opened) = (true, true);
                at += 2;
            }
            _ => (),
        }
        at += 1;
    }
    opened && delimiter != b' '
}

/// How many fields each of the first records has, blank lines left out, and the last one too unless it is whole.
fn field_counts(text: &str, Dialect { delimiter, quote, escape, .. }: Dialect, whole: bool) -> Vec<usize> {
    let mut counts = Vec::new();
    let (mut fields, mut quoted, mut blank, mut start) = (1, false, true, true);
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            _ if Some(byte) == escape => {
                bytes.next_if(|it| !matches!(it, b'\r' | b'\n'));
                (blank, start) = (false, false);
            }
            _ if byte == quote && (quoted || start) => {
                quoted = !quoted;
                (start, blank) = (quoted, false);
            }
            _ if quoted => (),
            b'\r' | b'\n' => {
                if !blank {
                    counts.push(fields);
                }
                (fields, blank, start) = (1, true, true);
                if counts.len() == RECORDS {
                    return counts;
                }
            }
            _ if byte == delimiter => {
                fields += 1;
                (blank, start) = (false, true);
            }
            _ => (blank, start) = (false, false),
        }
    }
    if !blank && (whole || counts.is_empty()) {
        counts.push(fields);
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_what_makes_rows_alike() {
        let cases = [
            ("a,b\n1,2\n", b','),
            ("a;b\n1,5;2,5\n3;4\n", b';'),
            ("a\tb\n1\t2\n", b'\t'),
            ("a|b|c\n1|2|3\n", b'|'),
            ("only\nhello; world\nfoo|bar\n", b','),
            ("\"x;y\",b\n\"1;2\",3\n", b','),
            ("Report; 2025\n\na,b\n1,2\n3,4\n", b','),
            ("name\nJo\n", b','),
            ("", b','),
        ];
        let decimals: String = (0..150).map(|it| format!("{it},5;{it},25\n")).collect();
        let notes: String = (0..150).map(|it| format!("n{it};one, two, three\n")).collect();
        let titled = format!("Prices\nof 2025\na;b\n{decimals}");
        let long = [format!("a;b\n{decimals}"), format!("name;note\n{notes}"), titled];
        let long = long.iter().map(|it| (it.as_str(), b';'));
        let all = cases.into_iter().chain(long).chain([("Last, First;Phone\nDoe, Jo;1\nRoe, Al;2\n", b';')]);
        for (text, delimiter) in all.chain([("a, b\n1, 2\n", b',')]) {
            let dialect = Dialect { delimiter: b',', quote: b'"', escape: None, pair: None };
            assert_eq!(char::from(detect(text, dialect, true).0), char::from(delimiter), "{text:?}");
        }
    }

    #[test]
    fn a_comma_within_numbers_of_one_column_delimits_nothing() {
        for (text, expected) in [
            ("amount\n12,50\n3,99\n12,50\n", true),
            ("amount\n-1.234,5\n7\n3,25\n", true),
            // Numbered rows under a header without a name for the numbers.
            ("amount\n1,5\n2,5\n3,25\n", false),
            ("a,b\n12,50\n3,99\n", false),
            ("amount\n12,50,1\n3,99,2\n", false),
            ("amount\n12,x\n3,99\n", false),
            ("amount\n12,50\n", false),
        ] {
            assert_eq!(is_column_of_decimals(text, true), expected, "{text:?}");
        }
    }

    #[test]
    fn a_blank_before_quotes_belongs_to_the_delimiter() {
        for (text, expected) in [
            ("a, b, c\n1, \"p, q\", x\n2, \"say \"\"hi\"\",no\", \n", true),
            ("a, b\n1, 2\n", false),
            ("a,b\n1, \"p, q\"\n", false),
            ("a, b\n\"p,q\", \"r\"\n", true),
            ("\"a\", b\n\"p,q\", r\n", false),
            ("a; b\n1; \"p, q\"\n", false),
        ] {
            assert_eq!(is_led_by_blanks(text, b',', b'"'), expected, "{text}");
        }
    }

    #[test]
    fn a_file_may_say_its_delimiter() {
        assert_eq!(separator_line("sep=;\r\na;b\r\n"), (Some(b';'), 7));
        assert_eq!(separator_line("\"sep=|\"\na|b\n"), (Some(b'|'), 8));
        assert_eq!(separator_line("sep=;;\na\n"), (None, 0));
        assert_eq!(separator_line("a,b\n"), (None, 0));
    }

    #[test]
    fn only_plain_signs_delimit() {
        for good in [',', ';', '\t', '|', '~', ' '] {
            assert!(ascii(good).is_ok(), "{good:?}");
        }
        for bad in ['a', '0', 'é', '\n', '\0'] {
            assert!(ascii(bad).is_err(), "{bad:?}");
        }
    }
}
