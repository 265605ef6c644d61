//! Rust toolchains: those of rustup, the user's and Plimsoll's own, and the one of the system.

use std::{
    fs,
    path::{Path, PathBuf},
};

use plim_host::which;

use super::{Found, Toolbox, Version, names};

/// An installed Rust toolchain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toolchain {
    /// What rustup calls it; `None` for one that is not rustup's.
    pub name: Option<String>,
    /// Its folder, with `bin` and `lib/rustlib` in it.
    pub folder: PathBuf,
    /// Its release.
    pub release: Version,
    /// What `rustc --version --verbose` says.
    pub verbose: String,
}

/// What a `rust-toolchain.toml`, or a `rust-toolchain`, asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default)]
pub struct ToolchainFile {
    /// The channel.
    pub channel: Option<String>,
    /// A folder of a toolchain, in place of a channel.
    pub path: Option<String>,
    /// Components.
    pub components: Vec<String>,
    /// Targets.
    pub targets: Vec<String>,
    /// The profile.
    pub profile: Option<String>,
}

#[derive(serde::Deserialize)]
struct Document {
    toolchain: ToolchainFile,
}

/// Reads the toolchain file of `folder`; `None` when there is none.
///
/// Errors: it cannot be read, with its name and the reason.
pub fn toolchain_file(folder: &Path) -> Result<Option<ToolchainFile>, String> {
    // rustup prefers the older name when both are there.
    for name in ["rust-toolchain", "rust-toolchain.toml"] {
        let path = folder.join(name);
        match fs::read_to_string(&path) {
            Ok(text) => return read(name, &text).map(Some),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            // Some repositories have a folder of that name.
            Err(_) if path.is_dir() => {}
            Err(error) => return Err(format!("could not read `{}`: {error}", path.display())),
        }
    }
    Ok(None)
}

fn read(name: &str, text: &str) -> Result<ToolchainFile, String> {
    let line = text.trim();
    if name == "rust-toolchain" && !line.contains('[') && !line.contains('\n') {
        let channel = Some(line.to_owned()).filter(|line| !line.is_empty());
        return match channel {
            Some(_) => Ok(ToolchainFile { channel, ..ToolchainFile::default() }),
            None => Err(format!("`{name}` is empty")),
        };
    }
    let document: Result<Document, _> = toml::from_str(text);
    document
        .map(|document| document.toolchain)
        .map_err(|error| format!("`{name}` cannot be read: {}", error.message()))
}

impl Toolchain {
    /// A line of what rustc says of itself: `commit-hash`, `commit-date`, `host`.
    pub fn said(&self, key: &str) -> &str {
        let line = self.verbose.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
        line.map_or("", str::trim)
    }

    /// Date and hash of its commit in 12 characters, as `dtolnay/rust-toolchain` makes its `cachekey`.
    pub fn cache_key(&self) -> String {
        let date: String = self.said("commit-date").split('-').collect();
        let date = if date.bytes().all(|b| b.is_ascii_digit()) { date } else { String::new() };
        format!("{date}{}", self.said("commit-hash")).chars().take(12).collect()
    }

    /// Which of these it lacks.
    pub fn lacks(&self, components: &[String], targets: &[String]) -> Vec<String> {
        let components = components.iter().filter(|component| !self.has_component(component));
        let targets = targets.iter().filter(|target| !self.has_target(target));
        components.chain(targets).cloned().collect()
    }

    /// Whether a component is installed, whether or not it is still called a preview.
    fn has_component(&self, component: &str) -> bool {
        let host = self.said("host");
        let plain = |name: &str| {
            let name = name.strip_suffix(host).map_or(name, |name| name.trim_end_matches('-'));
            name.strip_suffix("-preview").unwrap_or(name).to_owned()
        };
        let wanted = plain(component);
        if let Some(target) = wanted.strip_prefix("rust-std-") {
            return self.has_target(target);
        }
        match fs::read_to_string(self.folder.join("lib/rustlib/components")) {
            Ok(list) => list.lines().any(|line| plain(line.trim()) == wanted),
            // Distributions have no such list.
            Err(_) => self.has_file_of(&wanted, host),
        }
    }

    fn has_file_of(&self, component: &str, host: &str) -> bool {
        let file = match component {
            "rustc" | "cargo" | "rustfmt" | "rust-analyzer" | "miri" => format!("bin/{component}"),
            "clippy" => "bin/cargo-clippy".to_owned(),
            "rust-std" => format!("lib/rustlib/{host}/lib"),
            "rust-src" => "lib/rustlib/src/rust/library".to_owned(),
            "rust-docs" => "share/doc/rust/html".to_owned(),
            "llvm-tools" => format!("lib/rustlib/{host}/bin/llvm-profdata"),
            _ => return false,
        };
        self.folder.join(file).exists()
    }

    fn has_target(&self, target: &str) -> bool {
        self.folder.join("lib/rustlib").join(target).join("lib").is_dir()
    }
}

