//! Shells: which program runs a script, with which arguments, and what is put around the script.

mod arguments;

use std::{
    fmt,
    path::{Path, PathBuf},
};

/// A shell that GitHub knows by name.
struct Known {
    name: &'static str,
    /// `{0}` stands for the script.
    arguments: &'static str,
    extension: &'static str,
}

/// As in the runner's `ScriptHandlerHelpers`.
const KNOWN: &[Known] = &[
    Known { name: "bash", arguments: "--noprofile --norc -e -o pipefail {0}", extension: ".sh" },
    Known { name: "sh", arguments: "-e {0}", extension: ".sh" },
    Known { name: "pwsh", arguments: "-command \". '{0}'\"", extension: ".ps1" },
    Known { name: "powershell", arguments: "-command \". '{0}'\"", extension: ".ps1" },
    Known { name: "python", arguments: "{0}", extension: ".py" },
    Known { name: "cmd", arguments: "/D /E:ON /V:OFF /S /C \"CALL \"{0}\"\"", extension: ".cmd" },
];

/// The shells that a workflow can name without a template.
pub fn known_shells() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|known| known.name)
}

/// A shell that was found, ready to run scripts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shell {
    /// Where it is.
    pub program: PathBuf,
    /// What the workflow calls it; `sh` when it calls none.
    pub name: String,
    template: String,
}

/// How a script is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
}

/// A shell that cannot run a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShellError {
    /// The program is not there.
    NotFound {
        /// What was looked for.
        program: String,
    },
    /// Neither a known shell nor a template with `{0}`.
    NoPlaceholder {
        /// `shell:` as written.
        shell: String,
    },
    /// A brace that is neither `{0}` nor doubled.
    Brace {
        /// `shell:` as written.
        shell: String,
    },
}

impl ShellError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "install it, or name another `shell`",
            Self::NoPlaceholder { .. } => {
                "name `bash`, `sh`, `pwsh`, `powershell`, `python` or `cmd`, or write `{0}` where the script's path belongs"
            }
            Self::Brace { .. } => "write `{{` and `}}` for braces that are meant as such",
        }
    }
}

impl fmt::Display for ShellError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound { program } => write!(f, "the shell `{program}` is not on `PATH`"),
            Self::NoPlaceholder { shell } => {
                write!(f, "the shell `{shell}` is neither known nor a template with `{{0}}`")
            }
            Self::Brace { shell } => {
                write!(f, "the shell `{shell}` has a brace that is not part of `{{0}}`")
            }
        }
    }
}

impl std::error::Error for ShellError {}

impl Shell {
    /// Finds the shell that `shell:` names; none or empty means bash, else sh, run as `sh` would be: without `pipefail`.
    ///
    /// `find` looks a program up in the folders that steps added to `PATH`, then in the job's own `PATH` (not in a
    /// `PATH` of the step's `env`). Errors: the program is missing, or the template cannot take a script.
    pub fn find(
        shell: Option<&str>,
        find: &dyn Fn(&str) -> Option<PathBuf>,
    ) -> Result<Self, ShellError> {
        let Some(shell) = shell.filter(|shell| !shell.is_empty()) else {
            let program = find("bash").or_else(|| find("sh"));
            let program = program.ok_or_else(|| ShellError::NotFound { program: "bash".into() })?;
            return Ok(Self { program, name: "sh".into(), template: template("sh").to_owned() });
        };
        let (name, arguments) = split(shell);
        let template = if arguments.is_empty() { template(name) } else { arguments };
        if !template.contains("{0}") {
            return Err(ShellError::NoPlaceholder { shell: shell.to_owned() });
        }
        if arguments::format(template, "").is_none() {
            return Err(ShellError::Brace { shell: shell.to_owned() });
        }
        let program =
            find(name).ok_or_else(|| ShellError::NotFound { program: name.to_owned() })?;
        Ok(Self { program, name: name.to_owned(), template: template.to_owned() })
    }

    /// The program that `shell:` needs, for planning: `bash` when it names none (`sh` does as well).
    pub fn program_of(shell: Option<&str>) -> &str {
        shell.filter(|shell| !shell.is_empty()).map_or("bash", |shell| split(shell).0)
    }

