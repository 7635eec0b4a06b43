//! `swip practice`: runs the practice registry until a signal.
//!
//! Owns reading its parents and plan. Must not know: its rules.

use std::io::Write as _;
use std::path::Path;

use super::args::{self, Practice};
use super::failure::{Exit, Failure};
use super::inner;
use super::plan_input::PlanInput;
use super::terminal;
use crate::intake;
use crate::practice::{self, Behaviour, KEY, PracticeOptions, Profile, StorePaths};

/// Runs the command.
///
/// # Errors
/// Files that cannot be read, an address that is refused.
pub(super) async fn run(args: &Practice) -> Result<Exit, Failure> {
    let listen = args.listen.parse().map_err(|_| {
        Failure::usage(format!("`{}` is no address and port; write 127.0.0.1:8080", args.listen))
    })?;
    let mut parents = Vec::new();
    if let Some(path) = &args.parents {
        let (found, findings) = intake::parents::read(path)
            .map_err(|fault| Failure::new(Exit::Input, fault.to_string()))?;
        if let Some(finding) = findings.first() {
            return Err(Failure::new(
                Exit::Input,
                format!("{}: {}", path.display(), finding.message),
            ));
        }
        parents = found;
    }
    let (mut orgs, mut customers) = (Vec::new(), Vec::new());
    if let Some(path) = &args.plan {
        let intake = args::Intake {
            inputs: vec![path.clone()],
            parents: args.parents.clone(),
            ..args::Intake::default()
        };
        let (_, _, checked) = PlanInput::read(&intake, false)?.check();
        (orgs, customers) = inner::recipients(&checked.plan);
    }
    let profile = match args.profile {
        args::Profile::Current => Profile::Current,
        args::Profile::Classic => Profile::Classic,
    };
    let store = args.state.as_deref().map(state);
    let behaviour = Behaviour { profile, ..Behaviour::default() };
    let options = PracticeOptions { listen, parents, orgs, customers, behaviour, store };
    let practice =
        practice::start(options).await.map_err(|fault| Failure::usage(fault.to_string()))?;
    let mut out = terminal::out();
    writeln!(out, "practice registry listening on {}", practice.url())?;
    writeln!(out, "API key {KEY}")?;
    out.flush()?;
    drop(out);
    super::signals::first().await;
    practice.stop().map_err(|fault| Failure::new(Exit::Storage, fault.to_string()))?;
    Ok(Exit::Done)
}

/// The files of a world: FILE itself when it is named `….json`, else `FILE.swip-practice.json`.
fn state(file: &Path) -> StorePaths {
    if file.extension().is_some_and(|extension| extension == "json") {
        return StorePaths::of(file);
    }
    inner::store(file)
}
