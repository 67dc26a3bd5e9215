//! A column made in pieces: the rows of its table are parted by what an expression says of them, and only the pieces
//! whose rows are other ones than before are computed.
//!
//! This is how, and never what: a relation that takes row by row gives the same column, byte for byte, however its rows
//! are parted, so the grain is in no recipe and in no key. What was made of each piece is left as a memo, under the
//! digest of the rows that it was made of; where the memo is gone or damaged, all is computed.

use std::collections::{BTreeSet, HashMap};
use std::io::Cursor;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch, UInt32Array, cast::AsArray};
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{DataType, Field, Schema};
use arrow_select::concat::concat;
use arrow_select::interleave::interleave;

use super::operators::Givens;
use super::room::Kept;
use super::{DuckWorker, IDENTITY};
use crate::digest::{Digest, Hasher};
use crate::expr::{Expr, Literal};
use crate::model::Type;
use crate::publish::cell_texts;
use crate::relation::Relation;
use crate::relation::operator::{OperatorError, Room, arrow_type};
use crate::relation::sql::{statement, statement_with_ordinal, type_name};
use crate::store::backend::{EngineError, Exists, Grained, Made, Stored};
use crate::store::memos;

/// How many rows are put together at once.
const BATCH: usize = 1 << 16;
/// How many pieces are named to the engine; where more are other ones, all rows are computed.
const NAMED: usize = 1_000;
/// Which piece a row belongs to: none is the last.
type At = u32;

/// The rows of a table, parted.
struct Pieces {
    /// For each row, its piece.
    of: Vec<At>,
    /// For each piece, what the grain says of its rows, and the digest of what is read of them.
    all: Vec<(Option<String>, Digest)>,
}

/// What was made of pieces: values one behind the other, each with the place of its row in its piece.
struct Left {
    digests: Vec<(Digest, usize)>,
    places: UInt32Array,
    values: ArrayRef,
}

impl DuckWorker {
    /// One column of a relation that takes row by row, over one table.
    pub(super) fn made_in_pieces(
        &mut self,
        grained: &Grained<'_>,
        input: &Stored,
        ty: Type,
        stands: Exists<'_>,
    ) -> Result<Made, EngineError> {
        self.roomy(|it, whole| {
            let room = Kept::none(it, whole);
            it.pieced(grained, input, (ty, &room), stands)
        })
    }

    fn pieced(
        &mut self,
        grained: &Grained<'_>,
        input: &Stored,
        (ty, room): (Type, &Kept),
        stands: Exists<'_>,
    ) -> Result<Made, EngineError> {
        let mut hasher = Hasher::new("hotpass grain v1");
        hasher.text(IDENTITY).text(env!("CARGO_PKG_VERSION")).digest(&grained.relation.clone().into_recipe());
        let key = hasher.json(grained.grain).finish();
        let pieces = self.parted(grained, input, room)?;
        let memo = memos::read(&self.shared.paths, &key).filter(|it| room.keep(it.len()).is_ok());
        let memo = memo.and_then(|it| Left::read(&it, ty));
        let known = memo.as_ref().map_or_else(HashMap::new, Left::index);
        let missing: Vec<bool> = pieces.all.iter().map(|(_, it)| !known.contains_key(it)).collect();
        let (numbers, made) = self.computed(grained, input, (&pieces, &missing), (ty, room))?;
        let counts = (missing.iter().filter(|it| **it).count() as u64, missing.len() as u64);
        // Where each row of the table is to be had from: the memo, what was computed, or nowhere.
        let nowhere = (usize::MAX, 0);
        let mut from = vec![nowhere; pieces.of.len()];
        let mut rows_of: Vec<Vec<usize>> = vec![Vec::new(); pieces.all.len()];
        pieces.of.iter().enumerate().for_each(|(row, piece)| rows_of[*piece as usize].push(row));
        if let Some(left) = &memo {
            for (piece, (_, digest)) in pieces.all.iter().enumerate().filter(|(it, _)| !missing[*it]) {
                for at in known.get(digest).cloned().unwrap_or_default() {
                    if let Some(row) = rows_of[piece].get(left.places.value(at) as usize) {
                        from[*row] = (0, at);
                    }
                }
            }
        }
        for (at, row) in numbers.iter().enumerate().filter(|(_, row)| missing[pieces.of[**row] as usize]) {
            from[*row] = (1, at);
        }
        let none = arrow_array::new_empty_array(&arrow_type(ty));
        let values: [&dyn Array; 2] = [memo.as_ref().map_or(&*none, |it| &*it.values), &*made];
        let taken: Vec<(usize, usize)> = from.iter().copied().filter(|it| *it != nowhere).collect();
        let made = self.take_in(
            &[ty],
            &mut |sink| {
                taken.chunks(BATCH).try_for_each(|rows| {
                    room.go_on().map_err(halted)?;
                    sink(batch(interleave(&values, rows).map_err(broken)?)?)
                })
            },
            stands,
        )?;
        if counts.0 > 0 || known.len() != pieces.all.len() {
            // Nothing is lost but time where it cannot be left.
            let left = Left::of(&pieces, &rows_of, &from, &values).and_then(|it| it.bytes());
            let _ = left.map(|it| memos::write(&self.shared.paths, &key, &it));
        }
        Ok(Made { pieces: Some(counts), ..made })
    }

