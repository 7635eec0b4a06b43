//! Answers on disk, so that an interrupted inventory goes on where it was.
//!
//! One JSON object a line: the path that was asked, when, the status, the body. A torn last line
//! is passed over: its answer is asked for again. The file holds private customers' names and is
//! readable by its owner alone. Must not know: what an answer means.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::regrws::RawAnswer;

/// An answer that was kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// What was asked.
    pub path: String,
    /// When it came.
    pub at: Timestamp,
    /// HTTP status.
    pub status: u16,
    /// Body.
    pub body: String,
}

impl Kept {
    /// As it came, as far as reading it again needs.
    #[must_use]
    pub fn answer(&self) -> RawAnswer {
        RawAnswer {
            status: self.status,
            body: self.body.clone().into_bytes(),
            ..RawAnswer::default()
        }
    }
}

/// First line: whose answers these are.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    swip_inventory: u32,
    registry: String,
}

/// Version of the form.
const FORM: u32 = 1;

/// Why a cache cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The operating system refused.
    #[error("cannot use the inventory {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Its answers are of another registry.
    #[error(
        "the inventory {path} holds answers of {bound}, not of {asked}; give another --cache, or delete it"
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Whose they are.
        bound: String,
        /// Who was asked for.
        asked: String,
    },
    /// Something else lies there.
    #[error("{0} is no inventory of swip; give another --cache")]
    NotOurs(PathBuf),
    /// Another process writes it.
    #[error("the inventory {0} is in use by another swip; wait until it ends")]
    Locked(PathBuf),
}

/// Kept answers, and the file they are appended to.
#[derive(Debug)]
pub struct Cache {
    path: PathBuf,
    file: Mutex<File>,
    kept: Mutex<HashMap<String, Kept>>,
    oldest: Timestamp,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Cache {
    /// Opens or creates the cache of a registry; answers older than `max_age` are asked for again.
    ///
    /// # Errors
    /// [`CacheError`].
    pub fn open(path: &Path, registry: &str, max_age: SignedDuration) -> Result<Self, CacheError> {
        let io = |source| CacheError::Io { path: path.to_owned(), source };
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true).mode(0o600);
        let mut file = options.open(path).map_err(io)?;
        if file.try_lock().is_err() {
            return Err(CacheError::Locked(path.to_owned()));
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(|_| CacheError::NotOurs(path.to_owned()))?;
        let now = Timestamp::now();
        let oldest = now.checked_sub(max_age).unwrap_or(Timestamp::MIN);
        let kept = if text.is_empty() {
            let head = Head { swip_inventory: FORM, registry: registry.to_owned() };
            file.write_all(line(&head).as_bytes()).map_err(io)?;
            HashMap::new()
        } else {
            read(path, &text, registry)?
        };
        if !text.is_empty() && !text.ends_with('\n') {
            file.write_all(b"\n").map_err(io)?;
        }
        Ok(Self { path: path.to_owned(), file: Mutex::new(file), kept: Mutex::new(kept), oldest })
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The answer to a path, if it is fresh.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<Kept> {
        locked(&self.kept).get(path).filter(|kept| kept.at >= self.oldest).cloned()
    }

    /// Answers that are fresh.
    #[must_use]
    pub fn fresh(&self) -> usize {
        locked(&self.kept).values().filter(|kept| kept.at >= self.oldest).count()
    }

    /// The answer to a path, however old.
    #[must_use]
    pub fn get_old(&self, path: &str) -> Option<Kept> {
        locked(&self.kept).get(path).cloned()
    }

    /// Keeps an answer.
    ///
    /// # Errors
    /// [`CacheError::Io`]: disk full.
    pub fn put(&self, kept: Kept) -> Result<(), CacheError> {
        let io = |source| CacheError::Io { path: self.path.clone(), source };
        locked(&self.file).write_all(line(&kept).as_bytes()).map_err(io)?;
        locked(&self.kept).insert(kept.path.clone(), kept);
        Ok(())
    }
}

fn line(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string(value).unwrap_or_default();
    text.push('\n');
    text
}

fn read(path: &Path, text: &str, registry: &str) -> Result<HashMap<String, Kept>, CacheError> {
    let mut lines = text.lines();
    let head = lines.next().and_then(|head| serde_json::from_str::<Head>(head).ok());
    let head = head.filter(|head| head.swip_inventory == FORM);
    let head = head.ok_or_else(|| CacheError::NotOurs(path.to_owned()))?;
    if head.registry != registry {
        let asked = registry.to_owned();
        return Err(CacheError::Foreign { path: path.to_owned(), bound: head.registry, asked });
    }
    let kept = lines.filter_map(|line| serde_json::from_str::<Kept>(line).ok());
    Ok(kept.map(|kept| (kept.path.clone(), kept)).collect())
}
