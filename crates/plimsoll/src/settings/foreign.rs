//! What a repository says to actionlint and zizmor, as far as it means something here.
//!
//! Both files are read as leniently as their programs read them: what is not understood is passed over, since it is not
//! for us to judge.

use std::{fs, path::Path};

use plim_audit::{FOREIGN_CODES, WaivedPlace, Waiver};
use plim_workflow::yaml::{NodeRef, Tree};

use super::CheckSettings;

/// Where actionlint looks, in its order.
const ACTIONLINT: [&str; 2] = [".github/actionlint.yaml", ".github/actionlint.yml"];

/// Where zizmor looks, in its order.
const ZIZMOR: [&str; 4] =
    [".github/zizmor.yml", ".github/zizmor.yaml", "zizmor.yml", "zizmor.yaml"];

/// Adds what the files in the repository at `root` say; our own settings come first.
pub(super) fn add(root: &Path, settings: &mut CheckSettings) {
    if let Some(tree) = first(root, &ACTIONLINT) {
        actionlint(&tree, settings);
    }
    if let Some(tree) = first(root, &ZIZMOR) {
        zizmor(&tree, settings);
    }
}

fn first(root: &Path, paths: &[&'static str]) -> Option<Tree> {
    paths.iter().find_map(|path| {
        let bytes = fs::read(root.join(path)).ok()?;
        Some(Tree::parse_bytes(*path, &bytes))
    })
}

/// Labels of own runners and names of variables. Its `paths` hold regular expressions over its own messages, which say
/// nothing about ours.
fn actionlint(tree: &Tree, settings: &mut CheckSettings) {
    let Some(root) = tree.root() else { return };
    let labels = root.get("self-hosted-runner").and_then(|runner| runner.get("labels"));
    settings.runner_labels.extend(labels.map(texts).unwrap_or_default());
    if settings.variables.is_none() {
        let variables = root.get("config-variables").filter(|names| names.is_sequence());
        settings.variables = variables.map(texts);
    }
}

/// Audits that are disabled, and places at which they are ignored.
fn zizmor(tree: &Tree, settings: &mut CheckSettings) {
    let Some(rules) = tree.root().and_then(|root| root.get("rules")) else { return };
    for rule in rules.entries() {
        let name = rule.key.scalar_text().unwrap_or_default();
        let Some((_, codes)) = FOREIGN_CODES.iter().find(|(audit, _)| *audit == name) else {
            continue;
        };
        let codes: Vec<String> = codes.iter().map(|code| (*code).to_owned()).collect();
        let disabled = rule.value.get("disable").and_then(NodeRef::scalar_text);
        if disabled.is_some_and(|value| value == "true") {
            settings.ignore.extend(codes);
            continue;
        }
        let places = rule.value.get("ignore").map(texts).unwrap_or_default();
        let places = places.iter().filter_map(|place| zizmor_place(place));
        settings.waivers.extend(places.map(|place| Waiver { codes: codes.clone(), place }));
    }
}

/// Reads `FILE[:LINE[:COLUMN]]`.
fn zizmor_place(text: &str) -> Option<WaivedPlace> {
    let mut parts = text.split(':');
    let name = parts.next()?.rsplit('/').next()?.to_owned();
    let mut number = || parts.next().map(|part| part.trim().parse().ok());
    let (line, column) = (number(), number());
    // A number that is none means nothing, and never everything.
    Some(WaivedPlace::File {
        name,
        line: line.map_or(Some(None), |line| line.map(Some))?,
        column: column.map_or(Some(None), |column| column.map(Some))?,
    })
}

fn texts(list: NodeRef<'_>) -> Vec<String> {
    list.items().filter_map(|item| Some(item.scalar_text()?.into_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(files: &[(&str, &str)]) -> CheckSettings {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(".github")).unwrap();
        for (path, text) in files {
            fs::write(folder.path().join(path), text).unwrap();
        }
        let mut settings = CheckSettings::default();
        add(folder.path(), &mut settings);
        settings
    }

    #[test]
    fn actionlint_tells_labels_and_variables() {
        let text = "self-hosted-runner:\n  labels: [big, 'arm-*']\nconfig-variables: [REGION]\n";
        let settings = settings(&[(".github/actionlint.yaml", text)]);
        assert_eq!(settings.runner_labels, ["big", "arm-*"]);
        assert_eq!(settings.variables, Some(vec!["REGION".to_owned()]));
        let nothing = self::settings(&[(".github/actionlint.yml", "config-variables: null\n")]);
        assert_eq!(nothing, CheckSettings::default());
        assert_eq!(self::settings(&[(".github/actionlint.yml", "- [")]), CheckSettings::default());
    }

    #[test]
    fn zizmor_tells_what_is_disabled_and_what_is_ignored_where() {
        let text = "rules:\n  unsound-contains: { disable: true }\n  archived-uses:\n    ignore: ['a.yml', 'b.yml:3', 'c.yml:3:4', 'd.yml:x']\n  someone-elses: { disable: true }\n";
        let settings = settings(&[("zizmor.yml", text)]);
        assert_eq!(settings.ignore, ["contains-on-text"]);
        let file = |name: &str, line, column| WaivedPlace::File { name: name.into(), line, column };
        let places: Vec<_> = settings.waivers.iter().map(|waiver| waiver.place.clone()).collect();
        assert_eq!(
            places,
            [
                file("a.yml", None, None),
                file("b.yml", Some(3), None),
                file("c.yml", Some(3), Some(4))
            ]
        );
        assert!(settings.waivers.iter().all(|waiver| waiver.codes == ["archived-action"]));
    }
}
