//! Fetches from repositories elsewhere, without prompts, credentials or settings of the user.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::repository::{ObjectFormat, Skeleton};
use super::{Git, Place};
use crate::environment::Environment;
use crate::error::HostError;

/// How long one conversation with a remote may take.
const PATIENCE: Duration = Duration::from_mins(15);

/// The ways on which git may reach a remote; none of them starts a program that an address names.
const PROTOCOLS: &str = "file:http:https";

/// Variables by which a user says how the network is reached.
const NETWORK: [&str; 12] = [
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "GIT_SSL_CAINFO",
    "CURL_CA_BUNDLE",
];

/// All that git reads as the user's own settings: a mirror may belong to anybody, because nothing that it names is
/// started.
const SETTINGS: &str = "[safe]\n\tdirectory = *\n[uploadpack]\n\tallowAnySHA1InWant = true\n";

/// Where what was fetched is kept in the repository of ours.
const FETCHED: &str = "refs/plimsoll/fetched";

/// A repository elsewhere, and a bare one of ours for what is fetched from it.
#[derive(Clone, Debug)]
pub struct Remote {
    git: Git,
    address: String,
}

/// A tag or branch of a remote, and the commit that it leads to now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteRef {
    /// The whole name: `refs/tags/v4`.
    pub name: String,
    /// The commit; that of an annotated tag is what the tag is about.
    pub commit: String,
}

impl Remote {
    /// Makes the empty or absent `folder` a bare repository for what comes from `address`, which may be of
    /// `https`, `http` or `file`. Nothing is asked of the remote yet.
    ///
    /// Errors: [`HostError::ProgramNotFound`] without git, [`HostError::File`].
    pub fn open(
        folder: &Path,
        address: &str,
        environment: &Environment,
    ) -> Result<Self, HostError> {
        let place = Place::Ours { folder: folder.to_owned(), tree: None, index: None };
        let mut git = Git::at(place, environment)?;
        let skeleton = Skeleton {
            format: ObjectFormat::Sha1,
            bare: true,
            config: "",
            alternates: &[],
            shallow: "",
            head: "ref: refs/heads/main",
            refs: &[],
        };
        skeleton.write(folder)?;
        let settings = folder.join("settings");
        fs::write(&settings, SETTINGS).map_err(HostError::file("write", &settings))?;
        git.variables.extend(reaching(environment, settings));
        Ok(Self { git, address: address.to_owned() })
    }

    /// The tag, else the branch, that `name` stands for there; `None` when there is neither.
    ///
    /// Errors: those of running git; the remote cannot be reached, or does not exist.
    pub fn find(&self, name: &str) -> Result<Option<RemoteRef>, HostError> {
        let (tag, branch) = (format!("refs/tags/{name}"), format!("refs/heads/{name}"));
        let peeled = format!("{tag}^{{}}");
        let asked = ["ls-remote", "--", &self.address, &tag, &peeled, &branch];
        let output = self.git.tool(&asked)?.timeout(PATIENCE).succeed()?;
        let output = String::from_utf8_lossy(&output).into_owned();
        let of = |wanted: &str| {
            let mut lines = output.lines().filter_map(|line| line.split_once('\t'));
            lines.find(|(_, name)| *name == wanted).map(|(commit, _)| commit.to_owned())
        };
        let tagged = of(&peeled).or_else(|| of(&tag)).map(|commit| (tag.clone(), commit));
        let found = tagged.or_else(|| of(&branch).map(|commit| (branch.clone(), commit)));
        Ok(found.map(|(name, commit)| RemoteRef { name, commit }))
    }

    /// All tags and branches that are there, each with the commit it leads to.
    ///
    /// Errors: those of running git; the remote cannot be reached, or does not exist.
    pub fn references(&self) -> Result<Vec<RemoteRef>, HostError> {
        let asked = ["ls-remote", "--tags", "--heads", "--", &self.address];
        let output = self.git.tool(&asked)?.timeout(PATIENCE).succeed()?;
        let output = String::from_utf8_lossy(&output).into_owned();
        let mut found: Vec<RemoteRef> = Vec::new();
        for (commit, name) in output.lines().filter_map(|line| line.split_once('\t')) {
            // The line of what an annotated tag is about follows that of the tag.
            match (name.strip_suffix("^{}"), found.last_mut()) {
                (Some(tag), Some(last)) if last.name == tag => commit.clone_into(&mut last.commit),
                _ => found.push(RemoteRef { name: name.to_owned(), commit: commit.to_owned() }),
            }
        }
        Ok(found)
    }

    /// Fetches `wanted`, the whole name of a tag or branch or a commit, without history, and returns the commit.
    ///
    /// Errors: those of running git; the remote has no such thing.
    pub fn fetch(&self, wanted: &str) -> Result<String, HostError> {
        let specification = format!("+{wanted}:{FETCHED}");
        let arguments =
            ["fetch", "--quiet", "--no-tags", "--depth=1", "--", &self.address, &specification];
        self.git.tool(&arguments)?.timeout(PATIENCE).succeed()?;
        self.git.resolve(FETCHED)?.ok_or_else(|| HostError::Unexpected {
            asked: format!("`{wanted}` of `{}`", self.address),
            answer: "no commit".into(),
        })
    }

    /// Writes the files of a fetched commit as a tar archive, as a forge makes one: what its attributes leave out of
    /// archives is not in it.
    ///
    /// Errors: those of running git.
    pub fn archive(&self, commit: &str, file: &Path) -> Result<(), HostError> {
        let arguments: [&OsStr; 5] = [
            "archive".as_ref(),
            "--format=tar".as_ref(),
            "--output".as_ref(),
            file.as_ref(),
            commit.as_ref(),
        ];
        self.git.tool(&arguments)?.timeout(PATIENCE).succeed().map(drop)
    }
}

/// What git needs besides the quiet environment to reach a remote.
fn reaching(environment: &Environment, settings: PathBuf) -> Vec<(OsString, OsString)> {
    let passed =
        NETWORK.iter().filter_map(|name| Some((name.into(), environment.get(name)?.into())));
    let own = [
        ("GIT_ALLOW_PROTOCOL".into(), PROTOCOLS.into()),
        ("GIT_CONFIG_GLOBAL".into(), settings.into()),
    ];
    passed.chain(own).collect()
}
