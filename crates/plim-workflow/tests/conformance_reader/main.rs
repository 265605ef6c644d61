//! Holds the reader against GitHub's own vectors for its workflow parser.
//!
//! What a vector says of an accepted file is compared with what our model says of it, written in the vector's form. Of
//! a refused file every error must be found: at its place, where it states one, and as one of the codes that its
//! message stands for. Ours may point further into the same value, as to the word of an expression that is wrong.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "this is a test program"
)]
#![expect(clippy::print_stdout, reason = "this is the report of a test program")]

mod kinds;
mod outcome;
mod printer;
mod vector;

use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use plim_test::conformance::{Case, Suite};

use crate::outcome::Outcome;
use crate::vector::Vector;

/// Vectors of the editor's parser that GitHub's own skips, and why we read them otherwise. Each must still differ, so
/// that none stays here by accident.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("events-mapping-all", "GitHub itself, not this parser, refuses a filter beside its `-ignore`"),
    (
        "events-single-invalid",
        "only the editor refuses unknown keys of `workflow_dispatch`; GitHub passes over them",
    ),
];

fn main() -> ExitCode {
    let code = Suite { name: "reader", folder: "conformance/workflow-parser", collect }.main();
    if COLLECTED.load(Ordering::Relaxed) {
        let names: Vec<&str> = EXCEPTIONS.iter().map(|(name, _)| *name).collect();
        println!("{} of these are exceptions with a reason: {}", names.len(), names.join(", "));
    }
    code
}

static COLLECTED: AtomicBool = AtomicBool::new(false);

fn collect(folder: &Path) -> Result<Vec<Case>, String> {
    COLLECTED.store(true, Ordering::Relaxed);
    let mut cases = Vec::new();
    let entries = std::fs::read_dir(folder).map_err(|error| error.to_string())?;
    for entry in entries {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.extension().is_none_or(|extension| extension != "yml") {
            continue;
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
        let vector = Vector::parse(&name, &text).map_err(|error| format!("{name}: {error}"))?;
        let group = match EXCEPTIONS.iter().find(|(exception, _)| *exception == name) {
            Some(_) => "exceptions",
            None if vector.errors.is_empty() => "accepted",
            None => "refused",
        };
        cases.push(Case::new(group, name.clone(), move || judge(&name, &vector)));
    }
    Ok(cases)
}

fn judge(name: &str, vector: &Vector) -> Result<(), String> {
    let verdict = Outcome::of(vector).judge(vector);
    match (EXCEPTIONS.iter().find(|(exception, _)| *exception == name), verdict) {
        (None, verdict) => verdict,
        (Some(_), _) if !vector.skipped_by_github => {
            Err("is no exception: GitHub's own parser does not skip it".to_owned())
        }
        (Some(_), Err(_)) => Ok(()),
        (Some((_, reason)), Ok(())) => Err(format!("is no exception any more ({reason})")),
    }
}
