//! A script of the repository that is not there.

use plim_diag::{Code, Severity};

use super::script_not_executable::{Called, called};
use crate::{Audit, Hook, Presence, Rule, Script, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("script-missing"),
    summary: "a step runs a script that the repository does not have",
    why: "The step fails with exit code 127 as soon as it is reached, which for a release is when it is too late to look for a script.",
    criterion: "A command with a literal relative path of a script, in a job whose only checkout is that of the repository itself, in its root, before any `cd`, where the folder of the script is in the repository and the script is not, and nothing earlier in the job names it.",
    remedy: "Mend the path, or commit the script.",
    example: "",
    better: "",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::Script(script)],
};

fn script<'a>(audit: &mut Audit<'a>, script: &Script<'a>) {
    for Called { path, span, .. } in called(audit, script) {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let missing = audit.surroundings().at(&path) == Presence::Absent;
        if missing && audit.surroundings().at(folder) == Presence::Folder {
            audit
                .report(span, format!("the repository has no file `{path}`"))
                .help("mend the path, or commit the script");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_in;

    #[test]
    fn what_is_there_or_may_come_to_be_is_not_reported() {
        check_in(
            &RULE,
            &[("ci/test.sh", "#!/bin/sh\n")],
            "
            steps:
              - uses: actions/checkout@v4
              - run: bash ci/release.sh --all
                #    ^^^^^^^^^^^^^^^^^^^^^^^^ the repository has no file `ci/release.sh`
              - run: |
                  ci/test.sh
                  ./target/tool.sh
                  cp a ci/made.sh
                  ci/made.sh
                  cd sub
                  ci/other.sh
            ",
        );
    }

    #[test]
    fn without_a_checkout_nothing_is_known() {
        check_in(&RULE, &[("ci/a.sh", "")], "steps:\n  - run: ci/b.sh\n");
    }
}
