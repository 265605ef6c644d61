//! Pins: which commit or digest a lock knows for a tag, and the edits that write it where the tag is used.

use std::collections::BTreeMap;

use plim_diag::Span;
use plim_workflow::{ActionReference, Call, JobBody, StepBody, Uses};

use crate::remote::{is_version, version_in};
use crate::{Edit, Subject, images, steps};

/// What the lock of a repository knows of the actions and images that it uses.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Lock {
    /// What each `owner/repository@reference` leads to; owner and repository in lower case.
    pub actions: BTreeMap<String, Pinned>,
    /// The digest of each image that is named with its tag: `node:22`, `sha256:…`.
    pub images: BTreeMap<String, String>,
}

/// The commit that a tag or branch led to when it was looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pinned {
    /// All digits of the commit, in lower case.
    pub commit: String,
    /// The most exact version that is tagged there: `v4.2.2` for `v4`.
    pub version: Option<String>,
}

/// A use of an action or a workflow of another repository.
#[derive(Clone, Debug)]
pub struct PinAt<'a> {
    /// `owner/repository`, behind its server where that is written out.
    pub repository: String,
    /// The tag, branch or commit.
    pub reference: &'a str,
    /// Where all of it stands.
    pub span: Span,
    /// Where the reference stands.
    pub reference_span: Span,
    /// What stands behind it on its line.
    behind: &'a str,
}

/// An image that a job or a step runs in.
#[derive(Clone, Debug)]
pub struct ImageAt<'a> {
    /// Its name, with a tag if it has one.
    pub name: &'a str,
    /// Its digest, if that is written.
    pub digest: Option<&'a str>,
    /// Where it stands.
    pub span: Span,
    /// The byte behind its name.
    end: u32,
}

impl Lock {
    /// The key of a reference in [`Lock::actions`].
    #[must_use]
    pub fn key(repository: &str, reference: &str) -> String {
        format!("{}@{reference}", repository.to_ascii_lowercase())
    }

    /// What `reference` of `repository` leads to.
    #[must_use]
    pub fn action(&self, repository: &str, reference: &str) -> Option<&Pinned> {
        self.actions.get(&Self::key(repository, reference))
    }

    /// The references of `repository` with what they lead to.
    pub fn references<'l>(
        &'l self,
        repository: &str,
    ) -> impl Iterator<Item = (&'l str, &'l Pinned)> + use<'l> {
        let name = format!("{}@", repository.to_ascii_lowercase());
        self.actions
            .range(name.clone()..)
            .map_while(move |(key, pinned)| Some((key.strip_prefix(&name)?, pinned)))
    }

    /// The reference that led to the commit of `pin`: that which its comment agrees with, else any.
    #[must_use]
    pub fn origin<'l>(&'l self, pin: &PinAt<'_>) -> Option<(&'l str, &'l Pinned)> {
        let of_commit = || {
            self.references(&pin.repository)
                .filter(|(_, pinned)| pinned.commit.eq_ignore_ascii_case(pin.reference))
        };
        let said = |(reference, pinned): &(&str, &Pinned)| {
            pin.said().is_some_and(|said| pinned.is_called(said, reference))
        };
        of_commit().find(said).or_else(|| of_commit().next())
    }

    /// The edits that write what the lock knows instead of a tag, or behind a commit of which nothing is said.
    pub(crate) fn edits(&self, pin: &PinAt<'_>) -> Option<Vec<Edit>> {
        let (reference, pinned) = match pin.is_commit() {
            true => self.origin(pin)?,
            false => (pin.reference, self.action(&pin.repository, pin.reference)?),
        };
        pin.edits(pinned, reference).filter(|edits| !edits.is_empty())
    }
}

impl Pinned {
    /// What a reader is told that it is, when it was found as `reference`.
    #[must_use]
    pub fn name<'p>(&'p self, reference: &'p str) -> &'p str {
        self.version.as_deref().unwrap_or(reference)
    }

