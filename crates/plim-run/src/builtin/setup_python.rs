//! `actions/setup-python`: Python in a virtual environment of the job, so that what it installs is nobody else's.

use std::path::{Path, PathBuf};

use super::{Asked, Builtin, Call, Failure, Input, Invocation, matchers, provide, version_file};
use crate::{toolbox::Installed, want::Want};

pub(super) const ACTION: Builtin = Builtin {
    name: "actions/setup-python",
    inputs: &[
        Input::implemented("python-version", ""),
        Input::implemented("python-version-file", ""),
        Input::no_effect("cache", "", provide::SHARED),
        Input::judged("architecture", "", provide::other_architecture),
        Input::no_effect("check-latest", "false", provide::NOT_NEWER),
        Input::no_effect(
            "token",
            "${{ github.server_url == 'https://github.com' && github.token || '' }}",
            provide::NO_DOWNLOAD,
        ),
        Input::no_effect("cache-dependency-path", "", provide::SHARED),
        Input::implemented("update-environment", "true"),
        Input::implemented("allow-prereleases", "false"),
        Input::refused(
            "freethreaded",
            "false",
            "a freethreaded Python cannot be told from others here",
        ),
        Input::refused("pip-version", "", "another pip would have to be downloaded"),
    ],
    outputs: &["python-version", "cache-hit", "python-path"],
    main,
    wants: Some(wants),
    ..Builtin::PLAIN
};

