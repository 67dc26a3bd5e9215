//! Cells of a sheet by their letters and numbers, and how references grow with the rows of a table.

use std::ops::RangeInclusive;

/// A rectangle of cells; columns and rows are counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    /// The first column.
    pub left: u32,
    /// The first row.
    pub top: u32,
    /// The last column.
    pub right: u32,
    /// The last row.
    pub bottom: u32,
}

impl Area {
    /// `A1:C5` or `B2`, with or without `$`.
    pub fn parse(text: &str) -> Option<Area> {
        let (first, last) = text.split_once(':').unwrap_or((text, text));
        let ((left, top), (right, bottom)) = (cell(first)?, cell(last)?);
        (left <= right && top <= bottom).then_some(Area { left, top, right, bottom })
    }

    /// Its columns.
    pub fn columns(&self) -> RangeInclusive<u32> {
        self.left..=self.right
    }

    /// How many columns it has.
    pub fn width(&self) -> usize {
        (self.right - self.left + 1) as usize
    }

    /// Whether two have a cell in common.
    pub fn meets(&self, other: &Area) -> bool {
        let apart = self.right < other.left || other.right < self.left || self.bottom < other.top;
        !(apart || other.bottom < self.top)
    }
}

/// A reference to a sheet: `Sheet1!$A$1:$C$5`, `'My sheet'!A1`.
pub fn of_sheet(text: &str) -> Option<(String, &str)> {
    let (sheet, area) = text.rsplit_once('!')?;
    let name = match sheet.strip_prefix('\'') {
        Some(quoted) => quoted.strip_suffix('\'')?.replace("''", "'"),
        None => sheet.to_owned(),
    };
    Some((name, area))
}

/// `BC12`, `$B$2`: column and row.
pub fn cell(text: &str) -> Option<(u32, u32)> {
    let text = text.strip_prefix('$').unwrap_or(text);
    let end = text.find(|it: char| !it.is_ascii_alphabetic())?;
    let (letters, row) = text.split_at(end);
    let row = row.strip_prefix('$').unwrap_or(row);
    if letters.is_empty() || letters.len() > 3 || !row.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    let column = letters.bytes().fold(0, |acc, it| acc * 26 + u32::from(it.to_ascii_uppercase() - b'A') + 1);
    Some((column, row.parse().ok().filter(|it| *it > 0)?))
}

/// A range of a template, and the last row that it has when it is filled.
#[derive(Clone, Copy, Debug)]
pub struct Growth {
    /// The range as it was: its header, and at least one row.
    pub area: Area,
    /// Its last row now.
    pub bottom: u32,
}

impl Growth {
    /// A reference within the range that ends where it ended, as it is now; nothing for any other.
    pub fn of(&self, text: &str) -> Option<String> {
        let (old, it) = (&self.area, Area::parse(text)?);
        let within = it.left >= old.left && it.right <= old.right && it.top >= old.top && it.bottom == old.bottom;
        if !within || it.bottom == self.bottom {
            return None;
        }
        if text.contains(':') {
            return Some(with_row(text, self.bottom));
        }
        // The one row of a template stands for all of them.
        Some(if self.bottom == it.top { text.to_owned() } else { format!("{text}:{}", with_row(text, self.bottom)) })
    }

    /// Of references with blanks between them.
    pub fn of_all(&self, text: &str) -> Option<String> {
        let all: Vec<_> = text.split(' ').map(|it| self.of(it).ok_or(it)).collect();
        let is_other = all.iter().any(Result::is_ok);
        let all: Vec<String> = all.into_iter().map(|it| it.unwrap_or_else(str::to_owned)).collect();
        is_other.then(|| all.join(" "))
    }

    /// Of an area for printing: it ends no row before the range does.
    pub fn of_print(&self, text: &str) -> Option<String> {
        let it = Area::parse(text)?;
        let ends = self.area.meets(&it) && (it.bottom == self.area.bottom || it.bottom < self.bottom);
        (ends && text.contains(':')).then(|| with_row(text, self.bottom))
    }
}

/// The same reference with another last row.
fn with_row(text: &str, row: u32) -> String {
    format!("{}{row}", text.trim_end_matches(|it: char| it.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_and_written() {
        assert_eq!(Area::parse("$A$1:C5"), Some(Area { left: 1, top: 1, right: 3, bottom: 5 }));
        assert_eq!(cell("AB12"), Some((28, 12)));
        for text in ["", "A", "1", "A0", "A1:B", "C1:A1", "A:A", "1:1", "ABCD1", "#REF!"] {
            assert_eq!(Area::parse(text), None, "{text}");
        }
        assert_eq!(of_sheet("'It''s mine'!A1"), Some(("It's mine".to_owned(), "A1")));
        assert_eq!(of_sheet("Data!$A$1:$B$2"), Some(("Data".to_owned(), "$A$1:$B$2")));
    }

    #[test]
    fn what_ends_with_the_range_grows_with_it() {
        let growth = Growth { area: Area { left: 2, top: 3, right: 4, bottom: 5 }, bottom: 9 };
        for (text, grown) in [
            ("$B$3:$D$5", Some("$B$3:$D$9")),
            ("C4:C5", Some("C4:C9")),
            ("D5", Some("D5:D9")),
            ("C4:C4", None),
            ("A3:D5", None),
            ("B3:D6", None),
            ("$B$3", None),
        ] {
            assert_eq!(growth.of(text).as_deref(), grown, "{text}");
        }
        assert_eq!(growth.of_all("A1 C4:C5").as_deref(), Some("A1 C4:C9"));
        assert_eq!(growth.of_all("A1 A2"), None);
        assert_eq!(growth.of_print("$A$1:$F$7").as_deref(), Some("$A$1:$F$9"));
        assert_eq!(growth.of_print("$A$1:$F$20"), None);
    }
}
