//! A faulty line between swip and the registry: one request a connection, faults decided by a
//! seed or by turn. What it delivers is kept, so that nothing on the wire is forgotten.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    DropBefore,
    DropAfter,
    ResetAfter,
    LateCommit,
    Truncated,
    ChunkCut,
    TooMany,
    TooManySeconds,
    TooManyDate,
    Error500Before,
    Error500After,
    Error502After,
    Error503Before,
    Html,
    EmptyBody,
    WrongRoot,
    Neither,
    Redirect,
    Gzip,
    Dtd,
    Slow,
}

impl Fault {
    /// Whether the request was carried out before its answer went wrong.
    pub(crate) const fn commits(self) -> bool {
        !matches!(
            self,
            Self::DropBefore
                | Self::TooMany
                | Self::TooManySeconds
                | Self::TooManyDate
                | Self::Error500Before
                | Self::Error503Before
                | Self::Redirect
                // It is, but only after the client may rightly have asked.
                | Self::LateCommit
        )
    }
}

/// For writes, the mix of the campaigns in thousandths.
const WRITES: [(Fault, u32); 17] = [
    (Fault::DropBefore, 25),
    (Fault::DropAfter, 25),
    (Fault::ResetAfter, 10),
    (Fault::LateCommit, 10),
    (Fault::Truncated, 10),
    (Fault::ChunkCut, 10),
    (Fault::Error500Before, 10),
    (Fault::Error500After, 10),
    (Fault::Error502After, 10),
    (Fault::Error503Before, 5),
    (Fault::Html, 5),
    (Fault::EmptyBody, 5),
    (Fault::WrongRoot, 5),
    (Fault::Neither, 5),
    (Fault::Redirect, 5),
    (Fault::Gzip, 5),
    (Fault::Dtd, 5),
];
/// For all requests.
const ALL: [(Fault, u32); 3] =
    [(Fault::TooManySeconds, 5), (Fault::TooManyDate, 3), (Fault::Slow, 5)];
/// For reads.
const READS: [(Fault, u32); 3] =
    [(Fault::DropBefore, 5), (Fault::Error500Before, 5), (Fault::Truncated, 5)];

/// How long a late commit takes.
const LATE: Duration = Duration::from_millis(60);

/// Which requests get which fault.
#[derive(Clone, Debug)]
pub(crate) enum Script {
    /// None.
    Clean,
    /// The nth write from 1 gets a fault.
    Writes(Vec<(u64, Fault)>),
    /// The mix, decided by a seed.
    Mix(u64),
    /// So many thousandths of the writes are dropped after the commit.
    Storm(u64, u32),
    /// The first write is dropped after the commit, and so many reads of ranges fail.
    LostAndBlind(u64),
}

/// One request as the line saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) at: Instant,
    pub(crate) write: bool,
    pub(crate) path: String,
    pub(crate) body: String,
    pub(crate) fault: Option<Fault>,
    pub(crate) delivered: Vec<u8>,
    /// When the client was told to come back, if it was.
    pub(crate) pause: Option<Duration>,
}

pub(crate) struct Proxy {
    address: String,
    upstream: String,
    script: Script,
    over: AtomicBool,
    asked: Mutex<HashMap<String, u64>>,
    counts: Mutex<(u64, u64)>,
    ranges: AtomicU64,
    seen: Mutex<Vec<Seen>>,
}

