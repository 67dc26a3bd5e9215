//! Regular expressions as Python's `re` understands them, written anew for the engine that runs them.
//!
//! Patterns of checks come from people who know them from Python, and from suites that were written for it. Three things
//! mean something else elsewhere: what `\d`, `\s` and `\w` are among all letters of the world, that `$` is also before a
//! last line end, and that `{,3}` repeats. What Python refuses is refused here, with its place; beyond it, `\p{…}`,
//! `\z` and `[[:alpha:]]` mean what they mean elsewhere.

use crate::expr::pattern::Wrong;

/// What a digit, a blank and a letter of a word are, as parts of a class, and everything else.
const DIGIT: [&str; 2] = [r"\p{Nd}", r"\P{Nd}"];
const BLANK: [&str; 2] = [r"\s\x1c-\x1f", r"[^\s\x1c-\x1f]"];
const WORD: [&str; 2] = [r"\p{L}\p{N}_", r"[^\p{L}\p{N}_]"];
const ASCII_DIGIT: [&str; 2] = ["0-9", "[^0-9]"];
const ASCII_BLANK: [&str; 2] = [r"\t-\r\x20", r"[^\t-\r\x20]"];
const ASCII_WORD: [&str; 2] = ["0-9A-Za-z_", "[^0-9A-Za-z_]"];

/// How deep brackets may stand in each other.
const DEEPEST: usize = 100;

/// The pattern in the dialect of the engine, or what is wrong with it.
pub fn translated(pattern: &str) -> Result<String, Wrong> {
    let mut reader = Reader { all: pattern.chars().collect(), at: 0, out: String::new(), groups: 0, names: Vec::new() };
    let flags = reader.leading_flags()?;
    reader.alternatives(flags, 0)?;
    if reader.at < reader.all.len() {
        return Err(reader.wrong("this bracket was not opened", reader.at));
    }
    let out = reader.out;
    match fancy_regex::Regex::new(&out) {
        Ok(_) => Ok(out),
        Err(_) => Err(Wrong { reason: "the pattern is too large, or no engine can run it".to_owned(), at: 0 }),
    }
}

/// Flags that decide what is written.
#[derive(Clone, Copy, Default)]
struct Flags {
    ascii: bool,
    lines: bool,
    verbose: bool,
}

struct Reader {
    all: Vec<char>,
    at: usize,
    out: String,
    groups: usize,
    names: Vec<String>,
}

impl Reader {
    fn wrong(&self, reason: &str, at: usize) -> Wrong {
        Wrong { reason: reason.to_owned(), at }
    }

    fn peek(&self) -> Option<char> {
        self.all.get(self.at).copied()
    }

