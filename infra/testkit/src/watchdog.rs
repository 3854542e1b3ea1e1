//! A small shell process that outlives the tests and stops a server that nobody uses.

use std::fs::{self, File, FileTimes, OpenOptions};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use anyhow::Context;

use crate::programs;
use crate::server::Server;

/// `$1` home, `$2` `pg_ctl`, `$3` idle seconds, `$4` `remove` or `keep`, `$5…` prefix to run as
/// the owner. Users hold `use.lock` shared; its time of change says until when to stay at least.
const SCRIPT: &str = r#"
home=$1 pg_ctl=$2 idle_s=$3 after=$4; shift 4
exec 7>>"$home/watchdog.lock"; flock -n 7 || exit 0
idle=0
while sleep 1; do
    [ -e "$home/use.lock" ] || exit 0
    now=$(date +%s); used=$(stat -c %Y "$home/use.lock")
    if [ "$now" -le "$used" ] || ! flock -n "$home/use.lock" true 7>&-; then idle=0; continue; fi
    idle=$((idle + 1))
    [ "$idle" -ge "$idle_s" ] || continue
    exec 8>>"$home/start.lock" 9>>"$home/use.lock"
    if flock -n 8 && flock -n 9; then
        pid=$(head -n 1 "$home/data/postmaster.pid" 2>/dev/null)
        # After a crash the number may be somebody else's.
        if [ -n "$pid" ] && tr '\0' '\n' <"/proc/$pid/cmdline" | grep -qxF "$home/data"; then
            "$@" "$pg_ctl" stop -D "$home/data" -m fast -t 30
        fi >/dev/null 2>&1
        [ "$after" = keep ] || rm -rf "$home"
        exit 0
    fi
    exec 8>&- 9>&-
    idle=0
done
"#;

/// What becomes of a server's folder once nobody uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    /// It stays, for the next run.
    Keep,
    /// It is removed.
    Remove,
}

/// Opens a lock file of a home.
pub(crate) fn lock_file(home: &Path, name: &str) -> anyhow::Result<File> {
    let path = home.join(name);
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    options.open(&path).with_context(|| format!("can't open {}", path.display()))
}

/// Says that the server is in use for as long as the file given back is open, and `at_least`
/// from now on.
pub(crate) fn hold(home: &Path, at_least: Duration) -> anyhow::Result<File> {
    let file = lock_file(home, "use.lock")?;
    file.lock_shared()?;
    let until = SystemTime::now() + at_least;
    if file.metadata()?.modified()? < until {
        file.set_times(FileTimes::new().set_modified(until))?;
    }
    Ok(file)
}

/// Makes sure that a watchdog looks after the server.
pub(crate) fn watch(server: &Server, idle: Duration, after: After) -> anyhow::Result<()> {
    if lock_file(&server.home, "watchdog.lock")?.try_lock().is_err() {
        return Ok(());
    }
    let script = server.home.join("watchdog.sh");
    fs::write(&script, SCRIPT)?;
    let mut shell = Command::new("setsid");
    shell.arg("sh").arg(script).arg(&server.home).arg(server.programs.join("pg_ctl"));
    shell.arg(idle.as_secs().to_string());
    shell.arg(if after == After::Keep { "keep" } else { "remove" });
    if programs::is_root() {
        shell.args(["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"]);
    }
    shell.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // Its own group: Ctrl-C at the tests is not meant for it.
    shell.process_group(0).spawn().context("can't start the watchdog: setsid is missing")?;
    Ok(())
}
