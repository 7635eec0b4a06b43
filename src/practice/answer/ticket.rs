//! `<ticket>`, `<message>` and lists of them.
//!
//! Owns the three forms of a ticket: with messages, with references, without either. Must not
//! know: when a ticket is resolved.

use crate::practice::world::{AttachmentRecord, MessageRecord, TicketRecord};
use crate::practice::xml::writer::Writer;

/// How much of a ticket's messages is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::practice) enum Detail {
    /// Whole, attachments included.
    Messages,
    /// Numbers of messages and attachments.
    References,
    /// Nothing.
    Summary,
}

fn inner(w: &mut Writer, ticket: &TicketRecord, detail: Detail) {
    w.some("closedDate", ticket.closed_date.as_deref());
    w.leaf("createdDate", &ticket.created_date);
    // The newest first, as the real service lists them.
    let messages = ticket.messages.iter().rev();
    match detail {
        _ if ticket.messages.is_empty() => {}
        Detail::Summary => {}
        Detail::Messages => w.nest("messages", |w| {
            messages.for_each(|m| w.nest("message", |w| message_inner(w, m, true)));
        }),
        Detail::References => w.nest("messageReferences", |w| {
            messages.for_each(|m| {
                w.nest("messageReference", |w| {
                    references(w, &m.attachments);
                    w.leaf("messageId", &m.message_id.to_string());
                });
            });
        }),
    }
    w.some("ns3:orgHandle", ticket.org_handle.as_deref());
    w.some("resolvedDate", ticket.resolved_date.as_deref());
    w.some("ns3:shared", ticket.org_handle.as_ref().map(|_| "true"));
    w.leaf("ticketNo", &ticket.ticket_no);
    w.leaf("updatedDate", &ticket.updated_date);
    w.some("webTicketResolution", ticket.resolution.as_deref());
    w.leaf("webTicketStatus", &ticket.status);
    w.leaf("webTicketType", &ticket.kind);
}

fn references(w: &mut Writer, attachments: &[AttachmentRecord]) {
    if attachments.is_empty() {
        return;
    }
    w.nest("attachmentReferences", |w| {
        for attachment in attachments {
            w.nest("attachmentReference", |w| {
                w.leaf("attachmentFilename", &attachment.filename);
                w.leaf("attachmentId", &attachment.id);
            });
        }
    });
}

fn message_inner(w: &mut Writer, message: &MessageRecord, whole: bool) {
    if !whole {
        references(w, &message.attachments);
    } else if !message.attachments.is_empty() {
        w.nest("attachments", |w| {
            for attachment in &message.attachments {
                w.nest("attachment", |w| {
                    w.leaf("data", &attachment.data);
                    w.leaf("filename", &attachment.filename);
                });
            }
        });
    }
    w.leaf("category", &message.category);
    w.leaf("ns2:createdDate", &message.created_date);
    w.leaf("ns2:messageId", &message.message_id.to_string());
    w.some("subject", message.subject.as_deref());
    w.lines("text", &message.text);
}

/// `<ticketedRequest>` with a ticket.
pub(in crate::practice) fn requested(ticket: &TicketRecord) -> String {
    Writer::ticketed("ticketedRequest", |w| {
        w.nest("ticket", |w| inner(w, ticket, Detail::Summary));
    })
}

/// `<ticket>`.
pub(in crate::practice) fn ticket(ticket: &TicketRecord, detail: Detail) -> String {
    Writer::ticketed("ticket", |w| inner(w, ticket, detail))
}

/// `<collection>` of tickets.
pub(in crate::practice) fn list(tickets: &[&TicketRecord], detail: Detail) -> String {
    Writer::ticketed("collection", |w| {
        tickets.iter().for_each(|ticket| w.nest("ticket", |w| inner(w, ticket, detail)));
    })
}

/// `<message>` with references to its attachments.
pub(in crate::practice) fn message(message: &MessageRecord) -> String {
    Writer::ticketed("message", |w| message_inner(w, message, false))
}
