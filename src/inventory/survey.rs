//! A survey: every net under the managed parents that some source shows, and what was read of it.
//!
//! Owns the merging of sources, and what is complete. Must not know: rows, printing.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::children;
use super::reader::{Fault, Got, Reader, Stop};
use crate::domain::{
    AddressRange, Detail, Holder, NetHandle, OrgHandle, Parent, Registered, Registration, Source,
};
use crate::plan::adopt::Look;
use crate::regrws::payload::NetPayload;
use crate::regrws::{Call, CustomerPayload, GetCustomer, GetNet, NetsByIpRange, RawAnswer};

/// A net, and everything that is known of it.
#[derive(Clone, Debug)]
pub struct Found {
    /// As it was read best.
    pub net: Registered,
    /// Every source that shows it.
    pub sources: BTreeSet<Source>,
    /// The answer that holds the net, and its customer's: the before-image.
    pub image: Option<(RawAnswer, Option<RawAnswer>)>,
    /// Why it could not be read by handle, or its customer not.
    pub unread: Option<String>,
}

/// How complete the list of a parent is.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    /// Nets that RDAP shows.
    pub nets: u64,
    /// Whether RDAP was asked.
    pub asked: bool,
    /// What it could not show.
    pub gaps: Vec<String>,
    /// Lists that were cut off and split.
    pub splits: u64,
    /// When the oldest answer came; RFC 3339.
    pub oldest: Option<String>,
}

/// What is known of the registry.
#[derive(Debug, Default)]
pub struct Survey {
    /// Nets by handle.
    pub found: BTreeMap<NetHandle, Found>,
    /// Lists by parent.
    pub lists: BTreeMap<NetHandle, Listed>,
    /// Blocks at which nothing was found, and what that proves.
    pub looked: HashMap<AddressRange, Look>,
    /// Blocks whose exact range was read.
    pub ranges: u64,
    parents: Vec<Parent>,
}

/// How many reads are in flight, and what stops them.
#[derive(Clone, Debug)]
pub struct Gait {
    /// Reads in flight.
    pub width: usize,
    /// Turns true on a signal.
    pub cancel: watch::Receiver<bool>,
}

/// Runs reads side by side; `done` hears of each.
async fn each<T: Send + 'static, R: Send + 'static, F>(
    reader: &Arc<Reader>,
    gait: &Gait,
    items: Vec<T>,
    work: impl Fn(Arc<Reader>, T) -> F,
    mut done: impl FnMut(R),
) -> Result<(), Stop>
where
    F: Future<Output = Result<R, Stop>> + Send + 'static,
{
    let mut cancel = gait.cancel.clone();
    let mut running = JoinSet::new();
    let mut items = items.into_iter();
    loop {
        while running.len() < gait.width.max(1) {
            let Some(item) = items.next() else { break };
            running.spawn(work(Arc::clone(reader), item));
        }
        let ended = tokio::select! {
            ended = running.join_next() => ended,
            Ok(_) = cancel.wait_for(|now| *now) => return Err(Stop::Signal),
        };
        match ended {
            None => return Ok(()),
            Some(Ok(result)) => done(result?),
            Some(Err(fault)) => return Err(Stop::Registry(fault.to_string())),
        }
    }
}

impl Survey {
    /// A survey of what is under these parents; only managed ones are read.
    #[must_use]
    pub fn new(parents: Vec<Parent>) -> Self {
        Self { parents, ..Self::default() }
    }

    /// The parents that are ours to manage.
    pub fn managed(&self) -> impl Iterator<Item = &Parent> {
        self.parents.iter().filter(|parent| parent.managed)
    }

    /// Parents of which every net is listed.
    #[must_use]
    pub fn listed(&self) -> HashSet<NetHandle> {
        let complete = self.lists.iter().filter(|(_, list)| list.asked && list.gaps.is_empty());
        complete.map(|(handle, _)| handle.clone()).collect()
    }

    /// Nets that are no parents, in address order.
    #[must_use]
    pub fn nets(&self) -> Vec<&Found> {
        let parents: HashSet<&NetHandle> = self.parents.iter().map(|p| &p.net_handle).collect();
        let mut nets: Vec<&Found> =
            self.found.values().filter(|f| !parents.contains(&f.net.net.net_handle)).collect();
        nets.sort_by_key(|found| found.net.net.block);
        nets
    }

