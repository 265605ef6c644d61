//! A job with secrets that may send them anywhere.

use plim_diag::{Code, Severity};

use crate::remote::Remote;
use crate::{Audit, Hook, JobAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("no-egress-guard"),
    summary: "a job with secrets may send them to any address",
    why: "What steals secrets has to send them somewhere. A guard that knows where a job may connect stops it, or at least tells.",
    criterion: "A job on a hosted machine that names a secret other than `GITHUB_TOKEN`, or has `id-token: write`, without a step of an action that watches or limits outgoing connections (`step-security/harden-runner`, `bullfrogsec/bullfrog`, `gmfrasca/cimon-action`, `cycodelabs/cimon-action`).",
    remedy: "Begin the job with such an action, and list the addresses it needs.",
    example: "jobs:\n  publish:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm publish\n        env: { NODE_AUTH_TOKEN: '${{ secrets.NPM_TOKEN }}' }",
    better: "jobs:\n  publish:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: step-security/harden-runner@v2\n        with: { egress-policy: block, allowed-endpoints: 'registry.npmjs.org:443' }\n      - run: npm publish\n        env: { NODE_AUTH_TOKEN: '${{ secrets.NPM_TOKEN }}' }",
    severity: Severity::Note,
    tier: Tier::OptIn,
    hooks: &[Hook::Job(job)],
};

const GUARDS: [&str; 4] = [
    "step-security/harden-runner",
    "bullfrogsec/bullfrog",
    "gmfrasca/cimon-action",
    "cycodelabs/cimon-action",
];

fn job<'a>(audit: &mut Audit<'a>, job: JobAt<'a>) {
    let Some(machine) = job.machine() else { return };
    let text = job.job.span.text(audit.source()).unwrap_or("");
    let mut secrets = text.match_indices("secrets.").map(|(at, found)| &text[at + found.len()..]);
    let written = job.job.permissions.as_ref().or(job.workflow.permissions.as_ref());
    let identity =
        written.is_some_and(|scopes| scopes.access("id-token") == plim_workflow::Access::Write);
    let valuable = identity || secrets.any(|name| !name.starts_with("GITHUB_TOKEN"));
    let guarded = machine.steps.iter().any(|step| {
        let remote = Remote::of_step(step, audit.source());
        remote.is_some_and(|remote| GUARDS.iter().any(|guard| remote.is(guard)))
    });
    let own = machine.runs_on.span.text(audit.source()).unwrap_or("").contains("self-hosted");
    if valuable && !guarded && !own {
        audit
            .report(
                job.job.id.span,
                format!("the job `{}` may send its secrets to any address", job.job.id.value),
            )
            .help("begin with an action that limits outgoing connections");
    }
}
