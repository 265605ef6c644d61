//! Installed tools and their caches, which jobs share with the user: one entry each.

use std::path::{Path, PathBuf};

use super::{Survey, UserFacts, credential::Whereabouts};

/// An installed tool that jobs share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tool {
    /// Its folder, without symbolic links.
    pub folder: PathBuf,
    /// Programs that write into it; see [`super::Layers`].
    pub written_by: &'static [&'static str],
}

/// A tool that is installed in the home.
struct Toolchain {
    /// Names its folder; set for steps when the folder exists, since their home is another.
    variable: Option<&'static str>,
    /// Its folder in the home when the variable does not say otherwise.
    folder: &'static str,
    written_by: &'static [&'static str],
}

impl Toolchain {
    const fn written_by(self, written_by: &'static [&'static str]) -> Self {
        Self { written_by, ..self }
    }
}

const fn tool(folder: &'static str) -> Toolchain {
    Toolchain { variable: None, folder, written_by: &[] }
}

const fn tool_at(variable: &'static str, folder: &'static str) -> Toolchain {
    Toolchain { variable: Some(variable), folder, written_by: &[] }
}

const RUST: &[&str] = &["rustup"];
const NODE: &[&str] = &["nvm", "fnm", "volta", "npm", "pnpm", "yarn", "corepack", "n"];
const PYTHON: &[&str] =
    &["pyenv", "pip", "pip3", "python", "python3", "uv", "rye", "pixi", "conda", "mamba", "poetry"];
const RUBY: &[&str] = &["rbenv", "rvm", "gem", "bundle"];
const VERSIONS: &[&str] = &["asdf", "mise", "rtx", "proto", "moon", "npm", "pip", "gem"];
const HASKELL: &[&str] = &["ghcup", "stack", "cabal"];

/// Tools whose whole folder is shared; what a step installs there stays in the job's room.
const TOOLCHAINS: &[Toolchain] = &[
    tool_at("RUSTUP_HOME", ".rustup").written_by(RUST),
    tool(".cargo/bin"),
    tool_at("NVM_DIR", ".nvm").written_by(NODE),
    tool_at("FNM_DIR", ".local/share/fnm").written_by(NODE),
    tool(".fnm").written_by(NODE),
    tool_at("VOLTA_HOME", ".volta").written_by(NODE),
    tool_at("N_PREFIX", "n").written_by(NODE),
    tool(".nodenv").written_by(NODE),
    tool_at("PNPM_HOME", ".local/share/pnpm").written_by(NODE),
    tool_at("BUN_INSTALL", ".bun").written_by(&["bun"]),
    tool_at("DENO_INSTALL", ".deno").written_by(&["deno"]),
    tool_at("PYENV_ROOT", ".pyenv").written_by(PYTHON),
    tool_at("UV_PYTHON_INSTALL_DIR", ".local/share/uv/python").written_by(&["uv"]),
    tool(".local/share/uv/tools").written_by(&["uv", "uvx"]),
    tool(".local/share/pipx").written_by(&["pipx"]),
    tool(".local/pipx").written_by(&["pipx"]),
    tool(".local/lib"),
    tool(".local/bin"),
    tool_at("RYE_HOME", ".rye").written_by(PYTHON),
    tool_at("PIXI_HOME", ".pixi").written_by(PYTHON),
    tool_at("MAMBA_ROOT_PREFIX", "micromamba").written_by(&["micromamba", "mamba"]),
    tool("miniconda3").written_by(PYTHON),
    tool("miniforge3").written_by(PYTHON),
    tool("anaconda3").written_by(PYTHON),
    tool_at("RBENV_ROOT", ".rbenv").written_by(RUBY),
    tool(".rvm").written_by(RUBY),
    tool_at("GOENV_ROOT", ".goenv").written_by(&["goenv"]),
    tool("go/bin"),
    tool("sdk"),
    tool_at("SDKMAN_DIR", ".sdkman").written_by(&["sdk"]),
    tool_at("JENV_ROOT", ".jenv"),
    tool(".jdks"),
    tool_at("DOTNET_ROOT", ".dotnet").written_by(&["dotnet"]),
    tool_at("ANDROID_HOME", "Android/Sdk").written_by(&["sdkmanager", "gradle", "gradlew"]),
    tool_at("ASDF_DATA_DIR", ".asdf").written_by(VERSIONS),
    tool_at("MISE_DATA_DIR", ".local/share/mise").written_by(VERSIONS),
    tool(".local/share/rtx").written_by(VERSIONS),
    tool_at("PROTO_HOME", ".proto").written_by(VERSIONS),
    tool(".moon").written_by(VERSIONS),
    tool(".ghcup").written_by(HASKELL),
    tool(".stack").written_by(HASKELL),
    tool(".cabal").written_by(HASKELL),
    tool_at("OPAMROOT", ".opam").written_by(&["opam", "dune"]),
    tool_at("ELAN_HOME", ".elan").written_by(&["elan", "lake"]),
    tool(".juliaup").written_by(&["juliaup", "julia"]),
    tool_at("JULIA_DEPOT_PATH", ".julia").written_by(&["julia"]),
    tool_at("SWIFTLY_HOME_DIR", ".local/share/swiftly").written_by(&["swiftly"]),
    tool(".zvm").written_by(&["zvm"]),
    tool(".wasmtime"),
    tool(".wasmer/bin"),
    tool(".foundry").written_by(&["foundryup", "forge"]),
    tool(".krew").written_by(&["kubectl"]),
    tool(".tfenv").written_by(&["tfenv", "terraform"]),
    tool(".platformio").written_by(&["pio", "platformio"]),
    tool(".nix-profile"),
    tool(".local/state/nix"),
    tool(".linuxbrew"),
];

