//! `merge`: consolidates all rows that share a key into one record.
//!
//! ```toml
//! [step.organisations]
//! kind = "merge"
//! from = ["schools", "outreach", "clients"]
//! key = "organization_slug"
//! completeness = ["contact_email", "contact_phone", "website"]
//! recency = "last_interaction_date"
//! rank = ["-score", "role_rank"]                # before all of these: `-` for greatest first
//! together = [["contact_email", "contact_phone", "contact_name", "contact_role"]]
//!
//! [step.organisations.fields]
//! notes = { take = "all", separator = "; " }
//! province = { prefer = ["clients"] }
//! last_interaction_date = { take = "latest" }
//! do_not_contact = { take = "any" }             # true if it is true in any row
//! ```
//!
//! Rows are ranked by `rank`, then by the priority of their source, then by how many of the `completeness` columns they fill, then by
//! `recency`, then by their order. A field takes the value of the best row that has one; `prefer` puts sources before
//! the common rank for one field. Fields that stand `together` come from one row: the best of those that have the
//! first of them, else the second, and so on. The hidden column `_from:FIELD` holds the position of the row that each
//! value came from. Rows without a key are set aside and can be seen with `show --rejected`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::expr::aggregate::Aggregate;
use crate::expr::{Decides, Expr, Literal};
use crate::fields::keys::{Key, Keys, Takes, words};
use crate::fields::{Fields, WRONG_VALUE};
use crate::model::{Column, SOURCE, Schema, Type, is_hidden};
use crate::problem::did_you_mean;
use crate::profile::Profile;
use crate::relation::{By, Consolidate, Pick, Relation};
use crate::steps::columns::{ALL_FROM, all_known, known, many_inputs};
use crate::steps::reasons::with_reason;
use crate::steps::sort::signed;
use crate::steps::union::by_name;
use crate::steps::{Decoded, Finding, Input, Kind, Lowered, Spec, TYPE_MISMATCH};

/// The hidden column with the number of rows that a record was merged of.
pub(super) const ROWS: &str = "_rows";

pub(super) const KIND: Kind = Kind {
    name: "merge",
    revision: 2,
    summary: "consolidates all rows that share a key into one record",
    keys: KEYS,
    decode,
};

const KEYS: &[Key] = &[
    ALL_FROM,
    Key::required("key", Takes::Text, "the column that identifies a record"),
    Key::new("completeness", Takes::TEXTS, "rows that fill more of these columns are better"),
    Key::new("recency", Takes::Text, "rows with a greater value here are better"),
    Key::new("rank", Takes::TEXTS, "columns that rank rows before anything else, `-name` for greatest first"),
    Key::new("together", TOGETHER, "fields whose values must come from one and the same row"),
    Key::new("fields", Takes::Table(&FIELDS), "for a field, a rule of its own"),
];

const TOGETHER: Takes = Takes::Either(&[Takes::Text, Takes::List(&Takes::TEXTS, 0)]);
const FIELDS: Keys = Keys::any(Takes::Table(&RULE), "a field, and which value of it survives");
const RULE: Keys = Keys::of(&[
    Key::new("take", Takes::Word(&words(&TAKES)), "which value survives").or_text("first"),
    Key::new("separator", Takes::Text, "the text between the values of `all` and `sorted`").or_text("; "),
    Key::new(
        "prefer",
        Takes::TEXTS,
        "for `first` and `all`, sources that have priority over the common rank for this field",
    ),
]);

#[derive(Debug, Serialize)]
struct Merge {
    key: String,
    completeness: Vec<String>,
    recency: Option<String>,
    rank: Vec<(String, bool)>,
    together: Vec<Vec<String>>,
    fields: Vec<(String, Rule)>,
}

#[derive(Debug, Serialize)]
struct Rule {
    take: Take,
    separator: String,
    prefer: Vec<String>,
    /// Keys that somebody wrote down, of those that not every way to take a value reads.
    #[serde(skip)]
    told: Vec<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
enum Take {
    First,
    All,
    Sorted,
    Latest,
    Earliest,
    Any,
    Count,
    Sum,
    Mean,
    Longest,
    MostCommon,
}

/// The first word of each is the one that is told.
const TAKES: [(&str, Take); 13] = [
    ("first", Take::First),
    ("all", Take::All),
    ("sorted", Take::Sorted),
    ("latest", Take::Latest),
    ("earliest", Take::Earliest),
    ("any", Take::Any),
    ("count", Take::Count),
    ("max", Take::Latest),
    ("min", Take::Earliest),
    ("sum", Take::Sum),
    ("mean", Take::Mean),
    ("longest", Take::Longest),
    ("most_common", Take::MostCommon),
];

impl Take {
    /// Keys of a rule that only some ways to take a value read, with those ways.
    const READ: [(&'static str, &'static [Take]); 2] =
        [("separator", &[Take::All, Take::Sorted]), ("prefer", &[Take::First, Take::All])];

