//! Changes of an input: what damage, slips and malice do to a file.

/// Random numbers that are the same everywhere (SplitMix64, Steele, Lea and Flood 2014).
pub struct Lot(pub u64);

impl Lot {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        it ^ (it >> 31)
    }

    /// A number below `end`, which is at least one.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    /// One of these.
    pub fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// Numbers, marks and letters at which readers stumble.
const ODD: &[&str] = &[
    "0",
    "-1",
    "1e400",
    "9223372036854775808",
    "4294967296",
    "1048577",
    "NaN",
    "\u{0}",
    "\u{feff}",
    "\u{202e}",
    "é",
    "\u{1f600}",
    "\u{ff11}",
    "'",
    "\"",
    "\"\"",
    "\\",
    "]]>",
    "<",
    "&",
    "&#0;",
    "%",
    "\r",
    "\n",
    "\r\n",
    "\t",
    ";",
    ",",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "--",
    "/*",
    "#",
    "$",
    "..",
    "=",
];

/// One to four changes of a seed.
pub fn changed(lot: &mut Lot, seeds: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
    let mut it = lot.of(seeds).clone();
    for _ in 0..=lot.below(4) {
        let at = lot.below(it.len() + 1);
        let end = (at + 1 + lot.below(24)).min(it.len());
        match lot.below(9) {
            0 if at < it.len() => it[at] ^= 1 << lot.below(8),
            1 => drop(it.drain(at..end)),
            2 => it.truncate(at),
            3 => {
                let part = it[at..end].to_vec();
                let times = *lot.of(&[1, 1, 2, 5, 400]);
                it.splice(at..at, part.repeat(times));
            }
            4 => {
                let other = lot.of(seeds);
                let from = lot.below(other.len() + 1);
                let part = other[from..(from + lot.below(80)).min(other.len())].to_vec();
                it.splice(at..end, part);
            }
            5 => drop(it.splice(at..at, lot.of(ODD).repeat(*lot.of(&[1, 1, 1, 3, 300])).into_bytes())),
            6 => drop(it.splice(at..end, lot.of(ODD).bytes())),
            7 if !words.is_empty() => drop(it.splice(at..end, lot.of(words).bytes())),
            _ => number(lot, &mut it, at),
        }
    }
    it
}

/// Puts another number in the place of the next one.
fn number(lot: &mut Lot, it: &mut Vec<u8>, from: usize) {
    let Some(at) = it[from..].iter().position(u8::is_ascii_digit).map(|it| from + it) else { return };
    let end = it[at..].iter().position(|it| !it.is_ascii_digit()).map_or(it.len(), |it| at + it);
    let other = lot.of(&["0", "1", "2", "65536", "2147483648", "18446744073709551616", "99999999999999999999999"]);
    it.splice(at..end, other.bytes());
}
