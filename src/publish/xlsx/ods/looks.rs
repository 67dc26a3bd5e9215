//! How cells of an OpenDocument workbook look, and how number formats of spreadsheets are written there.

use std::fmt::Write as _;

use super::super::sheet::Style;
use super::super::shown::{FormatOf, NumberFormat};
use super::parts::{attribute, root};

/// The look of a cell without one.
pub const GENERAL: usize = 0;
/// The look of a header.
pub const HEADER: usize = 1;
/// The look of a heading in the summary.
pub const BOLD: usize = 2;
/// The look of a share.
pub const SHARE: usize = 3;
/// The look of a text that stays one when it is edited.
pub const QUOTED: usize = 4;

/// Fills of scores of at least 0.8, 0.6, 0.4, and below.
const SCORES: [&str; 4] = ["#c6efce", "#ffeb9c", "#ffc7ce", "#ff0000"];

/// What a number is, for those that have kinds of numbers.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Kind {
    /// A number.
    Number,
    /// A share that is shown as percent.
    Percent,
    /// A day or a time of a day.
    Day,
}

/// A look behind the fixed ones: its number format, its fill, and whether it is bold.
#[derive(Clone, PartialEq)]
struct Look {
    format: Option<usize>,
    fill: Option<&'static str>,
    bold: bool,
}

/// The looks of a workbook.
pub struct Looks {
    formats: Vec<String>,
    more: Vec<Look>,
}

/// The looks of one sheet.
#[derive(Default)]
pub struct SheetLooks {
    kinds: Vec<Kind>,
    columns: Vec<usize>,
    /// Those of scores, best first.
    scores: Vec<usize>,
    sums: Vec<usize>,
}

impl Looks {
    /// None but the fixed ones.
    pub fn new() -> Looks {
        Looks { formats: vec!["0.0%".to_owned()], more: Vec::new() }
    }

    /// Adds the looks of a sheet whose columns have these number formats.
    pub fn sheet(&mut self, codes: &[Option<String>], score: Option<usize>, sums: bool) -> SheetLooks {
        let formats: Vec<Option<usize>> = codes.iter().map(|it| Some(self.format(it.as_deref()?))).collect();
        let mut own =
            SheetLooks { kinds: codes.iter().map(|it| kind(it.as_deref())).collect(), ..SheetLooks::default() };
        for format in &formats {
            own.columns.push(self.known(Look { format: *format, fill: None, bold: false }));
            if sums {
                own.sums.push(self.known(Look { format: *format, fill: None, bold: true }));
            }
        }
        if let Some(format) = score.and_then(|it| formats.get(it)) {
            let look = |fill| Look { format: *format, fill: Some(fill), bold: false };
            own.scores = SCORES.map(|fill| self.known(look(fill))).to_vec();
        }
        own
    }

    fn format(&mut self, code: &str) -> usize {
        self.formats.iter().position(|it| it == code).unwrap_or_else(|| {
            self.formats.push(code.to_owned());
            self.formats.len() - 1
        })
    }

    fn known(&mut self, look: Look) -> usize {
        match look {
            Look { format: None, fill: None, bold: false } => return GENERAL,
            Look { format: None, fill: None, bold: true } => return BOLD,
            _ => (),
        }
        let known = self.more.iter().position(|it| *it == look).unwrap_or_else(|| {
            self.more.push(look);
            self.more.len() - 1
        });
        QUOTED + 1 + known
    }