impl Proxy {
    pub(crate) fn start(upstream: &str, script: Script) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Arc::new(Self {
            address: listener.local_addr().unwrap().to_string(),
            upstream: upstream.trim_start_matches("http://").to_owned(),
            script,
            over: AtomicBool::new(false),
            asked: Mutex::default(),
            counts: Mutex::default(),
            ranges: AtomicU64::new(0),
            seen: Mutex::default(),
        });
        let accepting = Arc::clone(&proxy);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                if accepting.over.load(Ordering::SeqCst) {
                    return;
                }
                let (Ok(client), proxy) = (client, Arc::clone(&accepting)) else { continue };
                std::thread::spawn(move || proxy.serve(client));
            }
        });
        proxy
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn stop(&self) {
        self.over.store(true, Ordering::SeqCst);
        // The last accept is woken up.
        let _ = TcpStream::connect(&self.address);
    }

    fn serve(&self, mut client: TcpStream) {
        let Some((head, body)) = request(&mut client) else { return };
        let first = head.lines().next().unwrap_or_default().to_owned();
        let mut words = first.split(' ');
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let write = method != "GET";
        let fault = self.draw(&first, &body, write);
        let at = Instant::now();
        let mut seen = Seen {
            at,
            write,
            path: path.to_owned(),
            body: String::from_utf8_lossy(&body).into_owned(),
            fault,
            delivered: Vec::new(),
            pause: None,
        };
        let index = {
            let mut list = self.seen.lock().unwrap();
            list.push(seen.clone());
            list.len() - 1
        };
        let answer = self.carry_out(fault, &mut client, &head, &body, &mut seen);
        seen.delivered.clone_from(&answer);
        self.seen.lock().unwrap()[index] = seen;
        if fault == Some(Fault::Slow) {
            let half = answer.len() / 2;
            let _ = client.write_all(&answer[..half]);
            std::thread::sleep(LATE);
            let _ = client.write_all(&answer[half..]);
        } else {
            let _ = client.write_all(&answer);
        }
        let _ = client.shutdown(Shutdown::Both);
    }

    /// The bytes that the client gets.
    fn carry_out(
        &self,
        fault: Option<Fault>,
        client: &mut TcpStream,
        head: &str,
        body: &[u8],
        seen: &mut Seen,
    ) -> Vec<u8> {
        let forward = || self.forward(head, body);
        match fault {
            None | Some(Fault::Slow) => forward(),
            Some(Fault::DropBefore) => Vec::new(),
            Some(Fault::DropAfter) => {
                forward();
                Vec::new()
            }
            Some(Fault::ResetAfter) => {
                let answer = forward();
                answer[..answer.len().min(9)].to_vec()
            }
            Some(Fault::LateCommit) => {
                let _ = client.shutdown(Shutdown::Both);
                std::thread::sleep(LATE);
                forward();
                Vec::new()
            }
            Some(Fault::Truncated | Fault::ChunkCut) => {
                let answer = forward();
                let body = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap_or(0) + 4;
                answer[..body + (answer.len() - body) * 2 / 3].to_vec()
            }
            Some(fault) => {
                if fault.commits() {
                    forward();
                }
                if matches!(fault, Fault::TooMany | Fault::TooManySeconds | Fault::TooManyDate) {
                    seen.pause = Some(Duration::from_secs(1));
                }
                instead(fault)
            }
        }
    }

    fn forward(&self, head: &str, body: &[u8]) -> Vec<u8> {
        let Ok(mut upstream) = TcpStream::connect(&self.upstream) else { return Vec::new() };
        let head = head.replacen("\r\n", "\r\nConnection: close\r\n", 1);
        let _ = upstream.write_all(head.as_bytes());
        let _ = upstream.write_all(body);
        let mut answer = Vec::new();
        let _ = upstream.read_to_end(&mut answer);
        answer
    }

    /// The fault of a request, if it gets one.
    fn draw(&self, first: &str, body: &[u8], write: bool) -> Option<Fault> {
        let number = {
            let mut counts = self.counts.lock().unwrap();
            let count = if write { &mut counts.0 } else { &mut counts.1 };
            *count += 1;
            *count
        };
        let turn = |list: &[(u64, Fault)]| {
            list.iter().find(|(nth, _)| *nth == number).map(|(_, fault)| *fault)
        };
        match &self.script {
            Script::Clean => None,
            Script::Writes(list) => write.then(|| turn(list)).flatten(),
            Script::LostAndBlind(_) if write => (number == 1).then_some(Fault::DropAfter),
            Script::LostAndBlind(blind) => {
                let range = first.contains("IpRange") || first.contains("mostSpecific");
                let read = self.ranges.fetch_add(u64::from(range), Ordering::SeqCst);
                (range && read < *blind).then_some(Fault::Error500Before)
            }
            Script::Storm(seed, share) => {
                let drop = self.chance(*seed, first, body) < *share;
                (write && drop).then_some(Fault::DropAfter)
            }
            Script::Mix(seed) => {
                let draw = self.chance(*seed, first, body);
                let own: &[(Fault, u32)] = if write { &WRITES } else { &READS };
                let mut sum = 0;
                own.iter().chain(&ALL).find_map(|(fault, share)| {
                    sum += share;
                    (draw < sum).then_some(*fault)
                })
            }
        }
    }

    /// A number below 1000, made of the seed, the request and how often it was asked.
    fn chance(&self, seed: u64, first: &str, body: &[u8]) -> u32 {
        let identity = format!("{first} {}", String::from_utf8_lossy(body));
        let mut asked = self.asked.lock().unwrap();
        let count = asked.entry(identity.clone()).or_default();
        *count += 1;
        let digest = Sha256::digest(format!("{seed} {count} {identity}"));
        u32::from_le_bytes([digest[0], digest[1], digest[2], digest[3]]) % 1000
    }
}

