//! Finds the tools that a script surely needs, so that a missing one is known before anything runs.
//!
//! Only tools of this list count: of any other name nobody knows whether an earlier step makes it. A tool that an
//! earlier command speaks of (`cargo install just`, `pip install uv`) may be installed by then, and does not count.

use crate::capability::Capability;
use crate::script::Invoked;
use crate::want::RUST_TOOLCHAIN;

/// Programs that a machine has or has not; in the order of their bytes, so that one is found quickly.
const TOOLS: &[&str] = &[
    "R",
    "Rscript",
    "actionlint",
    "ansible",
    "ansible-playbook",
    "aws",
    "az",
    "bazel",
    "bun",
    "bundle",
    "cabal",
    "cargo",
    "ccache",
    "clang",
    "clang-format",
    "clang-tidy",
    "cmake",
    "codespell",
    "composer",
    "conda",
    "cross",
    "deno",
    "docker",
    "docker-compose",
    "dotnet",
    "elixir",
    "erl",
    "ffmpeg",
    "g++",
    "gcc",
    "gcloud",
    "gem",
    "gh",
    "ghc",
    "git",
    "go",
    "gofmt",
    "golangci-lint",
    "goreleaser",
    "gradle",
    "hadolint",
    "helm",
    "hugo",
    "java",
    "javac",
    "jq",
    "julia",
    "just",
    "kind",
    "kotlin",
    "kubectl",
    "lld",
    "lua",
    "luajit",
    "maturin",
    "mdbook",
    "meson",
    "minikube",
    "mise",
    "mix",
    "mold",
    "musl-gcc",
    "mvn",
    "nasm",
    "ninja",
    "nix",
    "nix-build",
    "node",
    "nox",
    "npm",
    "npx",
    "ocaml",
    "opam",
    "openssl",
    "pandoc",
    "pdm",
    "perl",
    "php",
    "pip",
    "pip3",
    "pipx",
    "pnpm",
    "podman",
    "poetry",
    "pre-commit",
    "protoc",
    "pwsh",
    "pytest",
    "python",
    "python3",
    "qemu-system-x86_64",
    "rake",
    "rebar3",
    "ruby",
    "ruff",
    "rustc",
    "rustup",
    "sbt",
    "scala",
    "shellcheck",
    "shfmt",
    "stack",
    "swift",
    "terraform",
    "tofu",
    "tox",
    "trunk",
    "typos",
    "uv",
    "uvx",
    "valgrind",
    "wasm-bindgen",
    "wasm-pack",
    "wasmtime",
    "xcodebuild",
    "xvfb-run",
    "yarn",
    "zig",
];

/// Subcommands that cargo has itself.
const OF_CARGO: &[&str] = &[
    "add",
    "b",
    "bench",
    "build",
    "c",
    "check",
    "clean",
    "clippy",
    "config",
    "d",
    "doc",
    "fetch",
    "fix",
    "fmt",
    "generate-lockfile",
    "help",
    "info",
    "init",
    "install",
    "locate-project",
    "login",
    "logout",
    "metadata",
    "miri",
    "new",
    "owner",
    "package",
    "pkgid",
    "publish",
    "r",
    "read-manifest",
    "remove",
    "report",
    "rm",
    "run",
    "rustc",
    "rustdoc",
    "search",
    "t",
    "test",
    "tree",
    "uninstall",
    "update",
    "vendor",
    "verify-project",
    "version",
    "yank",
];

