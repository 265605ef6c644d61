//! The variables that steps get: those on a list, without the credentials that hide in addresses.

use std::path::PathBuf;

use super::{
    Places, RoomPlan, Survey, UserFacts,
    configuration::without_passwords,
    credential::{Whereabouts, fits},
};

/// Variables of the user that steps see; `*` at the end stands for any rest.
const ALLOWED: &[&str] = &[
    "USER",
    "LOGNAME",
    // Certificates: no secret, and behind some networks nothing works without them.
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "GIT_SSL_CAINFO",
    "GIT_SSL_CAPATH",
    "CARGO_HTTP_CAINFO",
    "PIP_CERT",
    "AWS_CA_BUNDLE",
    "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE",
    "HTTPLIB2_CA_CERTS",
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
    "NIX_SSL_CERT_FILE",
    "DENO_CERT",
    "DENO_TLS_CA_STORE",
    "BUNDLE_SSL_CA_CERT",
    "UV_NATIVE_TLS",
    "UV_SYSTEM_CERTS",
    "NPM_CONFIG_CAFILE",
    "npm_config_cafile",
    // Proxies, without user and password.
    "http_proxy",
    "https_proxy",
    "ftp_proxy",
    "all_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "FTP_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    // Mirrors, without user and password.
    "RUSTUP_DIST_SERVER",
    "RUSTUP_UPDATE_ROOT",
    "RUSTUP_AUTO_INSTALL",
    "CARGO_NET_OFFLINE",
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_NO_INDEX",
    "PIP_TRUSTED_HOST",
    "PIP_DEFAULT_TIMEOUT",
    "PIP_DISABLE_PIP_VERSION_CHECK",
    "UV_INDEX_URL",
    "UV_DEFAULT_INDEX",
    "UV_EXTRA_INDEX_URL",
    "UV_INDEX",
    "UV_FIND_LINKS",
    "UV_OFFLINE",
    "NPM_CONFIG_REGISTRY",
    "npm_config_registry",
    "YARN_NPM_REGISTRY_SERVER",
    "COREPACK_NPM_REGISTRY",
    "GOPROXY",
    "GONOPROXY",
    "GOSUMDB",
    "GONOSUMDB",
    "GOPRIVATE",
    "GOTOOLCHAIN",
    // Tools that are not in the home.
    "JAVA_HOME*",
    "M2_HOME",
    "MAVEN_HOME",
    "GRADLE_HOME",
    "ANDROID_SDK_ROOT",
    "ANDROID_NDK*",
    "GOROOT",
    "LIBCLANG_PATH",
    "CUDA_HOME",
    "CUDA_PATH",
    "VULKAN_SDK",
    "CHROME_BIN",
    "CHROMEWEBDRIVER",
    "GECKOWEBDRIVER",
    "PLAYWRIGHT_BROWSERS_PATH",
    "LD_LIBRARY_PATH",
    "PKG_CONFIG_PATH",
    "NIX_PATH",
    "NIX_PROFILES",
    "NIX_LD",
    "NIX_LD_LIBRARY_PATH",
    "LOCALE_ARCHIVE",
];

/// What GitHub's machines have, whatever the user has: a German `sort` order or a local midnight would make a job
/// fail here that passes there.
const AS_ON_GITHUB: &[(&str, &str)] = &[
    ("LANG", "C.UTF-8"),
    ("TZ", "UTC"),
    ("SHELL", "/bin/bash"),
    ("DEBIAN_FRONTEND", "noninteractive"),
    // Nobody is there to answer.
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_ASKPASS", ""),
    ("SSH_ASKPASS", ""),
    ("GCM_INTERACTIVE", "never"),
];

/// A socket in a folder with a longer name may not fit into a socket's address, which has 108 bytes.
const LONGEST_TEMP: usize = 60;

/// Folders of a private home and the variables that name them.
const PRIVATE: &[(&str, &str)] = &[
    ("XDG_CONFIG_HOME", ".config"),
    ("XDG_CACHE_HOME", ".cache"),
    ("XDG_DATA_HOME", ".local/share"),
    ("XDG_STATE_HOME", ".local/state"),
    ("XDG_RUNTIME_DIR", ".runtime"),
    ("CARGO_HOME", ".cargo"),
];

/// The folder into which `npm install --global` installs, in the private home.
const NPM_PREFIX: &str = ".npm-global";

/// Tools with a prefix of their own for npm: these would refuse to work with ours.
const OWN_PREFIX: &[&str] =
    &["NVM_DIR", "FNM_DIR", "VOLTA_HOME", "N_PREFIX", "MISE_DATA_DIR", "ASDF_DATA_DIR"];

