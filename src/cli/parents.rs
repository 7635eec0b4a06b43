//! `swip parents`: the parents that exports tell, as a parents file; the registry is asked for what
//! is missing only with `--parents-from-registry`.
//!
//! Owns its output. Must not know: the plan.

use super::args;
use super::failure::{Exit, Failure};
use super::plan_input::formats;
use super::submit::parents::{of_export, parent_of};
use super::target::{self, Target};
use crate::domain::{AddressRange, Finding, NetHandle, Severity};
use crate::intake::{FoundParent, Inputs, IntakeOptions};
use crate::regrws::Client;

/// Columns of the output: a parents file.
const COLUMNS: [&str; 5] = ["net_handle", "prefix", "start", "end", "x_source"];

/// A parent as it is printed.
struct Line {
    handle: Option<NetHandle>,
    block: AddressRange,
    source: String,
}

/// Runs the command.
///
/// # Errors
/// Unreadable inputs; a registry that does not answer.
pub(super) async fn run(global: &args::Global, args: &args::Parents) -> Result<Exit, Failure> {
    let (options, inputs, mut findings) = formats(&args.reading, &args.inputs, None)?;
    let intake = IntakeOptions { formats: options, ..IntakeOptions::default() };
    let inputs = Inputs::open(&inputs, intake)?;
    let mut blocks = Vec::new();
    let facts = inputs.rows(|row| blocks.extend(row.facts.block))?;
    findings.extend(facts.findings.iter().cloned());
    if refused(&findings) {
        return Ok(Exit::Input);
    }
    let mut lines = lines(&inputs);
    if args.parents_from_registry {
        let client = registry(global)?;
        complete(&client, &mut lines, &blocks).await?;
    }
    print(&lines)?;
    let missing = lines.iter().filter(|line| line.handle.is_none()).count();
    if missing > 0 {
        tracing::warn!(
            "{missing} parents have no handle in the export; --parents-from-registry asks for them"
        );
    }
    if lines.is_empty() {
        tracing::warn!(
            "the export tells no parents: an aggregate or container is one when its RIR is ARIN or its description holds a net handle"
        );
    }
    Ok(Exit::Done)
}

/// Shows the errors among some findings; whether there are any.
fn refused(findings: &[Finding]) -> bool {
    let errors = findings.iter().filter(|finding| finding.severity() == Severity::Error);
    for finding in errors.clone() {
        tracing::error!(
            "line {}: error[{}]: {}; {}",
            finding.at.line,
            finding.rule,
            finding.message,
            finding.help
        );
    }
    errors.count() > 0
}

/// The parents found, once each.
fn lines(inputs: &Inputs) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for FoundParent { block, net_handle, source } in inputs.parents() {
        match lines.iter_mut().find(|line| line.block == block) {
            Some(line) => line.handle = line.handle.take().or(net_handle),
            None => lines.push(Line { handle: net_handle, block, source }),
        }
    }
    lines.sort_by_key(|line| line.block);
    lines
}

fn registry(global: &args::Global) -> Result<Client, Failure> {
    match Target::parse(global.registry.as_deref())? {
        Target::At { base, .. } => {
            let key = target::key(global)?;
            target::client(global, base, key, None)
        }
        Target::Practice => Err(Failure::usage(
            "--parents-from-registry asks a registry: give --registry ote, arin or a URL",
        )),
    }
}

/// Asks for the handles that are missing, and for parents of rows that no parent contains.
async fn complete(
    client: &Client,
    lines: &mut Vec<Line>,
    blocks: &[AddressRange],
) -> Result<(), Failure> {
    for line in lines.iter_mut() {
        let (block, net_handle, source) = (line.block, line.handle.clone(), line.source.clone());
        let net = of_export(client, &FoundParent { block, net_handle, source }).await?;
        line.handle = net.map(|net| net.net_handle);
    }
    for block in blocks {
        let covered = lines.iter().any(|line| line.handle.is_some() && line.block.contains(block));
        if !covered {
            let net = parent_of(client, *block).await?;
            // A container inside an allocation is no net of its own.
            lines.retain(|line| line.handle.is_some() || !net.block.contains(&line.block));
            let (handle, source) = (Some(net.net_handle), "registry".to_owned());
            lines.push(Line { handle, block: net.block, source });
        }
    }
    lines.sort_by_key(|line| line.block);
    Ok(())
}

fn print(lines: &[Line]) -> Result<(), Failure> {
    let mut writer = csv::Writer::from_writer(std::io::stdout().lock());
    let unwritable = |fault: csv::Error| Failure::from(std::io::Error::other(fault));
    writer.write_record(COLUMNS).map_err(unwritable)?;
    for Line { handle, block, source } in lines {
        let handle = handle.as_ref().map(ToString::to_string).unwrap_or_default();
        let ends = [block.first().to_string(), block.last().to_string()];
        let (prefix, [start, end]) = match block.as_cidr() {
            Some(net) => (net.to_string(), [String::new(), String::new()]),
            None => (String::new(), ends),
        };
        writer.write_record([handle, prefix, start, end, source.clone()]).map_err(unwritable)?;
    }
    writer.flush()?;
    Ok(())
}
