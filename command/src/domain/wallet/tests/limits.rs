//! Limits per transfer and per day.

use super::*;

fn set(given: &Given<Wallet>, by: UserId, per_transfer: &str, per_day: &str) -> Command {
    let limits = Limits::parse(per_transfer, per_day).unwrap();
    Command::SetLimits { asker: asker(by), limits, warrant: token(given, by) }
}

fn limited(given: Given<Wallet>, by: UserId, per_transfer: &str, per_day: &str) -> Given<Wallet> {
    let command = set(&given, by, per_transfer, per_day);
    given.after(&command)
}

fn paid(given: Given<Wallet>, by: UserId, minor_units: i64) -> Given<Wallet> {
    let command = pay(&given, by, minor_units);
    given.after(&command)
}

fn exceeded(given: &Given<Wallet>, command: &Command, limit: i64, remaining: i64) {
    let refused = refusal(given.when(command));
    let details = Details::Limit { limit: amount(limit), remaining: amount(remaining) };
    assert_eq!((refused.code, refused.details), (Code::LimitExceeded, Some(details)));
}

#[test]
fn a_hundred_million_a_transfer_and_a_billion_a_day_if_nobody_lowers_them() {
    let [minji] = users();
    let mut given = with(personal(minji), 10_000_000_000);
    exceeded(&given, &pay(&given, minji, 100_000_001), 100_000_000, 1_000_000_000);
    for _ in 0..10 {
        given = paid(given, minji, 100_000_000);
    }
    exceeded(&given, &pay(&given, minji, 1), 1_000_000_000, 0);
    let tomorrow = Transfer { day: "2026-03-02".parse().unwrap(), ..transfer(&given, minji, 1) };
    accepted(given.when(&Command::Transfer(tomorrow)));
}

#[test]
fn a_wallet_lowers_its_limits_and_raises_them_again() {
    let [minji] = users();
    let given = limited(with(personal(minji), 1_000), minji, "50", "70");
    exceeded(&given, &pay(&given, minji, 51), 50, 70);
    let given = paid(given, minji, 50);
    exceeded(&given, &pay(&given, minji, 21), 70, 20);
    let given = limited(given, minji, "100", "100");
    accepted(given.when(&pay(&given, minji, 50)));
    let same = set(&given, minji, "100", "100");
    assert_eq!(accepted(given.when(&same)), []);
}

#[test]
fn lowering_below_what_was_spent_leaves_nothing() {
    let [minji] = users();
    let given = limited(paid(with(personal(minji), 1_000), minji, 100), minji, "10", "10");
    assert_eq!(given.state.remaining_on(today()), Amount::ZERO);
    exceeded(&given, &pay(&given, minji, 1), 10, 0);
}

#[test]
fn limits_are_set_with_a_spend_token() {
    let [minji] = users();
    let given = personal(minji);
    let limits = Limits::parse("1", "1").unwrap();
    let without = Command::SetLimits { asker: asker(minji), limits, warrant: Warrant::Void };
    assert_eq!(code(&given, &without), Code::SpendTokenInvalid);
}

#[test]
fn where_more_than_one_approves_limits_are_lowered_only() {
    let [minji, jun] = users();
    let given = limited(admins(&[minji, jun], 2), minji, "50", "70");
    for (per_transfer, per_day) in [("51", "70"), ("50", "71"), ("10", "71")] {
        assert_eq!(code(&given, &set(&given, minji, per_transfer, per_day)), Code::Forbidden);
    }
    accepted(given.when(&set(&given, jun, "10", "70")));
}

#[test]
fn insufficient_funds_are_told_before_a_limit() {
    let [minji] = users();
    let given = limited(with(personal(minji), 100), minji, "10", "10");
    let refused = refusal(given.when(&pay(&given, minji, 101)));
    assert_eq!(refused.code, Code::InsufficientFunds);
    assert_eq!(refused.details, Some(Details::Funds { available: amount(100) }));
    exceeded(&given, &pay(&given, minji, 100), 10, 10);
}

#[test]
fn what_waits_counts_from_its_request_and_is_given_back_to_its_day_when_it_ends_in_vain() {
    let [minji, jun] = users();
    let given = limited(with(admins(&[minji, jun], 2), 1_000), minji, "60", "100");
    let (given, id) = with_waiting(given, minji, 60);
    assert_eq!(given.state.remaining_on(today()), amount(40));
    exceeded(&given, &pay(&given, minji, 41), 100, 40);
    let declined = given.after(&Command::Decline { asker: asker(jun), transfer: id });
    assert_eq!(declined.state.remaining_on(today()), amount(100));
    let (given, id) = with_waiting(declined, minji, 60);
    let given = given.later(HOLD_TTL).after(&Command::Expire { transfer: id });
    assert_eq!(given.state.remaining_on(today()), amount(100));
    let (given, id) = with_waiting(given, minji, 60);
    let given = given.after(&Command::Approve { asker: asker(jun), transfer: id });
    assert_eq!(given.state.remaining_on(today()), amount(40), "it counts once");
}

#[test]
fn only_the_newest_days_are_kept() {
    let [minji] = users();
    let mut given = with(personal(minji), 1_000);
    for day in 1..=20 {
        let day = format!("2026-03-{day:02}").parse().unwrap();
        let transfer = Transfer { day, ..transfer(&given, minji, 1) };
        given = given.after(&Command::Transfer(transfer));
    }
    assert_eq!(given.state.spent.len(), DAYS_LEN_MAX);
    let newest: Day = "2026-03-20".parse().unwrap();
    assert!(given.state.spent.contains_key(&newest));
}
