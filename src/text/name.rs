//! Names of organisations and persons, and the role that stands in the cell of a person.
//!
//! Names keep their case. An all-capitals name cannot be told from one with acronyms (`SAA FLYING SCHOOL`) without a
//! dictionary, and a guess would be wrong data; [`slug::key`](super::slug::key) compares without case.
//!
//! Not here: titles, given and family names, lists of roles.
//!
//! | superseded vector | here | because |
//! | --- | --- | --- |
//! | `John Smith (CFI)` -> itself, no role | `John Smith`, role `CFI` | D-44 |
//! | `"Aero School",` -> itself | `Aero School` | marks of other programs are no part of a name |

use super::clean::{cleaned, lined};

/// Bytes beyond which a text is a note, no person. It bounds the work on hostile cells too.
const MAX_PERSON: usize = 500;

/// The name of an organisation in one line, without stray quotes and punctuation at its ends.
///
/// A full stop behind a letter stays (`Ltd.`), and so do brackets and quotes that have their partner inside.
pub fn organisation(text: &str) -> Option<String> {
    let text = lined(text);
    let name = trimmed(&text);
    // A point before a word belongs to it: `.NET Foundation`. Behind the others of `Acme...` nothing stands for a word.
    let start = name.as_ptr() as usize - text.as_ptr() as usize;
    let pointed =
        text[..start].ends_with('.') && !text[..start].ends_with("..") && name.starts_with(char::is_alphabetic);
    let name = if pointed { &text[start - 1..start + name.len()] } else { name };
    let name = name.strip_suffix('.').filter(|_| text[start..].trim_end().ends_with("...")).unwrap_or(name);
    name.contains(char::is_alphanumeric).then(|| name.to_owned())
}

/// The name of a person, without a role in brackets or behind ` - `; of several in a cell the first.
///
/// Several are parted by line ends, `/`, `&`, `;` and `and`, where both sides have a given and a family name, and by a
/// comma, where a role stands on both sides too.
///
/// `None` for a text without letters, for an e-mail address alone and for more than 500 bytes.
pub fn person(text: &str) -> Option<String> {
    let text = lines(text);
    if text.len() > MAX_PERSON {
        return None;
    }
    let name = without_address(split(&text).0);
    (name.contains(char::is_alphabetic) && !name.contains('@')).then(|| joined(name))
}

/// `Jo Smith` of `Jo Smith <jo@a.example>`, as programs for mail write a person (RFC 5322, 3.4).
fn without_address(text: &str) -> &str {
    let parts = text.strip_suffix('>').and_then(|it| it.rsplit_once('<'));
    let is_address = |it: &str| it.contains('@') && !it.contains(char::is_whitespace);
    parts.filter(|(_, address)| is_address(address)).map_or(text, |(name, _)| trimmed(name))
}

/// The role beside the name of a person: in brackets at an end, or behind ` - `; several are joined with `, `.
///
/// A role alone is none, since it cannot be told from a name: this takes a text apart, so it is not idempotent.
/// Telephone numbers and e-mail addresses in brackets are no roles.
pub fn role(text: &str) -> Option<String> {
    let text = lines(text);
    if text.len() > MAX_PERSON {
        return None;
    }
    let (name, mut roles) = split(&text);
    roles.retain(|it| is_role(it));
    (name.contains(char::is_alphabetic) && !roles.is_empty()).then(|| joined(&roles.join(", ")))
}

/// All persons in a cell, each with what stands beside the name: `Jo Smith (CFI) / Al Jones` are two.
///
/// A `;` inside becomes a comma, so that joined by `;` they come apart again. None for more than 500 bytes.
pub fn people(text: &str) -> Vec<String> {
    let text = lines(text);
    let (mut all, mut rest) = (Vec::new(), alone(&text));
    if text.len() > MAX_PERSON {
        return all;
    }
    loop {
        let (one, after) = next(rest).unwrap_or((rest, ""));
        let one = joined(alone(one)).replace(';', ",");
        if one.contains(char::is_alphabetic) && !all.contains(&one) {
            all.push(one);
        }
        if after.is_empty() {
            return all;
        }
        rest = alone(after);
    }
}

/// The lines of a cell, each without needless space: persons may stand on lines of their own.
fn lines(text: &str) -> String {
    let lines: Vec<_> = cleaned(text).lines().map(|it| lined(it).into_owned()).filter(|it| !it.is_empty()).collect();
    apart(lines.join("\n"))
}

