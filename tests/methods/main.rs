//! Every method of Reg-RWS, one after the other, by the library and by `swip registry`, each on a
//! practice registry of its own; the table of what was done is kept beside the client.
#![expect(clippy::unwrap_used, reason = "a test ends where it fails")]

mod reports;
#[cfg(test)]
#[path = "../../src/regrws/payload/tests/schema.rs"]
mod schema;
mod script;

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use serde_json::Value;
use swip::domain::{NetType, Parent};
use swip::practice::{self, Behaviour, Practice, PracticeOptions, Profile};
use swip::regrws::payload::{AnyPayload, Payload};
use swip::regrws::{
    ApiKey, AuthStyle, BaseUrl, Call, Client, ClientOptions, Pacer, RawAnswer, WireRequest,
};

/// Where the table is kept; `SWIP_WRITE_TABLES=1` writes it again.
const TABLE: &str = "src/regrws/METHODS.md";
/// How the table begins.
const HEAD: &str = "\
# Every method of Reg-RWS

Written and checked by `tests/methods`, which makes each call twice, by the library and by the
command, on a practice registry each, and compares what came; `SWIP_WRITE_TABLES=1` writes it again.

| method | at ARIN | library | `swip registry` | practice registry | request by ARIN's schemas | parsed answer |
|---|---|---|---|---|---|---|
";
/// The order of the table.
const OBJECTS: [&str; 7] = ["POC", "Org", "Customer", "Net", "Delegation", "Ticket", "Report"];
/// A time-out that no call here meets.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

/// A practice registry and what is sent to it.
struct World {
    practice: Practice,
}

impl World {
    async fn start(profile: Profile) -> Self {
        let parent = |handle: &str, block: &str| Parent {
            net_handle: handle.parse().unwrap(),
            block: block.parse().unwrap(),
            kind: NetType::DirectAllocation,
            active: true,
            org: None,
            managed: true,
        };
        let options = PracticeOptions {
            parents: vec![
                parent("NET-10-0-0-0-1", "10.0.0.0/8"),
                parent("NET6-2001-DB8-1", "2001:db8::/32"),
            ],
            orgs: vec!["MAPLE-7".parse().unwrap()],
            behaviour: Behaviour { profile, ..Behaviour::default() },
            ..PracticeOptions::default()
        };
        Self { practice: practice::start(options).await.unwrap() }
    }

    fn client(&self) -> Client {
        Client::new(ClientOptions {
            base: BaseUrl::parse(&self.practice.url()).unwrap(),
            key: ApiKey::parse(practice::KEY).unwrap(),
            auth: AuthStyle::Header,
            timeout: PATIENCE,
            read_only: false,
            proxy: None,
            ca_file: None,
            pacer: Arc::new(Pacer::new(None)),
        })
        .unwrap()
    }

