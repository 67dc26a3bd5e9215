//! `hotpass link`: what a step learns that finds rows that are one, and why two rows are one.

use std::io::Write as _;

use crate::answers::link::{self as links, Step, answers, explain, measure, plan as costs, report, review, train};
use crate::cli::args::{ExplainPair, Format, Link, Review};
use crate::cli::call::{Call, Ended};
use crate::escape::line;
use crate::publish::own_files::WATERFALL;
use crate::terminal::answer::Answer;
use crate::views::link as views;
use crate::workspace::failure::Failure;
use crate::workspace::session::Asked;

/// `hotpass link`.
pub(super) fn link(call: &Call<'_>, asked: &Asked, it: &Link) -> Ended {
    let factory = call.engine()?;
    call.look(asked, |(session, engine, plan)| {
        let learning = links::learning(plan, it.about().0)?;
        let step = Step { session, engine, plan, learning, factory };
        match it {
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

fn explained(call: &Call<'_>, step: &Step<'_>, it: &ExplainPair) -> Result<Answer, Failure> {
    let pair = explain::explain(step, &it.left, &it.right, it.unmasked)?;
    if let Some(path) = &it.output {
        let written = WATERFALL.place(path, |file| file.write_all(views::explain::svg(&pair).as_bytes()));
        written.map_err(|error| links::unwritten(path, &error))?;
        let path = line(&path.display().to_string());
        return Ok(call.shown(&pair, |it, _| format!("{path}  {}\n", it.pair.why)));
    }
    if call.global.format == Format::Svg {
        return Ok(Answer::of(views::explain::svg(&pair)));
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
