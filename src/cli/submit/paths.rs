//! Where the files of a run lie.
//!
//! Must not know: what is in them.

use std::path::{Path, PathBuf};

use crate::cli::args::Submit;
use crate::cli::failure::Failure;
use crate::intake::bytes::STDIN;

/// Where the files of a run lie.
pub(super) struct Paths {
    pub(super) journal: PathBuf,
    pub(super) report: PathBuf,
    pub(super) stem: PathBuf,
}

impl Paths {
    pub(super) fn of(args: &Submit) -> Result<Self, Failure> {
        let first = args.intake.inputs.first().map(PathBuf::as_path).unwrap_or(Path::new(STDIN));
        let stdin = first.as_os_str() == STDIN;
        if stdin && (args.journal.is_none() || args.pace.report.is_none()) && !args.dry_run {
            return Err(Failure::usage("standard input has no name: give --journal and --report"));
        }
        let with = |suffix: &str| PathBuf::from(format!("{}{suffix}", first.display()));
        let journal = args.journal.clone().unwrap_or_else(|| with(".swip-journal"));
        let name = if stdin { journal.file_name() } else { first.file_name() };
        let stem = journal.with_file_name(name.unwrap_or_default());
        let report = args.pace.report.clone().unwrap_or_else(|| with(".swip-report"));
        Ok(Self { journal, report, stem })
    }
}
