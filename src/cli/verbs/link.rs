//! `hotpass link`: what a step that finds duplicates learnt, why it decided so, and what people say of it.

use std::io::Write as _;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::answers::link::{self as links, Step, answers, explain, measure, plan as costs, report, review, train};
use crate::cli::args::Format;
use crate::cli::args::values::{page, pairs, picture};
use crate::cli::verb::{Act, Answer, Asked, Budget, Call, Ended, Limits};
use crate::escape::line;
use crate::publish::own_files::WATERFALL;
use crate::views::link as views;
use crate::workspace::failure::Failure;

/// Work on steps that find duplicates: save the learnt weights, explain matches, review pairs of rows
#[derive(Clone, PartialEq, Eq, Debug, Subcommand)]
pub enum Link {
    /// Show the weights that a step learns from its rows; `--write` saves them
    Train(Train),
    /// Explain why two rows match, or why they do not
    Explain(ExplainPair),
    /// Show the most uncertain pairs, export them for review, and import the answers
    Review(Review),
    /// Count the pairs of rows that each rule selects, before the step compares any rows
    Plan(LinkPlan),
    /// Write a web page about the result: its quality, the learnt weights, the largest clusters
    Report(LinkReport),
    /// Compare the result of a step with pairs for which you know the answer
    Measure(Measure),
}

impl Act for Link {
    fn limits(&self) -> Limits {
        self.about().1.into()
    }

    fn act(&self, call: &Call<'_>, asked: Asked) -> Ended {
        let factory = call.engine()?;
        call.look(&asked, |(session, engine, plan)| {
            let learning = links::learning(plan, self.about().0)?;
            let step = Step { session, engine, plan, learning, factory };
            match self {
                Link::Train(it) => {
                    let model = train::train(&step, it.write)?;
                    let answer = call.shown(&model, views::train::model);
                    Ok(answer.noted(call.manner(), || views::train::notes(&model)))
                }
                Link::Explain(it) => explained(call, &step, it),
                Link::Measure(it) => Ok(call.shown(&measure::measure(&step, &it.pairs)?, views::measure::measured)),
                Link::Plan(it) => Ok(call.shown(&costs::plan(&step, it.unmasked)?, views::costs)),
                Link::Report(it) => {
                    let report = report::report(&step, &it.output, it.unmasked)?;
                    Ok(call.shown(&report, |it, _| views::report(it)))
                }
                Link::Review(it) => reviewed(call, &step, it),
            }
        })
    }
}

impl Link {
    /// The step that it is about, and what it may take.
    pub fn about(&self) -> (&str, Budget) {
        match self {
            Link::Train(it) => (&it.step, it.budget),
            Link::Explain(it) => (&it.step, it.budget),
            Link::Review(it) => (&it.step, it.budget),
            Link::Plan(it) => (&it.step, it.budget),
            Link::Report(it) => (&it.step, it.budget),
            Link::Measure(it) => (&it.step, it.budget),
        }
    }
}

/// `hotpass link train`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct Train {
    /// The step: one of the kinds `resolve` and `link`
    step: String,
    /// Write the weights to a file in `models/`; the next builds use them
    #[arg(long)]
    write: bool,
    #[command(flatten)]
    budget: Budget,
}

/// `hotpass link explain`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct ExplainPair {
    /// The step: one of the kinds `resolve` and `link`
    step: String,
    /// A row of the input table: its key, its fingerprint (as in the column `left_print` of a review file), or `#N` for row number N
    left: String,
    /// Another row
    right: String,
    /// Write the explanation as a picture (`.svg`)
    #[arg(long, short, value_name = "FILE", value_parser = picture)]
    output: Option<PathBuf>,
    /// Show personal data without masking
    #[arg(long)]
    unmasked: bool,
    #[command(flatten)]
    budget: Budget,
}

/// `hotpass link plan`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct LinkPlan {
    /// The step: one of the kinds `resolve` and `link`
    step: String,
    /// Show personal data without masking
    #[arg(long)]
    unmasked: bool,
    #[command(flatten)]
    budget: Budget,
}

/// `hotpass link report`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct LinkReport {
    /// The step: one of the kinds `resolve` and `link`
    step: String,
    /// The page (`.html`)
    #[arg(long, short, value_name = "FILE", value_parser = page)]
    output: PathBuf,
    /// Show personal data without masking
    #[arg(long)]
    unmasked: bool,
    #[command(flatten)]
    budget: Budget,
}

/// `hotpass link review`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct Review {
    /// The step: one of the kinds `resolve` and `link`
    step: String,
    /// How many pairs
    #[arg(long, short = 'n', value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pairs: u32,
    /// Write the pairs as a workbook (`.xlsx`) or `.csv` with a column `decide` to fill in, or as tasks for Label Studio (`.json`)
    #[arg(long, short, value_name = "FILE", value_parser = pairs)]
    output: Option<PathBuf>,
    /// Read the answers from such a file, or from an export of Label Studio, and append them to the file of decisions
    #[arg(long, value_name = "FILE", value_parser = pairs, conflicts_with = "output")]
    read: Option<PathBuf>,
    /// The name of the person who answered, for the column `by`
    #[arg(long, value_name = "NAME", requires = "read")]
    by: Option<String>,
    /// Show personal data without masking
    #[arg(long)]
    unmasked: bool,
    #[command(flatten)]
    budget: Budget,
}

/// `hotpass link measure`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct Measure {
    /// The step: one of the kinds `resolve` and `link`
    step: String,
    /// A file of decided pairs: `.csv` or `.xlsx` with the columns `left`, `right` and `decide`, or a `.json` export of Label Studio
    #[arg(value_parser = pairs)]
    pairs: PathBuf,
    #[command(flatten)]
    budget: Budget,
}

fn explained(call: &Call<'_>, step: &Step<'_>, it: &ExplainPair) -> Result<Answer, Failure> {
    let pair = explain::explain(step, &it.left, &it.right, it.unmasked)?;
    if let Some(path) = &it.output {
        let written = WATERFALL.place(path, |file| file.write_all(views::explain::svg(&pair).as_bytes()));
        written.map_err(|error| links::unwritten(path, &error))?;
        let path = line(&path.display().to_string());
        return Ok(call.shown(&pair, |it, _| format!("{path}  {}\n", it.pair.why)));
    }
    if call.global.format == Format::Svg {
        return Ok(Answer::raw(views::explain::svg(&pair)));
    }
    Ok(call.shown(&pair, views::explain::explained))
}

fn reviewed(call: &Call<'_>, step: &Step<'_>, it: &Review) -> Result<Answer, Failure> {
    if let Some(file) = &it.read {
        let taken = answers::take(step, file, it.by.as_deref())?;
        return Ok(call.shown(&taken, |it, _| views::review::taken(it)));
    }
    let review = review::review(step, it.pairs, it.output.as_deref(), it.unmasked)?;
    let answer = call.shown(&review, views::review::review);
    Ok(answer.noted(call.manner(), || views::review::notes(&review)))
}
