//! Languages whose words stand in dates, for truth values, beside totals and in names of keys, and how they write their letters with those
//! of English: `languages.toml` beside this file, which comes with the program.

use std::sync::LazyLock;

use crate::fields::keys::Takes;
use crate::fields::{Fields, WRONG_VALUE};
use crate::readers::Labels;

/// The codes of the languages, which are the tables of the file.
const CODES: [&str; 12] = ["af", "da", "de", "en", "es", "fr", "hi", "it", "ja", "nl", "pt", "sv"];
/// One of them, or a list.
pub(super) const TAKES: Takes = Takes::Either(&[Takes::Word(&CODES), Takes::List(&Takes::Word(&CODES), 0)]);

const FILE: &str = include_str!("languages.toml");

/// Lines for value functions by the code of the language.
static LANGUAGES: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let file: toml::Table = FILE.parse().unwrap_or_default();
    file.iter().filter_map(|(code, it)| Some((code.clone(), lines(it.as_table()?)))).collect()
});

/// Words for what is true and what is not by the code of the language.
static TRUTH: LazyLock<Vec<(String, [Vec<String>; 2])>> = LazyLock::new(|| {
    let file: toml::Table = FILE.parse().unwrap_or_default();
    let words = |it: &toml::Value, key: &str| -> Vec<String> {
        let text = it.get(key).and_then(|it| it.as_str()).unwrap_or_default();
        text.split_whitespace().map(str::to_owned).collect()
    };
    file.iter().map(|(code, it)| (code.clone(), [words(it, "yes"), words(it, "no")])).collect()
});

/// `letter<TAB>letters` by the code of the language.
static LETTERS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let file: toml::Table = FILE.parse().unwrap_or_default();
    let pairs = |it: &toml::Value| -> Vec<String> {
        let text = it.get("letters").and_then(|it| it.as_str()).unwrap_or_default();
        let words: Vec<&str> = text.split_whitespace().collect();
        words.chunks_exact(2).map(|it| it.join("\t")).collect()
    };
    file.iter().map(|(code, it)| (code.clone(), pairs(it).join("\n"))).collect()
});

/// `word<TAB>number` for each name of a month, and of an era with the year before its first; `word<TAB>` for the marks
/// behind a year, a month and a day; `word` for what says nothing.
fn lines(language: &toml::Table) -> String {
    let texts = |key: &str| -> Vec<String> {
        let listed = language.get(key).and_then(|it| it.as_array()).into_iter().flatten();
        listed.filter_map(|it| it.as_str().map(str::to_owned)).collect()
    };
    let mut acc = String::new();
    for (at, month) in texts("months").iter().enumerate() {
        month.split(' ').for_each(|it| acc.push_str(&format!("\n{it}\t{}", at + 1)));
    }
    let words = |key: &str| language.get(key).and_then(|it| it.as_str()).unwrap_or_default().split_whitespace();
    words("marks").for_each(|it| acc.push_str(&format!("\n{it}\t")));
    let eras: Vec<&str> = words("eras").collect();
    eras.chunks_exact(2).for_each(|it| acc.push_str(&format!("\n{}\t{}", it[0], it[1])));
    let between = language.get("between").and_then(|it| it.as_str()).unwrap_or_default();
    let silent = texts("days").join(" ");
    silent.split(' ').chain(between.split(' ')).filter(|it| !it.is_empty()).for_each(|it| {
        acc.push('\n');
        acc.push_str(it);
    });
    acc
}

/// The languages that `[normal] languages` names; one that is not known is told.
pub(super) fn named(table: &mut Fields) -> Vec<String> {
    let words = table.words("languages");
    for word in &words {
        if !CODES.contains(&word.as_str()) {
            let message = format!("no words of the language `{}` are known", word.escape_debug());
            let help = format!("it takes {}; those of English are always known", CODES.join(", "));
            table.problem(&WRONG_VALUE, "languages", message, "named here", Some(help));
        }
    }
    words
}

/// The words of these languages, each on a line with a line end before it.
pub(super) fn words(languages: &[String]) -> String {
    let each = languages.iter().filter_map(|it| LANGUAGES.iter().find(|(code, _)| code == it));
    each.map(|(_, lines)| lines.as_str()).collect()
}

/// What tells totals and remarks in these languages and in English, in small letters.
pub(super) fn labels(languages: &[String]) -> Labels {
    let file: toml::Table = FILE.parse().unwrap_or_default();
    let of = |key: &str| {
        let codes = languages.iter().map(String::as_str).chain(["en"]);
        let lists = codes.filter_map(|it| file.get(it)?.get(key)?.as_array());
        let mut words: Vec<String> = lists.flatten().filter_map(|it| Some(it.as_str()?.to_lowercase())).collect();
        words.sort();
        words.dedup();
        words
    };
    Labels { totals: of("totals"), remarks: of("remarks"), money: Vec::new() }
}

/// What names of columns end with that tell rows apart, in these languages and in English, in small letters.
pub(super) fn keys(languages: &[String]) -> Vec<String> {
    let file: toml::Table = FILE.parse().unwrap_or_default();
    let codes = languages.iter().map(String::as_str).chain(["en"]);
    let words = codes.filter_map(|it| file.get(it)?.get("keys")?.as_str()).flat_map(str::split_whitespace);
    words.map(str::to_lowercase).collect()
}

