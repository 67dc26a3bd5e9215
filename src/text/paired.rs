//! Which of several addresses in a cell is whose, where the cell names several people.
//!
//! An address is somebody's where its name is like theirs and like nobody else's in the cell. What is like nobody, or like
//! two, is left unpaired: it is no more the first one's than the second one's. Numbers are like nobody.
//!
//! Not here: taking cells apart into people (`name`) and addresses (`email`).

use super::name::person;
use super::slug::slug;

/// The items of `list`, joined by `;`, shared out over `people`, joined by `;`.
///
/// One item for each of the people, in order, and behind them one of what is nobody's; within an item `,` joins. One
/// person alone has everything. `None` for an empty list.
pub fn paired(list: &str, people: &str) -> Option<String> {
    let items: Vec<&str> = list.split(';').map(str::trim).filter(|it| !it.is_empty()).collect();
    if items.is_empty() {
        return None;
    }
    let people: Vec<&str> = people.split(';').map(str::trim).filter(|it| !it.is_empty()).collect();
    if people.len() < 2 {
        return Some(items.join(","));
    }
    let names: Vec<Vec<String>> = people.iter().map(|it| words(it)).collect();
    let mut shares: Vec<Vec<&str>> = vec![Vec::new(); people.len() + 1];
    for item in items {
        let likeness: Vec<u8> = names.iter().map(|it| likeness(item, it)).collect();
        let most = likeness.iter().copied().max().filter(|it| *it > 0);
        let mut likely = (0..people.len()).filter(|it| Some(likeness[*it]) == most);
        let whose = match (likely.next(), likely.next()) {
            (Some(one), None) => one,
            _ => people.len(),
        };
        shares[whose].push(item);
    }
    let shares: Vec<String> = shares.iter().map(|it| it.join(",")).collect();
    Some(shares.join(";").trim_end_matches(';').to_owned())
}

/// The words of a name, in letters that addresses have.
fn words(text: &str) -> Vec<String> {
    let name = person(text).unwrap_or_default();
    slug(&name).unwrap_or_default().split('-').filter(|it| !it.is_empty()).map(str::to_owned).collect()
}

/// How much an address says of a name: 0 for nothing, more for the last word of it than for others.
fn likeness(address: &str, name: &[String]) -> u8 {
    let Some((local, _)) = address.split_once('@') else { return 0 };
    let local = slug(local).unwrap_or_default();
    let parts: Vec<&str> = local.split('-').map(|it| it.trim_end_matches(|it: char| it.is_ascii_digit())).collect();
    let whole = parts.concat();
    let has = |word: &String| parts.contains(&word.as_str()) || word.len() >= 3 && whole.contains(word.as_str());
    let Some((last, others)) = name.split_last() else { return 0 };
    let initials: String = name.iter().filter_map(|it| it.chars().next()).collect();
    let any = others.iter().any(has);
    match (has(last), any) {
        (true, true) => 4,
        (true, false) => 3,
        (false, true) => 2,
        (false, false) => u8::from(name.len() > 1 && whole == initials),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_go_to_those_they_are_like() {
        let check = |list: &str, people: &str, expected: &str| {
            assert_eq!(paired(list, people).unwrap_or_default(), expected, "{list} {people}");
        };
        let two = "Bo Kestrel (Owner);Cy Marsh (CFI)";
        check("bo.kestrel@a.example;cy.marsh@a.example", two, "bo.kestrel@a.example;cy.marsh@a.example");
        check("cy.marsh@a.example;bo.kestrel@a.example", two, "bo.kestrel@a.example;cy.marsh@a.example");
        check("cmarsh@a.example", two, ";cmarsh@a.example");
        check("cy@a.example;bo2@a.example", two, "bo2@a.example;cy@a.example");
        check("ck@a.example;bk@a.example", two, "bk@a.example;;ck@a.example");
        check("office@a.example", two, ";;office@a.example");
        check("bo@a.example;bo@b.example;info@a.example", two, "bo@a.example,bo@b.example;;info@a.example");
        check("jo.smith@a.example", "Jo Smith;Al Smith", "jo.smith@a.example");
        check("smith@a.example", "Jo Smith;Al Smith", ";;smith@a.example");
        check("zoe.mullenbach@a.example", "Al Roe;Zoë Müllenbach", ";zoe.mullenbach@a.example");
        check("+27821234567;+27821234568", two, ";;+27821234567,+27821234568");
        check("info@a.example;x@a.example", "Bo Kestrel", "info@a.example,x@a.example");
        check("info@a.example", "", "info@a.example");
        check("", two, "");
        check(" ; ", two, "");
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_comes_twice(
            list in "([a-c]{1,3}(@x)?;){0,4}[a-c]{1,2}@y|\\PC{0,20}",
            people in "([ABC][a-c]{0,2} [ABC][a-c]{0,3};?){0,4}|\\PC{0,20}",
        ) {
            let list = list.replace(',', "");
            let items = |text: &str, marks: &[char]| {
                let mut all: Vec<String> = text.split(marks).map(|it| it.trim().to_owned()).collect();
                all.retain(|it| !it.is_empty());
                all.sort();
                all
            };
            let shared = paired(&list, &people).unwrap_or_default();
            prop_assert_eq!(items(&shared, &[';', ',']), items(&list, &[';']));
            prop_assert!(shared.split(';').count() <= people.split(';').count() + 1);
        }
    }
}
