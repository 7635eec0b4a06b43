//! What each rule means, where it comes from, and how to fix it.
//!
//! Owns the texts. Must not know: how a rule is judged, or how a text is laid out.

use crate::domain::Rule;

/// What there is to say about a rule.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text {
    /// What is wrong, and why it matters.
    pub(super) means: &'static str,
    /// Who says so: ARIN, NRPM, a standard, or swip itself.
    pub(super) source: &'static str,
    /// What to do.
    pub(super) fix: &'static str,
}

const METHODS: &str = "ARIN Reg-RWS methods, reassign and reallocate";
const CSV_FORM: &str = "swip: canonical CSV (RFC 4180, UTF-8); a doubtful file is never guessed at";
const ADDRESS_FORM: &str = "RFC 4291, RFC 4632; swip refuses what programs read in two ways";
const POSTAL: &str = "ARIN Reg-RWS payloads, customer: postal address";
const POLICY_4: &str = "NRPM 4.2.3.7.1 (IPv4: a /29 or more), 6.5.5.1 (IPv6: a /47 or more)";

const fn text(means: &'static str, source: &'static str, fix: &'static str) -> Text {
    Text { means, source, fix }
}

/// The text of a rule; a test walks all of them.
pub(super) const fn of(rule: Rule) -> Text {
    match rule {
        Rule::BadPrefix
        | Rule::HostBits
        | Rule::BadRange
        | Rule::MixedFamily
        | Rule::Ipv6TooSmall => block(rule),
        Rule::MissingField
        | Rule::UnknownColumn
        | Rule::DuplicateColumn
        | Rule::RaggedRow
        | Rule::RepeatedHeader
        | Rule::UnterminatedQuote
        | Rule::FieldTooLong
        | Rule::SecretInCell
        | Rule::BadEncoding
        | Rule::EmptyInput => file(rule),
        Rule::ParentsNotGiven
        | Rule::ParentUnknown
        | Rule::ParentAmbiguous
        | Rule::ParentNotNearest
        | Rule::OutsideParent
        | Rule::ParentNotAllocation
        | Rule::ParentNotActive
        | Rule::WholeParent => parent(rule),
        Rule::Overlap
        | Rule::OverlapsRegistered
        | Rule::CustomerReused
        | Rule::LegacyValue
        | Rule::UnknownStatus
        | Rule::Transliterated
        | Rule::PolicyOptional
        | Rule::PolicyDeadline => plan(rule),
        _ => cell(rule),
    }
}

const fn block(rule: Rule) -> Text {
    match rule {
        Rule::HostBits => text(
            "The address has bits set to the right of its prefix length, so it is an address in a block, not the block. 198.18.0.9/29 could mean 198.18.0.8/29 or a typing error; registering the wrong eight addresses is a wrong fact in public.",
            "RFC 4632 3.1; Reg-RWS documents no behaviour for such a net block, so swip never sends one",
            "Write the block's first address; the finding shows it. In an IPAM this is often an interface address exported as a prefix.",
        ),
        Rule::BadRange => text(
            "The row's start and end do not make a range: one is missing, the start lies behind the end, or they contradict the prefix beside them.",
            "ARIN Reg-RWS payloads, netBlock: startAddress and endAddress",
            "Give either prefix, or start and end, start first. A range that is no single CIDR is fine: it becomes one net with several net blocks.",
        ),
        Rule::MixedFamily => text(
            "Start and end are of different address families.",
            "ARIN Reg-RWS payloads, net: one version, 4 or 6",
            "Correct the end that is wrong; a customer with IPv4 and IPv6 needs two rows.",
        ),
        Rule::Ipv6TooSmall => text(
            "The block is, or its CIDR cover holds, an IPv6 block smaller than a /64. ARIN does not register those.",
            "ARIN Reg-RWS methods: IPv6 reassignments are no smaller than a /64",
            "Register the /64 around it, or the /56 or /48 the customer has; mark links and loopbacks record-only.",
        ),
        _ => text(
            "The block cannot be read: no IPv4 or IPv6 address, an octet with a leading zero (octal to some programs), an IPv4 address inside an IPv6 one, a zone, or no sound prefix length.",
            ADDRESS_FORM,
            "Write an address and a length, as 198.18.0.8/29 or 2001:db8:100::/48, without spaces or leading zeros.",
        ),
    }
}

