//! Reads a configuration file that is so plain that git need not be started to understand it.

use std::collections::BTreeMap;

/// The settings of each section that are understood here, and that let git start nothing.
///
/// A `*` stands for any name between section and key.
const PLAIN: [&str; 38] = [
    "branch.*.description",
    "branch.*.gh-merge-base",
    "branch.*.merge",
    "branch.*.rebase",
    "branch.*.remote",
    "branch.*.vscode-merge-base",
    "core.autocrlf",
    "core.bare",
    "core.eol",
    "core.filemode",
    "core.ignorecase",
    "core.logallrefupdates",
    "core.precomposeunicode",
    "core.repositoryformatversion",
    "core.safecrlf",
    "core.symlinks",
    "fetch.prune",
    "gc.auto",
    "github.user",
    "init.defaultbranch",
    "merge.conflictstyle",
    "pull.ff",
    "pull.rebase",
    "push.autosetupremote",
    "push.default",
    "rebase.autostash",
    "remote.*.fetch",
    "remote.*.gh-resolved",
    "remote.*.mirror",
    "remote.*.prune",
    "remote.*.push",
    "remote.*.pushurl",
    "remote.*.tagopt",
    "remote.*.url",
    "submodule.*.active",
    "submodule.*.url",
    "user.email",
    "user.name",
];

/// All settings of a file, by name; `None` when anything in it is not of the plainest form, or not among the settings
/// that are known to be harmless: then git is to read it.
pub(super) fn read(text: &str) -> Option<BTreeMap<String, Vec<String>>> {
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut section = None;
    if text.contains('\r') {
        return None;
    }
    for line in text.lines().map(|line| line.trim_matches([' ', '\t'])) {
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(header) = line.strip_prefix('[') {
            section = Some(parse_section(header.strip_suffix(']')?)?);
            continue;
        }
        let (start, pattern) = section.as_ref()?;
        let (key, value) = parse_setting(line)?;
        if !PLAIN.contains(&format!("{pattern}.{key}").as_str()) {
            return None;
        }
        values.entry(format!("{start}.{key}")).or_default().push(value);
    }
    Some(values)
}

/// Reads `name` or `name "inner"`: how names of its settings begin, and the same with a `*` for the inner name.
fn parse_section(header: &str) -> Option<(String, String)> {
    let (name, inner) = match header.split_once(' ') {
        Some((name, inner)) => (name, Some(inner.strip_prefix('"')?.strip_suffix('"')?)),
        None => (header, None),
    };
    let name = is_word(name).then(|| name.to_ascii_lowercase())?;
    match inner {
        Some(inner) if inner.contains(['"', '\\']) => None,
        Some(inner) => Some((format!("{name}.{inner}"), format!("{name}.*"))),
        None => Some((name.clone(), name)),
    }
}

/// Reads `key = value`. A value with quotes, escapes or comments is not plain.
fn parse_setting(line: &str) -> Option<(String, String)> {
    let (key, value) = line.split_once('=')?;
    let (key, value) = (key.trim_end_matches([' ', '\t']), value.trim_matches([' ', '\t']));
    let is_plain = |c: char| !matches!(c, '"' | '\\' | '#' | ';') && !c.is_control();
    let is_known = is_word(key) && !value.is_empty() && value.chars().all(is_plain);
    is_known.then(|| (key.to_ascii_lowercase(), value.to_owned()))
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_git_writes_into_a_clone_is_plain() {
        let text = "[core]\n\trepositoryformatversion = 0\n\tfileMode = true\n\n# a comment\n\
                    [remote \"Origin\"]\n\turl = https://example.org/A/b.git\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n\
                    \tfetch = +refs/x:refs/y\n[branch \"a b\"]\n  remote=origin\n";
        let values = read(text).unwrap();
        assert_eq!(values["core.filemode"], ["true"]);
        assert_eq!(values["remote.Origin.url"], ["https://example.org/A/b.git"]);
        assert_eq!(values["remote.Origin.fetch"].len(), 2);
        assert_eq!(values["branch.a b.remote"], ["origin"]);
    }

    #[test]
    fn whatever_needs_more_thought_is_for_git() {
        for text in [
            "[include]\n\tpath = other",
            "[core]\n\tfsmonitor = evil",
            "[core]\n\thooksPath = evil",
            "[core]\n\tbare = false \\\n\tx",
            "[core]\n\tbare = \"false\"",
            "[core]\n\tbare = false # no",
            "[core]\n\tbare",
            "[core] bare = false",
            "[remote.origin]\n\turl = x",
            "[remote \"a\\\"b\"]\n\turl = x",
            "[remote \"a\"]\n\tuploadpack = evil",
            "[extensions]\n\tworktreeConfig = true",
            "[filter \"x\"]\n\tclean = evil",
            "bare = false",
            "[user]\n\tname = a\r\n",
            "\u{feff}[core]\n\tbare = false",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(150))]

        #[test]
        fn any_text_is_read_or_refused(text in "(\\[[a-z \"]{0,9}\\]\n|[a-z]{0,9} ?= ?[ -~]{0,9}\n|[ -~]{0,9}\n){0,6}") {
            let _ = read(&text);
        }
    }
}
