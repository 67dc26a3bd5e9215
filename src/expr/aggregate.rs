//! Calls over several rows: `sum(amount) filter (where is_paid)`, `row_number() over (order by day)`.
//!
//! An expression of `aggregate`, `pivot` or `window` is one over rows whose calls are taken out of it: what is left is
//! an [`Expr`] in which [`call_name`] stands for each. Not here: rows (`relation::aggregate`, `relation::window`).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sqlparser::ast;

use crate::expr::parse::{NotAnExpression, Reader, refuse};
use crate::expr::{Expr, Literal, Mistake, Settings, Untold};
use crate::model::Type;

/// What is made of the values of several rows.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Aggregate {
    /// How many rows, or how many values.
    Count,
    /// The sum of numbers.
    Sum,
    /// The mean of numbers, a float.
    Mean,
    /// The least value.
    Min,
    /// The greatest value.
    Max,
    /// The number with half of the others on either side.
    Median,
    /// The number with a given share of the others below it.
    Quantile,
    /// The standard deviation of a sample.
    Stddev,
    /// The standard deviation of all.
    StddevPop,
    /// The variance of a sample.
    Variance,
    /// The variance of all.
    VariancePop,
    /// The first value in an order.
    First,
    /// The last value in an order.
    Last,
    /// Whether one is true.
    Any,
    /// Whether none is false.
    All,
    /// All values as a list of JSON.
    List,
    /// All texts as one.
    StringAgg,
    /// The value that stands in most rows, of several the first.
    MostCommon,
    /// The number of the row in its order, from 1.
    RowNumber,
    /// The number of the first row that is equal in the order.
    Rank,
    /// The same without gaps.
    DenseRank,
    /// The rank as a share of all rows, from 0 to 1.
    PercentRank,
    /// Which of a number of parts of the same size the row is in, from 1.
    Ntile,
    /// The value some rows before.
    Lag,
    /// The value some rows behind.
    Lead,
}

use Aggregate::{
    All, Any, Count, DenseRank, First, Lag, Last, Lead, List, Max, Mean, Median, Min, MostCommon, Ntile, PercentRank,
    Quantile, Rank, RowNumber, Stddev, StddevPop, StringAgg, Sum, Variance, VariancePop,
};

/// How expressions name them: SQL's names, and for some the word that people use.
pub const AGGREGATES: &[(&str, Aggregate)] = &[
    ("count", Count),
    ("sum", Sum),
    ("mean", Mean),
    ("avg", Mean),
    ("min", Min),
    ("max", Max),
    ("median", Median),
    ("quantile", Quantile),
    ("stddev", Stddev),
    ("stddev_samp", Stddev),
    ("stddev_pop", StddevPop),
    ("variance", Variance),
    ("var_samp", Variance),
    ("var_pop", VariancePop),
    ("first", First),
    ("last", Last),
    ("any", Any),
    ("all", All),
    ("bool_or", Any),
    ("bool_and", All),
    ("list", List),
    ("string_agg", StringAgg),
    ("most_common", MostCommon),
    ("mode", MostCommon),
    ("row_number", RowNumber),
    ("rank", Rank),
    ("dense_rank", DenseRank),
    ("percent_rank", PercentRank),
    ("ntile", Ntile),
    ("lag", Lag),
    ("lead", Lead),
];

impl Aggregate {
    /// The aggregate of this name.
    pub fn get(name: &str) -> Option<Aggregate> {
        AGGREGATES.iter().find(|(it, _)| *it == name).map(|(_, it)| *it)
    }

