//! A workflow of someone else that gets every secret.

use plim_diag::{Code, Severity};
use plim_workflow::{CallSecrets, JobBody};

use crate::remote::Remote;
use crate::{Audit, Hook, JobAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("secrets-inherited"),
    summary: "a workflow of another repository is given every secret",
    why: "`secrets: inherit` hands over all secrets of the repository, its organization and its environment, also those that come later. Whoever can change the called workflow has them.",
    criterion: "`secrets: inherit` in a job that calls a workflow of another repository.",
    remedy: "Name the secrets that the workflow declares.",
    example: "jobs:\n  deploy:\n    uses: octo/ci/.github/workflows/deploy.yml@v1\n    secrets: inherit",
    better: "jobs:\n  deploy:\n    uses: octo/ci/.github/workflows/deploy.yml@v1\n    secrets:\n      token: ${{ secrets.DEPLOY_TOKEN }}",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Job(check)],
};

fn check<'a>(audit: &mut Audit<'a>, job: JobAt<'a>) {
    let JobBody::Call(call) = &job.job.body else { return };
    if matches!(call.secrets, CallSecrets::Inherit)
        && let Some(remote) = Remote::of_call(call, audit.source())
    {
        let message = format!("`{}` gets every secret", remote.name());
        audit.report(call.uses.span, message).help("name the secrets that it declares");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn only_to_other_repositories() {
        check(
            &RULE,
            "
            jobs:
              a:
                uses: octo/ci/.github/workflows/a.yml@v1
                #     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `octo/ci` gets every secret
                secrets: inherit
              b:
                uses: ./.github/workflows/b.yml
                secrets: inherit
            ",
        );
    }
}
