//! Lets the engine find DuckDB's shared library from wherever it is started.
//!
//! The library is laid beside the binaries (a hard link where the file system allows it) and the binaries look
//! there: `$ORIGIN` for `target/<profile>/hotpass-engine`, `$ORIGIN/..` for tests and benches in `deps/`.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    println!("cargo:rerun-if-env-changed=DUCKDB_LIB_DIR");
    println!("cargo:rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_BUNDLED").is_some() {
        return;
    }
    let target = env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    let (name, origin) = match target.as_str() {
        "macos" => ("libduckdb.dylib", "@loader_path"),
        "windows" => ("duckdb.dll", ""),
        _ => ("libduckdb.so", "$ORIGIN"),
    };
    if !origin.is_empty() {
        for place in [origin.to_owned(), format!("{origin}/.."), format!("{origin}/../lib")] {
            println!("cargo:rustc-link-arg=-Wl,-rpath,{place}");
        }
    }
    let Some(folder) = env::var_os("DUCKDB_LIB_DIR").map(PathBuf::from) else { return };
    let library = folder.join(name);
    println!("cargo:rerun-if-changed={}", library.display());
    // OUT_DIR is target/<profile>/build/<package>/out.
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    if let Some(profile) = out.ancestors().nth(3) {
        lay_beside(&library, &profile.join(name));
    }
}

fn lay_beside(library: &Path, place: &Path) {
    let Ok(library) = fs::canonicalize(library) else { return };
    let _ = fs::remove_file(place);
    if fs::hard_link(&library, place).is_err()
        && let Err(error) = fs::copy(&library, place)
    {
        println!("cargo:warning=DuckDB's library could not be laid at {}: {error}", place.display());
    }
}
