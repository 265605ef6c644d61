//! What the actions of the Rust toolchain family share: a toolchain of this machine becomes the job's default.
//!
//! A job has a `RUSTUP_HOME` of its own, with links to the toolchains that are installed, so that what it makes its
//! default is nobody else's.

use std::{fs, os::unix::fs::symlink, path::Path};

use plim_host::which;

use super::{Asked, Failure, Invocation, provide};
use crate::{
    bounds::Bounds,
    toolbox::{Found, Toolchain, ToolchainFile, toolchain_file},
    want::Want,
};

/// A toolchain that an action asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) channel: String,
    pub(super) components: Vec<String>,
    pub(super) targets: Vec<String>,
    pub(super) profile: Option<String>,
}

impl Wanted {
    /// A channel and lists that are separated by commas or blanks.
    pub(super) fn new(channel: &str, components: &str, targets: &str) -> Self {
        let (components, targets) = (words(components), words(targets));
        Self { channel: channel.to_owned(), components, targets, profile: None }
    }

    /// What a toolchain file asks for. Errors: it asks for a folder, or for nothing.
    pub(super) fn of_file(file: &ToolchainFile) -> Result<Self, String> {
        let channel = match (&file.channel, &file.path) {
            (Some(channel), _) => channel.clone(),
            (None, Some(path)) => {
                return Err(format!("a toolchain in a folder, `{path}`, is not provided here"));
            }
            (None, None) => "stable".to_owned(),
        };
        let (components, targets) = (file.components.clone(), file.targets.clone());
        Ok(Self { channel, components, targets, profile: file.profile.clone() })
    }

    /// With what the profile brings beyond the compiler, cargo and the standard library.
    fn parts(&self) -> Vec<String> {
        let of_profile: &[&str] = match self.profile.as_deref() {
            Some("default") => &["rustfmt", "clippy"],
            Some("complete") => {
                &["rustfmt", "clippy", "rust-src", "miri", "llvm-tools", "rust-analyzer"]
            }
            _ => &[],
        };
        let mut parts = self.components.clone();
        parts.extend(of_profile.iter().map(|part| (*part).to_owned()));
        parts.sort_unstable();
        parts.dedup();
        parts
    }

    /// The want that stands for it.
    pub(super) fn want(&self) -> Want {
        Want::Toolchain {
            channel: self.channel.clone(),
            components: self.parts(),
            targets: self.targets.clone(),
            profile: self.profile.clone(),
        }
    }
}

