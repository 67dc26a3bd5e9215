//! Making tables in the order that their inputs allow, several at once.
//!
//! A first pass settles what the journal knows; only what is left waits for workers. A table whose inputs turn out as
//! they were is settled without being made: there the wave of a change stops.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Instant;

use arrow_array::RecordBatch;

use crate::bug;
use crate::digest::Digest;
use crate::fixture::value;
use crate::model::{Schema, Type};
use crate::plan::{Operation, Plan, Table, TableId, TableMap, TableSet};
use crate::problem::Problem;
use crate::relation::Relation;
use crate::run::event::{Event, EventSink};
use crate::run::faults::{self, Stopped};
use crate::run::keys::{self, JournalLookup, Materialized, State};
use crate::run::reading::Context;
use crate::run::warden::Watch;
use crate::run::{LazyEngine, RunError, RunOptions};
use crate::run::{asides, costs, reading};
use crate::steps::Query;
use crate::store::backend::{Cancel, EngineError, Exists, Grained, Made, Stored, Worker};
use crate::store::journal::{Journal, Record};
use crate::summary::{StepLine, StepStatus};
use crate::threads;

/// What became of the tables of a plan.
pub(super) struct Outcome {
    pub(super) states: TableMap<State>,
    /// Lines of wanted sources and steps, in the order of the plan.
    pub(super) lines: Vec<StepLine>,
    /// What was told, with the table it is about, in the order of the plan.
    pub(super) problems: Vec<(TableId, Problem)>,
    pub(super) failures: Vec<(TableId, String)>,
    /// Steps that a value stopped, in the order of the plan; what is told of them is among the problems.
    pub(super) stopped: Vec<Stopped>,
}

struct SchedulerState {
    states: TableMap<State>,
    lines: TableMap<Option<StepLine>>,
    begun: TableSet,
    /// For each wanted table, how many of its inputs are not settled yet.
    waits: TableMap<usize>,
    /// Tables that can be begun: those that somebody waits for, then the lowest.
    ready: BTreeSet<(bool, TableId)>,
    /// How many tables are being made.
    busy: usize,
    /// What was told, with the table it is about: threads finish in any order, what is told has one.
    problems: Vec<(TableId, Problem)>,
    failures: Vec<(TableId, String)>,
    faults: Vec<Stopped>,
    /// Of tables with a grain, how many pieces of a column were computed, and how many there are; of a source of several
    /// files, how many were read.
    pieces: BTreeMap<TableId, (u64, u64)>,
    /// Nothing new is begun any more.
    stopped: bool,
    /// A worker panicked: it goes on once all others have ended.
    panicked: Option<Box<dyn Any + Send>>,
}

struct Scheduler<'a> {
    plan: &'a Plan,
    wanted: &'a TableSet,
    /// For each table, whether nobody waits for it.
    later: TableSet,
    /// For each table, the wanted ones that read it; once for every time they do.
    users: TableMap<Vec<TableId>>,
    journal: &'a Journal,
    options: &'a RunOptions<'a>,
    engine: &'a LazyEngine<'a>,
    events: &'a dyn EventSink,
    shared: Mutex<SchedulerState>,
    news: Condvar,
}

