//! Each guard holds what it says, and a saved plan knows what moved.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::guards::{InputSize, Missing};
use super::*;

fn missing(blocks: &[AddressRange], since: &str, inputs: u64) -> HashMap<StepKey, Missing> {
    let since: Timestamp = since.parse().unwrap();
    let key = |block: &AddressRange| StepKey { parent: PARENT.parse().unwrap(), block: *block };
    blocks.iter().map(|block| (key(block), Missing { since, inputs })).collect()
}

#[test]
fn removals_wait_for_grace_two_inputs_and_permission() {
    let ranges = ["10.0.0.0/29", "10.0.1.0/29"].map(block);
    let side: Vec<Registered> =
        ranges.iter().enumerate().map(|(n, at)| registered(&simple(*at, "A"), n)).collect();
    let outcome = |limits: &Limits, facts: &Facts| {
        let mut found = diff(
            &plan(vec![send(1, simple(block("10.0.0.0/28"), "B"))]),
            known(&side),
            &DiffOptions::default(),
        );
        guards::hold(&mut found, limits, facts);
        found
            .changes
            .iter()
            .map(|c| c.held.as_ref().map_or("-", |h| h.code.as_str()))
            .collect::<Vec<_>>()
    };
    let gone = |since, inputs| Facts { missing: missing(&ranges, since, inputs), ..facts() };
    assert_eq!(outcome(&limits(), &facts()), ["removal-held", "removal-grace", "removal-grace"]);
    let lately = gone("2026-11-19T02:00:00Z", 5);
    let three_days = Limits { grace: guards::REMOVAL_GRACE, removals: 9, ..limits() };
    assert_eq!(outcome(&three_days, &lately), ["removal-held", "removal-grace", "removal-grace"]);
    let long = gone("2026-11-17T02:00:00Z", 2);
    assert_eq!(outcome(&three_days, &long), ["-", "-", "-"]);
    assert_eq!(
        outcome(&three_days, &gone("2026-11-17T02:00:00Z", 1)),
        ["removal-held", "removal-grace", "removal-grace"]
    );
    let one = Limits { removals: 1, ..three_days };
    assert_eq!(
        outcome(&one, &long),
        ["removal-held", "removal-not-allowed", "removal-not-allowed"]
    );
    let changed = Facts { files_changed: vec!["parents.csv".to_owned()], ..long };
    let all = Limits { removals: 9, ..one.clone() };
    assert_eq!(outcome(&all, &changed), ["removal-held", "files-changed", "files-changed"]);
    assert_eq!(outcome(&Limits { unattended: false, ..all }, &changed), ["-", "-", "-"]);
}

#[test]
fn too_many_changes_stop_the_run_and_additions_never_count() {
    let at = block("10.0.0.0/29");
    let side = [registered(&simple(at, "Old"), 1)];
    let rows = vec![send(1, simple(at, "New")), send(2, simple(block("10.0.1.0/29"), "B"))];
    let mut found = diff(&plan(rows), known(&side), &DiffOptions::default());
    let allowed = |limits: Limits, registrations| {
        guards::too_much(&found, &limits, &Facts { registrations, ..facts() })
    };
    assert_eq!(allowed(limits(), 10), Ok(()));
    assert!(allowed(limits(), 9).unwrap_err().contains("--allow-changes 1"));
    assert_eq!(allowed(Limits { changes: Some(1), ..limits() }, 0), Ok(()));
    assert!(allowed(Limits { changes: Some(0), ..limits() }, 1000).is_err());
    guards::hold(&mut found, &Limits { additions: Some(0), ..limits() }, &facts());
    assert_eq!(held_codes(&found), [(2, "addition-not-allowed")]);
}

#[test]
fn an_input_that_shrank_or_lost_a_parent_is_refused_until_accepted() {
    let size = |rows, of_parent| InputSize {
        rows,
        by_parent: BTreeMap::from([(PARENT.parse().unwrap(), of_parent)]),
    };
    let last = size(100, 100);
    let refused = |now: &InputSize, accept| guards::shrunk(now, Some(&last), |_| true, accept);
    assert_eq!(refused(&size(90, 90), None), Ok(()));
    assert!(refused(&size(89, 89), None).unwrap_err().contains("--accept-shrink 89"));
    assert_eq!(refused(&size(89, 89), Some(89)), Ok(()));
    assert!(refused(&size(89, 89), Some(88)).is_err());
    assert!(refused(&size(100, 0), None).unwrap_err().contains(PARENT));
    assert_eq!(guards::shrunk(&size(100, 0), Some(&last), |_| false, None), Ok(()));
    assert_eq!(guards::shrunk(&size(1, 1), None, |_| true, None), Ok(()));
}

#[test]
fn a_saved_plan_knows_when_it_was_changed_and_what_moved() {
    let at = block("10.0.0.0/29");
    let side = [registered(&simple(at, "Old"), 1)];
    let wanted = plan(vec![send(1, simple(at, "New"))]);
    let found = diff(&wanted, known(&side), &DiffOptions::default());
    let basis = saved::Basis::Undo { run: 1 };
    let saved = SavedPlan {
        version: saved::SAVED_VERSION,
        registry: "world".to_owned(),
        after_run: 1,
        made_at: "2026-11-20T02:00:00Z".to_owned(),
        basis,
        arguments: serde_json::Value::Null,
        plan: wanted.clone(),
        diff: found.clone(),
        digest: String::new(),
    };
    let bytes = serde_json::to_vec(&saved.sealed()).unwrap();
    assert_eq!(SavedPlan::parse(&bytes).unwrap().diff, found);
    let forged = String::from_utf8(bytes).unwrap().replace("New", "Neu");
    assert_eq!(SavedPlan::parse(forged.as_bytes()), Err(saved::SavedError::Digest));
    assert!(saved::moved(&found, &found).is_empty());
    let mut again = side[0].clone();
    again.net.registered_at = Some("2026-11-19".to_owned());
    let later = diff(&wanted, known(&[again]), &DiffOptions::default());
    assert_eq!(saved::moved(&found, &later), ["row 1 (10.0.0.0/29)"]);
}
