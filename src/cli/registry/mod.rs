//! `swip registry`: one call of any Reg-RWS method.
//!
//! Owns which verb is which call, one file for each kind of object. Must not know: rows, plans,
//! journals; XML.

mod file;
mod net;
mod party;
mod report;
mod session;
mod show;
mod ticket;

use super::args::{Global, Object, Registry};
use super::failure::{Exit, Failure};
use session::Session;

/// Runs `swip registry`.
///
/// # Errors
/// Usage, a refusal, an unknown outcome, a refused key, or an unreachable registry.
pub(super) async fn run(global: &Global, args: &Registry) -> Result<Exit, Failure> {
    let session = Session::open(global, args).await?;
    let done = match &args.object {
        Object::Poc(verb) => party::poc(&session, verb).await,
        Object::Org(verb) => party::org(&session, verb).await,
        Object::Customer(verb) => party::customer(&session, verb).await,
        Object::Net(verb) => net::net(&session, verb).await,
        Object::Delegation(verb) => net::delegation(&session, verb).await,
        Object::Ticket(verb) => ticket::run(&session, verb).await,
        Object::Report(verb) => report::run(&session, verb).await,
    };
    session.close()?;
    done.map(|()| Exit::Done)
}
