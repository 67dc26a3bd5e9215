//! What the columns of a table hold, as `hotpass show` tells it: a line for each of them, or all of it for those that
//! are named.
//!
//! Values of personal columns never come here unless they were asked for: the engine gives none.

use crate::answers::columns::Held;
use crate::model::{Class, Type};
use crate::numbers::percent;
use crate::show::{self, Align, Paint, Style, count};

/// The widest bar, in characters.
const BAR: usize = 20;
/// The heights of a small distribution.
const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Of how many rows of a hundred values or patterns must speak to stand for all of a column in one line.
const SPEAKING: u64 = 25;

/// What is shown of a column.
impl Held<'_> {
    /// `text`, or `text, personal`.
    fn kind(&self) -> String {
        let class = if self.column.class == Class::Personal { ", personal" } else { "" };
        format!("{}{class}", self.column.ty.name())
    }

    fn filled(&self) -> u64 {
        self.rows.saturating_sub(self.profile.nulls)
    }

    /// The most telling thing about the column, in a few words.
    fn summary(&self) -> Option<String> {
        let it = self.profile;
        let speak = |all: &[(String, u64)], most: usize| {
            let rows: u64 = all.iter().take(most).map(|(_, rows)| rows).sum();
            rows * 100 >= self.filled() * SPEAKING
        };
        let words = |all: &[(String, u64)], sign: &str| {
            let one = |(text, rows): &(String, u64)| {
                format!("{sign}{}{sign} {}", show::cell(text, 24), percent(*rows, self.filled()))
            };
            all.iter().take(3).map(one).collect::<Vec<_>>().join(", ")
        };
        let few = self.column.ty == Type::Boolean || it.distinct <= 3;
        let frequent = it.top.first().is_some_and(|(_, rows)| *rows > 1) && speak(&it.top, 3);
        match &it.ends {
            _ if self.filled() == 0 => None,
            _ if it.distinct == 1 && !it.top.is_empty() => it.top.first().map(|(value, _)| show::cell(value, 40)),
            _ if !it.top.is_empty() && few => Some(words(&it.top, "")),
            Some((least, most)) if self.column.ty != Type::Text => {
                Some(if least == most { least.clone() } else { format!("{least} … {most}") })
            }
            _ if frequent => Some(words(&it.top, "")),
            _ if speak(&it.patterns, 2) => Some(words(&it.patterns, "`")),
            _ => it.lengths.map(characters),
        }
    }

    /// Everything, for people.
    fn detail(&self, look: Style) -> String {
        let (column, it) = (self.column, self.profile);
        let name = look.paint(&show::line(&format!("{}.{}", self.table, column.name)), Paint::Strong);
        let mut out = format!("{name}  {}\n", self.kind());
        let nulls = match it.nulls {
            0 => "none without a value".to_owned(),
            nulls => format!("{} without a value ({})", show::number(nulls), percent(nulls, self.rows)),
        };
        out.push_str(&format!("{}, {nulls}; {} different\n", count(self.rows, "row"), show::number(it.distinct)));
        if let Some(lengths) = it.lengths {
            out.push_str(&format!("{}  {}\n", characters(lengths), spark(&it.spread)));
        }
        if let Some((least, most)) = &it.ends {
            let words = if column.ty == Type::Text { ["shortest", "longest "] } else { ["least   ", "greatest"] };
            for (word, value) in words.iter().zip([least, most]) {
                out.push_str(&format!("{}  {}\n", look.paint(word, Paint::Dim), show::cell(value, 60)));
            }
        }
        if it.lengths.is_none() && it.spread.len() > 1 {
            out.push_str(&format!("{}  {}\n", look.paint("spread  ", Paint::Dim), spark(&it.spread)));
        }
        out.push_str(&self.counted("most frequent", &it.top, it.distinct, look));
        out.push_str(&self.counted("pattern", &it.patterns, u64::MAX, look));
        out
    }

    /// Values or patterns with their rows, a bar each; `known` are all there are.
    fn counted(&self, head: &str, all: &[(String, u64)], known: u64, look: Style) -> String {
        // Where every value stands once, none is more frequent than others.
        if all.first().is_none_or(|(_, rows)| *rows < 2 && known > all.len() as u64) {
            return String::new();
        }
        let most = all.iter().map(|(_, rows)| *rows).max().unwrap_or(1).max(1);
        let told: u64 = all.iter().map(|(_, rows)| rows).sum();
        let row = |text: Option<String>, rows: u64| {
            let bar = bar(rows, most);
            vec![text, Some(show::number(rows)), Some(percent(rows, self.filled())), Some(bar)]
        };
        let mut rows: Vec<_> = all.iter().map(|(text, rows)| row(Some(text.clone()), *rows)).collect();
        if let rest @ 1.. = self.filled().saturating_sub(told) {
            let mut last = row(Some("others".to_owned()), rest);
            last[3] = Some(String::new());
            rows.push(last);
        }
        let heads = [(head, Align::Left), ("rows", Align::Right), ("share", Align::Right), ("", Align::Left)];
        let heads: Vec<_> = heads.into_iter().map(|(name, align)| (name.to_owned(), align)).collect();
        format!("\n{}", show::table(&heads, &rows, look))
    }
}

