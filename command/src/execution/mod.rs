//! How commands are run: machines without I/O, and a thin shell that carries their effects out.

pub mod aggregate;
