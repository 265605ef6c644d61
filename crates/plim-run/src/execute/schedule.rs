//! Schedules jobs: which may start, which are skipped, blocked or cancelled, and how it all ends.

use std::{
    borrow::Cow,
    collections::HashMap,
    panic::{self, AssertUnwindSafe},
    sync::{
        Arc,
        mpsc::{self, Receiver, Sender},
    },
    thread,
    time::Duration,
};

use super::{
    Cancellation, Options, Urgency, World,
    groups::{self, Request, Turn},
    instance::{Done, Gate, Instance, JobState, LegState, OpenJob, Place, Stage},
    leg::{self, Order, Report},
    open,
};
use crate::{
    JobKey, Sink,
    event::{Cause, Conclusion, Event, Level, RunResult},
    plan::Plan,
    source::Source,
    tally::Tally,
};

/// What other threads tell the scheduler.
enum Message {
    /// A leg is over.
    Ended(Place, Report),
    /// A leg's or a workflow's waiting for its group is over.
    Turn(Target, Result<Turn, String>),
    /// Somebody said whether a leg may use its environment.
    Approved(Place, bool),
    /// A newer run asks that this one stop.
    Unwanted(Target),
    /// The user asks that all stop.
    Interrupted,
}

/// What holds a concurrency group.
#[derive(Clone, Copy, Debug)]
enum Target {
    Leg(Place),
    Workflow(usize),
}

/// Runs a plan to its end.
pub(crate) fn run(
    plan: &Plan,
    options: Options,
    interrupt: &Cancellation,
    sink: Sink,
) -> RunResult {
    let (sender, receiver) = mpsc::channel();
    let told = sender.clone();
    interrupt.call(move || {
        // Nobody listens any more once the run is over.
        let _ = told.send(Message::Interrupted);
    });
    let (jobs, approve) = (options.jobs.max(1), options.approve.clone());
    let past = options.past.clone();
    let (world, trouble) = World::new(plan, options, interrupt, sink);
    let plan = &*settled(plan, &world.source);
    let mut scheduler = Scheduler {
        world: Arc::new(world),
        instances: Vec::new(),
        interrupt: interrupt.clone(),
        sender,
        receiver,
        jobs,
        past,
        approve,
        running: 0,
        tally: Tally::default(),
    };
    scheduler.world.begin(&crate::basis::asked(plan), trouble);
    for workflow in &plan.workflows {
        scheduler.world.emit(Event::WorkflowStarted {
            workflow: workflow.workflow.path.clone(),
            name: workflow.name.clone(),
            trigger: workflow.occasion.event.clone(),
        });
        scheduler.instances.push(Instance::triggered(&scheduler.world, workflow));
    }
    scheduler.work()
}

/// The plan at the commit that jobs see. Expressions may name it anywhere, so that it is planned again rather than
/// searched for what to replace.
fn settled<'p>(plan: &'p Plan, source: &Source) -> Cow<'p, Plan> {
    let is_planned = plan.workflows.iter().all(|w| *w.occasion.sha == *source.commit());
    if is_planned {
        return Cow::Borrowed(plan);
    }
    // What was planned at HEAD can be planned at a snapshot: the same names are asked for.
    plan.planner.plan().map_or(Cow::Borrowed(plan), Cow::Owned)
}

struct Scheduler {
    world: Arc<World>,
    instances: Vec<Instance>,
    interrupt: Cancellation,
    sender: Sender<Message>,
    receiver: Receiver<Message>,
    jobs: usize,
    past: HashMap<JobKey, Duration>,
    approve: super::Approve,
    running: usize,
    tally: Tally,
}

impl Scheduler {
    fn work(mut self) -> RunResult {
        loop {
            while self.advance() {}
            if self.instances.iter().all(|instance| instance.reported) {
                break;
            }
            let Ok(message) = self.receiver.recv() else { break };
            self.take(message);
        }
        let result = self.tally.result(self.interrupt.is_requested());
        self.world.end(result, self.tally.counts());
        result
    }

    /// Does everything that can be done without waiting; true if there was something.
    fn advance(&mut self) -> bool {
        let mut moved = false;
        for instance in 0..self.instances.len() {
            moved |= self.admit(instance);
            for job in 0..self.instances[instance].jobs.len() {
                moved |= self.open(instance, job) | self.close(instance, job);
            }
            moved |= self.report(instance);
        }
        moved | self.start()
    }

