//! Pipelines as declared: `[pipeline]`, `[parameters]`, `[source.*]`, `[step.*]`, `[[expect.*]]`, `[export.*]`.
//!
//! What is read here is free of schemas: whether a column exists is found out when the graph is planned.

mod drift;
pub mod environment;
pub mod export;
pub mod functions;
mod gates;
pub mod like;
mod paths;
pub mod quality;
mod source;
pub mod uses;
mod workbook;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use crate::contracts::{self, Contracts, GATE, Gate, NEEDS};
use crate::digest::{Digest, digest_of};
use crate::expectations::{self, Expectation};
use crate::expr::{Expr, Literal};
use crate::fields::keys::{Key, Keys, Takes};
use crate::fields::{Fields, Parameters, Reader};
use crate::problem::{Code, Problem, did_you_mean, meant};
use crate::profile::{self, Profile};
use crate::readers::Known;
use crate::steps::{self, Decoded};

pub use drift::{Drift, Level};
pub use export::{About, DOCS, Export, ExportFormat, Page, ReportForm};
pub use gates::coerced;
pub use quality::QualityGate;
pub use source::{HABITS, KNOWN as KNOWN_SOURCE, PartialSource, Select, Source, SourceFormat};

/// A file under `pipelines/` with two meanings for one name.
pub const NAME_TWICE: Code = Code::error("hotpass::pipeline::name-taken");
/// A name that cannot be used.
pub const BAD_NAME: Code = Code::error("hotpass::pipeline::bad-name");
/// A kind of step that does not exist.
pub const UNKNOWN_KIND: Code = Code::error("hotpass::pipeline::unknown-kind");
/// A format that cannot be read or written.
pub const UNKNOWN_FORMAT: Code = Code::error("hotpass::pipeline::unknown-format");
/// `--set` of something that no pipeline declares, or of another type.
pub const BAD_PARAMETER: Code = Code::error("hotpass::pipeline::bad-parameter");

/// All codes of this module.
pub const CODES: &[&Code] = &[&NAME_TWICE, &BAD_NAME, &UNKNOWN_KIND, &UNKNOWN_FORMAT, &BAD_PARAMETER];

/// A pipeline's file, and that of a workspace.
pub const FILE: Keys = Keys::of(&[
    Key::new("workspace", Takes::Table(&WORKSPACE), "what goes for all pipelines; in `hotpass.toml` only"),
    Key::new("pipeline", Takes::Table(&HEADING), "what makes the file a pipeline"),
    Key::new("parameters", Takes::Table(&PARAMETERS), "what `--set` and `{ parameter = … }` are about"),
    Key::new("environment", Takes::Table(&environment::ENVIRONMENTS), "other ways to build, with files of their own"),
    Key::new("use", Takes::Table(&uses::USES), "other pipelines that become parts of this one"),
    Key::new("input", Takes::Table(&uses::INPUTS), "tables that the pipeline gets from the pipeline that uses it"),
    Key::new("function", Takes::Table(&functions::FUNCTIONS), "expressions that others call by their names"),
    Key::new("source", Takes::Table(&SOURCES), "files that are read"),
    Key::new("step", Takes::Table(&STEPS), "what is made of them"),
    Key::new("contract", Takes::Table(&contracts::CONTRACTS), "what tables promise"),
    Key::new("expect", Takes::Table(&expectations::TABLES), "what should hold of tables"),
    Key::new("gate", Takes::Tables(&quality::GATES), "what must hold before anything is published"),
    Key::new("export", Takes::Table(&EXPORTS), "files that are written"),
    profile::FIELDS,
    profile::MAPPING,
    profile::LOOKUPS,
    profile::NORMAL,
    profile::INGEST,
    profile::ENRICH,
    profile::LINKAGE,
]);

