//! A variable is read that the owner did not list.

use plim_diag::{Code, Severity};

use crate::{Audit, Hook, MistakeAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("undefined-variable"),
    summary: "a configuration variable is read that is not listed",
    why: "A variable that does not exist is empty, and no error.",
    criterion: "`vars.NAME` where `variables` in the `[check]` table of `plimsoll.toml` does not list `NAME`. Without a list nothing is reported.",
    remedy: "Correct the name, or add it to the list.",
    example: "",
    better: "",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Mistake(mistake)],
};

fn mistake<'a>(audit: &mut Audit<'a>, at: &MistakeAt<'a>) {
    let Some(missing) = at.missing().filter(|missing| missing.path == ["vars"]) else { return };
    let message = format!("the variable `{}` is not listed", missing.name);
    missing.report(
        audit,
        at.span(),
        message,
        "correct the name, or add it to `variables` in `plimsoll.toml`",
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;
    use crate::testing::{check, check_with};

    #[test]
    fn nothing_is_known_without_a_list() {
        check(&RULE, "steps:\n- run: echo ${{ vars.ANY }}");
    }

    #[test]
    fn what_is_not_listed_is_found() {
        let settings = Settings { variables: Some(vec!["NAME".to_owned()]), ..Settings::default() };
        check_with(
            &RULE,
            settings,
            "
            steps:
              - run: echo ${{ vars.name }} ${{ vars.NAEM }}
                #                                   ^^^^ the variable `NAEM` is not listed
            ",
        );
    }
}
