//! `actions/upload-artifact/merge`: makes one artifact of several.

use std::path::Path;

use super::{
    Builtin, Failure, Input, Invocation,
    collect::collect,
    pack,
    upload_artifact::{Storing, check_version},
};
use crate::{
    glob::NamePattern,
    store::{Artifact, artifacts::Form},
};

pub(super) const ACTION: Builtin = Builtin {
    name: "actions/upload-artifact/merge",
    inputs: &[
        Input::implemented("name", "merged-artifacts"),
        Input::implemented("pattern", "*"),
        Input::implemented("separate-directories", "false"),
        Input::implemented("retention-days", ""),
        Input::implemented("compression-level", "6"),
        Input::implemented("delete-merged", "false"),
        Input::implemented("include-hidden-files", "false"),
    ],
    outputs: &["artifact-id", "artifact-url", "artifact-digest"],
    main,
    post: None,
    post_condition: "always()",
    ..Builtin::PLAIN
};

fn main(cx: &mut Invocation<'_>) -> Result<(), Failure> {
    ACTION.begin(cx)?;
    check_version(cx, "actions/upload-artifact/merge")?;
    let name = cx.required("name")?;
    let pattern = cx.required("pattern")?;
    let separate = cx.boolean("separate-directories")?;
    let delete = cx.boolean("delete-merged")?;
    let hidden = cx.boolean("include-hidden-files")?;
    let storing = Storing::read(cx, false)?;
    let matcher = NamePattern::new(pattern)?;
    let mut artifacts = cx.stores.artifacts.list()?;
    artifacts.retain(|artifact| matcher.matches(&artifact.name));
    if artifacts.is_empty() {
        return Err(Failure::new(format!("No artifacts found matching pattern '{pattern}'")));
    }
    let folder = tempfile::Builder::new().prefix("merge-artifact").tempdir_in(cx.temporary);
    let folder = folder
        .map_err(|error| Failure::new(format!("cannot make a folder to merge in: {error}")))?;
    gather(cx, &artifacts, folder.path(), separate)?;
    let everything = format!("./{}", "**");
    let mut collected = collect(cx, &everything, folder.path(), hidden)?;
    collected.root = folder.path().to_owned();
    if collected.files.is_empty() {
        return Err(Failure::new("none of the artifacts holds a file that would be stored")
            .advise("set `include-hidden-files: true` if they hold hidden files only"));
    }
    storing.zip(cx, name, &collected)?;
    let count = artifacts.len();
    cx.log.line(&format!("The {count} artifact(s) have been successfully merged!"));
    if delete {
        for artifact in artifacts.iter().filter(|artifact| artifact.name != name) {
            cx.stores.artifacts.remove(&artifact.name)?;
        }
        cx.log.line(&format!("The {count} artifact(s) have been deleted"));
    }
    Ok(())
}

/// Unpacks all of them, the newest first, as the real action does: an older one wins where two hold the
/// same file.
fn gather(
    cx: &mut Invocation<'_>,
    artifacts: &[Artifact],
    folder: &Path,
    separate: bool,
) -> Result<(), Failure> {
    cx.log.line("Preparing to download the following artifacts:");
    let bounds = cx.bounds();
    for artifact in artifacts {
        let Artifact { name, id, size, form, .. } = artifact;
        cx.log.line(&format!("- {name} (ID: {id}, Size: {size})"));
        let target = if separate { folder.join(name) } else { folder.to_owned() };
        let stored = cx.stores.artifacts.path(artifact);
        match form {
            Form::Zip => pack::unpack(&stored, &target, &bounds, cx.cancelled)?,
            Form::Raw => {
                let opened = std::fs::File::open(&stored);
                let mut content = opened
                    .map_err(|error| Failure::new(format!("cannot read `{name}`: {error}")))?;
                pack::place(&target.join(name), &mut content, &bounds, cx.cancelled)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::{bench::Bench, upload_artifact};

    fn with_two() -> Bench {
        let bench = Bench::new();
        bench.write("one", "1").write("two", "2").write(".env", "3");
        bench.call(&upload_artifact::ACTION, &[("name", "log-a"), ("path", "one")]).passed();
        bench.call(&upload_artifact::ACTION, &[("name", "log-b"), ("path", "two")]).passed();
        bench.call(&upload_artifact::ACTION, &[("name", "other"), ("path", "one")]).passed();
        bench
    }

    #[test]
    fn artifacts_become_one() {
        let bench = with_two();
        let done = bench.call(&ACTION, &[("name", "logs"), ("pattern", "log-*")]);
        assert_eq!(done.passed().output("artifact-id"), "4");
        assert_eq!(bench.zip_names("logs"), ["one", "two"]);
        assert_eq!(bench.stores.artifacts.list().unwrap().len(), 4);
    }

    #[test]
    fn each_can_keep_a_folder_and_be_deleted() {
        let bench = with_two();
        let with =
            [("pattern", "log-*"), ("separate-directories", "true"), ("delete-merged", "true")];
        bench.call(&ACTION, &with).passed();
        assert_eq!(bench.zip_names("merged-artifacts"), ["log-a/one", "log-b/two"]);
        let left: Vec<_> =
            bench.stores.artifacts.list().unwrap().into_iter().map(|one| one.name).collect();
        assert_eq!(left, ["merged-artifacts", "other"]);
    }

    #[test]
    fn nothing_to_merge_is_a_failure() {
        let failure = with_two().call(&ACTION, &[("pattern", "x-*")]).failure();
        assert_eq!(failure, "No artifacts found matching pattern 'x-*'");
    }
}