    /// Takes in a net that some source shows.
    pub fn add(&mut self, net: Registered) {
        let source = net.seen.source.clone();
        let entry = self.found.entry(net.net.net_handle.clone());
        // A list that names the holder tells more than one that does not.
        let entry = entry.and_modify(|found| {
            let vague = |net: &Registered| net.net.holder == Holder::Unknown;
            if found.image.is_none() && vague(&found.net) && !vague(&net) {
                found.net = net.clone();
            }
        });
        let found = entry.or_insert_with(|| Found {
            net,
            sources: BTreeSet::new(),
            image: None,
            unread: None,
        });
        found.sources.insert(source);
    }

    /// The org whose key reads a net.
    fn org_of(&self, block: &AddressRange) -> Option<OrgHandle> {
        let around = self.managed().filter(|parent| parent.block.contains(block));
        around.min_by_key(|parent| parent.block.size())?.org.clone()
    }

    /// Lists every managed parent by RDAP, where there is RDAP.
    ///
    /// # Errors
    /// [`Stop`]; what was read is kept.
    pub async fn list(
        &mut self,
        reader: &Arc<Reader>,
        gait: &Gait,
        mut done: impl FnMut(&NetHandle),
    ) -> Result<(), Stop> {
        if reader.rdap().is_none() {
            return Ok(());
        }
        let parents: Vec<Parent> = self.managed().cloned().collect();
        let work = |reader: Arc<Reader>, parent: Parent| async move {
            let listing = children::below(&reader, &parent).await?;
            Ok((parent.net_handle, listing))
        };
        let mut all = Vec::new();
        each(reader, gait, parents, work, |found: (NetHandle, children::Listing)| {
            done(&found.0);
            all.push(found);
        })
        .await?;
        for (parent, listing) in all {
            let listed = Listed {
                nets: listing.nets.len() as u64,
                asked: true,
                gaps: listing.gaps,
                splits: listing.splits,
                oldest: listing.oldest,
            };
            self.lists.insert(parent, listed);
            listing.nets.into_iter().for_each(|net| self.add(net));
        }
        Ok(())
    }

    /// Blocks of which no source shows a net: these are read by exact range.
    #[must_use]
    pub fn unseen(&self, blocks: &[AddressRange]) -> Vec<AddressRange> {
        let seen: HashSet<AddressRange> =
            self.nets().iter().map(|found| found.net.net.block).collect();
        let mut unseen: Vec<AddressRange> =
            blocks.iter().filter(|block| !seen.contains(block)).copied().collect();
        unseen.sort_unstable();
        unseen.dedup();
        unseen
    }

    /// Reads exact ranges. What is found there is known in full, its customer aside.
    ///
    /// # Errors
    /// [`Stop`]; what was read is kept.
    pub async fn ranges(
        &mut self,
        reader: &Arc<Reader>,
        gait: &Gait,
        blocks: Vec<AddressRange>,
        mut done: impl FnMut(),
    ) -> Result<(), Stop> {
        let items = blocks.into_iter().map(|block| (self.org_of(&block), block)).collect();
        let work = |reader: Arc<Reader>, (org, block): (Option<OrgHandle>, AddressRange)| async move {
            let looked = reader.read(org.as_ref(), &NetsByIpRange(block)).await;
            match looked {
                Err(Fault::Stop(stop)) => Err(stop),
                looked => Ok((block, looked)),
            }
        };
        let mut all = Vec::new();
        each(reader, gait, items, work, |read| {
            done();
            all.push(read);
        })
        .await?;
        self.ranges += all.len() as u64;
        all.into_iter().for_each(|(block, looked)| self.took(block, looked));
        Ok(())
    }

    fn took(&mut self, block: AddressRange, looked: Result<Got<Vec<Registration>>, Fault>) {
        let got = match looked {
            Ok(got) => got,
            Err(Fault::Absent) => {
                self.looked.insert(block, Look::Absent);
                return;
            }
            Err(Fault::NoAuthority(why) | Fault::Nothing(why)) => {
                self.looked.insert(block, Look::Failed(why));
                return;
            }
            Err(Fault::Stop(_)) => return,
        };
        let exact: Vec<Registration> =
            got.value.into_iter().filter(|net| net.block == block).collect();
        if exact.is_empty() {
            // A net around the range is no net of the range.
            self.looked.insert(block, Look::Absent);
        }
        let payloads =
            NetsByIpRange::payload(&got.answer).map(|list| list.nets).unwrap_or_default();
        for net in exact {
            let handle = net.net_handle.as_str();
            let payload =
                payloads.iter().find(|p| p.handle.as_deref().map(str::trim) == Some(handle));
            let at = got.at.clone();
            let Some(net) = payload.and_then(|p| p.registered(None, Source::Range, at)) else {
                continue;
            };
            let handle = net.net.net_handle.clone();
            self.add(net.clone());
            if let Some(found) = self.found.get_mut(&handle) {
                found.net = net;
                found.image = Some((got.answer.clone(), None));
            }
        }
    }

