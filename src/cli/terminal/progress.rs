//! How far a run is: bars on a terminal, a line every ten seconds anywhere else.
//!
//! Owns rate, time left, requests in flight and the last refusal. Must not know: how a
//! row is driven.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{colour, log};
use crate::cli::args::{Global, PlainFormat, When};
use crate::cli::units::about;

/// How often bars are drawn.
const TICK: Duration = Duration::from_millis(200);
/// How often a line is written where there are no bars.
const LINE_EVERY: Duration = Duration::from_secs(10);
/// Parents that get a bar of their own; more would fill the screen.
const PARENT_BARS: usize = 8;
/// Characters of the last finding: a line of 80 columns.
const FINDING_CHARS: usize = 72;

/// What is known of a run under way.
#[derive(Debug)]
struct State {
    rows: u64,
    done: u64,
    in_flight: u64,
    last: Option<String>,
    begun: Instant,
    told: (Instant, u64),
}

/// The progress of a run, from its first row to its last.
#[derive(Clone, Debug)]
pub struct Progress {
    state: Arc<Mutex<State>>,
    bars: Option<Bars>,
}

/// The bars of a terminal.
#[derive(Clone, Debug)]
struct Bars {
    all: MultiProgress,
    total: ProgressBar,
    last: ProgressBar,
    parents: BTreeMap<String, ProgressBar>,
}

impl Progress {
    /// Shows the progress of so many rows under each parent, as the options ask.
    #[must_use]
    pub fn start(global: &Global, parents: &BTreeMap<String, u64>) -> Self {
        let rows = parents.values().sum();
        let now = Instant::now();
        let state = State { rows, done: 0, in_flight: 0, last: None, begun: now, told: (now, 0) };
        let terminal = std::io::stderr().is_terminal()
            && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        let wanted = match global.progress {
            Some(When::Never) => false,
            Some(When::Always) => true,
            _ => !global.quiet && global.log_format != Some(PlainFormat::Json),
        };
        let coloured = colour(global.color, &std::io::stderr());
        let bars = (wanted && terminal && rows > 0).then(|| Bars::start(parents, rows, coloured));
        log::bars(bars.as_ref().map(|bars| bars.all.clone()));
        Self { state: Arc::new(Mutex::new(state)), bars }
    }

    /// A request leaves.
    pub fn sent(&self) {
        self.state().in_flight += 1;
        self.show();
    }

    /// Its answer came, or none will; `trouble` says what went wrong.
    pub fn answered(&self, trouble: Option<String>) {
        {
            let mut state = self.state();
            state.in_flight = state.in_flight.saturating_sub(1);
            if let Some(trouble) = trouble {
                state.last = Some(short(&trouble));
            }
        }
        self.show();
    }

    /// A row under a parent is done.
    pub fn done(&self, parent: Option<&str>) {
        self.state().done += 1;
        let bar = parent.and_then(|parent| self.bars.as_ref()?.parents.get(parent));
        if let Some(bar) = bar {
            bar.inc(1);
        }
        self.show();
    }

    /// Writes a line every ten seconds where there are no bars; never ends by itself.
    pub async fn lines(self) {
        if self.bars.is_some() {
            return std::future::pending().await;
        }
        let mut ticks = tokio::time::interval(LINE_EVERY);
        ticks.tick().await;
        loop {
            ticks.tick().await;
            let mut state = self.state();
            let line = state.line(Instant::now());
            let (rows, done, in_flight) = (state.rows, state.done, state.in_flight);
            drop(state);
            tracing::info!(rows, done, in_flight, "{line}");
        }
    }

    /// Takes the bars away.
    pub fn end(&self) {
        log::bars(None);
        if let Some(bars) = &self.bars {
            bars.parents.values().for_each(ProgressBar::finish_and_clear);
            bars.last.finish_and_clear();
            bars.total.finish_and_clear();
        }
    }

