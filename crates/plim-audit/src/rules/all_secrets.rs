//! All secrets at once, where a few would do.

use plim_diag::{Code, Severity};
use plim_expression::{NodeKind, Value};

use crate::{Audit, ExpressionAt, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("all-secrets"),
    summary: "a step is given all secrets of the repository",
    why: "GitHub hands a job the secrets that its text names. Where the text names all of them, one defect in one step gives away every secret of the repository and its organization.",
    criterion: "`secrets` as a whole, as in `toJSON(secrets)`, and `secrets[…]` whose index is computed.",
    remedy: "Name the secrets that are needed.",
    example: "steps:\n  - run: deploy\n    env:\n      ALL: ${{ toJSON(secrets) }}",
    better: "steps:\n  - run: deploy\n    env:\n      TOKEN: ${{ secrets.DEPLOY_TOKEN }}",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Expression(check)],
};

fn check<'a>(audit: &mut Audit<'a>, at: ExpressionAt<'a>) {
    let is_secrets = |node: &plim_expression::Node| matches!(&node.kind, NodeKind::NamedValue(name) if &**name == "secrets");
    let named = at.expression.root().walk().filter(|node| match &node.kind {
        NodeKind::Dereference { object, .. } => is_secrets(object),
        NodeKind::Index { object, index } => {
            is_secrets(object) && matches!(index.kind, NodeKind::Literal(Value::String(_)))
        }
        _ => false,
    });
    let all = at.expression.root().walk().filter(|node| is_secrets(node));
    let (named, mut all) = (named.count(), all.collect::<Vec<_>>());
    if all.len() > named
        && let Some(first) = all.pop()
    {
        audit
            .report(at.place(&first.span), "this needs all secrets of the repository")
            .help("name the secrets that are needed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn secrets_as_a_whole_and_by_a_computed_name() {
        check(
            &RULE,
            "
            steps:
              - run: a
                env:
                  A: ${{ toJSON(secrets) }}
                  #             ^^^^^^^ this needs all secrets of the repository
                  B: ${{ secrets[format('{0}_TOKEN', github.ref_name)] }}
                  #      ^^^^^^^
                  C: ${{ secrets.C }}${{ secrets['D'] }}
            ",
        );
    }
}
