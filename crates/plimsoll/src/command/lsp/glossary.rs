//! The glossary: one line for each key, context and function of the language.

use plim_audit::Kind;

use super::spot::ITEM;

/// A key and what it does.
pub(super) type Term = (&'static str, &'static str);

/// The keys of the mapping at `path`; none where the file chooses its own.
pub(super) fn keys(kind: Kind, path: &[String]) -> &'static [Term] {
    let path = plain(path);
    let table = table(kind).iter();
    table.filter(|(pattern, _)| fits(pattern, &path)).map(|(_, keys)| *keys).next().unwrap_or(&[])
}

/// What the key at `path` does.
pub(super) fn key(kind: Kind, path: &[String]) -> Option<&'static str> {
    let (own, parent) = path.split_last()?;
    keys(kind, parent).iter().find(|(key, _)| key == own).map(|(_, line)| *line)
}

/// What stands below a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Below {
    /// A value on its line.
    Value,
    /// A mapping.
    Mapping,
    /// A list.
    List,
}

/// What stands below the key at `path`, where it can be only one thing.
pub(super) fn below(kind: Kind, path: &[String]) -> Below {
    let path = plain(path);
    if path.last().is_some_and(|key| EITHER.contains(key)) {
        return Below::Value;
    }
    let next = table(kind).iter().find_map(|(pattern, _)| {
        let segments: Vec<&str> = pattern.split('.').collect();
        let (head, rest) = segments.split_at_checked(path.len())?;
        fits(&head.join("."), &path).then(|| rest.first().copied())
    });
    match next {
        Some(Some(ITEM)) => Below::List,
        Some(_) => Below::Mapping,
        None => Below::Value,
    }
}

/// Keys that take a value as well as a mapping.
const EITHER: [&str; 8] = [
    "on",
    "runs-on",
    "concurrency",
    "environment",
    "container",
    "permissions",
    "snapshot",
    "secrets",
];

/// Steps inside of `parallel` are steps.
fn plain(path: &[String]) -> Vec<&str> {
    let mut plain: Vec<&str> = Vec::new();
    for key in path {
        if key == ITEM && plain.last() == Some(&"parallel") {
            plain.pop();
        } else {
            plain.push(key);
        }
    }
    plain
}

fn fits(pattern: &str, path: &[&str]) -> bool {
    let segments: Vec<&str> = pattern.split('.').filter(|segment| !segment.is_empty()).collect();
    segments.len() == path.len()
        && segments.iter().zip(path).all(|(segment, key)| segment == key || *segment == "*")
}

fn table(kind: Kind) -> &'static [(&'static str, &'static [Term])] {
    match kind {
        Kind::Workflow => WORKFLOW,
        Kind::Action => ACTION,
        Kind::Dependabot => DEPENDABOT,
        Kind::PreCommit => &[],
    }
}

