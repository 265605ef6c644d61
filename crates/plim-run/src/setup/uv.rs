//! Pythons, through uv, which brings builds that can be moved.

use std::{ffi::OsString, fs, path::PathBuf};

use plim_host::HostError;

use super::{Getting, SetupError};

pub(super) fn get(getting: &Getting<'_>) -> Result<(), SetupError> {
    let wanted = request(getting.version);
    let unavailable = |reason| SetupError::Unavailable { want: wanted.clone(), reason };
    let client = getting.setup.client("uv").map_err(unavailable)?;
    let folder = getting.aside.join("pythons");
    let fixed = ["python", "install", "--no-config", "--install-dir"].map(OsString::from);
    let mut arguments: Vec<OsString> = fixed.into();
    arguments.extend([folder.clone().into_os_string(), wanted.clone().into()]);
    // It would link programs into a folder of the user's.
    let bin = getting.aside.join("links").into_os_string();
    client.run(&arguments, &[("UV_PYTHON_BIN_DIR", bin)], getting.aside)?;
    let entries = fs::read_dir(&folder).map_err(HostError::file("read", &folder))?;
    let is_whole = |path: &PathBuf| path.join("bin/python3").exists() && !path.is_symlink();
    let found = entries.flatten().map(|entry| entry.path()).find(is_whole);
    let found = found.ok_or_else(|| SetupError::Wrong {
        want: format!("Python {wanted}"),
        found: "no Python".to_owned(),
    })?;
    Ok(fs::rename(&found, &getting.root).map_err(HostError::file("move", &found))?)
}

/// A request as uv reads it: setup-python's `3.x` and `3.12.x` are what begins so.
fn request(version: Option<&str>) -> String {
    let version = version.unwrap_or("3").trim();
    let plain = version.trim_end_matches(".x").trim_end_matches("-dev");
    if plain == "x" || plain.is_empty() { "3".to_owned() } else { plain.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_so_is_written_without_its_end() {
        for (asked, given) in
            [(None, "3"), (Some("3.x"), "3"), (Some("3.12"), "3.12"), (Some(">=3.9"), ">=3.9")]
        {
            assert_eq!(request(asked), given);
        }
    }
}
