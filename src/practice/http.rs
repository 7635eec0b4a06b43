//! The sockets: loopback connections, HTTP/1.1, caps on what a client may send.
//!
//! Owns reading a request and sending an answer. Must not know: what a request means.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use hyper::http::request::Parts;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::answer::Refusal;
use super::request::Asked;
use super::service::{Answered, Service};

/// Largest body that is read: a message with a few attachments.
const BODY_MAX_BYTES: usize = 4 * 1024 * 1024;

/// Accepts connections for ever.
pub(super) async fn accept(listener: TcpListener, service: Arc<Service>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let service = Arc::clone(&service);
        tokio::spawn(async move {
            let handle = service_fn(move |request| respond(Arc::clone(&service), request));
            let connection = hyper::server::conn::http1::Builder::new();
            // A client that goes away is no fault of ours.
            let _ = connection.serve_connection(TokioIo::new(stream), handle).await;
        });
    }
}

async fn respond(
    service: Arc<Service>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let asked = asked(&head);
    if let Some(what) = asked.path.strip_prefix("/_practice/") {
        return Ok(response(about(&service, what)));
    }
    let Ok(body) = Limited::new(body, BODY_MAX_BYTES).collect().await else {
        let message = format!("The body is larger than {BODY_MAX_BYTES} bytes.");
        return Ok(response(Refusal::new(413, "E_BAD_REQUEST", message).into()));
    };
    let asked = Asked { body: body.to_bytes().to_vec(), ..asked };
    let arrival = service.arrive();
    let answered = service.perform(&asked, false);
    service.note(arrival, &asked, None, &answered);
    Ok(response(answered))
}

fn about(service: &Service, what: &str) -> Answered {
    match what {
        "world" => service.world_json(),
        "ledger" => service.ledger_text(),
        _ => Refusal::not_found("page").into(),
    }
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

fn response(answered: Answered) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(answered.body));
    *response.status_mut() = StatusCode::from_u16(answered.status).unwrap_or_default();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(answered.content_type));
    let disposition = answered.disposition.and_then(|text| HeaderValue::from_str(&text).ok());
    if let Some(disposition) = disposition {
        headers.insert(CONTENT_DISPOSITION, disposition);
    }
    response
}
