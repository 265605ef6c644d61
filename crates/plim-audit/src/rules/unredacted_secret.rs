//! Parts of a secret, which the log does not hide.

use plim_diag::{Code, Severity};
use plim_expression::NodeKind;

use crate::{Audit, ExpressionAt, Hook, Rule, Tier, named};

pub(super) const RULE: Rule = Rule {
    code: Code("unredacted-secret"),
    summary: "a part of a secret is read, and the log does not hide parts",
    why: "The runner blanks the whole text of each secret in the log. A value that `fromJSON` takes out of it is another text, which is printed as it is.",
    criterion: "`fromJSON` of a secret.",
    remedy: "Make each part a secret of its own.",
    example: "steps:\n  - run: login\n    env:\n      USER: ${{ fromJSON(secrets.ACCOUNT).user }}",
    better: "steps:\n  - run: login\n    env:\n      USER: ${{ secrets.ACCOUNT_USER }}",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Expression(check)],
};

fn check<'a>(audit: &mut Audit<'a>, at: ExpressionAt<'a>) {
    for node in at.expression.root().walk() {
        let NodeKind::Call { function, arguments, .. } = &node.kind else { continue };
        let of_secret =
            |path: &String| path.starts_with("secrets.") && path != "secrets.github_token";
        let read = arguments.first().and_then(named::path).filter(of_secret);
        if function.name().eq_ignore_ascii_case("fromJSON") && read.is_some() {
            audit
                .report(at.place(&node.span), "the log does not hide parts of this secret")
                .help("make each part a secret of its own");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn only_secrets_are_hidden() {
        check(
            &RULE,
            "
            steps:
              - run: a
                env:
                  A: ${{ fromJSON(secrets.ACCOUNT).user }}
                  #      ^^^^^^^^^^^^^^^^^^^^^^^^^ the log does not hide parts of this secret
                  B: ${{ fromJSON(vars.ACCOUNT).user }}
            ",
        );
    }
}
