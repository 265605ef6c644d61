//! Programs that change the machine itself: refused without `--allow-sudo`, but for questions that change nothing.

use std::path::Path;

use super::UserFacts;

/// A program that changes the machine.
#[derive(Debug, PartialEq, Eq)]
pub struct Withheld {
    /// Its name.
    pub program: &'static str,
    /// First arguments with which it changes nothing.
    pub harmless: &'static [&'static str],
}

const fn always(program: &'static str) -> Withheld {
    Withheld { program, harmless: &[] }
}

const fn but(program: &'static str, harmless: &'static [&'static str]) -> Withheld {
    Withheld { program, harmless }
}

/// Every one.
pub const PROGRAMS: &[Withheld] = &[
    always("sudo"),
    always("su"),
    always("doas"),
    always("pkexec"),
    always("run0"),
    but("apt", &["--version", "list", "show", "search", "policy", "depends", "rdepends"]),
    but("apt-get", &["--version", "download", "changelog"]),
    always("apt-key"),
    always("add-apt-repository"),
    but("aptitude", &["--version", "search", "show"]),
    but(
        "dpkg",
        &[
            "--version",
            "--print-architecture",
            "--print-foreign-architectures",
            "--compare-versions",
            "--validate-version",
            "-l",
            "--list",
            "-s",
            "--status",
            "-L",
            "--listfiles",
            "-S",
            "--search",
            "-p",
            "--print-avail",
            "-c",
            "--contents",
            "-I",
            "--info",
            "-x",
            "--extract",
            "-X",
            "-b",
            "--build",
            "--get-selections",
        ],
    ),
    but("dnf", &["--version", "list", "info", "search", "repoquery", "repolist"]),
    but("microdnf", &["--version", "repoquery"]),
    but("yum", &["--version", "list", "info", "search", "repolist"]),
    but("rpm", &["--version", "-q", "-qa", "-qi", "-ql", "-qf", "--query", "--eval", "-E", "-K"]),
    but("zypper", &["--version", "search", "info", "list-updates", "repos"]),
    but("pacman", &["--version", "-V", "-Q", "-Qi", "-Ql", "-Qs", "-Ss", "-Si", "-T"]),
    but("apk", &["--version", "info", "search", "list", "policy"]),
    always("emerge"),
    always("xbps-install"),
    but("brew", &["--version", "--prefix", "--cellar", "--repository", "list", "info", "config"]),
    but("port", &["version", "installed", "info"]),
    but("snap", &["version", "list", "info", "find"]),
    but("flatpak", &["--version", "list", "info"]),
    but("systemctl", &["--version", "status", "is-active", "is-enabled", "show", "list-units"]),
    always("service"),
];

/// True when `program`, a name or a path, changes the machine if its first argument is `argument`.
pub fn needs_privilege(program: &str, argument: Option<&str>) -> bool {
    let name = Path::new(program).file_name().and_then(|name| name.to_str()).unwrap_or(program);
    let found = PROGRAMS.iter().find(|withheld| withheld.program == name);
    found.is_some_and(|withheld| !argument.is_some_and(|first| withheld.harmless.contains(&first)))
}

/// The programs that refuse, each in the place of one that the user has.
///
/// One that is not installed stays so: scripts ask whether `sudo` is there.
pub(super) fn refusals(
    user: &UserFacts<'_>,
    search_path: &[String],
) -> Vec<(&'static str, String)> {
    let refusal = |withheld: &Withheld| {
        let mut places = search_path.iter().map(|folder| Path::new(folder).join(withheld.program));
        let real = places.find(|path| user.exists(path))?;
        Some((withheld.program, withheld.script(&real)))
    };
    PROGRAMS.iter().filter_map(refusal).collect()
}

impl Withheld {
    /// A program that leaves with 126, as a shell does for what it may not execute.
    fn script(&self, real: &Path) -> String {
        let program = self.program;
        let mut script = String::from("#!/bin/sh\n");
        if !self.harmless.is_empty() {
            let real = real.to_string_lossy().replace('\'', "'\\''");
            let harmless = self.harmless.join("|");
            script.push_str(&format!("case \"$1\" in {harmless}) exec '{real}' \"$@\" ;; esac\n"));
        }
        script.push_str(&format!(
            "echo \"plim: '{program} $*' is withheld, because it would change this machine\" >&2\n\
             echo \"plim: --allow-sudo lets it run\" >&2\nexit 126\n"
        ));
        script
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_need_no_privilege() {
        assert!(needs_privilege("sudo", Some("true")));
        assert!(needs_privilege("/usr/bin/apt-get", Some("install")));
        assert!(needs_privilege("apt-get", None));
        assert!(!needs_privilege("dpkg", Some("--print-architecture")));
        assert!(!needs_privilege("cargo", Some("install")));
        assert!(!needs_privilege("pseudo", None));
    }

    #[test]
    fn a_refusing_program_passes_questions_on() {
        let dpkg = PROGRAMS.iter().find(|withheld| withheld.program == "dpkg").unwrap();
        let script = dpkg.script(Path::new("/it's/dpkg"));
        assert!(script.contains("exec '/it'\\''s/dpkg' \"$@\""), "{script}");
        assert!(!always("su").script(Path::new("/bin/su")).contains("exec"), "su answers nothing");
    }
}
