//! Plans the call of a reusable workflow of this repository.

use std::sync::Arc;

use plim_diag::{Code, Diagnostic};
use plim_expression::{Object, Value};
use plim_workflow::{Asked, Call, CallSecrets, Forge, Job, Permissions, Trigger, Workflow};

use super::PlannedLeg;
use super::build::Frame;
use super::planner::File;
use crate::event::Cause;
use crate::known::Known;
use crate::occasion::default;
use crate::publish;

/// Workflows that call workflows, as deep as GitHub goes.
const DEEPEST: usize = 10;

/// The inputs of a called workflow, and those whose value is not known yet.
type Inputs = (Object, Vec<Arc<str>>);

impl Frame<'_> {
    /// Plans what a leg calls; a call that cannot be made blocks the leg.
    pub(super) fn call(
        &self,
        job: &Job,
        call: &Call,
        leg: &mut PlannedLeg,
        known: &Known<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let Some(path) = call.local_path() else {
            leg.blocked = Some(self.remote(job, call, leg, known));
            return;
        };
        match self.target(path).and_then(|file| self.frame(job, call, file, leg, known)) {
            Ok((frame, file)) => {
                if frame.callers.len() == 1 || !known_to(diagnostics, file) {
                    diagnostics.extend(file.diagnostics.iter().cloned());
                }
                leg.call = Some(Arc::new(frame.plan(diagnostics)));
            }
            Err(reason) => {
                let message = format!("`{}` cannot be called: {reason}", call.uses.value);
                let diagnostic = Diagnostic::error(Code("invalid-call"), message)
                    .at(Arc::clone(&self.workflow.path), call.uses.span);
                if !diagnostics.contains(&diagnostic) {
                    diagnostics.push(diagnostic);
                }
                leg.blocked = Some(Cause::Unreadable { reason });
            }
        }
    }

    /// A workflow of another repository is not here; one that publishes is withheld before that matters.
    fn remote(&self, job: &Job, call: &Call, leg: &PlannedLeg, known: &Known<'_>) -> Cause {
        let uses = call.uses.value.to_string();
        let name = uses.split('@').next().unwrap_or(&uses);
        let input = |wanted: &str| {
            let given =
                call.with.iter().find(|(name, _)| name.value.eq_ignore_ascii_case(wanted))?;
            Some(known.token(&given.1).map(|value| value.to_text().to_string()))
        };
        let may_publish = self.planner.may_publish(&job.id.value, &leg.key.0);
        if !may_publish && publish::action(name, &input) {
            return Cause::Publishes { what: format!("`{uses}`") };
        }
        Cause::Action { uses }
    }

    fn target(&self, path: &str) -> Result<&File, String> {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        if !Forge::ALL.iter().any(|forge| forge.workflows() == folder) {
            return Err(format!(
                "a reusable workflow lies in `{}`",
                self.workflow.forge.workflows()
            ));
        }
        let files = &self.planner.files;
        files.iter().find(|file| *file.path == *path).ok_or_else(|| format!("there is no `{path}`"))
    }

    fn frame<'f>(
        &'f self,
        job: &Job,
        call: &Call,
        file: &'f File,
        leg: &PlannedLeg,
        known: &Known<'_>,
    ) -> Result<(Frame<'f>, &'f File), String> {
        let is_above = self.callers.contains(&file.path) || self.workflow.path == file.path;
        if is_above {
            return Err("it would call itself".to_owned());
        }
        if self.callers.len() + 1 >= DEEPEST {
            return Err(format!("workflows may be nested {DEEPEST} deep"));
        }
        if !self.planner.count_call() {
            return Err("there are more calls than any forge would make".to_owned());
        }
        if let Some(error) = file.diagnostics.iter().find(|diagnostic| diagnostic.is_error()) {
            return Err(format!("it has errors, such as: {}", error.message));
        }
        let trigger = called_by(&file.workflow)?;
        check_secrets(call, trigger)?;
        let given =
            call.with.iter().map(|(name, token)| (Arc::clone(&name.value), known.token(token)));
        let (inputs, open_inputs) = self.inputs_for(trigger, &given.collect::<Vec<_>>(), known)?;
        let mut callers = self.callers.clone();
        callers.push(Arc::clone(&self.workflow.path));
        let frame = Frame {
            planner: self.planner,
            workflow: Arc::clone(&file.workflow),
            name: file.name(),
            occasion: Arc::clone(&self.occasion),
            inputs: inputs.into(),
            open_inputs,
            callers,
            prefix: format!("{}/", leg.key.0),
            title: format!("{} / ", leg.name),
            permissions: self.permissions_for(job, &file.workflow)?,
            selection: self.selection.within(&job.id.value),
        };
        Ok((frame, file))
    }

    /// The same with inputs that are all known.
    ///
    /// Errors: one is missing or wrong.
    pub(super) fn with_inputs(mut self, given: &Object) -> Result<Self, String> {
        let workflow = Arc::clone(&self.workflow);
        let given: Vec<_> =
            given.iter().map(|(name, value)| (Arc::clone(name), Some(value.clone()))).collect();
        let scope = Object::new();
        let known = Known { scope: &scope, open_inputs: &[], all_goes_well: false };
        let (inputs, open) = self.inputs_for(called_by(&workflow)?, &given, &known)?;
        (self.inputs, self.open_inputs) = (inputs.into(), open);
        Ok(self)
    }

    fn inputs_for(
        &self,
        trigger: &Trigger,
        given: &[(Arc<str>, Option<Value>)],
        known: &Known<'_>,
    ) -> Result<Inputs, String> {
        let declared = |name: &str| {
            trigger.inputs.iter().any(|input| input.name.value.eq_ignore_ascii_case(name))
        };
        if let Some((name, _)) = given.iter().find(|(name, _)| !declared(name)) {
            return Err(format!("it has no input `{name}`"));
        }
        let (mut inputs, mut open) = (Object::new(), Vec::new());
        for input in &trigger.inputs {
            let name = &input.name.value;
            let value = given.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
            let value = match value {
                Some((_, None)) => {
                    open.push(Arc::clone(name));
                    continue;
                }
                Some((_, Some(value))) => Some(value),
                None => None,
            };
            // A default may read `github` and `vars` of the caller.
            let default = default(input, known.scope).map_err(|error| error.to_string())?;
            let value = input.accept(Asked::ByWorkflow, value, default.as_ref());
            inputs.insert(Arc::clone(name), value.map_err(|error| error.to_string())?);
        }
        Ok((inputs, open))
    }

    /// What the called workflow may do: what the calling job may. It cannot ask for more.
    fn permissions_for(&self, job: &Job, called: &Workflow) -> Result<Option<Permissions>, String> {
        let own = job.permissions.as_ref().or(self.workflow.permissions.as_ref());
        let Some(allowed) = own.or(self.permissions.as_ref()) else { return Ok(None) };
        let asked = called.jobs.iter().map(|job| {
            job.permissions.as_ref().or(called.permissions.as_ref()).map(|asked| (job, asked))
        });
        for (job, asked) in asked.flatten() {
            if let Err(excess) = asked.limit(allowed) {
                return Err(format!("its job `{}` {excess}", job.id.value));
            }
        }
        Ok(Some(allowed.clone()))
    }
}

