//! `swip undo`: the reverse of a run, as a plan for `sync --plan`.
//!
//! What was registered is removed, what was modified is modified back, what was removed is
//! registered from its before-image. Must not know: the network.

use std::collections::HashMap;

use super::saved;
use crate::cli::args::Undo;
use crate::cli::failure::{Exit, Failure};
use crate::cli::terminal;
use crate::domain::{
    Assignment, Comment, Country, Customer, Given, NetName, NetType, OrgRecipient, Owner,
    PlainText, PostalAddress, Registered, Registration, RowAt, SimpleRecipient, Source,
};
use crate::domain::{CustomerValues, Detail, Holder};
use crate::journal::{Event, Image, Journal, Outcome};
use crate::plan::diff::saved::{Basis, SAVED_VERSION};
use crate::plan::diff::{Change, Diff, Edit, REGISTRY_SIDE, SavedPlan, Verb};
use crate::plan::{Fate, Plan, PlannedRow, Step, StepKey};
use crate::regrws::payload::DelegationPayload;
use crate::regrws::{CustomerPayload, Payload};

/// Runs the command.
///
/// # Errors
/// A journal without the run, or a file that cannot be written.
pub(in crate::cli) fn run(args: &Undo) -> Result<Exit, Failure> {
    let journal = Journal::read(&args.journal)?;
    let number = args.run.as_deref().map(run_number).transpose()?;
    let (head, plan) = journal.run(number)?;
    let undone = Undone::of(&journal, head.run, &plan)?;
    let mut out = terminal::out();
    for lost in &undone.lost {
        tracing::warn!("cannot be taken back by swip: {lost}");
    }
    let runs = journal.runs()?;
    let (rows, diff) = undone.plan();
    super::show::text(&mut out, &diff, &[])?;
    let files = vec![format!("undo-of-run-{}", head.run)];
    let saved = SavedPlan {
        version: SAVED_VERSION,
        registry: journal.store().meta("registry")?.unwrap_or_default(),
        after_run: runs.last().map_or(0, |head| head.run),
        made_at: jiff::Timestamp::now().to_string(),
        basis: Basis::Undo { run: head.run },
        arguments: serde_json::Value::Null,
        plan: Plan { files, parents: plan.parents.clone(), rows, ..Plan::default() },
        diff,
        digest: String::new(),
    };
    saved::store(&args.plan_out, saved)?;
    tracing::info!(
        "Plan      {}: look at it, then swip sync --plan {} --journal {}",
        args.plan_out.display(),
        args.plan_out.display(),
        args.journal.display()
    );
    Ok(if undone.lost.is_empty() { Exit::Done } else { Exit::Unresolved })
}

/// A run's number from its number or its id, which ends with it.
fn run_number(text: &str) -> Result<i64, Failure> {
    let number = text.rsplit('-').next().unwrap_or(text);
    number
        .parse()
        .map_err(|_| Failure::usage(format!("`{text}` is no run; swip status names them")))
}

/// What a run did, turned around.
#[derive(Default)]
struct Undone {
    /// Registered: to be removed.
    removals: Vec<Registered>,
    /// Modified: to be modified back.
    modified: Vec<(Registered, Vec<Edit>)>,
    /// Removed: to be registered again.
    restored: Vec<(StepKey, Option<String>, Step, Vec<String>)>,
    /// What swip cannot restore, for people.
    lost: Vec<String>,
}

