//! The world on disk: a log of changes, appended before an answer leaves, and a snapshot.
//!
//! Owns their format and the ledger file. Must not know: HTTP, rules.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

use super::world::{Change, World};

/// Where a world is kept.
#[derive(Clone, Debug)]
pub struct StorePaths {
    /// Changes since the snapshot, one JSON object a line.
    pub log: PathBuf,
    /// The whole world at the last clean stop, as changes, one a line.
    pub snapshot: PathBuf,
    /// Every request, one JSON object a line.
    pub ledger: PathBuf,
}

/// The open files of a world.
#[derive(Debug)]
pub(super) struct Store {
    paths: StorePaths,
    log: File,
    ledger: File,
}

impl Store {
    /// Opens the files and gives the world they hold.
    pub(super) fn open(paths: StorePaths) -> io::Result<(Self, World)> {
        let mut world = World::default();
        for path in [&paths.snapshot, &paths.log] {
            let text = match std::fs::read_to_string(path) {
                Ok(text) => text,
                Err(fault) if fault.kind() == io::ErrorKind::NotFound => continue,
                Err(fault) => return Err(fault),
            };
            for line in text.split_inclusive('\n') {
                // Only the last line can be torn: its answer never left.
                let Some(line) = line.strip_suffix('\n') else { continue };
                world.apply(serde_json::from_str(line)?);
            }
        }
        let append = |path| OpenOptions::new().create(true).append(true).open(path);
        let mut log: File = append(&paths.log)?;
        if torn(&paths.log)? {
            // The torn line becomes a line of its own and is passed over as such.
            let whole = std::fs::read(&paths.log)?;
            let keep = whole.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
            log.set_len(keep as u64)?;
        }
        log.flush()?;
        let ledger = append(&paths.ledger)?;
        Ok((Self { paths, log, ledger }, world))
    }

    /// Appends changes; they are with the kernel and on the disk when this returns.
    pub(super) fn append(&mut self, changes: &[Change]) -> io::Result<()> {
        let mut text = String::new();
        for change in changes {
            text.push_str(&serde_json::to_string(change)?);
            text.push('\n');
        }
        self.log.write_all(text.as_bytes())?;
        self.log.sync_data()
    }

    /// Appends a line of the ledger.
    pub(super) fn note(&mut self, line: &str) -> io::Result<()> {
        self.ledger.write_all(line.as_bytes())
    }

    /// Writes the snapshot and empties the log.
    pub(super) fn snapshot(&mut self, world: &World) -> io::Result<()> {
        let directory = self.paths.snapshot.parent().filter(|p| !p.as_os_str().is_empty());
        let directory = directory.map_or_else(|| PathBuf::from("."), PathBuf::from);
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        for change in world.changes() {
            writeln!(file, "{}", serde_json::to_string(&change)?)?;
        }
        file.as_file().sync_all()?;
        file.persist(&self.paths.snapshot).map_err(|fault| fault.error)?;
        self.log.set_len(0)
    }
}

/// Whether a file's last line has no end.
fn torn(path: &PathBuf) -> io::Result<bool> {
    let bytes = std::fs::read(path)?;
    Ok(bytes.last().is_some_and(|byte| *byte != b'\n'))
}