    fn show(&self) {
        let Some(bars) = &self.bars else { return };
        let state = self.state();
        bars.total.set_position(state.done);
        let time = state.begun.elapsed();
        let (rate, left) = (per_second(state.done, time), left(state.rows, state.done, time));
        bars.total.set_message(format!("{rate:.1}/s  {left}  {} in flight", state.in_flight));
        if let Some(last) = &state.last {
            bars.last.set_message(last.clone());
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// `1200 of 5000 rows (24 %), 47/s, about 1 min 20 s left, 4 in flight; last: …`
    fn line(&mut self, now: Instant) -> String {
        let (since, before) = self.told;
        let rate = per_second(self.done - before, now - since);
        self.told = (now, self.done);
        let percent = (self.done * 100).checked_div(self.rows).unwrap_or(100);
        let left = left(self.rows, self.done, now - self.begun);
        let last = self.last.as_deref().map(|last| format!("; last: {last}"));
        format!(
            "{} of {} rows ({percent} %), {rate:.1}/s, {left}, {} in flight{}",
            self.done,
            self.rows,
            self.in_flight,
            last.unwrap_or_default()
        )
    }
}

/// The time left at the pace so far, in words.
fn left(rows: u64, done: u64, time: Duration) -> String {
    let overall = per_second(done, time);
    if overall <= 0.0 {
        return "time left not known".to_owned();
    }
    #[expect(clippy::cast_precision_loss, reason = "an estimate for people")]
    let seconds = rows.saturating_sub(done) as f64 / overall;
    format!("about {} left", about(Duration::from_secs_f64(seconds)))
}

#[expect(clippy::cast_precision_loss, reason = "an estimate for people")]
fn per_second(count: u64, time: Duration) -> f64 {
    if time.is_zero() { 0.0 } else { count as f64 / time.as_secs_f64() }
}

impl Bars {
    fn start(parents: &BTreeMap<String, u64>, rows: u64, coloured: bool) -> Self {
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        let style = |template: &str| {
            ProgressStyle::with_template(template)
                .unwrap_or_else(|_| ProgressStyle::default_bar())
                .progress_chars("=> ")
        };
        let own = style("  {prefix:28} [{bar:20}] {pos}/{len}");
        let mut bars = BTreeMap::new();
        if (2..=PARENT_BARS).contains(&parents.len()) {
            for (parent, count) in parents {
                let bar = all.add(ProgressBar::new(*count)).with_style(own.clone());
                bar.set_prefix(parent.clone());
                bars.insert(parent.clone(), bar);
            }
        }
        let total = if coloured {
            "[{bar:20.cyan}] {pos}/{len} rows  {msg}"
        } else {
            "[{bar:20}] {pos}/{len} rows  {msg}"
        };
        let total = all.add(ProgressBar::new(rows)).with_style(style(total));
        total.enable_steady_tick(TICK);
        let last = all.add(ProgressBar::new(0)).with_style(style("{wide_msg}"));
        Self { all, total, last, parents: bars }
    }
}

/// A text that fits the line of the last finding.
fn short(text: &str) -> String {
    if text.chars().count() <= FINDING_CHARS {
        return text.to_owned();
    }
    text.chars().take(FINDING_CHARS - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_rate_time_left_and_the_last_finding() {
        let begun = Instant::now();
        let mut state = State {
            rows: 1000,
            done: 100,
            in_flight: 4,
            last: Some(short(&"row 7 rejected: ".repeat(9))),
            begun,
            told: (begun, 0),
        };
        let line = state.line(begun + Duration::from_secs(10));
        assert!(
            line.starts_with(
                "100 of 1000 rows (10 %), 10.0/s, about 1 min 30 s left, 4 in flight; last: row 7"
            ),
            "{line}"
        );
        state.done = 130;
        let line = state.line(begun + Duration::from_secs(20));
        assert!(line.contains("3.0/s"), "the rate is of the last ten seconds: {line}");
        assert!(line.ends_with('…'));
    }
}
