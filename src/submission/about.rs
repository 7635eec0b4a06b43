//! Whose space a request is about: that decides whose key it carries.
//!
//! A request does not tell by itself: the path of a customer or a ticket names no org. So the work
//! on a row or a change runs under its parent, and the transport asks here. Must not know: keys.

use crate::domain::NetHandle;

tokio::task_local! {
    static PARENT: NetHandle;
}

/// Does work about the space of a parent; what it spawns is no part of it.
pub async fn under<F: Future>(parent: &NetHandle, work: F) -> F::Output {
    PARENT.scope(parent.clone(), work).await
}

/// What is known of the parent this task works on.
pub(super) fn current<T>(known: impl FnOnce(&NetHandle) -> Option<T>) -> Option<T> {
    PARENT.try_with(known).ok().flatten()
}