    /// The extension of scripts for this shell, with its dot; empty for one that GitHub does not know.
    pub fn extension(&self) -> &'static str {
        known(&self.name).map_or("", |known| known.extension)
    }

    /// The script as it is written to its file, without a byte order mark.
    ///
    /// PowerShell is told to stop at errors and to leave with the exit code of the last program, `cmd` not to print
    /// each command.
    pub fn script(&self, contents: &str) -> String {
        match self.name.as_str() {
            "cmd" => format!("@echo off\n{contents}"),
            "pwsh" | "powershell" => format!(
                "$ErrorActionPreference = 'stop'\n{contents}\nif ((Test-Path -LiteralPath variable:\\LASTEXITCODE)) {{ exit $LASTEXITCODE }}"
            ),
            _ => contents.to_owned(),
        }
    }

    /// How to run the script at `path`.
    ///
    /// The template is split into arguments as .NET splits them on any system, then `{0}` is replaced in each:
    /// unlike in the runner, a path with blanks stays one argument.
    pub fn invocation(&self, path: &Path) -> Invocation {
        // PowerShell's own template puts the path in single quotes.
        let quoted = self.template.contains("'{0}'") && self.template == template(&self.name);
        let path = path.to_string_lossy();
        let path = if quoted { path.replace('\'', "''") } else { path.into_owned() };
        let arguments = arguments::split(&self.template);
        // The template was tried when the shell was found.
        let arguments = arguments.iter().filter_map(|argument| arguments::format(argument, &path));
        Invocation { program: self.program.clone(), arguments: arguments.collect() }
    }
}

impl fmt::Display for Shell {
    /// As the log shows it: `/usr/bin/bash -e {0}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.program.display(), self.template)
    }
}

/// Looks for `name` in `folders`, as the runner's `WhichUtil`: an absolute path is taken as it is.
pub fn find_in<'a>(
    name: &str,
    folders: impl IntoIterator<Item = &'a str>,
    is_program: &dyn Fn(&Path) -> bool,
) -> Option<PathBuf> {
    if Path::new(name).is_absolute() && is_program(Path::new(name)) {
        return Some(PathBuf::from(name));
    }
    // An empty entry of `PATH` would mean the current folder.
    let folders = folders.into_iter().filter(|folder| !folder.is_empty());
    folders.map(|folder| Path::new(folder).join(name)).find(|path| is_program(path))
}

fn split(shell: &str) -> (&str, &str) {
    let (name, arguments) = shell.split_once(' ').unwrap_or((shell, ""));
    (name, arguments.trim_start())
}

fn known(name: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.name.eq_ignore_ascii_case(name))
}

