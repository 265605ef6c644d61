//! Decides for each use of an action what is to be written, from the lock and from its repository.

use plim_audit::{
    Edit,
    pins::{ImageAt, Lock, PinAt, Pinned, agree},
};
use plim_diag::Span;
use plim_run::actions::{ActionName, ActionStoreError, References, Resolver};

use super::told::{Fault, State};

/// Decides about the uses of one repository, and gathers what its lock is to hold.
pub(super) struct Decider<'l, 'r> {
    old: &'l Lock,
    resolver: &'l mut Resolver<'r>,
    update: bool,
    tags_will_do: bool,
    /// What was found of everything that is used.
    pub(super) found: Lock,
}

/// What is to become of one use.
#[derive(Debug)]
pub(super) struct Decided {
    /// As it is written.
    pub(super) uses: String,
    /// Where it stands.
    pub(super) span: Span,
    pub(super) state: State,
    pub(super) edits: Vec<Edit>,
    /// The commit or digest, once it is known.
    pub(super) commit: Option<String>,
    /// What a reader is told that it is.
    pub(super) name: Option<String>,
}

/// What is known of one use.
struct Meaning {
    /// By what it was found.
    reference: String,
    pinned: Pinned,
    /// Whether it led to another commit before.
    moved: bool,
}

impl<'l, 'r> Decider<'l, 'r> {
    /// Decides with the lock as it was; with `update` it is asked again for everything.
    pub(super) fn new(
        old: &'l Lock,
        resolver: &'l mut Resolver<'r>,
        update: bool,
        tags_will_do: bool,
    ) -> Self {
        Self { old, resolver, update, tags_will_do, found: Lock::default() }
    }

    /// Decides about the use of an action.
    pub(super) fn action(&mut self, pin: &PinAt<'_>) -> Decided {
        let uses = format!("{}@{}", pin.repository, pin.reference);
        let mut decided = Decided {
            uses,
            span: pin.span,
            state: State::Unnamed,
            edits: Vec::new(),
            commit: None,
            name: None,
        };
        match self.meaning(pin) {
            Err(fault) => decided.state = State::Failed(fault),
            Ok(None) => decided.commit = Some(pin.reference.to_owned()),
            Ok(Some(meaning)) => self.written(pin, &meaning, &mut decided),
        }
        decided
    }

    fn written(&mut self, pin: &PinAt<'_>, meaning: &Meaning, decided: &mut Decided) {
        let Meaning { reference, pinned, moved } = meaning;
        self.found.actions.insert(Lock::key(&pin.repository, reference), pinned.clone());
        decided.commit = Some(pinned.commit.clone());
        decided.name = Some(pinned.name(reference).to_owned());
        if self.tags_will_do && !pin.is_commit() && pin.is_version() {
            decided.state = State::Kept;
            return;
        }
        let Some(edits) = pin.edits(pinned, reference) else {
            decided.state = State::Failed(Fault::crowded());
            return;
        };
        decided.state = match (pin.is_commit(), moved, edits.is_empty()) {
            (_, true, _) => State::Updated,
            (false, ..) => State::Pinned,
            (true, _, false) => State::Named,
            (true, _, true) => State::Present,
        };
        decided.edits = edits;
    }

    /// What `pin` means; `None` for a commit that no tag leads to.
    fn meaning(&mut self, pin: &PinAt<'_>) -> Result<Option<Meaning>, Fault> {
        let name = ActionName::parse(&format!("{}@{}", pin.repository, pin.reference))
            .map_err(|error| Fault::new(error.to_string(), Some(error.help().to_owned())))?;
        match pin.is_commit() {
            true => self.commit(pin, &name),
            false => self.tag(pin, &name).map(Some),
        }
    }

    fn tag(&mut self, pin: &PinAt<'_>, name: &ActionName) -> Result<Meaning, Fault> {
        let reference = pin.reference.to_owned();
        let before = self.old.action(&pin.repository, &reference);
        if let Some(pinned) = before.filter(|_| !self.update) {
            return Ok(Meaning { reference, pinned: pinned.clone(), moved: false });
        }
        let address = self.resolver.address(name);
        let there = self.resolver.references(name)?;
        let Some(pinned) = pinned(there, &reference) else {
            return Err(ActionStoreError::NoReference { name: name.clone(), address }.into());
        };
        let moved = before.is_some_and(|before| before.commit != pinned.commit);
        Ok(Meaning { reference, pinned, moved })
    }