/// `[workspace]`.
const WORKSPACE: Keys = Keys::of(&[
    Key::new("allow", Takes::TEXTS, "folders outside of the workspace that it wants to read; `--allow DIR` grants it"),
    Key::new("dist", Takes::Text, "the folder of `manifest.json` and `SHA256SUMS`").or_text("dist"),
])
.early();
/// `[pipeline]`.
const HEADING: Keys = Keys::of(&[
    Key::required("name", Takes::Name, "what people call it"),
    Key::new("profile", Takes::Text, "the profile to begin with"),
    Key::new("description", Takes::Text, "what it is for"),
    Key::new("lookups", Takes::TEXTS, "the lookups that a pipeline that uses this one must have"),
    Key::new("enrich", Takes::TEXTS, "the sections `[enrich.NAME]` that a pipeline that uses this one must have"),
])
.early();
const PARAMETERS: Keys = Keys::any(Takes::Plain, "a parameter, and its default, which also says its type").early();
const SOURCES: Keys =
    Keys::named(Takes::Table(&source::KEYS), "a file, or several that a pattern matches, as one table");
const STEPS: Keys = Keys::named(Takes::Table(&STEP), "a table that is made of others");
const EXPORTS: Keys = Keys::named(Takes::Table(&export::KEYS), "a file that is written");
const STEP: Keys = Keys::of(&[
    Key::required("kind", Takes::Text, "what kind of step it is"),
    Key::new("tags", Takes::TEXTS, "free words for selecting: `tag:x`"),
    Key::new("description", Takes::Text, "what it is for"),
    Key::new(
        "grain",
        Takes::Text,
        "the expression that divides its rows into pieces, so that hotpass recomputes only pieces with changed rows",
    ),
    GATE[0],
    GATE[1],
    GATE[2],
    GATE[3],
])
.by("kind", steps::variants)
.needing(&NEEDS);
/// One declared pipeline.
#[derive(Clone, PartialEq, Debug)]
pub struct Pipeline {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// The file it stands in, relative to the workspace.
    pub file: Arc<PathBuf>,
    /// Who uses it, where it is a part of another pipeline.
    pub user: Option<uses::User>,
    /// Pipelines that it uses.
    pub uses: Vec<Arc<Pipeline>>,
    /// Names of uses that could not be read: what is wrong with them has been told.
    pub unread: Vec<String>,
    /// Tables that it is given.
    pub inputs: Vec<(String, uses::Given)>,
    /// Declared sources, in the order of the file.
    pub sources: Vec<(String, Source)>,
    /// Declared steps, in the order of the file.
    pub steps: Vec<(String, Step)>,
    /// Declared expectations, in the order of the file.
    pub expectations: Vec<Expectation>,
    /// Declared exports, in the order of the file.
    pub exports: Vec<(String, Export)>,
    /// The contracts that its tables and exports keep.
    pub contracts: Contracts,
    /// Paths of those that the file declares itself.
    pub own_contracts: Vec<String>,
    /// Which of them keep which: paths of their keys, `step.clean`, with what is said there.
    pub gates: Vec<Gated>,
    /// What must hold before anything is published.
    pub quality: Vec<QualityGate>,
    /// Names of declared parameters.
    pub parameters: Vec<String>,
    /// Digests of the profiles it was read with, by name, comments and layout left out.
    pub profiles: BTreeMap<String, Digest>,
    /// Digests of the lookups that came out of profiles and pipeline, by name.
    pub lookups: BTreeMap<String, Digest>,
    /// What its profile knows of values, by which columns are recognised.
    pub known: Arc<Known>,
    /// Names of its personal fields, with their synonyms, folded: columns of sources that are called so are personal,
    /// mapped or not.
    pub personal: BTreeSet<String>,
    /// Names of all contracts that the file declares, also of those that could not be read.
    pub named_contracts: Vec<String>,
    /// Names of sources and steps that could not be read: what is wrong with them has been told.
    pub broken: Vec<String>,
}

/// A table that is held to a contract.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Gated {
    /// The path of the keys that say it: `step.clean`.
    pub path: String,
    /// The table.
    pub table: String,
    /// The columns that are looked at; all visible ones when empty.
    pub columns: Vec<String>,
    /// What is said.
    pub gate: Gate,
}

