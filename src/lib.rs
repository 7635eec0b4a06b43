//! `swip` registers an ISP's customer reassignments at ARIN ("SWIP") in bulk.
//!
//! Data flows one way: **rows → requests → plan → submissions → outcomes → report**.

pub mod domain;
pub mod intake;
pub mod inventory;
pub mod journal;
pub mod plan;
pub mod practice;
pub mod rdap;
pub mod regrws;
pub mod submission;

pub mod report;

pub mod rehearsal;

pub mod cli;
mod crash;
