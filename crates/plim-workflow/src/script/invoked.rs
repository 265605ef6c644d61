//! Finds the programs that a command starts, behind `sudo`, `env`, `npx`, `bash -c` and the like.

use super::{Command, Script, Word};

/// One program with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoked {
    /// The program's name as it is written, then its arguments; never empty.
    pub words: Vec<Word>,
    /// The wrappers around it, such as `sudo`, the outermost first.
    pub behind: Vec<&'static str>,
    /// Whether it runs, and must succeed, whenever the script runs to its end.
    pub certain: bool,
    /// The line of the script, from 1.
    pub line: u32,
    /// Which of the script's commands starts it.
    pub command: usize,
    name: String,
}

/// A program that starts the one that follows it.
struct Wrapper {
    /// Its words: `docker compose exec` has three.
    name: &'static [&'static str],
    /// Its options that take a word of their own.
    values: &'static [&'static str],
    /// How many words of its own come before the program.
    own: usize,
    /// What of it the program is found in as a package, so that `@1.2` may follow its name.
    package: bool,
}

const fn wrapper(name: &'static [&'static str], values: &'static [&'static str]) -> Wrapper {
    Wrapper { name, values, own: 0, package: false }
}

const fn packages(name: &'static [&'static str], values: &'static [&'static str]) -> Wrapper {
    Wrapper { name, values, own: 0, package: true }
}

const fn after(
    own: usize,
    name: &'static [&'static str],
    values: &'static [&'static str],
) -> Wrapper {
    Wrapper { name, values, own, package: false }
}

/// Longer names come before shorter ones that they begin with.
const WRAPPERS: &[Wrapper] = &[
    wrapper(
        &["sudo"],
        &["-u", "-g", "-h", "-p", "-C", "-T", "-D", "-R", "-U", "--user", "--group"],
    ),
    wrapper(&["doas"], &["-u", "-C"]),
    wrapper(&["env"], &["-u", "-C", "--unset", "--chdir"]),
    wrapper(&["exec"], &["-a"]),
    wrapper(&["command"], &[]),
    wrapper(&["builtin"], &[]),
    wrapper(&["nohup"], &[]),
    wrapper(&["setsid"], &[]),
    wrapper(&["unbuffer"], &[]),
    wrapper(&["time"], &["-f", "-o"]),
    wrapper(&["nice"], &["-n"]),
    wrapper(&["ionice"], &["-c", "-n"]),
    wrapper(&["stdbuf"], &["-i", "-o", "-e"]),
    after(1, &["timeout"], &["-s", "-k", "--signal", "--kill-after"]),
    after(1, &["flock"], &["-w", "-E"]),
    wrapper(&["xargs"], &["-n", "-P", "-I", "-L", "-a", "-d", "-E", "-s"]),
    wrapper(&["xvfb-run"], &["-s", "-n", "-e", "-f", "-p", "--server-args"]),
    wrapper(&["dbus-run-session"], &[]),
    wrapper(&["retry"], &["-t", "-d", "-n", "--times", "--delay", "--max-attempts"]),
    wrapper(&["corepack"], &[]),
    packages(&["npx"], &["-p", "--package"]),
    packages(&["pnpx"], &[]),
    packages(&["bunx"], &[]),
    packages(&["uvx"], &["--from", "--with", "-p", "--python"]),
    packages(&["pnpm", "exec"], &[]),
    packages(&["pnpm", "dlx"], &["--package"]),
    packages(&["yarn", "dlx"], &["-p", "--package"]),
    packages(&["yarn", "exec"], &[]),
    packages(&["npm", "exec"], &["-p", "--package"]),
    packages(&["npm", "x"], &["-p", "--package"]),
    packages(&["bun", "x"], &[]),
    packages(&["pipx", "run"], &["--spec", "--python"]),
    packages(&["uv", "tool", "run"], &["--from", "--with", "-p", "--python"]),
    wrapper(
        &["uv", "run"],
        &[
            "--with",
            "-p",
            "--python",
            "--extra",
            "--group",
            "--only-group",
            "--package",
            "--directory",
            "--project",
            "--env-file",
        ],
    ),
    wrapper(&["poetry", "run"], &[]),
    wrapper(&["pdm", "run"], &[]),
    wrapper(&["hatch", "run"], &[]),
    wrapper(&["rye", "run"], &[]),
    wrapper(&["pipenv", "run"], &[]),
    wrapper(&["bundle", "exec"], &[]),
    after(1, &["rustup", "run"], &[]),
    wrapper(&["mise", "exec"], &[]),
    wrapper(&["mise", "x"], &[]),
    wrapper(&["asdf", "exec"], &[]),
    after(1, &["direnv", "exec"], &[]),
    wrapper(&["conda", "run"], &["-n", "-p", "--name", "--prefix"]),
    wrapper(&["micromamba", "run"], &["-n", "-p"]),
    wrapper(&["dotenv"], &["-f", "-e"]),
    wrapper(&["doppler", "run"], &["-p", "-c", "--project", "--config"]),
    wrapper(&["op", "run"], &["--env-file"]),
    after(1, &["aws-vault", "exec"], &[]),
    wrapper(&["python", "-m"], &[]),
    wrapper(&["python3", "-m"], &[]),
    wrapper(&["py", "-m"], &[]),
    wrapper(&["busybox"], &[]),
];

