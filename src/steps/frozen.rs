//! A model that is kept: what a `resolve` or `link` step learnt, as sorted TOML that people commit.
//!
//! It holds shares, counts and names of columns, and no value of a cell: values and words of many rows stand as salted
//! marks, those of few rows not at all. What is read here may have been written by anybody, so every number is looked at
//! before anything is reckoned with it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use serde::Deserialize;

use crate::digest::{Digest, digest_of};
use crate::linkage::{Kind, Learnt, Level, Mark, Model, Relation, Seen, SeenColumn, level_names};

/// The folder of models, in the workspace.
pub const FOLDER: &str = "models";
/// The version of the format.
const VERSION: u32 = 1;
/// Marks in one line.
const IN_LINE: usize = 5;
/// Classes beside matches at most.
const MOST_CLASSES: usize = 8;
/// The longest reason that is told.
const LONGEST: usize = 200;

/// A model, and what stands for it in keys and in the lock.
#[derive(Clone, PartialEq, Debug)]
pub struct Frozen {
    /// What was learnt.
    pub model: Model,
    /// The column of `across` when it was.
    pub across: Option<String>,
    /// Of all that is said; not of comments and layout.
    pub digest: Digest,
}

/// Why a text is no model, in words, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoModel {
    /// The fact, to follow the name of the file.
    pub reason: String,
    /// The bytes that are meant, as far as they are known.
    pub span: Option<Range<usize>>,
}

impl Frozen {
    /// A model with its digest.
    pub fn new(model: Model, across: Option<String>) -> Frozen {
        let digest = digest_of("hotpass model v1", &(&model, &across));
        Frozen { model, across, digest }
    }

    /// In what the comparisons of a step differ from those that it was learnt with; nothing where it fits.
    pub fn other(&self, compare: &[(String, Kind)], across: Option<&String>) -> Option<String> {
        let name = |it: &String| it.escape_debug().to_string();
        for (column, kind) in compare {
            match self.model.comparisons.iter().find(|it| it.name == *column) {
                None => return Some(format!("it was learnt without `{}`", name(column))),
                Some(it) if it.kind != *kind => {
                    let (then, now) = (it.kind.name(), kind.name());
                    return Some(format!("it was learnt when `{}` was compared as {then}, not as {now}", name(column)));
                }
                Some(_) => (),
            }
        }
        let compared = |it: &&Learnt| compare.iter().any(|(column, _)| *column == it.name);
        if let Some(it) = self.model.comparisons.iter().find(|it| !compared(it)) {
            return Some(format!("it was learnt with `{}` too", name(&it.name)));
        }
        match (&self.across, across) {
            (then, now) if then.as_ref() == now => None,
            (Some(then), _) => Some(format!("it was learnt with `across = \"{}\"`", name(then))),
            (None, _) => Some("it was learnt without `across`".to_owned()),
        }
    }

    /// Reads a model.
    ///
    /// # Errors
    /// When the text is none.
    pub fn from_toml(text: &str) -> Result<Frozen, NoModel> {
        let written: Written = toml::from_str(text).map_err(|error| {
            let reason = error.message().lines().next().unwrap_or_default();
            let reason: String =
                reason.chars().take(LONGEST).map(|it| if it.is_control() { ' ' } else { it }).collect();
            NoModel { reason, span: error.span() }
        })?;
        let wrong = |reason: String| NoModel { reason, span: None };
        if written.version != VERSION {
            return Err(wrong(format!("it has version {}, and this hotpass reads version {VERSION}", written.version)));
        }
        written.model().map_err(wrong)
    }

