//! Actions that do what the machine can do already.

use plim_diag::{Code, Severity};

use crate::remote::Remote;
use crate::{Audit, Hook, Rule, Tier, UseAt};

pub(super) const RULE: Rule = Rule {
    code: Code("superfluous-action"),
    summary: "an action does what a program of the machine does in one line",
    why: "Each action of someone else is code that runs with the token of the job and has to be kept up to date. GitHub's machines have `gh`, `git`, `jq`, `docker` and `rustup`.",
    criterion: "A `uses` of an action in a list of thirteen that wrap one command of these programs.",
    remedy: "Use the command in a script.",
    example: "steps:\n  - uses: sergeysova/jq-action@v2",
    better: "steps:\n  - run: jq -r .version package.json",
    severity: Severity::Note,
    tier: Tier::Pedantic,
    hooks: &[Hook::Use(check)],
};

const WRAPPERS: [(&str, &str); 13] = [
    ("actions-ecosystem/action-add-labels", "gh issue edit --add-label"),
    ("actions-ecosystem/action-remove-labels", "gh issue edit --remove-label"),
    ("addnab/docker-run-action", "docker run"),
    ("dacbd/create-issue-action", "gh issue create"),
    ("dtolnay/rust-toolchain", "rustup toolchain install"),
    ("endbug/add-and-commit", "git commit"),
    ("ncipollo/release-action", "gh release create"),
    ("peter-evans/create-or-update-comment", "gh issue comment"),
    ("peter-evans/create-pull-request", "gh pr create"),
    ("sergeysova/jq-action", "jq"),
    ("softprops/action-gh-release", "gh release create"),
    ("stefanzweifel/git-auto-commit-action", "git commit"),
    ("svenstaro/upload-release-action", "gh release upload"),
];

fn check<'a>(audit: &mut Audit<'a>, used: &UseAt<'a>) {
    let Some(remote) = Remote::of_uses(used.uses, audit.source()) else { return };
    if let Some((_, command)) = WRAPPERS.iter().find(|(name, _)| remote.is(name)) {
        audit
            .report(remote.span, format!("`{command}` in a script does this, too"))
            .help("use the command, and there is one action less to trust");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn only_those_of_the_list() {
        check(
            &RULE,
            "
            steps:
              - uses: softprops/action-gh-release@v2
                #     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `gh release create` in a script does this, too
              - uses: actions/checkout@v4
            ",
        );
    }
}
