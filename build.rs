//! Lists the declarative format files, so that adding a format is adding its file.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

fn main() -> std::io::Result<()> {
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
    let out = env::var_os("OUT_DIR").ok_or(std::io::ErrorKind::NotFound)?;
    fs::write(Path::new(&out).join("format_tables.rs"), code)
}
