//! A pause: before a step counts, a person looks at it in a shell that sees what the step saw.

use std::{
    collections::HashSet,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use plim_host::{Command, HostError, Pty, Waker};
use plim_workflow::StepBody;

use super::{
    Urgency, launch, naming, script,
    state::State,
    step::{Part, Performed, Site},
};
use crate::event::{Conclusion, Level, LineKind};

/// Shells that a person can work in, and how they are asked to.
const INTERACTIVE: [(&str, &[&str]); 6] = [
    ("bash", &["--noprofile", "--norc", "-i"]),
    ("sh", &["-i"]),
    ("dash", &["-i"]),
    ("ksh", &["-i"]),
    ("zsh", &["-f", "-i"]),
    ("fish", &["--no-config", "-i"]),
];

/// Where a run pauses, and who is called then.
#[derive(Clone)]
pub struct Pauses {
    /// At the first step that fails.
    pub at_failure: bool,
    /// Before these steps.
    pub before: Vec<StepChoice>,
    /// After these steps.
    pub after: Vec<StepChoice>,
    /// Whether the shell gets what holds a secret.
    pub secrets: bool,
    /// Talks with the person.
    pub visit: Visit,
}

/// Talks with a person: says where the run has stopped, opens the shell with the function it is given, and asks how to
/// go on.
pub type Visit = Arc<dyn Fn(&Stopped<'_>, &mut OpenShell<'_>) -> Word + Send + Sync>;

/// Opens the shell and returns when the person has left it.
pub type OpenShell<'a> = dyn FnMut() -> Result<(), HostError> + 'a;

/// Names a step: `[JOB/]STEP`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepChoice {
    /// The job, by id, key or name; every one without it.
    pub job: Option<String>,
    /// The step, by id, name, or number in its job, counted from 1.
    pub step: String,
}

/// Where a run has stopped.
pub struct Stopped<'a> {
    /// The job's key.
    pub job: &'a str,
    /// The step's name.
    pub step: &'a str,
    /// Before it, after it, or because it failed.
    pub moment: Moment,
    /// How the step ended, when it has.
    pub exit_code: Option<i32>,
    /// Where the shell starts.
    pub folder: &'a Path,
    /// The step's script as it runs.
    pub script: Option<&'a Path>,
    /// Whether secrets in the script were replaced.
    pub masked: bool,
    /// Variables that the shell does not get, because they hold a secret.
    pub withheld: &'a [String],
    /// Woken when the job is cancelled.
    pub waker: &'a Waker,
}

/// When a run stops at a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before it.
    Before,
    /// After it.
    After,
    /// Because it failed.
    Failed,
}

/// How a person wants to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Run the step again.
    Retry,
    /// Go on with how the step ended; before a step, run it.
    Continue,
    /// Stop the run.
    Abort,
}

impl StepChoice {
    /// Reads `[JOB/]STEP`; a job inside a called workflow has slashes of its own.
    pub fn read(text: &str) -> Self {
        match text.rsplit_once('/') {
            Some((job, step)) if !job.is_empty() && !step.is_empty() => {
                Self { job: Some(job.to_owned()), step: step.to_owned() }
            }
            _ => Self { job: None, step: text.to_owned() },
        }
    }

    /// Whether it means the step with this id, this name, and this number, counted from 1.
    pub fn is_step(&self, id: &str, name: &str, number: usize) -> bool {
        let plain = name.strip_prefix("Run ").unwrap_or(name);
        self.step == id
            || self.step.eq_ignore_ascii_case(name)
            || self.step.eq_ignore_ascii_case(plain)
            || self.step.parse() == Ok(number)
    }

    /// Whether it means the job with this key: `ci.yml:test[2]`.
    pub fn is_job(&self, key: &str) -> bool {
        let Some(job) = &self.job else { return true };
        let id = key.split_once(':').map_or(key, |(_, id)| id);
        job == key || job == id || id.split('[').next() == Some(job)
    }
}

/// What remembers, in a run, that a person has seen enough.
pub(crate) struct Pausing {
    pauses: Pauses,
    /// A failure was looked at and left as it is.
    over: AtomicBool,
    /// Held while somebody looks at a failure, since what comes of it decides whether the next one is looked at.
    turn: Mutex<()>,
    /// Which choices have met a step.
    met: Mutex<HashSet<String>>,
}