/// How these languages write their letters with those of English, one letter a line; the first that is named decides.
pub(super) fn letters(languages: &[String]) -> String {
    let each = languages.iter().filter_map(|it| LETTERS.iter().find(|(code, _)| code == it));
    let mut acc: Vec<&str> = Vec::new();
    for line in each.flat_map(|(_, lines)| lines.lines()) {
        let letter = |it: &str| it.chars().next();
        if !acc.iter().any(|it| letter(it) == letter(line)) {
            acc.push(line);
        }
    }
    acc.join("\n")
}

/// What these languages call true, and what not.
pub(super) fn truth(languages: &[String]) -> [Vec<&'static str>; 2] {
    let each = || languages.iter().filter_map(|it| TRUTH.iter().find(|(code, _)| code == it));
    [0, 1].map(|at| each().flat_map(|(_, words)| words[at].iter().map(String::as_str)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::calendar::Style;
    use crate::text::date::date_as;

    #[test]
    fn every_language_names_twelve_months_and_seven_days() {
        let file: toml::Table = FILE.parse().expect("TOML");
        assert_eq!(file.keys().map(String::as_str).collect::<Vec<_>>(), CODES);
        assert_eq!(LANGUAGES.len(), CODES.len());
        for (code, language) in &file {
            assert_eq!(language["months"].as_array().map(Vec::len), Some(12), "{code}");
            assert_eq!(language["days"].as_array().map(Vec::len), Some(7), "{code}");
            let [yes, no] = truth(std::slice::from_ref(code));
            assert!(code == "en" || yes.len() >= 2 && no.len() >= 2 && yes.iter().all(|it| !no.contains(it)), "{code}");
        }
    }

    #[test]
    fn every_month_of_every_language_is_read_as_itself() {
        for (code, lines) in LANGUAGES.iter() {
            let style = Style::parse(&format!("day_first\nday{lines}")).expect("a style");
            for (name, month) in lines.lines().filter_map(|it| it.split_once('\t')) {
                let Some(month) = month.parse::<u16>().ok().filter(|it| *it <= 12) else { continue };
                let expected = format!("2025-{month:02}-05");
                for text in
                    [format!("5 {name} 2025"), format!("5. {name} 2025"), format!("5 {}. 2025", name.to_uppercase())]
                {
                    assert_eq!(date_as(&text, &style), Some(expected.clone()), "{code}: {text}");
                }
            }
        }
    }

    #[test]
    fn totals_are_told_in_english_and_in_the_languages_that_are_named() {
        let of = |it: &[&str]| labels(&it.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>());
        let has = |it: &Labels, word: &str| it.totals.iter().any(|it| it == word);
        assert!(has(&of(&[]), "subtotal") && !has(&of(&[]), "zwischensumme"));
        for (code, word) in [("de", "zwischensumme"), ("fr", "sous-total"), ("ja", "小計"), ("hi", "कुल")] {
            assert!(has(&of(&[code]), word) && has(&of(&[code]), "total"), "{code}");
        }
    }

    #[test]
    fn letters_of_the_first_language_decide() {
        let of = |it: &[&str]| letters(&it.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>());
        assert!(of(&["de", "fr"]).lines().any(|it| it == "ü\tue"));
        assert_eq!(of(&["fr", "ja"]), "");
        assert_eq!(of(&["sv", "da"]).lines().count(), 3);
    }

    #[test]
    fn dates_of_a_few_languages() {
        let check = |languages: &[&str], text: &str, expected: &str| {
            let languages: Vec<String> = languages.iter().map(|it| (*it).to_owned()).collect();
            let style = Style::parse(&format!("day_first\nday{}", words(&languages))).expect("a style");
            assert_eq!(date_as(text, &style).unwrap_or_default(), expected, "{text}");
        };
        check(&["de"], "Montag, 3. März 2025", "2025-03-03");
        check(&["fr"], "le 1er août 2025", "2025-08-01");
        check(&["es"], "3 de marzo de 2025", "2025-03-03");
        check(&["pt"], "segunda-feira, 3 de março de 2025", "2025-03-03");
        check(&["hi"], "26 अगस्त 2025", "2025-08-26");
        check(&["hi"], "२६ फ़रवरी २०२५", "2025-02-26");
        for text in [
            "2025年7月26日",
            "2025年07月26日(土)",
            "２０２５年７月２６日",
            "2025 年 7 月 26 日 土曜日",
            "令和7年7月26日",
            "R7.7.26",
            "R7/07/26",
            "2025/7/26（土）",
            "2025年7月26日 10:30",
            "7月26日 2025",
            "7月26日2025年",
        ] {
            check(&["ja"], text, "2025-07-26");
        }
        check(&["ja"], "令和元年5月1日", "2019-05-01");
        check(&["ja"], "平成31年4月30日", "2019-04-30");
        for text in [
            "25年7月26日",
            "2025年7月",
            "2025年",
            "7月26日",
            "令和",
            "R7",
            "2025年7月26日発売",
            "令和0年1月1日",
            "26日7月2025",
            "7月26日 25",
        ] {
            check(&["ja"], text, "");
        }
        check(&[], "2025年7月26日", "");
        check(&[], "26/07/2025 (Sat)", "2025-07-26");
        check(&["de"], "26.07.2025 (Sa.)", "2025-07-26");
        check(&["fr", "nl"], "3 maart 2025", "2025-03-03");
        check(&["fr"], "3 maart 2025", "");
        check(&[], "3 März 2025", "");
    }
}
