//! Where the values of groups come from: from all rows that were read for them, or from the one that was chosen.

use std::collections::BTreeSet;

use crate::expr::aggregate::Aggregate as Function;
use crate::expr::{Expr, Literal};
use crate::relation::Relation;
use crate::relation::aggregate::{Aggregate, Call};
use crate::relation::trace::{BETWEEN, Tracer, bound, nothing, origins};
use crate::relation::window::{Along, Window};

impl Tracer<'_> {
    pub(super) fn aggregate(&self, it: &Aggregate, wanted: &BTreeSet<&str>) -> Relation {
        let keys: Vec<&String> = it.keys.iter().filter(|name| wanted.contains(name.as_str())).collect();
        let calls: Vec<_> = it.calls.iter().filter(|(name, _)| wanted.contains(name.as_str())).collect();
        // How many rows there are is told by what makes them a group.
        let of = |call: &Call| call.of.clone().or_else(|| it.by.first().cloned());
        let beneath: BTreeSet<String> =
            keys.iter().map(|it| (*it).clone()).chain(calls.iter().filter_map(|(_, call)| of(call))).collect();
        let beneath: BTreeSet<&str> = beneath.iter().map(String::as_str).collect();
        let mut made = it.clone();
        made.from = bound(self.relation(&it.from, &beneath), &beneath, true);
        for key in keys {
            made.calls.push((origins(key), one(origins(key), Function::First, Vec::new(), None)));
        }
        let mut counts = Vec::new();
        for (name, call) in calls {
            if call.function == Function::Count {
                counts.push(name.as_str());
            }
            let Some(column) = of(call) else { continue };
            let from = origins(&column);
            let by_value = |descending| one(from.clone(), Function::First, vec![(column.clone(), descending)], None);
            let told = match call.function {
                Function::First | Function::Last => one(from, call.function, call.order.clone(), None),
                Function::Min => by_value(false),
                Function::Max => by_value(true),
                _ => Call { distinct: true, ..one(from, Function::StringAgg, call.order.clone(), Some(BETWEEN)) },
            };
            made.calls.push((origins(name), Call { keep: call.keep.clone(), ..told }));
        }
        nothing(self.declared(Relation::Aggregate(Box::new(made)), &counts), wanted)
    }
}

fn one(of: String, function: Function, order: Vec<(String, bool)>, given: Option<&str>) -> Call {
    let given = given.map(|it| Literal::Text(it.to_owned()));
    Call { function, of: Some(of), given, distinct: false, order, keep: None }
}

impl Tracer<'_> {
    pub(super) fn window(&self, it: &Window, wanted: &BTreeSet<&str>) -> Relation {
        let calls: Vec<_> = it.calls.iter().filter(|(name, _)| wanted.contains(name.as_str())).collect();
        let of = |along: &Along| along.call.of.clone().filter(|_| !along.call.function.only_counts());
        let mut beneath: BTreeSet<String> = calls.iter().filter_map(|(_, it)| of(it)).collect();
        beneath.extend(wanted.iter().filter(|name| !it.makes(name)).map(|it| (*it).to_owned()));
        let beneath: BTreeSet<&str> = beneath.iter().map(String::as_str).collect();
        let mut from = self.relation(&it.from, &beneath);
        // What comes out of another row has that row's number with it.
        let moved: BTreeSet<String> =
            calls.iter().filter(|(_, it)| moves(it.call.function)).filter_map(|(_, it)| of(it)).collect();
        if !moved.is_empty() {
            from = bound(from, &moved.iter().map(String::as_str).collect(), true);
        }
        let mut made = Window { from, calls: it.calls.clone() };
        let mut own = Vec::new();
        for (name, along) in calls {
            let Some(column) = of(along) else { continue };
            match moves(along.call.function) {
                true => {
                    let call = Call { of: Some(origins(&column)), ..along.call.clone() };
                    made.calls.push((origins(name), Along { call, otherwise: None, ..along.clone() }));
                }
                // A running value would name all rows before each row; its own cell stands for them.
                false => own.push((origins(name), Expr::column(origins(&column)))),
            }
        }
        let made = Relation::Window(Box::new(made));
        let told = match own.is_empty() {
            true => made,
            false => {
                let all = made.columns().into_iter().map(|it| (it.to_owned(), Expr::column(it)));
                let all = all.chain(own).collect();
                made.project(all)
            }
        };
        nothing(told, wanted)
    }
}

/// Whether a value is that of another row.
fn moves(function: Function) -> bool {
    matches!(function, Function::Lag | Function::Lead | Function::First | Function::Last)
}
