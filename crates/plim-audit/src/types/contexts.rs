//! The contexts as each expression of a file sees them, computed when the first of them asks.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use plim_expression::types::{Contexts, Type};
use plim_workflow::{ActionBody, Forge, Job, Step};

use super::fixed::{GITHUB, JOB, RUNNER, STRATEGY, TEXTS};
use super::{event, inputs, matrix, needs, steps};
use crate::subject::Document;
use crate::{Audit, TextAt};

/// The types of the contexts of one file.
pub(super) struct FileTypes<'s, 'a> {
    audit: &'s Audit<'a>,
    github: OnceCell<Type>,
    inputs: OnceCell<Type>,
    secrets: OnceCell<Type>,
    variables: OnceCell<Type>,
    jobs: OnceCell<Type>,
    /// By the job, which lives as long as the file.
    of_jobs: RefCell<HashMap<*const Job, Rc<JobTypes>>>,
}

/// The types of the contexts that differ by job; a composite action counts as one.
#[derive(Default)]
struct JobTypes {
    needs: OnceCell<Type>,
    matrix: OnceCell<Type>,
    steps: OnceCell<Type>,
}

/// The contexts as one text sees them.
pub(super) struct Here<'s, 'a> {
    file: &'s FileTypes<'s, 'a>,
    text: TextAt<'a>,
}

impl<'s, 'a> FileTypes<'s, 'a> {
    pub(super) fn new(audit: &'s Audit<'a>) -> Self {
        Self {
            audit,
            github: OnceCell::new(),
            inputs: OnceCell::new(),
            secrets: OnceCell::new(),
            variables: OnceCell::new(),
            jobs: OnceCell::new(),
            of_jobs: RefCell::default(),
        }
    }

    pub(super) fn at(&'s self, text: TextAt<'a>) -> Here<'s, 'a> {
        Here { file: self, text }
    }

    fn github(&self) -> Type {
        let subject = self.audit.subject();
        // What other forges have in `github` is not listed.
        if subject.forge != Forge::GitHub {
            return Type::Any;
        }
        let event = match subject.workflow() {
            Some(workflow) => event::event(&workflow.triggers),
            None => Type::Any,
        };
        Type::object(GITHUB.iter().cloned().chain([("event", event)]))
    }

    fn inputs(&self) -> Type {
        match &self.audit.subject().document {
            Document::Workflow(read) => inputs::of_workflow(&read.value),
            Document::Action(read) => inputs::of_action(&read.value),
            _ => Type::Any,
        }
    }

    fn secrets(&self) -> Type {
        self.audit.subject().workflow().map_or(Type::Any, inputs::secrets)
    }

    fn variables(&self) -> Type {
        inputs::variables(self.audit.surroundings().settings())
    }

    fn jobs(&self) -> &Type {
        self.jobs.get_or_init(|| {
            let workflow = self.audit.subject().workflow();
            workflow.map_or(Type::Any, |workflow| needs::jobs(self.audit, workflow))
        })
    }

    fn of_job(&self, job: Option<&Job>) -> Rc<JobTypes> {
        let key = job.map_or(std::ptr::null(), std::ptr::from_ref);
        Rc::clone(self.of_jobs.borrow_mut().entry(key).or_default())
    }
}

impl<'a> Here<'_, 'a> {
    /// The steps that can be read here: those of the job, or of the composite action.
    fn all_steps(&self) -> Option<&'a [Step]> {
        if let Some(job) = self.text.job {
            return Some(job.steps());
        }
        match &self.file.audit.subject().action()?.body {
            ActionBody::Composite(composite) => Some(&composite.steps),
            _ => None,
        }
    }

    fn of_job(&self, name: &str) -> Type {
        let job = self.text.job.map(|job| job.job);
        let types = self.file.of_job(job);
        let kind = match (name, job) {
            ("steps", _) => types.steps.get_or_init(|| {
                let steps = self.all_steps();
                steps.map_or(Type::Any, |steps| steps::steps(self.file.audit, steps))
            }),
            // A composite action has the matrix of the job that uses it.
            (_, None) => &Type::Any,
            ("needs", Some(job)) => types.needs.get_or_init(|| needs::needs(job, self.file.jobs())),
            (_, Some(job)) => types.matrix.get_or_init(|| matrix::matrix(job)),
        };
        kind.clone()
    }
}

impl Contexts for Here<'_, '_> {
    fn context(&self, name: &str) -> Type {
        let file = self.file;
        match name {
            "github" => file.github.get_or_init(|| file.github()).clone(),
            "inputs" => file.inputs.get_or_init(|| file.inputs()).clone(),
            "secrets" => file.secrets.get_or_init(|| file.secrets()).clone(),
            "vars" => file.variables.get_or_init(|| file.variables()).clone(),
            "jobs" => file.jobs().clone(),
            "needs" | "matrix" | "steps" => self.of_job(name),
            "env" => TEXTS.clone(),
            "job" => JOB.clone(),
            "runner" => RUNNER.clone(),
            "strategy" => STRATEGY.clone(),
            _ => Type::Any,
        }
    }
}
