//! Patterns as other programs read them: what Python, JavaScript and RE2 all understand, and in the same way.
//!
//! Flags, named groups, classes with names, `\A` and `\z` are written out. What cannot be written out exactly, such as the
//! letters of all scripts, has no portable pattern.

use regex_syntax::ast::parse::Parser;
use regex_syntax::ast::{
    Assertion, AssertionKind, Ast, ClassAscii, ClassPerl, ClassPerlKind, ClassSet, ClassSetItem, Flag, Flags,
    FlagsItemKind, GroupKind, HexLiteralKind, Literal, LiteralKind, SpecialLiteralKind,
};
use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

/// The last character that is one unit in every program.
const LAST_OF_ONE: char = '\u{ffff}';

/// The same pattern for other programs; `None` where it cannot be said to them exactly. What they all read stays as it is.
pub(super) fn portable(pattern: &str) -> Option<String> {
    let python = with_end(pattern);
    let Ok(tree) = Parser::new().parse(&python) else {
        // Looking ahead is known to all of them, and so is a bracket that stands for itself.
        let own = ["(?P", "(?<", "(?>", "(?#", "(?i", "(?s", "(?m", "(?x", "(?a", "(?u", "[[:"];
        let escapes = ["\\A", "\\z", "\\Z", "\\a", "\\p", "\\P", "\\Q", "\\C", "\\x{", "++", "*+", "?+", "}+"];
        let is_own = own.iter().chain(&escapes).any(|it| pattern.contains(it));
        return (!is_own).then(|| pattern.to_owned());
    };
    let mut it = Writer { out: String::new(), changed: false };
    it.write(&tree, &mut Modes::default())?;
    Some(if it.changed { it.out } else { pattern.to_owned() })
}

/// `\Z` of Python as `\z`: the end of the text.
fn with_end(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut signs = pattern.chars();
    while let Some(sign) = signs.next() {
        out.push(sign);
        if sign == '\\' {
            out.extend(signs.next().map(|it| if it == 'Z' { 'z' } else { it }));
        }
    }
    out
}

/// What flags say at a place.
#[derive(Clone, Copy, Default)]
struct Modes {
    /// Whether small and capital letters are the same.
    caseless: bool,
    /// Whether `.` is a line end too.
    all: bool,
    /// Whether `^` and `$` are about lines.
    lines: bool,
}

struct Writer {
    out: String,
    /// Whether something is written in another way than it stood.
    changed: bool,
}

impl Writer {
    fn other(&mut self, text: &str) {
        self.changed = true;
        self.out.push_str(text);
    }

    /// Flags go on behind the place where they stand, up to the end of the group.
    fn write(&mut self, tree: &Ast, modes: &mut Modes) -> Option<()> {
        match tree {
            Ast::Empty(_) => (),
            Ast::Flags(it) => {
                flagged(&it.flags, modes)?;
                self.changed = true;
            }
            Ast::Literal(it) => self.literal(it, *modes)?,
            Ast::Dot(_) if modes.all => self.other(r"[\s\S]"),
            Ast::Dot(_) => self.out.push('.'),
            Ast::Assertion(it) => self.assertion(it, *modes)?,
            Ast::ClassUnicode(it) => {
                let ranges = ranges_of(&format!("\\{}{{{}}}", if it.is_negated() { 'P' } else { 'p' }, named(it)?))?;
                self.class(false, &ranges, "")?;
                self.changed = true;
            }
            Ast::ClassPerl(it) => self.out.push_str(perl(it)),
            Ast::ClassBracketed(it) => self.bracketed(it, *modes)?,
            Ast::Repetition(it) => {
                let begins = self.out.len();
                self.write(&it.ast, &mut modes.clone())?;
                // A letter of two cases is a class, and two units are no one sign.
                let one = self.out[begins..].chars().count() == 1 && !self.out[begins..].is_ascii();
                if one && self.out[begins..].chars().any(|it| it > LAST_OF_ONE) {
                    self.out.insert_str(begins, "(?:");
                    self.other(")");
                }
                self.out.push_str(&repeated(it));
            }
            Ast::Group(it) => {
                let mut inner = *modes;
                match &it.kind {
                    GroupKind::CaptureIndex(_) => self.out.push('('),
                    GroupKind::CaptureName { .. } => self.other("("),
                    GroupKind::NonCapturing(flags) if flags.items.is_empty() => self.out.push_str("(?:"),
                    GroupKind::NonCapturing(flags) => {
                        flagged(flags, &mut inner)?;
                        self.other("(?:");
                    }
                }
                self.write(&it.ast, &mut inner)?;
                self.out.push(')');
            }
            Ast::Alternation(it) => {
                for (at, branch) in it.asts.iter().enumerate() {
                    self.out.push_str(if at > 0 { "|" } else { "" });
                    self.write(branch, modes)?;
                }
            }
            Ast::Concat(it) => it.asts.iter().try_for_each(|part| self.write(part, modes))?,
        }
        Some(())
    }

