//! PINs and what is given for them.

use super::*;

fn verified(given: &Given<Wallet>, user: UserId, verdict: Verdict) -> Verified {
    Verified { against: given.state.pin(user).unwrap().event, verdict }
}

fn authorize(given: &Given<Wallet>, user: UserId, verdict: Verdict) -> Command {
    Command::Authorize { asker: asker(user), pin: Some(verified(given, user, verdict)) }
}

/// Tries a wrong one, which counts, and gives what is said.
fn try_wrong(given: &mut Given<Wallet>, user: UserId) -> Rejection {
    let wrong = authorize(given, user, Verdict::Wrong);
    let decision = given.run(fresh::<CommandId>(), &wrong);
    assert!(matches!(decision, Decision::CountAndRefuse(..)), "{decision:?}");
    refusal(decision)
}

#[test]
fn a_right_pin_gives_a_token_without_an_event() {
    let [minji] = users();
    let given = personal(minji);
    assert_eq!(accepted(given.when(&authorize(&given, minji, Verdict::Right))), []);
}

#[test]
fn the_fifth_wrong_one_locks_for_fifteen_minutes_even_the_right_one() {
    let [minji] = users();
    let mut given = personal(minji);
    for left in (0..PIN_TRIES_MAX).rev() {
        given = given.later(MINUTE);
        let refused = try_wrong(&mut given, minji);
        let told = (refused.code, refused.details);
        assert_eq!(told, (Code::WrongPin, Some(Details::Tries { tries_left: left })));
    }
    let until = given.now.plus(PIN_LOCK);
    let given = given.later(14 * MINUTE);
    for verdict in [Verdict::Right, Verdict::Wrong] {
        let decision = given.when(&authorize(&given, minji, verdict));
        let Decision::Refuse(refused) = decision else { panic!("counted: {decision:?}") };
        let told = (refused.code, refused.details);
        assert_eq!(told, (Code::PinLocked, Some(Details::Lock { until })));
    }
    let current = CurrentPin::Verified(verified(&given, minji, Verdict::Right));
    assert_eq!(code(&given, &set_pin(minji, current)), Code::PinLocked);
    let mut given = given.later(MINUTE);
    let refused = try_wrong(&mut given, minji);
    let details = Some(Details::Tries { tries_left: 4 });
    assert_eq!(refused.details, details, "five in a row again");
    accepted(given.when(&authorize(&given, minji, Verdict::Right)));
}

#[test]
fn a_right_one_after_wrong_ones_makes_them_forgotten() {
    let [minji] = users();
    let mut given = personal(minji);
    for _ in 1..PIN_TRIES_MAX {
        try_wrong(&mut given, minji);
    }
    let right = authorize(&given, minji, Verdict::Right);
    assert_eq!(kinds(&accepted(given.when(&right))), ["PinAccepted"]);
    let mut given = given.after(&right);
    let refused = try_wrong(&mut given, minji);
    assert_eq!(refused.details, Some(Details::Tries { tries_left: 4 }));
}

#[test]
fn each_admin_has_their_own_pin_and_tries() {
    let [minji, jun] = users();
    let mut given = admins(&[minji, jun], 1);
    for _ in 0..PIN_TRIES_MAX {
        try_wrong(&mut given, minji);
    }
    assert!(given.state.pin_locked_until(minji, given.now).is_some());
    accepted(given.when(&authorize(&given, jun, Verdict::Right)));
}

#[test]
fn a_pin_verified_against_another_hash_is_verified_again() {
    let [minji] = users();
    let given = personal(minji);
    let old = Verified { against: fresh::<EventId>(), verdict: Verdict::Right };
    for pin in [None, Some(old)] {
        let command = Command::Authorize { asker: asker(minji), pin };
        assert_eq!(given.when(&command), Decision::Stale);
    }
    for current in [CurrentPin::Unverified, CurrentPin::Verified(old)] {
        assert_eq!(given.when(&set_pin(minji, current)), Decision::Stale);
    }
}

#[test]
fn a_new_admin_has_no_pin_until_they_set_one() {
    let [minji, jun] = users();
    let given = group(&[minji, jun], 1).after(&set_role(minji, jun, WalletRole::Admin));
    let command = Command::Authorize { asker: asker(jun), pin: None };
    assert_eq!(code(&given, &command), Code::Forbidden);
    // What is sent without need is ignored.
    accepted(given.when(&set_pin(jun, CurrentPin::Unverified)));
    let given = given.after(&set_pin(jun, CurrentPin::LeftOut));
    accepted(given.when(&authorize(&given, jun, Verdict::Right)));
}

#[test]
fn a_pin_is_changed_with_the_current_one() {
    let [minji] = users();
    let mut given = personal(minji);
    let decision = given.when(&set_pin(minji, CurrentPin::LeftOut));
    let Decision::Refuse(refused) = decision else { panic!("counted: {decision:?}") };
    let told = (refused.code, refused.field.as_deref());
    assert_eq!(told, (Code::InvalidInput, Some("currentPin")));
    let wrong = CurrentPin::Verified(verified(&given, minji, Verdict::Wrong));
    let decision = given.run(fresh::<CommandId>(), &set_pin(minji, wrong));
    let Decision::CountAndRefuse(_, refused) = decision else { panic!("{decision:?}") };
    assert_eq!(refused.details, Some(Details::Tries { tries_left: 4 }), "tries here count, too");
    let right = CurrentPin::Verified(verified(&given, minji, Verdict::Right));
    let events = accepted(given.when(&set_pin(minji, right)));
    assert_eq!(kinds(&events), ["PinChanged"]);
    let mut given = given.after(&set_pin(minji, right));
    assert_eq!(try_wrong(&mut given, minji).details, Some(Details::Tries { tries_left: 4 }));
}

#[test]
fn a_changed_pin_voids_the_tokens_that_were_given_for_the_one_before() {
    let [minji, jun] = users();
    let given = with(admins(&[minji, jun], 1), 100);
    let (of_minji, of_jun) = (pay(&given, minji, 1), pay(&given, jun, 1));
    let right = CurrentPin::Verified(verified(&given, minji, Verdict::Right));
    let given = given.after(&set_pin(minji, right));
    assert_eq!(code(&given, &of_minji), Code::SpendTokenInvalid);
    accepted(given.when(&of_jun));
    accepted(given.when(&pay(&given, minji, 1)));
}

#[test]
fn who_is_no_admin_any_more_has_no_pin_any_more() {
    let [minji, jun] = users();
    let given = with(admins(&[minji, jun], 1), 100);
    let before = pay(&given, jun, 1);
    let given = given.after(&set_role(minji, jun, WalletRole::Member));
    assert_eq!(code(&given, &before), Code::Forbidden);
    let given = given.after(&set_role(minji, jun, WalletRole::Admin));
    assert_eq!(given.state.pin(jun), None);
    assert_eq!(code(&given, &before), Code::SpendTokenInvalid);
}
