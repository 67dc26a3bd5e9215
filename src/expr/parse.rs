//! Reads expressions from the text in a pipeline: SQL syntax, the closed list of functions, nothing else.

mod aggregates;
mod arguments;
mod slips;

use std::cell::{Cell, RefCell};

use sqlparser::ast::{self, BinaryOperator, DataType, UnaryOperator, Value};
use sqlparser::dialect::Dialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

pub(crate) use self::arguments::elsewhere;
use crate::expr::aggregate::{AGGREGATES, Aggregate, Aggregated, Call, call_name};
use crate::expr::custom::Customs;
use crate::expr::functions::{FUNCTIONS, Function};
pub use crate::expr::refusal::NotAnExpression;
use crate::expr::refusal::refuse;
use crate::expr::{Expr, LARGEST, Literal, TOO_LARGE, pattern};
use crate::model::Type;
use crate::problem::{meant, nearest};

/// Longest expression that is read, in bytes: keeps the parser's stack bounded.
const LONGEST: usize = 4 * 1024;
/// Functions with a pattern, and which of their arguments it is.
const PATTERNS: [(&str, usize); 4] = [("matches", 1), ("extract", 1), ("regexp_extract", 1), ("regexp_replace", 1)];
/// Deepest nesting that is read.
const DEEPEST: usize = 256;

/// Plain SQL. DuckDB's own dialect would read the first `=` in `coalesce(a = 1, false)` as the name of an argument.
#[derive(Debug)]
struct Expressions;

impl Dialect for Expressions {
    fn is_identifier_start(&self, c: char) -> bool {
        c.is_alphabetic() || c == '_'
    }

    fn is_identifier_part(&self, c: char) -> bool {
        c.is_alphanumeric() || c == '_'
    }

    fn is_delimited_identifier_start(&self, c: char) -> bool {
        c == '"'
    }

    fn supports_filter_during_aggregation(&self) -> bool {
        true
    }
}

/// Reads one expression over one row.
pub fn parse(text: &str) -> Result<Expr, NotAnExpression> {
    parse_with(text, &Customs::new())
}

/// Reads one expression over one row, which may call declared functions.
pub fn parse_with(text: &str, customs: &Customs) -> Result<Expr, NotAnExpression> {
    read(text, customs, None)
}

/// Reads one expression over several rows.
pub fn parse_aggregated(text: &str) -> Result<Aggregated, NotAnExpression> {
    parse_aggregated_with(text, &Customs::new())
}

/// Reads one expression over several rows, which may call declared functions.
pub fn parse_aggregated_with(text: &str, customs: &Customs) -> Result<Aggregated, NotAnExpression> {
    let calls = RefCell::default();
    let expr = read(text, customs, Some(&calls))?;
    Ok(Aggregated { expr, calls: calls.into_inner() })
}

fn read(text: &str, customs: &Customs, calls: Option<&RefCell<Vec<Call>>>) -> Result<Expr, NotAnExpression> {
    let with_help = |it: NotAnExpression| {
        let habit = || slips::help(text, &it.message).map(str::to_owned);
        NotAnExpression { help: it.help.clone().or_else(habit), message: it.message }
    };
    read_plain(text, customs, calls).map_err(with_help)
}

fn read_plain(text: &str, customs: &Customs, calls: Option<&RefCell<Vec<Call>>>) -> Result<Expr, NotAnExpression> {
    if text.len() > LONGEST {
        return refuse(format!("the expression is longer than {LONGEST} bytes"));
    }
    let dialect = Expressions;
    let syntax = |error: sqlparser::parser::ParserError| NotAnExpression {
        message: format!("the expression cannot be read: {}", plain(&error.to_string())),
        help: None,
    };
    let tokens = Tokenizer::new(&dialect, text).tokenize_with_location().map_err(|it| syntax(it.into()))?;
    let tokens = without_operators(tokens);
    let mut parser = Parser::new(&dialect).with_recursion_limit(64).with_tokens_with_locations(tokens);
    let tree = parser.parse_expr().map_err(syntax)?;
    let next = parser.peek_token();
    if next.token != Token::EOF {
        let at = next.span.start;
        return refuse(format!("the expression goes on after its end at Line: {}, Column: {}", at.line, at.column));
    }
    let expr = Reader { left: Cell::new(LARGEST), customs, calls, inside: Cell::new(false) }.convert(&tree, DEEPEST)?;
    match expr.cost() <= LARGEST {
        true => Ok(expr),
        false => Err(too_large()),
    }
}

