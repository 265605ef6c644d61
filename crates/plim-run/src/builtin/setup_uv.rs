//! `astral-sh/setup-uv`: the package manager uv.

use super::{Asked, Builtin, Failure, Input, Invocation, provide, version_file};
use crate::{bounds::resolve, want::Want};

pub(super) const ACTION: Builtin = Builtin {
    name: "astral-sh/setup-uv",
    inputs: &[
        Input::implemented("version", ""),
        Input::implemented("version-file", ""),
        Input::implemented("python-version", ""),
        Input::implemented("activate-environment", "false"),
        Input::implemented("venv-path", ""),
        Input::implemented("no-project", "false"),
        Input::implemented("working-directory", "${{ github.workspace }}"),
        Input::no_effect("checksum", "", provide::NO_DOWNLOAD),
        Input::no_effect("github-token", "${{ github.token }}", provide::NO_DOWNLOAD),
        Input::no_effect("enable-cache", "auto", provide::SHARED),
        Input::no_effect(
            "cache-dependency-glob",
            "**/*requirements*.txt\n**/*requirements*.in\n**/*constraints*.txt\n**/*constraints*.in\n**/pyproject.toml\n**/uv.lock\n**/*.py.lock\n",
            provide::SHARED,
        ),
        Input::no_effect("restore-cache", "true", provide::SHARED),
        Input::no_effect("save-cache", "true", provide::SHARED),
        Input::no_effect("cache-suffix", "", provide::SHARED),
        Input::implemented("cache-local-path", ""),
        Input::no_effect("prune-cache", "false", provide::SHARED),
        Input::no_effect("cache-python", "false", provide::SHARED),
        Input::no_effect("ignore-nothing-to-cache", "false", provide::SHARED),
        Input::implemented("ignore-empty-workdir", "false"),
        Input::implemented("tool-dir", ""),
        Input::implemented("tool-bin-dir", ""),
        Input::no_effect("manifest-file", "", provide::NO_DOWNLOAD),
        Input::no_effect("download-from-astral-mirror", "true", provide::NO_DOWNLOAD),
        Input::no_effect(
            "add-problem-matchers",
            "true",
            "what they find is what setup-python's find, which is there where that is used",
        ),
        Input::no_effect("quiet", "false", "only a line is written"),
        Input::no_effect("resolution-strategy", "highest", "the version of this machine is used"),
    ],
    outputs: &[
        "uv-version",
        "uv-path",
        "uvx-path",
        "cache-hit",
        "cache-key",
        "venv",
        "python-version",
        "python-cache-hit",
    ],
    main,
    wants: Some(wants),
    ..Builtin::PLAIN
};

/// `requires-uv` of a `uv.toml` or a `pyproject.toml`, or a line of `.tool-versions`.
fn reader(name: &str, text: &str) -> Option<String> {
    if name == ".tool-versions" {
        return version_file::tool_versions(text, "uv");
    }
    let table: toml::Table = text.parse().ok()?;
    let own = table.get("required-version");
    let project = || table.get("tool")?.get("uv")?.get("required-version");
    let version = own.or_else(project)?.as_str()?;
    Some(version.replace(',', " ").replace("==", ""))
}

fn plain(version: &str) -> &str {
    if version == "latest-known" { "latest" } else { version }
}

fn wants(asked: &Asked<'_>) -> Vec<Want> {
    let version = version_file::planned(asked, "version", "version-file", reader);
    version.map(|version| provide::want("uv", plain(&version))).into_iter().collect()
}

fn main(cx: &mut Invocation<'_>) -> Result<(), Failure> {
    ACTION.begin(cx)?;
    let version = match (cx.input("version"), cx.input("version-file")) {
        ("", "") => String::new(),
        ("", file) => version_file::read(cx, file, reader)?,
        (version, _) => version.to_owned(),
    };
    let uv = provide::tool(cx, "uv", plain(&version))?;
    for (input, variable) in [
        ("python-version", "UV_PYTHON"),
        ("tool-dir", "UV_TOOL_DIR"),
        ("tool-bin-dir", "UV_TOOL_BIN_DIR"),
        ("cache-local-path", "UV_CACHE_DIR"),
    ] {
        let value = cx.input(input);
        if !value.is_empty() {
            cx.changes.environment.push((variable.to_owned(), value.to_owned()));
        }
    }
    let folder = cx.input("tool-bin-dir");
    if !folder.is_empty() {
        cx.changes.paths.push(folder.to_owned());
    }
    cx.set_output("uv-version", uv.version_text());
    cx.set_output("uv-path", uv.program.to_string_lossy());
    cx.set_output("uvx-path", uv.program.with_file_name("uvx").to_string_lossy());
    cx.set_output("cache-hit", "false");
    cx.set_output("python-version", cx.input("python-version"));
    if cx.is_true("activate-environment") {
        activate(cx, &uv.program.to_string_lossy())?;
    }
    Ok(())
}

fn activate(cx: &mut Invocation<'_>, uv: &str) -> Result<(), Failure> {
    let folder = resolve(cx.workspace, cx.input("working-directory"));
    let place = match cx.input("venv-path") {
        "" => folder.join(".venv"),
        path => resolve(&folder, path),
    };
    let place = place.to_string_lossy().into_owned();
    let mut arguments = vec!["venv".to_owned(), place.clone()];
    let python = cx.input("python-version");
    if !python.is_empty() {
        arguments.extend(["--python".to_owned(), python.to_owned()]);
    }
    if cx.is_true("no-project") {
        arguments.push("--no-project".to_owned());
    }
    provide::run(cx, uv, arguments, Vec::new())?;
    cx.changes.paths.push(format!("{place}/bin"));
    cx.changes.environment.push(("VIRTUAL_ENV".to_owned(), place.clone()));
    cx.set_output("venv", place);
    Ok(())
}