impl Pausing {
    pub(crate) fn new(pauses: Pauses) -> Self {
        let (over, turn, met) = (AtomicBool::new(false), Mutex::default(), Mutex::default());
        Self { pauses, over, turn, met }
    }

    /// The steps that were chosen and that no job has come to.
    pub(crate) fn missed(&self) -> Vec<&str> {
        let met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        let all = self.pauses.before.iter().chain(&self.pauses.after);
        all.map(|choice| choice.step.as_str()).filter(|step| !met.contains(*step)).collect()
    }

    /// Performs a step, with pauses before and after it.
    pub(crate) fn perform(
        &self,
        site: &Site<'_>,
        state: &mut State,
        perform: &dyn Fn(&Site<'_>, &mut State) -> Performed,
    ) -> Performed {
        if self.is_chosen(&self.pauses.before, site, state)
            && self.visit(site, state, Moment::Before, None) == Word::Abort
        {
            return cancelled();
        }
        loop {
            let former = state.clone();
            let performed = perform(site, state);
            let failed = performed.outcome == Conclusion::Failure;
            let _turn = failed.then(|| self.turn.lock().unwrap_or_else(PoisonError::into_inner));
            let Some(moment) = self.moment(site, state, &performed) else { return performed };
            match self.visit(site, state, moment, Some(&performed)) {
                Word::Retry => {
                    *state = former;
                    site.log(LineKind::Notice, "tried again by hand");
                }
                Word::Continue => {
                    self.over.fetch_or(moment == Moment::Failed, Ordering::AcqRel);
                    return performed;
                }
                Word::Abort => return cancelled(),
            }
        }
    }

    fn moment(&self, site: &Site<'_>, state: &State, performed: &Performed) -> Option<Moment> {
        if site.leg.cancellation.is_requested() || performed.outcome == Conclusion::Cancelled {
            return None;
        }
        let failed = performed.outcome == Conclusion::Failure && !site.tolerated(state);
        if failed && self.pauses.at_failure && !self.over.load(Ordering::Acquire) {
            return Some(Moment::Failed);
        }
        self.is_chosen(&self.pauses.after, site, state).then_some(Moment::After)
    }

    /// Only the steps of a job itself can be chosen, in their main part.
    fn is_chosen(&self, choices: &[StepChoice], site: &Site<'_>, state: &State) -> bool {
        let own = site.frame.action.is_none() && site.part == Part::Main;
        if choices.is_empty() || !own || site.leg.cancellation.is_requested() {
            return false;
        }
        let name = naming::step(site.step, &site.scope(state));
        let number = site.leg.position(site.step);
        let is_meant = |choice: &&StepChoice| {
            choice.is_job(&site.leg.key.0) && choice.is_step(&site.step.id, &name, number)
        };
        let Some(choice) = choices.iter().find(is_meant) else { return false };
        let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        met.insert(choice.step.clone());
        true
    }

    fn visit(
        &self,
        site: &Site<'_>,
        state: &State,
        moment: Moment,
        performed: Option<&Performed>,
    ) -> Word {
        let begun = site.leg.world.clock.instant();
        let word = self.call(site, state, moment, performed).unwrap_or_else(|error| {
            site.leg.world.notice(Some(&site.leg.key), Level::Error, &error);
            Word::Continue
        });
        site.leg.pause_clock(site.leg.world.clock.instant().saturating_duration_since(begun));
        if word == Word::Abort {
            site.leg.world.interrupt.request(Urgency::Cancel, "stopped by hand");
            site.leg.cancellation.request(Urgency::Cancel, "stopped by hand");
        }
        word
    }

    fn call(
        &self,
        site: &Site<'_>,
        state: &State,
        moment: Moment,
        performed: Option<&Performed>,
    ) -> Result<Word, String> {
        let told = |error: HostError| format!("no shell could be opened: {error}");
        let waker = Waker::new().map_err(told)?;
        let _watch = site.leg.cancellation.watch(&waker);
        let desk = Desk::prepare(site, state, self.pauses.secrets)?;
        let name = site.leg.mask(&naming::step(site.step, &site.scope(state)));
        let stopped = Stopped {
            job: &site.leg.key.0,
            step: &name,
            moment,
            exit_code: performed.and_then(|performed| performed.exit_code),
            folder: &desk.command.directory,
            script: desk.script.as_deref(),
            masked: desk.masked,
            withheld: &desk.withheld,
            waker: &waker,
        };
        let mut open = || {
            site.leg.touch();
            let pty = Pty::open()?;
            let mut process = site.leg.cell.spawn_at(&desk.command, &pty)?;
            pty.attend(&mut process, &waker).map(|_| ())
        };
        let word = (self.pauses.visit)(&stopped, &mut open);
        desk.clear();
        Ok(if site.leg.cancellation.is_requested() { Word::Abort } else { word })
    }
}

fn cancelled() -> Performed {
    Performed { outcome: Conclusion::Cancelled, ..Performed::failed() }
}

/// What lies ready for a person.
struct Desk {
    command: Command,
    script: Option<PathBuf>,
    masked: bool,
    withheld: Vec<String>,
    files: launch::Files,
}

impl Desk {
    fn prepare(site: &Site<'_>, state: &State, secrets: bool) -> Result<Self, String> {
        let composed = match &site.step.body {
            StepBody::Run(run) => Some(script::compose(site, run, state)?),
            _ => None,
        };
        let masker = &site.leg.world.masker;
        let hides = |text: &str| !secrets && masker.finds_secret(text);
        let (mut script, mut masked) = (None, false);
        if let Some(composed) = &composed {
            let file = site.leg.script_file(composed.shell.extension());
            let text = composed.shell.script(&composed.script);
            masked = hides(&text);
            let text = if masked { site.leg.mask(&text) } else { text };
            fs::write(&file, text)
                .map_err(|error| format!("could not write `{}`: {error}", file.display()))?;
            script = Some(file);
        }
        let files = launch::Files::new(site).map_err(|error| error.to_string())?;
        let mut variables = launch::environment(site, state);
        let withheld: Vec<String> = variables
            .iter()
            .filter(|(_, value)| hides(value))
            .map(|(name, _)| name.to_owned())
            .collect();
        files.name_in(&mut variables);
        variables.set("PS1", "plim \\W \\$ ");
        variables.set("TERM", site.leg.world.options.environment.text("TERM").unwrap_or("dumb"));
        let folder = composed.as_ref().map(|composed| composed.directory.clone());
        let folder = folder.filter(|folder| folder.is_dir());
        let folder = folder.unwrap_or_else(|| site.leg.places.workspace.clone());
        let (program, arguments) = shell(site, state, composed.as_ref())?;
        let mut command = Command::new(program, folder);
        command.arguments = arguments.iter().map(OsString::from).collect();
        let kept = variables.iter().filter(|(name, _)| !withheld.iter().any(|one| one == name));
        command.environment = kept.map(|(name, value)| (name.into(), value.into())).collect();
        Ok(Self { command, script, masked, withheld, files })
    }

