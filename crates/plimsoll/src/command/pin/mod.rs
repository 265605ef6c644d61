//! `plim pin`: writes the commits of actions instead of their tags, and keeps both in the lock.

mod decide;
mod told;

use std::{collections::BTreeMap, fs, path::Path};

use plim_audit::{
    Edit, Finding, Kind, Pins, Safety, Subject, Tier, mend,
    pins::{Lock, images_of, pins},
};
use plim_diag::{Code, Diagnostic, Sources};
use plim_run::actions::{Resolver, check_template};
use plim_workflow::Forge;

use self::{
    decide::{Decided, Decider},
    told::{State, Told},
};
use super::check::{self, File, Files, unified};
use crate::{
    args::{CheckFormat, Format, PinArgs},
    exit::Exit,
    output::Output,
    refusal::Refusal,
    render::diagnostic::diagnostics,
    settings::{self, lock},
    world::World,
};

/// The code of everything that this command complains of.
const CODE: Code = Code("pin");

pub(super) fn run(
    arguments: &PinArgs,
    world: &World,
    stdout: &mut Output,
) -> Result<Exit, Refusal> {
    check_template(&arguments.from).map_err(|error| {
        Refusal::usage(Diagnostic::error(CODE, error.to_string()).maybe_help(error.help()))
    })?;
    let mut roots: BTreeMap<_, Vec<File>> = BTreeMap::new();
    for file in Files::find(&arguments.paths, world)?.files {
        if matches!(file.kind, Kind::Workflow | Kind::Action) {
            roots.entry(file.root.clone()).or_default().push(file);
        }
    }
    if arguments.check {
        return compared(roots.keys(), arguments, world, stdout);
    }
    let folder = tempfile::tempdir().map_err(|error| failed("make a folder for git", &error))?;
    let place = folder.path().to_owned();
    let mut resolver = Resolver::new(&arguments.from, &world.host.environment, place);
    let mut pinned = Pinned::default();
    for (root, files) in &roots {
        repository(root, files, arguments, &mut resolver, &mut pinned)?;
    }
    Ok(pinned.show(arguments, world, stdout))
}

/// What `--check` says; a repository without a lock is refused, since nothing could be compared.
fn compared<'a>(
    roots: impl Iterator<Item = &'a std::path::PathBuf>,
    arguments: &PinArgs,
    world: &World,
    stdout: &mut Output,
) -> Result<Exit, Refusal> {
    for root in roots {
        if lock::read(root)?.is_none() {
            let message = format!("there is no `{}` in `{}`", lock::FILE, root.display());
            let help = "run `plim pin`, which writes it, and commit it";
            return Err(Refusal::usage(Diagnostic::error(CODE, message).help(help)));
        }
    }
    let format = match arguments.format.format {
        Format::Full => CheckFormat::Full,
        Format::Concise => CheckFormat::Concise,
        Format::Json => CheckFormat::Json,
    };
    check::pins(&arguments.paths, format, world, stdout)
}

/// What became of everything that is used.
#[derive(Default)]
struct Pinned {
    told: Vec<Told>,
    faults: Vec<Diagnostic>,
    sources: Sources,
    diffs: Vec<String>,
}

/// A file with what is to be written in it.
struct Rewritten<'f> {
    file: &'f File,
    text: String,
}

/// Decides about all of one repository, and then writes: the lock first, so that it is never behind.
fn repository(
    root: &Path,
    files: &[File],
    arguments: &PinArgs,
    resolver: &mut Resolver<'_>,
    pinned: &mut Pinned,
) -> Result<(), Refusal> {
    let known = lock::read(root)?;
    let tags_will_do = settings::read_check(root)?.pins == Some(Pins::Tag);
    let old = known.clone().unwrap_or_default();
    let mut decider = Decider::new(&old, resolver, arguments.update, tags_will_do);
    let before = pinned.faults.len();
    let mut rewritten = Vec::new();
    for file in files {
        rewritten.extend(one(file, &mut decider, pinned)?.map(|text| Rewritten { file, text }));
    }
    let is_all = arguments.paths.is_empty() && pinned.faults.len() == before;
    let new = merged(&old, decider.found, is_all);
    if arguments.dry_run {
        return Ok(());
    }
    if known.as_ref() != Some(&new) && (known.is_some() || new != Lock::default()) {
        write_lock(root, &lock::render(&new))?;
    }
    for Rewritten { file, text } in rewritten {
        check::write(&file.path, &text)
            .map_err(|error| failed(&format!("write `{}`", file.path.display()), &error))?;
    }
    Ok(())
}

