//! A workflow that is started and does not exist, or does not listen.

use plim_diag::{Code, Place, Severity};
use plim_workflow::Workflow;
use plim_workflow::script::Word;

use crate::deeds::{Act, Deed};
use crate::{Audit, Hook, Nearby, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("dispatch-unheard"),
    summary: "a dispatch that nothing in the repository hears",
    why: "A workflow that should promote, publish or deploy is told so by an event that it does not listen to, or is not there at all. What should follow a green build never does.",
    criterion: "`gh workflow run FILE` for the same repository where no such workflow is there or it has no `workflow_dispatch`; and a `repository_dispatch` to the same repository whose `event_type` no workflow of it listens to. Names that are computed, and other repositories, are not judged.",
    remedy: "Mend the name, or let the workflow listen.",
    example: "",
    better: "",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, _: &'a Workflow) {
    let deeds = audit.deeds();
    let dispatches = deeds.jobs.iter().flat_map(|job| &job.deeds);
    for deed in dispatches.filter(|deed| deed.act == Act::Dispatch) {
        let Some(words) = words(deed) else { continue };
        if let Some(message) = by_file(audit, &words).or_else(|| by_event(audit, &words)) {
            let listens = triggers(audit, &words);
            let finding = audit.report(deed.span, message);
            if let Some(place) = listens {
                finding.related_at(place, "what starts it");
            }
            finding.help("mend the name, or let the workflow listen");
        }
    }
}

/// The words of a command that is written in this file.
fn words(deed: &Deed<'_>) -> Option<Vec<Word>> {
    let command = deed.command.as_ref()?;
    Some(command.command().call().to_vec())
}

/// What is wrong with `gh workflow run FILE`.
fn by_file(audit: &Audit<'_>, words: &[Word]) -> Option<String> {
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let ["gh", "workflow", "run", file, rest @ ..] = texts.as_slice() else { return None };
    let elsewhere = rest.iter().any(|word| word.starts_with("-R") || word.starts_with("--repo"));
    let yaml = file.ends_with(".yml") || file.ends_with(".yaml");
    if elsewhere || !yaml || !words[3].literal || file.contains("__") {
        return None;
    }
    let folder = audit.subject().path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let path = format!("{folder}/{}", file.rsplit('/').next().unwrap_or(file));
    match audit.surroundings().workflow(&path) {
        Nearby::Absent => Some(format!("the repository has no workflow `{file}`")),
        Nearby::Found(other)
            if !other.partly_read && other.trigger("workflow_dispatch").is_none() =>
        {
            Some(format!("`{file}` has no `workflow_dispatch`, so that it cannot be started"))
        }
        _ => None,
    }
}

/// What starts the workflow of `gh workflow run FILE`, where it is there.
fn triggers(audit: &Audit<'_>, words: &[Word]) -> Option<Place> {
    let file = words.get(3).filter(|_| words[0].text == "gh" && words[1].text == "workflow")?;
    let folder = audit.subject().path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let path = format!("{folder}/{}", file.text.rsplit('/').next().unwrap_or(&file.text));
    let other = audit.surroundings().workflow(&path).found()?;
    Some(Place::new(path.as_str(), other.triggers.first()?.span))
}

/// What is wrong with `gh api repos/{owner}/{repo}/dispatches -f event_type=NAME`.
fn by_event(audit: &Audit<'_>, words: &[Word]) -> Option<String> {
    let own = words.iter().any(|word| {
        let text = word.text.trim_end_matches('/');
        [
            "{owner}/{repo}/dispatches",
            "GITHUB_REPOSITORY/dispatches",
            "GITHUB_REPOSITORY}/dispatches",
        ]
        .iter()
        .any(|end| text.ends_with(end))
    });
    let mut given = words.iter().filter(|word| word.literal);
    let event = given.find_map(|word| word.text.strip_prefix("event_type="))?;
    let paths = audit.surroundings().workflows();
    if !own || paths.is_empty() {
        return None;
    }
    let heard = paths.iter().any(|path| match audit.surroundings().workflow(path) {
        Nearby::Found(other) => other.trigger("repository_dispatch").is_some_and(|trigger| {
            let types = trigger.types.as_deref().unwrap_or_default();
            types.is_empty() || types.iter().any(|name| &*name.value == event)
        }),
        _ => true,
    });
    (!heard).then(|| format!("no workflow of the repository listens to `{event}`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_in;

    #[test]
    fn only_what_is_there_and_listens_can_be_started() {
        check_in(
            &RULE,
            &[
                (".github/workflows/deaf.yml", "on: push\njobs:\n  a: { runs-on: x, steps: [run: a] }\n"),
                (
                    ".github/workflows/hears.yml",
                    "on: { workflow_dispatch: null, repository_dispatch: { types: [promote] } }\njobs:\n  a: { runs-on: x, steps: [run: a] }\n",
                ),
            ],
            "
            steps:
              - run: gh workflow run gone.yml
                #    ^^^^^^^^^^^^^^^^^^^^^^^^ the repository has no workflow `gone.yml`
              - run: gh workflow run deaf.yml --ref main
                #    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `deaf.yml` has no `workflow_dispatch`, so that it cannot be started
              - run: |
                  gh workflow run hears.yml
                  gh workflow run other.yml --repo a/b
                  gh workflow run \"$FILE.yml\"
                  gh api repos/{owner}/{repo}/dispatches -f event_type=promote
              - run: gh api repos/{owner}/{repo}/dispatches -f event_type=promoted
                #    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ no workflow of the repository listens to `promoted`
            ",
        );
    }
}