    /// Lets a workflow ask for its concurrency group before any of its jobs opens.
    fn admit(&mut self, index: usize) -> bool {
        let instance = &mut self.instances[index];
        let Some(asked) = instance.group.take() else { return false };
        match asked {
            Ok(request) => {
                if instance.groups.contains(&request.group.to_lowercase()) {
                    let text = deadlock(&instance.planned.workflow.path, &request.group);
                    self.world.notice(None, Level::Error, &text);
                    self.abandon(index, Conclusion::Failure);
                    return true;
                }
                instance.groups.push(request.group.to_lowercase());
                let cancellation = Cancellation::default();
                instance.gate = Gate::Waiting(cancellation.clone());
                let id = format!("{} {}", self.world.unique(), instance.planned.workflow.path);
                self.ask(Target::Workflow(index), request, id, cancellation);
            }
            Err(reason) => {
                self.world.notice(None, Level::Error, &reason);
                self.abandon(index, Conclusion::Failure);
            }
        }
        true
    }

    /// Waits for a group in a thread of its own.
    fn ask(&self, target: Target, request: Request, id: String, cancellation: Cancellation) {
        let (sender, world) = (self.sender.clone(), self.world.clone());
        thread::spawn(move || {
            let folder = world.groups_folder();
            let turn = groups::wait(&folder, &world.source_id, &request, &id, &cancellation);
            let turn = turn.map_err(|error| {
                format!("could not wait for the group `{}`: {error}", request.group)
            });
            // Who hears of it may end the run, which waits for the keeper only if nobody else holds it.
            drop(world);
            let _ = sender.send(Message::Turn(target, turn));
        });
    }

    /// Decides a job once what it needs is over: skipped, blocked, or open with its legs.
    fn open(&mut self, index: usize, job: usize) -> bool {
        let instance = &self.instances[index];
        if !matches!(instance.gate, Gate::Open | Gate::Held(..)) || !instance.is_due(job) {
            return false;
        }
        let killed = self.interrupt.urgency() == Urgency::Kill;
        let state = open::open(&self.world, instance, job, killed, &mut self.tally);
        self.instances[index].jobs[job] = state;
        true
    }

    /// Starts what may start, of all jobs, what was quick before first.
    fn start(&mut self) -> bool {
        let mut moved = false;
        while let Some(place) = self.next() {
            if !self.start_leg(place) {
                break;
            }
            moved = true;
        }
        moved
    }

    /// The ready leg that took the least time when it last passed; those of unknown time come after, in their order.
    fn next(&self) -> Option<Place> {
        let free = self.running < self.jobs;
        let may = |leg: &LegState| matches!(leg.stage, Stage::Ready) && (free || leg.needs_word());
        let mut best: Option<(Duration, Place)> = None;
        for (instance, held) in self.instances.iter().enumerate() {
            for (job, state) in held.jobs.iter().enumerate() {
                let JobState::Open(open) = state else { continue };
                if open.running() >= open.max_parallel {
                    continue;
                }
                for (leg, state) in open.legs.iter().enumerate().filter(|(_, leg)| may(leg)) {
                    let took = self.past.get(&state.key).copied().unwrap_or(Duration::MAX);
                    if best.as_ref().is_none_or(|(quickest, _)| took < *quickest) {
                        best = Some((took, Place { instance, job, leg }));
                    }
                }
            }
        }
        best.map(|(_, place)| place)
    }

    /// Takes a ready leg one stage further: approval, concurrency group, start.
    fn start_leg(&mut self, place: Place) -> bool {
        let Some(leg) = self.leg(place) else { return false };
        if let Some(environment) = leg.environment.take() {
            leg.stage = Stage::Asked;
            leg.asked = Some(environment.clone());
            self.ask_approval(place, environment);
            return true;
        }
        if let Some(request) = leg.group.take() {
            self.ask_group(place, request);
            return true;
        }
        match leg.start.take() {
            Some(open::Start::Steps(order)) => self.run_steps(place, *order),
            Some(open::Start::Call(call)) => self.call(place, *call),
            None => return false,
        }
        true
    }

    fn ask_approval(&self, place: Place, environment: String) {
        let (sender, approve) = (self.sender.clone(), self.approve.clone());
        thread::spawn(move || {
            let _ = sender.send(Message::Approved(place, approve(&environment)));
        });
    }

    fn ask_group(&mut self, place: Place, request: Request) {
        let held = self.instances[place.instance].groups.contains(&request.group.to_lowercase());
        let id = self.world.unique();
        let Some(leg) = self.leg(place) else { return };
        if held {
            let text = deadlock(&leg.name, &request.group);
            self.world.notice(None, Level::Error, &text);
            self.tally.ran(Conclusion::Failure, false);
            return self.end_leg(place, Report::of(Conclusion::Failure));
        }
        leg.stage = Stage::Asked;
        let cancellation = leg.cancellation.clone();
        leg.gate = Gate::Waiting(cancellation.clone());
        let id = format!("{id} {}", leg.name);
        self.ask(Target::Leg(place), request, id, cancellation);
    }