fn called_by(workflow: &Workflow) -> Result<&Trigger, String> {
    let trigger = workflow.triggers.iter().find(|t| &*t.event.value == "workflow_call");
    trigger.ok_or_else(|| "it is not started by `workflow_call`".to_owned())
}

fn check_secrets(call: &Call, trigger: &Trigger) -> Result<(), String> {
    let given = match &call.secrets {
        CallSecrets::Inherit => return Ok(()),
        CallSecrets::None => &[][..],
        CallSecrets::Given(given) => given,
    };
    let has = |wanted: &str| given.iter().any(|(name, _)| name.value.eq_ignore_ascii_case(wanted));
    let missing = trigger.secrets.iter().find(|secret| secret.required && !has(&secret.name.value));
    if let Some(secret) = missing {
        return Err(format!("it requires the secret `{}`", secret.name.value));
    }
    let declared =
        |name: &str| trigger.secrets.iter().any(|s| s.name.value.eq_ignore_ascii_case(name));
    match given.iter().find(|(name, _)| !declared(&name.value)) {
        Some((name, _)) => Err(format!("it has no secret `{}`", name.value)),
        None => Ok(()),
    }
}

fn known_to(diagnostics: &[Diagnostic], file: &File) -> bool {
    file.diagnostics.first().is_none_or(|first| diagnostics.contains(first))
}
