//! `moim keys`: the keys that access tokens are signed with are turned over.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, chown};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use zeroize::Zeroizing;

use crate::auth::ACCESS_TOKEN_LIFE;
use crate::keys::{SecretKey, TokenKeys, Turn};

const VARIABLE: &str = "MOIM_TOKEN_KEYS";
/// Secrets are their owner's alone.
const MODE: u32 = 0o600;

/// What to do with the keys.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Put a new key first, keep the one before, drop older ones; nodes learn of it at their next
    /// start, and tokens signed with the key before stay good
    Rotate(Rotate),
}

/// Where the keys are.
#[derive(Debug, Args)]
pub(super) struct Rotate {
    /// File of variables, a line each, that holds the keys; it is changed in one step.
    /// Without it the new value is printed
    #[arg(long, value_name = "PATH")]
    file: Option<PathBuf>,
    /// Put the new key second: nodes accept it, but don't sign with it yet. For several nodes that
    /// are started anew one after another: announce, start all anew, rotate, start all anew
    #[arg(long)]
    announce: bool,
    /// The keys as they are, where no file holds them
    #[arg(long, env = "MOIM_TOKEN_KEYS", hide_env_values = true, value_name = "KEYS")]
    token_keys: Option<TokenKeys>,
}

/// Does it.
pub(super) fn run(command: &Command) -> anyhow::Result<()> {
    let Command::Rotate(rotate) = command;
    let turn = if rotate.announce { Turn::Announce } else { Turn::Sign };
    if let Some(file) = &rotate.file {
        let turned = rotate_file(file, turn)?;
        return say(&turned, turn, &format!("{} holds them now.", file.display()));
    }
    let Some(keys) = &rotate.token_keys else {
        bail!("name a file by --file, or give the keys as they are in {VARIABLE}")
    };
    let turned = turned(keys, turn);
    writeln!(io::stdout(), "{VARIABLE}={}", *turned.expose())?;
    say(&turned, turn, "Put the line above in place of the one that nodes start with.")
}

fn turned(keys: &TokenKeys, turn: Turn) -> TokenKeys {
    keys.turned(turn, SecretKey::new(rand::random()))
}

fn say(keys: &TokenKeys, turn: Turn, place: &str) -> anyhow::Result<()> {
    let minutes = ACCESS_TOKEN_LIFE.as_secs() / 60;
    let names: Vec<&str> = keys.all().iter().map(|(name, _)| name.as_str()).collect();
    let (mut out, names) = (io::stderr().lock(), names.join(", "));
    writeln!(out, "Keys, the signing one first: {names}. {place}")?;
    match turn {
        Turn::Sign => writeln!(
            out,
            "Start the nodes anew: they sign with the first and go on accepting the second.\n\
            Tokens live for {minutes} minutes: let at least that pass before keys are turned over \
            again."
        )?,
        Turn::Announce => writeln!(
            out,
            "Start the nodes anew, one after another: they accept the new key. Then rotate, and \
            start them anew once more."
        )?,
    }
    Ok(())
}

/// Replaces the line in a file of variables. Who reads it finds the old contents or the new ones.
fn rotate_file(file: &Path, turn: Turn) -> anyhow::Result<TokenKeys> {
    // A link stays one: what it leads to is replaced.
    let file = fs::canonicalize(file).with_context(|| format!("can't find {}", file.display()))?;
    let text = fs::read_to_string(&file).map(Zeroizing::new);
    let text = text.with_context(|| format!("can't read {}", file.display()))?;
    let (mut lines, mut changed) = (Zeroizing::new(String::new()), None);
    for line in text.split_inclusive('\n') {
        match value(line) {
            Some(value) if changed.is_none() => {
                let keys: TokenKeys = value.parse()?;
                let keys = turned(&keys, turn);
                let (name, _) = line.split_once('=').unwrap_or((VARIABLE, ""));
                lines.extend([name, "=", keys.expose().as_str()]);
                lines.push_str(if line.ends_with('\n') { "\n" } else { "" });
                changed = Some(keys);
            }
            Some(_) => bail!("{} holds {VARIABLE} twice", file.display()),
            None => lines.push_str(line),
        }
    }
    let keys = changed.with_context(|| format!("{} holds no {VARIABLE}", file.display()))?;
    replace(&file, lines.as_bytes()).with_context(|| format!("can't write {}", file.display()))?;
    Ok(keys)
}

