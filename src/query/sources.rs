//! Sources: which files a path or glob means, what stands at their heads, and the columns that follow.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use globset::GlobBuilder;

use crate::contracts::keeps;
use crate::db::{Db, File};
use crate::model::{COORDINATES, Column, KINDS, ROW, Schema, Type};
use crate::pipeline::{Select, Source, SourceFormat};
use crate::plan::{ReadFile, Reading};
use crate::problem::{Code, nearest};
use crate::query::{consent, exists, fingerprint, folders, lent, listing};
use crate::readers::json::{Kinds, Member, Shape};
use crate::readers::reach::Place;
use crate::readers::within::Within;
use crate::readers::{ASIDE, Evidence, Found, Known, Request};
use crate::steps::Finding;
use crate::system::Unknown;

/// A source file that is not there.
pub const MISSING: Code = Code::error("hotpass::source::missing");
/// A glob that matches several files where one is wanted.
pub const AMBIGUOUS: Code = Code::error("hotpass::source::ambiguous");
/// A path that leaves the workspace.
pub const OUTSIDE: Code = Code::error("hotpass::source::outside-workspace");
/// A glob that cannot be read.
pub const BAD_GLOB: Code = Code::error("hotpass::source::bad-glob");
/// Files of one source that have different columns.
pub const DIFFERENT_COLUMNS: Code = Code::error("hotpass::source::different-columns");
/// A column name that belongs to hotpass.
pub const RESERVED_COLUMN: Code = Code::warning("hotpass::source::reserved-column");
/// A file that the world does not let us read.
pub const UNREADABLE: Code = Code::error("hotpass::source::unreadable");

/// All codes of this module.
pub const CODES: &[&Code] =
    &[&MISSING, &AMBIGUOUS, &OUTSIDE, &BAD_GLOB, &DIFFERENT_COLUMNS, &RESERVED_COLUMN, &UNREADABLE];

/// What could be found out about a source.
#[derive(Default)]
pub(super) struct Resolved {
    pub(super) reading: Option<Reading>,
    pub(super) schema: Option<Schema>,
    pub(super) findings: Vec<Finding>,
    /// Problems with a place of their own: in the delivered file.
    pub(super) problems: Vec<crate::problem::Problem>,
    pub(super) needs_engine: bool,
    /// Columns of numbers that are read as their digits.
    pub(super) spelt: Vec<String>,
    /// What the first values of columns look like, over all files.
    pub(super) evidence: BTreeMap<String, Evidence>,
    /// By column that is within an object, or has lists or maps: what is within it, over all files.
    pub(super) within: BTreeMap<String, Within>,
}

/// What stands at the head of a file, read in one way.
#[salsa::tracked]
pub(super) fn head(db: &dyn Db, file: File, request: HeadRequest<'_>) -> Result<Found, Unknown> {
    match fingerprint(db, file) {
        Some(digest) => db.system().header(request.request(db), request.known(db), &digest),
        None => Err(Unknown::World("there is no such file".to_owned())),
    }
}

/// How a head is read.
#[salsa::interned]
pub(super) struct HeadRequest<'db> {
    #[returns(ref)]
    request: Request,
    #[returns(ref)]
    known: Arc<Known>,
}