    /// `styles.xml`.
    pub fn part(&self) -> String {
        let mut text = root("styles") + "<office:styles>";
        for (number, code) in self.formats.iter().enumerate() {
            text.push_str(&number_style(&format!("n{number}"), code));
        }
        text.push_str(
            "<number:text-style style:name=\"text\"><number:text-content/></number:text-style>\
             <style:style style:name=\"Default\" style:family=\"table-cell\">\
             <style:text-properties style:font-name=\"Calibri\" fo:font-family=\"Calibri\" fo:font-size=\"11pt\"/></style:style>\
             <style:style style:name=\"Striped\" style:family=\"table-cell\" style:parent-style-name=\"Default\">\
             <style:table-cell-properties fo:background-color=\"#f0f0f0\"/></style:style>\
             <style:style style:name=\"c1\" style:family=\"table-cell\" style:parent-style-name=\"Default\">\
             <style:table-cell-properties fo:background-color=\"#366092\" fo:border=\"0.75pt solid #000000\" \
             fo:wrap-option=\"wrap\" style:vertical-align=\"middle\"/><style:paragraph-properties fo:text-align=\"center\"/>\
             <style:text-properties fo:font-weight=\"bold\" fo:font-size=\"12pt\" fo:color=\"#ffffff\"/></style:style>\
             <style:style style:name=\"c2\" style:family=\"table-cell\" style:parent-style-name=\"Default\">\
             <style:text-properties fo:font-weight=\"bold\"/></style:style>\
             <style:style style:name=\"c3\" style:family=\"table-cell\" style:parent-style-name=\"Default\" \
             style:data-style-name=\"n0\"/>\
             <style:style style:name=\"c4\" style:family=\"table-cell\" style:parent-style-name=\"Default\" \
             style:data-style-name=\"text\"/>",
        );
        for (number, look) in (QUOTED + 1..).zip(&self.more) {
            let format = look.format.map(|it| format!(" style:data-style-name=\"n{it}\"")).unwrap_or_default();
            let _ = write!(
                text,
                "<style:style style:name=\"c{number}\" style:family=\"table-cell\" style:parent-style-name=\"Default\"{format}>"
            );
            if let Some(fill) = look.fill {
                let _ = write!(text, "<style:table-cell-properties fo:background-color=\"{fill}\"/>");
            }
            if look.bold {
                text.push_str("<style:text-properties fo:font-weight=\"bold\"/>");
            }
            text.push_str("</style:style>");
        }
        text.push_str(
            "</office:styles><office:automatic-styles><style:page-layout style:name=\"p1\"/>\
             <style:page-layout style:name=\"p2\"><style:page-layout-properties style:print-orientation=\"landscape\" \
             fo:page-width=\"11.693in\" fo:page-height=\"8.268in\" style:scale-to-X=\"1\" style:scale-to-Y=\"0\"/>\
             </style:page-layout></office:automatic-styles><office:master-styles>\
             <style:master-page style:name=\"Default\" style:page-layout-name=\"p1\"/>\
             <style:master-page style:name=\"Print\" style:page-layout-name=\"p2\"/></office:master-styles>\
             </office:document-styles>",
        );
        text
    }
}

impl SheetLooks {
    /// What numbers of a column are.
    pub fn kind(&self, index: usize) -> Kind {
        self.kinds.get(index).copied().unwrap_or(Kind::Number)
    }

    /// The look of a cell in a column.
    pub fn of(&self, index: usize, style: Style) -> usize {
        let score = |it: f64| [0.8, 0.6, 0.4].iter().position(|least| it >= *least).unwrap_or(3);
        match style {
            Style::Plain | Style::Marked(_, false) => self.columns.get(index).copied().unwrap_or(GENERAL),
            Style::Quoted | Style::Marked(_, true) => QUOTED,
            Style::Score(it) => self.scores.get(score(it)).copied().unwrap_or(GENERAL),
        }
    }

    /// The look of the sum of a column.
    pub fn sum(&self, index: usize) -> usize {
        self.sums.get(index).copied().unwrap_or(BOLD)
    }
}

fn kind(code: Option<&str>) -> Kind {
    match code.and_then(|it| NumberFormat::read(it).ok()) {
        Some(it) if it.of == FormatOf::Days => Kind::Day,
        Some(it) if it.code.contains('%') => Kind::Percent,
        _ => Kind::Number,
    }
}

/// A number format: what stands around the digits, and how these are written.
pub fn number_style(name: &str, code: &str) -> String {
    let (element, body) = match kind(Some(code)) {
        Kind::Day => ("date-style", days(code)),
        Kind::Percent => ("percentage-style", numbers(code)),
        Kind::Number => ("number-style", numbers(code)),
    };
    format!("<number:{element} style:name=\"{name}\">{body}</number:{element}>")
}

