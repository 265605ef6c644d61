//! Tools that cargo builds from crates, with the versions of their own lock files.

use std::{ffi::OsString, path::PathBuf};

use super::{Getting, SetupError};

pub(super) fn get(getting: &Getting<'_>) -> Result<(), SetupError> {
    let package = getting.row.package();
    let client = getting.setup.client("cargo");
    let client =
        client.map_err(|reason| SetupError::Unavailable { want: package.clone(), reason })?;
    let mut arguments: Vec<OsString> = Vec::new();
    // The registries of the user, whose folder is not written.
    if let Some(configuration) = configuration(getting) {
        arguments.extend(["--config".into(), configuration.into_os_string()]);
    }
    arguments.extend(["install".into(), "--locked".into(), "--root".into()]);
    arguments.push(getting.root.clone().into_os_string());
    if let Some(version) = requirement(getting.version) {
        arguments.extend(["--version".into(), version.into()]);
    }
    arguments.push(package.into());
    let target = getting.aside.join("target").into_os_string();
    // What a workspace around us says of toolchains does not concern a tool.
    client.run(&arguments, &[("CARGO_TARGET_DIR", target)], getting.aside)?;
    Ok(())
}

fn configuration(getting: &Getting<'_>) -> Option<PathBuf> {
    let environment = getting.setup.environment;
    let home = environment.get("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(environment.get("HOME")?).join(".cargo")))?;
    ["config.toml", "config"].map(|name| home.join(name)).into_iter().find(|file| file.is_file())
}

/// A request as cargo reads it: a bare version is that version and no other, so fewer numbers are written as a range.
fn requirement(version: Option<&str>) -> Option<String> {
    let version = version?.trim().trim_start_matches('v');
    let is_number = version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    match version {
        "latest" | "stable" | "" | "*" => None,
        _ if is_number && version.matches('.').count() < 2 => Some(format!("~{version}")),
        _ => Some(version.replace(' ', ", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_numbers_are_a_range() {
        let read = |text| requirement(Some(text));
        assert_eq!((read("latest"), requirement(None)), (None, None));
        assert_eq!(read("0.9").as_deref(), Some("~0.9"));
        assert_eq!(read("v0.9.1").as_deref(), Some("0.9.1"));
        assert_eq!(read(">=0.9 <1").as_deref(), Some(">=0.9, <1"));
    }
}