/// A declared step.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its kind.
    pub kind: &'static steps::Kind,
    /// What it is to do.
    pub decoded: Decoded,
    /// Free words for selecting: `tag:x`.
    pub tags: Vec<String>,
    /// What it is for.
    pub description: Option<String>,
    /// What parts its rows into pieces.
    pub grain: Option<Expr>,
}

impl Pipeline {
    /// This pipeline, and before it all that it uses.
    pub fn with_used(self: &Arc<Pipeline>) -> Vec<Arc<Pipeline>> {
        let used = self.uses.iter().flat_map(Pipeline::with_used);
        used.chain([Arc::clone(self)]).collect()
    }

    /// Tells the steps that judge a table what is expected: here, and by whoever uses the pipeline.
    pub fn judge(&mut self, theirs: &[Expectation]) {
        let all: Vec<Expectation> = self.expectations.iter().chain(theirs).cloned().collect();
        for (_, step) in &mut self.steps {
            if let Some(judging) = step.decoded.spec.judging(&all) {
                step.decoded = judging;
            }
        }
    }

    /// Publishes nothing by itself: what is promised of artefacts goes with them, and gates hold back those of the user.
    pub fn exports_nothing(&mut self) {
        self.exports.clear();
        self.gates.retain(|it| !it.path.starts_with("export."));
        self.expectations.retain(|it| !it.path.starts_with("export."));
        self.quality.iter_mut().for_each(|it| it.exports.clear());
    }

    /// Whether it calls so a table of something that it uses and that could not be read.
    pub fn is_unread(&self, written: &str) -> bool {
        written.split_once('.').is_some_and(|(name, _)| self.unread.iter().any(|it| it == name))
    }

    /// How it calls its tables, and those of what it uses.
    pub fn tables(&self) -> impl Iterator<Item = String> {
        let inputs = self.inputs.iter().map(|(it, _)| it);
        let own = inputs.chain(self.sources.iter().map(|(it, _)| it)).chain(self.steps.iter().map(|(it, _)| it));
        let used = self.uses.iter().flat_map(|it| {
            let name = it.user.as_ref().map_or("", |it| it.name.as_str());
            it.tables().map(move |table| format!("{name}.{table}")).collect::<Vec<_>>()
        });
        own.cloned().chain(used)
    }

    /// The full names that a table may have which this pipeline calls so, the nearest first.
    pub fn full_names(&self, written: &str) -> impl Iterator<Item = String> {
        let own = format!("{}.{written}", self.name);
        let used = written.split_once('.').and_then(|(name, rest)| {
            let it = self.uses.iter().find(|it| it.user.as_ref().is_some_and(|it| it.name == name))?;
            Some(format!("{}.{rest}", it.name))
        });
        [Some(own), used, Some(written.to_owned())].into_iter().flatten()
    }
}

impl PartialEq for Step {
    fn eq(&self, other: &Step) -> bool {
        self.kind.name == other.kind.name
            && self.decoded == other.decoded
            && self.tags == other.tags
            && self.description == other.description
            && self.grain == other.grain
    }
}

/// The `[pipeline]` table, read before anything else of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Heading {
    /// The pipeline's name.
    pub name: String,
    /// The profile it names, with its place.
    pub profile: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Names of declared parameters.
    pub parameters: Vec<String>,
    /// Lookups that it needs of the profile of whoever uses it.
    pub lookups: Vec<String>,
    /// Tables of `[enrich]` that it needs likewise.
    pub enrich: Vec<String>,
}

/// Schemas that a DuckDB database has, or that ours has besides.
const RESERVED: [&str; 6] = ["hotpass", "main", "temp", "system", "information_schema", "pg_catalog"];

