//! Checks of Soda (SodaCL): `checks for TABLE`, each a sentence with its settings.

use serde_json::{Map, Value as Json};
use toml::{Table, Value};

use super::entry::{Given, Imported, UNNAMED, list, plain};
use crate::expr::{parse, python};

/// All checks of a file.
pub(crate) fn checks(root: &Map<String, Json>) -> Imported {
    let mut acc = Imported::default();
    for (key, it) in root {
        acc.at(&[key]);
        let (Some(table), Json::Array(checks)) = (key.strip_prefix("checks for "), it) else {
            acc.drop(key, "no check reads it");
            continue;
        };
        // `[daily]` behind a table names rows of it, which `filter TABLE [daily]` tells apart.
        if table.trim_end().ends_with(']') {
            acc.drop(key, "it is of a part of the table: write its filter as `where`, and its checks beside it");
            continue;
        }
        for (at, check) in checks.iter().enumerate() {
            acc.at(&[key, &at.to_string()]);
            let (sentence, parts) = match check {
                Json::String(sentence) => (sentence.as_str(), Map::new()),
                Json::Object(it) => match it.iter().next() {
                    Some((sentence, Json::Object(parts))) => (sentence.as_str(), parts.clone()),
                    Some((sentence, _)) => (sentence.as_str(), Map::new()),
                    None => continue,
                },
                _ => continue,
            };
            one(&mut acc, table.trim(), sentence.trim(), &parts);
        }
    }
    acc
}

fn one(acc: &mut Imported, table: &str, sentence: &str, parts: &Map<String, Json>) {
    let (title, mut given) = (format!("{table}: {sentence}"), Given::new(parts));
    let mut common = Table::new();
    if let Some(name) = given.text("name") {
        common.insert("meaning".to_owned(), Value::from(name));
    }
    if let Some(filter) = given.text("filter") {
        if parse::parse(&filter).is_err() {
            return acc
                .drop(title, "its filter is not an expression here: write it as `where`, and the check beside it");
        }
        common.insert("where".to_owned(), Value::from(filter));
    }
    if given.has("warn") && !given.has("fail") {
        common.insert("severity".to_owned(), Value::from("warn"));
    }
    match found(sentence, &mut given) {
        Err(why) => acc.drop(title, why),
        Ok(all) => {
            for (columns, kind, value) in all {
                let mut entry = Table::new();
                match columns.as_slice() {
                    [] => (),
                    [one] => drop(entry.insert("column".to_owned(), Value::from(one.as_str()))),
                    all => drop(entry.insert("columns".to_owned(), Value::from(all.to_vec()))),
                }
                entry.insert(kind.to_owned(), value);
                entry.extend(common.clone());
                acc.entries.push((table.to_owned(), entry));
            }
            acc.left(&title, given);
        }
    }
}