/// The name and the version that one line asks for: `pypy3.10`, `3.12`. `None` for a freethreaded one.
fn request(line: &str, prereleases: bool) -> Option<(&'static str, String)> {
    for (prefix, name) in [("pypy", "pypy"), ("graalpy", "graalpy")] {
        if let Some(rest) = line.strip_prefix(prefix) {
            return Some((name, rest.trim_start_matches('-').split('-').next()?.to_owned()));
        }
    }
    if line.ends_with('t') {
        return None;
    }
    let is_series = line.split('.').all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let dev = if prereleases && is_series { "-dev" } else { "" };
    Some(("python", format!("{line}{dev}")))
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

fn wants(asked: &Asked<'_>) -> Vec<Want> {
    let (file, reader) = ("python-version-file", version_file::python);
    let Some(mut versions) = version_file::planned(asked, "python-version", file, reader) else {
        return Vec::new();
    };
    if versions.is_empty() {
        versions = std::fs::read_to_string(asked.root.join(".python-version")).unwrap_or_default();
    }
    let prereleases = asked.input("allow-prereleases") == Some("true");
    let requests = lines(&versions).filter_map(|line| request(line, prereleases));
    let wants: Vec<Want> = requests.map(|(name, version)| provide::want(name, &version)).collect();
    if wants.is_empty() { vec![provide::want("python", "")] } else { wants }
}

fn main(cx: &mut Invocation<'_>) -> Result<(), Failure> {
    ACTION.begin(cx)?;
    let versions = versions(cx)?;
    let prereleases = cx.boolean("allow-prereleases")?;
    if versions.is_empty() {
        let text = "The `python-version` input is not set.  The version of Python currently in `PATH` will be used.";
        cx.log.warning(text);
    }
    for line in &versions {
        let (name, version) = request(line, prereleases).ok_or_else(|| {
            Failure::new(format!(
                "a freethreaded Python, `{line}`, cannot be told from others here"
            ))
            .advise("leave out the `t`, or let this job run elsewhere")
        })?;
        let python = provide::find(cx, name, &version)?;
        let home = environment(cx, &python)?;
        set(cx, &home, &python)?;
    }
    cx.set_output("cache-hit", "false");
    matchers::add(cx, matchers::PYTHON)
}

fn versions(cx: &mut Invocation<'_>) -> Result<Vec<String>, Failure> {
    let text = match (cx.input("python-version"), cx.input("python-version-file")) {
        ("", "") => {
            let file = cx.workspace.join(".python-version");
            std::fs::read_to_string(file).unwrap_or_default()
        }
        ("", file) => version_file::read(cx, file, version_file::python)?,
        (version, _) => version.to_owned(),
    };
    let lines = lines(&text).filter(|line| !line.starts_with('#'));
    Ok(lines.map(str::to_owned).collect())
}

/// Makes a virtual environment: the Python of a distribution refuses to install packages, and a shared one must not.
fn environment(cx: &Invocation<'_>, python: &Installed) -> Result<PathBuf, Failure> {
    let folder = provide::fresh(cx, &format!("python-{}", python.version_text()))?;
    let program = python.program.to_string_lossy().into_owned();
    let answer = (cx.run)(&Call {
        program: program.clone(),
        arguments: vec!["-m".into(), "venv".into(), folder.to_string_lossy().into_owned()],
        directory: cx.workspace.to_owned(),
        variables: Vec::new(),
        shown: false,
    })?;
    if answer.code == 0 {
        return Ok(folder);
    }
    let last = answer.text.lines().last().unwrap_or_default().to_owned();
    Err(Failure::new(format!("`{program} -m venv` ended with exit code {}: {last}", answer.code))
        .advise("install Python's `venv` with `ensurepip` (`python3-venv` on Debian), or let `plim setup` get a Python"))
}

fn set(cx: &mut Invocation<'_>, home: &Path, python: &Installed) -> Result<(), Failure> {
    let programs = home.join("bin");
    let text = |path: &Path| path.to_string_lossy().into_owned();
    if cx.boolean("update-environment")? {
        for name in ["pythonLocation", "Python_ROOT_DIR", "Python2_ROOT_DIR", "Python3_ROOT_DIR"] {
            cx.changes.environment.push((name.to_owned(), text(home)));
        }
        let config = text(&home.join("lib/pkgconfig"));
        cx.changes.environment.push(("PKG_CONFIG_PATH".to_owned(), config));
        cx.changes.paths.push(text(&programs));
    }
    cx.set_output("python-version", python.version_text());
    cx.set_output("python-path", text(&programs.join("python")));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::bench::Bench;

    const FAKE: &str = "if [ \"$1\" = -m ]; then mkdir -p \"$3/bin\"; else echo Python 9.12.1; fi";

    #[test]
    fn a_job_gets_an_environment_of_its_own() {
        let bench = Bench::new();
        bench.program("python3", FAKE);
        let done = bench.call(&ACTION, &[("python-version", "9.12")]);
        assert_eq!(done.passed().output("python-version"), "9.12.1");
        let programs = &done.changes.paths[0];
        assert!(programs.starts_with(&*bench.machine().path().to_string_lossy()), "{programs}");
        assert!(Path::new(programs).is_dir());
        let quiet = [("python-version", "9.12"), ("update-environment", "false")];
        assert_eq!(bench.call(&ACTION, &quiet).passed().changes.paths, Vec::<String>::new());
        let other = bench.call(&ACTION, &[("python-version", "9.13")]);
        assert!(other.failure().starts_with("needs python 9.13; this machine has "));
    }

    #[test]
    fn a_python_that_cannot_make_one_is_told() {
        let bench = Bench::new();
        bench.program(
            "python3",
            "[ \"$1\" = -m ] && echo no ensurepip && exit 1; echo Python 9.12.1",
        );
        let done = bench.call(&ACTION, &[("python-version", "9.12")]);
        assert!(
            done.failure().ends_with("ended with exit code 1: no ensurepip"),
            "{}",
            done.failure()
        );
        assert!(done.help().contains("python3-venv"));
    }

    #[test]
    fn lines_ask_for_kinds_of_python() {
        assert_eq!(request("pypy3.10", false), Some(("pypy", "3.10".into())));
        assert_eq!(request("graalpy-22.3", false), Some(("graalpy", "22.3".into())));
        assert_eq!(request("3.13", true), Some(("python", "3.13-dev".into())));
        assert_eq!(request(">=3.9", true), Some(("python", ">=3.9".into())));
        assert_eq!(request("3.13t", false), None);
    }
}
