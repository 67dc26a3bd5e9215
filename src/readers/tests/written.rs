//! Workbooks of the binary kinds with any cells in them, for tests: no library writes these.

use super::zip;

/// What a cell holds.
pub(super) enum Held<'a> {
    Text(&'a str),
    Number(f64),
    Truth(bool),
    /// By its number.
    Error(u8),
}

/// A cell of a row: its column, the number of its format, and whether a formula gave it.
pub(super) struct Cell<'a> {
    pub(super) column: u16,
    pub(super) style: u16,
    pub(super) formula: bool,
    pub(super) held: Held<'a>,
}

impl Cell<'_> {
    /// The number as a whole one of 30 bits, where it is one.
    fn short(&self) -> Option<[u8; 4]> {
        match self.held {
            Held::Number(it) if it.fract() == 0.0 && it.abs() < 1e8 => Some(((it as i32) << 2 | 2).to_le_bytes()),
            _ => None,
        }
    }
}

/// Numbers of formats of our own begin here.
const OWN: u16 = 200;

// ---- Excel 97 ----

/// A record of an old workbook.
pub(super) fn put(kind: u16, data: &[u8], out: &mut Vec<u8>) {
    out.extend(kind.to_le_bytes());
    out.extend((data.len() as u16).to_le_bytes());
    out.extend(data);
}

/// A text with its length of two bytes before it; where a letter needs it, with two bytes a letter.
fn text_97(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut out = (units.len() as u16).to_le_bytes().to_vec();
    if units.iter().all(|it| *it < 256) {
        out.push(0);
        out.extend(units.iter().map(|it| *it as u8));
    } else {
        out.push(1);
        out.extend(units.iter().flat_map(|it| it.to_le_bytes()));
    }
    out
}

/// The table of shared texts, in records of few bytes: what goes on says again how many bytes a letter takes.
fn shared_97(texts: &[&str], out: &mut Vec<u8>) {
    const LONGEST: usize = 40;
    let mut kind = 0x00fc;
    let mut data = [texts.len() as u32, texts.len() as u32].iter().flat_map(|it| it.to_le_bytes()).collect::<Vec<_>>();
    for text in texts {
        let written = text_97(text);
        let (head, letters) = written.split_at(3);
        let size = if head[2] == 0 { 1 } else { 2 };
        if data.len() + head.len() > LONGEST {
            put(kind, &data, out);
            (kind, data) = (0x003c, Vec::new());
        }
        data.extend(head);
        for letter in letters.chunks(size) {
            if data.len() + size > LONGEST {
                put(kind, &data, out);
                (kind, data) = (0x003c, vec![head[2]]);
            }
            data.extend(letter);
        }
    }
    put(kind, &data, out);
}

