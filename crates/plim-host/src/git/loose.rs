//! Reads commits and refs that lie in files of their own, without starting git.
//!
//! To start git costs more processor time than all else that a short command does. What is packed, or written in a form
//! that is not known here, is left to git: the answer is then [`AskGit`], and never a guess.

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use flate2::read::ZlibDecoder;

use super::commit::{Commit, parse_commit};
use super::refs::{Ref, Refs};
use super::{Git, Place};

/// The files do not tell; git may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskGit;

/// No larger object is read here, in bytes.
const LARGEST: u64 = 1 << 20;
/// How often one name may lead to another, as in git's own `refs.c`.
const LINKS: u32 = 5;

/// Where the files of a repository are.
pub(super) struct Loose {
    /// With `HEAD`.
    folder: PathBuf,
    /// With refs and `packed-refs`.
    common: PathBuf,
    /// With objects; of several, all are looked into.
    objects: Vec<PathBuf>,
    /// Commits that were read.
    known: BTreeMap<String, Commit>,
}

/// An object as far as it is of use here.
enum Object {
    Commit(Commit),
    /// A tag object, and what it names.
    Tag(String),
}

impl Git {
    /// The name of the object that a ref (`HEAD`, `refs/heads/main`) leads to, told from files; `None` when there is no
    /// such ref.
    ///
    /// Errors: [`AskGit`].
    pub fn loose_ref(&self, name: &str) -> Result<Option<String>, AskGit> {
        Loose::of(self)?.reference(name, LINKS)
    }

    /// The commit of that name (all its digits), read from a file of its own.
    ///
    /// Errors: [`AskGit`], also when there is no such commit.
    pub fn loose_commit(&self, id: &str) -> Result<Commit, AskGit> {
        Loose::of(self)?.commit(id)
    }

    /// What [`commits`](Self::commits) answers, told from files.
    pub(super) fn loose_commits<T: AsRef<str>>(
        &self,
        revisions: &[T],
    ) -> Result<Vec<Option<Commit>>, AskGit> {
        let mut loose = Loose::of(self)?;
        revisions.iter().map(|revision| loose.revision(revision.as_ref())).collect()
    }

    /// What [`refs`](Self::refs) answers, told from files.
    pub(super) fn loose_refs(&self) -> Result<Refs, AskGit> {
        let loose = Loose::of(self)?;
        // A linked working tree has refs of its own beside those of all.
        if loose.folder == loose.common { loose.refs() } else { Err(AskGit) }
    }
}

impl Loose {
    fn of(git: &Git) -> Result<Self, AskGit> {
        let (folder, common) = match &git.place {
            Place::User(layout) => (layout.git_folder.clone(), layout.common_folder.clone()),
            Place::Ours { folder, .. } => (folder.clone(), folder.clone()),
        };
        // Refs may be kept in tables instead of files.
        let config = fs::read(common.join("config")).map_err(|_| AskGit)?.to_ascii_lowercase();
        if config.windows(10).any(|word| word == b"refstorage") {
            return Err(AskGit);
        }
        let own = common.join("objects");
        let borrowed = fs::read_to_string(own.join("info/alternates")).unwrap_or_default();
        let objects = borrowed.lines().map(|line| own.join(line)).collect::<Vec<_>>();
        let objects = [own].into_iter().chain(objects).collect();
        Ok(Self { folder, common, objects, known: BTreeMap::new() })
    }

    /// The commit that a name, a ref, or `REF~NUMBER` leads to.
    fn revision(&mut self, revision: &str) -> Result<Option<Commit>, AskGit> {
        let (name, back) = revision.split_once('~').unwrap_or((revision, "0"));
        let back: u32 = back.parse().map_err(|_| AskGit)?;
        let id = if is_id(name) { Some(name.to_owned()) } else { self.reference(name, LINKS)? };
        let Some(mut id) = id else { return Ok(None) };
        if back > 0 && self.common.join("shallow").exists() {
            return Err(AskGit);
        }
        for _ in 0..back {
            match self.remembered(&id)?.parents.first() {
                Some(parent) => id = parent.clone(),
                None => return Ok(None),
            }
        }
        self.remembered(&id).cloned().map(Some)
    }