    fn word(self) -> &'static str {
        TAKES.iter().find(|(_, it)| *it == self).map_or("", |(word, _)| word)
    }
}

impl Rule {
    /// Tells of keys that mean nothing beside the way in which the value of `name` is taken.
    fn refuse_unread(&self, name: &str, findings: &mut Vec<Finding>) {
        for (key, takes) in Take::READ {
            if self.told.contains(&key) && !takes.contains(&self.take) {
                let message = format!("`{}` does not read `{key}`", self.take.word());
                let words: Vec<_> = takes.iter().map(|it| format!("`take = \"{}\"`", it.word())).collect();
                let help = format!("remove it; {} read it", words.join(" and "));
                let key = format!("fields.{name}.{key}");
                findings.push(Finding::new(&WRONG_VALUE, key, message).label("nothing reads this").help(help));
            }
        }
    }
}

fn decode(fields: &mut Fields, _: &Profile) -> Option<Decoded> {
    let inputs = many_inputs(fields, "from");
    let key = fields.required_text("key");
    let completeness = fields.words("completeness");
    let recency = fields.text("recency");
    let rank = fields.words("rank").iter().map(|it| signed(it)).collect();
    let together = fields.nested_texts("together");
    let together = together.into_iter().map(|group| group.into_iter().map(|(it, _)| it).collect()).collect();
    let mut rules = Vec::new();
    if let Some(mut table) = fields.table("fields") {
        for name in table.keys() {
            let Some(mut rule) = table.table(&name) else { continue };
            let take = rule.choice("take", &TAKES).unwrap_or(Take::First);
            let told = Take::READ.iter().map(|(key, _)| *key).filter(|it| rule.has(it)).collect();
            let separator = rule.text("separator").unwrap_or_else(|| "; ".to_owned());
            let prefer = rule.words("prefer");
            rule.finish();
            rules.push((name, Rule { take, separator, prefer, told }));
        }
    }
    Some(Decoded::new(inputs?, Merge { key: key?, completeness, recency, rank, together, fields: rules }))
}

impl Spec for Merge {
    fn decided_by(&self) -> Vec<(String, Decides<'_>)> {
        let mut acc: Vec<_> = self.rank.iter().map(|(name, _)| ("rank".to_owned(), Decides::column(name))).collect();
        acc.extend(self.recency.iter().map(|it| ("recency".to_owned(), Decides::column(it))));
        let by_value = self.fields.iter().filter(|(_, it)| matches!(it.take, Take::Latest | Take::Earliest));
        acc.extend(by_value.map(|(name, _)| (format!("fields.{name}.take"), Decides::column(name))));
        acc
    }

    fn lower(&self, inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<Lowered> {
        let before = findings.len();
        let from = by_name(inputs, findings)?;
        let schemas: Vec<&Schema> = inputs.iter().map(|it| it.schema).collect();
        let schema = from.schema(&schemas).ok()?;
        let sources: BTreeMap<String, i64> = inputs.iter().flat_map(|it| it.sources.clone()).collect();
        let evidence = BTreeMap::new();
        let all = Input {
            name: "the merged tables",
            schema: &schema,
            sources: &sources,
            evidence: &evidence,
            written: &BTreeMap::new(),
            formed: &BTreeSet::new(),
        };
        self.judge(&all, findings);
        self.refuse_second_preferences(findings);
        if findings.len() > before {
            return None;
        }
        let mut picks = vec![(self.key.clone(), Pick::Key)];
        let mut positions = Vec::new();
        for column in schema.visible().filter(|it| it.name != self.key) {
            let name = &column.name;
            let (pick, position) = self.pick(column);
            picks.push((name.clone(), pick));
            positions.extend(position.map(|it| (format!("_from:{name}"), it)));
        }
        picks.push((ROWS.to_owned(), Pick::Rows));
        if schema.has(SOURCE) {
            let separator = "; ".to_owned();
            picks.push((SOURCE.to_owned(), Pick::Sorted { column: SOURCE.to_owned(), separator }));
        }
        picks.extend(positions);
        let rank = self.rank(&schema, &sources);
        let why = Expr::text(format!("the merge key `{}` has no value", self.key.escape_debug()));
        let keyless = from.clone().filter(Expr::call("is null", [Expr::column(&self.key)]));
        let rejects = with_reason(keyless, &schema, why);
        let survive = Consolidate { from, key: self.key.clone(), rank, picks };
        let relation = Relation::Consolidate(Box::new(survive));
        debug_assert!(relation.columns().iter().skip_while(|it| !is_hidden(it)).all(|it| is_hidden(it)));
        Some(Lowered { rejects: Some(rejects), ..relation.into() })
    }
}

impl Merge {
    /// Says which columns are not there, and which rules fit none.
    fn judge(&self, all: &Input<'_>, findings: &mut Vec<Finding>) {
        known(all, &self.key, "key", findings);
        all_known(all, &self.completeness, "completeness", findings);
        if let Some(recency) = &self.recency {
            known(all, recency, "recency", findings);
        }
        for (name, _) in &self.rank {
            known(all, name, "rank", findings);
        }
        for group in &self.together {
            all_known(all, group, "together", findings);
        }
        for (name, rule) in &self.fields {
            known(all, name, &format!("fields.{name}"), findings);
            self.judge_rule(all, name, rule, findings);
        }
    }