/// `any(…)` and `all(…)` are calls here, also behind an operator, where SQL has operators of these names.
fn without_operators(mut tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    for at in 1..tokens.len() {
        let is_call = tokens[at].token == Token::LParen;
        if let Token::Word(word) = &mut tokens[at - 1].token
            && is_call
            && word.quote_style.is_none()
            && matches!(word.keyword, Keyword::ANY | Keyword::ALL)
        {
            word.keyword = Keyword::NoKeyword;
        }
    }
    tokens
}

fn helped<T>(message: &str, help: &str) -> Result<T, NotAnExpression> {
    Err(NotAnExpression { message: message.to_owned(), help: Some(help.to_owned()) })
}

fn too_large() -> NotAnExpression {
    let (message, help) = TOO_LARGE;
    NotAnExpression { message: message.to_owned(), help: Some(help.to_owned()) }
}

fn plain(message: &str) -> String {
    message.trim_start_matches("sql parser error: ").to_owned()
}

/// Makes an expression of a tree, as long as it has so many parts left.
pub(super) struct Reader<'a> {
    left: Cell<usize>,
    /// Declared functions.
    customs: &'a Customs,
    /// Where calls over several rows go, if there may be any.
    calls: Option<&'a RefCell<Vec<Call>>>,
    /// Whether this is in such a call.
    inside: Cell<bool>,
}

