//! A practice registry in this process and a client that speaks to it: to try any call on, in
//! examples, in tests, in a program that is being written.
//!
//! Owns a small world and sample records. Must not know: rows, plans, journals.
//!
//! The world is the address space set aside for documentation, held by `EXAMPLE-1` (with the POCs
//! `ADMIN-EXAMPLE-1`, `TECH-EXAMPLE-1`, `ABUSE-EXAMPLE-1`); `MAPLE-7` is an org that takes
//! reassignments. It lives in memory and ends with the rehearsal.
//!
//! ```
//! use swip::regrws::GetNet;
//!
//! swip::rehearsal::run(async |arin| {
//!     let net = arin.send(&GetNet("NET-192-0-2-0-1".parse()?)).await?;
//!     assert_eq!(net.block.to_string(), "192.0.2.0/24");
//!     Ok(())
//! })?;
//! # Ok::<_, swip::rehearsal::Fault>(())
//! ```

use std::sync::Arc;
use std::time::Duration;

use crate::domain::{Country, NetType, Parent, Registration};
use crate::practice::{self, Practice, PracticeOptions};
use crate::regrws::payload::{
    ContactType, Emails, Lines, NetBlock, NetBlocks, PhoneKind, PhonePayload, PhoneType, Phones,
    PocLink, PocLinks, PocPayload,
};
use crate::regrws::{
    Accepted, ApiKey, Assign, AuthStyle, BaseUrl, Client, ClientOptions, CustomerPayload,
    NetPayload, OrgPayload, Pacer,
};

/// Whatever goes wrong in a rehearsal.
pub type Fault = Box<dyn std::error::Error>;

/// The parents of the world: handles and blocks.
const PARENTS: [(&str, &str); 4] = [
    ("NET-192-0-2-0-1", "192.0.2.0/24"),
    ("NET-198-51-100-0-1", "198.51.100.0/24"),
    ("NET-203-0-113-0-1", "203.0.113.0/24"),
    ("NET6-2001-DB8-1", "2001:db8::/32"),
];
/// A recipient org.
const RECIPIENT: &str = "MAPLE-7";
/// Time allowed for one request.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Runs a rehearsal: starts the registry, gives a client of it to `act`, and stops the registry.
///
/// # Errors
/// Whatever `act` raises, or why the registry cannot start.
pub fn run(act: impl AsyncFnOnce(&Client) -> Result<(), Fault>) -> Result<(), Fault> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let registry = start().await?;
        let done = act(&client(&registry)?).await;
        registry.stop()?;
        done
    })
}

/// Starts a registry with the world of this module.
///
/// # Errors
/// Why it cannot start.
pub async fn start() -> Result<Practice, Fault> {
    let options = PracticeOptions {
        parents: parents(),
        orgs: vec![RECIPIENT.parse()?],
        ..PracticeOptions::default()
    };
    Ok(practice::start(options).await?)
}

/// A client of a practice registry, without a rate limit.
///
/// # Errors
/// Why there can be none.
pub fn client(registry: &Practice) -> Result<Client, Fault> {
    Ok(Client::new(ClientOptions {
        base: BaseUrl::parse(&registry.url())?,
        key: ApiKey::parse(practice::KEY)?,
        auth: AuthStyle::Header,
        timeout: TIMEOUT,
        read_only: false,
        proxy: None,
        ca_file: None,
        pacer: Arc::new(Pacer::new(None)),
    })?)
}

/// The direct allocations of the world: `192.0.2.0/24`, `198.51.100.0/24`, `203.0.113.0/24` and
/// `2001:db8::/32`.
#[must_use]
pub fn parents() -> Vec<Parent> {
    let parent = |(handle, block): (&str, &str)| {
        Some(Parent {
            net_handle: handle.parse().ok()?,
            block: block.parse().ok()?,
            kind: NetType::DirectAllocation,
            active: true,
            org: None,
            managed: true,
        })
    };
    PARENTS.into_iter().filter_map(parent).collect()
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// A customer that can be created.
#[must_use]
pub fn customer() -> CustomerPayload {
    CustomerPayload {
        name: text("Maple Street Dental LLC"),
        country: Some(Country::US.into()),
        street: Lines::of(&["418 Maple Street", "Suite 200"]),
        city: text("Reston"),
        state: text("VA"),
        postal_code: text("20190"),
        ..CustomerPayload::default()
    }
}

/// A net of 8 addresses, `192.0.2.8/29`, for a recipient that is still to be given.
#[must_use]
pub fn net() -> NetPayload {
    let block = NetBlock { start: text("192.0.2.8"), length: Some(29), ..NetBlock::default() };
    NetPayload {
        net_name: text("MAPLE-DENTAL"),
        net_blocks: Some(NetBlocks::from(vec![block])),
        ..NetPayload::default()
    }
}

/// A POC that can be created: a role.
#[must_use]
pub fn poc() -> PocPayload {
    let number = PhonePayload {
        number: text("+1-703-555-0100"),
        kind: Some(PhoneType { code: Some(PhoneKind::Office), ..PhoneType::default() }),
        ..PhonePayload::default()
    };
    PocPayload {
        contact_type: Some(ContactType::Role),
        last_name: text("Night Shift"),
        company: text("Example Fiber"),
        country: Some(Country::US.into()),
        street: Lines::of(&["1 Fiber Way"]),
        city: text("Reston"),
        state: text("VA"),
        postal_code: text("20190"),
        emails: Some(Emails::from(vec!["noc@example.net".to_owned()])),
        phones: Some(Phones::from(vec![number])),
        ..PocPayload::default()
    }
}

/// An org that can be asked for: its contacts are those of `EXAMPLE-1`.
#[must_use]
pub fn org() -> OrgPayload {
    use crate::domain::PocFunction::{Abuse, Admin, Tech};
    let contacts = [("ADMIN", Admin), ("TECH", Tech), ("ABUSE", Abuse)];
    let link =
        |(kind, function)| PocLink::new(format!("{kind}-{}", practice::DEFAULT_ORG), function);
    OrgPayload {
        name: text("Elm Networks Inc"),
        country: Some(Country::US.into()),
        street: Lines::of(&["9 Elm Street"]),
        city: text("Reston"),
        state: text("VA"),
        postal_code: text("20190"),
        poc_links: Some(PocLinks::from(contacts.map(link).to_vec())),
        ..OrgPayload::default()
    }
}

/// Reassigns [`net`] to [`customer`]: something to read, change and remove.
///
/// # Errors
/// The registry's refusal.
pub async fn reassigned(arin: &Client) -> Result<Registration, Fault> {
    let net = NetPayload { customer: Some(customer()), ..net() };
    let call = Assign { parent: PARENTS[0].0.parse()?, reallocate: false, net };
    match arin.send(&call).await? {
        Accepted::Net(net) => Ok(net),
        Accepted::Ticket { number, .. } => Err(format!("ticket {number} in place of a net").into()),
    }
}
