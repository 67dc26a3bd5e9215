//! Entity resolution of one table: `cargo bench --profile dev --bench linkage -- RECORDS.csv OUT "COLUMN = KIND, ..."`.
//!
//! Writes `pairs.csv` (`id_l,id_r,score`), `clusters.csv` (`id,cluster`), `model.json` and `stats.json` into the folder
//! OUT. `RECORDS.csv` has `unique_id` and, for a link, `source`; `link` behind the columns compares rows of different
//! sources alone, `one to one` gives each row one partner. `again` says what one changed record costs beside all of them,
//! with a kept model. Words of trades and countries come from `linkage.toml`
//! beside this file. `benches/linkage/run.py` runs and scores all sets.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Instant;

use hotpass::linkage::{Clustering, Comparison, Earlier, Kind, Lexicon, Spec, Table, resolve, resolve_upon, train};

type Done<T = ()> = Result<T, Box<dyn Error>>;

fn main() -> Done {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|it| it != "--bench").collect();
    let [records, out, compare, options @ ..] = &arguments[..] else {
        println!("RECORDS.csv OUT \"COLUMN = KIND, ...\" [link] [one to one] [threads=N] [components] [again]");
        return Ok(());
    };
    let began = Instant::now();
    let rows = table_of(&fs::read_to_string(records)?);
    let (header, rows) = rows.split_first().ok_or("an empty file")?;
    let place = |name: &str| header.iter().position(|it| it == name).ok_or(format!("no column `{name}`"));
    let mut comparisons = Vec::new();
    let mut columns = Vec::new();
    for part in compare.split(',') {
        let (name, kind) = part.split_once('=').ok_or("COLUMN = KIND")?;
        let kind = Kind::from_name(kind.trim()).ok_or(format!("no kind `{kind}`"))?;
        let at = place(name.trim())?;
        comparisons.push(Comparison::new(name.trim(), kind));
        columns.push(rows.iter().map(|it| it.get(at).map(String::as_str).filter(|it| !it.is_empty())).collect());
    }
    let mut spec = Spec::new(comparisons);
    spec.lexicon = lexicon()?;
    let mut table = Table { rows: rows.len() as u32, columns, ..Table::default() };
    for option in options.iter().filter(|it| *it != "again") {
        match option.as_str() {
            "link" => {
                let at = place("source")?;
                let mut names: Vec<&String> = rows.iter().map(|it| &it[at]).collect();
                names.sort_unstable();
                names.dedup();
                table.sources = rows.iter().map(|it| names.binary_search(&&it[at]).unwrap_or(0) as u32).collect();
                let all = 0..names.len() as u32;
                spec.between =
                    all.clone().flat_map(|a| all.clone().filter(move |b| a < *b).map(move |b| (a, b))).collect();
            }
            "one to one" => spec.clustering = Clustering::OneToOne,
            "components" => spec.clustering = Clustering::Components,
            other => match other.split_once('=') {
                Some(("threads", count)) => spec.threads = count.parse()?,
                Some(("at", probability)) => spec.match_at = probability.parse()?,
                _ => return Err(format!("what is `{other}`?").into()),
            },
        }
    }
    let read = began.elapsed().as_secs_f64();
    let found = resolve(&spec, &table).map_err(|it| it.to_string())?;
    let resolved = began.elapsed().as_secs_f64() - read;
    fs::create_dir_all(out)?;
    let id = place("unique_id")?;
    let name = |row: u32| &rows[row as usize][id];
    let mut pairs = String::from("id_l,id_r,score,relation,pattern\n");
    for it in &found.pairs {
        let pattern: Vec<String> =
            found.model.patterns[it.pattern as usize].levels.iter().map(ToString::to_string).collect();
        let (left, right) = (name(it.left), name(it.right));
        writeln!(pairs, "{left},{right},{},{:?},{}", it.weight, it.relation, pattern.join(" "))?;
    }
    fs::write(Path::new(out).join("pairs.csv"), pairs)?;
    let mut clusters = String::from("id,cluster\n");
    for (row, leader) in (0..).zip(&found.clusters) {
        writeln!(clusters, "{},{}", name(row), name(*leader))?;
    }
    fs::write(Path::new(out).join("clusters.csv"), clusters)?;
    fs::write(Path::new(out).join("model.json"), serde_json::to_string_pretty(&found.model)?)?;
    let stats = serde_json::json!({
        "read_s": read, "resolve_s": resolved, "pairs": found.pairs.len(), "patterns": found.model.patterns.len(),
        "matches": found.model.matches, "related": found.model.related, "iterations": found.model.iterations,
        "precision": found.precision, "recall": found.recall, "notes": found.notes, "rules": found.rules,
    });
    fs::write(Path::new(out).join("stats.json"), serde_json::to_string_pretty(&stats)?)?;
    if options.iter().any(|it| it == "again") {
        again(&spec, table)?;
    }
    println!("{} pairs, {:.1} expected matches, {resolved:.2} s", found.pairs.len(), found.model.matches);
    Ok(())
}

/// What one changed record costs, beside what all records cost, with what was learnt of them.
fn again(spec: &Spec, mut table: Table) -> Done {
    let model = train(spec, &table).map_err(|it| it.to_string())?.model;
    let took = |table: &Table, left: Option<&[u8]>| -> Done<_> {
        let began = Instant::now();
        let earlier = left.and_then(|it| Earlier::of(it, table));
        let copied = Instant::now();
        let own = table.clone();
        let began = began + copied.elapsed();
        let found = resolve_upon(spec, own, Some(&model), earlier.as_ref()).map_err(|it| it.to_string())?;
        Ok((began.elapsed().as_secs_f64(), found))
    };
    let (all, whole) = took(&table, None)?;
    let Some(left) = whole.left else {
        println!("one record changed: as much as all, since nothing is left");
        return Ok(());
    };
    let (from, to) = (table.rows as usize / 2, table.rows as usize / 3);
    let first = &table.columns[0];
    let changed = first.iter().enumerate().map(|(at, it)| if at == to { first.get(from) } else { it });
    table.columns[0] = changed.collect();
    let (one, found) = took(&table, Some(&left))?;
    let (compared, bytes) = (found.resolution.compared, left.len() >> 20);
    let stands = if found.left.is_none() { "" } else { ", all done again" };
    println!(
        "one record changed: {one:.3} s of {all:.3} s ({:.3}), {compared} pairs, {bytes} MiB left{stands}",
        one / all
    );
    Ok(())
}

fn lexicon() -> Done<Lexicon> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/linkage.toml");
    Ok(toml::from_str(&fs::read_to_string(path)?)?)
}

/// The cells of a CSV file, header first.
fn table_of(text: &str) -> Vec<Vec<String>> {
    let mut rows = vec![vec![String::new()]];
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(it) = chars.next() {
        let row = rows.last_mut().expect("a row");
        match it {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                row.last_mut().expect("a cell").push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(String::new()),
            '\n' if !quoted => rows.push(vec![String::new()]),
            '\r' if !quoted => {}
            it => row.last_mut().expect("a cell").push(it),
        }
    }
    if rows.last().is_some_and(|it| it.len() == 1 && it[0].is_empty()) {
        rows.pop();
    }
    rows
}
