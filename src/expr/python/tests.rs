//! What patterns find, beside what they find in Python, and what is wrong with others.

use super::*;

/// What Python 3.11 says of `re.search(pattern, text) is not None`.
#[test]
fn a_pattern_finds_what_it_finds_in_python() {
    let check = |pattern: &str, found: &[&str], not: &[&str]| {
        let written = translated(pattern).unwrap_or_else(|it| panic!("{pattern}: {it:?}"));
        let regex = fancy_regex::Regex::new(&written).expect("a pattern");
        for text in found {
            assert_eq!(regex.is_match(text).ok(), Some(true), "{pattern} as {written} in {text:?}");
        }
        for text in not {
            assert_eq!(regex.is_match(text).ok(), Some(false), "{pattern} as {written} in {text:?}");
        }
    };
    check(r"^a$", &["a", "a\n"], &["a\n\n", "ba", "ab"]);
    check(r"^(a$|b)", &["a\n", "bc"], &["ac"]);
    check(r"a$\n", &["a\n"], &["a"]);
    check(r"a\Z", &["ba"], &["a\n"]);
    check(r"(?m)^b$", &["a\nb\nc"], &["ab"]);
    check(r"^\d+$", &["12", "\u{661}\u{662}"], &["\u{b2}", "1x"]);
    check(r"(?a)^\d+$", &["12"], &["\u{661}"]);
    check(r"^[^@\s]+@[^@\s]+$", &["a@b"], &["a@b\u{a0}", "a @b", "a@b\u{1c}"]);
    check(r"^\w+$", &["\u{e9}a_1", "\u{661}", "\u{b2}"], &["e\u{301}", "a-b"]);
    check(r"\S", &["a"], &[" ", "\u{3000}\u{85}"]);
    check(r"[\W]", &["-"], &["\u{e9}"]);
    check(r"a{,2}b", &["b", "aab"], &["c"]);
    check(r"^a{,2}$", &["", "aa"], &["aaa"]);
    check(r"a{x}", &["a{x}"], &["a"]);
    check(r"a{", &["a{"], &["a"]);
    check(r"^(?=.*[0-9])(?!.*x)", &["a1"], &["a", "1x"]);
    check(r"(?<=a)b", &["ab"], &["b"]);
    check(r"^(.)\1$", &["aa"], &["ab"]);
    check(r"^(?P<q>['\x22]).*(?P=q)$", &["'a'"], &["'a\""]);
    check(r"^(a)?(?(1)b|c)$", &["ab", "c"], &["b"]);
    check(r"^a++b", &["aab"], &["b"]);
    check(r"(?i)^stra\u00dfe", &["STRA\u{df}E"], &["x"]);
    check("(?x) a b # blanks\n c", &["abc"], &["a b c"]);
    check(r"(?i:a)b", &["Ab"], &["aB"]);
    check(r"[]a]", &["]"], &["b"]);
    check(r"[a&&b]", &["&", "a"], &["c"]);
    check(r"[a-c~~d-]", &["b", "~", "-"], &["e"]);
    check(r"[[a]", &["["], &["b"]);
    check(r"[[:alpha:]]\pL\p{Nd}", &["ab1"], &["1b1"]);
    check(r"\x41\u0042\103\0", &["ABC\0"], &["abc"]);
    check(r"[\b]", &["\u{8}"], &["b"]);
    check(r"^https?://", &["http://x"], &["ftp://x"]);
    check(r"^\+?\d[-\d\s()]{5,}(?:\.0)?$", &["+44 20 7946 0018", "0215550101.0"], &["call me"]);
    check(r"(?#note)a*?b??", &[""], &[]);
    check(r"#a b", &["#a b"], &["ab"]);
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let check = |pattern: &str, reason: &str, at: usize| {
        let found = translated(pattern).expect_err(pattern);
        assert_eq!((found.reason.as_str(), found.at), (reason, at), "{pattern}");
    };
    check("\u{e9}[a-z", "this bracket is not closed", 1);
    check("^(a|b$", "this bracket is not closed", 1);
    check("a)", "this bracket was not opened", 1);
    check("*a", "there is nothing before this that could be repeated", 0);
    check("a|+", "there is nothing before this that could be repeated", 2);
    check("a**", "what is repeated already cannot be repeated without brackets", 2);
    check("[z-a]", "this range ends before it begins", 1);
    check(r"[a-\d]", "this range has no end", 1);
    check("a{3,1}", "the most is less than the least", 1);
    check("a\\", "there is nothing after this backslash", 1);
    check(r"a\q", "a backslash before this letter means nothing", 1);
    check(r"\xz", "there is no such sign", 0);
    check(r"\p{Nope}", "there is no such class", 0);
    check(r"\1", "there is no group of this number", 0);
    check("(?P<a>x)(?P<a>y)", "two groups have this name", 8);
    check("(?P=a)", "no group has this name", 0);
    check("a(?i)b", "flags for the whole pattern must be at its beginning", 1);
    check("(?k)", "there is no such flag", 2);
    check(&"(".repeat(200), "brackets are nested too deep", 101);
}
