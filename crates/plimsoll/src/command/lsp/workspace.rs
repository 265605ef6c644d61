//! A document in its repository: what it is, what surrounds it, and what is found in it.

use std::path::{Path, PathBuf};

use plim_audit::{Finding, Kind, Selection, Subject, check};
use plim_diag::Diagnostic;
use plim_workflow::Forge;

use super::{
    super::check::{Repository, root_of, slashed},
    documents::{Document, Documents},
};
use crate::{
    settings::{self, CheckSettings},
    world::World,
};

/// A file that is judged, with the rest of its repository.
pub(super) struct Judged {
    pub(super) root: PathBuf,
    pub(super) repository: Repository,
    pub(super) selection: Selection,
    pub(super) subject: Subject,
    /// Why the settings of the repository are not used.
    pub(super) complaint: Option<String>,
}

impl Judged {
    /// Reads `document`, among the files that are on the disk and those that are open; `None` where it is nothing that
    /// can be judged.
    pub(super) fn new(document: &Document, documents: &Documents, world: &World) -> Option<Self> {
        Self::with_text(document, &document.text, documents, world)
    }

    /// The same as if the document's text were `text`.
    pub(super) fn with_text(
        document: &Document,
        text: &str,
        documents: &Documents,
        world: &World,
    ) -> Option<Self> {
        // What was never saved is taken for a file in the folder of the server.
        let path = match &document.path {
            Some(path) => path.clone(),
            None => world.directory.join("untitled.yml"),
        };
        let kind = Kind::of_path(&slashed(&path)).or_else(|| Kind::of_text(text))?;
        let root = root_of(&path);
        let inside = slashed(path.strip_prefix(&root).unwrap_or(&path));
        let (settings, complaint) = settings(&root);
        let selection = Selection {
            tier: settings.tier.unwrap_or_default(),
            select: Vec::new(),
            ignore: settings.ignore.clone(),
        };
        let repository = Repository::new(&root, settings).with_unsaved(documents.texts());
        let forge = Forge::of_path(&inside);
        let subject = Subject::read(inside, text.as_bytes(), kind, forge);
        Some(Self { root, repository, selection, subject, complaint })
    }

    /// What is found in it, as `plim check` finds it.
    pub(super) fn findings(&self) -> Vec<Finding> {
        check(&self.subject, &self.repository, &self.selection)
    }

    /// What would be found in it if its text were `text`.
    pub(super) fn findings_in(&self, text: &str) -> Vec<Finding> {
        let kind = Kind::of_document(&self.subject.document);
        let path = self.subject.path.as_ref();
        let subject = Subject::read(path, text.as_bytes(), kind, self.subject.forge);
        check(&subject, &self.repository, &self.selection)
    }

    /// Where the file at `path`, seen from the root of the repository, is.
    pub(super) fn place(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }
}

/// The settings of the repository at `root`; without them, why they cannot be used.
fn settings(root: &Path) -> (CheckSettings, Option<String>) {
    match settings::read_check(root) {
        Ok(settings) => (settings, None),
        Err(refusal) => {
            let why = refusal.diagnostics.first().map(told);
            let why = why.unwrap_or_else(|| format!("cannot read `{}`", settings::FILE));
            (CheckSettings::default(), Some(format!("{why}, so the settings are not used")))
        }
    }
}

/// One line about `diagnostic`, with the file that it speaks of: it may be one that is shared.
fn told(diagnostic: &Diagnostic) -> String {
    match &diagnostic.place {
        Some(place) => format!("`{}`: {diagnostic}", place.path),
        None => diagnostic.to_string(),
    }
}
