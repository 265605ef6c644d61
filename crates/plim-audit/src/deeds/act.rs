//! An act is one kind of thing that a job does to the world or to the code.

/// What is done.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Act {
    /// Makes what is shipped.
    Build,
    /// Runs tests.
    Test,
    /// Looks at the code without running it.
    Lint,
    /// Writes the hashes of files.
    Checksum,
    /// Signs.
    Sign,
    /// Attests how something was made.
    Attest,
    /// Puts a package or an image where others get it.
    Publish(Registry),
    /// Creates a release that only its owners see.
    Draft,
    /// Creates a release that everyone sees, or shows a draft to everyone.
    Release,
    /// Adds files to a release.
    Upload,
    /// Keeps a release up to date that people approve, and publishes what they approved.
    Propose,
    /// Changes what runs somewhere.
    Deploy,
    /// Changes a site of static pages.
    Pages,
    /// Pushes a tag.
    PushTag,
    /// Pushes commits.
    PushCommit,
    /// Sets the status of a commit.
    SetStatus,
    /// Starts another workflow.
    Dispatch,
    /// Tells people.
    Announce,
    /// Looks at what was published or deployed.
    ReadBack,
}

/// Where a package goes.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Registry {
    /// crates.io.
    Crates,
    /// npm.
    Npm,
    /// PyPI.
    PyPi,
    /// A registry of images.
    Image,
    /// Homebrew, winget, Scoop, AUR: it points at a release that is there already.
    Downstream,
    /// Another one.
    Other,
}

impl Registry {
    /// What people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Crates => "crates.io",
            Self::Npm => "npm",
            Self::PyPi => "PyPI",
            Self::Image => "a registry of images",
            Self::Downstream => "a catalogue of other people",
            Self::Other => "a registry",
        }
    }

    /// Whether what was published once can never be published again under the same version.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Crates | Self::Npm | Self::PyPi)
    }
}

impl Act {
    /// Whether others get a package or an image by it.
    #[must_use]
    pub const fn publishes(self) -> bool {
        matches!(self, Self::Publish(_))
    }

    /// Whether others see it: a package, a release or what is deployed.
    #[must_use]
    pub const fn ships(self) -> bool {
        matches!(self, Self::Publish(_) | Self::Release | Self::Upload | Self::Deploy)
    }

    /// Whether it judges the code.
    #[must_use]
    pub const fn judges(self) -> bool {
        matches!(self, Self::Test | Self::Lint)
    }

    /// What it does, as in `the job … `.
    #[must_use]
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Build => "builds",
            Self::Test => "tests",
            Self::Lint => "checks the code",
            Self::Checksum => "writes checksums",
            Self::Sign => "signs",
            Self::Attest => "attests",
            Self::Publish(_) => "publishes",
            Self::Draft => "drafts a release",
            Self::Release => "makes a release public",
            Self::Upload => "adds files to a release",
            Self::Propose => "prepares releases",
            Self::Deploy => "deploys",
            Self::Pages => "deploys pages",
            Self::PushTag => "pushes a tag",
            Self::PushCommit => "pushes commits",
            Self::SetStatus => "sets a status",
            Self::Dispatch => "starts a workflow",
            Self::Announce => "announces",
            Self::ReadBack => "reads back",
        }
    }
}
