//! Refusals on their way through a library that knows only I/O errors.

use std::{fmt, io};

use crate::readers::ReadError;

/// A refusal on its way through a library that knows only I/O errors.
#[derive(Debug)]
pub(crate) struct Fault(ReadError);

impl Fault {
    pub(crate) fn wrap(error: ReadError) -> io::Error {
        io::Error::other(Fault(error))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Fault {}

/// The refusal that an I/O error carries.
pub(crate) fn fault_of(error: &io::Error) -> Option<ReadError> {
    error.get_ref()?.downcast_ref::<Fault>().map(|it| it.0.clone())
}
