//! Finds the folders in which a user keeps caches and settings.

use std::path::PathBuf;

use crate::environment::Environment;

/// Where the user of an [`Environment`] keeps things, after the XDG base directory specification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders {
    /// `HOME`.
    pub home: PathBuf,
    /// `XDG_CACHE_HOME`, or `.cache` in the home: may be deleted at any time.
    pub cache: PathBuf,
    /// `XDG_CONFIG_HOME`, or `.config` in the home.
    pub config: PathBuf,
    /// `XDG_DATA_HOME`, or `.local/share` in the home.
    pub data: PathBuf,
    /// `XDG_STATE_HOME`, or `.local/state` in the home.
    pub state: PathBuf,
    /// `XDG_RUNTIME_DIR`: sockets and the like, gone after logout.
    pub runtime: Option<PathBuf>,
}

impl Folders {
    /// Reads them from `environment`; `None` without an absolute `HOME`.
    ///
    /// As the specification says, relative values are ignored.
    pub fn of(environment: &Environment) -> Option<Self> {
        let absolute =
            |name: &str| environment.get(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = absolute("HOME")?;
        let or_home = |name: &str, path: &str| absolute(name).unwrap_or_else(|| home.join(path));
        Some(Self {
            cache: or_home("XDG_CACHE_HOME", ".cache"),
            config: or_home("XDG_CONFIG_HOME", ".config"),
            data: or_home("XDG_DATA_HOME", ".local/share"),
            state: or_home("XDG_STATE_HOME", ".local/state"),
            runtime: absolute("XDG_RUNTIME_DIR"),
            home,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_and_missing_values_fall_back_to_the_home() {
        let variables = [("HOME", "/h"), ("XDG_CACHE_HOME", "c"), ("XDG_CONFIG_HOME", "/etc/c")];
        let folders = Folders::of(&variables.into_iter().collect()).unwrap();
        assert_eq!(folders.cache, PathBuf::from("/h/.cache"));
        assert_eq!(folders.config, PathBuf::from("/etc/c"));
        assert_eq!(folders.runtime, None);
    }

    #[test]
    fn without_a_home_there_are_none() {
        assert_eq!(Folders::of(&Environment::default()), None);
    }
}
