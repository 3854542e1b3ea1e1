//! What may be set about the transports.

use std::time::Duration;

use super::origins::Origins;
use super::usage::PerUser;
use crate::document::Limits;

/// Limits and rights of the transports.
#[derive(Debug, Clone)]
pub struct Config {
    /// Pages of which origins may use the API, besides those that it serves itself.
    pub origins: Origins,
    /// How big a document may be.
    pub document: Limits,
    /// Size of a request body at most.
    pub body_bytes_max: usize,
    /// A body must have come in whole by then.
    pub body_within: Duration,
    /// Values in a body: lists and objects of many small ones weigh far more than their text.
    pub body_values_max: usize,
    /// Size of an answer at most.
    pub answer_bytes_max: usize,
    /// Queries of one user that run or wait for their turn; those of nobody count as one user's.
    pub queries_max: usize,
    /// Queries of one user that run at the same time, fewer than there are connections to the
    /// database; the others wait.
    pub queries_at_once: usize,
    /// What all bodies that are being received may weigh, not counting small ones.
    pub bodies_bytes_max: usize,
    /// What all answers that are being sent may weigh, not counting small ones.
    pub answers_bytes_max: usize,
    /// Limits of sockets, and of streams as far as they have the same.
    pub socket: SocketLimits,
    /// A stream that had nothing to tell for so long says that it is still there.
    pub keep_alive: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            origins: Origins::default(),
            document: Limits::default(),
            body_bytes_max: 1 << 20,
            body_within: Duration::from_secs(30),
            body_values_max: 20_000,
            answer_bytes_max: 16 << 20,
            queries_max: 1_500,
            queries_at_once: 8,
            bodies_bytes_max: 32 << 20,
            answers_bytes_max: 32 << 20,
            socket: SocketLimits::default(),
            keep_alive: Duration::from_secs(12),
        }
    }
}

/// Limits of sockets.
#[derive(Debug, Clone)]
pub struct SocketLimits {
    /// Size of a frame, and of a message in several, from the client.
    pub frame_bytes_max: usize,
    /// Sockets and streams of one user.
    pub per_user_max: usize,
    /// Operations that run for one user over all sockets and streams; for a socket without a
    /// user, on it.
    pub operations_max: usize,
    /// Queries, mutations and starting subscriptions at a time on one socket; while there are
    /// as many, nothing more is read from it.
    pub executions_max: usize,
    /// Length of an operation's id.
    pub id_bytes_max: usize,
    /// `connection_init` must have come by then.
    pub init_within: Duration,
    /// A socket that nothing was heard from for so long is pinged.
    pub ping_after: Duration,
    /// A socket that nothing was heard from for so long is given up.
    pub silence_max: Duration,
    /// A reader that takes nothing for so long is closed as too slow.
    pub stall_max: Duration,
    /// Bytes that wait to be written before nothing more is asked of the hub.
    pub write_buffer_bytes: usize,
    /// How long a closed socket may take to take note.
    pub goodbye_within: Duration,
    /// The same for a reader that was too slow: it has to read what is before it first.
    pub slow_goodbye_within: Duration,
}

impl Default for SocketLimits {
    fn default() -> Self {
        Self {
            frame_bytes_max: 64 << 10,
            per_user_max: 20,
            operations_max: 5_000,
            executions_max: 64,
            id_bytes_max: 128,
            init_within: Duration::from_secs(10),
            ping_after: Duration::from_secs(30),
            silence_max: Duration::from_mins(2),
            stall_max: Duration::from_secs(10),
            write_buffer_bytes: 16 << 10,
            goodbye_within: Duration::from_secs(2),
            slow_goodbye_within: Duration::from_secs(30),
        }
    }
}

impl Config {
    pub(super) fn per_user(&self) -> PerUser {
        PerUser {
            sockets_max: self.socket.per_user_max,
            operations_max: self.socket.operations_max,
            queries_max: self.queries_max,
            queries_at_once: self.queries_at_once,
        }
    }
}
