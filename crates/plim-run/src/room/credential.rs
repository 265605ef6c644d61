//! The credentials that `--credentials NAME` can hand over, one entry each: adding one is adding an entry.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use plim_diag::closest;

use super::{Kind, Survey, UserFacts, Wishes, hidden::is_system};

/// One kind of credentials and every place in which it is kept.
#[derive(Debug, PartialEq, Eq)]
pub struct Credential {
    /// What `--credentials` calls it.
    pub name: &'static str,
    /// What it is for, in a few words.
    pub about: &'static str,
    /// Its variables; `*` at the end stands for any rest.
    pub variables: &'static [&'static str],
    /// Its files and folders, relative to the home.
    pub files: &'static [&'static str],
    /// Its other files, folders and sockets. `%R` is the user's runtime folder, `%U` the user's number.
    pub elsewhere: &'static [&'static str],
}

/// Every kind. No variable of these reaches a step unless it is handed over, and no file.
pub const CREDENTIALS: &[Credential] = &[
    Credential {
        name: "aws",
        about: "Amazon Web Services",
        variables: &["AWS_*"],
        files: &[".aws", ".boto", ".s3cfg", ".config/rclone"],
        elsewhere: &[],
    },
    Credential {
        name: "azure",
        about: "Microsoft Azure",
        variables: &["AZURE_*", "ARM_*"],
        files: &[".azure", ".Azure"],
        elsewhere: &[],
    },
    Credential {
        name: "cargo",
        about: "Cargo registries",
        variables: &["CARGO_REGISTRY_*", "CARGO_REGISTRIES_*"],
        files: &[".cargo/credentials.toml", ".cargo/credentials"],
        elsewhere: &[],
    },
    Credential {
        name: "cloudflare",
        about: "Cloudflare",
        variables: &["CLOUDFLARE_*", "CF_API_*"],
        files: &[".wrangler", ".config/.wrangler", ".cloudflared"],
        elsewhere: &[],
    },
    Credential {
        name: "display",
        about: "the screen, its windows and the clipboard",
        variables: &["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "XAUTHORITY"],
        files: &[".Xauthority", ".ICEauthority"],
        elsewhere: &["/tmp/.X11-unix", "/mnt/wslg", "%R/wayland-0", "%R/wayland-1"],
    },
    Credential {
        name: "docker",
        about: "Docker, Podman and container registries",
        variables: &[
            "DOCKER_*",
            "CONTAINER_HOST",
            "CONTAINER_SSHKEY",
            "REGISTRY_AUTH_FILE",
            "BUILDKIT_HOST",
        ],
        files: &[".docker", ".config/containers", ".dockercfg"],
        elsewhere: &[
            "/var/run/docker.sock",
            "/run/docker.sock",
            "/run/containerd",
            "/run/podman",
            "/run/buildkit",
            "%R/docker.sock",
            "%R/podman",
            "%R/containers",
        ],
    },
    Credential {
        name: "gcloud",
        about: "Google Cloud",
        variables: &["GOOGLE_*", "GCLOUD_*", "CLOUDSDK_*"],
        files: &[".config/gcloud", ".gsutil"],
        elsewhere: &[],
    },
    Credential {
        name: "gh",
        about: "GitHub, by its own tools",
        variables: &["GH_*", "GITHUB_TOKEN", "GITHUB_ENTERPRISE_TOKEN", "HUB_*"],
        files: &[".config/gh", ".config/hub"],
        elsewhere: &[],
    },
    Credential {
        name: "git",
        about: "git's own settings with its credential helpers",
        variables: &["GIT_*", "GCM_*"],
        files: &[".gitconfig", ".config/git", ".git-credentials", ".git-credential-cache", ".gcm"],
        elsewhere: &[],
    },
    Credential {
        name: "gitlab",
        about: "GitLab, Gitea and Forgejo",
        variables: &["GITLAB_*", "CI_JOB_TOKEN", "GITEA_*", "FORGEJO_*"],
        files: &[".config/glab-cli", ".config/tea", ".local/share/forgejo-cli"],
        elsewhere: &[],
    },
    Credential {
        name: "gpg",
        about: "GnuPG keys and their agent",
        variables: &["GPG_*", "GNUPGHOME"],
        files: &[".gnupg"],
        elsewhere: &["%R/gnupg"],
    },
    Credential {
        name: "hex",
        about: "Hex, the registry of Erlang and Elixir",
        variables: &["HEX_*"],
        files: &[".hex", ".config/hex"],
        elsewhere: &[],
    },
    Credential {
        name: "huggingface",
        about: "Hugging Face",
        variables: &["HF_*", "HUGGING_FACE_*", "HUGGINGFACE_*"],
        files: &[".cache/huggingface", ".huggingface"],
        elsewhere: &[],
    },
    Credential {
        name: "java",
        about: "Maven and Gradle repositories",
        variables: &["MAVEN_*", "ORG_GRADLE_PROJECT_*", "OSSRH_*", "SONATYPE_*"],
        files: &[
            ".m2/settings.xml",
            ".m2/settings-security.xml",
            ".gradle/gradle.properties",
            ".gradle/init.gradle",
            ".gradle/init.d",
            ".sbt",
            ".ivy2/.credentials",
        ],
        elsewhere: &[],
    },
    Credential {
        name: "kerberos",
        about: "Kerberos tickets",
        variables: &["KRB5*"],
        files: &[".k5login"],
        elsewhere: &["/tmp/krb5cc_%U", "%R/krb5cc"],
    },
    Credential {
        name: "keyring",
        about: "the desktop's keyrings and password managers",
        variables: &["DBUS_SESSION_BUS_ADDRESS", "GNOME_KEYRING_*", "OP_*", "BW_*"],
        files: &[
            ".local/share/keyrings",
            ".local/share/kwalletd",
            ".config/op",
            ".password-store",
            ".config/Bitwarden CLI",
        ],
        elsewhere: &["%R/bus", "%R/keyring"],
    },
    Credential {
        name: "kube",
        about: "Kubernetes and Helm",
        variables: &["KUBE*", "HELM_*"],
        files: &[".kube", ".config/helm", ".minikube"],
        elsewhere: &["/var/run/secrets", "/etc/rancher"],
    },
    Credential {
        name: "netrc",
        about: "`.netrc`, which curl, pip, Go and others read",
        variables: &["NETRC"],
        files: &[".netrc", "_netrc"],
        elsewhere: &[],
    },
    Credential {
        name: "npm",
        about: "npm, Yarn, pnpm and Bun registries",
        variables: &[
            "NPM_*",
            "npm_config_*",
            "NODE_AUTH_TOKEN",
            "YARN_*",
            "BUN_AUTH_TOKEN",
            "JSR_TOKEN",
        ],
        files: &[".npmrc", ".yarnrc", ".yarnrc.yml", ".config/pnpm", ".bunfig.toml"],
        elsewhere: &[],
    },
    Credential {
        name: "nuget",
        about: "NuGet feeds",
        variables: &["NUGET_*"],
        files: &[".nuget/NuGet", ".config/NuGet"],
        elsewhere: &[],
    },
    Credential {
        name: "proxy",
        about: "user and password of the network's proxy",
        variables: &[
            "http_proxy",
            "https_proxy",
            "ftp_proxy",
            "all_proxy",
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "FTP_PROXY",
            "ALL_PROXY",
        ],
        files: &[],
        elsewhere: &[],
    },
    Credential {
        name: "pypi",
        about: "Python indexes",
        variables: &[
            "TWINE_*",
            "PYPI_*",
            "PIP_*",
            "UV_*",
            "POETRY_*",
            "PDM_*",
            "FLIT_*",
            "HATCH_INDEX_*",
            "MATURIN_*",
        ],
        files: &[
            ".pypirc",
            ".config/pip",
            ".pip",
            ".config/pypoetry",
            ".config/uv",
            ".config/pdm",
            ".config/hatch",
            ".local/share/uv/credentials",
        ],
        elsewhere: &[],
    },
    Credential {
        name: "ruby",
        about: "RubyGems and Bundler",
        variables: &["GEM_HOST_*", "RUBYGEMS_*", "BUNDLE_*"],
        files: &[".gem", ".local/share/gem", ".bundle"],
        elsewhere: &[],
    },
    Credential {
        name: "sops",
        about: "age and SOPS keys",
        variables: &["SOPS_*", "AGE_*"],
        files: &[".config/sops", ".config/age"],
        elsewhere: &[],
    },
    Credential {
        name: "ssh",
        about: "SSH keys and their agent",
        variables: &["SSH_*"],
        files: &[".ssh"],
        elsewhere: &["%R/ssh-agent.socket", "%R/gcr", "%R/openssh_agent"],
    },
    Credential {
        name: "terraform",
        about: "Terraform, OpenTofu and Pulumi",
        variables: &["TF_*", "PULUMI_*"],
        files: &[".terraform.d", ".terraformrc", ".tofurc", ".pulumi"],
        elsewhere: &[],
    },
    Credential {
        name: "vault",
        about: "HashiCorp Vault, Consul and Nomad",
        variables: &["VAULT_*", "CONSUL_*", "NOMAD_*"],
        files: &[".vault-token", ".consul-token"],
        elsewhere: &[],
    },
];

/// A name that `--credentials` does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownCredential {
    /// The name.
    pub name: String,
}

