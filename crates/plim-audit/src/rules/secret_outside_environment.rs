//! Secrets in jobs without an environment, whose rules would guard them.

use plim_diag::{Code, Severity};

use crate::{Audit, ExpressionAt, Hook, Rule, Tier, named};

pub(super) const RULE: Rule = Rule {
    code: Code("secret-outside-environment"),
    summary: "a job uses a secret and has no environment",
    why: "Any branch of the repository can use a secret of the repository. One of an environment is given only to jobs that its rules let through: from certain branches or tags, or after someone said yes.",
    criterion: "A secret other than `GITHUB_TOKEN` in a job without `environment`.",
    remedy: "Keep the secret in an environment, and name that in the job.",
    example: "steps:\n  - run: make publish\n    env:\n      TOKEN: ${{ secrets.TOKEN }}",
    better: "jobs:\n  publish:\n    runs-on: ubuntu-latest\n    environment: release\n    steps:\n      - run: make publish\n        env:\n          TOKEN: ${{ secrets.TOKEN }}",
    severity: Severity::Warning,
    tier: Tier::OptIn,
    hooks: &[Hook::Expression(check)],
};

fn check<'a>(audit: &mut Audit<'a>, at: ExpressionAt<'a>) {
    let bare = at.text.job.is_some_and(|job| job.environment.is_none() && job.machine().is_some());
    if !bare {
        return;
    }
    let mut nodes = at.expression.root().walk();
    let secret = nodes.find(|node| {
        let path = named::path(node);
        path.is_some_and(|path| path.starts_with("secrets.") && path != "secrets.github_token")
    });
    if let Some(secret) = secret {
        audit
            .report(at.place(&secret.span), "any branch of the repository can use this secret")
            .help("keep it in an environment, and name that in the job");
    }
}
