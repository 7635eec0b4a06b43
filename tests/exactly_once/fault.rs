//! What goes wrong on the line, and the mix of the campaigns.

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    DropBefore,
    DropAfter,
    ResetAfter,
    LateCommit,
    Truncated,
    ChunkCut,
    TooMany,
    TooManySeconds,
    TooManyDate,
    Error500Before,
    Error500After,
    Error502After,
    Error503Before,
    Html,
    EmptyBody,
    WrongRoot,
    Neither,
    Redirect,
    Gzip,
    Dtd,
    Slow,
    /// The client is killed when its request has been seen; nothing is carried out.
    KillSeen,
    /// The client is killed, and then its request is carried out.
    KillBefore,
    /// The request is carried out, and then the client is killed; nothing is delivered.
    KillAfter,
    /// Half of the answer is delivered, and then the client is killed.
    KillMidAnswer,
    /// Nothing at all until the client gives up; it was carried out.
    Silence,
    /// A byte of the answer every tenth of a second.
    Drip,
    /// The answer in pieces of one byte.
    Bytes,
    /// An answer that has no end.
    Endless,
    /// Headers that have no end.
    EndlessHeaders,
    /// The answer to another row's request.
    OtherAnswer,
    /// The answer twice on one connection.
    Twice,
    /// An answer of HTTP/1.0, with bytes behind it.
    Http10,
    /// An answer of this name in [`crate::answers`], without anything being carried out.
    Says(&'static str),
}

impl Fault {
    /// Whether the request was carried out before its answer went wrong.
    pub(crate) const fn commits(self) -> bool {
        !matches!(
            self,
            Self::DropBefore
                | Self::TooMany
                | Self::TooManySeconds
                | Self::TooManyDate
                | Self::Error500Before
                | Self::Error503Before
                | Self::Redirect
                | Self::KillSeen
                | Self::Says(_)
                // It is, but only after the client may rightly have asked.
                | Self::LateCommit
        )
    }

    /// Whether the client is let live to read a whole answer.
    pub(crate) const fn answers_whole(self) -> bool {
        !matches!(self, Self::KillMidAnswer | Self::Endless | Self::EndlessHeaders | Self::Drip)
    }
}

/// For writes, the mix of the campaigns in thousandths.
pub(crate) const WRITES: [(Fault, u32); 17] = [
    (Fault::DropBefore, 25),
    (Fault::DropAfter, 25),
    (Fault::ResetAfter, 10),
    (Fault::LateCommit, 10),
    (Fault::Truncated, 10),
    (Fault::ChunkCut, 10),
    (Fault::Error500Before, 10),
    (Fault::Error500After, 10),
    (Fault::Error502After, 10),
    (Fault::Error503Before, 5),
    (Fault::Html, 5),
    (Fault::EmptyBody, 5),
    (Fault::WrongRoot, 5),
    (Fault::Neither, 5),
    (Fault::Redirect, 5),
    (Fault::Gzip, 5),
    (Fault::Dtd, 5),
];
/// For all requests.
pub(crate) const ALL: [(Fault, u32); 3] =
    [(Fault::TooManySeconds, 5), (Fault::TooManyDate, 3), (Fault::Slow, 5)];
/// For reads.
pub(crate) const READS: [(Fault, u32); 3] =
    [(Fault::DropBefore, 5), (Fault::Error500Before, 5), (Fault::Truncated, 5)];
