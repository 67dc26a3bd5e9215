//! The pattern of a text: what it is built like, with none of what it says. `SA-0012` is `A-9999`, `Jo Smith` is
//! `Aa Aa`.
//!
//! A run of letters is one letter, for words differ in length and are alike all the same; every digit is a `9`, for
//! codes and telephone numbers are told apart by how many they have. What is neither stands as it is.

/// The longest pattern, in characters; what follows is an ellipsis.
const LONGEST: usize = 40;

/// The pattern of a text.
pub fn pattern(text: &str) -> String {
    let mut out = String::new();
    let mut length = 0;
    let mut last = None;
    for it in text.chars() {
        let sign = match it {
            _ if it.is_uppercase() => 'A',
            _ if it.is_alphabetic() => 'a',
            _ if it.is_numeric() => '9',
            // A mark belongs to the letter before it.
            _ if is_mark(it) && matches!(last, Some('A' | 'a')) => continue,
            _ => it,
        };
        if last == Some(sign) && matches!(sign, 'A' | 'a') {
            continue;
        }
        if length == LONGEST {
            out.pop();
            out.push('…');
            return out;
        }
        out.push(sign);
        length += 1;
        last = Some(sign);
    }
    out
}

/// Combining marks of the blocks that hold nothing else.
fn is_mark(it: char) -> bool {
    matches!(it, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn letters_are_runs_and_digits_are_counted() {
        let check = |text: &str, expected: &str| assert_eq!(pattern(text), expected, "{text}");
        check("", "");
        check("SA-0012", "A-9999");
        check("Jo Smith", "Aa Aa");
        check("McDonald", "AaAa");
        check("jo.smith@aero.example", "a.a@a.a");
        check("+27 21 555 0101", "+99 99 999 9999");
        check("E\u{301}cole", "Aa");
        check("École", "Aa");
        check("日本 3", "a 9");
        check("  x\n", "  a\n");
        check(&"1".repeat(41), &format!("{}…", "9".repeat(39)));
    }

    proptest! {
        #[test]
        fn a_pattern_is_its_own_pattern_and_says_no_letter(text in any::<String>()) {
            let once = pattern(&text);
            prop_assert!(once.chars().count() <= LONGEST);
            prop_assert!(once.chars().all(|it| !it.is_alphanumeric() || matches!(it, 'A' | 'a' | '9')));
            prop_assert_eq!(pattern(&once), once);
        }
    }
}