/// Programs whose argument after `-c` is a script, or that read one from `<<`.
const SHELLS: [&str; 6] = ["bash", "sh", "dash", "zsh", "ksh", "ash"];

/// Scripts within scripts are read this deep.
const DEEPEST: usize = 4;

impl Script {
    /// The programs that the script starts, in the order they are written.
    pub fn programs(&self) -> Vec<Invoked> {
        let mut found = Vec::new();
        self.collect(&mut found, 0);
        found
    }

    fn collect(&self, found: &mut Vec<Invoked>, depth: usize) {
        for (at, command) in self.commands.iter().enumerate() {
            let Some(invoked) = Invoked::of(command, at) else { continue };
            let inner = if depth < DEEPEST { invoked.inner_script(command) } else { None };
            found.push(invoked.clone());
            let Some(text) = inner else { continue };
            let from = found.len();
            Self::read(&text).collect(found, depth + 1);
            for inner in &mut found[from..] {
                inner.certain &= invoked.certain;
                (inner.line, inner.command) = (invoked.line, invoked.command);
                let behind = std::mem::take(&mut inner.behind);
                inner.behind = invoked.behind.iter().copied().chain(behind).collect();
            }
        }
    }
}

impl Invoked {
    fn of(command: &Command, at: usize) -> Option<Self> {
        let (mut words, mut behind, mut package) = (command.call(), Vec::new(), false);
        while let Some((wrapper, rest)) = unwrap(words) {
            behind.push(wrapper.name[0]);
            package |= wrapper.package;
            words = rest;
        }
        let mut words = words.to_vec();
        let name = words.first_mut()?;
        if package && let Some(at) = name.text.rfind('@').filter(|at| *at > 0) {
            name.text.truncate(at);
        }
        let name = name_of(&words[0]);
        let (certain, line) = (command.certain, command.line);
        Some(Self { words, behind, certain, line, command: at, name })
    }

    /// The program's name without folders: `git` of `/usr/bin/git`; `""` when nobody can know it.
    ///
    /// A variable counts as the program that it is named after: `$CARGO`, `${{ env.CARGO }}`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What comes after the program's name.
    pub fn arguments(&self) -> &[Word] {
        &self.words[1..]
    }

    /// The command as a person would write it, cut to a readable length; of what it stands behind only `sudo` and its
    /// like, which change what it means.
    pub fn shown(&self) -> String {
        const MOST: usize = 60;
        let elevating = |name: &&str| matches!(*name, "sudo" | "doas");
        let behind = self.behind.iter().copied().filter(elevating);
        let words: Vec<&str> = behind.chain(self.words.iter().map(|w| w.text.as_str())).collect();
        let text = words.join(" ").replace(['\n', '`'], " ");
        match text.char_indices().nth(MOST) {
            Some((at, _)) => format!("{}…", text[..at].trim_end()),
            None => text,
        }
    }

    fn inner_script(&self, command: &Command) -> Option<String> {
        let name = self.name();
        if name == "eval" || name == "trap" {
            let words: Vec<&str> = self.arguments().iter().map(|w| w.text.as_str()).collect();
            return Some(if name == "trap" { words.first()?.to_string() } else { words.join(" ") });
        }
        let takes_script = SHELLS.contains(&name) || name == "su" || name == "nix-shell";
        if !takes_script {
            return None;
        }
        // `-c`, also among others as in `-euxc`.
        let is_flag = |word: &Word| {
            let short = word.text.strip_prefix('-').filter(|flags| !flags.starts_with('-'));
            short.is_some_and(|flags| flags.ends_with('c'))
                || word.text == "--run"
                || word.text == "--command"
        };
        let flag = self.arguments().iter().position(is_flag);
        match flag {
            Some(at) => self.arguments().get(at + 1).map(|word| word.text.clone()),
            None if self.arguments().iter().all(|word| word.text.starts_with('-')) => {
                command.input.clone()
            }
            None => None,
        }
    }
}

