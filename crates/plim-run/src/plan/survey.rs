//! A survey says what a script does that matters here, in itself and in what it calls.

use std::collections::HashMap;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::script::{Invoked, Script, Word, just_recipe, make_recipe, npm_script, quoted_commands};
use crate::{compile, packages, privilege, publish};

/// What scripts were found to do, by their text.
type ByScript = HashMap<String, Arc<Survey>>;

/// What a script does.
#[derive(Clone, Debug, Default)]
pub(super) struct Survey {
    /// The programs it starts itself.
    pub(super) programs: Vec<Invoked>,
    /// The functions it defines.
    pub(super) functions: Vec<String>,
    /// The first command that publishes: `` `cargo publish` ``, or what it is called by.
    pub(super) publishes: Option<String>,
    /// The commands that need elevated rights, in order.
    pub(super) elevated: Vec<Elevated>,
    /// Whether a command compiles.
    pub(super) builds: bool,
}

/// A command that needs elevated rights.
#[derive(Clone, Debug)]
pub(super) struct Elevated {
    /// `` `sudo apt-get update` ``, or what it is called by.
    pub(super) what: String,
    /// Whether it runs whenever the script runs to its end.
    pub(super) certain: bool,
    /// The packages that have to be there for it to change nothing; `None` when it changes something in any case.
    pub(super) packages: Option<Vec<Word>>,
}

/// Looks into scripts; each is looked into once.
#[derive(Debug, Default)]
pub(super) struct Surveyor {
    root: PathBuf,
    surveys: Mutex<HashMap<(PathBuf, bool), ByScript>>,
    files: Mutex<HashMap<PathBuf, Option<Arc<str>>>>,
}

/// A script that a command calls.
struct Called {
    /// As a person names it: `ci/release.sh`, `make release`.
    name: String,
    text: String,
    /// Whether it is a shell script.
    is_shell: bool,
    folder: PathBuf,
    /// What it is given.
    arguments: Vec<Word>,
}

/// Scripts that call scripts are followed this far.
const DEEPEST: usize = 4;

/// Larger files are no scripts.
const LARGEST: u64 = 512 * 1024;

/// What runs a file of a language.
const INTERPRETERS: [&str; 16] = [
    "bash", "sh", "dash", "zsh", "ksh", "source", ".", "python", "python3", "py", "node", "deno",
    "bun", "ruby", "perl", "pwsh",
];

/// What runs a script of `package.json`; without `run` for those that allow it.
const OF_PACKAGES: [&str; 4] = ["npm", "pnpm", "yarn", "bun"];

