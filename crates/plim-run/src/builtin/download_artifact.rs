//! `actions/download-artifact`: brings artifacts of this run into the workspace.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{
    Builtin, Failure, Input, Invocation,
    inputs::{github, parse_int},
    pack,
    upload_artifact::check_version,
};
use crate::{
    bounds::{Bounds, resolve},
    glob::NamePattern,
    store::{
        Artifact,
        artifacts::{Form, digest},
    },
};

pub(super) const ACTION: Builtin = Builtin {
    name: "actions/download-artifact",
    inputs: &[
        Input::implemented("name", ""),
        Input::implemented("artifact-ids", ""),
        Input::implemented("path", ""),
        Input::implemented("pattern", ""),
        Input::implemented("merge-multiple", "false"),
        Input::no_effect(
            "github-token",
            "",
            "it is only needed for artifacts of other runs, which are refused",
        ),
        Input::judged("repository", "${{ github.repository }}", other_repository),
        Input::judged("run-id", "${{ github.run_id }}", other_run),
        Input::implemented("skip-decompress", "false"),
        Input::implemented("digest-mismatch", "error"),
    ],
    outputs: &["download-path"],
    main,
    post: None,
    post_condition: "always()",
    ..Builtin::PLAIN
};

fn main(cx: &mut Invocation<'_>) -> Result<(), Failure> {
    ACTION.begin(cx)?;
    check_version(cx, "actions/download-artifact")?;
    download(cx).map_err(|failure| Failure {
        message: format!("Unable to download artifact(s): {}", failure.message),
        help: failure.help,
    })
}

fn download(cx: &mut Invocation<'_>) -> Result<(), Failure> {
    let merge = cx.boolean("merge-multiple")?;
    let skip_decompress = cx.boolean("skip-decompress")?;
    let mismatch = Mismatch::read(cx.input("digest-mismatch"))?;
    let target = target(cx);
    let artifacts = choose(cx)?;
    announce(cx, &artifacts);
    // Up to version 4 a single match of a pattern got a folder of its own, too.
    let single = artifacts.len() == 1 && cx.major() != Some(4);
    let flat = !cx.input("name").is_empty() || merge || single;
    let bounds = cx.bounds().and_shared();
    bounds.make_folder(&target)?;
    let mut fetch = Fetch { bounds, mismatch, skip_decompress, mismatched: Vec::new() };
    for artifact in &artifacts {
        let folder = if flat { target.clone() } else { target.join(&artifact.name) };
        fetch.one(cx, artifact, &folder)?;
    }
    fetch.finish()?;
    cx.log.line(&format!("Total of {} artifact(s) downloaded", artifacts.len()));
    cx.set_output("download-path", target.display().to_string());
    cx.log.line("Download artifact has finished successfully");
    Ok(())
}

fn choose(cx: &mut Invocation<'_>) -> Result<Vec<Artifact>, Failure> {
    match (cx.input("name"), cx.input("artifact-ids")) {
        ("", "") => by_pattern(cx),
        ("", ids) => by_id(cx, ids),
        (name, "") => by_name(cx, name).map(|artifact| vec![artifact]),
        _ => Err(Failure::new(
            "Inputs 'name' and 'artifact-ids' cannot be used together. Please specify only one.",
        )),
    }
}

/// Only this run's artifacts are on this machine, whatever a token would allow.
fn other_repository(wanted: &str, context: &Value) -> Option<String> {
    let own = github(context, "repository");
    let is_own = wanted.eq_ignore_ascii_case(own);
    (!is_own).then(|| {
        format!("artifacts of other repositories are not available offline, and `{wanted}` is not `{own}`")
    })
}

fn other_run(wanted: &str, context: &Value) -> Option<String> {
    let own = match context.get("run_id") {
        Some(Value::Number(number)) => number.to_string(),
        _ => github(context, "run_id").to_owned(),
    };
    (wanted != own).then(|| {
        format!("artifacts of other runs are not available offline, and this run is `{own}`, not `{wanted}`")
    })
}

