//! One call at one registry: sent, judged, shown.
//!
//! Owns the client, the practice registry in this process, and how verdicts become exit codes.
//! Must not know: which verb asks.

use std::path::Path;

use super::super::args::{Global, Registry};
use super::super::failure::{Exit, Failure};
use super::super::inner;
use super::super::target::{self, Target};
use super::show::{Form, show_payload, show_refusal, show_request};
use crate::domain::Parent;
use crate::practice::Practice;
use crate::regrws::{
    ApiKey, BaseUrl, Call, Client, Complaint, Effect, RawAnswer, Verdict, WireError, WireRequest,
};
use crate::rehearsal;

/// State file of the practice world, if none is given.
const STATE: &str = "registry";
/// A registry that calls can be sent to.
pub(super) struct Session {
    client: Client,
    practice: Option<Practice>,
    form: Form,
    dry_run: bool,
}

impl Session {
    /// Chooses the registry; starts the practice registry when it is the one.
    pub(super) async fn open(global: &Global, args: &Registry) -> Result<Self, Failure> {
        let target = Target::parse(global.registry.as_deref())?;
        let (base, key, practice) = match &target {
            Target::At { base, .. } => (base.clone(), target::key(global)?, None),
            Target::Practice => {
                let world = &args.world;
                let stem = world.state.as_deref().unwrap_or_else(|| Path::new(STATE));
                let practice = inner::world(parents(world.parents.as_deref())?, stem).await?;
                let bug = |fault: String| Failure::new(Exit::Bug, fault);
                let base = BaseUrl::parse(&practice.url()).map_err(|e| bug(e.to_string()))?;
                let key = ApiKey::parse(crate::practice::KEY).map_err(|e| bug(e.to_string()))?;
                tracing::info!("practice registry in this process, world {}", stem.display());
                (base, key, Some(practice))
            }
        };
        let client = target::client(global, base, key, target.rate())?;
        let form = Form::of(&args.output);
        Ok(Self { client, practice, form, dry_run: args.output.dry_run })
    }

    /// Ends the session; the practice registry writes its world.
    pub(super) fn close(self) -> Result<(), Failure> {
        let Some(practice) = self.practice else { return Ok(()) };
        practice.stop().map_err(|fault| Failure::new(Exit::Storage, fault.to_string()))
    }

    /// Whether the registry is in this process or on this machine, so that waits are short.
    pub(super) fn is_practice(&self) -> bool {
        self.practice.is_some()
    }

    /// The client.
    pub(super) const fn client(&self) -> &Client {
        &self.client
    }

    /// How answers are shown.
    pub(super) const fn form(&self) -> Form {
        self.form
    }

    /// Whether writes are only shown.
    pub(super) const fn dry_run(&self) -> bool {
        self.dry_run
    }

    /// Reads and shows.
    pub(super) async fn read<C: Call>(&self, call: &C) -> Result<(), Failure> {
        let (answer, payload) = self.got(call).await?;
        show_payload(self.form, &answer, &payload)
    }

    /// Reads a payload that is needed for something else.
    pub(super) async fn fetch<C: Call>(&self, call: &C) -> Result<C::Payload, Failure> {
        Ok(self.got(call).await?.1)
    }

    /// Writes and shows the answer, or under `--dry-run` the request. `look` says where to look
    /// when the outcome stays unknown.
    pub(super) async fn write<C: Call>(&self, call: &C, look: &str) -> Result<(), Failure> {
        self.write_or(call, look, |_| None).await
    }

    /// The same, where a complaint may have a meaning of its own.
    pub(super) async fn write_or<C: Call>(
        &self,
        call: &C,
        look: &str,
        meaning: impl Fn(&Complaint) -> Option<Failure>,
    ) -> Result<(), Failure> {
        let request = call.request();
        if self.dry_run {
            return show_request(self.form, &request);
        }
        let answer = self.client.exchange(&request).await;
        let answer = answer.map_err(|fault| lost(&request, &fault, look))?;
        match C::decode(&answer).and_then(|_| C::payload(&answer)) {
            Ok(payload) => show_payload(self.form, &answer, &payload),
            Err(complaint) => {
                show_refusal(self.form, &answer, &complaint)?;
                Err(meaning(&complaint).unwrap_or_else(|| refused(&request, &complaint, look)))
            }
        }
    }

    /// Opens a ticket with a GET that is never repeated.
    pub(super) async fn opened<C: Call>(
        &self,
        call: &C,
        look: &str,
    ) -> Result<C::Payload, Failure> {
        let request = call.request();
        let answer = self.client.exchange(&request).await;
        let answer = answer.map_err(|fault| lost(&request, &fault, look))?;
        C::payload(&answer).or_else(|complaint| {
            show_refusal(self.form, &answer, &complaint)?;
            Err(refused(&request, &complaint, look))
        })
    }

    /// One read and its payload.
    async fn got<C: Call>(&self, call: &C) -> Result<(RawAnswer, C::Payload), Failure> {
        let request = call.request();
        let answer = self.client.exchange(&request).await;
        let answer = answer.map_err(|fault| lost(&request, &fault, ""))?;
        match C::payload(&answer) {
            Ok(payload) => Ok((answer, payload)),
            Err(complaint) => {
                show_refusal(self.form, &answer, &complaint)?;
                Err(refused(&request, &complaint, ""))
            }
        }
    }
}

/// The parents of a file, or the blocks for documentation.
fn parents(path: Option<&Path>) -> Result<Vec<Parent>, Failure> {
    path.map_or_else(|| Ok(rehearsal::parents()), inner::parents)
}

/// No answer as a failure.
pub(super) fn lost(request: &WireRequest, fault: &WireError, look: &str) -> Failure {
    match fault {
        WireError::Refused(_) => Failure::usage(format!(
            "{} {}: {fault}; --dry-run shows what would be sent",
            request.method, request.path
        )),
        WireError::NotSent(_) => Failure::new(Exit::Registry, format!("{fault}; nothing was sent")),
        WireError::NoAnswer(_) if request.effect == Effect::Read => {
            Failure::new(Exit::Registry, format!("{fault}; it was a read, so try again"))
        }
        WireError::NoAnswer(_) => unknown(request, &fault.to_string(), look),
    }
}

/// A complaint as a failure.
pub(super) fn refused(request: &WireRequest, complaint: &Complaint, look: &str) -> Failure {
    let told = complaint.to_string();
    match complaint.verdict() {
        Verdict::Rejected => Failure::new(Exit::Rejected, format!("the registry refused: {told}")),
        Verdict::KeyRefused => Failure::new(
            Exit::Key,
            format!(
                "{told}; the key is wrong, or its user has no authority over this record (an \
                 unknown handle may look so too)"
            ),
        ),
        Verdict::TooMany | Verdict::Outage => {
            Failure::new(Exit::Registry, format!("{told}; the registry did nothing, try later"))
        }
        Verdict::Unknown if request.effect == Effect::Read => {
            Failure::new(Exit::Registry, format!("{told}; it was a read, so try again"))
        }
        Verdict::Unknown => unknown(request, &told, look),
    }
}

/// A write of which nobody knows what it did.
fn unknown(request: &WireRequest, why: &str, look: &str) -> Failure {
    Failure::new(
        Exit::Unresolved,
        format!(
            "the outcome of {} {} is unknown: {why}. The registry may have done it. Before \
             anything is sent again, look: {look}",
            request.method, request.path
        ),
    )
}
