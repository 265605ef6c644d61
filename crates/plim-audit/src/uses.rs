//! The uses of actions, each with what is known of the action.

use std::sync::Arc;

use plim_workflow::{
    Action, ActionBody, ActionReference, Entries, Name, Step, StepBody, Text, Uses,
};

use crate::known::{KnownUse, known_use};
use crate::{Nearby, StepAt, Surroundings};

/// A use of an action.
#[derive(Clone, Debug)]
pub struct UseAt<'a> {
    /// The step it is of.
    pub step: StepAt<'a>,
    /// The keys of that step.
    pub uses: &'a Uses,
    /// What is known of the action.
    pub action: Used,
}

/// What is known of an action that is used.
#[derive(Clone, Debug)]
pub enum Used {
    /// It is in the table of known actions.
    Known(KnownUse),
    /// It is in this repository.
    Local(Arc<Action>),
    /// It should be in this repository at this path, and is not.
    Missing(String),
    /// Nothing.
    Unknown,
}

/// An input of an action that is used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Declared<'u> {
    /// Its name.
    pub name: &'u str,
    /// Whether it must be given.
    pub required: bool,
    /// Whether it is deprecated, and what its author says about that.
    pub deprecated: Option<&'u str>,
}

impl<'a> UseAt<'a> {
    /// The inputs that the action declares; `None` where that is not known.
    #[must_use]
    pub fn declared(&self) -> Option<Vec<Declared<'_>>> {
        match &self.action {
            Used::Known(known) => {
                Some(known.inputs().map(|input| of_table(known, input)).collect())
            }
            Used::Local(action) if !action.partly_read => Some(of_file(action)),
            _ => None,
        }
    }

    /// The inputs that are given, where they are written out.
    #[must_use]
    pub fn given(&self) -> Option<&'a [(Name, Text)]> {
        match &self.uses.with {
            Entries::Written(given) => Some(given),
            Entries::Expression(_) | Entries::Mixed(_) => None,
        }
    }

    /// Whether it runs in a container, so that `args` and `entrypoint` may be given.
    #[must_use]
    pub fn is_docker(&self) -> bool {
        match &self.action {
            Used::Known(known) => match known.major {
                Some(major) => known.action.runtime(major) == Some("docker"),
                None => known.action.versions.iter().any(|(_, runtime)| *runtime == "docker"),
            },
            Used::Local(action) => matches!(action.body, ActionBody::Docker(_)),
            Used::Missing(_) | Used::Unknown => false,
        }
    }
}

fn of_table(known: &KnownUse, input: &'static crate::KnownInput) -> Declared<'static> {
    // Of a branch, nothing is certain: those of some actions give inputs their defaults.
    let in_this = |majors: Option<crate::Majors>| {
        known.major.zip(majors).is_some_and(|(major, majors)| majors.has(major))
    };
    Declared {
        name: input.name,
        required: in_this(input.required),
        deprecated: in_this(input.deprecated).then_some(""),
    }
}

fn of_file(action: &Action) -> Vec<Declared<'_>> {
    let declared = action.inputs.iter().map(|input| Declared {
        name: &input.name.value,
        required: input.required && input.default.is_none(),
        deprecated: input.deprecation.as_deref(),
    });
    declared.collect()
}

/// The uses among `steps`.
pub(crate) fn uses<'a>(
    steps: &[StepAt<'a>],
    source: &str,
    surroundings: &dyn Surroundings,
) -> Vec<UseAt<'a>> {
    let uses = steps.iter().filter_map(|&step| match &step.step.body {
        StepBody::Uses(uses) => {
            Some(UseAt { step, uses, action: action(step, uses, source, surroundings) })
        }
        _ => None,
    });
    uses.collect()
}

fn action(step: StepAt<'_>, uses: &Uses, source: &str, surroundings: &dyn Surroundings) -> Used {
    match &uses.action.value {
        ActionReference::Local { path, of_repository } => {
            match folder(step, path, *of_repository) {
                Some(folder) => local(step, folder, surroundings),
                None => Used::Unknown,
            }
        }
        _ => known_use(uses, source).map_or(Used::Unknown, Used::Known),
    }
}

