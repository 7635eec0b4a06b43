//! The methods that ask for a report.

use swip::regrws::{AssociationsReport, ReassignmentReport, WhoWasAsn, WhoWasNet};

use super::Bench;
use super::script::PARENT;

pub(super) async fn reports(bench: &mut Bench) {
    let only_open = ["--wait", "0s"];
    let args = [&["report", "reassignment", PARENT][..], &only_open].concat();
    let arin = "GET /report/reassignment/NET";
    let call = ReassignmentReport(PARENT.parse().unwrap());
    bench.step("Report: reassignment", arin, &args, &call).await;
    let args = [&["report", "associations"][..], &only_open].concat();
    let call = AssociationsReport {};
    bench.step("Report: associations", "GET /report/associations", &args, &call).await;
    let args = [&["report", "whowas-net", "10.1.0.8"][..], &only_open].concat();
    let call = WhoWasNet("10.1.0.8".parse().unwrap());
    bench.step("Report: whoWas net", "GET /report/whoWas/net/IP", &args, &call).await;
    let args = [&["report", "whowas-asn", "64496"][..], &only_open].concat();
    let call = WhoWasAsn(64496);
    bench.step("Report: whoWas asn", "GET /report/whoWas/asn/N", &args, &call).await;
}
