//! A chart of a workflow: its jobs by what they do, who waits for whom, and where something was found.

use plim_diag::{Severity, Span};
use plim_workflow::{JobBody, Trigger};

use crate::audit::Audit;
use crate::deeds::{Act, JobDeeds, runs_anyway};
use crate::{Finding, Subject, Surroundings};

/// One workflow, ready to be drawn.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Chart {
    /// Its name, else its path.
    pub title: String,
    /// Its path.
    pub path: String,
    /// What starts it.
    pub events: Vec<String>,
    /// Its jobs, in the order of the file.
    pub jobs: Vec<ChartJob>,
    /// Who waits for whom, and who should.
    pub edges: Vec<ChartEdge>,
    /// What was found outside of its jobs.
    pub marks: Marks,
}

/// One job.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChartJob {
    /// Its id.
    pub id: String,
    /// The part that matters most of what it does.
    pub role: Role,
    /// What it does, as a person would say it, each once.
    pub deeds: Vec<String>,
    /// Whether it only stands for the result of others.
    pub is_gate: bool,
    /// Whether it runs for each combination of a matrix.
    pub is_matrix: bool,
    /// Whether a condition may keep it from running.
    pub is_conditional: bool,
    /// The environment that it waits for.
    pub environment: Option<String>,
    /// What was found in it.
    pub marks: Marks,
}

/// What a job is there for.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Role {
    /// Nothing is known of what it does.
    Other,
    /// It makes what is shipped.
    Build,
    /// It judges the code.
    Test,
    /// It stands for the result of others.
    Gate,
    /// It tells people, or other workflows.
    Announce,
    /// It signs, attests, or writes checksums.
    Sign,
    /// It changes what runs somewhere.
    Deploy,
    /// It puts packages or images where others get them.
    Publish,
    /// It makes or fills a release.
    Release,
}

/// How many findings there are of each weight, and of which rules.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Marks {
    /// Errors.
    pub errors: usize,
    /// Warnings and notes.
    pub warnings: usize,
    /// What was found, `code: message`, in the order of the file.
    pub found: Vec<String>,
}

/// An edge between two jobs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ChartEdge {
    /// The index of the job that comes first.
    pub from: usize,
    /// The index of the job that waits.
    pub to: usize,
    /// What it is.
    pub kind: EdgeKind,
}

/// What an edge between two jobs is.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum EdgeKind {
    /// One needs the other.
    Needs,
    /// One needs another that ships something, so that the order of shipping hangs on it.
    Ships,
    /// A finding says that one should wait for the other.
    Missing,
}

impl Role {
    /// All roles, in the order of a pipeline.
    pub const ALL: [Self; 9] = [
        Self::Build,
        Self::Test,
        Self::Gate,
        Self::Sign,
        Self::Publish,
        Self::Release,
        Self::Deploy,
        Self::Announce,
        Self::Other,
    ];

    /// What people call it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Build => "build",
            Self::Test => "test",
            Self::Gate => "gate",
            Self::Sign => "sign",
            Self::Publish => "publish",
            Self::Release => "release",
            Self::Deploy => "deploy",
            Self::Announce => "announce",
            Self::Other => "other",
        }
    }

    const fn of(act: Act) -> Self {
        match act {
            Act::Build => Self::Build,
            Act::Test | Act::Lint | Act::ReadBack => Self::Test,
            Act::Checksum | Act::Sign | Act::Attest => Self::Sign,
            Act::Publish(_) => Self::Publish,
            Act::Draft | Act::Release | Act::Upload | Act::Propose | Act::PushTag => Self::Release,
            Act::Deploy | Act::Pages => Self::Deploy,
            Act::PushCommit | Act::SetStatus | Act::Dispatch | Act::Announce => Self::Announce,
        }
    }
}

impl Marks {
    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    fn add(&mut self, finding: &Finding) {
        match finding.diagnostic.severity {
            Severity::Error => self.errors += 1,
            _ => self.warnings += 1,
        }
        self.found.push(format!("{}: {}", finding.diagnostic.code, finding.diagnostic.message));
    }
}

/// The chart of the workflow in `subject`, with `findings` of that file marked on it; none where it is none.
#[must_use]
pub fn chart(
    subject: &Subject,
    surroundings: &dyn Surroundings,
    findings: &[Finding],
) -> Option<Chart> {
    let workflow = subject.workflow()?;
    let audit = Audit::new(subject, surroundings);
    let deeds = audit.deeds();
    let name = workflow.name.as_ref().map(|name| name.template.source().to_owned());
    let mut chart = Chart {
        title: name
            .filter(|name| !name.trim().is_empty())
            .unwrap_or_else(|| subject.path.to_string()),
        path: subject.path.to_string(),
        events: workflow.triggers.iter().map(shown_trigger).collect(),
        jobs: deeds.jobs.iter().map(job).collect(),
        edges: needs(&deeds.jobs),
        marks: Marks::default(),
    };
    let places: Vec<Span> =
        deeds.jobs.iter().map(|job| job.job.id.span.cover(job.job.span)).collect();
    for finding in findings {
        match at(&places, finding.span()) {
            Some(job) => chart.jobs[job].marks.add(finding),
            None => chart.marks.add(finding),
        }
        missing(&places, finding, &mut chart.edges);
    }
    chart.edges.sort();
    chart.edges.dedup();
    Some(chart)
}

