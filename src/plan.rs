//! What a build would do: plain data, in order, free of places in files. `query` computes it, `run` acts on it.

mod gates;
pub mod test_case;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::contracts::Contract;
use crate::digest::Digest;
use crate::expectations::{Expectation, Measure};
use crate::expr::Expr;
use crate::history::History;
use crate::index::{IndexVec, Place, place};
use crate::model::Schema;
use crate::pipeline::{Export, ExportFormat, Page, Source};
use crate::readers::json::Shape;
use crate::readers::{Evidence, Found, FoundColumn, Header, Request};
use crate::relation::{Relation, Written, trace};
use crate::steps::asking::Asks;
use crate::steps::{Guess, Holding, Input, Notice, Query, Unmapped};

pub use gates::{Asked, PlannedAsk, PlannedGate};

place! {
    /// A table of a plan.
    TableId
}
place! {
    /// A check of a plan.
    CheckId
}
place! {
    /// An artefact of a plan.
    ExportId
}
/// Something of each table of a plan.
pub type TableMap<T> = IndexVec<TableId, T>;
/// Some of the tables of a plan.
pub type TableSet = TableMap<bool>;
/// Something of each check of a plan.
pub type CheckMap<T> = IndexVec<CheckId, T>;
/// Something of each artefact of a plan.
pub type ExportMap<T> = IndexVec<ExportId, T>;

/// Everything that could be built.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Plan {
    /// Sources and steps; inputs come before what reads them.
    pub tables: TableMap<Table>,
    /// Checks on tables.
    pub expectations: CheckMap<PlannedExpectation>,
    /// What a build counts by itself, and tells.
    pub notices: Vec<PlannedNotice>,
    /// Steps that learn from their rows.
    pub learning: Vec<Learning>,
    /// Artefacts.
    pub exports: ExportMap<PlannedExport>,
    /// Tables that are held to contracts.
    pub contracts: Vec<PlannedContract>,
    /// What must hold before anything is published.
    pub gates: Vec<PlannedGate>,
    /// Pipelines by name, with the file each stands in.
    pub pipelines: BTreeMap<String, PathBuf>,
    /// What pipelines are for, by name, as far as they say it.
    pub purposes: BTreeMap<String, String>,
    /// For each pipeline, what it knows from elsewhere.
    pub knowledge: BTreeMap<String, Knowledge>,
    /// Earlier published builds, where a pipeline keeps a history.
    pub history: Arc<History>,
    /// The folder of the manifest, relative to the workspace.
    pub dist: PathBuf,
    /// The environment that is built, if one is asked for.
    pub environment: Option<String>,
    /// Only the engine can tell all schemas: this plan has holes.
    pub needs_engine: bool,
}

/// A step that learns from its rows what can be kept as a model.
#[derive(Clone, PartialEq, Debug)]
pub struct Learning {
    /// The table that it makes, as an index into the plan, before checks set rows of it aside.
    pub step: TableId,
    /// The tables that it reads.
    pub inputs: Vec<TableId>,
    /// The file of its model, relative to the workspace, whether it is there or not.
    pub path: PathBuf,
    /// What stands for the model that it uses; none where it learns in every build.
    pub frozen: Option<Digest>,
    /// What it can be asked.
    pub asks: Asks,
}

/// What a pipeline knows from elsewhere, as digests by name: for people who ask what changed. What of it matters to a
/// table is part of that table's recipes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Knowledge {
    /// Profiles.
    pub profiles: BTreeMap<String, Digest>,
    /// Lookups.
    pub lookups: BTreeMap<String, Digest>,
}

/// A name that is unique in a workspace: `pipeline.table`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Name {
    /// The pipeline.
    pub pipeline: String,
    /// The source, step or export in it.
    pub name: String,
}

impl Name {
    /// As this pipeline calls it: by its name alone, where it is its own.
    pub fn within(&self, pipeline: &str) -> String {
        if self.pipeline == pipeline { self.name.clone() } else { self.to_string() }
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.pipeline, self.name)
    }
}

