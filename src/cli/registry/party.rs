//! Verbs of POC, org and customer as calls.
//!
//! Must not know: how a call is sent or shown.

use super::super::args::{CustomerVerb, OrgVerb, PocVerb};
use super::super::failure::Failure;
use super::file;
use super::session::Session;
use crate::regrws::{
    AddEmail, AddOrgPoc, AddPhone, CreateCustomer, CreateOwnOrg, CreatePoc, DeleteCustomer,
    DeleteEmail, DeleteOrg, DeletePhone, DeletePoc, GetCustomer, GetOrg, GetPoc, LinkSelector,
    ModifyCustomer, ModifyOrg, ModifyPoc, PhoneSelector, RemoveOrgPoc,
};

/// Where to look after a POC that may have been created.
const LOOK_NEW_POC: &str = "Reg-RWS finds no POC by its name: look in ARIN Online, or in the \
    public Whois for its name; a second one cannot be told from it by its handle";
/// Where to look after a customer that may have been created.
const LOOK_NEW_CUSTOMER: &str = "Reg-RWS finds no customer by its name: look in ARIN Online or in \
    the public Whois; a reassignment with the customer inside <net> avoids this";
/// Where to look after an org that may have been asked for.
const LOOK_NEW_ORG: &str =
    "swip registry ticket summaries --type ORG_CREATE lists what was asked for";

/// A verb of a POC.
pub(super) async fn poc(session: &Session, verb: &PocVerb) -> Result<(), Failure> {
    match verb {
        PocVerb::Get { handle } => session.read(&GetPoc(handle.clone())).await,
        PocVerb::Create { file, link } => {
            let call = CreatePoc { poc: file::payload(file)?, make_link: *link };
            session.write(&call, LOOK_NEW_POC).await
        }
        PocVerb::Modify { handle, file } => {
            let current = session.fetch(&GetPoc(handle.clone())).await?;
            let poc = file::changes(file, &current)?.echoing(&current);
            let call = ModifyPoc { handle: handle.clone(), poc };
            session.write(&call, &look("poc", handle.as_str())).await
        }
        PocVerb::Delete { handle } => {
            session.write(&DeletePoc(handle.clone()), &look("poc", handle.as_str())).await
        }
        PocVerb::AddPhone { handle, file } => {
            let call = AddPhone { handle: handle.clone(), phone: file::payload(file)? };
            session.write(&call, &look("poc", handle.as_str())).await
        }
        PocVerb::DeletePhone { handle, number, kind } => {
            let which = match (number.clone(), kind.clone()) {
                (Some(number), Some(kind)) => PhoneSelector::Both(number, kind),
                (Some(number), None) => PhoneSelector::Number(number),
                (None, Some(kind)) => PhoneSelector::Kind(kind),
                (None, None) => return Err(Failure::usage("give a number, --type, or both")),
            };
            let call = DeletePhone { handle: handle.clone(), which };
            session.write(&call, &look("poc", handle.as_str())).await
        }
        PocVerb::AddEmail { handle, address } => {
            let call = AddEmail { handle: handle.clone(), email: address.clone() };
            session.write(&call, &look("poc", handle.as_str())).await
        }
        PocVerb::DeleteEmail { handle, address } => {
            let call = DeleteEmail { handle: handle.clone(), email: address.clone() };
            session.write(&call, &look("poc", handle.as_str())).await
        }
    }
}

/// A verb of an org.
pub(super) async fn org(session: &Session, verb: &OrgVerb) -> Result<(), Failure> {
    match verb {
        OrgVerb::Get { handle } => session.read(&GetOrg(handle.clone())).await,
        OrgVerb::Create { file } => {
            session.write(&CreateOwnOrg(file::payload(file)?), LOOK_NEW_ORG).await
        }
        OrgVerb::Modify { handle, file } => {
            let current = session.fetch(&GetOrg(handle.clone())).await?;
            let org = file::changes(file, &current)?.echoing(&current);
            let call = ModifyOrg { handle: handle.clone(), org };
            session.write(&call, &look("org", handle.as_str())).await
        }
        OrgVerb::Delete { handle } => {
            session.write(&DeleteOrg(handle.clone()), &look("org", handle.as_str())).await
        }
        OrgVerb::AddPoc { handle, poc, function } => {
            let call = AddOrgPoc { handle: handle.clone(), poc: poc.clone(), function: *function };
            session.write(&call, &look("org", handle.as_str())).await
        }
        OrgVerb::RemovePoc { handle, poc, function } => {
            let which = match (poc.clone(), *function) {
                (Some(poc), Some(function)) => LinkSelector::Both(poc, function),
                (Some(poc), None) => LinkSelector::Poc(poc),
                (None, Some(function)) => LinkSelector::Function(function),
                (None, None) => return Err(Failure::usage("give a POC, --function, or both")),
            };
            let call = RemoveOrgPoc { handle: handle.clone(), which };
            session.write(&call, &look("org", handle.as_str())).await
        }
    }
}

/// A verb of a customer.
pub(super) async fn customer(session: &Session, verb: &CustomerVerb) -> Result<(), Failure> {
    match verb {
        CustomerVerb::Get { handle } => session.read(&GetCustomer(handle.clone())).await,
        CustomerVerb::Create { parent, file } => {
            let call = CreateCustomer { parent: parent.clone(), customer: file::payload(file)? };
            session.write(&call, LOOK_NEW_CUSTOMER).await
        }
        CustomerVerb::Modify { handle, file } => {
            let current = session.fetch(&GetCustomer(handle.clone())).await?;
            let customer = file::changes(file, &current)?.echoing(&current);
            let call = ModifyCustomer { handle: handle.clone(), customer };
            session.write(&call, &look("customer", handle.as_str())).await
        }
        CustomerVerb::Delete { handle } => {
            let call = DeleteCustomer(handle.clone());
            session.write(&call, &look("customer", handle.as_str())).await
        }
    }
}

/// The command that shows a record.
fn look(object: &str, handle: &str) -> String {
    format!("swip registry {object} get {handle}")
}
