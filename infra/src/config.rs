//! All that can be configured, in one place: every flag has a variable, a line of
//! documentation, and a default unless it is a secret.

use std::net::SocketAddr;

use clap::{Args, ValueEnum};
use jiff::tz::TimeZone;

use query::transport::Origins;

use crate::keys::{SecretKey, TokenKeys};
use crate::limits::LimitsConfig;
use crate::proxies::TrustedProxies;

/// Where the data is, and the keys that it can't be read without.
#[derive(Debug, Clone, Args)]
pub struct StoreConfig {
    /// PostgreSQL database of read models, claims, snapshots and users' keys
    #[arg(long, env = "MOIM_DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: String,
    /// Event log; `postgres://…` [default: the database]
    #[arg(long, env = "MOIM_LOG_URL", hide_env_values = true, value_name = "URL")]
    pub log_url: Option<String>,
    /// Most connections to the database in this node's pools; it holds eight more. Few do more:
    /// statements are batched, and a pool that comes back after a restart must not be a crowd
    #[arg(long, env = "MOIM_DATABASE_CONNECTIONS", default_value_t = 16, value_name = "N")]
    pub database_connections: u32,
    /// Wraps the users' own keys; 32 bytes in base64. Without it personal data can't be read
    #[arg(long, env = "MOIM_DATA_KEY", hide_env_values = true, value_name = "SECRET")]
    pub data_key: SecretKey,
    /// Names e-mail addresses and inputs in the log; 32 bytes in base64; never changed
    #[arg(long, env = "MOIM_HASH_KEY", hide_env_values = true, value_name = "SECRET")]
    pub hash_key: SecretKey,
}

impl StoreConfig {
    /// The event log's address.
    pub fn log_url(&self) -> &str {
        self.log_url.as_deref().unwrap_or(&self.database_url)
    }
}

/// What `moim serve` needs besides.
#[derive(Debug, Clone, Args)]
pub struct ServeConfig {
    /// Data and keys.
    #[command(flatten)]
    pub store: StoreConfig,
    /// Address of the API
    #[arg(long, env = "MOIM_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// Address of `/livez`, `/readyz` and `/metrics`
    #[arg(long, env = "MOIM_OPS_LISTEN", default_value = "127.0.0.1:8081", value_name = "ADDRESS")]
    pub ops_listen: SocketAddr,
    /// Web origins that may use the API, divided by commas; `*` stands for any port, as in
    /// `http://localhost:*`
    #[arg(long, env = "MOIM_ALLOWED_ORIGINS", default_value = "", value_name = "ORIGINS")]
    pub allowed_origins: Origins,
    /// Mixed into password hashes; 32 bytes in base64. Without it nobody can log in
    #[arg(long, env = "MOIM_PEPPER", hide_env_values = true, value_name = "SECRET")]
    pub pepper: SecretKey,
    /// Sign access tokens: `name:secret`, or two divided by a comma, of which the first signs
    #[arg(long, env = "MOIM_TOKEN_KEYS", hide_env_values = true, value_name = "KEYS")]
    pub token_keys: TokenKeys,
    /// What concerns money.
    #[command(flatten)]
    pub money: MoneyConfig,
    /// Addresses or networks of proxies, divided by commas, whose `X-Forwarded-For` is believed
    #[arg(long, env = "MOIM_TRUSTED_PROXIES", default_value = "", value_name = "NETWORKS")]
    pub trusted_proxies: TrustedProxies,
    /// What clients may ask.
    #[command(flatten)]
    pub limits: LimitsConfig,
}

/// Where money comes from, and by which days it is limited.
#[derive(Debug, Clone, Args)]
pub struct MoneyConfig {
    /// Who tells of deposits
    #[arg(long, env = "MOIM_DEPOSITS", value_enum, default_value_t, value_name = "WHO")]
    pub deposits: Deposits,
    /// Payment providers sign what they send to `/v1/deposits` with it; 32 bytes in base64. Without
    /// it nothing is taken there
    #[arg(long, env = "MOIM_DEPOSIT_KEY", hide_env_values = true, value_name = "SECRET")]
    pub deposit_key: Option<SecretKey>,
    /// IANA name of the zone whose days spending limits count by
    #[arg(long, env = "MOIM_TIME_ZONE", default_value = "Asia/Seoul", value_name = "ZONE")]
    #[arg(value_parser = time_zone)]
    pub time_zone: TimeZone,
}

fn time_zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name).map_err(|error| error.to_string())
}

/// Who tells of deposits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Deposits {
    /// Users say themselves what they have paid in: for trying out.
    SelfService,
    /// Payment providers, at `/v1/deposits`.
    #[default]
    Provider,
}

/// What every subcommand tells, and how.
#[derive(Debug, Clone, Args)]
pub struct TelemetryConfig {
    /// What is logged, in the notation of `tracing_subscriber::EnvFilter`
    #[arg(
        long,
        env = "MOIM_LOG_FILTER",
        default_value = "info,sqlx::postgres::notice=warn",
        global = true,
        value_name = "FILTER"
    )]
    pub log_filter: String,
    /// Form of log lines [default: text on a terminal, JSON elsewhere]
    #[arg(long, env = "MOIM_LOG_FORMAT", global = true, value_name = "FORM")]
    pub log_format: Option<LogFormat>,
}

/// Form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}
