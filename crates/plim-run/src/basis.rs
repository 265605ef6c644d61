//! The basis of a job's result: digests of all that the job was given, so that a later run can tell whether it holds.

use std::{fs, io, path::Path, sync::Arc};

use plim_expression::{Object, Value};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{actions::ActionName, hash_files::hexadecimal, plan::Plan, request::Request};

/// What the result of a job rests on. It holds digests and names, never a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Basis {
    /// What all jobs of its run were given.
    #[serde(flatten)]
    pub run: RunBasis,
    /// The texts of its workflow and of those that call it.
    pub workflow: String,
    /// The event, its reference, the repository, and the payload as far as the user gave it.
    pub event: String,
    /// The inputs of its workflow.
    pub inputs: String,
    /// Its matrix.
    pub matrix: String,
    /// The actions of the store that it used, and the hashes of their files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub used: Vec<(ActionName, String)>,
    /// The names of outputs that may hold a secret, so that they are kept nowhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withheld: Vec<String>,
    /// Whether a person worked in its workspace while it ran.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_hand: bool,
}

/// What all jobs of a run were given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RunBasis {
    /// The commit that workspaces held; another one with the same tree is as good.
    pub commit: String,
    /// The `vars` context.
    pub variables: String,
    /// Variables that every step got.
    pub environment: String,
    /// The names of the secrets.
    pub secrets: String,
    /// Credentials, and whether `sudo` was allowed.
    pub allowed: String,
    /// The folders that stood for actions, with all that is in them.
    pub actions: String,
    /// The version of `plim`.
    pub version: String,
}

impl Basis {
    /// What a job was given that this one was not, in a few words; trees are compared elsewhere.
    pub fn change(&self, now: &Self) -> Option<String> {
        let job = [
            (&self.workflow, &now.workflow, "its workflow changed"),
            (&self.event, &now.event, "the event is another one"),
            (&self.inputs, &now.inputs, "the inputs are others"),
            (&self.matrix, &now.matrix, "its matrix changed"),
        ];
        let changed = job.into_iter().find(|(then, now, _)| then != now);
        changed.map(|(_, _, what)| what.to_owned())
    }
}

impl RunBasis {
    /// What jobs were given that these are not, in a few words; trees are compared elsewhere.
    pub fn change(&self, now: &Self) -> Option<String> {
        let all = [
            (&self.variables, &now.variables, "`vars` changed"),
            (&self.environment, &now.environment, "the environment for all steps changed"),
            (&self.secrets, &now.secrets, "other secrets are given"),
            (&self.allowed, &now.allowed, "other rights or credentials are given"),
            (&self.actions, &now.actions, "the folders that stand for actions changed"),
            (&self.version, &now.version, "it ran with another version of `plim`"),
        ];
        let changed = all.into_iter().find(|(then, now, _)| then != now);
        changed.map(|(_, _, what)| what.to_owned())
    }
}

/// The digest of a value that can be written as JSON: `sha256:` and hexadecimal digits.
pub fn fingerprint(value: &impl Serialize) -> String {
    let text = serde_json::to_vec(value).unwrap_or_default();
    format!("sha256:{}", hexadecimal(&Sha256::digest(text)))
}

/// The digest of a value of expressions.
pub(crate) fn fingerprint_of(value: &Value) -> String {
    fingerprint(&value.to_json())
}

/// The digest of what an event is, but for the commits that it speaks of: those are compared by what is in them.
pub(crate) fn event_fingerprint(github: &Object, request: &Request) -> String {
    const NAMES: [&str; 6] = ["event_name", "ref", "base_ref", "head_ref", "actor", "repository"];
    let words = NAMES.map(|name| github.get(name).map(|value| value.to_text().to_string()));
    fingerprint(&(words, &request.payload))
}

/// The digest of what the user asked for: which workflows, by which event, with which inputs, and which jobs of them.
pub fn asked(plan: &Plan) -> Arc<str> {
    let request = plan.planner.request();
    let named = !request.workflows.is_empty();
    let paths = plan.workflows.iter().map(|workflow| workflow.workflow.path.to_string());
    let workflows: Vec<String> = if named { paths.collect() } else { Vec::new() };
    let which = (&request.job, &request.only, &request.matrix);
    let how = (&request.event, &request.inputs, &request.payload);
    fingerprint(&(workflows, which, how)).into()
}

/// The digest of the files below `folders`, with the names by which they are used.
///
/// Errors: a folder or file that cannot be read.
pub(crate) fn folders_fingerprint<'a>(
    folders: impl Iterator<Item = (&'a str, &'a Path)>,
) -> io::Result<String> {
    let mut hash = Sha256::new();
    for (name, folder) in folders {
        add(&mut hash, name.as_bytes());
        add_folder(&mut hash, folder)?;
    }
    Ok(format!("sha256:{}", hexadecimal(&hash.finalize())))
}

fn add_folder(hash: &mut Sha256, folder: &Path) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, kind) = (entry.path(), entry.file_type()?);
        add(hash, entry.file_name().as_encoded_bytes());
        if kind.is_dir() {
            add(hash, b"folder");
            add_folder(hash, &path)?;
            add(hash, b"end");
        } else if kind.is_symlink() {
            add(hash, b"link");
            add(hash, fs::read_link(&path)?.as_os_str().as_encoded_bytes());
        } else if kind.is_file() {
            add(hash, b"file");
            add(hash, &fs::read(&path)?);
        }
    }
    Ok(())
}

/// Adds bytes with their length, so that no two lists of them look the same.
fn add(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_le_bytes());
    hash.update(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thing_that_a_job_is_given_is_told_when_it_changes() {
        let then = Basis::default();
        assert_eq!(then.change(&then), None);
        let now = Basis { inputs: "x".into(), ..Basis::default() };
        assert_eq!(then.change(&now).unwrap(), "the inputs are others");
        let run = RunBasis { secrets: "x".into(), ..RunBasis::default() };
        assert_eq!(then.run.change(&run).unwrap(), "other secrets are given");
    }

    #[test]
    fn a_basis_is_read_back_as_it_was_written() {
        let run = RunBasis { commit: "c0ffee".into(), ..RunBasis::default() };
        let basis = Basis { run, withheld: vec!["token".into()], ..Basis::default() };
        let text = serde_json::to_string(&basis).unwrap();
        assert_eq!(serde_json::from_str::<Basis>(&text).unwrap(), basis);
    }

    #[test]
    fn what_is_in_a_folder_decides_and_not_when_it_was_written() {
        let of = |files: &[(&str, &str)]| {
            let folder = tempfile::tempdir().unwrap();
            for (path, text) in files {
                let path = folder.path().join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            folders_fingerprint([("a/b", folder.path())].into_iter()).unwrap()
        };
        assert_eq!(of(&[("x", "1"), ("y/z", "2")]), of(&[("y/z", "2"), ("x", "1")]));
        assert_ne!(of(&[("x", "12")]), of(&[("x", "1"), ("2", "")]));
        assert_ne!(of(&[("x/y", "")]), of(&[("x", ""), ("y", "")]));
    }
}
