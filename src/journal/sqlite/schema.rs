//! The tables of a journal in SQLite, and the way from every earlier version to this one.
//!
//! Must not know: what is done with the rows.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::json;
use crate::journal::JournalError;
use crate::journal::event::{Event, Outcome};
use crate::journal::memory::{Doubt, Known};
use crate::journal::store::StoreError;
use crate::plan::{Plan, Step};

/// Version of the tables.
pub(in crate::journal) const VERSION: i64 = 2;

/// Version 1: a run, its events, and what became of each (parent, start, end).
const V1: &str = "
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

/// Version 2: the memory across runs in full, and a lineage by which an old copy is noticed.
const V2: &str = "
CREATE TABLE known (key TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;
CREATE TABLE name (block TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;
CREATE TABLE input (seq INTEGER PRIMARY KEY, record TEXT NOT NULL) STRICT;
CREATE TABLE missing (key TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;
CREATE TABLE key (org TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;
CREATE TABLE refused (key TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;
CREATE TABLE doubt (key TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;
CREATE TABLE requests (
  run INTEGER PRIMARY KEY, sent INTEGER NOT NULL, retried INTEGER NOT NULL,
  worst INTEGER NOT NULL) STRICT;
INSERT INTO requests SELECT id, sent, retried, worst FROM run;
INSERT INTO meta (name, value) VALUES ('lineage', lower(hex(randomblob(16)))), ('commits', '0');
";

/// Brings the tables to this version, in one transaction.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), JournalError> {
    let found = version(connection)?;
    if found == VERSION {
        return Ok(());
    }
    if !(0..VERSION).contains(&found) {
        return Err(JournalError::Version { found });
    }
    let transaction = connection.transaction().map_err(super::failed)?;
    if found < 1 {
        transaction.execute_batch(V1).map_err(super::failed)?;
    }
    if found < 2 {
        transaction.execute_batch(V2).map_err(super::failed)?;
        doubts_from_v1(&transaction)?;
        known_from_v1(&transaction)?;
    }
    transaction.pragma_update(None, "user_version", VERSION).map_err(super::failed)?;
    Ok(transaction.commit().map_err(super::failed)?)
}

/// The version of the tables that are there; 0 for an empty file.
pub(super) fn version(connection: &Connection) -> Result<i64, StoreError> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(super::failed)
}

/// Version 1 kept step and outcome of a registration, without the registry's own words.
fn known_from_v1(connection: &Connection) -> Result<(), StoreError> {
    let select = "SELECT r.step, r.outcome, (SELECT max(facts) FROM run) FROM registration r";
    let mut statement = connection.prepare(select).map_err(super::failed)?;
    let rows = statement
        .query_map([], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
        })
        .map_err(super::failed)?;
    for row in rows {
        let (step, outcome, facts) = row.map_err(super::failed)?;
        let (step, outcome): (Step, Outcome) = (json::read(&step)?, json::read(&outcome)?);
        let record: crate::journal::RunRecord = json::read(&facts)?;
        if let Some(known) = Known::of(&step, &outcome, None, record.started_at) {
            let insert = "INSERT INTO known (key, record) VALUES (?1, ?2)";
            let values = params![super::key_text(&known.key), json::write(&known)?];
            connection.execute(insert, values).map_err(super::failed)?;
        }
    }
    drop(statement);
    connection.execute_batch("DROP TABLE registration;").map_err(super::failed)
}

/// Version 1 told open outcomes from the events of its last run alone.
fn doubts_from_v1(connection: &Connection) -> Result<(), StoreError> {
    let select = "SELECT id, plan FROM run ORDER BY id DESC LIMIT 1";
    let last = connection
        .query_row(select, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)));
    let Some((run, plan)) = last.optional().map_err(super::failed)? else { return Ok(()) };
    let plan: Plan = json::read(&plan)?;
    let mut open: BTreeMap<i64, Option<String>> = BTreeMap::new();
    let mut statement = connection
        .prepare("SELECT row, event FROM event WHERE run = ?1 ORDER BY seq")
        .map_err(super::failed)?;
    let mut rows = statement.query([run]).map_err(super::failed)?;
    while let Some(row) = rows.next().map_err(super::failed)? {
        let number: i64 = row.get(0).map_err(super::failed)?;
        let text: String = row.get(1).map_err(super::failed)?;
        match json::read(&text)? {
            Event::Intended { .. } => drop(open.insert(number, None)),
            Event::Concluded(Outcome::Unresolved { message, .. }) => {
                open.insert(number, Some(message));
            }
            Event::Concluded(_) => drop(open.remove(&number)),
            _ => {}
        }
    }
    for (row, step) in plan.steps() {
        let Some(unresolved) = i64::try_from(row).ok().and_then(|n| open.remove(&n)) else {
            continue;
        };
        let doubt = Doubt { key: step.key(), run, row, step: step.clone(), unresolved };
        let values = params![super::key_text(&doubt.key), json::write(&doubt)?];
        connection
            .execute("INSERT INTO doubt (key, record) VALUES (?1, ?2)", values)
            .map_err(super::failed)?;
    }
    Ok(())
}
