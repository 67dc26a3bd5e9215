//! Names that are made of what stands in a workbook: of columns and of tables.

use unicode_normalization::UnicodeNormalization;

use crate::text::slug::slug;

/// What a workspace may not call its tables.
const RESERVED: [&str; 7] = ["hotpass", "main", "temp", "system", "information_schema", "pg_catalog", "books"];
/// Letters of a name at most.
const LONGEST: usize = 50;

/// The name of a field of its own. What is written in Chinese letters stays as it is: how they are read only a dictionary
/// knows, and in Japanese they are read otherwise than in Chinese.
pub(super) fn of_column(text: &str) -> String {
    if !text.contains(is_han) {
        return plain(text, "column");
    }
    let mut name = String::new();
    for it in text.nfkc() {
        match it {
            it if it.is_alphanumeric() => name.extend(it.to_lowercase()),
            _ if name.is_empty() || name.ends_with('_') => (),
            _ => name.push('_'),
        }
    }
    if !name.starts_with(char::is_alphabetic) {
        name.insert_str(0, "column_");
    }
    name.chars().take(LONGEST).collect::<String>().trim_end_matches('_').to_owned()
}

/// A plain word in lower case. Chinese letters say nothing there.
pub(super) fn plain(text: &str, fallback: &str) -> String {
    let mut name = slug(&text.replace(is_han, " ")).unwrap_or_else(|| fallback.to_owned()).replace('-', "_");
    if !name.starts_with(|it: char| it.is_ascii_alphabetic()) {
        name = format!("{fallback}_{name}");
    }
    name.truncate(LONGEST);
    let name = name.trim_end_matches('_').to_owned();
    if RESERVED.contains(&name.as_str()) { format!("{name}_{fallback}") } else { name }
}

/// Whether a letter stands for a word and not for a sound.
fn is_han(it: char) -> bool {
    matches!(it, '\u{3005}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
        || matches!(it, '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_words_and_chinese_letters_stay_as_they_are() {
        for (text, column, table) in [
            ("Largest order (m²)", "largest_order_m2", "largest_order_m2"),
            ("2024 sales", "column_2024_sales", "table_2024_sales"),
            ("Main", "main_column", "main_table"),
            ("コード", "kodo", "kodo"),
            ("商品コード", "商品コード", "kodo"),
            ("単価 (税込)", "単価_税込", "table"),
            ("2024年度 売上高", "column_2024年度_売上高", "table_2024"),
            ("ﾃﾞｰﾀ・様", "データ_様", "deta"),
        ] {
            assert_eq!((of_column(text).as_str(), plain(text, "table").as_str()), (column, table), "{text}");
        }
        assert_eq!(of_column(&"商品 ".repeat(40)).chars().count(), 50);
    }
}
