//! Provides a job with an installed tool: finds it, says which it is, and puts it on the path of the steps after it.
//!
//! Nothing is downloaded here; what is missing is refused as the plan would have refused it.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use plim_host::which;

use serde_json::Value;

use super::{Call, Failure, Invocation};
use crate::{
    toolbox::{self, Found, Installed},
    want::Want,
};

/// Why a token, a mirror or a checksum changes nothing.
pub(super) const NO_DOWNLOAD: &str = "nothing is downloaded here";
/// Why a cache of packages changes nothing.
pub(super) const SHARED: &str = "jobs share the user's own caches of packages";
/// Why asking for the newest changes nothing.
pub(super) const NOT_NEWER: &str = "what is newer elsewhere cannot be told without the network";

/// Refuses another architecture than this machine's.
pub(super) fn other_architecture(value: &str, _: &Value) -> Option<String> {
    let own: &[&str] = match toolbox::architecture() {
        "x64" => &["x64", "amd64", "x86_64"],
        "arm64" => &["arm64", "aarch64"],
        own => &[own],
    };
    let lower = value.to_lowercase();
    (!own.contains(&lower.as_str())).then(|| "this machine has another architecture".to_owned())
}

/// A want of a tool; a version that is empty is content with any.
pub(super) fn want(name: &str, version: &str) -> Want {
    let version = Some(version.to_owned()).filter(|version| !version.is_empty());
    Want::Tool { name: name.to_owned(), version }
}

/// Why a job that reaches this cannot go on: what it needs is not here.
pub(super) fn missing(want: &Want, found: Option<&str>) -> Failure {
    let found = found.map(|found| format!("; this machine has {found}")).unwrap_or_default();
    Failure::new(format!("needs {want}{found}")).advise("`plim setup` gets it")
}

/// Finds a tool and puts it on the path; a `version` that is empty is content with any.
pub(super) fn tool(
    cx: &mut Invocation<'_>,
    name: &str,
    version: &str,
) -> Result<Installed, Failure> {
    let installed = find(cx, name, version)?;
    expose(cx, &installed)?;
    Ok(installed)
}

/// Finds a tool and says which it is.
pub(super) fn find(
    cx: &mut Invocation<'_>,
    name: &str,
    version: &str,
) -> Result<Installed, Failure> {
    let asked = Some(version).filter(|version| !version.is_empty());
    match cx.toolbox.tool(name, asked) {
        Found::Here(installed) => {
            let version = installed.version_text();
            cx.log.line(&format!("using {name} {version}: {}", installed.program.display()));
            Ok(installed)
        }
        Found::Other(found) => Err(missing(&want(name, version), Some(&found))),
        Found::Nothing => Err(missing(&want(name, version), None)),
    }
}

/// Makes the programs of a tool those that a bare name finds.
pub(super) fn expose(cx: &mut Invocation<'_>, installed: &Installed) -> Result<(), Failure> {
    let path = cx.environment.get("PATH").map_or("", String::as_str);
    let name = installed.program.file_name().unwrap_or_default();
    if which(name, path, Path::new("/")).as_ref() == Some(&installed.program) {
        return Ok(());
    }
    if installed.on_path {
        // A folder such as /usr/bin must not come before what a job installs, or what is withheld from it.
        let folder = links(cx, installed)?;
        cx.changes.paths.push(folder.to_string_lossy().into_owned());
        return Ok(());
    }
    for folder in installed.programs().iter().rev() {
        cx.changes.paths.push(folder.to_string_lossy().into_owned());
    }
    Ok(())
}

/// A folder of the job with links to the programs of one tool, and to no others beside them.
fn links(cx: &Invocation<'_>, installed: &Installed) -> Result<PathBuf, Failure> {
    let folder = fresh(cx, &format!("{}-{}", installed.name, installed.version_text()))?;
    let own = installed.program.file_name().map(|name| name.to_string_lossy().into_owned());
    let family = toolbox::family(&want(&installed.name, ""));
    let beside = installed.program.parent().unwrap_or(Path::new("/"));
    let mut names: Vec<String> = family.split_whitespace().map(str::to_owned).chain(own).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let program = beside.join(&name);
        if program.is_file() {
            at(&folder, symlink(program, folder.join(name)))?;
        }
    }
    Ok(folder)
}

/// An empty folder in the job's temporary folder, where steps have put nothing.
pub(super) fn fresh(cx: &Invocation<'_>, name: &str) -> Result<PathBuf, Failure> {
    let mut number = 0;
    loop {
        let folder = cx.temporary.join(format!("_plim-{name}-{number}"));
        match fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return at(&folder, Err(error)).map(|()| folder.clone()),
        }
    }
}

/// Names the path that something went wrong with.
pub(super) fn at<T>(path: &Path, result: std::io::Result<T>) -> Result<T, Failure> {
    result.map_err(|error| {
        Failure::new(format!("could not prepare `{}`: {error}", path.display()))
            .advise("check that the folder can be written and that its disk has room")
    })
}

/// Sets a variable for the steps after this one, unless it is set already.
pub(super) fn set_unless_set(cx: &mut Invocation<'_>, name: &str, value: &str) {
    if !cx.environment.contains_key(name) {
        cx.changes.environment.push((name.to_owned(), value.to_owned()));
    }
}

/// Runs a program in the workspace, with more variables and its output as the step's log. Errors: it ends with anything but 0.
pub(super) fn run(
    cx: &Invocation<'_>,
    program: &str,
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
) -> Result<(), Failure> {
    let answer = (cx.run)(&Call {
        program: program.to_owned(),
        arguments,
        directory: cx.workspace.to_owned(),
        variables,
        shown: true,
    })?;
    match answer.code {
        0 => Ok(()),
        code => Err(Failure::new(format!("`{program}` ended with exit code {code}"))),
    }
}

/// The words of a command line, in which quotes hold words together. Errors: a quote is not closed.
pub(super) fn split(text: &str) -> Result<Vec<String>, Failure> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match (c, quote) {
            ('\\', None | Some('"')) => {
                word.get_or_insert_default().extend(characters.next());
            }
            (c, Some(open)) if c == open => quote = None,
            ('\'' | '"', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, None) if c.is_whitespace() => words.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err(Failure::new(format!("a quote in `{text}` is not closed"))
            .advise("close it, or leave it out"));
    }
    words.extend(word);
    Ok(words)
}

/// The version in what a program says; empty where there is none.
pub(super) fn version_in(text: &str) -> String {
    crate::toolbox::Version::said(text).map(|version| version.to_string()).unwrap_or_default()
}

/// What a program of the job says when it is asked. Errors: it cannot be run, or ends with anything but 0.
pub(super) fn ask(
    cx: &Invocation<'_>,
    program: &str,
    arguments: &[&str],
) -> Result<String, Failure> {
    let answer = (cx.run)(&Call {
        program: program.to_owned(),
        arguments: arguments.iter().map(|word| (*word).to_owned()).collect(),
        directory: cx.workspace.to_owned(),
        variables: Vec::new(),
        shown: false,
    })?;
    match answer.code {
        0 => Ok(answer.text),
        code => Err(Failure::new(format!("`{program}` ended with exit code {code}"))),
    }
}