/// A line for each column.
pub(crate) fn lines(held: &[Held<'_>], look: Style) -> String {
    let spread = held.iter().any(|it| it.column.ty != Type::Text && it.profile.spread.len() > 1);
    let mut heads = vec![
        ("column", Align::Name),
        ("type", Align::Left),
        ("null", Align::Right),
        ("distinct", Align::Right),
        ("holds", Align::Left),
    ];
    if spread {
        heads.insert(4, ("spread", Align::Left));
    }
    let heads: Vec<_> = heads.into_iter().map(|(name, align)| (name.to_owned(), align)).collect();
    let line = |it: &Held<'_>| {
        let mut cells = vec![
            Some(it.column.name.clone()),
            Some(it.kind()),
            Some(percent(it.profile.nulls, it.rows)),
            Some(show::number(it.profile.distinct)),
            Some(it.summary().unwrap_or_default()),
        ];
        if spread {
            let numbers = it.column.ty != Type::Text && it.profile.spread.len() > 1;
            cells.insert(4, Some(if numbers { spark(&it.profile.spread) } else { String::new() }));
        }
        cells
    };
    let rows: Vec<_> = held.iter().map(line).collect();
    show::table(&heads, &rows, look)
}

/// All of each column.
pub(crate) fn details(held: &[Held<'_>], look: Style) -> String {
    let all: Vec<String> = held.iter().map(|it| it.detail(look)).collect();
    all.join("\n")
}

fn characters((least, most): (u64, u64)) -> String {
    match least == most {
        true => count(least, "character"),
        false => format!("{} to {}", show::number(least), count(most, "character")),
    }
}

/// A bar: its length is the share of the longest one, in eighths of a character.
fn bar(part: u64, longest: u64) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (u128::from(part) * (BAR as u128 * 8)).div_ceil(u128::from(longest.max(1))) as usize;
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

/// A character for each part, as high as its rows are many; a blank where there are none.
fn spark(parts: &[u64]) -> String {
    let most = u128::from(parts.iter().copied().max().unwrap_or(0).max(1));
    let height = |it: &u64| match it {
        0 => ' ',
        it => HEIGHTS[((u128::from(*it) * 8).div_ceil(most) as usize).clamp(1, 8) - 1],
    };
    parts.iter().map(height).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Column;
    use crate::store::backend::ColumnProfile;

    #[test]
    fn bars_and_sparks_show_what_is_there() {
        let check = |parts: &[u64], expected: &str| assert_eq!(spark(parts), expected);
        check(&[0, 1, 50, 100], " ▁▄█");
        check(&[], "");
        check(&[u64::MAX, 1], "█▁");
        assert_eq!(
            [bar(1, 1_000_000), bar(1, 2), bar(2, 2), bar(0, 2)],
            ["▏".to_owned(), "█".repeat(10), "█".repeat(20), String::new()]
        );
    }

    fn summary(ty: Type, profile: &ColumnProfile) -> String {
        let column = Column::new("c", ty);
        Held { table: "t", column: &column, profile, rows: 100 }.summary().unwrap_or_default()
    }

    #[test]
    fn a_line_says_what_is_most_telling() {
        let counted = |all: &[(&str, u64)]| all.iter().map(|(it, n)| ((*it).to_owned(), *n)).collect::<Vec<_>>();
        let ends = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        let base = ColumnProfile { distinct: 90, ..ColumnProfile::default() };
        let check = |ty, profile: ColumnProfile, expected: &str| assert_eq!(summary(ty, &profile), expected);
        check(Type::Text, ColumnProfile { nulls: 100, ..base.clone() }, "");
        check(Type::Integer, ColumnProfile { ends: ends("1", "9"), ..base.clone() }, "1 … 9");
        check(
            Type::Text,
            ColumnProfile { top: counted(&[("a", 20), ("b", 10)]), ..base.clone() },
            "a 20.0 %, b 10.0 %",
        );
        let codes = ColumnProfile { top: counted(&[("A-1", 1)]), patterns: counted(&[("A-9", 90)]), ..base.clone() };
        check(Type::Text, codes, "`A-9` 90.0 %");
        let notes = ColumnProfile { patterns: counted(&[("Aa a", 1)]), lengths: Some((3, 400)), ..base };
        check(Type::Text, notes, "3 to 400 characters");
    }
}
