//! Payloads of every kind, drawn from a list of numbers; an empty list draws the smallest.

use super::super::element::Element;
use super::super::*;
use crate::domain::{Family, NetType, PocFunction};

/// Texts that XML makes hard, each in one piece.
const PIECES: [&str; 16] = [
    "a",
    "Z9",
    "&",
    "<",
    ">",
    "\"",
    "'",
    "]]>",
    "<![CDATA[",
    "&amp;",
    "&#1;",
    " ",
    "-",
    "</net>",
    "\t",
    "\\",
];
/// Letters that comments may hold beside ASCII.
const ACCENTED: [&str; 6] = ["é", "Ü", "ñ", "œ", "Ș", "ạ"];

/// A source of choices.
pub(super) struct Draw<'n> {
    numbers: std::slice::Iter<'n, u32>,
}

impl<'n> Draw<'n> {
    pub(super) fn new(numbers: &'n [u32]) -> Self {
        Self { numbers: numbers.iter() }
    }

    fn below(&mut self, limit: usize) -> usize {
        self.numbers.next().map_or(0, |number| *number as usize % limit)
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    /// A text that is not blank.
    fn text(&mut self) -> String {
        let pieces = self.below(7);
        let text: String = (0..pieces).map(|_| self.pick(&PIECES)).collect();
        if text.trim().is_empty() { "x".to_owned() } else { text }
    }

    fn some<T: Element>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.below(2) == 1).then(|| make(self)).filter(|made| !made.is_absent())
    }

    fn maybe(&mut self) -> Option<String> {
        self.some(Self::text)
    }

    fn members<T: Element, L: From<Vec<T>> + Element>(
        &mut self,
        make: impl Fn(&mut Self) -> T,
    ) -> Option<L> {
        let count = self.below(4);
        let members: Vec<T> =
            (0..count).map(|_| make(self)).filter(|made| !made.is_absent()).collect();
        (!members.is_empty()).then(|| L::from(members))
    }

    /// Lines with accented letters, empty ones between.
    fn lines(&mut self) -> Lines {
        let count = self.below(4);
        let mut line: Vec<Line> = (0..count)
            .map(|_| {
                let text = if self.below(4) == 0 { String::new() } else { self.text() };
                let accented = self.pick(&ACCENTED);
                let text = if self.below(2) == 0 { text } else { format!("{text}{accented}") };
                Line { number: i64::try_from(self.below(9)).unwrap() - 2, text }
            })
            .collect();
        line.push(Line { number: 9, text: self.text() });
        Lines { line }
    }

    fn country(&mut self) -> CountryPayload {
        CountryPayload {
            code2: self.maybe(),
            code3: self.maybe(),
            e164: self.maybe(),
            name: self.maybe(),
        }
    }

    pub(super) fn customer(&mut self) -> CustomerPayload {
        CustomerPayload {
            name: self.maybe(),
            country: self.some(Self::country),
            street: self.some(Self::lines),
            city: self.maybe(),
            state: self.maybe(),
            postal_code: self.maybe(),
            comment: self.some(Self::lines),
            private: self.some(|draw| draw.below(2) == 1),
            handle: self.maybe(),
            parent_org: self.maybe(),
            registered_at: self.maybe(),
        }
    }

    fn link(&mut self) -> PocLink {
        let function = self.pick(&PocFunction::ALL);
        let description = self.maybe();
        PocLink { description, ..PocLink::new(self.text(), function) }
    }

    pub(super) fn org(&mut self) -> OrgPayload {
        let by_reference = self.below(2) == 0;
        OrgPayload {
            name: self.maybe(),
            dba_name: self.maybe(),
            tax_id: self.maybe(),
            rwhois: self.maybe(),
            country: self.some(Self::country),
            street: self.some(Self::lines),
            city: self.maybe(),
            state: self.maybe(),
            postal_code: self.maybe(),
            comment: self.some(Self::lines),
            poc_links: self.members(Self::link),
            accepts: self.some(|draw| draw.below(2) == 1),
            messages: self.members(Self::message).filter(|_| !by_reference),
            message_references: self.members(Self::reference).filter(|_| by_reference),
            handle: self.maybe(),
            registered_at: self.maybe(),
        }
    }

    pub(super) fn phone(&mut self) -> PhonePayload {
        PhonePayload {
            number: Some(self.text()),
            extension: self.maybe(),
            kind: self.some(|draw| PhoneType {
                code: draw
                    .some(|d| d.pick(&[PhoneKind::Office, PhoneKind::Fax, PhoneKind::Mobile])),
                description: draw.maybe(),
            }),
        }
    }

    pub(super) fn poc(&mut self) -> PocPayload {
        PocPayload {
            contact_type: self.some(|draw| draw.pick(&[ContactType::Person, ContactType::Role])),
            first_name: self.maybe(),
            middle_name: self.maybe(),
            last_name: self.maybe(),
            company: self.maybe(),
            country: self.some(Self::country),
            street: self.some(Self::lines),
            city: self.maybe(),
            state: self.maybe(),
            postal_code: self.maybe(),
            emails: self.members(Self::text),
            phones: self.members(Self::phone),
            comment: self.some(Self::lines),
            handle: self.maybe(),
            registered_at: self.maybe(),
            modified_at: self.maybe(),
        }
    }

    fn block(&mut self) -> NetBlock {
        NetBlock {
            kind: self.some(|draw| NetType::from(draw.pick(&["S", "A", "DA", "RD"]).to_owned())),
            description: self.maybe(),
            start: Some(self.text()),
            end: self.maybe(),
            length: self.some(|draw| u8::try_from(draw.below(129)).unwrap()),
        }
    }

    pub(super) fn net(&mut self) -> NetPayload {
        let by_reference = self.below(2) == 0;
        NetPayload {
            version: self.some(|draw| IpVersion(draw.pick(&[Family::V4, Family::V6]))),
            comment: self.some(Self::lines),
            net_blocks: self.members(Self::block),
            customer: self.some(Self::customer),
            customer_handle: self.maybe(),
            org_handle: self.maybe(),
            parent: self.maybe(),
            net_name: self.maybe(),
            poc_links: self.members(Self::link),
            origin_ases: self.members(Self::text),
            messages: self.members(Self::message).filter(|_| !by_reference),
            message_references: self.members(Self::reference).filter(|_| by_reference),
            handle: self.maybe(),
            registered_at: self.maybe(),
        }
    }

    fn attachment_reference(&mut self) -> AttachmentReference {
        AttachmentReference { id: Some(self.text()), filename: Some(self.text()) }
    }

    pub(super) fn message(&mut self) -> MessagePayload {
        let by_reference = self.below(2) == 0;
        let attachment =
            |draw: &mut Self| AttachmentPayload { data: draw.maybe(), filename: draw.maybe() };
        MessagePayload {
            subject: Some(self.text()),
            text: self.some(Self::lines),
            category: self
                .some(|draw| draw.pick(&[MessageCategory::None, MessageCategory::Justification])),
            attachments: self.members(attachment).filter(|_| !by_reference),
            attachment_references: self
                .members(Self::attachment_reference)
                .filter(|_| by_reference),
            id: self.some(|draw| i64::try_from(draw.below(99)).unwrap()),
            created_at: self.maybe(),
        }
    }

    fn reference(&mut self) -> MessageReference {
        MessageReference {
            id: Some(i64::try_from(self.below(99)).unwrap()),
            attachment_references: self.members(Self::attachment_reference),
        }
    }

    pub(super) fn ticket(&mut self) -> TicketPayload {
        let by_reference = self.below(2) == 0;
        TicketPayload {
            number: self.maybe(),
            kind: self.some(|draw| draw.pick(&["ORG_CREATE", "TRANSFER_SOURCE_83"]).into()),
            status: self.some(|draw| draw.pick(&["CLOSED", "ASSIGNED"]).into()),
            resolution: self.some(|draw| draw.pick(&["OTHER", "DENIED"]).into()),
            created_at: self.maybe(),
            updated_at: self.maybe(),
            resolved_at: self.maybe(),
            closed_at: self.maybe(),
            flagged: self.maybe(),
            shared: self.some(|draw| draw.below(2) == 1),
            org_handle: self.maybe(),
            messages: self.members(Self::message).filter(|_| !by_reference),
            message_references: self.members(Self::reference).filter(|_| by_reference),
        }
    }

    pub(super) fn delegation(&mut self) -> DelegationPayload {
        let ttl = |draw: &mut Self| u32::try_from(draw.below(1 << 20)).unwrap();
        let named = |draw: &mut Self| NamedCode { code: draw.maybe(), name: draw.maybe() };
        DelegationPayload {
            name: self.maybe(),
            nameservers: self
                .members(|draw| Nameserver { name: Some(draw.text()), ttl: draw.some(ttl) }),
            keys: self.members(|draw| DelegationKey {
                algorithm: draw.some(named),
                digest: draw.maybe(),
                digest_type: draw.some(named),
                key_tag: draw.maybe(),
                ttl: draw.some(ttl),
            }),
        }
    }
}
