//! Rows are digested and written beside the statement that gives them, from the moment on when there are many of them:
//! a statement has one thread on small machines, and its rows have another.

use std::sync::mpsc::sync_channel;
use std::thread;

use arrow_array::RecordBatch;

use crate::store::backend::EngineError;
use crate::store::intake::Intake;
use crate::threads;

/// From how many rows on a thread of its own is worth it.
const MANY: usize = 20_480;

/// How many batches may wait for the one that takes them in.
const AHEAD: usize = 8;

/// Takes in all that `feed` gives. Rows go in one after the other, whichever thread takes them.
pub(super) fn taken_in<'a>(
    intake: Intake<'a>,
    feed: impl FnOnce(&mut dyn FnMut(RecordBatch) -> Result<(), EngineError>) -> Result<(), EngineError>,
) -> Result<Intake<'a>, EngineError> {
    thread::scope(|scope| {
        let mut here = Some(intake);
        let mut beside = None;
        let mut rows = 0;
        let fed = feed(&mut |batch| {
            rows += batch.num_rows();
            if rows > MANY
                && let Some(mut intake) = here.take()
            {
                let (sender, receiver) = sync_channel::<RecordBatch>(AHEAD);
                let take = move || receiver.into_iter().try_for_each(|it| intake.push(&it)).map(|()| intake);
                let taker = threads::scoped(scope, take).map_err(threads::none_left)?;
                beside = Some((sender, taker));
            }
            match (&mut here, &beside) {
                (Some(intake), _) => intake.push(&batch),
                // Why nobody takes any more is told by the one that took.
                (None, Some((sender, _))) => sender.send(batch).map_err(|_| EngineError::Interrupted),
                (None, None) => Err(EngineError::Interrupted),
            }
        });
        let taken = match (here, beside) {
            (Some(intake), _) => Ok(intake),
            (None, Some((sender, taker))) => {
                drop(sender);
                taker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            }
            (None, None) => Err(EngineError::Interrupted),
        };
        taken.and_then(|it| fed.map(|()| it))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Int64Array};

    use super::*;
    use crate::model::Type;
    use crate::store::Paths;
    use crate::store::backend::Made;
    use crate::store::shelf::Shelf;

    fn batch(from: i64, rows: i64) -> RecordBatch {
        let column: ArrayRef = Arc::new((from..from + rows).map(|it| it % 97).collect::<Int64Array>());
        RecordBatch::try_from_iter([("x", column)]).expect("as declared")
    }

    fn shelf(folder: &std::path::Path) -> Shelf {
        let paths = Paths::new(folder, None);
        paths.create().expect("ours");
        Shelf::new(paths, None)
    }

    fn made(rows: i64, each: i64) -> Made {
        let folder = tempfile::tempdir().expect("a folder");
        let shelf = shelf(folder.path());
        let intake = taken_in(Intake::new(&shelf, &[Type::Integer]), |sink| {
            (0..rows).step_by(each as usize).try_for_each(|from| sink(batch(from, each.min(rows - from))))
        });
        intake.expect("taken in").finish(&|_| false).expect("written")
    }

    #[test]
    fn many_rows_and_few_are_taken_in_alike() {
        for (rows, each) in [(0, 1), (10, 3), (20_480, 2_048), (20_481, 2_048), (100_000, 999)] {
            let (some, whole) = (made(rows, each), made(rows, rows.max(1)));
            assert_eq!((some.rows, some.digests), (whole.rows, whole.digests), "{rows}");
        }
    }

    #[test]
    fn an_error_on_either_side_is_the_one_that_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let shelf = shelf(folder.path());
        let failing = |at: i64, other: bool| {
            let intake = Intake::new(&shelf, &[Type::Integer]);
            taken_in(intake, |sink| {
                for from in 0..200 {
                    if from == at && !other {
                        return Err(EngineError::Engine("the statement".to_owned()));
                    }
                    let two = |it: RecordBatch| {
                        let column = Arc::clone(it.column(0));
                        RecordBatch::try_from_iter([("x", Arc::clone(&column)), ("y", column)]).expect("as declared")
                    };
                    let rows = batch(from * 1_000, 1_000);
                    sink(if from == at { two(rows) } else { rows })?;
                }
                Ok(())
            })
            .err()
            .map(|it| it.to_string())
        };
        for at in [3, 100] {
            assert_eq!(failing(at, false).as_deref(), Some("the engine failed: the statement"));
            assert_eq!(failing(at, true).as_deref(), Some("the engine failed: expected 1 columns, got 2"), "{at}");
        }
    }
}
