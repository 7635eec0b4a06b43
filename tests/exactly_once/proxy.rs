//! A faulty line between swip and the registry: one request a connection, faults decided by a
//! seed, by turn or by rule. What it delivers is kept, so that nothing on the wire is forgotten.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use crate::answers;
use crate::fault::{ALL, Fault, READS, WRITES};

/// How long a late commit takes.
pub(crate) const LATE: Duration = Duration::from_millis(60);
/// Between two bytes of an answer that drips.
const DRIP: Duration = Duration::from_millis(100);

/// Which requests get which fault.
#[derive(Clone, Debug)]
pub(crate) enum Script {
    /// None.
    Clean,
    /// The nth write from 1 gets a fault.
    Writes(Vec<(u64, Fault)>),
    /// Each rule counts the requests that it speaks of.
    Rules(Vec<Rule>),
    /// The mix, decided by a seed.
    Mix(u64),
    /// So many thousandths of the writes are dropped after the commit.
    Storm(u64, u32),
    /// The first write is dropped after the commit, and so many reads of ranges fail.
    LostAndBlind(u64),
}

/// Which requests of a kind get a fault.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    /// Part of the request's first line.
    pub(crate) part: &'static str,
    /// From which such request, counted from 1.
    pub(crate) from: u64,
    /// How many.
    pub(crate) count: u64,
    pub(crate) fault: Fault,
}

/// One request as the line saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) at: Instant,
    /// When its answer had left: one that drips asks for nothing before that.
    pub(crate) answered: Instant,
    pub(crate) write: bool,
    pub(crate) path: String,
    pub(crate) body: String,
    pub(crate) fault: Option<Fault>,
    pub(crate) delivered: Vec<u8>,
    /// What the registry answered, whatever was delivered of it.
    pub(crate) upstream: Vec<u8>,
    /// Whether the key stood in the first line.
    pub(crate) key_in_line: bool,
    /// When the client was told to come back, if it was.
    pub(crate) pause: Option<Duration>,
}

impl Seen {
    /// Whether it creates a customer alone.
    pub(crate) fn is_customer(&self) -> bool {
        self.path.ends_with("/customer")
    }

    /// Whether the registry answered that it is done, whatever was delivered.
    pub(crate) fn is_done(&self) -> bool {
        self.upstream.starts_with(b"HTTP/1.1 200")
            && memchr::memmem::find(&self.upstream, b"handle>").is_some()
    }

    /// Whether it was refused for now: not acted upon, and no attempt.
    pub(crate) fn is_postponed(&self) -> bool {
        let says = |text: &str| memchr::memmem::find(&self.delivered, text.as_bytes()).is_some();
        says("E_TOO_MANY_REQUESTS") || says("E_OUTAGE") || says("E_AUTHENTICATION")
    }
}

