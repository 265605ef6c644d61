//! A site is a place in a file where expressions may stand, with the contexts and functions they may name there.
//!
//! The table says what the `context` lists of GitHub's workflow and action schemas say; a list below another adds to it.

use std::sync::OnceLock;

use plim_expression::Names;

use crate::Forge;

/// Where an expression stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Site {
    /// A key that takes no expressions.
    Nowhere,
    /// `run-name`, the workflow's `concurrency`, and `default` of an input of `workflow_call`.
    Workflow,
    /// The workflow's `env`.
    WorkflowEnv,
    /// `value` of an output of `workflow_call`.
    CallOutput,
    /// `if` of a job.
    JobIf,
    /// `strategy`.
    Strategy,
    /// Most keys of a job: `name`, `runs-on`, `container`, `environment`, `concurrency`, timeouts, `with` of a call.
    Job,
    /// `env` of a job, and `secrets` of a call.
    JobEnv,
    /// `defaults.run` of a job.
    JobDefaults,
    /// `credentials` of a container.
    Credentials,
    /// `outputs` of a job, and `env` of a container.
    Outputs,
    /// `url` of an environment.
    EnvironmentUrl,
    /// Every key of a step but `if`, `uses` and `id`.
    Step,
    /// `if` of a step, and of `snapshot`.
    StepIf,
    /// `default` of an input of an action.
    ActionInput,
    /// `value` of an output of an action.
    ActionOutput,
    /// Every key of a step of a composite action but `if`, `uses` and `id`.
    ActionStep,
    /// `if` of a step of a composite action, `pre-if` and `post-if`.
    ActionIf,
    /// `args` and `env` of a Docker action.
    DockerAction,
}

const SITES: usize = Site::DockerAction as usize + 1;

impl Site {
    /// The contexts and functions that may be named here on `forge`; `None` where no expression may stand.
    #[must_use]
    pub fn names(self, forge: Forge) -> Option<&'static Names> {
        static GITHUB: [OnceLock<Names>; SITES] = [const { OnceLock::new() }; SITES];
        static OTHERS: [OnceLock<Names>; SITES] = [const { OnceLock::new() }; SITES];
        let (table, aliases): (_, &[&str]) = match forge {
            Forge::GitHub => (&GITHUB, &[]),
            Forge::Gitea | Forge::Forgejo => (&OTHERS, &ALIASES_OF_GITHUB),
        };
        if self == Self::Nowhere {
            return None;
        }
        let listed = || self.listed().chain(aliases.iter().copied());
        Some(table[self as usize].get_or_init(|| Names::from_schema(listed())))
    }

    /// The contexts, and functions with their numbers of arguments.
    fn listed(self) -> impl Iterator<Item = &'static str> {
        let (first, second): (&'static [&'static str], &'static [&'static str]) = match self {
            Self::Nowhere => (&[], &[]),
            Self::Workflow => (BASE, &[]),
            Self::WorkflowEnv => (BASE, &["secrets"]),
            Self::CallOutput => (BASE, &["jobs"]),
            Self::JobIf => (
                BASE,
                &["needs", "always(0,0)", "cancelled(0,0)", "failure(0,MAX)", "success(0,MAX)"],
            ),
            Self::Strategy => (BASE, &["needs"]),
            Self::Job => (JOB, &[]),
            Self::JobEnv => (JOB, &["secrets"]),
            Self::JobDefaults => (JOB, &["env"]),
            Self::Credentials => (JOB, &["secrets", "env"]),
            Self::Outputs => (JOB, &["secrets", "steps", "job", "runner", "env"]),
            Self::EnvironmentUrl => (JOB, &["steps", "job", "runner", "env"]),
            Self::Step => (JOB, &["secrets", "steps", "job", "runner", "env", HASH_FILES]),
            Self::StepIf => (
                JOB,
                &[
                    "steps",
                    "job",
                    "runner",
                    "env",
                    "always(0,0)",
                    "cancelled(0,0)",
                    "failure(0,0)",
                    "success(0,0)",
                    HASH_FILES,
                ],
            ),
            Self::ActionInput => {
                (&["github", "strategy", "matrix", "job", "runner"], &[HASH_FILES])
            }
            Self::ActionOutput => (ACTION, &[]),
            Self::ActionStep => (ACTION, &[HASH_FILES]),
            Self::ActionIf => (
                ACTION,
                &["always(0,0)", "cancelled(0,0)", "failure(0,0)", "success(0,0)", HASH_FILES],
            ),
            Self::DockerAction => (&["inputs"], &[]),
        };
        first.iter().chain(second).copied()
    }
}

const BASE: &[&str] = &["github", "inputs", "vars"];
const JOB: &[&str] = &["github", "inputs", "vars", "needs", "strategy", "matrix"];
const ACTION: &[&str] =
    &["github", "inputs", "strategy", "matrix", "steps", "job", "runner", "env"];
const HASH_FILES: &str = "hashFiles(1,255)";

/// Every context that is allowed somewhere.
pub const CONTEXTS: [&str; 12] = [
    "github", "inputs", "vars", "needs", "strategy", "matrix", "secrets", "steps", "job", "jobs",
    "runner", "env",
];

/// The names of the `github` context under which other forges offer it too.
const ALIASES_OF_GITHUB: [&str; 3] = ["gitea", "forgejo", "forge"];

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(site: Site, context: &str) -> bool {
        site.names(Forge::GitHub).unwrap().allows_context(context)
    }

    #[test]
    fn semantic_44_contexts_depend_on_the_key() {
        for site in [Site::JobIf, Site::Job, Site::JobEnv, Site::Strategy, Site::WorkflowEnv] {
            assert!(!allows(site, "env"), "{site:?}");
        }
        for site in [Site::JobIf, Site::StepIf, Site::Job, Site::EnvironmentUrl, Site::Strategy] {
            assert!(!allows(site, "secrets"), "{site:?}");
        }
        assert!(!allows(Site::JobIf, "matrix") && !allows(Site::Strategy, "matrix"));
        assert!(allows(Site::Job, "matrix") && allows(Site::Step, "secrets"));
        assert!(allows(Site::JobEnv, "secrets") && allows(Site::JobDefaults, "env"));
        assert!(Site::Nowhere.names(Forge::GitHub).is_none());
    }

    #[test]
    fn other_forges_offer_the_github_context_under_their_own_names() {
        assert!(!allows(Site::Step, "gitea"));
        assert!(Site::Step.names(Forge::Gitea).unwrap().allows_context("gitea"));
    }

    #[test]
    fn semantic_44_functions_depend_on_the_key() {
        let allows =
            |site: Site, function| site.names(Forge::GitHub).unwrap().allows_function(function);
        assert!(allows(Site::Step, "hashFiles") && !allows(Site::Job, "hashFiles"));
        assert!(allows(Site::StepIf, "always") && !allows(Site::Step, "always"));
        assert!(!allows(Site::Outputs, "hashFiles") && !allows(Site::JobIf, "hashFiles"));
    }
}
