//! Where a journal's file lies: whose it is, who may touch it, who holds it, how far it had come.
//!
//! Owns the checks of file and directory, the kernel lock, and the mark beside the journal by
//! which an old copy is noticed. Must not know: SQLite, what a journal holds.

use std::fs::{DirBuilder, File, Metadata, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::JournalError;

/// Permission bits of group and others.
const NOT_OWNER: u32 = 0o077;
/// Bits by which group or others may write to a directory.
const OTHERS_WRITE: u32 = 0o022;
/// Bit by which a directory lets everyone remove only their own files.
const STICKY: u32 = 0o1000;
/// Mode of every file of a journal.
const PRIVATE: u32 = 0o600;

/// The path of a file beside the journal.
fn beside(journal: &Path, suffix: &str) -> PathBuf {
    let mut name = journal.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The directory of a journal, made if absent, without links, and safe from others.
pub(super) fn directory(journal: &Path) -> Result<PathBuf, JournalError> {
    let parent = journal.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    let io = |source| JournalError::Io { path: parent.to_owned(), source };
    if !parent.exists() {
        DirBuilder::new().recursive(true).mode(0o700).create(parent).map_err(io)?;
    }
    let real = parent.canonicalize().map_err(io)?;
    let facts = real.metadata().map_err(io)?;
    let open = facts.mode() & OTHERS_WRITE != 0 && facts.mode() & STICKY == 0;
    if open {
        return Err(unsafe_place(
            &real,
            "others can write to this directory and replace the journal; run chmod go-w on it",
        ));
    }
    Ok(real)
}

fn unsafe_place(path: &Path, reason: &str) -> JournalError {
    JournalError::Unsafe { path: path.to_owned(), reason: reason.to_owned() }
}

/// Refuses a file that is a link, not regular, linked twice, not ours, or open to others.
/// An absent file is fine.
pub(super) fn inspect(path: &Path) -> Result<(), JournalError> {
    match std::fs::symlink_metadata(path) {
        Ok(facts) => judge(path, &facts),
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(JournalError::Io { path: path.to_owned(), source }),
    }
}

fn judge(path: &Path, facts: &Metadata) -> Result<(), JournalError> {
    if !facts.is_file() {
        return Err(JournalError::NotAFile(path.to_owned()));
    }
    let reason = if facts.uid() != rustix::process::geteuid().as_raw() {
        "it belongs to another user; run swip as its owner"
    } else if facts.mode() & NOT_OWNER != 0 {
        "others can read or write it, and it holds customers' names; run chmod 600 on it"
    } else if facts.nlink() > 1 {
        "it has a second name (hard link), under which it could be changed; copy it instead"
    } else {
        return Ok(());
    };
    Err(unsafe_place(path, reason))
}

/// Opens a private file, made if absent, never through a link.
fn private(path: &Path) -> Result<File, JournalError> {
    inspect(path)?;
    let flags = i32::try_from((OFlags::NOFOLLOW | OFlags::CLOEXEC).bits()).unwrap_or_default();
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(PRIVATE).custom_flags(flags);
    let io = |source| JournalError::Io { path: path.to_owned(), source };
    let file = options.open(path).map_err(io)?;
    // What was opened is judged again: it may have been put there in between.
    judge(path, &file.metadata().map_err(io)?)?;
    Ok(file)
}

/// Makes the journal's own file, so that it is private from its first byte on.
pub(super) fn create(path: &Path) -> Result<(), JournalError> {
    private(path).map(drop)
}

/// The lock of a journal: held while it lives; the kernel frees it whatever happens.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock, or says who holds it.
    pub(super) fn take(journal: &Path) -> Result<Self, JournalError> {
        let path = beside(journal, "-lock");
        let mut file = private(&path)?;
        let io = |source| JournalError::Io { path: path.clone(), source };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder).map_err(io)?;
                let holder = match holder.trim() {
                    "" => "another process".to_owned(),
                    text => text.to_owned(),
                };
                return Err(JournalError::Locked { path: journal.to_owned(), holder });
            }
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
        file.set_len(0).map_err(io)?;
        file.rewind().map_err(io)?;
        let holder = format!("process {} since {}\n", std::process::id(), jiff::Timestamp::now());
        file.write_all(holder.as_bytes()).map_err(io)?;
        Ok(Self { _file: file })
    }
}

/// The mark beside a journal: which journal lay here last, and how many commits it had.
///
/// It is written after each commit and never synced: it may lag behind the journal after a power
/// cut, which is harmless; it is ahead only of a journal that was put back.
#[derive(Debug)]
pub(super) struct Mark {
    file: File,
}

/// Digits of the count, so that a mark is always overwritten whole.
const COUNT_WIDTH: usize = 20;

impl Mark {
    /// Opens the mark; tells whether it is ahead of the journal that is there now.
    pub(super) fn open(
        journal: &Path,
        lineage: &str,
        count: u64,
    ) -> Result<(Self, bool), JournalError> {
        let path = beside(journal, "-mark");
        let mut file = private(&path)?;
        let mut text = String::new();
        file.read_to_string(&mut text)
            .map_err(|source| JournalError::Io { path: path.clone(), source })?;
        let before: Option<u64> = text
            .trim()
            .split_once(' ')
            .filter(|(known, _)| *known == lineage)
            .and_then(|(_, count)| count.trim().parse().ok());
        let ahead = before.is_some_and(|before| before > count);
        Ok((Self { file }, ahead))
    }

    /// Notes how far the journal is; a mark that cannot be written is no reason to stop.
    pub(super) fn note(&self, lineage: &str, count: u64) {
        let _ = self.file.write_all_at(format!("{lineage} {count:COUNT_WIDTH$}\n").as_bytes(), 0);
    }
}