    /// The name under which it is documented.
    pub fn name(self) -> &'static str {
        AGGREGATES.iter().find(|(_, it)| *it == self).map_or("", |(name, _)| name)
    }

    /// Whether it is about the place of a row among others.
    pub fn is_of_window(self) -> bool {
        matches!(self, RowNumber | Rank | DenseRank | PercentRank | Ntile | Lag | Lead)
    }

    /// Whether its answer depends on the order of rows.
    pub fn is_ordered(self) -> bool {
        matches!(self, First | Last | List | StringAgg | MostCommon) || self.is_of_window()
    }

    /// Whether equal values may count once.
    fn takes_distinct(self) -> bool {
        matches!(self, Count | List | StringAgg)
    }

    /// Whether a window may be about it.
    pub fn goes_along(self) -> bool {
        self.is_of_window() || matches!(self, Count | Sum | Mean | Min | Max | Any | All | First | Last)
    }

    /// The type of what it gives for values of a type.
    ///
    /// # Errors
    ///
    /// The values have a type that it does not take.
    pub fn ty(self, of: Option<Type>) -> Result<Type, Mistake> {
        let wrong = |takes: &str, got| {
            let (function, takes) = (self.name().to_owned(), takes.to_owned());
            Err(Mistake::WrongType { function, takes, got })
        };
        match (self, of) {
            (Count | RowNumber | Rank | DenseRank | Ntile, _) => Ok(Type::Integer),
            (PercentRank, _) => Ok(Type::Float),
            (Sum | Mean | Median | Quantile | Stddev | StddevPop | Variance | VariancePop, Some(it))
                if !it.is_number() =>
            {
                wrong("numbers", it)
            }
            (Mean | Median | Quantile | Stddev | StddevPop | Variance | VariancePop, _) => Ok(Type::Float),
            (Any | All, Some(it)) if it != Type::Boolean => wrong("a condition", it),
            (Any | All, _) => Ok(Type::Boolean),
            (StringAgg, Some(it)) if it != Type::Text => wrong("text", it),
            (List | StringAgg, _) => Ok(Type::Text),
            (Sum | Min | Max | First | Last | MostCommon | Lag | Lead, it) => Ok(it.unwrap_or(Type::Text)),
        }
    }

    /// Whether what it gives tells nothing of a single value.
    pub fn only_counts(self) -> bool {
        matches!(self, Count | Any | All | RowNumber | Rank | DenseRank | PercentRank | Ntile)
    }
}

/// One call over several rows.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Call {
    /// What is made.
    pub function: Aggregate,
    /// Of what; rows without it.
    pub of: Option<Expr>,
    /// The share of `quantile`, the separator of `string_agg`, the distance of `lag` and `lead`, the parts of `ntile`.
    pub given: Option<Literal>,
    /// What `lag` and `lead` give where there is no such row.
    pub otherwise: Option<Expr>,
    /// Equal values count once.
    pub distinct: bool,
    /// The order of the rows, `true` for greatest first; ties stand as they stood.
    pub order: Vec<(Expr, bool)>,
    /// The rows that count.
    pub keep: Option<Expr>,
    /// The rows that belong together, where the call says it itself.
    pub over: Option<Over>,
}

impl Call {
    /// Adds the columns of which the order of values decides what comes out.
    pub fn ordered<'a>(&'a self, acc: &mut BTreeSet<&'a str>) {
        let extreme = matches!(self.function, Aggregate::Min | Aggregate::Max);
        let over = self.over.iter().flat_map(|it| &it.order);
        let by = self.order.iter().chain(over).map(|(it, _)| it);
        let decide = by.chain(self.of.as_ref().filter(|_| extreme));
        acc.extend(decide.filter_map(|it| match it {
            Expr::Column(name) => Some(name.as_str()),
            _ => None,
        }));
        self.keep.iter().for_each(|it| it.ordered(acc));
    }
}

/// What `over (…)` says.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Over {
    /// Rows with equal values here belong together.
    pub by: Vec<Expr>,
    /// Their order.
    pub order: Vec<(Expr, bool)>,
    /// Which of them count for a row, where that is said.
    pub frame: Option<Frame>,
}

/// The rows around a row: from how many before it (negative) to how many behind it; `None` for all on that side.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Frame {
    /// The first.
    pub from: Option<i64>,
    /// The last.
    pub to: Option<i64>,
}

/// An expression over rows, and the calls that it is made of.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Aggregated {
    /// What is made of the calls.
    pub expr: Expr,
    /// The calls, which `expr` names by [`call_name`].
    pub calls: Vec<Call>,
}

/// The column that stands for a call. The noncharacter of Unicode is in no name that means something.
pub fn call_name(at: usize) -> String {
    format!("\u{10fffe}{at}")
}

impl Aggregated {
    /// The same with what a profile says, as in [`Expr::told`].
    ///
    /// # Errors
    ///
    /// What no profile knows.
    pub fn told(self, settings: &Settings) -> Result<Aggregated, Untold> {
        let all = |all: Vec<(Expr, bool)>| {
            all.into_iter().map(|(it, descending)| Ok((it.told(settings)?, descending))).collect::<Result<Vec<_>, _>>()
        };
        let maybe = |it: Option<Expr>| it.map(|it| it.told(settings)).transpose();
        let call = |it: Call| {
            let over = it.over.map(|it| {
                let by = it.by.into_iter().map(|it| it.told(settings)).collect::<Result<_, _>>()?;
                Ok(Over { by, order: all(it.order)?, frame: it.frame })
            });
            Ok(Call {
                of: maybe(it.of)?,
                otherwise: maybe(it.otherwise)?,
                order: all(it.order)?,
                keep: maybe(it.keep)?,
                over: over.transpose()?,
                ..it
            })
        };
        let calls = self.calls.into_iter().map(call).collect::<Result<_, Untold>>()?;
        Ok(Aggregated { expr: self.expr.told(settings)?, calls })
    }
}

