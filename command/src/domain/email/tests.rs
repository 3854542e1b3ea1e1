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

#[test]
fn a_released_address_is_free_again() {
    let [user, other] = [fresh::<UserId>(), fresh()];
    let given = given(&[user, other]).after(&sign_up(user)).after(&Command::Release { user });
    assert_eq!(kinds(&accepted(given.when(&sign_up(other)))), ["EmailReserved"]);
}

#[test]
fn who_does_not_hold_an_address_releases_nothing() {
    let [user, other] = [fresh::<UserId>(), fresh()];
    let given = given(&[user]).after(&sign_up(user));
    assert_eq!(accepted(given.when(&Command::Release { user: other })), []);
}

proptest! {
    /// Commands by three users, in any order.
    #[test]
    fn a_repeated_command_changes_nothing(
        steps in prop::collection::vec((0..3usize, any::<bool>()), 1..20),
    ) {
        let users = [fresh::<UserId>(), fresh(), fresh()];
        let mut given = given(&users);
        for (who, signs_up) in steps {
            let user = users[who];
            let command = if signs_up { sign_up(user) } else { Command::Release { user } };
            let id = fresh::<CommandId>();
            given.run(id, &command);
            let state = given.state.clone();
            prop_assert!(given.state.holder.is_some() || !signs_up);
            given.run(id, &command);
            prop_assert_eq!(&given.state, &state);
        }
    }
}
