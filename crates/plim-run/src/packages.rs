//! The packages of the system that a script installs with apt, and which of them are installed already.

use std::{collections::HashSet, fs, path::PathBuf, sync::OnceLock};

use plim_host::Environment;

use crate::script::{Invoked, Word};

/// The packages that dpkg says are installed; asked only when a script installs some.
#[derive(Debug)]
pub struct Packages {
    folder: PathBuf,
    installed: OnceLock<HashSet<String>>,
}

/// Options of apt with which an installation of what is there changes nothing; those that begin with `-o` besides.
pub(crate) const HARMLESS: &[&str] = &[
    "-y",
    "--yes",
    "--assume-yes",
    "-q",
    "-qq",
    "-qy",
    "-qqy",
    "-yq",
    "-yqq",
    "--quiet",
    "-m",
    "--fix-missing",
    "-f",
    "--fix-broken",
    "--no-upgrade",
    "--install-recommends",
    "--install-suggests",
    "--no-install-recommends",
    "--no-install-suggests",
    "--allow-downgrades",
    "--allow-unauthenticated",
    "--allow-releaseinfo-change",
];

/// Where dpkg keeps what it knows, unless `DPKG_ADMINDIR` says otherwise.
pub(crate) const ADMINISTRATION: &str = "/var/lib/dpkg";

impl Packages {
    /// Those of the machine of `environment`.
    pub fn of(environment: &Environment) -> Self {
        let folder = environment.text("DPKG_ADMINDIR").unwrap_or(ADMINISTRATION);
        Self { folder: folder.into(), installed: OnceLock::new() }
    }

    /// Those of `wanted` that are not installed. One that asks for a version or is not known by its letters is not.
    pub fn missing(&self, wanted: &[Word]) -> Vec<String> {
        let installed = self.installed.get_or_init(|| {
            let status = fs::read(self.folder.join("status")).unwrap_or_default();
            installed(&String::from_utf8_lossy(&status))
        });
        let is_there = |word: &&Word| word.literal && installed.contains(&word.text);
        wanted.iter().filter(|word| !is_there(word)).map(|word| word.text.clone()).collect()
    }
}

/// The names, and `name:architecture`, of the packages that are installed according to the file `status` of dpkg.
fn installed(status: &str) -> HashSet<String> {
    let field = |paragraph: &str, name: &str| {
        let value = paragraph.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        value.map(str::to_owned)
    };
    let whole = status.split("\n\n").filter(|paragraph| {
        field(paragraph, "Status").is_some_and(|status| status.ends_with(" ok installed"))
    });
    let named = whole.filter_map(|paragraph| {
        let name = field(paragraph, "Package")?;
        let architecture = field(paragraph, "Architecture").unwrap_or_default();
        Some([format!("{name}:{architecture}"), name])
    });
    named.flatten().collect()
}

/// What `apt-get install` names, nothing for `apt-get update`; `None` for any other command, and for options that make
/// more of it.
pub fn installs(invoked: &Invoked) -> Option<Vec<Word>> {
    let through = invoked.behind.iter().all(|wrapper| matches!(*wrapper, "sudo" | "env"));
    if !through || !matches!(invoked.name(), "apt-get" | "apt") {
        return None;
    }
    let (mut deed, mut named) = (None, Vec::new());
    let mut words = invoked.arguments().iter();
    while let Some(word) = words.next() {
        match word.text.as_str() {
            "-o" | "--option" => drop(words.next()),
            text if HARMLESS.contains(&text) || text.starts_with("-o") => {}
            text if text.starts_with('-') => return None,
            text if deed.is_none() => deed = Some(text),
            _ => named.push(word.clone()),
        }
    }
    let names_some = !named.is_empty();
    match deed {
        Some("update") if !names_some => Some(named),
        Some("install") if names_some => Some(named),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use plim_test::sandbox::Sandbox;

    use super::*;
    use crate::script::Script;

    const STATUS: &str = "\
Package: g++
Status: install ok installed
Architecture: amd64

Package: gone
Status: deinstall ok config-files
Architecture: amd64

Package: zsh
Architecture: amd64
Status: hold ok installed
";

    fn asked(script: &str) -> Option<Vec<String>> {
        let programs = Script::read(script).programs();
        let words = installs(programs.last().unwrap())?;
        Some(words.into_iter().map(|word| word.text).collect())
    }

    #[test]
    fn what_apt_installs_is_named() {
        for (script, wanted) in [
            ("sudo apt-get update -qq", Some(&[][..])),
            ("sudo apt-get install -y --no-install-recommends zsh g++", Some(&["zsh", "g++"])),
            ("sudo env A=b apt -o Acquire::Retries=3 install zsh", Some(&["zsh"])),
            ("apt-get install -oDebug=1 \"$@\"", Some(&["$@"])),
            ("sudo apt-get install", None),
            ("sudo apt-get install --reinstall zsh", None),
            ("sudo apt-get upgrade", None),
            ("echo zsh | xargs sudo apt-get install", None),
            ("sudo dpkg -i x.deb", None),
        ] {
            let wanted =
                wanted.map(|names: &[&str]| names.iter().map(ToString::to_string).collect());
            assert_eq!(asked(script), wanted, "{script}");
        }
    }

    #[test]
    fn only_what_is_wholly_installed_counts() {
        let world = Sandbox::new();
        world.write("status", STATUS);
        let folder = world.path().display().to_string();
        let environment = [("DPKG_ADMINDIR", folder.as_str())].into_iter().collect();
        let packages = Packages::of(&environment);
        let wanted = ["g++", "zsh:amd64", "zsh:i386", "gone", "zsh=5.9", "z*", "never"];
        let missing = packages.missing(&wanted.map(Word::plain));
        assert_eq!(missing, ["zsh:i386", "gone", "zsh=5.9", "z*", "never"]);
        let unknown = Word::expanded("$PACKAGES");
        assert_eq!(packages.missing(&[unknown]), ["$PACKAGES"]);
    }
}
