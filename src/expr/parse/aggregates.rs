//! Reads calls over several rows: `sum(amount) filter (where is_paid)`, `row_number() over (order by day)`.

use sqlparser::ast;

use super::{NotAnExpression, Reader, refuse};
use crate::expr::aggregate::Aggregate::{
    Count, DenseRank, Lag, Lead, Ntile, PercentRank, Quantile, Rank, RowNumber, StringAgg,
};
use crate::expr::aggregate::{Aggregate, Call, Frame, Over};
use crate::expr::{Expr, Literal};

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
            "write the order inside: `first(name order by day)`; a share is `quantile(amount, 0.9)`",
        );
    }
    let mut order = Vec::new();
    for clause in &list.clauses {
        match clause {
            ast::FunctionArgumentClause::OrderBy(by) => order.extend(reader.order(by, depth)?),
            _ => return refuse(format!("inside of `{name}` only `distinct` and `order by` are allowed")),
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
        return refuse(format!("`distinct` changes nothing in `{name}`; remove it"));
    }
    if !order.is_empty() && !function.is_ordered() {
        return refuse(format!("the order of rows changes nothing in `{name}`; remove `order by`"));
    }
    if function.is_of_window() && (!order.is_empty() || keep.is_some()) {
        return refuse(format!("`{name}` has its order after `over`, and takes no `filter`"));
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
