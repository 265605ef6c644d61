//! Reads steps, of jobs and of composite actions.

use std::sync::OnceLock;

use plim_diag::{Span, Spanned};

use super::mapping::{Entries, quoted};
use super::{Reader, codes, head};
use crate::yaml::{Entry, NodeKind, NodeRef};
use crate::{ActionReference, Forge, Name, Run, Site, Step, StepBody, StepIds, Uses, check_id};

/// Where steps are, which decides what they may say.
#[derive(Clone, Copy, PartialEq)]
enum Home {
    Job,
    Parallel,
    Action,
}

/// What a step does, by the key that tells.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Run,
    Uses,
    Wait,
    WaitAll,
    Cancel,
    Parallel,
}

impl Form {
    const ALL: [Self; 6] =
        [Self::Run, Self::Uses, Self::Wait, Self::WaitAll, Self::Cancel, Self::Parallel];

    fn key(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Uses => "uses",
            Self::Wait => "wait",
            Self::WaitAll => "wait-all",
            Self::Cancel => "cancel",
            Self::Parallel => "parallel",
        }
    }

    fn owner(self) -> &'static str {
        match self {
            Self::Run => "a step that runs a script",
            Self::Uses => "a step that uses an action",
            Self::Wait => "a step that waits",
            Self::WaitAll => "a step that waits for all",
            Self::Cancel => "a step that cancels",
            Self::Parallel => "a step that runs others in parallel",
        }
    }

    fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.key() == key)
    }
}

/// Every key that some step has.
const ALL_KEYS: [&str; 16] = [
    "name",
    "id",
    "if",
    "run",
    "uses",
    "with",
    "env",
    "shell",
    "working-directory",
    "continue-on-error",
    "timeout-minutes",
    "background",
    "wait",
    "wait-all",
    "cancel",
    "parallel",
];

/// The keys a step of `form` may have at `home`.
fn keys(form: Form, home: Home) -> &'static [&'static str] {
    match (form, home) {
        (Form::Run, Home::Action) => {
            &["name", "id", "if", "run", "shell", "env", "continue-on-error", "working-directory"]
        }
        (Form::Uses, Home::Action) => {
            &["name", "id", "if", "uses", "with", "env", "continue-on-error"]
        }
        (Form::Run, _) => &[
            "name",
            "id",
            "if",
            "run",
            "shell",
            "env",
            "continue-on-error",
            "working-directory",
            "timeout-minutes",
            "background",
        ],
        (Form::Uses, _) => &[
            "name",
            "id",
            "if",
            "uses",
            "with",
            "env",
            "continue-on-error",
            "timeout-minutes",
            "background",
        ],
        (Form::Wait, _) => &["name", "id", "continue-on-error", "wait"],
        (Form::WaitAll, _) => &["name", "id", "continue-on-error", "wait-all"],
        (Form::Cancel, _) => &["name", "id", "continue-on-error", "cancel"],
        (Form::Parallel, _) => &["parallel"],
    }
}

impl Reader {
    /// `steps` of a job.
    pub(super) fn steps(&mut self, node: NodeRef<'_>) -> Vec<Step> {
        self.all_steps(node, Home::Job)
    }

    /// `steps` of a composite action.
    pub(super) fn action_steps(&mut self, node: NodeRef<'_>) -> Vec<Step> {
        self.all_steps(node, Home::Action)
    }

    fn all_steps(&mut self, node: NodeRef<'_>, home: Home) -> Vec<Step> {
        if !node.is_sequence() {
            self.mistyped(node, "steps", "a list");
            return Vec::new();
        }
        let mut ids = StepIds::new();
        let mut known = Vec::new();
        let mut steps = self.listed_steps(node, home, &mut ids, &mut known);
        name_unnamed(&mut steps, &mut ids);
        steps
    }

