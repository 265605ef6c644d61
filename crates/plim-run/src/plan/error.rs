//! Why there is no plan.

use std::fmt;

use crate::source::SourceError;

/// Why nothing can be planned.
#[derive(Debug)]
pub enum PlanError {
    /// There is no repository to plan for.
    Source(SourceError),
    /// There is no such event.
    UnknownEvent {
        /// What was asked for.
        event: String,
        /// The nearest event.
        near: Option<String>,
    },
    /// No workflow has this name, file name or path.
    UnknownWorkflow {
        /// What was asked for.
        name: String,
        /// The files there are.
        files: Vec<String>,
    },
    /// No workflow that is triggered has this job.
    UnknownJob {
        /// What was asked for.
        job: String,
        /// The jobs there are, by key.
        jobs: Vec<String>,
        /// The workflows that have it and are not triggered, each with why.
        untriggered: Vec<(String, String)>,
    },
    /// No workflow that is triggered declares this input.
    UnknownInput {
        /// What was given.
        input: String,
        /// The inputs there are.
        inputs: Vec<String>,
    },
    /// No leg has a matrix with this value.
    UnknownLeg {
        /// What was asked for.
        wanted: String,
    },
}

impl From<SourceError> for PlanError {
    fn from(error: SourceError) -> Self {
        Self::Source(error)
    }
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(error) => fmt::Display::fmt(error, f),
            Self::UnknownEvent { event, .. } => write!(f, "there is no event `{event}`"),
            Self::UnknownWorkflow { name, .. } => {
                write!(f, "no workflow has the name, file name or path `{name}`")
            }
            Self::UnknownJob { job, untriggered, .. } => match untriggered.first() {
                Some((path, reason)) => {
                    write!(f, "the job `{job}` is in `{path}`, which is not triggered: {reason}")
                }
                None => write!(f, "no workflow that is triggered has a job `{job}`"),
            },
            Self::UnknownInput { input, .. } => {
                write!(f, "no workflow that is triggered has an input `{input}`")
            }
            Self::UnknownLeg { wanted } => write!(f, "no leg of a matrix has `{wanted}`"),
        }
    }
}

impl std::error::Error for PlanError {}

impl PlanError {
    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Source(error) => Some(error.help()),
            Self::UnknownEvent { near, .. } => near.as_ref().map(|near| format!("write `{near}`")),
            Self::UnknownWorkflow { name, files } => Some(choose(name, files)),
            Self::UnknownJob { untriggered, .. } if !untriggered.is_empty() => Some(
                "choose its event with `--event`, or overrule its filters with `--ignore-filters`"
                    .to_owned(),
            ),
            Self::UnknownJob { job, jobs, .. } => Some(choose(job, jobs)),
            Self::UnknownInput { input, inputs } => Some(choose(input, inputs)),
            Self::UnknownLeg { .. } => {
                Some("write `KEY=VALUE` as it is in the matrix; `-n` lists the legs".to_owned())
            }
        }
    }
}

/// The nearest name, or all of them while they are few.
fn choose(wanted: &str, names: &[String]) -> String {
    const FEW: usize = 12;
    // A key is meant by its last part too.
    let last = |name: &str| name.rsplit([':', '/']).next().map(str::to_owned);
    let near = plim_diag::closest(wanted, names.iter().map(String::as_str)).map(str::to_owned);
    let near = near.or_else(|| {
        let parts: Vec<String> = names.iter().filter_map(|name| last(name)).collect();
        plim_diag::closest(wanted, parts.iter().map(String::as_str)).map(str::to_owned)
    });
    match (near, names) {
        (Some(near), _) => format!("write `{near}`"),
        (None, []) => "there is none to choose from".to_owned(),
        (None, names) => {
            let shown: Vec<String> =
                names.iter().take(FEW).map(|name| format!("`{name}`")).collect();
            let more = if names.len() > FEW { " and others" } else { "" };
            format!("choose one of {}{more}", shown.join(", "))
        }
    }
}