    /// A page about the practice registry itself.
    fn about(&self, page: &str) -> String {
        let url = self.practice.url();
        let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
        let request = format!("GET /_practice/{page} HTTP/1.0\r\nHost: localhost\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }

    /// The last request that was answered, polls of the ledger aside.
    fn last(&self) -> Value {
        serde_json::from_str(self.about("ledger").lines().last().unwrap()).unwrap()
    }
}

/// Both sides of every step, and the table they fill.
struct Bench {
    library: World,
    client: Client,
    command: World,
    desk: tempfile::TempDir,
    rows: Vec<[String; 7]>,
    bodies: Vec<(String, String)>,
}

impl Bench {
    async fn new() -> Self {
        let library = World::start(Profile::Current).await;
        let client = library.client();
        let command = World::start(Profile::Current).await;
        let desk = tempfile::tempdir().unwrap();
        Self { library, client, command, desk, rows: Vec::new(), bodies: Vec::new() }
    }

    /// A payload as a file of the command's.
    fn file(&self, name: &str, payload: &impl Payload) -> String {
        let path = self.desk.path().join(name);
        std::fs::write(&path, payload.to_xml()).unwrap();
        path.display().to_string()
    }

    fn swip(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_swip"))
            .current_dir(self.desk.path())
            .args(["registry", "--json", "--registry", &self.command.practice.url()])
            .args(args)
            .env("SWIP_API_KEY", practice::KEY)
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// What the registry has now, for a change that echoes it.
    async fn now<C: Call>(&self, call: &C) -> C::Payload {
        C::payload(&self.client.exchange(&call.request()).await.unwrap()).unwrap()
    }

    /// One method: called by the library and by the command, and entered in the table.
    async fn step<C: Call>(
        &mut self,
        method: &str,
        arin: &str,
        args: &[&str],
        call: &C,
    ) -> C::Payload {
        let request = call.request();
        let answer = self.client.exchange(&request).await.unwrap();
        assert_eq!(C::decode(&answer).err(), None, "{method}");
        let payload = C::payload(&answer).unwrap();
        let said = self.swip(args);
        let told = String::from_utf8_lossy(&said.stderr).into_owned();
        assert!(said.status.success(), "{args:?}: {told}");
        let shown: Value = serde_json::from_slice(&said.stdout).unwrap();
        assert_eq!(timeless(shown), timeless(payload.to_json()), "{method}");
        let library = std::any::type_name::<C>().rsplit("::").next().unwrap();
        self.enter(method, arin, library, args, &request, &answer);
        payload
    }

    /// Enters a row; both practice registries were asked the same and answered with 200.
    fn enter(
        &mut self,
        method: &str,
        arin: &str,
        library: &str,
        args: &[&str],
        request: &WireRequest,
        answer: &RawAnswer,
    ) {
        for world in [&self.library, &self.command] {
            let last = world.last();
            let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
            let (asked, path) = (plain(&request.path), plain(last["path"].as_str().unwrap()));
            assert_eq!(last["status"], 200, "{method}: {last}");
            assert_eq!(last["method"], request.method.as_str(), "{method}");
            assert!(asked.starts_with(&path), "{method}: {asked} is not {path}");
        }
        let body = match &request.body {
            Some(body) => {
                let root = AnyPayload::from_xml(body.as_bytes()).unwrap().root().to_owned();
                self.bodies.push((root.clone(), without_newer(body)));
                format!("valid `{root}`")
            }
            None => "no body".to_owned(),
        };
        let parsed = AnyPayload::from_xml(&answer.body)
            .map_or_else(|_| "the file".to_owned(), |payload| format!("`{}`", payload.root()));
        let words: Vec<String> = args.iter().take(2).map(ToString::to_string).collect();
        self.rows.push([
            method.to_owned(),
            format!("`{arin}`"),
            format!("`{library}`"),
            format!("`{}`", words.join(" ")),
            "200".to_owned(),
            body,
            parsed,
        ]);
    }

    fn table(&self) -> String {
        let mut table = HEAD.to_owned();
        let mut rows = self.rows.clone();
        rows.sort_by_key(|row| OBJECTS.iter().position(|object| row[0].starts_with(object)));
        for row in &rows {
            assert!(row.iter().all(|cell| !cell.is_empty()), "{row:?}");
            writeln!(table, "| {} |", row.join(" | ")).unwrap();
        }
        table
    }
}

/// `acceptReassignments` is newer than ARIN's schemas.
fn without_newer(xml: &str) -> String {
    xml.replace("<acceptReassignments>true</acceptReassignments>", "")
}

/// A value without dates, which the two registries do not share.
fn timeless(mut value: Value) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(map) => {
                map.retain(|name, _| !name.ends_with("Date"));
                map.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    strip(&mut value);
    value
}

#[test]
fn every_method_is_in_library_command_and_practice_registry() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let bench = runtime.block_on(script::all());
    let table = bench.table();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(TABLE);
    if std::env::var_os("SWIP_WRITE_TABLES").is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(kept, table, "{TABLE} is not what was done; SWIP_WRITE_TABLES=1 writes it again");
    let Some(directory) = schema::at_hand() else { return };
    let faults = schema::faults(&directory, &bench.bodies);
    assert!(faults.is_empty(), "{faults:#?}");
}