    fn remembered(&mut self, id: &str) -> Result<&Commit, AskGit> {
        if !self.known.contains_key(id) {
            let commit = self.commit(id)?;
            self.known.insert(id.to_owned(), commit);
        }
        self.known.get(id).ok_or(AskGit)
    }

    fn commit(&self, id: &str) -> Result<Commit, AskGit> {
        match self.object(id)? {
            Object::Commit(commit) => Ok(commit),
            Object::Tag(_) => Err(AskGit),
        }
    }

    fn object(&self, id: &str) -> Result<Object, AskGit> {
        let (start, rest) = id.split_at_checked(2).filter(|_| is_id(id)).ok_or(AskGit)?;
        let found = self
            .objects
            .iter()
            .find_map(|folder| fs::File::open(folder.join(start).join(rest)).ok());
        let mut content = Vec::new();
        let mut stream = ZlibDecoder::new(found.ok_or(AskGit)?).take(LARGEST);
        stream.read_to_end(&mut content).map_err(|_| AskGit)?;
        parse_object(id, &content).ok_or(AskGit)
    }

    fn reference(&self, name: &str, links: u32) -> Result<Option<String>, AskGit> {
        let folder = match name {
            "HEAD" => &self.folder,
            _ if name.starts_with("refs/") && is_plain(name) => &self.common,
            _ => return Err(AskGit),
        };
        match fs::read_to_string(folder.join(name)) {
            Ok(text) => match (text.strip_prefix("ref: "), links.checked_sub(1)) {
                (Some(target), Some(links)) => self.reference(target.trim_end(), links),
                (None, _) if is_id(text.trim_end()) => Ok(Some(text.trim_end().to_owned())),
                _ => Err(AskGit),
            },
            // A folder may be left where a ref of its name is packed.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::IsADirectory) => {
                let packed = self.packed()?;
                let found = packed.lines().find_map(|line| {
                    let (id, known) = line.split_once(' ')?;
                    (known == name).then(|| id.to_owned())
                });
                Ok(found)
            }
            Err(_) => Err(AskGit),
        }
    }

    /// The file of packed refs; empty when there is none.
    fn packed(&self) -> Result<String, AskGit> {
        match fs::read_to_string(self.common.join("packed-refs")) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
            other => other.map_err(|_| AskGit),
        }
    }

    fn refs(&self) -> Result<Refs, AskGit> {
        let mut refs = parse_packed(&self.packed()?)?;
        self.add_files("refs", &mut refs)?;
        Ok(Refs(refs.into_values().collect()))
    }

    /// Adds the refs that lie in files at `path` and below; they count more than packed ones.
    fn add_files(&self, path: &str, refs: &mut BTreeMap<String, Ref>) -> Result<(), AskGit> {
        for entry in fs::read_dir(self.common.join(path)).map_err(|_| AskGit)? {
            let entry = entry.map_err(|_| AskGit)?;
            let name = format!("{path}/{}", entry.file_name().to_str().ok_or(AskGit)?);
            if entry.file_type().map_err(|_| AskGit)?.is_dir() {
                self.add_files(&name, refs)?;
            } else if !name.ends_with(".lock") {
                let text = fs::read_to_string(entry.path()).map_err(|_| AskGit)?;
                let target = text.strip_prefix("ref: ").map(|target| target.trim_end().to_owned());
                // A name that leads nowhere is no ref.
                let Some(id) = self.reference(&name, LINKS)? else { continue };
                let peeled = self.peeled(&name, &id)?;
                refs.insert(name.clone(), Ref { name, id, peeled, target });
            }
        }
        Ok(())
    }

    /// What a tag object leads to in the end. Branches lead to commits only.
    fn peeled(&self, name: &str, id: &str) -> Result<Option<String>, AskGit> {
        if ["refs/heads/", "refs/remotes/"].iter().any(|start| name.starts_with(start)) {
            return Ok(None);
        }
        let (mut at, mut peeled) = (id.to_owned(), None);
        while let Object::Tag(target) = self.object(&at)? {
            at.clone_from(&target);
            peeled = Some(target);
        }
        Ok(peeled)
    }
}

