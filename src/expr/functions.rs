//! The closed list of functions and operators: arity, types, and how DuckDB spells them.
//!
//! Value functions (`email`, `phone`, …) are spelt `hp_email` in SQL and made of `text/`; everything else is the
//! engine's own, limited to what is deterministic and cannot reach outside.

use crate::expr::{Mistake, common};
use crate::model::Type;

/// One function or operator.
#[derive(Debug)]
pub struct Function {
    /// How expressions name it.
    pub name: &'static str,
    /// What it takes.
    takes: Takes,
    /// What it gives.
    gives: Gives,
    /// How DuckDB spells it.
    pub spelling: Spelling,
}

#[derive(Debug, Clone, Copy)]
enum Takes {
    /// Exactly these.
    These(&'static [Kind]),
    /// At least `.1` of this kind.
    Many(Kind, usize),
    /// Pairs of this kind, at least one.
    Pairs(Kind),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Any,
    Text,
    Number,
    Integer,
    Boolean,
    Date,
}

#[derive(Debug, Clone, Copy)]
enum Gives {
    Always(Type),
    /// The type common to all arguments.
    Common,
    /// The type common to all arguments, given as a truth value.
    Compares,
    /// The type of a product: of exact numbers, one with the digits of all after its point.
    Product,
}

/// How DuckDB spells a function.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Spelling {
    /// `a op b`.
    Infix(&'static str),
    /// `op a`.
    Prefix(&'static str),
    /// `a op`.
    Postfix(&'static str),
    /// `name(a, b)`.
    Call(&'static str),
    /// `nullif(name(a, b), '')` whose last argument the engine takes in 32 bits only: nothing found is null.
    Part(&'static str),
    /// An expression in which `{0}` stands for the first argument, and so on.
    Shape(&'static str),
    /// `name([a, b])` over floats.
    List(&'static str),
    /// `(a * b + c * d) / (b + d)` over floats.
    Weighted,
    /// `a in (b, c)`.
    In,
    /// `a between b and c`.
    Between,
    /// A value function of ours: `hp_name(a, b)`; the revision counts changes of what it gives.
    Value(u32),
}

use Gives::{Always, Common, Compares, Product};
use Kind::{Any, Boolean, Date, Integer, Number, Text};
use Spelling::{Call, Infix, List, Part, Postfix, Prefix, Shape, Value, Weighted};
use Takes::{Many, Pairs, These};

const fn function(name: &'static str, takes: Takes, gives: Gives, spelling: Spelling) -> Function {
    Function { name, takes, gives, spelling }
}

const TEXT1: Takes = These(&[Text]);
const TEXT2: Takes = These(&[Text, Text]);
const ANY2: Takes = These(&[Any, Any]);
const NUMBER2: Takes = These(&[Number, Number]);

const DATE2: Takes = These(&[Date, Date]);

/// What may stand around an item of a list: the characters that Unicode calls white space, as SQL writes them.
macro_rules! blanks {
    () => {
        "' \u{9}\u{a}\u{b}\u{c}\u{d}\u{85}\u{a0}\u{1680}\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\u{2007}\
         \u{2008}\u{2009}\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}'"
    };
}
pub(crate) const BLANKS: &str = blanks!();
/// The values of a list in one text, joined by `;` or a list of JSON.
macro_rules! items {
    () => {
        concat!(
            "list_filter(list_transform(coalesce(string_split(items_of({0}), '\u{1f}\u{1e}'), string_split({0}, ';')), \
         lambda x: trim(x, ",
            blanks!(),
            ")), lambda x: x <> '')"
        )
    };
}
/// Two days.
macro_rules! dates {
    () => {
        "CAST({0} AS DATE), CAST({1} AS DATE)"
    };
}
/// A day so much later; null where nobody would count so far. Days are added as a number: the engine takes intervals of
/// 30 days and of a month for one, where both are constants of one query, and computes one of the two sums for both.
macro_rules! moved {
    ($unit:literal) => {
        concat!(
            "CASE WHEN {1} BETWEEN -100000 AND 100000 AND year(CAST({0} AS DATE) + ",
            $unit,
            "(CAST({1} AS INTEGER))) BETWEEN 1 AND 9999 THEN CAST(CAST({0} AS DATE) + ",
            $unit,
            "(CAST({1} AS INTEGER)) AS DATE) END"
        )
    };
}

/// What is less than nothing has no root.
const ROOT: &str = "CASE WHEN {0} >= 0 THEN sqrt(CAST({0} AS DOUBLE)) END";
/// A text that is long enough stays as it is.
const LPAD: &str = "CASE WHEN {2} = '' OR length({0}) >= {1} THEN {0} WHEN {1} <= 10000 \
                    THEN lpad({0}, CAST({1} AS INTEGER), {2}) END";
const RPAD: &str = "CASE WHEN {2} = '' OR length({0}) >= {1} THEN {0} WHEN {1} <= 10000 \
                    THEN rpad({0}, CAST({1} AS INTEGER), {2}) END";
/// Every occurrence.
const REPLACE: &str = "regexp_replace({0}, {1}, {2}, 'g')";
/// Null where there is no such day.
const MADE_DATE: &str = "as_date(printf('%04d-%02d-%02d', {0}, {1}, {2}))";

/// Stands for null among the parts of an `identifier`, which would else be null as a whole wherever the engine sees a
/// constant null. A noncharacter of Unicode: no text that means something is it.
pub const NULL_PART: &str = "\u{10ffff}";

/// Stands for the decimal sign where `decimal` and `integer` read a number cell of a workbook; digits behind it are those
/// behind the point to which the number is to be brought.
pub const CELL: &str = ".#";

/// The day that a number of five digits stands for in a workbook; behind it what its cell was.
pub const DAY_OF_NUMBER: &str = "day of number";
/// Days are counted from the end of 1899, or by 1,462 fewer from 1904; a part of a day behind the point falls.
const NUMBERED_DAY: &str = "CASE WHEN regexp_full_match({0}, '[1-9][0-9][0-9][0-9][0-9]([.][0-9]+)?') AND {1} IN ('n', 'N') THEN \
                            CAST(CAST('1899-12-30' AS DATE) + CAST(floor(TRY_CAST({0} AS DOUBLE)) AS INTEGER) \
                            + CASE WHEN {1} = 'N' THEN 1462 ELSE 0 END AS VARCHAR) END";

/// Whether a cell was an error of a spreadsheet, or a formula that was never computed.
pub const IS_ERROR: &str = "is_error";
/// As spreadsheet programs write errors, in whatever language: `#N/A`, `#NV`, `#REF!`, `#BEZUG!`, `#NAME?`, `Err:502`.
const ERROR_TEXT: &str =
    "coalesce(regexp_full_match({0}, '\\s*(#(N/?[ADV]|Н/Д|[A-ZÀ-ÞА-Я0-9/¡¿]+[!?])|Err:5[0-9][0-9])\\s*'), false)";

/// Whether a number that is written as a text has other digits than the one that was made of it.
pub const LOSES_DIGITS: &str = "loses digits";
/// Whether a text has a time of day beside the date that was read from it; behind it what `date` was told.
pub const LOSES_TIME: &str = "loses time";

/// A float holds every number of 15 digits.
const OTHER_DIGITS: &str = "(length({0}) > 15 AND coalesce(digits_of({0}) <> digits_of(CAST({1} AS VARCHAR)), FALSE))";

/// Where nearly a half is cut off, the digits say whether it is one: 1.005 is a little less as a float, and 1.01 for whoever
/// reads it.
const ROUNDED: &str = "CASE WHEN abs(abs(CAST({0} AS DOUBLE)) * power(10, {1}) % 1 - 0.5) \
    < 0.000001 + abs(CAST({0} AS DOUBLE)) * power(10, {1}) * 1e-15 \
    THEN CAST(rounded(CAST({0} AS VARCHAR), CAST({1} AS VARCHAR)) AS DOUBLE) \
    ELSE CAST(round({0}, CAST({1} AS INTEGER)) AS DOUBLE) END";

/// The least number of 64 bits has no negative, so the engine has no remainder of it by -1.
const REMAINDER: &str = "(CASE WHEN {1} = -1 THEN {0} - {0} ELSE {0} % {1} END)";
/// Nothing can be divided by zero; the engine gives infinity.
const QUOTIENT: &str = "({0} / nullif({1}, 0))";
/// Null stays null: the engine's own `least` and `greatest` pass over nulls.
const CLAMP: &str = "CASE WHEN {0} IS NOT NULL THEN greatest({1}, least({2}, {0})) END";
/// Steepness and middle behind the number.
const LOGISTIC: &str = "(1 / (1 + exp(-CAST({1} AS DOUBLE) * (CAST({0} AS DOUBLE) - CAST({2} AS DOUBLE)))))";

/// Every function there is.
pub const FUNCTIONS: &[Function] = &[
    function("text argument", TEXT1, Common, Shape("({0})")),
    function("integer argument", These(&[Integer]), Common, Shape("({0})")),
    function("number argument", These(&[Number]), Common, Shape("({0})")),
    function("condition argument", These(&[Boolean]), Common, Shape("({0})")),
    function("day argument", These(&[Date]), Common, Shape("({0})")),
    function("and", These(&[Boolean, Boolean]), Always(Type::Boolean), Infix("AND")),
    function("or", These(&[Boolean, Boolean]), Always(Type::Boolean), Infix("OR")),
    function("not", These(&[Boolean]), Always(Type::Boolean), Prefix("NOT")),
    function("=", ANY2, Compares, Infix("=")),
    function("<>", ANY2, Compares, Infix("<>")),
    function("<", ANY2, Compares, Infix("<")),
    function("<=", ANY2, Compares, Infix("<=")),
    function(">", ANY2, Compares, Infix(">")),
    function(">=", ANY2, Compares, Infix(">=")),
    function("is distinct from", ANY2, Compares, Infix("IS DISTINCT FROM")),
    function("in", Many(Any, 1), Compares, Spelling::In),
    function("between", These(&[Any, Any, Any]), Compares, Spelling::Between),
    function("is null", These(&[Any]), Always(Type::Boolean), Postfix("IS NULL")),
    function("is not null", These(&[Any]), Always(Type::Boolean), Postfix("IS NOT NULL")),
    function("like", TEXT2, Always(Type::Boolean), Infix("LIKE")),
    function("ilike", TEXT2, Always(Type::Boolean), Infix("ILIKE")),
    function("+", NUMBER2, Common, Infix("+")),
    function("-", NUMBER2, Common, Infix("-")),
    function("*", NUMBER2, Product, Infix("*")),
    function("/", NUMBER2, Always(Type::Float), Shape(QUOTIENT)),
    function("%", These(&[Integer, Integer]), Always(Type::Integer), Shape(REMAINDER)),
    function("negative", These(&[Number]), Common, Prefix("-")),
    function("||", TEXT2, Always(Type::Text), Infix("||")),
    function("floor", These(&[Number]), Always(Type::Integer), Shape("TRY_CAST(floor({0}) AS BIGINT)")),
    function("ceil", These(&[Number]), Always(Type::Integer), Shape("TRY_CAST(ceil({0}) AS BIGINT)")),
    function("sign", These(&[Number]), Always(Type::Integer), Shape("CAST(sign({0}) AS BIGINT)")),
    function("sqrt", These(&[Number]), Always(Type::Float), Shape(ROOT)),
    function("abs", These(&[Number]), Common, Call("abs")),
    function("round", These(&[Number, Integer]), Always(Type::Float), Shape(ROUNDED)),
    function("least", Many(Any, 1), Common, Call("least")),
    function("greatest", Many(Any, 1), Common, Call("greatest")),
    function("clamp", These(&[Number, Number, Number]), Common, Shape(CLAMP)),
    function("logistic", These(&[Number, Number, Number]), Always(Type::Float), Shape(LOGISTIC)),
    function("mean", Many(Number, 1), Always(Type::Float), List("list_avg")),
    function("weighted_mean", Pairs(Number), Always(Type::Float), Weighted),
    function("coalesce", Many(Any, 1), Common, Call("coalesce")),
    function("nullif", ANY2, Common, Call("nullif")),
    function("concat_ws", Many(Text, 2), Always(Type::Text), Call("concat_ws")),
    function("lower", TEXT1, Always(Type::Text), Call("lower")),
    function("upper", TEXT1, Always(Type::Text), Call("upper")),
    function("trim", TEXT1, Always(Type::Text), Call("trim")),
    function("ltrim", TEXT1, Always(Type::Text), Call("ltrim")),
    function("rtrim", TEXT1, Always(Type::Text), Call("rtrim")),
    function("left", These(&[Text, Integer]), Always(Type::Text), Call("left")),
    function("right", These(&[Text, Integer]), Always(Type::Text), Call("right")),
    function("lpad", These(&[Text, Integer, Text]), Always(Type::Text), Shape(LPAD)),
    function("rpad", These(&[Text, Integer, Text]), Always(Type::Text), Shape(RPAD)),
    function("strpos", TEXT2, Always(Type::Integer), Call("strpos")),
    function("length", TEXT1, Always(Type::Integer), Call("length")),
    function("substr", These(&[Text, Integer, Integer]), Always(Type::Text), Call("substr")),
    function("split_part", These(&[Text, Text, Integer]), Always(Type::Text), Part("split_part")),
    function("replace", These(&[Text, Text, Text]), Always(Type::Text), Call("replace")),
    function("contains", TEXT2, Always(Type::Boolean), Call("contains")),
    function("starts_with", TEXT2, Always(Type::Boolean), Call("starts_with")),
    function("ends_with", TEXT2, Always(Type::Boolean), Call("suffix")),
    function("matches", TEXT2, Always(Type::Boolean), Call("regexp_matches")),
    function("extract", These(&[Text, Text, Integer]), Always(Type::Text), Part("regexp_extract")),
    // Asked by checks alone: nobody can write these names.
    function("found in", TEXT2, Always(Type::Boolean), Call("found_in")),
    function("fits format", TEXT2, Always(Type::Boolean), Call("fits_format")),
    function("fits schema", TEXT2, Always(Type::Boolean), Call("fits_schema")),
    function("is json", TEXT1, Always(Type::Boolean), Call("is_json")),
    // Asked by steps alone.
    function(DAY_OF_NUMBER, TEXT2, Always(Type::Text), Shape(NUMBERED_DAY)),
    function(IS_ERROR, TEXT1, Always(Type::Boolean), Shape(ERROR_TEXT)),
    function(LOSES_DIGITS, These(&[Text, Number]), Always(Type::Boolean), Shape(OTHER_DIGITS)),
    function(LOSES_TIME, TEXT2, Always(Type::Boolean), Shape("coalesce(has_time({0}, {1}) = 'true', FALSE)")),
    function("regexp_extract", These(&[Text, Text, Integer]), Always(Type::Text), Part("regexp_extract")),
    function("regexp_replace", These(&[Text, Text, Text]), Always(Type::Text), Shape(REPLACE)),
    function("to_text", These(&[Any, Text]), Always(Type::Text), Shape("as_text(CAST({0} AS VARCHAR), {1})")),
    function("sha256", TEXT1, Always(Type::Text), Call("sha256")),
    function("md5", TEXT1, Always(Type::Text), Call("md5")),
    function("list_length", TEXT1, Always(Type::Integer), Shape(concat!("CAST(len(", items!(), ") AS BIGINT)"))),
    function("list_item", These(&[Text, Integer]), Always(Type::Text), Shape(concat!(items!(), "[{1}]"))),
    function("list_has", TEXT2, Always(Type::Boolean), Shape(concat!("list_contains(", items!(), ", {1})"))),
    function(
        "list_sort",
        TEXT1,
        Always(Type::Text),
        Shape(concat!("nullif(array_to_string(list_sort(", items!(), "), ';'), '')")),
    ),
    function(
        "list_join",
        TEXT2,
        Always(Type::Text),
        Shape(concat!("nullif(array_to_string(", items!(), ", {1}), '')")),
    ),
    function("day", These(&[Date]), Always(Type::Integer), Call("day")),
    function("quarter", These(&[Date]), Always(Type::Integer), Call("quarter")),
    function("week", These(&[Date]), Always(Type::Integer), Call("week")),
    function("weekday", These(&[Date]), Always(Type::Integer), Call("isodow")),
    function("day_of_year", These(&[Date]), Always(Type::Integer), Call("dayofyear")),
    function("hour", These(&[Date]), Always(Type::Integer), Call("hour")),
    function("minute", These(&[Date]), Always(Type::Integer), Call("minute")),
    function("second", These(&[Date]), Always(Type::Integer), Call("second")),
    function("date_trunc", These(&[Text, Date]), Always(Type::Date), Shape("CAST(date_trunc({0}, {1}) AS DATE)")),
    function("last_day", These(&[Date]), Always(Type::Date), Shape("last_day(CAST({0} AS DATE))")),
    function("days_between", DATE2, Always(Type::Integer), Shape(concat!("date_diff('day', ", dates!(), ")"))),
    function("months_between", DATE2, Always(Type::Integer), Shape(concat!("date_sub('month', ", dates!(), ")"))),
    function("years_between", DATE2, Always(Type::Integer), Shape(concat!("date_sub('year', ", dates!(), ")"))),
    function("add_days", These(&[Date, Integer]), Always(Type::Date), Shape(moved!(""))),
    function("add_months", These(&[Date, Integer]), Always(Type::Date), Shape(moved!("to_months"))),
    function("add_years", These(&[Date, Integer]), Always(Type::Date), Shape(moved!("to_years"))),
    function("make_date", These(&[Integer, Integer, Integer]), Always(Type::Date), Shape(MADE_DATE)),
    function("year", These(&[Date]), Always(Type::Integer), Call("year")),
    function("month", These(&[Date]), Always(Type::Integer), Call("month")),
    function("clean", TEXT1, Always(Type::Text), Value(2)),
    function("line", TEXT1, Always(Type::Text), Value(2)),
    function("email", TEXT1, Always(Type::Text), Value(4)),
    function("emails", TEXT1, Always(Type::Text), Value(4)),
    function("phone", TEXT2, Always(Type::Text), Value(6)),
    function("phones", TEXT2, Always(Type::Text), Value(5)),
    function("website", TEXT1, Always(Type::Text), Value(2)),
    function("domain", TEXT1, Always(Type::Text), Value(2)),
    function("organisation_name", TEXT1, Always(Type::Text), Value(3)),
    function("people", TEXT1, Always(Type::Text), Value(5)),
    function("person_name", TEXT1, Always(Type::Text), Value(7)),
    function("person_role", TEXT1, Always(Type::Text), Value(6)),
    function("paired", TEXT2, Always(Type::Text), Value(1)),
    function("initcap", TEXT2, Always(Type::Text), Value(1)),
    function("postcode", TEXT2, Always(Type::Text), Value(1)),
    function("iban", TEXT1, Always(Type::Text), Value(1)),
    function("vat", TEXT1, Always(Type::Text), Value(1)),
    function("country", TEXT1, Always(Type::Text), Value(2)),
    function("currency", TEXT1, Always(Type::Text), Value(2)),
    function("currency_of", TEXT1, Always(Type::Text), Value(2)),
    function("language", TEXT1, Always(Type::Text), Value(1)),
    function("coordinates", TEXT1, Always(Type::Text), Value(1)),
    function("duration", TEXT1, Always(Type::Text), Value(1)),
    function("slug", TEXT1, Always(Type::Text), Value(2)),
    function("slug_in", TEXT2, Always(Type::Text), Value(1)),
    function("match_key", TEXT2, Always(Type::Text), Value(3)),
    function("date", TEXT2, Always(Type::Text), Value(10)),
    function("date_order", TEXT1, Always(Type::Text), Value(5)),
    function("decimal_sign", TEXT2, Always(Type::Text), Value(5)),
    function("integer", TEXT2, Always(Type::Text), Value(6)),
    function("decimal", TEXT2, Always(Type::Text), Value(6)),
    function("boolean", TEXT2, Always(Type::Text), Value(4)),
    function("lookup", TEXT2, Always(Type::Text), Value(1)),
    function("nearest", TEXT2, Always(Type::Text), Value(1)),
    function("entry", TEXT2, Always(Type::Text), Value(1)),
    function("each_with", TEXT2, Always(Type::Text), Value(1)),
    // `Expr::told` writes it out as a `case`.
    function("enrich", TEXT2, Always(Type::Text), Shape("NULL")),
    function("each_once", TEXT2, Always(Type::Text), Value(2)),
    function("without", TEXT2, Always(Type::Text), Value(1)),
    // What `publish` marked for spreadsheets, as it was.
    function("unmarked", TEXT1, Always(Type::Text), Value(1)),
    function("unless_listed", TEXT2, Always(Type::Text), Value(1)),
    function("identifier", Many(Text, 1), Always(Type::Text), Value(1)),
];

impl Function {
    /// The function of this name.
    pub fn get(name: &str) -> Option<&'static Function> {
        FUNCTIONS.iter().find(|it| it.name == name)
    }

    /// The value functions, which the engine registers.
    pub fn values() -> impl Iterator<Item = &'static Function> {
        FUNCTIONS.iter().filter(|it| matches!(it.spelling, Value(_)))
    }

    /// Whether it says how two values stand to each other, and null where one of them is.
    pub fn compares(&self) -> bool {
        matches!(self.name, "=" | "<>" | "<" | "<=" | ">" | ">=")
    }

    /// How often its spelling holds the argument at a place.
    pub fn repeats(&self, at: usize) -> usize {
        // The engine makes a `case` of `nullif`, which compares its first argument and gives it; of `split_part` as well.
        match self.spelling {
            Shape(shape) => {
                let doubled = 1 + usize::from(shape.contains("nullif("));
                doubled * shape.matches(&format!("{{{at}}}")).count().max(1)
            }
            Call("nullif") => 1 + usize::from(at == 0),
            Part("split_part") => {
                if at == 2 {
                    2
                } else {
                    4
                }
            }
            Part(_) => 2,
            // Each weight counts above and below the line.
            Weighted => 1 + at % 2,
            _ => 1,
        }
    }

    /// How many arguments it takes; `None` when any number.
    pub fn arity(&self) -> Option<usize> {
        match self.takes {
            These(kinds) => Some(kinds.len()),
            Many(..) | Pairs(_) => None,
        }
    }

    /// The type of the result for these arguments; `None` stands for null of any type.
    pub fn result(&self, arguments: &[Option<Type>]) -> Result<Option<Type>, Mistake> {
        let wrong_count =
            |takes: String| Mistake::Arguments { function: self.name.to_owned(), takes, got: arguments.len() };
        let kind_at = |index: usize| match self.takes {
            These(kinds) => kinds[index],
            Many(kind, _) | Pairs(kind) => kind,
        };
        match self.takes {
            These(kinds) if kinds.len() != arguments.len() => return Err(wrong_count(kinds.len().to_string())),
            Many(_, least) if arguments.len() < least => return Err(wrong_count(format!("{least} or more"))),
            Pairs(_) if arguments.is_empty() || arguments.len() % 2 == 1 => {
                return Err(wrong_count("pairs of".to_owned()));
            }
            _ => (),
        }
        let mut joint = None;
        for (index, ty) in arguments.iter().enumerate() {
            if let Some(ty) = ty
                && !kind_at(index).fits(*ty)
            {
                let takes = kind_at(index).words().to_owned();
                return Err(Mistake::WrongType { function: self.name.to_owned(), takes, got: *ty });
            }
            if kind_at(index) == Any || kind_at(index) == Number {
                joint = common(joint, *ty)?;
            }
        }
        Ok(match self.gives {
            Always(ty) => Some(ty),
            Common => joint,
            Compares => Some(Type::Boolean),
            Product => self.product(joint, arguments)?,
        })
    }

    fn product(&self, joint: Option<Type>, arguments: &[Option<Type>]) -> Result<Option<Type>, Mistake> {
        let Some(got @ Type::Decimal { .. }) = joint else { return Ok(joint) };
        let digits = |it: &Option<Type>| if let Some(Type::Decimal { scale }) = it { *scale } else { 0 };
        match arguments.iter().map(digits).fold(0, u8::saturating_add) {
            scale @ ..=38 => Ok(Some(Type::Decimal { scale })),
            _ => {
                let takes = "exact numbers with at most 38 digits after their decimal points together".to_owned();
                Err(Mistake::WrongType { function: self.name.to_owned(), takes, got })
            }
        }
    }
}

impl Kind {
    fn fits(self, ty: Type) -> bool {
        match self {
            Any => true,
            Text => ty == Type::Text,
            Number => ty.is_number(),
            Integer => ty == Type::Integer,
            Boolean => ty == Type::Boolean,
            Date => matches!(ty, Type::Date | Type::Timestamp),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Any => "anything",
            Text => "text",
            Number => "a number",
            Integer => "an integer",
            Boolean => "a condition",
            Date => "a date",
        }
    }
}
