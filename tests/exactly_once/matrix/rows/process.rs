//! The process and its machine: kills, signals, memory.

use super::*;

pub(crate) const ROWS: [Line; 23] = [
    (1, "kill -9 before the journal is open", Part("crash", "points of meta, runs, doubts")),
    (2, "kill -9 while the journal is made", Part("kill", "at any moment of SQLite's own")),
    (3, "kill -9 within the intent's write", Part("kill", "SQLite drops a torn record")),
    (4, "power loss before fsync", Not(MODEL)),
    (5, "kill -9 after the intent, before connect", Part("crash", "point `before the wire`")),
    (
        6,
        "kill -9 on sending, nothing carried out",
        killed(&[rule("PUT ", 1, 1, Fault::KillSeen)], 4),
    ),
    (
        7,
        "kill -9 when sent, committed afterwards",
        killed(&[rule("PUT ", 1, 1, Fault::KillBefore)], 3),
    ),
    (
        8,
        "kill -9 after the commit, before the answer",
        killed(&[rule("PUT ", 1, 1, Fault::KillAfter)], 3),
    ),
    (9, "kill -9 with the answer in memory", Part("crash", "point `after the wire`")),
    (
        10,
        "kill -9 within the answer's write",
        killed(&[rule("PUT ", 1, 1, Fault::KillMidAnswer)], 3),
    ),
    (11, "kill -9 after the answer is stored", Part("crash", "point `after commit` of it")),
    (12, "kill -9 after the outcome is stored", Part("crash", "point `after commit` of it")),
    (13, "kill -9 between customer and net", Part("crash", "scenario `simple separate`")),
    (14, "kill -9, answer to the customer unread", Act(acts::lost_customer_is_never_sent_again)),
    (15, "kill -9 during recovery", Part("doubles", "every pair of the three-row scenario")),
    (16, "kill -9 during ticket polling", Act(acts::polling_is_gone_on_with)),
    (17, "kill -9 with half a report", Part("crash", "points around each file of the report")),
    (
        18,
        "kill -9 after a rename of the report",
        Part("crash", "points around each file of the report"),
    ),
    (19, "kill -9, answer to a removal lost", Act(acts::a_lost_removal_is_not_sent_again)),
    (
        20,
        "the same, and re-registered under its handle",
        Act(acts::a_net_of_somebody_else_is_not_removed),
    ),
    (21, "SIGTERM", Act(acts::a_signal_drains)),
    (22, "SIGSTOP and SIGCONT in flight", Act(acts::a_stopped_process_goes_on)),
    (23, "an answer too large for memory", first(Fault::Endless, 3)),
];
