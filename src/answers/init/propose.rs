//! `hotpass init --from`: looks at workbooks and proposes a pipeline that builds as it stands.
//!
//! Nothing here knows what a column means: profiles do, by the mapping that every `map` step makes. Each answer is tried
//! in a scratch place before it is proposed, so that what is written has been built once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::answers::init::country::Signs;
use crate::answers::init::draft::{Book, Column, Draft, Sheet, StepStatus, Table, What};
use crate::answers::init::names::{of_column, plain};
use crate::answers::init::scratch::{Extent, Scratch, Tried, World};
use crate::answers::init::settle::{losses, types};
use crate::escape::line;
use crate::plan::{Operation, Plan};
use crate::problem::{Code, Problem, nearest};
use crate::profile::{Like, Profile, Value, fold};
use crate::readers::problems::HEADER;
use crate::readers::reach::{self, Place, Reach};
use crate::readers::{Evidence, Format, Header};
use crate::run::warden::Limits;
use crate::store::backend::EngineFactory;
use crate::text::shape::Shape;
use crate::workspace::failure::Unanswered;

/// A file that cannot be looked at.
pub const NOT_A_BOOK: Code = Code::error("hotpass::init::not-a-workbook");
/// Files in which no table stands.
pub const NO_TABLE: Code = Code::error("hotpass::init::no-table");

/// How many reasons are told where no table was found.
const SHOWN_REASONS: usize = 5;

/// A profile that knows more must map so many more columns before it is taken: a guess is no reason.
const GAIN: f64 = 0.7;
/// Scores no further apart than this are equal.
const TIE: f64 = 0.05;
/// From this share of its values on a column is what they look like.
const TYPED: f64 = 0.95;
/// A name of more words is a sentence.
const SENTENCE: usize = 8;
/// A closed list that knows less than this share of a column's values is another list, and one that knows more is its.
const STRANGE: f64 = 0.2;
const KNOWN: f64 = 0.8;
/// So few values tell nothing of a list.
const FEW: u64 = 5;
/// Why nothing is proposed.
pub(crate) enum VerbError {
    /// What was named cannot be looked at.
    Problem(Box<Problem>),
    /// The world failed.
    World(String),
}

impl From<String> for VerbError {
    fn from(reason: String) -> VerbError {
        VerbError::World(reason)
    }
}

impl From<VerbError> for Unanswered {
    fn from(error: VerbError) -> Unanswered {
        match error {
            VerbError::Problem(problem) => problem.into(),
            VerbError::World(reason) => Unanswered::World(reason),
        }
    }
}

fn refuse<T>(code: &Code, message: String, help: &str) -> Result<T, VerbError> {
    Err(VerbError::Problem(Box::new(Problem::new(code, message).help(help.to_owned()))))
}

