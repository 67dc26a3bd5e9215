//! What planning found out or guessed because nobody declared it: one list, for `plan`, `check` and `adopt`.

use serde::Serialize;
use serde_json::json;

use crate::cli::args::Format;
use crate::plan::{Operation, Plan, Reading};
use crate::show::{self, Align, Style};

/// Something that could be declared and is not.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Guessed {
    /// The source or step, as an index into the plan.
    #[serde(skip)]
    pub table: usize,
    /// The key that would declare it: `header`, `columns.email`.
    pub key: String,
    /// What it would say.
    pub answer: String,
    /// How sure it is, from 0 to 1.
    pub confidence: f64,
    /// In words, without values.
    pub why: String,
}

/// Everything that is not declared, table by table.
pub fn guesses(plan: &Plan) -> Vec<Guessed> {
    let mut acc = Vec::new();
    for (table, it) in plan.tables.iter().enumerate() {
        if let Operation::Read(reading) = &it.make
            && !reading.aside
        {
            acc.extend(detected(table, reading));
        }
        acc.extend(it.guesses.iter().map(|(field, guess)| Guessed {
            table,
            key: format!("columns.{field}"),
            answer: guess.column.clone(),
            confidence: guess.score,
            why: guess.why.clone(),
        }));
    }
    acc
}

/// What was found out about the files of a source, each answer once.
fn detected(table: usize, reading: &Reading) -> Vec<Guessed> {
    let mut acc: Vec<Guessed> = Vec::new();
    // One visible sheet is no doubt; another one tomorrow is.
    let sheets = reading.files.iter().filter_map(|it| it.found.as_ref()?.sheet.as_ref());
    for sheet in sheets.filter(|_| reading.source.options.sheet.is_none()) {
        if acc.iter().all(|it| it.answer != *sheet) {
            let why = "the only sheet that is visible".to_owned();
            acc.push(Guessed { table, key: "sheet".to_owned(), answer: sheet.clone(), confidence: 1.0, why });
        }
    }
    for file in &reading.files {
        for it in file.found.iter().flat_map(|it| &it.detected) {
            let confidence = f64::from((it.confidence * 100.0).round()) / 100.0;
            match acc.iter_mut().find(|known| known.key == it.what && known.answer == it.answer) {
                Some(known) => known.confidence = known.confidence.min(confidence),
                None => acc.push(Guessed {
                    table,
                    key: it.what.clone(),
                    answer: it.answer.clone(),
                    confidence,
                    why: match it.why.as_str() {
                        "" => format!("detected in `{}`", file.path.display()),
                        why if reading.files.len() == 1 => why.to_owned(),
                        why => format!("{why}, in `{}`", file.path.display()),
                    },
                }),
            }
        }
    }
    acc
}

/// The guesses of the tables for which `wanted`, as `plan` and `check` show them; nothing when there are none.
pub fn shown(plan: &Plan, wanted: &dyn Fn(usize) -> bool, format: Format, look: Style) -> String {
    let guesses: Vec<Guessed> =
        guesses(plan).into_iter().filter(|it| it.confidence < 1.0 && wanted(it.table)).collect();
    if format == Format::Json {
        let out = guesses.iter().map(|it| {
            let name = &plan.tables[it.table].name;
            show::json_line(&json!({"v": 1, "event": "guess", "pipeline": name.pipeline, "step": name.name,
                "key": it.key, "answer": it.answer, "confidence": it.confidence, "why": it.why}))
        });
        return out.collect();
    }
    if guesses.is_empty() {
        return String::new();
    }
    let heads = [
        ("guessed", Align::Left),
        ("key", Align::Left),
        ("answer", Align::Left),
        ("sure", Align::Right),
        ("because", Align::Left),
    ];
    let heads: Vec<_> = heads.into_iter().map(|(name, align)| (name.to_owned(), align)).collect();
    let rows: Vec<_> = guesses
        .iter()
        .map(|it| {
            let name = plan.tables[it.table].name.to_string();
            let sure = format!("{:.2}", it.confidence);
            let answer = it.answer.escape_debug().to_string();
            [name, it.key.clone(), answer, sure, it.why.clone()].into_iter().map(Some).collect()
        })
        .collect();
    format!("\n{}`hotpass adopt` writes such answers down\n", show::table(&heads, &rows, look))
}
