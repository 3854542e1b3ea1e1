//! Brings the built page of `web/` to where the binary embeds it from; without it, nothing.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let built =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("web/dist");
    let target = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("web");
    // Cargo runs this again at every build while a path that it watches is missing. Where the
    // sources can't be written to, it does just that.
    let _ = fs::create_dir_all(&built);
    println!("cargo::rerun-if-changed=web/dist");
    println!("cargo::rerun-if-changed=build.rs");
    if target.exists() {
        fs::remove_dir_all(&target)?;
    }
    fs::create_dir_all(&target)?;
    if built.is_dir() { copy(&built, &target) } else { Ok(()) }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir_all(&to)?;
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), &to)?;
        }
    }
    Ok(())
}