/// The columns of a source, and how its files are read. `promised` has the types that contracts promise of columns whose
/// texts may stand for other values.
pub(super) fn resolve(db: &dyn Db, source: &Source, known: &Arc<Known>, promised: &BTreeMap<String, Type>) -> Resolved {
    let mut acc = Resolved::default();
    let Some(paths) = matches(db, source, &mut acc.findings) else { return acc };
    let mut files = Vec::new();
    let mut schema: Option<Schema> = None;
    let mut kinds = BTreeMap::new();
    if paths.is_empty() {
        let columns = source.like.columns.iter().map(|(name, _)| Column::new(name, Type::Text));
        schema = Some(Schema { columns: columns.collect() });
    }
    for path in paths {
        let Some((file, columns)) = one(db, source, path, known, &mut kinds, &mut acc) else { return acc };
        match &schema {
            // What all values of a column are is known when all files are.
            Some(first) if source.format == SourceFormat::Json && first.names().eq(columns.names()) => {
                schema = Some(columns);
            }
            Some(first) if *first != columns => {
                let message = format!("`{}` {} the files before it", file.path.display(), differs(first, &columns));
                let help = "declare a source for each shape and bring them together with `union`".to_owned();
                acc.findings.push(Finding::new(&DIFFERENT_COLUMNS, "path", message).help(help));
            }
            _ => schema = Some(columns),
        }
        files.push(file);
    }
    if let Some(schema) = &mut schema {
        let mut spelt = false;
        if source.format == SourceFormat::Json {
            for column in &mut schema.columns {
                if is_spelt(column.ty, promised.get(&column.name).copied()) {
                    (column.ty, spelt) = (Type::Text, true);
                    acc.spelt.push(column.name.clone());
                }
            }
        }
        let has_kinds = match source.format {
            SourceFormat::Cells(it) => it.has_sheets(),
            SourceFormat::Json => spelt || kinds.values().any(|it| it.has_numbers_as_texts()),
            SourceFormat::Parquet => false,
        };
        schema.columns.extend(has_kinds.then(|| Column::new(KINDS, Type::Text)));
        for name in COORDINATES {
            let ty = if name == ROW { Type::Integer } else { Type::Text };
            schema.columns.push(Column::new(name, ty));
        }
    }
    acc.reading = Some(Reading { source: source.clone(), aside: false, files });
    acc.schema = schema;
    acc
}

/// Whether a number of JSON is read as its digits, which are exact: a contract promises numbers that floats do not hold.
fn is_spelt(ty: Type, promised: Option<Type>) -> bool {
    let is_number = |it: Type| matches!(it, Type::Integer | Type::Decimal { .. } | Type::Float);
    promised.is_some_and(|promised| is_number(ty) && is_number(promised) && !keeps(ty, promised))
}

/// How the columns of a file differ from `first`, those of the files before it.
fn differs(first: &Schema, columns: &Schema) -> String {
    let name = |it: &str| format!("`{}`", it.escape_debug());
    let listed = |all: Vec<&str>| {
        let shown: Vec<String> = all.iter().take(3).map(|it| name(it)).collect();
        format!("{}{}", shown.join(", "), if all.len() > 3 { ", …" } else { "" })
    };
    let more: Vec<&str> = columns.names().filter(|it| !first.has(it)).collect();
    let fewer: Vec<&str> = first.names().filter(|it| !columns.has(it)).collect();
    if more.is_empty() && fewer.is_empty() {
        let other =
            columns.columns.iter().find_map(|it| Some((it, first.get(&it.name).filter(|was| was.ty != it.ty)?)));
        return match other {
            Some((it, was)) => {
                format!("has the column {} as {}, which is {} in", name(&it.name), it.ty.spelling(), was.ty.spelling())
            }
            None => "has its columns in another order than".to_owned(),
        };
    }
    let says = |verb: &str, all: Vec<&str>| (!all.is_empty()).then(|| format!("{verb} {}", listed(all)));
    let both: Vec<String> = [says("has", more), says("lacks", fewer)].into_iter().flatten().collect();
    format!("{}, unlike", both.join(" and "))
}