    /// Whether `said` is a name of it, when it was found as `reference`.
    #[must_use]
    pub fn is_called(&self, said: &str, reference: &str) -> bool {
        said == reference || self.version.as_deref().is_some_and(|version| agree(said, version))
    }
}

/// Whether one version is the other, or the beginning of it: `v4` and `4.2.2` agree.
#[must_use]
pub fn agree(one: &str, other: &str) -> bool {
    let begins = |long: &str, short: &str| {
        long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let (one, other) = (one.trim_start_matches(['v', 'V']), other.trim_start_matches(['v', 'V']));
    begins(one, other) || begins(other, one)
}

impl<'a> PinAt<'a> {
    /// What `uses` names, if it is of another repository.
    pub(crate) fn of_uses(uses: &'a Uses, source: &'a str) -> Option<Self> {
        let ActionReference::Remote { host, owner, repository, reference, .. } = &uses.action.value
        else {
            return None;
        };
        let server = host.as_ref().filter(|host| !host.ends_with("://github.com"));
        let server = server.map(|host| format!("{host}/")).unwrap_or_default();
        Self::new(format!("{server}{owner}/{repository}"), reference, uses.action.span, source)
    }

    /// The workflow that a job calls, if it is of another repository.
    pub(crate) fn of_call(call: &'a Call, source: &'a str) -> Option<Self> {
        let text: &str = &call.uses.value;
        if text.starts_with("./") || text.starts_with("$/") || text.contains("://") {
            return None;
        }
        let (name, reference) = text.split_once('@')?;
        let mut parts = name.split('/');
        let repository = format!("{}/{}", parts.next()?, parts.next()?);
        Self::new(repository, reference, call.uses.span, source)
    }

    fn new(repository: String, reference: &'a str, span: Span, source: &'a str) -> Option<Self> {
        let written = span.text(source)?;
        let at = written.rfind(&format!("@{reference}"))? + 1;
        let start = span.start + u32::try_from(at).ok()?;
        let reference_span = Span::new(start, start + u32::try_from(reference.len()).ok()?);
        let rest = source.get(usize::try_from(span.end).ok()?..)?;
        let behind = rest.split(['\n', '\r']).next().unwrap_or("");
        Some(Self { repository, reference, span, reference_span, behind })
    }

    /// Whether it names a commit, which cannot be moved.
    #[must_use]
    pub fn is_commit(&self) -> bool {
        let hex = self.reference.bytes().all(|byte| byte.is_ascii_hexdigit());
        hex && [40, 64].contains(&self.reference.len())
    }

    /// Whether it names a version.
    #[must_use]
    pub fn is_version(&self) -> bool {
        is_version(self.reference)
    }

    /// What its comment says that it is: the version in it, else its first word.
    #[must_use]
    pub fn said(&self) -> Option<&'a str> {
        let (_, comment) = comment(self.behind)?;
        version_in(comment).or_else(|| comment.split_whitespace().next())
    }

    /// The edits that write the commit of `pinned` here, which was found as `reference`, and its name behind it.
    ///
    /// None where more stands on the line, so that nobody could tell what a comment at its end speaks of.
    #[must_use]
    pub fn edits(&self, pinned: &Pinned, reference: &str) -> Option<Vec<Edit>> {
        let mut edits = Vec::new();
        if !self.reference.eq_ignore_ascii_case(&pinned.commit) {
            edits.push(Edit::replace(self.reference_span, pinned.commit.clone()));
        }
        edits.extend(self.comment_edit(pinned, reference)?);
        Some(edits)
    }

    fn comment_edit(&self, pinned: &Pinned, reference: &str) -> Option<Option<Edit>> {
        let name = pinned.name(reference);
        let place = |at: usize| Some(self.span.end + u32::try_from(at).ok()?);
        let Some((at, comment)) = comment(self.behind) else {
            let room = self.behind.trim_end();
            let closes = room.chars().all(|c| c.is_whitespace() || matches!(c, '}' | ']'));
            return closes
                .then(|| Some(Some(Edit::insert(place(room.len())?, format!(" # {name}")))))
                .flatten();
        };
        let unchanged = self.reference.eq_ignore_ascii_case(&pinned.commit);
        if self
            .said()
            .is_some_and(|said| said == name || unchanged && pinned.is_called(said, reference))
        {
            return Some(None);
        }
        let Some(version) = version_in(comment)
            .or_else(|| comment.split_whitespace().next().filter(|word| *word == self.reference))
        else {
            return Some(Some(Edit::insert(place(at)?, format!(" {name}"))));
        };
        let start = at + comment.find(version)?;
        let span = Span::new(place(start)?, place(start + version.len())?);
        Some(Some(Edit::replace(span, name)))
    }
}

