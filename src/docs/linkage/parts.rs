//! The small parts of the page about linkage: numbers as people read them, tables, and the two pictures.

use super::{Linkage, Weights};
use crate::escape::markup;
use crate::linkage::Share;
use crate::numbers::{count, number};

/// How the page looks beside all others: bars, and a mark that is no colour alone.
pub(super) const STYLE: &str = "\
h3{margin:1.5rem 0 .2rem}svg.bits{display:block;height:1rem;width:10rem}svg.bits .for{fill:var(--good)}svg.bits .against{fill:var(--bad)}\
svg.bits line{stroke:var(--soft)}svg.weights{display:block;max-width:100%;height:auto}\
svg.weights text{fill:var(--text);font:12px system-ui,sans-serif}svg.weights line{stroke:var(--line)}\
svg.weights .one{fill:var(--good)}svg.weights .review{fill:var(--warn)}svg.weights .two{fill:var(--bar)}\
tr.used>*{background:var(--band);font-weight:600}td.bar{min-width:11rem}table.fit{width:auto;min-width:50%}\
.key{display:inline-block;width:.8rem;height:.8rem;margin-right:.4rem;vertical-align:-.05rem}\
.key.one{background:var(--good)}.key.review{background:var(--warn)}.key.two{background:var(--bar)}\n";

/// The most bits that a bar shows.
const MOST_BITS: f64 = 20.0;

/// A head and its class: numbers stand on the right.
pub(super) type Head<'a> = (&'a str, bool);

/// A table; cells are markup.
pub(super) fn table(label: &str, heads: &[Head<'_>], rows: &[(bool, Vec<String>)]) -> String {
    let class = |right: bool| if right { " class=\"n\"" } else { "" };
    let heads_text: String =
        heads.iter().map(|(name, right)| format!("<th scope=\"col\"{}>{name}</th>", class(*right))).collect();
    let mut out = format!("<table>\n<thead><tr>{heads_text}</tr></thead>\n<tbody>\n");
    for (marked, cells) in rows {
        out.push_str(if *marked { "<tr class=\"used\">" } else { "<tr>" });
        for (at, cell) in cells.iter().enumerate() {
            let class = class(heads.get(at).is_some_and(|it| it.1));
            out.push_str(&match at {
                0 => format!("<th scope=\"row\"{class}>{cell}</th>"),
                _ => format!("<td{class}>{cell}</td>"),
            });
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n");
    super::super::page::scroll(label, &out)
}

/// `97.3 %`; what is not quite all or nothing is not told as that.
pub(super) fn percent(share: f64) -> String {
    match share {
        it if it <= 0.0 => "0 %".to_owned(),
        it if it >= 1.0 => "100 %".to_owned(),
        it if it < 0.0005 => "<0.1 %".to_owned(),
        it if it > 0.9995 => ">99.9 %".to_owned(),
        it => format!("{:.1} %", it * 100.0),
    }
}

/// A share and its interval, in two cells.
pub(super) fn share(it: &Share) -> [String; 2] {
    match it.share {
        None => ["not known".to_owned(), String::new()],
        Some(share) => [percent(share), format!("{} to {}", percent(it.from), percent(it.to))].map(|it| markup(&it)),
    }
}

/// So many, where it need not be whole.
pub(super) fn about(expected: f64) -> String {
    number(expected.round().max(0.0) as u64)
}

/// Bits with their sign, which nothing has not.
pub(super) fn signed(bits: f64) -> String {
    if bits.abs() < 0.05 { "0.0".to_owned() } else { format!("{bits:+.1}") }
}

/// A bar to the right for what speaks for a pair, to the left for what speaks against it. The number stands beside it.
pub(super) fn bits(bits: f64) -> String {
    let long = (bits.abs().min(MOST_BITS) / MOST_BITS * 78.0).round() as i64;
    let (class, x) = if bits >= 0.0 { ("for", 80) } else { ("against", 80 - long) };
    format!(
        "<svg class=\"bits\" viewBox=\"0 0 160 16\" aria-hidden=\"true\"><rect class=\"{class}\" x=\"{x}\" y=\"3\" \
         width=\"{long}\" height=\"10\"/><line x1=\"80\" y1=\"0\" x2=\"80\" y2=\"16\"/></svg>"
    )
}

/// Pairs by weight: heights are logarithms, since most pairs are two.
pub(super) fn weights(it: &Linkage) -> String {
    const WIDE: i64 = 640;
    const HIGH: i64 = 150;
    const LOW: i64 = 172;
    let bars = &it.weights;
    let Some((first, last)) = bars.first().zip(bars.last()) else { return String::new() };
    let all = |it: &Weights| it.pairs.iter().sum::<u64>();
    let most = bars.iter().map(all).max().unwrap_or(1).max(1);
    let height =
        |pairs: u64| ((pairs as f64 + 1.0).ln() / (most as f64 + 1.0).ln() * (HIGH - 10) as f64).round() as i64;
    let step = WIDE / bars.len().max(1) as i64;
    let [one, review, two] = [0, 1, 2].map(|at| bars.iter().map(|it| it.pairs[at]).sum::<u64>());
    let words = format!(
        "Pairs by weight, from {} to {} bits: {} called a match, {} worth a look, {} others",
        first.from,
        last.from + 2,
        number(one),
        number(review),
        number(two)
    );
    let mut out = format!(
        "<svg class=\"weights\" viewBox=\"0 0 {WIDE} {LOW}\" width=\"{WIDE}\" height=\"{LOW}\" role=\"img\" \
         aria-label=\"{}\">",
        markup(&words)
    );
    for (at, bar) in bars.iter().enumerate() {
        // From the ground up: others, those worth a look, those that are one; the whole bar is as high as its pairs.
        let whole = all(bar);
        let mut below = 0_u64;
        for (class, pairs) in [("two", bar.pairs[2]), ("review", bar.pairs[1]), ("one", bar.pairs[0])] {
            if pairs == 0 {
                continue;
            }
            let part = |pairs: u64| (height(whole) as f64 * pairs as f64 / whole as f64).round() as i64;
            let (low, high) = (part(below), part(below + pairs).max(part(below) + 1));
            let x = at as i64 * step;
            out.push_str(&format!(
                "<rect class=\"{class}\" x=\"{x}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
                HIGH - high,
                (step - 2).max(1),
                high - low
            ));
            below += pairs;
        }
        if bar.from % 10 == 0 {
            let x = at as i64 * step;
            out.push_str(&format!("<text x=\"{x}\" y=\"{}\">{}</text>", LOW - 4, signed_bits(bar.from)));
        }
    }
    out.push_str(&format!("<line x1=\"0\" y1=\"{HIGH}\" x2=\"{WIDE}\" y2=\"{HIGH}\"/></svg>\n"));
    let key = |class: &str, words: &str| format!("<li><span class=\"key {class}\"></span>{words}</li>");
    out.push_str(&format!(
        "<ul class=\"plain\">{}{}{}</ul>\n",
        key("one", &format!("{} called a match", count(one, "pair"))),
        key("review", &format!("{} worth a look", count(review, "pair"))),
        key("two", &format!("{} of others", count(two, "pair")))
    ));
    out
}

fn signed_bits(bits: i64) -> String {
    if bits == 0 { "0".to_owned() } else { format!("{bits:+}") }
}