/// One file, and the columns at its head; nothing where it cannot be used, which is told.
fn one(
    db: &dyn Db,
    source: &Source,
    path: PathBuf,
    known: &Arc<Known>,
    kinds: &mut BTreeMap<String, Kinds>,
    acc: &mut Resolved,
) -> Option<(ReadFile, Schema)> {
    let file = db.file(&path);
    if db.system().place(&path) == Place::Outside {
        let message = format!("`{}` is a link that leads out of the workspace", path.display());
        acc.findings.push(Finding::new(&OUTSIDE, "path", message).label("this path").help(consent(db, &path)));
        return None;
    }
    acc.problems.extend(lent(db, &path));
    let Some(digest) = fingerprint(db, file) else {
        let message = format!("`{}` cannot be read", path.display());
        acc.findings.push(Finding::new(&UNREADABLE, "path", message));
        return None;
    };
    let mut read = ReadFile { path, fingerprint: digest, request: None, found: None, shape: None };
    let columns = match source.format {
        SourceFormat::Cells(format) => cells(db, source, format, known, &mut read, acc),
        SourceFormat::Parquet => db.system().columns(&read.path, &digest).map(|it| {
            let beside = db.system().beside(&digest);
            acc.problems.extend(crate::readers::problems::renamed(&read.path, &beside.renamed));
            beside.within.iter().for_each(|(name, it)| acc.within.entry(name.clone()).or_default().extend(it));
            own_columns(it, &mut acc.findings)
        }),
        SourceFormat::Json => db.system().shape(&read.path, &digest).map(|found| {
            acc.problems.extend(found.warnings.iter().cloned());
            let columns = own_columns(members(&found, kinds), &mut acc.findings);
            found.columns.iter().for_each(|it| acc.within.entry(it.name.clone()).or_default().extend(&it.within));
            read.shape = Some(found);
            columns
        }),
    };
    match columns {
        Ok(columns) => return Some((read, columns)),
        Err(Unknown::NeedsEngine) => acc.needs_engine = true,
        Err(Unknown::Problem(problem)) => acc.problems.push(*problem),
        Err(Unknown::World(reason)) => {
            let message = format!("`{}` cannot be read: {reason}", read.path.display());
            acc.findings.push(Finding::new(&UNREADABLE, "path", message));
        }
    }
    None
}

/// The columns of a file of cells, and what the first of its values look like.
fn cells(
    db: &dyn Db,
    source: &Source,
    format: crate::readers::Format,
    known: &Arc<Known>,
    read: &mut ReadFile,
    acc: &mut Resolved,
) -> Result<Schema, Unknown> {
    let request = request(source, format, db.system().real(&read.path), &read.path);
    let found = head(db, db.file(&read.path), HeadRequest::new(db, request.clone(), Arc::clone(known)));
    let found = found.as_ref().map_err(Clone::clone)?;
    let columns = cell_columns(found, source.corrects.is_some(), &mut acc.findings);
    for (column, evidence) in columns.columns.iter().zip(&found.evidence) {
        acc.evidence.entry(column.name.clone()).or_default().add(evidence);
    }
    acc.problems.extend(found.warnings.iter().filter(|it| !is_own(source, it)).cloned());
    (read.request, read.found) = (Some(request), Some(found.clone()));
    Ok(columns)
}

fn request(source: &Source, format: crate::readers::Format, absolute: PathBuf, path: &Path) -> Request {
    let tab = path.extension().is_some_and(|it| it.eq_ignore_ascii_case("tsv"));
    let mut options = source.options.clone();
    options.delimiter = options.delimiter.or_else(|| tab.then(|| "\t".to_owned()));
    Request { options, ..Request::new(absolute, path.display().to_string(), format) }
}

/// Whether a warning is about a name that our own export of rejected rows has.
fn is_own(source: &Source, warning: &crate::problem::Problem) -> bool {
    source.corrects.is_some() && warning.code == crate::readers::problems::REPEATED_COLUMN.name
}

/// Columns of cells are text. Names that begin with `_` are ours, so theirs get another.
fn cell_columns(found: &Found, corrects: bool, findings: &mut Vec<Finding>) -> Schema {
    let mut columns: Vec<Column> = Vec::new();
    for column in &found.columns {
        let mut name = column.name.clone();
        // What was written for people to correct comes back under the names that it had.
        if crate::model::is_hidden(&name) && !(corrects && name == ASIDE[2]) {
            name = numbered(format!("column{name}"), |it| {
                found.columns.iter().any(|other| other.name.eq_ignore_ascii_case(it))
            });
            let message = format!("column `{}` is called `{name}` here", column.name.escape_debug());
            let help = "names that begin with `_` belong to hotpass".to_owned();
            if !corrects {
                findings.push(Finding::new(&RESERVED_COLUMN, "path", message).help(help));
            }
        }
        columns.push(Column::new(name, Type::Text));
    }
    columns.into_iter().collect()
}

