//! Names what a file leaves unnamed: ids of steps and the names that jobs are shown by.
//!
//! The rules are those of the runner's `IdBuilder.cs` and `JobNameBuilder.cs`.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use crate::{ActionReference, Leg, StepBody};

/// An id must be shorter than this.
const LONGEST: usize = 100;

/// Why an id is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdError {
    /// It has a character that ids cannot have, begins with a digit or `-`, is empty, or has 100 characters or more.
    Syntax,
    /// It begins with `__`, which generated ids do.
    Reserved,
    /// Another step has it; case does not count.
    Taken,
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "is not a valid id",
            Self::Reserved => "begins with `__`, which is reserved",
            Self::Taken => "is the id of another step",
        })
    }
}

impl std::error::Error for IdError {}

impl IdError {
    /// What to do about it.
    #[must_use]
    pub fn help(self) -> &'static str {
        match self {
            Self::Syntax => {
                "begin with a letter or `_`, use letters, digits, `_` and `-`, and stay below 100 characters"
            }
            Self::Reserved => "begin with something else",
            Self::Taken => "give each step an id of its own; case does not count",
        }
    }
}

/// Whether `id` may name a job, a step or an output of `jobs`.
///
/// Errors: [`IdError::Syntax`] and [`IdError::Reserved`].
pub fn check_id(id: &str) -> Result<(), IdError> {
    let first = id.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if !first || id.len() >= LONGEST || !id.bytes().all(legal) {
        return Err(IdError::Syntax);
    }
    if id.starts_with("__") { Err(IdError::Reserved) } else { Ok(()) }
}

/// The ids of the steps of one job or composite action.
#[derive(Clone, Debug, Default)]
pub struct StepIds {
    taken: HashSet<String>,
    /// How often each beginning was tried, so that a thousand alike steps do not try a million ids.
    tried: HashMap<String, usize>,
}

impl StepIds {
    /// No ids.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes an id that was written down.
    ///
    /// Errors: every [`IdError`].
    pub fn claim(&mut self, id: &str) -> Result<(), IdError> {
        check_id(id)?;
        if self.taken.insert(id.to_ascii_lowercase()) { Ok(()) } else { Err(IdError::Taken) }
    }

    /// Makes an id for a step that has none; all written ids of the job must be claimed before.
    #[must_use]
    pub fn generate(&mut self, body: &StepBody) -> Arc<str> {
        let stem = stem(body);
        let tried = self.tried.entry(stem.to_ascii_lowercase()).or_default();
        loop {
            *tried += 1;
            let suffix = if *tried == 1 { String::new() } else { format!("_{tried}") };
            let kept = stem.len().min(LONGEST - suffix.len());
            let candidate = format!("{}{suffix}", &stem[..kept]);
            if self.taken.insert(candidate.to_ascii_lowercase()) {
                return candidate.into();
            }
        }
    }
}

/// What a generated id begins with; ASCII only.
fn stem(body: &StepBody) -> String {
    let named = match body {
        StepBody::Uses(uses) => match &uses.action.value {
            ActionReference::Docker(image) => image.to_string(),
            ActionReference::Local { of_repository: false, .. } => "self".to_owned(),
            ActionReference::Local { of_repository: true, .. } => "selfRepository".to_owned(),
            ActionReference::Remote { owner, repository, .. } => format!("{owner}/{repository}"),
            ActionReference::Unreadable(_) => "run".to_owned(),
        },
        StepBody::Wait(_) => "wait".to_owned(),
        StepBody::WaitAll => "wait-all".to_owned(),
        StepBody::Cancel(_) => "cancel".to_owned(),
        StepBody::Parallel(_) => "parallel".to_owned(),
        StepBody::Run(_) | StepBody::Unreadable => "run".to_owned(),
    };
    let legal = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    format!("__{}", named.chars().map(legal).collect::<String>())
}

/// The most characters of a job's shown name.
const LONGEST_JOB_NAME: usize = 100;

/// The name that a leg of a job is shown by: `name (1.95, linux)`.
///
/// `written` is the evaluated `name`, and whether it had an expression: such a name stays as it is. Without a name (or
/// with an empty one) it is the job's id. A name longer than 100 characters is cut and ends in `...`.
#[must_use]
pub fn job_name(id: &str, written: Option<(&str, bool)>, leg: &Leg) -> String {
    let (name, computed) = match written {
        Some((name, computed)) if !name.is_empty() => (name, computed),
        _ => (id, false),
    };
    if computed {
        return name.to_owned();
    }
    let full =
        if leg.suffix.is_empty() { name.to_owned() } else { format!("{name} ({})", leg.suffix) };
    shortened(full)
}

