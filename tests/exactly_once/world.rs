//! A practice registry in this process, with the faulty line in front of it.

use std::sync::{Arc, OnceLock};

use serde_json::Value;
use swip::practice::{self, Behaviour, Practice, PracticeOptions, Profile};
use tokio::runtime::Runtime;

use crate::proxy::{Proxy, Script};

/// The parents of every plan.
const PARENT: &str = "NET-10-0-0-0-1";
const OTHER_PARENT: &str = "NET-11-0-0-0-1";

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
    })
}

/// A registry and what is known of it.
pub(crate) struct World {
    practice: Practice,
    pub(crate) proxy: Arc<Proxy>,
}

impl World {
    /// A registry of a profile that does nothing wrong by itself.
    pub(crate) fn start(profile: Profile, script: Script) -> Self {
        Self::behaving(Behaviour { profile, ..Behaviour::default() }, script)
    }

    /// A registry with a behaviour of its own, and the line in front of it.
    pub(crate) fn behaving(behaviour: Behaviour, script: Script) -> Self {
        let parent = |handle: &str, block: &str| swip::domain::Parent {
            net_handle: handle.parse().unwrap(),
            block: block.parse().unwrap(),
            kind: swip::domain::NetType::DirectAllocation,
            active: true,
            org: Some("EXAMPLE-1".parse().unwrap()),
            managed: true,
        };
        let options = PracticeOptions {
            parents: vec![parent(PARENT, "10.0.0.0/8"), parent(OTHER_PARENT, "11.0.0.0/8")],
            orgs: vec!["MAPLE-7".parse().unwrap(), "OAK-9".parse().unwrap()],
            behaviour,
            ..PracticeOptions::default()
        };
        let practice = runtime().block_on(practice::start(options)).unwrap();
        let proxy = Proxy::start(&practice.url(), script);
        Self { practice, proxy }
    }

    pub(crate) fn url(&self) -> String {
        self.proxy.url()
    }

    pub(crate) fn page(&self, name: &str) -> String {
        let url = format!("{}/_practice/{name}", self.practice.url());
        runtime().block_on(async { reqwest::get(url).await.unwrap().text().await.unwrap() })
    }

    /// Somebody else's write, not over the line.
    pub(crate) fn put(&self, path: &str, body: &str) {
        let url = format!("{}{path}", self.practice.url());
        runtime().block_on(async {
            let sending = reqwest::Client::new().put(url).body(body.to_owned());
            let sending = sending.header("Authorization", format!("ApiKey {}", crate::desk::KEY));
            let answer = sending.header("Content-Type", "application/xml").send().await.unwrap();
            assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
        });
    }

    /// The nets below the parents, the customers, the tickets.
    pub(crate) fn nets(&self) -> (Vec<Value>, Vec<Value>, Vec<Value>) {
        let world: Value = serde_json::from_str(&self.page("world")).unwrap();
        let list = |name: &str| world[name].as_array().cloned().unwrap_or_default();
        let below = |net: &Value| {
            [PARENT, OTHER_PARENT].iter().any(|parent| net["parentNetHandle"] == *parent)
        };
        (list("nets").into_iter().filter(below).collect(), list("customers"), list("tickets"))
    }

    /// Every request that reached it.
    pub(crate) fn ledger(&self) -> Vec<Value> {
        self.page("ledger").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub(crate) fn stop(self) {
        self.proxy.stop();
        let _inside = runtime().enter();
        self.practice.stop().unwrap();
    }
}
