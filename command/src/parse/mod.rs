//! Raw input made into types that can't be wrong. Lengths are counted in Unicode scalar values.

mod email;
mod emoji;
mod id;
mod names;
mod password;
mod text;

pub use email::EmailAddress;
pub use emoji::Emoji;
pub use id::{command_id, message_or_nil, thing, user_or_nil};
pub use names::{ChannelName, Description, MessageText, Username};
pub use password::{ChannelPassword, Password, PasswordTry};