/// The files that `names` mean, each with its place in the workspace: where it stands, or else below `data/`. A folder
/// means all workbooks in it.
pub(crate) fn books(names: &[PathBuf], workspace: &Path) -> Result<Vec<(PathBuf, String)>, VerbError> {
    let workspace = workspace.canonicalize().unwrap_or_else(|_| workspace.to_owned());
    let mut files: Vec<PathBuf> = Vec::new();
    for name in names {
        if name.is_dir() {
            let entries = std::fs::read_dir(name).into_iter().flatten().flatten().map(|it| it.path());
            let mut own: Vec<PathBuf> = entries.filter(|it| it.is_file() && Format::of_path(it).is_some()).collect();
            own.retain(|it| !it.file_name().is_some_and(|it| it.to_string_lossy().starts_with(['.', '~'])));
            own.sort();
            // Whoever names a folder does not name what its links lead to.
            let reach = Reach::of(name);
            let leads_out = |it: &PathBuf| reach.place(&reach::real(it)) == Place::Outside;
            if let Some(file) =
                own.iter().find(|it| leads_out(it) && Reach::of(&workspace).place(&reach::real(it)) == Place::Outside)
            {
                let message = format!("`{}` is a link that leads out of its folder", line(&file.display().to_string()));
                return refuse(&NOT_A_BOOK, message, "put a copy in its place, or name the file itself");
            }
            if own.is_empty() {
                let message = format!("the folder `{}` holds no workbook", line(&name.display().to_string()));
                return refuse(&NO_TABLE, message, "name files, or a folder that holds some");
            }
            files.extend(own);
            continue;
        }
        let shown = line(&name.display().to_string());
        match Format::of_path(name) {
            Some(_) if name.is_file() => files.push(name.clone()),
            Some(_) => return refuse(&NOT_A_BOOK, format!("there is no file `{shown}`"), &there_are(name)),
            None => {
                return refuse(&NOT_A_BOOK, format!("`{shown}` is neither a workbook nor delimited text"), ENDINGS);
            }
        }
    }
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut acc: Vec<(PathBuf, String)> = Vec::new();
    for file in files {
        let place = file.canonicalize().unwrap_or_else(|_| file.clone());
        if acc.iter().any(|(it, _)| *it == place) {
            continue;
        }
        let Some(name) = place.file_name().and_then(|it| it.to_str()) else {
            let message = format!("the name of `{}` is not a text", line(&file.display().to_string()));
            return refuse(&NOT_A_BOOK, message, "give it a name that can be written down");
        };
        // A file is read by the name that it has where it stands, and not by that of a link to it.
        if Format::of_path(&place).is_none() {
            let shown = line(&file.display().to_string());
            let message =
                format!("`{shown}` leads to `{}`, which is neither a workbook nor delimited text", line(name));
            return refuse(
                &NOT_A_BOOK,
                message,
                "give the file that it leads to an ending, or put a copy in its place",
            );
        }
        let own = place.strip_prefix(&workspace).ok().filter(|it| it.to_str().is_some());
        let to = match own {
            Some(own) => crate::plan::slashed(own),
            None => {
                let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
                let names = (2..).map(|it| format!("data/{stem}-{it}.{ending}"));
                let mut names = std::iter::once(format!("data/{name}")).chain(names);
                names.find(|it| !taken.contains(it)).unwrap_or_default()
            }
        };
        taken.insert(to.clone());
        acc.push((place, to));
    }
    if acc.is_empty() {
        return refuse(&NO_TABLE, "no workbook was named".to_owned(), "name files, or a folder that holds some");
    }
    Ok(acc)
}

/// Which workbook was meant, or which there are where one was looked for.
fn there_are(missing: &Path) -> String {
    let folder = missing.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|it| it.path());
    let books = entries.filter(|it| it.is_file() && Format::of_path(it).is_some());
    let mut names: Vec<String> = books.filter_map(|it| Some(it.file_name()?.to_str()?.to_owned())).collect();
    names.retain(|it| !it.starts_with(['.', '~']));
    names.sort();
    let typed = missing.file_name().and_then(|it| it.to_str()).unwrap_or_default();
    if let Some(near) = nearest(typed, names.iter().map(String::as_str)) {
        return format!("did you mean `{}`?", line(near));
    }
    match names.iter().take(FILES).map(|it| format!("`{}`", line(it))).collect::<Vec<_>>().join(", ") {
        none if none.is_empty() => "name a file that is there".to_owned(),
        some if names.len() > FILES => format!("there are {some} and {} more", names.len() - FILES),
        some => format!("there is {some}"),
    }
}

/// What is said of a file with another ending, or none.
const ENDINGS: &str = "it takes `.xlsx`, `.xlsm`, `.xls`, `.xlsb`, `.ods`, `.csv` and `.tsv`";

/// So many files are named where one is missing.
const FILES: usize = 5;

/// What is proposed for the files.
pub(crate) fn propose(
    books: &[(PathBuf, String)],
    workspace: &Path,
    profile: Option<&str>,
    factory: &'static dyn EngineFactory,
    limits: Limits,
) -> Result<Draft, VerbError> {
    let scratch = Scratch::new(books, workspace, factory, limits)?;
    let mut draft = looked_at(&scratch, books)?;
    some_table(&draft)?;
    let chosen = choose(&scratch, &mut draft, profile)?;
    loop {
        let before = draft.tables().count();
        if let Some(tried) = types(&scratch, &mut draft, &chosen)? {
            leave_out(&mut draft, &tried);
        } else if let Some(tried) = losses(&scratch, &mut draft, &chosen)? {
            leave_out(&mut draft, &tried);
        }
        some_table(&draft)?;
        if draft.tables().count() == before {
            return Ok(draft);
        }
    }
}

