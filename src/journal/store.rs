//! The journal in SQLite: one file, one writer, one lock for the whole run.
//!
//! Owns the tables, their durability and what a journal is bound to. Must not know: what events
//! mean.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::event::{Event, Outcome};
use crate::domain::Registration;
use crate::plan::{Plan, Step, StepKey};

/// Version of the tables.
const SCHEMA_VERSION: i64 = 1;
/// The tables.
const SCHEMA: &str = "
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE run (
  id INTEGER PRIMARY KEY, facts TEXT NOT NULL, plan TEXT NOT NULL,
  finished_at TEXT, exit_code INTEGER,
  sent INTEGER NOT NULL DEFAULT 0, retried INTEGER NOT NULL DEFAULT 0,
  worst INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE event (
  seq INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES run, row INTEGER NOT NULL,
  event TEXT NOT NULL) STRICT;
CREATE INDEX event_of_run ON event (run, row, seq);
CREATE TABLE registration (key TEXT PRIMARY KEY, step TEXT NOT NULL, outcome TEXT NOT NULL) STRICT;
";

/// Why a journal cannot be used. Exit code 9, except for a foreign one.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Another process has it.
    #[error("the journal {path} is in use by {holder}; wait until it ends")]
    Locked {
        /// The journal.
        path: PathBuf,
        /// What the holder wrote of itself.
        holder: String,
    },
    /// It belongs to another registry.
    #[error("the journal {path} belongs to {bound}, not to {asked}; give another --journal")]
    Foreign {
        /// The journal.
        path: PathBuf,
        /// Whose it is.
        bound: String,
        /// Who was asked for.
        asked: String,
    },
    /// A symbolic link, or no regular file.
    #[error("{0} is no regular file; a journal is never opened through a link")]
    NotAFile(PathBuf),
    /// There is none, or it holds no run.
    #[error("{0} holds no run")]
    Empty(PathBuf),
    /// The tables are of another version.
    #[error("the journal {path} has schema version {found}; this swip knows {SCHEMA_VERSION}")]
    Version {
        /// The journal.
        path: PathBuf,
        /// Its version.
        found: i64,
    },
    /// The operating system refused.
    #[error("cannot use the journal {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// SQLite refused: disk full, damage.
    #[error("the journal failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A stored value cannot be read.
    #[error("the journal is damaged: {0}")]
    Damaged(#[from] serde_json::Error),
}

/// Facts of a run, stored when it begins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRecord {
    /// `submit`.
    pub command: String,
    /// `practice`, `ote`, `arin` or the URL.
    pub registry: String,
    /// SHA-256 of the inputs.
    pub input_sha256: String,
    /// RFC 3339.
    pub started_at: String,
    /// `inline` or `separate`.
    pub separate_customers: bool,
    /// Path stem of the inner practice registry's files.
    pub practice_stem: Option<PathBuf>,
    /// The rate, as people write it.
    pub rate: Option<String>,
}

/// Requests of a run, over all its processes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Handed to the kernel.
    pub sent: u64,
    /// Of those, repeats.
    pub retried: u64,
    /// Most in any window.
    pub worst: u64,
}

/// An open journal.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    connection: Connection,
    /// Held while the journal is open for writing; the kernel frees it whatever happens.
    _lock: Option<File>,
}