impl UnknownCredential {
    /// What to do about it.
    pub fn help(&self) -> String {
        let names = CREDENTIALS.iter().map(|credential| credential.name);
        match closest(&self.name, names.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the known ones are {}", names.collect::<Vec<_>>().join(", ")),
        }
    }
}

impl fmt::Display for UnknownCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` names no credentials", self.name)
    }
}

impl std::error::Error for UnknownCredential {}

/// Finds credentials by the names of `--credentials`. Errors: the first name that is unknown.
pub fn named<'a>(
    names: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<&'static Credential>, UnknownCredential> {
    let find = |name: &str| {
        let found = CREDENTIALS.iter().find(|credential| credential.name == name);
        found.ok_or_else(|| UnknownCredential { name: name.to_owned() })
    };
    names.into_iter().map(find).collect()
}

impl Credential {
    /// True when it is kept in `variable`.
    pub fn has_variable(&self, variable: &str) -> bool {
        self.variables.iter().any(|pattern| fits(pattern, variable))
    }
}

/// True when `name` is what `pattern` says; `*` at its end stands for any rest.
pub(super) fn fits(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == name, |prefix| name.starts_with(prefix))
}

fn elsewhere(path: &str, user: &UserFacts<'_>) -> PathBuf {
    match path.strip_prefix("%R/") {
        Some(rest) => user.runtime().join(rest),
        None => PathBuf::from(path.replace("%U", &user.id.to_string())),
    }
}

/// The absolute paths in the value of a variable: alone, in a list, or in `unix:path=/run/bus`.
fn paths(value: &str) -> impl Iterator<Item = PathBuf> {
    let parts = value.split([':', ',', ';']).map(|part| part.rsplit('=').next().unwrap_or(part));
    // `unix:///run/x` leaves `///run/x`.
    parts
        .filter(|part| part.starts_with('/'))
        .map(|part| PathBuf::from(format!("/{}", part.trim_start_matches('/'))))
}

