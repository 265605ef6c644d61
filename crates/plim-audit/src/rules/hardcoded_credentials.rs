//! Passwords of registries that are written in the workflow.

use plim_diag::{Code, Severity};
use plim_workflow::{Container, Entries, Key, TokenKind};

use crate::{Audit, Hook, JobAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("hardcoded-credentials"),
    summary: "the password of a registry is written in the workflow",
    why: "Whoever can read the repository, or any copy of it, can use the password. It stays in the history after it is removed here.",
    criterion: "A `password` under `credentials` of a container or a service that is written out instead of taken from an expression.",
    remedy: "Make it a secret, write `${{ secrets.NAME }}`, and change the password where it is used.",
    example: "jobs:\n  test:\n    runs-on: ubuntu-latest\n    container:\n      image: registry.example.org/build\n      credentials:\n        username: robot\n        password: hunter2\n    steps: [run: make]",
    better: "jobs:\n  test:\n    runs-on: ubuntu-latest\n    container:\n      image: registry.example.org/build\n      credentials:\n        username: robot\n        password: ${{ secrets.REGISTRY }}\n    steps: [run: make]",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Job(job)],
};

fn job<'a>(audit: &mut Audit<'a>, job: JobAt<'a>) {
    let Some(machine) = job.machine() else { return };
    if let Some(container) = &machine.container {
        judge(audit, container);
    }
    for (_, service) in machine.services.as_ref().map(Entries::written).unwrap_or_default() {
        judge(audit, service);
    }
}

fn judge(audit: &mut Audit<'_>, container: &Container) {
    let password = entry(&container.value.kind, "credentials").and_then(|c| entry(c, "password"));
    let Some(TokenKind::Text(text)) = password else { return };
    if text.template.is_literal().is_some_and(|password| !password.is_empty()) {
        audit
            .report(text.span, "a password is written out")
            .help("make it a secret, and write `${{ secrets.NAME }}`");
    }
}

fn entry<'a>(token: &'a TokenKind, name: &str) -> Option<&'a TokenKind> {
    let TokenKind::Mapping(entries) = token else { return None };
    let is = |key: &Key| matches!(key, Key::Text(text) if text.template.is_literal() == Some(name));
    entries.iter().find(|(key, _)| is(key)).map(|(_, value)| &value.kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn of_containers_and_services() {
        check(
            &RULE,
            "
            jobs:
              test:
                runs-on: ubuntu-latest
                container:
                  image: a
                  credentials: { username: robot, password: hunter2 }
                  #                                         ^^^^^^^ a password is written out
                services:
                  db:
                    image: b
                    credentials: { username: u, password: '${{ secrets.P }}' }
                  queue:
                    image: b
                    credentials: { username: u, password: '123' }
                    #                                     ^^^^^
                steps: [run: make]
            ",
        );
    }
}
