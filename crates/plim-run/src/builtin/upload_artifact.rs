//! `actions/upload-artifact`: stores files of a job as an artifact of the run.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::{
    Builtin, Failure, Input, Invocation,
    collect::{Collected, check_name, collect, entry_name},
    pack,
};
use crate::store::{
    Artifact,
    artifacts::{DEFAULT_RETENTION_DAYS, Form},
};

pub(super) const ACTION: Builtin = Builtin {
    name: "actions/upload-artifact",
    inputs: &[
        Input::implemented("name", "artifact"),
        Input::implemented("path", ""),
        Input::implemented("if-no-files-found", "warn"),
        Input::implemented("retention-days", ""),
        Input::implemented("compression-level", "6"),
        Input::implemented("overwrite", "false"),
        Input::implemented("include-hidden-files", "false"),
        Input::implemented("archive", "true"),
    ],
    outputs: &["artifact-id", "artifact-url", "artifact-digest"],
    main,
    post: None,
    post_condition: "always()",
    ..Builtin::PLAIN
};

fn main(cx: &mut Invocation<'_>) -> Result<(), Failure> {
    ACTION.begin(cx)?;
    check_version(cx, "actions/upload-artifact")?;
    let name = cx.input("name");
    let patterns = cx.required("path")?;
    let overwrite = cx.boolean("overwrite")?;
    let hidden = cx.boolean("include-hidden-files")?;
    let archive = cx.boolean("archive")?;
    let when_none = cx.input("if-no-files-found");
    if !matches!(when_none, "warn" | "error" | "ignore") {
        return Err(Failure::new(format!(
            "Unrecognized if-no-files-found input. Provided: {when_none}. Available options: warn,error,ignore"
        )));
    }
    let storing = Storing::read(cx, overwrite)?;
    let collected = collect(cx, patterns, cx.workspace, hidden)?;
    let count = collected.files.len();
    if count == 0 {
        return nothing(cx, patterns, when_none);
    }
    let s = if count == 1 { "" } else { "s" };
    cx.log.line(&format!("With the provided path, there will be {count} file{s} uploaded"));
    if archive {
        return storing.zip(cx, name, &collected);
    }
    match collected.files.as_slice() {
        [file] => storing.raw(cx, file),
        _ => Err(Failure::new(format!(
            "When 'archive' is set to false, only a single file can be uploaded. Found {count} files to upload."
        ))),
    }
}

/// GitHub fails these versions, so they must not pass here.
pub(super) fn check_version(cx: &Invocation<'_>, action: &str) -> Result<(), Failure> {
    match cx.major() {
        Some(major) if major < 4 => Err(Failure::new(format!(
            "`{action}@{}` is a version that GitHub has switched off and fails",
            cx.reference
        ))
        .advise(format!("use `{action}@v4` or newer"))),
        _ => Ok(()),
    }
}

fn nothing(cx: &mut Invocation<'_>, patterns: &str, when_none: &str) -> Result<(), Failure> {
    let text = format!(
        "No files were found with the provided path: {patterns}. No artifacts will be uploaded."
    );
    match when_none {
        "error" => return Err(Failure::new(text)),
        "warn" => cx.log.warning(&text),
        _ => cx.log.line(&text),
    }
    Ok(())
}

/// How an artifact is stored.
pub(super) struct Storing {
    level: i64,
    retention_days: u32,
    overwrite: bool,
}

impl Storing {
    /// Reads `retention-days` and `compression-level`.
    pub(super) fn read(cx: &mut Invocation<'_>, overwrite: bool) -> Result<Self, Failure> {
        let level = cx.integer("compression-level")?.unwrap_or(6);
        if !(0..=9).contains(&level) {
            return Err(Failure::new("Invalid compression-level. Valid values are 0-9"));
        }
        Ok(Self { level, retention_days: retention(cx)?, overwrite })
    }

    /// Stores files as a zip file.
    pub(super) fn zip(
        &self,
        cx: &mut Invocation<'_>,
        name: &str,
        collected: &Collected,
    ) -> Result<(), Failure> {
        check_name(name)?;
        let named = |file: &PathBuf| Ok((entry_name(file, &collected.root)?, file.clone()));
        let files: Vec<_> = collected.files.iter().map(named).collect::<Result<_, Failure>>()?;
        let mut upload = cx.stores.artifacts.upload(name, Form::Zip, self.overwrite)?;
        let bounds = cx.bounds().and_shared();
        pack::pack(&files, self.level, &bounds, &mut upload.content, cx.cancelled)?;
        let artifact = upload.finish(files.len() as u64, self.retention_days)?;
        tell(cx, &artifact);
        Ok(())
    }