/// A list in one line as lines: `1. Jo Smith 2. Al Jones`.
fn apart(text: String) -> String {
    if !text.starts_with(['1']) || without_number(&text).len() == text.len() {
        return text;
    }
    let mark = text[1..].chars().next().unwrap_or('.');
    let (mut out, mut rest, mut number) = (String::new(), text.as_str(), 2);
    while let Some((before, behind)) = rest.split_once(&format!(" {number}{mark}")) {
        out.push_str(before.trim_end_matches([',', ';', ' ']));
        out.push_str(&format!("\n{number}{mark}"));
        (rest, number) = (behind, number + 1);
    }
    out + rest
}

/// A line of a list without its number: `1. Jo Smith`, `2) Al Jones`.
fn without_number(line: &str) -> &str {
    let rest = line.trim_start_matches(|it: char| it.is_ascii_digit());
    let behind =
        rest.strip_prefix(['.', ')']).map(str::trim_start).filter(|_| (1..=2).contains(&(line.len() - rest.len())));
    behind.filter(|it| it.starts_with(char::is_alphabetic)).unwrap_or(line)
}

/// A person and what stands beside the name, without marks and the number of a line of a list.
fn alone(text: &str) -> &str {
    let mut text = trimmed(text);
    loop {
        let rest = trimmed(without_number(text));
        if rest.len() == text.len() {
            return text;
        }
        text = rest;
    }
}

/// Lines that belong together as one.
fn joined(text: &str) -> String {
    text.replace('\n', " ")
}

/// The name in a cell, and what stands beside it from left to right.
fn split(text: &str) -> (&str, Vec<&str>) {
    let mut name = first(text);
    let (mut before, mut after) = (Vec::new(), Vec::new());
    // `after` is filled from the right.
    loop {
        if let Some((rest, inner)) = bracket_at_end(name) {
            after.push(trimmed(inner));
            name = first(rest);
        } else if let Some((rest, tail)) = dash(name) {
            let (mut pieces, mut tail) = (Vec::new(), tail);
            while let Some((piece, rest)) = dash(tail) {
                pieces.push(piece);
                tail = rest;
            }
            for piece in std::iter::once(tail).chain(pieces.into_iter().rev()) {
                // A role may have a bracket of its own.
                let (piece, inner) = bracket_at_end(piece).unwrap_or((piece, ""));
                after.extend([trimmed(inner), trimmed(piece)]);
            }
            name = first(rest);
        } else if let Some((inner, rest)) = bracket_at_start(name) {
            before.push(trimmed(inner));
            name = first(rest);
        } else {
            break;
        }
    }
    after.reverse();
    before.extend(after);
    (name, before)
}

/// What is about the first of several persons, trimmed: `Jo Smith (CFI)` of `Jo Smith (CFI) / Al Jones`.
fn first(text: &str) -> &str {
    let mut text = alone(text);
    while let Some((before, _)) = next(text) {
        text = alone(before);
    }
    text
}

/// What stands before the first mark between two full names and behind it. Behind a dash stand roles, parted alike, up
/// to the end of the line, or to a comma or semicolon and another name with a role.
fn next(text: &str) -> Option<(&str, &str)> {
    let end = dash(text).map_or(text.len(), |(rest, _)| rest.len());
    let mut depth = 0_usize;
    for (at, it) in text.char_indices() {
        match it {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            ' ' | ';' | '\n' if depth == 0 && (at < end || it == '\n') => {
                let mark =
                    ["\n", " / ", " & ", " and ", " AND ", ";"].iter().find(|mark| text[at..].starts_with(**mark));
                if let Some(mark) = mark
                    && is_full(&text[..at])
                    && is_full(&text[at + mark.len()..])
                {
                    return Some((&text[..at], &text[at + mark.len()..]));
                }
            }
            ',' | ';' if depth == 0 => {
                let (one, rest) = (&text[..at], text[at + 1..].trim_start());
                if is_full(one) && has_role(one) && is_full(named(rest)) && has_role(rest) {
                    return Some((one, rest));
                }
            }
            _ => (),
        }
    }
    None
}

/// What stands before the first bracket or dash.
fn named(text: &str) -> &str {
    let end = dash(text).map_or(text.len(), |(rest, _)| rest.len());
    &text[..text.find(['(', '[']).unwrap_or(end).min(end)]
}

/// Whether a role stands beside a name.
fn has_role(text: &str) -> bool {
    named(text).len() < text.trim_end().len()
}

/// Whether two words stand outside of brackets.
fn is_full(text: &str) -> bool {
    let mut depth = 0_usize;
    let outside = |it: char| {
        match it {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 => return it,
            _ => (),
        }
        ' '
    };
    let plain: String = text.chars().map(outside).collect();
    plain.split([' ', '\n']).filter(|it| it.contains(char::is_alphabetic)).count() >= 2
}