/// The keys in a line that sets them, without quotes.
fn value(line: &str) -> Option<&str> {
    let line = line.trim();
    let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
    let value = line.strip_prefix(VARIABLE)?.strip_prefix('=')?;
    Some(value.trim_matches(['"', '\'']))
}

fn replace(file: &Path, contents: &[u8]) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("/"));
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let beside = folder.join(format!(".{name}.{}", std::process::id()));
    let owner = fs::metadata(file)?;
    let written = write_new(&beside, contents)
        .and_then(|()| chown(&beside, Some(owner.uid()), Some(owner.gid())))
        .and_then(|()| fs::rename(&beside, file));
    if written.is_err() {
        // What the failure left is of no use to anybody.
        fs::remove_file(&beside).ok();
    }
    written?;
    File::open(folder)?.sync_all()
}

fn write_new(file: &Path, contents: &[u8]) -> io::Result<()> {
    let mut new = OpenOptions::new().write(true).create_new(true).mode(MODE).open(file)?;
    new.write_all(contents)?;
    new.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    fn file(contents: &str) -> PathBuf {
        let name = format!("moim-keys-{:016x}.env", rand::random::<u64>());
        let file = std::env::temp_dir().join(name);
        fs::write(&file, contents).unwrap();
        file
    }

    fn key() -> String {
        format!("k1:{}", STANDARD.encode([1; 32]))
    }

    #[test]
    fn the_line_is_replaced_all_others_stay_and_the_file_is_its_owners_alone() {
        let before = format!("A=1\nMOIM_TOKEN_KEYS={}\n# note\nB=2\n", key());
        let file = file(&before);
        let keys = rotate_file(&file, Turn::Sign).unwrap();
        let after = fs::read_to_string(&file).unwrap();
        let expected = format!("A=1\nMOIM_TOKEN_KEYS={}\n# note\nB=2\n", *keys.expose());
        assert_eq!(after, expected);
        assert!(after.contains(&format!(",{}\n", key())), "the key before is kept");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, MODE);
        let again = rotate_file(&file, Turn::Sign).unwrap();
        let names: Vec<_> = again.all().iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["k3", "k2"]);
        fs::remove_file(file).unwrap();
    }

    #[test]
    fn quotes_and_export_are_understood() {
        for line in [
            format!("export MOIM_TOKEN_KEYS='{}'", key()),
            format!("MOIM_TOKEN_KEYS=\"{}\"", key()),
        ] {
            let file = file(&line);
            let keys = rotate_file(&file, Turn::Sign).unwrap();
            assert!(fs::read_to_string(&file).unwrap().ends_with(keys.expose().as_str()));
            fs::remove_file(file).unwrap();
        }
    }

    #[test]
    fn a_link_stays_one() {
        let file = file(&format!("MOIM_TOKEN_KEYS={}\n", key()));
        let link = file.with_extension("link");
        std::os::unix::fs::symlink(&file, &link).unwrap();
        rotate_file(&link, Turn::Announce).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(fs::read_to_string(&file).unwrap().contains(",k2:"));
        fs::remove_file(link).unwrap();
        fs::remove_file(file).unwrap();
    }

    #[test]
    fn what_holds_no_keys_is_left_alone() {
        for text in ["A=1\n", "MOIM_TOKEN_KEYS=nonsense\n", "#MOIM_TOKEN_KEYS=k1:x\n"] {
            let file = file(text);
            assert!(rotate_file(&file, Turn::Sign).is_err(), "{text}");
            assert_eq!(fs::read_to_string(&file).unwrap(), text);
            fs::remove_file(file).unwrap();
        }
        assert!(rotate_file(Path::new("/nowhere/at/all"), Turn::Sign).is_err());
    }
}
