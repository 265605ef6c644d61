//! `plim run --watch`: runs again what a change affects.
//!
//! Changes are found by asking git what differs, some times a second: git knows what is ignored, this works on every
//! file system, and a tracked file that is written again as it was is no change.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, SystemTime},
};

use plim_diag::{Code, Diagnostic};
use plim_host::{
    Clock, HostError, Signals,
    git::{ChangeKind, Git, Layout},
};
use plim_run::{
    execute::{Cancellation, Urgency},
    history::FOLDER,
};

use crate::{
    args::{RunArgs, RunFormat},
    command,
    exit::Exit,
    output::Output,
    refusal::Refusal,
    render::text,
    request::Wanted,
    world::World,
};

/// How often it is looked for changes, at most.
const GLANCE: Duration = Duration::from_millis(250);

/// Looking takes no more than one part in so many of the time.
const SHARE: u32 = 10;

/// So many files are named before the rest is only counted.
const NAMED: usize = 2;

/// Plans and runs once, until it is cancelled.
pub(crate) type Again<'a> = dyn Fn(Wanted, Cancellation) -> Result<Exit, Refusal> + 'a;

/// Runs `again` now and after every change below `root`, until a person interrupts.
///
/// Errors: there is no git to ask, or the format is one document for one run.
pub(crate) fn watch(
    root: &Path,
    arguments: &RunArgs,
    world: &World,
    wanted: &Wanted,
    again: &Again<'_>,
) -> Result<Exit, Refusal> {
    if arguments.format == RunFormat::Junit {
        let message = "`--watch` makes many runs, and `--format junit` is one document";
        return Err(Refusal::usage(Diagnostic::error(Code("watch"), message)));
    }
    let lookout = Lookout::at(root, world)?;
    let person = Person::listen()?;
    let (mut seen, mut wanted) = (lookout.look()?, wanted.clone());
    loop {
        let cancellation = person.begin();
        let ended = thread::scope(|scope| {
            scope.spawn(|| lookout.cancel_on_change(&seen, &person, &cancellation));
            let ended = again(wanted.clone(), cancellation.clone());
            person.run_is_over();
            ended
        });
        if let Err(refusal) = ended {
            let format = command::format_of(arguments.format);
            show(&refusal.render(format, world.stderr));
        }
        if !person.is_gone() {
            say("waiting for a change; Ctrl-C ends");
        }
        let Some((now, changed)) = lookout.wait_for_change(&seen, &|length| person.waits(length))
        else {
            return Ok(Exit::Interrupted);
        };
        say(&format!("{} changed: running again", listed(&changed)));
        // What a run was about that was cut short is still to be run.
        let before = wanted.request.changed.take();
        wanted.request.changed = match (cancellation.is_requested(), before) {
            (true, None) => None,
            (true, Some(before)) => Some(before.into_iter().chain(changed).collect()),
            (false, _) => Some(changed),
        };
        seen = now;
    }
}

/// What a look at the repository shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Seen {
    commit: Option<String>,
    /// What differs from that commit, and when and how large it was written; `None` for what is gone.
    files: BTreeMap<PathBuf, Option<(SystemTime, u64)>>,
}

/// Looks at a repository.
struct Lookout {
    git: Git,
    tree: PathBuf,
    root: PathBuf,
    clock: Clock,
}

impl Lookout {
    fn at(root: &Path, world: &World) -> Result<Self, Refusal> {
        let Some(layout) = Layout::discover(root)? else {
            let message = format!("cannot watch `{}`: it is in no git repository", root.display());
            let help = "make it one with `git init`: git says what changed and what is ignored";
            return Err(Refusal::usage(Diagnostic::error(Code("watch"), message).help(help)));
        };
        let (tree, root, clock) = (layout.tree.clone(), root.to_owned(), world.host.clock.clone());
        Ok(Self { git: Git::open(layout, &world.host.environment)?, tree, root, clock })
    }

    fn look(&self) -> Result<Seen, HostError> {
        let status = self.git.status()?;
        let mut files = BTreeMap::new();
        for change in status.changes {
            if let ChangeKind::Renamed(from) = change.kind {
                files.insert(from, None);
            }
            let found = fs::symlink_metadata(self.tree.join(&change.path)).ok();
            let stamp = found.and_then(|found| Some((found.modified().ok()?, found.len())));
            files.insert(change.path, stamp);
        }
        Ok(Seen { commit: status.commit, files })
    }