fn shown_trigger(trigger: &Trigger) -> String {
    let event = &*trigger.event.value;
    match (trigger.branches.is_some(), trigger.tags.is_some()) {
        (false, true) => format!("{event} of tags"),
        _ => event.to_owned(),
    }
}

fn job(deeds: &JobDeeds<'_>) -> ChartJob {
    let job = deeds.job.job;
    let is_gate = is_gate(deeds);
    let role = deeds.deeds.iter().map(|deed| Role::of(deed.act)).max();
    let mut said: Vec<String> = Vec::new();
    for deed in &deeds.deeds {
        let text = match deed.act {
            Act::Publish(registry) => format!("publishes to {}", registry.name()),
            act => act.verb().to_owned(),
        };
        if !said.contains(&text) {
            said.push(text);
        }
    }
    if let (JobBody::Call(call), true) = (&job.body, said.is_empty()) {
        said.push(format!("calls {}", call.uses.value));
    }
    ChartJob {
        id: job.id.value.to_string(),
        role: if is_gate { Role::Gate } else { role.unwrap_or(Role::Other) },
        deeds: said,
        is_gate,
        is_matrix: job.strategy.as_ref().is_some_and(|strategy| strategy.matrix.is_some()),
        is_conditional: job.condition.is_some() && !is_gate,
        environment: job.environment.as_ref().map(|one| one.name.template.source().to_owned()),
        marks: Marks::default(),
    }
}

/// Whether a job waits for several, runs although they fail, and does little else than to look at them.
fn is_gate(deeds: &JobDeeds<'_>) -> bool {
    let job = deeds.job.job;
    let condition = job.condition.as_ref();
    job.needs.len() >= 2
        && condition.is_some_and(|one| runs_anyway(one.condition.expression()))
        && !deeds.does(|act| !matches!(act, Act::SetStatus | Act::Lint))
        && deeds.job.steps().len() <= 3
}

fn needs(jobs: &[JobDeeds<'_>]) -> Vec<ChartEdge> {
    let mut edges = Vec::new();
    for (to, job) in jobs.iter().enumerate() {
        for need in &job.job.needs {
            let known = |other: &JobDeeds<'_>| other.id().eq_ignore_ascii_case(&need.value);
            let Some(from) = jobs.iter().position(known).filter(|from| *from != to) else {
                continue;
            };
            let ships = |job: &JobDeeds<'_>| job.does(Act::ships);
            let kind = if ships(&jobs[from]) { EdgeKind::Ships } else { EdgeKind::Needs };
            edges.push(ChartEdge { from, to, kind });
        }
    }
    edges
}

/// Rules whose findings are about an edge that is not there: from the job of the related place to that of the finding.
const ABOUT_EDGES: [&str; 2] = ["release-before-publish", "gate-misses-job"];

fn missing(places: &[Span], finding: &Finding, edges: &mut Vec<ChartEdge>) {
    if !ABOUT_EDGES.contains(&finding.diagnostic.code.0) {
        return;
    }
    let first = finding.diagnostic.related.first();
    let from = first.and_then(|related| at(places, related.place.span));
    if let (Some(from), Some(to)) = (from, at(places, finding.span()))
        && from != to
    {
        edges.push(ChartEdge { from, to, kind: EdgeKind::Missing });
    }
}

/// The job whose bytes hold the place.
fn at(places: &[Span], span: Span) -> Option<usize> {
    places.iter().position(|place| place.encloses(span))
}

#[cfg(test)]
mod tests {
    use plim_workflow::Forge;

    use super::*;
    use crate::{Kind, Nowhere, Selection, check};

    #[test]
    fn jobs_are_shown_by_what_they_do_and_what_was_found_in_them() {
        let text = "name: Ship\non:\n  push: { tags: ['v*'] }\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps: [run: cargo build --release]\n  crates:\n    needs: build\n    runs-on: ubuntu-latest\n    environment: live\n    steps: [run: cargo publish]\n  release:\n    runs-on: ubuntu-latest\n    steps: [run: gh release create v1]\n  after:\n    needs: [crates, release]\n    if: always()\n    runs-on: ubuntu-latest\n    steps: [run: 'true']\n";
        let subject = Subject::read("ci.yml", text.as_bytes(), Kind::Workflow, Forge::GitHub);
        let found = check(&subject, &Nowhere::default(), &Selection::everything());
        let chart = chart(&subject, &Nowhere::default(), &found).unwrap();
        assert_eq!((&*chart.title, chart.events), ("Ship", vec!["push of tags".to_owned()]));
        let roles: Vec<Role> = chart.jobs.iter().map(|job| job.role).collect();
        assert_eq!(roles, [Role::Build, Role::Publish, Role::Release, Role::Gate]);
        assert_eq!(chart.jobs[1].deeds, ["publishes to crates.io"]);
        assert_eq!(chart.jobs[1].environment.as_deref(), Some("live"));
        assert!(!chart.jobs[2].marks.is_empty());
        let edge = |from, to, kind| ChartEdge { from, to, kind };
        assert_eq!(
            chart.edges,
            [
                edge(0, 1, EdgeKind::Needs),
                edge(1, 2, EdgeKind::Missing),
                edge(1, 3, EdgeKind::Ships),
                edge(2, 3, EdgeKind::Ships)
            ]
        );
    }
}