    /// Stores one file as it is, under its own name.
    fn raw(&self, cx: &mut Invocation<'_>, file: &Path) -> Result<(), Failure> {
        let name = entry_name(file, file.parent().unwrap_or(file))?;
        check_name(&name)?;
        let mut upload = cx.stores.artifacts.upload(&name, Form::Raw, self.overwrite)?;
        let mut content = cx.bounds().and_shared().open(file)?;
        let stored = io::copy(&mut content, &mut upload.content);
        stored
            .and_then(|_| upload.content.flush())
            .map_err(|error| Failure::new(format!("cannot store `{}`: {error}", file.display())))?;
        let artifact = upload.finish(1, self.retention_days)?;
        tell(cx, &artifact);
        Ok(())
    }
}

fn retention(cx: &mut Invocation<'_>) -> Result<u32, Failure> {
    let most = DEFAULT_RETENTION_DAYS;
    match cx.integer("retention-days")? {
        None | Some(0) => Ok(most),
        Some(days) if days > i64::from(most) => {
            cx.log.warning(&format!(
                "Retention days cannot be greater than the maximum allowed retention set within the repository. Using {most} instead."
            ));
            Ok(most)
        }
        Some(days) => u32::try_from(days).map_err(|_| Failure::new("Invalid retention-days")),
    }
}

/// Says what was stored, in the log, in the outputs and to the run.
fn tell(cx: &mut Invocation<'_>, artifact: &Artifact) {
    let Artifact { name, id, size, digest, .. } = artifact;
    cx.log.line(&format!("SHA256 digest of uploaded artifact is {digest}"));
    cx.log.line(&format!(
        "Artifact {name} has been successfully uploaded! Final size is {size} bytes. Artifact ID is {id}"
    ));
    // The forge has no page for it; this is where it can be had.
    let url = file_url(&cx.stores.artifacts.path(artifact));
    cx.log.line(&format!("Artifact download URL: {url}"));
    cx.log.stored(name, *size, digest);
    cx.set_output("artifact-id", id.to_string());
    cx.set_output("artifact-digest", digest.trim_start_matches("sha256:"));
    cx.set_output("artifact-url", url);
}