fn some_table(draft: &Draft) -> Result<(), VerbError> {
    if draft.tables().next().is_some() {
        return Ok(());
    }
    let reasons = draft.books.iter().flat_map(|it| it.sheets.iter().map(move |sheet| (it, sheet)));
    let reasons = reasons.filter_map(|(book, sheet)| match &sheet.what {
        What::Left(why) => {
            let sheet = sheet.name.as_ref().map(|it| format!("#{it}")).unwrap_or_default();
            let place = format!("`{}{sheet}`", line(&book.path));
            // Readers begin with the name of their file.
            Some(if why.starts_with(&place) { why.clone() } else { format!("{place}: {why}") })
        }
        What::Table(_) => None,
    });
    let mut reasons: Vec<String> = reasons.collect();
    let more = reasons.len().saturating_sub(SHOWN_REASONS);
    reasons.truncate(SHOWN_REASONS);
    reasons.extend((more > 0).then(|| format!("and {more} more")));
    refuse(&NO_TABLE, "no table was found in what was named".to_owned(), &reasons.join("; "))
}

fn leave_out(draft: &mut Draft, tried: &Tried) {
    for sheet in draft.books.iter_mut().flat_map(|it| &mut it.sheets) {
        if let What::Table(table) = &sheet.what
            && let Some(why) = tried.failed.get(&table.name)
        {
            sheet.what = What::Left(why.clone());
        }
    }
}

/// Every sheet of every file: a table, or a reason why not.
fn looked_at(scratch: &Scratch, books: &[(PathBuf, String)]) -> World<Draft> {
    let session = scratch.bare()?;
    let mut names = Names::default();
    let mut draft = Draft::default();
    for (_, path) in books {
        let stem = Path::new(path).file_stem().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
        if books.len() == 1 {
            draft.name = plain(&stem, "workbook");
        }
        let mut book = Book { path: path.clone(), sheets: Vec::new() };
        let sheets = match scratch.head(&session, path, Extent::Contents)? {
            Ok(found) if found.sheets.is_empty() => vec![None],
            Ok(found) => found.sheets.into_iter().map(Some).collect(),
            Err(problem) => {
                book.sheets.push(Sheet { name: None, what: What::Left(problem.message) });
                draft.books.push(book);
                continue;
            }
        };
        let visible = sheets.iter().filter(|it| it.as_ref().is_none_or(|it| it.visible)).count();
        for sheet in sheets {
            if let Some(hidden) = sheet.as_ref().filter(|it| !it.visible) {
                let why = "it is hidden; a source that names it reads it".to_owned();
                book.sheets.push(Sheet { name: Some(hidden.name.clone()), what: What::Left(why) });
                continue;
            }
            let name = sheet.map(|it| it.name);
            let mut head = scratch.head(&session, path, Extent::Table(name.as_deref()))?;
            if head.as_ref().is_err_and(|it| it.code == HEADER.name) {
                // Rows alone are a table too, if they are more than a list.
                let rows = scratch.head(&session, path, Extent::Headless(name.as_deref()))?;
                head = rows.ok().filter(|it| it.columns.len() > 1).map_or(head, Ok);
            }
            let what = match head {
                Err(problem) => What::Left(problem.message),
                Ok(found) => match no_table(&found) {
                    Some(why) => What::Left(why.to_owned()),
                    None => {
                        let base = name.as_ref().filter(|_| visible > 1).unwrap_or(&stem);
                        What::Table(Box::new(table(names.table(base), &found)))
                    }
                },
            };
            book.sheets.push(Sheet { name, what });
        }
        draft.books.push(book);
    }
    if draft.name.is_empty() {
        draft.name = "books".to_owned();
    }
    Ok(draft)
}

