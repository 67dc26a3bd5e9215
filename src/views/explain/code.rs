//! The page of a problem, which comes with the program.

use crate::answers::explain::code::Explained;
use crate::show::{Paint, Style};

/// The page in words.
pub(crate) fn explained(it: &Explained, look: Style) -> String {
    let mut out = format!("{}\n\n", look.paint(&it.code, Paint::Strong));
    let mut fenced = false;
    for it in it.text.lines() {
        match it.strip_prefix("```") {
            // What follows is a file, or a whole pipeline.
            Some(info) if !fenced => {
                let file = info.split_whitespace().nth(1).filter(|it| it.contains('.')).unwrap_or("hotpass.toml");
                out.push_str(&format!("    {}\n", look.paint(file, Paint::Dim)));
            }
            Some(_) => (),
            None if fenced && !it.is_empty() => out.push_str(&format!("    {it}\n")),
            None => out.push_str(&format!("{}\n", if fenced { it.to_owned() } else { plain(it) })),
        }
        fenced ^= it.starts_with("```");
    }
    out
}

/// A line of Markdown without links and without marks of strong words.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, link)) = rest.split_once('[') {
        let parts = link.split_once("](").and_then(|(label, it)| Some((label, it.split_once(')')?.1)));
        out.push_str(before);
        match parts.filter(|(label, _)| !label.contains(['[', ']'])) {
            Some((label, after)) => {
                out.push_str(label);
                rest = after;
            }
            None => {
                out.push('[');
                rest = link;
            }
        }
    }
    out.push_str(rest);
    out.replace("**", "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::explain::code::{codes, explain};

    #[test]
    fn every_code_has_a_page_and_a_short_form() {
        let all: Vec<&str> = codes().collect();
        assert!(all.len() > 100, "{}", all.len());
        for code in all {
            let short = code.trim_start_matches("hotpass::");
            let said = explained(&explain(short).expect(code), Style::PLAIN);
            assert!(said.starts_with(code) && said.lines().count() > 3 && !said.contains("]("), "{said}");
        }
    }

    #[test]
    fn links_are_their_words() {
        assert_eq!(plain("**Do:** see [a page](x.md#y), `a[0]` and [b](c)."), "Do: see a page, `a[0]` and b.");
    }
}
