//! The border where errors of the HTTP crate, which may hold the URL, become ours, which never do.
//!
//! Owns what each proves and how it reads. Must not know: requests, the key.

use std::error::Error;
use std::io;

use super::wire::WireError;

/// Converts an error of the HTTP crate.
pub(super) fn converted(fault: &reqwest::Error) -> WireError {
    if fault.is_connect() {
        return WireError::NotSent(format!("cannot connect to the registry: {}", why(fault)));
    }
    if fault.is_builder() {
        return WireError::Refused("the request could not be built".to_owned());
    }
    if fault.is_timeout() {
        return WireError::NoAnswer("the time allowed for the answer ran out".to_owned());
    }
    WireError::NoAnswer("the connection ended before an answer came".to_owned())
}

/// Why there is no connection: from the innermost error that is known not to hold a URL.
fn why(fault: &reqwest::Error) -> String {
    let mut next: Option<&(dyn Error + 'static)> = fault.source();
    let mut found =
        if fault.is_timeout() { "it took too long" } else { "name or address" }.to_owned();
    while let Some(error) = next {
        if let Some(tls) = tls(error) {
            return format!("TLS: {tls}");
        }
        if let Some(io) = error.downcast_ref::<io::Error>() {
            found = io.kind().to_string();
        }
        next = error.source();
    }
    found
}

/// The TLS error inside an error; one of input and output does not show it as its source.
fn tls<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e rustls::Error> {
    match error.downcast_ref::<io::Error>() {
        Some(io) => tls(io.get_ref()?),
        None => error.downcast_ref(),
    }
}