/// Why what was found is no table.
fn no_table(found: &crate::readers::Found) -> Option<&'static str> {
    let rows = found.evidence.iter().map(|it| it.rows).max().unwrap_or(0);
    let named = found.columns.iter().filter(|it| it.name != it.letter).count();
    let sentences = found.columns.iter().filter(|it| it.name.split_whitespace().count() > SENTENCE).count();
    let wordy = |it: &Evidence| it.of(Shape::Words) * 2 > it.valued;
    let text = found.columns.len() == 1 && found.evidence.iter().all(wordy);
    match () {
        () if named == 0 && found.header != Header::Absent => Some("no row of it names columns"),
        () if rows == 0 => Some("there are no rows below its header"),
        () if text || sentences * 2 > named => Some("it is a text rather than a table"),
        () => None,
    }
}

fn table(name: String, found: &crate::readers::Found) -> Table {
    let sure = found.detected.iter().find(|it| it.what == "header").map_or(1.0, |it| it.confidence);
    let mut dialect: Vec<(&'static str, String)> = Vec::new();
    dialect.extend(found.encoding.clone().map(|it| ("encoding", it)));
    dialect.extend(found.delimiter.map(|it| ("delimiter", it.to_string())));
    Table { name, header: found.header, sure, dialect, ..Table::default() }
}

/// Names of tables, each with those of its steps.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl Names {
    fn table(&mut self, text: &str) -> String {
        let base = plain(text, "table");
        let all = |it: &String| ["", "_fields", "_clean", "_fixed", "_to_fix"].map(|end| format!("{it}{end}"));
        let free = |it: &String| all(it).iter().all(|it| !self.0.contains(it));
        let numbered = (2..).map(|it| format!("{base}_{it}"));
        let name = std::iter::once(base.clone()).chain(numbered).find(free).unwrap_or_default();
        self.0.extend(all(&name));
        name
    }
}

/// Takes the profile that fits best, and puts every column where it says. One that extends another must know so much more
/// than that.
fn choose(scratch: &Scratch, draft: &mut Draft, wanted: Option<&str>) -> Result<Profile, VerbError> {
    let mut profiles = scratch.profiles()?;
    profiles.retain(|(it, _)| wanted.is_none_or(|wanted| wanted == it));
    let mut plans: Vec<Arc<Plan>> = Vec::new();
    for (name, _) in &profiles {
        draft.profile.clone_from(name);
        plans.push(scratch.plan(&draft.bare(""))?);
    }
    let signs = match (&profiles[..], &plans[..]) {
        ([_, _, ..], [first, ..]) => Some(Signs::count(scratch, draft, first, &profiles)?),
        _ => None,
    };
    let mut scores: BTreeMap<&str, [f64; 2]> = BTreeMap::new();
    let mut fitting: Vec<(f64, usize)> = Vec::new();
    for (at, ((name, merged), plan)) in profiles.iter().zip(&plans).enumerate() {
        let (known, certain, count) = known_columns(plan, &merged.profile);
        let [own, written] = signs.as_ref().map_or([0.0; 2], |it| it.of(name, &merged.profile, plan));
        let score = known + own + written;
        draft.fits.push((name.clone(), count));
        scores.insert(name, [score, certain + own]);
        // That a book is of one country must be certain; what columns are may be guessed.
        let counts = |it: [f64; 2]| if merged.profile.region.is_some() { it[1] } else { it[0] };
        let beneath = merged.layers.iter().skip(1).filter_map(|it| scores.get(it.name.as_str()));
        let needed = beneath.map(|it| counts(*it)).reduce(f64::max).map_or(0.0, |it| it + GAIN);
        if counts([score, certain + own]) >= needed {
            fitting.push((score, at));
        }
    }
    let Some(at) = best(&fitting, |at| profiles[at].1.profile.region.as_deref()) else {
        let names: Vec<_> = scratch.profiles()?.into_iter().map(|(it, _)| format!("`{it}`")).collect();
        let message = format!("there is no profile `{}`", line(wanted.unwrap_or_default()));
        return refuse(&crate::profile::UNKNOWN_PROFILE, message, &format!("profiles are {}", names.join(", ")));
    };
    draft.fits.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let (name, merged) = profiles.swap_remove(at);
    draft.profile = name;
    assign(draft, &plans[at], &merged.profile);
    draft.columns = draft.tables().map(|(_, _, it)| it.columns.len()).sum();
    Ok(merged.profile)
}

