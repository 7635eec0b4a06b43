//! RDAP: the public, delayed copy of the registry, asked for the nets below a block.
//!
//! No key is ever sent to it. What it says is a hint where to look: private customers are hidden,
//! lists are cut off, and the copy lags. Knows domain, and the pacer of `regrws`. Must not know:
//! rows, plans, the journal.

mod answer;
mod client;

pub use answer::{RdapNet, SearchAnswer, net, search};
pub use client::{Rdap, RdapError, RdapOptions};
