//! Which registry it is that a journal and kept answers belong to: its address, or, for a practice
//! registry, the id of its world, since ports change and worlds are kept.
//!
//! Owns asking a server on loopback for its world. Must not know: journals, the API key (it is
//! never sent here).

use std::time::Duration;

use serde::Deserialize;

use super::failure::{Exit, Failure};
use crate::practice::Practice;
use crate::regrws::BaseUrl;

/// Where a practice registry shows its world.
const WORLD: &str = "/_practice/world";
/// Time allowed for it.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What is read of a world.
#[derive(Deserialize)]
struct World {
    id: String,
}

/// What identifies a registry: its world if it is a practice registry, in this process or in
/// another one on this machine, else its address.
///
/// # Errors
/// A server on this machine that cannot be connected to (exit 8): which registry it will be is
/// not known.
pub(super) async fn of(base: &BaseUrl, practice: Option<&Practice>) -> Result<String, Failure> {
    if let Some(practice) = practice {
        return Ok(practice.world_id());
    }
    if !base.is_loopback() || base.is_https() {
        return Ok(base.to_string());
    }
    Ok(world(base).await?.unwrap_or_else(|| base.to_string()))
}

/// The id of the world of a server on loopback; `None` when it is no practice registry.
async fn world(base: &BaseUrl) -> Result<Option<String>, Failure> {
    // A provider that is there already serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder()
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .timeout(TIMEOUT)
        // Plain HTTP must work on a machine that has no root certificates at all.
        .tls_certs_only([])
        .build()
        .map_err(|_| Failure::new(Exit::Bug, "cannot set up the HTTP client"))?;
    let answer = match http.get(format!("{base}{WORLD}")).send().await {
        Ok(answer) if answer.status().is_success() => answer.bytes().await,
        Err(fault) if fault.is_connect() => {
            let text = format!("cannot connect to the registry {base}; nothing was sent");
            return Err(Failure::new(Exit::Registry, text));
        }
        Ok(_) | Err(_) => return Ok(None),
    };
    let world = answer.ok().and_then(|bytes| serde_json::from_slice::<World>(&bytes).ok());
    Ok(world.map(|world| world.id).filter(|id| !id.is_empty()))
}
