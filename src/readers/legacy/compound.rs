//! Compound files: one stream of one, whole, as old workbooks stand in them.
//!
//! Chains of sectors are followed for no more steps than the file has sectors, so that a circle ends.

use std::io::{Read, Seek, SeekFrom};

/// Sectors that a header lists of the table of sectors.
const LISTED: usize = 109;
/// Sector numbers from here on are marks, such as the end of a chain.
const MARKS: u32 = 0xffff_fffa;

/// The first of these streams that is there. `most` bounds the bytes of the file.
pub(super) fn stream(mut input: impl Read + Seek, names: &[&str], most: u64) -> Option<Vec<u8>> {
    let mut file = Vec::new();
    input.seek(SeekFrom::Start(0)).ok()?;
    input.take(most).read_to_end(&mut file).ok()?;
    let file = Compound::of(&file)?;
    let entry = names.iter().find_map(|name| file.find(name))?;
    file.content(&entry)
}

struct Compound<'a> {
    file: &'a [u8],
    /// Bytes of a sector, as a power of two.
    shift: u32,
    next: Vec<u32>,
    /// Streams that are shorter stand in the short sectors of the first entry.
    short: u64,
    short_shift: u32,
    short_next: Vec<u32>,
    entries: Vec<Entry>,
}

#[derive(Clone)]
struct Entry {
    name: String,
    first: u32,
    size: u64,
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

impl<'a> Compound<'a> {
    fn of(file: &'a [u8]) -> Option<Compound<'a>> {
        let shift = u32::from(half(file, 30)?);
        let short_shift = u32::from(half(file, 32)?);
        if !(7..=16).contains(&shift) || !(2..shift).contains(&short_shift) {
            return None;
        }
        let mut compound = Compound {
            file,
            shift,
            next: Vec::new(),
            short: u64::from(word(file, 56)?),
            short_shift,
            short_next: Vec::new(),
            entries: Vec::new(),
        };
        let mut tables: Vec<u32> = (0..LISTED).filter_map(|it| word(file, 76 + 4 * it)).collect();
        // Larger files list the rest in sectors of its own, each with the next one at its end.
        let mut more = word(file, 68)?;
        for _ in 0..compound.sectors() {
            let Some(sector) = compound.sector(more) else { break };
            let numbers: Vec<u32> = words(sector);
            let (next, listed) = numbers.split_last()?;
            tables.extend(listed);
            more = *next;
            if tables.len() > compound.sectors() + LISTED {
                break;
            }
        }
        for table in tables.into_iter().filter(|it| *it < MARKS) {
            let sector = compound.sector(table).map(words);
            compound.next.extend(sector?);
        }
        let short_next = compound.chain(word(file, 60)?, u64::MAX);
        compound.short_next = words(&short_next);
        let folder = compound.chain(word(file, 48)?, u64::MAX);
        compound.entries = folder.chunks_exact(128).filter_map(entry).collect();
        Some(compound)
    }

    fn sectors(&self) -> usize {
        self.file.len() >> self.shift
    }

    fn sector(&self, number: u32) -> Option<&'a [u8]> {
        let start = (number as usize).checked_add(1)?.checked_shl(self.shift)?;
        let end = (start + (1 << self.shift)).min(self.file.len());
        (number < MARKS).then(|| self.file.get(start..end)).flatten().filter(|it| !it.is_empty())
    }

    /// The bytes of a chain of sectors.
    fn chain(&self, first: u32, size: u64) -> Vec<u8> {
        let (mut out, mut at) = (Vec::new(), first);
        for _ in 0..=self.sectors() {
            let Some(sector) = self.sector(at) else { break };
            out.extend_from_slice(sector);
            if out.len() as u64 >= size {
                break;
            }
            at = self.next.get(at as usize).copied().unwrap_or(MARKS);
        }
        out.truncate(usize::try_from(size).unwrap_or(usize::MAX));
        out
    }

    /// A stream by its name; names do not tell upper from lower case.
    fn find(&self, name: &str) -> Option<Entry> {
        self.entries.iter().find(|it| it.name.eq_ignore_ascii_case(name)).cloned()
    }

    fn content(&self, entry: &Entry) -> Option<Vec<u8>> {
        if entry.size >= self.short {
            return Some(self.chain(entry.first, entry.size));
        }
        let root = self.entries.first()?;
        let sectors = self.chain(root.first, root.size);
        let length = 1 << self.short_shift;
        let (mut out, mut at) = (Vec::new(), entry.first);
        while (out.len() as u64) < entry.size && at < MARKS {
            let start = (at as usize).checked_mul(length)?;
            out.extend_from_slice(sectors.get(start..(start + length).min(sectors.len()))?);
            at = self.short_next.get(at as usize).copied().unwrap_or(MARKS);
        }
        out.truncate(entry.size as usize);
        Some(out)
    }
}

fn words(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).map(|it| u32::from_le_bytes([it[0], it[1], it[2], it[3]])).collect()
}

/// An entry of the folder that is in use.
fn entry(bytes: &[u8]) -> Option<Entry> {
    let length = usize::from(half(bytes, 64)?).checked_sub(2)?.min(62);
    let units: Vec<u16> = bytes[..length].chunks_exact(2).map(|it| u16::from_le_bytes([it[0], it[1]])).collect();
    // Only files with long sectors use the upper half of a size.
    let size = u64::from(word(bytes, 120)?);
    Some(Entry { name: String::from_utf16_lossy(&units), first: word(bytes, 116)?, size })
}