    fn judge_rule(&self, all: &Input<'_>, name: &str, rule: &Rule, findings: &mut Vec<Finding>) {
        rule.refuse_unread(name, findings);
        if name == self.key || is_hidden(name) {
            let message = format!("no rule decides `{}`, which a merge makes itself", name.escape_debug());
            let help = "remove the rule".to_owned();
            let key = format!("fields.{name}");
            findings.push(Finding::new(&WRONG_VALUE, key, message).label("nothing reads this").help(help));
        }
        let ty = all.schema.get(name).map_or(Type::Boolean, |it| it.ty);
        if rule.take == Take::Any && ty != Type::Boolean {
            let message = format!("`any` is about truth values, and `{name}` is {ty}");
            let key = format!("fields.{name}.take");
            findings.push(Finding::new(&TYPE_MISMATCH, key, message).label("asked for here"));
        }
        let wrong = match rule.take {
            Take::Sum | Take::Mean if !ty.is_number() && all.schema.has(name) => Some("numbers"),
            Take::Longest if ty != Type::Text && all.schema.has(name) => Some("texts"),
            _ => None,
        };
        if let Some(takes) = wrong {
            let message = format!("`{}` is about {takes}, and `{name}` is {ty}", rule.take.word());
            let help = "cast it in an earlier step".to_owned();
            let key = format!("fields.{name}.take");
            findings.push(Finding::new(&TYPE_MISMATCH, key, message).label("asked for here").help(help));
        }
        for source in rule.prefer.iter().filter(|it| !all.sources.contains_key(*it)) {
            let help = did_you_mean(source, all.sources.keys().map(String::as_str));
            let help = help.or_else(|| {
                let names: Vec<_> = all.sources.keys().map(|it| format!("`{it}`")).collect();
                Some(format!("rows here come from {}", names.join(", ")))
            });
            let message = format!("no row here comes from the source `{source}`");
            let key = format!("fields.{name}.prefer");
            findings.push(Finding::new(&WRONG_VALUE, key, message).label("named here").help(help));
        }
    }

    /// Fields that stand together come from one row, so one of them alone can say from where.
    fn refuse_second_preferences(&self, findings: &mut Vec<Finding>) {
        for group in &self.together {
            let mut rules = group.iter().filter_map(|name| {
                let rule = self.fields.iter().find(|(it, rule)| it == name && !rule.prefer.is_empty());
                rule.filter(|(_, rule)| rule.take == Take::First)
            });
            let Some((first, decides)) = rules.next() else { continue };
            for (name, _) in rules.filter(|(_, rule)| rule.prefer != decides.prefer) {
                let (first, shown) = (first.escape_debug(), name.escape_debug());
                let message = format!("`{shown}` comes from the row of `{first}`, which prefers other sources");
                let help = "prefer the same sources, or remove one of the two from `together`".to_owned();
                let key = format!("fields.{name}.prefer");
                findings.push(Finding::new(&WRONG_VALUE, key, message).label("nothing reads this").help(help));
            }
        }
    }

