//! What reading will cost, said before it begins.
//!
//! Must not know: what is read.

use std::time::Duration;

use super::Reading;
use crate::cli::units::about;

/// Reads of a net and its customer by handle.
pub(in crate::cli) const READS_A_NET: u64 = 2;
/// Nets whose time is told where nobody knows yet how many there are.
const SAMPLE_NETS: u64 = 1000;

/// Says the price of it all before the first request: lists, then records. `None` where only the
/// lists will tell how many there are; then they are priced once more before they are read.
pub(in crate::cli) fn begin(reading: &Reading, parents: u64, records: Option<u64>) {
    let lists = if reading.reader.rdap().is_some() { parents } else { 0 };
    let more = match lists {
        0 => "no lists",
        _ => "lists by RDAP, more requests where one is cut off",
    };
    let lists_text = if lists == 0 { String::new() } else { format!("{lists} ") };
    match records {
        Some(records) => {
            let all = lists + records;
            tracing::info!("Price     at most {all} requests, 0 writes; {}", time(reading, all));
            tracing::info!("          {lists_text}{more}; then {records} records and ranges");
        }
        None => {
            let sample = time(reading, READS_A_NET * SAMPLE_NETS);
            tracing::info!("Price     {lists_text}{more}; 0 writes");
            tracing::info!(
                "          then net and customer of each net listed: {SAMPLE_NETS} nets are {} requests, {sample}",
                READS_A_NET * SAMPLE_NETS
            );
        }
    }
    let kept = reading.reader.cache().fresh();
    if kept > 0 {
        let path = reading.reader.cache().path().display();
        tracing::info!("          {kept} answers are kept in {path}: these are not asked again");
    }
}

/// How long so many requests take at the rate.
fn time(reading: &Reading, requests: u64) -> String {
    let Some(rate) = reading.rate else { return "no rate limit".to_owned() };
    let count = u32::try_from(requests).unwrap_or(u32::MAX);
    let time: Duration = rate.interval().saturating_mul(count);
    format!("at {rate} about {}", about(time))
}

/// Reads that are about to be made.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::cli) struct Price {
    /// Reads that need a request each.
    pub(in crate::cli) requests: u64,
    /// Reads that kept answers serve.
    pub(in crate::cli) kept: u64,
}

impl Price {
    /// Counts one more read.
    pub(in crate::cli) const fn add(&mut self, is_kept: bool) {
        if is_kept {
            self.kept += 1;
        } else {
            self.requests += 1;
        }
    }

    /// Says what it is for, and how long it takes at the rate.
    pub(in crate::cli) fn say(self, reading: &Reading, what: &str) {
        let kept = match self.kept {
            0 => String::new(),
            kept => {
                format!(", {kept} more are kept in {}", reading.reader.cache().path().display())
            }
        };
        tracing::info!(
            "Reads     {} {what}{kept}; {}",
            self.requests,
            time(reading, self.requests)
        );
    }
}