fn local(step: StepAt<'_>, folder: String, surroundings: &dyn Surroundings) -> Used {
    match surroundings.action(&folder) {
        Nearby::Found(action) => Used::Local(action),
        Nearby::Unknown => Used::Unknown,
        // Of an action that other repositories use, and of a workflow that they call, the folder is one of theirs.
        Nearby::Absent
            if step.job.is_none_or(|job| job.workflow.trigger("workflow_call").is_some()) =>
        {
            Used::Unknown
        }
        // A folder with nothing but a `Dockerfile` is an action, too.
        Nearby::Absent if is_there(surroundings, &folder, "Dockerfile") => Used::Unknown,
        Nearby::Absent if step.earlier().iter().any(changes_files) => Used::Unknown,
        Nearby::Absent => Used::Missing(folder),
    }
}

fn is_there(surroundings: &dyn Surroundings, folder: &str, file: &str) -> bool {
    let path = if folder.is_empty() { file.to_owned() } else { format!("{folder}/{file}") };
    surroundings.at(&path) != crate::Presence::Absent
}

/// The folder of this repository that `./path` is, if the workspace holds nothing but this repository there.
fn folder(step: StepAt<'_>, path: &str, of_repository: bool) -> Option<String> {
    let path = path.trim_matches('/');
    let path = path.strip_prefix("./").unwrap_or(path);
    if path.contains("..") || path.contains('\\') || path.contains("//") {
        return None;
    }
    if of_repository {
        return Some(path.to_owned());
    }
    let checkouts = step.earlier().iter().filter_map(checkout);
    let mut folder = path.to_owned();
    for checkout in checkouts {
        let place = match value(checkout, "path") {
            Given::Nothing => "",
            Given::Text(place) => place.trim_start_matches("./").trim_end_matches('/'),
            Given::Computed => return None,
        };
        let inside = if place.is_empty() {
            Some(path)
        } else if path == place {
            Some("")
        } else {
            path.strip_prefix(place).and_then(|rest| rest.strip_prefix('/'))
        };
        let Some(inside) = inside else { continue };
        let of_another = |key: &str| !matches!(value(checkout, key), Given::Nothing);
        if of_another("repository") || of_another("ref") {
            return None;
        }
        inside.clone_into(&mut folder);
    }
    Some(folder)
}

fn checkout(step: &Step) -> Option<&Uses> {
    let StepBody::Uses(uses) = &step.body else { return None };
    match &uses.action.value {
        ActionReference::Remote { repository, .. } if repository.contains("checkout") => Some(uses),
        _ => None,
    }
}

enum Given<'a> {
    Nothing,
    Text(&'a str),
    Computed,
}

fn value<'a>(uses: &'a Uses, key: &str) -> Given<'a> {
    let Entries::Written(given) = &uses.with else { return Given::Computed };
    match given.iter().find(|(name, _)| name.value.eq_ignore_ascii_case(key)) {
        None => Given::Nothing,
        Some((_, text)) => text.template.is_literal().map_or(Given::Computed, Given::Text),
    }
}

/// Whether a step may bring files that no file of the repository tells of.
fn changes_files(step: &Step) -> bool {
    match &step.body {
        StepBody::Run(run) => {
            let script = run.script.template.source();
            ["git ", "cp ", "mv ", "mkdir", "ln ", "tar ", "unzip", "curl", "gh "]
                .iter()
                .any(|word| script.contains(word))
        }
        StepBody::Uses(uses) => match &uses.action.value {
            ActionReference::Remote { owner, repository, .. } => {
                let known = ["checkout", "cache"].contains(&&**repository)
                    || repository.starts_with("setup-")
                    || &**owner == "docker";
                !known
            }
            _ => false,
        },
        StepBody::Parallel(steps) => steps.iter().any(changes_files),
        _ => false,
    }
}