    fn pick(&self, column: &Column) -> (Pick, Option<Pick>) {
        let name = column.name.clone();
        let rule = self.fields.iter().find(|(it, _)| *it == name).map(|(_, it)| it);
        if let Some(group) = self.together.iter().find(|it| it.contains(&name))
            && rule.is_none_or(|it| it.take == Take::First)
        {
            let prefer = self.together(group);
            let position = Pick::Position { column: None, prefer: prefer.clone() };
            return (Pick::Of { column: name, prefer }, Some(position));
        }
        let Some(rule) = rule else {
            let position = Pick::Position { column: Some(name.clone()), prefer: Vec::new() };
            return (Pick::First { column: name, prefer: Vec::new() }, Some(position));
        };
        let separator = rule.separator.clone();
        match rule.take {
            Take::First => {
                let prefer = preferred(&rule.prefer);
                let position = Pick::Position { column: Some(name.clone()), prefer: prefer.clone() };
                (Pick::First { column: name, prefer }, Some(position))
            }
            Take::All => (Pick::All { column: name, separator, prefer: preferred(&rule.prefer) }, None),
            Take::Sorted => (Pick::Sorted { column: name, separator }, None),
            // True is greater than false.
            Take::Latest | Take::Any => (Pick::Greatest(name), None),
            Take::Earliest => (Pick::Least(name), None),
            Take::Count => (Pick::Distinct(name), None),
            Take::Sum => (Pick::Made { column: name, function: Aggregate::Sum }, None),
            Take::Mean => (Pick::Made { column: name, function: Aggregate::Mean }, None),
            Take::MostCommon => (Pick::Made { column: name, function: Aggregate::MostCommon }, None),
            Take::Longest => {
                let length = Expr::call("length", [Expr::column(&name)]);
                let prefer = vec![By { expr: length, descending: true }];
                let position = Pick::Position { column: Some(name.clone()), prefer: prefer.clone() };
                (Pick::First { column: name, prefer }, Some(position))
            }
        }
    }

    /// What ranks the rows of a group before the common rank: the first of the group's fields that a row has, then the
    /// sources that the group prefers. All fields of a group have the same ranking, so that they come from one row.
    fn together(&self, group: &[String]) -> Vec<By> {
        let branch = |(place, name): (usize, &String)| {
            (Expr::call("is not null", [Expr::column(name)]), Expr::integer(place as i64))
        };
        let otherwise = Expr::integer(group.len() as i64);
        let place = Expr::Case(group.iter().enumerate().map(branch).collect(), Some(Box::new(otherwise)));
        let prefers = |rule: &Rule| rule.take == Take::First && !rule.prefer.is_empty();
        let rule = |name: &String| self.fields.iter().find(|(it, rule)| it == name && prefers(rule));
        let sources = group.iter().find_map(rule).map(|(_, rule)| preferred(&rule.prefer));
        let mut prefer = vec![By { expr: place, descending: false }];
        prefer.extend(sources.unwrap_or_default());
        prefer
    }

    /// What is declared, then source priority, then completeness, then recency.
    fn rank(&self, schema: &Schema, sources: &BTreeMap<String, i64>) -> Vec<By> {
        let declared = self.rank.iter();
        let mut rank: Vec<By> =
            declared.map(|(name, descending)| By { expr: Expr::column(name), descending: *descending }).collect();
        let greatest = |expr| By { expr, descending: true };
        if schema.has(SOURCE) && sources.values().any(|it| *it != 0) {
            let branches = sources.iter().map(|(name, priority)| (is_source(name), Expr::integer(*priority)));
            rank.push(greatest(Expr::Case(branches.collect(), Some(Box::new(Expr::integer(0))))));
        }
        let filled = self.completeness.iter().map(|name| {
            let present = Expr::call("is not null", [Expr::column(name)]);
            Expr::Case(vec![(present, Expr::integer(1))], Some(Box::new(Expr::integer(0))))
        });
        rank.extend(filled.reduce(|a, b| Expr::call("+", [a, b])).map(greatest));
        rank.extend(self.recency.iter().map(|it| greatest(Expr::column(it))));
        rank
    }
}

fn is_source(name: &str) -> Expr {
    Expr::call("=", [Expr::column(SOURCE), Expr::text(name)])
}

/// Rows of the named sources first, in this order.
fn preferred(sources: &[String]) -> Vec<By> {
    if sources.is_empty() {
        return Vec::new();
    }
    let branches = sources.iter().enumerate().map(|(place, name)| (is_source(name), Expr::integer(place as i64)));
    let otherwise = Expr::Literal(Literal::Integer(sources.len() as i64));
    let expr = Expr::Case(branches.collect(), Some(Box::new(otherwise)));
    debug_assert_eq!(expr.ty(&[Column::new(SOURCE, Type::Text)].into_iter().collect()), Ok(Type::Integer));
    vec![By { expr, descending: false }]
}
