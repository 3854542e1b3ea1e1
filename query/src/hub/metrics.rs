//! What the hub counts, by Prometheus' names.

use events::Timestamp;
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

const SUBSCRIPTIONS: &str = "moim_subscriptions";
const GROUPS: &str = "moim_subscription_groups";
const INBOX_GROUPS: &str = "moim_inbox_groups";
const PUSHES: &str = "moim_pushes_total";
const EXECUTIONS: &str = "moim_push_executions_total";
const SLOW_READERS: &str = "moim_slow_readers_total";
const CATCH_UPS: &str = "moim_group_catch_ups_total";
const LAG: &str = "moim_hub_lag_seconds";

pub(crate) fn describe() {
    describe_gauge!(SUBSCRIPTIONS, "Running subscriptions.");
    describe_gauge!(GROUPS, "Groups of equal subscriptions.");
    describe_gauge!(INBOX_GROUPS, "Groups of equal subscriptions of inboxes.");
    describe_counter!(PUSHES, "Pushes put into subscribers' queues.");
    describe_counter!(EXECUTIONS, "Executions of subscription operations, one a push and group.");
    describe_counter!(SLOW_READERS, "Subscribers let go because they took too little.");
    describe_counter!(CATCH_UPS, "Times that a group went back to the feed.");
    describe_histogram!(LAG, "From an event's recording until the hub handed it to its groups.");
}

pub(crate) fn subscribed() {
    gauge!(SUBSCRIPTIONS).increment(1);
}

pub(crate) fn unsubscribed() {
    gauge!(SUBSCRIPTIONS).decrement(1);
}

pub(crate) fn group_started() {
    gauge!(GROUPS).increment(1);
}

pub(crate) fn group_ended() {
    gauge!(GROUPS).decrement(1);
}

pub(crate) fn inbox_groups(groups: usize) {
    gauge!(INBOX_GROUPS).set(u32::try_from(groups).unwrap_or(u32::MAX));
}

pub(crate) fn pushed(subscribers: u64) {
    counter!(PUSHES).increment(subscribers);
}

pub(crate) fn executed() {
    counter!(EXECUTIONS).increment(1);
}

pub(crate) fn slow_reader() {
    counter!(SLOW_READERS).increment(1);
}

pub(crate) fn caught_up() {
    counter!(CATCH_UPS).increment(1);
}

pub(crate) fn dispatched(recorded_at: Timestamp) {
    histogram!(LAG).record(Timestamp::now().since(recorded_at));
}
