//! Raw input made into types that can't be wrong. Lengths are counted in Unicode scalar values.

mod email;
mod id;
mod names;
mod password;
mod text;

pub use email::EmailAddress;
pub use id::{command_id, message_or_nil, thing};
pub use names::{ChannelName, Description, MessageText, Username};
pub use password::{ChannelPassword, Password, PasswordTry};
