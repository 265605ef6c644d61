//! What is known of the most used actions without asking anyone: their inputs, outputs and runtimes by major version.
//!
//! The table is `data/actions.txt`, which the example `known_actions` writes from copies of their `action.yml`; how to
//! refresh it is said at the head of that example.

use std::collections::HashMap;
use std::sync::OnceLock;

use plim_workflow::{ActionReference, Uses};

/// One action of the table.
#[derive(Clone, Debug)]
pub struct KnownAction {
    /// `owner/repository[/path]`, in lower case.
    pub name: &'static str,
    /// Each major version with what runs it: `node20`, `composite`, `docker`. An action without versions has `0`.
    pub versions: Vec<(u16, &'static str)>,
    /// Its inputs.
    pub inputs: Vec<KnownInput>,
    /// Its outputs.
    pub outputs: Vec<KnownOutput>,
}

/// An input of a known action.
#[derive(Clone, Debug)]
pub struct KnownInput {
    /// Its name.
    pub name: &'static str,
    /// The versions that have it.
    pub majors: Majors,
    /// The versions in which it must be given.
    pub required: Option<Majors>,
    /// The versions in which it is deprecated.
    pub deprecated: Option<Majors>,
}

/// An output of a known action.
#[derive(Clone, Debug)]
pub struct KnownOutput {
    /// Its name.
    pub name: &'static str,
    /// The versions that have it.
    pub majors: Majors,
}

/// Major versions, first and last included.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Majors {
    /// The first.
    pub first: u16,
    /// The last.
    pub last: u16,
}

/// A use of a known action.
#[derive(Copy, Clone, Debug)]
pub struct KnownUse {
    /// The action.
    pub action: &'static KnownAction,
    /// The major version it is used at; `None` where the reference does not tell.
    pub major: Option<u16>,
}

/// Actions some of whose outputs no `action.yml` names.
const OPEN_OUTPUTS: [&str; 6] = [
    "actions/github-script",
    "docker/bake-action",
    "dorny/paths-filter",
    "googleapis/release-please-action",
    "jdx/mise-action",
    "tj-actions/changed-files",
];

/// The known action that `reference` names; none where it asks for a version that the table does not have.
///
/// `behind` is what stands behind it on its line: the version of a commit is read from its comment, as in `# v4.2.2`.
#[must_use]
pub fn known_action(reference: &ActionReference, behind: &str) -> Option<KnownUse> {
    let ActionReference::Remote { host: None, owner, repository, path, reference } = reference
    else {
        return None;
    };
    let mut name = format!("{owner}/{repository}");
    if !path.is_empty() {
        name.push('/');
        name.push_str(path);
    }
    name.make_ascii_lowercase();
    let action = table().get(name.as_str())?;
    let major = major(reference, behind);
    let is_known = |major| action.versions.iter().any(|(known, _)| *known == major);
    major.is_none_or(is_known).then_some(KnownUse { action, major })
}

/// The known action that `uses` names; `source` is the text of its file.
#[must_use]
pub fn known_use(uses: &Uses, source: &str) -> Option<KnownUse> {
    let end = usize::try_from(uses.action.span.end).unwrap_or(usize::MAX);
    let rest = source.get(end..).unwrap_or("");
    known_action(&uses.action.value, rest.split(['\n', '\r']).next().unwrap_or(""))
}

/// Every known action, ordered by name.
#[must_use]
pub fn known_actions() -> Vec<&'static KnownAction> {
    let mut actions: Vec<_> = table().values().collect();
    actions.sort_by_key(|action| action.name);
    actions
}

impl KnownAction {
    /// What runs it at `major`.
    #[must_use]
    pub fn runtime(&self, major: u16) -> Option<&'static str> {
        self.versions.iter().find(|(known, _)| *known == major).map(|(_, runtime)| *runtime)
    }

    /// The newest major version of the table.
    #[must_use]
    pub fn newest(&self) -> u16 {
        self.versions.last().map_or(0, |(major, _)| *major)
    }
}

impl KnownUse {
    /// The inputs it has: of its version, or where that is not known, of any.
    pub fn inputs(&self) -> impl Iterator<Item = &'static KnownInput> {
        let major = self.major;
        self.action.inputs.iter().filter(move |input| major.is_none_or(|m| input.majors.has(m)))
    }

    /// The names of the outputs it has: of its version, or where that is not known, of any. `None` where it may have
    /// outputs that nothing names.
    #[must_use]
    pub fn outputs(&self) -> Option<Vec<&'static str>> {
        if OPEN_OUTPUTS.contains(&self.action.name) {
            return None;
        }
        let here = |output: &&KnownOutput| self.major.is_none_or(|m| output.majors.has(m));
        Some(self.action.outputs.iter().filter(here).map(|output| output.name).collect())
    }
}

impl Majors {
    /// Whether `major` is among them.
    #[must_use]
    pub const fn has(self, major: u16) -> bool {
        self.first <= major && major <= self.last
    }

    fn parse(text: &str) -> Option<Self> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        Some(Self { first: first.parse().ok()?, last: last.parse().ok()? })
    }
}