impl Toolbox {
    /// Finds a toolchain: the one that rustup calls so, else the newest of the same channel, else the system's.
    ///
    /// A request for `stable` is met by any stable toolchain, because which is the newest cannot be told without the
    /// network; [`Toolchain::release`] says which it is.
    pub fn toolchain(
        &self,
        channel: &str,
        components: &[String],
        targets: &[String],
    ) -> Found<Toolchain> {
        let mut others = Vec::new();
        let installed = self.toolchains();
        let is_named = |name: &str| is_called(name, channel);
        let named = installed.iter().filter(|(name, _)| is_named(name));
        let named: Vec<Toolchain> = named.filter_map(|(name, at)| self.rustup(name, at)).collect();
        let mut kin: Vec<Toolchain> = installed
            .iter()
            .filter(|(name, _)| !is_named(name) && may_be_kin(name, channel))
            .filter_map(|(name, at)| self.rustup(name, at))
            .collect();
        kin.sort_by(|one, two| two.release.cmp(&one.release));
        let kin = kin.into_iter().chain(self.of_system());
        let kin = kin.filter(|toolchain| is_of(&toolchain.release, channel));
        for toolchain in named.into_iter().chain(kin) {
            let lacks = toolchain.lacks(components, targets);
            if lacks.is_empty() {
                return Found::Here(toolchain);
            }
            let other = format!("Rust {} without {}", toolchain.release, lacks.join(", "));
            if !others.contains(&other) {
                others.push(other);
            }
        }
        if others.is_empty() {
            others.extend(installed.iter().map(|(name, _)| format!("Rust {}", short(name))));
            others.extend(self.of_system().map(|system| format!("Rust {}", system.release)));
        }
        if others.is_empty() { Found::Nothing } else { Found::Other(others.join(", ")) }
    }

    /// Every toolchain that rustup made, by its name: the user's, then Plimsoll's own.
    pub fn toolchains(&self) -> Vec<(String, PathBuf)> {
        let user = self
            .environment
            .text("RUSTUP_HOME")
            .map(PathBuf::from)
            .or_else(|| Some(Path::new(self.environment.text("HOME")?).join(".rustup")));
        let homes = user.into_iter().chain(self.rustup_home());
        let mut found: Vec<(String, PathBuf)> = Vec::new();
        for folder in homes.map(|home| home.join("toolchains")) {
            for name in names(&folder) {
                let at = folder.join(&name);
                if at.join("bin/rustc").is_file() && found.iter().all(|(known, _)| *known != name) {
                    found.push((name, at));
                }
            }
        }
        found
    }

    /// The toolchains that `plim setup` got and the user's own rustup knows nothing of.
    pub fn own_toolchains(&self) -> Vec<(String, PathBuf)> {
        let Some(own) = self.rustup_home() else { return Vec::new() };
        self.toolchains().into_iter().filter(|(_, folder)| folder.starts_with(&own)).collect()
    }

    /// The folder with rustup's own programs, when `plim setup` got rustup.
    pub(super) fn rust_programs(&self) -> Option<PathBuf> {
        self.rustup_home().map(|home| home.join("cargo/bin")).filter(|folder| folder.is_dir())
    }

    fn rustup(&self, name: &str, folder: &Path) -> Option<Toolchain> {
        self.compiler(&folder.join("bin/rustc"), Some(name.to_owned()), folder.to_owned())
    }

    /// The compiler that `PATH` names, unless that is rustup standing in for one.
    fn of_system(&self) -> Option<Toolchain> {
        let path = self.environment.get("PATH").unwrap_or_default();
        let program = fs::canonicalize(which("rustc", path, Path::new("/"))?).ok()?;
        let is_proxy = program.file_name().is_some_and(|name| name != "rustc")
            || program.with_file_name("rustup").is_file();
        let folder = program.ancestors().nth(2)?.to_owned();
        let name = None;
        (!is_proxy).then(|| self.compiler(&program, name, folder)).flatten()
    }

    fn compiler(&self, rustc: &Path, name: Option<String>, folder: PathBuf) -> Option<Toolchain> {
        let verbose = self.spoken.ask(rustc, &["--version", "--verbose"], &self.environment)?;
        let release = Version::said(&verbose)?;
        Some(Toolchain { name, folder, release, verbose })
    }
}

fn host() -> String {
    format!("{}-unknown-linux-gnu", std::env::consts::ARCH)
}

/// `stable` is short for `stable-x86_64-unknown-linux-gnu`.
fn is_called(name: &str, channel: &str) -> bool {
    name == channel || short(name) == channel
}

fn short(name: &str) -> String {
    let host = host();
    name.strip_suffix(&host).map_or(name, |name| name.trim_end_matches('-')).to_owned()
}

/// Whether the name of a toolchain does not speak against its being of a channel, so that it need not be asked.
fn may_be_kin(name: &str, channel: &str) -> bool {
    let dated = |text: &str| text.matches('-').count() >= 3 && text.contains("-20");
    let family = |text: &str| {
        ["nightly", "beta"].into_iter().find(|family| text.starts_with(family)).unwrap_or("stable")
    };
    let channel = short(channel);
    // A day of nightly is that day and no other.
    !dated(&channel) && family(&short(name)) == family(&channel)
}

/// Whether a release is what a channel stands for.
fn is_of(release: &Version, channel: &str) -> bool {
    let channel = short(channel);
    let prerelease = release.prerelease.as_deref();
    match channel.as_str() {
        "stable" => prerelease.is_none(),
        "beta" => prerelease.is_some_and(|text| text.starts_with("beta")),
        "nightly" => prerelease == Some("nightly"),
        number => {
            let numbers = number.split('.').map(str::parse).collect::<Result<Vec<u64>, _>>();
            let starts = |numbers: Vec<u64>| {
                (2..=3).contains(&numbers.len()) && release.numbers.starts_with(&numbers)
            };
            prerelease.is_none() && numbers.is_ok_and(starts)
        }
    }
}
