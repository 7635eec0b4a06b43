//! How the key travels: over TLS that is new enough, to the named host alone, never further.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::desk::{Desk, code};

/// A key that could be a real one.
const KEY: &str = "API-0123-4567-89AB-CDEF";
const NET: &str = "NET-192-0-2-0-1";
const ANSWER: &str =
    "<net xmlns=\"http://www.arin.net/regrws/core/v1\"><handle>NET-192-0-2-0-1</handle></net>";
/// TLS record types, and the alert that says that a version is refused (RFC 8446, 5.1 and 6).
const HANDSHAKE: u8 = 22;
const ALERT: u8 = 21;
const PROTOCOL_VERSION: u8 = 70;

fn certificate(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls").join(name)
}

/// Listens on loopback; the port is in the address.
fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

/// Reads a request's head and answers; gives the head back.
fn answered(stream: impl Read + Write, answer: &str) -> String {
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).unwrap_or(0) == 0 {
            return head;
        }
    }
    // A client may have seen enough.
    let _ = stream.get_mut().write_all(answer.as_bytes());
    let _ = stream.get_mut().flush();
    head
}

fn http(status: &str, header: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/xml\r\nContent-Length: {length}\r\n{header}Connection: close\r\n\r\n{body}"
    )
}

/// A registry behind TLS with a certificate, for one connection: its address, and the head of the
/// request that came through.
fn registry(name: &str) -> (String, JoinHandle<String>) {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let pem = certificate(&format!("{name}.pem"));
    let key = PrivateKeyDer::from_pem_file(certificate(&format!("{name}.key"))).unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from_pem_file(pem).unwrap()], key)
        .unwrap();
    let (listener, address) = listen();
    let server = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let tls = ServerConnection::new(Arc::new(config)).unwrap();
        answered(StreamOwned::new(tls, stream), &http("200 OK", "", ANSWER))
    });
    (format!("https://{address}"), server)
}

/// `swip registry net get` with roots: exit code and what it said.
fn get(url: &str, roots: &Path) -> (i32, String) {
    let desk = Desk::new();
    let roots = roots.display().to_string();
    let args = ["registry", "--registry", url, "--ca-file", &roots, "net", "get", NET];
    let said = desk.command(&args).env("SWIP_API_KEY", KEY).output().unwrap();
    let told = [said.stdout.as_slice(), &said.stderr].concat();
    (code(&said), String::from_utf8_lossy(&told).into_owned())
}

#[test]
fn a_private_root_is_trusted_when_it_is_given() {
    let (url, server) = registry("here");
    let (code, told) = get(&url, &certificate("authority.pem"));
    assert_eq!(code, 0, "{told}");
    let head = server.join().unwrap().to_ascii_lowercase();
    let key = KEY.to_ascii_lowercase();
    assert!(head.contains(&format!("authorization: apikey {key}")), "{head}");
    assert!(!head.lines().next().unwrap().contains(&key), "not in the path");
}

#[test]
fn a_server_that_is_not_who_it_should_be_gets_nothing() {
    for (name, roots) in [("here", "stranger.pem"), ("elsewhere", "authority.pem")] {
        let (url, server) = registry(name);
        let (code, told) = get(&url, &certificate(roots));
        assert_eq!(code, 8, "{name}: {told}");
        assert!(
            told.contains("not sent") && told.contains("TLS: invalid peer certificate"),
            "{name}: {told}"
        );
        assert_eq!(server.join().unwrap(), "", "{name}: something was sent");
        assert!(!told.contains(KEY), "{told}");
    }
}

#[test]
fn a_file_without_roots_is_told_before_anything_is_sent() {
    let desk = Desk::new();
    let (listener, address) = listen();
    let url = format!("https://{address}");
    for (file, why) in [("plan.csv", "holds no PEM certificate"), ("none.pem", "No such file")] {
        let (code, told) = get(&url, &desk.path(file));
        assert!(code == 2 && told.contains(why) && told.contains(file), "{code}: {told}");
    }
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "a connection was made");
}

/// One TLS record: its type and content.
fn record(stream: &mut TcpStream) -> (u8, Vec<u8>) {
    let mut head = [0; 5];
    stream.read_exact(&mut head).unwrap();
    let mut content = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
    stream.read_exact(&mut content).unwrap();
    (head[0], content)
}

/// A server that speaks TLS 1.1: it answers the greeting with that version. No library does so
/// any more, so the record is written out: version, 32 bytes at random, no session, a cipher
/// suite that the client offered or not, no compression.
#[test]
fn tls_below_1_2_is_refused() {
    let (listener, address) = listen();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (kind, hello) = record(&mut stream);
        assert_eq!(kind, HANDSHAKE);
        let body = [&[3, 2][..], &[7; 32], &[0], &[0xc0, 0x09], &[0]].concat();
        let length = u8::try_from(body.len()).unwrap();
        let message = [&[2, 0, 0, length][..], &body].concat();
        let whole = [&[HANDSHAKE, 3, 2, 0, length + 4][..], &message].concat();
        stream.write_all(&whole).unwrap();
        let refusal = record(&mut stream);
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        (hello, refusal, rest)
    });
    let (code, told) = get(&format!("https://{address}"), &certificate("authority.pem"));
    assert!(code == 8 && told.contains("not sent"), "{code}: {told}");
    let (hello, (kind, alert), rest) = server.join().unwrap();
    assert_eq!((kind, alert.get(1)), (ALERT, Some(&PROTOCOL_VERSION)), "{alert:?}");
    assert!(rest.is_empty(), "{rest:?}");
    // Extension 43, supported versions: 1.3 and 1.2 and no other.
    let offered = [0, 43, 0, 5, 4, 3, 4, 3, 3];
    assert!(hello.windows(offered.len()).any(|window| window == offered), "{hello:?}");
}

#[test]
fn a_redirect_is_not_followed_and_the_key_goes_no_further() {
    let desk = Desk::new();
    let body = "<net xmlns=\"http://www.arin.net/regrws/core/v1\"><netBlocks><netBlock><startAddress>192.0.2.8</startAddress><cidrLength>29</cidrLength></netBlock></netBlocks></net>";
    std::fs::write(desk.path("net.xml"), body).unwrap();
    let (other, beyond) = listen();
    other.set_nonblocking(true).unwrap();
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent"]
    {
        for (args, expected) in
            [(&["net", "get", NET][..], 8), (&["net", "reassign", NET, "net.xml"], 5)]
        {
            let (listener, address) = listen();
            let answer = http(status, &format!("Location: http://{beyond}/rest/net/{NET}\r\n"), "");
            let server = std::thread::spawn(move || {
                let (stream, _) = listener.accept().unwrap();
                answered(stream, &answer)
            });
            let url = format!("http://{address}");
            let args = [&["registry", "--registry", &url], args].concat();
            let said = desk.command(&args).env("SWIP_API_KEY", KEY).output().unwrap();
            let told = String::from_utf8_lossy(&said.stderr).into_owned();
            assert_eq!(code(&said), expected, "{status}: {told}");
            assert!(told.contains("redirects to 127.0.0.1, which is not followed"), "{told}");
            assert!(!told.contains(KEY), "{told}");
            assert!(server.join().unwrap().contains(KEY), "the named host has the key");
            assert!(other.accept().is_err(), "{status} was followed");
        }
    }
}