    /// The text of a model, which [`from_toml`](Frozen::from_toml) reads to the last bit.
    pub fn to_toml(&self, step: &str) -> String {
        let Frozen { model, across, .. } = self;
        let mut out = format!(
            "# What `{step}` learnt from its rows. `hotpass link train {step} --write` writes it; commit it.\n# It contains \
             no value of a cell: frequent values are salted marks, and rare values are left out.\n"
        );
        let _ = writeln!(out, "version = {VERSION}");
        if let Some(across) = across {
            let _ = writeln!(out, "across = {}", quoted(across));
        }
        let _ = writeln!(out, "pairs = {:?}\nmatches = {:?}", model.pairs, model.matches);
        let _ = writeln!(out, "rounds = {}\nchange = {:?}", model.iterations, model.change);
        let seen = model.seen.clone().unwrap_or_default();
        let _ = writeln!(out, "salt = {}", quoted(&seen.salt));
        for (relation, pairs) in &model.related {
            let _ = writeln!(out, "\n[[class]]\nrelation = \"{}\"\npairs = {pairs:?}", word(*relation));
        }
        let none = SeenColumn::default();
        for (at, it) in model.comparisons.iter().enumerate() {
            let seen = seen.columns.get(at).unwrap_or(&none);
            let _ = writeln!(out, "\n[[compare]]\ncolumn = {}\nas = \"{}\"", quoted(&it.name), it.kind.name());
            let _ = writeln!(out, "rows = {}\nlevels = [", seen.rows);
            for level in it.levels.iter().skip(1) {
                let related: Vec<String> = level.related.iter().map(|it| format!("{it:?}")).collect();
                let _ = writeln!(
                    out,
                    "    {{ level = \"{}\", matches = {:?}, chance = {:?}, classes = [{}] }},",
                    level.name,
                    level.matches,
                    level.chance,
                    related.join(", ")
                );
            }
            out.push_str("]\n");
            let name = |bin: u8| it.levels.get(1 + usize::from(bin)).map_or("", |it| it.name.as_str());
            let values = grouped(seen.values.iter().map(|(mark, bin)| (*bin, *mark)));
            let values = values.into_iter().map(|(bin, marks)| (format!("level = \"{}\"", name(bin)), marks));
            marked(&mut out, "values", values);
            let words = grouped(seen.words.iter().map(|(mark, rows)| (*rows, *mark)));
            marked(&mut out, "words", words.into_iter().map(|(rows, marks)| (format!("rows = {rows}"), marks)));
        }
        if !model.capped.is_empty() {
            out.push_str(
                "\n# Combinations of levels that fewer pairs had than chance expects: the share of it.\n[rare]\n",
            );
            for (levels, part) in &model.capped {
                let levels: Vec<String> = levels.iter().map(u8::to_string).collect();
                let _ = writeln!(out, "{} = {part:?}", levels.join("-"));
            }
        }
        out
    }
}

fn grouped<K: Ord>(marks: impl Iterator<Item = (K, Mark)>) -> BTreeMap<K, Vec<Mark>> {
    let mut acc: BTreeMap<K, Vec<Mark>> = BTreeMap::new();
    marks.for_each(|(key, mark)| acc.entry(key).or_default().push(mark));
    acc
}

fn marked(out: &mut String, key: &str, groups: impl Iterator<Item = (String, Vec<Mark>)>) {
    let mut groups = groups.peekable();
    if groups.peek().is_none() {
        return;
    }
    let _ = writeln!(out, "{key} = [");
    for (of, marks) in groups {
        let _ = writeln!(out, "    {{ {of}, marks = [");
        for marks in marks.chunks(IN_LINE) {
            let marks: Vec<String> = marks.iter().map(|it| format!("\"{it:016x}\"")).collect();
            let _ = writeln!(out, "        {},", marks.join(", "));
        }
        out.push_str("    ] },\n");
    }
    out.push_str("]\n");
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn word(relation: Relation) -> &'static str {
    match relation {
        Relation::Same => "same",
        Relation::Related => "related",
        Relation::Branch => "branch",
        Relation::Chance => "chance",
    }
}