pub(crate) struct Proxy {
    address: String,
    upstream: String,
    script: Script,
    over: AtomicBool,
    asked: Mutex<HashMap<String, u64>>,
    counts: Mutex<(u64, u64)>,
    ranges: AtomicU64,
    ruled: Mutex<Vec<u64>>,
    seen: Mutex<Vec<Seen>>,
    /// The process that asks, to be killed at its worst moment.
    pub(crate) victim: AtomicU32,
    /// Another row's answer.
    kept: Mutex<Vec<u8>>,
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
            ruled: Mutex::default(),
            seen: Mutex::default(),
            victim: AtomicU32::new(0),
            kept: Mutex::default(),
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
            answered: at,
            write,
            path: path.to_owned(),
            body: String::from_utf8_lossy(&body).into_owned(),
            fault,
            delivered: Vec::new(),
            upstream: Vec::new(),
            key_in_line: first.contains(crate::desk::KEY),
            pause: None,
        };
        let index = {
            let mut list = self.seen.lock().unwrap();
            list.push(seen.clone());
            list.len() - 1
        };
        let answer = self.carry_out(fault, &mut client, &head, &body, &mut seen);
        seen.delivered.clone_from(&answer);
        seen.answered = Instant::now();
        let pause = answers::asked_pause(&answer);
        self.seen.lock().unwrap()[index] = seen;
        if deliver(&mut client, fault, &answer).is_ok() {
            let seen = &mut self.seen.lock().unwrap()[index];
            (seen.answered, seen.pause) = (Instant::now(), pause);
        }
        if fault == Some(Fault::KillMidAnswer) {
            // What was delivered is read, or not, before the end.
            self.kill();
        }
        let _ = client.shutdown(Shutdown::Both);
    }

    /// Ends the process that asks, by SIGKILL.
    fn kill(&self) {
        let victim = i32::try_from(self.victim.swap(0, Ordering::SeqCst)).unwrap_or(0);
        if let Some(process) = rustix::process::Pid::from_raw(victim) {
            let _ = rustix::process::kill_process(process, rustix::process::Signal::KILL);
        }
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
        let mut forward = || {
            seen.upstream = self.forward(head, body);
            seen.upstream.clone()
        };
        match fault {
            None | Some(Fault::Slow | Fault::Drip | Fault::Bytes) => {
                let answer = forward();
                if seen.write {
                    self.kept.lock().unwrap().clone_from(&answer);
                }
                answer
            }
            Some(Fault::DropBefore) => Vec::new(),
            Some(Fault::DropAfter) => {
                forward();
                Vec::new()
            }
            Some(Fault::KillSeen) => {
                self.kill();
                Vec::new()
            }
            Some(Fault::KillBefore) => {
                self.kill();
                forward();
                Vec::new()
            }
            Some(Fault::KillAfter) => {
                forward();
                self.kill();
                Vec::new()
            }
            Some(Fault::ResetAfter) => cut(&forward(), 0, 9),
            Some(Fault::LateCommit) => {
                let _ = client.shutdown(Shutdown::Both);
                std::thread::sleep(LATE);
                forward();
                Vec::new()
            }
            Some(Fault::Silence) => {
                forward();
                // Until the client leaves.
                let _ = client.read(&mut [0; 16]);
                Vec::new()
            }
            Some(Fault::Truncated | Fault::ChunkCut | Fault::KillMidAnswer) => {
                shortened(&forward())
            }
            Some(Fault::OtherAnswer) => {
                forward();
                self.kept.lock().unwrap().clone()
            }
            Some(Fault::Twice) => forward().repeat(2),
            Some(Fault::Http10) => older(&forward()),
            Some(fault) => {
                if fault.commits() {
                    forward();
                }
                answers::instead(fault)
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
            Script::Rules(rules) => self.ruled(rules, first),
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

    /// The first rule whose turn it is.
    fn ruled(&self, rules: &[Rule], first: &str) -> Option<Fault> {
        let mut counts = self.ruled.lock().unwrap();
        counts.resize(rules.len(), 0);
        let mut found = None;
        for (rule, count) in rules.iter().zip(counts.iter_mut()) {
            if first.contains(rule.part) {
                *count += 1;
                if found.is_none() && (rule.from..rule.from + rule.count).contains(count) {
                    found = Some(rule.fault);
                }
            }
        }
        found
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

/// The first bytes of an answer.
fn cut(answer: &[u8], head: usize, part: usize) -> Vec<u8> {
    answer[..answer.len().min(head + part)].to_vec()
}

/// Sends what the client gets, in the way of the fault.
fn deliver(client: &mut TcpStream, fault: Option<Fault>, answer: &[u8]) -> std::io::Result<()> {
    match fault {
        Some(Fault::Slow) => {
            let half = answer.len() / 2;
            client.write_all(&answer[..half])?;
            std::thread::sleep(LATE);
            client.write_all(&answer[half..])
        }
        Some(Fault::Drip | Fault::Bytes) => {
            let wait = if fault == Some(Fault::Drip) { DRIP } else { Duration::ZERO };
            answer.iter().try_for_each(|byte| {
                client.write_all(&[*byte])?;
                std::thread::sleep(wait);
                Ok(())
            })
        }
        Some(Fault::Endless | Fault::EndlessHeaders) => {
            client.write_all(answer)?;
            loop {
                client.write_all(answers::MORE.repeat(1024).as_bytes())?;
            }
        }
        _ => client.write_all(answer),
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

/// An answer whose body breaks off; nothing at all where the registry itself left it without one.
fn shortened(answer: &[u8]) -> Vec<u8> {
    let body = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap_or(0) + 4;
    cut(answer, body, answer.len().saturating_sub(body) * 2 / 3)
}

/// An answer of HTTP/1.0, with bytes behind its end.
fn older(answer: &[u8]) -> Vec<u8> {
    (String::from_utf8_lossy(answer).replacen("HTTP/1.1", "HTTP/1.0", 1) + "more").into_bytes()
}