const WORKFLOW: &[(&str, &[Term])] = &[
    (
        "",
        &[
            ("name", "what the workflow is called"),
            ("description", "what the workflow is for"),
            ("run-name", "what its runs are called"),
            ("on", "the events that start it"),
            ("permissions", "what the token of its jobs may do"),
            ("env", "environment variables of all jobs"),
            ("defaults", "the shell and folder of all `run` steps"),
            ("concurrency", "which runs must not run at once"),
            ("jobs", "what is done, job by job"),
        ],
    ),
    (
        "on.schedule.[]",
        &[
            ("cron", "five fields: minute, hour, day, month, weekday"),
            ("timezone", "the IANA time zone of `cron`; UTC without it"),
        ],
    ),
    (
        "on.workflow_call",
        &[
            ("inputs", "what a caller hands over"),
            ("outputs", "what a caller gets"),
            ("secrets", "the secrets a caller hands over"),
        ],
    ),
    ("on.workflow_dispatch", &[("inputs", "what a person is asked")]),
    (
        "on.workflow_call.inputs.*",
        &[
            ("type", "`string`, `number` or `boolean`"),
            ("description", "what it is for"),
            ("required", "whether it must be given"),
            ("default", "its value where none is given"),
        ],
    ),
    (
        "on.workflow_dispatch.inputs.*",
        &[
            ("type", "`string`, `boolean`, `number`, `choice` or `environment`"),
            ("description", "what it is for"),
            ("required", "whether it must be given"),
            ("default", "its value where none is given"),
            ("options", "what can be chosen"),
            ("deprecationMessage", "why it should not be used any more"),
        ],
    ),
    (
        "on.workflow_call.outputs.*",
        &[("value", "what it gives, from `jobs.*.outputs`"), ("description", "what it is for")],
    ),
    (
        "on.workflow_call.secrets.*",
        &[("required", "whether it must be given"), ("description", "what it is for")],
    ),
    ("defaults", &[("run", "the shell and folder of `run` steps")]),
    ("defaults.run", RUN),
    ("concurrency", CONCURRENCY),
    (
        "jobs.*",
        &[
            ("name", "what the job is called"),
            ("needs", "the jobs that must be over before"),
            ("if", "whether it runs at all"),
            ("runs-on", "the labels of the machine it runs on"),
            ("permissions", "what its token may do; all that is not named is `none`"),
            ("environment", "the environment it deploys to, with its rules and secrets"),
            ("concurrency", "which runs of it must not run at once"),
            ("outputs", "what the jobs that need it can read"),
            ("env", "environment variables of its steps"),
            ("defaults", "the shell and folder of its `run` steps"),
            ("timeout-minutes", "when it is cancelled; 360 without it"),
            (
                "cancel-timeout-minutes",
                "how long its steps have when it is cancelled; 5 without it",
            ),
            ("strategy", "the matrix it runs for"),
            ("continue-on-error", "whether the workflow goes on when it fails"),
            ("container", "the container its steps run in"),
            ("services", "containers that run beside it"),
            ("snapshot", "makes an image of its machine"),
            ("steps", "what it does, step by step"),
            ("uses", "the reusable workflow it calls"),
            ("with", "inputs of the workflow it calls"),
            ("secrets", "secrets of the workflow it calls, or `inherit`"),
        ],
    ),
    (
        "jobs.*.runs-on",
        &[("group", "the group of runners"), ("labels", "labels the runner must have")],
    ),
    (
        "jobs.*.environment",
        &[
            ("name", "its name"),
            ("url", "the address that is shown for it"),
            ("deployment", "whether a deployment is made"),
        ],
    ),
    ("jobs.*.concurrency", CONCURRENCY),
    ("jobs.*.defaults", &[("run", "the shell and folder of `run` steps")]),
    ("jobs.*.defaults.run", RUN),
    (
        "jobs.*.strategy",
        &[
            ("matrix", "the axes whose combinations the job runs for"),
            ("fail-fast", "whether one failure cancels the rest; true without it"),
            ("max-parallel", "how many run at once"),
        ],
    ),
    (
        "jobs.*.strategy.matrix",
        &[("include", "combinations to add or extend"), ("exclude", "combinations to leave out")],
    ),
    ("jobs.*.container", CONTAINER),
    ("jobs.*.container.credentials", CREDENTIALS),
    ("jobs.*.services.*", SERVICE),
    ("jobs.*.services.*.credentials", CREDENTIALS),
    (
        "jobs.*.snapshot",
        &[
            ("image-name", "what the image is called"),
            ("version", "its version; `1.*` without it"),
            ("if", "whether it is made"),
        ],
    ),
    ("jobs.*.steps.[]", STEP),
    // Where the file chooses its own keys.
    ("env.", &[]),
    ("jobs.*.env.", &[]),
    ("jobs.*.with.", &[]),
    ("jobs.*.outputs.", &[]),
    ("jobs.*.steps.[].with.", &[]),
    ("jobs.*.steps.[].env.", &[]),
];

const RUN: &[Term] =
    &[("shell", "the shell that runs the script"), ("working-directory", "the folder it runs in")];
const CONCURRENCY: &[Term] = &[
    ("group", "runs of one group wait for one another"),
    ("cancel-in-progress", "whether a newer run cancels the one that is running"),
    ("queue", "`single` keeps one waiting run, `max` as many as can wait"),
];
const CREDENTIALS: &[Term] =
    &[("username", "the name to log in with"), ("password", "the secret to log in with")];
