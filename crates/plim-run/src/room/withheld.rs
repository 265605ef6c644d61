//! Programs that change the machine itself: refused without `--allow-sudo`, but for questions that change nothing.

use std::path::Path;

use super::UserFacts;
use crate::packages::{ADMINISTRATION, HARMLESS};

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
/// One that is not installed stays so: scripts ask whether it is there. But where apt is, `sudo` is too, as on GitHub's
/// images: scripts that install what is there already call apt by it.
pub(super) fn refusals(
    user: &UserFacts<'_>,
    search_path: &[String],
) -> Vec<(&'static str, String)> {
    let find = |program: &str| {
        let mut places = search_path.iter().map(|folder| Path::new(folder).join(program));
        places.find(|path| user.exists(path))
    };
    let query = find("apt-get").and_then(|_| find("dpkg-query"));
    let administration = user.environment.text("DPKG_ADMINDIR").unwrap_or(ADMINISTRATION);
    let refusal = |withheld: &Withheld| {
        let program = withheld.program;
        let answers = match (&query, program) {
            (Some(_), "sudo") => TO_APT.to_owned(),
            (Some(query), "apt" | "apt-get") => apt_answers(query, administration),
            _ => String::new(),
        };
        let real =
            find(program).or_else(|| (program == "sudo").then(|| query.clone()).flatten())?;
        Some((program, withheld.script(&real, &answers)))
    };
    PROGRAMS.iter().filter_map(refusal).collect()
}

/// What `sudo` does with apt: asks the one beside it.
const TO_APT: &str = r#"to_apt=
for word; do
    case "$word" in
    apt | apt-get) to_apt=1; break ;;
    -E | -H | -n | --preserve-env* | env | -- | [!-]*=*) ;;
    *) break ;;
    esac
done
if [ -n "$to_apt" ]; then
    while [ "$1" != "$word" ]; do shift; done
    shift
    exec "${0%/*}/$word" "$@"
fi
"#;

/// Lets `update`, and `install` of what is all installed, succeed without doing anything, and say so.
fn apt_answers(query: &Path, administration: &str) -> String {
    let (query, administration) = (quoted(&query.to_string_lossy()), quoted(administration));
    let harmless = HARMLESS.join(" | ");
    format!(
        r#"deed= named= skip= missing=
for word; do
    if [ -n "$skip" ]; then skip=; continue; fi
    case "$word" in
    -o | --option) skip=1 ;;
    {harmless} | -o*) ;;
    -*) deed=other ;;
    *) if [ -z "$deed" ]; then deed=$word; else named="$named $word"; fi ;;
    esac
done
is_there() {{
    case "$1" in *[!a-z0-9+.:-]*) return 1 ;; esac
    {query} --admindir={administration} -W -f '${{Status}}\n' "$1" 2>/dev/null | grep -q ' ok installed$'
}}
case "$deed$named" in update)
    echo "plim: the package lists of this machine are left as they are"
    exit 0 ;;
esac
if [ "$deed" = install ] && [ -n "$named" ]; then
    for package in $named; do
        is_there "$package" || missing="$missing $package"
    done
    if [ -z "$missing" ]; then
        echo "plim: nothing to do, because all of it is installed:$named"
        exit 0
    fi
    echo "plim: not installed on this machine:$missing" >&2
fi
"#
    )
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

impl Withheld {
    /// A program that leaves with 126, as a shell does for what it may not execute, unless `answers` left before.
    fn script(&self, real: &Path, answers: &str) -> String {
        let program = self.program;
        let mut script = String::from("#!/bin/sh\n");
        if !self.harmless.is_empty() {
            let real = quoted(&real.to_string_lossy());
            let harmless = self.harmless.join("|");
            script.push_str(&format!("case \"$1\" in {harmless}) exec {real} \"$@\" ;; esac\n"));
        }
        script.push_str(answers);
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
        let script = dpkg.script(Path::new("/it's/dpkg"), "");
        assert!(script.contains("exec '/it'\\''s/dpkg' \"$@\""), "{script}");
        assert!(
            !always("su").script(Path::new("/bin/su"), "").contains("exec"),
            "su answers nothing"
        );
    }
}