fn target(cx: &Invocation<'_>) -> PathBuf {
    match cx.input("path") {
        "" => cx.workspace.to_owned(),
        path => match path.strip_prefix('~') {
            Some(rest) => resolve(cx.workspace, &format!("{}{rest}", cx.tilde().display())),
            None => resolve(cx.workspace, path),
        },
    }
}

fn by_name(cx: &mut Invocation<'_>, name: &str) -> Result<Artifact, Failure> {
    cx.log.line("Downloading single artifact");
    let found = if name.contains('/') { None } else { cx.stores.artifacts.find(name)? };
    if let Some(artifact) = found {
        return Ok(artifact);
    }
    let failure = Failure::new(format!("Artifact '{name}' not found"));
    let names: Vec<_> =
        cx.stores.artifacts.list()?.into_iter().map(|one| format!("`{}`", one.name)).collect();
    Err(match names.as_slice() {
        [] => failure.advise("no job of this run has stored an artifact before this step"),
        names => failure.advise(format!("this run has {}", names.join(", "))),
    })
}

fn by_id(cx: &mut Invocation<'_>, ids: &str) -> Result<Vec<Artifact>, Failure> {
    cx.log.line("Downloading artifacts by ID");
    let mut wanted: Vec<i64> = Vec::new();
    for id in ids.split(',').map(crate::glob::trim).filter(|id| !id.is_empty()) {
        let invalid = || Failure::new(format!("Invalid artifact ID: '{id}'. Must be a number."));
        wanted.push(parse_int(id).ok_or_else(invalid)?);
    }
    if wanted.is_empty() {
        return Err(Failure::new("No valid artifact IDs provided in 'artifact-ids' input"));
    }
    let is = |id: u64, wanted: i64| u64::try_from(wanted) == Ok(id);
    let mut artifacts = cx.stores.artifacts.list()?;
    artifacts.retain(|artifact| wanted.iter().any(|id| is(artifact.id, *id)));
    if artifacts.is_empty() {
        return Err(Failure::new("None of the provided artifact IDs were found"));
    }
    wanted.retain(|id| !artifacts.iter().any(|artifact| is(artifact.id, *id)));
    if !wanted.is_empty() {
        let missing: Vec<_> = wanted.iter().map(i64::to_string).collect();
        cx.log
            .warning(&format!("Could not find the following artifact IDs: {}", missing.join(", ")));
    }
    Ok(artifacts)
}

fn by_pattern(cx: &mut Invocation<'_>) -> Result<Vec<Artifact>, Failure> {
    let mut artifacts = cx.stores.artifacts.list()?;
    match cx.input("pattern") {
        "" => {
            cx.log.line("No input name, artifact-ids or pattern filtered specified, downloading all artifacts");
            if !cx.is_true("merge-multiple") {
                cx.log.line(
                    "An extra directory with the artifact name will be created for each download",
                );
            }
        }
        pattern => {
            cx.log.line(&format!("Filtering artifacts by pattern '{pattern}'"));
            let pattern = NamePattern::new(pattern)?;
            artifacts.retain(|artifact| pattern.matches(&artifact.name));
        }
    }
    Ok(artifacts)
}

fn announce(cx: &mut Invocation<'_>, artifacts: &[Artifact]) {
    if !artifacts.is_empty() {
        cx.log.line("Preparing to download the following artifacts:");
    }
    for Artifact { name, id, size, digest, .. } in artifacts {
        cx.log.line(&format!("- {name} (ID: {id}, Size: {size}, Expected Digest: {digest})"));
    }
}

/// What happens when an artifact is not what was stored.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mismatch {
    Ignore,
    Info,
    Warn,
    Error,
}

impl Mismatch {
    fn read(text: &str) -> Result<Self, Failure> {
        match text {
            "ignore" => Ok(Self::Ignore),
            "info" => Ok(Self::Info),
            "warn" => Ok(Self::Warn),
            "" | "error" => Ok(Self::Error),
            other => Err(Failure::new(format!(
                "Invalid value for 'digest-mismatch': '{other}'. Valid options are: ignore, info, warn, error"
            ))),
        }
    }
}

struct Fetch {
    bounds: Bounds,
    mismatch: Mismatch,
    skip_decompress: bool,
    mismatched: Vec<String>,
}

