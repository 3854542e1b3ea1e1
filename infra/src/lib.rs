//! Everything that touches the world: adapters, configuration, operations, and the one binary.

pub mod audit;
pub mod cli;
pub mod config;
pub mod keys;
pub mod limits;
pub mod proxies;

pub mod serve;
pub mod stores;

pub mod auth;
pub mod postgres;
pub mod telemetry;
