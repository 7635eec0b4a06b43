//! Lays out what is looked up at run time: the declarative format files, so that adding a format is
//! adding its file, and the countries with their subdivisions.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

use rust_iso3166::CountryCode;

fn main() -> io::Result<()> {
    let out = env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?;
    println!("cargo::rerun-if-changed=build.rs");
    fs::write(Path::new(&out).join("format_tables.rs"), format_tables()?)?;
    fs::write(Path::new(&out).join("countries.rs"), countries())
}

fn format_tables() -> io::Result<String> {
    let tables = Path::new("src/intake/formats/tables");
    println!("cargo::rerun-if-changed={}", tables.display());
    let mut names: Vec<String> = fs::read_dir(tables)?
        .filter_map(|entry| Some(entry.ok()?.path().file_name()?.to_str()?.to_owned()))
        .filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
        .filter(|name| !name.contains('.'))
        .collect();
    names.sort_unstable();
    let mut code = String::from(
        "/// Text of every format file, by name.\nconst TABLES: &[(&str, &str)] = &[\n",
    );
    for name in names {
        let path = format!("/src/intake/formats/tables/{name}.toml");
        // Writing to a string cannot fail.
        let _ = writeln!(
            code,
            "    ({name:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {path:?}))),"
        );
    }
    code.push_str("];\n");
    Ok(code)
}

/// ISO 3166 as `rust_iso3166` knows it. Its own tables hold an address for each of some ten
/// thousand texts, and the loader writes every one of them each time the program starts: here the
/// subdivisions of a country are one text.
fn countries() -> String {
    let mut all: Vec<&CountryCode> = rust_iso3166::ALL.iter().collect();
    all.sort_unstable_by_key(|country| country.alpha2);
    let mut code = String::from("/// Every country, by its two letters.\nstatic LISTED: [Listed; ");
    // Writing to a string cannot fail.
    let _ = writeln!(code, "{}] = [", all.len());
    for country in &all {
        let CountryCode { alpha2, alpha3, name, .. } = country;
        let subdivisions = subdivisions(country);
        let _ = writeln!(
            code,
            "    Listed {{ code2: {alpha2:?}, code3: {alpha3:?}, name: {name:?}, subdivisions: {subdivisions:?} }},"
        );
    }
    let mut by_code3: Vec<usize> = (0..all.len()).collect();
    by_code3.sort_unstable_by_key(|at| all[*at].alpha3);
    let _ = writeln!(code, "];\n/// Their places, by their three letters.");
    let _ = writeln!(code, "static BY_CODE3: [usize; {}] = {by_code3:?};", all.len());
    code
}

/// A line for each subdivision: its code without the country, a tab, its name.
fn subdivisions(country: &CountryCode) -> String {
    let all = country.subdivisions().unwrap_or_default();
    let line = |code: &str, name: &str| {
        format!("{}\t{name}\n", code.split_once('-').map_or(code, |(_, short)| short))
    };
    all.iter().map(|subdivision| line(subdivision.code, subdivision.name)).collect()
}