/// The columns of a JSON file. `kinds` has what the values of each are, over all files up to this one.
fn members(shape: &Shape, kinds: &mut BTreeMap<String, Kinds>) -> Schema {
    let column = |it: &Member| {
        let all = kinds.entry(it.name.clone()).or_default();
        *all = all.and(it.kinds);
        Column::new(&it.name, all.ty())
    };
    Schema { columns: shape.columns.iter().map(column).collect() }
}

/// The name, with a number behind it when the schema has it.
pub(super) fn unlike(name: &str, schema: &Schema) -> String {
    numbered(name.to_owned(), |it| schema.names().any(|other| other.eq_ignore_ascii_case(it)))
}

/// The name, with a number behind it when it is taken.
fn numbered(name: String, taken: impl Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|it| format!("{name}_{it}"));
    std::iter::once(name.clone()).chain(numbered).find(|it| !taken(it)).unwrap_or_default()
}

/// Columns of formats that have names and types of their own. Those with our names are left out.
fn own_columns(mut schema: Schema, findings: &mut Vec<Finding>) -> Schema {
    for column in schema.columns.iter().filter(|it| it.is_hidden()) {
        let message = format!("column `{}` is left out", column.name.escape_debug());
        let help = "names that begin with `_` belong to hotpass".to_owned();
        findings.push(Finding::new(&RESERVED_COLUMN, "path", message).help(help));
    }
    schema.columns.retain(|it| !it.is_hidden());
    schema
}

/// The files a source means, in natural order of their names.
fn matches(db: &dyn Db, source: &Source, findings: &mut Vec<Finding>) -> Option<Vec<PathBuf>> {
    let path = Path::new(&source.path);
    if !stays_inside(db, path) {
        let message = format!("`{}` leaves the workspace", source.path.escape_debug());
        findings.push(Finding::new(&OUTSIDE, "path", message).label("this path").help(consent(db, path)));
        return None;
    }
    // A file of exactly this name is meant literally, whatever characters it has.
    if exists(db, db.file(path)) {
        return Some(vec![path.to_owned()]);
    }
    let found = if source.path.contains(['*', '?', '[', '{']) { glob(db, path, findings)? } else { Vec::new() };
    match (found.len(), source.select) {
        (0, _) if source.corrects.is_some() || source.like.optional => Some(found),
        (0, _) => {
            let folder = path.parent().unwrap_or(Path::new(""));
            let names = listing(db, db.file(folder));
            let typed = path.file_name().and_then(|it| it.to_str()).unwrap_or_default();
            let near = nearest(typed, names.iter().map(String::as_str));
            let near = near.map(|it| format!("did you mean `{}`?", folder.join(it).display()));
            let message = format!("there is no file `{}`", source.path.escape_debug());
            let far = source.path.contains("://").then(|| FAR.to_owned());
            let escaped = source.path.contains(char::is_control).then(|| ESCAPED.to_owned());
            let habit = || habit(&source.path).map(str::to_owned);
            let help = far.or(escaped).or_else(habit).or(near).unwrap_or_else(|| there_are(names, folder));
            findings.push(Finding::new(&MISSING, "path", message).label("looked for here").help(help));
            None
        }
        (1, _) | (_, Select::All) => Some(found),
        (_, Select::Newest) => found.last().map(|it| vec![it.clone()]),
        (count, Select::One) => {
            let names: Vec<_> = found.iter().take(3).map(|it| format!("`{}`", it.display())).collect();
            let message = format!("`{}` matches {count} files: {}", source.path.escape_debug(), names.join(", "));
            let help = "say what a second match means: `select = \"newest\"` or `select = \"all\"`".to_owned();
            findings.push(Finding::new(&AMBIGUOUS, "path", message).label("this glob").help(help));
            None
        }
    }
}