    /// Which rows belong together, and what stands for what is read of them.
    fn parted(&mut self, grained: &Grained<'_>, input: &Stored, room: &Kept) -> Result<Pieces, EngineError> {
        let reads = grained.relation.reads().remove(&0).unwrap_or_default();
        let mut needed = reads.clone();
        grained.grain.columns(&mut needed);
        let mut columns = vec![("grain".to_owned(), Expr::Cast(Box::new(grained.grain.clone()), Type::Text))];
        columns.extend(reads.iter().enumerate().map(|(at, name)| (format!("read {at}"), Expr::column(*name))));
        let split = scan(&needed).project(columns);
        let inputs = [input.clone()];
        let givens = Givens::of(self, &inputs, false);
        let statement = statement(&split, &givens.scans());
        let text = format!("SELECT {} FROM ({})", statement.names.join(", "), statement.text);
        let mut known: HashMap<Option<String>, At> = HashMap::new();
        let mut hashers: Vec<(Option<String>, Hasher)> = Vec::new();
        let mut of: Vec<At> = Vec::new();
        room.keep(usize::try_from(input.rows).unwrap_or(usize::MAX).saturating_mul(3 * size_of::<usize>()))
            .map_err(halted)?;
        self.stream(&text, &mut |rows| {
            for row in cell_texts(&rows).map_err(EngineError::Engine)? {
                let mut cells = row.into_iter();
                let grain = cells.next().flatten();
                let at = *known.entry(grain.clone()).or_insert_with(|| {
                    hashers.push((grain, Hasher::new("hotpass piece v1")));
                    (hashers.len() - 1) as At
                });
                of.push(at);
                let hasher = &mut hashers[at as usize].1;
                hasher.number(1);
                for cell in cells {
                    match cell {
                        Some(cell) => hasher.number(1).text(&cell),
                        None => hasher.number(0),
                    };
                }
            }
            Ok(())
        })?;
        Ok(Pieces { of, all: hashers.into_iter().map(|(grain, it)| (grain, it.finish())).collect() })
    }

    /// What the relation makes of the rows of pieces that are missing, in the order of the table, and the numbers of
    /// these rows.
    fn computed(
        &mut self,
        grained: &Grained<'_>,
        input: &Stored,
        (pieces, missing): (&Pieces, &[bool]),
        (ty, room): (Type, &Kept),
    ) -> Result<(Vec<usize>, ArrayRef), EngineError> {
        let none = || arrow_array::new_empty_array(&arrow_type(ty));
        let wanted: Vec<&Option<String>> =
            pieces.all.iter().zip(missing).filter(|(_, it)| **it).map(|((grain, _), _)| grain).collect();
        if wanted.is_empty() {
            return Ok((Vec::new(), none()));
        }
        let some =
            (wanted.len() < pieces.all.len() && wanted.len() <= NAMED).then(|| condition(grained.grain, &wanted));
        let relation = some.map_or_else(|| Ok(grained.relation.clone()), |it| beneath(grained.relation, &it))?;
        let inputs = [input.clone()];
        let givens = Givens::of(self, &inputs, false);
        let statement = statement_with_ordinal(&relation, &givens.scans());
        let [name] = statement.names.as_slice() else {
            return Err(EngineError::Engine("a piece has not one column".to_owned()));
        };
        let text = format!("SELECT o, CAST({name} AS {}) AS k0 FROM ({}) ORDER BY o", type_name(ty), statement.text);
        let (mut numbers, mut values) = (Vec::new(), vec![none()]);
        self.stream(&text, &mut |rows| {
            room.keep(rows.get_array_memory_size()).map_err(halted)?;
            let ordinals = rows.column(0).as_primitive_opt::<arrow_array::types::Int64Type>();
            let ordinals = ordinals.ok_or_else(|| EngineError::Engine("an ordinal is not a number".to_owned()))?;
            numbers.extend(ordinals.values().iter().map(|it| *it as usize));
            values.push(rows.column(1).clone());
            Ok(())
        })?;
        let values: Vec<&dyn Array> = values.iter().map(|it| &**it).collect();
        Ok((numbers, concat(&values).map_err(broken)?))
    }
}

fn scan(columns: &BTreeSet<&str>) -> Relation {
    Relation::Scan { input: 0, columns: columns.iter().map(|it| (*it).to_owned()).collect() }
}

