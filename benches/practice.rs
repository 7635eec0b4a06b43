//! Load on the practice registry: requests a second and latency with few and many nets loaded.
//!
//! One run measures both sizes, so that the ratio holds on any machine. Nine reads by range to
//! one reassignment, over keep-alive connections, the client in the same process.
#![expect(clippy::unwrap_used, reason = "a benchmark ends where it fails")]
#![expect(clippy::print_stdout, reason = "it prints what it measured")]

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use swip::practice::{KEY, PracticeOptions, StorePaths, start};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// Nets under one parent.
const SIZES: [u32; 2] = [100, 100_000];
/// Connections at a time.
const CONNECTIONS: u32 = 64;
/// Requests of one connection.
const REQUESTS: u32 = 400;
/// Each tenth request writes.
const WRITES: u32 = 10;

/// A state file with nets of 8 addresses, every second block free.
fn world(nets: u32) -> String {
    let mut text = String::from(
        r#"{"id":"bench","orgs":[{"handle":"EXAMPLE-1","orgName":"E","country":"US"}],"nets":[{"handle":"NET-10-0-0-0-1","netName":"TOP","type":"DA","range":"10.0.0.0/8","orgHandle":"EXAMPLE-1"}"#,
    );
    for index in 0..nets {
        let [a, b, c, d] = address(index * 2).octets();
        write!(
            text,
            ",\n{{\"handle\":\"NET-{a}-{b}-{c}-{d}-2\",\"netName\":\"N{index}\",\"type\":\"S\",\"range\":\"{a}.{b}.{c}.{d}/29\",\"parentNetHandle\":\"NET-10-0-0-0-1\",\"orgHandle\":\"EXAMPLE-1\"}}"
        )
        .unwrap();
    }
    text + "]}"
}

fn address(block: u32) -> std::net::Ipv4Addr {
    (0x0a00_0000 + block * 8).into()
}

fn read(index: u32, nets: u32) -> String {
    let first = address(index.wrapping_mul(7919) % nets * 2);
    let last = std::net::Ipv4Addr::from(u32::from(first) + 7);
    request("GET", &format!("mostSpecificNet/{first}/{last}"), "")
}

fn write(index: u32, nets: u32) -> String {
    let start = address((nets + index) * 2 + 1);
    let body = format!(
        "<net xmlns=\"http://www.arin.net/regrws/core/v1\"><netName>W</netName><netBlocks><netBlock><startAddress>{start}</startAddress><cidrLength>29</cidrLength></netBlock></netBlocks><customer><customerName>C</customerName><iso3166-1><code2>US</code2></iso3166-1><streetAddress><line number=\"0\">1 Main St</line></streetAddress><iso3166-2>VA</iso3166-2><postalCode>20190</postalCode></customer></net>"
    );
    request("PUT", "NET-10-0-0-0-1/reassign", &body)
}

fn request(method: &str, path: &str, body: &str) -> String {
    format!(
        "{method} /rest/net/{path} HTTP/1.1\r\nHost: x\r\nAuthorization: ApiKey {KEY}\r\nContent-Type: application/xml\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

async fn answer(stream: &mut BufReader<TcpStream>) {
    let (mut length, mut line) = (0, String::new());
    let mut first = true;
    loop {
        line.clear();
        stream.read_line(&mut line).await.unwrap();
        if std::mem::take(&mut first) {
            assert!(line.starts_with("HTTP/1.1 200"), "{line}");
        }
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
}

async fn client(address: SocketAddr, number: u32, nets: u32) -> Vec<Duration> {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut stream = BufReader::new(stream);
    let mut times = Vec::new();
    for index in number * REQUESTS..(number + 1) * REQUESTS {
        let text = if index % WRITES == 0 { write(index, nets) } else { read(index, nets) };
        let begin = Instant::now();
        stream.get_mut().write_all(text.as_bytes()).await.unwrap();
        answer(&mut stream).await;
        times.push(begin.elapsed());
    }
    times
}

/// Processor time of this process: client and registry together, which a busy machine leaves
/// alone. The kernel counts in hundredths of a second.
fn processor() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the name in brackets, which may hold blanks, fields 14 and 15 are the 12th and 13th.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_ascii_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

async fn measure(nets: u32) -> f64 {
    let directory = tempfile::tempdir().unwrap();
    let store = StorePaths::of(&directory.path().join("world.json"));
    std::fs::write(&store.snapshot, world(nets)).unwrap();
    let begin = Instant::now();
    let options = PracticeOptions { store: Some(store), ..PracticeOptions::default() };
    let practice = start(options).await.unwrap();
    let loaded = begin.elapsed();
    let address: SocketAddr = practice.url().trim_start_matches("http://").parse().unwrap();
    let (begin, before) = (Instant::now(), processor());
    let clients = (0..CONNECTIONS).map(|number| tokio::spawn(client(address, number, nets)));
    let mut times = Vec::new();
    for client in clients.collect::<Vec<_>>() {
        times.extend(client.await.unwrap());
    }
    let rate = times.len() as f64 / begin.elapsed().as_secs_f64();
    let busy = (processor() - before) / times.len() as u32;
    times.sort_unstable();
    let stop = Instant::now();
    practice.stop().unwrap();
    println!(
        "{nets:>7} nets: loaded in {loaded:.0?}, {rate:.0} requests/s, {busy:.0?} of processor time each, p50 {:.1?}, p99 {:.1?}, snapshot in {:.0?}",
        times[times.len() / 2],
        times[times.len() * 99 / 100],
        stop.elapsed()
    );
    rate
}

fn main() {
    // `cargo test --benches` only looks whether it builds and begins.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let rates = SIZES.map(|nets| runtime.block_on(measure(nets)));
    println!("rate with {} nets over rate with {}: {:.2}", SIZES[1], SIZES[0], rates[1] / rates[0]);
}
