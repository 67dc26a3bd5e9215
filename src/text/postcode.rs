//! Postcodes in the form of a country: `sw1a1aa` is `SW1A 1AA`, and `1000001` in Japan `100-0001`.
//!
//! A form has `9` for a digit, `A` for a letter and `X` for either; any other character stands for itself. What fits no
//! form stays as it is, because it may be of another country: nothing is lost, and no digit is added.

use super::clean::{ascii_digits, lined};

/// The postcode in the first of `forms` that fits it, or the text on one line; `None` if nothing is in it.
pub fn postcode(text: &str, forms: &[&str]) -> Option<String> {
    let line = lined(text);
    let digits = ascii_digits(&line);
    let shown: Vec<char> = digits.chars().filter(|it| it.is_alphanumeric()).map(|it| it.to_ascii_uppercase()).collect();
    // A mark may stand before a postcode, and blanks and dashes in it; a comma or a slash parts it from something else.
    let is_one = digits.chars().all(|it| it.is_alphanumeric() || " -\u{2010}\u{2013}\u{2212}.\u{3012}".contains(it));
    let found = forms.iter().filter(|_| is_one).find_map(|form| filled(form, &shown));
    found.or_else(|| (!line.is_empty()).then(|| line.into_owned()))
}

/// The form with these characters in its places, if they fit it.
fn filled(form: &str, shown: &[char]) -> Option<String> {
    let mut rest = shown.iter();
    let mut out = String::with_capacity(form.len());
    for place in form.chars() {
        let fits = match place {
            '9' => |it: &char| it.is_ascii_digit(),
            'A' => |it: &char| it.is_ascii_uppercase(),
            'X' => |it: &char| it.is_ascii_alphanumeric(),
            other => {
                out.push(other);
                continue;
            }
        };
        out.push(*rest.next().filter(|it| fits(it))?);
    }
    rest.next().is_none().then_some(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BRITISH: [&str; 6] = ["A9 9AA", "A99 9AA", "AA9 9AA", "AA99 9AA", "A9A 9AA", "AA9A 9AA"];

    #[test]
    fn postcodes_have_the_form_of_their_country() {
        let check = |text: &str, forms: &[&str], expected: &str| {
            assert_eq!(postcode(text, forms).unwrap_or_default(), expected, "{text:?}");
        };
        check("sw1a1aa", &BRITISH, "SW1A 1AA");
        check(" LS1  4AP ", &BRITISH, "LS1 4AP");
        check("1000001", &["999-9999"], "100-0001");
        check("〒１００－０００１", &["999-9999"], "100-0001");
        check("411 001", &["999999"], "411001");
        check("021081234", &["99999", "99999-9999"], "02108-1234");
        check("02108", &["99999", "99999-9999"], "02108");
        // Of another country, or no postcode: it stays.
        check("1010 Wien", &["99999"], "1010 Wien");
        check("1067", &["99999"], "1067");
        check("12345/6789", &["99999-9999"], "12345/6789");
        check("\u{200b}", &["99999"], "");
        check("AB 1", &[], "AB 1");
    }

    proptest! {
        #[test]
        fn a_postcode_stays_itself(text in "[A-Za-z0-9 .〒-]{0,10}", any in any::<String>()) {
            for text in [text, any] {
                for forms in [&BRITISH[..], &["99999", "99999-9999"], &["999-9999"], &[]] {
                    if let Some(once) = postcode(&text, forms) {
                        prop_assert_eq!(postcode(&once, forms), Some(once));
                    }
                }
            }
        }
    }
}