    fn commit(&mut self, pin: &PinAt<'_>, name: &ActionName) -> Result<Option<Meaning>, Fault> {
        let Some((reference, before)) = self.old.origin(pin) else { return self.learn(pin, name) };
        if let Some(said) = pin.said().filter(|said| !before.is_called(said, reference)) {
            return Err(Fault::contradiction(said, before.name(reference), "the lock"));
        }
        if !self.update {
            let (reference, pinned) = (reference.to_owned(), before.clone());
            return Ok(Some(Meaning { reference, pinned, moved: false }));
        }
        let there = self.resolver.references(name)?;
        // A tag that is gone keeps what it led to.
        let pinned = pinned(there, reference).unwrap_or_else(|| before.clone());
        let moved = pinned.commit != before.commit;
        Ok(Some(Meaning { reference: reference.to_owned(), pinned, moved }))
    }

    /// What a commit is of which the lock knows nothing.
    fn learn(&mut self, pin: &PinAt<'_>, name: &ActionName) -> Result<Option<Meaning>, Fault> {
        let followed: Vec<&str> =
            self.old.references(&pin.repository).map(|(reference, _)| reference).collect();
        let there = self.resolver.references(name)?;
        let commit = pin.reference.to_ascii_lowercase();
        let leads_here = |reference: &str| there.commit(reference) == Some(commit.as_str());
        let said = pin.said();
        let version = there.version(&commit, said.unwrap_or(""));
        let reference = match (followed.into_iter().find(|one| leads_here(one)), said, version) {
            (Some(followed), ..) => followed,
            (None, Some(said), _) if leads_here(said) => said,
            (None, Some(said), Some(version)) if agree(said, version) => said,
            (None, Some(said), _) if there.commit(said).is_some() => {
                return Err(Fault::contradiction(
                    said,
                    version.unwrap_or("no version"),
                    "its repository",
                ));
            }
            (None, _, Some(version)) => version,
            (None, _, None) => return Ok(None),
        };
        let before = Pinned { version: version.map(str::to_owned), commit };
        if let Some(said) = said.filter(|said| there.commit(said).is_some())
            && !before.is_called(said, reference)
        {
            return Err(Fault::contradiction(said, before.name(reference), "its repository"));
        }
        let now = self.update.then(|| pinned(there, reference)).flatten();
        let moved = now.as_ref().is_some_and(|now| now.commit != before.commit);
        let pinned = now.unwrap_or(before);
        Ok(Some(Meaning { reference: reference.to_owned(), pinned, moved }))
    }

    /// Decides about an image: a digest that is written goes into the lock, one that the lock knows is written.
    pub(super) fn image(&mut self, image: &ImageAt<'_>) -> Decided {
        let known = self.old.images.get(image.name).map(String::as_str);
        let mut decided = Decided {
            uses: image.name.to_owned(),
            span: image.span,
            state: State::Left,
            edits: Vec::new(),
            commit: image.digest.or(known).map(str::to_owned),
            name: None,
        };
        match (image.digest, known) {
            (Some(written), Some(known)) if written != known && !self.update => {
                decided.state = State::Failed(Fault::digest(image.name, known));
            }
            (Some(written), _) => {
                decided.state = State::Present;
                if image.has_tag() && is_digest(written) {
                    self.found.images.insert(image.name.to_owned(), written.to_owned());
                }
            }
            (None, Some(known)) => {
                decided.state = State::Pinned;
                decided.edits = vec![image.edit(known)];
            }
            (None, None) => {}
        }
        decided
    }
}

/// What `reference` leads to now.
fn pinned(there: &References, reference: &str) -> Option<Pinned> {
    let commit = there.commit(reference)?.to_ascii_lowercase();
    let version = there.version(&commit, reference).map(str::to_owned);
    Some(Pinned { commit, version })
}

fn is_digest(text: &str) -> bool {
    let digits = text.strip_prefix("sha256:").unwrap_or("");
    digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}