    fn assertion(&mut self, it: &Assertion, modes: Modes) -> Option<()> {
        match it.kind {
            AssertionKind::StartLine if !modes.lines => self.out.push('^'),
            AssertionKind::EndLine if !modes.lines => self.out.push('$'),
            AssertionKind::StartText => self.other("^"),
            AssertionKind::EndText => self.other("$"),
            AssertionKind::WordBoundary => self.out.push_str(r"\b"),
            AssertionKind::NotWordBoundary => self.out.push_str(r"\B"),
            _ => return None,
        }
        Some(())
    }

    fn literal(&mut self, it: &Literal, modes: Modes) -> Option<()> {
        let both = if modes.caseless { folded(it.c, it.c) } else { Vec::new() };
        if both.len() > 1 || both.iter().any(|(from, to)| from != to) {
            self.changed = true;
            return self.class(false, &both, "");
        }
        match &it.kind {
            LiteralKind::Verbatim => self.out.push(it.c),
            LiteralKind::Meta | LiteralKind::Superfluous => {
                self.out.push('\\');
                self.out.push(it.c);
            }
            LiteralKind::HexFixed(HexLiteralKind::X) => self.out.push_str(&format!("\\x{:02X}", u32::from(it.c))),
            LiteralKind::Special(SpecialLiteralKind::Bell) => self.other(r"\x07"),
            LiteralKind::Special(SpecialLiteralKind::Space) => self.other(" "),
            LiteralKind::Special(kind) => self.out.push_str(match kind {
                SpecialLiteralKind::FormFeed => r"\f",
                SpecialLiteralKind::Tab => r"\t",
                SpecialLiteralKind::LineFeed => r"\n",
                SpecialLiteralKind::CarriageReturn => r"\r",
                _ => r"\v",
            }),
            _ => {
                let text = sign(it.c);
                self.other(&text);
            }
        }
        Some(())
    }

    /// A class, item by item: those with names are written out.
    fn bracketed(&mut self, it: &regex_syntax::ast::ClassBracketed, modes: Modes) -> Option<()> {
        let ClassSet::Item(item) = &it.kind else { return None };
        let items = match item {
            ClassSetItem::Union(union) => union.items.as_slice(),
            one => std::slice::from_ref(one),
        };
        if let [ClassSetItem::Ascii(one)] = items {
            let ranges = ascii(&ClassAscii { negated: false, ..one.clone() })?;
            self.changed = true;
            return self.class(it.negated != one.negated, &ranges, "");
        }
        let (mut ranges, mut others, mut is_own) = (Vec::new(), String::new(), false);
        for item in items {
            let mut add = |from: char, to: char| match modes.caseless {
                true => {
                    is_own = true;
                    ranges.extend(folded(from, to));
                }
                false => ranges.push((from, to)),
            };
            match item {
                ClassSetItem::Empty(_) => (),
                ClassSetItem::Literal(it) => {
                    add(it.c, it.c);
                    is_own |=
                        matches!(it.kind, LiteralKind::HexBrace(_) | LiteralKind::Special(SpecialLiteralKind::Bell));
                }
                ClassSetItem::Range(it) => add(it.start.c, it.end.c),
                ClassSetItem::Ascii(it) => {
                    ranges.extend(ascii(it)?);
                    is_own = true;
                }
                ClassSetItem::Perl(it) => others.push_str(perl(it)),
                ClassSetItem::Unicode(it) => {
                    let kind = if it.is_negated() { 'P' } else { 'p' };
                    ranges.extend(ranges_of(&format!("\\{kind}{{{}}}", named(it)?))?);
                    is_own = true;
                }
                // A bracket within another is one of the signs elsewhere.
                ClassSetItem::Bracketed(_) | ClassSetItem::Union(_) => return None,
            }
        }
        self.changed |= is_own;
        self.class(it.negated, &ranges, &others)
    }

