//! Tokens of a GitHub App that may do all that the app may.

use plim_diag::{Code, Severity};

use crate::remote::{Remote, input};
use crate::{Audit, Hook, Rule, Tier, UseAt};

pub(super) const RULE: Rule = Rule {
    code: Code("wide-app-token"),
    summary: "a token of a GitHub App may do more than the job needs",
    why: "Without a limit the token may do all that the app may, in the repositories of the whole installation where an owner is named, and longer than the job where it is not revoked.",
    criterion: "`actions/create-github-app-token` without any `permission-…`, with `owner` and without `repositories`, or with `skip-token-revoke: true`; `tibdex/github-app-token` without `permissions`. Inputs that are computed as a whole are not judged.",
    remedy: "Name the permissions and the repositories that are needed.",
    example: "steps:\n  - uses: actions/create-github-app-token@v2\n    with:\n      app-id: ${{ vars.APP }}\n      private-key: ${{ secrets.KEY }}",
    better: "steps:\n  - uses: actions/create-github-app-token@v2\n    with:\n      app-id: ${{ vars.APP }}\n      private-key: ${{ secrets.KEY }}\n      permission-contents: read",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Use(check)],
};

fn check<'a>(audit: &mut Audit<'a>, used: &UseAt<'a>) {
    let Some(remote) = Remote::of_uses(used.uses, audit.source()) else { return };
    let Some(given) = used.given() else { return };
    let has = |name: &str| input(used.uses, name).is_some();
    let mut faults = Vec::new();
    if remote.is("actions/create-github-app-token") {
        if !given.iter().any(|(name, _)| name.value.starts_with("permission-")) {
            faults.push((
                "the token may do all that the app may",
                "name what is needed, as in `permission-contents: read`",
            ));
        }
        if has("owner") && !has("repositories") {
            faults.push((
                "the token is good for every repository of the installation",
                "name them under `repositories`",
            ));
        }
        let skip =
            input(used.uses, "skip-token-revoke").and_then(|text| text.template.is_literal());
        if skip == Some("true") {
            faults.push(("the token outlives the job", "remove `skip-token-revoke`"));
        }
    } else if remote.is("tibdex/github-app-token") && !has("permissions") {
        faults.push((
            "the token may do all that the app may",
            "name what is needed under `permissions`",
        ));
    }
    for (message, help) in faults {
        audit.report(remote.span, message).help(help);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, findings_of};

    #[test]
    fn permissions_repositories_and_revocation() {
        check(
            &RULE,
            "
            steps:
              - uses: actions/create-github-app-token@v2
                #     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the token is good for every repository of the installation
                with: { owner: octo, permission-issues: read }
              - uses: actions/create-github-app-token@v2
                with: { owner: octo, repositories: a, permission-issues: read }
              - uses: tibdex/github-app-token@v2
                #     ^^^^^^^^^^^^^^^^^^^^^^^^^^ the token may do all that the app may
            ",
        );
        let two = "steps:\n- uses: actions/create-github-app-token@v2\n  with: { skip-token-revoke: true }";
        assert_eq!(findings_of(&RULE, two).len(), 2);
    }
}
