use proptest::prelude::*;

use super::*;
use crate::domain::testing::{Given, accepted, fresh, kinds, refusal, ring};

fn sign_up(user: UserId) -> Command {
    Command::SignUp(SignUp {
        user,
        email: EmailAddress::parse("Minji@example.com").unwrap(),
        username: Username::parse("민지").unwrap(),
        password: Zeroizing::new("$argon2id$…".to_owned()),
    })
}

fn given(users: &[UserId]) -> Given<Email> {
    let key = events::hashing::HashKey::new([1; 32]);
    Given::nothing(StreamName::email(&key.email("minji@example.com")), ring(users))
}

#[test]
fn a_free_address_is_reserved_with_all_that_the_registration_needs() {
    let user = fresh::<UserId>();
    let given = given(&[user]).after(&sign_up(user));
    assert_eq!(given.state.holder, Some(user));
    let registration = Registration::of(given.last()).unwrap();
    assert_eq!(given.state.registration.as_ref(), Some(&registration));
    let register = registration.open(given.ring(), given.stream()).unwrap().unwrap();
    assert_eq!(register.user, user);
    assert_eq!(register.email.as_str(), "Minji@example.com");
    assert_eq!(register.username.as_str(), "민지");
    assert_eq!(register.password.as_str(), "$argon2id$…");
}

#[test]
fn nothing_follows_for_a_user_whose_key_is_destroyed() {
    let user = fresh::<UserId>();
    let given = given(&[user]).after(&sign_up(user)).forgetting(user);
    let registration = Registration::of(given.last()).unwrap();
    assert!(registration.open(given.ring(), given.stream()).unwrap().is_none());
}

#[test]
fn an_address_that_somebody_holds_is_taken() {
    let [user, other] = [fresh::<UserId>(), fresh()];
    let given = given(&[user, other]).after(&sign_up(user));
    assert_eq!(refusal(given.when(&sign_up(other))).code, Code::EmailTaken);
}

fn exchange(user: UserId) -> Command {
    let (email, username) = (EmailAddress::parse("Minji@example.com").unwrap(), None);
    let replaces = events::hashing::HashKey::new([1; 32]).email("before@example.com");
    let since = fresh::<EventId>();
    Command::Exchange(Exchange { user, email, username, replaces, since })
}

fn release(given: &Given<Email>) -> Command {
    let reservation = given.state.reservation.map(|reservation| reservation.event);
    Command::Release { reservation: reservation.unwrap_or_else(fresh::<EventId>) }
}

#[test]
fn a_released_address_is_free_again() {
    let [user, other] = [fresh::<UserId>(), fresh()];
    let given = given(&[user, other]).after(&sign_up(user));
    let free = release(&given);
    let given = given.after(&free);
    assert_eq!(kinds(&accepted(given.when(&sign_up(other)))), ["EmailReserved"]);
    assert_eq!(kinds(&accepted(given.when(&exchange(other)))), ["EmailReserved"]);
}

#[test]
fn a_release_ends_the_reservation_that_it_names_and_no_later_one() {
    let user = fresh::<UserId>();
    let given = given(&[user]).after(&sign_up(user));
    let first = release(&given);
    let given = given.after(&first).after(&exchange(user));
    assert_eq!(accepted(given.when(&first)), []);
    assert_eq!(accepted(given.when(&release(&given))), [EmailReleased { user }.into()]);
}

#[test]
fn an_address_is_not_exchanged_for_one_that_is_held() {
    let [user, other] = [fresh::<UserId>(), fresh()];
    let given = given(&[user, other]).after(&exchange(user));
    assert_eq!(refusal(given.when(&exchange(other))).code, Code::EmailTaken);
    // One's own earlier change has to be finished first.
    assert_eq!(refusal(given.when(&exchange(user))).code, Code::Conflict);
}

#[test]
fn a_reservation_carries_all_that_the_change_needs() {
    let user = fresh::<UserId>();
    let given = given(&[user]).after(&exchange(user));
    let change = AddressChange::of(given.stored()).unwrap().unwrap();
    let exchange = change.open(given.ring()).unwrap().unwrap();
    assert_eq!((exchange.user, exchange.email.as_str()), (user, "Minji@example.com"));
    assert_eq!((exchange.username, exchange.since), (None, change.since));
    let given = given.forgetting(user);
    assert!(change.open(given.ring()).unwrap().is_none());
}

proptest! {
    /// Commands by three users, in any order.
    #[test]
    fn a_repeated_command_changes_nothing(
        steps in prop::collection::vec((0..3usize, 0..3u8), 1..20),
    ) {
        let users = [fresh::<UserId>(), fresh(), fresh()];
        let mut given = given(&users);
        for (who, what) in steps {
            let command = match what {
                0 => sign_up(users[who]),
                1 => exchange(users[who]),
                _ => release(&given),
            };
            let id = fresh::<CommandId>();
            given.run(id, &command);
            let state = given.state.clone();
            prop_assert_eq!(given.state.holder.is_some(), what < 2);
            prop_assert_eq!(given.state.reservation.is_some(), what < 2);
            given.run(id, &command);
            prop_assert_eq!(&given.state, &state);
        }
    }
}