    /// A class of these ranges, and of what `others` says.
    fn class(&mut self, negated: bool, ranges: &[(char, char)], others: &str) -> Option<()> {
        if ranges.iter().any(|(_, to)| *to > LAST_OF_ONE) {
            return None;
        }
        self.out.push_str(if negated { "[^" } else { "[" });
        self.out.push_str(others);
        for (from, to) in ranges {
            self.out.push_str(&of_class(*from));
            if from != to {
                self.out.push('-');
                self.out.push_str(&of_class(*to));
            }
        }
        self.out.push(']');
        Some(())
    }
}

/// How often, as it is written.
fn repeated(it: &regex_syntax::ast::Repetition) -> String {
    use regex_syntax::ast::{RepetitionKind, RepetitionRange};
    let times = match &it.op.kind {
        RepetitionKind::ZeroOrOne => "?".to_owned(),
        RepetitionKind::ZeroOrMore => "*".to_owned(),
        RepetitionKind::OneOrMore => "+".to_owned(),
        RepetitionKind::Range(RepetitionRange::Exactly(n)) => format!("{{{n}}}"),
        RepetitionKind::Range(RepetitionRange::AtLeast(n)) => format!("{{{n},}}"),
        RepetitionKind::Range(RepetitionRange::Bounded(n, m)) => format!("{{{n},{m}}}"),
    };
    times + if it.greedy { "" } else { "?" }
}

/// Takes flags into account; `None` of those that no other program has.
fn flagged(flags: &Flags, modes: &mut Modes) -> Option<()> {
    let mut on = true;
    for it in &flags.items {
        match it.kind {
            FlagsItemKind::Negation => on = false,
            FlagsItemKind::Flag(Flag::CaseInsensitive) => modes.caseless = on,
            FlagsItemKind::Flag(Flag::DotMatchesNewLine) => modes.all = on,
            FlagsItemKind::Flag(Flag::MultiLine) => modes.lines = on,
            // The reader has left blanks and comments out.
            FlagsItemKind::Flag(Flag::IgnoreWhitespace) => (),
            FlagsItemKind::Flag(Flag::Unicode) if on => (),
            FlagsItemKind::Flag(_) => return None,
        }
    }
    Some(())
}

fn perl(it: &ClassPerl) -> &'static str {
    match (&it.kind, it.negated) {
        (ClassPerlKind::Digit, false) => r"\d",
        (ClassPerlKind::Digit, true) => r"\D",
        (ClassPerlKind::Space, false) => r"\s",
        (ClassPerlKind::Space, true) => r"\S",
        (ClassPerlKind::Word, false) => r"\w",
        (ClassPerlKind::Word, true) => r"\W",
    }
}

/// The ranges of `[:alpha:]`.
fn ascii(it: &ClassAscii) -> Option<Vec<(char, char)>> {
    let name = format!("{:?}", it.kind).to_lowercase();
    ranges_of(&format!("[[:{}{name}:]]", if it.negated { "^" } else { "" }))
}

fn named(it: &regex_syntax::ast::ClassUnicode) -> Option<String> {
    use regex_syntax::ast::ClassUnicodeKind;
    Some(match &it.kind {
        ClassUnicodeKind::OneLetter(it) => it.to_string(),
        ClassUnicodeKind::Named(it) => it.clone(),
        ClassUnicodeKind::NamedValue { .. } => return None,
    })
}

/// The ranges of a class, all of them; `None` where some are no one sign everywhere.
fn ranges_of(class: &str) -> Option<Vec<(char, char)>> {
    let hir = regex_syntax::parse(class).ok()?;
    match hir.kind() {
        regex_syntax::hir::HirKind::Class(regex_syntax::hir::Class::Unicode(it)) => Some(all(it)),
        _ => None,
    }
}