/// Caches that a job reads and fills as the user does. Each is addressed by what it holds, so sharing them costs
/// no truth and saves the network.
const CACHES: &[&str] = &[
    ".cargo/registry",
    ".cargo/git",
    // Without these two, a job and the user would unpack the same crate at once.
    ".cargo/.package-cache",
    ".cargo/.package-cache-mutate",
    ".npm/_cacache",
    ".yarn/berry/cache",
    ".pnpm-store",
    ".cache/node",
    ".cache/node-gyp",
    ".cache/yarn",
    ".cache/pnpm",
    ".cache/deno",
    ".cache/pip",
    ".cache/uv",
    ".cache/pypoetry",
    ".cache/pre-commit",
    ".cache/go-build",
    ".cache/golangci-lint",
    ".cache/ms-playwright",
    ".cache/Cypress",
    ".cache/electron",
    ".cache/electron-builder",
    ".cache/puppeteer",
    ".cache/ccache",
    ".cache/sccache",
    ".cache/mozilla/sccache",
    ".cache/zig",
    ".cache/coursier",
    ".ccache",
    ".m2/repository",
    ".m2/wrapper",
    ".gradle/caches",
    ".gradle/wrapper",
    ".ivy2/cache",
    ".nuget/packages",
    "go/pkg/mod",
];

/// Surveys tools and caches: their variables, the links to them, and what must stay visible for them.
pub(super) fn share(user: &UserFacts<'_>, places: &Whereabouts, survey: &mut Survey) {
    for toolchain in TOOLCHAINS {
        let folder = toolchain.folder(user);
        if user.exists(&folder) && !places.are_in(&folder) {
            if let (Some(variable), Some(text)) = (toolchain.variable, folder.to_str()) {
                survey.environment.entry(variable.to_owned()).or_insert_with(|| text.to_owned());
            }
            let real = user.real(&folder);
            survey.tools.push(Tool { folder: real.clone(), written_by: toolchain.written_by });
            survey.shown.push(real);
        }
    }
    for cache in CACHES {
        let real = user.place(cache);
        if user.exists(&real) {
            survey.link(cache, &real);
            survey.shown.push(real);
        }
    }
    share_user_packages(user, survey);
    let needed = on_path(user, places, &survey.search_path);
    survey.shown.extend(needed);
}

impl Toolchain {
    fn folder(&self, user: &UserFacts<'_>) -> PathBuf {
        let named = self.variable.and_then(|variable| user.absolute(variable));
        named.unwrap_or_else(|| user.place(self.folder))
    }
}

/// Python finds a user's packages by `HOME`, so programs in `~/.local/bin` would not find theirs.
fn share_user_packages(user: &UserFacts<'_>, survey: &mut Survey) {
    for name in user.tree.names(&user.home.join(".local/lib")) {
        let packages = Path::new(".local/lib").join(name).join("site-packages");
        let real = user.home.join(&packages);
        if let (true, Some(text)) = (user.exists(&real), real.to_str()) {
            survey.write(packages.join("plimsoll-shared.pth"), format!("{text}\n"));
        }
    }
}

/// What the folders of `PATH` in the home need to work: a program in `~/.tool/bin` uses what lies beside it, one in
/// `~/.local/bin` is often a link into a folder of its own.
fn on_path(user: &UserFacts<'_>, places: &Whereabouts, search_path: &[String]) -> Vec<PathBuf> {
    let folders = search_path.iter().map(PathBuf::from);
    let mut needed = Vec::new();
    for folder in folders.filter(|folder| folder.starts_with(user.home)) {
        match folder.parent().filter(|parent| is_own(parent, user, places)) {
            Some(parent) => needed.push(parent.to_owned()),
            None => needed.extend(linked_from(&folder, user, places)),
        }
        if !places.are_in(&folder) {
            needed.push(folder);
        }
    }
    needed
}

/// Folders that many programs share.
const SHARED: [&str; 6] = ["", ".local", ".local/share", ".local/state", ".config", ".cache"];

/// True for a folder in the home that belongs to one program and holds no credentials.
fn is_own(folder: &Path, user: &UserFacts<'_>, places: &Whereabouts) -> bool {
    let below_home = folder.strip_prefix(user.home);
    let own = below_home.is_ok_and(|below| !SHARED.iter().any(|shared| below == Path::new(shared)));
    own && !places.are_in(folder)
}

/// The folders in the home of what the links in `folder` point to: the largest that are one program's own.
fn linked_from(folder: &Path, user: &UserFacts<'_>, places: &Whereabouts) -> Vec<PathBuf> {
    let programs = user.tree.names(folder).into_iter().map(|name| folder.join(name));
    let targets = programs.filter_map(|program| {
        let target = user.tree.real(&program)?;
        let below_home = target.strip_prefix(user.home).ok()?;
        let dotted = below_home.as_os_str().as_encoded_bytes().starts_with(b".");
        (dotted && target != program).then_some(target)
    });
    let own = |target: PathBuf| {
        let outer = target.ancestors().skip(1).take_while(|folder| is_own(folder, user, places));
        outer.last().map_or_else(|| target.clone(), Path::to_owned)
    };
    targets.map(own).collect()
}