impl Reader<'_> {
    /// What stands in a call over several rows.
    pub(super) fn inner(&self, tree: &ast::Expr, depth: usize) -> Result<Expr, NotAnExpression> {
        if self.inside.replace(true) {
            return refuse("an aggregate cannot contain another aggregate");
        }
        let expr = self.convert(tree, depth);
        self.inside.set(false);
        expr
    }

    /// What rows are ordered by, `true` for greatest first.
    pub(super) fn order(&self, all: &[ast::OrderByExpr], depth: usize) -> Result<Vec<(Expr, bool)>, NotAnExpression> {
        let mut order = Vec::new();
        for it in all {
            if it.options.nulls_first == Some(true) {
                return refuse("rows without a value are last in every order; remove `nulls first`");
            }
            let descending = match &it.options.sort {
                None | Some(ast::OrderBySort::Asc) => false,
                Some(ast::OrderBySort::Desc) => true,
                Some(_) => return refuse("an order is `asc` or `desc`"),
            };
            order.push((self.inner(&it.expr, depth)?, descending));
        }
        Ok(order)
    }

    fn take(&self, parts: usize) -> Result<(), NotAnExpression> {
        self.left.set(self.left.get().checked_sub(parts).ok_or_else(too_large)?);
        Ok(())
    }

    /// One more of what stands already.
    fn again(&self, expr: &Expr) -> Result<Expr, NotAnExpression> {
        self.take(expr.cost())?;
        Ok(expr.clone())
    }

    fn convert(&self, tree: &ast::Expr, depth: usize) -> Result<Expr, NotAnExpression> {
        use ast::Expr as Sql;
        if depth == 0 {
            return refuse(format!("the expression is nested deeper than {DEEPEST} levels"));
        }
        self.take(1)?;
        let depth = depth - 1;
        let call = |name: &str, given: &[&ast::Expr]| -> Result<Expr, NotAnExpression> {
            let given = given.iter().map(|it| self.convert(it, depth)).collect::<Result<_, _>>()?;
            Ok(Expr::Call(name.to_owned(), given))
        };
        let negated = |negated: bool, it: Expr| if negated { Expr::call("not", [it]) } else { it };
        match tree {
            Sql::Identifier(name) => Ok(Expr::column(&name.value)),
            Sql::Nested(it) => self.convert(it, depth),
            Sql::Value(value) => literal(&value.value),
            Sql::IsNull(it) => call("is null", &[it]),
            Sql::IsNotNull(it) => call("is not null", &[it]),
            Sql::IsDistinctFrom(a, b) => call("is distinct from", &[a, b]),
            Sql::IsNotDistinctFrom(a, b) => Ok(negated(true, call("is distinct from", &[a, b])?)),
            Sql::IsTrue(it) => {
                Ok(Expr::call("coalesce", [self.convert(it, depth)?, Expr::Literal(Literal::Boolean(false))]))
            }
            Sql::UnaryOp { op: UnaryOperator::Not, expr } => call("not", &[expr]),
            Sql::UnaryOp { op: UnaryOperator::Minus, expr } => call("negative", &[expr]),
            Sql::UnaryOp { op: UnaryOperator::Plus, expr } => self.convert(expr, depth),
            Sql::BinaryOp { left, op, right } => {
                let name = operator(op)?;
                let sides = [self.convert(left, depth)?, self.convert(right, depth)?];
                if sides.contains(&Expr::null()) && Function::get(name).is_some_and(Function::compares) {
                    let not = if name == "=" { "" } else { "not " };
                    return helped("nothing is equal to null, and nothing is not", &format!("write `is {not}null`"));
                }
                Ok(Expr::call(name, sides))
            }
            Sql::InList { expr, list, negated: not } => {
                let given: Vec<&ast::Expr> = std::iter::once(&**expr).chain(list).collect();
                Ok(negated(*not, call("in", &given)?))
            }
            Sql::Between { expr, negated: not, low, high } => Ok(negated(*not, call("between", &[expr, low, high])?)),
            Sql::Like { negated: not, any: false, expr, pattern, escape_char: None } => {
                Ok(negated(*not, call("like", &[expr, pattern])?))
            }
            Sql::ILike { negated: not, any: false, expr, pattern, escape_char: None } => {
                Ok(negated(*not, call("ilike", &[expr, pattern])?))
            }
            Sql::Case { operand, conditions, else_result, .. } => {
                self.case(operand.as_deref(), conditions, else_result.as_deref(), depth)
            }
            Sql::Cast { expr, data_type, format: None, .. } => {
                Ok(Expr::Cast(Box::new(self.convert(expr, depth)?), named_type(data_type)?))
            }
            Sql::Trim { expr, trim_where: None, trim_what: None, trim_characters: None } => call("trim", &[expr]),
            Sql::Substring { expr, substring_from: Some(from), substring_for: Some(length), .. } => {
                call("substr", &[expr, from, length])
            }
            Sql::Substring { expr, substring_from: Some(from), substring_for: None, .. } => Ok(Expr::call(
                "substr",
                [self.convert(expr, depth)?, self.convert(from, depth)?, arguments::all_of_it()],
            )),
            Sql::Ceil { expr, field: ast::CeilFloorKind::DateTimeField(ast::DateTimeField::NoDateTime) } => {
                call("ceil", &[expr])
            }
            Sql::Floor { expr, field: ast::CeilFloorKind::DateTimeField(ast::DateTimeField::NoDateTime) } => {
                call("floor", &[expr])
            }
            Sql::Extract { field, expr, .. } => call(arguments::part(field)?, &[expr]),
            Sql::Position { expr, r#in } => call("strpos", &[r#in, expr]),
            Sql::TypedString(ast::TypedString { data_type, value, .. }) => {
                Ok(Expr::Cast(Box::new(literal(&value.value)?), named_type(data_type)?))
            }
            Sql::Function(call) => self.function(call, depth),
            other => no_expression(other),
        }
    }

    fn case(
        &self,
        operand: Option<&ast::Expr>,
        conditions: &[ast::CaseWhen],
        otherwise: Option<&ast::Expr>,
        depth: usize,
    ) -> Result<Expr, NotAnExpression> {
        let operand = operand.map(|it| self.convert(it, depth)).transpose()?;
        let mut branches = Vec::new();
        for it in conditions {
            let condition = self.convert(&it.condition, depth)?;
            let condition = match &operand {
                Some(operand) => Expr::call("=", [self.again(operand)?, condition]),
                None => condition,
            };
            branches.push((condition, self.convert(&it.result, depth)?));
        }
        let otherwise = otherwise.map(|it| self.convert(it, depth).map(Box::new)).transpose()?;
        Ok(Expr::Case(branches, otherwise))
    }

    fn function(&self, call: &ast::Function, depth: usize) -> Result<Expr, NotAnExpression> {
        let typed = call.name.to_string();
        let name = typed.to_lowercase();
        if let Some(calls) = self.calls
            && let Some(call) = self.aggregated(call, depth)?
        {
            let mut calls = calls.borrow_mut();
            calls.push(call);
            return Ok(Expr::column(call_name(calls.len() - 1)));
        }
        if Aggregate::get(&name).is_some() && !FUNCTIONS.iter().any(|it| it.name == name) {
            let message = format!("`{name}` is over several rows, and an expression here sees one");
            let help =
                Some("a step of kind `aggregate` makes one row of several, one of kind `window` keeps them".to_owned());
            return Err(NotAnExpression { message, help });
        }
        let known = || FUNCTIONS.iter().filter(|it| it.name.chars().all(|c| c.is_alphanumeric() || c == '_'));
        let custom = self.customs.get(&name);
        if custom.is_none() && !known().any(|it| it.name == name) && name != "hash" {
            let aggregates = AGGREGATES.iter().map(|(it, _)| *it).filter(|_| self.calls.is_some());
            let customs = || self.customs.keys().map(String::as_str);
            let near = || nearest(&name, known().map(|it| it.name).chain(aggregates).chain(customs()));
            // Elsewhere a function may stand behind what it is about: `name.strip()`.
            let own = name.rsplit('.').next().unwrap_or_default();
            let same = || known().find(|it| it.name == own).map(|_| format!("write `{own}(…)`"));
            let help = elsewhere(own).map(str::to_owned).or_else(same);
            let help = help.or_else(|| near().map(|it| format!("did you mean `{it}`?")));
            return Err(NotAnExpression { message: format!("there is no function `{typed}`"), help });
        }
        let plain = call.over.is_none() && call.filter.is_none() && call.within_group.is_empty();
        let ast::FunctionArguments::List(list) = &call.args else {
            return refuse(format!("`{name}` needs its arguments in brackets"));
        };
        if !plain || list.duplicate_treatment.is_some() || !list.clauses.is_empty() {
            return refuse(format!("`{name}` takes plain arguments only"));
        }
        let mut arguments = Vec::new();
        for it in &list.args {
            let ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(it)) = it else {
                return refuse(format!("`{name}` takes plain arguments only"));
            };
            if PATTERNS.contains(&(name.as_str(), arguments.len())) {
                pattern(it)?;
            }
            arguments.push(self.convert(it, depth)?);
        }
        if let Some(custom) = custom {
            let expr = custom.called(&name, arguments)?;
            self.take(expr.cost())?;
            return Ok(expr);
        }
        if name == "hash" && !arguments.is_empty() {
            let text = |it: Expr| Expr::Cast(Box::new(it), Type::Text);
            return Ok(Expr::call("identifier", arguments.into_iter().map(text)));
        }
        arguments.extend(arguments::usual(&name, arguments.len()));
        arguments::checked(&name, &arguments)?;
        Ok(Expr::Call(name, arguments))
    }
}

