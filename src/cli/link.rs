//! `hotpass link`: what a step learns that finds rows that are one, and why two rows are one.

use std::io::Write as _;

use crate::answers::link::{self, Step, answers, explain, measure, plan as costs, report, review, train};
use crate::cli::Answer;
use crate::cli::args::{self, ExplainPair, Format, Global, Review};
use crate::cli::looked::looked;
use crate::cli::outcome::Outcome;
use crate::escape::line;
use crate::publish::own_files::WATERFALL;
use crate::store::backend::EngineFactory;
use crate::views::link as views;
use crate::workspace::failure::Failure;
use crate::workspace::session::Asked;

/// `hotpass link`.
pub fn link(global: &Global, asked: &Asked, it: &args::Link, factory: Option<&'static dyn EngineFactory>) -> Outcome {
    let Some(factory) = factory else { return Outcome::NeedsEngine };
    looked(global, asked, factory, |session, engine, plan| {
        let (args::Link::Train(args::Train { step, .. })
        | args::Link::Explain(args::ExplainPair { step, .. })
        | args::Link::Review(args::Review { step, .. })
        | args::Link::Plan(args::LinkPlan { step, .. })
        | args::Link::Report(args::LinkReport { step, .. })
        | args::Link::Measure(args::Measure { step, .. })) = it;
        let learning = link::learning(plan, step)?;
        let step = Step { session, engine, plan, learning, factory };
        match it {
            args::Link::Train(it) => {
                let model = train::train(&step, it.write)?;
                let answer = Answer::shown(&model, global, views::train::model);
                Ok(answer.noted(global, || views::train::notes(&model)))
            }
            args::Link::Explain(it) => explained(global, &step, it),
            args::Link::Measure(it) => {
                let measured = measure::measure(&step, &it.pairs)?;
                Ok(Answer::shown(&measured, global, views::measure::measured))
            }
            args::Link::Plan(it) => {
                let costs = costs::plan(&step, it.unmasked)?;
                Ok(Answer::shown(&costs, global, views::costs))
            }
            args::Link::Report(it) => {
                let report = report::report(&step, &it.output, it.unmasked)?;
                Ok(Answer::shown(&report, global, |it, _| views::report(it)))
            }
            args::Link::Review(it) => reviewed(global, &step, it),
        }
    })
}

fn explained(global: &Global, step: &Step<'_>, it: &ExplainPair) -> Result<Answer, Failure> {
    let pair = explain::explain(step, &it.left, &it.right, it.unmasked)?;
    if let Some(path) = &it.output {
        let written = WATERFALL.place(path, |file| file.write_all(views::explain::svg(&pair).as_bytes()));
        written.map_err(|error| link::unwritten(path, &error))?;
        return Ok(Answer::of(format!("{}  {}\n", line(&path.display().to_string()), pair.pair.why)));
    }
    if global.format == Format::Svg {
        return Ok(Answer::of(views::explain::svg(&pair)));
    }
    Ok(Answer::shown(&pair, global, views::explain::explained))
}

fn reviewed(global: &Global, step: &Step<'_>, it: &Review) -> Result<Answer, Failure> {
    if let Some(file) = &it.read {
        let taken = answers::take(step, file, it.by.as_deref())?;
        return Ok(Answer::shown(&taken, global, |it, _| views::review::taken(it)));
    }
    let review = review::review(step, it.pairs, it.output.as_deref(), it.unmasked)?;
    let answer = Answer::shown(&review, global, views::review::review);
    Ok(answer.noted(global, || views::review::notes(&review)))
}
