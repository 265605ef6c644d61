//! Tells what does not run here: each root cause once, with how many jobs it stops and what to do about it.

use std::{collections::BTreeSet, fmt::Write};

use plim_run::event::{Cause, Fix};

use super::{
    cause::{self, RootCause},
    remedy::Remedy,
};
use crate::render::{paint::Paint, text};

/// So many jobs, labels or missing things of a cause are named; the others are counted.
const NAMED: usize = 4;

/// Tells all of `roots`; `fixes` says what the commands among them change.
pub(crate) fn told(roots: &[RootCause], fixes: &[Fix], paint: Paint) -> String {
    let mut out = String::new();
    for root in ordered(roots, fixes) {
        // Writing to a string cannot fail.
        let _ = write_root(&mut out, root, fixes, paint);
    }
    out
}

/// The fix that unblocks most comes first, as in `fixes`; what has no command keeps its place behind.
fn ordered<'r>(roots: &'r [RootCause], fixes: &[Fix]) -> Vec<&'r RootCause> {
    let mut roots: Vec<_> = roots.iter().collect();
    roots.sort_by_key(|root| {
        let place = fix(root, fixes).and_then(|fix| fixes.iter().position(|one| one == fix));
        (root.fate, place.unwrap_or(fixes.len()))
    });
    roots
}

fn fix<'f>(root: &RootCause, fixes: &'f [Fix]) -> Option<&'f Fix> {
    let command = root.remedy.command()?;
    fixes.iter().find(|fix| fix.command == command)
}

fn write_root(out: &mut String, root: &RootCause, fixes: &[Fix], paint: Paint) -> std::fmt::Result {
    let number = root.count();
    let says = text::name(&root.remedy.says());
    write!(out, "  {number:>4}  {says}")?;
    if let Some(command) = root.remedy.command() {
        let command = paint.strong(text::name(&command));
        write!(out, ": {command}{}", fix(root, fixes).map(effect).unwrap_or_default())?;
    }
    writeln!(out)?;
    for line in [names(root), packages(root), elsewhere(root)].into_iter().flatten() {
        writeln!(out, "        {}", paint.faint(text::name(&line)))?;
    }
    Ok(())
}

/// ` unblocks 31`; ` unblocks 2, and 4 more once the fixes above are done`.
fn effect(fix: &Fix) -> String {
    let more = fix.adds.saturating_sub(fix.unblocks);
    match (fix.unblocks, more) {
        (0, 0) => " is not enough alone".to_owned(),
        (0, more) => format!(" unblocks {more} once the above is done"),
        (alone, 0) => format!(" unblocks {alone}"),
        (alone, more) => format!(" unblocks {alone}, and {more} more once the above is done"),
    }
}

/// What they miss, or which jobs they are.
fn names(root: &RootCause) -> Option<String> {
    let subjects = root.subjects();
    let mut names: Vec<String> = if subjects.is_empty() {
        root.jobs.iter().map(|(label, cause)| labelled(label, cause)).collect()
    } else {
        subjects.into_iter().map(|(subject, number)| counted(&subject, number)).collect()
    };
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    if root.dependants > 0 {
        let needing = if root.dependants == 1 { "job that needs" } else { "jobs that need" };
        names.push(format!("and {} {needing} such a job", root.dependants));
    }
    (!names.is_empty()).then(|| names.join(", "))
}

/// `just (5)`; a sentence that is true of one job only goes without its number.
fn counted(subject: &str, number: usize) -> String {
    if number == 1 && subject.contains(' ') {
        return subject.to_owned();
    }
    format!("{subject} ({number})")
}

fn labelled(label: &str, cause: &Cause) -> String {
    match cause::detail(cause) {
        Some(detail) => format!("{label} ({detail})"),
        None => label.to_owned(),
    }
}

/// What of the system's packages would be enough, for whoever may install them.
fn packages(root: &RootCause) -> Option<String> {
    let (mut names, mut jobs) = (BTreeSet::new(), 0);
    for (_, cause) in &root.jobs {
        if let Cause::Privilege { packages, .. } = cause {
            names.extend(packages.iter().map(String::as_str));
            jobs += usize::from(!packages.is_empty());
        }
    }
    let names: Vec<&str> = names.into_iter().collect();
    let who = if jobs == root.jobs.len() { String::new() } else { format!("for {jobs} of them ") };
    (jobs > 0)
        .then(|| format!("{who}packages are missing: `sudo apt-get install {}`", names.join(" ")))
}

/// How to say that runners elsewhere were expected, if nobody has.
fn elsewhere(root: &RootCause) -> Option<String> {
    if root.remedy != Remedy::Elsewhere {
        return None;
    }
    let mut labels: Vec<&str> = vec![];
    for (_, cause) in &root.jobs {
        if let Cause::Runner { labels: asked, expected: false } = cause
            && let Some(label) = asked.first()
            && !labels.contains(&label.as_str())
        {
            labels.push(label);
        }
    }
    let first = *labels.first()?;
    let labels: Vec<_> = labels.iter().map(|label| format!("\"{label}\"")).collect();
    Some(format!(
        "so that a run is complete without them: `[run] expect-elsewhere = [{}]` in plimsoll.toml; to run them here: \
         `--runner '{first}=host'`",
        labels.join(", ")
    ))
}