/// Counts UTF-16 units as the runner does, and never cuts a character in two.
fn shortened(name: String) -> String {
    if name.encode_utf16().count() <= LONGEST_JOB_NAME {
        return name;
    }
    let mut units = 0;
    let kept = name.chars().take_while(|c| {
        units += c.len_utf16();
        units <= LONGEST_JOB_NAME - 3
    });
    kept.chain("...".chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Uses;
    use plim_diag::{Span, Spanned};

    fn uses(action: &str) -> StepBody {
        let action = ActionReference::parse(action);
        StepBody::Uses(Uses {
            action: Spanned::new(action, Span::default()),
            with: crate::Entries::Written(vec![]),
        })
    }

    fn generated(bodies: &[StepBody]) -> Vec<String> {
        let mut ids = StepIds::new();
        bodies.iter().map(|body| ids.generate(body).to_string()).collect()
    }

    #[test]
    fn ids_have_a_syntax() {
        for id in ["a", "_a", "A-1_b", "_"] {
            assert_eq!(check_id(id), Ok(()), "`{id}`");
        }
        let long = "a".repeat(100);
        for id in ["", "1a", "-a", "my.job", " a", "a ", "ä", long.as_str()] {
            assert_eq!(check_id(id), Err(IdError::Syntax), "`{id}`");
        }
        assert_eq!(check_id("__run"), Err(IdError::Reserved));
    }

    #[test]
    fn semantic_35_ids_are_made_from_what_a_step_does() {
        let bodies = [
            uses("actions/checkout@v2"),
            uses("Actions/Checkout@v3"),
            uses("org with space/repo with space@v2"),
            uses("docker://alpine:latest"),
            uses("./local"),
            uses("$/local"),
            StepBody::WaitAll,
            StepBody::Unreadable,
            StepBody::Unreadable,
        ];
        assert_eq!(
            generated(&bodies),
            [
                "__actions_checkout",
                "__Actions_Checkout_2",
                "__org_with_space_repo_with_space",
                "__alpine_latest",
                "__self",
                "__selfRepository",
                "__wait-all",
                "__run",
                "__run_2",
            ]
        );
    }

    #[test]
    fn semantic_35_a_long_id_is_cut_and_stays_unique() {
        let long = uses(&format!("docker://{}", "x".repeat(200)));
        let ids = generated(&[long.clone(), long]);
        assert!(ids.iter().all(|id| id.len() == 100));
        assert!(ids[1].ends_with("x_2"));
    }

    #[test]
    fn many_alike_steps_are_named_in_a_moment() {
        let ids = generated(&vec![StepBody::Unreadable; 20_000]);
        assert_eq!(ids.last().map(String::as_str), Some("__run_20000"));
    }

    #[test]
    fn a_written_id_is_taken_once_whatever_its_case() {
        let mut ids = StepIds::new();
        assert_eq!(ids.claim("Build"), Ok(()));
        assert_eq!(ids.claim("build"), Err(IdError::Taken));
    }

    #[test]
    fn semantic_34_a_literal_name_gets_the_values_and_a_computed_one_does_not() {
        let leg = Leg { suffix: "1.95, linux".to_owned(), ..Leg::only() };
        assert_eq!(job_name("test", None, &leg), "test (1.95, linux)");
        assert_eq!(job_name("test", Some(("", false)), &leg), "test (1.95, linux)");
        assert_eq!(job_name("test", Some(("Tests", false)), &leg), "Tests (1.95, linux)");
        assert_eq!(job_name("test", Some(("Tests on linux", true)), &leg), "Tests on linux");
        assert_eq!(job_name("test", Some(("Tests", false)), &Leg::only()), "Tests");
    }

    #[test]
    fn semantic_34_a_long_name_is_cut_at_100_characters() {
        let leg = Leg { suffix: "é".repeat(200), ..Leg::only() };
        let name = job_name("test", None, &leg);
        assert_eq!(name.chars().count(), 100);
        assert!(name.starts_with("test (é") && name.ends_with("é..."));
    }
}
