//! What the weight of a pair is made of, as a picture: each part begins where the one before it ended. No script, no font
//! of its own; readable without colour, on dark pages and by a screen reader.

use std::fmt::Write;

use crate::escape::{cell, markup};

/// One part of the weight.
#[derive(Clone, PartialEq, Debug)]
pub struct Bar {
    /// What it is: a column and how the two agree in it.
    pub name: String,
    /// The two values, masked where they are personal; nothing where there are none.
    pub values: Option<[String; 2]>,
    /// log2 of the ratio of shares.
    pub bits: f64,
}

/// A pair.
#[derive(Clone, PartialEq, Debug)]
pub struct Waterfall {
    /// `crm.found: #1 and #4`.
    pub title: String,
    /// Why the two are one, or two.
    pub why: String,
    /// The parts, in order.
    pub bars: Vec<Bar>,
    /// What they add up to.
    pub weight: f64,
    /// The weight from which rows are one.
    pub match_at: f64,
}

const WIDTH: f64 = 900.0;
/// Where names end and bars begin and end.
const LEFT: f64 = 330.0;
const RIGHT: f64 = 810.0;
const TOP: f64 = 84.0;
const LINE: f64 = 40.0;
/// Letters of a name, and of two values, that are drawn.
const LONGEST: usize = 44;
const LONGEST_VALUE: usize = 22;

const STYLE: &str = "text{font-family:system-ui,sans-serif;fill:#1b1f24;font-size:13px}.t{font-size:16px;font-weight:bold}\
    .s{font-size:11px;fill:#57606a}.b{font-weight:bold}.n{text-anchor:end;font-variant-numeric:tabular-nums}.ground{fill:#fff}\
    .for{fill:#176f2c}.against{fill:#a40e26}.sum{fill:#0550ae}.step{stroke:#57606a;stroke-dasharray:2 2}\
    .zero{stroke:#57606a}.at{stroke:#7a4d00;stroke-width:1.5;stroke-dasharray:6 3}";
const DARK: &str = "text{fill:#e6edf3}.s{fill:#9198a1}.ground{fill:#0d1117}.for{fill:#7ee787}.against{fill:#ff9492}\
    .sum{fill:#79c0ff}.step,.zero{stroke:#9198a1}.at{stroke:#e3b341}";

impl Waterfall {
    /// The picture.
    pub fn svg(&self) -> String {
        let sums: Vec<f64> = self
            .bars
            .iter()
            .scan(0.0, |sum, it| {
                *sum += it.bits;
                Some(*sum)
            })
            .collect();
        let all = || sums.iter().copied().chain([0.0, self.weight, self.match_at]);
        let (least, most) = (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
        let scale = (RIGHT - LEFT) / (most - least).max(1.0);
        let place = |bits: f64| tenth(LEFT + (bits - least) * scale);
        let height = TOP + LINE * (self.bars.len() as f64 + 1.0) + 44.0;
        let mut out = self.head(height);
        let bottom = height - 38.0;
        let _ = writeln!(out, "<path class=\"zero\" d=\"M{0} {1}V{bottom}\"/>", place(0.0), TOP - 12.0);
        let _ = writeln!(out, "<path class=\"at\" d=\"M{0} {1}V{bottom}\"/>", place(self.match_at), TOP - 12.0);
        let mut before = 0.0;
        for (at, (bar, sum)) in self.bars.iter().zip(&sums).enumerate() {
            let y = TOP + LINE * at as f64;
            let class = if bar.bits >= 0.0 { "for" } else { "against" };
            self.part(&mut out, y, &bar.name, class, (place(before), place(*sum)), bar.bits);
            if let Some([left, right]) = &bar.values {
                let both = format!("{} | {}", cell(left, LONGEST_VALUE), cell(right, LONGEST_VALUE));
                let _ = writeln!(out, "<text class=\"s\" x=\"24\" y=\"{}\">{}</text>", y + 27.0, markup(&both));
            }
            let _ = writeln!(out, "<path class=\"step\" d=\"M{} {}V{}\"/>", place(*sum), y + 18.0, y + LINE);
            before = *sum;
        }
        let y = TOP + LINE * self.bars.len() as f64;
        self.part(&mut out, y, "together", "sum", (place(0.0), place(self.weight)), self.weight);
        let _ = writeln!(
            out,
            "<text class=\"s\" x=\"24\" y=\"{}\">Bits: evidence for a match to the right, evidence against it to the left. \
             A pair is a match from the dashed line, at {}.</text>",
            height - 14.0,
            signed(self.match_at)
        );
        out.push_str("</svg>\n");
        out
    }

    fn head(&self, height: f64) -> String {
        let parts: Vec<String> = self.bars.iter().map(|it| format!("{} {}", it.name, signed(it.bits))).collect();
        let told = format!("{}. {}; together {}.", self.why, parts.join("; "), signed(self.weight));
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
             height=\"{height}\" role=\"img\" aria-labelledby=\"t d\">\n<title id=\"t\">{}</title>\n<desc \
             id=\"d\">{}</desc>\n<style>{STYLE}@media(prefers-color-scheme:dark){{{DARK}}}</style>\n<rect class=\"ground\" \
             width=\"{WIDTH}\" height=\"{height}\"/>\n",
            markup(&self.title),
            markup(&told)
        );
        let _ = writeln!(out, "<text class=\"t\" x=\"24\" y=\"30\">{}</text>", markup(&cell(&self.title, 96)));
        let _ = writeln!(out, "<text x=\"24\" y=\"52\">{}</text>", markup(&cell(&self.why, 130)));
        out
    }

    fn part(&self, out: &mut String, y: f64, name: &str, class: &str, (from, to): (f64, f64), bits: f64) {
        let (x, wide) = (from.min(to), tenth((to - from).abs()).max(1.0));
        let bold = if class == "sum" { " class=\"b\"" } else { "" };
        let _ = writeln!(out, "<text{bold} x=\"24\" y=\"{}\">{}</text>", y + 12.0, markup(&cell(name, LONGEST)));
        let _ = writeln!(
            out,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{wide}\" height=\"18\"/>\n<text class=\"n{}\" x=\"{}\" \
             y=\"{}\">{}</text>",
            if class == "sum" { " b" } else { "" },
            WIDTH - 16.0,
            y + 13.0,
            signed(bits)
        );
    }
}

fn tenth(at: f64) -> f64 {
    (at * 10.0).round() / 10.0
}

/// Bits with their sign, which nothing has not.
fn signed(bits: f64) -> String {
    format!("{:+.3}", if bits.abs() < 5e-4 { 0.0 } else { bits })
}
