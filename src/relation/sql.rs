//! Writes a relation as SQL for DuckDB.
//!
//! No text of a user reaches the SQL other than as a quoted literal: columns are named `k0`, `k1`, … by a table of
//! names that lives as long as the statement. Hidden ordinals (`o`) are only written where an order is needed that
//! the engine would not keep by itself, and nothing is sorted for someone who does not ask for an order.

mod aggregate;
mod called;
mod casts;
mod shared;
mod window;

pub use called::called;

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;

use crate::expr::functions::{BLANKS, Function, NULL_PART, Spelling};
use crate::expr::{Expr, Literal};
use crate::model::{Schema, Type};
use crate::relation::aggregate::Call;
use crate::relation::apply::Apply;
use crate::relation::explode::{Explode, Items};
use crate::relation::sql::casts::Over;
pub(super) use crate::relation::sql::casts::REVISION as CASTS;
use crate::relation::sql::shared::Shared;
use crate::relation::{By, Consolidate, Join, PART_SHIFT, Pick, Relation};
use crate::text::list::BETWEEN;

/// Where the rows of an input come from: an SQL text that gives the wanted columns under the wanted names, in the
/// table's order, and the ordinal as `o` if `ordinal` is set.
pub trait Tables {
    /// A `SELECT` over input `input` giving each `(column, name)`.
    fn select(&self, input: usize, columns: &[(&str, String)], ordinal: bool) -> String;

    /// The columns of input `input` with their types.
    fn schema(&self, input: usize) -> Schema;
}

/// A statement: its text, and which name stands for which column.
#[derive(Debug)]
pub struct Statement {
    /// A `SELECT` in the declared row order.
    pub text: String,
    /// The SQL name of each output column, in order.
    pub names: Vec<String>,
}

/// Stands where no column is asked for: rows are rows.
const NOTHING: &str = "1 AS nothing";

/// The statement that gives all columns of `relation`.
pub fn statement(relation: &Relation, tables: &dyn Tables) -> Statement {
    in_order(relation, tables, Order::Sorted)
}

/// The statement that gives all columns of a relation that keeps rows as they are, and the ordinal of each as `o`.
pub fn statement_with_ordinal(relation: &Relation, tables: &dyn Tables) -> Statement {
    in_order(relation, tables, Order::Numbered)
}

fn in_order(relation: &Relation, tables: &dyn Tables, order: Order) -> Statement {
    let mut writer = Writer { tables, names: HashMap::new(), aliases: 0, shared: Shared::of(relation) };
    let text = writer.relation(relation, order);
    let names = relation.columns().iter().map(|it| writer.name(it)).collect();
    Statement { text: writer.shared.before(text), names }
}

/// A text as an SQL literal. NUL cannot stand in one and is dropped.
pub fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\0', "").replace('\'', "''"))
}

/// A name as an SQL identifier.
pub fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('\0', "").replace('"', "\"\""))
}

/// How DuckDB spells a type.
pub fn type_name(ty: Type) -> String {
    match ty {
        Type::Text => "VARCHAR".to_owned(),
        Type::Integer => "BIGINT".to_owned(),
        Type::Decimal { scale } => format!("DECIMAL(38,{scale})"),
        Type::Float => "DOUBLE".to_owned(),
        Type::Boolean => "BOOLEAN".to_owned(),
        Type::Date => "DATE".to_owned(),
        Type::Timestamp => "TIMESTAMP".to_owned(),
    }
}

/// What whoever reads a relation needs of the order of its rows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// The rows come in their order.
    Sorted,
    /// Each row has its ordinal as `o`, and may come at any place.
    Numbered,
    /// Nothing: rows are looked up in it.
    Loose,
}

struct Writer<'a> {
    tables: &'a dyn Tables,
    names: HashMap<String, String>,
    aliases: usize,
    shared: Shared,
}

