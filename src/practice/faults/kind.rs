//! The faults by name.
//!
//! Owns names and the phase each belongs to. Must not know: how a fault is carried out.

use serde::{Deserialize, Serialize};

/// When a fault strikes, seen from the commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nothing is committed.
    Before,
    /// What the request asks for is done, then the answer goes wrong.
    After,
    /// The client is left without an answer; the commit follows later.
    Late,
}

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident $text:literal $phase:ident,)+) => {
        /// What goes wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Fault { $($(#[$doc])* $name,)+ }

        impl Fault {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// Its name in rules and in the ledger.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// When it strikes.
            #[must_use]
            pub const fn phase(self) -> Phase {
                match self { $(Self::$name => Phase::$phase,)+ }
            }
        }
    };
}

faults! {
    /// The connection closes without an answer; nothing was committed.
    DropBefore "drop-before-commit" Before,
    /// The connection closes without an answer; it was committed.
    DropAfter "drop-after-commit" After,
    /// The connection is reset; nothing was committed.
    ResetBefore "reset-before-commit" Before,
    /// The connection is reset; it was committed.
    ResetAfter "reset-after-commit" After,
    /// The connection closes without an answer; the commit follows a second later (`delay`).
    LateCommit "late-commit" Late,
    /// The answer comes in small pieces over two seconds (`delay`).
    Slow "slow" After,
    /// Half the answer, then the connection closes, before the length that was promised.
    Truncated "truncated" After,
    /// Half of a chunked answer, then the connection closes without the last chunk.
    ChunkCut "chunk-cut" After,
    /// 429 without a hint when to come back.
    TooMany "429" Before,
    /// 429 with `Retry-After` in seconds.
    TooManySeconds "429-seconds" Before,
    /// 429 with `Retry-After` as an HTTP date.
    TooManyDate "429-date" Before,
    /// 500 `E_UNSPECIFIED`; nothing was committed.
    Error500Before "500-before-commit" Before,
    /// 500 `E_UNSPECIFIED`; it was committed.
    Error500After "500-after-commit" After,
    /// 502 of a proxy, as HTML; nothing was committed.
    Error502Before "502-before-commit" Before,
    /// 502 of a proxy, as HTML; it was committed.
    Error502After "502-after-commit" After,
    /// 503 of a proxy, as HTML; nothing was committed.
    Error503Before "503-before-commit" Before,
    /// 503 of a proxy, as HTML; it was committed.
    Error503After "503-after-commit" After,
    /// 503 `E_OUTAGE`; nothing was committed.
    Outage "outage" Before,
    /// 200 with a page of HTML; it was committed.
    Html "html-200" After,
    /// 200 with an element that nobody asked for; it was committed.
    WrongRoot "wrong-root" After,
    /// The answer describes another net than the one that was registered.
    WrongNet "wrong-net" After,
    /// A ticket instead of the net, which is registered when the ticket is resolved.
    TicketOnly "ticket-only" After,
    /// An answer with neither a net nor a ticket; it was committed.
    Neither "neither" After,
    /// 307 to another host; nothing was committed.
    Redirect "redirect" Before,
    /// 200 with a body that does not end for a quarter of a gibibyte; it was committed.
    Huge "huge-body" After,
    /// The answer begins with entities that would fill the memory; it was committed.
    EntityBomb "entity-bomb" After,
    /// The answer is compressed, which nobody asked for; it was committed.
    Gzip "gzip" After,
    /// The answer with its elements in another order: still good.
    Shuffled "shuffled" After,
    /// The answer with other namespace prefixes: still good.
    Prefixes "prefixes" After,
    /// The answer with elements of another namespace among its own: still good.
    Foreign "foreign-elements" After,
    /// Comments are accepted and thrown away.
    DroppedFields "dropped-fields" After,
}

/// A name that no fault has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no fault; there are: {all}", all = names())]
pub struct FaultNameError(String);

fn names() -> String {
    let names: Vec<&str> = Fault::ALL.iter().map(|fault| fault.name()).collect();
    names.join(", ")
}

impl TryFrom<String> for Fault {
    type Error = FaultNameError;

    /// By name; case, `_` and `-` make no difference.
    fn try_from(text: String) -> Result<Self, FaultNameError> {
        let name = text.to_ascii_lowercase().replace(['_', ' '], "-");
        let found = Self::ALL.iter().find(|fault| fault.name() == name).copied();
        found.ok_or(FaultNameError(text))
    }
}

impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl Serialize for Fault {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