    fn run_steps(&mut self, place: Place, order: Order) {
        self.running += 1;
        if let Some(leg) = self.leg(place) {
            leg.stage = Stage::Running;
        }
        let (sender, world) = (self.sender.clone(), self.world.clone());
        thread::spawn(move || {
            // A leg that nobody hears of again would keep the run waiting for ever.
            let attempt = panic::catch_unwind(AssertUnwindSafe(|| leg::run(&world, order)));
            let report = attempt.unwrap_or_else(|_| Report::of(Conclusion::Failure));
            // Who hears of it may end the run, which waits for the keeper only if nobody else holds it.
            drop(world);
            let _ = sender.send(Message::Ended(place, report));
        });
    }

    fn call(&mut self, place: Place, call: open::Called) {
        let called = self.instances.len();
        if let Some(home) = &call.planned.home {
            self.world.emit(Event::ActionUsed {
                job: call.key.clone(),
                uses: call.planned.workflow.path.clone(),
                commit: home.stored.commit.as_str().into(),
            });
        }
        let caller = &self.instances[place.instance];
        let instance = Instance::called(&self.world, caller, place, call);
        self.instances.push(instance);
        if let Some(leg) = self.leg(place) {
            leg.stage = Stage::Called(called);
        }
    }

    fn leg(&mut self, place: Place) -> Option<&mut LegState> {
        match self.instances.get_mut(place.instance)?.jobs.get_mut(place.job)? {
            JobState::Open(open) => open.legs.get_mut(place.leg),
            JobState::Waiting | JobState::Done(_) => None,
        }
    }

    /// Closes a job whose legs are all over.
    fn close(&mut self, index: usize, job: usize) -> bool {
        let JobState::Open(open) = &self.instances[index].jobs[job] else { return false };
        let Some(done) = open.done() else { return false };
        let (blocked, all) = (open.blocked(), open.legs.len());
        if done.provisional && blocked < all {
            let id = &self.instances[index].planned.jobs[job].id;
            let text = format!(
                "the result of `{id}` is provisional: {blocked} of its {all} legs did not run here"
            );
            self.world.notice(None, Level::Notice, &text);
        }
        self.instances[index].jobs[job] = JobState::Done(done);
        true
    }