/// A model as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    across: Option<String>,
    pairs: f64,
    matches: f64,
    rounds: u32,
    change: f64,
    salt: String,
    #[serde(default)]
    class: Vec<WrittenClass>,
    compare: Vec<WrittenComparison>,
    #[serde(default)]
    rare: BTreeMap<String, f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenClass {
    relation: String,
    pairs: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenComparison {
    column: String,
    #[serde(rename = "as")]
    kind: String,
    rows: u32,
    levels: Vec<WrittenLevel>,
    #[serde(default)]
    values: Vec<WrittenValues>,
    #[serde(default)]
    words: Vec<WrittenWords>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenLevel {
    level: String,
    matches: f64,
    chance: f64,
    classes: Vec<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenValues {
    level: String,
    marks: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenWords {
    rows: u32,
    marks: Vec<String>,
}

impl Written {
    fn model(self) -> Result<Frozen, String> {
        let count = |it: f64| it.is_finite() && (0.0..=1e30).contains(&it);
        let counts = [self.pairs, self.matches, self.change].into_iter().chain(self.class.iter().map(|it| it.pairs));
        if !counts.into_iter().all(count) {
            return Err("a count of pairs is not a number from 0 on".to_owned());
        }
        if self.class.len() > MOST_CLASSES {
            return Err(format!("it has {} classes, and {MOST_CLASSES} is the most", self.class.len()));
        }
        let mut related = Vec::new();
        for it in &self.class {
            let known =
                [Relation::Same, Relation::Related, Relation::Branch].into_iter().find(|of| word(*of) == it.relation);
            related.push((known.ok_or("a class has a relation that this hotpass does not know")?, it.pairs));
        }
        let classes = related.len();
        let mut comparisons = Vec::new();
        let mut columns = Vec::new();
        for it in self.compare {
            let (learnt, seen) = it.comparison(classes)?;
            if comparisons.last().is_some_and(|last: &Learnt| last.name >= learnt.name) {
                return Err("its comparisons are not sorted by column, each once".to_owned());
            }
            comparisons.push(learnt);
            columns.push(seen);
        }
        let kinds: Vec<Kind> = comparisons.iter().map(|it| it.kind).collect();
        comparisons.iter_mut().for_each(|it| it.role = it.kind.role_among(kinds.iter().copied()));
        let mut capped = Vec::new();
        for (levels, part) in self.rare {
            let levels: Option<Vec<u8>> = levels.split('-').map(|it| it.parse().ok()).collect();
            let fits = |it: &Vec<u8>| {
                let all = it.iter().zip(&comparisons).all(|(level, of)| usize::from(*level) < of.levels.len());
                it.len() == comparisons.len() && all
            };
            let levels = levels.filter(fits).ok_or("`[rare]` contains a combination of levels that does not exist")?;
            if !(part > 0.0 && part <= 1.0) {
                return Err("`[rare]` contains a share that is not between 0 and 1".to_owned());
            }
            capped.push((levels, part));
        }
        capped.sort_by(|a, b| a.0.cmp(&b.0));
        if capped.windows(2).any(|it| it[0].0 == it[1].0) {
            return Err("`[rare]` contains a combination of levels twice".to_owned());
        }
        let model = Model {
            comparisons,
            pairs: self.pairs,
            matches: self.matches,
            related,
            iterations: self.rounds,
            change: self.change,
            capped,
            seen: Some(Seen { salt: self.salt, columns }),
            patterns: Vec::new(),
        };
        Ok(Frozen::new(model, self.across))
    }
}

impl WrittenComparison {
    fn comparison(self, classes: usize) -> Result<(Learnt, SeenColumn), String> {
        let name = self.column.escape_debug().to_string();
        let kind =
            Kind::from_name(&self.kind).ok_or_else(|| format!("`{name}` is compared as nothing that is known"))?;
        let names = level_names(kind);
        let same = self.levels.iter().map(|it| it.level.as_str()).eq(names.iter().skip(1).copied());
        if !same {
            return Err(format!("`{name}` has other levels than this hotpass compares by"));
        }
        let missing = Level { name: names[0].to_owned(), matches: 0.0, chance: 0.0, related: vec![0.0; classes] };
        let mut levels = vec![missing];
        for it in self.levels {
            let share = |it: &f64| (0.0..=1.000_001).contains(it);
            if it.classes.len() != classes || ![it.matches, it.chance].iter().chain(&it.classes).all(share) {
                return Err(format!(
                    "a level of `{name}` has a share that is not between 0 and 1, or not one share for each class"
                ));
            }
            levels.push(Level { name: it.level, matches: it.matches, chance: it.chance, related: it.classes });
        }
        let mut seen = SeenColumn { rows: self.rows, ..SeenColumn::default() };
        let wrong = || format!("`{name}` has an invalid mark, or a mark that is there twice");
        for it in self.values {
            let bin =
                names.iter().skip(1).position(|name| *name == it.level).filter(|at| names[1 + at].starts_with("equal"));
            let bin = bin.and_then(|it| u8::try_from(it).ok()).ok_or_else(wrong)?;
            for mark in &it.marks {
                if seen.values.insert(read(mark).ok_or_else(wrong)?, bin).is_some() {
                    return Err(wrong());
                }
            }
        }
        for it in self.words {
            for mark in &it.marks {
                if seen.words.insert(read(mark).ok_or_else(wrong)?, it.rows).is_some() {
                    return Err(wrong());
                }
            }
        }
        let role = kind.role();
        Ok((Learnt { name: self.column, kind, role, levels }, seen))
    }
}

fn read(mark: &str) -> Option<Mark> {
    (mark.len() == 16 && mark.bytes().all(|it| it.is_ascii_hexdigit())).then(|| Mark::from_str_radix(mark, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linkage::{self, Comparison, Table};

    fn frozen() -> Frozen {
        let names: Vec<String> = (0..400).map(|at| format!("name{}", at % 9)).collect();
        let streets: Vec<String> = (0..400).map(|at| format!("{} long road {}", at % 7, at)).collect();
        let some = |it: &'_ Vec<String>| -> Vec<Option<String>> { it.iter().cloned().map(Some).collect() };
        let (names, streets) = (some(&names), some(&streets));
        let columns = [&names, &streets].map(|it| it.iter().map(Option::as_deref).collect()).to_vec();
        let compare = vec![Comparison::new("a \"name\"", Kind::Surname), Comparison::new("street", Kind::Address)];
        let table = Table { rows: 400, columns, ..Table::default() };
        let found = linkage::train(&linkage::Spec::new(compare), &table).expect("a table");
        Frozen::new(found.model, Some("system".to_owned()))
    }

    #[test]
    fn a_model_is_read_as_it_was_written_to_the_last_bit() {
        let mut it = frozen();
        it.model.patterns.clear();
        let text = it.to_toml("found");
        assert_eq!(Frozen::from_toml(&text).expect("a model"), it);
        assert!(!text.contains("name3") && !text.contains("long") && !text.contains("road"), "{text}");
        assert!(text.contains("values = [") && text.contains("words = ["), "{text}");
        // Comments and layout do not count.
        let other = Frozen::from_toml(&format!("# mine\n\n{text}")).expect("a model");
        assert_eq!(other.digest, it.digest);
    }

    #[test]
    fn a_model_of_something_else_says_what_is_otherwise() {
        let it = frozen();
        let own = [("a \"name\"", Kind::Surname), ("street", Kind::Address)];
        let check = |compare: &[(&str, Kind)], across: Option<&str>, expected: Option<&str>| {
            let compare: Vec<_> = compare.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect();
            assert_eq!(it.other(&compare, across.map(str::to_owned).as_ref()).as_deref(), expected);
        };
        let system = Some("system");
        check(&own, system, None);
        check(&own[..1], system, Some("it was learnt with `street` too"));
        check(&[own[0], ("born", Kind::Date)], system, Some("it was learnt without `born`"));
        let told = "it was learnt when `street` was compared as address, not as text";
        check(&[own[0], ("street", Kind::Text)], system, Some(told));
        check(&own, None, Some("it was learnt with `across = \"system\"`"));
    }

    #[test]
    fn what_is_no_model_is_told_and_reckoned_with_by_nobody() {
        let text = frozen().to_toml("found");
        let check = |text: &str, expected: &str| {
            let told = Frozen::from_toml(text).expect_err(expected).reason;
            assert!(told.contains(expected), "{told}");
        };
        let with = |from: &str, to: &str| {
            assert!(text.contains(from), "{from}");
            text.replacen(from, to, 1)
        };
        let line = |key: &str| text.lines().find(|it| it.starts_with(key)).expect("a line").to_owned();
        check("", "missing field");
        check("version = 1\nwhat = 2\n", "unknown field");
        check(&with("version = 1", "version = 9"), "it has version 9");
        for wrong in ["nan", "inf", "-1.0", "1e300"] {
            check(&with(&line("pairs"), &format!("pairs = {wrong}")), "a count of pairs");
            check(&with(&line("matches"), &format!("matches = {wrong}")), "a count of pairs");
        }
        check(&with(&line("pairs"), "pairs = \"many\""), "invalid type");
        check(&with("as = \"surname\"", "as = \"colour\""), "compared as nothing");
        check(&with("as = \"surname\"", "as = \"date\""), "other levels");
        let level = text.lines().find(|it| it.contains("level = \"equal\", matches")).expect("a level");
        for wrong in ["matches = nan", "matches = 7.0", "matches = -0.5"] {
            let from = level.split(", ").nth(1).expect("a share");
            check(&with(level, &level.replace(from, wrong)), "a share that is not");
        }
        check(&with(level, &level.replace("classes = [", "classes = [0.5, ")), "a share that is not");
        let mark = text.split('"').find(|it| it.len() == 16 && read(it).is_some()).expect("a mark");
        check(&with(mark, "../../etc/passwd"), "an invalid mark");
        check(&with(mark, "0"), "an invalid mark");
        let twice = format!("{text}\n");
        let rare = |key: &str| match twice.contains("[rare]") {
            true => twice.replacen("[rare]\n", &format!("[rare]\n{key}\n"), 1),
            false => format!("{twice}[rare]\n{key}\n"),
        };
        check(&rare("99-1 = 0.5").replace("99-1 =", "\"99-1\" ="), "does not exist");
        check(&rare("\"1\" = 0.5"), "does not exist");
        check(&rare("\"0-0\" = 2.0"), "a share that is not");
        check(&rare("\"00-0\" = 0.5\n\"0-00\" = 0.5"), "twice");
    }
}
