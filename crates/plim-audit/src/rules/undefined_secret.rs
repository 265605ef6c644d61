//! A secret is read that a called workflow does not declare.

use plim_diag::{Code, Severity};

use crate::{Audit, Hook, MistakeAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("undefined-secret"),
    summary: "a secret is read that the called workflow does not declare",
    why: "A workflow that declares its secrets gets those and no others, unless its caller hands over all with `secrets: inherit`; the others are empty.",
    criterion: "`secrets.NAME` in a workflow that can only be called, and that declares secrets but not `NAME`. `GITHUB_TOKEN` is always there.",
    remedy: "Declare the secret under `on.workflow_call.secrets`.",
    example: "on:\n  workflow_call:\n    secrets:\n      TOKEN: {}\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n        env:\n          TOKEN: ${{ secrets.TOKNE }}",
    better: "on:\n  workflow_call:\n    secrets:\n      TOKEN: {}\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n        env:\n          TOKEN: ${{ secrets.TOKEN }}",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Mistake(mistake)],
};

fn mistake<'a>(audit: &mut Audit<'a>, at: &MistakeAt<'a>) {
    let Some(missing) = at.missing().filter(|missing| missing.path == ["secrets"]) else { return };
    let message = format!("the secret `{}` is not declared", missing.name);
    missing.report(audit, at.span(), message, "declare it under `on.workflow_call.secrets`");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn a_called_workflow_declares_its_secrets() {
        check(
            &RULE,
            "
            on: { workflow_call: { secrets: { TOKEN: {} } } }
            jobs:
              test:
                runs-on: ubuntu-latest
                env:
                  A: ${{ secrets.token }} ${{ secrets.GITHUB_TOKEN }} ${{ secrets.OTHER }}
                  #                                                               ^^^^^ the secret `OTHER` is not declared
                steps: [run: a]
            ",
        );
        check(
            &RULE,
            "
            on: { workflow_call: { secrets: { TOKEN: {} } }, push: }
            jobs:
              test:
                runs-on: ubuntu-latest
                env: { A: '${{ secrets.OTHER }}' }
                steps: [run: a]
            ",
        );
    }
}