/// The profile that fits best, of equals the first; where several countries fit equally well, it is of none of them.
fn best<'a>(fitting: &[(f64, usize)], region: impl Fn(usize) -> Option<&'a str>) -> Option<usize> {
    let first = |mut acc: Option<(f64, usize)>, it: &(f64, usize)| {
        if acc.is_none_or(|(most, _)| it.0 > most) {
            acc = Some(*it);
        }
        acc
    };
    let (most, at) = fitting.iter().fold(None, first)?;
    let country = region(at);
    let others =
        fitting.iter().any(|(score, it)| most - score < TIE && region(*it).is_some() && region(*it) != country);
    let of_none = fitting.iter().filter(|(_, it)| region(*it).is_none());
    match country.filter(|_| others).and_then(|_| of_none.fold(None, first)) {
        Some((_, none)) => Some(none),
        None => Some(at),
    }
}

/// How sure the columns are that a plan brings to fields, all and without those that are guessed, and how many they are.
/// A closed list that does not know the values of its column is that of somewhere else.
fn known_columns(plan: &Plan, profile: &Profile) -> (f64, f64, usize) {
    let (mut score, mut certain, mut count) = (0.0, 0.0, 0);
    for map in plan.tables.iter().filter(|it| it.kind == "map") {
        let source = map.inputs.first().and_then(|it| plan.tables.get(*it));
        for (field, column) in taken(map) {
            count += 1;
            let guess = map.guesses.get(&field).map(|it| it.score);
            let sure = guess.unwrap_or(1.0);
            let found = source.and_then(|it| it.evidence.get(&column));
            let listed = found.and_then(|it| listed_share(profile, &field, it)).map_or(1.0, |(_, share)| share);
            score += sure * listed;
            certain += if guess.is_none() { listed } else { 0.0 };
        }
    }
    (score, certain, count)
}

/// Fields of a `map` table and the column that each was taken from.
fn taken(map: &crate::plan::Table) -> Vec<(String, String)> {
    let Operation::Relation(relation) = &map.make else { return Vec::new() };
    let from = |field: &str| relation.lineage(field).into_iter().next().map(|(_, column)| column.to_owned());
    map.schema.visible().filter_map(|it| Some((it.name.clone(), from(&it.name)?))).collect()
}