fn name_of(word: &Word) -> String {
    if word.literal {
        let name = word.text.rsplit('/').next().unwrap_or_default();
        return name.strip_suffix(".exe").unwrap_or(name).to_owned();
    }
    let expression = || word.text.strip_prefix("${{ env.")?.strip_suffix(" }}");
    let named = word.variable().or_else(expression);
    let legal = |name: &&str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let name = named.filter(legal).unwrap_or_default().to_ascii_lowercase();
    name.strip_suffix("_bin").map(str::to_owned).unwrap_or(name)
}

/// The wrapper that `words` begin with, and the words of the program behind it.
fn unwrap(words: &[Word]) -> Option<(&'static Wrapper, &[Word])> {
    let first = words.first().filter(|word| word.literal)?.text.rsplit('/').next()?;
    let wrapper = WRAPPERS.iter().find(|wrapper| {
        wrapper.name[0] == first
            && wrapper.name.iter().zip(words).skip(1).all(|(name, word)| word.text == *name)
            && words.len() > wrapper.name.len()
    })?;
    let mut rest = &words[wrapper.name.len()..];
    // `command -v git` asks and starts nothing.
    let asks = ["-v", "-V"].iter().any(|option| rest[0].text.starts_with(option));
    if wrapper.name[0] == "command" && asks {
        return None;
    }
    let mut own = wrapper.own;
    while let Some(word) = rest.first() {
        if word.text == "--" {
            rest = &rest[1..];
            break;
        }
        let skipped = if wrapper.values.contains(&word.text.as_str()) {
            2
        } else if word.text.starts_with('-') || word.is_assignment() {
            1
        } else if own > 0 {
            own -= 1;
            1
        } else {
            break;
        };
        rest = rest.get(skipped..)?;
    }
    (!rest.is_empty()).then_some((wrapper, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(script: &str) -> Vec<String> {
        Script::read(script).programs().iter().map(Invoked::shown).collect()
    }

    #[test]
    fn the_program_behind_others_is_found() {
        for (script, wanted) in [
            ("sudo -u root -E apt-get update", "sudo apt-get update"),
            ("A=1 env -i B=2 cargo test", "cargo test"),
            ("timeout -k 5 10m nice -n 3 make", "make"),
            ("npx -y semantic-release@19 --ci", "semantic-release --ci"),
            ("npx @changesets/cli publish", "@changesets/cli publish"),
            ("pnpm dlx vercel@latest deploy", "vercel deploy"),
            ("uv run --with x -- twine upload dist/*", "twine upload dist/*"),
            ("python3 -m twine upload x", "twine upload x"),
            ("command git push", "git push"),
            ("find . | xargs -n 1 cargo publish", "cargo publish"),
        ] {
            assert_eq!(shown(script).last().map(String::as_str), Some(wanted), "{script}");
        }
        assert_eq!(shown("command -v cargo"), ["command -v cargo"]);
        assert_eq!(shown("sudo"), ["sudo"]);
    }

    #[test]
    fn scripts_within_scripts_are_read() {
        assert_eq!(shown("bash -euxc 'cargo publish'")[1], "cargo publish");
        assert_eq!(shown("eval \"git push\"")[1], "git push");
        assert_eq!(shown("sudo bash <<EOF\ngit push\nEOF")[1], "sudo git push");
        assert_eq!(shown("bash script.sh <<EOF\ngit push\nEOF").len(), 1);
        let invoked = Script::read("sudo sh -c 'a'").programs();
        assert_eq!(invoked[1].behind, ["sudo"]);
    }

    #[test]
    fn a_variable_is_named_after_its_program() {
        let name = |script: &str| Script::read(script).programs()[0].name().to_owned();
        assert_eq!(name("$CARGO publish"), "cargo");
        assert_eq!(name("\"${GIT_BIN}\" push"), "git");
        assert_eq!(name("${{ env.CARGO }} build"), "cargo");
        assert_eq!(name("$(which cargo) build"), "which");
        assert_eq!(name("/usr/bin/git push"), "git");
    }
}
