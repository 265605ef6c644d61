//! A record says what the tags, branches and commits of one repository led to when they were fetched.

use std::{fs, io, path::Path};

use plim_host::{HostError, files};
use serde::{Deserialize, Serialize};

use super::{ActionName, ActionStoreError};

/// The form of a record; one of another form is refused.
const VERSION: u32 = 1;

/// A reference that was fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Stored {
    /// As it was asked for.
    #[serde(flatten)]
    pub name: ActionName,
    /// The commit that the reference led to.
    pub commit: String,
    /// The hash of all files, see [`Measure`](super::Measure).
    pub tree: String,
    /// When, in RFC 3339.
    pub fetched: String,
    /// The address that it came from.
    pub from: String,
    /// How many files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// What is known of one repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Record {
    pub(super) version: u32,
    pub(super) references: Vec<Stored>,
}

impl Default for Record {
    fn default() -> Self {
        Self { version: VERSION, references: Vec::new() }
    }
}

impl Record {
    /// Reads the record in `file`; an empty one when there is none.
    pub(super) fn read(file: &Path) -> Result<Self, ActionStoreError> {
        let bytes = match fs::read(file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(HostError::file("read", file)(error).into()),
        };
        let broken = |reason: String| ActionStoreError::Record { file: file.to_owned(), reason };
        let record: Self =
            serde_json::from_slice(&bytes).map_err(|error| broken(error.to_string()))?;
        if record.version != VERSION {
            return Err(broken(format!("version {} is not known here", record.version)));
        }
        match record.references.iter().find(|stored| !stored.is_sound()) {
            Some(stored) => Err(broken(format!("`{}` is no hash of a tree", stored.tree))),
            None => Ok(record),
        }
    }

    /// Writes the record at once; an empty one is removed.
    pub(super) fn write(&self, file: &Path) -> Result<(), ActionStoreError> {
        if self.references.is_empty() {
            return Ok(files::remove_tree(file)?);
        }
        let folder = file.parent().unwrap_or(file);
        fs::create_dir_all(folder).map_err(HostError::file("make", folder))?;
        let text = serde_json::to_vec_pretty(self).unwrap_or_default();
        Ok(files::write_durably(file, &text)?)
    }

    /// What `reference` led to; a commit is also found by a tag or branch that led to it.
    pub(super) fn find(&self, reference: &str) -> Option<&Stored> {
        let named = self.references.iter().find(|stored| *stored.name.reference == *reference);
        let same = |stored: &&Stored| stored.commit.eq_ignore_ascii_case(reference);
        named.or_else(|| self.references.iter().find(same))
    }

    /// Puts `stored` in place of what the reference led to before.
    pub(super) fn put(&mut self, stored: Stored) {
        self.references.retain(|known| known.name.reference != stored.name.reference);
        self.references.push(stored);
        self.references.sort_by(|a, b| a.name.reference.cmp(&b.name.reference));
    }
}

impl Stored {
    /// The tree is the name of a folder, so it must be nothing else.
    fn is_sound(&self) -> bool {
        self.tree.len() == 64 && self.tree.bytes().all(|byte| byte.is_ascii_hexdigit())
    }
}