impl Surveyor {
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), ..Self::default() }
    }

    /// What `text` does when it runs in `folder`, which is relative to the root.
    pub(super) fn survey(&self, text: &str, is_shell: bool, folder: &Path) -> Arc<Survey> {
        self.survey_within(text, is_shell, folder, 0)
    }

    fn survey_within(
        &self,
        text: &str,
        is_shell: bool,
        folder: &Path,
        depth: usize,
    ) -> Arc<Survey> {
        let key = (folder.to_owned(), is_shell);
        let surveys = || self.surveys.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = surveys().get(&key).and_then(|surveys| surveys.get(text)) {
            return Arc::clone(known);
        }
        let survey = Arc::new(self.look(text, is_shell, folder, depth));
        // What was cut off at the deepest level may reach further from elsewhere.
        if depth == 0 {
            surveys().entry(key).or_default().insert(text.to_owned(), Arc::clone(&survey));
        }
        survey
    }

    fn look(&self, text: &str, is_shell: bool, folder: &Path, depth: usize) -> Survey {
        let commands = if is_shell { text.to_owned() } else { quoted_commands(text) };
        let script = Script::read(&commands);
        let mut survey = Survey { programs: script.programs(), ..Survey::default() };
        for invoked in &survey.programs {
            survey.builds |= compile::command(invoked);
            if survey.publishes.is_none() && publish::command(invoked) {
                survey.publishes = Some(format!("`{}`", invoked.shown()));
            }
            if is_shell && privilege::command(invoked) {
                survey.elevated.push(Elevated::of(invoked));
            }
        }
        let stuck = survey.elevated.iter().any(|elevated| elevated.is_sure());
        let settled = survey.publishes.is_some() && stuck && survey.builds;
        if !settled && depth < DEEPEST {
            let called = survey
                .programs
                .iter()
                .filter_map(|invoked| Some((self.called(invoked, folder)?, invoked.certain)));
            for (called, certain) in called.collect::<Vec<_>>() {
                let inner =
                    self.survey_within(&called.text, called.is_shell, &called.folder, depth + 1);
                survey.builds |= inner.builds;
                let through = |what: &String| format!("`{}`, which runs {what}", called.name);
                survey.publishes =
                    survey.publishes.or_else(|| inner.publishes.as_ref().map(through));
                let elevated = inner.elevated.iter().map(|elevated| Elevated {
                    what: through(&elevated.what),
                    certain: elevated.certain && certain,
                    packages: elevated.packages.as_deref().map(|words| called.given(words)),
                });
                survey.elevated.extend(elevated);
            }
        }
        survey.functions = script.functions;
        if !is_shell {
            survey.programs.clear();
        }
        survey
    }

    /// The scripts of the repository that a command runs.
    fn called(&self, invoked: &Invoked, folder: &Path) -> Option<Called> {
        match invoked.name() {
            "make" | "gmake" => self.made(invoked, folder),
            "just" => self.just(invoked, folder),
            name if OF_PACKAGES.contains(&name) => {
                self.packaged(name, invoked, folder).or_else(|| self.interpreted(invoked, folder))
            }
            name if INTERPRETERS.contains(&name) => self.interpreted(invoked, folder),
            _ => self
                .script_file(&invoked.words[0].text, invoked.arguments(), folder)
                .filter(|_| invoked.words[0].text.contains('/')),
        }
    }

    fn interpreted(&self, invoked: &Invoked, folder: &Path) -> Option<Called> {
        let is_option = |word: &Word| word.text.starts_with('-');
        let mut words = invoked.arguments().iter();
        let first = words.find(|word| !is_option(word))?;
        // `deno run x.ts`, `bun run x.ts`.
        let of_run = first.text == "run";
        let file = if of_run { words.find(|word| !is_option(word))? } else { first };
        self.script_file(&file.text, words.as_slice(), folder)
    }

    fn script_file(&self, written: &str, arguments: &[Word], folder: &Path) -> Option<Called> {
        let (path, text) = self.find(written, folder)?;
        let name = path.to_string_lossy().into_owned();
        let first = text.lines().next().unwrap_or_default();
        let shell_line =
            first.starts_with("#!") && (first.contains("sh") && !first.contains("pwsh"));
        let shell_name = [".sh", ".bash", ".zsh"].iter().any(|end| name.ends_with(end));
        let is_shell = shell_line || (shell_name && !first.starts_with("#!"));
        // Scripts are called from where the step is, not from where they lie.
        let (text, folder) = (text.to_string(), folder.to_owned());
        Some(Called { name, text, is_shell, folder, arguments: arguments.to_vec() })
    }

    fn made(&self, invoked: &Invoked, folder: &Path) -> Option<Called> {
        let (mut folder, mut file) = (folder.to_owned(), None);
        let mut targets = Vec::new();
        let mut words = invoked.arguments().iter();
        while let Some(word) = words.next() {
            match word.text.as_str() {
                "-C" | "--directory" => folder = folder.join(&words.next()?.text),
                "-f" | "--file" => file = Some(words.next()?.text.clone()),
                "-j" | "-n" | "-k" | "-B" | "-s" => {}
                text if text.starts_with('-') || word.is_assignment() => {}
                text if text.bytes().all(|byte| byte.is_ascii_digit()) => {}
                text => targets.push(text.to_owned()),
            }
        }
        let names = ["GNUmakefile", "makefile", "Makefile"].map(str::to_owned);
        let text = file.as_slice().iter().chain(&names).find_map(|name| self.find(name, &folder));
        let (_, text) = text?;
        let recipe = |target: Option<&str>| make_recipe(&text, target);
        let script = match targets.as_slice() {
            [] => recipe(None)?,
            targets => targets
                .iter()
                .filter_map(|target| recipe(Some(target)))
                .collect::<Vec<_>>()
                .join("\n"),
        };
        let name = std::iter::once("make".to_owned()).chain(targets).collect::<Vec<_>>().join(" ");
        Some(Called { name, text: script, is_shell: true, folder, arguments: Vec::new() })
    }

    fn just(&self, invoked: &Invoked, folder: &Path) -> Option<Called> {
        let recipe = invoked
            .arguments()
            .iter()
            .find(|word| !word.text.starts_with('-') && !word.is_assignment());
        let recipe = recipe.map(|word| word.text.as_str());
        let (_, text) = ["justfile", "Justfile", ".justfile"]
            .iter()
            .find_map(|name| self.find(name, folder).or_else(|| self.find(name, Path::new(""))))?;
        let name = format!("just {}", recipe.unwrap_or_default()).trim_end().to_owned();
        Some(Called {
            name,
            text: just_recipe(&text, recipe)?,
            is_shell: true,
            folder: folder.to_owned(),
            arguments: Vec::new(),
        })
    }

    fn packaged(&self, program: &str, invoked: &Invoked, folder: &Path) -> Option<Called> {
        let mut folder = folder.to_owned();
        let mut words = invoked.arguments().iter();
        let mut script = None;
        while let Some(word) = words.next() {
            match word.text.as_str() {
                "run" | "run-script" | "workspaces" | "foreach" | "workspace" => {}
                "--prefix" | "-C" | "--dir" | "--cwd" => folder = folder.join(&words.next()?.text),
                "-w" | "--workspace" | "--filter" | "-F" => {
                    words.next();
                }
                text if text.starts_with('-') => {}
                text => {
                    script = Some(text.to_owned());
                    break;
                }
            }
        }
        let script = script?;
        let (_, package) = self.find("package.json", &folder)?;
        let name = format!("{program} run {script}");
        let text = npm_script(&package, &script)?;
        Some(Called { name, text, is_shell: true, folder, arguments: Vec::new() })
    }

    /// A file of the repository by the path that a script names, and its text.
    fn find(&self, written: &str, folder: &Path) -> Option<(PathBuf, Arc<str>)> {
        let from_root = [
            "$GITHUB_WORKSPACE/",
            "${GITHUB_WORKSPACE}/",
            "${{ github.workspace }}/",
            "$(git rev-parse --show-toplevel)/",
        ];
        let rooted = from_root.iter().find_map(|prefix| written.strip_prefix(prefix));
        let path = match rooted {
            Some(path) => normal(Path::new(path))?,
            None => normal(&folder.join(written))?,
        };
        let text = self.read(&path)?;
        Some((path, text))
    }

    fn read(&self, path: &Path) -> Option<Arc<str>> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = files.get(path) {
            return known.clone();
        }
        let file = self.root.join(path);
        let small = fs::metadata(&file).is_ok_and(|m| m.is_file() && m.len() <= LARGEST);
        let text = small.then(|| fs::read_to_string(&file).ok()).flatten().map(Arc::from);
        files.insert(path.to_owned(), text.clone());
        text
    }
}