const CONTAINER: &[Term] = &[
    ("image", "the image it is made of"),
    ("credentials", "how to log in at its registry"),
    ("env", "its environment variables"),
    ("ports", "ports to open"),
    ("volumes", "folders to mount"),
    ("options", "options of `docker create`"),
];
const SERVICE: &[Term] = &[
    ("image", "the image it is made of"),
    ("credentials", "how to log in at its registry"),
    ("env", "its environment variables"),
    ("ports", "ports to open"),
    ("volumes", "folders to mount"),
    ("options", "options of `docker create`"),
    ("command", "what runs instead of the image's command"),
    ("entrypoint", "what runs instead of the image's entrypoint"),
];
const STEP: &[Term] = &[
    ("name", "what the step is called"),
    ("id", "the name by which `steps` knows it"),
    ("if", "whether it runs; `success()` without it"),
    ("run", "a script"),
    ("uses", "the action it runs"),
    ("with", "inputs of the action"),
    ("env", "its environment variables"),
    ("shell", "the shell that runs the script"),
    ("working-directory", "the folder the script runs in"),
    ("continue-on-error", "whether the job goes on when it fails"),
    ("timeout-minutes", "when it is cancelled"),
    ("background", "runs beside the steps that follow"),
    ("wait", "waits for background steps"),
    ("wait-all", "waits for all background steps"),
    ("cancel", "ends a background step"),
    ("parallel", "steps that run at once"),
];

const ACTION: &[(&str, &[Term])] = &[
    (
        "",
        &[
            ("name", "what the action is called"),
            ("description", "what it does"),
            ("author", "who made it"),
            ("inputs", "what its user hands over"),
            ("outputs", "what its user gets"),
            ("runs", "what it does"),
            ("branding", "how the marketplace shows it"),
        ],
    ),
    (
        "inputs.*",
        &[
            ("description", "what it is for"),
            ("required", "whether it should be given; not enforced"),
            ("default", "its value where none is given"),
            ("deprecationMessage", "why it should not be used any more"),
        ],
    ),
    (
        "outputs.*",
        &[("description", "what it is for"), ("value", "what it gives; of composite actions only")],
    ),
    (
        "runs",
        &[
            ("using", "`composite`, `docker` or a version of Node.js"),
            ("steps", "what a composite action does"),
            ("main", "the script of a JavaScript action"),
            ("pre", "the script that runs before the job's steps"),
            ("pre-if", "whether `pre` runs"),
            ("post", "the script that runs after the job's steps"),
            ("post-if", "whether `post` runs"),
            ("image", "the image or `Dockerfile` of a Docker action"),
            ("entrypoint", "what runs in the container"),
            ("pre-entrypoint", "what runs in the container before"),
            ("post-entrypoint", "what runs in the container after"),
            ("args", "arguments of the entrypoint"),
            ("env", "environment variables of the container"),
        ],
    ),
    ("branding", &[("icon", "the name of a Feather icon"), ("color", "the colour behind it")]),
    ("runs.steps.[]", STEP),
    ("runs.steps.[].with.", &[]),
    ("runs.steps.[].env.", &[]),
];

const DEPENDABOT: &[(&str, &[Term])] = &[
    (
        "",
        &[
            ("version", "always 2"),
            ("updates", "what is kept up to date"),
            ("registries", "private registries"),
            ("enable-beta-ecosystems", "also ecosystems that are in beta"),
            ("multi-ecosystem-groups", "groups over several ecosystems"),
        ],
    ),
    (
        "updates.[]",
        &[
            ("package-ecosystem", "the package manager"),
            ("directory", "the folder of its manifests"),
            ("directories", "the folders of its manifests"),
            ("schedule", "how often it looks"),
            ("cooldown", "how old a version must be before it is proposed"),
            ("groups", "updates that come in one pull request"),
            ("ignore", "updates that are left out"),
            ("allow", "updates that are made"),
            ("assignees", "who is assigned"),
            ("labels", "labels of the pull requests"),
            ("milestone", "their milestone"),
            ("commit-message", "how their commits are called"),
            ("open-pull-requests-limit", "how many are open at once; 5 without it"),
            ("pull-request-branch-name", "how their branches are called"),
            ("rebase-strategy", "whether they are rebased"),
            ("registries", "private registries it may use"),
            ("target-branch", "the branch they are for"),
            ("vendor", "whether vendored dependencies are updated"),
            ("versioning-strategy", "how manifests are changed"),
            ("insecure-external-code-execution", "whether code of dependencies may run"),
        ],
    ),
    (
        "updates.[].schedule",
        &[
            ("interval", "how often"),
            ("day", "the weekday"),
            ("time", "the time of day, as in `05:00`"),
            ("timezone", "the time zone of `time`"),
            ("cronjob", "when, where `interval` is `cron`"),
        ],
    ),
    (
        "updates.[].cooldown",
        &[
            ("default-days", "days for all versions"),
            ("semver-major-days", "days for major versions"),
            ("semver-minor-days", "days for minor versions"),
            ("semver-patch-days", "days for patches"),
            ("include", "what it is for"),
            ("exclude", "what it is not for"),
        ],
    ),
    (
        "updates.[].groups.*",
        &[
            ("applies-to", "`version-updates` or `security-updates`"),
            ("patterns", "names of what is in it"),
            ("exclude-patterns", "names of what is not"),
            ("dependency-type", "`development` or `production`"),
            ("update-types", "`major`, `minor`, `patch`"),
        ],
    ),
];