/// `John (CFI)`: what stands before the bracket and in it. A bracket that is never closed reaches to the end.
fn bracket_at_end(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    let open = if text.ends_with([')', ']']) {
        text.char_indices().rev().find_map(|(at, it)| {
            match it {
                ')' | ']' => depth += 1,
                '(' | '[' => depth -= 1,
                _ => (),
            }
            (depth == 0).then_some(at)
        })?
    } else {
        text.rfind(['(', '[']).filter(|at| !text[*at..].contains([')', ']']))?
    };
    let (rest, inner) = text.split_at(open);
    let inner = inner[1..].strip_suffix([')', ']']).unwrap_or(&inner[1..]);
    rest.contains(char::is_alphabetic).then_some((rest, inner))
}

/// `(CFI) John`: what stands in the bracket and behind it.
fn bracket_at_start(text: &str) -> Option<(&str, &str)> {
    let (inner, rest) = text.strip_prefix(['(', '['])?.split_once([')', ']'])?;
    (rest.contains(char::is_alphabetic) && !inner.contains(['(', '['])).then_some((inner, rest))
}

/// `John - CFI`: what stands before the first dash between spaces and behind it.
fn dash(text: &str) -> Option<(&str, &str)> {
    let at = [" - ", " – ", " — "].iter().filter_map(|it| text.find(it)).min()?;
    let (rest, tail) = text.split_at(at);
    let tail = tail[1..].trim_start_matches(is_dash);
    rest.contains(char::is_alphabetic).then_some((rest, tail))
}

fn is_dash(it: char) -> bool {
    matches!(it, '-' | '–' | '—')
}

fn is_role(text: &str) -> bool {
    text.contains(char::is_alphabetic) && !text.contains('@') && text.bytes().filter(u8::is_ascii_digit).count() < 5
}

/// `text` without marks at its ends that say nothing.
fn trimmed(text: &str) -> &str {
    let mut text = text;
    loop {
        let before = text.len();
        text = text.trim_start_matches(|it: char| it.is_whitespace() || is_dash(it) || ".,;:*|/\\_•·".contains(it));
        text = text.trim_end_matches(|it: char| it.is_whitespace() || is_dash(it) || ",;:*|/\\_•·".contains(it));
        text = without_stops(text);
        // Pairs are looked for in names only: on long texts that would be quadratic.
        if text.len() <= MAX_PERSON {
            text = without_quotes(without_half_bracket(text));
        }
        if text.len() == before {
            return text;
        }
    }
}

/// `text` without full stops at its end but the one that may end an abbreviation.
fn without_stops(text: &str) -> &str {
    let rest = text.trim_end_matches('.');
    let kept = usize::from(rest.len() < text.len() && rest.ends_with(char::is_alphanumeric));
    &text[..rest.len() + kept]
}

/// `text` without quotes around it, or at one end and nowhere else.
fn without_quotes(text: &str) -> &str {
    const DOUBLE: &[char] = &['"', '“', '”', '„', '«', '»'];
    const SINGLE: &[char] = &['\'', '‘', '’', '‚', '`'];
    for quotes in [DOUBLE, SINGLE] {
        let inner = text.trim_matches(quotes);
        if inner.len() == text.len() {
            continue;
        }
        let opened = text.starts_with(quotes);
        let wrapped = opened && text.ends_with(quotes);
        // `Foo "Bar"` keeps its quotes, `'t Hooft` and `Pilots'` their apostrophe.
        let lone = if quotes == DOUBLE {
            !inner.contains(quotes)
        } else {
            opened && !inner.chars().nth(1).is_some_and(char::is_whitespace)
        };
        if lone || (wrapped && (quotes == SINGLE || !inner.contains(quotes))) {
            return inner;
        }
    }
    text
}