/// The signs of a code, each with whether it is to be shown as it is.
fn signs(code: &str) -> Vec<(char, bool)> {
    let (mut out, mut quoted) = (Vec::new(), false);
    let mut characters = code.chars();
    while let Some(it) = characters.next() {
        match it {
            '"' => quoted = !quoted,
            '\\' if !quoted => out.extend(characters.next().map(|it| (it, true))),
            it => out.push((it, quoted)),
        }
    }
    out
}

fn literal(text: &str) -> String {
    match text.is_empty() {
        true => String::new(),
        false => format!("<number:text>{}</number:text>", attribute(text)),
    }
}

fn numbers(code: &str) -> String {
    let (mut before, mut digits, mut behind) = (String::new(), String::new(), String::new());
    for (sign, literal) in signs(code) {
        match !literal && "0#?.,E+".contains(sign) && (behind.is_empty()) && !(digits.is_empty() && sign == '+') {
            true => digits.push(sign),
            false if digits.is_empty() => before.push(sign),
            false => behind.push(sign),
        }
    }
    let (digits, exponent) = digits.split_once('E').map_or((digits.as_str(), None), |(it, rest)| (it, Some(rest)));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let places = decimals.chars().filter(|it| "0#?".contains(*it)).count();
    let least = decimals.chars().filter(|it| *it == '0').count();
    let integers = whole.chars().filter(|it| *it == '0').count();
    // Commas behind the last digit leave out thousands.
    let thousands = whole.chars().rev().take_while(|it| *it == ',').count();
    let grouped = whole.trim_end_matches(',').contains(',');
    let mut told = format!(
        "number:decimal-places=\"{places}\" number:min-decimal-places=\"{least}\" number:min-integer-digits=\"{integers}\""
    );
    if grouped {
        told.push_str(" number:grouping=\"true\"");
    }
    if thousands > 0 {
        let _ = write!(told, " number:display-factor=\"1{}\"", "000".repeat(thousands));
    }
    let element = match exponent {
        Some(it) => {
            let digits = it.chars().filter(|it| *it == '0').count();
            format!("<number:scientific-number {told} number:min-exponent-digits=\"{digits}\"/>")
        }
        None => format!("<number:number {told}/>"),
    };
    format!("{}{element}{}", literal(&before), literal(&behind))
}

fn days(code: &str) -> String {
    let all = signs(code);
    let (mut out, mut at, mut time) = (String::new(), 0, false);
    while let Some((sign, quoted)) = all.get(at).copied() {
        let letter = sign.to_ascii_lowercase();
        let run = all[at..].iter().take_while(|(it, literal)| !literal && it.to_ascii_lowercase() == letter).count();
        let long = |least: usize| if run >= least { " number:style=\"long\"" } else { "" };
        match letter {
            _ if quoted => (),
            'y' => out.push_str(&format!("<number:year{}/>", long(3))),
            'd' if run < 3 => out.push_str(&format!("<number:day{}/>", long(2))),
            'd' => out.push_str(&format!("<number:day-of-week{}/>", long(4))),
            'h' => out.push_str(&format!("<number:hours{}/>", long(2))),
            's' => out.push_str(&format!("<number:seconds{}/>", long(2))),
            'm' if time => out.push_str(&format!("<number:minutes{}/>", long(2))),
            'm' if run < 3 => out.push_str(&format!("<number:month{}/>", long(2))),
            'm' => out.push_str(&format!("<number:month number:textual=\"true\"{}/>", long(4))),
            _ => (),
        }
        match !quoted && "ydhsm".contains(letter) {
            true => {
                // Behind hours `m` is minutes.
                time = letter == 'h' || (time && letter == 'm');
                at += run;
            }
            false => {
                out.push_str(&literal(&sign.to_string()));
                at += 1;
            }
        }
    }
    out
}