/// Reads a call over several rows; `None` if its name is that of no aggregate.
pub(super) fn read(reader: &Reader<'_>, call: &ast::Function, depth: usize) -> Result<Option<Call>, NotAnExpression> {
    let name = call.name.to_string().to_lowercase();
    let Some(function) = Aggregate::get(&name) else { return Ok(None) };
    let ast::FunctionArguments::List(list) = &call.args else {
        return refuse(format!("`{name}` needs its arguments in brackets"));
    };
    // `mean(a, b)` is the mean of two values of one row.
    if name == "mean" && list.args.len() > 1 {
        return Ok(None);
    }
    if !call.within_group.is_empty() {
        return helped(
            format!("`{name}` is written without `within group`"),
            "the order stands inside: `first(name order by day)`; a share is `quantile(amount, 0.9)`",
        );
    }
    let mut order = Vec::new();
    for clause in &list.clauses {
        match clause {
            ast::FunctionArgumentClause::OrderBy(by) => order.extend(reader.order(by, depth)?),
            _ => return refuse(format!("inside of `{name}` nothing but `distinct` and `order by` can stand")),
        }
    }
    let distinct = matches!(list.duplicate_treatment, Some(ast::DuplicateTreatment::Distinct));
    let mut arguments = Vec::new();
    for it in &list.args {
        match it {
            ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Wildcard) if function == Count && list.args.len() == 1 => {
                arguments.clear();
            }
            ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(it)) => arguments.push(reader.inner(it, depth)?),
            _ => return refuse(format!("`{name}` takes plain arguments only")),
        }
    }
    let keep = call.filter.as_ref().map(|it| reader.inner(it, depth)).transpose()?;
    let over = match &call.over {
        None => None,
        Some(ast::WindowType::WindowSpec(it)) if it.window_name.is_none() => Some(over(reader, it, depth)?),
        Some(_) => return refuse("windows have no names here: write `over (partition by … order by …)`"),
    };
    if distinct && !function.takes_distinct() {
        return refuse(format!("`distinct` changes nothing in `{name}`; take it out"));
    }
    if !order.is_empty() && !function.is_ordered() {
        return refuse(format!("the order of rows changes nothing in `{name}`; take `order by` out"));
    }
    if function.is_of_window() && (!order.is_empty() || keep.is_some()) {
        return refuse(format!("`{name}` has its order behind `over`, and takes no `filter`"));
    }
    let mut call = Call { function, of: None, given: None, otherwise: None, distinct, order, keep, over };
    call.take(&name, arguments)?;
    Ok(Some(call))
}

impl Call {
    fn take(&mut self, name: &str, arguments: Vec<Expr>) -> Result<(), NotAnExpression> {
        let got = arguments.len();
        let mut arguments = arguments.into_iter();
        let (least, most, like) = match self.function {
            Count => (0, 1, "count(*)` or `count(name)"),
            Quantile => (2, 2, "quantile(amount, 0.9)"),
            StringAgg => (2, 2, "string_agg(name, '; ' order by name)"),
            RowNumber | Rank | DenseRank | PercentRank => (0, 0, ""),
            Ntile => (1, 1, "ntile(4)"),
            Lag | Lead => (1, 3, "lag(amount)` or `lag(amount, 1, 0)"),
            _ => (1, 1, ""),
        };
        if got < least || got > most {
            let takes = match (least, most) {
                (0, 0) => "nothing in its brackets".to_owned(),
                (a, b) if a == b => format!("{a} {}", if a == 1 { "argument" } else { "arguments" }),
                (a, b) => format!("{a} to {b} arguments"),
            };
            let help = (!like.is_empty()).then(|| format!("such as `{like}`"));
            return Err(NotAnExpression { message: format!("`{name}` takes {takes}, not {got}"), help });
        }
        if self.function != Ntile {
            self.of = arguments.next();
        }
        match (self.function, arguments.next()) {
            (Quantile, Some(Expr::Literal(it))) if share(&it) => self.given = Some(it),
            (Quantile, _) => return refuse("the share of `quantile` is a number from 0 to 1, such as `0.9`"),
            (StringAgg, Some(Expr::Literal(it @ Literal::Text(_)))) => self.given = Some(it),
            (StringAgg, _) => {
                return refuse("the separator of `string_agg` is a text in single quotes, such as `'; '`");
            }
            (Ntile | Lag | Lead, Some(Expr::Literal(Literal::Integer(it)))) if it > 0 => {
                self.given = Some(Literal::Integer(it));
            }
            (Ntile | Lag | Lead, Some(_)) => {
                return refuse(format!("the number in `{name}` is a whole one from 1, written out"));
            }
            _ => (),
        }
        self.otherwise = arguments.next();
        Ok(())
    }