impl Fetch {
    fn one(
        &mut self,
        cx: &mut Invocation<'_>,
        artifact: &Artifact,
        folder: &Path,
    ) -> Result<(), Failure> {
        cx.check_cancelled()?;
        let name = &artifact.name;
        let stored = cx.stores.artifacts.path(artifact);
        let unreadable = |error: std::io::Error| {
            Failure::new(format!("cannot read the artifact `{name}`: {error}"))
        };
        let found = digest(&stored).map_err(unreadable)?;
        cx.log.line(&format!("SHA256 digest of downloaded artifact is {found}"));
        if found != artifact.digest {
            let text = format!(
                "Artifact '{name}' digest validation failed. Please verify the integrity of the artifact."
            );
            match self.mismatch {
                Mismatch::Ignore => {}
                Mismatch::Info => cx.log.line(&text),
                Mismatch::Warn => cx.log.warning(&text),
                // What is not what was stored does not get into the workspace.
                Mismatch::Error => {
                    self.mismatched.push(name.clone());
                    return Ok(());
                }
            }
        }
        // The real action goes by the type of the content, which follows from the name.
        let is_zip = artifact.form == Form::Zip || name.to_lowercase().ends_with(".zip");
        if is_zip && !self.skip_decompress {
            return pack::unpack(&stored, folder, &self.bounds, cx.cancelled);
        }
        let file = match artifact.form {
            Form::Zip => format!("{name}.zip"),
            Form::Raw => name.clone(),
        };
        let mut content = File::open(&stored).map_err(unreadable)?;
        pack::place(&folder.join(file), &mut content, &self.bounds, cx.cancelled)
    }

