//! How cells of a template look: styles by number, and such as come of them.

use super::markup::{Piece, edited, pieces};

/// The styles of cells of a workbook.
#[derive(Default)]
pub struct Looks {
    /// Each as it is written.
    known: Vec<String>,
    added: Vec<String>,
}

impl Looks {
    /// Those of the part with styles.
    pub fn of(xml: &str) -> Result<Looks, String> {
        let (mut known, mut within, mut open) = (Vec::new(), false, None);
        for piece in pieces(xml)? {
            match piece {
                Piece::Start(_) if piece.name() == "cellXfs" => within = true,
                Piece::End(_) if piece.name() == "cellXfs" => within = false,
                Piece::Empty(it) if within && open.is_none() => known.push(it.to_owned()),
                Piece::Start(it) if within && open.is_none() => open = Some(it.to_owned()),
                Piece::End(it) if piece.name() == "xf" => {
                    known.extend(open.take().map(|whole| whole + it));
                }
                it => {
                    if let Some(whole) = &mut open {
                        whole.push_str(it.raw());
                    }
                }
            }
        }
        Ok(Looks { known, added: Vec::new() })
    }

    /// A style that looks as this one, with a number format where it has none.
    pub fn shown_as(&mut self, look: usize, format: Option<u32>) -> usize {
        let Some(format) = format else { return look };
        let general = |it: &Piece<'_>| it.attribute("numFmtId").is_none_or(|it| it == "0");
        self.other(look, &|it| general(it).then(|| it.with("numFmtId", &format.to_string())), "applyNumberFormat")
    }

    /// A style that looks as this one, whose texts stay texts when they are edited.
    pub fn quoted(&mut self, look: usize) -> usize {
        self.other(look, &|it| Some(it.with("quotePrefix", "1")), "quotePrefix")
    }

    fn other(&mut self, look: usize, change: &dyn Fn(&Piece<'_>) -> Option<String>, flag: &str) -> usize {
        let Some(whole) = self.known.get(look).or_else(|| self.added.get(look.checked_sub(self.known.len())?)) else {
            return look;
        };
        let (tag, rest) = whole.split_at(whole.find('>').map_or(whole.len(), |it| it + 1));
        let piece = |it| if rest.is_empty() { Piece::Empty(it) } else { Piece::Start(it) };
        let Some(changed) = change(&piece(tag)) else { return look };
        let made = piece(&changed).with(flag, "1") + rest;
        let at = self.added.iter().position(|it| *it == made).unwrap_or_else(|| {
            self.added.push(made);
            self.added.len() - 1
        });
        self.known.len() + at
    }

    /// The part with what was added.
    pub fn part(&self, xml: &str) -> Result<String, String> {
        if self.added.is_empty() {
            return Ok(xml.to_owned());
        }
        let count = (self.known.len() + self.added.len()).to_string();
        edited(xml, &mut |piece, _| match piece {
            Piece::Start(_) if piece.name() == "cellXfs" => Some(piece.with("count", &count)),
            Piece::End(it) if piece.name() == "cellXfs" => Some(self.added.concat() + it),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_come_of_styles() {
        let xml = "<styleSheet><cellXfs count=\"2\"><xf numFmtId=\"0\" fontId=\"3\"/>\
            <xf numFmtId=\"9\"><alignment horizontal=\"left\"/></xf></cellXfs></styleSheet>";
        let mut looks = Looks::of(xml).unwrap();
        assert_eq!((looks.shown_as(0, None), looks.shown_as(1, Some(14))), (0, 1), "who has a format keeps it");
        assert_eq!((looks.shown_as(0, Some(14)), looks.shown_as(0, Some(14)), looks.quoted(1)), (2, 2, 3));
        let made = looks.part(xml).unwrap();
        assert!(made.contains("count=\"4\""), "{made}");
        assert!(made.contains("<xf numFmtId=\"14\" fontId=\"3\" applyNumberFormat=\"1\"/>"), "{made}");
        assert!(
            made.contains("<xf numFmtId=\"9\" quotePrefix=\"1\"><alignment horizontal=\"left\"/></xf></cellXfs>"),
            "{made}"
        );
        assert_eq!(Looks::default().quoted(5), 5);
    }
}