impl Elevated {
    fn of(invoked: &Invoked) -> Self {
        Self {
            what: format!("`{}`", invoked.shown()),
            certain: invoked.certain,
            packages: packages::installs(invoked),
        }
    }

    /// Whether it runs for sure, and changes something whatever is installed.
    fn is_sure(&self) -> bool {
        self.certain && self.packages.is_none()
    }
}

impl Called {
    /// `words` of the script, in which `$@` stands for what it is given.
    fn given(&self, words: &[Word]) -> Vec<Word> {
        let is_all =
            |word: &Word| !word.literal && matches!(word.text.as_str(), "$@" | "${@}" | "$*");
        let given = |word: &Word| {
            if is_all(word) { self.arguments.clone() } else { vec![word.clone()] }
        };
        words.iter().flat_map(given).collect()
    }
}

/// A path within the repository without `.` and `..`; `None` when it leaves it.
fn normal(path: &Path) -> Option<PathBuf> {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => normal.push(name),
            Component::CurDir => {}
            Component::ParentDir => {
                if !normal.pop() {
                    return None;
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(normal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use plim_test::sandbox::Sandbox;

    fn publishes(sandbox: &Sandbox, script: &str) -> Option<String> {
        Surveyor::new(sandbox.path()).survey(script, true, Path::new("")).publishes.clone()
    }

    #[test]
    fn scripts_that_are_called_are_looked_into() {
        let sandbox = Sandbox::new();
        sandbox
            .write("ci/release.sh", "#!/usr/bin/env bash\nset -e\ncargo publish\n")
            .write("ci/outer", "#!/bin/sh\n. ./ci/release.sh\n")
            .write("x.py", "import subprocess\nsubprocess.run(['git', 'push'])\n")
            .write("Makefile", "all:\n\tcargo build\nrelease: all\n\tbash ci/release.sh\n")
            .write("justfile", "ship:\n    make release\n")
            .write(
                "web/package.json",
                r#"{"scripts": {"release": "npm run inner", "inner": "npm publish"}}"#,
            );
        for (script, wanted) in [
            ("./ci/release.sh", Some("`ci/release.sh`, which runs `cargo publish`")),
            (
                "$GITHUB_WORKSPACE/ci/release.sh",
                Some("`ci/release.sh`, which runs `cargo publish`"),
            ),
            ("bash -eu ci/release.sh", Some("`ci/release.sh`, which runs `cargo publish`")),
            (
                "ci/outer",
                Some("`ci/outer`, which runs `ci/release.sh`, which runs `cargo publish`"),
            ),
            ("python3 x.py", Some("`x.py`, which runs `git push`")),
            (
                "make -j 4 release",
                Some("`make release`, which runs `ci/release.sh`, which runs `cargo publish`"),
            ),
            ("make", None),
            (
                "npm --prefix web run release",
                Some("`npm run release`, which runs `npm run inner`, which runs `npm publish`"),
            ),
            ("cat ci/release.sh", None),
            ("./ci/missing.sh", None),
            ("../outside.sh", None),
        ] {
            assert_eq!(publishes(&sandbox, script).as_deref(), wanted, "{script}");
        }
        assert!(publishes(&sandbox, "just ship").is_some());
    }

    #[test]
    fn a_script_that_installs_what_it_is_given_is_understood() {
        let sandbox = Sandbox::new();
        sandbox.write(
            "ci/install.sh",
            "#!/bin/sh\nif test -e x; then sudo rm x; fi\nsudo apt-get install -y git \"$@\"\n",
        );
        let survey = |script: &str| {
            Surveyor::new(sandbox.path()).survey(script, true, Path::new("")).elevated.clone()
        };
        let elevated = survey("bash -e ci/install.sh mold zsh");
        assert!(!elevated[0].certain && elevated[0].packages.is_none());
        let packages = elevated[1].packages.as_deref().unwrap();
        assert!(packages.iter().map(|word| &*word.text).eq(["git", "mold", "zsh"]));
        assert!(elevated[1].certain);
        assert!(!survey("test -e x && ./ci/install.sh mold; true")[1].certain);
    }

    #[test]
    fn a_script_that_calls_itself_is_followed_only_so_far() {
        let sandbox = Sandbox::new();
        sandbox.write("a.sh", "./a.sh; ./b.sh").write("b.sh", "./a.sh; ./b.sh");
        assert_eq!(publishes(&sandbox, "./a.sh"), None);
    }

    #[test]
    fn a_step_in_a_folder_calls_from_there() {
        let sandbox = Sandbox::new();
        sandbox.write("sub/go.sh", "npm publish");
        let surveyor = Surveyor::new(sandbox.path());
        assert!(surveyor.survey("./go.sh", true, Path::new("sub")).publishes.is_some());
        assert!(surveyor.survey("./go.sh", true, Path::new("")).publishes.is_none());
    }
}
