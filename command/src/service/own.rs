//! What a user asks of the own account.

use events::hashing::InputHash;

use super::CommandService;
use super::origin::Origin;
use super::profile::NewProfile;
use crate::bus::{Command, Done, Viewer};
use crate::rejection::Rejection;

impl CommandService {
    pub(super) async fn carry_out_on_own_account(
        &self,
        viewer: Viewer,
        origin: impl FnOnce(InputHash) -> Result<Origin, Rejection>,
        command: Command,
    ) -> Result<Done, Rejection> {
        match command {
            Command::UpdateProfile { email, username } => {
                let origin = origin(self.input_hash(&("updateProfile", &email, &username)))?;
                self.update_profile(&origin, viewer, NewProfile { email, username }).await
            }
            Command::ChangePassword { current, new } => {
                let origin = origin(self.input_hash(&("changePassword",)))?;
                self.change_password(&origin, viewer, &current, new).await
            }
            Command::DeleteAccount { password } => {
                let origin = origin(self.input_hash(&("deleteAccount",)))?;
                self.delete_account(&origin, viewer, &password).await
            }
            Command::AddContact { email } => {
                let origin = origin(self.input_hash(&("addContact", &email)))?;
                self.add_contact(&origin, viewer, &email).await
            }
            Command::RemoveContact { user } => {
                let origin = origin(self.input_hash(&("removeContact", &user)))?;
                self.remove_contact(&origin, viewer, &user).await
            }
            _ => Err(Rejection::internal()),
        }
    }
}
