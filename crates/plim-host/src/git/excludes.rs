//! Finds the list of what a user ignores in every repository.

use std::fs;
use std::path::PathBuf;

use crate::environment::Environment;
use crate::folders::Folders;

/// The file with the user's own patterns of what to ignore.
///
/// It is the one setting of the user's that is read: without it, files that never reach the forge,
/// such as an editor's, would count as uncommitted work. Settings in included files are not found.
pub(super) fn excludes_file(environment: &Environment) -> Option<PathBuf> {
    let folders = Folders::of(environment)?;
    let files = [folders.home.join(".gitconfig"), folders.config.join("git/config")];
    let setting = files.iter().find_map(|file| named_in(&fs::read_to_string(file).ok()?));
    let file = match setting {
        Some(path) => match path.strip_prefix("~/") {
            Some(rest) => folders.home.join(rest),
            None => PathBuf::from(path),
        },
        None => folders.config.join("git/ignore"),
    };
    file.is_file().then_some(file)
}

/// The last value of `excludesFile` in a section `[core]`.
fn named_in(config: &str) -> Option<String> {
    let mut in_core = false;
    let mut found = None;
    for line in config.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            in_core = section.to_ascii_lowercase().starts_with("core]");
            continue;
        }
        let setting = line.split_once('=').filter(|_| in_core);
        if let Some((_, value)) = setting.filter(|(name, _)| is_excludes_file(name)) {
            found = Some(plain(value.trim()));
        }
    }
    found.filter(|path| !path.is_empty())
}

fn is_excludes_file(name: &str) -> bool {
    name.trim().eq_ignore_ascii_case("excludesfile")
}

/// A value without quotes, escapes and comment.
fn plain(value: &str) -> String {
    let (mut text, mut quoted) = (String::new(), false);
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => quoted = !quoted,
            '\\' => text.extend(characters.next()),
            '#' | ';' if !quoted => break,
            other => text.push(other),
        }
    }
    if quoted { text } else { text.trim_end().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_in_the_section_counts() {
        let config = "[other]\nexcludesfile = no\n[core]\n\tExcludesFile = \"a b\" ; c\n[CORE]\n\
                      excludesfile=~/x\\\\y # d\n[core \"x\"]\nexcludesfile = no\n";
        assert_eq!(named_in(config).unwrap(), "~/x\\y");
        assert_eq!(named_in("[core]\n\tpager = less\n"), None);
    }
}
