//! Finds what compiles a project, which costs much in a folder where nothing was built before.
//!
//! A command counts when its program is a build tool of this list and its first word is not one with which that tool
//! builds nothing (`cargo fmt`, `go env`). A tool that is called for its version or its help builds nothing either.

use crate::script::Invoked;

/// A build tool.
struct Builder {
    program: &'static str,
    /// Whether it builds only when a subcommand follows.
    needs_word: bool,
    /// Subcommands with which it builds nothing.
    idle: &'static [&'static str],
}

const fn by_word(program: &'static str, idle: &'static [&'static str]) -> Builder {
    Builder { program, needs_word: true, idle }
}

const fn always(program: &'static str) -> Builder {
    Builder { program, needs_word: false, idle: &[] }
}

const BUILDERS: &[Builder] = &[
    by_word("cargo", OF_CARGO),
    by_word("cross", OF_CARGO),
    by_word("wasm-pack", &["login", "publish"]),
    by_word("trunk", &["config", "clean", "tools"]),
    by_word("maturin", &["new", "init", "upload", "publish", "list-python"]),
    by_word("go", &["bug", "clean", "doc", "env", "fmt", "help", "list", "mod", "version", "work"]),
    by_word("npm", OF_NPM),
    by_word("pnpm", OF_NPM),
    by_word("bun", OF_NPM),
    Builder { program: "yarn", needs_word: false, idle: OF_NPM },
    by_word("dotnet", &["format", "help", "new", "nuget", "tool"]),
    by_word("swift", &["format", "package"]),
    by_word("zig", &["env", "fmt", "help", "targets", "version", "zen"]),
    by_word("mix", &["format", "help", "hex.info"]),
    by_word("stack", &["path", "templates", "update"]),
    by_word("cabal", &["check", "info", "list", "path", "update"]),
    by_word("bazel", OF_BAZEL),
    by_word("bazelisk", OF_BAZEL),
    by_word("sbt", &["scalafmt", "scalafmtCheck", "scalafmtCheckAll"]),
    always("gradle"),
    always("gradlew"),
    always("mvn"),
    always("mvnw"),
    always("ant"),
    always("make"),
    always("gmake"),
    always("cmake"),
    always("ninja"),
    always("meson"),
    always("xcodebuild"),
];

const OF_CARGO: &[&str] = &[
    "add",
    "audit",
    "clean",
    "config",
    "deny",
    "fetch",
    "fmt",
    "generate-lockfile",
    "help",
    "info",
    "init",
    "locate-project",
    "login",
    "logout",
    "machete",
    "metadata",
    "new",
    "owner",
    "pkgid",
    "read-manifest",
    "remove",
    "rm",
    "search",
    "sort",
    "tree",
    "uninstall",
    "update",
    "vendor",
    "verify-project",
    "version",
    "yank",
];

const OF_NPM: &[&str] = &[
    "audit", "bin", "cache", "config", "help", "info", "init", "list", "login", "logout", "ls",
    "outdated", "pack", "ping", "prefix", "publish", "root", "set", "store", "version", "view",
    "whoami", "why",
];

const OF_BAZEL: &[&str] = &["clean", "dump", "help", "info", "query", "shutdown", "version"];

/// Actions that run a build tool.
const ACTIONS: [&str; 4] = [
    "actions-rs/cargo",
    "gradle/gradle-build-action",
    "houseabsolute/actions-rust-cross",
    "pyo3/maturin-action",
];

/// Whether a command compiles.
pub(crate) fn command(invoked: &Invoked) -> bool {
    let Some(builder) = BUILDERS.iter().find(|builder| builder.program == invoked.name()) else {
        return false;
    };
    let words = || invoked.arguments().iter().map(|word| word.text.as_str());
    if words().any(|word| matches!(word, "--version" | "-V" | "--help" | "-h" | "-version")) {
        return false;
    }
    match words().find(|word| !word.starts_with(['-', '+'])) {
        Some(word) => !builder.idle.contains(&word),
        None => !builder.needs_word,
    }
}

/// Whether an action, `owner/repo[/path]`, compiles.
pub(crate) fn action(name: &str) -> bool {
    ACTIONS.iter().any(|known| known.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::Script;

    fn compiles(script: &str) -> bool {
        Script::read(script).programs().iter().any(command)
    }

    #[test]
    fn build_tools_that_build_are_found() {
        for script in [
            "cargo test --workspace",
            "cargo +nightly clippy -- -D warnings",
            "RUSTFLAGS=-Dwarnings cargo nextest run",
            "if true; then go vet ./...; fi",
            "npm ci && npm test",
            "yarn",
            "./gradlew check",
            "make",
            "bash -c 'cmake --build .'",
        ] {
            assert!(compiles(script), "{script}");
        }
    }

    #[test]
    fn what_builds_nothing_is_not() {
        for script in [
            "echo cargo build",
            "cargo fmt --check",
            "cargo --version",
            "cargo",
            "go env GOPATH",
            "npm --version",
            "npm view x version",
            "gradle --version",
            "grep make README.md",
            "ruff check",
        ] {
            assert!(!compiles(script), "{script}");
        }
    }

    #[test]
    fn actions_that_build_are_known_in_any_case() {
        assert!(action("PyO3/maturin-action") && !action("actions/checkout"));
    }
}
