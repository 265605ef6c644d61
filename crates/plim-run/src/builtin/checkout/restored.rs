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
use crate::store::{Origin, archive::Restored};

/// What this run has restored so far, kept where the job does not see it.
#[derive(Default, Serialize, Deserialize)]
struct Note {
    /// The folder of the run, which no other run has.
    run: String,
    /// The latest time among what was restored and had not been there just so.
    newest: Duration,
    /// Some of it lies in the workspace, where it may have taken the place of what was built here.
    in_workspace: bool,
}

impl Note {
    /// What came beside the tree only has to be older than it. In the tree a build tool may know by other
    /// signs that an output is fresh, so everything is made new, as in a fresh clone.
    fn renew(&self, origin: &Origin, workspace: &Workspace) -> Result<(), Failure> {
        let newest = SystemTime::UNIX_EPOCH + self.newest;
        match self.in_workspace {
            true => workspace.renew(origin.store(), Some(newest))?,
            false => workspace.outdo(origin.store(), newest)?,
        }
        Ok(())
    }
}

/// Notes what was restored, and renews what is checked out already.
pub(in crate::builtin) fn restored(
    cx: &Invocation<'_>,
    restored: &Restored,
) -> Result<(), Failure> {
    let Some(newest) = restored.newest else { return Ok(()) };
    let newest = newest.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let former = read(cx).unwrap_or_default();
    let note = Note {
        run: run(cx),
        newest: former.newest.max(newest),
        in_workspace: former.in_workspace || restored.in_workspace,
    };
    write(cx, &note)?;
    // Without a checkout in this run there is nothing to renew yet.
    let Some(origin) = cx.stores.used_origin() else { return Ok(()) };
    for memory in fs::read_dir(cx.memory).map_err(|error| failed(cx, &error))? {
        let memory = memory.map_err(|error| failed(cx, &error))?.path();
        let Ok(place) = fs::read(memory.join("place")) else { continue };
        let tree = cx.workspace.join(OsStr::from_bytes(&place));
        // What a former run checked out, and this one did not, is not there.
        if tree.join(".git").is_dir() {
            let now = Note { in_workspace: restored.in_workspace, newest, run: String::new() };
            now.renew(origin, &Workspace { tree, memory })?;
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
    read(cx).map_or(Ok(()), |note| note.renew(origin, workspace))
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
