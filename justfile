# What is typed often. `just` alone lists it; everything here is a plain cargo command underneath.

_default:
    @just --list

# Fetch DuckDB's library, unless it is there
engine:
    .ci/duckdb

# Build both programs: `hotpass` and `hotpass-engine`
build: engine
    cargo build

# Run all tests; a filter may follow
test *FILTER: engine
    cargo test {{FILTER}}

# Tests while you edit: hotpass itself is compiled quickly and runs slowly
quick *FILTER: engine
    cargo quick {{FILTER}}

# Property tests with cases that no run has drawn before; what fails becomes a case of its own
random *FILTER: engine
    PROPTEST_RNG_SEED=$(date +%s) PROPTEST_CASES=2000 cargo test --lib {{FILTER}}

# Changed inputs for everything that reads from outside, for as many minutes each
fuzz MINUTES="1" *TARGET: engine
    cargo bench --profile dev --bench fuzz -- {{TARGET}} --minutes {{MINUTES}}

# Formatting, lints, and documentation comments
lint: engine
    cargo fmt --all --check
    cargo clippy --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --lib

# Run the examples of README.md and docs/, and hold every code and kind to its heading
docs: engine
    cargo test --test it

# Everything that must hold before a change lands
ci:
    .ci/run

# Hold the JSON Schemas against ajv and check-jsonschema; needs npm and Python
schema: build
    .ci/schema

# Send tasks of `link review` through Label Studio and read its answers; needs Python, takes minutes, so nightly
label-studio: build
    .ci/label-studio

# Measure
bench *FILTER: engine
    cargo bench {{FILTER}}

# Write the sample's workbooks anew: the same arguments give the same bytes
workbooks organisations="200":
    cargo run --example sample -- --organisations {{organisations}} --seed 7 --truth pipelines/sample/truth pipelines/sample/data

# Build the sample
sample *FLAGS: build
    target/debug/hotpass -C pipelines/sample build {{FLAGS}}

# Pack what is shipped for this machine: an archive, a wheel, npm packages, a .deb; then install and try each
dist *FLAGS: engine
    .ci/dist {{FLAGS}}
    .ci/dist-test

# Build programs that need no library beside them; compiles DuckDB, which takes over an hour of CPU
release:
    rm -f .deps/duckdb/build.toml
    cargo build --release --features bundled
    .ci/sbom > target/release/hotpass.cdx.json
