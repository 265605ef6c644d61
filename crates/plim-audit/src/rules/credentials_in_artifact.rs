//! Artifacts of the workspace that hold the token of the checkout.

use plim_diag::{Code, Severity};
use plim_workflow::{Step, StepBody, Uses};

use super::persisted_credentials::{fix, keeps_credentials};
use crate::remote::{Remote, input, literal};
use crate::{Audit, Hook, Rule, Tier, UseAt, known_use};

pub(super) const RULE: Rule = Rule {
    code: Code("credentials-in-artifact"),
    summary: "an artifact holds the token of the checkout",
    why: "`actions/checkout` before v6 writes the token into `.git/config`. Whoever downloads the artifact while the job still runs may push with it.",
    criterion: "A checkout before v6 without `persist-credentials: false`, followed in the same job by `actions/upload-artifact` of the workspace itself (`.`, `./`, `*`, `**`, `${{ github.workspace }}`, or `.git`) that takes hidden files: before v4.4, or with `include-hidden-files: true`.",
    remedy: "Set `persist-credentials: false`, or upload only what is needed.",
    example: "steps:\n  - uses: actions/checkout@v4\n  - uses: actions/upload-artifact@v4\n    with:\n      path: .\n      include-hidden-files: true",
    better: "steps:\n  - uses: actions/checkout@v4\n    with:\n      persist-credentials: false\n  - uses: actions/upload-artifact@v4\n    with:\n      path: .\n      include-hidden-files: true",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::Use(check)],
};

fn check<'a>(audit: &mut Audit<'a>, used: &UseAt<'a>) {
    let source = audit.source();
    let before_v6 =
        known_use(used.uses, source).and_then(|known| known.major).is_some_and(|v| v < 6);
    if !before_v6 || !keeps_credentials(audit, used) {
        return;
    }
    let mut later = used.step.later().iter();
    let Some(upload) = later.find_map(|step| upload_of_all(step, source)) else { return };
    let edits = fix(audit, used);
    let finding =
        audit.report(used.uses.action.span, "the token of this checkout gets into an artifact");
    finding.related(upload.span, "here");
    finding.help("set `persist-credentials: false`, or upload only what is needed");
    if let Some(edits) = edits {
        finding.unsafe_fix("do not keep the token", edits);
    }
}

fn upload_of_all<'a>(step: &'a Step, source: &'a str) -> Option<Remote<'a>> {
    let StepBody::Uses(uses) = &step.body else { return None };
    let remote = Remote::of_uses(uses, source).filter(|it| it.is("actions/upload-artifact"))?;
    let path = input(uses, "path")?.template.source();
    let all = [".", "./", "*", "**", "./*", "./**", "${{ github.workspace }}", ".git", "./.git"];
    let takes_all = path
        .lines()
        .any(|line| all.contains(&line.trim().trim_end_matches('/')) || line.trim() == "./");
    (takes_all && takes_hidden(uses, &remote)).then_some(remote)
}

fn takes_hidden(uses: &Uses, remote: &Remote<'_>) -> bool {
    if literal(uses, "include-hidden-files") == Some("true") {
        return true;
    }
    let version = remote.version_comment().unwrap_or(remote.reference);
    let mut numbers = version.trim_start_matches('v').split('.').map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) < (4, 4),
        (Some(Ok(major)), _) => major < 4,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn hidden_files_hold_the_token() {
        check(
            &RULE,
            "
            steps:
              - uses: actions/checkout@v4
                #     ^^^^^^^^^^^^^^^^^^^ the token of this checkout gets into an artifact
              - uses: actions/upload-artifact@v3
                with: { path: ./ }
            ",
        );
        check(
            &RULE,
            "
            steps:
              - uses: actions/checkout@v4
              - uses: actions/upload-artifact@v4
                with: { path: . }
              - uses: actions/upload-artifact@v4
                with: { path: out, include-hidden-files: true }
            ",
        );
    }
}
