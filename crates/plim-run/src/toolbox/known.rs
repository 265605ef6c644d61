//! The tools whose versions are known here: one row each.

use std::path::{Path, PathBuf};

use plim_host::Environment;

use super::request::Scheme;

/// How a tool is found and asked for its version.
#[derive(Debug)]
pub(super) struct Known {
    /// As a [`crate::Want`] names it.
    pub(super) name: &'static str,
    /// Its program, or its programs where any of them will do.
    pub(super) programs: &'static [&'static str],
    /// What its folders in the tool cache begin with.
    pub(super) folder: &'static str,
    /// What makes it say its version.
    pub(super) arguments: &'static [&'static str],
    /// How versions of it are asked for.
    pub(super) scheme: Scheme,
    /// The programs that come with it.
    pub(super) family: &'static str,
    /// Folders where version managers keep their versions, each with a `bin` in it.
    pub(super) kept: &'static [Kept],
}

/// A folder of a version manager: a folder for each version, with programs in `programs` below it.
#[derive(Debug)]
pub(super) struct Kept {
    /// The variable that names the manager's folder.
    variable: Option<&'static str>,
    /// Where that is in the home otherwise; absolute for the system's own.
    home: &'static str,
    /// Where in it the versions are.
    versions: &'static str,
    /// Where the programs are in a version.
    programs: &'static str,
}

const fn kept(
    variable: Option<&'static str>,
    home: &'static str,
    versions: &'static str,
    programs: &'static str,
) -> Kept {
    Kept { variable, home, versions, programs }
}

const fn plain(name: &'static str, folder: &'static str, scheme: Scheme) -> Known {
    Known { name, programs: &[], folder, arguments: &["--version"], scheme, family: "", kept: &[] }
}

/// Any tool that is not in [`KNOWN`].
pub(super) const OTHER: Known = plain("", "", Scheme::Plain);

const KNOWN: &[Known] = &[
    Known {
        programs: &["node"],
        family: "node npm npx corepack yarn",
        kept: &[
            kept(Some("NVM_DIR"), ".nvm", "versions/node", "bin"),
            kept(Some("FNM_DIR"), ".local/share/fnm", "node-versions", "installation/bin"),
            kept(Some("N_PREFIX"), "n", "n/versions/node", "bin"),
            kept(Some("VOLTA_HOME"), ".volta", "tools/image/node", "bin"),
        ],
        ..plain("node", "node", Scheme::Node)
    },
    Known {
        programs: &["python3", "python"],
        family: "python python3 pip pip3",
        kept: &[
            kept(Some("PYENV_ROOT"), ".pyenv", "versions", "bin"),
            kept(Some("UV_PYTHON_INSTALL_DIR"), ".local/share/uv/python", "", "bin"),
        ],
        ..plain("python", "Python", Scheme::Python)
    },
    Known { programs: &["pypy3", "pypy"], ..plain("pypy", "PyPy", Scheme::Plain) },
    Known { programs: &["graalpy"], ..plain("graalpy", "GraalPy", Scheme::Plain) },
    Known {
        programs: &["go"],
        family: "go gofmt",
        arguments: &["version"],
        kept: &[
            kept(None, "sdk", "", "bin"),
            kept(Some("GOENV_ROOT"), ".goenv", "versions", "bin"),
        ],
        ..plain("go", "go", Scheme::Go)
    },
    Known {
        programs: &["java"],
        family: "java javac jar",
        arguments: &["-version"],
        kept: &[
            kept(None, "/usr/lib/jvm", "", "bin"),
            kept(Some("SDKMAN_DIR"), ".sdkman", "candidates/java", "bin"),
            kept(None, ".jdks", "", "bin"),
        ],
        ..plain("java", "Java_", Scheme::Java)
    },
];

impl Known {
    /// The row of a tool; [`OTHER`] when it has none.
    pub(super) fn of(name: &str) -> &'static Self {
        KNOWN.iter().find(|known| known.name == name).unwrap_or(&OTHER)
    }

    /// The programs of the tool that is called `name`.
    pub(super) fn programs<'n>(&self, name: &'n str) -> Vec<&'n str>
    where
        'static: 'n,
    {
        if self.programs.is_empty() { vec![name] } else { self.programs.to_vec() }
    }

    /// Whether a folder of the tool cache is this tool's.
    pub(super) fn owns(&self, name: &str, folder: &str) -> bool {
        match self.folder {
            "" => folder == name,
            start if start.ends_with('_') => folder.starts_with(start),
            whole => folder == whole,
        }
    }
}

impl Kept {
    /// The folders with programs, one for each version that is there.
    pub(super) fn folders(&self, environment: &Environment) -> Vec<PathBuf> {
        let named =
            self.variable.and_then(|variable| environment.text(variable)).map(PathBuf::from);
        let home = || Some(Path::new(environment.text("HOME")?).join(self.home));
        let Some(versions) = named.or_else(home).map(|folder| folder.join(self.versions)) else {
            return Vec::new();
        };
        let mut folders: Vec<PathBuf> = std::fs::read_dir(versions)
            .map(|entries| {
                entries.flatten().map(|entry| entry.path().join(self.programs)).collect()
            })
            .unwrap_or_default();
        folders.sort();
        folders
    }
}
