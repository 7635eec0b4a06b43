//! The world on disk: a log of changes, appended before an answer leaves, and a snapshot.
//!
//! Owns the files and what a torn line means. A commit is on the disk before its answer leaves, so
//! it outlives the process and a power cut; one flush serves all commits that wait for one. Must
//! not know: HTTP, rules.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Mutex;

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
    log: Arc<File>,
    /// Bytes that were appended to the log.
    logged: Arc<AtomicU64>,
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
        let (log, logged) = (Arc::new(log), Arc::default());
        Ok((Self { paths, log, logged, ledger, noted }, world))
    }

    /// Bytes that were appended to the log by this process.
    pub(super) fn logged(&self) -> u64 {
        self.logged.load(Ordering::Acquire)
    }

    /// What waits for the disk.
    pub(super) fn flush(&self) -> Flush {
        let (log, logged) = (Arc::clone(&self.log), Arc::clone(&self.logged));
        Flush { log, logged, flushed: Mutex::new(0) }
    }

    /// Appends changes; they are with the kernel when this returns.
    pub(super) fn append(&mut self, changes: &[Change]) -> io::Result<()> {
        let mut text = Vec::new();
        for change in changes {
            serde_json::to_writer(&mut text, change)?;
            text.push(b'\n');
        }
        (&*self.log).write_all(&text)?;
        self.logged.fetch_add(text.len() as u64, Ordering::Release);
        Ok(())
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

/// The commit log's way to the disk.
#[derive(Debug)]
pub(super) struct Flush {
    log: Arc<File>,
    logged: Arc<AtomicU64>,
    /// Bytes that are on the disk. Whoever holds it flushes for all that wait behind.
    flushed: Mutex<u64>,
}

impl Flush {
    /// Waits until that many bytes of the log are on the disk.
    pub(super) async fn upto(&self, bytes: u64) -> io::Result<()> {
        let mut flushed = self.flushed.lock().await;
        if *flushed >= bytes {
            return Ok(());
        }
        let logged = self.logged.load(Ordering::Acquire);
        let log = Arc::clone(&self.log);
        tokio::task::spawn_blocking(move || log.sync_data()).await.map_err(io::Error::other)??;
        *flushed = logged;
        Ok(())
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
