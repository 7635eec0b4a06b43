//! The store in SQLite: one private file, write-ahead log, synchronous, one writer.
//!
//! Owns SQL. Must not know: what events mean.

mod json;
mod schema;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, OptionalExtension, Params, Transaction, params};
use serde::de::DeserializeOwned;

use super::JournalError;
use super::event::Event;
use super::memory::{AcceptedInput, Doubt, GeneratedName, Known, KnownKey, Missing, Refused};
use super::place::{self, Lock, Mark};
use super::store::{Change, RunHead, Store, StoreError, Totals};
use crate::plan::{Plan, StepKey};
pub(super) use schema::VERSION;

/// Name of the value that says that an earlier copy was put back and not yet read again.
const RESTORED: &str = "restored";

/// A journal's facts in one SQLite file.
#[derive(Debug)]
pub(super) struct SqliteStore {
    connection: Connection,
    lineage: String,
    commits: u64,
    mark: Option<Mark>,
    /// Held while the store may be written.
    _lock: Option<Lock>,
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn failed(fault: rusqlite::Error) -> StoreError {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    // What is stored was written by us: a value of another type or no text is damage.
    let unreadable = matches!(
        fault,
        rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::Utf8Error(..)
    );
    match fault.sqlite_error_code() {
        Some(DatabaseCorrupt | NotADatabase) => StoreError::Damaged(fault.to_string()),
        _ if unreadable => StoreError::Damaged(fault.to_string()),
        _ => StoreError::Failed(fault.to_string()),
    }
}

impl SqliteStore {
    /// Opens or makes a journal for writing: checked, locked, of this version.
    pub(super) fn open(path: &Path) -> Result<Self, JournalError> {
        let path = real(path)?;
        let lock = Lock::take(&path)?;
        place::create(&path)?;
        let mut connection = connect(&path)?;
        schema::migrate(&mut connection)?;
        let mut store =
            Self { connection, lineage: String::new(), commits: 0, mark: None, _lock: Some(lock) };
        store.place_in_line()?;
        let (mark, ahead) = Mark::open(&path, &store.lineage, store.commits)?;
        if ahead {
            // Kept in the journal itself: its own commits will soon overtake the mark.
            store.commit(&[Change::Meta { name: RESTORED, value: "yes".to_owned() }])?;
        }
        store.mark = Some(mark);
        Ok(store)
    }

    /// Opens an existing journal for reading, without its lock. One of an earlier version is
    /// brought to this one first, which takes the lock for a moment.
    pub(super) fn read(path: &Path) -> Result<Self, JournalError> {
        let path = real(path)?;
        if !path.exists() {
            return Err(JournalError::Empty(path));
        }
        place::inspect(&path)?;
        let connection = connect(&path)?;
        if schema::version(&connection)? != VERSION {
            drop(connection);
            drop(Self::open(&path)?);
            return Self::read(&path);
        }
        let mut store =
            Self { connection, lineage: String::new(), commits: 0, mark: None, _lock: None };
        store.place_in_line()?;
        Ok(store)
    }

    /// Reads which journal this is and how many commits it has.
    fn place_in_line(&mut self) -> Result<(), StoreError> {
        let missing = || StoreError::Damaged("it has no lineage".to_owned());
        self.lineage = self.meta("lineage")?.ok_or_else(missing)?;
        self.commits =
            self.meta("commits")?.and_then(|text| text.parse().ok()).ok_or_else(missing)?;
        Ok(())
    }

    /// The records of a column, in order.
    fn records<T: DeserializeOwned>(&self, select: &str) -> Result<Vec<T>, StoreError> {
        let mut statement = self.connection.prepare(select).map_err(failed)?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).map_err(failed)?;
        rows.map(|row| json::read(&row.map_err(failed)?)).collect()
    }
}

