//! Numbers as people read them: with separators, with a noun, as a share.

/// `1 row`, `2 rows`, `12,345 rows`: a number with the noun in the form it asks for.
pub fn count(n: u64, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{} {}", number(n), plural(noun)) }
}

/// The plural of a noun of our own word list.
fn plural(noun: &str) -> String {
    let consonant_before =
        |end: &str| noun.strip_suffix(end).is_some_and(|it| !it.ends_with(['a', 'e', 'i', 'o', 'u']) && !it.is_empty());
    if consonant_before("y") {
        format!("{}ies", &noun[..noun.len() - 1])
    } else if ["s", "x", "ch", "sh"].iter().any(|it| noun.ends_with(it)) {
        format!("{noun}es")
    } else {
        format!("{noun}s")
    }
}

/// A number with separators between thousands: `12,345`.
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `12.3 %`; what is there is never nothing, and what is missing never everything.
pub fn percent(part: u64, whole: u64) -> String {
    let tenths = if whole == 0 { 0 } else { (u128::from(part) * 1000 + u128::from(whole) / 2) / u128::from(whole) };
    match tenths {
        0 if part > 0 => "<0.1 %".to_owned(),
        1000.. if part < whole => ">99.9 %".to_owned(),
        _ => format!("{}.{} %", tenths / 10, tenths % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_take_the_form_that_the_number_asks_for() {
        let check = |n, noun, expected: &str| assert_eq!(count(n, noun), expected);
        check(0, "row", "0 rows");
        check(1, "row", "1 row");
        check(12_345, "row", "12,345 rows");
        check(1_000_000, "query", "1,000,000 queries");
        check(2, "day", "2 days");
        check(3, "match", "3 matches");
    }

    #[test]
    fn shares_never_say_nothing_of_something() {
        let check = |part, whole, expected: &str| assert_eq!(percent(part, whole), expected);
        check(0, 0, "0.0 %");
        check(1, 3, "33.3 %");
        check(1, 100_000, "<0.1 %");
        check(99_999, 100_000, ">99.9 %");
        check(u64::MAX, u64::MAX, "100.0 %");
    }
}
