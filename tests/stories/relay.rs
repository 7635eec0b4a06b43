//! A line to a practice registry that a test holds in its hands: each request is seen, then passed
//! on, cut off or answered as the test decides. Its connections are kept alive, as ARIN's are.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What becomes of a request.
#[derive(Clone, Debug)]
pub(crate) enum Does {
    /// It is passed on and answered.
    Pass,
    /// It is read whole, and the connection closed without an answer.
    Cut,
    /// It is passed on, so it happens, and the connection closed without an answer.
    PassAndCut,
    /// It is answered here: status, more headers, body.
    Say(u16, String, String),
}

impl Does {
    /// An error in the registry's own form.
    pub(crate) fn refuse(status: u16, code: &str) -> Self {
        let body = format!(
            "<error xmlns=\"http://www.arin.net/regrws/core/v1\"><additionalInfo/><code>{code}</code><components/><message>said by the test</message></error>"
        );
        Self::Say(status, String::new(), body)
    }
}

/// A request as it was seen.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: String,
    /// Its number among the requests of the registry's protocol, from 1.
    pub(crate) nth: usize,
    /// Its number among those that are no reads, from 1; of a read that of the last write.
    pub(crate) write: usize,
    /// Its number on its connection, from 1.
    pub(crate) on_connection: usize,
}

impl Asked {
    pub(crate) fn writes(&self) -> bool {
        self.method != "GET"
    }
}

type Decide = dyn Fn(&Asked) -> Does + Send + Sync;

pub(crate) struct Relay {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Asked>>>,
}

impl Relay {
    pub(crate) fn start(
        upstream: &str,
        decide: impl Fn(&Asked) -> Does + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let upstream = upstream.trim_start_matches("http://").to_owned();
        let seen: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (decide, log): (Arc<Decide>, _) = (Arc::new(decide), Arc::clone(&seen));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (upstream, decide, log) =
                    (upstream.clone(), Arc::clone(&decide), Arc::clone(&log));
                std::thread::spawn(move || serve(stream, &upstream, decide.as_ref(), &log));
            }
        });
        Self { url, seen }
    }

    /// Every request so far.
    pub(crate) fn seen(&self) -> Vec<Asked> {
        self.seen.lock().unwrap().clone()
    }

    /// Those that are no reads.
    pub(crate) fn writes(&self) -> Vec<Asked> {
        self.seen().into_iter().filter(Asked::writes).collect()
    }
}

/// Serves a connection for as long as it is kept.
fn serve(mut stream: TcpStream, upstream: &str, decide: &Decide, log: &Mutex<Vec<Asked>>) {
    let mut on_connection = 0;
    while let Some((head, body)) = request(&mut stream) {
        on_connection += 1;
        let mut words = head.split(' ');
        let (method, path) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
        if !path.starts_with("/rest") {
            // About the practice registry itself: no request of the protocol.
            if stream.write_all(&passed(upstream, &head, &body)).is_err() {
                return;
            }
            continue;
        }
        let asked = {
            let mut log = log.lock().unwrap();
            let writes = log.last().map_or(0, |asked| asked.write);
            let asked = Asked {
                method: method.to_owned(),
                path: path.to_owned(),
                body: String::from_utf8_lossy(&body).into_owned(),
                nth: log.len() + 1,
                write: writes + usize::from(method != "GET"),
                on_connection,
            };
            log.push(asked.clone());
            asked
        };
        let answer = match decide(&asked) {
            Does::Pass => passed(upstream, &head, &body),
            Does::Cut => return,
            Does::PassAndCut => {
                passed(upstream, &head, &body);
                return;
            }
            Does::Say(status, headers, body) => {
                let length = body.len();
                format!("HTTP/1.1 {status} Said\r\ncontent-type: application/xml\r\n{headers}content-length: {length}\r\n\r\n{body}").into_bytes()
            }
        };
        if stream.write_all(&answer).is_err() {
            return;
        }
    }
}

/// A whole request: its head and its body.
fn request(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut part = [0; 8192];
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end + 2]).into_owned();
            let length: usize = head
                .lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                .map_or(0, |(_, length)| length.trim().parse().unwrap());
            while bytes.len() < end + 4 + length {
                match stream.read(&mut part).ok()? {
                    0 => return None,
                    read => bytes.extend_from_slice(&part[..read]),
                }
            }
            return Some((head, bytes[end + 4..].to_vec()));
        }
        match stream.read(&mut part).ok()? {
            0 => return None,
            read => bytes.extend_from_slice(&part[..read]),
        }
    }
}

/// The registry's answer, without its word about the connection.
fn passed(upstream: &str, head: &str, body: &[u8]) -> Vec<u8> {
    let Ok(mut stream) = TcpStream::connect(upstream) else { return Vec::new() };
    let mut bytes = format!("{head}connection: close\r\n\r\n").into_bytes();
    bytes.extend_from_slice(body);
    let mut answer = Vec::new();
    if stream.write_all(&bytes).is_err() || stream.read_to_end(&mut answer).is_err() {
        return Vec::new();
    }
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(0);
    let kept: Vec<String> = String::from_utf8_lossy(&answer[..end])
        .lines()
        .filter(|line| !line.to_ascii_lowercase().starts_with("connection:"))
        .map(str::to_owned)
        .collect();
    let mut whole = kept.join("\r\n").into_bytes();
    whole.extend_from_slice(&answer[end..]);
    whole
}