/// The folders of the user's `PATH`, without those of a virtual environment or a package that happens to be active.
pub(super) fn search_path(user: &UserFacts<'_>) -> Vec<String> {
    let active = user.environment.text("VIRTUAL_ENV").map(|folder| format!("{folder}/bin"));
    let foreign =
        |folder: &str| active.as_deref() == Some(folder) || folder.ends_with("/node_modules/.bin");
    let mut folders: Vec<String> = Vec::new();
    for folder in user.environment.text("PATH").unwrap_or_default().split(':') {
        let folder = if folder == "/" { folder } else { folder.trim_end_matches('/') };
        if folder.starts_with('/')
            && !foreign(folder)
            && !folders.iter().any(|known| known == folder)
        {
            folders.push(folder.to_owned());
        }
    }
    folders
}

impl Survey {
    /// Fills in all variables but those that are handed over or named by tools, which are there already.
    pub(super) fn fill_environment(&mut self, user: &UserFacts<'_>, places: &Whereabouts) {
        for (name, value) in AS_ON_GITHUB {
            self.environment.entry((*name).to_owned()).or_insert_with(|| (*value).to_owned());
        }
        for (name, value) in user.environment.iter() {
            if let (Some(name), Some(value)) = (name.to_str(), value.to_str())
                && allowed(name)
                && !self.environment.contains_key(name)
            {
                self.pass(name, value, places);
            }
        }
    }

    fn pass(&mut self, name: &str, value: &str, places: &Whereabouts) {
        let mut plain = without_passwords(value);
        // A proxy may be named without a scheme.
        if is_proxy(name) && !plain.contains("://") {
            plain = plain.rsplit('@').next().unwrap_or_default().to_owned();
        }
        if plain != value {
            self.notes.push(withheld_password(name));
        }
        // A certificate in a hidden folder is of no use.
        let paths = plain.split(':').filter(|part| part.starts_with('/')).map(PathBuf::from);
        self.shown.extend(paths.filter(|path| !places.are_in(path)));
        self.environment.insert(name.to_owned(), plain);
    }

    /// Plans what is private to a job: its folders, the variables that name them, and its `PATH`.
    pub(super) fn settle_in(&self, places: &Places, plan: &mut RoomPlan) {
        plan.folders.extend([places.home.clone(), places.temp.clone()]);
        if places.temp.as_os_str().len() <= LONGEST_TEMP {
            plan.environment.insert("TMPDIR".into(), places.temp.to_string_lossy().into_owned());
        }
        for (name, folder) in PRIVATE {
            plan.name_folder(name, places.home.join(folder));
        }
        if !OWN_PREFIX.iter().any(|name| plan.environment.contains_key(*name)) {
            plan.folders.push(places.home.join(NPM_PREFIX).join("lib"));
            plan.name_folder("NPM_CONFIG_PREFIX", places.home.join(NPM_PREFIX));
        }
        plan.environment.insert("HOME".into(), places.home.to_string_lossy().into_owned());
        let path = self.path(places, plan.environment.contains_key("NPM_CONFIG_PREFIX"));
        plan.environment.insert("PATH".into(), path);
    }

    /// What refuses comes first, then what the job installs, then what the user has.
    fn path(&self, places: &Places, npm_prefix: bool) -> String {
        let mut own = vec![places.home.join(".local/bin"), places.home.join(".cargo/bin")];
        if npm_prefix {
            own.push(places.home.join(NPM_PREFIX).join("bin"));
        }
        if !self.allow_sudo {
            own.insert(0, places.withheld.clone());
        }
        let own = own.iter().map(|folder| folder.to_string_lossy().into_owned());
        own.chain(self.search_path.iter().cloned()).collect::<Vec<_>>().join(":")
    }
}

impl RoomPlan {
    fn name_folder(&mut self, name: &str, folder: PathBuf) {
        let text = folder.to_string_lossy().into_owned();
        self.folders.push(folder);
        self.environment.entry(name.to_owned()).or_insert(text);
    }
}

/// True when steps see this variable of the user.
fn allowed(name: &str) -> bool {
    ALLOWED.iter().any(|pattern| fits(pattern, name))
}

fn is_proxy(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with("_proxy")
}

fn withheld_password(name: &str) -> String {
    let advice = if is_proxy(name) { "; `--credentials proxy` hands them over" } else { "" };
    format!("user and password in `{name}` are withheld from jobs{advice}")
}
