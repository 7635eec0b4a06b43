//! The line and the registry's answers.

use super::*;

pub(crate) const ROWS: [Line; 57] = [
    (24, "name look-up fails", Test("refusals_end_the_row_or_the_run")),
    (25, "connection refused", Act(acts::a_closed_port_sends_nothing)),
    (
        26,
        "TLS: wrong host, expired, unknown root",
        Not(
            "the harness speaks plain HTTP on loopback; the client takes rustls's verdict unchanged and has no switch to ignore it",
        ),
    ),
    (27, "reset before any byte", Test("refusals_end_the_row_or_the_run")),
    (28, "reset after the head", first(Fault::ResetAfter, 3)),
    (
        29,
        "a pooled connection that the server closes",
        Not(
            "there is no pool: a connection for each request (pool_max_idle_per_host 0), so each is seen once here: invariant I3",
        ),
    ),
    (30, "no answer, committed", first(Fault::DropAfter, 3)),
    (31, "no answer, not committed", first(Fault::DropBefore, 4)),
    (
        32,
        "no answer, committed late",
        How::Trial(Trial { first: Some(Fault::LateCommit), writes: (3, 4), ..PLAIN }),
    ),
    (33, "answer to `create customer` lost", Act(acts::lost_customer_is_never_sent_again)),
    (
        34,
        "answer to `create org` lost",
        Not("never sent again, by the same machine as F033 (Op::CreateRecipient)"),
    ),
    (
        35,
        "an answer of a byte at a time beyond the time-out",
        How::Trial(Trial {
            rules: &[rule("PUT ", 1, 1, Fault::Drip), rule("PUT ", 2, 1, Fault::Silence)],
            args: HASTY,
            ..PLAIN
        }),
    ),
    (36, "every answer late", Part("pace", "300 ms on every answer")),
    (
        37,
        "answers in pieces of one byte",
        How::Trial(Trial {
            rules: &[rule("GET ", 1, 99, Fault::Bytes), rule("PUT ", 1, 99, Fault::Bytes)],
            ..PLAIN
        }),
    ),
    (38, "answer cut, length promised", first(Fault::Truncated, 3)),
    (39, "answer cut within a chunk", registry(&[("PUT", 1, Registry::ChunkCut)], 3)),
    (
        40,
        "HTML to the first read",
        says(&[rule("GET /rest/net/NET-", 1, 3, Fault::Html)], 8, 3, &[]),
    ),
    (41, "HTML to three writes", Act(acts::three_unknowns_pause_writes)),
    (42, "XML with another root", first(Fault::WrongRoot, 3)),
    (43, "an empty body", first(Fault::EmptyBody, 3)),
    (
        44,
        "a ticket alone",
        How::Trial(Trial {
            registry: &[("PUT", 1, Registry::TicketOnly)],
            ends: &[("registered", 2), ("ticketed", 1)],
            ..PLAIN
        }),
    ),
    (45, "ticketed requests", Part("crash", "scenario `ticketed`")),
    (46, "neither ticket nor net", first(Fault::Neither, 3)),
    (
        47,
        "another net than asked",
        How::Trial(Trial {
            registry: &[("PUT", 1, Registry::WrongNet)],
            exit: 5,
            ends: &[("registered", 2), ("unresolved", 1)],
            ..PLAIN
        }),
    ),
    (
        48,
        "fields dropped",
        How::Trial(Trial {
            kinds: &[Kind::Detailed; 3],
            registry: &[("PUT", 1, Registry::DroppedFields)],
            ..PLAIN
        }),
    ),
    (
        49,
        "400 by the schema, five first writes",
        How::Trial(Trial {
            kinds: SIX,
            rules: &[rule("PUT ", 1, 5, Fault::Says("schema"))],
            exit: 6,
            writes: (6, 6),
            ends: &[("registered", 1), ("rejected", 5)],
            ..PLAIN
        }),
    ),
    (
        50,
        "400 by the rules, text like a formula",
        says(
            &[rule("PUT ", 1, 1, Fault::Says("entity"))],
            4,
            3,
            &[("registered", 2), ("rejected", 1)],
        ),
    ),
    (51, "overlap, nothing sent before", Act(acts::held_by_somebody_else)),
    (
        52,
        "overlap as our own echo",
        How::Trial(Trial { first: Some(Fault::LateCommit), writes: (3, 4), ..PLAIN }),
    ),
    (53, "key refused at once", Act(acts::a_dead_key_asks_no_more)),
    (54, "key revoked in the middle", Act(acts::a_key_that_dies_stops_all)),
    (
        55,
        "key refused for one parent only",
        How::Trial(Trial {
            kinds: TWO_PARENTS,
            rules: &[rule("PUT /rest/net/NET-11", 1, 9, Fault::Says("key-400"))],
            exit: 4,
            writes: (3, 3),
            ends: &[("registered", 2), ("rejected", 2)],
            ..PLAIN
        }),
    ),
    (
        56,
        "401 on one parent only",
        How::Trial(Trial {
            kinds: TWO_PARENTS,
            rules: &[rule("PUT /rest/net/NET-11", 1, 9, Fault::Says("401"))],
            exit: 4,
            writes: (3, 3),
            ends: &[("registered", 2), ("rejected", 2)],
            ..PLAIN
        }),
    ),
    (
        57,
        "403, five in a row",
        How::Trial(Trial {
            kinds: SIX,
            rules: &[rule("PUT ", 1, 5, Fault::Says("403"))],
            exit: 6,
            writes: (6, 6),
            ends: &[("registered", 1), ("rejected", 5)],
            ..PLAIN
        }),
    ),
    (
        58,
        "404 to a write",
        says(
            &[rule("PUT ", 1, 1, Fault::Says("404"))],
            4,
            3,
            &[("registered", 2), ("rejected", 1)],
        ),
    ),
    (
        59,
        "405 to a write",
        says(
            &[rule("PUT ", 1, 1, Fault::Says("405"))],
            4,
            3,
            &[("registered", 2), ("rejected", 1)],
        ),
    ),
    (
        60,
        "409 to a customer's deletion",
        Test("the_customer_is_deleted_only_after_its_net_is_proved_gone"),
    ),
    (
        61,
        "413 to the read of a range",
        How::Trial(Trial {
            rules: &[
                rule("PUT ", 1, 1, Fault::DropAfter),
                rule("IpRange", 1, 9, Fault::Says("413")),
            ],
            ..PLAIN
        }),
    ),
    (62, "429 with seconds", first(Fault::TooManySeconds, 4)),
    (63, "429 with a date, another clock", first(Fault::TooManyDate, 4)),
    (
        64,
        "429 again and again",
        How::Trial(Trial {
            rules: &[rule("PUT ", 1, 99, Fault::Says("429-zero"))],
            exit: 8,
            writes: (8, 10),
            ends: &[("deferred", 3)],
            once: true,
            ..PLAIN
        }),
    ),
    (
        65,
        "429 until next week, -1, soon, twice",
        How::Trial(Trial {
            rules: &[
                rule("PUT ", 1, 1, Fault::Says("429-negative")),
                rule("PUT ", 2, 1, Fault::Says("429-soon")),
                rule("PUT ", 3, 1, Fault::Says("429-two")),
                rule("PUT ", 4, 1, Fault::Says("429-long")),
            ],
            exit: 8,
            writes: (7, 7),
            ..PLAIN
        }),
    ),
    (
        66,
        "429 storm at concurrency 8",
        How::Trial(Trial {
            kinds: EIGHT,
            args: WIDE,
            rules: &[rule("PUT ", 3, 3, Fault::TooManySeconds)],
            writes: (11, 11),
            ..PLAIN
        }),
    ),
    (67, "E_OUTAGE in the middle", says(&[rule("PUT ", 2, 1, Fault::Says("outage"))], 8, 4, &[])),
    (68, "503 of a proxy, committed", registry(&[("PUT", 1, Registry::Error503After)], 3)),
    (69, "502 of a proxy, committed", first(Fault::Error502After, 3)),
    (
        70,
        "500 E_UNSPECIFIED, committed and not",
        How::Trial(Trial {
            rules: &[
                rule("PUT ", 1, 1, Fault::Error500After),
                rule("PUT ", 2, 1, Fault::Error500Before),
            ],
            writes: (4, 4),
            ..PLAIN
        }),
    ),
    (
        71,
        "500 on every read while settling",
        How::Trial(Trial {
            rules: &[
                rule("PUT ", 1, 1, Fault::DropBefore),
                rule("IpRange", 1, 30, Fault::Error500Before),
                rule("mostSpecific", 1, 30, Fault::Error500Before),
            ],
            exit: 6,
            writes: (3, 3),
            ends: &[("deferred", 1), ("registered", 2)],
            once: true,
            ..PLAIN
        }),
    ),
    (
        72,
        "404 for a range that is occupied",
        How::Trial(Trial {
            rules: &[
                rule("PUT ", 1, 1, Fault::DropAfter),
                rule("IpRange", 1, 3, Fault::Says("404")),
            ],
            ..PLAIN
        }),
    ),
    (
        73,
        "a list that lacks entries",
        How::Trial(Trial {
            rules: &[
                rule("PUT ", 1, 1, Fault::DropAfter),
                rule("IpRange", 1, 3, Fault::Says("no-nets")),
            ],
            ..PLAIN
        }),
    ),
    (74, "redirect to another host", Act(acts::a_redirect_is_not_followed)),
    (75, "redirect to the same host", Act(acts::a_redirect_is_not_followed)),
    (76, "gzip that nobody asked for", first(Fault::Gzip, 3)),
    (77, "a body without end", first(Fault::Endless, 3)),
    (78, "headers without end", first(Fault::EndlessHeaders, 3)),
    (
        79,
        "the answer to another request",
        How::Trial(Trial {
            rules: &[rule("PUT ", 2, 1, Fault::OtherAnswer)],
            exit: 5,
            ends: &[("registered", 2), ("unresolved", 1)],
            ..PLAIN
        }),
    ),
    (
        80,
        "HTTP/1.0, two answers, bytes behind",
        How::Trial(Trial {
            rules: &[rule("PUT ", 1, 1, Fault::Twice), rule("PUT ", 2, 1, Fault::Http10)],
            ..PLAIN
        }),
    ),
];