/// Reads `KIND SIZE`, a zero byte, and the object; `None` for what is neither a commit nor a tag, or cut off.
fn parse_object(id: &str, content: &[u8]) -> Option<Object> {
    let end = content.iter().position(|byte| *byte == 0)?;
    let (kind, size) = std::str::from_utf8(&content[..end]).ok()?.split_once(' ')?;
    let body = content.get(end + 1..).filter(|body| size.parse() == Ok(body.len()))?;
    match kind {
        "commit" => parse_commit(id, body).map(Object::Commit),
        "tag" => {
            let target = std::str::from_utf8(body).ok()?.strip_prefix("object ")?.lines().next()?;
            is_id(target).then(|| Object::Tag(target.to_owned()))
        }
        _ => None,
    }
}

/// Reads `packed-refs`, which must say that it tells what every tag leads to.
fn parse_packed(text: &str) -> Result<BTreeMap<String, Ref>, AskGit> {
    let mut refs = BTreeMap::new();
    let mut last: Option<Ref> = None;
    if !text.is_empty() && !text.lines().next().is_some_and(|line| line.contains(" fully-peeled "))
    {
        return Err(AskGit);
    }
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        match (line.strip_prefix('^'), &mut last) {
            (Some(peeled), Some(tag)) => tag.peeled = Some(peeled.to_owned()),
            _ => {
                let (id, name) = line.split_once(' ').filter(|(id, _)| is_id(id)).ok_or(AskGit)?;
                let (id, name) = (id.to_owned(), name.to_owned());
                let next = Ref { name, id, peeled: None, target: None };
                refs.extend(last.replace(next).map(|one| (one.name.clone(), one)));
            }
        }
    }
    refs.extend(last.map(|one| (one.name.clone(), one)));
    Ok(refs)
}

/// Whether it is the whole name of an object.
fn is_id(text: &str) -> bool {
    matches!(text.len(), 40 | 64)
        && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether a name is just that, and stays below `refs/` when it is taken for a path.
fn is_plain(name: &str) -> bool {
    const NEVER: [char; 8] = ['^', '~', ':', '?', '*', '[', '\\', ' '];
    let is_name = !name.contains(NEVER) && !name.contains("@{") && !name.ends_with(".lock");
    is_name
        && Path::new(name).components().all(|part| matches!(part, std::path::Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ID: &str = "0123456789012345678901234567890123456789";

    #[test]
    fn a_packed_tag_object_leads_to_its_commit() {
        let text = format!(
            "# pack-refs with: peeled fully-peeled sorted \n{ID} refs/heads/a\n{ID} refs/tags/b\n^{ID}\n"
        );
        let refs = parse_packed(&text).unwrap();
        assert_eq!(refs["refs/heads/a"].peeled, None);
        assert_eq!(refs["refs/tags/b"].peeled.as_deref(), Some(ID));
        assert_eq!(parse_packed(&format!("{ID} refs/tags/b\n")), Err(AskGit));
    }

    #[test]
    fn an_object_that_is_cut_off_is_not_read() {
        let body = format!("tree {ID}\n\nsubject\n");
        let whole = format!("commit {}\0{body}", body.len());
        assert!(matches!(parse_object(ID, whole.as_bytes()), Some(Object::Commit(_))));
        assert!(parse_object(ID, &whole.as_bytes()[..whole.len() - 1]).is_none());
        assert!(parse_object(ID, b"blob 1\0x").is_none());
    }

    #[test]
    fn a_name_cannot_lead_out() {
        assert!(is_plain("refs/heads/a.b/c"));
        assert!(!is_plain("refs/../config"));
        assert!(!is_plain("refs/heads/main^"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(150))]

        #[test]
        fn any_bytes_are_read_or_refused(content: Vec<u8>, text in "[#^0-9a-f ]{0,50}[ -~\n]{0,50}") {
            let _ = parse_object(ID, &content);
            let _ = parse_packed(&text);
        }
    }
}