const fn file(rule: Rule) -> Text {
    match rule {
        Rule::MissingField => text(
            "A column that every row needs is not in the header, or its cell is empty: the block, or part of a new customer's address.",
            "ARIN Reg-RWS payloads: customer needs name, street, city and country; in the US and Canada also state and postal code",
            "Fill the cell, or name an existing customer_handle or org_handle instead of an address.",
        ),
        Rule::UnknownColumn => text(
            "The header has a column that swip does not know. It is not passed over in silence, because a misspelt `privat` would publish a name.",
            CSV_FORM,
            "Take the suggested name, or let the column's name begin with x_ to have it ignored. An IPAM's own columns are named in a mapping file.",
        ),
        Rule::DuplicateColumn => text(
            "Two columns have one name, so it is open which of them counts.",
            CSV_FORM,
            "Delete or rename one; x_ in front of a name has the column ignored.",
        ),
        Rule::RaggedRow => text(
            "The row has more or fewer cells than the header, so its cells may stand under the wrong columns.",
            CSV_FORM,
            "Quote cells that hold the delimiter. If it is the last row, the export was cut off: export again.",
        ),
        Rule::RepeatedHeader => text(
            "The header stands again in the middle of the file: two exports were joined, or one was pasted twice.",
            CSV_FORM,
            "Delete the line, and look whether the rows behind it are there twice.",
        ),
        Rule::UnterminatedQuote => text(
            "A quote opens and never closes, or text stands beside one. Everything behind it would be swallowed as one cell, and the rows in it would be missing without a word.",
            CSV_FORM,
            "Close the quote; double a quote that is meant: \"the \"\"old\"\" site\".",
        ),
        Rule::FieldTooLong => text(
            "A cell or the header is far longer than any real value; mostly a quote above it is missing.",
            "swip: a limit against runaway quotes; the finding states it",
            "Look for the missing quote, or shorten the cell.",
        ),
        Rule::SecretInCell => text(
            "A cell holds what has the form of an API key. A row becomes public and the key would be in reports, so nothing of the row is kept or shown.",
            "swip: a key that never expires must not leak",
            "Remove it from the file. If it is a key in use, have ARIN replace it: others may have seen the file.",
        ),
        Rule::BadEncoding => text(
            "The file is not UTF-8 text, so its letters could only be guessed.",
            "swip: UTF-8; --encoding says another",
            "Save it as UTF-8, or say --encoding windows-1252 (or what it is).",
        ),
        _ => text(
            "The input has no data rows. An empty export is far more often a failed export than an empty network, so nothing is done on its strength.",
            "swip: an empty input never leads to removals",
            "Export again. If some file is rightly empty, leave it out of the inputs.",
        ),
    }
}

const fn parent(rule: Rule) -> Text {
    match rule {
        Rule::ParentsNotGiven => text(
            "No parent nets are known, so it was not checked whether the blocks lie in your space. Everything else was.",
            METHODS,
            "Give --parents FILE with net_handle and prefix of each parent; swip parents makes one from an IPAM export, and swip submit reads them from the registry.",
        ),
        Rule::ParentUnknown => text(
            "The row names a parent net, or lies in space, that is not among the parents.",
            METHODS,
            "Correct parent_net, or add the parent to the parents file. Space that is not yours cannot be reassigned.",
        ),
        Rule::ParentAmbiguous => text(
            "Several parents hold the block and none of them is the smallest, so ARIN would not know which is meant either.",
            "ARIN Reg-RWS: the parent is the smallest DA or A net around the block",
            "Name parent_net in the row, or correct the parents file: two parents with one range are one too many.",
        ),
        Rule::ParentNotNearest => text(
            "A smaller direct allocation or reallocation contains the block than the parent the row names. ARIN refuses it as overlapping.",
            "ARIN Reg-RWS: name the smallest covering DA or A net (GET /net/parentNet)",
            "Name the parent the finding shows, or leave parent_net out: swip then takes the smallest.",
        ),
        Rule::OutsideParent => text(
            "The block extends beyond its parent net.",
            "ARIN Reg-RWS methods: the net must lie within its parent",
            "Correct the block or the parent. A block across two parents is two rows.",
        ),
        Rule::ParentNotAllocation => text(
            "The parent is of a type that cannot be subdivided: only direct allocations (DA) and reallocations (A) can. S, for one, is a reassignment: the end of the line.",
            "ARIN Reg-RWS payloads, net type codes; NRPM 2.5 and 2.6",
            "Take the allocation above it as the parent. If its holder must reassign further, it needs a reallocation, not a reassignment.",
        ),
        Rule::ParentNotActive => text(
            "The parent net is not active at ARIN, so nothing can be registered under it.",
            METHODS,
            "Settle the parent's status with ARIN first; status in the parents file says what was found.",
        ),
        _ => text(
            "The row takes its whole parent net. That is rarely meant: mostly the parent itself stands in the export as if it were a customer.",
            "swip: a guard; ARIN would accept a reassignment of a whole allocation",
            "Mark the row record-only or take it out. If one customer does have all of it, say --allow-whole-parent.",
        ),
    }
}

