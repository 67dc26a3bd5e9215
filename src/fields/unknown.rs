//! Keys that nothing reads, and what is meant by them.

use toml::Spanned;

use super::{Fields, UNKNOWN_KEY, meant};
use crate::problem::{Problem, did_you_mean};

/// So many names of keys are listed; more would hide the problem.
const LISTED: usize = 12;

impl<'t> Fields<'t> {
    /// Keys that are not declared.
    fn unknown(&self) -> impl Iterator<Item = &'t Spanned<std::borrow::Cow<'t, str>>> {
        let told = !self.all && self.keys.rest.is_none();
        let keys = self.table.iter().map(|(key, _)| key).filter(move |_| told);
        keys.filter(|it| {
            self.declared(it.get_ref()).is_none() && !self.passed.iter().any(|passed| passed == it.get_ref())
        })
    }

    /// Whether there is a key that `finish` reports.
    pub fn has_unknown(&self) -> bool {
        self.unknown().next().is_some()
    }

    /// Reports every key that is not declared.
    pub fn finish(self) {
        for key in self.unknown() {
            let name = key.get_ref();
            let known = self.known().map(|it| it.name);
            let absent = known.clone().filter(|it| !self.has(it));
            let meant = meant::key(name, &self.path, absent);
            let help = meant.or_else(|| did_you_mean(name, known.clone())).or_else(|| {
                let known: Vec<_> = known.map(|it| format!("`{it}`")).collect();
                (!known.is_empty() && known.len() <= LISTED).then(|| format!("known here: {}", known.join(", ")))
            });
            let help = help.or_else(|| meant::lister(&self.path));
            let place = if self.path.is_empty() { "here".to_owned() } else { format!("in `[{}]`", self.path) };
            let message = format!("nothing reads `{name}` {place}");
            let span = self.reader.span(key.span());
            self.reader.report(Problem::new(&UNKNOWN_KEY, message).label(&span, "unknown key").help(help));
        }
    }
}