/// An old workbook; `codes` are the formats of its styles, behind that of style 0.
pub(super) fn old(rows: &[Vec<Cell<'_>>], codes: &[&str], since_1904: bool) -> Vec<u8> {
    let begin = |of: u16| [0x0600_u16, of, 0, 0, 0, 0, 0, 0].iter().flat_map(|it| it.to_le_bytes()).collect::<Vec<_>>();
    let mut book = Vec::new();
    put(0x0809, &begin(5), &mut book);
    put(0x0042, &1252_u16.to_le_bytes(), &mut book);
    put(0x0022, &u16::from(since_1904).to_le_bytes(), &mut book);
    for (id, code) in (OWN..).zip(codes) {
        put(0x041e, &[id.to_le_bytes().as_slice(), &text_97(code)].concat(), &mut book);
    }
    for id in std::iter::once(0).chain((OWN..).take(codes.len())) {
        let mut data = vec![0; 20];
        data[2..4].copy_from_slice(&id.to_le_bytes());
        put(0x00e0, &data, &mut book);
    }
    // Every second text is shared.
    let is_shared = |it: &Cell<'_>| it.column.is_multiple_of(2) && !it.formula;
    let texts = rows.iter().flatten().filter(|it| is_shared(it));
    let texts: Vec<&str> = texts.filter_map(|it| if let Held::Text(it) = it.held { Some(it) } else { None }).collect();
    let mut shared = Vec::new();
    shared_97(&texts, &mut shared);
    let sheet_at = (book.len() + 4 + 9 + shared.len() + 4) as u32;
    put(0x0085, &[sheet_at.to_le_bytes().as_slice(), &[0, 0, 1, 0, b'S']].concat(), &mut book);
    book.extend(shared);
    put(0x000a, &[], &mut book);
    put(0x0809, &begin(0x10), &mut book);
    let mut next = 0_u32;
    for (row, cells) in (0_u16..).zip(rows) {
        for it in cells {
            let place = [row.to_le_bytes(), it.column.to_le_bytes(), it.style.to_le_bytes()].concat();
            let formula = |result: [u8; 8], book: &mut Vec<u8>| {
                put(0x0006, &[place.as_slice(), &result, &[0; 8]].concat(), book);
            };
            match it.held {
                Held::Text(text) if it.formula => {
                    formula([0, 0, 0, 0, 0, 0, 0xff, 0xff], &mut book);
                    put(0x0207, &text_97(text), &mut book);
                }
                Held::Text(_) if is_shared(it) => {
                    put(0x00fd, &[place.as_slice(), &next.to_le_bytes()].concat(), &mut book);
                    next += 1;
                }
                Held::Text(text) => put(0x0204, &[place.as_slice(), &text_97(text)].concat(), &mut book),
                Held::Number(number) if it.formula => formula(number.to_le_bytes(), &mut book),
                Held::Number(number) => match (it.short(), it.column % 3) {
                    (Some(short), 0) => put(0x027e, &[place.as_slice(), &short].concat(), &mut book),
                    (Some(short), 1) => {
                        let last = it.column.to_le_bytes();
                        put(0x00bd, &[&place[..], &short, &last].concat(), &mut book);
                    }
                    _ => put(0x0203, &[place.as_slice(), &number.to_le_bytes()].concat(), &mut book),
                },
                Held::Truth(truth) if it.formula => formula([1, 0, truth.into(), 0, 0, 0, 0xff, 0xff], &mut book),
                Held::Truth(truth) => put(0x0205, &[place.as_slice(), &[truth.into(), 0]].concat(), &mut book),
                Held::Error(error) if it.formula => formula([2, 0, error, 0, 0, 0, 0xff, 0xff], &mut book),
                Held::Error(error) => put(0x0205, &[place.as_slice(), &[error, 1]].concat(), &mut book),
            }
        }
    }
    put(0x000a, &[], &mut book);
    compound(&book, false)
}

/// A compound file with one stream; a `short` one stands in short sectors.
pub(super) fn compound(stream: &[u8], short: bool) -> Vec<u8> {
    const END: u32 = 0xffff_fffe;
    let cutoff: u32 = if short { 1 << 20 } else { 4096 };
    let size = stream.len().max(if short { 0 } else { 4096 });
    let sectors = size.div_ceil(512);
    let mut header = vec![0; 512];
    header[..8].copy_from_slice(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    let mut set = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
    set(24, &[0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0, 6, 0]);
    set(44, &1_u32.to_le_bytes());
    set(48, &1_u32.to_le_bytes());
    set(56, &cutoff.to_le_bytes());
    set(60, &(if short { 2 } else { END }).to_le_bytes());
    set(64, &u32::from(short).to_le_bytes());
    set(68, &END.to_le_bytes());
    set(76, &[0xff; 4 * 109]);
    set(76, &0_u32.to_le_bytes());
    let chain =
        |first: u32, count: usize| (1..=count as u32).map(move |it| if it == count as u32 { END } else { first + it });
    let table = |numbers: Vec<u32>| {
        let mut bytes: Vec<u8> = numbers.iter().flat_map(|it| it.to_le_bytes()).collect();
        bytes.resize(512, 0xff);
        bytes
    };
    let content = 2 + u32::from(short);
    let mut numbers = vec![0xffff_fffd, END];
    numbers.extend(short.then_some(END));
    numbers.extend(chain(content, sectors));
    let entry = |name: &str, kind: u8, first: u32, size: usize| {
        let mut bytes = vec![0; 128];
        for (at, unit) in name.encode_utf16().enumerate() {
            bytes[2 * at..2 * at + 2].copy_from_slice(&unit.to_le_bytes());
        }
        bytes[64..66].copy_from_slice(&(2 * name.len() as u16 + 2).to_le_bytes());
        bytes[66] = kind;
        bytes[68..80].fill(0xff);
        bytes[76..80].copy_from_slice(&(if kind == 5 { 1_u32 } else { u32::MAX }).to_le_bytes());
        bytes[116..120].copy_from_slice(&first.to_le_bytes());
        bytes[120..124].copy_from_slice(&(size as u32).to_le_bytes());
        bytes
    };
    let root = if short { entry("Root Entry", 5, content, sectors * 512) } else { entry("Root Entry", 5, END, 0) };
    let stream_entry = entry("Workbook", 2, if short { 0 } else { content }, size);
    let mut file = header;
    file.extend(table(numbers));
    file.extend([root, stream_entry, vec![0; 256]].concat());
    if short {
        file.extend(table(chain(0, size.div_ceil(64)).collect()));
    }
    file.extend(stream);
    file.resize(512 * (1 + content as usize + sectors), 0);
    file
}

// ---- Excel's binary workbook ----

/// A record of Excel's binary workbook.
pub(super) fn record(kind: u16, data: &[u8], out: &mut Vec<u8>) {
    match kind < 0x80 {
        true => out.push(kind as u8),
        false => out.extend([(kind & 0x7f) as u8 | 0x80, (kind >> 7) as u8]),
    }
    let mut length = data.len();
    loop {
        let low = (length & 0x7f) as u8;
        length >>= 7;
        out.push(if length > 0 { low | 0x80 } else { low });
        if length == 0 {
            break;
        }
    }
    out.extend(data);
}

/// A text there, with its length before it.
pub(super) fn wide(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut out = (units.len() as u32).to_le_bytes().to_vec();
    out.extend(units.iter().flat_map(|it| it.to_le_bytes()));
    out
}

/// The same as [`old`], as a binary workbook.
pub(super) fn binary(rows: &[Vec<Cell<'_>>], codes: &[&str], since_1904: bool) -> Vec<u8> {
    let join = |parts: &[&[u8]]| parts.concat();
    let mut book = Vec::new();
    record(0x83, &[], &mut book);
    record(0x99, &[u8::from(since_1904), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], &mut book);
    record(0x8f, &[], &mut book);
    record(0x9c, &join(&[&0_u32.to_le_bytes(), &1_u32.to_le_bytes(), &wide("rId1"), &wide("S")]), &mut book);
    record(0x90, &[], &mut book);
    record(0x84, &[], &mut book);
    let mut styles = Vec::new();
    record(0x116, &[], &mut styles);
    record(0x267, &(codes.len() as u32).to_le_bytes(), &mut styles);
    for (id, code) in (OWN..).zip(codes) {
        record(0x2c, &join(&[&id.to_le_bytes(), &wide(code)]), &mut styles);
    }
    record(0x268, &[], &mut styles);
    record(0x269, &(codes.len() as u32 + 1).to_le_bytes(), &mut styles);
    for id in std::iter::once(0).chain((OWN..).take(codes.len())) {
        record(0x2f, &join(&[&0_u16.to_le_bytes(), &id.to_le_bytes(), &[0; 12]]), &mut styles);
    }
    record(0x26a, &[], &mut styles);
    record(0x117, &[], &mut styles);
    let (mut sheet, mut texts) = (Vec::new(), Vec::new());
    record(0x81, &[], &mut sheet);
    record(0x94, &[0; 16], &mut sheet);
    record(0x91, &[], &mut sheet);
    for (row, cells) in (0_u32..).zip(rows) {
        record(0x00, &join(&[&row.to_le_bytes(), &[0; 21]]), &mut sheet);
        for it in cells {
            let place = join(&[&u32::from(it.column).to_le_bytes(), &u32::from(it.style).to_le_bytes()]);
            let mut put = |plain: u16, formula: u16, value: &[u8]| match it.formula {
                true => record(formula, &join(&[&place, value, &[0; 10]]), &mut sheet),
                false => record(plain, &join(&[&place, value]), &mut sheet),
            };
            match it.held {
                Held::Text(text) if it.formula || !it.column.is_multiple_of(2) => put(0x06, 0x08, &wide(text)),
                Held::Text(text) => {
                    put(0x07, 0x07, &(texts.len() as u32).to_le_bytes());
                    texts.push(text);
                }
                Held::Number(number) => match it.short() {
                    Some(short) if !it.formula => put(0x02, 0x02, &short),
                    _ => put(0x05, 0x09, &number.to_le_bytes()),
                },
                Held::Truth(truth) => put(0x04, 0x0a, &[truth.into()]),
                Held::Error(error) => put(0x03, 0x0b, &[error]),
            }
        }
    }
    record(0x92, &[], &mut sheet);
    record(0x82, &[], &mut sheet);
    let mut shared = Vec::new();
    let count = (texts.len() as u32).to_le_bytes();
    record(0x9f, &join(&[&count, &count]), &mut shared);
    texts.iter().for_each(|it| record(0x13, &join(&[&[0], &wide(it)]), &mut shared));
    record(0xa0, &[], &mut shared);
    let relation = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"http://x/{kind}\" Target=\"{target}\"/>")
    };
    let root = format!("<Relationships>{}</Relationships>", relation("a", "officeDocument", "xl/workbook.bin"));
    let related = [
        relation("rId1", "worksheet", "worksheets/sheet1.bin"),
        relation("rId2", "styles", "styles.bin"),
        relation("rId3", "sharedStrings", "sharedStrings.bin"),
    ];
    let related = format!("<Relationships>{}</Relationships>", related.concat());
    zip(&[
        ("_rels/.rels", root.as_bytes()),
        ("xl/workbook.bin", &book),
        ("xl/_rels/workbook.bin.rels", related.as_bytes()),
        ("xl/worksheets/sheet1.bin", &sheet),
        ("xl/styles.bin", &styles),
        ("xl/sharedStrings.bin", &shared),
    ])
}