impl Journal {
    /// Opens or creates a journal and locks it.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        plain_file(path)?;
        let lock = lock(path)?;
        let io = |source| JournalError::Io { path: path.to_owned(), source };
        let mut private = OpenOptions::new();
        private.write(true).create(true).truncate(false).mode(0o600);
        private.open(path).map_err(io)?;
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // NORMAL would lose the last commits in a power cut; an intent must not be lost.
        connection.pragma_update(None, "synchronous", "FULL")?;
        let journal = Self { path: path.to_owned(), connection, _lock: Some(lock) };
        journal.migrate()?;
        Ok(journal)
    }

    /// Opens an existing journal for reading, without lock.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn read(path: &Path) -> Result<Self, JournalError> {
        plain_file(path)?;
        if !path.exists() {
            return Err(JournalError::Empty(path.to_owned()));
        }
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let journal = Self { path: path.to_owned(), connection, _lock: None };
        journal.migrate()?;
        Ok(journal)
    }

    fn migrate(&self) -> Result<(), JournalError> {
        let found: i64 =
            self.connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        match found {
            SCHEMA_VERSION => Ok(()),
            0 => {
                let create =
                    format!("BEGIN; {SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;");
                Ok(self.connection.execute_batch(&create)?)
            }
            found => Err(JournalError::Version { path: self.path.clone(), found }),
        }
    }

    /// Binds the journal to a registry the first time, and refuses any other afterwards.
    ///
    /// # Errors
    /// [`JournalError::Foreign`].
    pub fn bind(&self, registry: &str) -> Result<(), JournalError> {
        let insert = "INSERT OR IGNORE INTO meta (name, value) VALUES ('registry', ?1)";
        self.connection.execute(insert, [registry])?;
        let select = "SELECT value FROM meta WHERE name = 'registry'";
        let bound: String = self.connection.query_row(select, [], |row| row.get(0))?;
        if bound == registry {
            return Ok(());
        }
        Err(JournalError::Foreign { path: self.path.clone(), bound, asked: registry.to_owned() })
    }

    /// Begins a run with its checked plan; gives its number.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn begin(&self, record: &RunRecord, plan: &Plan) -> Result<i64, JournalError> {
        let (facts, plan) = (serde_json::to_string(record)?, serde_json::to_string(plan)?);
        self.connection.execute("INSERT INTO run (facts, plan) VALUES (?1, ?2)", [facts, plan])?;
        Ok(self.connection.last_insert_rowid())
    }

    /// The last run: number, facts, plan.
    ///
    /// # Errors
    /// [`JournalError::Empty`] when there is none.
    pub fn last_run(&self) -> Result<(i64, RunRecord, Plan), JournalError> {
        let select = "SELECT id, facts, plan FROM run ORDER BY id DESC LIMIT 1";
        let row: Option<(i64, String, String)> = self
            .connection
            .query_row(select, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let (id, facts, plan) = row.ok_or_else(|| JournalError::Empty(self.path.clone()))?;
        Ok((id, serde_json::from_str(&facts)?, serde_json::from_str(&plan)?))
    }

    /// Appends events of a row; they are on the disk when this returns.
    ///
    /// # Errors
    /// [`JournalError::Sqlite`], after which nothing more may be sent.
    pub fn append(&mut self, run: i64, row: u64, events: &[Event]) -> Result<(), JournalError> {
        let transaction = self.connection.transaction()?;
        for event in events {
            let text = serde_json::to_string(event)?;
            let insert = "INSERT INTO event (run, row, event) VALUES (?1, ?2, ?3)";
            transaction.prepare_cached(insert)?.execute(params![run, number(row), text])?;
        }
        Ok(transaction.commit()?)
    }

    /// Appends events that a new run takes over from earlier ones, all or none.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn take_over(&self, run: i64, events: &[(u64, Event)]) -> Result<(), JournalError> {
        let transaction = self.connection.unchecked_transaction()?;
        for (row, event) in events {
            let text = serde_json::to_string(event)?;
            let insert = "INSERT INTO event (run, row, event) VALUES (?1, ?2, ?3)";
            transaction.prepare_cached(insert)?.execute(params![run, number(*row), text])?;
        }
        Ok(transaction.commit()?)
    }

    /// Remembers across runs what became of a step.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn remember(&self, step: &Step, outcome: &Outcome) -> Result<(), JournalError> {
        let insert = "INSERT OR REPLACE INTO registration (key, step, outcome) VALUES (?1, ?2, ?3)";
        let values =
            [key(&step.key()), serde_json::to_string(step)?, serde_json::to_string(outcome)?];
        self.connection.prepare_cached(insert)?.execute(values)?;
        Ok(())
    }

    /// What an earlier run made of a step of this identity.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn remembered(&self, wanted: &StepKey) -> Result<Option<(Step, Outcome)>, JournalError> {
        let select = "SELECT step, outcome FROM registration WHERE key = ?1";
        let row: Option<(String, String)> = self
            .connection
            .prepare_cached(select)?
            .query_row([key(wanted)], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((step, outcome)) = row else { return Ok(None) };
        Ok(Some((serde_json::from_str(&step)?, serde_json::from_str(&outcome)?)))
    }

    /// All events of a run: row and event, in the order they happened.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn events(&self, run: i64) -> Result<Vec<(u64, Event)>, JournalError> {
        let select = "SELECT row, event FROM event WHERE run = ?1 ORDER BY seq";
        let mut statement = self.connection.prepare(select)?;
        let rows = statement
            .query_map([run], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
        let mut events = Vec::new();
        for row in rows {
            let (row, text) = row?;
            events.push((row.unsigned_abs(), serde_json::from_str(&text)?));
        }
        Ok(events)
    }

    /// Adds a process's requests to its run's.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn count(&self, run: i64, before: Totals, now: Totals) -> Result<(), JournalError> {
        let update = "UPDATE run SET sent = ?2, retried = ?3, worst = ?4 WHERE id = ?1";
        let sent = number(before.sent + now.sent);
        let retried = number(before.retried + now.retried);
        let worst = number(before.worst.max(now.worst));
        self.connection.prepare_cached(update)?.execute(params![run, sent, retried, worst])?;
        Ok(())
    }

    /// A run's requests so far, when it finished and its exit code.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn progress(&self, run: i64) -> Result<(Totals, Option<String>, Option<u8>), JournalError> {
        let select = "SELECT sent, retried, worst, finished_at, exit_code FROM run WHERE id = ?1";
        let row = self.connection.query_row(select, [run], |row| {
            let count = |at| row.get::<_, i64>(at).map(i64::unsigned_abs);
            let totals = Totals { sent: count(0)?, retried: count(1)?, worst: count(2)? };
            Ok((totals, row.get(3)?, row.get(4)?))
        })?;
        Ok(row)
    }

    /// Ends a run, or one of its processes.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn finish(&self, run: i64, at: &str, exit_code: u8) -> Result<(), JournalError> {
        let update = "UPDATE run SET finished_at = ?2, exit_code = ?3 WHERE id = ?1";
        self.connection.execute(update, params![run, at, exit_code])?;
        Ok(())
    }
}