impl Writer<'_> {
    fn name(&mut self, column: &str) -> String {
        if let Some(name) = self.names.get(column) {
            return name.clone();
        }
        let name = format!("k{}", self.names.len());
        self.names.insert(column.to_owned(), name.clone());
        name
    }

    fn alias(&mut self) -> String {
        self.aliases += 1;
        format!("t{}", self.aliases)
    }

    fn relation(&mut self, relation: &Relation, order: Order) -> String {
        self.shared(relation, order).unwrap_or_else(|| self.written(relation, order))
    }

    fn written(&mut self, relation: &Relation, order: Order) -> String {
        let ordinal = order == Order::Numbered;
        match relation {
            Relation::Scan { input, columns } => {
                let columns: Vec<_> = columns.iter().map(|it| (it.as_str(), self.name(it))).collect();
                self.tables.select(*input, &columns, ordinal)
            }
            // What only says again which columns there are is one more level to plan.
            Relation::Project { from, columns } if says_nothing(from, columns) => self.relation(from, order),
            Relation::Project { from, columns } => {
                let beneath = self.relation(from, order);
                let over = Over::new(from, self.tables);
                let mut list = Vec::new();
                for (name, expr) in columns {
                    let value = self.expr(expr, &over);
                    list.push(format!("{value} AS {}", self.name(name)));
                }
                list.extend(ordinal.then(|| "o".to_owned()));
                if list.is_empty() {
                    list.push(NOTHING.to_owned());
                }
                format!("SELECT {} FROM ({beneath}) AS {}", list.join(", "), self.alias())
            }
            Relation::Filter { from, keep } => {
                let beneath = self.relation(from, order);
                let keep = self.expr(keep, &Over::new(from, self.tables));
                format!("SELECT * FROM ({beneath}) AS {} WHERE {keep}", self.alias())
            }
            Relation::Sort { from, by } => {
                let columns = self.list(&relation.columns(), "");
                let beneath = self.relation(from, Order::Numbered);
                let by = format!("{}o", self.by(by, &Over::new(from, self.tables)));
                let from = format!("({beneath}) AS {}", self.alias());
                self.ordered(&columns, &from, &by, order)
            }
            Relation::Union(parts) if parts.len() == 1 => self.relation(&parts[0], order),
            Relation::Union(parts) => {
                let columns = Some(self.list(&relation.columns(), "")).filter(|it| !it.is_empty());
                let columns = columns.unwrap_or_else(|| NOTHING.to_owned());
                let mut before = 0;
                let mut written = Vec::new();
                for part in parts {
                    let beneath = self.relation(part, order);
                    let place = if ordinal { format!(", o + {} AS o", before << PART_SHIFT) } else { String::new() };
                    written.push(format!("SELECT {columns}{place} FROM ({beneath}) AS {}", self.alias()));
                    before += ranges(part);
                }
                written.join(" UNION ALL ")
            }
            Relation::Join(it) => self.join(it, order),
            Relation::Consolidate(it) => self.consolidate(it, order),
            Relation::Explode(it) => self.explode(it, order),
            Relation::Apply(it) => self.apply(it, order),
            Relation::Aggregate(it) => self.aggregate(it, order),
            Relation::Window(it) => self.window(it, order),
        }
    }

    /// `SELECT columns FROM from`, with `by` as the order of its rows.
    fn ordered(&mut self, columns: &str, from: &str, by: &str, order: Order) -> String {
        let columns = if columns.is_empty() { NOTHING } else { columns };
        match order {
            Order::Numbered => format!("SELECT {columns}, row_number() OVER (ORDER BY {by}) - 1 AS o FROM {from}"),
            Order::Sorted => format!("SELECT {columns} FROM {from} ORDER BY {by}"),
            Order::Loose => format!("SELECT {columns} FROM {from}"),
        }
    }

    fn list(&mut self, columns: &[&str], table: &str) -> String {
        let columns: Vec<_> = columns.iter().map(|it| format!("{table}{}", self.name(it))).collect();
        columns.join(", ")
    }

    /// Ends in a comma when there is anything to order by.
    fn by(&mut self, by: &[By], over: &Over<'_>) -> String {
        let mut text = String::new();
        for it in by {
            let direction = if it.descending { "DESC" } else { "ASC" };
            let _ = write!(text, "{} {direction} NULLS LAST, ", self.expr(&it.expr, over));
        }
        text
    }

    fn join(&mut self, join: &Join, order: Order) -> String {
        if let [pairs] = join.on.as_slice() {
            return self.join_on(join, pairs, order);
        }
        let (l, r) = (self.alias(), self.alias());
        let left = self.relation(&join.left, Order::Numbered);
        let right = self.relation(&join.right, Order::Numbered);
        let mut text = format!("WITH {l} AS ({left}), {r} AS ({right})");
        let mut matches = Vec::new();
        for (index, pairs) in join.on.iter().enumerate() {
            let m = self.alias();
            let on = self.pairs(&l, &r, pairs);
            let rest: String =
                matches.iter().map(|earlier| format!(" ANTI JOIN {earlier} ON {earlier}.b = {r}.o")).collect();
            let _ = write!(
                text,
                ", {m} AS (SELECT {l}.o AS a, {r}.o AS b, {} AS w FROM {l} JOIN (SELECT {r}.* FROM {r}{rest}) AS {r} ON {on})",
                index + 1,
            );
            matches.push(m);
        }
        let m = self.alias();
        let parts: Vec<_> = matches.iter().map(|it| format!("SELECT a, b, w FROM {it}")).collect();
        let _ = write!(text, ", {m} AS ({}) ", parts.join(" UNION ALL "));
        let list = self.taken(join, &l, &r, &format!("{m}.w"));
        let kind = if join.outer { "LEFT JOIN" } else { "JOIN" };
        let from = format!("{l} {kind} {m} ON {m}.a = {l}.o LEFT JOIN {r} ON {r}.o = {m}.b");
        text + &self.ordered(&list, &from, &format!("{l}.o, {r}.o"), order)
    }

    /// A join on one condition is one of the engine's. Where a row finds one at most, nothing need be numbered to tell
    /// those that it finds apart.
    fn join_on(&mut self, join: &Join, pairs: &[(String, String)], order: Order) -> String {
        let (l, r) = (self.alias(), self.alias());
        let numbered = |it: bool| if it { Order::Numbered } else { Order::Loose };
        let (sorted, one) = (order != Order::Loose, join.finds_one());
        let left = self.relation(&join.left, numbered(sorted));
        let right = self.relation(&join.right, numbered(sorted && !one));
        // What finds something has no null in its key.
        let found =
            pairs.first().map(|(_, there)| format!("CASE WHEN {r}.{} IS NOT NULL THEN 1 END", self.name(there)));
        let list = self.taken(join, &l, &r, found.as_deref().unwrap_or("1"));
        let kind = if join.outer { "LEFT JOIN" } else { "JOIN" };
        let from = format!("({left}) AS {l} {kind} ({right}) AS {r} ON {}", self.pairs(&l, &r, pairs));
        let by = if one { format!("{l}.o") } else { format!("{l}.o, {r}.o") };
        self.ordered(&list, &from, &by, order)
    }

    fn pairs(&mut self, l: &str, r: &str, pairs: &[(String, String)]) -> String {
        if pairs.is_empty() {
            return "true".to_owned();
        }
        let on: Vec<_> = pairs.iter().map(|(a, b)| format!("{l}.{} = {r}.{}", self.name(a), self.name(b))).collect();
        on.join(" AND ")
    }

    /// What a join gives, with `matched` as the number of the condition that found a row.
    fn taken(&mut self, join: &Join, l: &str, r: &str, matched: &str) -> String {
        let mut list: Vec<_> = join.take_left.iter().map(|it| format!("{l}.{}", self.name(it))).collect();
        for (there, here) in &join.take_right {
            list.push(format!("{r}.{} AS {}", self.name(there), self.name(here)));
        }
        if let Some(name) = &join.matched {
            list.push(format!("CAST({matched} AS BIGINT) AS {}", self.name(name)));
        }
        list.join(", ")
    }

    fn consolidate(&mut self, consolidate: &Consolidate, order: Order) -> String {
        let key = self.name(&consolidate.key);
        // One ranking for each distinct preference; `o` makes each total.
        let mut orders: Vec<String> = Vec::new();
        let over = Over::new(&consolidate.from, self.tables);
        let mut rank_of = |writer: &mut Self, prefer: &[By]| {
            let by = format!("{}{}o", writer.by(prefer, &over), writer.by(&consolidate.rank, &over));
            let index = orders.iter().position(|it| *it == by).unwrap_or_else(|| {
                orders.push(by);
                orders.len() - 1
            });
            format!("r{index}")
        };
        let mut inner = Vec::new();
        let mut outer = Vec::new();
        for (name, pick) in &consolidate.picks {
            let name = self.name(name);
            let column = pick.column().map(|it| self.name(it)).unwrap_or_default();
            let made = format!("v{}", inner.len());
            let value = match pick {
                Pick::Key => {
                    outer.push(format!("g AS {name}"));
                    continue;
                }
                Pick::First { prefer, .. } => format!("arg_min({column}, {})", rank_of(self, prefer)),
                Pick::Of { prefer, .. } => format!("arg_min_null({column}, {})", rank_of(self, prefer)),
                Pick::Position { column: None, prefer } => format!("arg_min(o, {})", rank_of(self, prefer)),
                // A filter of an aggregate costs a copy of all columns; a rank that is null takes no part either.
                Pick::Position { prefer, .. } => {
                    format!("arg_min(o, CASE WHEN {column} IS NOT NULL THEN {} END)", rank_of(self, prefer))
                }
                Pick::All { prefer, .. } => {
                    format!("list({column} ORDER BY {}) FILTER (WHERE {column} IS NOT NULL)", rank_of(self, prefer))
                }
                Pick::Sorted { .. } => format!("list({column}) FILTER (WHERE {column} IS NOT NULL)"),
                Pick::Made { function, .. } if function.is_ordered() => {
                    format!("mode({column} ORDER BY {}) FILTER (WHERE {column} IS NOT NULL)", rank_of(self, &[]))
                }
                Pick::Made { column: of, function } => self.call(&Call::of(*function, of), &[], "", over.schema()),
                Pick::Least(_) => format!("min({column})"),
                Pick::Greatest(_) => format!("max({column})"),
                Pick::Filled(_) => format!("count({column})"),
                Pick::Distinct(_) => format!("count(DISTINCT {column})"),
                Pick::Rows => "count(*)".to_owned(),
            };
            outer.push(match pick {
                Pick::All { separator, .. } => format!(
                    "array_to_string(list_filter({made}, lambda x, i: list_position({made}, x) = i), {}) AS {name}",
                    quote(separator)
                ),
                Pick::Sorted { separator, .. } => {
                    format!("array_to_string(list_sort(list_distinct({made})), {}) AS {name}", quote(separator))
                }
                _ => format!("{made} AS {name}"),
            });
            inner.push(format!("{value} AS {made}"));
        }
        let made: String = inner.iter().map(|it| format!(", {it}")).collect();
        let ranked = self.ranked(consolidate, &orders);
        let grouped = format!("SELECT {key} AS g{made} FROM ({ranked}) AS {} GROUP BY {key}", self.alias());
        let alias = self.alias();
        self.ordered(&outer.join(", "), &format!("({grouped}) AS {alias}"), "g", order)
    }

    /// The rows with a key, each with its rank in every order as `r0`, `r1`, …
    ///
    /// Only what decides is sorted: whatever else a row holds is found again by its ordinal, so that wide tables are
    /// not carried through sorts.
    fn ranked(&mut self, consolidate: &Consolidate, orders: &[String]) -> String {
        let key = self.name(&consolidate.key);
        if orders.is_empty() {
            let beneath = self.relation(&consolidate.from, Order::Loose);
            return format!("SELECT * FROM ({beneath}) AS {} WHERE {key} IS NOT NULL", self.alias());
        }
        let beneath = self.relation(&consolidate.from, Order::Numbered);
        let ranks: String = orders
            .iter()
            .enumerate()
            .map(|(index, order)| format!(", row_number() OVER (ORDER BY {order}) AS r{index}"))
            .collect();
        let mut deciding = BTreeSet::from([consolidate.key.as_str()]);
        let prefers = consolidate.picks.iter().flat_map(|(_, pick)| pick.prefer());
        consolidate.rank.iter().chain(prefers).for_each(|it| it.expr.columns(&mut deciding));
        let is_all = consolidate.from.columns().iter().all(|it| deciding.contains(it));
        if is_all || !keeps_ordinals(&consolidate.from) {
            return format!("SELECT *{ranks} FROM ({beneath}) AS {} WHERE {key} IS NOT NULL", self.alias());
        }
        let narrow = self.relation(&consolidate.from.prune(&deciding), Order::Numbered);
        let (wide, place) = (self.alias(), self.alias());
        let numbers: String = (0..orders.len()).map(|index| format!(", r{index}")).collect();
        format!(
            "SELECT {wide}.*{numbers} FROM ({beneath}) AS {wide} JOIN (SELECT o AS p{ranks} FROM ({narrow}) AS {} \
             WHERE {key} IS NOT NULL) AS {place} ON {place}.p = {wide}.o",
            self.alias()
        )
    }

    fn explode(&mut self, explode: &Explode, order: Order) -> String {
        let beneath = self.relation(&explode.from, Order::Numbered);
        let over = Over::new(&explode.from, self.tables);
        let mut lists = Vec::new();
        for (at, (_, items)) in explode.lists.iter().enumerate() {
            let list = match items {
                Items::Each(all) => {
                    let all: Vec<_> = all.iter().map(|it| self.expr(it, &over)).collect();
                    format!("[{}]", all.join(", "))
                }
                Items::Split { text, separator } => {
                    let (text, between) = (self.expr(text, &over), quote(BETWEEN));
                    format!(
                        "list_transform(coalesce(string_split(items_of({text}), {between}), \
                         string_split({text}, {})), lambda x: nullif(trim(x, {BLANKS}), ''))",
                        quote(separator)
                    )
                }
            };
            lists.push(format!("{list} AS l{at}"));
        }
        let kept: String = explode.keep.iter().map(|it| self.name(it) + ", ").collect();
        let all = |each: &dyn Fn(usize) -> String, between: &str| {
            (0..explode.lists.len()).map(each).collect::<Vec<_>>().join(between)
        };
        let listed = format!("SELECT {kept}o, {} FROM ({beneath}) AS {}", lists.join(", "), self.alias());
        let mut present = all(&|at| format!("v{at} IS NOT NULL"), " OR ");
        let (mut longest, mut flag) = (all(&|at| format!("len(l{at})"), ", "), "");
        let empty = all(&|at| format!("coalesce(len(list_filter(l{at}, lambda x: x IS NOT NULL)), 0) = 0"), " AND ");
        let listed = if explode.outer {
            present += " OR (i = 1 AND e)";
            longest += ", 1";
            flag = "e, ";
            format!("SELECT *, {empty} AS e FROM ({listed}) AS {}", self.alias())
        } else {
            listed
        };
        // The engine pads shorter lists with nulls.
        let items = all(&|at| format!("unnest(l{at}) AS v{at}"), ", ");
        let placed = format!(
            "SELECT {kept}o, {flag}{items}, unnest(range(1, greatest({longest}) + 1)) AS i FROM ({listed}) AS {}",
            self.alias()
        );
        let mut columns: Vec<_> = explode.keep.iter().map(|it| self.name(it)).collect();
        for name in &explode.take {
            let at = explode.lists.iter().position(|(it, _)| it == name).unwrap_or_default();
            columns.push(format!("v{at} AS {}", self.name(name)));
        }
        columns.extend(explode.place.iter().map(|it| format!("i AS {}", self.name(it))));
        let filled = format!("(SELECT * FROM ({placed}) AS {} WHERE {present}) AS {}", self.alias(), self.alias());
        self.ordered(&columns.join(", "), &filled, "o, i", order)
    }

    /// Operators run before there is a statement, and scans of what they gave stand in their place. Where somebody
    /// forgot that, the engine refuses.
    fn apply(&mut self, apply: &Apply, order: Order) -> String {
        let why = quote(&format!("the operator `{}` was not run", apply.op.name()));
        let mut list: Vec<_> = apply.columns().map(|it| format!("error({why}) AS {}", self.name(it))).collect();
        list.push(if order == Order::Numbered { "0 AS o" } else { NOTHING }.to_owned());
        format!("SELECT {}", list.join(", "))
    }

    fn expr(&mut self, expr: &Expr, over: &Over<'_>) -> String {
        match expr {
            Expr::Column(name) => self.name(name),
            Expr::Literal(Literal::Null) => "NULL".to_owned(),
            Expr::Literal(Literal::Text(text)) => quote(text),
            Expr::Literal(Literal::Integer(number)) => format!("CAST({number} AS BIGINT)"),
            Expr::Literal(Literal::Number(number)) => double(number),
            Expr::Literal(Literal::Boolean(it)) => it.to_string(),
            Expr::Cast(value, ty) => over.cast(value, &self.expr(value, over), *ty),
            Expr::Case(branches, otherwise) => {
                let mut text = "CASE".to_owned();
                for (when, then) in branches {
                    let _ = write!(text, " WHEN {} THEN {}", self.expr(when, over), self.expr(then, over));
                }
                if let Some(it) = otherwise {
                    let _ = write!(text, " ELSE {}", self.expr(it, over));
                }
                text + " END"
            }
            Expr::Call(name, arguments) => {
                let arguments: Vec<_> = arguments.iter().map(|it| self.expr(it, over)).collect();
                let Some(function) = Function::get(name) else { return "NULL".to_owned() };
                match function.spelling {
                    Spelling::Infix(operator) => format!("({})", arguments.join(&format!(" {operator} "))),
                    Spelling::Prefix(operator) => format!("({operator} {})", arguments[0]),
                    Spelling::Postfix(operator) => format!("({} {operator})", arguments[0]),
                    Spelling::Call(name) => format!("{name}({})", arguments.join(", ")),
                    Spelling::Part(name) => format!("nullif({}, '')", short(name, &arguments)),
                    Spelling::Between => format!("({} BETWEEN {} AND {})", arguments[0], arguments[1], arguments[2]),
                    Spelling::Shape(shape) => shaped(shape, &arguments),
                    Spelling::List(name) => {
                        let floats = arguments.iter().map(|it| format!("CAST({it} AS DOUBLE)"));
                        format!("{name}([{}])", floats.collect::<Vec<_>>().join(", "))
                    }
                    Spelling::Weighted => {
                        let float = |it: &String| format!("CAST({it} AS DOUBLE)");
                        let pairs = arguments.chunks_exact(2);
                        let sum: Vec<_> =
                            pairs.clone().map(|it| format!("{} * {}", float(&it[1]), float(&it[0]))).collect();
                        let weights: Vec<_> = pairs.map(|it| float(&it[1])).collect();
                        format!("(({}) / nullif({}, 0))", sum.join(" + "), weights.join(" + "))
                    }
                    Spelling::In if arguments.len() == 1 => "false".to_owned(),
                    Spelling::In => format!("({} IN ({}))", arguments[0], arguments[1..].join(", ")),
                    Spelling::Value(_) if function.arity().is_none() => {
                        let part = |it: &String| format!("coalesce({it}, {})", quote(NULL_PART));
                        format!("hp_{name}({})", arguments.iter().map(part).collect::<Vec<_>>().join(", "))
                    }
                    Spelling::Value(_) => format!("hp_{name}({})", arguments.join(", ")),
                }
            }
        }
    }
}

