//! Streams `email-{hmac}`: who holds an address. Reserved and Released take turns.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::codec::{Payload, category};
use crate::hashing::EmailHash;
use crate::id::{EventId, UserId};
use crate::personal::Personal;
use crate::settled::CommandSettled;

category! {
    /// What happens to an address.
    EmailEvent of Email {
        /// Somebody holds it now.
        EmailReserved = 1,
        /// It is free again.
        EmailReleased = 1,
        /// A command changed nothing.
        CommandSettled = 1,
    }
}

/// Somebody holds the address now. At sign-up this is the point of commitment, and it carries
/// all that the registration needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EmailReserved {
    /// Who.
    pub user: UserId,
    /// At sign-up, the account to be registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<Registration>,
    /// At a change of address, the profile to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<ProfileChange>,
}

/// The profile of an account that exchanges its address for this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProfileChange {
    /// The new address as the user wrote it, trimmed.
    pub email: Personal,
    /// The new name, if that changes too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<Personal>,
    /// The address that is exchanged for it, and is released afterwards.
    pub replaces: EmailHash,
    /// The event that set that address: if the profile has another since, this change is void,
    /// and its own address is released.
    pub since: EventId,
}

/// The account to be registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Registration {
    /// The address as the user wrote it, trimmed.
    pub email: Personal,
    /// The name that others see.
    pub username: Personal,
    /// Argon2id hash in PHC form.
    pub password: Personal,
}

/// The address is free again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EmailReleased {
    /// Who held it.
    pub user: UserId,
}

impl Payload for EmailReserved {
    fn personal(&mut self) -> Vec<&mut Personal> {
        let mut personal = Vec::new();
        if let Some(new) = &mut self.registration {
            personal.extend([&mut new.email, &mut new.username, &mut new.password]);
        }
        if let Some(change) = &mut self.change {
            personal.push(&mut change.email);
            personal.extend(change.username.as_mut());
        }
        personal
    }
}

impl Payload for EmailReleased {}
