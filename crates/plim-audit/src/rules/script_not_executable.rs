//! A script that is called by its path and may not be executed.

use plim_diag::{Code, Severity, Span};
use plim_workflow::{ActionReference, StepBody, Uses};

use crate::deeds;
use crate::remote::Remote;
use crate::{Audit, Hook, Presence, Rule, Script, Shell, StepAt, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("script-not-executable"),
    summary: "a step calls a script by its path, and the script is not executable",
    why: "`Permission denied`: the step fails with exit code 126 as soon as it is reached. It works on the author's machine when the bit was set there without being committed.",
    criterion: "A script that `script-missing` would look at, which is there without its executable bit, and is the first word of its command; unless something in the job calls `chmod`.",
    remedy: "Commit the bit with `git update-index --chmod=+x`, or call the script through its shell.",
    example: "",
    better: "",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::Script(look)],
};

fn look<'a>(audit: &mut Audit<'a>, script: &Script<'a>) {
    let job = script.step.job.map(|job| job.job.span);
    let text = job.and_then(|span| span.text(audit.source())).unwrap_or("");
    if text.contains("chmod") || text.contains("windows") {
        return;
    }
    for Called { path, span, direct } in called(audit, script) {
        let at = audit.surroundings().at(&path);
        if direct && at == (Presence::File { executable: false }) {
            audit.report(span, format!("`{path}` is not executable")).help(format!(
                "run `git update-index --chmod=+x {path}`, or call it through its shell"
            ));
        }
    }
}

/// A script that a command runs.
pub(super) struct Called {
    /// Its path from the root of the repository.
    pub(super) path: String,
    /// Where the command stands.
    pub(super) span: Span,
    /// Whether the system runs it, not a shell that is named.
    pub(super) direct: bool,
}

/// The scripts of the repository that `script` surely means, by their paths.
pub(super) fn called<'a>(audit: &Audit<'a>, script: &Script<'a>) -> Vec<Called> {
    let mut found = calls(script);
    found.retain(|call| is_new(audit, script.step, &call.path, call.span));
    found
}

/// The same, those included that something earlier in the job may have made or changed.
pub(super) fn calls(script: &Script<'_>) -> Vec<Called> {
    if !matches!(script.shell, Shell::Bash { .. } | Shell::Sh) || !is_checked_out(script.step) {
        return Vec::new();
    }
    let moved = script.run.working_directory.is_some() || is_moved(script.step);
    let mut found = Vec::new();
    for invoked in script.programs() {
        if moved || matches!(invoked.name(), "cd" | "pushd" | "git" | "eval") {
            break;
        }
        let Some(command) = script.reading().commands.get(invoked.command) else { continue };
        let file = deeds::file(invoked).filter(|_| invoked.behind.is_empty() && command.depth == 0);
        let Some(path) = file.filter(|path| !path.contains("..")) else { continue };
        let span = deeds::place(script, command);
        let direct = invoked.words[0].text.contains('/');
        found.push(Called { path, span, direct });
    }
    found
}

/// Whether nothing in the job before `span` names the file, so that nothing makes it.
fn is_new(audit: &Audit<'_>, step: StepAt<'_>, path: &str, span: Span) -> bool {
    let Some(job) = step.job else { return false };
    let before = Span::new(job.job.span.start, span.start);
    let name = path.rsplit('/').next().unwrap_or(path);
    before.text(audit.source()).is_some_and(|text| !text.contains(name))
}

fn is_moved(step: StepAt<'_>) -> bool {
    step.job.is_none_or(|job| {
        job.job.defaults.working_directory.is_some()
            || job.workflow.defaults.working_directory.is_some()
            || job.machine().is_none_or(|machine| machine.container.is_some())
    })
}

/// Whether the one checkout before the step is that of the repository itself, and nothing is unpacked over it.
pub(super) fn is_checked_out(step: StepAt<'_>) -> bool {
    let mut checkouts = 0;
    for earlier in step.earlier() {
        let StepBody::Uses(uses) = &earlier.body else { continue };
        let ActionReference::Remote { repository, .. } = &uses.action.value else { return false };
        match &**repository {
            "checkout" if is_plain(uses) => checkouts += 1,
            "checkout" | "download-artifact" | "cache" => return false,
            _ => {}
        }
    }
    checkouts == 1
}

/// Whether the one checkout before the step is that of the repository itself, whatever caches and artifacts there are.
pub(super) fn has_one_plain_checkout(source: &str, step: StepAt<'_>) -> bool {
    let uses = step.earlier().iter().filter_map(|step| match &step.body {
        StepBody::Uses(uses) => Some(uses),
        _ => None,
    });
    let mut checkouts = uses.filter(|uses| {
        Remote::of_uses(uses, source).is_some_and(|remote| remote.is("actions/checkout"))
    });
    checkouts.next().is_some_and(is_plain) && checkouts.next().is_none()
}

fn is_plain(uses: &Uses) -> bool {
    let elsewhere = ["repository", "ref", "path", "sparse-checkout"];
    uses.with.written().iter().all(|(key, _)| !elsewhere.contains(&&*key.value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_in;

    #[test]
    fn only_what_the_system_runs_needs_the_bit() {
        let files = [("ci/a.sh", "echo"), ("ci/b.sh", "#!/bin/sh\n")];
        check_in(
            &RULE,
            &files,
            "
            steps:
              - uses: actions/checkout@v4
              - run: ./ci/a.sh --all
                #    ^^^^^^^^^^^^^^^ `ci/a.sh` is not executable
              - run: ./ci/b.sh; bash ci/a.sh
            ",
        );
        check_in(
            &RULE,
            &files,
            "
            steps:
              - uses: actions/checkout@v4
              - run: chmod +x ci/*
              - run: ./ci/a.sh
            ",
        );
    }
}
