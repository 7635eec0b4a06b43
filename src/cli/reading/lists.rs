//! Lists of what is registered that are not asked by the net: files, reports, RDAP.
//!
//! Owns their order and what is said while they are read. Must not know: what the nets are for.

use std::path::Path;
use std::time::Duration;

use super::{Reading, managed};
use crate::cli::args::Sources;
use crate::cli::failure::{Exit, Failure};
use crate::domain::{Finding, NetHandle, Registered, RegisteredNet, Source};
use crate::intake;
use crate::intake::report_file::{ReportError, ReportMapping};
use crate::inventory::{Fault, ReportFile, ReportPace, Survey};
use crate::regrws::limits;

/// First wait between two looks at a report's ticket, at a practice registry.
const POLL_PRACTICE: Duration = Duration::from_millis(200);

impl From<ReportError> for Failure {
    fn from(fault: ReportError) -> Self {
        Self::new(Exit::Input, fault.to_string())
    }
}

/// Nets that files name, before anything is asked.
///
/// # Errors
/// A file that cannot be read, or has faults.
pub(in crate::cli) fn seeds(
    registered: Option<&Path>,
    sources: &Sources,
) -> Result<Vec<Registered>, Failure> {
    let mut seeds = Vec::new();
    if let Some(path) = registered {
        let read = intake::registered::read(path);
        let (nets, findings) = read.map_err(|e| Failure::new(Exit::Input, e.to_string()))?;
        if let Some(finding) = findings.first() {
            return Err(Failure::new(Exit::Input, told(path, finding)));
        }
        let source = Source::File(path.display().to_string());
        seeds.extend(nets.into_iter().map(|net| Registered::listed(net, source.clone())));
    }
    if let Some(path) = &sources.report_mapping {
        let mapping = ReportMapping::read(path)?;
        for path in &sources.report_file {
            let nets = mapping.nets_of(path)?;
            tracing::info!("Report    {}: {} nets", path.display(), nets.len());
            seeds.extend(nets.into_iter().map(of_report));
        }
    }
    Ok(seeds)
}

fn of_report(net: RegisteredNet) -> Registered {
    Registered::listed(net, Source::Report)
}

fn told(path: &Path, finding: &Finding) -> String {
    let line = finding.at.line;
    format!("{}, line {line}: {}; {}", path.display(), finding.message, finding.help)
}

/// Reads every list into the survey.
///
/// # Errors
/// Whatever ends reading.
pub(in crate::cli) async fn listed(
    reading: &Reading,
    sources: &Sources,
    survey: &mut Survey,
) -> Result<(), Failure> {
    if sources.ask_report {
        reports(reading, sources, survey).await?;
    }
    let begun = |handle: &NetHandle| tracing::debug!("listed {handle}");
    survey.list(&reading.reader, &reading.gait, begun).await?;
    Ok(())
}

/// Asks for a report of each managed parent. One that cannot be had is said, not fatal: the other
/// sources may show the same nets.
async fn reports(reading: &Reading, sources: &Sources, survey: &mut Survey) -> Result<(), Failure> {
    let Some(path) = &sources.report_mapping else { return Ok(()) };
    let mapping = ReportMapping::read(path)?;
    let poll = if reading.target.is_local() { POLL_PRACTICE } else { limits().report_poll };
    let pace = ReportPace { poll, patience: limits().report_patience };
    let parents: Vec<_> = survey.managed().cloned().collect();
    for parent in managed(&parents) {
        let handle = &parent.net_handle;
        let file = match ReportFile::of(&reading.reader, parent, pace).await {
            Ok(file) => file,
            Err(Fault::Stop(stop)) => return Err(stop.into()),
            Err(Fault::Absent) => {
                tracing::warn!("{handle}: the registry knows no such net");
                continue;
            }
            Err(Fault::NoAuthority(why) | Fault::Nothing(why)) => {
                tracing::warn!("{handle}: no reassignment report: {why}");
                continue;
            }
        };
        let nets = mapping.nets_of(&file.path)?;
        tracing::info!(
            "Report    {handle}: {} nets, ticket {}, saved as {}",
            nets.len(),
            file.ticket,
            file.path.display()
        );
        nets.into_iter().for_each(|net| survey.add(of_report(net)));
    }
    Ok(())
}