    /// Removes what was made for the person alone.
    fn clear(self) {
        self.files.remove();
        if let Some(script) = self.script {
            // The folder goes with the job; a file that cannot be removed now is removed then.
            let _ = fs::remove_file(script);
        }
    }
}

/// The step's shell where a person can work in it, else bash, else sh.
fn shell(
    site: &Site<'_>,
    state: &State,
    composed: Option<&script::Composed>,
) -> Result<(PathBuf, &'static [&'static str]), String> {
    let path = launch::search_path(site, state);
    let find = |name: &str| plim_host::which(name, &path, &site.leg.places.workspace);
    let own = composed.and_then(|composed| composed.shell.program.file_name()?.to_str());
    let names = own.into_iter().chain(["bash", "sh"]);
    let mut known = names.filter_map(|name| {
        let (name, arguments) = INTERACTIVE.iter().find(|(known, _)| *known == name)?;
        Some((find(name)?, *arguments))
    });
    known.next().ok_or_else(|| "no shell could be opened: neither bash nor sh is there".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_chosen_by_id_name_or_number() {
        let choice = StepChoice::read("test/build it");
        assert!(choice.is_job("ci.yml:test[2]") && choice.is_job("ci.yml:test"));
        assert!(!choice.is_job("ci.yml:tests"));
        assert!(choice.is_step("", "Build it", 1) && !choice.is_step("build", "Run make", 1));
        assert!(StepChoice::read("make").is_step("x", "Run make", 1));
        assert!(
            StepChoice::read("3").is_step("x", "y", 3)
                && !StepChoice::read("3").is_step("x", "y", 2)
        );
        assert!(StepChoice::read("release/build/2").is_job("ci.yml:release/build"));
        assert_eq!(StepChoice::read("/x").job, None);
    }
}
