//! What is missing or odd, each with the remedy.

use crate::answers::doctor::{Finding, State};
use crate::show::line;

/// A line for each thing, and one for what helps.
pub(crate) fn findings(findings: &[Finding]) -> String {
    let mut out = String::new();
    for it in findings {
        let mark = match it.state {
            State::Fine => "fine  ",
            State::Odd => "odd   ",
            State::Broken => "broken",
        };
        out.push_str(&format!("{mark} {:<10} {}\n", it.what, line(&it.fact)));
        if let Some(remedy) = &it.remedy {
            out.push_str(&format!("       {:<10} {}\n", "", line(remedy)));
        }
    }
    out
}
