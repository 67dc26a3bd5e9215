//! Texts of cells in OpenDocument: paragraphs with blanks, tabs and line ends, links, and fields with what they show.

use std::io::Read;

use crate::readers::problems::too_large;
use crate::readers::xml::{Element, Event, Xml, push_text};
use crate::readers::{ReadError, Request};

/// A number of times. More than can be counted is the most that can be; what is no number is once.
pub(super) fn count(text: &str) -> u32 {
    match text.trim() {
        it if !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit()) => it.parse().unwrap_or(u32::MAX),
        _ => 1,
    }
}

pub(super) fn is_cell(name: &str) -> bool {
    matches!(name, "table-cell" | "covered-table-cell")
}

/// The paragraphs of a cell, each a line; remarks and shapes are none of it.
pub(super) fn text_of<R: Read>(xml: &mut Xml<R>, request: &Request) -> Result<String, ReadError> {
    let place = xml.place().clone();
    let (mut out, mut paragraphs, mut open, mut skipped) = (String::new(), 0_u64, 0_u64, 0_u64);
    // White space is one blank, and none at the start of a paragraph; blanks that count have elements of their own.
    let mut blank = false;
    loop {
        match xml.next()? {
            Event::Start(_) if skipped > 0 => skipped += 1,
            Event::End(_) if skipped > 0 => skipped -= 1,
            Event::Start(element) => match element.name {
                "p" | "h" => {
                    if paragraphs > 0 {
                        out.push('\n');
                    }
                    (paragraphs, open, blank) = (paragraphs + 1, open + 1, false);
                }
                // Fields, links and what is decorated show the text in them.
                _ if open > 0 && !is_apart(&element) => {
                    sign(&element, &mut out, &mut blank, request.limits.cell_bytes);
                }
                "list" | "list-header" | "list-item" | "section" if open == 0 => (),
                _ => skipped = 1,
            },
            Event::Empty(element) if skipped == 0 && open > 0 => {
                sign(&element, &mut out, &mut blank, request.limits.cell_bytes);
            }
            Event::Empty(element) if skipped == 0 && element.name == "p" => {
                if paragraphs > 0 {
                    out.push('\n');
                }
                paragraphs += 1;
            }
            Event::End("p" | "h") => open = open.saturating_sub(1),
            Event::End(name) if is_cell(name) => return Ok(out),
            Event::Text(text) | Event::Plain(text) if open > 0 && skipped == 0 => {
                let mut plain = String::new();
                if !push_text(&mut plain, text) {
                    return Err(place.damaged("holds a reference that XML does not know"));
                }
                for c in plain.chars() {
                    if matches!(c, ' ' | '\t' | '\r' | '\n') {
                        blank = true;
                        continue;
                    }
                    if std::mem::take(&mut blank) && !out.is_empty() && !out.ends_with('\n') {
                        out.push(' ');
                    }
                    out.push(c);
                }
            }
            Event::Eof => return Ok(out),
            _ => (),
        }
        if out.len() as u64 > request.limits.cell_bytes {
            return Err(too_large(&request.name, "a cell is longer than a cell may be"));
        }
    }
}

/// An element that stands for white space: at most one sign more than the `limit` of a cell, which is then refused.
fn sign(element: &Element<'_>, out: &mut String, blank: &mut bool, limit: u64) {
    let (sign, times) = match element.name {
        "s" => (' ', element.attribute("c").map_or(1, |it| count(&it))),
        "tab" => ('\t', 1),
        "line-break" => ('\n', 1),
        _ => return,
    };
    if std::mem::take(blank) && !out.is_empty() && !out.ends_with('\n') {
        out.push(' ');
    }
    out.extend(std::iter::repeat_n(
        sign,
        usize::try_from(limit.saturating_add(1).min(times.into())).unwrap_or(usize::MAX),
    ));
}

/// Whether an element in a paragraph shows nothing, or shows it elsewhere: remarks, notes, shapes, programs, the readings
/// above characters, and what is hidden.
fn is_apart(element: &Element<'_>) -> bool {
    let hidden = || element.attribute("is-hidden").as_deref() == Some("true");
    match element.name {
        "annotation" | "note" | "ruby-text" | "script" | "tracked-changes" | "event-listeners" | "forms" => true,
        "frame" | "image" | "object" | "object-ole" | "applet" | "plugin" | "floating-frame" | "text-box" => true,
        "g" | "line" | "rect" | "polyline" | "polygon" | "regular-polygon" | "path" | "circle" | "ellipse"
        | "connector" | "caption" | "control" | "custom-shape" | "page-thumbnail" | "scene" => true,
        "hidden-text" | "hidden-paragraph" => hidden(),
        _ => false,
    }
}
