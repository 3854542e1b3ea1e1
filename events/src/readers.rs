//! Streams `readers-{id}`: how far the members of a channel have read. Apart from the channel's
//! own stream, because there are as many as readers times messages, and nothing depends on them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::codec::{Payload, category};
use crate::id::UserId;
use crate::settled::CommandSettled;

category! {
    /// What happens to a channel's read markers.
    ReadersEvent of Readers {
        /// A member has read further.
        ReadMarkerMoved = 1,
        /// A command changed nothing.
        CommandSettled = 1,
    }
}

/// A member has read further. Markers never go back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReadMarkerMoved {
    /// Who.
    pub user: UserId,
    /// The highest `seq` that was read.
    pub up_to_seq: u32,
}

impl Payload for ReadMarkerMoved {}
