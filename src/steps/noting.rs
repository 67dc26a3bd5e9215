//! What is to be known of an answer as a whole: words in a column, which a build tells, and sentences for reports.

use std::collections::BTreeSet;

use crate::expr::Expr;
use crate::linkage::Note;
use crate::steps::{LITTLE_EVIDENCE, Notice, PAIRS_LEFT_OUT};

/// Something to know about an answer.
struct Noted {
    /// As it stands in the column.
    word: &'static str,
    /// Whether it is about pairs that were not compared.
    left_out: bool,
    message: &'static str,
    help: &'static str,
}

const FEW: usize = 0;
const SAME: usize = 1;
const CORRELATED: usize = 2;
const UNSETTLED: usize = 3;
const DIFFER: usize = 4;
const SPLIT: usize = 5;
const LARGE: usize = 6;

const NOTED: [Noted; 7] = [
    Noted {
        word: "few",
        left_out: false,
        message: "too few matches to learn the weights from them, so the step uses its default weights",
        help: "look at the result before you merge it: `hotpass show`; more rows or columns give more evidence",
    },
    Noted {
        word: "alike",
        left_out: false,
        message: "the compared columns do not separate matches from other rows",
        help: "compare columns that differ from one to the next: names, dates of birth, e-mail addresses, numbers",
    },
    Noted {
        word: "correlated",
        left_out: false,
        message: "compared columns depend on each other, so that rows look more alike than they are",
        help: "leave out a column that follows from another one, or raise `match`",
    },
    Noted {
        word: "unsettled",
        left_out: false,
        message: "the weights were still changing when the step stopped learning",
        help: "look at the result before you merge it: `hotpass show`",
    },
    Noted {
        word: "differ",
        left_out: false,
        message: "many matches differ in what tells things apart, such as the name: rows of different things may be joined",
        help: "look at the largest clusters, by `_cluster_size`, and judge some pairs: `hotpass link review`",
    },
    Noted {
        word: "split",
        left_out: true,
        message: "many rows have a value in common, and not all of their pairs were compared",
        help: "give rules in `block` that fewer rows have in common, such as two columns in a list",
    },
    Noted {
        word: "large",
        left_out: true,
        message: "so many rows would have been in one cluster that hotpass divided it again",
        help: "look at the largest clusters, by `_cluster_size`; placeholders among the values often join them",
    },
];

/// What a build tells of an answer whose notes stand in this column.
pub(super) fn told(column: &str) -> Vec<Notice> {
    let told = |it: &Noted| Notice::Noted {
        code: if it.left_out { &PAIRS_LEFT_OUT } else { &LITTLE_EVIDENCE },
        only: Expr::call("contains", [Expr::column(column), Expr::text(it.word)]),
        message: it.message,
        help: it.help,
    };
    NOTED.iter().map(told).collect()
}

/// The same of pairs that were not compared alone.
pub(super) fn told_left_out(column: &str) -> Vec<Notice> {
    let all = NOTED.iter().zip(told(column)).filter(|it| it.0.left_out);
    all.map(|it| it.1).collect()
}

/// What is to be known of an answer, as words.
pub(super) fn notes(notes: &[Note]) -> Option<String> {
    let words: Vec<&str> = noted(notes).map(|it| it.word).collect();
    (!words.is_empty()).then(|| words.join("; "))
}

/// The same as sentences, each with what to do.
pub(super) fn advice(notes: &[Note]) -> Vec<(String, String)> {
    noted(notes).map(|it| (it.message.to_owned(), it.help.to_owned())).collect()
}

fn noted(notes: &[Note]) -> impl Iterator<Item = &'static Noted> {
    let place = |it: &Note| match it {
        Note::NoCandidates | Note::TooFew { .. } => Some(FEW),
        Note::NothingSeparates => Some(SAME),
        Note::Correlated { .. } => Some(CORRELATED),
        Note::OwnDiffers { .. } => Some(DIFFER),
        Note::NotSettled { .. } => Some(UNSETTLED),
        Note::SplitBlocks { .. } | Note::TooManyPairs { .. } => Some(SPLIT),
        Note::TooLarge { .. } => Some(LARGE),
        // They stop the step before anything is compared.
        Note::Contradiction { .. } => None,
    };
    let mut places: BTreeSet<usize> = notes.iter().filter_map(place).collect();
    // Where nothing was learnt, nothing is to be said of what was.
    if places.contains(&FEW) {
        places.retain(|it| *it == FEW || NOTED[*it].left_out);
    }
    places.into_iter().map(|it| &NOTED[it])
}
