//! PostgreSQL's programs: where they are, and as whom they run.

use std::ffi::OsStr;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use anyhow::{Context, bail, ensure};

const MISSING: &str = "PostgreSQL's server programs are missing; as root:\n  \
    mkdir -p /etc/postgresql-common && echo 'create_main_cluster = false' \
    >> /etc/postgresql-common/createcluster.conf && apt-get install -y postgresql";

/// Folder of `initdb` and the like: the newest of Debian's, else what `PATH` has.
pub(crate) fn folder() -> anyhow::Result<PathBuf> {
    let version = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut installed: Vec<(u32, PathBuf)> = debian
        .filter_map(|entry| Some((version(&entry.path())?, entry.path().join("bin"))))
        .filter(|(_, bin)| bin.join("initdb").exists())
        .collect();
    installed.sort();
    if let Some((_, bin)) = installed.pop() {
        return Ok(bin);
    }
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).find(|bin| bin.join("initdb").exists()).context(MISSING)
}

/// Whether we are root, whom PostgreSQL refuses: its programs then run as user `postgres`.
pub(crate) fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// A program, run as whoever owns the cluster, from a folder that everybody can enter.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = if is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--"]);
        command.arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir("/").env_remove("PGDATA").env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
    command
}

/// Runs a command to its end; its output is part of the error.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let output = command.output().with_context(|| format!("can't run {command:?}"))?;
    if !output.status.success() {
        let (out, err) = (&output.stdout, &output.stderr);
        let text = [out, err].map(|bytes| String::from_utf8_lossy(bytes).trim().to_owned());
        bail!("{command:?}: {}\n{}", output.status, text.join("\n"));
    }
    Ok(())
}

/// Makes a folder that none but the cluster's owner (and root) can enter.
pub(crate) fn make_home(home: &Path) -> anyhow::Result<()> {
    let parent = home.parent().context("a home has a parent")?;
    fs::create_dir_all(parent).with_context(|| format!("can't make {}", parent.display()))?;
    match fs::create_dir(home) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error).with_context(|| format!("can't make {}", home.display())),
    }
    let found = fs::symlink_metadata(home)?;
    let myself = fs::metadata("/proc/self")?.uid();
    let owner = if is_root() { postgres_uid()? } else { myself };
    ensure!(
        found.is_dir() && [owner, myself].contains(&found.uid()),
        "{} belongs to somebody else",
        home.display()
    );
    if found.uid() != owner {
        chown(home, Some(owner), None)?;
    }
    fs::set_permissions(home, fs::Permissions::from_mode(0o700))?;
    Ok(())
}

fn postgres_uid() -> anyhow::Result<u32> {
    let users = fs::read_to_string("/etc/passwd")?;
    let line = users.lines().find_map(|line| line.strip_prefix("postgres:")).context(MISSING)?;
    Ok(line.split(':').nth(1).context("a line of /etc/passwd has a user id")?.parse()?)
}