    fn listed_steps(
        &mut self,
        node: NodeRef<'_>,
        home: Home,
        ids: &mut StepIds,
        known: &mut Vec<Name>,
    ) -> Vec<Step> {
        let mut steps = Vec::with_capacity(node.items().len());
        for item in node.items() {
            let step = self.step(item, home, ids, known);
            if let Some(span) = step.id_span {
                known.push(Name::new(step.id.clone(), span));
            }
            steps.push(step);
        }
        steps
    }

    fn step(
        &mut self,
        node: NodeRef<'_>,
        home: Home,
        ids: &mut StepIds,
        known: &mut Vec<Name>,
    ) -> Step {
        let mut step = empty_step(node.span());
        if !node.is_mapping() {
            self.mistyped(node, "a step", "a mapping");
            return step;
        }
        let entries = self.mapping(node, "a step").unwrap_or_default();
        let forms: Vec<Form> = entries.iter().filter_map(|(key, _)| Form::of_key(key)).collect();
        let form = forms.first().copied();
        for (key, entry) in &entries {
            let allowed = form.is_none_or(|form| keys(form, home).contains(&&**key));
            if !allowed || !self.step_key(&mut step, key, entry, home, ids) {
                self.check_step_key(key, entry, form, home);
            }
        }
        match form {
            Some(form) if home == Home::Job || form == Form::Run || form == Form::Uses => {
                let before = self.diagnostics.len();
                let body = self.body(form, node, &entries, home, ids, known, &step);
                // A step that is half understood must not be run; what is in `parallel` is judged one by one.
                let whole = form == Form::Parallel || !self.has_errors_since(before);
                if forms.len() == 1 && whole {
                    step.body = body;
                }
            }
            Some(form) => self.form_not_allowed(form, &entries, home),
            None => self.formless(node, &entries),
        }
        step
    }

    /// Reads a key that does not tell what the step does; true where it is one, or does tell.
    fn step_key(
        &mut self,
        step: &mut Step,
        key: &str,
        entry: &Entry<'_>,
        home: Home,
        ids: &mut StepIds,
    ) -> bool {
        let (value, site) = (entry.value, site(home));
        match key {
            "id" => self.step_id(step, value, ids),
            "name" => step.name = self.text(value, key, site),
            "if" => step.condition = self.condition(value, key, condition_site(home)),
            "env" => step.env = self.texts(value, key, site),
            "continue-on-error" => step.continue_on_error = self.boolean_setting(value, key, site),
            "timeout-minutes" if home != Home::Action => {
                step.timeout_minutes = self.number_setting(value, key, site);
            }
            "background" if home == Home::Job => {
                step.background = self.boolean(value, key).unwrap_or(false);
            }
            "background" if home == Home::Parallel => {
                let message = "`background` cannot stand inside `parallel`";
                let help = "remove it: what is in `parallel` runs in the background anyway";
                self.error(entry.key.span(), codes::CONFLICTING_KEYS, message, help);
            }
            "with" | "shell" | "working-directory" => {}
            key => return Form::of_key(key).is_some(),
        }
        true
    }

    /// Says why a key is not one of the step.
    fn check_step_key(&mut self, key: &str, entry: &Entry<'_>, form: Option<Form>, home: Home) {
        let known = form.map_or(&ALL_KEYS[..], |form| keys(form, home));
        let (span, owner) = (entry.key.span(), form.map_or("a step", Form::owner));
        let elsewhere = ALL_KEYS.contains(&key);
        match (Form::of_key(key), form) {
            (Some(_), Some(form)) => {
                let message = format!("a step cannot have both `{}` and `{key}`", form.key());
                self.error(span, codes::CONFLICTING_KEYS, message, "make two steps of it");
            }
            _ if elsewhere && home == Home::Action => {
                let message = format!("`{key}` is not a key of a step of an action");
                self.error(
                    span,
                    codes::UNKNOWN_KEY,
                    message,
                    format!("use one of {}", quoted(known)),
                );
            }
            _ if elsewhere => {
                let message = format!("`{key}` is not a key of {owner}");
                self.error(
                    span,
                    codes::CONFLICTING_KEYS,
                    message,
                    format!("use one of {}", quoted(known)),
                );
            }
            _ => self.unknown_key(entry, owner, known),
        }
    }