/// Reads `[pipeline]` and `[parameters]`; `None` when the file is no pipeline. Beside those that it declares a pipeline
/// has the parameter `env`, the name of the environment that is asked for.
pub fn heading(
    reader: &Reader,
    fields: &mut Fields,
    set: &BTreeMap<String, String>,
    environment: Option<&str>,
) -> Option<Heading> {
    let mut table = fields.table("pipeline")?;
    let name = table.required_text("name").unwrap_or_default();
    let profile = table.text("profile");
    let description = table.text("description");
    let (lookups, enrich) = (table.words("lookups"), table.words("enrich"));
    check_name(&table, "name", &name);
    if RESERVED.contains(&name.to_lowercase().as_str()) {
        let message = format!("a pipeline cannot be called `{name}`");
        let help = Some("the warehouse has a schema of this name already".to_owned());
        table.problem(&BAD_NAME, "name", message, "this name", help);
    }
    table.finish();
    let mut declared = parameters(fields, set);
    let parameters = declared.keys().cloned().collect();
    let word = environment.unwrap_or(environment::DEFAULT).to_owned();
    declared.entry("env".to_owned()).or_insert(Literal::Text(word));
    reader.set_parameters(declared);
    Some(Heading { name, profile, description, parameters, lookups, enrich })
}

/// Reads everything else of a pipeline file.
pub fn body(
    heading: Heading,
    file: &Arc<PathBuf>,
    fields: &mut Fields,
    profile: &Profile,
    shared: &Contracts,
) -> Pipeline {
    let mut broken = Vec::new();
    let named_contracts = fields.keys_of("contract");
    let (contracts, own_contracts) = gates::contracts(fields, shared);
    let mut gates: Vec<Gated> = Vec::new();
    let inputs = uses::inputs(fields);
    let sources = sources(fields, profile, &mut gates, &mut broken);
    let taken = |name: &str| match () {
        () if sources.iter().any(|(it, _)| it == name) => Some("a source"),
        () if inputs.iter().any(|(it, _)| it == name) => Some("an input"),
        () => None,
    };
    let steps = steps_of(fields, profile, &taken, &mut gates, &mut broken);
    let expectations = expectations::decode(fields);
    let exports = exports(fields, &mut gates);
    let quality = quality::decode(fields);
    let mut expectations = gates::with_promised(expectations, &gates, &contracts);
    expectations.extend(quality.iter().flat_map(QualityGate::own).cloned());
    let Heading { name, description, parameters, .. } = heading;
    let file = Arc::clone(file);
    let lookups = profile.lookups.iter();
    let lookups = lookups.map(|(name, it)| (name.clone(), digest_of("hotpass lookup v1", it))).collect();
    let (known, profiles) = (Arc::new(profile.known()), BTreeMap::new());
    let mut made = Pipeline {
        name,
        description,
        file,
        user: None,
        uses: Vec::new(),
        unread: Vec::new(),
        inputs,
        sources,
        steps,
        expectations,
        exports,
        contracts,
        own_contracts,
        named_contracts,
        gates,
        quality,
        parameters,
        profiles,
        lookups,
        known,
        personal: profile.personal_names(),
        broken,
    };
    made.judge(&[]);
    made
}

fn parameters(fields: &mut Fields, set: &BTreeMap<String, String>) -> Parameters {
    let Some(mut table) = fields.table("parameters") else { return Parameters::new() };
    let mut acc = Parameters::new();
    for name in table.keys() {
        let Some(default) = table.value(&name) else {
            // What cannot be read is declared all the same: whatever names it has been told of by that.
            acc.insert(name, Literal::Null);
            continue;
        };
        let value = match set.get(&name) {
            None => default,
            Some(text) => match typed_like(&default, text) {
                Some(value) => value,
                None => {
                    let message = format!("`--set {name}=…` needs a value like the declared one");
                    table.problem(&BAD_PARAMETER, &name, message, "declared here", None);
                    default
                }
            },
        };
        acc.insert(name, value);
    }
    acc
}

fn typed_like(default: &Literal, text: &str) -> Option<Literal> {
    Some(match default {
        Literal::Integer(_) => Literal::Integer(text.parse().ok()?),
        Literal::Number(_) => {
            text.parse::<f64>().ok().filter(|it| it.is_finite())?;
            Literal::Number(text.to_owned())
        }
        Literal::Boolean(_) => Literal::Boolean(text.parse().ok()?),
        Literal::Text(_) | Literal::Null => Literal::Text(text.to_owned()),
    })
}