/// Whether a row is one of these pieces.
fn condition(grain: &Expr, wanted: &[&Option<String>]) -> Expr {
    let text = || Expr::Cast(Box::new(grain.clone()), Type::Text);
    let mut named = vec![text()];
    named.extend(wanted.iter().filter_map(|it| it.as_deref()).map(Expr::text));
    let is_named = (named.len() > 1).then(|| Expr::call("in", named));
    let is_none = wanted.iter().any(|it| it.is_none()).then(|| Expr::call("is null", [text()]));
    match (is_named, is_none) {
        (Some(one), Some(other)) => Expr::call("or", [one, other]),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => Expr::Literal(Literal::Boolean(true)),
    }
}

/// The relation over the rows of the condition alone.
fn beneath(relation: &Relation, condition: &Expr) -> Result<Relation, EngineError> {
    match relation {
        Relation::Scan { columns, .. } => {
            let mut needed: BTreeSet<&str> = columns.iter().map(String::as_str).collect();
            condition.columns(&mut needed);
            let kept = columns.iter().map(|it| (it.clone(), Expr::column(it))).collect();
            Ok(scan(&needed).filter(condition.clone()).project(kept))
        }
        other => other.over(&mut |it| beneath(it, condition)),
    }
}

fn batch(values: ArrayRef) -> Result<RecordBatch, EngineError> {
    let field = Field::new("k0", values.data_type().clone(), true);
    RecordBatch::try_new(Arc::new(Schema::new(vec![field])), vec![values]).map_err(broken)
}

fn broken(error: impl std::fmt::Display) -> EngineError {
    EngineError::Engine(error.to_string())
}

pub(super) fn halted(error: OperatorError) -> EngineError {
    match error {
        OperatorError::Stopped => EngineError::Interrupted,
        OperatorError::Memory => EngineError::Memory,
        OperatorError::Failed(why) => EngineError::Engine(why),
        OperatorError::Refused(problem) => EngineError::Problem(problem),
    }
}

impl Left {
    /// For each piece, where its values are.
    fn index(&self) -> HashMap<Digest, std::ops::Range<usize>> {
        let mut at = 0;
        let one = |(digest, count): &(Digest, usize)| {
            at += count;
            (*digest, at - count..at)
        };
        self.digests.iter().map(one).collect()
    }

    /// Of all pieces of a table.
    fn of(
        pieces: &Pieces,
        rows_of: &[Vec<usize>],
        from: &[(usize, usize)],
        values: &[&dyn Array; 2],
    ) -> Result<Left, EngineError> {
        let (mut digests, mut places, mut taken) = (Vec::new(), Vec::new(), Vec::new());
        for ((_, digest), rows) in pieces.all.iter().zip(rows_of) {
            let before = taken.len();
            for (place, row) in (0_u32..).zip(rows).filter(|(_, row)| from[**row].0 < values.len()) {
                places.push(place);
                taken.push(from[*row]);
            }
            digests.push((*digest, taken.len() - before));
        }
        let values = interleave(values, &taken).map_err(broken)?;
        Ok(Left { digests, places: UInt32Array::from(places), values })
    }

    /// How many pieces, each with its digest and the number of its values, and then the values as Arrow has them.
    fn bytes(&self) -> Result<Vec<u8>, EngineError> {
        let mut out = (self.digests.len() as u64).to_le_bytes().to_vec();
        for (digest, count) in &self.digests {
            out.extend(digest.as_bytes());
            out.extend((*count as u64).to_le_bytes());
        }
        let fields = [("place", DataType::UInt32), ("value", self.values.data_type().clone())];
        let schema = Schema::new(fields.map(|(name, ty)| Field::new(name, ty, true)).to_vec());
        let columns: Vec<ArrayRef> = vec![Arc::new(self.places.clone()), Arc::clone(&self.values)];
        let rows = RecordBatch::try_new(Arc::new(schema), columns).map_err(broken)?;
        let mut writer = StreamWriter::try_new(out, &rows.schema()).map_err(broken)?;
        writer.write(&rows).map_err(broken)?;
        writer.into_inner().map_err(broken)
    }

    /// What was left; nothing where it is of another form.
    fn read(bytes: &[u8], ty: Type) -> Option<Left> {
        let (count, mut rest) = bytes.split_first_chunk::<8>()?;
        let mut digests = Vec::new();
        for _ in 0..u64::from_le_bytes(*count) {
            let (digest, behind) = rest.split_first_chunk::<32>()?;
            let (length, behind) = behind.split_first_chunk::<8>()?;
            digests.push((Digest::from(*digest), usize::try_from(u64::from_le_bytes(*length)).ok()?));
            rest = behind;
        }
        let rows = StreamReader::try_new(Cursor::new(rest), None).ok()?.next()?.ok()?;
        let places = rows.column_by_name("place")?.as_primitive_opt::<arrow_array::types::UInt32Type>()?.clone();
        let values = rows.column_by_name("value")?.clone();
        let sound = digests.iter().try_fold(0_usize, |acc, (_, it)| acc.checked_add(*it))? == rows.num_rows();
        (sound && *values.data_type() == arrow_type(ty)).then_some(Left { digests, places, values })
    }
}