/// What a command needs that this machine has not.
///
/// `aliases` are the subcommands that the repository gives cargo, `mentioned` says whether an earlier command of the
/// job speaks of a tool.
pub(crate) fn missing(
    invoked: &Invoked,
    capability: &Capability,
    aliases: &[String],
    mentioned: &dyn Fn(&str) -> bool,
) -> Option<String> {
    if !invoked.certain || !invoked.words[0].literal || invoked.words[0].text.contains('/') {
        return None;
    }
    let name = invoked.name();
    let absent = |tool: &str| !capability.has(tool) && !mentioned(tool);
    let wrapped = invoked.behind.iter().find(|wrapper| TOOLS.contains(wrapper) && absent(wrapper));
    if let Some(wrapper) = wrapped {
        return Some((*wrapper).to_owned());
    }
    // What stands behind `npx` and the like is fetched or found by it.
    if TOOLS.binary_search(&name).is_err() || invoked.behind.iter().any(|w| TOOLS.contains(w)) {
        return None;
    }
    if absent(name) {
        return Some(name.to_owned());
    }
    if name == "cargo" { missing_of_cargo(invoked, capability, aliases, mentioned) } else { None }
}

fn missing_of_cargo(
    invoked: &Invoked,
    capability: &Capability,
    aliases: &[String],
    mentioned: &dyn Fn(&str) -> bool,
) -> Option<String> {
    let mut words = invoked.arguments().iter().peekable();
    let first = words.peek().filter(|word| word.literal)?;
    if let Some(toolchain) = first.text.strip_prefix('+') {
        if !capability.has_toolchain(toolchain) && !mentioned(toolchain) {
            return Some(format!("{RUST_TOOLCHAIN}{toolchain}"));
        }
        words.next();
    }
    let subcommand = words.next().filter(|word| word.literal && !word.text.starts_with('-'))?;
    let subcommand = subcommand.text.as_str();
    let known = OF_CARGO.contains(&subcommand) || aliases.iter().any(|alias| alias == subcommand);
    let program = format!("cargo-{subcommand}");
    // `taiki-e/install-action` and others call it `nextest`.
    let absent =
        !known && !capability.has(&program) && !mentioned(&program) && !mentioned(subcommand);
    absent.then_some(program)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Request;
    use crate::script::Script;

    fn missing_of(script: &str, mentioned: &[&str]) -> Vec<String> {
        let sandbox = plim_test::sandbox::Sandbox::new();
        sandbox.executable("bin/cargo", "").executable("bin/npx", "");
        sandbox.folder("rustup/toolchains/stable-x86_64-unknown-linux-gnu");
        let environment = [
            ("PATH", sandbox.at("bin").to_string_lossy().into_owned()),
            ("RUSTUP_HOME", sandbox.at("rustup").to_string_lossy().into_owned()),
        ];
        let capability = Capability::of(&environment.into_iter().collect(), &Request::default());
        let aliases = ["xtask".to_owned()];
        let mentioned = |tool: &str| mentioned.contains(&tool);
        let programs = Script::read(script).programs();
        let missing = |invoked: &Invoked| missing(invoked, &capability, &aliases, &mentioned);
        programs.iter().filter_map(missing).collect()
    }

    #[test]
    fn tools_are_in_order() {
        assert!(TOOLS.is_sorted());
    }

    #[test]
    fn a_tool_that_is_surely_needed_and_not_there_is_named() {
        assert_eq!(missing_of("cargo test\njust build", &[]), ["just"]);
        assert_eq!(missing_of("uv run pytest", &[]), ["uv"]);
        assert_eq!(missing_of("yarn --version && bun --version", &[]), ["yarn", "bun"]);
        assert_eq!(missing_of("cargo nextest run", &[]), ["cargo-nextest"]);
        assert_eq!(missing_of("cargo +nightly build", &[]), ["Rust toolchain nightly"]);
    }

    #[test]
    fn a_tool_that_may_be_there_by_then_is_not() {
        for script in [
            "cargo test",
            "cargo +stable fmt",
            "cargo xtask ci",
            "npx eslint",
            "if command -v just; then just build; fi",
            "just build || true",
            "./just",
            "$JUST build",
            "frobnicate",
        ] {
            assert!(missing_of(script, &[]).is_empty(), "{script}");
        }
        assert!(missing_of("just build", &["just"]).is_empty());
        assert!(missing_of("cargo nextest run", &["nextest"]).is_empty());
    }
}