/// The words of a list that commas or blanks separate.
pub(super) fn words(list: &str) -> Vec<String> {
    let words = list.split(|c: char| c == ',' || c.is_whitespace());
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// What the toolchain file of the repository asks for, while planning. One that is not there or cannot be read asks for
/// nothing yet: the step that needs it says so.
pub(super) fn file_wants(asked: &Asked<'_>, folder: &str) -> Vec<Want> {
    let file = toolchain_file(&asked.root.join(folder)).ok().flatten();
    let wanted = file.and_then(|file| Wanted::of_file(&file).ok());
    wanted.iter().map(Wanted::want).collect()
}

/// Finds a toolchain and makes it the job's default when `default` says so.
pub(super) fn provide(
    cx: &mut Invocation<'_>,
    wanted: &Wanted,
    default: bool,
) -> Result<Toolchain, Failure> {
    let want = wanted.want();
    let toolchain = match cx.toolbox.toolchain(&wanted.channel, &wanted.parts(), &wanted.targets) {
        Found::Here(toolchain) => toolchain,
        Found::Other(found) => return Err(provide::missing(&want, Some(&found))),
        Found::Nothing => return Err(provide::missing(&want, None)),
    };
    let first = toolchain.verbose.lines().next().unwrap_or_default().to_owned();
    cx.log.line(&format!("using {first} for `{}`: {}", wanted.channel, toolchain.folder.display()));
    if toolchain.name.is_none() {
        cx.log.line("it is the system's own, without rustup");
        return Ok(toolchain);
    }
    let path = cx.environment.get("PATH").map_or("", String::as_str);
    if which("rustup", path, Path::new("/")).is_some() {
        settle(cx, wanted, &toolchain, default)?;
    } else if default {
        let programs = toolchain.folder.join("bin");
        cx.changes.paths.push(programs.to_string_lossy().into_owned());
    }
    Ok(toolchain)
}

/// Brings the job's own `RUSTUP_HOME` in line.
fn settle(
    cx: &mut Invocation<'_>,
    wanted: &Wanted,
    toolchain: &Toolchain,
    default: bool,
) -> Result<(), Failure> {
    let home = cx.home.join(".rustup");
    let toolchains = home.join("toolchains");
    // Nothing is written through a link that a step put there.
    Bounds::new([cx.home]).make_folder(&toolchains)?;
    for (name, folder) in cx.toolbox.toolchains() {
        link(&toolchains.join(name), &folder, false)?;
    }
    let name = official(&wanted.channel, toolchain);
    link(&toolchains.join(&name), &toolchain.folder, true)?;
    share_temporary(&home, toolchain)?;
    let settings = home.join("settings.toml");
    if default || !settings.exists() {
        let text =
            format!("version = \"12\"\ndefault_toolchain = \"{name}\"\nprofile = \"minimal\"\n");
        let _ = fs::remove_file(&settings);
        provide::at(&settings, fs::write(&settings, text))?;
    }
    let home = home.to_string_lossy().into_owned();
    cx.changes.environment.push(("RUSTUP_HOME".to_owned(), home));
    Ok(())
}

/// rustup renames what it unpacked from its temporary folder into the toolchain, so both must lie in one file system:
/// that of the layer in which the toolchain is seen.
fn share_temporary(home: &Path, toolchain: &Toolchain) -> Result<(), Failure> {
    let real = toolchain.folder.ancestors().nth(2).map(|owner| owner.join("tmp"));
    let own = home.join("tmp");
    let is_free = fs::symlink_metadata(&own).map_or(true, |there| there.is_symlink());
    match real.filter(|real| real.is_dir() && is_free) {
        Some(real) => link(&own, &real, true),
        None => Ok(()),
    }
}

/// How rustup writes the name of a toolchain in full, for one whose name has no host.
fn official(channel: &str, toolchain: &Toolchain) -> String {
    let host = toolchain.said("host");
    let is_official = channel.starts_with(|c: char| c.is_ascii_digit())
        || ["stable", "beta", "nightly"].iter().any(|family| channel.starts_with(family));
    if is_official && !host.is_empty() && !channel.ends_with(host) {
        format!("{channel}-{host}")
    } else {
        channel.to_owned()
    }
}

/// A link; one that leads elsewhere is replaced when `renewed` says so.
fn link(place: &Path, folder: &Path, renewed: bool) -> Result<(), Failure> {
    if fs::symlink_metadata(place).is_ok() {
        if !renewed {
            return Ok(());
        }
        provide::at(place, fs::remove_file(place))?;
    }
    provide::at(place, symlink(folder, place))
}

/// Variables that `dtolnay/rust-toolchain` and those after it set, unless they are set.
pub(super) fn set_cargo_variables(cx: &mut Invocation<'_>, toolchain: &Toolchain) {
    provide::set_unless_set(cx, "CARGO_INCREMENTAL", "0");
    provide::set_unless_set(cx, "CARGO_TERM_COLOR", "always");
    let minor = (toolchain.release.numbers[0] == 1).then_some(toolchain.release.numbers[1]);
    match minor {
        Some(66 | 67) => provide::set_unless_set(cx, "CARGO_REGISTRIES_CRATES_IO_PROTOCOL", "git"),
        Some(68 | 69) => {
            provide::set_unless_set(cx, "CARGO_REGISTRIES_CRATES_IO_PROTOCOL", "sparse")
        }
        Some(70 | 71) => provide::set_unless_set(cx, "CARGO_HTTP_MULTIPLEXING", "false"),
        _ => {}
    }
}

/// The folder of cargo, for the steps after this one.
pub(super) fn set_cargo_home(cx: &mut Invocation<'_>) {
    let home = cx.tilde().join(".cargo").to_string_lossy().into_owned();
    let home = cx.environment.get("CARGO_HOME").cloned().unwrap_or(home);
    cx.changes.environment.push(("CARGO_HOME".to_owned(), home));
}
