//! Which registry it is that a journal and kept answers belong to: its address, or, for a practice
//! registry, the id of its world, since ports change and worlds are kept.
//!
//! Owns asking a server on loopback for its world. Must not know: journals, the API key (it is
//! never sent here).

use std::time::Duration;

use serde::Deserialize;

use super::failure::{Exit, Failure};
use crate::practice::Practice;
use crate::regrws::client::headed;
use crate::regrws::{BaseUrl, limits};

/// Where a practice registry shows its world.
const WORLD: &str = "/_practice/world";
/// Time allowed for it.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How often it is asked where no clear answer comes.
const TRIES: u32 = 5;
/// Between two questions.
const PAUSE: Duration = Duration::from_millis(200);

/// What is read of a world.
#[derive(Deserialize)]
struct World {
    id: String,
}

/// What identifies a registry: its world if it is a practice registry, in this process or in
/// another one on this machine, else its address.
///
/// # Errors
/// A server on this machine that cannot be connected to or gives no clear answer (exit 8): which
/// registry it is is not known.
pub(super) async fn of(base: &BaseUrl, practice: Option<&Practice>) -> Result<String, Failure> {
    if let Some(practice) = practice {
        return Ok(practice.world_id());
    }
    if !base.is_loopback() || base.is_https() {
        return Ok(base.to_string());
    }
    Ok(world(base).await?.unwrap_or_else(|| base.to_string()))
}

/// What one question for the world came to.
enum Told {
    /// Its id.
    World(String),
    /// There is none: the server says that it has no such thing.
    Nothing,
    /// A whole answer that is no world.
    Other,
    /// No answer, one that broke off, or one of a server in trouble: when to ask again.
    Unclear(Duration),
}

/// The id of the world of a server on loopback; `None` when it is no practice registry. An answer
/// that was lost is no evidence of that: it is asked again, and then nothing is bound to anything.
async fn world(base: &BaseUrl) -> Result<Option<String>, Failure> {
    let http = client()?;
    let mut tries = 0;
    loop {
        let told = ask(&http, base).await?;
        tries += 1;
        let (wait, other) = match told {
            Told::World(id) => return Ok(Some(id)),
            Told::Nothing => return Ok(None),
            Told::Other => (PAUSE, true),
            Told::Unclear(wait) => (wait, false),
        };
        if wait > limits().retry_after_max {
            let seconds = wait.as_secs();
            let text = format!("{base} asks for a pause of {seconds} s; nothing was sent");
            return Err(Failure::new(Exit::Registry, text));
        }
        if tries == TRIES && other {
            return Ok(None);
        }
        if tries == TRIES {
            let text = format!(
                "{base} did not say which registry it is in {TRIES} tries; nothing was sent"
            );
            return Err(Failure::new(Exit::Registry, text));
        }
        tokio::time::sleep(wait).await;
    }
}

fn client() -> Result<reqwest::Client, Failure> {
    // A provider that is there already serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .timeout(TIMEOUT)
        // Plain HTTP must work on a machine that has no root certificates at all.
        .tls_certs_only([])
        .build()
        .map_err(|_| Failure::new(Exit::Bug, "cannot set up the HTTP client"))
}

/// Asks once.
///
/// # Errors
/// Nobody listens there.
async fn ask(http: &reqwest::Client, base: &BaseUrl) -> Result<Told, Failure> {
    let answer = match http.get(format!("{base}{WORLD}")).send().await {
        Ok(answer) => answer,
        Err(fault) if fault.is_connect() => {
            let text = format!("cannot connect to the registry {base}; nothing was sent");
            return Err(Failure::new(Exit::Registry, text));
        }
        Err(_) => return Ok(Told::Unclear(PAUSE)),
    };
    let status = answer.status();
    let too_many = status == reqwest::StatusCode::TOO_MANY_REQUESTS;
    if too_many || !status.is_client_error() && !status.is_success() {
        let own = if too_many { limits().pause } else { PAUSE };
        return Ok(Told::Unclear(headed(&answer).asked_pause().unwrap_or(own)));
    }
    if status.is_client_error() {
        return Ok(Told::Nothing);
    }
    let Ok(bytes) = answer.bytes().await else { return Ok(Told::Unclear(PAUSE)) };
    let world = serde_json::from_slice::<World>(&bytes).ok().filter(|world| !world.id.is_empty());
    Ok(world.map_or(Told::Other, |world| Told::World(world.id)))
}