impl Reader<'_> {
    fn aggregated(&self, call: &ast::Function, depth: usize) -> Result<Option<Call>, NotAnExpression> {
        let read = aggregates::read(self, call, depth)?;
        match read.is_some() && self.inside.get() {
            true => refuse("an aggregate cannot contain another aggregate"),
            false => Ok(read),
        }
    }
}

/// The function that an operator stands for.
fn operator(op: &BinaryOperator) -> Result<&'static str, NotAnExpression> {
    Ok(match op {
        BinaryOperator::And => "and",
        BinaryOperator::Or => "or",
        BinaryOperator::Eq => "=",
        BinaryOperator::NotEq => "<>",
        BinaryOperator::Lt => "<",
        BinaryOperator::LtEq => "<=",
        BinaryOperator::Gt => ">",
        BinaryOperator::GtEq => ">=",
        BinaryOperator::Plus => "+",
        BinaryOperator::Minus => "-",
        BinaryOperator::Multiply => "*",
        BinaryOperator::Divide => "/",
        BinaryOperator::Modulo => "%",
        BinaryOperator::StringConcat => "||",
        BinaryOperator::PGRegexMatch | BinaryOperator::PGRegexIMatch => return no_patterns(),
        other => return refuse(format!("there is no operator `{other}`")),
    })
}

