//! Arguments → `cli::run` → exit code.

fn main() {}
