//! Supervises a step's process: reads what it writes, and stops it the way GitHub does.

use std::time::{Duration, Instant};

use plim_host::{Clock, ExitStatus, Happened, HostError, Process, Signal, Stream, Waker};

use super::cancel::{Cancellation, Urgency};
use crate::mask::{Line, Masker, StreamMasker};

/// From `SIGINT` to `SIGTERM`, as the runner's `ProcessInvoker` waits.
const AFTER_INTERRUPT: Duration = Duration::from_millis(7_500);
/// From `SIGTERM` to `SIGKILL`, as the runner's `ProcessInvoker` waits.
const AFTER_TERMINATE: Duration = Duration::from_millis(2_500);
/// How long others may hold the output open after the main process ended, as in `ProcessInvoker`.
const DRAIN: Duration = Duration::from_secs(5);
/// How much is read at once.
const CHUNK: usize = 32 * 1024;

/// When a process has to stop before it ends by itself.
pub(crate) struct Limits<'a> {
    pub(crate) clock: &'a Clock,
    /// The step's own time limit.
    pub(crate) step: Option<Instant>,
    /// The job's time limit.
    pub(crate) job: Instant,
    /// How long after a cancellation the job may still run.
    pub(crate) cancel_timeout: Duration,
    /// The job's cancellation.
    pub(crate) cancellation: &'a Cancellation,
    /// The cancellation of this one background step.
    pub(crate) halt: Option<&'a Cancellation>,
    /// Looks at the step's `if` again once the job is cancelled; true lets it run on.
    pub(crate) runs_on: &'a dyn Fn() -> bool,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// By itself, with this code; a signal counts as 128 and its number, as a shell has it.
    Exited(i32),
    /// Because it was cancelled.
    Cancelled,
    /// Because the step's time was up.
    TimedOut,
}

/// Reads and waits until `process` is over. `line` gets each line without its end.
pub(crate) fn supervise(
    process: &mut Process,
    limits: &Limits<'_>,
    masker: &Masker,
    line: &mut dyn FnMut(Stream, Line<'_>),
) -> Result<Ending, HostError> {
    let waker = Waker::new()?;
    let _job = limits.cancellation.watch(&waker);
    let _halt = limits.halt.map(|halt| halt.watch(&waker));
    let mut attempt = Supervision { limits, stop: Stop::default(), exit: None, open: true };
    let mut streams = [0, 1].map(|_| Some(StreamMasker::new(masker.clone())));
    let mut buffer = vec![0; CHUNK];
    while !attempt.is_over() {
        match process.next(attempt.deadline(), &waker, &mut buffer)? {
            Happened::Output { stream, bytes } => {
                if let Some(lines) = &mut streams[stream as usize] {
                    lines.push(bytes, &mut |text| line(stream, text));
                }
            }
            Happened::Closed(stream) => {
                if let Some(lines) = streams[stream as usize].take() {
                    lines.finish(&mut |text| line(stream, text));
                }
            }
            Happened::Finished => attempt.open = false,
            Happened::Exited(status) => attempt.exit = Some((status, attempt.now() + DRAIN)),
            Happened::Deadline => attempt.deadline_passed(process)?,
            Happened::Woken => {
                waker.reset();
                attempt.woken(process)?;
            }
        }
    }
    for (stream, rest) in [Stream::Stdout, Stream::Stderr].into_iter().zip(streams) {
        if let Some(lines) = rest {
            lines.finish(&mut |text| line(stream, text));
        }
    }
    Ok(attempt.ending())
}

struct Supervision<'a> {
    limits: &'a Limits<'a>,
    stop: Stop,
    exit: Option<(ExitStatus, Instant)>,
    open: bool,
}

/// How far the stopping has come.
#[derive(Default)]
struct Stop {
    why: Option<Ending>,
    next: Option<(Signal, Instant)>,
    /// When a cancelled job's patience with an `always()` step ends.
    patience: Option<Instant>,
}

impl Supervision<'_> {
    fn now(&self) -> Instant {
        self.limits.clock.instant()
    }

    fn is_over(&self) -> bool {
        match &self.exit {
            Some((_, drained)) => !self.open || self.now() >= *drained,
            None => false,
        }
    }

    /// The next moment at which something has to be done without anything having happened.
    fn deadline(&self) -> Option<Instant> {
        if let Some((_, drained)) = self.exit {
            return Some(drained);
        }
        match (&self.stop.next, self.stop.why) {
            (Some((_, at)), _) => Some(*at),
            (None, Some(_)) => None,
            (None, None) => {
                let own = [self.limits.step, self.stop.patience];
                own.into_iter().flatten().chain([self.limits.job]).min()
            }
        }
    }

    fn deadline_passed(&mut self, process: &Process) -> Result<(), HostError> {
        let now = self.now();
        match self.stop.next {
            Some((signal, at)) if now >= at => self.escalate(signal, process),
            Some(_) => Ok(()),
            None if self.stop.why.is_some() || self.exit.is_some() => Ok(()),
            None if self.limits.step.is_some_and(|at| now >= at) => {
                self.begin(Ending::TimedOut, process)
            }
            None if self.stop.patience.is_some_and(|at| now >= at) => {
                self.begin(Ending::Cancelled, process)
            }
            None if now >= self.limits.job => {
                // The job's time being up is a cancellation of the whole job, so its other steps see it too.
                self.limits.cancellation.request(Urgency::Cancel, super::leg::TIME_IS_UP);
                self.woken(process)
            }
            None => Ok(()),
        }
    }

    fn woken(&mut self, process: &Process) -> Result<(), HostError> {
        let halted = self.limits.halt.map_or(Urgency::None, Cancellation::urgency);
        let urgency = self.limits.cancellation.urgency().max(halted);
        if self.exit.is_some() {
            return Ok(());
        }
        match urgency {
            Urgency::None => Ok(()),
            Urgency::Kill => {
                self.stop.why.get_or_insert(Ending::Cancelled);
                self.stop.next = None;
                process.kill_tree()
            }
            Urgency::Cancel if self.stop.why.is_some() || self.stop.patience.is_some() => Ok(()),
            Urgency::Cancel if halted == Urgency::None && (self.limits.runs_on)() => {
                self.stop.patience = Some(self.now() + self.limits.cancel_timeout);
                Ok(())
            }
            Urgency::Cancel => self.begin(Ending::Cancelled, process),
        }
    }

    fn begin(&mut self, why: Ending, process: &Process) -> Result<(), HostError> {
        self.stop.why = Some(why);
        self.stop.next = Some((Signal::Terminate, self.now() + AFTER_INTERRUPT));
        process.signal(Signal::Interrupt)
    }

    fn escalate(&mut self, signal: Signal, process: &Process) -> Result<(), HostError> {
        if signal == Signal::Terminate {
            self.stop.next = Some((Signal::Kill, self.now() + AFTER_TERMINATE));
            return process.signal(Signal::Terminate);
        }
        self.stop.next = None;
        process.kill_tree()
    }

    fn ending(&self) -> Ending {
        let code = match self.exit {
            Some((status, _)) => status.shell_code(),
            None => 1,
        };
        self.stop.why.unwrap_or(Ending::Exited(code))
    }
}
