//! Adapters, configuration, operations: what connects the rooms to the world.
pub mod postgres;