    /// Tells a called workflow's caller how it ended.
    fn report(&mut self, index: usize) -> bool {
        let instance = &mut self.instances[index];
        if instance.reported || !instance.is_over() {
            return false;
        }
        instance.reported = true;
        instance.release();
        let Some(caller) = instance.caller else { return true };
        let report = instance.report().unwrap_or_else(|reason| {
            self.world.notice(None, Level::Error, &reason);
            Report::of(Conclusion::Failure)
        });
        let settled = self.instances[index].is_settled();
        self.end_leg(caller, report);
        if let Some(leg) = self.leg(caller) {
            leg.reused = settled;
        }
        true
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Ended(place, report) => {
                self.running -= 1;
                let tolerated = self.leg(place).is_some_and(|leg| leg.tolerated);
                self.tally.ran(report.conclusion, tolerated);
                if report.by_hand {
                    self.tally.by_hand();
                }
                self.end_leg(place, report);
            }
            Message::Turn(target, turn) => self.take_turn(target, turn),
            Message::Approved(place, true) => {
                if let Some(leg) = self.leg(place) {
                    leg.stage = Stage::Ready;
                }
            }
            Message::Approved(place, false) => self.refuse(place),
            Message::Unwanted(target) => {
                self.stop(target, "a newer run of its concurrency group began")
            }
            Message::Interrupted => self.interrupt(),
        }
    }

    fn take_turn(&mut self, target: Target, turn: Result<Turn, String>) {
        let held = match turn {
            Ok(Turn::Held(held)) => Arc::new(held),
            Ok(Turn::Replaced) => {
                return self.stop(target, "a newer one took its place in its concurrency group");
            }
            Err(reason) => {
                self.world.notice(None, Level::Error, &reason);
                return self.stop(target, "its concurrency group could not be waited for");
            }
        };
        let done = Cancellation::default();
        let (watched, sender, until) = (held.clone(), self.sender.clone(), done.clone());
        let world = self.world.clone();
        thread::spawn(move || {
            let told = watched.watch(&until, &|| {
                let _ = sender.send(Message::Unwanted(target));
            });
            if let Err(error) = told {
                let text =
                    format!("cannot hear whether a newer run asks that this one stop: {error}");
                world.notice(None, Level::Warning, &text);
            }
        });
        match target {
            Target::Workflow(index) => self.instances[index].gate = Gate::Held(held, done),
            Target::Leg(place) => match self.leg(place) {
                Some(leg) if matches!(leg.stage, Stage::Asked) => {
                    leg.gate = Gate::Held(held, done);
                    leg.stage = Stage::Ready;
                }
                _ => done.request(Urgency::Kill, "nobody waits for it"),
            },
        }
    }

    /// A leg is over: its outputs, its group, and what its failure means for its siblings.
    fn end_leg(&mut self, place: Place, report: Report) {
        let JobState::Open(open) = &mut self.instances[place.instance].jobs[place.job] else {
            return;
        };
        let Some(leg) = open.legs.get_mut(place.leg) else { return };
        let failed = report.conclusion == Conclusion::Failure;
        let conclusion =
            if failed && leg.tolerated { Conclusion::Success } else { report.conclusion };
        leg.release();
        let name = leg.name.clone();
        for (name, value) in &report.outputs {
            open.outputs.insert(name.clone(), value.as_str());
        }
        leg.stage = Stage::Ended(Report { conclusion, ..report });
        if failed && leg.tolerated {
            let text = format!("`{name}` failed, which its `continue-on-error` tolerates");
            self.world.notice(None, Level::Warning, &text);
        } else if failed && open.fail_fast {
            self.cancel_siblings(place, &name);
        }
    }

    fn cancel_siblings(&mut self, place: Place, failed: &str) {
        let JobState::Open(open) = &self.instances[place.instance].jobs[place.job] else { return };
        let others = (0..open.legs.len()).filter(|leg| *leg != place.leg);
        for leg in others.collect::<Vec<_>>() {
            self.stop_leg(Place { leg, ..place }, &format!("`{failed}` failed"));
        }
    }

    fn stop(&mut self, target: Target, reason: &str) {
        match target {
            Target::Leg(place) => self.stop_leg(place, reason),
            Target::Workflow(index) => self.stop_workflow(index, reason),
        }
    }

    /// Cancels a workflow: what runs is asked to stop, what waits decides by its own condition.
    fn stop_workflow(&mut self, index: usize, reason: &str) {
        self.instances[index].cancelled = true;
        if let Gate::Waiting(waiting) = &self.instances[index].gate {
            waiting.request(Urgency::Cancel, reason);
            self.instances[index].gate = Gate::Open;
        }
        for job in 0..self.instances[index].jobs.len() {
            let JobState::Open(open) = &self.instances[index].jobs[job] else { continue };
            for leg in 0..open.legs.len() {
                self.stop_leg(Place { instance: index, job, leg }, reason);
            }
        }
    }

    fn stop_leg(&mut self, place: Place, reason: &str) {
        let urgency = self.interrupt.urgency().max(Urgency::Cancel);
        let world = self.world.clone();
        let Some(leg) = self.leg(place) else { return };
        leg.cancellation.request(urgency, reason);
        match leg.stage {
            Stage::Called(called) => self.stop_workflow(called, reason),
            Stage::Ready | Stage::Asked => {
                world.emit(Event::JobSkipped {
                    job: leg.key.clone(),
                    name: leg.name.clone(),
                    workflow: leg.workflow.clone(),
                    reason: format!("cancelled: {reason}"),
                });
                self.tally.ran(Conclusion::Cancelled, false);
                self.end_leg(place, Report::of(Conclusion::Cancelled));
            }
            Stage::Running | Stage::Ended(_) | Stage::Blocked { .. } => {}
        }
    }

    fn refuse(&mut self, place: Place) {
        let world = self.world.clone();
        let Some(leg) = self.leg(place) else { return };
        let environment = leg.asked.clone().unwrap_or_default();
        let cause = Cause::Approval { environment };
        leg.stage = Stage::Blocked { expected: false };
        let (job, name, workflow) = (leg.key.clone(), leg.name.clone(), leg.workflow.clone());
        self.tally.blocked(&cause);
        world.emit(Event::JobBlocked { job, name, workflow, cause });
    }

    fn interrupt(&mut self) {
        let roots = (0..self.instances.len()).filter(|&i| self.instances[i].caller.is_none());
        for index in roots.collect::<Vec<_>>() {
            self.stop_workflow(index, "the run was interrupted");
        }
    }

    /// Ends a workflow of which no job can run.
    fn abandon(&mut self, index: usize, result: Conclusion) {
        self.tally.ran(result, false);
        for job in &mut self.instances[index].jobs {
            *job = JobState::Done(Done::plain(result));
        }
    }
}

fn deadlock(name: &str, group: &str) -> String {
    format!(
        "`{name}` can never start: a workflow above it already holds its concurrency group `{group}`"
    )
}

impl OpenJob {
    /// A job whose legs are still to be added.
    pub(crate) fn new(fail_fast: bool, max_parallel: usize) -> Self {
        let (legs, outputs) = (Vec::new(), plim_expression::Object::new());
        Self { legs, fail_fast, max_parallel: max_parallel.max(1), outputs }
    }
}
