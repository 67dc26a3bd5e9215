//! What expressions are told by a profile: last arguments that were left out, lists that are named, and what values
//! count for.

use std::collections::BTreeMap;

use crate::expr::functions::Function;
use crate::expr::{Expr, Literal};

/// What a profile knows that expressions ask for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Settings {
    /// The last argument of value functions, by name of the function.
    pub functions: BTreeMap<String, String>,
    /// Lines of lookups by name.
    pub lookups: BTreeMap<String, String>,
    /// What `enrich` gives for each value, by name of the table.
    pub enrich: BTreeMap<String, BTreeMap<String, Literal>>,
}

/// What an expression names and no profile knows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Untold {
    /// A lookup.
    Lookup(String),
    /// A table of `enrich`.
    Enrich(String),
    /// A value that the table of `enrich` does not have.
    Value(String, String),
    /// A table of `enrich` that is not named by a text.
    Unnamed,
}

impl Expr {
    /// The expression with what `settings` say: a last argument that was left out, the list that a `lookup` names, and
    /// for `enrich` a `case` of the values in its table.
    pub fn told(self, settings: &Settings) -> Result<Expr, Untold> {
        let each = |all: Vec<Expr>| all.into_iter().map(|it| it.told(settings)).collect::<Result<Vec<_>, _>>();
        Ok(match self {
            Expr::Column(_) | Expr::Literal(_) => self,
            Expr::Cast(value, ty) => Expr::Cast(Box::new(value.told(settings)?), ty),
            Expr::Case(branches, otherwise) => {
                let branches = branches.into_iter().map(|(a, b)| Ok((a.told(settings)?, b.told(settings)?)));
                let branches = branches.collect::<Result<_, Untold>>()?;
                Expr::Case(branches, otherwise.map(|it| it.told(settings)).transpose()?.map(Box::new))
            }
            Expr::Call(name, arguments) => match (name.as_str(), each(arguments)?.as_mut_slice()) {
                (function @ ("lookup" | "nearest"), [value, Expr::Literal(Literal::Text(list))]) => {
                    let lines = settings.lookups.get(list).ok_or_else(|| Untold::Lookup(list.clone()))?;
                    Expr::call(function, [value.clone(), Expr::text(lines)])
                }
                ("enrich", [value, Expr::Literal(Literal::Text(table))]) => {
                    let known = settings.enrich.get(table).ok_or_else(|| Untold::Enrich(table.clone()))?;
                    enriched(value, table, known)?
                }
                ("slug", [value]) if settings.functions.contains_key("slug") => {
                    Expr::call("slug_in", [value.clone(), Expr::text(&settings.functions["slug"])])
                }
                ("enrich", [_, _]) => return Err(Untold::Unnamed),
                (_, arguments) => {
                    let setting = settings
                        .functions
                        .get(&name)
                        .filter(|_| Function::get(&name).and_then(Function::arity) == Some(arguments.len() + 1));
                    Expr::call(&name, arguments.iter().cloned().chain(setting.map(Expr::text)))
                }
            },
        })
    }
}

/// What the table has for the value: of a text at once, else row by row.
fn enriched(value: &Expr, table: &str, known: &BTreeMap<String, Literal>) -> Result<Expr, Untold> {
    if let Expr::Literal(Literal::Text(value)) = value {
        let found = known.get(value).ok_or_else(|| Untold::Value(table.to_owned(), value.clone()))?;
        return Ok(Expr::Literal(found.clone()));
    }
    let branch = |(it, gives): (&String, &Literal)| {
        (Expr::call("=", [value.clone(), Expr::text(it)]), Expr::Literal(gives.clone()))
    };
    Ok(if known.is_empty() { Expr::null() } else { Expr::Case(known.iter().map(branch).collect(), None) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse::parse;

    fn check(text: &str, expected: Result<&str, Untold>) {
        let texts = |it: &[(&str, &str)]| it.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let rank = [("Owner", 1), ("Pilot", 2)].map(|(it, rank)| (it.to_owned(), Literal::Integer(rank)));
        let enrich = [("rank".to_owned(), BTreeMap::from(rank)), ("none".to_owned(), BTreeMap::new())];
        let settings = Settings {
            functions: texts(&[("phone", "ZA"), ("match_key", "Ltd"), ("slug", "ü\tue")]),
            lookups: texts(&[("size", "big\tlarge")]),
            enrich: enrich.into_iter().collect(),
        };
        let told = |it: &str| parse(it).expect(it).told(&settings);
        let meant = expected.map(|it| parse(it).expect(it));
        assert_eq!(told(text), meant, "{text}");
    }

    #[test]
    fn value_functions_are_told_what_an_expression_leaves_out() {
        check("phone(a)", Ok("phone(a, 'ZA')"));
        check("phone(a, 'DE')", Ok("phone(a, 'DE')"));
        check("case when a = match_key(b) then cast(phone(c) as text) end", {
            Ok("case when a = match_key(b, 'Ltd') then cast(phone(c, 'ZA') as text) end")
        });
        check("lookup(a, 'size')", Ok("lookup(a, 'big\tlarge')"));
        check("lookup(a, 'sizes')", Err(Untold::Lookup("sizes".to_owned())));
        check("date(a)", Ok("date(a)"));
        check("slug(a)", Ok("slug_in(a, 'ü\tue')"));
        check("integer(a)", Ok("integer(a)"));
    }

    #[test]
    fn whole_numbers_have_the_decimal_sign_of_all_numbers() {
        let functions = BTreeMap::from([("integer".to_owned(), ",".to_owned())]);
        let settings = Settings { functions, ..Settings::default() };
        let told = parse("integer(a)").expect("an expression").told(&settings);
        assert_eq!(told, Ok(parse("integer(a, ',')").expect("an expression")));
    }

    #[test]
    fn values_are_enriched_by_what_the_profile_says_of_them() {
        check("enrich(a, 'rank')", Ok("case when a = 'Owner' then 1 when a = 'Pilot' then 2 end"));
        check("coalesce(enrich(lower(a), 'rank'), 9)", {
            Ok("coalesce(case when lower(a) = 'Owner' then 1 when lower(a) = 'Pilot' then 2 end, 9)")
        });
        check("enrich('Pilot', 'rank') * 2", Ok("2 * 2"));
        check("enrich(a, 'none')", Ok("null"));
        check("enrich('Guard', 'rank')", Err(Untold::Value("rank".to_owned(), "Guard".to_owned())));
        check("enrich(a, 'ranks')", Err(Untold::Enrich("ranks".to_owned())));
        check("enrich(a, b)", Err(Untold::Unnamed));
    }
}