impl Undone {
    fn of(journal: &Journal, run: i64, plan: &Plan) -> Result<Self, Failure> {
        let mut events: HashMap<u64, Vec<Event>> = HashMap::new();
        for (id, event) in journal.events(run)? {
            events.entry(id).or_default().push(event);
        }
        let known = journal.known()?;
        let mut undone = Self::default();
        let outcome = |id: u64| {
            let last = events.get(&id).and_then(|events| events.last());
            match last {
                Some(Event::Concluded(outcome)) => Some(outcome.clone()),
                _ => None,
            }
        };
        for (row, step) in plan.steps() {
            if let Some(Outcome::Registered(net)) = outcome(row) {
                let found = known.get(&step.key()).and_then(crate::journal::Known::registered);
                undone.removals.push(found.unwrap_or_else(|| ours(net)));
            }
        }
        for change in plan.sync.iter().flat_map(|diff| &diff.changes) {
            match outcome(change.removal_id()) {
                Some(Outcome::Modified(_)) => {
                    if let (Verb::Modify(edits), Some(now)) = (
                        &change.verb,
                        known.get(&change.key()).and_then(crate::journal::Known::registered),
                    ) {
                        undone.modified.push((now, edits.iter().map(reversed).collect()));
                    }
                }
                Some(Outcome::Removed { net, .. }) => {
                    let image =
                        events.get(&change.removal_id()).into_iter().flatten().find_map(image);
                    undone.restore(change, &net, image.as_ref());
                }
                _ => {}
            }
        }
        Ok(undone)
    }

    fn restore(&mut self, change: &Change, net: &Registration, image: Option<&Image>) {
        let customer = image.and_then(|image| {
            let text = image.customer.as_ref()?;
            Some(CustomerPayload::from_xml(text.as_bytes()).ok()?.values())
        });
        let customer = customer.or_else(|| change.before.as_ref()?.customer.clone());
        let pocs = image.and_then(|image| image.payload(net)).map(|net| net.contacts());
        let mut notes = Vec::new();
        if let Some(pocs) = pocs.filter(|pocs| !pocs.is_empty()) {
            let pocs: Vec<String> =
                pocs.iter().map(|p| format!("{}:{}", p.function.code(), p.handle)).collect();
            notes.push(format!(
                "contacts cannot be given to a new net; add them afterwards: {}",
                pocs.join(" ")
            ));
        }
        for zone in image.iter().flat_map(|image| image.delegations()) {
            notes.push(zone_note(&zone));
        }
        if customer.as_ref().is_some_and(|customer| !customer.comment.is_empty()) {
            notes.push("the comment of its customer is not restored".to_owned());
        }
        match restored(change, net, customer.as_ref()) {
            Ok(step) => {
                self.restored.push((change.key(), change.reference.clone(), step, notes));
            }
            Err(reason) => self.lost.push(format!("{} ({}): {reason}", net.net_handle, net.block)),
        }
    }

    /// Rows and changes of the plan.
    fn plan(&self) -> (Vec<PlannedRow>, Diff) {
        let mut changes = Vec::new();
        let mut rows = Vec::new();
        let removal_id = |at: usize| REGISTRY_SIDE + at as u64;
        for ((key, reference, step, notes), number) in self.restored.iter().zip(1..) {
            let mut change = change(number, key, Verb::Add(Box::new(step.clone())), None);
            change.row = Some(number);
            change.reference.clone_from(reference);
            change.notes.clone_from(notes);
            let in_the_way = |(_, net): &(usize, &Registered)| net.net.block.overlaps(&key.block);
            let blocking = self.removals.iter().enumerate().filter(in_the_way);
            change.needs = blocking.map(|(at, _)| removal_id(at)).collect();
            changes.push(change);
            rows.push(row(number, key, reference.clone(), step));
        }
        for (at, net) in self.removals.iter().enumerate() {
            changes.push(registry_side(removal_id(at), net, Verb::Remove));
        }
        for ((net, edits), id) in self.modified.iter().zip(removal_id(self.removals.len())..) {
            changes.push(registry_side(id, net, Verb::Modify(edits.clone())));
        }
        (rows, Diff { changes, attended: true, ..Diff::default() })
    }
}

/// How a reverse zone comes back once its net is registered again: by hand, as it was.
fn zone_note(zone: &DelegationPayload) -> String {
    let name = zone.name.as_deref().unwrap_or_default();
    let servers = zone.nameservers.iter().flat_map(|servers| &servers.nameserver);
    let commands: Vec<String> = servers
        .filter_map(|server| server.name.as_deref())
        .map(|server| format!("swip registry delegation add-nameserver {name} {server}"))
        .collect();
    let keys = zone.keys.as_ref().map_or(0, |keys| keys.key.len());
    let keys = match keys {
        0 => String::new(),
        n => format!("; and its {n} DS keys by swip registry delegation modify"),
    };
    format!("its reverse zone {name} is put back by: {}{keys}", commands.join("; "))
}

