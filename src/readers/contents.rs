//! What a workbook lists: the names of its sheets, read without any of their cells.

use std::collections::BTreeMap;

use crate::readers::classifier::BatchDigest;
use crate::readers::input::Input;
use crate::readers::xlsx::Sheet;
use crate::readers::{Found, Listed, Mended, ReadError, Request, Sink, Trailer};

/// Lists the sheets; delimited text has none.
pub(crate) fn read(request: &Request, input: &Input, sink: &mut Sink<'_>) -> Result<(Found, Trailer), ReadError> {
    let sheets = (request.format.reader().sheets)(request, input)?;
    // Charts have no cells.
    let listed = |it: Sheet| it.part.is_some().then_some(Listed { name: it.name, visible: it.visible });
    let found = Found { sheets: sheets.into_iter().filter_map(listed).collect(), ..Found::default() };
    (sink.found)(&found)?;
    let trailer = Trailer {
        rows: 0,
        other: 0,
        left_out: BTreeMap::new(),
        hidden: 0,
        columns: Vec::new(),
        errors: Vec::new(),
        error_count: 0,
        mended: Mended::default(),
        digest: BatchDigest::new(&found).finish(),
    };
    Ok((found, trailer))
}
