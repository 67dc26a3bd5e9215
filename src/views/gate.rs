//! Gates, and what each asks for.

use crate::answers::gate::{Explained, Gate};
use crate::show::{Paint, Style, line};

/// Each gate with what it asks for.
pub(crate) fn gates(gates: &[Gate], look: Style) -> String {
    if gates.is_empty() {
        return "no pipeline declares a gate\n".to_owned();
    }
    let out: String = gates.iter().map(|it| gate(it, look)).collect();
    look.fold(&out, 4)
}

fn gate(it: &Gate, look: Style) -> String {
    let (word, paint) = match (it.held, it.blocks) {
        (Some(true), _) => ("open", Paint::Good),
        (Some(false), true) => ("shut", Paint::Bad),
        (Some(false), false) => ("shut, and nothing waits", Paint::Warn),
        (None, _) => ("no verdict", Paint::Warn),
    };
    let name = line(&format!("{}.{}", it.pipeline, it.gate));
    let mut out = format!("{}  {}\n", look.paint(&name, Paint::Strong), look.paint(word, paint));
    for ask in &it.asks {
        let mark = match ask.held {
            Some(true) => "yes",
            Some(false) => "no",
            None => "?",
        };
        out.push_str(&format!("  {mark:<4}  {}: {}\n", line(&ask.asks), line(&ask.found)));
    }
    out
}

/// What a gate reads, and what waits for it.
pub(crate) fn explained(it: &Explained, look: Style) -> String {
    let heading = look.paint(&line(&format!("{}.{}", it.pipeline, it.gate)), Paint::Strong);
    let mut out = format!("{heading}  gate  {}\n", line(&it.file));
    for (what, all) in [("asks for", &it.asks), ("reads", &it.tables), ("by", &it.checks), ("before", &it.exports)] {
        for (at, it) in all.iter().enumerate() {
            let what = if at == 0 { what } else { "" };
            out.push_str(&format!("  {what:<8}  {}\n", line(it)));
        }
    }
    look.fold(&out, 12)
}