pub(super) fn tables(
    plan: &Plan,
    wanted: &TableSet,
    journal: &Journal,
    options: &RunOptions<'_>,
    engine: &LazyEngine<'_>,
    events: &dyn EventSink,
) -> Result<Outcome, RunError> {
    let shared = SchedulerState {
        states: plan.tables.map(|_| State::Unknown),
        lines: plan.tables.map(|_| None),
        begun: plan.tables.map(|_| false),
        waits: plan.tables.map(|_| 0),
        ready: BTreeSet::new(),
        busy: 0,
        problems: Vec::new(),
        failures: Vec::new(),
        faults: Vec::new(),
        pieces: BTreeMap::new(),
        stopped: false,
        panicked: None,
    };
    let mut users: TableMap<Vec<TableId>> = plan.tables.map(|_| Vec::new());
    for (table, it) in plan.tables.entries().filter(|(table, _)| wanted[*table]) {
        it.inputs.iter().for_each(|input| users[*input].push(table));
    }
    let first = crate::graph::upstream(options.first, &plan.needs());
    let later = first.into_iter().map(|it| !it).collect();
    let shared = Mutex::new(shared);
    let scheduler =
        Scheduler { plan, wanted, later, users, journal, options, engine, events, shared, news: Condvar::new() };
    scheduler.settle_known();
    if let Some(first) = options.first {
        scheduler.tell_stands(first);
    }
    let left = scheduler.line_up();
    if left > 0 {
        // Opens the engine, or says that there is none, before anything is begun.
        engine.with(|_| Ok(()))?;
        scheduler.work_together(options.jobs.clamp(1, left.min(threads::MOST)));
    }
    let mut shared = scheduler.shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(panicked) = shared.panicked.take() {
        resume_unwind(panicked);
    }
    let mut lines = Vec::new();
    for (index, line) in shared.lines.into_entries() {
        if wanted[index] && plan.tables[index].role.is_listed() {
            lines.push(line.unwrap_or_else(|| shop_line(plan, index, StepStatus::Skipped)));
        }
    }
    let (mut problems, mut failures, mut stopped) = (shared.problems, shared.failures, shared.faults);
    stopped.sort_by_key(|it| it.table);
    problems.sort_by_key(|(table, _)| *table);
    failures.sort_by_key(|(table, _)| *table);
    Ok(Outcome { states: shared.states, lines, problems, failures, stopped })
}

/// Of columns that do not fit into one statement, those that an operator makes [at once](Relation::is_at_once), and the
/// others.
fn at_once(it: &Table, relation: &Relation, missing: &[usize], most: usize) -> (Vec<usize>, Vec<usize>) {
    if missing.len() <= most || !relation.is_at_once() {
        return (Vec::new(), missing.to_vec());
    }
    let own = |at: &usize| relation.prune(&BTreeSet::from([it.schema.columns[*at].name.as_str()]));
    missing.iter().partition(|at| own(at).is_at_once())
}

fn shop_line(plan: &Plan, table: TableId, outcome: StepStatus) -> StepLine {
    let it = &plan.tables[table];
    StepLine {
        pipeline: it.name.pipeline.clone(),
        step: it.name.name.clone(),
        kind: it.kind.to_owned(),
        key: None,
        outcome,
        rows: None,
        duration_ms: 0,
        columns: Vec::new(),
        why: Vec::new(),
        left_out: Default::default(),
        pieces: None,
    }
}

