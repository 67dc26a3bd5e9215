//! Currencies beside the numbers of a column. A number keeps none, so amounts of several are told.

use crate::expr::Expr;
use crate::readers::Evidence;
use crate::steps::Notice;

/// What is counted by itself, two at a time; all others are counted together.
const COUNTED: [[&str; 2]; 15] = [
    ["EUR", "USD"],
    ["$", "GBP"],
    ["JPY", "¥"],
    ["CHF", "CNY"],
    ["CAD", "AUD"],
    ["NZD", "SEK"],
    ["NOK", "DKK"],
    ["PLN", "CZK"],
    ["HUF", "RON"],
    ["INR", "ZAR"],
    ["BRL", "MXN"],
    ["SGD", "HKD"],
    ["KRW", "TRY"],
    ["RUB", "UAH"],
    ["ILS", "AED"],
];

/// What a build counts of a column of numbers. Of columns that begin with numbers without any currency no text is.
pub(super) fn told(column: &str, text: &Expr, evidence: Option<&Evidence>) -> Notice {
    // What number formats show is known without a count.
    if evidence.is_some_and(|it| it.priced == 0) {
        return Notice::Currencies { column: column.to_owned(), pairs: Vec::new() };
    }
    let of = || Expr::call("currency_of", [text.clone()]);
    let pair = |pair: [&'static str; 2]| {
        let listed = pair.map(Expr::text);
        let considered = Expr::call("in", std::iter::once(of()).chain(listed));
        (pair, considered, Expr::call("=", [of(), Expr::text(pair[1])]))
    };
    let listed = COUNTED.iter().flatten().map(|it| Expr::text(*it));
    let known = Expr::call("in", std::iter::once(of()).chain(listed));
    // All of them are of the second kind: the first is empty.
    let others = Expr::call("not", [known]);
    let rest = (["", "others"], others.clone(), others);
    let pairs = COUNTED.into_iter().map(pair).chain([rest]).collect();
    Notice::Currencies { column: column.to_owned(), pairs }
}
