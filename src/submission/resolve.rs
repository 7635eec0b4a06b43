//! A person settles a row whose outcome reading alone could not: verified by reading all the
//! same, and journaled.
//!
//! Must not know: how the person said it.

use super::range::{self, Held, Names, Wanted};
use super::reader::{ReadFault, Reader, Registry};
use super::{RowMachine, compare, now, record};
use crate::domain::{CustomerHandle, NetHandle, Registration, TicketNumber};
use crate::journal::{
    Change, Created, Doubt, Event, Image, Journal, Known, Outcome, Resolution, StoreError,
};
use crate::plan::Step;
use crate::regrws::{GetCustomer, GetNet, TicketSummary};

/// What a person says of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// This net, customer or ticket is the row's.
    Adopt(String),
    /// Nothing came of the write.
    Absent,
    /// Leave it for now.
    Hold,
}

/// Why a row is not settled by what was said; nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// No write of the row is open.
    #[error("nothing is open there: the outcome of row {0} is known")]
    Settled(u64),
    /// What was named is not what the row asked for.
    #[error("{what} is not what the row asked for: it differs in {}", differences.join(", "))]
    Differs {
        /// What was named.
        what: String,
        /// In which fields.
        differences: Vec<String>,
    },
    /// There is no such net, customer or ticket.
    #[error("the registry has no {0}")]
    NoSuch(String),
    /// Something is registered at the range.
    #[error(
        "the registry holds {0} at this range, so it is not absent; say --adopt {0} if it is the row's"
    )]
    Present(NetHandle),
    /// The registry could not be read, so nothing is verified.
    #[error("the registry could not be read: {0}")]
    Unread(ReadFault),
    /// The journal failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ReadFault> for ResolveError {
    fn from(fault: ReadFault) -> Self {
        Self::Unread(fault)
    }
}

/// Settles an open row as a person said; gives the sentence that tells what it is now.
///
/// # Errors
/// [`ResolveError`], after which nothing is changed.
pub async fn resolve<R: Registry>(
    journal: &mut Journal,
    reader: &Reader<R>,
    doubt: &Doubt,
    said: &Said,
    note: Option<String>,
) -> Result<String, ResolveError> {
    let machine = replayed(journal, doubt)?;
    let step = &doubt.step;
    let resolved = |how| Event::Resolved { how, note, at: now() };
    let (events, mut changes, text) = match said {
        Said::Hold => (vec![resolved(Resolution::Held)], Vec::new(), "is held as it is".to_owned()),
        Said::Absent => {
            verify_absent(reader, step).await?;
            let free = Doubt { unresolved: None, ..doubt.clone() };
            let changes = vec![Change::Doubt(Box::new(free))];
            let text = "is absent; swip resume sends it again".to_owned();
            (vec![resolved(Resolution::Absent)], changes, text)
        }
        Said::Adopt(handle) => {
            let found = adopted(reader, step, &machine, handle).await?;
            let event = resolved(Resolution::Adopted(handle.clone()));
            let (last, changes, text) = found.taken(doubt);
            (vec![event, last], changes, text)
        }
    };
    let (run, row) = (doubt.run, doubt.row);
    changes.extend(events.into_iter().map(|event| Change::Event { run, row, event }));
    journal.commit(&changes)?;
    Ok(text)
}

/// Settles an open modification or removal as a person said; gives the sentence that tells what
/// it is now. What the registry holds is taken as it is read; the next sync compares anew.
///
/// # Errors
/// [`ResolveError`], after which nothing is changed.
pub async fn resolve_change<R: Registry>(
    journal: &mut Journal,
    reader: &Reader<R>,
    known: &Known,
    said: &Said,
    note: Option<String>,
) -> Result<String, ResolveError> {
    let Some(open) = &known.open else { return Err(ResolveError::Settled(0)) };
    let resolved = |how| Event::Resolved { how, note, at: now() };
    let unread = |fault: record::Unread| ResolveError::Unread(fault.0);
    let (events, mut changes, text) = match said {
        Said::Hold => (vec![resolved(Resolution::Held)], Vec::new(), "is held as it is".to_owned()),
        Said::Absent => {
            let found = record::by_range(reader, known.key.block).await.map_err(unread)?;
            let here = found.into_iter().find(|record| is_of(record, known));
            if let Some(record) = here {
                return Err(ResolveError::Present(record.registered.net.net_handle));
            }
            let removed = known.net.clone().map(|net| Outcome::Removed { net, note: None });
            let events = std::iter::once(resolved(Resolution::Absent))
                .chain(removed.map(Event::Concluded))
                .collect();
            let key = &known.key;
            let changes = vec![Change::Forget(key.clone()), Change::Present(key.clone())];
            (events, changes, "is removed; the next sync compares anew".to_owned())
        }
        Said::Adopt(handle) => {
            let no_such = || ResolveError::NoSuch(handle.clone());
            let net = NetHandle::parse(handle).map_err(|_| no_such())?;
            let read = record::by_handle(reader, &net).await.map_err(unread)?;
            let read = read.ok_or_else(no_such)?;
            if !is_of(&read, known) {
                differs(handle, vec!["range or parent"])?;
            }
            let net = read.registered.net.clone();
            let text = format!(
                "is taken as {} is registered; the next sync compares anew",
                net.net_handle
            );
            let taken = Outcome::Held {
                code: "resolved".to_owned(),
                message: text.clone(),
                net: Some(net.clone()),
            };
            let events =
                vec![resolved(Resolution::Adopted(handle.clone())), Event::Concluded(taken)];
            let now = Known::read(known.key.clone(), Some(known), net, read.image, None);
            (events, vec![Change::Know(Box::new(now))], text)
        }
    };
    let (run, row) = (open.run, open.id);
    changes.extend(events.into_iter().map(|event| Change::Event { run, row, event }));
    journal.commit(&changes)?;
    Ok(text)
}

