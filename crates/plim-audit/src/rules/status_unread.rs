//! A commit status that nothing reads.

use plim_diag::{Code, Severity};
use plim_workflow::Workflow;
use plim_workflow::script::Word;

use crate::deeds::Act;
use crate::{Audit, Hook, Nearby, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("status-unread"),
    summary: "a commit status is set that no workflow and no declared consumer reads",
    why: "A status such as `promote/ready` looks as if something followed from it. When nothing reads it, what was built stays where it is, under a green mark.",
    criterion: "A command that sets a commit status whose `context` is written out and says that something is to follow (`promote`, `deploy`, `release`, `publish`, `ready`, `ship`, `approve`), in a repository where no workflow is started by `status`, no other workflow or other job names the context, and `plimsoll.toml` does not list it under `consumed`. Branch protection can require a status, which files do not tell: then it is consumed.",
    remedy: "Let a workflow act on it, or say in `plimsoll.toml` who reads it: `[check]` `consumed = [\"promote/ready\"]`.",
    example: "",
    better: "",
    severity: Severity::Warning,
    tier: Tier::Pedantic,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, _: &'a Workflow) {
    let deeds = audit.deeds();
    for deed in
        deeds.jobs.iter().flat_map(|job| &job.deeds).filter(|deed| deed.act == Act::SetStatus)
    {
        let Some(command) = &deed.command else { continue };
        let Some(name) = context(command.command().call()) else { continue };
        if is_read(audit, &name) {
            continue;
        }
        audit
            .report(deed.span, format!("nothing reads the status `{name}`"))
            .help("let a workflow act on it, or list it under `consumed` in `plimsoll.toml`");
    }
}

/// The context that a command sets, if it is written out.
fn context(words: &[Word]) -> Option<String> {
    let of_field = |word: &Word| word.text.strip_prefix("context=").map(str::to_owned);
    let of_json = |word: &Word| {
        let (_, behind) = word.text.split_once("\"context\"")?;
        let value = behind.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
        value.split_once('"').map(|(name, _)| name.to_owned())
    };
    let name = words.iter().find_map(|word| of_field(word).or_else(|| of_json(word)))?;
    (!name.contains('$') && !name.contains("__") && is_promotion(&name)).then_some(name)
}

/// Whether the name says that something is to follow.
fn is_promotion(name: &str) -> bool {
    const WORDS: [&str; 7] =
        ["promote", "deploy", "release", "publish", "ready", "ship", "approve"];
    let name = name.to_ascii_lowercase();
    WORDS.iter().any(|word| name.contains(word))
}

fn is_read(audit: &Audit<'_>, name: &str) -> bool {
    let surroundings = audit.surroundings();
    let paths = surroundings.workflows();
    let own = &*audit.subject().path;
    let declared = &surroundings.settings().consumed;
    let by_workflow = |path: &String| match surroundings.workflow(path) {
        Nearby::Found(other) if other.trigger("status").is_some() => true,
        Nearby::Found(_) if *path == own => false,
        Nearby::Found(_) => match surroundings.text(path) {
            Nearby::Found(text) => text.contains(name),
            _ => true,
        },
        _ => true,
    };
    // One that is set `pending` and then `success` is named twice by the job that sets it.
    paths.is_empty() || declared.iter().any(|known| known == name) || paths.iter().any(by_workflow)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;
    use crate::testing::{check_in, check_with};

    const SETS: &str = "
        steps:
          - run: gh api repos/a/b/statuses/$GITHUB_SHA -f state=success -f context=promote/ready
            #    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ nothing reads the status `promote/ready`
        ";

    #[test]
    fn a_status_must_have_a_reader() {
        check_in(&RULE, &[], SETS);
        let silent: String = SETS
            .lines()
            .filter(|line| !line.contains('^'))
            .map(|line| format!("{line}\n"))
            .collect();
        let reader = "on: status\njobs:\n  a: { runs-on: x, steps: [run: a] }\n";
        check_in(&RULE, &[(".github/workflows/promote.yml", reader)], &silent);
        let settings =
            Settings { consumed: vec!["promote/ready".to_owned()], ..Settings::default() };
        check_with(&RULE, settings, &silent);
    }
}
