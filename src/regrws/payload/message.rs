//! `message` (ARIN "Message Payload"), its attachments, and references to both.
//!
//! A message's id and date are in the messages namespace, a reference's id in core. Must not
//! know: the ticket or net they belong to.

use super::address::Lines;
use super::element::{codes, list, payload};

codes! {
    /// What a message is about.
    MessageCategory {
        /// `NONE`.
        None = "NONE",
        /// `JUSTIFICATION` of a request.
        Justification = "JUSTIFICATION",
    }
}

payload! {
    /// `attachment`: a file sent with a message.
    AttachmentPayload {
        /// The content in base64.
        data: String = "data",
        /// Name of the file.
        filename: String = "filename",
    }
}

list! {
    /// `attachments`.
    Attachments { attachment: AttachmentPayload = "attachment" }
}

payload! {
    /// `attachmentReference`: where a file of an answer can be fetched.
    AttachmentReference {
        /// Id for the call that fetches it; opaque.
        id: String = "attachmentId",
        /// Name of the file.
        filename: String = "attachmentFilename",
    }
}

list! {
    /// `attachmentReferences`.
    AttachmentReferences { reference: AttachmentReference = "attachmentReference" }
}

payload! {
    /// A message of a ticket. Id and date are the registry's and an error when sent.
    ///
    /// ```
    /// use swip::regrws::payload::{Lines, MessageCategory, MessagePayload, Payload};
    ///
    /// let message = MessagePayload {
    ///     subject: Some("Evidence".into()),
    ///     text: Lines::of(&["See the order."]),
    ///     category: Some(MessageCategory::Justification),
    ///     ..MessagePayload::default()
    /// };
    /// assert_eq!(MessagePayload::from_xml(message.to_xml().as_bytes())?, message);
    /// # Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    MessagePayload as "message" {
        /// Subject.
        subject: String = "subject",
        /// Text.
        text: Lines = "text",
        /// What it is about.
        category: MessageCategory = "category",
        /// Files sent with it.
        attachments: Attachments = "attachments",
        /// Files of an answer.
        attachment_references: AttachmentReferences = "attachmentReferences",
        /// Number within the ticket; the registry's.
        id: i64 = "m:messageId" / "m.messageId",
        /// Date; the registry's.
        created_at: String = "m:createdDate" / "m.createdDate",
    }
}

list! {
    /// `messages`.
    Messages { message: MessagePayload = "message" }
}

payload! {
    /// `messageReference`: a message of a ticket that was asked for by reference.
    MessageReference {
        /// Number within the ticket.
        id: i64 = "messageId",
        /// Its files.
        attachment_references: AttachmentReferences = "attachmentReferences",
    }
}

list! {
    /// `messageReferences`.
    MessageReferences { reference: MessageReference = "messageReference" }
}
