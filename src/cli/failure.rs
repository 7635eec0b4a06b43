//! Why a command ends early, and with which exit code.
//!
//! Owns the exit codes as a type. Must not know: what each command does.

/// Exit codes of every command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done: no row needs anyone.
    Done,
    /// A bug in swip.
    Bug,
    /// Wrong usage or configuration.
    Usage,
    /// The input has errors, or is empty or unreadable.
    Input,
    /// The registry rejected some rows.
    Rejected,
    /// A person must look.
    Unresolved,
    /// Stopped or held back; resumable.
    Stopped,
    /// The registry refused the API key.
    Key,
    /// Registry unreachable or in outage; resumable.
    Registry,
    /// Journal locked, damaged or not writable; output not writable.
    Storage,
}

impl Exit {
    /// All of them, by number.
    pub const ALL: [Self; 10] = [
        Self::Done,
        Self::Bug,
        Self::Usage,
        Self::Input,
        Self::Rejected,
        Self::Unresolved,
        Self::Stopped,
        Self::Key,
        Self::Registry,
        Self::Storage,
    ];

    /// From best to worst.
    const BY_WEIGHT: [Self; 10] = [
        Self::Done,
        Self::Rejected,
        Self::Input,
        Self::Stopped,
        Self::Unresolved,
        Self::Registry,
        Self::Key,
        Self::Storage,
        Self::Bug,
        Self::Usage,
    ];

    /// The number.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Bug => 1,
            Self::Usage => 2,
            Self::Input => 3,
            Self::Rejected => 4,
            Self::Unresolved => 5,
            Self::Stopped => 6,
            Self::Key => 7,
            Self::Registry => 8,
            Self::Storage => 9,
        }
    }

    /// The worse of two.
    #[must_use]
    pub fn worst(self, other: Self) -> Self {
        let weight = |exit| Self::BY_WEIGHT.iter().position(|e| *e == exit);
        if weight(other) > weight(self) { other } else { self }
    }
}

/// A command that could not do its work.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What happened and what to do, for people.
    pub message: String,
}

impl Failure {
    /// A failure with its message.
    #[must_use]
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }

    /// A failure of usage or configuration.
    #[must_use]
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }
}

impl From<std::io::Error> for Failure {
    fn from(fault: std::io::Error) -> Self {
        Self::new(Exit::Storage, format!("cannot write the output: {fault}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_wins() {
        let order = [
            Exit::Bug,
            Exit::Storage,
            Exit::Key,
            Exit::Registry,
            Exit::Unresolved,
            Exit::Stopped,
            Exit::Input,
            Exit::Rejected,
            Exit::Done,
        ];
        let codes: Vec<u8> = order.iter().map(|exit| exit.code()).collect();
        assert_eq!(codes, [1, 9, 7, 8, 5, 6, 3, 4, 0]);
        for (at, worse) in order.iter().enumerate() {
            for better in &order[at..] {
                assert_eq!(better.worst(*worse), *worse);
                assert_eq!(worse.worst(*better), *worse);
            }
        }
    }
}
