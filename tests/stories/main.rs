//! Stories of the binary, as a user runs it: the samples, a practice registry, one file a theme.
#![expect(clippy::unwrap_used, reason = "a test ends where it fails")]

mod adoption;
mod bad;
mod care;
mod config;
mod desk;
mod exports;
mod formats;
mod main_job;
mod quotes;
mod registered;
mod registry;
mod report;
mod rules;
mod sync;
mod traps;