/// What a table is to the people who declared it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Role {
    /// A declared source.
    Source,
    /// A declared step.
    Step,
    /// The rows that a step or source set aside.
    Rejects,
    /// What an export tells about a table in the place of the table itself.
    About,
    /// A table with where its values come from.
    Origins,
    /// What was read of a source, or set aside of it, before corrected rows were put in.
    Raw,
    /// What a step read, beside what it made of it.
    Beside,
    /// The rows that a query of an expectation gives.
    Violations,
    /// A table of a test.
    TestCase,
}

impl Role {
    /// Its name in keys: never changed.
    pub fn name(self) -> &'static str {
        match self {
            Role::Source => "source",
            Role::Step => "step",
            Role::Rejects => "rejects",
            Role::About => "about",
            Role::Origins => "origins",
            Role::Raw => "raw",
            Role::Beside => "beside",
            Role::Violations => "violations",
            Role::TestCase => "trial",
        }
    }

    /// Whether people meet such a table under its name; the others go with one of these.
    pub fn is_listed(self) -> bool {
        matches!(self, Role::Source | Role::Step | Role::About)
    }
}

/// One table to make.
#[derive(Clone, PartialEq, Debug)]
pub struct Table {
    /// Its name.
    pub name: Name,
    /// What it is.
    pub role: Role,
    /// The kind of step, or `source`.
    pub kind: &'static str,
    /// The tables it reads, as indices into [`Plan::tables`].
    pub inputs: Vec<TableId>,
    /// How it is made.
    pub make: Operation,
    /// Its columns.
    pub schema: Schema,
    /// How each column of `schema` is made.
    pub columns: Vec<ColumnPlan>,
    /// What parts the rows of its input, where its columns are made in pieces. It is in no key: the same comes out.
    pub grain: Option<Expr>,
    /// Of a source, what parts its rows for the steps that take them one by one.
    pub parts: Option<Expr>,
    /// Input columns that nothing took.
    pub unmapped: Vec<Unmapped>,
    /// For each output column that a rule chose, the rule.
    pub rules: BTreeMap<String, String>,
    /// For each output column that is a guess, where it was taken from.
    pub guesses: BTreeMap<String, Guess>,
    /// Columns of its inputs that hold values of its columns.
    pub holding: Vec<Holding>,
    /// What the first values of its columns look like, as far as they come from a source as they are.
    pub evidence: BTreeMap<String, Evidence>,
    /// How the texts of its columns are known to be written.
    pub written: BTreeMap<String, Written>,
    /// Columns whose texts took along in which form they are written, as they met others.
    pub formed: BTreeSet<String>,
    /// Free words.
    pub tags: Vec<String>,
    /// What it is for, as declared.
    pub description: Option<String>,
    /// The sources its rows can come from, with their priorities.
    pub sources: BTreeMap<String, i64>,
}

/// How a table is made.
#[derive(Clone, PartialEq, Debug)]
pub enum Operation {
    /// By reading files, one after the other.
    Read(Box<Reading>),
    /// By the algebra.
    Relation(Relation),
    /// By a user's SQL, in the sandbox.
    Sql(Query),
    /// Not at all: columns of several tables with the same rows stand side by side.
    Beside,
    /// Of rows that somebody wrote down, each cell of its column's type.
    Values(Vec<Vec<Option<String>>>),
}

/// Files to read.
#[derive(Clone, PartialEq, Debug)]
pub struct Reading {
    /// As declared.
    pub source: Source,
    /// Whether the rows are read that are set aside.
    pub aside: bool,
    /// Files relative to the workspace, with the digests of their bytes and how each is read.
    pub files: Vec<ReadFile>,
}

impl Reading {
    /// How each file is read, what was found out as if it had been declared: this decides what comes out, and so it is
    /// no matter whether somebody says it or it is detected.
    pub fn as_read(&self) -> Vec<Source> {
        let read = |file: &ReadFile| {
            let mut source = self.source.clone();
            if let Some(found) = &file.found {
                let it = &mut source.options;
                it.sheet = it.sheet.take().or_else(|| found.sheet.clone());
                it.encoding = it.encoding.take().or_else(|| found.encoding.clone());
                it.delimiter = it.delimiter.take().or_else(|| found.delimiter.map(String::from));
                if it.header == Header::Detect {
                    it.header = found.header;
                }
            }
            source
        };
        self.files.iter().map(read).collect()
    }
}

