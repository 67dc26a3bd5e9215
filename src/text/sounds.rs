//! How a value sounds, by a method that was made for a language: values that are spelt otherwise and sound alike have the
//! same key. Which method fits is for whoever knows the data to say.

use rphonetic::{Cologne, DoubleMetaphone, Encoder, Metaphone, Nysiis};

use super::alias::folded;

/// A method.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Sound {
    /// Metaphone (Philips 1990), for words of English.
    Metaphone,
    /// Double Metaphone (Philips 2000), for names of several origins.
    DoubleMetaphone,
    /// Kölner Phonetik (Postel 1969), for words of German.
    Cologne,
    /// NYSIIS (Taft 1970), for surnames in English.
    Nysiis,
}

/// Letters that a value has at least of which the sound says something.
const LEAST: usize = 4;

/// The sounds of the words of a value, sorted; what is no word, such as a number, stays as it is. Nothing of a value that
/// is too short to tell.
pub(super) fn sounds(value: &str, by: Sound) -> String {
    let mut words: Vec<String> = value
        .split(|it: char| !it.is_alphanumeric())
        .map(folded)
        .filter(|it| !it.is_empty())
        .map(|it| sound(&it, by))
        .collect();
    words.sort_unstable();
    words.dedup();
    match value.chars().filter(|it| it.is_alphabetic()).count() >= LEAST {
        true => words.join("\u{1f}"),
        false => String::new(),
    }
}

fn sound(word: &str, by: Sound) -> String {
    if !word.bytes().all(|it| it.is_ascii_alphabetic()) {
        return word.to_owned();
    }
    let code = match by {
        Sound::Metaphone => Metaphone::new(None).encode(word),
        Sound::DoubleMetaphone => DoubleMetaphone::new(None).encode(word),
        Sound::Cologne => Cologne.encode(word),
        Sound::Nysiis => Nysiis::new(false).encode(word),
    };
    // A word that has no sound is itself.
    if code.is_empty() { word.to_owned() } else { format!("~{code}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Sound; 4] = [Sound::Metaphone, Sound::DoubleMetaphone, Sound::Cologne, Sound::Nysiis];

    #[test]
    fn what_sounds_alike_has_one_key() {
        let alike = |by, one: &str, other: &str| sounds(one, by) == sounds(other, by) && !sounds(one, by).is_empty();
        assert!(alike(Sound::Metaphone, "Knight Street", "Nite Street"));
        assert!(alike(Sound::DoubleMetaphone, "Schmidt", "Smith") || alike(Sound::DoubleMetaphone, "Smyth", "Smith"));
        assert!(alike(Sound::Cologne, "Meyer, Müller", "Mueller Maier"));
        assert!(alike(Sound::Nysiis, "Johnson", "Johnsan"));
        for by in ALL {
            assert!(!alike(by, "Route 61", "Route 62"), "a number is itself");
            assert!(!alike(by, "Perdeblom", "Uitsig"));
            assert!(!alike(by, "Ada", "Ada"), "too short to tell");
        }
    }

    #[test]
    fn any_word_has_a_key() {
        let letters = b"abcdefghijklmnopqrstuvwxyz";
        for at in 0..26 * 26 * 26_usize {
            let of = |n: usize| letters[n % 26] as char;
            let word = format!("{}{}{}", of(at), of(at / 26), of(at / 676));
            for by in ALL {
                assert!(!sound(&word, by).is_empty(), "{word}");
                assert!(!sounds(&format!("{word}{word} {word}x"), by).is_empty(), "{word}");
            }
        }
        for hostile in ["", " ", "\u{202e}x", "日本語の名前", "a\u{0301}bcd", "ß", &"x".repeat(200)] {
            ALL.iter().for_each(|by| drop(sounds(hostile, *by)));
        }
    }
}
