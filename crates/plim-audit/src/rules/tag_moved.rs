//! A tag that is moved to another commit.

use plim_diag::{Code, Severity};
use plim_workflow::script::Word;

use crate::deeds::place;
use crate::{Audit, Hook, Rule, Script, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("tag-moved"),
    summary: "a tag is moved to another commit",
    why: "Whoever built, pinned or audited the tag has something else than what it names now. Clones keep the old one without a word, caches and mirrors serve either, and what was signed no longer matches.",
    criterion: "`git tag` with `-f` or `--force`, and `git push` with `-f` or `--force` of a tag. Tags that are meant to move are not reported: `v1`, `latest`, `nightly` and their like, and variables and expressions named after a major version.",
    remedy: "Make a new version. Let only tags of a major version, or one that is called `nightly`, move.",
    example: "steps:\n  - run: git tag -f \"v$VERSION\"",
    better: "steps:\n  - run: git tag \"v$VERSION\"",
    severity: Severity::Warning,
    tier: Tier::Pedantic,
    hooks: &[Hook::Script(script)],
};

fn script<'a>(audit: &mut Audit<'a>, script: &Script<'a>) {
    for command in &script.reading().commands {
        let [git, words @ ..] = command.call() else { continue };
        if git.text == "git" && moves_a_tag(words) && !is_meant_to(words) {
            let span = place(script, command);
            // Expressions are blank in what was read.
            let written = span.text(audit.source()).unwrap_or("").to_ascii_lowercase();
            if written.contains("major") || written.contains("main_version") {
                continue;
            }
            audit
                .report(span, "a tag is moved to another commit")
                .help("make a new version instead");
        }
    }
}

fn moves_a_tag(words: &[Word]) -> bool {
    let says = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.text.as_str()));
    let mut names = words.iter().filter(|word| !word.text.starts_with('-'));
    let forced = says(&["-f", "--force", "-fa", "-af"]);
    match names.next().map(|word| word.text.as_str()) {
        Some("tag") => forced,
        Some("push") => {
            forced
                && (says(&["--tags"]) || words.iter().any(|word| word.text.contains("refs/tags/")))
        }
        _ => false,
    }
}

fn is_meant_to(words: &[Word]) -> bool {
    const MOVING: [&str; 9] =
        ["latest", "nightly", "edge", "canary", "stable", "major", "minor", "preview", "dev"];
    words.iter().skip(1).any(|word| {
        let name = word.text.to_ascii_lowercase();
        let last = name.rsplit('/').next().unwrap_or("");
        let digits = last.strip_prefix('v').unwrap_or("").split('.').count() <= 2
            && last
                .strip_prefix('v')
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        digits || MOVING.iter().any(|part| name.contains(part))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn a_tag_that_is_meant_to_move_may() {
        check(
            &RULE,
            "
            steps:
              - run: git tag -fa v2 -m v2 && git push origin v2 --force
              - run: git tag -f nightly
              - run: git tag -f ${{ inputs.major_version }} ${{ inputs.target }}
              - run: git tag -f \"$INPUT_MAIN_VERSION\"
              - run: git push -f origin main
              - run: git tag --force \"$TAG\"
                #    ^^^^^^^^^^^^^^^^^^^^^^ a tag is moved to another commit
              - run: git push --force origin refs/tags/$TAG
                #    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            ",
        );
    }
}