/// One file to read.
#[derive(Clone, PartialEq, Debug)]
pub struct ReadFile {
    /// Relative to the workspace.
    pub path: PathBuf,
    /// Of its bytes.
    pub fingerprint: Digest,
    /// How our own readers read it; `None` for formats that the engine reads.
    pub request: Option<Request>,
    /// What stands at its head.
    pub found: Option<Found>,
    /// The columns of a JSON file.
    pub shape: Option<Shape>,
}

impl ReadFile {
    /// `file#sheet`, which its rows carry.
    pub fn place(&self) -> String {
        match self.found.as_ref().and_then(|it| it.sheet.as_ref()) {
            Some(sheet) => format!("{}#{sheet}", slashed(&self.path)),
            None => slashed(&self.path),
        }
    }

    /// The column in the file of the column at this place of the table; it may have another name there.
    pub fn column(&self, at: usize) -> Option<&FoundColumn> {
        self.found.as_ref()?.columns.get(at)
    }

    /// Its letter, if it has one that people see.
    pub fn letter(&self, at: usize) -> Option<&str> {
        let sheets = self.request.as_ref().is_some_and(|it| it.format.has_sheets());
        self.column(at).filter(|_| sheets).map(|it| it.letter.as_str())
    }
}

/// A path of the workspace as it is written for people and in artefacts.
pub fn slashed(path: &Path) -> String {
    path.components().map(|it| it.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// How one column is made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ColumnPlan {
    /// It is a column of an input, row for row.
    Carried {
        /// Which of the table's inputs.
        input: usize,
        /// Which column there.
        column: String,
    },
    /// It is computed from what it reads.
    Made {
        /// The digest of what is done.
        recipe: Digest,
        /// For each input, the columns read.
        reads: BTreeMap<usize, BTreeSet<String>>,
    },
}

impl ColumnPlan {
    /// What it is made of: the places of inputs, and columns there.
    pub fn reads(&self) -> Box<dyn Iterator<Item = (usize, &str)> + '_> {
        match self {
            ColumnPlan::Carried { input, column } => Box::new(std::iter::once((*input, column.as_str()))),
            ColumnPlan::Made { reads, .. } => {
                Box::new(reads.iter().flat_map(|(input, names)| names.iter().map(|it| (*input, it.as_str()))))
            }
        }
    }
}

/// A check to take.
#[derive(Clone, PartialEq, Debug)]
pub struct PlannedExpectation {
    /// The pipeline that declares it.
    pub pipeline: String,
    /// As declared.
    pub declared: Expectation,
    /// The table that it is about, as an index into [`Plan::tables`].
    pub about: TableId,
    /// What is counted, and where.
    pub count: PlannedCount,
}

/// The name of what a step made of a column, beside what it read ([`Role::Beside`]).
pub fn made(column: &str) -> String {
    format!("_made:{column}")
}

/// Something to count over a table.
#[derive(Clone, PartialEq, Debug)]
pub struct PlannedCount {
    /// The table, as an index into [`Plan::tables`].
    pub table: TableId,
    /// What is counted.
    pub measure: Measure,
    /// Raised when the same measure counts something else.
    pub revision: u32,
    /// The columns read.
    pub reads: BTreeSet<String>,
    /// Where they stand in the table's schema, in the same order.
    pub positions: Vec<usize>,
    /// What is looked at of another table.
    pub other: Option<OtherTable>,
}

/// What a count looks at of another table.
#[derive(Clone, PartialEq, Debug)]
pub struct OtherTable {
    /// The table, as an index into [`Plan::tables`].
    pub table: TableId,
    /// Where the columns read stand in its schema.
    pub positions: Vec<usize>,
}