    fn starts(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(at, it)| self.all.get(self.at + at) == Some(&it))
    }

    /// `(?i)` at the beginning is about the whole pattern.
    fn leading_flags(&mut self) -> Result<Flags, Wrong> {
        let mut flags = Flags::default();
        while self.starts("(?") {
            let letters: String = self.all[self.at + 2..].iter().take_while(|it| it.is_ascii_alphabetic()).collect();
            if letters.is_empty() || self.all.get(self.at + 2 + letters.len()) != Some(&')') {
                break;
            }
            let begins = self.at;
            self.at += 2;
            flags = self.flags(flags, begins)?.0;
            self.at += 1;
        }
        Ok(flags)
    }

    /// Letters of flags up to what is none; writes those that the engine must know, as `(?is)`. Gives the flags, and
    /// what was written between the brackets.
    fn flags(&mut self, mut flags: Flags, begins: usize) -> Result<(Flags, String), Wrong> {
        let (mut written, mut off) = (String::new(), false);
        while let Some(letter) = self.peek().filter(|it| it.is_ascii_alphabetic() || *it == '-') {
            match letter {
                '-' if !off => {
                    off = true;
                    written.push('-');
                }
                'i' | 's' => written.push(letter),
                'm' => flags.lines = !off,
                'x' => flags.verbose = !off,
                'a' if !off => flags.ascii = true,
                'u' if !off => flags.ascii = false,
                _ => return Err(self.wrong("there is no such flag", self.at)),
            }
            self.at += 1;
        }
        if self.at >= self.all.len() {
            return Err(self.wrong("this bracket is not closed", begins));
        }
        let written = written.trim_end_matches('-').to_owned();
        if self.peek() == Some(')') && !written.is_empty() {
            self.out.push_str(&format!("(?{written})"));
        }
        Ok((flags, written))
    }

    fn alternatives(&mut self, flags: Flags, depth: usize) -> Result<(), Wrong> {
        if depth > DEEPEST {
            return Err(self.wrong("brackets are nested too deep", self.at));
        }
        loop {
            self.sequence(flags, depth)?;
            if self.peek() != Some('|') {
                return Ok(());
            }
            self.out.push('|');
            self.at += 1;
        }
    }

    fn sequence(&mut self, flags: Flags, depth: usize) -> Result<(), Wrong> {
        // Where what could be repeated begins in what is written; none where nothing stands before.
        let mut last: Option<usize> = None;
        while let Some(it) = self.peek() {
            let begins = self.at;
            if flags.verbose && it.is_whitespace() {
                self.at += 1;
                continue;
            }
            if flags.verbose && it == '#' {
                self.at += self.all[self.at..].iter().take_while(|it| **it != '\n').count();
                continue;
            }
            match it {
                '|' | ')' => return Ok(()),
                '*' | '+' | '?' => {
                    let from = last.take().ok_or_else(|| self.nothing(begins))?;
                    self.at += 1;
                    self.repeated(from, &it.to_string())?;
                }
                '{' => match self.counted() {
                    Some((least, most)) => {
                        let from = last.take().ok_or_else(|| self.nothing(begins))?;
                        if most.is_some_and(|most| most < least) {
                            return Err(self.wrong("the most is less than the least", begins));
                        }
                        let most = most.map_or(String::new(), |it| it.to_string());
                        self.repeated(from, &format!("{{{least},{most}}}"))?;
                    }
                    None => {
                        last = Some(self.out.len());
                        self.out.push_str(r"\{");
                        self.at += 1;
                    }
                },
                '(' => {
                    let from = self.out.len();
                    last = self.group(flags, depth)?.then_some(from);
                }
                _ => {
                    last = Some(self.out.len());
                    self.one(it, flags)?;
                }
            }
        }
        Ok(())
    }

    fn nothing(&self, at: usize) -> Wrong {
        let before = at.checked_sub(1).and_then(|it| self.all.get(it));
        match before {
            Some('*' | '+' | '?' | '}') => {
                self.wrong("what is repeated already cannot be repeated without brackets", at)
            }
            _ => self.wrong("there is nothing before this that could be repeated", at),
        }
    }

    /// Writes a repetition of what was written last, with what makes it lazy or possessive behind it.
    fn repeated(&mut self, from: usize, how: &str) -> Result<(), Wrong> {
        match self.peek() {
            Some('?') => {
                self.out.push_str(how);
                self.out.push('?');
                self.at += 1;
            }
            Some('+') => {
                self.out.insert_str(from, "(?>");
                self.out.push_str(how);
                self.out.push(')');
                self.at += 1;
            }
            _ => self.out.push_str(how),
        }
        Ok(())
    }

    /// `{3}`, `{3,}`, `{,3}` or `{1,3}` at this place, which is passed over; `None` where the bracket stands for itself.
    fn counted(&mut self) -> Option<(u32, Option<u32>)> {
        let inner: String = self.all[self.at + 1..].iter().take_while(|it| **it != '}').collect();
        if self.all.get(self.at + 1 + inner.chars().count()) != Some(&'}') {
            return None;
        }
        let number = |it: &str| it.parse::<u32>().ok();
        let digits = |it: &str| it.chars().all(|it| it.is_ascii_digit());
        let found = match inner.split_once(',') {
            None if !inner.is_empty() && digits(&inner) => (number(&inner)?, number(&inner)),
            Some((least, most)) if digits(least) && digits(most) => {
                let least = if least.is_empty() { 0 } else { number(least)? };
                (least, if most.is_empty() { None } else { Some(number(most)?) })
            }
            _ => return None,
        };
        self.at += inner.chars().count() + 2;
        Some(found)
    }

    /// A group; gives whether it could be repeated.
    fn group(&mut self, flags: Flags, depth: usize) -> Result<bool, Wrong> {
        let begins = self.at;
        let mut inner = flags;
        self.at += 1;
        if !self.starts("?") {
            self.groups += 1;
            self.out.push('(');
        } else if self.starts("?#") {
            let rest = &self.all[self.at..];
            let end = rest.iter().position(|it| *it == ')');
            self.at += end.ok_or_else(|| self.wrong("this bracket is not closed", begins))? + 1;
            return Ok(false);
        } else if self.starts("?P=") {
            self.at += 3;
            let name = self.name(')', begins)?;
            if !self.names.contains(&name) {
                return Err(self.wrong("no group has this name", begins));
            }
            self.out.push_str(&format!(r"\k<{name}>"));
            return Ok(true);
        } else if self.starts("?P<") || (self.starts("?<") && !self.starts("?<=") && !self.starts("?<!")) {
            self.at += if self.starts("?P<") { 3 } else { 2 };
            let name = self.name('>', begins)?;
            if self.names.contains(&name) {
                return Err(self.wrong("two groups have this name", begins));
            }
            self.out.push_str(&format!("(?<{name}>"));
            self.names.push(name);
            self.groups += 1;
        } else if self.starts("?(") {
            self.at += 2;
            let name = self.name(')', begins)?;
            let known =
                self.names.contains(&name) || name.parse::<usize>().is_ok_and(|it| (1..=self.groups).contains(&it));
            if !known {
                return Err(self.wrong("no group has this name", begins));
            }
            self.out.push_str(&format!("(?({name})"));
        } else if let Some(look) = ["?:", "?=", "?!", "?<=", "?<!", "?>"].into_iter().find(|it| self.starts(it)) {
            self.at += look.len();
            self.out.push('(');
            self.out.push_str(look);
        } else {
            self.at += 1;
            let (changed, written) = self.flags(flags, begins)?;
            match self.peek() {
                Some(':') => {
                    self.at += 1;
                    inner = changed;
                    self.out.push_str(&format!("(?{written}:"));
                }
                Some(')') => return Err(self.wrong("flags for the whole pattern must be at its beginning", begins)),
                _ => return Err(self.wrong("there is no such group", begins)),
            }
        }
        self.alternatives(inner, depth + 1)?;
        if self.peek() != Some(')') {
            return Err(self.wrong("this bracket is not closed", begins));
        }
        self.at += 1;
        self.out.push(')');
        Ok(true)
    }

    fn name(&mut self, end: char, begins: usize) -> Result<String, Wrong> {
        let name: String = self.all[self.at..].iter().take_while(|it| **it != end).collect();
        let is_name = !name.is_empty() && name.chars().all(|it| it.is_alphanumeric() || it == '_');
        if !is_name || self.all.get(self.at + name.chars().count()) != Some(&end) {
            return Err(self.wrong("a group cannot have this name", begins));
        }
        self.at += name.chars().count() + 1;
        Ok(name)
    }

    /// One sign or class.
    fn one(&mut self, it: char, flags: Flags) -> Result<(), Wrong> {
        let begins = self.at;
        self.at += 1;
        match it {
            '.' => self.out.push('.'),
            '^' => self.out.push_str(if flags.lines { "(?m:^)" } else { r"\A" }),
            '$' if flags.lines => self.out.push_str("(?m:$)"),
            // At the end of the pattern nothing can look at the line end any more, and what only looks is slower.
            '$' if self.at == self.all.len() => self.out.push_str(r"(?:\n?\z)"),
            '$' => self.out.push_str(r"(?=\n?\z)"),
            '[' => self.class(flags, begins)?,
            '\\' => self.escape(flags, begins)?,
            _ => self.literal(it),
        }
        Ok(())
    }

    fn literal(&mut self, it: char) {
        if it.is_ascii_punctuation() || it.is_ascii_whitespace() || it.is_ascii_control() {
            self.out.push_str(&format!(r"\x{{{:x}}}", u32::from(it)));
        } else {
            self.out.push(it);
        }
    }

    fn escape(&mut self, flags: Flags, begins: usize) -> Result<(), Wrong> {
        let Some(it) = self.peek() else { return Err(self.wrong("there is nothing after this backslash", begins)) };
        match it {
            'A' => self.out.push_str(r"\A"),
            'Z' | 'z' => self.out.push_str(r"\z"),
            'b' | 'B' if flags.ascii => self.out.push_str(&format!(r"(?-u:\{it})")),
            'b' | 'B' => self.out.push_str(&format!(r"\{it}")),
            '1'..='9' => {
                let digits: String = self.all[self.at..].iter().take(2).take_while(|it| it.is_ascii_digit()).collect();
                match digits.parse::<usize>() {
                    Ok(number) if number <= self.groups => {
                        self.at += digits.len();
                        self.out.push_str(&format!(r"(?:\{number})"));
                        return Ok(());
                    }
                    _ if self.octal().is_some() => return Ok(()),
                    _ => return Err(self.wrong("there is no group of this number", begins)),
                }
            }
            'p' | 'P' => {
                let (property, length) = self.property(begins)?;
                self.out.push_str(&property);
                self.at += length;
                return Ok(());
            }
            _ => {
                if let Some(class) = class_of(it, flags.ascii) {
                    self.out.push_str(&class.alone());
                } else {
                    let sign = self.sign(begins)?;
                    self.literal(sign);
                    return Ok(());
                }
            }
        }
        self.at += 1;
        Ok(())
    }

    /// `\p{…}` or `\pL`, as it is, and how many characters behind the backslash it has.
    fn property(&self, begins: usize) -> Result<(String, usize), Wrong> {
        let rest = &self.all[self.at..];
        let length = match rest.get(1) {
            Some('{') => rest.iter().position(|it| *it == '}').map(|it| it + 1),
            Some(it) if it.is_ascii_alphabetic() => Some(2),
            _ => None,
        };
        let length = length.ok_or_else(|| self.wrong("there is no such class", begins))?;
        let text = format!(r"\{}", rest[..length].iter().collect::<String>());
        match fancy_regex::Regex::new(&text) {
            Ok(_) => Ok((text, length)),
            Err(_) => Err(self.wrong("there is no such class", begins)),
        }
    }

    /// Three octal digits as a sign, which is written.
    fn octal(&mut self) -> Option<()> {
        let digits: String = self.all[self.at..].iter().take(3).take_while(|it| ('0'..='7').contains(*it)).collect();
        let value = (digits.len() == 3).then(|| u32::from_str_radix(&digits, 8).ok()).flatten()?;
        self.at += 3;
        self.literal(char::from_u32(value).filter(|_| value <= 0o377)?);
        Some(())
    }

    /// The sign behind a backslash, both within brackets and outside of them.
    fn sign(&mut self, begins: usize) -> Result<char, Wrong> {
        let Some(it) = self.peek() else { return Err(self.wrong("there is nothing after this backslash", begins)) };
        self.at += 1;
        let sign = match it {
            'a' => '\u{7}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            'x' => return self.hexadecimal(2, begins),
            'u' => return self.hexadecimal(4, begins),
            'U' => return self.hexadecimal(8, begins),
            '0' => {
                let digits: String =
                    self.all[self.at..].iter().take(2).take_while(|it| ('0'..='7').contains(*it)).collect();
                self.at += digits.len();
                let value = u32::from_str_radix(&format!("0{digits}"), 8).unwrap_or_default();
                return char::from_u32(value).ok_or_else(|| self.wrong("there is no such sign", begins));
            }
            _ if it.is_ascii_alphanumeric() => {
                return Err(self.wrong("a backslash before this letter means nothing", begins));
            }
            _ => it,
        };
        Ok(sign)
    }

    fn hexadecimal(&mut self, length: usize, begins: usize) -> Result<char, Wrong> {
        let digits: String = self.all[self.at..].iter().take(length).take_while(|it| it.is_ascii_hexdigit()).collect();
        let value = (digits.len() == length).then(|| u32::from_str_radix(&digits, 16).ok()).flatten();
        self.at += digits.len();
        value.and_then(char::from_u32).ok_or_else(|| self.wrong("there is no such sign", begins))
    }

    /// A class in brackets, whose opening bracket has been passed.
    fn class(&mut self, flags: Flags, begins: usize) -> Result<(), Wrong> {
        self.out.push('[');
        if self.peek() == Some('^') {
            self.out.push('^');
            self.at += 1;
        }
        let first = self.at;
        loop {
            let here = self.at;
            let Some(it) = self.peek() else { return Err(self.wrong("this bracket is not closed", begins)) };
            if it == ']' && here > first {
                self.at += 1;
                self.out.push(']');
                return Ok(());
            }
            if self.starts("[:")
                && let Some(length) = self.all[here..].iter().position(|it| *it == ']')
                && self.all[here + length - 1] == ':'
                && length > 3
            {
                self.out.extend(&self.all[here..=here + length]);
                self.at += length + 1;
                continue;
            }
            let Some(low) = self.member(flags)? else { continue };
            if self.peek() != Some('-') || matches!(self.all.get(self.at + 1), None | Some(']')) {
                self.literal(low);
                continue;
            }
            self.at += 1;
            match self.member_sign()? {
                Some(high) if high < low => return Err(self.wrong("this range ends before it begins", here)),
                Some(high) => {
                    self.literal(low);
                    self.out.push('-');
                    self.literal(high);
                }
                None => return Err(self.wrong("this range has no end", here)),
            }
        }
    }

    /// A member of a class: a sign, or a class that has been written.
    fn member(&mut self, flags: Flags) -> Result<Option<char>, Wrong> {
        let begins = self.at;
        if self.peek() == Some('\\')
            && let Some(next) = self.all.get(self.at + 1).copied()
        {
            if let Some(class) = class_of(next, flags.ascii) {
                self.out.push_str(class.within());
                self.at += 2;
                return Ok(None);
            }
            if matches!(next, 'p' | 'P') {
                self.at += 1;
                let (property, length) = self.property(begins)?;
                self.out.push_str(&property);
                self.at += length;
                return Ok(None);
            }
        }
        self.member_sign()
    }

    /// A sign in a class; `None` for a class.
    fn member_sign(&mut self) -> Result<Option<char>, Wrong> {
        let begins = self.at;
        let Some(it) = self.peek() else { return Err(self.wrong("this bracket is not closed", begins)) };
        self.at += 1;
        if it != '\\' {
            return Ok(Some(it));
        }
        match self.peek() {
            Some('b') => {
                self.at += 1;
                Ok(Some('\u{8}'))
            }
            Some('d' | 'D' | 's' | 'S' | 'w' | 'W') => Ok(None),
            _ => self.sign(begins).map(Some),
        }
    }
}

/// `\d` and its like: as parts of a class, and whether it is everything else.
struct Class {
    parts: [&'static str; 2],
    not: bool,
}

impl Class {
    /// Outside of brackets.
    fn alone(&self) -> String {
        if self.not { self.parts[1].to_owned() } else { format!("[{}]", self.parts[0]) }
    }

    /// Within brackets.
    fn within(&self) -> &'static str {
        self.parts[usize::from(self.not)]
    }
}

fn class_of(letter: char, ascii: bool) -> Option<Class> {
    let parts = match (letter.to_ascii_lowercase(), ascii) {
        ('d', false) => DIGIT,
        ('s', false) => BLANK,
        ('w', false) => WORD,
        ('d', true) => ASCII_DIGIT,
        ('s', true) => ASCII_BLANK,
        ('w', true) => ASCII_WORD,
        _ => return None,
    };
    Some(Class { parts, not: letter.is_ascii_uppercase() })
}

#[cfg(test)]
mod tests;