    /// All expressions over the rows.
    pub fn exprs(&self) -> impl Iterator<Item = &Expr> {
        let over = self.over.iter().flat_map(|it| it.by.iter().chain(it.order.iter().map(|(it, _)| it)));
        let order = self.order.iter().map(|(it, _)| it);
        self.of.iter().chain(&self.otherwise).chain(&self.keep).chain(order).chain(over)
    }
}

fn share(it: &Literal) -> bool {
    match it {
        Literal::Integer(it) => (0..=1).contains(it),
        Literal::Number(it) => it.parse::<f64>().is_ok_and(|it| (0.0..=1.0).contains(&it)),
        _ => false,
    }
}

fn over(reader: &Reader<'_>, spec: &ast::WindowSpec, depth: usize) -> Result<Over, NotAnExpression> {
    let by = spec.partition_by.iter().map(|it| reader.inner(it, depth)).collect::<Result<_, _>>()?;
    let order = reader.order(&spec.order_by, depth)?;
    let frame = spec.window_frame.as_ref().map(frame).transpose()?;
    Ok(Over { by, order, frame })
}

fn frame(it: &ast::WindowFrame) -> Result<Frame, NotAnExpression> {
    use ast::WindowFrameBound::{CurrentRow, Following, Preceding};
    const HELP: &str = "such as `rows between 6 preceding and current row`";
    if it.units != ast::WindowFrameUnits::Rows {
        return helped("a window counts rows".to_owned(), HELP);
    }
    let number = |it: &ast::Expr| match it {
        ast::Expr::Value(it) => match &it.value {
            ast::Value::Number(it, _) => it.parse::<u32>().ok().map(i64::from),
            _ => None,
        },
        _ => None,
    };
    let bound = |it: &ast::WindowFrameBound, first: bool| match it {
        CurrentRow => Ok(Some(0)),
        Preceding(None) if first => Ok(None),
        Following(None) if !first => Ok(None),
        Preceding(Some(it)) => number(it).map(|it| Some(-it)).ok_or(()),
        Following(Some(it)) => number(it).map(Some).ok_or(()),
        _ => Err(()),
    };
    let to = it.end_bound.as_ref().unwrap_or(&CurrentRow);
    match (bound(&it.start_bound, true), bound(to, false)) {
        (Ok(from), Ok(to)) if from.is_none() || to.is_none() || from <= to => Ok(Frame { from, to }),
        _ => helped("the frame of the window cannot be read".to_owned(), HELP),
    }
}

fn helped<T>(message: String, help: &str) -> Result<T, NotAnExpression> {
    Err(NotAnExpression { message, help: Some(help.to_owned()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse::{parse, parse_aggregated};

    fn check(text: &str, calls: &[Aggregate]) {
        let read = parse_aggregated(text).expect(text);
        assert_eq!(read.calls.iter().map(|it| it.function).collect::<Vec<_>>(), calls, "{text}");
    }

    #[test]
    fn calls_are_taken_out_of_an_expression() {
        check("count(*)", &[Count]);
        check("count(distinct name) filter (where paid)", &[Count]);
        check("round(sum(amount) / nullif(count(*), 0), 2)", &[Sum, Count]);
        check("first(name order by day desc, name)", &[First]);
        check("string_agg(distinct name, '; ' order by name)", &[StringAgg]);
        check("case when any(open) then 'open' else most_common(status) end", &[Any, MostCommon]);
        check("sum(a) over (partition by k order by d rows between 6 preceding and current row)", &[Sum]);
        check("region", &[]);
        check("mean(a, b)", &[]);
        check("all(a) or any(b)", &[All, Any]);
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_what_does() {
        let refused = |text: &str| parse_aggregated(text).expect_err(text).message;
        assert_eq!(refused("sum(distinct a)"), "`distinct` changes nothing in `sum`; take it out");
        assert_eq!(refused("max(a order by b)"), "the order of rows changes nothing in `max`; take `order by` out");
        assert_eq!(refused("quantile(a, 90)"), "the share of `quantile` is a number from 0 to 1, such as `0.9`");
        assert_eq!(refused("sum(sum(a))"), "an aggregate cannot stand in another one");
        assert_eq!(refused("sum(a, b)"), "`sum` takes 1 argument, not 2");
        assert_eq!(refused("rank(a)"), "`rank` takes nothing in its brackets, not 1");
        assert_eq!(
            refused("sum(a) over (rows between 2 following and 1 preceding)"),
            "the frame of the window cannot be read"
        );
        let plain = parse("sum(a)").expect_err("one row");
        assert_eq!(plain.message, "`sum` is over several rows, and an expression here sees one");
    }
}
