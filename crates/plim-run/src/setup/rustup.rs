//! Rust toolchains, components and targets, through the rustup of the user, in a `RUSTUP_HOME` of Plimsoll's own.

use std::{ffi::OsString, fs, path::Path};

use plim_host::{
    HostError,
    files::{copy_tree, remove_tree},
};

use super::{Got, Setup, SetupError};
use crate::{
    history::bytes_below,
    toolbox::{Found, Toolchain},
    want::Want,
};

/// Gets a toolchain aside, looks whether it is whole, and puts it in the place of one that lacked something.
pub(super) fn get(setup: &Setup<'_>, want: &Want) -> Result<Got, SetupError> {
    let Want::Toolchain { channel, components, targets, profile } = want else {
        return Err(SetupError::unavailable(want, "it is no toolchain".to_owned()));
    };
    let toolbox = setup.toolbox();
    let home = toolbox.rustup_home();
    let home =
        home.ok_or_else(|| SetupError::unavailable(want, "there is no folder for it".into()))?;
    let aside = setup.aside()?;
    bring_along(&home, channel, aside.path())?;
    let mut arguments: Vec<OsString> = ["toolchain", "install", channel].map(Into::into).into();
    let profile = profile.as_deref().unwrap_or("minimal");
    arguments.extend(["--no-self-update", "--profile", profile].map(Into::into));
    for component in components {
        arguments.extend(["--component", component].map(Into::into));
    }
    for target in targets {
        arguments.extend(["--target", target].map(Into::into));
    }
    let client = setup.client("rustup");
    let client = client.map_err(|reason| SetupError::unavailable(want, reason))?;
    let own = aside.path().as_os_str().to_owned();
    client.run(&arguments, &[("RUSTUP_HOME", own)], aside.path())?;
    let version = put(want, aside.path(), &home, setup)?;
    Ok(Got { version, bytes: bytes_below(&home), place: home })
}

/// Copies what is there of a toolchain, so that what it has stays when something is added.
fn bring_along(home: &Path, channel: &str, aside: &Path) -> Result<(), SetupError> {
    for kind in ["toolchains", "update-hashes"] {
        for name in names(&home.join(kind)).iter().filter(|name| name.starts_with(channel)) {
            let to = aside.join(kind);
            fs::create_dir_all(&to).map_err(HostError::file("make", &to))?;
            copy_tree(&home.join(kind).join(name), &to.join(name))?;
        }
    }
    let settings = home.join("settings.toml");
    if settings.is_file() {
        copy_tree(&settings, &aside.join("settings.toml"))?;
    }
    Ok(())
}

/// Moves toolchains to their place once the compiler says its version; returns that.
fn put(want: &Want, aside: &Path, home: &Path, setup: &Setup<'_>) -> Result<String, SetupError> {
    let wrong = |found: String| SetupError::Wrong { want: want.to_string(), found };
    let Some(name) = names(&aside.join("toolchains")).pop() else {
        return Err(wrong("no toolchain".to_owned()));
    };
    setup.ask(&aside.join("toolchains").join(&name).join("bin/rustc"), &["--version"])?;
    for kind in ["toolchains", "update-hashes"] {
        let (from, to) = (aside.join(kind).join(&name), home.join(kind).join(&name));
        if from.exists() {
            fs::create_dir_all(home.join(kind)).map_err(HostError::file("make", home))?;
            remove_tree(&to)?;
            fs::rename(&from, &to).map_err(HostError::file("move to its place", &to))?;
        }
    }
    let Want::Toolchain { channel, components, targets, .. } = want else {
        return Err(wrong(name));
    };
    match setup.toolbox().toolchain(channel, components, targets) {
        Found::Here(Toolchain { release, .. }) => Ok(release.to_string()),
        Found::Other(found) => Err(wrong(found)),
        Found::Nothing => Err(wrong("nothing".to_owned())),
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort_unstable();
    names
}
