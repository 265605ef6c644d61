//! A capability is what this machine can run: which runners it stands for and which programs it has.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use plim_host::{Environment, which};
use plim_workflow::Runner;

use crate::event::Cause;
use crate::request::{Request, RunnerRule};

/// What this machine can run.
#[derive(Debug)]
pub struct Capability {
    system: &'static str,
    architecture: &'static str,
    path: OsString,
    cargo_bin: Option<PathBuf>,
    /// Where rustup keeps toolchains: the user's folder first.
    rustup: Vec<PathBuf>,
    rules: Vec<RunnerRule>,
    expected: Vec<String>,
    programs: Mutex<HashMap<String, bool>>,
}

/// Whether a label stands for this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Here,
    Elsewhere,
    Unknown,
}

/// What a part of a label says; parts are separated by anything that is no letter or digit.
const PARTS: &[(&str, Part)] = &[
    ("ubuntu", Part::System("linux")),
    ("linux", Part::System("linux")),
    ("debian", Part::System("linux")),
    ("windows", Part::System("windows")),
    ("win", Part::System("windows")),
    ("macos", Part::System("macos")),
    ("mac", Part::System("macos")),
    ("osx", Part::System("macos")),
    ("darwin", Part::System("macos")),
    ("freebsd", Part::System("freebsd")),
    ("x64", Part::Architecture("x86_64")),
    ("amd64", Part::Architecture("x86_64")),
    ("x86", Part::Architecture("x86")),
    ("arm64", Part::Architecture("aarch64")),
    ("aarch64", Part::Architecture("aarch64")),
    ("arm", Part::Architecture("aarch64")),
    ("armv7", Part::Architecture("arm")),
    ("armv7l", Part::Architecture("arm")),
    ("s390x", Part::Architecture("s390x")),
    ("ppc64le", Part::Architecture("powerpc64")),
    ("riscv64", Part::Architecture("riscv64")),
    ("gpu", Part::Device),
    ("cuda", Part::Device),
    ("nvidia", Part::Device),
    ("tpu", Part::Device),
];

