//! Keeps restored build outputs from passing for fresh.
//!
//! A workspace outlives runs, and a file that did not change keeps its time. What comes out of a cache was
//! built from other files, and build tools that compare times must not take it for built from these: every
//! file of a checkout gets a time later than all that was restored, whichever of the two came first.

use std::{
    ffi::OsStr,
    fs, io,
    os::unix::ffi::OsStrExt,
    path::Path,
    time::{Duration, SystemTime},
};

use plim_host::git::Workspace;
use serde::{Deserialize, Serialize};

use super::{Failure, Invocation};
use crate::store::Origin;

/// What this run has restored so far, kept where the job does not see it.
#[derive(Serialize, Deserialize)]
struct Note {
    /// The folder of the run, which no other run has.
    run: String,
    /// The latest time among what was restored.
    newest: Duration,
}

/// Notes that something was restored, of which `newest` is the latest time, and renews what is checked
/// out already.
pub(in crate::builtin) fn restored(
    cx: &Invocation<'_>,
    newest: Option<SystemTime>,
) -> Result<(), Failure> {
    let Some(newest) = newest else { return Ok(()) };
    let since = newest.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let newest = read(cx).map_or(since, |note| note.newest.max(since));
    write(cx, &Note { run: run(cx), newest })?;
    // Without a checkout in this run there is nothing to renew yet.
    let Some(origin) = cx.stores.used_origin() else { return Ok(()) };
    for memory in fs::read_dir(cx.memory).map_err(|error| failed(cx, &error))? {
        let memory = memory.map_err(|error| failed(cx, &error))?.path();
        let Ok(place) = fs::read(memory.join("place")) else { continue };
        let tree = cx.workspace.join(OsStr::from_bytes(&place));
        // What a former run checked out, and this one did not, is not there.
        if tree.join(".git").is_dir() {
            Workspace { tree, memory }
                .renew(origin.store(), Some(SystemTime::UNIX_EPOCH + newest))?;
        }
    }
    Ok(())
}

/// Renews a checkout that was made after something had been restored.
pub(super) fn renew_checkout(
    cx: &Invocation<'_>,
    origin: &Origin,
    workspace: &Workspace,
) -> Result<(), Failure> {
    match read(cx) {
        Some(note) => {
            let newest = SystemTime::UNIX_EPOCH + note.newest;
            Ok(workspace.renew(origin.store(), Some(newest))?)
        }
        None => Ok(()),
    }
}

const FILE: &str = "restored.json";

fn run(cx: &Invocation<'_>) -> String {
    cx.stores.artifacts.folder().to_string_lossy().into_owned()
}

/// The note of this run; one of a former run does not count.
fn read(cx: &Invocation<'_>) -> Option<Note> {
    let text = fs::read(cx.memory.join(FILE)).ok()?;
    serde_json::from_slice(&text).ok().filter(|note: &Note| note.run == run(cx))
}

fn write(cx: &Invocation<'_>, note: &Note) -> Result<(), Failure> {
    let text = serde_json::to_vec(note).map_err(io::Error::from);
    let written = text.and_then(|text| {
        fs::create_dir_all(cx.memory)?;
        fs::write(cx.memory.join(FILE), text)
    });
    written.map_err(|error| failed(cx, &error))
}

fn failed(cx: &Invocation<'_>, error: &io::Error) -> Failure {
    let memory: &Path = cx.memory;
    Failure::new(format!("cannot note in `{}` what was restored: {error}", memory.display()))
}
