//! What planning found out or guessed because nobody declared it: one list, for `plan`, `check` and `adopt`.

use serde::Serialize;

use crate::plan::{Operation, Plan, Reading, TableId};

/// Something that could be declared and is not.
#[derive(Clone, PartialEq, Debug)]
pub struct Guessed {
    /// The source or step, as an index into the plan.
    pub table: TableId,
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
    for (table, it) in plan.tables.entries() {
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
fn detected(table: TableId, reading: &Reading) -> Vec<Guessed> {
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

/// A guess that may be wrong.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "guess")]
pub(crate) struct Guess {
    pub(crate) pipeline: String,
    pub(crate) step: String,
    pub(crate) key: String,
    pub(crate) answer: String,
    pub(crate) confidence: f64,
    pub(crate) why: String,
}

/// Those of the tables for which `wanted` that are not certain, as `plan` and `check` tell them.
pub(crate) fn doubts(plan: &Plan, wanted: &dyn Fn(TableId) -> bool) -> Vec<Guess> {
    let all = guesses(plan).into_iter().filter(|it| it.confidence < 1.0 && wanted(it.table));
    let one = |it: Guessed| {
        let name = plan.tables[it.table].name.clone();
        let Guessed { key, answer, confidence, why, .. } = it;
        Guess { pipeline: name.pipeline, step: name.name, key, answer, confidence, why }
    };
    all.map(one).collect()
}