fn template(name: &str) -> &'static str {
    known(name).map_or("", |known| known.arguments)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on_path(name: &str) -> Option<PathBuf> {
        (!name.is_empty()).then(|| Path::new("/usr/bin").join(name))
    }

    fn run(shell: Option<&str>) -> (String, Vec<String>) {
        let shell = Shell::find(shell, &on_path).unwrap();
        let invocation = shell.invocation(Path::new("/t/s.sh"));
        (invocation.program.display().to_string(), invocation.arguments)
    }

    #[test]
    fn semantic_01_no_shell_is_bash_without_pipefail() {
        assert_eq!(run(None), ("/usr/bin/bash".into(), vec!["-e".into(), "/t/s.sh".into()]));
        assert_eq!(run(Some("")), run(None));
        let sh = Shell::find(None, &|name| (name == "sh").then(|| "/bin/sh".into())).unwrap();
        assert_eq!(sh.to_string(), "/bin/sh -e {0}");
        assert_eq!(sh.extension(), ".sh");
        let none = Shell::find(None, &|_| None).unwrap_err();
        assert_eq!(none.to_string(), "the shell `bash` is not on `PATH`");
    }

    #[test]
    fn semantic_01_bash_by_name_fails_where_a_pipe_does() {
        let (program, arguments) = run(Some("bash"));
        assert_eq!(program, "/usr/bin/bash");
        assert_eq!(arguments, ["--noprofile", "--norc", "-e", "-o", "pipefail", "/t/s.sh"]);
    }

    #[test]
    fn every_known_shell_has_its_arguments() {
        let arguments = |shell| run(Some(shell)).1;
        assert_eq!(arguments("sh"), ["-e", "/t/s.sh"]);
        assert_eq!(arguments("pwsh"), ["-command", ". '/t/s.sh'"]);
        assert_eq!(arguments("powershell"), ["-command", ". '/t/s.sh'"]);
        assert_eq!(arguments("python"), ["/t/s.sh"]);
        assert_eq!(arguments("cmd")[..5], ["/D", "/E:ON", "/V:OFF", "/S", "/C"]);
        for name in known_shells() {
            let shell = Shell::find(Some(name), &on_path).unwrap();
            assert!(shell.extension().starts_with('.'), "{name}");
            assert_eq!(Shell::program_of(Some(name)), name);
        }
    }

    #[test]
    fn a_template_names_program_and_arguments() {
        let (program, arguments) = run(Some("perl  -w \"a b\" '{0}' {{x}}"));
        assert_eq!(program, "/usr/bin/perl");
        assert_eq!(arguments, ["-w", "a b", "'/t/s.sh'", "{x}"]);
        assert_eq!(run(Some("bash -el {0}")).1, ["-el", "/t/s.sh"]);
        assert_eq!(run(Some("bash -c \"source {0} && x\"")).1, ["-c", "source /t/s.sh && x"]);
        let shell = Shell::find(Some("nu {0}"), &on_path).unwrap();
        assert_eq!((shell.extension(), shell.to_string().as_str()), ("", "/usr/bin/nu {0}"));
    }

    #[test]
    fn a_template_must_take_the_script() {
        let error = |shell| Shell::find(Some(shell), &on_path).unwrap_err();
        for shell in ["nu", "/bin/bash", "bash -e", "perl {1}"] {
            assert_eq!(error(shell), ShellError::NoPlaceholder { shell: shell.into() });
        }
        for shell in ["perl {0} {1}", "perl {0} {", "perl {0} }"] {
            assert_eq!(error(shell), ShellError::Brace { shell: shell.into() });
        }
        let missing = Shell::find(Some("nu {0}"), &|_| None).unwrap_err();
        assert_eq!(missing.to_string(), "the shell `nu` is not on `PATH`");
        assert_eq!(Shell::program_of(Some("nu {0}")), "nu");
        assert_eq!(Shell::program_of(None), "bash");
    }

    #[test]
    fn a_path_stays_one_argument() {
        let arguments = |shell: &str, path: &str| {
            Shell::find(Some(shell), &on_path).unwrap().invocation(Path::new(path)).arguments
        };
        assert_eq!(arguments("sh", "/a b/\"c\"\\d"), ["-e", "/a b/\"c\"\\d"]);
        assert_eq!(arguments("pwsh", "/it's"), ["-command", ". '/it''s'"]);
    }

    #[test]
    fn scripts_are_wrapped_for_powershell_and_cmd() {
        let script = |shell| Shell::find(Some(shell), &on_path).unwrap().script("x");
        assert_eq!(script("bash"), "x");
        assert_eq!(script("cmd"), "@echo off\nx");
        let lines = script("pwsh");
        let lines: Vec<_> = lines.lines().collect();
        assert_eq!(lines[..2], ["$ErrorActionPreference = 'stop'", "x"]);
        assert!(lines[2].ends_with("{ exit $LASTEXITCODE }"), "{}", lines[2]);
        assert_eq!(script("powershell"), script("pwsh"));
    }

    #[test]
    fn programs_are_found_in_order() {
        let exists = |path: &Path| ["/a/x", "/b/x", "/b/y"].contains(&path.to_str().unwrap());
        let find = |name| find_in(name, "/a::/b".split(':'), &exists);
        assert_eq!(find("x"), Some("/a/x".into()));
        assert_eq!(find("y"), Some("/b/y".into()));
        assert_eq!(find("/b/y"), Some("/b/y".into()));
        assert_eq!(find("z"), None);
    }
}