/// The comment in what stands behind something on its line, and where its text begins.
fn comment(behind: &str) -> Option<(usize, &str)> {
    let at = behind.find(" #").or_else(|| behind.find("\t#"))? + 2;
    Some((at, behind.get(at..)?))
}

impl<'a> ImageAt<'a> {
    pub(crate) fn new(image: &'a str, span: Span, source: &str) -> Option<Self> {
        let (name, digest) = match image.split_once('@') {
            Some((name, digest)) => (name, Some(digest)),
            None => (image, None),
        };
        let at = span.text(source)?.find(name)? + name.len();
        let end = span.start + u32::try_from(at).ok()?;
        (!name.is_empty()).then_some(Self { name, digest, span, end })
    }

    /// Whether a tag is written, so that a lock can know its digest.
    #[must_use]
    pub fn has_tag(&self) -> bool {
        images::tag(self.name).is_some()
    }

    /// The edit that writes `digest` behind its name.
    #[must_use]
    pub fn edit(&self, digest: &str) -> Edit {
        Edit::insert(self.end, format!("@{digest}"))
    }
}

/// The uses of other repositories in `subject`, in its order.
#[must_use]
pub fn pins(subject: &Subject) -> Vec<PinAt<'_>> {
    let source = subject.text();
    let of_steps = steps::steps(subject).into_iter().filter_map(|step| match &step.step.body {
        StepBody::Uses(uses) => PinAt::of_uses(uses, source),
        _ => None,
    });
    let of_jobs = steps::jobs(subject).filter_map(|job| match &job.job.body {
        JobBody::Call(call) => PinAt::of_call(call, source),
        _ => None,
    });
    let mut found: Vec<PinAt<'_>> = of_steps.chain(of_jobs).collect();
    found.sort_by_key(|pin| pin.span.start);
    found
}

/// The images that are written out in `subject`, in its order.
#[must_use]
pub fn images_of(subject: &Subject) -> Vec<ImageAt<'_>> {
    let source = subject.text();
    let mut found: Vec<(&str, Span)> = steps::jobs(subject).flat_map(images::images).collect();
    found.extend(steps::steps(subject).into_iter().filter_map(|step| match &step.step.body {
        StepBody::Uses(uses) => match &uses.action.value {
            ActionReference::Docker(image) => Some((&**image, uses.action.span)),
            _ => None,
        },
        _ => None,
    }));
    found.sort_by_key(|(_, span)| span.start);
    found.into_iter().filter_map(|(image, span)| ImageAt::new(image, span, source)).collect()
}

#[cfg(test)]
mod tests {
    use plim_workflow::Forge;