const fn plan(rule: Rule) -> Text {
    match rule {
        Rule::Overlap => text(
            "Two rows share addresses under one parent. One address has one holder; ARIN takes the first and refuses the second.",
            "ARIN Reg-RWS: E_ENTITY_VALIDATION, \"IP range overlaps with existing network(s)\"",
            "Keep the row that is true. Blocks inside a customer's block belong under a reallocation, or are record-only. Neither row is sent until it is settled.",
        ),
        Rule::OverlapsRegistered => text(
            "The block shares addresses with a net that is registered already and is not equal to it.",
            "ARIN Reg-RWS: E_ENTITY_VALIDATION, \"IP range overlaps with existing network(s)\"",
            "swip adopt takes registrations that are equal; swip sync replaces those that are not, within its guards. Otherwise correct the row.",
        ),
        Rule::CustomerReused => text(
            "Two rows name the same customer handle. ARIN allows a customer one reassigned net; a second net needs a customer of its own.",
            "ARIN Reg-RWS methods: one customer per simple reassignment",
            "Give the customer's name and address in the second row, and a new customer is made; or make the recipient an org.",
        ),
        Rule::UnknownStatus => text(
            "Rows of an export have a status that the format and the mapping neither register nor skip. They are left out, and nothing registered in their space is removed.",
            "swip: what it does not understand protects its space",
            "List the word under [status] in a mapping file, in register or in skip.",
        ),
        Rule::Transliterated => text(
            "A name or address was written in ASCII, because --transliterate was given.",
            "ARIN Reg-RWS payloads: ASCII outside comments",
            "Nothing, if the new text is right; else write it in the IPAM as it should be published.",
        ),
        Rule::LegacyValue => text(
            "The row is equal to what is registered, although today's rules would refuse it. It is left as it is.",
            "swip: what ARIN accepted once is no error today",
            "Nothing need be done; correct it in the IPAM when there is time.",
        ),
        Rule::PolicyOptional => text(
            "NRPM does not require this block to be registered; it may be.",
            POLICY_4,
            "Fine as it is. --below-policy skip leaves out such rows that name no action (the default for IPAM exports).",
        ),
        _ => text(
            "The block was assigned longer ago than the policy allows before it must be visible. It can still be sent; ARIN looks at the share in time when more space is requested.",
            "NRPM 4.2.3.7.2 and 6.5.5.1: within seven days (draft ARIN-2024-10 would make it fourteen)",
            "Send it now. --deadline-days N follows the policy in force; swip evidence shows the share in time.",
        ),
    }
}

const fn cell(rule: Rule) -> Text {
    match rule {
        Rule::NetNameCharset => text(
            "The net name has a character ARIN does not take.",
            "ARIN Reg-RWS payloads, netName: letters, digits, hyphens, spaces",
            "Use letters, digits, hyphens and spaces, or leave net_name out: swip makes one.",
        ),
        Rule::NetNameLength => text(
            "The net name is too long.",
            "ARIN templates: at most 50 characters",
            "Shorten it, or leave net_name out: swip makes one.",
        ),
        Rule::NonAscii => text(
            "A letter beyond ASCII stands where the registry takes only ASCII; comments take Latin letters.",
            "ARIN Reg-RWS: ASCII outside comments",
            "Take the spelling the finding suggests, or say --transliterate to have Latin letters written without accents.",
        ),
        Rule::ControlCharacter => text(
            "A cell holds a character that cannot be seen: a control character, or one that turns the direction of text. XML cannot carry most of them, and nobody meant them.",
            "XML 1.0, 2.2; ARIN Reg-RWS payloads are XML 1.0",
            "Delete it; the finding shows its code. It often comes from copying out of a document.",
        ),
        Rule::PrivateNameExposed => text(
            "The row is private, yet its own net name seems to tell the customer's name. The net name is public.",
            "NRPM 4.2.3.7.3.2 and 6.5.5.3.1, residential customer privacy",
            "Leave net_name out: for a private row swip makes PRIVATE- and the block.",
        ),
        _ => recipient(rule),
    }
}

