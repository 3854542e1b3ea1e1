//! What clients may ask of a node, and how long it waits for them.

use std::time::Duration;

use clap::Args;
use query::document::Limits;
use query::transport::{Config, Origins, SocketLimits};

/// Limits of the API. What goes beyond is refused with its code, or cut off.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitsConfig {
    /// Most open connections to the API
    #[arg(long, env = "MOIM_CONNECTIONS_MAX", default_value_t = 20_000, value_name = "N")]
    pub connections_max: usize,
    /// Deepest document
    #[arg(long, env = "MOIM_DEPTH_MAX", default_value_t = 15, value_name = "LEVELS")]
    pub depth_max: usize,
    /// Most items that the nested pages of a document can give
    #[arg(long, env = "MOIM_COMPLEXITY_MAX", default_value_t = 10_000, value_name = "ITEMS")]
    pub complexity_max: u64,
    /// Most aliases in a document
    #[arg(long, env = "MOIM_ALIASES_MAX", default_value_t = 100, value_name = "N")]
    pub aliases_max: u64,
    /// Biggest body of a request
    #[arg(long, env = "MOIM_BODY_BYTES_MAX", default_value_t = 1 << 20, value_name = "BYTES")]
    pub body_bytes_max: usize,
    /// Biggest answer
    #[arg(long, env = "MOIM_ANSWER_BYTES_MAX", default_value_t = 16 << 20, value_name = "BYTES")]
    pub answer_bytes_max: usize,
    /// Biggest WebSocket frame or message from a client
    #[arg(long, env = "MOIM_FRAME_BYTES_MAX", default_value_t = 64 << 10, value_name = "BYTES")]
    pub frame_bytes_max: usize,
    /// Most sockets and streams of a user
    #[arg(long, env = "MOIM_SOCKETS_MAX", default_value_t = 20, value_name = "N")]
    pub sockets_max: usize,
    /// Most operations that run on a user's sockets and streams
    #[arg(long, env = "MOIM_OPERATIONS_MAX", default_value_t = 5_000, value_name = "N")]
    pub operations_max: usize,
    /// Most sign-ups and log-ins from one address within a quarter of an hour
    #[arg(long, env = "MOIM_SIGN_INS_PER_ADDRESS", default_value_t = 300, value_name = "N")]
    pub sign_ins_per_address: u32,
    /// Most commands of one user within a second
    #[arg(long, env = "MOIM_COMMANDS_PER_SECOND", default_value_t = 50, value_name = "N")]
    pub commands_per_second: u32,
    /// A request's headers must be complete after this time
    #[arg(long, env = "MOIM_HEADERS_MS", default_value_t = 10_000, value_name = "MS")]
    pub headers_ms: u64,
    /// A request's body must be complete after this time
    #[arg(long, env = "MOIM_BODY_MS", default_value_t = 30_000, value_name = "MS")]
    pub body_ms: u64,
    /// A subscriber who takes nothing for so long is closed as too slow
    #[arg(long, env = "MOIM_SLOW_MS", default_value_t = 10_000, value_name = "MS")]
    pub slow_ms: u64,
    /// A connection that takes nothing for so long is cut off
    #[arg(long, env = "MOIM_STALL_MS", default_value_t = 60_000, value_name = "MS")]
    pub stall_ms: u64,
}

impl LimitsConfig {
    /// As the transports want them.
    pub(crate) fn transport(&self, origins: Origins) -> Config {
        let document = Limits {
            depth_max: self.depth_max,
            complexity_max: self.complexity_max,
            aliases_max: self.aliases_max,
            ..Limits::default()
        };
        let socket = SocketLimits {
            frame_bytes_max: self.frame_bytes_max,
            per_user_max: self.sockets_max,
            operations_max: self.operations_max,
            stall_max: Duration::from_millis(self.slow_ms),
            ..SocketLimits::default()
        };
        Config {
            origins,
            document,
            body_bytes_max: self.body_bytes_max,
            answer_bytes_max: self.answer_bytes_max,
            body_within: Duration::from_millis(self.body_ms),
            socket,
            ..Config::default()
        }
    }
}
