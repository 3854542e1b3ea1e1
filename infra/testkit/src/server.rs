//! One PostgreSQL server over a home folder: `data`, `password`, `port`, `server.log`.

use std::fs;
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use uuid::Uuid;

use crate::programs;

const CONNECTIONS_MAX: u32 = 300;
const START_TRIES_MAX: usize = 4;
const READY_WAIT_S: u32 = 60;
/// Backends of a killed server leave by themselves; until then the next one can't start.
const ORPHANS_LEAVE_WITHIN: Duration = Duration::from_secs(20);

/// A server's folder and programs; says nothing about whether it runs.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) home: PathBuf,
    pub(crate) programs: PathBuf,
}

impl Server {
    /// The server of a home folder, which is made if need be.
    pub(crate) fn at(home: PathBuf) -> anyhow::Result<Self> {
        let programs = programs::folder()?;
        programs::make_home(&home)?;
        Ok(Self { home, programs })
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    /// Where to connect, as far as the home tells.
    pub(crate) fn url(&self, database: &str) -> anyhow::Result<String> {
        let port = self.port().context("the server has no port yet")?;
        let password = fs::read_to_string(self.home.join("password"))?;
        Ok(format!("postgres://moim:{}@127.0.0.1:{port}/{database}", password.trim()))
    }

    /// The postmaster's process id. Its lock file may be left from before a crash and name
    /// somebody else's process by now, which must come to no harm.
    pub(crate) fn postmaster(&self) -> Option<u32> {
        let id = self.locked_by()?;
        let command = fs::read_to_string(format!("/proc/{id}/cmdline")).ok()?;
        let data = self.data();
        command.split('\0').any(|argument| Path::new(argument) == data).then_some(id)
    }

    fn locked_by(&self) -> Option<u32> {
        let lock = fs::read_to_string(self.data().join("postmaster.pid")).ok()?;
        lock.lines().next()?.trim().parse().ok()
    }

    /// Starts the server from whatever state it is in; a folder that it can't start from is
    /// made anew.
    pub(crate) fn start(&self) -> anyhow::Result<()> {
        let mut failure = None;
        for attempt in 0..START_TRIES_MAX {
            if attempt == START_TRIES_MAX - 1 {
                fs::remove_dir_all(self.data()).ok();
            }
            match self.initialise().and_then(|()| self.start_once()) {
                Ok(()) => return Ok(()),
                Err(error) => failure = Some(error),
            }
        }
        let log = fs::read_to_string(self.home.join("server.log")).unwrap_or_default();
        let tail: Vec<&str> = log.lines().rev().take(20).collect();
        let tail = tail.into_iter().rev().collect::<Vec<_>>().join("\n");
        match failure {
            Some(error) => {
                Err(error.context(format!("PostgreSQL does not start; its log:\n{tail}")))
            }
            None => bail!("PostgreSQL was not started"),
        }
    }

    /// Starts the server on its old port after it was killed.
    pub(crate) fn restart(&self) -> anyhow::Result<()> {
        let port = self.port().context("the server ran before")?;
        let start = Instant::now();
        loop {
            match self.start_on(port) {
                Err(_) if start.elapsed() < ORPHANS_LEAVE_WITHIN => {
                    std::thread::sleep(Duration::from_millis(100));
                }
                outcome => return outcome,
            }
        }
    }

    /// Stops the server at once, if it runs.
    pub(crate) fn stop(&self) {
        if self.postmaster().is_none() {
            // PostgreSQL gets over the lock of a dead process, not of one with its number.
            if self.locked_by().is_some_and(|id| Path::new(&format!("/proc/{id}")).exists()) {
                fs::remove_file(self.data().join("postmaster.pid")).ok();
            }
            return;
        }
        let mut stop = self.pg_ctl("stop");
        stop.args(["-m", "immediate", "-t", "30"]).stdout(Stdio::null()).stderr(Stdio::null());
        stop.status().ok();
    }

    /// Sends a signal to the postmaster and, if `children` says so, to all its processes.
    pub(crate) fn signal(&self, signal: &str, children: Children) -> anyhow::Result<()> {
        let postmaster = self.postmaster().context("the server does not run")?;
        let mut ids = vec![postmaster.to_string()];
        if children == Children::Too {
            let list = format!("/proc/{postmaster}/task/{postmaster}/children");
            ids.extend(fs::read_to_string(list)?.split_whitespace().map(str::to_owned));
        }
        // The shell's own `kill`: the program is not everywhere. A child may have just left.
        let mut kill = Command::new("sh");
        kill.args(["-c", "s=$1; shift; for id; do kill -$s $id 2>/dev/null; done; :", "kill"]);
        programs::run(kill.arg(signal).args(ids))
    }

    fn port(&self) -> Option<u16> {
        fs::read_to_string(self.home.join("port")).ok()?.trim().parse().ok()
    }

    /// Makes `data` in one step: an `initdb` that was killed leaves only what is cleared here.
    fn initialise(&self) -> anyhow::Result<()> {
        if self.data().join("PG_VERSION").exists() {
            return Ok(());
        }
        let fresh = self.home.join("data.new");
        for old in [self.data(), fresh.clone()] {
            if old.exists() {
                fs::remove_dir_all(&old)
                    .with_context(|| format!("can't clear {}", old.display()))?;
            }
        }
        let password = self.home.join("password");
        fs::remove_file(&password).ok();
        let mut file =
            fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&password)?;
        writeln!(file, "{}", Uuid::new_v4().simple())?;
        // Read by `initdb`, which need not be us; the home keeps everybody else out.
        fs::set_permissions(&password, fs::Permissions::from_mode(0o644))?;
        let mut initdb = programs::command(self.programs.join("initdb"));
        initdb.args(["--locale=C.UTF-8", "-E", "UTF8", "-U", "moim", "-A", "scram-sha-256"]);
        initdb.arg("--pwfile").arg(&password).arg("-D").arg(&fresh);
        programs::run(&mut initdb)?;
        fs::rename(&fresh, self.data())?;
        Ok(())
    }

    fn start_once(&self) -> anyhow::Result<()> {
        self.stop();
        // The old port, if it is free, keeps addresses good that were given out before.
        let old =
            self.port().filter(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok());
        let port = match old {
            Some(port) => port,
            None => TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port(),
        };
        fs::write(self.home.join("port"), port.to_string())?;
        self.start_on(port).inspect_err(|_| {
            fs::remove_file(self.home.join("port")).ok();
        })
    }

    fn start_on(&self, port: u16) -> anyhow::Result<()> {
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
             -c max_connections={CONNECTIONS_MAX} -c timezone=UTC"
        );
        let mut start = self.pg_ctl("start");
        start.args(["-w", "-t", &READY_WAIT_S.to_string(), "-o", &options]);
        // Its children would keep a pipe open for as long as the server runs.
        start.arg("-l").arg(self.home.join("server.log"));
        let status = start.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        if !status.success() {
            bail!("pg_ctl start: {status}");
        }
        Ok(())
    }

    fn pg_ctl(&self, verb: &str) -> Command {
        let mut command = programs::command(self.programs.join("pg_ctl"));
        command.arg(verb).arg("-D").arg(self.data());
        command
    }
}

/// Whom a signal to the server is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Children {
    /// The postmaster alone.
    Not,
    /// Its backends and workers as well.
    Too,
}

/// Removes a server's folder.
pub(crate) fn remove(home: &Path) {
    fs::remove_dir_all(home).ok();
}
