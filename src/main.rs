//! Arguments → `cli::run` → exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(swip::cli::run().code())
}
