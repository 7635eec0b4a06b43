//! FILE arguments in, attachments out.
//!
//! Owns reading payloads and attachments, and saving files whole or not at all. Must not know:
//! which verb uses them.

use std::io::Read;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::failure::{Exit, Failure};
use super::session::{Session, lost, refused};
use crate::regrws::payload::{
    AttachmentPayload, Attachments, Lines, MessageCategory, MessagePayload, Payload,
};
use crate::regrws::{CallError, DownloadError, TicketAttachment};

/// Name of standard input.
const STDIN: &str = "-";
/// Largest payload file.
const FILE_MAX_BYTES: u64 = 32 * 1024 * 1024;

/// The bytes of a FILE argument.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let fault =
        |reason: String| Failure::usage(format!("cannot read {}: {reason}", path.display()));
    let mut found = Vec::new();
    let read = if path == Path::new(STDIN) {
        std::io::stdin().lock().take(FILE_MAX_BYTES + 1).read_to_end(&mut found)
    } else {
        let file = std::fs::File::open(path).map_err(|e| fault(e.to_string()))?;
        file.take(FILE_MAX_BYTES + 1).read_to_end(&mut found)
    };
    read.map_err(|e| fault(e.to_string()))?;
    if found.len() as u64 > FILE_MAX_BYTES {
        return Err(fault(format!("it is larger than {FILE_MAX_BYTES} bytes")));
    }
    Ok(found)
}

/// The payload in a FILE argument.
pub(super) fn payload<P: Payload>(path: &Path) -> Result<P, Failure> {
    parsed(path, &bytes(path)?)
}

/// The payload in the bytes of a FILE argument.
pub(super) fn parsed<P: Payload>(path: &Path, bytes: &[u8]) -> Result<P, Failure> {
    P::from_request(bytes).map_err(|fault| wrong(path, &fault.to_string()))
}

/// The payload in a FILE argument, laid over the record it changes.
pub(super) fn changes<P: Payload>(path: &Path, current: &P) -> Result<P, Failure> {
    P::from_changes(&bytes(path)?, current).map_err(|fault| wrong(path, &fault.to_string()))
}

/// A FILE that is no payload of the kind that is asked for.
fn wrong(path: &Path, reason: &str) -> Failure {
    Failure::usage(format!("{}: {reason}; nothing was sent", path.display()))
}

/// A message from a text and files.
pub(super) fn message(
    subject: &str,
    text: Option<&str>,
    attach: &[PathBuf],
) -> Result<MessagePayload, Failure> {
    let lines: Vec<&str> = text.unwrap_or_default().lines().collect();
    let message = MessagePayload {
        subject: Some(subject.to_owned()),
        text: Lines::of(&lines),
        category: Some(MessageCategory::None),
        ..MessagePayload::default()
    };
    attached(message, attach)
}

/// A message with more files.
pub(super) fn attached(
    mut message: MessagePayload,
    paths: &[PathBuf],
) -> Result<MessagePayload, Failure> {
    let mut all = message.attachments.unwrap_or_default().attachment;
    for path in paths {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        all.push(AttachmentPayload { data: Some(STANDARD.encode(bytes(path)?)), filename: name });
    }
    message.attachments = (!all.is_empty()).then(|| Attachments::from(all));
    Ok(message)
}

/// A file that was saved.
pub(super) struct Saved {
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
}

/// Fetches an attachment into a file beside its place, then puts it there whole. A file that is
/// there already is replaced only if `replace` says so.
pub(super) async fn save(
    session: &Session,
    call: &TicketAttachment,
    path: &Path,
    replace: bool,
) -> Result<Saved, Failure> {
    let fault = |reason: String| {
        Failure::new(Exit::Storage, format!("cannot write {}: {reason}", path.display()))
    };
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let directory = directory.unwrap_or_else(|| Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(directory).map_err(|e| fault(e.to_string()))?;
    let request = call.request();
    let done = session.client().download(&request, &mut file).await;
    let done = done.map_err(|error| match error {
        DownloadError::Write(reason) => fault(reason.to_string()),
        DownloadError::Call(CallError::Wire(reason)) => lost(&request, &reason, ""),
        DownloadError::Call(CallError::Complaint(reason)) => refused(&request, &reason, ""),
    })?;
    file.as_file().sync_all().map_err(|e| fault(e.to_string()))?;
    let placed = if replace { file.persist(path) } else { file.persist_noclobber(path) };
    placed.map_err(|e| fault(format!("{}; give another --out", e.error)))?;
    Ok(Saved { path: path.to_path_buf(), bytes: done.bytes })
}

/// A name that the registry gave, as a name in a directory of ours.
pub(super) fn safe_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let name: String = last.chars().map(plain).collect();
    let name = name.trim_start_matches('.');
    if name.is_empty() { "attachment".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_name_stays_in_its_directory() {
        for (given, safe) in [
            ("report.csv", "report.csv"),
            ("../../etc/passwd", "passwd"),
            ("C:\\x\\re port.csv", "re_port.csv"),
            (".bashrc", "bashrc"),
            ("..", "attachment"),
            ("a/", "attachment"),
        ] {
            assert_eq!(safe_name(given), safe, "{given}");
        }
    }
}
