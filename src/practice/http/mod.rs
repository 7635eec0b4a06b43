//! The sockets: loopback connections, HTTP/1.1, caps on what a client may send.
//!
//! Owns reading a request, the order fault → commit → answer, and sending. Must not know: what a
//! request means.

mod body;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::sleep;

use super::answer::Refusal;
use super::faults::disturb::{Delivery, Disturbed, disturb, received};
use super::faults::{Fault, Phase};
use super::request::Asked;
use super::service::{Answered, Arrival, Service};
use body::Answer;
use wire::{Ending, Wire};

/// Largest body that is read: a message with a few attachments.
pub(super) const BODY_MAX_BYTES: usize = 4 * 1024 * 1024;
/// Largest request line and headers together.
const HEAD_MAX_BYTES: usize = 32 * 1024;
/// Most header fields.
const HEADERS_MAX: usize = 64;
/// Time a client has for its request line and headers.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// Time a client has for its body.
const BODY_TIME: Duration = Duration::from_secs(30);
/// Most connections at a time; others wait.
const CONNECTIONS_MAX: usize = 1024;
/// Pause after a connection could not be taken, as when there are no more file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// How long after its request a late commit follows, unless its rule says otherwise.
const LATE: Duration = Duration::from_secs(1);

/// The connection ends without an answer, on purpose.
#[derive(Debug, thiserror::Error)]
#[error("the connection ends without an answer")]
struct Dropped;

/// Accepts connections for ever.
pub(super) async fn accept(listener: TcpListener, service: Arc<Service>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let service = Arc::clone(&service);
        tokio::spawn(async move {
            connection(stream, service).await;
            drop(place);
        });
    }
}

async fn connection(stream: TcpStream, service: Arc<Service>) {
    // An answer waits for nothing.
    let _ = stream.set_nodelay(true);
    let ending = Ending::default();
    let wire = Wire::new(stream, ending.clone());
    let handle = service_fn(move |request| respond(Arc::clone(&service), ending.clone(), request));
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .half_close(true) // who has said all still listens
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEAD_MAX_BYTES);
    // A client that goes away is no fault of ours, and faults end connections on purpose.
    let _ = http.serve_connection(TokioIo::new(wire), handle).await;
}

async fn respond(
    service: Arc<Service>,
    ending: Ending,
    request: Request<Incoming>,
) -> Result<Response<Answer>, Dropped> {
    let (head, body) = request.into_parts();
    let mut asked = asked(&head);
    match tokio::time::timeout(BODY_TIME, Limited::new(body, BODY_MAX_BYTES).collect()).await {
        Ok(Ok(body)) => asked.body = body.to_bytes().to_vec(),
        Ok(Err(fault)) if fault.is::<http_body_util::LengthLimitError>() => {
            let message = format!("The body is larger than {BODY_MAX_BYTES} bytes.");
            let refused = Answered::from(Refusal::new(413, "E_BAD_REQUEST", message));
            let arrival = service.arrive(&asked).ok_or(Dropped)?;
            service.note(&arrival, &asked, None, &refused);
            return Ok(response(refused.into()));
        }
        _ => return Err(Dropped), // Half a request: nothing is done.
    }
    if let Some(answered) = service.about(&asked) {
        return Ok(response(answered.into()));
    }
    let disturbed = exchange(&service, asked).await?;
    match disturbed.delivery {
        Delivery::Drop => Err(Dropped),
        Delivery::Reset => {
            ending.reset();
            Err(Dropped)
        }
        _ => Ok(response(disturbed)),
    }
}

/// One exchange: arrival, fault, commit, ledger.
async fn exchange(service: &Arc<Service>, asked: Asked) -> Result<Disturbed, Dropped> {
    let arrival = service.arrive(&asked).ok_or(Dropped)?;
    if let Some(latency) = service.behaviour().latency {
        sleep(latency).await;
    }
    if let Some(wait) = arrival.too_many {
        let refused = Answered::from(super::faults::disturb::too_many());
        service.note(&arrival, &asked, Some("rate"), &refused);
        let headers = vec![("retry-after", wait.to_string())];
        return Ok(Disturbed { answered: refused, headers, ..Disturbed::default() });
    }
    let fault = arrival.fault.map(|(fault, _)| fault);
    let asked = received(fault, asked);
    if fault.is_some_and(|fault| fault.phase() == Phase::Late) {
        let service = Arc::clone(service);
        tokio::spawn(async move { late(&service, arrival, &asked).await });
        return Err(Dropped);
    }
    Ok(performed(service, &arrival, &asked).await)
}

async fn performed(service: &Service, arrival: &Arrival, asked: &Asked) -> Disturbed {
    let answered = service.perform(asked, arrival.fault.map(|(fault, _)| fault));
    let disturbed = match arrival.fault {
        Some((fault, delay)) => disturb(fault, delay, asked, service.durable(answered).await),
        None => service.durable(answered).await.into(),
    };
    let fault = arrival.fault.map(|(fault, _)| fault.name());
    service.note(arrival, asked, fault, &disturbed.answered);
    disturbed
}

/// The commit that follows when the client has given up.
async fn late(service: &Service, arrival: Arrival, asked: &Asked) {
    let delay = arrival.fault.and_then(|(_, delay)| delay);
    sleep(delay.unwrap_or(LATE)).await;
    let answered = service.perform(asked, Some(Fault::LateCommit));
    let answered = Answered { status: 0, ..service.durable(answered).await };
    service.note(&arrival, asked, Some(Fault::LateCommit.name()), &answered);
}

fn asked(head: &Parts) -> Asked {
    let header = |name: &str| Some(head.headers.get(name)?.to_str().ok()?.to_owned());
    Asked {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        authorization: header("authorization"),
        content_type: header("content-type"),
        accept: header("accept"),
        body: Vec::new(),
    }
}

fn response(disturbed: Disturbed) -> Response<Answer> {
    let Disturbed { answered, headers, delivery } = disturbed;
    let mut response = Response::new(Answer::new(answered.body, delivery));
    *response.status_mut() = StatusCode::from_u16(answered.status).unwrap_or_default();
    let fields = response.headers_mut();
    fields.insert(CONTENT_TYPE, HeaderValue::from_static(answered.content_type));
    let disposition = answered.disposition.and_then(|text| HeaderValue::from_str(&text).ok());
    if let Some(disposition) = disposition {
        fields.insert(CONTENT_DISPOSITION, disposition);
    }
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            fields.insert(HeaderName::from_static(name), value);
        }
    }
    response
}
