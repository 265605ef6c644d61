//! A call that the token of the job is not allowed to make.

use plim_diag::{Code, Severity};
use plim_workflow::{Access, Forge, Permissions, Workflow};

use super::token_starts_nothing::has_only_own_token;
use crate::deeds::{Act, Deed};
use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("token-cannot"),
    summary: "a step needs what the `permissions` of its job do not give",
    why: "The call ends with 403 when it is reached: after the build, after the tests, sometimes after the first registry. A workflow that runs once for each release shows it at the release.",
    criterion: "A job whose `permissions`, its own or else those of the workflow, are written out, that is handed no other token, and that creates, shows or fills a release without `contents: write`, attests without `attestations: write` and `id-token: write`, sets a commit status without `statuses: write`, starts a workflow without `actions: write`, or deploys pages without `pages: write` and `id-token: write`. Commands that name another repository are not judged.",
    remedy: "Give the job, and only it, the scope that is named.",
    example: "jobs:\n  release:\n    permissions:\n      contents: read\n    runs-on: ubuntu-latest\n    steps:\n      - run: gh release create v1\n        env: { GH_TOKEN: '${{ github.token }}' }",
    better: "jobs:\n  release:\n    permissions:\n      contents: write\n    runs-on: ubuntu-latest\n    steps:\n      - run: gh release create v1\n        env: { GH_TOKEN: '${{ github.token }}' }",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    if workflow.forge != Forge::GitHub {
        return;
    }
    let deeds = audit.deeds();
    for job in &deeds.jobs {
        if job.deeds.is_empty() {
            continue;
        }
        let written = job.job.job.permissions.as_ref().or(workflow.permissions.as_ref());
        let Some(permissions) = written.filter(|_| has_only_own_token(audit.source(), job)) else {
            continue;
        };
        let mut told = Vec::new();
        for deed in job.deeds.iter().filter(|deed| is_of_this_repository(deed)) {
            let missing = missing(deed, permissions);
            if missing.is_empty() || told.contains(&missing) {
                continue;
            }
            audit
                .report(
                    deed.span,
                    format!("{}, for which `{}` is missing", deed.shown(), missing.join(", ")),
                )
                .related(permissions.span(), "these are all that the token may do")
                .help(format!("give the job `{}`", missing.join(", ")));
            told.push(missing);
        }
    }
}

/// The scopes that the deed needs and the token does not have.
fn missing(deed: &Deed<'_>, permissions: &Permissions) -> Vec<String> {
    let needed: &[&str] = match deed.act {
        Act::Release | Act::Draft | Act::Upload if by_release_tool(&deed.said) => &["contents"],
        Act::Attest if deed.said.starts_with("actions/attest") => &["attestations", "id-token"],
        Act::SetStatus => &["statuses"],
        Act::Dispatch if deed.said.starts_with("gh workflow run") => &["actions"],
        Act::Pages if deed.said == "actions/deploy-pages" => &["pages", "id-token"],
        _ => &[],
    };
    let lacking = needed.iter().filter(|scope| permissions.access(scope) != Access::Write);
    lacking.map(|scope| format!("{scope}: write")).collect()
}

fn by_release_tool(said: &str) -> bool {
    said.starts_with("gh release") || said == "softprops/action-gh-release"
}

/// Whether nothing says that it is done to another repository, or with another address.
fn is_of_this_repository(deed: &Deed<'_>) -> bool {
    let words = deed.command.as_ref().map(|command| command.command().call()).unwrap_or_default();
    let elsewhere = |text: &str| {
        text == "-R"
            || text.starts_with("--repo")
            || text.starts_with("-R=")
            || text.contains("GH_REPO")
    };
    let named = words.iter().any(|word| elsewhere(&word.text));
    let step = deed.step.map(|step| &step.step.body);
    let other = match step {
        Some(plim_workflow::StepBody::Uses(uses)) => {
            crate::remote::input(uses, "repository").is_some()
        }
        Some(plim_workflow::StepBody::Run(_)) => deed.command.is_none(),
        _ => true,
    };
    !named && !other
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn the_scopes_of_the_job_come_before_those_of_the_workflow() {
        check(
            &RULE,
            "
            on: push
            permissions: { contents: write }
            jobs:
              release:
                runs-on: ubuntu-latest
                steps: [uses: softprops/action-gh-release@v2]
              attest:
                permissions: { attestations: write }
                runs-on: ubuntu-latest
                steps:
                  - uses: actions/attest-build-provenance@v3
                    #     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `actions/attest-build-provenance` attests, for which `id-token: write` is missing
              own:
                permissions: {}
                runs-on: ubuntu-latest
                steps: [{ run: gh release create v1, env: { GH_TOKEN: '${{ secrets.PAT }}' } }]
              other:
                permissions: {}
                runs-on: ubuntu-latest
                steps: [run: gh release create v1 --repo a/b]
            ",
        );
    }

    #[test]
    fn without_permissions_nothing_is_known() {
        check(&RULE, "steps:\n  - run: gh release create v1\n");
    }
}
