//! The one format of everything that the store writes by itself: records with a version and a sum.
//!
//! A record is `hpr`, a version (u8), the length of its body (u32 LE), the first eight bytes of the BLAKE3 digest of
//! version and body, and the body. What a newer hotpass wrote is told from what is damaged, and behind a damaged record
//! the next sound one is found again.

/// What a record begins with.
const MAGIC: [u8; 3] = *b"hpr";
/// The version that this program writes; it reads this one alone.
const VERSION: u8 = 1;
/// Bytes before the body.
const HEAD: usize = 16;

/// What stands at a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Found<'a> {
    /// The body of a sound record.
    Record(&'a [u8]),
    /// A sound record that a newer hotpass wrote.
    Newer,
    /// Bytes that are no record; a sound one follows.
    Damaged,
    /// Bytes that are no record, up to the end: an append that was cut off, or damage.
    Torn,
}

/// Why the body of a file with one record cannot be had.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unsound {
    /// A newer hotpass wrote it.
    Newer,
    /// Its bytes are not those that were written.
    Damaged,
}

/// Appends a record.
pub fn encode(body: &[u8], out: &mut Vec<u8>) {
    out.extend(MAGIC);
    out.push(VERSION);
    out.extend((body.len() as u32).to_le_bytes());
    out.extend(sum(VERSION, body));
    out.extend(body);
}

/// A file of one record.
pub fn file(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEAD + body.len());
    encode(body, &mut out);
    out
}

/// The body of a file of one record.
pub fn body(bytes: &[u8]) -> Result<&[u8], Unsound> {
    match next(bytes, 0) {
        Some((Found::Record(body), end)) if end == bytes.len() => Ok(body),
        Some((Found::Newer, _)) => Err(Unsound::Newer),
        _ => Err(Unsound::Damaged),
    }
}

/// What stands at `at`, and where the next begins; `None` at the end.
pub fn next(bytes: &[u8], at: usize) -> Option<(Found<'_>, usize)> {
    if at >= bytes.len() {
        return None;
    }
    if let Some((version, body)) = sound(bytes, at) {
        let found = if version == VERSION { Found::Record(body) } else { Found::Newer };
        return Some((found, at + HEAD + body.len()));
    }
    let again = (at + 1..bytes.len()).find(|it| bytes[*it..].starts_with(&MAGIC) && sound(bytes, *it).is_some());
    Some(again.map_or((Found::Torn, bytes.len()), |it| (Found::Damaged, it)))
}

fn sound(bytes: &[u8], at: usize) -> Option<(u8, &[u8])> {
    let head = bytes.get(at..at + HEAD)?;
    let length = u32::from_le_bytes(head[4..8].try_into().ok()?) as usize;
    let body = bytes.get(at + HEAD..(at + HEAD).checked_add(length)?)?;
    (head.starts_with(&MAGIC) && sum(head[3], body) == head[8..]).then_some((head[3], body))
}

fn sum(version: u8, body: &[u8]) -> [u8; 8] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&[version]).update(body);
    let mut sum = [0; 8];
    sum.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands in some bytes, from place to place.
    fn all(bytes: &[u8]) -> Vec<Found<'_>> {
        let (mut at, mut acc) = (0, Vec::new());
        while let Some((found, next)) = next(bytes, at) {
            acc.push(found);
            at = next;
        }
        acc
    }

    fn two() -> (Vec<u8>, usize) {
        let mut bytes = file(b"one");
        let at = bytes.len();
        encode(b"another", &mut bytes);
        (bytes, at)
    }

    #[test]
    fn a_flipped_bit_costs_its_own_record_alone() {
        let (bytes, at) = two();
        assert_eq!(all(&bytes), [Found::Record(b"one"), Found::Record(b"another")]);
        for place in 0..bytes.len() * 8 {
            let mut bytes = bytes.clone();
            bytes[place / 8] ^= 1 << (place % 8);
            let expected = match place / 8 < at {
                true => vec![Found::Damaged, Found::Record(b"another")],
                false => vec![Found::Record(b"one"), Found::Torn],
            };
            assert_eq!(all(&bytes), expected, "bit {place}");
        }
    }

    #[test]
    fn what_is_cut_off_is_torn() {
        let (bytes, at) = two();
        for end in at + 1..bytes.len() {
            assert_eq!(all(&bytes[..end]), [Found::Record(b"one"), Found::Torn], "cut at {end}");
        }
    }

    #[test]
    fn what_a_newer_program_wrote_is_no_damage() {
        let mut bytes = file(b"one");
        bytes[3] = VERSION + 1;
        let sum = sum(VERSION + 1, b"one");
        bytes[8..16].copy_from_slice(&sum);
        assert_eq!(all(&bytes), [Found::Newer]);
        assert_eq!(body(&bytes), Err(Unsound::Newer));
        assert_eq!(body(&file(b"one")), Ok(b"one".as_slice()));
        assert_eq!(body(&file(b"one")[..5]), Err(Unsound::Damaged));
    }
}
