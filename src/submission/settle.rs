//! An unknown outcome settled by reading: what is there is ours, is not ours, or is not there.
//!
//! Nothing is concluded from an error. Must not know: how the write was sent.

use tokio::time::sleep;

use super::options::Stop;
use super::range::{self, Found, Held, Names};
use super::reader::{ReadFault, Registry};
use super::row::{Left, RowTask};
use super::run::Run;
use crate::journal::{Event, Outcome};
use crate::regrws::{
    ListTicketSummaries, TicketFilter, TicketPayload, TicketStatus, TicketType, limits,
};

/// The part of the settle delay that lies between the two reads that must agree.
const BETWEEN_READS: u32 = 4;

impl RowTask {
    /// A lost answer to "create": nothing finds a customer by name, so nothing is sent again.
    pub(super) async fn lost_recipient<R: Registry>(&mut self, run: &Run<R>) -> Result<(), Left> {
        let message = self.lost_recipient_message(&run.journal);
        self.conclude(run, Outcome::Unresolved { message, net: None }, None).await?;
        run.recipient_lost();
        Ok(())
    }

    /// Settles an unknown assignment by two agreeing reads.
    pub(super) async fn settle<R: Registry>(&mut self, run: &Run<R>) -> Result<(), Left> {
        for _ in 0..limits().settle_rounds {
            self.wait(run, run.options.settle).await?;
            let first = range::by_range(&run.registry, self.wanted(Names::All)).await;
            if let Held::Present(found) = first {
                return self.settled(run, *found).await;
            }
            self.wait(run, run.options.settle / BETWEEN_READS).await?;
            let second = range::most_specific(&run.registry, self.wanted(Names::All)).await;
            match (first, second) {
                (_, Held::Present(found)) => return self.settled(run, *found).await,
                (Held::Absent, Held::Absent) if self.absent(run).await? => return Ok(()),
                (Held::Nothing(fault), _) | (_, Held::Nothing(fault)) => run.read_failed(&fault),
                _ => {}
            }
        }
        if run.gate.is_holding() {
            let text = "too many outcomes are unknown and cannot be read back";
            run.halt(Stop::Registry(text.to_owned()));
        }
        // No information is never absence: `resume` goes on with it.
        Err(Left::Here)
    }

    async fn wait<R: Registry>(&self, run: &Run<R>, time: std::time::Duration) -> Result<(), Left> {
        if run.abandoned() {
            return Err(Left::Here);
        }
        tokio::select! {
            () = sleep(time) => Ok(()),
            () = run.until_abandoned() => Err(Left::Here),
        }
    }

    /// No net is there; a ticket may be open for it. True when the row is settled.
    async fn absent<R: Registry>(&mut self, run: &Run<R>) -> Result<bool, Left> {
        if let Some(number) = self.machine.legible_ticket() {
            let number = number.to_owned();
            run.registry.claim(&number);
            self.conclude(run, Outcome::Ticketed { number, status: None, net: None }, None).await?;
            return Ok(true);
        }
        let tickets = match self.lost_tickets(run).await {
            Ok(tickets) => tickets,
            Err(fault) => {
                run.read_failed(&fault);
                return Ok(false);
            }
        };
        match tickets.as_slice() {
            [] => self.note(run, Event::ProvedAbsent).await?,
            [(number, status)] => {
                let (number, status) = (number.clone(), status.clone());
                self.conclude(run, Outcome::Ticketed { number, status, net: None }, None).await?;
            }
            several => {
                let numbers: Vec<String> = several.iter().map(|(n, _)| n.clone()).collect();
                let message = self.tickets_message(&run.journal, &numbers);
                self.conclude(run, Outcome::Unresolved { message, net: None }, None).await?;
            }
        }
        Ok(true)
    }

    /// Open tickets that may be this row's: of its kind, no older than its write, no other's.
    async fn lost_tickets<R: Registry>(
        &self,
        run: &Run<R>,
    ) -> Result<Vec<(String, Option<String>)>, ReadFault> {
        let call = ListTicketSummaries(TicketFilter::Status(TicketStatus::AnyOpen));
        // While nobody sends, every ticket of another row is known to be its.
        let _hold = run.registry.hold().await;
        let tickets = match run.registry.read_alone(&call).await {
            Ok(read) => read.value,
            // A registry without tickets, or with none.
            Err(ReadFault::NoMethod(_) | ReadFault::Absent) => Vec::new(),
            Err(fault) => return Err(fault),
        };
        let fits = |ticket: &TicketPayload| {
            let number = ticket.number.as_deref().unwrap_or_default().trim().to_owned();
            let fits = ticket.kind.as_ref().is_some_and(TicketType::is_assignment)
                && !number.is_empty()
                && !self.is_older(ticket)
                && !run.registry.is_claimed(&number);
            fits.then(|| (number, ticket.status.clone().map(String::from)))
        };
        let found: Vec<_> = tickets.iter().filter_map(fits).collect();
        if let [(number, _)] = found.as_slice() {
            run.registry.claim(number);
        }
        Ok(found)
    }

    /// Whether a ticket was opened on an earlier day than the one before the write.
    fn is_older(&self, ticket: &TicketPayload) -> bool {
        let created = ticket.created_at.as_deref();
        let since = self.machine.intended_at();
        created.zip(since).is_some_and(|(created, since)| super::compare::is_before(created, since))
    }

    /// The range holds a net: ours if equal, else a person's matter.
    pub(super) async fn settled<R: Registry>(
        &mut self,
        run: &Run<R>,
        found: Found,
    ) -> Result<(), Left> {
        let Found { net, differences, image } = found;
        if differences.is_empty() {
            run.judged(false);
            return self.conclude(run, Outcome::Registered(net), Some(image)).await;
        }
        let why = "the answer to our write was lost";
        let message = self.differs_message(&run.journal, &net, &differences, why);
        self.conclude(run, Outcome::Unresolved { message, net: Some(net) }, Some(image)).await
    }
}