#[derive(Clone, Copy, Debug)]
enum Part {
    System(&'static str),
    Architecture(&'static str),
    /// Nobody can tell from here.
    Device,
}

impl Capability {
    /// What the machine of `environment` can run, with the user's word on labels.
    pub fn of(environment: &Environment, request: &Request) -> Self {
        let folder = |name: &str, below: &str| {
            let home = || Some(PathBuf::from(environment.get("HOME")?).join(below));
            environment.get(name).map(PathBuf::from).or_else(home)
        };
        Self {
            system: std::env::consts::OS,
            architecture: std::env::consts::ARCH,
            path: environment.get("PATH").unwrap_or_default().to_owned(),
            cargo_bin: folder("CARGO_HOME", ".cargo").map(|home| home.join("bin")),
            rustup: folder("RUSTUP_HOME", ".rustup").into_iter().collect(),
            rules: request.runners.clone(),
            expected: request.expect_elsewhere.clone(),
            programs: Mutex::default(),
        }
    }

    /// With the toolchains of another `RUSTUP_HOME` besides.
    pub fn with_toolchains(mut self, home: Option<PathBuf>) -> Self {
        self.rustup.extend(home);
        self
    }

    /// Why a job for `runner` does not run here.
    pub fn refuses(&self, runner: &Runner) -> Option<Cause> {
        let group = runner.group.iter().filter(|_| runner.labels.is_empty());
        let asked: Vec<&Arc<str>> = runner.labels.iter().chain(group).collect();
        if asked.iter().all(|label| self.standing(label) == Standing::Here) {
            return None;
        }
        let all = || runner.labels.iter().chain(&runner.group);
        let expected = all().any(|label| self.expected.iter().any(|glob| fits(glob, label)));
        let mut labels: Vec<String> = asked.iter().map(|label| label.to_string()).collect();
        // First those that this machine does not stand for: of `[self-hosted, linux, riscv64]` the last decides.
        labels.sort_by_cached_key(|label| (self.standing(label) == Standing::Here, label.clone()));
        Some(Cause::Runner { labels, expected })
    }

    /// The user's word first; then what the parts of the label say.
    fn standing(&self, label: &str) -> Standing {
        if let Some(rule) = self.rules.iter().find(|rule| fits(&rule.glob, label)) {
            return if rule.here { Standing::Here } else { Standing::Elsewhere };
        }
        let label = label.to_ascii_lowercase().replace("x86_64", "x64");
        if matches!(label.as_str(), "self-hosted" | "docker") {
            return Standing::Here;
        }
        let mut standing = Standing::Unknown;
        for part in label.split(|c: char| !c.is_ascii_alphanumeric()) {
            match meaning(part) {
                Some(Part::Device) => return Standing::Unknown,
                Some(Part::System(system)) if system != self.system => return Standing::Elsewhere,
                Some(Part::Architecture(name)) if name != self.architecture => {
                    return Standing::Elsewhere;
                }
                Some(_) => standing = Standing::Here,
                None => {}
            }
        }
        standing
    }

    /// Whether a program can be started by its name.
    pub fn has(&self, program: &str) -> bool {
        let mut known = self.programs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.get(program) {
            return *found;
        }
        let in_cargo = || self.cargo_bin.as_ref().is_some_and(|bin| bin.join(program).is_file());
        let found = which(program, &self.path, Path::new("/")).is_some() || in_cargo();
        known.insert(program.to_owned(), found);
        found
    }

    /// Whether rustup has a toolchain; true where there is no rustup to ask.
    pub fn has_toolchain(&self, name: &str) -> bool {
        let homes = self.rustup.iter().map(|home| std::fs::read_dir(home.join("toolchains")));
        let mut readable = homes.flatten().peekable();
        if readable.peek().is_none() {
            return true;
        }
        // `nightly` is short for `nightly-x86_64-unknown-linux-gnu`.
        let is_it = |installed: String| {
            installed
                .strip_prefix(name)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        readable
            .flatten()
            .flatten()
            .any(|entry| is_it(entry.file_name().to_string_lossy().into_owned()))
    }

    /// `runner.os` and `runner.arch`, as the runner spells them.
    pub fn runner_words(&self) -> (&'static str, &'static str) {
        let system = match self.system {
            "windows" => "Windows",
            "macos" => "macOS",
            _ => "Linux",
        };
        let architecture = match self.architecture {
            "aarch64" => "ARM64",
            "arm" => "ARM",
            "x86" => "X86",
            _ => "X64",
        };
        (system, architecture)
    }
}

/// `ubuntu2204` means what `ubuntu` does, but `army` is not `arm`.
fn meaning(part: &str) -> Option<Part> {
    let exact = PARTS.iter().find(|(name, _)| *name == part);
    let numbered = || {
        let name = part.trim_end_matches(|c: char| c.is_ascii_digit());
        PARTS.iter().find(|(known, meaning)| *known == name && matches!(meaning, Part::System(_)))
    };
    exact.or_else(numbered).map(|(_, meaning)| *meaning)
}

/// Whether `text` fits `glob`, in which `*` stands for any text and `?` for one character; case does not count.
pub fn fits(glob: &str, text: &str) -> bool {
    let lower = |text: &str| text.to_lowercase().chars().collect::<Vec<_>>();
    let (glob, text) = (lower(glob), lower(text));
    let (mut g, mut t, mut retry) = (0, 0, None);
    while t < text.len() {
        match glob.get(g) {
            Some('*') => {
                retry = Some((g, t));
                g += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => (g, t) = (g + 1, t + 1),
            _ => match retry {
                Some((star, from)) => {
                    retry = Some((star, from + 1));
                    (g, t) = (star + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    glob[g..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capability(request: &Request) -> Capability {
        let environment: Environment = [("PATH", "/nowhere")].into_iter().collect();
        Capability {
            architecture: "x86_64",
            system: "linux",
            ..Capability::of(&environment, request)
        }
    }

    fn refused(labels: &[&str], request: &Request) -> bool {
        let labels = labels.iter().map(|label| Arc::from(*label)).collect();
        capability(request).refuses(&Runner { group: None, labels }).is_some()
    }

    #[test]
    fn labels_tell_system_and_architecture() {
        let request = Request::default();
        for here in [
            "ubuntu-latest",
            "Ubuntu-22.04",
            "ubuntu-24.04-16core",
            "self-hosted",
            "linux",
            "X64",
            "depot-ubuntu-22.04-8",
            "blacksmith-4vcpu-ubuntu-2204",
            "github-ubuntu-24.04-x86_64-16",
            "ubuntu2204",
            "linux/amd64",
        ] {
            assert!(!refused(&[here], &request), "{here}");
        }
        for elsewhere in [
            "windows-latest",
            "macos-14",
            "macOS-latest",
            "windows2022",
            "ubuntu-24.04-arm",
            "linux-arm64",
            "ubuntu-gpu",
            "big-iron",
            "army",
        ] {
            assert!(refused(&[elsewhere], &request), "{elsewhere}");
        }
    }

    #[test]
    fn every_label_must_stand_for_this_machine() {
        let request = Request::default();
        assert!(!refused(&["self-hosted", "linux", "x64"], &request));
        assert!(refused(&["self-hosted", "linux", "big-iron"], &request));
        let rule = RunnerRule { glob: "BIG-*".into(), here: true };
        let told = Request { runners: vec![rule], ..Request::default() };
        assert!(!refused(&["self-hosted", "linux", "big-iron"], &told));
    }

    #[test]
    fn the_user_can_say_that_a_label_is_here_or_elsewhere() {
        let rules = [("windows-*", true), ("ubuntu-*", false)];
        let runners = rules.map(|(glob, here)| RunnerRule { glob: glob.into(), here }).to_vec();
        let request = Request { runners, ..Request::default() };
        assert!(!refused(&["windows-2022"], &request));
        assert!(refused(&["ubuntu-latest"], &request));
    }

    #[test]
    fn an_expected_runner_is_marked() {
        let request = Request { expect_elsewhere: vec!["macos-*".into()], ..Request::default() };
        let cause = capability(&request)
            .refuses(&Runner { group: None, labels: vec!["macos-14".into()] })
            .unwrap();
        assert_eq!(cause, Cause::Runner { labels: vec!["macos-14".into()], expected: true });
    }

    #[test]
    fn a_group_counts_where_there_is_no_label() {
        let capability = capability(&Request::default());
        let runner = |group: &str, labels: &[&str]| Runner {
            group: Some(group.into()),
            labels: labels.iter().map(|label| Arc::from(*label)).collect(),
        };
        assert!(capability.refuses(&runner("secret", &[])).is_some());
        assert!(capability.refuses(&runner("linux-large", &[])).is_none());
        assert!(capability.refuses(&runner("secret", &["ubuntu-latest"])).is_none());
    }

    #[test]
    fn globs_fit_the_whole_text() {
        for (glob, text, wanted) in [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abcd", false),
            ("A?c", "abC", true),
            ("*b*", "abc", true),
            ("", "a", false),
            ("a**", "a", true),
        ] {
            assert_eq!(fits(glob, text), wanted, "{glob} {text}");
        }
    }
}
