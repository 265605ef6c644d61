//! A workflow of the same repository that gets every secret.

use plim_diag::{Code, Severity};
use plim_workflow::{CallSecrets, JobBody};

use crate::{Audit, Hook, JobAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("secrets-inherited-locally"),
    summary: "a workflow of this repository is given every secret",
    why: "`secrets: inherit` hands over all secrets, also those that come later, to all jobs of the called workflow. What is needed is written nowhere, so that nobody notices when it is missing.",
    criterion: "`secrets: inherit` in a job that calls a workflow of the same repository.",
    remedy: "Declare the secrets in the called workflow, and name them where it is called.",
    example: "jobs:\n  deploy:\n    uses: ./.github/workflows/deploy.yml\n    secrets: inherit",
    better: "jobs:\n  deploy:\n    uses: ./.github/workflows/deploy.yml\n    secrets:\n      token: ${{ secrets.DEPLOY_TOKEN }}",
    severity: Severity::Warning,
    tier: Tier::Pedantic,
    hooks: &[Hook::Job(check)],
};

fn check<'a>(audit: &mut Audit<'a>, job: JobAt<'a>) {
    let JobBody::Call(call) = &job.job.body else { return };
    if matches!(call.secrets, CallSecrets::Inherit) && call.local_path().is_some() {
        audit
            .report(call.uses.span, "the called workflow gets every secret")
            .help("declare in it what it needs, and name that here");
    }
}