impl Scheduler<'_> {
    fn shared(&self) -> std::sync::MutexGuard<'_, SchedulerState> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes from the journal whatever it knows, in order, without the engine.
    fn settle_known(&self) {
        let mut shared = self.shared();
        for table in self.plan.tables.places() {
            if !self.wanted[table] || self.options.force[table] {
                continue;
            }
            let look = keys::look(self.plan, table, &shared.states, self.journal, false);
            if let Some(settled) = look.and_then(|it| it.settled()) {
                self.note_reused(&mut shared, table, settled);
            }
        }
    }

    fn note_reused(&self, shared: &mut SchedulerState, table: TableId, settled: Materialized) {
        let mut line = shop_line(self.plan, table, StepStatus::Reused);
        line.rows = Some(settled.rows);
        line.key = Some(keys::table_digest(&settled));
        line.left_out = asides::left_out(self.plan, table, self.journal);
        if self.plan.tables[table].role.is_listed() {
            self.events.take(&Event::Finished(&line));
        }
        shared.lines[table] = Some(line);
        shared.states[table] = State::Materialized(settled);
        shared.begun[table] = true;
    }

    /// Lets `workers` work until nothing is left, this thread among them: where no other can be had, it works alone.
    fn work_together(&self, workers: usize) {
        std::thread::scope(|scope| {
            for had in 1..workers {
                if let Err(error) = threads::scoped(scope, || self.work_guarded()) {
                    let why = threads::none_left(error);
                    let notice = format!("{had} of {workers} steps run at a time: {why}");
                    self.events.take(&Event::Notice(&notice));
                    break;
                }
            }
            self.work_guarded();
        });
    }

    /// A worker that panics stops the others: they would wait for what it never finishes.
    fn work_guarded(&self) {
        let Err(panicked) = catch_unwind(AssertUnwindSafe(|| self.work())) else { return };
        let mut shared = self.shared();
        shared.stopped = true;
        shared.panicked.get_or_insert(panicked);
        drop(shared);
        self.news.notify_all();
    }

    fn work(&self) {
        let mut worker: Option<Box<dyn Worker>> = None;
        let mut states = self.plan.tables.map(|_| State::Unknown);
        while let Some(table) = self.next() {
            let begun = Instant::now();
            let name = &self.plan.tables[table].name;
            if self.plan.tables[table].role.is_listed() {
                self.events.take(&Event::Started { pipeline: &name.pipeline, step: &name.name });
            }
            {
                // What a table is made of is its inputs: the rest of the board stays where it is.
                let shared = self.shared();
                for input in &self.plan.tables[table].inputs {
                    states[*input] = shared.states[*input].clone();
                }
            }
            bug::doing(&format!("making `{name}`"), || {
                bug::seam("worker");
                let watch = self.engine.watched();
                let result = match &mut worker {
                    Some(worker) => self.try_make(table, &states, &mut **worker, &watch),
                    None => match self.engine.with(|it| it.worker()) {
                        Ok(it) => self.try_make(table, &states, &mut **worker.insert(it), &watch),
                        Err(error) => Err(EngineError::Io(error.to_string())),
                    },
                };
                drop(watch);
                self.finish(table, result, begun);
            });
        }
    }

    /// Finds what can be begun once the journal has nothing more to tell; says how many tables are left.
    fn line_up(&self) -> usize {
        let mut shared = self.shared();
        let mut left = 0;
        for table in self.plan.tables.places() {
            if !self.wanted[table] || shared.begun[table] {
                continue;
            }
            left += 1;
            let inputs = &self.plan.tables[table].inputs;
            shared.waits[table] =
                inputs.iter().filter(|it| !matches!(shared.states[**it], State::Materialized(_))).count();
            if shared.waits[table] == 0 {
                shared.ready.insert((self.later[table], table));
            }
        }
        left
    }

    /// The next table whose inputs stand; waits for one. `None` when there is nothing left to begin.
    fn next(&self) -> Option<TableId> {
        let mut shared = self.shared();
        loop {
            if shared.stopped || self.options.cancel.is_cancelled() {
                return None;
            }
            if let Some((_, table)) = shared.ready.pop_first() {
                shared.begun[table] = true;
                shared.busy += 1;
                return Some(table);
            }
            if shared.busy == 0 {
                return None;
            }
            shared = self.news.wait(shared).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Lets those who read a table know what became of it: they can be begun, or never will be.
    fn pass_on(&self, shared: &mut SchedulerState, table: TableId) {
        if shared.states[table] != State::Failed {
            for user in &self.users[table] {
                shared.waits[*user] = shared.waits[*user].saturating_sub(1);
                if shared.waits[*user] == 0 && !shared.begun[*user] {
                    shared.ready.insert((self.later[*user], *user));
                }
            }
            return;
        }
        let mut open = vec![table];
        while let Some(failed) = open.pop() {
            for user in self.users[failed].iter().copied() {
                if !std::mem::replace(&mut shared.begun[user], true) {
                    shared.states[user] = State::Failed;
                    shared.lines[user] = Some(shop_line(self.plan, user, StepStatus::Skipped));
                    open.push(user);
                }
            }
        }
    }

    fn finish(&self, table: TableId, result: Result<(Materialized, Vec<String>), EngineError>, begun: Instant) {
        let mut line = shop_line(self.plan, table, StepStatus::Ran);
        line.duration_ms = begun.elapsed().as_millis() as u64;
        let mut shared = self.shared();
        match result {
            Ok((settled, columns)) => {
                line.rows = Some(settled.rows);
                line.key = Some(keys::table_digest(&settled));
                line.left_out = asides::left_out(self.plan, table, self.journal);
                if columns.is_empty() {
                    line.outcome = StepStatus::Reused;
                } else {
                    let now = keys::preimage(self.plan, table, &shared.states);
                    let full = keys::recorded_as(&self.plan.tables[table]);
                    line.why = self.journal.known(|it| keys::changed(it.preimages.get(&full), &now));
                    let it = &self.plan.tables[table];
                    let is_read = matches!(&it.make, Operation::Read(reading) if !reading.aside);
                    if it.role.is_listed() || it.role == keys::Role::Raw && is_read {
                        let record = Record::Preimage { table: full, parts: now };
                        if let Err(error) = self.journal.append(vec![record]) {
                            shared.failures.push((table, format!("the journal cannot be written: {error}")));
                            shared.stopped = true;
                        }
                    }
                }
                line.columns = columns;
                line.pieces = shared.pieces.remove(&table);
                shared.states[table] = State::Materialized(settled);
            }
            Err(error) => {
                line.outcome = StepStatus::Failed;
                shared.states[table] = State::Failed;
                shared.stopped |= !self.options.keep_going;
                match error {
                    EngineError::Interrupted => shared.stopped = true,
                    EngineError::Problem(problem) => shared.problems.push((table, *problem)),
                    other => shared.failures.push((table, other.to_string())),
                }
            }
        }
        if self.plan.tables[table].role.is_listed() {
            self.events.take(&Event::Finished(&line));
        }
        shared.lines[table] = Some(line);
        shared.busy -= 1;
        self.pass_on(&mut shared, table);
        drop(shared);
        self.news.notify_all();
        if self.options.first == Some(table) {
            self.tell_stands(table);
        }
    }

    fn tell_stands(&self, table: TableId) {
        let state = self.shared().states[table].clone();
        if let State::Materialized(settled) = state {
            self.events.take(&Event::Made { plan: self.plan, table, state: &settled });
        }
    }

    /// As [`Scheduler::make`]; what a value or a limit stopped is told as a problem.
    fn try_make(
        &self,
        table: TableId,
        states: &TableMap<State>,
        worker: &mut dyn Worker,
        watch: &Watch<'_>,
    ) -> Result<(Materialized, Vec<String>), EngineError> {
        watch.stops(worker.stopper());
        watch.noted(self.make(table, states, worker, watch.cancel())).map_err(|error| {
            let passed = match &error {
                EngineError::Problem(_) => None,
                _ => watch.passed(),
            };
            let stopped = match (error, passed) {
                (_, Some(passed)) => {
                    let problem = passed.refused(&format!("`{}`", self.plan.tables[table].name), "made");
                    Stopped { table, column: None, at: None, problem }
                }
                (EngineError::Fault(fault), None) => {
                    let store = (self.journal, self.engine.paths);
                    faults::stopped(self.plan, table, *fault, states, store, worker)
                }
                (other, None) => return other,
            };
            let problem = stopped.problem.clone();
            self.shared().faults.push(stopped);
            EngineError::Problem(Box::new(problem))
        })
    }

    /// Makes what the journal does not know of a table; gives the table and the names of the columns made.
    fn make(
        &self,
        table: TableId,
        states: &TableMap<State>,
        worker: &mut dyn Worker,
        cancel: &Cancel,
    ) -> Result<(Materialized, Vec<String>), EngineError> {
        cancel.check()?;
        let plan = self.plan;
        let it = &plan.tables[table];
        let force = self.options.force[table];
        let look = keys::look(plan, table, states, self.journal, force)
            .ok_or_else(|| EngineError::Io("its inputs are not in the store".to_owned()))?;
        if let Some(settled) = look.settled() {
            return Ok((settled, Vec::new()));
        }
        if let Some(key) = look.composition {
            // Nothing is to be made: the columns of the input are this table's.
            self.journal.append(vec![Record::Column { key, digest: key, rows: 0 }])?;
            let names = it.schema.visible().map(|it| it.name.clone()).collect();
            let columns = look.digests.into_iter().flatten().collect();
            let rows = look.rows.unwrap_or_default();
            return Ok((Materialized { rows, columns }, names));
        }
        let missing: Vec<usize> = match &it.make {
            // One column of a relation is made without the others; reading and queries make all at once.
            Operation::Relation(_) => (0..it.columns.len()).filter(|at| look.digests[*at].is_none()).collect(),
            Operation::Read(_) | Operation::Sql(_) | Operation::Beside | Operation::Values(_) => {
                (0..it.columns.len()).collect()
            }
        };
        let stands = |digest: &Digest| self.journal.known(|it| it.places.contains_key(digest));
        let mut look = look;
        let mut rows = 0;
        match &it.make {
            Operation::Relation(relation) => {
                let most = if it.grain.is_some() { 1 } else { self.columns_at_once(table, states) };
                let (whole, rest) = at_once(it, relation, &missing, most);
                for part in whole.chunks(whole.len().max(1)).chain(rest.chunks(most)) {
                    cancel.check()?;
                    let made = self.columns_of(it, relation, part, states, worker, &stands)?;
                    self.pieces(table, &made);
                    self.journal.append(costs::told(plan, table, &made))?;
                    rows = self.keep(&mut look, part, made)?;
                }
            }
            Operation::Sql(query) => {
                let inputs = self.seen_by(query, it, states)?;
                let inputs: Vec<(&str, Stored)> =
                    inputs.iter().map(|(name, stored)| (name.as_str(), stored.clone())).collect();
                rows = self.keep(&mut look, &missing, worker.sql(query, &inputs, &it.schema, &stands)?)?;
            }
            // Nothing is left to make of columns that all stand.
            Operation::Beside => (),
            Operation::Values(cells) => {
                rows = self.keep(&mut look, &missing, given(cells, &it.schema, worker, &stands)?)?;
            }
            Operation::Read(reading) => {
                let told = Context {
                    plan,
                    table,
                    options: self.options,
                    journal: self.journal,
                    paths: self.engine.paths,
                    events: self.events,
                };
                let made = reading::read(told, reading, (worker, cancel), &stands)?;
                self.pieces(table, &made);
                rows = self.keep(&mut look, &missing, made)?;
            }
        }
        let names = missing.iter().map(|at| it.schema.columns[*at].name.clone()).collect();
        Ok((Materialized { rows, columns: look.digests.into_iter().flatten().collect() }, names))
    }

    /// Notes of how many pieces of a table how many were made: of the column that had most to do.
    fn pieces(&self, table: TableId, made: &Made) {
        if let Some(pieces) = made.pieces {
            let mut shared = self.shared();
            let known = shared.pieces.entry(table).or_insert(pieces);
            *known = (*known).max(pieces);
        }
    }

    /// How many columns of a relation are made in one statement: what it holds in memory is bounded, however wide and
    /// long the table.
    fn columns_at_once(&self, table: TableId, states: &TableMap<State>) -> usize {
        let rows = |input: &TableId| match &states[*input] {
            State::Materialized(settled) => settled.rows,
            _ => 0,
        };
        let longest = self.plan.tables[table].inputs.iter().map(rows).max().unwrap_or(0);
        usize::try_from(self.options.cells / longest.max(1)).unwrap_or(usize::MAX).max(1)
    }

    fn stored(&self, table: TableId, states: &TableMap<State>, names: &[&str]) -> Result<Stored, EngineError> {
        match &states[table] {
            State::Materialized(settled) => {
                keys::stored_columns(self.plan, table, settled, names, self.journal, self.engine.paths)
            }
            _ => Err(EngineError::Io("an input is not in the store".to_owned())),
        }
    }

    /// Some columns of a relation, in one statement.
    fn columns_of(
        &self,
        it: &Table,
        relation: &Relation,
        part: &[usize],
        states: &TableMap<State>,
        worker: &mut dyn Worker,
        stands: Exists<'_>,
    ) -> Result<Made, EngineError> {
        let names: BTreeSet<&str> = part.iter().map(|at| it.schema.columns[*at].name.as_str()).collect();
        let types: Vec<_> = part.iter().map(|at| it.schema.columns[*at].ty).collect();
        let pruned = relation.prune(&names);
        let mut reads = pruned.reads();
        if let Some(grain) = &it.grain {
            grain.columns(reads.entry(0).or_default());
        }
        let inputs = it.inputs.iter().enumerate().map(|(input, table)| {
            let names: Vec<&str> = reads.get(&input).into_iter().flatten().copied().collect();
            self.stored(*table, states, &names)
        });
        let inputs: Vec<Stored> = inputs.collect::<Result<_, _>>()?;
        let made = match (&it.grain, &*inputs, &*types) {
            (Some(grain), [input], [ty]) => worker.in_pieces(&Grained { relation: &pruned, grain }, input, *ty, stands),
            _ => worker.relation(&pruned, &inputs, &types, stands),
        };
        made.map_err(|it| faults::narrowed(it, &pruned, &names, &inputs, worker))
    }

    /// What a query sees of its inputs, each under its name.
    fn seen_by(
        &self,
        query: &Query,
        it: &Table,
        states: &TableMap<State>,
    ) -> Result<Vec<(String, Stored)>, EngineError> {
        let names = query.tables.iter().cloned();
        let inputs = it.inputs.iter().enumerate().zip(names).map(|((at, input), name)| {
            let reads: Vec<&str> = match it.columns.first() {
                Some(crate::plan::ColumnPlan::Made { reads, .. }) => {
                    reads.get(&at).into_iter().flatten().map(String::as_str).collect()
                }
                _ => Vec::new(),
            };
            Ok((name, self.stored(*input, states, &reads)?))
        });
        inputs.collect()
    }

    /// Writes what was made into the journal: the segment first, then the columns in it. Gives the rows of the table.
    fn keep(&self, look: &mut JournalLookup, columns: &[usize], made: Made) -> Result<u64, EngineError> {
        let mut records = Vec::new();
        if let Some(segment) = made.segment {
            records.push(Record::Segment { id: segment.id, file: segment.file, columns: segment.columns });
        }
        for (at, digest) in columns.iter().zip(&made.digests) {
            if let Some(key) = look.keys[*at] {
                records.push(Record::Column { key, digest: *digest, rows: made.rows });
            }
            look.digests[*at] = Some(*digest);
        }
        self.journal.append(records)?;
        Ok(made.rows)
    }
}

/// Stores rows that somebody wrote down.
fn given(
    rows: &[Vec<Option<String>>],
    schema: &Schema,
    worker: &mut dyn Worker,
    stands: Exists<'_>,
) -> Result<Made, EngineError> {
    let types: Vec<Type> = schema.columns.iter().map(|it| it.ty).collect();
    let columns = types.iter().enumerate().map(|(at, ty)| {
        let cells: Vec<Option<&str>> = rows.iter().map(|row| row[at].as_deref()).collect();
        let column = value::array(*ty, &cells);
        let column =
            column.map_err(|_| EngineError::Io(format!("a cell of `{}` is no {ty}", schema.columns[at].name)))?;
        Ok((format!("k{at}"), column, true))
    });
    let columns = columns.collect::<Result<Vec<_>, EngineError>>()?;
    let batch = RecordBatch::try_from_iter_with_nullable(columns).map_err(|it| EngineError::Io(it.to_string()))?;
    worker.ingest(&types, &mut |_, sink| sink(batch.clone()), stands)
}