/// What the context `name` holds.
pub(super) fn context(name: &str) -> Option<&'static str> {
    find(CONTEXTS, name)
}

/// What the function `name` gives.
pub(super) fn function(name: &str) -> Option<&'static str> {
    find(FUNCTIONS, name)
}

fn find(terms: &[Term], name: &str) -> Option<&'static str> {
    terms.iter().find(|(term, _)| term.eq_ignore_ascii_case(name)).map(|(_, line)| *line)
}

const CONTEXTS: &[Term] = &[
    ("github", "the run, its event and its repository"),
    ("inputs", "what a person or caller handed over"),
    ("vars", "variables of the repository, organization and environment"),
    ("needs", "how the jobs that this one needs ended, and their outputs"),
    ("strategy", "the matrix that is run, as a whole"),
    ("matrix", "the combination that this job runs for"),
    ("secrets", "secrets that the job may read"),
    ("steps", "how the steps before ended, and their outputs"),
    ("job", "the job that is running"),
    ("jobs", "outputs of the jobs of a reusable workflow"),
    ("runner", "the machine that the job runs on"),
    ("env", "environment variables that the workflow sets"),
    ("gitea", "`github` under this forge's name"),
    ("forgejo", "`github` under this forge's name"),
    ("forge", "`github` under a name for every forge"),
];

const FUNCTIONS: &[Term] = &[
    (
        "case",
        "`case(condition, value, …, otherwise)`: the value of the first condition that is true",
    ),
    ("contains", "`contains(search, item)`: whether a text has a part, or a list an item"),
    ("endsWith", "`endsWith(text, suffix)`: whether it ends so; case does not count"),
    ("format", "`format(text, …)`: the text with `{0}`, `{1}`, … replaced"),
    ("fromJSON", "`fromJSON(text)`: the value that a JSON text describes"),
    ("join", "`join(list, separator)`: the items as one text; `,` without a separator"),
    ("startsWith", "`startsWith(text, prefix)`: whether it starts so; case does not count"),
    ("toJSON", "`toJSON(value)`: the value as a JSON text"),
    ("hashFiles", "`hashFiles(pattern, …)`: the SHA-256 of all matching files of the workspace"),
    ("always", "`always()`: true, also when the run was cancelled"),
    ("cancelled", "`cancelled()`: whether the run was cancelled"),
    ("failure", "`failure()`: whether anything before failed"),
    ("success", "`success()`: whether nothing before failed or was cancelled"),
];

#[cfg(test)]
mod tests {
    use plim_expression::{BuiltIn, STATUS_FUNCTIONS};
    use plim_workflow::CONTEXTS;

    use super::*;

    fn path(text: &str) -> Vec<String> {
        text.split('.').filter(|key| !key.is_empty()).map(str::to_owned).collect()
    }

    #[test]
    fn every_context_and_function_has_a_line() {
        assert!(CONTEXTS.iter().all(|name| context(name).is_some()));
        assert!(BuiltIn::ALL.iter().all(|one| function(one.name()).is_some()));
        assert!(STATUS_FUNCTIONS.iter().all(|name| function(name).is_some()));
    }

    #[test]
    fn a_key_is_known_by_where_it_stands() {
        assert!(key(Kind::Workflow, &path("jobs.build.runs-on")).is_some());
        assert!(key(Kind::Workflow, &path("jobs.build.steps.[].parallel.[].run")).is_some());
        assert!(key(Kind::Workflow, &path("runs-on")).is_none());
        assert!(key(Kind::Action, &path("runs.using")).is_some());
        assert_eq!(below(Kind::Workflow, &path("jobs")), Below::Mapping);
        assert_eq!(below(Kind::Workflow, &path("jobs.a.steps")), Below::List);
        assert_eq!(below(Kind::Workflow, &path("jobs.a.runs-on")), Below::Value);
        assert_eq!(below(Kind::Workflow, &path("jobs.a.steps.[].run")), Below::Value);
    }
}