/// The answer that stands in for the registry's.
fn instead(fault: Fault) -> Vec<u8> {
    let page = |status: &str, extra: &str, text: &str| {
        let length = text.len();
        format!("HTTP/1.1 {status}\r\nContent-Type: application/xml\r\n{extra}Content-Length: {length}\r\n\r\n{text}").into_bytes()
    };
    let error = |code: &str| {
        format!(
            "<error xmlns=\"http://www.arin.net/regrws/core/v1\"><code>{code}</code><message>at fault</message></error>"
        )
    };
    let too_many = error("E_TOO_MANY_REQUESTS");
    let dates =
        "Date: Tue, 24 Nov 2015 10:00:00 GMT\r\nRetry-After: Tue, 24 Nov 2015 10:00:01 GMT\r\n";
    match fault {
        Fault::TooMany => page("429 Too Many Requests", "", &too_many),
        Fault::TooManySeconds => page("429 Too Many Requests", "Retry-After: 1\r\n", &too_many),
        Fault::TooManyDate => page("429 Too Many Requests", dates, &too_many),
        Fault::Error500Before | Fault::Error500After => {
            page("500 Error", "", &error("E_UNSPECIFIED"))
        }
        Fault::Error503Before => page("503 Service Unavailable", "", "<html/>"),
        Fault::Error502After => page("502 Bad Gateway", "", "<html/>"),
        Fault::Redirect => page("307 Temporary Redirect", "Location: http://127.0.0.1:1/\r\n", ""),
        Fault::Html => page("200 OK", "", "<html><body>hello</body></html>"),
        Fault::WrongRoot => {
            page("200 OK", "", "<poc xmlns=\"http://www.arin.net/regrws/core/v1\"/>")
        }
        Fault::Gzip => page("200 OK", "Content-Encoding: gzip\r\n", "\u{1f}x"),
        Fault::Dtd => page("200 OK", "", "<!DOCTYPE net [<!ENTITY a \"a\">]><net/>"),
        Fault::Neither => {
            page("200 OK", "", "<ticketedRequest xmlns=\"http://www.arin.net/regrws/core/v1\"/>")
        }
        _ => page("200 OK", "", ""),
    }
}

/// Reads a whole request.
fn request(client: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8_lossy(&bytes[..end + 4]).into_owned();
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
            });
            let length: usize = length.unwrap_or(0);
            if bytes.len() >= end + 4 + length {
                return Some((head, bytes[end + 4..].to_vec()));
            }
        }
        match client.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
        }
    }
}
