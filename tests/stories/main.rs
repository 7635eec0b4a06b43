//! Stories of the binary, as a user runs it: the samples, a practice registry, one file a theme.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends where it fails")]

mod adoption;
mod bad;
mod breakers;
mod care;
mod config;
mod desk;
mod disk;
mod doubt;
mod exports;
mod faults;
mod formats;
mod guards;
mod journal;
mod main_job;
mod nights;
mod quotes;
mod read_only;
mod registered;
mod registry;
mod relay;
mod removals;
mod report;
mod rules;
mod stops;
mod sync;
mod transport;
mod traps;
mod wire;
