//! Why a journal cannot be used.

use std::path::PathBuf;

use super::sqlite::VERSION;
use super::store::StoreError;

/// Why a journal cannot be used. Exit code 9, except for one that belongs elsewhere.
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
    /// It belongs to another registry, or to other orgs.
    #[error("the journal {path} belongs to {bound}, not to {asked}; give another --journal")]
    Foreign {
        /// The journal.
        path: PathBuf,
        /// Whose it is.
        bound: String,
        /// Who was asked for.
        asked: String,
    },
    /// Another key than before.
    #[error(
        "the journal {path} was made with another API key; if the key was renewed, say --accept-new-key: it is taken once it has read a net of each org"
    )]
    OtherKey {
        /// The journal.
        path: PathBuf,
    },
    /// A symbolic link, or no regular file.
    #[error("{0} is no regular file; a journal is never opened through a link")]
    NotAFile(PathBuf),
    /// Others could read or replace it.
    #[error("{path} cannot be trusted with a journal: {reason}")]
    Unsafe {
        /// The file or directory.
        path: PathBuf,
        /// Why, and what to do.
        reason: String,
    },
    /// There is none, or it holds no run.
    #[error("there is no journal {0}, or it holds no run")]
    Empty(PathBuf),
    /// A number that no run has.
    #[error("{path} holds no run {run}; it has runs {first} to {last}")]
    NoRun {
        /// The journal.
        path: PathBuf,
        /// The number asked for.
        run: i64,
        /// Its first run.
        first: i64,
        /// Its last run.
        last: i64,
    },
    /// The tables are of a later version.
    #[error("the journal has schema version {found}; this swip knows {VERSION}: use a newer swip")]
    Version {
        /// Its version.
        found: i64,
    },
    /// The operating system refused.
    #[error("cannot use the journal: {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The store failed or is damaged.
    #[error(transparent)]
    Store(#[from] StoreError),
}
