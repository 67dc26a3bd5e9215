//! Lets the engine find DuckDB's shared library from wherever it is started, and the program know which sources it is
//! made of.
//!
//! The library is laid beside the binaries (a hard link where the file system allows it) and the binaries look
//! there: `$ORIGIN` for `target/<profile>/hotpass-engine`, `$ORIGIN/..` for tests and benches in `deps/`.

use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::{env, fs};

/// What the program is compiled from, besides its packages.
const SOURCES: [&str; 2] = ["src", "pipelines/profiles"];

fn main() {
    println!("cargo:rerun-if-env-changed=DUCKDB_LIB_DIR");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-env=HOTPASS_SOURCES={:016x}", sources());
    if env::var_os("CARGO_FEATURE_BUNDLED").is_some() {
        return;
    }
    let target = env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    let (name, origin) = match target.as_str() {
        "macos" => ("libduckdb.dylib", "@loader_path"),
        "windows" => ("duckdb.dll", ""),
        _ => ("libduckdb.so", "$ORIGIN"),
    };
    if target == "linux" {
        // RPATH, which comes before LD_LIBRARY_PATH, and not RUNPATH, which comes behind it.
        println!("cargo:rustc-link-arg=-Wl,--disable-new-dtags");
    }
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

/// A hash of all sources: two programs of one version may still plan otherwise.
fn sources() -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut open: Vec<PathBuf> = SOURCES.iter().map(PathBuf::from).collect();
    while let Some(path) = open.pop() {
        println!("cargo:rerun-if-changed={}", path.display());
        if let Ok(bytes) = fs::read(&path) {
            hasher.write(path.to_string_lossy().as_bytes());
            hasher.write(&bytes);
            continue;
        }
        let mut beneath: Vec<PathBuf> =
            fs::read_dir(&path).into_iter().flatten().flatten().map(|it| it.path()).collect();
        beneath.sort();
        open.extend(beneath);
    }
    hasher.finish()
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
