//! What another entity has to say to a command.

use crate::rejection::Rejection;

/// What a wallet says to a command that is put to another stream: who asks may do so there, and
/// it could be done; or why not. Its own stream tells, so it is found out first, and told where
/// the order of refusals wants it.
pub type Permit = Result<(), Rejection>;
