//! Raw input made into types that can't be wrong. Lengths are counted in Unicode scalar values.

mod email;
mod emoji;
mod id;
mod money;
mod names;
mod password;
mod pin;
mod text;

pub use email::EmailAddress;
pub use emoji::Emoji;
pub use id::{command_id, message_or_nil, thing, user_or_nil, wallet_or_nil};
pub(crate) use money::too_large;
pub use money::{
    APPROVALS_MAX, Approvals, Limits, PER_DAY_MAX, PER_TRANSFER_MAX, PositiveAmount, currency,
};
pub use names::{ChannelName, Description, Memo, MessageText, Reference, Username, WalletName};
pub use password::{ChannelPassword, Password, PasswordTry};
pub use pin::Pin;