fn no_patterns<T>() -> Result<T, NotAnExpression> {
    helped("there is no operator for patterns", "write `matches(text, pattern)`")
}

/// Says why something of SQL is no expression here, and what is written in its place.
fn no_expression(tree: &ast::Expr) -> Result<Expr, NotAnExpression> {
    use ast::Expr as Sql;
    match tree {
        Sql::Interval(_) => {
            helped("there are no intervals", "write `add_days(day, 7)`, `add_months(day, 1)` or `days_between(a, b)`")
        }
        Sql::CompoundIdentifier(names) => {
            let name = names.last().map(|it| it.value.clone()).unwrap_or_default();
            let help = format!("write `{}`, without a table before it", name.escape_debug());
            helped("an expression sees the columns of one table", &help)
        }
        Sql::Subquery(_) | Sql::InSubquery { .. } | Sql::Exists { .. } => helped(
            "an expression has no query in it",
            "a step of kind `join` or `lookup` takes values out of another table, one of kind `sql` takes queries",
        ),
        Sql::RLike { .. } => no_patterns(),
        _ => refuse("an expression can contain only columns, literals, operators, `case`, `cast` and functions"),
    }
}

fn literal(value: &Value) -> Result<Expr, NotAnExpression> {
    Ok(Expr::Literal(match value {
        Value::Null => Literal::Null,
        Value::Boolean(it) => Literal::Boolean(*it),
        Value::SingleQuotedString(it) => Literal::Text(it.clone()),
        Value::Number(it, _) => match it.parse::<i64>() {
            Ok(number) => Literal::Integer(number),
            Err(_) if it.parse::<f64>().is_ok_and(f64::is_finite) => Literal::Number(it.clone()),
            Err(_) => return refuse(format!("`{it}` is not a number")),
        },
        other => return refuse(format!("`{other}` is not a literal; put a text in single quotes")),
    }))
}

/// Looks at a pattern that is written down.
fn pattern(it: &ast::Expr) -> Result<(), NotAnExpression> {
    let ast::Expr::Value(it) = it else { return Ok(()) };
    let Value::SingleQuotedString(text) = &it.value else { return Ok(()) };
    let Some(wrong) = pattern::wrong(text) else { return Ok(()) };
    // Quotes within are written twice.
    let quotes = text.chars().take(wrong.at).filter(|it| *it == '\'').count();
    let (line, column) = wrong.place(text);
    let start = it.span.start;
    let line = start.line + line as u64 - 1;
    let column = quotes as u64 + column as u64 + if line == start.line { start.column } else { 0 };
    refuse(format!("the pattern cannot be read: {} at Line: {line}, Column: {column}", wrong.reason))
}

/// What types are called elsewhere.
const TYPES: &str = "\
tinyint smallint int2 int4 int8 int16 int32 int64 hugeint uint8 uint16 uint32 uint64 long number whole = integer
char nvarchar nchar character clob str object = text
float32 float64 float4 float8 double = float
money currency dec = decimal
datetime datetime64 timestamptz time = timestamp
bit logical = boolean
";

