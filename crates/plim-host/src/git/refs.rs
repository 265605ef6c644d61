//! Lists branches, remote branches and tags.

use super::{Git, split_zero};
use crate::error::HostError;

/// A name for an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ref {
    /// The whole name, such as `refs/heads/main`.
    pub name: String,
    /// The object it names: a commit, or a tag object.
    pub id: String,
    /// What a tag object leads to in the end; `None` when it is no tag object.
    pub peeled: Option<String>,
    /// Where a symbolic one points, such as `refs/remotes/origin/main`.
    pub target: Option<String>,
}

/// All refs of a repository, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refs(pub Vec<Ref>);

impl Ref {
    /// The commit it leads to.
    pub fn commit(&self) -> &str {
        self.peeled.as_deref().unwrap_or(&self.id)
    }
}

impl Refs {
    /// Finds one by its whole name.
    pub fn get(&self, name: &str) -> Option<&Ref> {
        self.0.iter().find(|one| one.name == name)
    }

    /// Those whose names begin with `prefix`, with the rest of their names.
    pub fn below<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a Ref)> {
        self.0.iter().filter_map(move |one| Some((one.name.strip_prefix(prefix)?, one)))
    }

    /// The names of the tags that lead to `commit`, without `refs/tags/`.
    pub fn tags_at(&self, commit: &str) -> Vec<&str> {
        let tags = self.below("refs/tags/").filter(|(_, tag)| tag.commit() == commit);
        tags.map(|(name, _)| name).collect()
    }

    /// The branch that a repository's pages show first: where `origin/HEAD` points; else `main` or
    /// `master`, of the remote or here; else the only branch there is.
    pub fn default_branch(&self) -> Option<&str> {
        let head = self.get("refs/remotes/origin/HEAD").and_then(|head| head.target.as_deref());
        let pointed = head.and_then(|target| target.strip_prefix("refs/remotes/origin/"));
        let usual = ["main", "master"].into_iter().find(|name| {
            ["refs/remotes/origin/", "refs/heads/"]
                .iter()
                .any(|prefix| self.get(&format!("{prefix}{name}")).is_some())
        });
        let mut branches = self.below("refs/heads/").map(|(name, _)| name);
        let only = branches.next().filter(|_| branches.next().is_none());
        pointed.or(usual).or(only)
    }
}

impl Git {
    /// Lists all refs below `refs/`, in one process at most.
    ///
    /// Errors: those of running git.
    pub fn refs(&self) -> Result<Refs, HostError> {
        const FORMAT: &str = "--format=%(refname)%00%(objectname)%00%(*objectname)%00%(symref)%00";
        if let Ok(refs) = self.loose_refs() {
            return Ok(refs);
        }
        let output = self.tool(&["for-each-ref", FORMAT])?.succeed()?;
        Ok(Refs(parse(&output)))
    }

    /// The paths and addresses that `.gitmodules` of the working tree names, if there is one.
    ///
    /// Errors: those of running git.
    pub fn submodules(&self) -> Result<Vec<(String, String)>, HostError> {
        let Some(layout) = self.layout() else { return Ok(Vec::new()) };
        if !layout.tree.join(".gitmodules").is_file() {
            return Ok(Vec::new());
        }
        let tool =
            self.tool(&["config", "--file", ".gitmodules", "--no-includes", "--list", "-z"])?;
        let output = tool.succeed()?;
        let entries: Vec<_> = split_zero(&output).map(String::from_utf8_lossy).collect();
        let value = |name: &str, key: &str| {
            let start = format!("submodule.{name}.{key}\n");
            let found = entries.iter().rev().find_map(|entry| entry.strip_prefix(&*start));
            found.unwrap_or_default().to_owned()
        };
        let names = entries.iter().filter_map(|entry| {
            entry.split_once('\n')?.0.strip_prefix("submodule.")?.strip_suffix(".path")
        });
        Ok(names.map(|name| (value(name, "path"), value(name, "url"))).collect())
    }
}

/// Reads four fields, each ended by a zero byte, and a line feed after each four.
fn parse(output: &[u8]) -> Vec<Ref> {
    let text = String::from_utf8_lossy(output);
    let fields: Vec<_> = text.split('\0').collect();
    let some = |field: &str| (!field.is_empty()).then(|| field.to_owned());
    let refs = fields.as_chunks::<4>().0.iter().map(|one| Ref {
        name: one[0].trim_start_matches('\n').to_owned(),
        id: one[1].to_owned(),
        peeled: some(one[2]),
        target: some(one[3]),
    });
    refs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refs(names: &[(&str, &str)]) -> Refs {
        let one = |&(name, target): &(&str, &str)| Ref {
            name: name.into(),
            id: "1".into(),
            peeled: None,
            target: (!target.is_empty()).then(|| target.into()),
        };
        Refs(names.iter().map(one).collect())
    }

    #[test]
    fn the_remotes_head_decides_the_default_branch() {
        let head = ("refs/remotes/origin/HEAD", "refs/remotes/origin/trunk");
        assert_eq!(refs(&[head, ("refs/heads/main", "")]).default_branch(), Some("trunk"));
        let both = [("refs/heads/x", ""), ("refs/heads/master", "")];
        assert_eq!(refs(&both).default_branch(), Some("master"));
        assert_eq!(refs(&[("refs/heads/x", "")]).default_branch(), Some("x"));
        assert_eq!(refs(&[("refs/heads/x", ""), ("refs/heads/y", "")]).default_branch(), None);
    }

    #[test]
    fn a_tag_object_leads_to_its_commit() {
        let refs = Refs(parse(b"refs/tags/a\0t\0c\0\0\nrefs/tags/b\0c\0\0\0\n"));
        assert_eq!(refs.tags_at("c"), ["a", "b"]);
    }
}