/// Something that a build counts by itself, and tells.
#[derive(Clone, PartialEq, Debug)]
pub struct PlannedNotice {
    /// The step, as an index into [`Plan::tables`].
    pub step: TableId,
    /// What is told.
    pub told: Notice,
    /// What is counted for it: of how a column is written the values of one way and those of either, of losses one.
    pub counts: Vec<PlannedCount>,
    /// The columns of files whose texts it is about, where their formats count too.
    pub origins: Vec<(TableId, String)>,
}

/// A table that is held to a contract.
#[derive(Clone, PartialEq, Debug)]
pub struct PlannedContract {
    /// The pipeline that says so.
    pub pipeline: String,
    /// What is promised.
    pub contract: Arc<Contract>,
    /// The table, as an index into [`Plan::tables`].
    pub table: TableId,
}

/// An artefact to write.
#[derive(Clone, PartialEq, Debug)]
pub struct PlannedExport {
    /// Its name.
    pub name: Name,
    /// As declared.
    pub declared: Export,
    /// The table, as an index into [`Plan::tables`].
    pub table: TableId,
    /// The columns written, in order; of a quality report the tables that it tells about.
    pub columns: Vec<String>,
    /// Tables and their columns of further sheets of a workbook, in the order of these.
    pub sheets: Vec<(TableId, Vec<String>)>,
    /// Checks that must hold, as indices into [`Plan::expectations`]: those on the table and on all it needs.
    pub gates: Vec<CheckId>,
}

impl PlannedExport {
    /// All tables that it writes, as indices into [`Plan::tables`].
    pub fn tables(&self) -> impl Iterator<Item = TableId> {
        [self.table].into_iter().chain(self.sheets.iter().map(|(table, _)| *table))
    }

    /// Which page of Data Docs it is, if it is one.
    pub fn page(&self) -> Option<Page> {
        match self.declared.format {
            ExportFormat::Page(page) => Some(page),
            _ => None,
        }
    }

    /// Whether it stands for its export where each is named once: of pages the index does.
    pub fn is_listed(&self) -> bool {
        self.page().is_none_or(|it| matches!(it, Page::Index | Page::Report(_) | Page::Package | Page::Linkage))
    }

    /// Whether it is a data package that lists the other one: a table in a file beside it, or beneath its folder.
    pub fn lists(&self, other: &PlannedExport) -> bool {
        self.name.pipeline == other.name.pipeline && self.lists_declared(&other.declared)
    }

    /// The same of an export of its own pipeline that may not be planned.
    pub fn lists_declared(&self, other: &Export) -> bool {
        let folder = Path::new(&self.declared.path).parent();
        let is_table = matches!(other.format, ExportFormat::Csv(_) | ExportFormat::Json(_) | ExportFormat::Parquet);
        self.page() == Some(Page::Package)
            && is_table
            && folder.is_some_and(|it| Path::new(&other.path).starts_with(it))
    }

    /// Whether it is a folder of files, one for each value of a column.
    pub fn is_partitioned(&self) -> bool {
        matches!(self.declared.format, ExportFormat::Partitioned(_))
    }

    /// Whether a file at this path is its own.
    pub fn writes(&self, path: &Path) -> bool {
        let plain = |it: &Path| it.components().filter(|it| *it != Component::CurDir).collect::<PathBuf>();
        let (own, path) = (plain(Path::new(&self.declared.path)), plain(path));
        own == path || self.is_partitioned() && path.starts_with(own)
    }

    /// The folder of its pages or partitions, if it has some.
    pub fn folder(&self) -> Option<&str> {
        if self.is_partitioned() {
            return Some(self.declared.path.trim_end_matches('/'));
        }
        let up = match self.page()? {
            Page::Report(_) | Page::Beside | Page::Package | Page::Linkage => return None,
            Page::Table => 2,
            Page::Index | Page::Checks | Page::Graph => 1,
        };
        Path::new(&self.declared.path).ancestors().nth(up)?.to_str()
    }
}

impl Plan {
    /// Whether what a pipeline publishes is written into the history: some check learns from it, or pages show it.
    pub fn keeps_history(&self, pipeline: &str) -> bool {
        let learns = |it: &PlannedExpectation| it.pipeline == pipeline && it.declared.learnt().is_some();
        let tells = |it: &PlannedExport| it.page().is_some_and(|it| !it.is_declared() && it != Page::Linkage);
        let shows = |it: &PlannedExport| it.name.pipeline == pipeline && tells(it);
        self.expectations.iter().any(learns) || self.exports.iter().any(shows)
    }