/// Names become parts of selectors and of view names, so they are plain words.
fn check_name(fields: &Fields, key: &str, name: &str) {
    if !is_name(name) {
        let message = format!("`{}` cannot be a name", name.escape_debug());
        let help = Some("use letters, digits and `_`, beginning with a letter".to_owned());
        fields.problem(&BAD_NAME, key, message, "this name", help);
    }
}

fn check_table_name(table: &Fields, name: &str) {
    if !is_name(name) {
        let message = format!("`{}` cannot be a name", name.escape_debug());
        let help = "use letters, digits and `_`, beginning with a letter".to_owned();
        table.report(Problem::new(&BAD_NAME, message).label(&table.span(), "this name").help(help));
    }
}

fn is_name(name: &str) -> bool {
    let word = name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_' || it == '-');
    word && name.starts_with(|it: char| it.is_ascii_alphabetic()) && name.len() <= 100
}

fn sources(
    fields: &mut Fields,
    profile: &Profile,
    gates: &mut Vec<Gated>,
    broken: &mut Vec<String>,
) -> Vec<(String, Source)> {
    let labels = profile.labels();
    let mut acc = Vec::new();
    for (name, mut table) in fields.named_tables("source") {
        check_table_name(&table, &name);
        let source = source::decode(&name, &mut table, &profile.ingest, labels.clone());
        gates.extend(gates::of(&mut table, &name, &[]));
        table.finish();
        match source {
            Some(source) => acc.push((name, source)),
            None => broken.push(name),
        }
    }
    acc
}

/// Steps; `taken` is what else has a name.
fn steps_of(
    fields: &mut Fields,
    profile: &Profile,
    taken: &dyn Fn(&str) -> Option<&'static str>,
    gates: &mut Vec<Gated>,
    broken: &mut Vec<String>,
) -> Vec<(String, Step)> {
    let mut steps = Vec::new();
    for (name, mut table) in fields.named_tables("step") {
        check_table_name(&table, &name);
        let taken = taken(&name);
        if let Some(what) = taken {
            let message = format!("`{name}` is {what} and a step");
            let problem = Problem::new(&NAME_TWICE, message).label(&table.span(), format!("taken by {what}"));
            table.report(problem.help("give one of the two another name".to_owned()));
        }
        let step = step(&mut table, profile);
        gates.extend(gates::of(&mut table, &name, &[]));
        table.finish();
        match step {
            // The name stands for what has it: one mistake, one problem.
            Some(_) if taken.is_some() => (),
            Some(step) => steps.push((name, step)),
            None => broken.push(name),
        }
    }
    steps
}

fn exports(fields: &mut Fields, gates: &mut Vec<Gated>) -> Vec<(String, Export)> {
    let mut acc = Vec::new();
    for (name, mut table) in fields.named_tables("export") {
        check_table_name(&table, &name);
        let export = export::export(&mut table);
        if let Some(it) = &export {
            gates.extend(gates::of_export(&mut table, it));
        }
        table.finish();
        acc.extend(export.map(|it| (name, it)));
    }
    acc
}

fn step(table: &mut Fields, profile: &Profile) -> Option<Step> {
    let tags = table.words("tags");
    let description = table.text("description");
    let grain = if table.has("grain") { table.expr("grain") } else { None };
    let name = table.required_text("kind")?;
    let Some(kind) = steps::KINDS.iter().find(|it| it.name == name) else {
        let known = || steps::KINDS.iter().map(|it| it.name);
        let help = meant(steps::ELSEWHERE, &name).map(str::to_owned);
        let help = help.or_else(|| did_you_mean(&name, known()));
        let help = help.unwrap_or_else(|| {
            format!("kinds are {}", known().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", "))
        });
        table.problem(&UNKNOWN_KIND, "kind", format!("there is no kind of step `{name}`"), "this kind", Some(help));
        // What the other keys mean depends on the kind; one problem is enough.
        table.skip_rest();
        return None;
    };
    table.also(kind.keys);
    let decoded = (kind.decode)(table, profile);
    Some(Step { kind, decoded: decoded?, tags, description, grain })
}