/// A number as the float that is nearest to its digits. The engine divides the digits of one that is no text by a power of
/// ten, which is not always the nearest.
pub(crate) fn double(number: &str) -> String {
    format!("CAST('{}' AS DOUBLE)", number.replace('_', ""))
}

/// Whether a projection gives just the columns beneath it, if in another order: all are known by their names.
fn says_nothing(from: &Relation, columns: &[(String, Expr)]) -> bool {
    let same = |(name, expr): &(String, Expr)| matches!(expr, Expr::Column(beneath) if beneath == name);
    columns.len() == from.columns().len() && columns.iter().all(same)
}

/// How many ranges of ordinals a relation takes, each of `1 << PART_SHIFT`: one for each part of the unions whose
/// ordinals it hands on.
fn ranges(relation: &Relation) -> u64 {
    match relation {
        Relation::Project { from, .. } | Relation::Filter { from, .. } => ranges(from),
        Relation::Window(it) => ranges(&it.from),
        Relation::Union(parts) => parts.iter().map(ranges).sum(),
        Relation::Scan { .. }
        | Relation::Sort { .. }
        | Relation::Join(_)
        | Relation::Consolidate(_)
        | Relation::Aggregate(_)
        | Relation::Explode(_)
        | Relation::Apply(_) => 1,
    }
}

/// Whether a row has the same ordinal whatever the relation is pruned to. Where rows are numbered anew, only their order
/// is the same: a join that gives nothing any more is left out.
fn keeps_ordinals(relation: &Relation) -> bool {
    match relation {
        Relation::Scan { .. } => true,
        Relation::Project { from, .. } | Relation::Filter { from, .. } => keeps_ordinals(from),
        Relation::Union(parts) => parts.iter().all(keeps_ordinals),
        _ => false,
    }
}

/// A call whose last argument has 32 bits.
fn short(name: &str, arguments: &[String]) -> String {
    let (last, rest) = arguments.split_last().map_or(("", &[][..]), |(a, b)| (a.as_str(), b));
    format!("{name}({}, CAST({last} AS INTEGER))", rest.join(", "))
}

/// A shape with its arguments in their places. What an argument holds is never looked into.
fn shaped(shape: &str, arguments: &[String]) -> String {
    let mut text = String::new();
    for part in shape.split_inclusive('}') {
        let (before, place) = part.split_once('{').unwrap_or((part, ""));
        let place: Option<usize> = place.trim_end_matches('}').parse().ok();
        text += before;
        text += place.and_then(|it| arguments.get(it)).map_or("", String::as_str);
    }
    text
}