    /// The table of this full name.
    pub fn table(&self, name: &str) -> Option<TableId> {
        self.tables.position(|it| it.role.is_listed() && it.name.to_string() == name)
    }

    /// The table of the rows that a step sets aside.
    pub fn rejects_of(&self, step: TableId) -> Option<TableId> {
        let name = &self.tables[step].name;
        self.tables.position(|it| it.role == Role::Rejects && it.name == *name)
    }

    /// The table with what a step read, beside what it made of it; only where something can be lost.
    pub fn beside(&self, step: TableId) -> Option<TableId> {
        let name = &self.tables[step].name;
        self.tables.position(|it| it.role == Role::Beside && it.name == *name)
    }

    /// Where it is written what a step makes of a column: the file, and the path of keys.
    pub fn declared_at(&self, table: TableId, column: &str) -> (String, String) {
        let it = &self.tables[table];
        let file = self.pipelines.get(&it.name.pipeline).map(|it| slashed(it)).unwrap_or_default();
        let part = match (it.role, it.kind, it.rules.get(column).map(String::as_str)) {
            (Role::Source, ..) => return (file, format!("source.{}", it.name.name)),
            (_, "map", Some("set")) => format!(".set.{column}"),
            (_, "derive", _) => format!(".columns.{column}"),
            _ => String::new(),
        };
        (file, format!("step.{}{part}", it.name.name))
    }

    /// The column that tells the rows of a table apart: the key of its records, as far as it is carried along.
    pub fn key_column(&self, table: TableId) -> Option<String> {
        self.key(table, Relation::repeats)
    }

    /// The same, if no join may have repeated a row.
    pub fn unique_column(&self, table: TableId) -> Option<String> {
        self.key(table, Relation::follows)
    }

    fn key(
        &self,
        table: TableId,
        follow: for<'a> fn(&'a Relation, &str) -> Option<(usize, &'a str)>,
    ) -> Option<String> {
        // For each table up to this one, the key that it has.
        let mut keys: TableMap<Option<String>> = TableMap::new();
        for it in self.tables.iter().take(table.at() + 1) {
            keys.push(match &it.make {
                Operation::Relation(relation) => match trace::record_key(relation) {
                    Some(key) => Some(key.to_owned()),
                    None => it.schema.visible().map(|it| &it.name).find_map(|name| {
                        let (input, beneath) = follow(relation, name)?;
                        (keys[it.inputs[input]].as_deref() == Some(beneath)).then(|| name.clone())
                    }),
                },
                Operation::Read(_) | Operation::Sql(_) | Operation::Beside | Operation::Values(_) => None,
            });
        }
        keys[table].take()
    }

    /// For each table, the tables it reads.
    pub fn needs(&self) -> TableMap<Vec<TableId>> {
        self.tables.map(|it| it.inputs.clone())
    }
}

impl Table {
    /// A table of which no more is known yet: no inputs, no columns, no sources.
    pub fn bare(name: Name, role: Role, kind: &'static str, make: Operation) -> Table {
        Table {
            name,
            role,
            kind,
            make,
            inputs: Vec::new(),
            schema: Schema::default(),
            columns: Vec::new(),
            grain: None,
            parts: None,
            unmapped: Vec::new(),
            rules: BTreeMap::new(),
            guesses: BTreeMap::new(),
            holding: Vec::new(),
            evidence: BTreeMap::new(),
            written: BTreeMap::new(),
            formed: BTreeSet::new(),
            tags: Vec::new(),
            description: None,
            sources: BTreeMap::new(),
        }
    }

    /// As a step sees it that calls it so.
    pub fn as_input<'a>(&'a self, name: &'a str) -> Input<'a> {
        let Table { schema, sources, evidence, written, formed, .. } = self;
        Input { name, schema, sources, evidence, written, formed }
    }
}
