//! Commands in the log that GitHub has taken away: `::set-output` and its kin.

use plim_diag::{Code, Severity, Span};

use crate::{Audit, Hook, Rule, Script, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("deprecated-command"),
    summary: "a script speaks to the runner in a way that is going away",
    why: "`::set-output` and `::save-state` are deprecated since 2022 and warn on each run; `::set-env` and `::add-path` are refused since 2020, because whatever is printed to a log could change the environment of later steps.",
    criterion: "`::set-output name=`, `::save-state name=`, `::set-env name=` and `::add-path::` in the body of a `run`.",
    remedy: "Append to the file that `GITHUB_OUTPUT`, `GITHUB_STATE`, `GITHUB_ENV` or `GITHUB_PATH` names.",
    example: "steps:\n  - id: version\n    run: echo \"::set-output name=version::1.2\"",
    better: "steps:\n  - id: version\n    run: echo \"version=1.2\" >> \"$GITHUB_OUTPUT\"",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Script(script)],
};

/// Each command as it begins, and the file that took its place.
const COMMANDS: [(&str, &str); 4] = [
    ("::set-output name=", "GITHUB_OUTPUT"),
    ("::save-state name=", "GITHUB_STATE"),
    ("::set-env name=", "GITHUB_ENV"),
    ("::add-path::", "GITHUB_PATH"),
];

fn script<'a>(audit: &mut Audit<'a>, script: &Script<'a>) {
    if !script.text.contains("::") {
        return;
    }
    for (command, file) in COMMANDS {
        for (at, _) in script.text.match_indices(command) {
            let word = command.trim_end_matches(" name=");
            let start = u32::try_from(at).unwrap_or(0);
            let part = Span::new(start, start + u32::try_from(word.len()).unwrap_or(0));
            let name = word.trim_matches(':');
            audit
                .report(script.place(part), format!("the command `{name}` is deprecated"))
                .help(format!("append to the file `${file}`"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn each_is_found_at_its_line() {
        check(
            &RULE,
            "
            steps:
              - run: |
                  make
                  echo '::set-output name=a::${{ github.sha }}'
                  #     ^^^^^^^^^^^^ the command `set-output` is deprecated
                  echo ${{ github.ref }} ::add-path::/opt
                  #                      ^^^^^^^^^^^^ the command `add-path` is deprecated
                  echo '::notice::set-output is gone'
            ",
        );
    }
}