const fn recipient(rule: Rule) -> Text {
    match rule {
        Rule::RecipientMissing => text(
            "The row says nothing about who the block is for.",
            "NRPM 4.2.3.7.1: a reassignment carries the customer's name",
            "Fill customer_name and the address, customer_handle, or org_handle; or mark the row record-only.",
        ),
        Rule::RecipientAmbiguous => text(
            "The row names more than one recipient, or the join with the recipients file found several.",
            "ARIN Reg-RWS payloads, net: customerHandle, customer or orgHandle, one of them",
            "Leave one; a recipients file needs one line for each recipient.",
        ),
        Rule::RecipientEnded => text(
            "The recipient is marked as ended, yet it still holds the block.",
            "NRPM 4.2.3.7.1: registrations name who uses the addresses",
            "Take the block back in the IPAM, or correct the recipient's end date.",
        ),
        Rule::ActionRecipientMismatch => text(
            "The action does not take this recipient: a simple reassignment is to a customer; detailed reassignments and reallocations are to an org.",
            "ARIN, \"Reporting Reassignments\"; Reg-RWS methods",
            "Change the action or the recipient; leave action out and swip takes simple for a customer, detailed for an org.",
        ),
        Rule::OrgNotEligible => text(
            "The org cannot receive the block, or would have to be created: since 1 April 2020 a recipient creates its own Org ID.",
            "ARIN-2017-12 and ARIN-2018-5; ARIN: Org IDs with -Z cannot receive",
            "Ask the recipient for its Org ID, or register a simple reassignment to a customer. recipient_orgs = true in the config is for registries that still create orgs.",
        ),
        Rule::BadHandle => text(
            "A handle is not of the registry's form.",
            "ARIN: NET-198-18-0-0-1, NET6-2001-DB8-1, C07361391, EXAMPLE-1",
            "Copy it from ARIN Online or Whois; a POC handle is no org handle.",
        ),
        _ => address(rule),
    }
}

const fn address(rule: Rule) -> Text {
    match rule {
        Rule::Country => text(
            "The country is no ISO 3166-1 code.",
            POSTAL,
            "Write two or three letters: US, CA, USA.",
        ),
        Rule::State => text(
            "The state or province is missing, or is none of its country's.",
            "ARIN Reg-RWS payloads: iso3166-2 is required in the US and Canada",
            "Write the two letters: VA, ON. In other countries it may be left empty.",
        ),
        Rule::PostalCode => text(
            "The postal code is missing, or not of its country's form. Spreadsheets drop leading zeros: 02134 becomes 2134.",
            "ARIN Reg-RWS payloads: postalCode is required in the US and Canada; forms by USPS and Canada Post",
            "Write 20190 or 20190-1234, or K1A 0B1; format the spreadsheet's column as text.",
        ),
        Rule::BadBoolean => text(
            "A yes-or-no cell holds something else. It is not guessed at: for `private` the wrong guess publishes a name.",
            "swip: true, false, yes, no, 1, 0",
            "Write one of them; empty means no.",
        ),
        Rule::BadAction => text(
            "The action is none that swip knows.",
            "swip: reassign-simple, reassign-detailed, reallocate, record-only",
            "Write one of them, or leave it out; a mapping file translates an IPAM's words.",
        ),
        Rule::BadDate => text(
            "The date is no calendar date of the form swip reads. 03/04/2026 is two days, so it is refused.",
            "ISO 8601 / RFC 3339 full-date",
            "Write 2026-04-03.",
        ),
        _ => text("", "", ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_explained_in_its_own_words() {
        let mut seen = std::collections::BTreeSet::new();
        for rule in Rule::ALL {
            let Text { means, source, fix } = of(*rule);
            for part in [means, source, fix] {
                assert!(part.len() >= 10, "{rule} is not explained: {part:?}");
            }
            assert!(seen.insert(means), "{rule} has another rule's text");
        }
    }
}
