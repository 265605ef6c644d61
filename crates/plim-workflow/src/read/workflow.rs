//! Reads the top of a workflow.

use plim_diag::Span;

use super::weight::weight;
use super::{Reader, head};
use crate::yaml::{Entry, NodeRef};
use crate::{Defaults, Site, Workflow};

const KEYS: [&str; 9] = [
    "on",
    "name",
    "description",
    "run-name",
    "permissions",
    "env",
    "defaults",
    "concurrency",
    "jobs",
];

impl Reader {
    pub(super) fn workflow(&mut self, root: Option<NodeRef<'_>>) -> Workflow {
        let mut workflow = self.empty_workflow(root.map_or(Span::default(), NodeRef::span));
        // Of an empty file the tree has said so.
        let Some(node) = root else { return workflow };
        workflow.weight = weight(node);
        let entries = self.mapping(node, "a workflow").unwrap_or_default();
        for (key, entry) in &entries {
            self.workflow_key(&mut workflow, key, entry);
        }
        for key in ["on", "jobs"] {
            if node.is_mapping() && !entries.iter().any(|(name, _)| name == key) {
                self.missing_key(node, "the workflow", key);
            }
        }
        workflow
    }

    fn workflow_key(&mut self, workflow: &mut Workflow, key: &str, entry: &Entry<'_>) {
        let value = entry.value;
        match key {
            "on" => {
                workflow.triggers = self.triggers(value);
                if workflow.triggers.is_empty() && value.is_mapping() && value.entries().len() == 0
                {
                    self.empty(head(value), "`on`");
                }
            }
            "name" => workflow.name = self.text(value, key, Site::Nowhere),
            "description" => workflow.description = self.prose(value, key),
            "run-name" => workflow.run_name = self.text(value, key, Site::Workflow),
            "permissions" => workflow.permissions = self.permissions(value),
            "env" => workflow.env = self.texts(value, key, Site::WorkflowEnv),
            "defaults" => workflow.defaults = self.defaults(value, Site::Nowhere),
            "concurrency" => workflow.concurrency = self.concurrency(value, Site::Workflow),
            "jobs" => workflow.jobs = self.jobs(value),
            _ => self.unknown_key(entry, "a workflow", &KEYS),
        }
    }

    fn empty_workflow(&self, span: Span) -> Workflow {
        Workflow {
            path: self.path.clone(),
            forge: self.forge,
            name: None,
            description: None,
            run_name: None,
            triggers: Vec::new(),
            permissions: None,
            env: None,
            defaults: Defaults::default(),
            concurrency: None,
            jobs: Vec::new(),
            weight: 0,
            partly_read: self.partly_read,
            span,
        }
    }
}
