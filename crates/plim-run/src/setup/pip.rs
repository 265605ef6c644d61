//! Tools from the Python Package Index.

use std::{
    ffi::OsString,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use plim_host::HostError;

use super::{Getting, SetupError};

/// Starts a script of a package beside it, wherever the folder is moved to.
const STARTER: &str = "\
#!/usr/bin/env python3
import os, runpy, sys
lib = os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'lib')
sys.path.insert(0, os.path.realpath(lib))
sys.argv[0] = os.path.join(lib, 'bin', os.path.basename(__file__))
runpy.run_path(sys.argv[0], run_name='__main__')
";

pub(super) fn get(getting: &Getting<'_>) -> Result<(), SetupError> {
    let (lib, bin) = (getting.root.join("lib"), getting.root.join("bin"));
    fs::create_dir_all(&bin).map_err(HostError::file("make", &bin))?;
    let wanted = requirement(&getting.row.package(), getting.version);
    let client = getting.setup.client("python3");
    let client =
        client.map_err(|reason| SetupError::Unavailable { want: wanted.clone(), reason })?;
    let fixed = ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"];
    let mut arguments: Vec<OsString> = fixed.into_iter().map(OsString::from).collect();
    arguments.extend(["--only-binary=:all:".into(), "--target".into()]);
    arguments.extend([lib.clone().into_os_string(), wanted.into()]);
    client.run(&arguments, &[], getting.aside)?;
    let programs = lib.join("bin");
    let read = fs::read_dir(&programs).map_err(HostError::file("read", &programs))?;
    for entry in read.flatten() {
        put(&entry.path(), &bin.join(entry.file_name()))
            .map_err(HostError::file("put in its place", &entry.path()))?;
    }
    Ok(())
}

/// Moves a program, or writes what starts a script where it is.
fn put(program: &Path, to: &PathBuf) -> std::io::Result<()> {
    let start = fs::read(program)?;
    if start.starts_with(b"#!") {
        fs::write(to, STARTER)?;
        return fs::set_permissions(to, fs::Permissions::from_mode(0o755));
    }
    fs::rename(program, to)
}

/// A request as pip reads it: a number stands for all that begin with it.
fn requirement(package: &str, version: Option<&str>) -> String {
    let version = version.unwrap_or("latest").trim().trim_start_matches('v');
    let is_number = version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    match version {
        "latest" | "stable" | "" | "*" => package.to_owned(),
        _ if is_number && version.matches('.').count() < 2 => format!("{package}=={version}.*"),
        _ if is_number => format!("{package}=={version}"),
        range if range.starts_with(['<', '>', '=', '~', '!']) => {
            format!("{package}{}", range.replace(' ', ","))
        }
        _ => format!("{package}=={version}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_stands_for_all_that_begin_with_it() {
        assert_eq!(requirement("uv", None), "uv");
        assert_eq!(requirement("uv", Some("latest")), "uv");
        assert_eq!(requirement("uv", Some("0.5")), "uv==0.5.*");
        assert_eq!(requirement("uv", Some("0.5.1")), "uv==0.5.1");
        assert_eq!(requirement("uv", Some(">=0.4 <1")), "uv>=0.4,<1");
    }
}