/// All signs that are one of these when case does not count.
fn folded(from: char, to: char) -> Vec<(char, char)> {
    let mut class = ClassUnicode::new([ClassUnicodeRange::new(from, to)]);
    match class.try_case_fold_simple() {
        Ok(()) => all(&class),
        Err(_) => vec![(from, to)],
    }
}

fn all(class: &ClassUnicode) -> Vec<(char, char)> {
    class.iter().map(|it| (it.start(), it.end())).collect()
}

/// A sign within a class.
fn of_class(it: char) -> String {
    match it {
        '\\' | '[' | ']' | '^' | '-' => format!("\\{it}"),
        it if it.is_ascii() && !it.is_ascii_control() => it.to_string(),
        it => sign(it),
    }
}

/// A sign outside of classes. JavaScript takes no backslash before others than these.
fn sign(it: char) -> String {
    match it {
        '^' | '$' | '\\' | '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '/' => format!("\\{it}"),
        it if it.is_alphanumeric() || it.is_ascii() && !it.is_ascii_control() => it.to_string(),
        it if it <= '\u{ff}' => format!("\\x{:02X}", u32::from(it)),
        it if it <= LAST_OF_ONE => format!("\\u{:04X}", u32::from(it)),
        it => it.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_written_so_that_others_read_it() {
        let check = |pattern: &str, expected: Option<&str>| {
            assert_eq!(portable(pattern).as_deref(), expected, "{pattern}");
        };
        for same in ["^SA-[0-9]{3}$", r"a|b\.c", r"\d+\s\w*?", "(a)(?:b)", "[^,]+", r"\x41\t", "a.c", r"[\d-]", "é{2}"]
        {
            check(same, Some(same));
        }
        check("(?i)ab1", Some("[Aa][Bb]1"));
        check("(?i)k", Some("[Kk\u{212a}]"));
        check("(?i)[a-c]x", Some("[A-Ca-c][Xx]"));
        check("a(?i:b)c", Some("a(?:[Bb])c"));
        check(r"\Aab\z", Some("^ab$"));
        check("^[[:alpha:]_]+$", Some("^[A-Za-z_]+$"));
        check("[^[:digit:]]", Some("[^0-9]"));
        check("[[:^digit:]]", Some("[^0-9]"));
        check("(?i)[.%k-]", Some("[.%Kk\u{212a}\\-]"));
        check(r"a\Z|\\Z", Some(r"a$|\\Z"));
        check("(?x) a b # c", Some("ab"));
        check(r"(?P<year>\d{4})-(?<m>\d)", Some(r"(\d{4})-(\d)"));
        check("(?s)a.b", Some(r"a[\s\S]b"));
        check(r"\x{e9}\a", Some(r"é\x07"));
        check(r"[\x{2013}-]", Some(r"[\u2013\-]"));
        for lost in
            [r"\pL", r"[\p{Lu}x]", "(?m)^a", "(?U)a+", r"\Qa.b\E", "[[:^alpha:]x]", "[a[b]]", r"\x{1F600}-[😀-😂]"]
        {
            check(lost, None);
        }
        check("a{x", Some("a{x"));
    }

    /// What is written out finds what the pattern finds.
    #[test]
    fn it_finds_the_same() {
        let patterns = ["(?i)aß-k", r"\A[[:upper:]]{2}\z", "(?x) a \\  b", "(?i)[x-z]{2}", "(?s)a.b", "x(?i)y"];
        let texts = ["Aß-K", "aß-\u{212a}", "AB", "ab", "a b", "XY", "a\nb", "xY", "Xy", "xy", ""];
        for pattern in patterns {
            let other = portable(pattern).expect("a pattern");
            let regex = |it: &str| fancy_regex::Regex::new(it).expect("a pattern");
            let (ours, theirs) = (regex(pattern), regex(&other));
            for text in texts {
                let found = |it: &fancy_regex::Regex| it.is_match(text).expect("it ends");
                assert_eq!(found(&ours), found(&theirs), "{pattern} {other} {text:?}");
            }
        }
    }
}
