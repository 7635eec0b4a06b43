//! Answers that stand in for the registry's, as proxies, portals and a registry in trouble give.

use std::net::TcpListener;
use std::sync::OnceLock;
use std::time::Duration;

use crate::fault::Fault;

/// What an answer without end goes on with.
pub(crate) const MORE: &str = "x-more: and more and more\r\n";
const CORE: &str = "http://www.arin.net/regrws/core/v1";

/// Where redirects point; nobody may come.
fn other_host() -> &'static TcpListener {
    static OTHER: OnceLock<TcpListener> = OnceLock::new();
    OTHER.get_or_init(|| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        listener
    })
}

/// How many followed a redirect so far.
pub(crate) fn visitors() -> usize {
    std::iter::from_fn(|| other_host().accept().ok()).count()
}

fn page(status: &str, extra: &str, text: &str) -> Vec<u8> {
    let length = text.len();
    format!("HTTP/1.1 {status}\r\nContent-Type: application/xml\r\n{extra}Content-Length: {length}\r\n\r\n{text}").into_bytes()
}

fn error(code: &str, message: &str) -> String {
    format!("<error xmlns=\"{CORE}\"><code>{code}</code><message>{message}</message></error>")
}

/// A refusal of Reg-RWS.
fn refusal(status: &str, code: &str, message: &str) -> Vec<u8> {
    page(status, "", &error(code, message))
}

/// "Too many requests", with what it says of when to come back.
fn too_many(headers: &str) -> Vec<u8> {
    page("429 Too Many Requests", headers, &error("E_TOO_MANY_REQUESTS", "at fault"))
}

/// The pause that an answer of the registry asks for; none where it is a date.
pub(crate) fn asked_pause(answer: &[u8]) -> Option<Duration> {
    let text = String::from_utf8_lossy(answer);
    let status = text.lines().next()?.split(' ').nth(1)?;
    if !matches!(status, "429" | "503") {
        return None;
    }
    let head = text.split("\r\n\r\n").next()?.to_lowercase();
    match head.lines().find_map(|line| line.strip_prefix("retry-after:")) {
        Some(seconds) => seconds.trim().parse().ok().map(Duration::from_secs),
        // Without a word, the client's own.
        None => (status == "429").then_some(Duration::from_secs(1)),
    }
}

/// The answer that stands in for the registry's.
pub(crate) fn instead(fault: Fault) -> Vec<u8> {
    let dates =
        "Date: Tue, 24 Nov 2015 10:00:00 GMT\r\nRetry-After: Tue, 24 Nov 2015 10:00:01 GMT\r\n";
    match fault {
        Fault::TooMany => too_many(""),
        Fault::TooManySeconds => too_many("Retry-After: 1\r\n"),
        Fault::TooManyDate => too_many(dates),
        Fault::Error500Before | Fault::Error500After => {
            refusal("500 Error", "E_UNSPECIFIED", "at fault")
        }
        Fault::Error503Before => page("503 Service Unavailable", "", "<html/>"),
        Fault::Error502After => page("502 Bad Gateway", "", "<html/>"),
        Fault::Redirect => {
            let other = other_host().local_addr().unwrap();
            page("307 Temporary Redirect", &format!("Location: http://{other}/\r\n"), "")
        }
        Fault::Html => page("200 OK", "", "<html><body>hello</body></html>"),
        Fault::WrongRoot => page("200 OK", "", &format!("<poc xmlns=\"{CORE}\"/>")),
        Fault::Gzip => page("200 OK", "Content-Encoding: gzip\r\n", "\u{1f}x"),
        Fault::Dtd => page("200 OK", "", "<!DOCTYPE net [<!ENTITY a \"a\">]><net/>"),
        Fault::Neither => page("200 OK", "", &format!("<ticketedRequest xmlns=\"{CORE}\"/>")),
        Fault::Endless => b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n\r\n".to_vec(),
        Fault::EndlessHeaders => b"HTTP/1.1 200 OK\r\n".to_vec(),
        Fault::Says(name) => named(name),
        _ => page("200 OK", "", ""),
    }
}

/// The answers that a rule asks for by name.
fn named(name: &str) -> Vec<u8> {
    const KEY: &str = "The API key specified was missing or invalid.";
    match name {
        "key-400" => refusal("400 Bad Request", "E_AUTHENTICATION", KEY),
        "401" => refusal("401 Unauthorized", "E_AUTHENTICATION", KEY),
        "403" => refusal("403 Forbidden", "E_ENTITY_VALIDATION", "The block cannot be reassigned."),
        "404" => refusal("404 Not Found", "E_OBJECT_NOT_FOUND", "The net is gone."),
        "405" => refusal("405 Method Not Allowed", "E_METHOD_NOT_ALLOWED", "Not here."),
        "413" => page("413 Content Too Large", "", "<html/>"),
        "schema" => refusal("400 Bad Request", "E_SCHEMA_VALIDATION", "Not by the schema."),
        "entity" => refusal("400 Bad Request", "E_ENTITY_VALIDATION", "=cmd() is no name."),
        "outage" => refusal("503 Service Unavailable", "E_OUTAGE", "In maintenance."),
        "429-plain" => too_many(""),
        "429-long" => too_many("Retry-After: 999999\r\n"),
        "429-zero" => too_many("Retry-After: 0\r\n"),
        "429-negative" => too_many("Retry-After: -1\r\n"),
        "429-soon" => too_many("Retry-After: soon\r\n"),
        "429-two" => too_many("Retry-After: 0\r\nRetry-After: 1\r\n"),
        "no-nets" => page("200 OK", "", &format!("<collection xmlns=\"{CORE}\"/>")),
        _ => page("200 OK", "", ""),
    }
}
