//! Publishing with a token that is stored, where the registry would trust the workflow itself.

use plim_diag::{Code, Severity};
use plim_workflow::Entries;

use crate::remote::{Remote, input};
use crate::{Audit, Hook, Rule, Script, Tier, UseAt};

pub(super) const RULE: Rule = Rule {
    code: Code("trusted-publishing"),
    summary: "a package is published with a stored token, and the registry would do without",
    why: "A stored token works for everyone who gets it, from everywhere and for years. PyPI, crates.io, npm and RubyGems trust a workflow that proves who it is, with a token that lives for minutes.",
    criterion: "`pypa/gh-action-pypi-publish` with `password` and without `repository-url`; `cargo publish`, `npm publish` or `gem push` in a step with `CARGO_REGISTRY_TOKEN`, `NODE_AUTH_TOKEN` or `GEM_HOST_API_KEY` from a secret other than `GITHUB_TOKEN`, which is for GitHub Packages.",
    remedy: "Register the workflow with the registry, allow `id-token: write`, and remove the secret.",
    example: "steps:\n  - uses: pypa/gh-action-pypi-publish@v1.13.0\n    with:\n      password: ${{ secrets.PYPI_TOKEN }}",
    better: "steps:\n  - uses: pypa/gh-action-pypi-publish@v1.13.0",
    severity: Severity::Note,
    tier: Tier::Pedantic,
    hooks: &[Hook::Use(used), Hook::Script(script)],
};

const COMMANDS: [(&str, &str); 3] = [
    ("cargo publish", "CARGO_REGISTRY_TOKEN"),
    ("npm publish", "NODE_AUTH_TOKEN"),
    ("gem push", "GEM_HOST_API_KEY"),
];

fn used<'a>(audit: &mut Audit<'a>, used: &UseAt<'a>) {
    let remote = Remote::of_uses(used.uses, audit.source());
    let elsewhere = ["repository-url", "repository_url"];
    if remote.is_some_and(|remote| remote.is("pypa/gh-action-pypi-publish"))
        && !elsewhere.iter().any(|name| input(used.uses, name).is_some())
        && let Some(password) = input(used.uses, "password")
    {
        audit
            .report(password.span, "PyPI would trust this workflow without a stored token")
            .help("register it as a trusted publisher, allow `id-token: write`, and remove this");
    }
}

fn script<'a>(audit: &mut Audit<'a>, script: &Script<'a>) {
    let env = script.step.step.env.as_ref().map(Entries::written).unwrap_or_default();
    for (command, variable) in COMMANDS {
        let token = env.iter().find(|(name, value)| {
            let value = value.template.source();
            // The token of the run itself is for GitHub Packages, and not stored.
            &*name.value == variable
                && value.contains("secrets.")
                && !value.contains("secrets.GITHUB_TOKEN")
        });
        if let Some((name, _)) = token.filter(|_| script.text.contains(command)) {
            audit
                .report(name.span, "the registry would trust this workflow without a stored token")
                .help(
                    "register it as a trusted publisher, allow `id-token: write`, and remove this",
                );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn only_the_registries_that_can() {
        check(
            &RULE,
            "
            steps:
              - run: cargo publish
                env:
                  CARGO_REGISTRY_TOKEN: ${{ secrets.TOKEN }}
            #     ^^^^^^^^^^^^^^^^^^^^ the registry would trust this workflow without a stored token
              - run: npm publish
                env:
                  NODE_AUTH_TOKEN: ${{ secrets.GITHUB_TOKEN }}
              - uses: pypa/gh-action-pypi-publish@v1
                with: { password: '${{ secrets.T }}', repository-url: 'https://example.com' }
            ",
        );
    }
}