impl Outcome {
    /// The net that an outcome is about.
    #[must_use]
    pub const fn net(&self) -> Option<&Registration> {
        match self {
            Self::Registered(net) | Self::Already(net) => Some(net),
            Self::Ticketed { net, .. }
            | Self::Rejected { net, .. }
            | Self::Unresolved { net, .. } => net.as_ref(),
        }
    }
}

fn key(key: &StepKey) -> String {
    format!("{} {} {}", key.parent, key.block.first(), key.block.last())
}

fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn plain_file(path: &Path) -> Result<(), JournalError> {
    match std::fs::symlink_metadata(path) {
        Ok(kind) if !kind.is_file() => Err(JournalError::NotAFile(path.to_owned())),
        _ => Ok(()),
    }
}

/// Takes the lock beside the journal, and writes into it who holds it.
fn lock(path: &Path) -> Result<File, JournalError> {
    let mut name = path.as_os_str().to_owned();
    name.push("-lock");
    let name = PathBuf::from(name);
    plain_file(&name)?;
    let io = |source| JournalError::Io { path: name.clone(), source };
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let mut file = options.open(&name).map_err(io)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            file.read_to_string(&mut holder).map_err(io)?;
            return Err(JournalError::Locked {
                path: path.to_owned(),
                holder: holder.trim().to_owned(),
            });
        }
        Err(TryLockError::Error(source)) => return Err(io(source)),
    }
    file.set_len(0).map_err(io)?;
    file.rewind().map_err(io)?;
    let holder = format!("process {} since {}\n", std::process::id(), jiff::Timestamp::now());
    file.write_all(holder.as_bytes()).map_err(io)?;
    Ok(file)
}
