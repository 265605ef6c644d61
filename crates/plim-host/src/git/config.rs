//! Reads a repository's configuration, as git understands it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use super::Git;
use super::layout::Layout;
use super::plain;
use super::quiet::CANARY;
use crate::error::HostError;

/// The settings of a repository; those of the machine and the user are not among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GitConfig {
    values: BTreeMap<String, Vec<String>>,
}

impl GitConfig {
    /// Reads the entries of `git config --list -z`: name, line feed, value, zero byte.
    fn parse(list: &[u8]) -> Self {
        let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for entry in list.split(|byte| *byte == 0).filter(|entry| !entry.is_empty()) {
            let entry = String::from_utf8_lossy(entry);
            // A name alone, without `=`, means true.
            let (name, value) = entry.split_once('\n').unwrap_or((&entry, "true"));
            values.entry(name.to_owned()).or_default().push(value.to_owned());
        }
        Self { values }
    }

    /// The value that counts for `name`: section and key in lower case, such as
    /// `remote.origin.url`. Of several the last one counts.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).last().map(String::as_str)
    }

    /// All values of `name`, in their order.
    pub fn all(&self, name: &str) -> &[String] {
        self.values.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// The names between `section.` and the last dot, such as the remotes of section `remote`.
    pub fn subsections(&self, section: &str) -> BTreeSet<&str> {
        let names = self.values.keys().filter_map(|name| name.strip_prefix(section));
        names.filter_map(|rest| Some(rest.strip_prefix('.')?.rsplit_once('.')?.0)).collect()
    }
}

impl Git {
    /// The repository's configuration with all it includes; read once, by one process at most.
    ///
    /// Errors: those of running git, and [`HostError::Unexpected`] when git is older than 2.31 and
    /// so does not honour the settings that keep it harmless. A configuration of nothing but
    /// harmless settings needs none of them, and no process to read it.
    pub fn config(&self) -> Result<&GitConfig, HostError> {
        if let Some(config) = self.config.get() {
            return Ok(config);
        }
        if let Some(config) = self.plain_config() {
            return Ok(config);
        }
        // Before the filters are known, since this is how they become known; listing starts none.
        let list = self.tool_with(&["config", "--list", "--includes", "-z"], &[]).succeed()?;
        let config = GitConfig::parse(&list);
        match config.get(CANARY.0) {
            Some(_) => Ok(self.config.get_or_init(|| config)),
            None => Err(HostError::Unexpected {
                asked: "git's configuration".into(),
                answer: "no setting from the environment: git is older than 2.31".into(),
            }),
        }
    }

    /// The same, if no process is needed for it.
    pub fn plain_config(&self) -> Option<&GitConfig> {
        if self.config.get().is_none() {
            let values = self.layout().and_then(plain_values)?;
            return Some(self.config.get_or_init(|| GitConfig { values }));
        }
        self.config.get()
    }

    /// The value of one setting, such as `branch.main.remote`.
    ///
    /// Errors: those of [`config`](Self::config).
    pub fn config_get(&self, name: &str) -> Result<Option<&str>, HostError> {
        Ok(self.config()?.get(name))
    }

    /// The address of a remote, as configured.
    ///
    /// Errors: those of [`config`](Self::config).
    pub fn remote_url(&self, remote: &str) -> Result<Option<&str>, HostError> {
        self.config_get(&format!("remote.{remote}.url"))
    }

    /// Whether the repository has settings of its own about what a file's content and mode are.
    pub(super) fn may_change_content(&self) -> bool {
        const WORDS: [&str; 5] =
            ["autocrlf", "eol", "safecrlf", "symlinks=false", "filemode=false"];
        self.layout().is_some_and(|layout| may_say(layout, &WORDS))
    }

    /// The names of the filters that the repository configures.
    ///
    /// With the word `excludesfile` the whole is read, too, so that that setting is respected.
    pub(super) fn filters(&self) -> Result<BTreeSet<String>, HostError> {
        match self.layout() {
            Some(layout)
                if self.config.get().is_none() && !may_say(layout, &["filter", "excludesfile"]) =>
            {
                Ok(BTreeSet::new())
            }
            _ => Ok(self.config()?.subsections("filter").into_iter().map(str::to_owned).collect()),
        }
    }
}

/// The files of a repository's own configuration, without what they include.
fn files(layout: &Layout) -> [PathBuf; 3] {
    [
        layout.common_folder.join("config"),
        layout.common_folder.join("config.worktree"),
        layout.git_folder.join("config.worktree"),
    ]
}

/// The settings of a repository whose configuration is one plain file.
fn plain_values(layout: &Layout) -> Option<BTreeMap<String, Vec<String>>> {
    let [common, worktrees @ ..] = files(layout);
    let only_one = worktrees.iter().all(|file| matches!(file.try_exists(), Ok(false)));
    only_one.then(|| fs::read_to_string(common).ok()).flatten().as_deref().and_then(plain::read)
}

/// Whether the configuration may say something about one of `words`: it holds the word, blanks
/// aside, or it includes another file. `false` saves the process that would read it.
fn may_say(layout: &Layout, words: &[&str]) -> bool {
    files(layout).iter().any(|file| match fs::read(file) {
        Ok(content) => {
            let mut content = content.to_ascii_lowercase();
            content.retain(|byte| !matches!(byte, b' ' | b'\t'));
            holds(&content, b"include") || words.iter().any(|word| holds(&content, word.as_bytes()))
        }
        // What we cannot read git may be able to.
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    })
}

fn holds(content: &[u8], word: &[u8]) -> bool {
    content.windows(word.len()).any(|window| window == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_last_value_counts_and_a_bare_name_is_true() {
        let config = GitConfig::parse(b"a.b\n1\0a.b\n2\0c.d\0remote.x.y.url\nu\nv\0");
        assert_eq!((config.get("a.b"), config.all("a.b").len()), (Some("2"), 2));
        assert_eq!(config.get("c.d"), Some("true"));
        assert_eq!(config.get("remote.x.y.url"), Some("u\nv"));
        assert_eq!(config.subsections("remote"), BTreeSet::from(["x.y"]));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(150))]

        #[test]
        fn any_list_is_read(list: Vec<u8>) {
            GitConfig::parse(&list).subsections("filter");
        }
    }
}
