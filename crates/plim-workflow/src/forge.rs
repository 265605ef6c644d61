//! A forge is the program a workflow is written for; their dialects differ little.

/// Which forge a workflow is for, told by its folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Forge {
    /// `.github/workflows`.
    #[default]
    GitHub,
    /// `.gitea/workflows`.
    Gitea,
    /// `.forgejo/workflows`.
    Forgejo,
}

impl Forge {
    /// All of them, GitHub first.
    pub const ALL: [Self; 3] = [Self::GitHub, Self::Gitea, Self::Forgejo];

    /// The forge that reads the file at `path`; GitHub when no folder tells.
    #[must_use]
    pub fn of_path(path: &str) -> Self {
        let folders = || path.split('/');
        let found =
            Self::ALL.into_iter().find(|forge| folders().any(|name| name == forge.folder()));
        found.unwrap_or_default()
    }

    /// The folder of its files: `.github` and the like.
    #[must_use]
    pub fn folder(self) -> &'static str {
        match self {
            Self::GitHub => ".github",
            Self::Gitea => ".gitea",
            Self::Forgejo => ".forgejo",
        }
    }

    /// The folder of its workflows, relative to the repository's root.
    #[must_use]
    pub fn workflows(self) -> &'static str {
        match self {
            Self::GitHub => ".github/workflows",
            Self::Gitea => ".gitea/workflows",
            Self::Forgejo => ".forgejo/workflows",
        }
    }

    /// The name people know it by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::GitHub => "GitHub",
            Self::Gitea => "Gitea",
            Self::Forgejo => "Forgejo",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_tells_the_forge() {
        assert_eq!(Forge::of_path(".github/workflows/ci.yml"), Forge::GitHub);
        assert_eq!(Forge::of_path("x/.gitea/workflows/ci.yml"), Forge::Gitea);
        assert_eq!(Forge::of_path(".forgejo/workflows/ci.yml"), Forge::Forgejo);
        assert_eq!(Forge::of_path("action.yml"), Forge::GitHub);
    }
}