fn named_type(ty: &DataType) -> Result<Type, NotAnExpression> {
    let name = ty.to_string().to_lowercase();
    let found = match name.as_str() {
        "varchar" | "text" | "string" => Some(Type::Text),
        "int" | "integer" | "bigint" => Some(Type::Integer),
        "double" | "float" | "real" => Some(Type::Float),
        "bool" | "boolean" => Some(Type::Boolean),
        other => Type::spelt(other),
    };
    match found {
        Some(ty) => Ok(ty),
        None if name.starts_with("decimal") || name.starts_with("numeric") => helped(
            &format!("there is no type `{name}`"),
            "a decimal has 38 digits, and `decimal(4)` has four of them after the point",
        ),
        None => {
            let meant = meant(TYPES, name.split('(').next().unwrap_or_default());
            let near = meant.or_else(|| nearest(&name, Type::NAMES.iter().copied()));
            let all = || format!("types are {}", Type::NAMES.join(", "));
            helped(&format!("there is no type `{name}`"), &near.map_or_else(all, |it| format!("did you mean `{it}`?")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::Mistake;
    use crate::model::{Column, Schema};

    fn schema() -> Schema {
        [Column::new("name", Type::Text), Column::new("employees", Type::Integer), Column::new("founded", Type::Date)]
            .into_iter()
            .collect()
    }

    fn check(text: &str, expected: Type) {
        assert_eq!(parse(text).expect(text).ty(&schema()), Ok(expected), "{text}");
    }

    #[test]
    fn types_are_known_without_an_engine() {
        check("name is not null and employees > 3", Type::Boolean);
        check("name in ('a', 'b')", Type::Boolean);
        check("employees between 1 and 5", Type::Boolean);
        check("coalesce(name, 'x') || '!'", Type::Text);
        check("round(employees / 5.0, 2)", Type::Float);
        check("case when employees > 3 then 1 else 2.5 end", Type::Float);
        check("cast(name as integer)", Type::Integer);
        check("founded >= cast('2020-01-01' as date)", Type::Boolean);
        check("name not like 'A%'", Type::Boolean);
        check("coalesce(name = 'A' and employees > 3, false)", Type::Boolean);
        check("extract(\"name\", '^(a)', 1)", Type::Text);
        check("concat_ws(';', name, case when employees is null then 'x' end)", Type::Text);
    }

    #[test]
    fn mistakes_are_told_apart() {
        let ty = |text: &str| parse(text).expect(text).ty(&schema());
        assert_eq!(ty("nam = 'x'"), Err(Mistake::NoColumn("nam".to_owned())));
        assert!(matches!(ty("length(employees)"), Err(Mistake::WrongType { .. })));
        assert!(matches!(ty("length(name, name)"), Err(Mistake::Arguments { .. })));
        assert!(matches!(ty("name = employees"), Err(Mistake::Branches(..))));
    }

    #[test]
    fn nothing_but_expressions_is_read() {
        for text in [
            "1=1); copy (select 1) to 'x'; --",
            "(select 1)",
            "read_text('/etc/passwd')",
            "name = \"x",
            "now()",
            "sum(employees) over ()",
            "",
            "getenv('HOME')",
            "exists (select 1)",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&"(".repeat(20_000)).is_err());
        assert!(parse(&format!("1{}", "+1".repeat(2000))).is_err());
        assert!(parse(&format!("1{}", "+1".repeat(5000))).is_err());
    }

    #[test]
    fn expressions_do_not_explode() {
        let nested = |open: &str, close: &str, depth: usize| {
            parse(&format!("{}employees{}", open.repeat(depth), close.repeat(depth)))
        };
        let small = nested("(coalesce(", " between 1 and 2, false))", 1).map(|it| it.cost());
        let large = nested("(coalesce(", " between 1 and 2, false))", 16).map(|it| it.cost());
        assert!(large.is_ok_and(|large| large < 40 * small.expect("read")), "a bound is not a copy");
        for (open, close) in [("case ", " when 1 then 2 when 3 then 4 when 5 then 6 end"), ("clamp(", ", 0, 9)")] {
            assert!(nested(open, close, 3).is_ok(), "{open}");
            let error = nested(open, close, 20).expect_err(open);
            assert!(error.message.contains("more than 20000 parts"), "{error:?}");
            assert!(error.help.is_some_and(|it| it.contains("earlier step")));
        }
    }

    #[test]
    fn a_near_name_is_suggested() {
        let error = parse("lowr(name)").expect_err("no such function");
        assert_eq!(error.help.as_deref(), Some("did you mean `lower`?"));
        let error = parse_aggregated("summ(name)").expect_err("no such function");
        assert_eq!(error.help.as_deref(), Some("did you mean `sum`?"));
    }
}