/// Where the credentials of a user are in the home, or where variables moved them from there.
pub(super) struct Whereabouts {
    /// Each with the place in a home where programs look for it by themselves.
    files: Vec<(&'static Credential, &'static str, PathBuf)>,
}

impl Whereabouts {
    pub(super) fn of(user: &UserFacts<'_>) -> Self {
        let files = |credential: &'static Credential| {
            credential.files.iter().map(move |file| (credential, *file, user.place(file)))
        };
        Self { files: CREDENTIALS.iter().flat_map(files).collect() }
    }

    /// True when `path` holds the place of a credential, or is one.
    pub(super) fn are_in(&self, path: &Path) -> bool {
        self.files.iter().any(|(_, _, place)| place.starts_with(path))
    }

    /// Those of one kind, with the places in which programs look for them.
    fn of_kind(&self, kind: &Credential) -> impl Iterator<Item = (&'static str, &Path)> {
        let files = self.files.iter().filter(move |(credential, ..)| *credential == kind);
        files.map(|(_, file, place)| (*file, place.as_path()))
    }

    /// Every place of one kind: in the home, elsewhere, and where its variables say.
    ///
    /// A variable may name a folder or a program for any reason, so of those only files outside of the system count.
    pub(super) fn all_of(&self, kind: &Credential, user: &UserFacts<'_>) -> Vec<PathBuf> {
        let in_home = self.of_kind(kind).map(|(_, place)| place.to_owned());
        let elsewhere = kind.elsewhere.iter().map(|path| elsewhere(path, user));
        let values = user.environment.iter().filter_map(|(name, value)| {
            let mine = kind.has_variable(name.to_str()?);
            mine.then(|| value.to_str()).flatten()
        });
        let is_secret = |path: &PathBuf| {
            user.tree.kind(path) == Some(Kind::File) && !is_system(&user.real(path))
        };
        in_home.chain(elsewhere).chain(values.flat_map(paths).filter(is_secret)).collect()
    }
}

impl Survey {
    /// Hands over what was asked for: variables as they are, and links in the private home to the real files.
    pub(super) fn hand_over(
        &mut self,
        user: &UserFacts<'_>,
        wishes: &Wishes,
        places: &Whereabouts,
    ) {
        for credential in &wishes.credentials {
            for (name, value) in user.environment.iter() {
                let (Some(name), Some(value)) = (name.to_str(), value.to_str()) else { continue };
                if credential.has_variable(name) {
                    self.environment.insert(name.to_owned(), value.to_owned());
                }
            }
            for (file, real) in places.of_kind(credential).filter(|(_, real)| user.exists(real)) {
                self.link(file, real);
            }
            let all = places.all_of(credential, user);
            self.shown.extend(all.into_iter().filter(|path| user.exists(path)));
        }
    }
}
