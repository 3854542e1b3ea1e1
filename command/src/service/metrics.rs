//! What is counted of commands, by type and code.

use std::time::Instant;

use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};

use crate::bus::Command;
use crate::rejection::Rejection;

const COMMANDS: &str = "moim_commands_total";
const DURATION: &str = "moim_command_duration_seconds";
/// The `code` of a command that was carried out.
const DONE: &str = "OK";

/// Says what the metrics mean; for the start, after the recorder is installed.
pub fn describe() {
    crate::secrets::describe_metrics();
    describe_counter!(COMMANDS, "Commands answered, by type and code (OK, or why refused).");
    describe_histogram!(
        DURATION,
        Unit::Seconds,
        "From a command's arrival to its answer, by type and code."
    );
}

/// A command whose time is taken.
pub(super) struct Measured {
    kind: &'static str,
    since: Instant,
}

impl Measured {
    pub(super) fn start(command: &Command) -> Self {
        Self { kind: command.name(), since: Instant::now() }
    }

    pub(super) fn kind(&self) -> &'static str {
        self.kind
    }

    pub(super) fn stop(self, refused: Option<&Rejection>) {
        let code = refused.map_or(DONE, |rejection| rejection.code.as_str());
        counter!(COMMANDS, "type" => self.kind, "code" => code).increment(1);
        let took = self.since.elapsed().as_secs_f64();
        histogram!(DURATION, "type" => self.kind, "code" => code).record(took);
    }
}
