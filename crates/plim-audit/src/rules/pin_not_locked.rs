//! Uses of other repositories that the lock does not know.

use plim_diag::{Code, Severity};
use plim_workflow::JobBody;

use crate::pins::PinAt;
use crate::{Audit, Hook, JobAt, Rule, Tier, UseAt};

pub(super) const RULE: Rule = Rule {
    code: Code("pin-not-locked"),
    summary: "`plimsoll.lock` does not know an action that is used",
    why: "Whether a commit is the version that its comment names can be told without a network only of what the lock knows.",
    criterion: "A `uses` of another repository of whose commit or tag `plimsoll.lock` has no line. Without a lock nothing is reported. `plim pin --check` applies this rule.",
    remedy: "Run `plim pin`, which asks the repository once and writes the line.",
    example: "",
    better: "",
    severity: Severity::Warning,
    tier: Tier::OptIn,
    hooks: &[Hook::Use(used), Hook::Job(job)],
};

fn used<'a>(audit: &mut Audit<'a>, used: &UseAt<'a>) {
    report(audit, PinAt::of_uses(used.uses, audit.source()));
}

fn job<'a>(audit: &mut Audit<'a>, job: JobAt<'a>) {
    if let JobBody::Call(call) = &job.job.body {
        report(audit, PinAt::of_call(call, audit.source()));
    }
}

fn report<'a>(audit: &mut Audit<'a>, pin: Option<PinAt<'a>>) {
    let (Some(lock), Some(pin)) = (&audit.surroundings().settings().lock, pin) else { return };
    let known = match pin.is_commit() {
        true => lock.origin(&pin).is_some(),
        false => lock.action(&pin.repository, pin.reference).is_some(),
    };
    if !known {
        let message = format!("the lock does not know `{}@{}`", pin.repository, pin.reference);
        audit.report(pin.span, message).help("run `plim pin`");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_with, locked};

    #[test]
    fn every_use_has_its_line() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        check_with(
            &RULE,
            locked(&[("a/b", "v4", commit, None)], &[]),
            "
            steps:
              - uses: a/b@v4
              - uses: a/b@0123456789abcdef0123456789abcdef01234567
              - uses: ./local
              - uses: a/c@v4
                #     ^^^^^^ the lock does not know `a/c@v4`
            ",
        );
        check(&RULE, "steps:\n  - uses: a/c@v4\n");
    }
}
