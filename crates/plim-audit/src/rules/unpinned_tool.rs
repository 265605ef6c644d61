//! Actions that install whatever version of a tool is the newest.

use plim_diag::{Code, Severity};

use crate::remote::{Remote, literal};
use crate::{Audit, Hook, Rule, Tier, UseAt};

pub(super) const RULE: Rule = Rule {
    code: Code("unpinned-tool"),
    summary: "an action installs the newest version of a tool, whatever that is",
    why: "A pinned action that installs `latest` is not pinned: the tool runs with the same token, and a run cannot be repeated.",
    criterion: "An action that installs a tool (`aquasecurity/setup-trivy`, `1password/load-secrets-action`, `goreleaser/goreleaser-action`, `astral-sh/setup-uv`, `oven-sh/setup-bun`, `golangci/golangci-lint-action`, `pnpm/action-setup`, `sigstore/cosign-installer`, `extractions/setup-just`, `jdx/mise-action`, `azure/setup-kubectl`, `azure/setup-helm`) whose `version` is `latest`, or missing for the first two.",
    remedy: "Name the version.",
    example: "steps:\n  - uses: goreleaser/goreleaser-action@v6\n    with:\n      version: latest",
    better: "steps:\n  - uses: goreleaser/goreleaser-action@v6\n    with:\n      version: v2.5.0",
    severity: Severity::Warning,
    tier: Tier::Pedantic,
    hooks: &[Hook::Use(check)],
};

/// Each action and its input, and whether the newest version comes without it.
const TOOLS: [(&str, &str, bool); 12] = [
    ("1password/load-secrets-action", "version", true),
    ("aquasecurity/setup-trivy", "version", true),
    ("astral-sh/setup-uv", "version", false),
    ("extractions/setup-just", "just-version", false),
    ("golangci/golangci-lint-action", "version", false),
    ("goreleaser/goreleaser-action", "version", false),
    ("jdx/mise-action", "version", false),
    ("oven-sh/setup-bun", "bun-version", false),
    ("pnpm/action-setup", "version", false),
    ("sigstore/cosign-installer", "cosign-release", false),
    ("azure/setup-kubectl", "version", false),
    ("azure/setup-helm", "version", false),
];

fn check<'a>(audit: &mut Audit<'a>, used: &UseAt<'a>) {
    let Some(remote) = Remote::of_uses(used.uses, audit.source()) else { return };
    let Some((_, key, always)) = TOOLS.iter().find(|(name, ..)| remote.is(name)) else { return };
    let newest = match literal(used.uses, key) {
        Some(version) => version == "latest",
        None => *always && used.given().is_some() && crate::remote::input(used.uses, key).is_none(),
    };
    if newest {
        audit
            .report(remote.span, "this installs whatever version is the newest")
            .help(format!("name the version under `{key}`"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn latest_is_no_version() {
        check(
            &RULE,
            "
            steps:
              - uses: aquasecurity/setup-trivy@v0.2.0
                #     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              - uses: oven-sh/setup-bun@v2
                #     ^^^^^^^^^^^^^^^^^^^^ this installs whatever version is the newest
                with: { bun-version: latest }
              - uses: oven-sh/setup-bun@v2
            ",
        );
    }
}