/// The path without links in its directory; the file itself must be no link.
fn real(path: &Path) -> Result<PathBuf, JournalError> {
    let name = path.file_name().ok_or_else(|| JournalError::NotAFile(path.to_owned()))?;
    let path = place::directory(path)?.join(name);
    place::inspect(&path)?;
    Ok(path)
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
    // NORMAL would lose the last commits in a power cut; an intent must not be lost.
    connection.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// Parent, first and last address as one text.
fn key_text(key: &StepKey) -> String {
    format!("{} {} {}", key.parent, key.block.first(), key.block.last())
}

fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn run(transaction: &Transaction<'_>, sql: &str, values: impl Params) -> Result<(), StoreError> {
    transaction.prepare_cached(sql).and_then(|mut s| s.execute(values)).map_err(failed)?;
    Ok(())
}

/// Applies one change of a run.
fn apply(t: &Transaction<'_>, change: &Change) -> Result<(), StoreError> {
    match change {
        Change::Begin { run: id, record, plan } => run(
            t,
            "INSERT INTO run (id, facts, plan) VALUES (?1, ?2, ?3)",
            params![id, json::write(record)?, json::write(plan)?],
        ),
        Change::Event { run: id, row, event } => run(
            t,
            "INSERT INTO event (run, row, event) VALUES (?1, ?2, ?3)",
            params![id, number(*row), json::write(event)?],
        ),
        Change::Totals { run: id, totals } => run(
            t,
            // Not in the run's own row: SQLite writes a row whole, and that one holds the plan.
            "INSERT OR REPLACE INTO requests (run, sent, retried, worst) VALUES (?1, ?2, ?3, ?4)",
            params![id, number(totals.sent), number(totals.retried), number(totals.worst)],
        ),
        Change::Finish { run: id, at, exit_code } => run(
            t,
            "UPDATE run SET finished_at = ?2, exit_code = ?3 WHERE id = ?1",
            params![id, at, exit_code],
        ),
        Change::Meta { name, value } => run(
            t,
            "INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)",
            params![name, value],
        ),
        Change::Reread => {
            run(t, "INSERT OR REPLACE INTO meta (name, value) VALUES (?1, 'no')", [RESTORED])
        }
        Change::DropRunsBefore(id) => {
            run(t, "DELETE FROM event WHERE run < ?1", [id])?;
            run(t, "DELETE FROM requests WHERE run < ?1", [id])?;
            run(t, "DELETE FROM run WHERE id < ?1", [id])
        }
        memory => apply_memory(t, memory),
    }
}

/// Applies one change of what is remembered across runs.
fn apply_memory(t: &Transaction<'_>, change: &Change) -> Result<(), StoreError> {
    let put = |table: &str, column: &str, key: &str, record: String| {
        let sql = format!("INSERT OR REPLACE INTO {table} ({column}, record) VALUES (?1, ?2)");
        run(t, &sql, [key, &record])
    };
    let drop = |table: &str, column: &str, key: &str| {
        run(t, &format!("DELETE FROM {table} WHERE {column} = ?1"), [key])
    };
    match change {
        Change::Know(known) => put("known", "key", &key_text(&known.key), json::write(known)?),
        Change::Forget(key) => drop("known", "key", &key_text(key)),
        Change::Name(name) => put("name", "block", &name.block.to_string(), json::write(name)?),
        Change::Unname(block) => drop("name", "block", &block.to_string()),
        Change::Input(input) => {
            run(t, "INSERT INTO input (record) VALUES (?1)", [json::write(input)?])
        }
        Change::Missing(missing) => {
            put("missing", "key", &key_text(&missing.key), json::write(missing)?)
        }
        Change::Present(key) => drop("missing", "key", &key_text(key)),
        Change::Key(key) => put("key", "org", key.org.as_str(), json::write(key)?),
        Change::Refused(refused) => {
            put("refused", "key", &key_text(&refused.key), json::write(refused)?)
        }
        Change::Unrefused { key, body_sha256 } => {
            let sql = "DELETE FROM refused WHERE key = ?1 AND record ->> 'body_sha256' = ?2";
            run(t, sql, [&key_text(key), body_sha256])
        }
        Change::Doubt(doubt) => put("doubt", "key", &key_text(&doubt.key), json::write(doubt)?),
        Change::Settled(key) => drop("doubt", "key", &key_text(key)),
        Change::Begin { .. }
        | Change::Event { .. }
        | Change::Totals { .. }
        | Change::Finish { .. }
        | Change::Meta { .. }
        | Change::Reread
        | Change::DropRunsBefore(_) => Ok(()),
    }
}

impl Store for SqliteStore {
    fn commit(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        let commits = self.commits + 1;
        let transaction = self.connection.transaction().map_err(failed)?;
        for change in changes {
            apply(&transaction, change)?;
        }
        run(
            &transaction,
            "UPDATE meta SET value = ?1 WHERE name = 'commits'",
            [commits.to_string()],
        )?;
        transaction.commit().map_err(failed)?;
        self.commits = commits;
        if let Some(mark) = &self.mark {
            mark.note(&self.lineage, commits);
        }
        Ok(())
    }

    fn meta(&self, name: &str) -> Result<Option<String>, StoreError> {
        let select = "SELECT value FROM meta WHERE name = ?1";
        self.connection.query_row(select, [name], |row| row.get(0)).optional().map_err(failed)
    }

    fn runs(&self) -> Result<Vec<RunHead>, StoreError> {
        let select = "SELECT id, facts, coalesce(requests.sent, 0), coalesce(requests.retried, 0), coalesce(requests.worst, 0), finished_at, exit_code FROM run LEFT JOIN requests ON requests.run = run.id ORDER BY id";
        let mut statement = self.connection.prepare(select).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        let mut runs = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            let count = |at| row.get::<_, i64>(at).map(i64::unsigned_abs).map_err(failed);
            let facts: String = row.get(1).map_err(failed)?;
            runs.push(RunHead {
                run: row.get(0).map_err(failed)?,
                record: json::read(&facts)?,
                totals: Totals { sent: count(2)?, retried: count(3)?, worst: count(4)? },
                finished_at: row.get(5).map_err(failed)?,
                exit_code: row.get(6).map_err(failed)?,
            });
        }
        Ok(runs)
    }

    fn plan(&self, run: i64) -> Result<Plan, StoreError> {
        let select = "SELECT plan FROM run WHERE id = ?1";
        let text: Option<String> = self
            .connection
            .query_row(select, [run], |row| row.get(0))
            .optional()
            .map_err(failed)?;
        let text = text.ok_or_else(|| StoreError::Damaged(format!("it has no run {run}")))?;
        json::read(&text)
    }

    fn events(&self, run: i64) -> Result<Vec<(u64, Event)>, StoreError> {
        let select = "SELECT row, event FROM event WHERE run = ?1 ORDER BY seq";
        let mut statement = self.connection.prepare(select).map_err(failed)?;
        let rows = statement
            .query_map([run], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))
            .map_err(failed)?;
        rows.map(|row| {
            let (row, text) = row.map_err(failed)?;
            Ok((row.unsigned_abs(), json::read(&text)?))
        })
        .collect()
    }

    fn known(&self) -> Result<Vec<Known>, StoreError> {
        self.records("SELECT record FROM known ORDER BY key")
    }

    fn names(&self) -> Result<Vec<GeneratedName>, StoreError> {
        self.records("SELECT record FROM name ORDER BY block")
    }

    fn inputs(&self) -> Result<Vec<AcceptedInput>, StoreError> {
        self.records("SELECT record FROM input ORDER BY seq")
    }

    fn missing(&self) -> Result<Vec<Missing>, StoreError> {
        self.records("SELECT record FROM missing ORDER BY key")
    }

    fn keys(&self) -> Result<Vec<KnownKey>, StoreError> {
        self.records("SELECT record FROM key ORDER BY org")
    }

    fn refused(&self) -> Result<Vec<Refused>, StoreError> {
        self.records("SELECT record FROM refused ORDER BY key")
    }

    fn doubts(&self) -> Result<Vec<Doubt>, StoreError> {
        self.records("SELECT record FROM doubt ORDER BY key")
    }

    fn is_restored(&self) -> Result<bool, StoreError> {
        Ok(self.meta(RESTORED)?.as_deref() == Some("yes"))
    }

    fn check(&self) -> Result<Vec<String>, StoreError> {
        let mut statement = self.connection.prepare("PRAGMA integrity_check").map_err(failed)?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).map_err(failed)?;
        let mut found = Vec::new();
        for row in rows {
            let text = row.map_err(failed)?;
            if text != "ok" {
                found.push(text);
            }
        }
        Ok(found)
    }

    fn backup(&self, to: &Path) -> Result<(), StoreError> {
        let to =
            to.to_str().ok_or_else(|| StoreError::Failed("the name is no UTF-8".to_owned()))?;
        self.connection.execute("VACUUM INTO ?1", [to]).map_err(failed)?;
        Ok(())
    }
}
