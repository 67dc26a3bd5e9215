//! What `hotpass` alone says.

/// The first steps.
pub(crate) fn overview() -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "\
hotpass {version}: turns messy spreadsheets into governed data

  hotpass init       write a small workspace
  hotpass check      find every problem in it
  hotpass build      make what is not made, check it, publish it
  hotpass show STEP  look at a table
  hotpass --help     all verbs and flags
"
    )
}