    /// Whether a net was taken from a managed parent: what lies below a reallocation is its
    /// holder's, and the key has no authority over it.
    #[must_use]
    pub fn is_ours(&self, net: &Registered) -> bool {
        let named = |parent: &&Parent| Some(&parent.net_handle) == net.net.parent.as_ref();
        net.net.parent.is_none() || self.managed().any(|parent| named(&parent))
    }

    /// Nets of ours of which not everything was read or tried yet: net or customer.
    #[must_use]
    pub fn unread(&self, wanted: impl Fn(&Found) -> bool) -> Vec<NetHandle> {
        let nets = self.nets();
        let open = nets.iter().filter(|found| {
            let summary = found.net.detail == Detail::Summary && found.unread.is_none();
            summary && self.is_ours(&found.net)
        });
        let nets = open.filter(|found| wanted(found));
        nets.map(|found| found.net.net.net_handle.clone()).collect()
    }

    /// Reads nets and their customers by handle.
    ///
    /// # Errors
    /// [`Stop`]; what was read is kept.
    pub async fn details(
        &mut self,
        reader: &Arc<Reader>,
        gait: &Gait,
        handles: Vec<NetHandle>,
        mut done: impl FnMut(),
    ) -> Result<(), Stop> {
        let items = handles.into_iter().filter_map(|handle| {
            let found = self.found.get(&handle)?;
            Some((self.org_of(&found.net.net.block), found.clone()))
        });
        let items: Vec<_> = items.collect();
        let mut all = Vec::new();
        each(reader, gait, items, detail, |read| {
            done();
            all.push(read);
        })
        .await?;
        for (handle, read) in all {
            match read {
                Some(found) => {
                    self.found.insert(handle, found);
                }
                // A list lags: the registry itself says that it is gone.
                None => {
                    if let Some(gone) = self.found.remove(&handle) {
                        self.looked.entry(gone.net.net.block).or_insert_with(|| {
                            Look::Failed(format!("{handle} is listed, but gone: read again later"))
                        });
                    }
                }
            }
        }
        Ok(())
    }
}

/// Reads one net and its customer; `None` when the net is gone.
async fn detail(
    reader: Arc<Reader>,
    (org, mut found): (Option<OrgHandle>, Found),
) -> Result<(NetHandle, Option<Found>), Stop> {
    let handle = found.net.net.net_handle.clone();
    let org = org.as_ref();
    if found.image.is_none() {
        match reader.read(org, &GetNet(handle.clone())).await {
            Err(Fault::Stop(stop)) => return Err(stop),
            Err(Fault::Absent) => return Ok((handle, None)),
            Err(Fault::NoAuthority(why) | Fault::Nothing(why)) => {
                found.unread = Some(why);
                return Ok((handle, Some(found)));
            }
            Ok(got) => {
                let payload: Option<NetPayload> = GetNet::payload(&got.answer).ok();
                let net = payload.and_then(|p| p.registered(None, Source::Handle, got.at));
                if let Some(net) = net {
                    found.net = net;
                    found.sources.insert(Source::Handle);
                    found.image = Some((got.answer, None));
                }
            }
        }
    }
    customer(&reader, org, &mut found).await?;
    Ok((handle, Some(found)))
}

/// Reads the customer of a net that has one.
async fn customer(reader: &Reader, org: Option<&OrgHandle>, found: &mut Found) -> Result<(), Stop> {
    let Holder::Customer(customer) = found.net.net.holder.clone() else { return Ok(()) };
    match reader.read(org, &GetCustomer(customer)).await {
        Err(Fault::Stop(stop)) => Err(stop),
        Err(Fault::Absent) => {
            found.unread = Some("the registry knows no such customer".to_owned());
            Ok(())
        }
        Err(Fault::NoAuthority(why) | Fault::Nothing(why)) => {
            found.unread = Some(why);
            Ok(())
        }
        Ok(got) => {
            let values: &CustomerPayload = &got.value;
            found.net.customer = Some(values.values());
            found.net.detail = Detail::Full;
            if let Some((_, image)) = &mut found.image {
                *image = Some(got.answer);
            }
            Ok(())
        }
    }
}
