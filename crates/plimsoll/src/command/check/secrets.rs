//! `plim check --secrets`: every secret, with who reads it on which events.

use std::{collections::BTreeMap, fs, path::PathBuf};

use plim_audit::{
    Kind, Subject,
    secrets::{SecretReads, secret_reads},
};
use plim_diag::{Code, Diagnostic};
use plim_workflow::Forge;

use super::{files::Files, survey::Scope};
use crate::{
    args::CheckArgs,
    exit::Exit,
    output::Output,
    refusal::Refusal,
    view::secrets::{self, FileReads},
    world::World,
};

/// Lists the secrets that the workflows in `files` read.
pub(super) fn list(
    files: &Files,
    repositories: &BTreeMap<PathBuf, Scope>,
    arguments: &CheckArgs,
    world: &World,
    stdout: &mut Output,
) -> Result<Exit, Refusal> {
    let mut all = Vec::new();
    for file in files.files.iter().filter(|file| file.kind == Kind::Workflow) {
        let path = file.view.path(&file.inside);
        let bytes = match &file.bytes {
            Some(bytes) => bytes.clone(),
            None => fs::read(&file.path).map_err(|error| {
                let message = format!("cannot read `{path}`: {error}");
                Refusal::failed(Diagnostic::error(Code("unreadable-file"), message))
            })?,
        };
        let forge = arguments.forge.map_or_else(|| Forge::of_path(&file.inside), Into::into);
        let subject = Subject::read(file.inside.as_str(), &bytes, file.kind, forge);
        let Some(scope) = repositories.get(&file.root) else { continue };
        let found = secret_reads(&subject, &scope.repository);
        if found != SecretReads::default() {
            all.push(FileReads { path, text: subject.text().into(), found });
        }
    }
    stdout.add(&secrets::shown(&all, arguments.format, world.stdout));
    Ok(Exit::Passed)
}

/// Refuses the formats that only findings have.
pub(super) fn listable(arguments: &CheckArgs) -> Result<(), Refusal> {
    if secrets::has_format(arguments.format) {
        return Ok(());
    }
    let message = "a list of secrets has no such format";
    let help = "write `--format full`, `concise` or `json`";
    Err(Refusal::usage(Diagnostic::error(Code("format"), message).help(help)))
}
