//! Lets the engine find DuckDB's shared library from wherever it is started, and the program know which sources it is
//! made of. Both packages have this script: `hotpass` and, in `src`, `hotpass-core`.
//!
//! The library is laid beside the binaries (a hard link where the file system allows it) and the binaries look
//! there: `$ORIGIN` for `target/<profile>/hotpass-engine`, `$ORIGIN/..` for tests and benches in `deps/`.

use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::{env, fs};

/// What plans depend on besides the rooms of `hotpass-core`, from the folder of that package.
const SHIPPED: [&str; 2] = ["../pipelines/profiles", "../pipelines/modules"];

/// Tells Cargo to link the shared library; `.ci/duckdb` writes it.
const SHARED: &str = ".deps/duckdb/build.toml";

fn main() {
    println!("cargo:rerun-if-env-changed=DUCKDB_LIB_DIR");
    let rooms = fs::read_to_string("core.rs").ok();
    if let Some(rooms) = &rooms {
        println!("cargo:rustc-env=HOTPASS_SOURCES={:016x}", sources(rooms));
    }
    if env::var_os("CARGO_FEATURE_BUNDLED").is_some() {
        let shared = ["", "../"].map(|it| Path::new(it).join(SHARED)).into_iter().find(|it| it.exists());
        assert!(shared.is_none(), "the feature `bundled` links DuckDB into the program: remove `{SHARED}` first");
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
    // One of the two packages lays it: the lower one, which is there first.
    let folder = rooms.and_then(|_| env::var_os("DUCKDB_LIB_DIR"));
    let Some(folder) = folder.map(PathBuf::from) else { return };
    let library = folder.join(name);
    println!("cargo:rerun-if-changed={}", library.display());
    // OUT_DIR is target/<profile>/build/<package>/out.
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    if let Some(profile) = out.ancestors().nth(3) {
        lay_beside(&library, &profile.join(name));
    }
}

/// A hash of all that `core.rs` names in `rooms`, and of what is shipped: two programs of one version may still plan
/// otherwise. Who asks and shows is not in it, so that an edit there compiles nothing here.
fn sources(rooms: &str) -> u64 {
    let named = rooms.lines().filter_map(|it| it.strip_prefix("pub mod ")?.strip_suffix(';'));
    let files = named.flat_map(|it| [format!("{it}.rs"), it.to_owned()]).filter(|it| Path::new(it).exists());
    let mut open: Vec<PathBuf> = SHIPPED.iter().map(PathBuf::from).chain(files.map(PathBuf::from)).collect();
    println!("cargo:rerun-if-changed=core.rs");
    let mut hasher = DefaultHasher::new();
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