/// The major version that `reference` asks for, if it tells.
fn major(reference: &str, behind: &str) -> Option<u16> {
    let is_commit = reference.len() == 40 && reference.bytes().all(|b| b.is_ascii_hexdigit());
    if is_commit {
        return commented_major(behind);
    }
    leading_major(reference.rsplit('/').next().unwrap_or(reference))
}

/// The number that a version begins with: `v4`, `4.2.2`, `v4-beta`.
fn leading_major(version: &str) -> Option<u16> {
    let digits = version.strip_prefix('v').unwrap_or(version);
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let follows = digits.get(end..).unwrap_or("");
    let is_version = follows.is_empty() || follows.starts_with(['.', '-']);
    if is_version { digits.get(..end)?.parse().ok() } else { None }
}

/// The version that a comment names: the first word that is one.
fn commented_major(behind: &str) -> Option<u16> {
    let (_, comment) = behind.split_once('#')?;
    let words = comment.split([' ', '\t', '=', ':', ',', '@', '/']);
    words
        .filter(|word| word.starts_with(|c: char| c == 'v' || c.is_ascii_digit()))
        .find_map(leading_major)
}

fn table() -> &'static HashMap<&'static str, KnownAction> {
    static TABLE: OnceLock<HashMap<&'static str, KnownAction>> = OnceLock::new();
    TABLE.get_or_init(|| read(include_str!("../data/actions.txt")))
}

/// Reads the table: a name, its versions, and its inputs and outputs with the versions that have them.
fn read(text: &'static str) -> HashMap<&'static str, KnownAction> {
    let mut actions: Vec<KnownAction> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match (line.strip_prefix("  "), actions.last_mut()) {
            (Some(fact), Some(action)) => action.learn(fact),
            _ => actions.push(KnownAction {
                name: line,
                versions: Vec::new(),
                inputs: Vec::new(),
                outputs: Vec::new(),
            }),
        }
    }
    actions.into_iter().map(|action| (action.name, action)).collect()
}

impl KnownAction {
    fn learn(&mut self, fact: &'static str) {
        let (kind, rest) = fact.split_once(' ').unwrap_or((fact, ""));
        let mut words = rest.split(' ');
        match kind {
            "versions" => {
                let version = |word: &'static str| {
                    let (major, runtime) = word.split_once('=')?;
                    Some((major.parse().ok()?, runtime))
                };
                self.versions = words.filter_map(version).collect();
            }
            "in" => {
                let Some(name) = words.next() else { return };
                let mut input =
                    KnownInput { name, majors: self.all(), required: None, deprecated: None };
                for word in words {
                    match word.split_at_checked(1) {
                        Some(("!", majors)) => input.required = Majors::parse(majors),
                        Some(("~", majors)) => input.deprecated = Majors::parse(majors),
                        _ => input.majors = Majors::parse(word).unwrap_or(input.majors),
                    }
                }
                self.inputs.push(input);
            }
            "out" => {
                let Some(name) = words.next() else { return };
                let majors = words.next().and_then(Majors::parse).unwrap_or(self.all());
                self.outputs.push(KnownOutput { name, majors });
            }
            _ => {}
        }
    }

    fn all(&self) -> Majors {
        let first = self.versions.first().map_or(0, |(major, _)| *major);
        Majors { first, last: self.newest() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(uses: &str, behind: &str) -> KnownUse {
        known_action(&ActionReference::parse(uses), behind).unwrap()
    }

    #[test]
    fn the_most_used_actions_are_known() {
        assert!(known_actions().len() >= 60);
        for action in known_actions() {
            assert!(!action.versions.is_empty(), "{}", action.name);
            assert!(action.versions.is_sorted(), "{}", action.name);
            assert_eq!(action.name, action.name.to_ascii_lowercase());
        }
    }

    #[test]
    fn the_version_is_that_of_the_reference_or_of_the_comment_of_a_commit() {
        let commit = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683";
        for (uses, behind, major) in [
            ("actions/checkout@v4", "", Some(4)),
            ("Actions/Checkout@v4.2.2", "", Some(4)),
            ("actions/checkout@main", "# v4", None),
            ("pypa/gh-action-pypi-publish@release/v1", "", Some(1)),
            (commit, "  # v4.2.2", Some(4)),
            (commit, " # tag=v3.0", Some(3)),
            (commit, " # actions/checkout@v4", Some(4)),
            (commit, "", None),
        ] {
            assert_eq!(used(uses, behind).major, major, "{uses} {behind}");
        }
        for unknown in ["some/other@v1", "actions/checkout@v999"] {
            assert!(known_action(&ActionReference::parse(unknown), "").is_none());
        }
    }

    #[test]
    fn inputs_and_outputs_depend_on_the_version() {
        let has = |uses: &str, name: &str| {
            let inputs: Vec<_> = used(uses, "").inputs().map(|input| input.name).collect();
            inputs.contains(&name)
        };
        assert!(has("actions/checkout@v4", "sparse-checkout"));
        assert!(!has("actions/checkout@v2", "sparse-checkout"));
        assert!(has("actions/checkout@main", "sparse-checkout"));
        assert_eq!(used("actions/cache@v4", "").outputs().unwrap(), ["cache-hit"]);
        assert!(used("dorny/paths-filter@v3", "").outputs().is_none());
        assert_eq!(used("actions/checkout@v3", "").action.runtime(3), Some("node16"));
    }
}