/// `text` without a bracket at an end whose partner is missing.
fn without_half_bracket(text: &str) -> &str {
    const BRACKETS: &[char] = &['(', ')', '[', ']', '<', '>', '{', '}'];
    if !text.starts_with(BRACKETS) && !text.ends_with(BRACKETS) {
        return text;
    }
    for (open, close) in [('(', ')'), ('[', ']'), ('<', '>'), ('{', '}')] {
        let (opened, closed) = (text.matches(open).count(), text.matches(close).count());
        if opened > closed {
            if let Some(rest) = text.strip_prefix(open).or_else(|| text.strip_suffix(open)) {
                return rest;
            }
        } else if closed > opened
            && let Some(rest) = text.strip_suffix(close).or_else(|| text.strip_prefix(close))
        {
            return rest;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_of_organisations_lose_stray_marks() {
        let check = |text: &str, expected: &str| {
            assert_eq!(organisation(text).unwrap_or_default(), expected, "{text:?}");
        };
        check("  Aero \n School ", "Aero School");
        check("\"Aero School\",", "Aero School");
        check("'Aero School", "Aero School");
        check("“Aero School”", "Aero School");
        check("\"\"Aero\"\"", "Aero");
        check("- Aero School -", "Aero School");
        check("• Aero School;", "Aero School");
        check("Aero School (Pty) Ltd.", "Aero School (Pty) Ltd.");
        check("Aero School (Pty", "Aero School (Pty");
        check("Aero School)", "Aero School");
        check("(Aero School", "Aero School");
        check("The \"Flying\" School", "The \"Flying\" School");
        check("Aero \"Sky\"", "Aero \"Sky\"");
        check("'t Hooft", "'t Hooft");
        check("Pilots'", "Pilots'");
        check("O'Brien's", "O'Brien's");
        check("AERO SCHOOL", "AERO SCHOOL");
        check("aero school", "aero school");
        check("eBay", "eBay");
        check("Aero...", "Aero");
        check("日本", "日本");
        check("43 Air School", "43 Air School");
        for text in ["", "-", "\"\"", "...", " ( ) ", "?"] {
            check(text, "");
        }
    }

    #[test]
    fn roles_are_told_from_persons() {
        let check = |text: &str, expected: &str, expected_role: &str| {
            assert_eq!(person(text).unwrap_or_default(), expected, "person({text:?})");
            assert_eq!(role(text).unwrap_or_default(), expected_role, "role({text:?})");
        };
        check("John Smith", "John Smith", "");
        check("John Smith (CFI)", "John Smith", "CFI");
        check("John  Smith(Accountable Manager )", "John Smith", "Accountable Manager");
        check("John Smith (CFI", "John Smith", "CFI");
        check("John Smith <john@x.example>", "John Smith", "");
        check("\"John Smith\" <john@x.example>; Al Jones <al@x.example>", "John Smith", "");
        check("<john@x.example>", "", "");
        check("John Smith [CFI]", "John Smith", "CFI");
        check("(CFI) John Smith", "John Smith", "CFI");
        check("John Smith - Owner", "John Smith", "Owner");
        check("John Smith – Owner, CFI", "John Smith", "Owner, CFI");
        check("John Smith (CFI) (Owner)", "John Smith", "CFI, Owner");
        check("John Smith (CFI) - Owner", "John Smith", "CFI, Owner");
        check("John Smith - Owner (acting)", "John Smith", "Owner, acting");
        check("John Smith (Head (acting))", "John Smith", "Head (acting)");
        check("John (Jack) Smith", "John (Jack) Smith", "");
        check("John (Jack) Smith (CFI)", "John (Jack) Smith", "CFI");
        check("1. John Smith (CFI)\n2) Ann Lee", "John Smith", "CFI");
        check("1.5 Smith", "1.5 Smith", "");
        check(";1. Smith", "Smith", "");
        check("Anne-Marie Smith-Jones", "Anne-Marie Smith-Jones", "");
        check("Smith, John", "Smith, John", "");
        check("John Smith (082 123 4567)", "John Smith", "");
        check("John Smith (js@b.co)", "John Smith", "");
        check("John Smith ()", "John Smith", "");
        check("John Smith / Ann Lee", "John Smith", "");
        check("John Smith (CFI) & Ann Lee (Owner/Director)", "John Smith", "CFI");
        check("John Smith and Ann van der Lee", "John Smith", "");
        check("John Smith; Ann Lee; Al Roe", "John Smith", "");
        check("John and Ann Smith", "John and Ann Smith", "");
        check("John Smith / 082 123 4567", "John Smith / 082 123 4567", "");
        check("John Smith (Owner & Chief Pilot)", "John Smith", "Owner & Chief Pilot");
        check("John Smith - Owner and Chief Pilot", "John Smith", "Owner and Chief Pilot");
        check("Bo Kestrel (Owner)\nCy Marsh (CFI)", "Bo Kestrel", "Owner");
        check("Bo Kestrel - Chief\nPilot", "Bo Kestrel", "Chief Pilot");
        check("Bo Kestrel (Owner), Cy Marsh (CFI)", "Bo Kestrel", "Owner");
        check("(John Smith & Ann Lee", "John Smith", "");
        check("(CFI)", "(CFI)", "");
        check("- CFI", "CFI", "");
        for text in ["", "12345", "js@b.co", "-", "()"] {
            check(text, "", "");
        }
    }

    #[test]
    fn a_cell_may_hold_several_persons() {
        let check = |text: &str, expected: &[&str]| assert_eq!(people(text), expected, "{text:?}");
        check("John Smith (CFI) & Ann Lee (Owner/Director)", &["John Smith (CFI)", "Ann Lee (Owner/Director)"]);
        check("John Smith; Ann Lee;Al Roe", &["John Smith", "Ann Lee", "Al Roe"]);
        check("John Smith / Ann Lee / John Smith", &["John Smith", "Ann Lee"]);
        check("John Smith and Ann van der Lee", &["John Smith", "Ann van der Lee"]);
        check("John Smith (CFI; Owner)", &["John Smith (CFI, Owner)"]);
        check("Bo Kestrel (Owner), Cy Marsh (CFI)", &["Bo Kestrel (Owner)", "Cy Marsh (CFI)"]);
        check("Bo Kestrel - Owner, Cy Marsh - CFI", &["Bo Kestrel - Owner", "Cy Marsh - CFI"]);
        check(
            "Bo Kestrel (Owner), Cy Marsh (CFI), Di Roe (SO)",
            &["Bo Kestrel (Owner)", "Cy Marsh (CFI)", "Di Roe (SO)"],
        );
        check("Kestrel, Bo (Owner), Marsh, Cy (CFI)", &["Kestrel, Bo (Owner)", "Marsh, Cy (CFI)"]);
        check("Bo Kestrel - Owner, CFI", &["Bo Kestrel - Owner, CFI"]);
        check("Bo Kestrel (Owner), Chief Pilot", &["Bo Kestrel (Owner), Chief Pilot"]);
        check("Bo Kestrel (Owner, CFI)", &["Bo Kestrel (Owner, CFI)"]);
        check("John Smith - Owner and Chief Pilot", &["John Smith - Owner and Chief Pilot"]);
        check("John and Ann Smith", &["John and Ann Smith"]);
        check("Smith, John", &["Smith, John"]);
        check("Bo Kestrel (Owner)\nCy Marsh (CFI)", &["Bo Kestrel (Owner)", "Cy Marsh (CFI)"]);
        check("Bo Kestrel - Owner\r\nCy Marsh - CFI\nDi Roe", &["Bo Kestrel - Owner", "Cy Marsh - CFI", "Di Roe"]);
        check("Bo Kestrel - Owner; Cy Marsh - CFI", &["Bo Kestrel - Owner", "Cy Marsh - CFI"]);
        check("Bo Kestrel - Owner; CFI", &["Bo Kestrel - Owner, CFI"]);
        check("Bo\nKestrel", &["Bo Kestrel"]);
        check("Bo Kestrel\nOwner", &["Bo Kestrel Owner"]);
        for text in ["", "-", "12345", " ; "] {
            check(text, &[]);
        }
    }

    proptest! {
        #[test]
        fn people_stay_themselves(text in any::<String>(), cell in "(a b|c de|\\(f\\)| / | & | and |;|; | - |, |,){0,9}") {
            for text in [text, cell] {
                let once = people(&text);
                prop_assert!(once.iter().all(|it| !it.contains(';')));
                if once.iter().all(|it| is_full(it)) {
                    prop_assert_eq!(people(&once.join(";")), once);
                }
            }
        }

        #[test]
        fn names_stay_themselves(text in any::<String>(), name in "[abB '\"().\\[\\],é–-]{0,12}|(a|b| - | & |; |\\(|\\)| |'){0,12}") {
            for text in [text, name] {
                for f in [organisation, person] {
                    if let Some(once) = f(&text) {
                        prop_assert!(!once.is_empty() && once.trim() == once);
                        prop_assert_eq!(f(&once), Some(once));
                    }
                }
                if let Some(name) = person(&text) {
                    prop_assert_eq!(role(&name), None);
                }
                prop_assert!(role(&text).is_none_or(|it| it.trim() == it && it.contains(char::is_alphabetic)));
            }
        }
    }

    #[test]
    fn hostile_texts_are_short_work() {
        for piece in ["(", ")", "([", "'\"", ".,", "a - ", "a (b) ", "(a) ", "<{"] {
            let text = format!("a{}", piece.repeat(5_000));
            assert_eq!(person(&text), None);
            assert_eq!(role(&text), None);
            assert!(organisation(&text).is_some_and(|it| it.starts_with('a')));
            assert!(person(&text[..400]).is_some_and(|it| it.starts_with('a')));
        }
    }
}
