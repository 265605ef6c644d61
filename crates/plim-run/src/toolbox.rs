//! The toolbox finds installed tools by the versions that jobs ask for: on `PATH`, in Plimsoll's tool cache, and where
//! version managers keep theirs.
//!
//! The tool cache has the layout of GitHub's `RUNNER_TOOL_CACHE`, `NAME/VERSION/ARCHITECTURE` with a marker
//! `ARCHITECTURE.complete` beside it, so that the real setup actions find its tools too.

mod known;
mod node;
mod range;
mod request;
mod rust;
mod spoken;
mod version;

use std::{
    collections::BTreeSet,
    ffi::{OsStr, OsString},
    fs,
    path::{Path, PathBuf},
};

use plim_host::{Environment, Folders, which};

pub use node::NodeMissing;
pub use range::Range;
pub use request::{Request, Scheme};
pub use rust::{Toolchain, ToolchainFile, toolchain_file};
pub use version::Version;

use crate::want::Want;
use known::Known;
use spoken::Spoken;

/// Finds installed tools; what they say of themselves is remembered.
#[derive(Debug)]
pub struct Toolbox {
    environment: Environment,
    cache: Option<PathBuf>,
    spoken: Spoken,
}

/// What was found for a want.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found<T> {
    /// It is here.
    Here(T),
    /// Something of the kind is here, but not what was asked for: what it is.
    Other(String),
    /// Nothing of the kind is here.
    Nothing,
}

/// A tool that is installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// As the want named it.
    pub name: String,
    /// `None` where nobody asked for one and the tool does not say.
    pub version: Option<Version>,
    /// Its program.
    pub program: PathBuf,
    /// The folder that holds all of it: that of the version in the tool cache, else the parent of the program's folder.
    pub root: PathBuf,
    /// Whether a bare name finds it already.
    pub on_path: bool,
}

/// What programs need to say their version, and where version managers keep theirs.
const PASSED: [&str; 16] = [
    "PATH",
    "HOME",
    "LANG",
    "RUSTUP_HOME",
    "CARGO_HOME",
    "NVM_DIR",
    "FNM_DIR",
    "N_PREFIX",
    "VOLTA_HOME",
    "PYENV_ROOT",
    "PYENV_VERSION",
    "UV_PYTHON_INSTALL_DIR",
    "GOENV_ROOT",
    "SDKMAN_DIR",
    "JAVA_HOME",
    "LD_LIBRARY_PATH",
];

impl<T> Found<T> {
    /// What was found, when it is what was asked for.
    pub fn here(self) -> Option<T> {
        match self {
            Self::Here(found) => Some(found),
            Self::Other(_) | Self::Nothing => None,
        }
    }
}

impl Toolbox {
    /// The tools of the user of `environment`.
    pub fn of(environment: &Environment) -> Self {
        let folder = Folders::of(environment).map(|folders| folders.cache.join("plimsoll"));
        Self::new(environment, folder.as_deref())
    }

    /// The tools that `environment` finds, and those below Plimsoll's own `cache` folder.
    pub fn new(environment: &Environment, cache: Option<&Path>) -> Self {
        let spoken = Spoken::new(cache.map(|cache| cache.join("versions.json")));
        // What is asked for its version gets no secret of the user.
        let passed = |name: &OsStr| PASSED.iter().any(|passed| name == *passed);
        let environment = environment.iter().filter(|(name, _)| passed(name)).collect();
        Self { environment, cache: cache.map(Path::to_owned), spoken }
    }

    /// The tool cache; see [`place`](Self::place).
    pub fn folder(&self) -> Option<PathBuf> {
        self.cache.as_ref().map(|cache| cache.join("tools"))
    }

    /// Where rustup keeps the toolchains that `plim setup` gets: its `RUSTUP_HOME`.
    pub fn rustup_home(&self) -> Option<PathBuf> {
        self.folder().map(|tools| tools.join("rustup"))
    }

    /// Where a version of a tool belongs in the tool cache. Its programs are in it or in its `bin`. It counts only once
    /// the file [`marker`](Self::marker) is there, which is written last.
    pub fn place(&self, name: &str, version: &Version) -> Option<PathBuf> {
        let known = Known::of(name);
        let folder = match known.folder {
            "" => name.to_owned(),
            start if start.ends_with('_') => format!("{start}Temurin-Hotspot_jdk"),
            whole => whole.to_owned(),
        };
        Some(self.folder()?.join(folder).join(version.to_string()).join(architecture()))
    }