/// What nothing uses any more goes when everything was looked at; the digests of images are written by people and stay.
fn merged(old: &Lock, mut new: Lock, is_all: bool) -> Lock {
    for (name, digest) in &old.images {
        new.images.entry(name.clone()).or_insert_with(|| digest.clone());
    }
    if !is_all {
        for (key, pinned) in &old.actions {
            new.actions.entry(key.clone()).or_insert_with(|| pinned.clone());
        }
    }
    new
}

/// Decides about one file; its new text, if anything changes.
fn one(
    file: &File,
    decider: &mut Decider<'_, '_>,
    pinned: &mut Pinned,
) -> Result<Option<String>, Refusal> {
    let bytes = fs::read(&file.path)
        .map_err(|error| failed(&format!("read `{}`", file.path.display()), &error))?;
    let subject =
        Subject::read(file.inside.as_str(), &bytes, file.kind, Forge::of_path(&file.inside));
    let path = file.view.path(&file.inside);
    pinned.sources.add(path.as_str(), subject.text());
    if bytes != subject.text().as_bytes() {
        let message = format!("`{path}` is in another encoding than UTF-8, and left as it is");
        pinned.faults.push(Diagnostic::error(CODE, message));
        return Ok(None);
    }
    let mut decided: Vec<Decided> = pins(&subject).iter().map(|pin| decider.action(pin)).collect();
    decided.extend(images_of(&subject).iter().map(|image| decider.image(image)));
    decided.sort_by_key(|one| one.span.start);
    let findings: Vec<Finding> = decided.iter().filter_map(finding).collect();
    let made = mend(&subject, &findings, Safety::Safe);
    let changed = made.mended > 0;
    for one in decided {
        let line = pinned.sources.get(&path).map_or(0, |s| s.lines().line_of(one.span.start));
        if let State::Failed(fault) = &one.state {
            pinned.faults.push(fault.diagnostic(&path, one.span));
        }
        pinned.told.push(Told { path: path.clone(), line, one });
    }
    if made.mended < findings.len() {
        let message = format!(
            "`{path}` would not read as before with all of it, and is left partly as it is"
        );
        let help = "write each `uses` on a line of its own";
        pinned.faults.push(Diagnostic::error(CODE, message).help(help));
    }
    if changed {
        pinned.diffs.push(unified(&path, subject.text(), &made));
    }
    Ok(changed.then_some(made.text))
}

fn finding(decided: &Decided) -> Option<Finding> {
    let edits: &[Edit] = &decided.edits;
    let diagnostic = Diagnostic::note(CODE, "pin");
    let mut finding = Finding { diagnostic, tier: Tier::Default, fix: None };
    finding.fix("pin", edits.to_vec());
    (!edits.is_empty()).then_some(finding)
}

/// The lock is replaced whole; what was there before is there until then.
fn write_lock(root: &Path, text: &str) -> Result<(), Refusal> {
    let written = check::put(&root.join(lock::FILE), text);
    written.map_err(|error| failed(&format!("write `{}`", lock::FILE), &error))
}

fn failed(what: &str, error: &std::io::Error) -> Refusal {
    Refusal::failed(Diagnostic::error(CODE, format!("cannot {what}: {error}")))
}

impl Pinned {
    fn show(&self, arguments: &PinArgs, world: &World, stdout: &mut Output) -> Exit {
        let format = arguments.format.format;
        if format == Format::Full && arguments.dry_run {
            self.diffs.iter().for_each(|diff| stdout.add(diff));
        }
        stdout.add(&told::shown(&self.told, format, arguments.dry_run));
        stdout.flush();
        let mut stderr = Output::stderr();
        stderr.add(&diagnostics(&self.faults, &self.sources, format, world.stderr));
        stderr.flush();
        if self.faults.is_empty() { Exit::Passed } else { Exit::Failed }
    }
}