    fn step_id(&mut self, step: &mut Step, node: NodeRef<'_>, ids: &mut StepIds) {
        let Some(id) = self.name(node, "id") else { return };
        if let Err(error) = ids.claim(&id.value) {
            let code = match check_id(&id.value) {
                Err(_) => codes::INVALID_ID,
                Ok(()) => codes::DUPLICATE_ID,
            };
            self.error(id.span, code, format!("`{}` {error}", id.value), error.help());
            return;
        }
        step.id_span = Some(id.span);
        step.id = id.value;
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "a step is read in one go, with the ids before it"
    )]
    fn body(
        &mut self,
        form: Form,
        node: NodeRef<'_>,
        entries: &Entries<'_>,
        home: Home,
        ids: &mut StepIds,
        known: &mut Vec<Name>,
        step: &Step,
    ) -> StepBody {
        let find =
            |key: &str| entries.iter().find(|(name, _)| name == key).map(|(_, entry)| entry.value);
        let Some(value) = find(form.key()) else { return StepBody::Unreadable };
        let body = match form {
            Form::Run => self.script(value, node, home, find),
            Form::Uses => self.uses(value, home, find),
            Form::Wait => self.wait(value, step, known),
            Form::WaitAll => self.wait_all(value),
            Form::Cancel => self.target(value, "cancel", step, known).map(StepBody::Cancel),
            Form::Parallel => self.parallel(value, ids, known),
        };
        body.unwrap_or(StepBody::Unreadable)
    }

    fn script<'t>(
        &mut self,
        node: NodeRef<'t>,
        step: NodeRef<'_>,
        home: Home,
        find: impl Fn(&str) -> Option<NodeRef<'t>>,
    ) -> Option<StepBody> {
        let site = site(home);
        // A job's `shell` takes no expressions, an action's does.
        let shell_site = if home == Home::Action { site } else { Site::Nowhere };
        let shell = find("shell").and_then(|node| self.filled_text(node, "shell", shell_site));
        if home == Home::Action && find("shell").is_none() {
            self.missing_key(step, "a `run` step of an action", "shell");
        }
        let working_directory =
            find("working-directory").and_then(|node| self.text(node, "working-directory", site));
        let script = self.text(node, "run", site)?;
        Some(StepBody::Run(Run { script, shell, working_directory, programs: OnceLock::new() }))
    }

    fn uses<'t>(
        &mut self,
        node: NodeRef<'t>,
        home: Home,
        find: impl Fn(&str) -> Option<NodeRef<'t>>,
    ) -> Option<StepBody> {
        let with = find("with").and_then(|node| self.texts(node, "with", site(home)));
        let uses = self.name(node, "uses")?;
        let action = ActionReference::parse(&uses.value);
        self.check_action(&action, uses.span);
        let action = Spanned::new(action, uses.span);
        Some(StepBody::Uses(Uses { action, with: with.unwrap_or_default() }))
    }

    fn check_action(&mut self, action: &ActionReference, span: Span) {
        match action {
            ActionReference::Unreadable(text) => {
                let message = format!("`{text}` names no action");
                let help = "write `owner/repository@reference`, `./path` or `docker://image`";
                self.error(span, codes::INVALID_ACTION, message, help);
            }
            ActionReference::Docker(image) if image.is_empty() => {
                let message = "`docker://` names no image";
                self.error(span, codes::INVALID_ACTION, message, "write `docker://image`");
            }
            ActionReference::Remote { host: Some(host), .. } if self.forge == Forge::GitHub => {
                let message = format!("no action is taken from `{host}` on GitHub");
                let help = "write `owner/repository@reference`";
                self.error(span, codes::INVALID_ACTION, message, help);
            }
            _ => {}
        }
    }

    fn wait(&mut self, node: NodeRef<'_>, step: &Step, known: &[Name]) -> Option<StepBody> {
        if !node.is_sequence() {
            return self
                .target(node, "wait", step, known)
                .map(|target| StepBody::Wait(vec![target]));
        }
        let target = |item| self.target(item, "wait", step, known);
        Some(StepBody::Wait(node.items().filter_map(target).collect()))
    }

    /// The id of an earlier step.
    fn target(
        &mut self,
        node: NodeRef<'_>,
        key: &str,
        step: &Step,
        known: &[Name],
    ) -> Option<Name> {
        let target = self.name(node, key)?;
        if known.iter().any(|id| id.value == target.value) {
            return Some(target);
        }
        let itself = step.id_span.is_some() && step.id.eq_ignore_ascii_case(&target.value);
        let message = match itself {
            true => format!("the step `{}` cannot {key} itself", target.value),
            false => format!("no step before this one has the id `{}`", target.value),
        };
        let near =
            plim_diag::closest(&target.value, known.iter().rev().take(200).map(|id| &*id.value));
        let help = match near {
            Some(near) => format!("write `{near}`"),
            None => "name the `id` of an earlier step".to_owned(),
        };
        if itself || !self.partly_read {
            self.error(target.span, codes::UNKNOWN_STEP, message, help);
        }
        None
    }

    fn wait_all(&mut self, node: NodeRef<'_>) -> Option<StepBody> {
        match node.kind() {
            NodeKind::Null | NodeKind::Boolean(true) => Some(StepBody::WaitAll),
            _ => {
                self.mistyped(node, "wait-all", "`true` or nothing");
                None
            }
        }
    }

    fn parallel(
        &mut self,
        node: NodeRef<'_>,
        ids: &mut StepIds,
        known: &mut Vec<Name>,
    ) -> Option<StepBody> {
        if !node.is_sequence() {
            self.mistyped(node, "parallel", "a list of steps");
            return None;
        }
        Some(StepBody::Parallel(self.listed_steps(node, Home::Parallel, ids, known)))
    }

    fn form_not_allowed(&mut self, form: Form, entries: &Entries<'_>, home: Home) {
        let place = if home == Home::Action { "an action" } else { "`parallel`" };
        let found = entries.iter().find(|(key, _)| key == form.key());
        let Some((key, entry)) = found else { return };
        let message = format!("`{key}` cannot stand inside {place}");
        let help = "use only `run` and `uses` steps here";
        self.error(entry.key.span(), codes::CONFLICTING_KEYS, message, help);
    }

    /// A step without any key that tells what it does.
    fn formless(&mut self, node: NodeRef<'_>, entries: &Entries<'_>) {
        let has = |wanted: &str| entries.iter().any(|(key, _)| key == wanted);
        let (message, help) = if has("with") {
            ("a step with `with` has no `uses`", "add `uses`")
        } else if has("shell") || has("working-directory") {
            ("a step with a shell or folder has no `run`", "add `run`")
        } else {
            ("a step does nothing", "add `run` or `uses`")
        };
        self.absent(head(node), codes::MISSING_KEY, message, help);
    }
}

fn site(home: Home) -> Site {
    if home == Home::Action { Site::ActionStep } else { Site::Step }
}

fn condition_site(home: Home) -> Site {
    if home == Home::Action { Site::ActionIf } else { Site::StepIf }
}

/// Gives ids to the steps without one, in the order of the file, once all written ids are known.
fn name_unnamed(steps: &mut [Step], ids: &mut StepIds) {
    for step in steps {
        if step.id.is_empty() {
            step.id = ids.generate(&step.body);
        }
        if let StepBody::Parallel(inner) = &mut step.body {
            name_unnamed(inner, ids);
        }
    }
}

fn empty_step(span: Span) -> Step {
    Step {
        id: "".into(),
        id_span: None,
        name: None,
        condition: None,
        env: None,
        continue_on_error: None,
        timeout_minutes: None,
        background: false,
        body: StepBody::Unreadable,
        span,
    }
}