    /// The file beside a [`place`](Self::place) that says that it is complete.
    pub fn marker(place: &Path) -> PathBuf {
        place.with_extension("complete")
    }

    /// What is here for a want of a tool or a toolchain; an action is never here for it.
    pub fn has(&self, want: &Want) -> Found<()> {
        match want {
            Want::Action { .. } => Found::Nothing,
            Want::Tool { name, version } => self.tool(name, version.as_deref()).without_value(),
            Want::Toolchain { channel, components, targets, .. } => {
                self.toolchain(channel, components, targets).without_value()
            }
        }
    }

    /// Finds a tool: the one that `PATH` names first where it will do, else the newest of the others that will.
    ///
    /// A request that cannot be read, or that nothing here can meet, finds nothing.
    pub fn tool(&self, name: &str, version: Option<&str>) -> Found<Installed> {
        self.tool_on(self.environment.get("PATH").unwrap_or_default(), name, version)
    }

    /// The same with another `PATH`.
    pub fn tool_on(&self, path: &OsStr, name: &str, version: Option<&str>) -> Found<Installed> {
        let known = Known::of(name);
        let Ok(request) = version.map(|text| Request::read(known.scheme, text)).transpose() else {
            return Found::Nothing;
        };
        let mut others = BTreeSet::new();
        let mut doubtful = Vec::new();
        let mut will_do = |installed: &Installed| match (&request, &installed.version) {
            (None, _) => true,
            (Some(request), Some(version)) if request.is_met_by(version) => true,
            (_, Some(version)) => {
                others.insert(version.clone());
                false
            }
            (Some(_), None) => false,
        };
        for program in known.programs(name) {
            if let Some(file) = which(program, path, Path::new("/")) {
                let installed = self.asked(name, known, file, true);
                if will_do(&installed) {
                    return Found::Here(installed);
                }
            }
        }
        let kept = known.kept.iter().flat_map(|kept| kept.folders(&self.environment));
        let beside = series(path, name).chain(kept.flat_map(|folder| {
            known.programs(name).into_iter().map(move |program| folder.join(program))
        }));
        let files = beside.filter(|file| file.is_file());
        let mut all: Vec<Installed> =
            files.map(|file| self.asked(name, known, file, false)).collect();
        for cached in self.cached(name, known) {
            match cached {
                Ok(installed) => all.push(installed),
                Err(reason) => doubtful.push(reason),
            }
        }
        let best = all.into_iter().filter(will_do).max_by(|a, b| a.version.cmp(&b.version));
        if let Some(installed) = best {
            return Found::Here(installed);
        }
        let others = others.iter().map(Version::to_string).chain(doubtful).collect::<Vec<_>>();
        if others.is_empty() { Found::Nothing } else { Found::Other(others.join(", ")) }
    }

    /// The folders of the tool cache whose programs steps find behind those of the user: the newest of each tool.
    pub fn search_path(&self) -> Vec<PathBuf> {
        let Some(tools) = self.folder() else { return Vec::new() };
        let newest = names(&tools).into_iter().filter_map(|name| {
            let mut versions: Vec<(Version, PathBuf)> = complete(&tools.join(&name)).collect();
            versions.sort_by(|a, b| a.0.cmp(&b.0));
            versions.pop().map(|(_, place)| place)
        });
        let mut folders: Vec<PathBuf> = newest.flat_map(|place| program_folders(&place)).collect();
        folders.extend(self.rust_programs());
        folders
    }

    /// Asks a program what it is.
    fn asked(&self, name: &str, known: &Known, program: PathBuf, on_path: bool) -> Installed {
        let version = self.version(name, known, &program);
        let root = program.ancestors().nth(2).unwrap_or(Path::new("/")).to_owned();
        Installed { name: name.to_owned(), version, program, root, on_path }
    }

    fn version(&self, name: &str, known: &Known, program: &Path) -> Option<Version> {
        let said = |arguments: &[&str]| self.spoken.ask(program, arguments, &self.environment);
        // `cargo-nextest` and its kin want to be called as cargo calls them.
        let as_cargo = name.strip_prefix("cargo-").and_then(|sub| said(&[sub, "--version"]));
        let said = as_cargo.or_else(|| said(known.arguments));
        Version::said(&said?)
    }

