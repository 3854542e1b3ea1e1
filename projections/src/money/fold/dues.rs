//! Plans of dues, their cycles, and members' parts of these.

use events::dues::{DuesAssessed, DuesCycleOpened, DuesPlanCreated, Sums};
use events::feed::FeedKind;
use events::money::Amount;
use events::{CycleId, DuesEvent, PlanId, UserId};

use crate::fold::{Refused, integer};
use crate::money::changes::{
    Assessed, AssessmentChange, Changes, CycleChange, NewPlan, Teller, Told,
};

/// An event of a plan.
pub(super) struct Context<'c, 'a> {
    pub(super) changes: &'c mut Changes<'a>,
    pub(super) plan: PlanId,
    pub(super) position: i64,
    pub(super) us: i64,
}

impl<'a> Context<'_, 'a> {
    pub(super) fn fold(mut self, event: &'a DuesEvent) -> Result<(), Refused> {
        let cycle = match event {
            // Its first cycle, which is told of, comes in the same append.
            DuesEvent::DuesPlanCreated(event) => return self.created(event),
            DuesEvent::DuesPlanEnded(_) => {
                self.changes.dues.ended.entry(self.plan.0).or_insert(self.us);
                self.tell(None);
                return Ok(());
            }
            DuesEvent::DuesCycleOpened(event) => self.opened(event)?,
            DuesEvent::DuesAssessed(event) => self.assessed(event),
            DuesEvent::DuesCycleClosed(event) => self.closed(event.cycle, true),
            DuesEvent::DuesCycleReopened(event) => self.closed(event.cycle, false),
            DuesEvent::DuesExempted(event) => {
                self.part(event.cycle, event.user).exempt = true;
                self.sums(event.cycle, event.sums)
            }
            DuesEvent::DuesPaymentReserved(event) => self.sums(event.cycle, event.sums),
            DuesEvent::DuesPaymentReleased(event) => self.sums(event.cycle, event.sums),
            DuesEvent::DuesPaid(event) => {
                self.paid(event.cycle, event.user, event.paid);
                self.sums(event.cycle, event.sums)
            }
            DuesEvent::DuesRefunded(event) => {
                self.paid(event.cycle, event.user, event.paid);
                self.sums(event.cycle, event.sums)
            }
            DuesEvent::CommandSettled(_) => return Ok(()),
        };
        self.tell(Some(cycle));
        Ok(())
    }

    fn created(self, event: &'a DuesPlanCreated) -> Result<(), Refused> {
        // Kept as an integer of the database.
        event.recurrence.count.map(integer).transpose()?;
        let (us, position) = (self.us, self.position);
        self.changes.dues.plans.push(NewPlan { id: self.plan.0, event, us, position });
        Ok(())
    }

    fn opened(&mut self, event: &'a DuesCycleOpened) -> Result<CycleId, Refused> {
        integer(event.number)?;
        self.cycle(event.cycle).opened = Some((self.plan.0, event));
        Ok(self.sums(event.cycle, event.sums))
    }

    fn assessed(&mut self, event: &DuesAssessed) -> CycleId {
        let (position, amount) = (self.position, event.amount.minor_units());
        for (nth, user) in (0..).zip(&event.users) {
            self.part(event.cycle, *user).assessed = Some(Assessed { position, nth, amount });
        }
        event.cycle
    }

    fn closed(&mut self, cycle: CycleId, closed: bool) -> CycleId {
        self.cycle(cycle).closed = Some(closed);
        cycle
    }

    fn paid(&mut self, cycle: CycleId, user: UserId, paid: Amount) {
        self.part(cycle, user).paid = Some(paid.minor_units());
    }

    fn sums(&mut self, cycle: CycleId, sums: Sums) -> CycleId {
        self.cycle(cycle).sums = Some(sums);
        cycle
    }

    fn cycle(&mut self, cycle: CycleId) -> &mut CycleChange<'a> {
        self.changes.dues.cycles.entry(cycle.0).or_default()
    }

    fn part(&mut self, cycle: CycleId, user: UserId) -> &mut AssessmentChange {
        self.changes.dues.assessments.entry((cycle.0, user.0)).or_default()
    }

    fn tell(&mut self, cycle: Option<CycleId>) {
        let (position, at_us) = (self.position, self.us);
        let (by, reference) = (Teller::Plan(self.plan.0), cycle.map(|cycle| cycle.0));
        let kind = FeedKind::DuesChanged;
        self.changes.told.push(Told { by, position, kind, reference, at_us });
    }
}