/// Which files that a source could read stand where one was looked for.
fn there_are(names: &[String], folder: &Path) -> String {
    let known = |it: &&String| !it.starts_with(['.', '~']) && SourceFormat::of_path(Path::new(it)).is_some();
    let files: Vec<&String> = names.iter().filter(known).collect();
    let shown: Vec<String> = files.iter().take(LISTED).map(|it| format!("`{}`", folder.join(it).display())).collect();
    let (shown, relative) = (shown.join(", "), "paths are relative to the workspace");
    match files.len() {
        0 => relative.to_owned(),
        1 => format!("there is {shown}; {relative}"),
        all if all > LISTED => format!("there are {shown} and {} more; {relative}", all - LISTED),
        _ => format!("there are {shown}; {relative}"),
    }
}

/// What is said of a path with a character that nobody types.
const ESCAPED: &str = "in double quotes `\\` begins an escape: write `/`, or put the path in single quotes";
/// What is said of a path that is written as another program has it.
fn habit(path: &str) -> Option<&'static str> {
    let drive = path.as_bytes().get(1) == Some(&b':') && path.starts_with(|it: char| it.is_ascii_alphabetic());
    match () {
        () if drive || path.starts_with('~') => Some(
            "paths are relative to the workspace: put the file into it, or write its whole path, and allow its folder \
             with `--allow` or `HOTPASS_ALLOW`",
        ),
        () if path.contains('\\') => Some("write `/` between folders"),
        () => None,
    }
}

/// What is said of an address.
const FAR: &str = "nothing is read from the network: put the file into the workspace before the build";

/// How many files are named where one is missing.
const LISTED: usize = 5;

/// The files of the workspace that a path or pattern means, in natural order of their names.
pub fn files(db: &dyn Db, pattern: &str) -> Vec<PathBuf> {
    let path = Path::new(pattern);
    match exists(db, db.file(path)) {
        true => vec![path.to_owned()],
        false if stays_below(path) => glob(db, path, &mut Vec::new()).unwrap_or_default(),
        false => Vec::new(),
    }
}

/// Whether a relative path never climbs out of the folder it starts from.
pub(super) fn stays_below(path: &Path) -> bool {
    let mut depth = 0_i64;
    path.components().all(|component| {
        match component {
            Component::Normal(_) => depth += 1,
            Component::CurDir => (),
            Component::ParentDir => depth -= 1,
            Component::RootDir | Component::Prefix(_) => return false,
        }
        depth >= 0
    })
}

/// Whether a path stays in the workspace, or leads where reading is allowed.
fn stays_inside(db: &dyn Db, path: &Path) -> bool {
    stays_below(path) || db.system().place(path) == Place::Allowed
}

