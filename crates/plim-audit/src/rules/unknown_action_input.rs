//! Inputs that an action does not have, so that what they say is passed over.

use plim_diag::{Code, Severity, closest};
use plim_workflow::Name;

use crate::{Audit, Declared, Hook, Rule, Tier, UseAt, Used};

pub(super) const RULE: Rule = Rule {
    code: Code("unknown-action-input"),
    summary: "an action is given an input that it does not have",
    why: "GitHub warns and goes on without the input: the action runs with its default, which is rarely what was meant. Often the input belongs to another version of the action.",
    criterion: "A name under `with` that neither the `action.yml` of an action of this repository declares, nor the table of well-known actions for the version that is used (of a commit, the version in its comment; where no version is told, only what is nearly the name of an input).",
    remedy: "Write the name that was meant, remove it, or use a version that has it.",
    example: "steps:\n  - uses: actions/checkout@v6\n    with:\n      fetch_depth: 0",
    better: "steps:\n  - uses: actions/checkout@v6\n    with:\n      fetch-depth: 0",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Use(check)],
};

/// What may be given to any action that runs in a container.
const OF_CONTAINERS: [&str; 2] = ["args", "entrypoint"];

fn check<'a>(audit: &mut Audit<'a>, used: &UseAt<'a>) {
    let (Some(declared), Some(given)) = (used.declared(), used.given()) else { return };
    for (name, _) in given {
        let is = |input: &Declared<'_>| input.name.eq_ignore_ascii_case(&name.value);
        let of_container = used.is_docker() && OF_CONTAINERS.contains(&&*name.value);
        if !of_container && !declared.iter().any(is) && is_certain(used, &declared, name) {
            report(audit, used, &declared, name);
        }
    }
}

/// Of a branch or a commit without a version, the table may know too little: only a slip of the pen is one.
fn is_certain(used: &UseAt<'_>, declared: &[Declared<'_>], name: &Name) -> bool {
    match &used.action {
        Used::Known(known) if known.major.is_none() => {
            closest(&name.value, declared.iter().map(|input| input.name)).is_some()
        }
        _ => true,
    }
}

fn report<'a>(audit: &mut Audit<'a>, used: &UseAt<'a>, declared: &[Declared<'_>], name: &Name) {
    let message = format!("the action has no input `{}`", name.value);
    let finding = audit.report(name.span, message);
    match closest(&name.value, declared.iter().map(|input| input.name)) {
        Some(near) => finding.help(format!("write `{near}`")),
        None if declared.is_empty() => finding.help("remove it; the action has no inputs"),
        None => finding.help(format!("remove it, or use one of {}", listed(declared))),
    };
    if let Used::Known(known) = &used.action
        && let Some(major) = known.major
        && let Some(other) =
            known.action.inputs.iter().find(|input| input.name.eq_ignore_ascii_case(&name.value))
    {
        let (first, last) = (other.majors.first, other.majors.last);
        let which =
            if first == last { format!("v{first}") } else { format!("v{first} to v{last}") };
        finding.note(format!("{which} of the action have it, and this is v{major}"));
    }
}

fn listed(declared: &[Declared<'_>]) -> String {
    let mut names: Vec<String> =
        declared.iter().take(12).map(|input| format!("`{}`", input.name)).collect();
    if declared.len() > names.len() {
        names.push("…".to_owned());
    }
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_in, findings_of};

    #[test]
    fn of_known_actions_by_version() {
        check(
            &RULE,
            "
            steps:
              - uses: actions/checkout@v2
                with: { fetch-depth: 0, sparse-checkout: src }
                #                       ^^^^^^^^^^^^^^^ the action has no input `sparse-checkout`
              - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2
                with: { sparse-checkout: src, Fetch-Depth: 0, fetch-dept: 0 }
                #                                             ^^^^^^^^^^ the action has no input `fetch-dept`
              - uses: someone/unheard-of@v1
                with: { anything: goes }
            ",
        );
    }

    #[test]
    fn of_actions_of_this_repository() {
        let action = "
            name: a
            description: b
            inputs:
              level: { description: c }
            runs:
              using: composite
              steps: [{ run: make, shell: bash }]
        ";
        check_in(
            &RULE,
            &[(".github/actions/build/action.yml", action)],
            "
            steps:
              - uses: ./.github/actions/build
                with: { level: 1, levl: 2 }
                #                 ^^^^
              - uses: ./elsewhere
                with: { a: 1 }
            ",
        );
    }

    #[test]
    fn the_versions_that_have_it_are_told() {
        let found = findings_of(
            &RULE,
            "steps:\n  - uses: actions/checkout@v2\n    with: { sparse-checkout: src }",
        );
        let notes = &found[0].diagnostic.notes;
        assert!(notes[0].ends_with("of the action have it, and this is v2"), "{notes:?}");
    }
}