    fn finish(self) -> Result<(), Failure> {
        if self.mismatched.is_empty() {
            return Ok(());
        }
        Err(Failure::new(format!(
            "Digest validation failed for artifact(s): {}. Use 'digest-mismatch: warn' to continue on mismatch.",
            self.mismatched.join(", ")
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::{bench::Bench, upload_artifact};

    fn with_artifacts() -> Bench {
        let bench = Bench::new();
        bench.write("a.txt", "a").executable("bin/tool", "t");
        let upload = |name: &str, path: &str| {
            bench.call(&upload_artifact::ACTION, &[("name", name), ("path", path)]).passed();
        };
        upload("first", "a.txt");
        upload("log-1", "bin");
        upload("log-2", "a.txt");
        bench.remove("a.txt").remove("bin");
        bench
    }

    #[test]
    fn one_artifact_lands_where_it_was_asked_for() {
        let bench = with_artifacts();
        let done = bench.call(&ACTION, &[("name", "first")]);
        assert_eq!(done.passed().output("download-path"), bench.workspace().display().to_string());
        assert_eq!(bench.read("a.txt"), "a");
        bench.call(&ACTION, &[("name", "log-1"), ("path", "deep/er")]).passed();
        assert_eq!(bench.read("deep/er/tool"), "t");
        let home = bench.call(&ACTION, &[("name", "first"), ("path", "~/x")]);
        assert_eq!(
            home.passed().output("download-path"),
            bench.home().join("x").display().to_string()
        );
    }

    #[test]
    fn all_of_them_get_a_folder_each_unless_merged() {
        let bench = with_artifacts();
        bench.call(&ACTION, &[("path", "all")]).passed();
        assert_eq!(bench.read("all/first/a.txt"), "a");
        assert_eq!(bench.read("all/log-1/tool"), "t");
        let with = [("path", "m"), ("pattern", "log-{1,2}"), ("merge-multiple", "true")];
        bench.call(&ACTION, &with).passed();
        assert_eq!((bench.read("m/a.txt"), bench.read("m/tool")), ("a".to_owned(), "t".to_owned()));
        let none = bench.call(&ACTION, &[("pattern", "nothing-*")]);
        assert!(none.passed().log.contains("Total of 0 artifact(s) downloaded"));
    }

    #[test]
    fn a_single_match_of_a_pattern_gets_a_folder_in_version_4_only() {
        let bench = with_artifacts();
        let with = |path| [("path", path), ("pattern", "log-1")];
        bench.call_as(&ACTION, "v4", &with("four")).passed();
        assert_eq!(bench.read("four/log-1/tool"), "t");
        bench.call_as(&ACTION, "v5", &with("five")).passed();
        assert_eq!(bench.read("five/tool"), "t");
    }

    #[test]
    fn what_is_not_there_is_a_failure() {
        let bench = with_artifacts();
        let done = bench.call(&ACTION, &[("name", "gone")]);
        assert_eq!(done.failure(), "Unable to download artifact(s): Artifact 'gone' not found");
        assert_eq!(done.help(), "this run has `log-2`, `log-1`, `first`");
        let ids = |ids| bench.call(&ACTION, &[("artifact-ids", ids), ("path", "i")]);
        assert!(ids("7").failure().ends_with("None of the provided artifact IDs were found"));
        assert!(ids("x").failure().ends_with("Invalid artifact ID: 'x'. Must be a number."));
        assert!(
            ids(" , ")
                .failure()
                .ends_with("No valid artifact IDs provided in 'artifact-ids' input")
        );
        let some = ids("1, 9");
        assert_eq!(some.passed().warnings, ["Could not find the following artifact IDs: 9"]);
        assert_eq!(bench.read("i/a.txt"), "a");
        let both = bench.call(&ACTION, &[("artifact-ids", "1"), ("name", "first")]);
        assert!(both.failure().contains("cannot be used together"));
    }

    #[test]
    fn other_runs_and_repositories_are_refused_by_name() {
        let bench = with_artifacts();
        let failure =
            |name, value| bench.call(&ACTION, &[("name", "first"), (name, value)]).failure();
        let run = failure("run-id", "12345");
        assert!(run.starts_with("`actions/download-artifact` refuses the input `run-id`"), "{run}");
        let other = failure("repository", "a/b");
        assert!(other.contains("refuses the input `repository`"), "{other}");
        bench.call(&ACTION, &[("name", "first"), ("github-token", "t")]).passed();
        bench
            .call(&ACTION, &[("name", "first"), ("run-id", "77"), ("repository", "Octo/Cat")])
            .passed();
    }

    #[test]
    fn an_artifact_that_was_changed_does_not_get_into_the_workspace() {
        let bench = with_artifacts();
        let artifact = bench.stores.artifacts.find("first").unwrap().unwrap();
        let path = bench.stores.artifacts.path(&artifact);
        let mut bytes = std::fs::read(&path).unwrap();
        let other = bench.stores.artifacts.find("log-2").unwrap().unwrap();
        assert_eq!(bytes, std::fs::read(bench.stores.artifacts.path(&other)).unwrap());
        bytes.extend(b"x");
        std::fs::write(&path, bytes).unwrap();
        let failure = bench.call(&ACTION, &[("name", "first")]).failure();
        assert!(failure.contains("Digest validation failed for artifact(s): first"), "{failure}");
        assert!(!bench.exists("a.txt"));
        let warned = bench.call(&ACTION, &[("name", "first"), ("digest-mismatch", "warn")]);
        assert_eq!(warned.passed().warnings.len(), 1);
        let unknown = bench.call(&ACTION, &[("digest-mismatch", "x")]).failure();
        assert!(unknown.contains("Invalid value for 'digest-mismatch'"));
    }

    #[test]
    fn an_artifact_can_be_kept_packed() {
        let bench = with_artifacts();
        bench.call(&ACTION, &[("name", "first"), ("skip-decompress", "true")]).passed();
        assert!(bench.exists("first.zip"));
        bench.write("r.txt", "raw");
        bench.call(&upload_artifact::ACTION, &[("path", "r.txt"), ("archive", "false")]).passed();
        bench.call(&ACTION, &[("name", "r.txt"), ("path", "raw")]).passed();
        assert_eq!(bench.read("raw/r.txt"), "raw");
    }

    #[test]
    fn a_place_outside_of_the_job_is_refused() {
        let failure =
            with_artifacts().call(&ACTION, &[("name", "first"), ("path", "/etc/x")]).failure();
        assert!(failure.contains("outside of what this job may use"), "{failure}");
    }
}