/// Whether a record is a net of exactly this range under this parent.
fn is_of(record: &record::Record, known: &Known) -> bool {
    let net = &record.registered.net;
    let key = &known.key;
    net.block == key.block
        && net.net_handle != key.parent
        && net.parent.as_ref().is_none_or(|parent| *parent == key.parent)
}

/// The row as its events tell it.
fn replayed(journal: &Journal, doubt: &Doubt) -> Result<RowMachine, ResolveError> {
    let runs = journal.runs()?;
    let separate = runs.iter().any(|head| head.run == doubt.run && head.record.separate_customers);
    let mut machine = RowMachine::new(&doubt.step.assignment, separate);
    let events = journal.events(doubt.run)?;
    events.iter().filter(|(row, _)| *row == doubt.row).for_each(|(_, event)| machine.apply(event));
    let open = machine.is_open() || matches!(machine.outcome(), Some(Outcome::Unresolved { .. }));
    if open { Ok(machine) } else { Err(ResolveError::Settled(doubt.row)) }
}

async fn verify_absent<R: Registry>(reader: &Reader<R>, step: &Step) -> Result<(), ResolveError> {
    let wanted = Wanted { step, created: None, names: Names::All, since: None };
    let reads = [range::by_range(reader, wanted).await, range::most_specific(reader, wanted).await];
    for read in reads {
        match read {
            Held::Absent => {}
            Held::Present(found) => return Err(ResolveError::Present(found.net.net_handle)),
            Held::Nothing(fault) => return Err(fault.into()),
        }
    }
    Ok(())
}

/// What was named and read.
enum Found {
    Net(Box<Registration>, Image),
    Customer(CustomerHandle),
    Ticket(TicketNumber, Option<String>),
}

impl Found {
    /// The event that takes it, what is remembered, and the sentence.
    fn taken(self, doubt: &Doubt) -> (Event, Vec<Change>, String) {
        let settled = Change::Settled(doubt.key.clone());
        match self {
            Self::Net(net, image) => {
                let text = format!("is registered as {}", net.net_handle);
                let outcome = Outcome::Registered(*net);
                let known = Known::of(&doubt.step, &outcome, Some(image), now());
                let known = known.map(|known| Change::Know(Box::new(known)));
                (Event::Concluded(outcome), known.into_iter().chain([settled]).collect(), text)
            }
            Self::Customer(handle) => {
                let text = format!("has the customer {handle}; swip resume registers its net");
                let free = Doubt { unresolved: None, ..doubt.clone() };
                let changes = vec![Change::Doubt(Box::new(free))];
                (Event::RecipientCreated(Created::Customer(handle)), changes, text)
            }
            Self::Ticket(number, status) => {
                let number = number.to_string();
                let text = format!("waits for ticket {number}; swip status --refresh asks for it");
                let outcome = Outcome::Ticketed { number, status, net: None };
                let known = Known::of(&doubt.step, &outcome, None, now());
                let known = known.map(|known| Change::Know(Box::new(known)));
                (Event::Concluded(outcome), known.into_iter().chain([settled]).collect(), text)
            }
        }
    }
}

/// Reads what was named, and holds it against the row.
async fn adopted<R: Registry>(
    reader: &Reader<R>,
    step: &Step,
    machine: &RowMachine,
    handle: &str,
) -> Result<Found, ResolveError> {
    let no_such = |_| ResolveError::NoSuch(handle.to_owned());
    if let Ok(net) = NetHandle::parse(handle) {
        return adopted_net(reader, step, machine, net).await;
    }
    if let Ok(customer) = CustomerHandle::parse(handle) {
        let read = match reader.read(&GetCustomer(customer.clone())).await {
            Err(ReadFault::Absent) => return Err(ResolveError::NoSuch(handle.to_owned())),
            read => read?,
        };
        differs(handle, compare::customer(step, &read.value))?;
        return Ok(Found::Customer(customer));
    }
    let number = TicketNumber::parse(handle).map_err(no_such)?;
    match reader.read(&TicketSummary(number.clone())).await {
        Err(ReadFault::Absent) => Err(ResolveError::NoSuch(handle.to_owned())),
        read => Ok(Found::Ticket(number, read?.value.status.map(String::from))),
    }
}

async fn adopted_net<R: Registry>(
    reader: &Reader<R>,
    step: &Step,
    machine: &RowMachine,
    handle: NetHandle,
) -> Result<Found, ResolveError> {
    let read = match reader.read(&GetNet(handle.clone())).await {
        Err(ReadFault::Absent) => return Err(ResolveError::NoSuch(handle.to_string())),
        read => read?,
    };
    differs(handle.as_str(), compare::net(step, &read.value, machine.created(), true))?;
    // The same net by its range, with its customer.
    let wanted = Wanted { step, created: machine.created(), names: Names::All, since: None };
    match range::by_range(reader, wanted).await {
        Held::Present(found) => {
            differs(handle.as_str(), found.differences)?;
            Ok(Found::Net(Box::new(found.net), found.image))
        }
        Held::Absent => Err(ResolveError::NoSuch(format!("net at {}", step.block))),
        Held::Nothing(fault) => Err(fault.into()),
    }
}

fn differs(what: &str, differences: Vec<&'static str>) -> Result<(), ResolveError> {
    if differences.is_empty() {
        return Ok(());
    }
    let differences = differences.into_iter().map(str::to_owned).collect();
    Err(ResolveError::Differs { what: what.to_owned(), differences })
}