fn glob(db: &dyn Db, path: &Path, findings: &mut Vec<Finding>) -> Option<Vec<PathBuf>> {
    let mut open = vec![PathBuf::new()];
    let parts: Vec<_> = path.components().collect();
    for (index, part) in parts.iter().enumerate() {
        let pattern = part.as_os_str().to_string_lossy();
        let last = index + 1 == parts.len();
        let glob = match GlobBuilder::new(&pattern).literal_separator(true).build() {
            Ok(glob) => glob.compile_matcher(),
            Err(error) => {
                let message = format!("`{}` is not a glob: {}", pattern.escape_debug(), error.kind());
                findings.push(Finding::new(&BAD_GLOB, "path", message).label("this glob"));
                return None;
            }
        };
        let mut next = Vec::new();
        if pattern == "**" {
            for folder in &open {
                next.extend(folders(db, folder, &|name, _| !name.starts_with(['.', '~'])));
            }
            if !last {
                open = next;
                continue;
            }
            open = std::mem::take(&mut next);
        }
        if let Some(folder) = open.iter().find(|it| db.system().place(it) == Place::Outside) {
            let message = format!("`{}` is a link that leads out of the workspace", folder.display());
            findings.push(Finding::new(&OUTSIDE, "path", message).label("this path").help(consent(db, folder)));
            return None;
        }
        for folder in &open {
            if !pattern.contains(['*', '?', '[', '{']) && !last {
                next.push(folder.join(part));
                continue;
            }
            for name in listing(db, db.file(folder)) {
                // Lock files of spreadsheet programs and hidden files are never deliveries.
                let plain = name.trim_end_matches('/');
                let is_folder = plain.len() < name.len();
                if is_folder != last && glob.is_match(plain) && !plain.starts_with(['.', '~']) {
                    next.push(folder.join(plain));
                }
            }
        }
        open = next;
    }
    open.sort_by(|a, b| natural(&a.to_string_lossy(), &b.to_string_lossy()));
    // Several `**` reach a file on several ways.
    open.dedup();
    Some(open)
}

/// Order of names of files in which `v2` comes before `v10`, `report-1` before `Report-2`, and `v1.csv` before its copy
/// `v1 (1).csv`: runs of digits compare as numbers, letters without regard to case, and endings last.
pub(super) fn natural(a: &str, b: &str) -> std::cmp::Ordering {
    let parts = |it: &str| match Path::new(it).extension().and_then(|it| it.to_str()) {
        Some(ending) => it[..it.len() - ending.len() - 1].to_owned(),
        None => it.to_owned(),
    };
    let (stem, other) = (parts(a), parts(b));
    let folded = |it: &str| it.to_lowercase();
    by_numbers(&folded(&stem), &folded(&other)).then_with(|| by_numbers(&folded(a), &folded(b))).then_with(|| a.cmp(b))
}

/// Order in which runs of digits compare as numbers.
fn by_numbers(a: &str, b: &str) -> std::cmp::Ordering {
    use std::cmp::Ordering;
    let (mut a_rest, mut b_rest) = (a, b);
    loop {
        let digits = |text: &str| text.len() - text.trim_start_matches(|it: char| it.is_ascii_digit()).len();
        let (x, y) = (digits(a_rest), digits(b_rest));
        if x > 0 && y > 0 {
            let (left, right) = (a_rest[..x].trim_start_matches('0'), b_rest[..y].trim_start_matches('0'));
            let order = left.len().cmp(&right.len()).then_with(|| left.cmp(right));
            if order != Ordering::Equal {
                return order;
            }
            (a_rest, b_rest) = (&a_rest[x..], &b_rest[y..]);
            continue;
        }
        let (mut left, mut right) = (a_rest.chars(), b_rest.chars());
        match (left.next(), right.next()) {
            (Some(x), Some(y)) if x == y => (a_rest, b_rest) = (left.as_str(), right.as_str()),
            (Some(x), Some(y)) => return x.cmp(&y),
            (None, None) => return Ordering::Equal,
            (x, y) => return x.is_some().cmp(&y.is_some()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::natural;

    #[test]
    fn numbers_in_names_count_as_numbers() {
        let mut names = ["b-10.xlsx", "b-2.xlsx", "a.xlsx", "b-02.xlsx", "b-2025-07.xlsx", "b.xlsx"];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["a.xlsx", "b.xlsx", "b-02.xlsx", "b-2.xlsx", "b-10.xlsx", "b-2025-07.xlsx"]);
        let mut names = ["v1 (2).csv", "Report-2.csv", "v1.csv", "report-1.csv", "v1 (1).csv", "report-10.csv"];
        names.sort_by(|a, b| natural(a, b));
        let expected = ["report-1.csv", "Report-2.csv", "report-10.csv", "v1.csv", "v1 (1).csv", "v1 (2).csv"];
        assert_eq!(names, expected);
    }
}
