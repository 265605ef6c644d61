//! Files that an action says it runs, and that are not there.

use plim_diag::{Code, Severity};
use plim_workflow::{Action, ActionBody};

use crate::{Audit, Hook, Nearby, Presence, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("missing-action-file"),
    summary: "an action runs a file that is not there",
    why: "Every use of the action fails. Often the file is built, and was not committed.",
    criterion: "`main`, `pre` and `post` of a JavaScript action, and a `Dockerfile`, that are not in the folder of the `action.yml`. What the `.gitignore` of the repository names is made for releases, and let through.",
    remedy: "Commit the file, or write the path of one that is there, relative to the folder of the action.",
    example: "",
    better: "",
    severity: Severity::Warning,
    tier: Tier::Pedantic,
    hooks: &[Hook::Action(action)],
};

fn action<'a>(audit: &mut Audit<'a>, action: &'a Action) {
    let files: Vec<&str> = match &action.body {
        ActionBody::JavaScript(body) => [Some(&body.main), body.pre.as_ref(), body.post.as_ref()]
            .into_iter()
            .flatten()
            .map(|f| &**f)
            .collect(),
        ActionBody::Docker(body) if !body.image.starts_with("docker://") => vec![&body.image],
        _ => return,
    };
    for file in files {
        let folder = audit.subject().path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let file = file.trim_start_matches("./");
        let path = if folder.is_empty() { file.to_owned() } else { format!("{folder}/{file}") };
        let outside = path.split('/').any(|part| part == "..");
        if outside
            || audit.surroundings().at(&path) != Presence::Absent
            || is_made_for_releases(audit, &path)
        {
            continue;
        }
        let runs = audit.subject().tree().root().and_then(|root| root.get("runs"));
        let mut entries = runs.into_iter().flat_map(|runs| runs.entries());
        let at = entries.find(|entry| {
            entry.value.as_str().is_some_and(|text| text.trim_start_matches("./") == file)
        });
        if let Some(entry) = at {
            audit
                .report(entry.value.written_span(), format!("there is no file `{path}`"))
                .help("commit it, or write the path of a file that is there");
        }
    }
}

/// Whether git ignores the file here, so that it is made for releases only.
fn is_made_for_releases(audit: &Audit<'_>, path: &str) -> bool {
    let Nearby::Found(ignored) = audit.surroundings().text(".gitignore") else { return false };
    ignored.lines().any(|line| {
        let pattern = line.trim().trim_start_matches('/').trim_end_matches(['*', '/']);
        let names = path.starts_with(&format!("{pattern}/")) || path == pattern;
        !pattern.is_empty() && (names || path.split('/').any(|part| part == pattern))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_in;

    #[test]
    fn what_git_ignores_is_made_for_releases() {
        let action = "name: a\ndescription: b\nruns:\n  using: node24\n  main: dist/index.js\n";
        check_in(&RULE, &[(".gitignore", "# built\ndist/\n")], action);
        check_in(&RULE, &[(".gitignore", "node_modules/\n/dist/**/*\n")], action);
    }

    #[test]
    fn in_the_folder_of_the_action() {
        check_in(
            &RULE,
            &[(".github/actions/test/dist/index.js", "x")],
            "
            name: a
            description: b
            runs:
              using: node24
              main: dist/index.js
              post: dist/post.js
              #     ^^^^^^^^^^^^ there is no file `.github/actions/test/dist/post.js`
            ",
        );
    }
}