    /// Looks until something differs from what was `seen` and stays as it is; `None` when `waits` says that there is
    /// nothing to wait for any more.
    fn wait_for_change(
        &self,
        seen: &Seen,
        waits: &dyn Fn(Duration) -> bool,
    ) -> Option<(Seen, Vec<String>)> {
        let mut last = seen.clone();
        loop {
            let begun = self.clock.instant();
            // git may be in the midst of something else; the next look will tell.
            let now = self.look().unwrap_or_else(|_| last.clone());
            if now == last && now != *seen {
                let changed = self.changed(seen, &now);
                if !changed.is_empty() {
                    return Some((now, changed));
                }
            }
            last = now;
            let cost = self.clock.instant().saturating_duration_since(begun);
            if !waits(GLANCE.max(cost * SHARE)) {
                return None;
            }
        }
    }

    fn cancel_on_change(&self, seen: &Seen, person: &Person, run: &Cancellation) {
        let found = self.wait_for_change(seen, &|length| person.waits_during_run(length));
        if let Some((_, changed)) = found {
            run.request(Urgency::Cancel, &format!("{} changed", listed(&changed)));
        }
    }

    /// The files that differ between two looks, relative to the root.
    fn changed(&self, then: &Seen, now: &Seen) -> Vec<String> {
        let mut paths = BTreeSet::new();
        for (one, other) in [(then, now), (now, then)] {
            let differs = |(path, stamp): &(&PathBuf, _)| other.files.get(*path) != Some(*stamp);
            paths.extend(one.files.iter().filter(differs).map(|(path, _)| path.clone()));
        }
        if let (Some(from), Some(to)) = (&then.commit, &now.commit)
            && from != to
        {
            paths.extend(self.git.diff_names(from, to, false).unwrap_or_default());
        }
        let inside = |path: &PathBuf| {
            let path = self.tree.join(path);
            let path = path.strip_prefix(&self.root).ok()?;
            let own = path.starts_with(FOLDER);
            (!own && !path.as_os_str().is_empty()).then(|| path.to_string_lossy().into_owned())
        };
        paths.iter().filter_map(inside).collect()
    }
}

/// The person who may end it all.
struct Person {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    woken: Condvar,
}

#[derive(Default)]
struct State {
    /// Ctrl-C was typed.
    gone: bool,
    /// The run that goes on.
    run: Option<Cancellation>,
}

impl Person {
    fn listen() -> Result<Self, Refusal> {
        let shared = Arc::new(Shared::default());
        let told = Arc::clone(&shared);
        Signals::install(move |_| {
            let mut state = told.state();
            let urgency = if state.gone { Urgency::Kill } else { Urgency::Cancel };
            state.gone = true;
            let run = state.run.clone();
            drop(state);
            if let Some(run) = run {
                run.request(urgency, "interrupted");
            }
            told.woken.notify_all();
        })?;
        Ok(Self { shared })
    }

    /// Begins a run; it is cancelled when the person interrupts, or has done so.
    fn begin(&self) -> Cancellation {
        let run = Cancellation::default();
        let mut state = self.shared.state();
        state.run = Some(run.clone());
        if state.gone {
            run.request(Urgency::Cancel, "interrupted");
        }
        run
    }

    fn run_is_over(&self) {
        self.shared.state().run = None;
        self.shared.woken.notify_all();
    }

    fn is_gone(&self) -> bool {
        self.shared.state().gone
    }

    /// Waits so long, or until the person interrupts; true when there is more to wait for.
    fn waits(&self, length: Duration) -> bool {
        self.shared.wait(length, |state| !state.gone)
    }

    /// As [`waits`](Self::waits), and as long as a run goes on.
    fn waits_during_run(&self, length: Duration) -> bool {
        self.shared.wait(length, |state| !state.gone && state.run.is_some())
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, length: Duration, goes_on: impl Fn(&State) -> bool) -> bool {
        let waited = self.woken.wait_timeout_while(self.state(), length, |state| goes_on(state));
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        goes_on(&state)
    }
}

/// `` `a`, `b` and 3 more``.
fn listed(paths: &[String]) -> String {
    let some: Vec<String> = paths.iter().take(NAMED).map(|path| format!("`{path}`")).collect();
    match paths.len().saturating_sub(NAMED) {
        0 => some.join(" and "),
        more => format!("{} and {more} more", some.join(", ")),
    }
}

fn say(words: &str) {
    show(&format!("{}\n", text::name(words)));
}

fn show(words: &str) {
    let mut stderr = Output::stderr();
    stderr.add(words);
    stderr.flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_files_are_named_and_the_rest_is_counted() {
        let paths =
            |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(listed(&paths(&["a"])), "`a`");
        assert_eq!(listed(&paths(&["a", "b"])), "`a` and `b`");
        assert_eq!(listed(&paths(&["a", "b", "c"])), "`a`, `b` and 1 more");
    }
}
