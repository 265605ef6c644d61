//! A workflow: triggers, jobs and what they share.

use std::sync::Arc;

use plim_diag::Span;

use crate::{Concurrency, Entries, Forge, Job, Permissions, Text, Trigger};

/// One workflow file.
#[derive(Clone, Debug)]
pub struct Workflow {
    /// The file, relative to the repository's root, with `/`.
    pub path: Arc<str>,
    /// The forge whose dialect it is written in.
    pub forge: Forge,
    /// `name`.
    pub name: Option<Text>,
    /// `description`.
    pub description: Option<Arc<str>>,
    /// `run-name`.
    pub run_name: Option<Text>,
    /// `on`.
    pub triggers: Vec<Trigger>,
    /// `permissions`.
    pub permissions: Option<Permissions>,
    /// `env`.
    pub env: Option<Entries<Text>>,
    /// `defaults.run`.
    pub defaults: Defaults,
    /// `concurrency`.
    pub concurrency: Option<Concurrency>,
    /// The jobs in file order.
    pub jobs: Vec<Job>,
    /// What GitHub's own objects for this file weigh, in bytes; [`crate::CallLimits::bytes`] bounds the sum.
    pub weight: u64,
    /// True after a syntax error of YAML itself: something may be missing from this model.
    pub partly_read: bool,
    /// Where the document stands.
    pub span: Span,
}

/// `defaults.run`: each key is merged on its own from workflow to job to step.
#[derive(Clone, Debug, Default)]
pub struct Defaults {
    /// `shell`.
    pub shell: Option<Text>,
    /// `working-directory`.
    pub working_directory: Option<Text>,
}

impl Workflow {
    /// What it is called: its `name`, or its path where it has none, as on GitHub.
    #[must_use]
    pub fn title(&self) -> &str {
        let name = self.name.as_ref().and_then(|name| name.template.is_literal());
        name.filter(|name| !name.is_empty()).unwrap_or(&self.path)
    }

    /// The trigger for `event`, if `on` names it.
    #[must_use]
    pub fn trigger(&self, event: &str) -> Option<&Trigger> {
        self.triggers.iter().find(|trigger| &*trigger.event.value == event)
    }

    /// The job with that id; case does not count.
    #[must_use]
    pub fn job(&self, id: &str) -> Option<&Job> {
        self.jobs.iter().find(|job| job.id.value.eq_ignore_ascii_case(id))
    }
}