fn file_url(path: &Path) -> String {
    use std::{fmt::Write as _, os::unix::ffi::OsStrExt as _};
    let mut url = String::from("file://");
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                url.push(char::from(*byte));
            }
            byte => drop(write!(url, "%{byte:02X}")),
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::bench::Bench;

    #[test]
    fn files_are_stored_with_their_digest_and_outputs() {
        let bench = Bench::new();
        bench.write("dist/a.txt", "a").write("dist/sub/b.txt", "b").write("dist/.secret", "s");
        let done = bench.call(&ACTION, &[("name", "out"), ("path", "dist")]);
        done.passed();
        let artifact = bench.stores.artifacts.find("out").unwrap().unwrap();
        assert_eq!((artifact.id, artifact.files), (1, 2), "hidden files are left out");
        assert_eq!(done.output("artifact-id"), "1");
        assert_eq!(format!("sha256:{}", done.output("artifact-digest")), artifact.digest);
        let stored = bench.stores.artifacts.path(&artifact);
        assert_eq!(crate::store::artifacts::digest(&stored).unwrap(), artifact.digest);
        assert_eq!(done.output("artifact-url"), format!("file://{}", stored.display()));
        assert_eq!(bench.zip_names("out"), ["a.txt", "sub/b.txt"]);
        assert_eq!(done.stored, [("out".to_owned(), artifact.size, artifact.digest)]);
    }

    #[test]
    fn hidden_files_are_stored_when_asked() {
        let bench = Bench::new();
        bench.write("d/.a", "").write("d/.b/c", "").write("d/e", "");
        let with = [("path", "d"), ("include-hidden-files", "true")];
        bench.call(&ACTION, &with).passed();
        assert_eq!(bench.zip_names("artifact"), [".a", ".b/c", "e"]);
    }

    #[test]
    fn paths_begin_at_what_all_patterns_share() {
        let bench = Bench::new();
        bench.write("a/x/1", "").write("a/y/2", "").write("b", "");
        let done = bench.call(&ACTION, &[("name", "two"), ("path", "a/x\na/y")]);
        assert!(done.log.contains("The least common ancestor is"), "{}", done.log);
        assert_eq!(bench.zip_names("two"), ["x/1", "y/2"]);
        bench.call(&ACTION, &[("name", "one"), ("path", "a/x/1")]).passed();
        assert_eq!(bench.zip_names("one"), ["1"]);
        bench.call(&ACTION, &[("name", "star"), ("path", "a/*/1")]).passed();
        assert_eq!(bench.zip_names("star"), ["x/1"]);
        bench.call(&ACTION, &[("name", "without"), ("path", "a/**\n!a/y")]).passed();
        assert_eq!(bench.zip_names("without"), ["x/1"]);
    }

    #[test]
    fn finding_nothing_warns_fails_or_is_silent() {
        let bench = Bench::new();
        let done = bench.call(&ACTION, &[("path", "none")]);
        let text =
            "No files were found with the provided path: none. No artifacts will be uploaded.";
        assert_eq!(done.passed().warnings, [text]);
        let failed = bench.call(&ACTION, &[("path", "none"), ("if-no-files-found", "error")]);
        assert_eq!(failed.failure(), text);
        let silent = bench.call(&ACTION, &[("path", "none"), ("if-no-files-found", "ignore")]);
        assert!(silent.passed().warnings.is_empty() && silent.log.contains(text));
        let unknown = bench.call(&ACTION, &[("path", "none"), ("if-no-files-found", "stop")]);
        assert!(unknown.failure().starts_with("Unrecognized if-no-files-found input"));
        assert_eq!(bench.stores.artifacts.list().unwrap(), []);
    }

    #[test]
    fn a_name_is_taken_once_unless_it_is_overwritten() {
        let bench = Bench::new();
        bench.write("x", "1");
        bench.call(&ACTION, &[("path", "x")]).passed();
        let again = bench.call(&ACTION, &[("path", "x")]);
        assert_eq!(again.failure(), "an artifact named `artifact` already exists in this run");
        bench.write("x", "22");
        let done = bench.call(&ACTION, &[("path", "x"), ("overwrite", "true")]);
        assert_eq!(done.passed().output("artifact-id"), "2");
        assert_eq!(bench.stores.artifacts.list().unwrap().len(), 1);
    }

    #[test]
    fn a_single_file_can_be_stored_as_it_is() {
        let bench = Bench::new();
        bench.write("d/tool.tar.gz", "content").write("d/b", "");
        let done = bench.call(&ACTION, &[("path", "d/tool.tar.gz"), ("archive", "false")]);
        done.passed();
        let artifact = bench.stores.artifacts.find("tool.tar.gz").unwrap().unwrap();
        assert_eq!(
            std::fs::read_to_string(bench.stores.artifacts.path(&artifact)).unwrap(),
            "content"
        );
        let two = bench.call(&ACTION, &[("path", "d"), ("archive", "false")]);
        assert!(two.failure().contains("Found 2 files"));
    }

    #[test]
    fn wrong_values_are_named() {
        let bench = Bench::new();
        bench.write("x", "1");
        let failure = |with: &[(&str, &str)]| {
            bench.call(&ACTION, &[&[("path", "x")], with].concat()).failure()
        };
        assert_eq!(
            failure(&[("compression-level", "10")]),
            "Invalid compression-level. Valid values are 0-9"
        );
        assert_eq!(failure(&[("compression-level", "fast")]), "Invalid compression-level");
        assert_eq!(failure(&[("retention-days", "soon")]), "Invalid retention-days");
        assert_eq!(
            failure(&[("overwrite", "yes")]),
            "the input `overwrite` is `yes`, which is no boolean"
        );
        assert!(failure(&[("name", "a/b")]).contains("Forward slash"));
        assert_eq!(bench.call(&ACTION, &[]).failure(), "Input required and not supplied: path");
        let long = bench.call(&ACTION, &[("path", "x"), ("retention-days", "91")]);
        assert!(long.passed().warnings[0].contains("Using 90 instead"));
        let unknown = bench.call(&ACTION, &[("path", "x"), ("pat", "y"), ("name", "n")]);
        assert!(
            unknown.passed().warnings[0]
                .starts_with("Unexpected input(s) 'pat', valid inputs are ['name'")
        );
    }

    #[test]
    fn what_lies_outside_of_the_job_is_not_stored() {
        let mut bench = Bench::new();
        bench.symlink("d/key", "/etc/hostname").write("d/x", "");
        let refused = |bench: &Bench, path: &str| {
            let failure = bench.call(&ACTION, &[("path", path)]).failure();
            assert!(failure.contains("outside of what this job may use"), "{failure}");
        };
        refused(&bench, "d");
        refused(&bench, "/etc/hostname");
        // A workflow can set `HOME`, and does not get at the user's files by it.
        bench.tilde = Some("/etc".to_owned());
        refused(&bench, "~/hostname");
        assert_eq!(bench.stores.artifacts.list().unwrap(), []);
    }

    #[test]
    fn versions_that_github_switched_off_fail() {
        let bench = Bench::new();
        bench.write("x", "1");
        let old = bench.call_as(&ACTION, "v3", &[("path", "x")]).failure();
        assert!(old.contains("switched off"), "{old}");
        bench.call_as(&ACTION, "v4.6.2", &[("path", "x")]).passed();
    }
}