    /// The complete versions in the tool cache; one whose program says something else is none, and why.
    fn cached(&self, name: &str, known: &Known) -> Vec<Result<Installed, String>> {
        let Some(tools) = self.folder() else { return Vec::new() };
        let folders = names(&tools).into_iter().filter(|folder| known.owns(name, folder));
        let places = folders.flat_map(|folder| complete(&tools.join(folder)).collect::<Vec<_>>());
        places
            .filter_map(|(version, root)| {
                let program = program(&root, &known.programs(name))?;
                let says = self.version(name, known, &program);
                Some(match says.filter(|says| says.numbers != version.numbers) {
                    Some(says) => {
                        Err(format!("{says} in `{}`, which should be {version}", root.display()))
                    }
                    None => Ok(Installed {
                        name: name.to_owned(),
                        version: Some(version),
                        program,
                        root,
                        on_path: false,
                    }),
                })
            })
            .collect()
    }

    /// Whether the tool cache has a complete program of this name.
    pub fn has_program(&self, program: &str) -> bool {
        self.search_path().iter().any(|folder| which(program, folder, Path::new("/")).is_some())
    }
}

impl<T> Found<T> {
    fn without_value(self) -> Found<()> {
        match self {
            Self::Here(_) => Found::Here(()),
            Self::Other(what) => Found::Other(what),
            Self::Nothing => Found::Nothing,
        }
    }
}

impl Installed {
    /// The folders that its programs are in.
    pub fn programs(&self) -> Vec<PathBuf> {
        let own = self.program.parent().map(Path::to_owned);
        let mut folders: Vec<PathBuf> = own.into_iter().collect();
        folders.extend(program_folders(&self.root).into_iter().filter(|_| !self.on_path));
        folders.dedup();
        folders
    }

    /// Its version as text; empty where it does not say.
    pub fn version_text(&self) -> String {
        self.version.as_ref().map(Version::to_string).unwrap_or_default()
    }
}

/// The programs and names that a want brings, one in a line.
pub fn family(want: &Want) -> String {
    let names = match want {
        Want::Action { .. } => "",
        Want::Tool { name, .. } => Known::of(name).family,
        Want::Toolchain { .. } => "cargo rustc rustup rustdoc rustfmt cargo-fmt cargo-clippy",
    };
    let own = match want {
        Want::Action { .. } => "",
        Want::Tool { name, .. } => name,
        Want::Toolchain { channel, .. } => channel,
    };
    format!("{}\n{own}\n", names.replace(' ', "\n"))
}

/// The tool cache's word for this architecture.
pub fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "aarch64" => "arm64",
        "arm" => "arm",
        "x86" => "x86",
        _ => "x64",
    }
}

/// `python3.12` and the like, which stand beside a `python3` of another version.
fn series(path: &OsStr, name: &str) -> impl Iterator<Item = PathBuf> {
    let folders = if name == "python" { path.to_owned() } else { OsString::new() };
    let minors = 6..=20;
    minors.filter_map(move |minor| which(format!("python3.{minor}"), &folders, Path::new("/")))
}

/// The versions of a tool that are complete, and where they are.
fn complete(tool: &Path) -> impl Iterator<Item = (Version, PathBuf)> + use<> {
    let tool = tool.to_owned();
    names(&tool).into_iter().filter_map(move |name| {
        let place = tool.join(&name).join(architecture());
        let is_whole = place.is_dir() && Toolbox::marker(&place).is_file();
        // A dash is how the tool cache writes Java's build.
        let version = Version::parse(name.split_once('-').map_or(&*name, |(numbers, rest)| {
            if rest.bytes().all(|byte| byte.is_ascii_digit()) { numbers } else { &name }
        }));
        version.filter(|_| is_whole).map(|version| (version, place))
    })
}

fn program(root: &Path, programs: &[&str]) -> Option<PathBuf> {
    let folders = program_folders(root);
    let files =
        programs.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    files.into_iter().find(|file| file.is_file())
}

fn program_folders(root: &Path) -> Vec<PathBuf> {
    let bin = root.join("bin");
    if bin.is_dir() { vec![bin, root.to_owned()] } else { vec![root.to_owned()] }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort_unstable();
    names
}

#[cfg(test)]
mod tests;
