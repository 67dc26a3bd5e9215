//! How the books spell one organisation's name: five ways, of which each place picks one.
//!
//! A spelling is a function of the seed, the organisation and the place, so that any sheet can know what another
//! one says. Other text is the business of `mess`.

use crate::cell::Mess;
use crate::draw::Draw;
use crate::words::SHORTENED;
use crate::world::{Organisation, World};

/// Where a name is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A row of the register; true for the second, later row of the same organisation.
    Register(bool),
    /// A row of the outreach organisations, or its second row.
    Outreach(bool),
    /// A contact of the outreach book.
    OutreachContact,
    /// A row of the client list, or its second row.
    Client(bool),
    /// A contact of the client book.
    ClientContact,
    /// An address of the client book.
    ClientAddress,
    /// A row of the capture sheet.
    Capture,
}

impl Place {
    fn number(self) -> u64 {
        match self {
            Place::Register(again) => u64::from(again),
            Place::Outreach(again) => 2 + u64::from(again),
            Place::OutreachContact => 4,
            Place::Client(again) => 5 + u64::from(again),
            Place::ClientContact => 7,
            Place::ClientAddress => 8,
            Place::Capture => 9,
        }
    }

    /// The row whose spelling this one mostly repeats, and how often of a hundred.
    fn follows(self) -> Option<(Place, usize)> {
        match self {
            Place::OutreachContact => Some((Place::Outreach(false), 75)),
            Place::ClientContact | Place::ClientAddress => Some((Place::Client(false), 80)),
            Place::Capture => Some((Place::Client(false), 30)),
            _ => None,
        }
    }
}

/// The name as this place spells it, and what is unlike the true name.
pub fn spelling(world: &World, organisation: &Organisation, place: Place) -> (String, Vec<Mess>) {
    let mut draw = world.draw(100 + place.number(), organisation.index);
    if let Some((other, often)) = place.follows()
        && draw.below(100) < often
    {
        return spelling(world, organisation, other);
    }
    let again = matches!(place, Place::Register(true) | Place::Outreach(true) | Place::Client(true));
    let way = match draw.below(100) {
        0..44 if !again => 0,
        0..64 => 1,
        64..78 => 2,
        78..88 => 3,
        _ => 4,
    };
    // The ways belong to the organisation, so that at most five are in use.
    let mut draw = world.draw(120 + way, organisation.index);
    let (text, mut mess) = spelt(&mut draw, organisation, way);
    if !text.chars().any(|it| it.is_ascii_alphabetic()) {
        mess.push(Mess::NonLatin);
    }
    (text, mess)
}

fn spelt(draw: &mut Draw, organisation: &Organisation, way: u64) -> (String, Vec<Mess>) {
    let name = organisation.name.clone();
    match way {
        0 => (name, Vec::new()),
        1 if !organisation.legal.is_empty() => {
            (format!("{name} {}", draw.pick(organisation.legal)), vec![Mess::LegalForm])
        }
        3 => (typo(draw, &name), vec![Mess::Typo]),
        4 => shortened(draw, &name),
        _ => noise(draw, &name),
    }
}

/// Noise that no slug notices.
fn noise(draw: &mut Draw, name: &str) -> (String, Vec<Mess>) {
    match draw.below(7) {
        0 => (name.to_uppercase(), vec![Mess::Case]),
        1 => (name.to_lowercase(), vec![Mess::Case]),
        2 => (format!("  {name} "), vec![Mess::Spaces]),
        3 => (name.replacen(' ', "  ", 1), vec![Mess::Spaces]),
        4 => (name.replacen(' ', "\u{a0}", 1), vec![Mess::NoBreakSpace]),
        5 => (format!("{name}\u{a0}"), vec![Mess::NoBreakSpace]),
        _ => (format!("{}.", name.replacen(' ', " – ", 1)), vec![Mess::Punctuation]),
    }
}

fn shortened(draw: &mut Draw, name: &str) -> (String, Vec<Mess>) {
    let plain = without_accents(name);
    if plain != name {
        return (plain, vec![Mess::NoAccents]);
    }
    if name.contains(" & ") {
        return (name.replace(" & ", " and "), vec![Mess::Shortened]);
    }
    match SHORTENED.iter().find(|(word, _)| name.contains(word)) {
        Some((word, short)) => (name.replacen(word, short, 1), vec![Mess::Shortened]),
        None => noise(draw, name),
    }
}

fn without_accents(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    use unicode_normalization::char::is_combining_mark;
    text.nfd().filter(|it| !is_combining_mark(*it)).nfc().collect()
}

/// One slip of the fingers behind the first letter.
pub fn typo(draw: &mut Draw, text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let spots: Vec<usize> = (1..letters.len().saturating_sub(1))
        .filter(|it| letters[*it].is_alphabetic() && letters[it + 1].is_alphabetic())
        .collect();
    if spots.is_empty() {
        return format!("{text}{text}");
    }
    let spot = spots[draw.below(spots.len())];
    match draw.below(4) {
        0 => drop(letters.remove(spot)),
        1 => letters.insert(spot, letters[spot]),
        2 if letters[spot] != letters[spot + 1] => letters.swap(spot, spot + 1),
        _ => letters[spot] = if letters[spot] == 'e' { 'a' } else { 'e' },
    }
    letters.into_iter().collect()
}
