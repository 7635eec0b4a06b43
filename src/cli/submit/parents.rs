//! Parents that no file names: read from the registry before anything else.
//!
//! Must not know: the journal, submission.

use crate::cli::args::Global;
use crate::cli::failure::{Exit, Failure};
use crate::cli::plan_input::PlanInput;
use crate::cli::target::{self, Target};
use crate::cli::units::Rate;
use crate::domain::Parent;
use crate::regrws::{Client, GetNet, ParentNet};

/// The same with the key and the registry of the options.
///
/// # Errors
/// No registry that can be read, no key, or a parent that cannot be read.
pub(in crate::cli) async fn parents_by_key(
    global: &Global,
    target: &Target,
    rate: Option<Rate>,
    input: &PlanInput,
) -> Result<Vec<Parent>, Failure> {
    let Target::At { base, .. } = target else {
        return Err(Failure::usage("the practice registry needs --parents FILE"));
    };
    let key = target::key(global)?;
    let client = target::client(global, base.clone(), key, rate.or(target.rate()))?;
    parents_from_registry(&client, input).await
}

/// Reads the parents that rows name, or that contain their blocks.
pub(in crate::cli) async fn parents_from_registry(
    client: &Client,
    input: &PlanInput,
) -> Result<Vec<Parent>, Failure> {
    let mut parents: std::collections::BTreeMap<String, Parent> = std::collections::BTreeMap::new();
    let fault = |what: String, e: &dyn std::fmt::Display| {
        Failure::new(Exit::Registry, format!("{what} cannot be read: {e}"))
    };
    for (named, block) in input.asked()? {
        let known = match &named {
            Some(handle) => parents.contains_key(handle.as_str()),
            None => parents.values().any(|parent| parent.block.contains(&block)),
        };
        if known {
            continue;
        }
        let net = match &named {
            Some(handle) => client
                .send(&GetNet(handle.clone()))
                .await
                .map_err(|e| fault(handle.to_string(), &e))?,
            None => {
                let call = ParentNet(block);
                client.send(&call).await.map_err(|e| fault(format!("the parent of {block}"), &e))?
            }
        };
        let parent = Parent {
            net_handle: net.net_handle.clone(),
            block: net.block,
            kind: net.kind,
            active: true,
            org: None,
            managed: true,
        };
        parents.insert(net.net_handle.to_string(), parent);
    }
    Ok(parents.into_values().collect())
}
