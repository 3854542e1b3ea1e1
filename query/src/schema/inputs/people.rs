//! What mutations of accounts take.

use async_graphql::{ID, InputObject};
use command::Command;
use command::bus::Secret;

/// An account to be made.
#[derive(InputObject)]
pub(crate) struct SignUpInput {
    /// Names the command: a UUID of version 4 or 7. Made by the server when left out.
    command_id: Option<ID>,
    /// The address to log in with.
    email: String,
    /// The name that others will see, 1–50 characters.
    username: String,
    /// 8–128 characters, not easily guessed.
    password: String,
}

impl SignUpInput {
    pub(crate) fn command(self) -> (Option<ID>, Command) {
        let Self { command_id, email, username, password } = self;
        (command_id, Command::SignUp { email, username, password: Secret::new(password) })
    }
}

/// Who logs in.
#[derive(InputObject)]
pub(crate) struct LogInInput {
    /// The account's address.
    email: String,
    /// The account's password.
    password: String,
}

impl LogInInput {
    pub(crate) fn command(self) -> Command {
        Command::LogIn { email: self.email, password: Secret::new(self.password) }
    }
}

/// What the viewer's profile shall be; what is left out stays.
#[derive(InputObject)]
pub(crate) struct UpdateProfileInput {
    /// Names the command: a UUID of version 4 or 7. Made by the server when left out.
    command_id: Option<ID>,
    /// The new address to log in with; the old one is free again.
    email: Option<String>,
    /// The new name, 1–50 characters.
    username: Option<String>,
}

impl UpdateProfileInput {
    pub(crate) fn command(self) -> (Option<ID>, Command) {
        let Self { command_id, email, username } = self;
        (command_id, Command::UpdateProfile { email, username })
    }
}

/// The viewer's password, old and new.
#[derive(InputObject)]
pub(crate) struct ChangePasswordInput {
    /// Names the command: a UUID of version 4 or 7. Made by the server when left out.
    command_id: Option<ID>,
    /// The password that holds now; wrong ones count with those of log-in.
    current_password: String,
    /// 8–128 characters, not easily guessed.
    new_password: String,
}

impl ChangePasswordInput {
    pub(crate) fn command(self) -> (Option<ID>, Command) {
        let Self { command_id, current_password, new_password } = self;
        let (current, new) = (Secret::new(current_password), Secret::new(new_password));
        (command_id, Command::ChangePassword { current, new })
    }
}
