//! What a person is shown and asked before anything is sent.
//!
//! Must not know: the journal, how rows are driven.

use std::io::{BufRead, IsTerminal};

use crate::cli::args::Submit;
use crate::cli::failure::{Exit, Failure};
use crate::cli::target::Target;
use crate::cli::terminal;
use crate::cli::units::about;
use crate::plan::Plan;
use crate::report::space::grouped;

/// Requests a new row costs at most: look, write.
const REQUESTS_PER_ROW: u32 = 2;

/// Whether a person will be asked.
///
/// # Errors
/// No terminal to ask at, and no `--yes`.
pub(super) fn asking(target: &Target, args: &Submit) -> Result<bool, Failure> {
    if args.pace.yes || args.dry_run || *target == Target::Practice {
        return Ok(false);
    }
    if std::io::stdin().is_terminal() {
        return Ok(true);
    }
    if target.is_local() {
        return Ok(false);
    }
    Err(Failure::usage("stdin is no terminal to ask at: say --yes to go on without asking"))
}

/// Shows the plan and its price, and asks where a person must agree.
pub(super) fn summary(
    plan: &Plan,
    target: &Target,
    args: &Submit,
    asking: bool,
) -> Result<(), Failure> {
    let mut by_action = std::collections::BTreeMap::new();
    for (_, step) in plan.steps() {
        *by_action.entry(step.assignment.action()).or_insert(0_u64) += 1;
    }
    let rows: u64 = by_action.values().sum();
    let requests = rows * u64::from(REQUESTS_PER_ROW);
    tracing::info!(
        "Registry  {}{}",
        target.name(),
        if target.is_local() { " (practice: nothing leaves this machine)" } else { "" }
    );
    let (all, sent) = (grouped(plan.rows.len() as u128), grouped(u128::from(rows)));
    tracing::info!("Rows      {all} in the plan, {sent} to be sent");
    for (action, count) in by_action {
        tracing::info!("          {:>6} {action}", grouped(u128::from(count)));
    }
    let rate = args.pace.rate.or(target.rate());
    let price = rate.map_or_else(
        || "no rate limit".to_owned(),
        |rate| {
            let count = u32::try_from(requests).unwrap_or(u32::MAX);
            format!("{rate}: about {}", about(rate.interval().saturating_mul(count)))
        },
    );
    let requests = grouped(u128::from(requests));
    tracing::info!("Requests  at most {requests} without faults, {price}");
    if !asking {
        return Ok(());
    }
    agreed("Send them? [y/N] ")
}

/// Asks a question that only a yes lets pass.
///
/// # Errors
/// Anything but a yes (exit 6).
pub(in crate::cli) fn agreed(question: &str) -> Result<(), Failure> {
    terminal::ask(question)?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    if matches!(answer.trim(), "y" | "Y" | "yes") {
        return Ok(());
    }
    Err(Failure::new(Exit::Stopped, "nothing was sent; run the same command again to go on"))
}
