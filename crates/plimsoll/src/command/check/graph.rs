//! `plim check --graph`: a picture of the workflows with what was found in them.

use std::{collections::BTreeMap, fs, path::Path, path::PathBuf};

use plim_audit::{Finding, Kind, Subject, chart::Chart};
use plim_diag::{Code, Diagnostic};
use plim_workflow::Forge;

use super::{files::Files, mending, survey::Scope};
use crate::{
    args::CheckArgs,
    refusal::Refusal,
    view::{chart::Picture, findings::Survey},
    world::World,
};

const CODE: Code = Code("graph");

/// The form that the name of the file asks for.
///
/// Errors: a name with another ending.
pub(super) fn asked(path: &Path) -> Result<Picture, Refusal> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or("");
    Picture::of_ending(ending).ok_or_else(|| {
        let message = format!("cannot tell from `{}` what to draw", path.display());
        let help = "end its name with `.svg`, `.mmd` for Mermaid, or `.md`";
        Refusal::usage(Diagnostic::error(CODE, message).help(help))
    })
}

/// The charts of the workflows that were checked, in the order of their paths.
pub(super) fn charts(
    survey: &Survey,
    repositories: &BTreeMap<PathBuf, Scope>,
    arguments: &CheckArgs,
    world: &World,
) -> Result<Vec<Chart>, Refusal> {
    let mut charts = Vec::new();
    for file in Files::find(&arguments.paths, world)?.files {
        let (Kind::Workflow, Some(scope)) = (file.kind, repositories.get(&file.root)) else {
            continue;
        };
        let path = file.view.path(&file.inside);
        let Ok(bytes) = fs::read(&file.path) else { continue };
        let forge = arguments.forge.map_or_else(|| Forge::of_path(&file.inside), Into::into);
        let subject = Subject::read(file.inside.as_str(), &bytes, file.kind, forge);
        let own = |finding: &&Finding| {
            finding.diagnostic.place.as_ref().is_some_and(|place| *place.path == *path)
        };
        let findings: Vec<Finding> = survey.findings.iter().filter(own).cloned().collect();
        let chart = plim_audit::chart::chart(&subject, &scope.repository, &findings);
        charts.extend(chart.map(|chart| Chart { path, ..chart }));
    }
    Ok(charts)
}

/// Puts the picture into its file, all of it or nothing.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Refusal> {
    mending::put(path, text).map_err(|error| {
        let message = format!("cannot write `{}`: {error}", path.display());
        Refusal::failed(Diagnostic::error(CODE, message))
    })
}
