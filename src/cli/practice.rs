//! `swip practice`: runs the practice registry until a signal.
//!
//! Owns reading its parents and plan. Must not know: its rules.

use std::io::Write as _;

use super::args::{self, Practice};
use super::failure::{Exit, Failure};
use super::inner;
use super::plan_input::PlanInput;
use super::terminal;
use super::units::parse_duration;
use crate::practice::{
    self, Behaviour, FaultRule, Faults, PracticeOptions, RateLimit, RdapPolicy, TicketPolicy,
};

/// Percentage of ticketed requests that `--faults some` denies.
const SOME_DENIED: f64 = 10.0;

/// Runs the command.
///
/// # Errors
/// Files that cannot be read, an address that is refused.
pub(super) async fn run(args: &Practice) -> Result<Exit, Failure> {
    let listen = args.listen.parse().map_err(|_| {
        Failure::usage(format!("`{}` is no address and port; write 127.0.0.1:8080", args.listen))
    })?;
    let parents = args.parents.as_deref().map(inner::parents).transpose()?.unwrap_or_default();
    let (mut orgs, mut customers) = (Vec::new(), Vec::new());
    if let Some(path) = &args.plan {
        let intake = args::Intake {
            inputs: vec![path.clone()],
            parents: args.parents.clone(),
            ..args::Intake::default()
        };
        let (_, checked) = PlanInput::read(&intake, false)?.check()?;
        (orgs, customers) = inner::recipients(&checked.plan);
    }
    let store = args.state.as_deref().map(inner::state);
    let behaviour = behaviour(args)?;
    let options = PracticeOptions { listen, parents, orgs, customers, behaviour, store };
    let practice = practice::start(options).await.map_err(|fault| match fault {
        practice::PracticeError::NotLoopback(_) => Failure::usage(fault.to_string()),
        practice::PracticeError::Io(_) => Failure::new(Exit::Storage, fault.to_string()),
    })?;
    let mut out = terminal::out();
    writeln!(out, "practice registry listening on {}", practice.url())?;
    for key in practice.keys() {
        writeln!(out, "API key {key}")?;
    }
    out.flush()?;
    drop(out);
    super::signals::first().await;
    practice.stop().map_err(|fault| Failure::new(Exit::Storage, fault.to_string()))?;
    Ok(Exit::Done)
}

/// How it behaves, from the options.
fn behaviour(args: &Practice) -> Result<Behaviour, Failure> {
    let faults = faults(&args.faults)?;
    let denied = args.denied.unwrap_or(if faults == Faults::Some { SOME_DENIED } else { 0.0 });
    if !(0.0..=100.0).contains(&denied) {
        return Err(Failure::usage(format!("--denied is a percentage; {denied} is none")));
    }
    Ok(Behaviour {
        profile: match args.profile {
            args::Profile::Current => practice::Profile::Current,
            args::Profile::Classic => practice::Profile::Classic,
        },
        tickets: tickets(&args.tickets, denied)?,
        embedded_customer: match args.embedded_customer {
            args::EmbeddedCustomer::Atomic => practice::EmbeddedCustomer::Atomic,
            args::EmbeddedCustomer::Separate => practice::EmbeddedCustomer::Separate,
        },
        seed: args.seed,
        faults,
        rate: args.rate.map(|rate| RateLimit { count: rate.count, window: rate.window() }),
        latency: args.latency,
        rdap: RdapPolicy { lag: args.rdap_lag, limit: args.rdap_limit },
    })
}

/// `off`, `some`, or the rules of a file.
fn faults(text: &str) -> Result<Faults, Failure> {
    match text {
        "off" => return Ok(Faults::Off),
        "some" => return Ok(Faults::Some),
        _ => {}
    }
    let bytes = std::fs::read(text).map_err(|fault| {
        Failure::usage(format!("--faults is off, some, or a file of rules; {text}: {fault}"))
    })?;
    let rules: Vec<FaultRule> = serde_json::from_slice(&bytes)
        .map_err(|fault| Failure::usage(format!("{text} is no list of fault rules: {fault}")))?;
    Ok(Faults::Rules(rules))
}

/// A number of requests, or a time.
fn tickets(text: &str, denied: f64) -> Result<TicketPolicy, Failure> {
    let policy = TicketPolicy { denied, ..TicketPolicy::default() };
    if let Ok(polls) = text.parse() {
        return Ok(TicketPolicy { polls, ..policy });
    }
    let after = parse_duration(text).map_err(|_| {
        let message =
            format!("--tickets is a number of requests or a duration; `{text}` is neither");
        Failure::usage(message)
    })?;
    Ok(TicketPolicy { after: Some(after), ..policy })
}