fn ours(net: Registration) -> Registered {
    let mut record = Registered::summary(net, Source::Journal, None);
    record.owner = Owner::Registered;
    record.detail = Detail::Summary;
    record
}

fn image(event: &Event) -> Option<Image> {
    match event {
        Event::Before(image) => Some(image.as_ref().clone()),
        _ => None,
    }
}

fn reversed(edit: &Edit) -> Edit {
    Edit { field: edit.field, from: edit.to.clone(), to: edit.from.clone() }
}

fn registry_side(id: u64, net: &Registered, verb: Verb) -> Change {
    let parent = net.net.parent.clone().unwrap_or_else(|| net.net.net_handle.clone());
    let key = StepKey { parent, block: net.net.block };
    change(id, &key, verb, Some(net))
}

fn change(id: u64, key: &StepKey, verb: Verb, before: Option<&Registered>) -> Change {
    Change {
        id,
        row: None,
        reference: before.and_then(|before| before.reference.clone()),
        parent: key.parent.clone(),
        block: key.block,
        verb,
        before: before.cloned().map(Box::new),
        moves: None,
        needs: Vec::new(),
        held: None,
        notes: Vec::new(),
    }
}

fn row(number: u64, key: &StepKey, reference: Option<String>, step: &Step) -> PlannedRow {
    PlannedRow {
        at: RowAt { row: number, ..RowAt::default() },
        reference,
        action: Some(step.assignment.action()),
        parent: Some(key.parent.clone()),
        block: Some(key.block),
        net_name: Some(step.net_name.to_string()),
        recipient: Some(step.assignment.recipient().to_owned()),
        private: step.assignment.is_private(),
        assigned_on: None,
        fate: Fate::Send(Box::new(step.clone())),
    }
}

/// The step that registers a removed net as it was.
fn restored(
    change: &Change,
    net: &Registration,
    customer: Option<&CustomerValues>,
) -> Result<Step, String> {
    let assignment = match (&net.holder, &net.kind) {
        (Holder::Org(org), NetType::Reallocation) => {
            Assignment::Reallocate(OrgRecipient::Existing(org.clone()))
        }
        (Holder::Org(org), _) => Assignment::ReassignDetailed(OrgRecipient::Existing(org.clone())),
        (Holder::Customer(_), _) => {
            let values = customer.ok_or("its customer was not read")?;
            Assignment::ReassignSimple(SimpleRecipient::New(recipient(values)?))
        }
        (Holder::Unknown, _) => return Err("who held it is not known".to_owned()),
    };
    let name = NetName::parse(&net.net_name).ok().or_else(|| NetName::cleaned(&net.net_name));
    Ok(Step {
        parent: change.parent.clone(),
        block: change.block,
        net_name: name.ok_or("its name is outside today's rules")?,
        name_generated: false,
        assignment,
        comment: Comment::parse(&net.comment.join("\n")).map_err(|fault| fault.to_string())?,
        given: Given { comment: true, private: true },
    })
}

fn recipient(values: &CustomerValues) -> Result<Customer, String> {
    let text = |text: &str| PlainText::parse(text).map_err(|fault| fault.to_string());
    let some = |value: &Option<String>| value.as_deref().map(text).transpose();
    let street: Result<Vec<PlainText>, String> =
        values.street.iter().map(|line| text(line)).collect();
    let country = values.country.as_deref().ok_or("its customer has no country")?;
    let address = PostalAddress {
        street: street?,
        city: text(values.city.as_deref().unwrap_or_default())?,
        state: some(&values.state)?,
        postal_code: some(&values.postal_code)?,
        country: Country::parse(country).map_err(|fault| fault.to_string())?,
    };
    Ok(Customer { name: text(&values.name)?, address, private: values.private })
}
