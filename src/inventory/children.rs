//! Everything below a parent, by RDAP: a list that is cut off is split until none is.
//!
//! A search below a block names neither the net of the block itself nor one that reaches beyond
//! it, so at every split the nets around both sides of the seam are looked up too. Must not know:
//! what the nets are compared with.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;

use ipnet::IpNet;

use super::reader::{Fault, Reader, Stop};
use crate::domain::{AddressRange, NetHandle, NetType, Parent, Registered};
use crate::rdap::{self, Rdap};
use crate::regrws::GetNet;

/// What RDAP shows below a parent.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Every net below it, nets below reallocations included; each once.
    pub nets: Vec<Registered>,
    /// What could not be seen; the list is complete when there is nothing.
    pub gaps: Vec<String>,
    /// Lists that were cut off, and split.
    pub splits: u64,
    /// When the oldest answer came; RFC 3339.
    pub oldest: Option<String>,
}

/// Lists a parent's nets.
///
/// # Errors
/// [`Stop`].
pub(super) async fn below(reader: &Reader, parent: &Parent) -> Result<Listing, Stop> {
    let mut walk = Walk {
        reader,
        parent,
        found: HashMap::new(),
        queue: parent.block.cidrs().into(),
        listing: Listing::default(),
    };
    while let Some(block) = walk.queue.pop_front() {
        walk.search(block).await?;
    }
    let Walk { found, mut listing, .. } = walk;
    listing.nets = found.into_values().collect();
    listing.nets.sort_by_key(|net| net.net.block);
    Ok(listing)
}

struct Walk<'r> {
    reader: &'r Reader,
    parent: &'r Parent,
    found: HashMap<NetHandle, Registered>,
    queue: VecDeque<IpNet>,
    listing: Listing,
}

impl Walk<'_> {
    /// What a fault means for the list.
    fn gap(&mut self, what: impl FnOnce(&str) -> String, fault: Fault) -> Result<(), Stop> {
        match fault {
            Fault::Absent => {}
            Fault::Nothing(why) | Fault::NoAuthority(why) => self.listing.gaps.push(what(&why)),
            Fault::Stop(stop) => return Err(stop),
        }
        Ok(())
    }

    async fn search(&mut self, block: IpNet) -> Result<(), Stop> {
        let body = match self.reader.ask_rdap(&Rdap::down(&block)).await {
            Ok((body, at)) => {
                self.saw(&at);
                rdap::search(&body).map(|answer| (answer.nets(&at), answer.is_cut_off()))
            }
            Err(fault) => return self.gap(|why| format!("below {block}: {why}"), fault),
        };
        let ((nets, lost), cut_off) = match body {
            Ok(answer) => answer,
            Err(why) => {
                self.listing.gaps.push(format!("below {block}: {why}"));
                return Ok(());
            }
        };
        if lost > 0 {
            self.listing.gaps.push(format!("below {block}: {lost} nets without handle or range"));
        }
        nets.into_iter().for_each(|net| self.add(net));
        if cut_off { self.split(block).await } else { Ok(()) }
    }

    fn saw(&mut self, at: &str) {
        if self.listing.oldest.as_deref().is_none_or(|oldest| at < oldest) {
            self.listing.oldest = Some(at.to_owned());
        }
    }

    /// Takes a net in; what lies below a reallocation is asked for too.
    fn add(&mut self, net: Registered) {
        let inside = self.parent.block.contains(&net.net.block);
        if !inside || net.net.net_handle == self.parent.net_handle {
            return;
        }
        if net.net.kind == NetType::Reallocation && !self.found.contains_key(&net.net.net_handle) {
            self.queue.extend(net.net.block.cidrs());
        }
        self.found.entry(net.net.net_handle.clone()).or_insert(net);
    }

    /// Asks for both halves, and for what stands at their seam.
    async fn split(&mut self, block: IpNet) -> Result<(), Stop> {
        let Ok(halves) = block.subnets(block.prefix_len() + 1) else {
            self.listing.gaps.push(format!("below {block}: cut off, and too small to split"));
            return Ok(());
        };
        self.listing.splits += 1;
        let halves: Vec<IpNet> = halves.collect();
        if let [first, second] = halves.as_slice() {
            self.around(AddressRange::from(*first).last()).await?;
            self.around(AddressRange::from(*second).first()).await?;
        }
        self.queue.extend(halves);
        Ok(())
    }

    /// Takes in every net around an address, up to the parent.
    async fn around(&mut self, address: IpAddr) -> Result<(), Stop> {
        let answer = match self.reader.ask_rdap(&Rdap::at(address)).await {
            Ok((body, at)) => {
                self.saw(&at);
                rdap::net(&body).map(|net| net.registered(&at))
            }
            Err(fault) => return self.gap(|why| format!("around {address}: {why}"), fault),
        };
        let Ok(Some(net)) = answer else {
            self.listing.gaps.push(format!("around {address}: no usable RDAP answer"));
            return Ok(());
        };
        let mut above = net.net.parent.clone();
        let mut within = self.is_below(&net);
        self.add(net);
        // RDAP knows no nets by handle; the registry itself does.
        while let Some(handle) = above.filter(|h| within && *h != self.parent.net_handle) {
            if self.found.contains_key(&handle) {
                return Ok(());
            }
            let org = self.parent.org.as_ref();
            match self.reader.read(org, &GetNet(handle.clone())).await {
                Ok(got) => {
                    let source = crate::domain::Source::Handle;
                    let net = Registered::summary(got.value, source, Some(got.at));
                    above = net.net.parent.clone();
                    within = self.is_below(&net);
                    self.add(net);
                }
                Err(fault) => return self.gap(|why| format!("net {handle}: {why}"), fault),
            }
        }
        Ok(())
    }

    fn is_below(&self, net: &Registered) -> bool {
        self.parent.block.contains(&net.net.block) && net.net.net_handle != self.parent.net_handle
    }
}
