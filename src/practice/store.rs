//! The world on disk: a log of changes, appended before an answer leaves, and a snapshot.
//!
//! Owns the files and what a torn line means. A commit is with the kernel before its answer is,
//! so it outlives the process, whatever ends it; a power cut may take the last ones, which a
//! rehearsal can bear. Must not know: HTTP, rules.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::state;
use super::world::{Change, World};

/// Where a world is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StorePaths {
    /// Changes since the snapshot, one JSON object a line.
    pub log: PathBuf,
    /// The whole world at the last clean stop: a state file.
    pub snapshot: PathBuf,
    /// Every request, one JSON object a line.
    pub ledger: PathBuf,
}

impl StorePaths {
    /// The three files of a world: `STEM.json`, `STEM.log`, `STEM-ledger.ndjson`. A `stem` that
    /// ends in `.json` is the snapshot itself.
    #[must_use]
    pub fn of(stem: &Path) -> Self {
        let stem = if stem.extension().is_some_and(|e| e == "json") {
            stem.with_extension("")
        } else {
            stem.to_owned()
        };
        let with = |suffix: &str| {
            let mut name = stem.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        };
        Self { log: with(".log"), snapshot: with(".json"), ledger: with("-ledger.ndjson") }
    }
}

/// The open files of a world.
#[derive(Debug)]
pub(super) struct Store {
    paths: StorePaths,
    log: File,
    ledger: File,
    /// Requests that the ledger already holds.
    pub(super) noted: u64,
}

impl Store {
    /// Opens the files and gives the world they hold.
    pub(super) fn open(paths: StorePaths) -> io::Result<(Self, World)> {
        let mut world = World::default();
        if let Some(bytes) = read(&paths.snapshot)? {
            let shown = paths.snapshot.display();
            let changes = state::read(&bytes).map_err(|fault| {
                io::Error::new(io::ErrorKind::InvalidData, format!("{shown}: {fault}"))
            })?;
            changes.into_iter().for_each(|change| world.apply(change));
        }
        replay(&paths.log, &mut world)?;
        let (log, _) = open(&paths.log)?;
        let (ledger, noted) = open(&paths.ledger)?;
        Ok((Self { paths, log, ledger, noted }, world))
    }

    /// Appends changes; they are with the kernel when this returns.
    pub(super) fn append(&mut self, changes: &[Change]) -> io::Result<()> {
        let mut text = Vec::new();
        for change in changes {
            serde_json::to_writer(&mut text, change)?;
            text.push(b'\n');
        }
        self.log.write_all(&text)
    }

    /// Appends a line of the ledger.
    pub(super) fn note(&mut self, line: &str) -> io::Result<()> {
        self.ledger.write_all(line.as_bytes())
    }

    /// The ledger's lines with their numbers.
    pub(super) fn ledger(&self) -> Vec<(u64, String)> {
        let text = std::fs::read_to_string(&self.paths.ledger).unwrap_or_default();
        let seq =
            |line: &str| serde_json::from_str::<serde_json::Value>(line).ok()?["seq"].as_u64();
        text.lines().map(|line| (seq(line).unwrap_or(0), format!("{line}\n"))).collect()
    }

    /// Writes the snapshot and empties the log.
    pub(super) fn snapshot(&mut self, world: &World) -> io::Result<()> {
        let directory = self.paths.snapshot.parent().filter(|p| !p.as_os_str().is_empty());
        let directory = directory.map_or_else(|| PathBuf::from("."), PathBuf::from);
        let file = tempfile::NamedTempFile::new_in(directory)?;
        let mut writer = BufWriter::new(file);
        state::write(world, &mut writer)?;
        let file = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        file.persist(&self.paths.snapshot).map_err(|fault| fault.error)?;
        self.log.set_len(0)
    }
}

fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// Applies the whole lines of a log. Only its last line can be torn: that answer never left.
fn replay(path: &Path, world: &mut World) -> io::Result<()> {
    let bytes = read(path)?.unwrap_or_default();
    for (number, line) in (1_u64..).zip(bytes.split_inclusive(|byte| *byte == b'\n')) {
        let Some(line) = line.strip_suffix(b"\n") else { break };
        let change: Change = serde_json::from_slice(line).map_err(|fault| {
            let text = format!("{}, line {number}: {fault}", path.display());
            io::Error::new(io::ErrorKind::InvalidData, text)
        })?;
        world.apply(change);
    }
    Ok(())
}

/// Opens a file of lines for appending, without its torn last line, and counts its lines.
fn open(path: &Path) -> io::Result<(File, u64)> {
    let mut file = OpenOptions::new().create(true).append(true).read(true).open(path)?;
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut file, &mut bytes)?;
    let whole = memchr::memrchr(b'\n', &bytes).map_or(0, |at| at + 1);
    if whole < bytes.len() {
        file.set_len(whole as u64)?;
        file.seek(SeekFrom::End(0))?;
    }
    Ok((file, memchr::memchr_iter(b'\n', &bytes).count() as u64))
}