/// Puts every column of every table where the plan has it, or into a field of its own.
fn assign(draft: &mut Draft, plan: &Plan, profile: &Profile) {
    let mut own: BTreeMap<(String, String), String> = BTreeMap::new();
    let mut names: BTreeSet<String> = profile.fields.iter().map(|(it, _)| it.clone()).collect();
    let pipeline = draft.name.clone();
    for table in draft.tables_mut() {
        let at = |name: &str| plan.table(&format!("{pipeline}.{name}")).map(|it| &plan.tables[it]);
        let Some(source) = at(&table.name) else { continue };
        let map = at(&format!("{}_fields", table.name));
        let fields = map.map(taken).unwrap_or_default();
        for column in source.schema.visible() {
            let found = source.evidence.get(&column.name);
            let field = fields.iter().find(|(_, it)| *it == column.name).map(|(field, _)| field);
            let unmapped = map.and_then(|it| it.unmapped.iter().find(|it| it.column == column.name));
            let maybe = unmapped.map(|it| it.proposals.clone()).unwrap_or_default();
            let mut maybe: Vec<(String, String)> =
                maybe.into_iter().map(|it| (it.field, format!("{:.2} {}", it.score, it.why))).collect();
            let mut field = field.cloned();
            let guess = field.as_ref().and_then(|it| map?.guesses.get(it));
            // A book of orders has dates, and none of them is that of the last contact.
            if let Some(guess) = guess.filter(|it| it.of_kind_only) {
                maybe.extend(field.take().map(|it| (it, format!("{:.2} {}", guess.score, guess.why))));
            }
            let mut listed = None;
            if let (Some(name), Some(found)) = (&field, found)
                && let Some((list, share)) = listed_share(profile, name, found)
            {
                listed = better(profile, found, &fields).filter(|_| share < KNOWN);
                if listed.is_some() || share < STRANGE {
                    let why = format!("by its name, but {} % of its values are in `{list}`", percent(share));
                    maybe.insert(0, (name.clone(), why));
                    field = None;
                }
            }
            let status = match (field, map) {
                _ if listed.is_some() => listed.unwrap_or(StepStatus::Empty),
                (Some(field), Some(map)) => {
                    let guess = map.guesses.get(&field);
                    let rule = map.rules.get(&field).cloned().unwrap_or_default();
                    let why = guess.map_or(rule, |it| it.why.clone());
                    StepStatus::Field { name: field, score: guess.map_or(1.0, |it| it.score), why }
                }
                _ if found.is_none_or(|it| it.valued == 0) => StepStatus::Empty,
                _ => {
                    let (value, seems) = looks(found.unwrap_or(&Evidence::default()), profile.region.is_some());
                    let personal = seems || profile.personal_names().contains(&fold(&column.name));
                    let base = of_column(&column.name);
                    let same = (base.clone(), value.spelling());
                    let name = own.entry(same).or_insert_with(|| {
                        let numbered = (2..).map(|it| format!("{base}_{it}"));
                        let free = |it: &String| !names.contains(it);
                        let known = profile.field(&base).map(|_| format!("{}_{base}", table.name));
                        let name =
                            known.into_iter().chain([base.clone()]).chain(numbered).find(free).unwrap_or_default();
                        names.insert(name.clone());
                        name
                    });
                    StepStatus::Own { name: name.clone(), value, personal }
                }
            };
            table.columns.push(Column { name: column.name.clone(), status, maybe, lost: None });
        }
        // Two columns of one name, such as those below a merged cell, differ here too.
        let mut seen: BTreeSet<String> = BTreeSet::new();
        for column in &mut table.columns {
            if let StepStatus::Own { name, .. } = &mut column.status {
                let base = name.clone();
                let mut number = 2;
                while !seen.insert(name.clone()) {
                    *name = format!("{base}_{number}");
                    number += 1;
                }
                names.insert(name.clone());
            }
        }
    }
}

/// The closed list of a field, and the share of a column's values that stand in it.
fn listed_share(profile: &Profile, field: &str, found: &Evidence) -> Option<(String, f64)> {
    let it = profile.field(field)?;
    let list = match (&it.value, &it.like) {
        (Value::Lookup(list), _) | (_, Some(Like::List(list))) => list,
        _ => return None,
    };
    (found.valued >= FEW).then(|| (list.clone(), found.listed(list) as f64 / found.valued as f64))
}

fn percent(share: f64) -> f64 {
    (share * 100.0).floor()
}

/// The field whose closed list knows the values of a column, if no other column is it.
fn better(profile: &Profile, found: &Evidence, taken: &[(String, String)]) -> Option<StepStatus> {
    let free = profile.fields.iter().filter(|(name, _)| !taken.iter().any(|(it, _)| it == name));
    let known = free.filter_map(|(name, it)| match &it.value {
        Value::Lookup(list) => Some((name, list, found.listed(list))),
        _ => None,
    });
    let (name, list, count) = known.max_by_key(|(.., count)| *count)?;
    let share = count as f64 / found.valued.max(1) as f64;
    let why = format!("{} % of its values are in `{list}`", percent(share));
    (share >= KNOWN).then(|| StepStatus::Field {
        name: name.clone(),
        score: (share * KNOWN * 100.0).round() / 100.0,
        why,
    })
}

/// What the values of a column are, and whether they tell of a person.
fn looks(found: &Evidence, region: bool) -> (Value, bool) {
    let most = |shape| found.of(shape) as f64 >= TYPED * found.valued as f64;
    match () {
        () if most(Shape::Email) => (Value::Emails, true),
        () if most(Shape::Phone) => (if region { Value::Phones } else { Value::Line }, true),
        () if most(Shape::Website) => (Value::Website, false),
        () if most(Shape::Date) => (Value::Date, false),
        () if most(Shape::Number) => (Value::Decimal, false),
        () => (Value::Text, false),
    }
}
