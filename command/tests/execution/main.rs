//! The execution from outside: its shell on stores in memory, and its machines under simulation.

mod board;
mod process;
mod shell;
