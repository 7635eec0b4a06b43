//! What is around a run: other runs, disk, input, clock, tickets, environment.

use super::*;

pub(crate) const ROWS: [Line; 35] = [
    (81, "two starts in the same second", Act(acts::two_starts_exclude_each_other)),
    (82, "another journal, the same key and host", Act(acts::two_journals_share_a_registry)),
    (83, "two hosts, the same key", Act(acts::two_journals_share_a_registry)),
    (
        84,
        "changed by somebody between plan and write",
        Test("a_saved_plan_is_applied_once_and_only_while_nothing_moved"),
    ),
    (
        85,
        "a saved plan applied twice",
        Test("a_saved_plan_is_applied_once_and_only_while_nothing_moved"),
    ),
    (
        86,
        "a saved plan, the input changed",
        Test("a_saved_plan_is_applied_once_and_only_while_nothing_moved"),
    ),
    (
        87,
        "a journal of another registry",
        Test("a_journal_belongs_to_one_registry_its_orgs_and_their_keys"),
    ),
    (88, "disk full at an intent", Test("commits_of_many_rows_go_together_and_a_failure_is_final")),
    (89, "disk full at an answer", Test("commits_of_many_rows_go_together_and_a_failure_is_final")),
    (90, "disk full at the report", Act(acts::a_report_that_cannot_be_written_is_written_later)),
    (91, "fsync fails once", Test("commits_of_many_rows_go_together_and_a_failure_is_final")),
    (92, "short writes, EINTR", Not("SQLite's own loop")),
    (93, "a place that cannot be written", Test("a_place_that_others_can_touch_is_refused")),
    (94, "a damaged journal", Act(acts::a_damaged_journal_is_refused)),
    (
        95,
        "an earlier copy of the journal put back",
        Test("an_old_copy_that_was_put_back_is_noticed"),
    ),
    (96, "the journal deleted", Part("again", "a fresh journal writes nothing")),
    (
        97,
        "the input replaced while it is read",
        Not("the run's checked plan is stored before the first write, and only it is sent"),
    ),
    (98, "the export still being written", Test("an_empty_or_truncated_export_changes_nothing")),
    (99, "an empty export", Test("an_empty_or_truncated_export_changes_nothing")),
    (100, "the wall clock jumps", Test("what_is_unknown_is_read_no_sooner_than_the_settle_delay")),
    (
        101,
        "reboot during the settle delay",
        Test("what_is_unknown_is_read_no_sooner_than_the_settle_delay"),
    ),
    (102, "two timers at a change of the clocks", Act(acts::two_starts_exclude_each_other)),
    (103, "a ticket is denied", Act(acts::a_denied_ticket_is_told)),
    (
        104,
        "a ticket is processed, the net is not there",
        Not(
            "the practice registry registers what it processes; the end of a ticket is read from the range, never from the word",
        ),
    ),
    (105, "a ticket stays open", Act(acts::an_open_ticket_is_never_sent_again)),
    (106, "a ticket expires", Not("the practice registry keeps its tickets")),
    (
        107,
        "a row for space whose removal is open",
        Test("another_org_and_another_size_are_replaced_after_the_old_net_is_gone"),
    ),
    (
        108,
        "a net to be removed has children",
        Test("a_net_with_children_goes_by_ticket_unless_it_is_denied"),
    ),
    (109, "a handle is used again", Act(acts::a_net_of_somebody_else_is_not_removed)),
    (
        110,
        "a panic in a row",
        Not(
            "no panic is reachable by a user, and the harness looks for one in all that is printed: invariant I19",
        ),
    ),
    (
        111,
        "a reader of the output goes away",
        Test("a_reader_who_leaves_changes_neither_verdict_nor_calm"),
    ),
    (
        112,
        "a proxy in the environment",
        How::Trial(Trial {
            env: &[
                ("HTTP_PROXY", "http://127.0.0.1:1"),
                ("http_proxy", "http://127.0.0.1:1"),
                ("ALL_PROXY", "http://127.0.0.1:1"),
            ],
            ..PLAIN
        }),
    ),
    (
        113,
        "SSLKEYLOGFILE, RUST_LOG, RUST_BACKTRACE",
        How::Trial(Trial {
            env: &[
                ("SSLKEYLOGFILE", "keys.log"),
                ("RUST_LOG", "trace"),
                ("RUST_BACKTRACE", "full"),
            ],
            ..PLAIN
        }),
    ),
    (
        114,
        "a core dump",
        Not("whether a core is kept is the system's: LimitCORE=0 in the systemd unit"),
    ),
    (
        115,
        "one of two addresses is dead",
        Not(
            "loopback has one address; a connection is made before the first byte, and a request is sent on one connection only",
        ),
    ),
];
