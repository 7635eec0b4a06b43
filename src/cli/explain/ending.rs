//! What each status and exit code means, and what to do.
//!
//! Owns the texts. Must not know: how a row got its status.

use crate::cli::failure::Exit;
use crate::domain::Status;

/// A status: what it means, and what to do.
pub(super) const fn status(status: Status) -> (&'static str, &'static str) {
    match status {
        Status::Registered => ("This run registered the row.", "Nothing."),
        Status::AlreadyRegistered => {
            ("The registry had the row already, equal in every field.", "Nothing.")
        }
        Status::Ticketed => (
            "The registry took the request and opened a ticket; ARIN's staff decide.",
            "swip status JOURNAL --refresh asks how it stands; --wait 30m waits for it.",
        ),
        Status::Rejected => (
            "The registry said no, or holds the range differently (code conflict).",
            "Read the message in the report, correct the row, run the same command again.",
        ),
        Status::Invalid => (
            "The row failed the local check, or shares an address with one that did.",
            "swip explain CODE for the code in the report; correct the row and run again.",
        ),
        Status::Unresolved => (
            "A write left and its answer was lost, and reading the registry cannot tell what became of it. swip will not send it again.",
            "Look at the registry as the message says, then: swip resolve JOURNAL ROW --adopt HANDLE, --absent, or --hold.",
        ),
        Status::Deferred => (
            "The row waits: for a ticket, for a pause the registry asked for, or to be settled by reading (code settle-pending).",
            "swip resume JOURNAL, after the time the message names.",
        ),
        Status::NotAttempted => (
            "The run stopped before this row, or was a dry run.",
            "swip resume JOURNAL; after a dry run, the same command without --dry-run.",
        ),
        Status::NotRequired => (
            "NRPM does not require the row, and --below-policy skip leaves such rows out.",
            "Nothing; --below-policy register sends it.",
        ),
        Status::NotManaged => {
            ("The row's parent is not ours to manage (managed in the parents file).", "Nothing.")
        }
        Status::Recorded => {
            ("record-only: counted for overlap and utilisation, never sent.", "Nothing.")
        }
        Status::Modified => ("sync changed the registration in place.", "Nothing."),
        Status::Replaced => ("sync removed the registration and made it anew.", "Nothing."),
        Status::Removed => ("sync removed the registration.", "Nothing."),
        Status::Unchanged => ("The registration is as the plan has it.", "Nothing."),
        Status::Held => (
            "A guard of sync keeps the row from being changed; its code names the guard.",
            "Make sure the change is meant; the message names the option that allows it.",
        ),
    }
}

/// An exit code: what it means, and what to do.
pub(super) const fn exit(exit: Exit) -> (&'static str, &'static str) {
    match exit {
        Exit::Done => ("Done: no row needs anyone.", "Nothing."),
        Exit::Bug => ("A bug in swip.", "Report it; the journal is safe: swip resume JOURNAL."),
        Exit::Usage => (
            "Wrong usage or configuration.",
            "The last line says what; swip config show and swip doctor help.",
        ),
        Exit::Input => (
            "The input has errors, or is empty or unreadable. Without --skip-invalid nothing was sent.",
            "swip check INPUT, correct the rows, run again.",
        ),
        Exit::Rejected => (
            "Finished; the registry rejected some rows.",
            "The report names each with the registry's reason; correct them and run again.",
        ),
        Exit::Unresolved => (
            "Some rows are unresolved, or were removed and not replaced; a person must look.",
            "swip status JOURNAL, then swip resolve JOURNAL ROW.",
        ),
        Exit::Stopped => (
            "Stopped or held back by a guard, a signal, --limit, or a refusal at the prompt.",
            "Read which; swip resume JOURNAL goes on.",
        ),
        Exit::Key => (
            "The registry refused the API key.",
            "Correct the key or its authority over the org, then swip resume JOURNAL.",
        ),
        Exit::Registry => (
            "The registry is unreachable or in outage.",
            "swip doctor shows where it fails; swip resume JOURNAL later.",
        ),
        Exit::Storage => (
            "The journal is locked, damaged or not writable, output is not writable, or the disk is full.",
            "The last line names the file; swip doctor shows space and permissions.",
        ),
    }
}
