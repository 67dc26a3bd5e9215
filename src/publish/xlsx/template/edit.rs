//! What changes in the parts of a template when its range is filled: references that end with the range, and whatever
//! programs keep of values that they would otherwise show as they were.

use super::area::{Growth, of_sheet};
use super::markup::{Piece, edited, pieces};

/// What the sheet is called, and how its range grew.
pub struct Filling<'a> {
    /// The name of the sheet.
    pub sheet: &'a str,
    /// How its range grew.
    pub growth: Growth,
}

impl Filling<'_> {
    /// A reference to the sheet as it is now; nothing for any other.
    fn of(&self, text: &str, print: bool) -> Option<String> {
        let text = quick_xml::escape::unescape(text).ok()?;
        let (sheet, area) = of_sheet(&text)?;
        if sheet != self.sheet {
            return None;
        }
        let grown = if print { self.growth.of_print(area) } else { self.growth.of(area) }?;
        let grown = format!("{}{grown}", &text[..text.len() - area.len()]);
        Some(quick_xml::escape::escape(grown).into_owned())
    }

    /// The part that lists sheets and names: names of the range grow, and formulas are computed when it is opened.
    pub fn workbook(&self, xml: &str) -> Result<String, String> {
        let mut print = false;
        edited(xml, &mut |piece, around| match piece {
            Piece::Other(text) if around == "definedName" => self.of(text, print),
            it if it.opens("definedName") => {
                print = it.attribute("name").as_deref() == Some("_xlnm.Print_Area");
                None
            }
            it if it.opens("calcPr") => Some(it.with("fullCalcOnLoad", "1")),
            _ => None,
        })
    }

    /// What stands behind the rows of a sheet, and the parts of its tables: areas of filters, formats and checks.
    pub fn areas(&self, xml: &str) -> Result<String, String> {
        edited(xml, &mut |piece, around| match piece {
            Piece::Other(text) if around == "sqref" => self.growth.of_all(text),
            it if it.opens("autoFilter") || it.opens("table") => {
                Some(it.with("ref", &self.growth.of(&it.attribute("ref")?)?))
            }
            it if it.opens("conditionalFormatting") || it.opens("dataValidation") => {
                Some(it.with("sqref", &self.growth.of_all(&it.attribute("sqref")?)?))
            }
            _ => None,
        })
    }

    /// A chart: ranges grow, and the values that it kept of cells are left out, so that it shows those that are there.
    pub fn chart(&self, xml: &str) -> Result<String, String> {
        let (mut out, mut around, mut skipped, mut foreign) = (String::with_capacity(xml.len()), "", 0_usize, false);
        for piece in pieces(xml)? {
            match piece {
                Piece::Start(_) if skipped > 0 => skipped += 1,
                Piece::End(_) if skipped > 0 => skipped -= 1,
                _ if skipped > 0 => (),
                it if matches!(it.name(), "numCache" | "strCache" | "multiLvlStrCache") && !foreign => {
                    skipped = usize::from(matches!(it, Piece::Start(_)));
                }
                Piece::Other(text) if around == "f" => {
                    foreign = text.contains('[') && !text.starts_with("[0]");
                    out.push_str(&self.of(text, false).unwrap_or_else(|| text.to_owned()));
                }
                it => out.push_str(it.raw()),
            }
            around = if let Piece::Start(_) = piece { piece.name() } else { "" };
        }
        Ok(out)
    }
}

/// A part without what it says of the chain in which formulas were computed.
pub fn without_chain(xml: &str) -> Result<String, String> {
    let chain = |it: &Piece<'_>| {
        let names = ["Target", "PartName"].into_iter().filter_map(|name| it.attribute(name));
        names.into_iter().any(|it| it.ends_with("calcChain.xml"))
    };
    edited(xml, &mut |piece, _| match piece {
        Piece::Empty(_) if chain(piece) => Some(String::new()),
        _ => None,
    })
}

/// A sheet without the values that its formulas had.
pub fn uncached(xml: &str) -> Result<String, String> {
    let mut out = String::with_capacity(xml.len());
    let (mut formula, mut in_cell, mut in_value) = (false, false, false);
    for piece in pieces(xml)? {
        match piece {
            Piece::Start(_) if piece.name() == "c" => (in_cell, formula) = (true, false),
            Piece::End(_) if piece.name() == "c" => in_cell = false,
            _ if in_cell && piece.opens("f") => formula = true,
            _ => (),
        }
        if in_cell && formula && piece.name() == "v" {
            in_value = matches!(piece, Piece::Start(_));
            continue;
        }
        if !in_value {
            out.push_str(piece.raw());
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::super::area::Area;
    use super::*;

    fn filling(bottom: u32) -> Filling<'static> {
        Filling { sheet: "A & B", growth: Growth { area: Area { left: 1, top: 1, right: 2, bottom: 3 }, bottom } }
    }

    #[test]
    fn names_grow_and_others_stay() {
        let xml = "<workbook><definedNames><definedName name=\"Data\">'A &amp; B'!$A$1:$B$3</definedName>\
            <definedName name=\"_xlnm.Print_Area\">'A &amp; B'!$A$1:$F$4</definedName>\
            <definedName name=\"O\">Other!$A$1:$B$3</definedName></definedNames><calcPr calcId=\"1\"/></workbook>";
        let made = filling(9).workbook(xml).unwrap();
        let expected =
            xml.replace("$B$3</definedName><definedName name=\"_x", "$B$9</definedName><definedName name=\"_x");
        let expected = expected.replace("$F$4", "$F$9").replace("calcId=\"1\"", "calcId=\"1\" fullCalcOnLoad=\"1\"");
        assert_eq!(made, expected.replace("'A", "&apos;A").replace("B'!", "B&apos;!"));
    }

    #[test]
    fn charts_show_what_is_there() {
        let xml = "<c:ser><c:f>'A &amp; B'!$B$2:$B$3</c:f><c:numCache><c:pt><c:v>1</c:v></c:pt></c:numCache>\
            <c:f>[1]Far!$A$1</c:f><c:strCache><c:v>kept</c:v></c:strCache></c:ser>";
        let made = filling(9).chart(xml).unwrap();
        assert!(made.contains("$B$2:$B$9</c:f><c:f>[1]Far!$A$1</c:f><c:strCache><c:v>kept"), "{made}");
    }

    #[test]
    fn formulas_have_no_value_of_yesterday() {
        let xml =
            "<row><c r=\"A1\"><v>1</v></c><c r=\"B1\"><f>A1</f><v>1</v></c><c r=\"C1\"/><c r=\"D1\"><v>2</v></c></row>";
        assert_eq!(uncached(xml).unwrap(), xml.replace("</f><v>1</v>", "</f>"));
    }
}
