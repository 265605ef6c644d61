//! Patterns of filters that nothing can fit.

use plim_diag::{Code, Severity};
use plim_workflow::{Filter, Name, Trigger, Workflow};

use crate::{Audit, Edit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("pattern-without-match"),
    summary: "a filter has a pattern that no name can fit",
    why: "GitHub compares patterns with names as git has them: branches and tags without `refs/heads/`, paths from the root of the repository without `./`. A pattern written otherwise never fits, so that the workflow does not run, or runs for what it should pass over.",
    criterion: "A path that begins with `/`, `./` or `../`; a branch or tag that begins with `refs/` or holds what git allows in none (blanks, `~`, `^`, `:`, `..`, an end in `/`); blanks around a pattern.",
    remedy: "Write the name as git has it.",
    example: "on:\n  push:\n    branches: [refs/heads/main]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    better: "on:\n  push:\n    branches: [main]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    for trigger in &workflow.triggers {
        each(audit, trigger);
    }
}

fn each(audit: &mut Audit<'_>, trigger: &Trigger) {
    for pattern in patterns(trigger.paths.as_ref()) {
        path(audit, pattern);
    }
    for (filter, head) in [(&trigger.branches, "refs/heads/"), (&trigger.tags, "refs/tags/")] {
        for pattern in patterns(filter.as_ref()) {
            reference(audit, pattern, head);
        }
    }
}

fn patterns(filter: Option<&Filter>) -> &[Name] {
    filter.map_or(&[], |filter| &filter.patterns)
}

fn path(audit: &mut Audit<'_>, pattern: &Name) {
    let text = pattern.value.strip_prefix('!').unwrap_or(&pattern.value);
    if text.trim() != text {
        audit.report(pattern.span, "no path has blanks around it").help("remove the blanks");
        return;
    }
    let Some(head) = ["./", "../", "/"].into_iter().find(|head| text.starts_with(head)) else {
        return;
    };
    let finding = audit.report(pattern.span, format!("no path begins with `{head}`"));
    finding.help("write the path from the root of the repository");
    if head != "../" {
        instead(finding, pattern, head);
    }
}

fn reference(audit: &mut Audit<'_>, pattern: &Name, head: &str) {
    let text = pattern.value.strip_prefix('!').unwrap_or(&pattern.value);
    if text.starts_with(head) {
        let finding = audit.report(pattern.span, format!("names are compared without `{head}`"));
        finding.help(format!("remove `{head}`"));
        instead(finding, pattern, head);
        return;
    }
    let never =
        [" ", "~", "^", ":", "..", "\t"].into_iter().find(|part| outside_of_sets(text, part));
    if let Some(part) = never {
        let message = format!("git allows no name with `{part}`");
        audit.report(pattern.span, message).help("write the name as git has it");
    } else if text.ends_with('/') {
        let message = "git allows no name that ends in `/`";
        audit.report(pattern.span, message).help("add `**` for all names below it");
    }
}

/// Whether `part` stands in a pattern where it must be in the name: not in a `[^…]`.
fn outside_of_sets(pattern: &str, part: &str) -> bool {
    let mut rest = pattern;
    loop {
        let end = rest.find('[').unwrap_or(rest.len());
        if rest[..end].contains(part) {
            return true;
        }
        match rest[end..].find(']') {
            Some(close) => rest = &rest[end + close + 1..],
            None => return false,
        }
    }
}

/// The same pattern without `head`, where the file has it in plain letters.
fn instead(finding: &mut crate::Finding, pattern: &Name, head: &str) {
    let negated = u32::from(pattern.value.starts_with('!'));
    let length = u32::try_from(head.len()).unwrap_or(0);
    let plain = usize::try_from(pattern.span.len()).is_ok_and(|len| len == pattern.value.len());
    let quoted =
        usize::try_from(pattern.span.len()).is_ok_and(|len| len == pattern.value.len() + 2);
    if plain || quoted {
        let start = pattern.span.start + u32::from(quoted) + negated;
        let span = plim_diag::Span::new(start, start + length);
        finding.unsafe_fix(format!("remove `{head}`"), vec![Edit::remove(span)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_fix};

    #[test]
    fn names_as_git_has_them() {
        check(
            &RULE,
            "
            on:
              push:
                branches: [main, refs/heads/main, 'release/', '[^a]*', 'a b']
                #                ^^^^^^^^^^^^^^^ names are compared without `refs/heads/`
                #                                 ^^^^^^^^^^ git allows no name that ends in `/`
                #                                                      ^^^^^ git allows no name with ` `
                tags: [v*, refs/tags/v1]
                #          ^^^^^^^^^^^^
                paths: [src/**, ./docs/**, '!/x']
                #               ^^^^^^^^^ no path begins with `./`
                #                          ^^^^^ no path begins with `/`
            jobs:
              test:
                runs-on: ubuntu-latest
                steps: [run: make]
            ",
        );
    }

    #[test]
    fn what_is_too_much_is_removed() {
        let file = |paths: &str| {
            format!(
                "on:\n  push:\n    paths: {paths}\njobs:\n  a:\n    runs-on: x\n    steps: [run: a]\n"
            )
        };
        check_fix(&RULE, &file("[./docs/**, '!./x']"), &file("[docs/**, '!x']"));
    }
}