    use super::*;
    use crate::Kind;

    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    fn written(uses: &str, reference: &str, version: Option<&str>) -> Option<String> {
        let text = format!("on: push\njobs:\n  a:\n    runs-on: b\n    steps:\n      - {uses}\n");
        let subject = Subject::read("ci.yml", text.as_bytes(), Kind::Workflow, Forge::Forgejo);
        let pins = pins(&subject);
        let pinned = Pinned { commit: COMMIT.to_owned(), version: version.map(str::to_owned) };
        let edits = pins[0].edits(&pinned, reference)?;
        let mut result = text.clone();
        edits
            .iter()
            .rev()
            .for_each(|edit| result.replace_range(edit.span.range(), &edit.replacement));
        Some(result.lines().last()?.trim().trim_start_matches("- ").to_owned())
    }

    #[test]
    fn the_commit_takes_the_place_of_the_tag_and_the_version_stands_behind_it() {
        for (before, after) in [
            ("uses: a/b@v4", "uses: a/b@SHA # v4.2.2"),
            ("uses: a/b/c@v4 # why", "uses: a/b/c@SHA # v4.2.2 why"),
            ("uses: 'a/b@v4' # v4", "uses: 'a/b@SHA' # v4.2.2"),
            ("uses: a/b@v4 # tag=v4.0.1, old", "uses: a/b@SHA # tag=v4.2.2, old"),
            ("{ uses: a/b@v4 }", "{ uses: a/b@SHA } # v4.2.2"),
            ("uses: a/b@SHA # v4", "uses: a/b@SHA # v4"),
            ("uses: a/b@SHA # v3", "uses: a/b@SHA # v4.2.2"),
            ("uses: a/b@SHA", "uses: a/b@SHA # v4.2.2"),
            (
                "uses: \"https://code.example.org/a/b@v4\"",
                "uses: \"https://code.example.org/a/b@SHA\" # v4.2.2",
            ),
        ] {
            let (before, after) = (before.replace("SHA", COMMIT), after.replace("SHA", COMMIT));
            assert_eq!(written(&before, "v4", Some("v4.2.2")).unwrap(), after);
        }
        assert_eq!(written("{ uses: a/b@v4, with: { c: d } }", "v4", None), None);
        assert_eq!(
            written("uses: a/b@stable # stable", "stable", None).unwrap(),
            format!("uses: a/b@{COMMIT} # stable")
        );
    }

    #[test]
    fn a_lock_knows_what_led_to_a_commit() {
        let pinned =
            |version: &str| Pinned { commit: COMMIT.into(), version: Some(version.into()) };
        let mut lock = Lock::default();
        lock.actions.insert(Lock::key("A/b", "v4"), pinned("v4.2.2"));
        lock.actions.insert(Lock::key("a/b", "v4.2.2"), pinned("v4.2.2"));
        lock.actions.insert(Lock::key("a/bc", "v1"), pinned("v1.0.0"));
        assert_eq!(
            lock.references("a/B").map(|(name, _)| name).collect::<Vec<_>>(),
            ["v4", "v4.2.2"]
        );
        let text = format!(
            "jobs:\n  a:\n    runs-on: b\n    steps:\n      - uses: a/b@{COMMIT} # v4.2.2\n"
        );
        let subject = Subject::read("ci.yml", text.as_bytes(), Kind::Workflow, Forge::GitHub);
        assert_eq!(lock.origin(&pins(&subject)[0]).unwrap().0, "v4");
        assert!(agree("v4", "4.2.2") && agree("4.2.2", "v4") && !agree("v4", "v40"));
    }

    #[test]
    fn a_digest_stands_behind_the_tag() {
        let text = "on: push\njobs:\n  a:\n    runs-on: b\n    container: 'node:22'\n    steps:\n      - uses: docker://alpine:3@sha256:ab\n";
        let subject = Subject::read("ci.yml", text.as_bytes(), Kind::Workflow, Forge::GitHub);
        let images = images_of(&subject);
        let edit = images[0].edit("sha256:cd");
        assert_eq!(
            &text[..edit.span.range().start].lines().last().unwrap().trim(),
            &"container: 'node:22"
        );
        assert_eq!((images[1].name, images[1].digest), ("alpine:3", Some("sha256:ab")));
    }
}