/// Columns, kind and value.
type Check = (Vec<String>, &'static str, Value);

fn found(sentence: &str, given: &mut Given) -> Result<Vec<Check>, String> {
    if sentence == "schema" {
        return shape(given);
    }
    if sentence == "failed rows" {
        return failed_rows(given);
    }
    if let Some(rest) = sentence.strip_prefix("values in ") {
        return reference(rest);
    }
    if let Some(table) = sentence.strip_prefix("row_count same as ") {
        return Ok(vec![(Vec::new(), "same_rows_as", Value::from(table.trim()))]);
    }
    if sentence.starts_with("freshness") {
        return Err(
            "it is compared with the clock: set the day, as `freshness = { as_of = \"…\", within = … }`".to_owned()
        );
    }
    if sentence.starts_with("anomaly") || sentence.starts_with("change ") {
        return beside_earlier(sentence, given);
    }
    if sentence.starts_with("distribution") {
        return Err("what it was learnt from is not in the file: write the shares down, as `kl_divergence`".to_owned());
    }
    let (metric, bounds) = match given.text("fail").or_else(|| given.text("warn")) {
        Some(when) => (sentence, turned(&when.replace("when ", ""))?),
        None => {
            let at = sentence.find([' ', '<', '>', '=', '!']).filter(|_| !sentence.contains('('));
            let at = at.or_else(|| sentence.find(')').map(|it| it + 1)).ok_or("it has no bounds")?;
            (&sentence[..at], bounds(&sentence[at..])?)
        }
    };
    let (name, columns) = of_columns(metric);
    if columns.is_empty() && name != "row_count" {
        return Err(UNNAMED.to_owned());
    }
    let is_none = bounds.get("equals").is_some_and(is_zero) || bounds.get("max").is_some_and(is_zero);
    let percent = |bounds: &Table| -> Table {
        let share = |it: &Value| it.as_float().or_else(|| it.as_integer().map(|it| it as f64)).unwrap_or(0.0) / 100.0;
        bounds.iter().map(|(key, it)| (key.clone(), Value::from(share(it)))).collect()
    };
    let whole = |kind| Ok(vec![(columns.clone(), kind, Value::Table(bounds.clone()))]);
    let rows = "so many rows may be wrong: say the share of the others, as `mostly`";
    match name {
        "row_count" => whole("rows"),
        "avg" => whole("mean"),
        "sum" => whole("sum"),
        "min" => whole("minimum"),
        "max" => whole("maximum"),
        "stddev" | "stddev_samp" => whole("stdev"),
        "missing_count" if is_none => Ok(vec![(columns, "not_null", Value::from(true))]),
        "missing_percent" => {
            let mut table = Table::new();
            for (key, it) in percent(&bounds) {
                let ours = match key.as_str() {
                    "max" => "min",
                    "below" => "above",
                    "min" => "max",
                    "above" => "below",
                    _ => "equals",
                };
                table.insert(ours.to_owned(), Value::from(1.0 - it.as_float().unwrap_or(0.0)));
            }
            Ok(vec![(columns, "filled_share", Value::Table(table))])
        }
        "duplicate_count" | "duplicate_percent" if is_none => Ok(vec![(columns, "unique", Value::from(true))]),
        "invalid_count" | "invalid_percent" if is_none => valid(&columns, given),
        "missing_count" | "duplicate_count" | "duplicate_percent" | "invalid_count" | "invalid_percent" => {
            Err(rows.to_owned())
        }
        _ => Err("there is no such check here".to_owned()),
    }
}

/// Numbers beside those of earlier runs: a band that is learnt, or how far the number of rows moved since the last one.
fn beside_earlier(sentence: &str, given: &mut Given) -> Result<Vec<Check>, String> {
    let learnt = ["anomaly detection for ", "anomaly score for "].iter().find_map(|it| sentence.strip_prefix(it));
    if let Some(rest) = learnt {
        let metric = rest.split('<').next().unwrap_or_default().trim();
        let (name, columns) = of_columns(metric);
        let of = match name {
            "row_count" => return Ok(vec![(Vec::new(), "row_count_anomaly", Value::Table(Table::new()))]),
            "avg" => "mean",
            "sum" => "sum",
            "stddev" | "stddev_samp" => "stdev",
            "missing_count" | "missing_percent" => "filled_share",
            "duplicate_count" | "duplicate_percent" => "distinct_share",
            _ => return Err("no band is learnt of this number here".to_owned()),
        };
        if columns.is_empty() {
            return Err(UNNAMED.to_owned());
        }
        return Ok(vec![(columns, "anomaly", Value::Table(Table::from_iter([("of".to_owned(), Value::from(of))])))]);
    }
    let Some(rest) = sentence.strip_prefix("change percent for row_count") else {
        return Err("only how far the number of rows moved since the last build is held, in per cent: \
                    `row_count_change`; of other numbers a band is learnt: `anomaly`"
            .to_owned());
    };
    let bounds = match given.text("fail").or_else(|| given.text("warn")) {
        Some(when) => turned(&when.replace("when ", ""))?,
        None => bounds(rest)?,
    };
    let mut table = Table::new();
    for (key, it) in &bounds {
        let percent = it.as_float().or_else(|| it.as_integer().map(|it| it as f64)).unwrap_or_default();
        let ours = match key.as_str() {
            "min" | "above" if percent <= 0.0 => "max_drop",
            "max" | "below" if percent >= 0.0 => "max_rise",
            _ => return Err("a number that does not change would fail it: say how far it may fall or rise".to_owned()),
        };
        table.insert(ours.to_owned(), Value::from(format!("{}%", percent.abs())));
    }
    Ok(vec![(Vec::new(), "row_count_change", Value::Table(table))])
}

/// `avg(a, b)`: what is counted, and of which columns.
fn of_columns(metric: &str) -> (&str, Vec<String>) {
    match metric.trim().split_once('(') {
        Some((name, rest)) => {
            let columns = rest.trim_end_matches([')', ' ']).split(',').map(|it| it.trim().trim_matches('"').to_owned());
            (name.trim(), columns.filter(|it| !it.is_empty()).collect())
        }
        None => (metric.trim(), Vec::new()),
    }
}

fn is_zero(value: &Value) -> bool {
    value.as_integer() == Some(0) || value.as_float() == Some(0.0)
}

/// `between 1 and 10`, `> 0`, `= 5`, `< 5%`.
fn bounds(text: &str) -> Result<Table, String> {
    let text = text.trim();
    let number = |it: &str| -> Result<Value, String> {
        let it = it.trim().trim_end_matches('%').trim();
        let integer = it.parse::<i64>().ok().map(Value::from);
        integer
            .or_else(|| it.parse::<f64>().ok().filter(|it| it.is_finite()).map(Value::from))
            .ok_or_else(|| "its bounds cannot be read".to_owned())
    };
    let one = |key: &str, it: &str| Ok(Table::from_iter([(key.to_owned(), number(it)?)]));
    if let Some((low, high)) = text.strip_prefix("between ").and_then(|it| it.split_once(" and ")) {
        return Ok(Table::from_iter([("min".to_owned(), number(low)?), ("max".to_owned(), number(high)?)]));
    }
    for (sign, key) in [(">=", "min"), ("<=", "max"), (">", "above"), ("<", "below"), ("=", "equals")] {
        if let Some(rest) = text.strip_prefix(sign) {
            return one(key, rest);
        }
    }
    Err("its bounds cannot be read".to_owned())
}

/// The bounds outside of which something fails.
fn turned(when: &str) -> Result<Table, String> {
    let turned = bounds(when)?.into_iter().map(|(key, it)| {
        let ours = match key.as_str() {
            "min" => "below",
            "max" => "above",
            "above" => "max",
            "below" => "min",
            _ => return Err("it fails at one value: write what is expected".to_owned()),
        };
        Ok((ours.to_owned(), it))
    });
    let turned: Table = turned.collect::<Result<_, _>>()?;
    if turned.len() > 1 { Err("it fails between two values: write what is expected".to_owned()) } else { Ok(turned) }
}

/// What makes a value valid there.
fn valid(columns: &[String], given: &mut Given) -> Result<Vec<Check>, String> {
    let mut acc: Vec<Check> = Vec::new();
    let mut add = |kind, value| acc.push((columns.to_vec(), kind, value));
    if let Some(values) = given.take("valid values") {
        add("in", list(&values)?);
    }
    if let Some(values) = given.take("invalid values") {
        add("not_in", list(&values)?);
    }
    for (theirs, ours) in [("valid regex", "matches"), ("invalid regex", "not_matches")] {
        if let Some(pattern) = given.text(theirs) {
            python::translated(&pattern).map_err(|it| format!("a pattern cannot be read: {}", it.reason))?;
            add(ours, Value::from(pattern));
        }
    }
    match given.text("valid format").as_deref() {
        None => (),
        Some("email") => add("format", Value::from("email")),
        Some("phone number") => add("format", Value::from("phone")),
        Some("integer") => add("reads_as", Value::from("integer")),
        Some("decimal" | "money") => add("reads_as", Value::from("decimal")),
        Some("date iso 8601" | "timestamp iso 8601") => add("reads_as", Value::from("timestamp")),
        Some("date eu" | "date us" | "date inverse") => add("reads_as", Value::from("date")),
        Some(_) => return Err("there is no such format here: write it as a pattern, `matches = '…'`".to_owned()),
    }
    for (kind, least, greatest, exactly) in
        [("between", "valid min", "valid max", ""), ("length", "valid min length", "valid max length", "valid length")]
    {
        let mut table = Table::new();
        for (theirs, ours) in [(least, "min"), (greatest, "max"), (exactly, "equals")] {
            if let Some(bound) = given.take(theirs).as_ref().and_then(plain) {
                table.insert(ours.to_owned(), bound);
            }
        }
        if !table.is_empty() {
            add(kind, Value::Table(table));
        }
    }
    if acc.is_empty() { Err("it does not say what is valid, and would hold always".to_owned()) } else { Ok(acc) }
}

/// `(a) must exist in other (b)`.
fn reference(rest: &str) -> Result<Vec<Check>, String> {
    let unreadable = || "the table that it leads to cannot be read".to_owned();
    let (own, other) = rest.split_once(" must exist in ").ok_or_else(unreadable)?;
    let (table, there) = other.split_once('(').ok_or_else(unreadable)?;
    let names = |it: &str| -> Vec<String> {
        it.trim().trim_start_matches('(').trim_end_matches(')').split(',').map(|it| it.trim().to_owned()).collect()
    };
    let value = Table::from_iter([
        ("in".to_owned(), Value::from(table.trim())),
        ("column".to_owned(), Value::from(names(there))),
    ]);
    Ok(vec![(names(own), "foreign_key", Value::Table(value))])
}

/// Which columns there are, and of which type.
fn shape(given: &mut Given) -> Result<Vec<Check>, String> {
    let mut acc: Vec<Check> = Vec::new();
    for level in ["fail", "warn"] {
        let Some(Json::Object(rules)) = given.take(level) else { continue };
        for (rule, it) in rules {
            let names = plain(&it).and_then(|it| {
                it.as_array().map(|it| it.iter().filter_map(|it| it.as_str().map(str::to_owned)).collect::<Vec<_>>())
            });
            match (rule.as_str(), names) {
                ("when required column missing", Some(names)) => acc.push((names, "exists", Value::from(true))),
                _ => return Err(format!("`{rule}` has no check here")),
            }
        }
    }
    if acc.is_empty() { Err("it asks for nothing".to_owned()) } else { Ok(acc) }
}

fn failed_rows(given: &mut Given) -> Result<Vec<Check>, String> {
    if let Some(query) = given.text("fail query") {
        return Ok(vec![(Vec::new(), "sql", Value::from(query.trim()))]);
    }
    let condition = given.text("fail condition").ok_or("it has neither a query nor a condition")?;
    match parse::parse(&condition) {
        Ok(_) => Ok(vec![(Vec::new(), "holds", Value::from(format!("not coalesce({}, false)", condition.trim())))]),
        Err(_) => Err("its condition is not an expression here: write it as `holds`".to_owned()),
    }
}
