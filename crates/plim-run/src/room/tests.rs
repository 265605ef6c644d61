//! What a room shows and hides, on made-up homes.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::{Path, PathBuf},
};

use plim_host::Environment;
use plim_test::sandbox::Sandbox;

use super::{
    Disk, Kind, Layers, Places, PlannedLink, RoomPlan, Survey, Tree, UserFacts, Wishes,
    credential::{self, CREDENTIALS},
    withheld,
};

/// A home that is not the private one, and a plan for it.
struct Home {
    sandbox: Sandbox,
    environment: Environment,
}

impl Home {
    fn new(files: &[&str], variables: &[(&str, &str)]) -> Self {
        let sandbox = Sandbox::new();
        sandbox.folder("home");
        for file in files {
            sandbox.write(Path::new("home").join(file), "x");
        }
        let place = |text: &str| text.replace("~", &sandbox.at("home").display().to_string());
        let environment = variables.iter().map(|(name, value)| (*name, place(value))).collect();
        Self { sandbox, environment }
    }

    fn places(&self) -> Places {
        Places {
            home: self.sandbox.at("job/home"),
            temp: self.sandbox.at("job/temp"),
            keep: vec![self.sandbox.at("job/work")],
            withheld: self.sandbox.at("run/withheld"),
        }
    }

    fn survey_in(&self, tree: &dyn Tree, credentials: &[&str], allow_sudo: bool) -> Survey {
        let home = self.sandbox.at("home");
        let user = UserFacts { home: &home, id: 4711, environment: &self.environment, tree };
        let credentials = credential::named(credentials.iter().copied()).unwrap();
        Survey::new(&user, &Wishes { credentials, allow_sudo })
    }

    fn survey(&self) -> Survey {
        self.survey_in(&Disk, &[], false)
    }

    fn plan(&self, credentials: &[&str]) -> RoomPlan {
        self.survey_in(&Disk, credentials, false).plan(&self.places())
    }

    /// Relative to the home, or absolute for what lies elsewhere.
    fn relative(&self, path: &Path) -> String {
        let home = self.sandbox.at("home");
        path.strip_prefix(home).unwrap_or(path).display().to_string()
    }

    fn hidden(&self, plan: &RoomPlan) -> Vec<String> {
        plan.hide.iter().map(|path| self.relative(path)).collect()
    }

    fn bound(&self, plan: &RoomPlan) -> Vec<String> {
        assert!(plan.bind.iter().all(|bind| bind.from == bind.to));
        plan.bind.iter().map(|bind| self.relative(&bind.to)).collect()
    }

    fn links(&self, plan: &RoomPlan) -> BTreeMap<String, String> {
        let home = self.places().home;
        let at = |path: &Path| path.strip_prefix(&home).unwrap().display().to_string();
        plan.links.iter().map(|link| (at(&link.at), self.relative(&link.to))).collect()
    }

    fn file<'a>(&self, plan: &'a RoomPlan, path: &str) -> Option<&'a str> {
        let path = self.places().home.join(path);
        plan.files.iter().find(|file| file.path == path).map(|file| file.content.as_str())
    }
}

/// This machine, with files that are not there.
struct Pretend(Vec<PathBuf>);

impl Tree for Pretend {
    fn kind(&self, path: &Path) -> Option<Kind> {
        if self.0.iter().any(|file| file == path) { Some(Kind::File) } else { Disk.kind(path) }
    }

    fn names(&self, folder: &Path) -> Vec<OsString> {
        Disk.names(folder)
    }

    fn text(&self, file: &Path) -> Option<String> {
        Disk.text(file)
    }

    fn real(&self, path: &Path) -> Option<PathBuf> {
        if self.0.iter().any(|file| file == path) { Some(path.into()) } else { Disk.real(path) }
    }
}

fn paths(list: &[&str]) -> Vec<String> {
    list.iter().map(|path| (*path).to_owned()).collect()
}

#[test]
fn every_dot_file_is_hidden_and_other_files_are_not() {
    let home = Home::new(
        &[".bashrc", ".config/x/token", ".nobody-knows/me", "project/.env", "bin/x"],
        &[],
    );
    let plan = home.plan(&[]);
    assert_eq!(home.hidden(&plan), paths(&[".bashrc", ".config", ".nobody-knows"]));
    assert_eq!(home.bound(&plan), paths(&[]));
}

#[test]
fn tools_and_caches_are_shared() {
    let home = Home::new(
        &[
            ".rustup/settings.toml",
            ".cargo/bin/cargo",
            ".cargo/registry/index",
            ".cargo/credentials.toml",
            ".cargo/config.toml",
            ".nvm/nvm.sh",
            ".local/share/pnpm/x",
            ".local/share/keyrings/login",
            ".npm/_cacache/x",
            ".npm/_logs/x",
            "go/pkg/mod/x",
        ],
        &[("NVM_DIR", "~/.nvm")],
    );
    let plan = home.plan(&[]);
    assert_eq!(home.hidden(&plan), paths(&[".cargo", ".local", ".npm"]));
    assert_eq!(
        home.bound(&plan),
        paths(&[".cargo/bin", ".cargo/registry", ".local/share/pnpm", ".npm/_cacache"])
    );
    let at = |path: &str| home.sandbox.at("home").join(path).display().to_string();
    assert_eq!(plan.environment["RUSTUP_HOME"], at(".rustup"));
    assert_eq!(plan.environment["NVM_DIR"], at(".nvm"));
    assert_eq!(plan.environment["PNPM_HOME"], at(".local/share/pnpm"));
    assert!(plan.environment["CARGO_HOME"].ends_with("/job/home/.cargo"));
    let links = home.links(&plan);
    assert_eq!(links[".cargo/registry"], ".cargo/registry");
    assert_eq!(links[".npm/_cacache"], ".npm/_cacache");
    assert_eq!(links["go/pkg/mod"], "go/pkg/mod");
    assert!(!links.contains_key(".cargo/bin"), "what a job installs stays with it");
    let tools: Vec<_> = plan.tools.iter().map(|tool| home.relative(&tool.folder)).collect();
    assert_eq!(tools, paths(&[".rustup", ".cargo/bin", ".nvm", ".local/share/pnpm"]));
}

#[test]
fn programs_on_the_path_keep_what_they_need() {
    let home = Home::new(
        &[
            ".tool/bin/tool",
            ".tool/lib/tool.so",
            ".docker/bin/docker",
            ".docker/config.json",
            ".local/bin/plain",
            ".local/share/poetry/venv/bin/poetry",
            ".venv/bin/python",
        ],
        &[
            (
                "PATH",
                "~/.tool/bin:~/.docker/bin/:~/.local/bin:/usr/bin:.:relative::~/.venv/bin:/usr/bin:/x/node_modules/.bin",
            ),
            ("VIRTUAL_ENV", "~/.venv"),
        ],
    );
    let target = home.sandbox.at("home/.local/share/poetry/venv/bin/poetry");
    home.sandbox.symlink("home/.local/bin/poetry", target);
    let plan = home.survey_in(&Disk, &[], true).plan(&home.places());
    assert_eq!(home.hidden(&plan), paths(&[".docker", ".local", ".venv"]));
    assert_eq!(home.bound(&plan), paths(&[".docker/bin", ".local/bin", ".local/share/poetry"]));
    let path = plan.environment["PATH"].replace(&home.sandbox.path().display().to_string(), "");
    assert_eq!(
        path,
        "/job/home/.local/bin:/job/home/.cargo/bin:/job/home/.npm-global/bin:\
         /home/.tool/bin:/home/.docker/bin:/home/.local/bin:/usr/bin"
    );
}

#[test]
fn no_variable_passes_that_is_not_on_the_list() {
    let home = Home::new(
        &[],
        &[
            ("FOO", "x"),
            ("LANG", "de_DE"),
            ("LC_ALL", "C"),
            ("DISPLAY", ":0"),
            ("USER", "me"),
            ("JAVA_HOME_17_X64", "/j"),
        ],
    );
    let environment = home.plan(&[]).environment;
    for name in ["FOO", "LC_ALL", "DISPLAY", "TERM"] {
        assert!(!environment.contains_key(name), "{name}");
    }
    assert_eq!(environment["LANG"], "C.UTF-8");
    assert_eq!(
        (environment["USER"].as_str(), environment["JAVA_HOME_17_X64"].as_str()),
        ("me", "/j")
    );
}

#[test]
fn no_variable_of_credentials_passes_its_secret() {
    for value in ["https://DECOY:DECOY@host/", "DECOY@host:1"] {
        let names = CREDENTIALS.iter().flat_map(|credential| credential.variables);
        let names: Vec<_> = names.map(|name| name.replace('*', "X")).collect();
        let proxies = ["http_proxy", "HTTPS_PROXY"].map(|name| (name, value));
        let rest = names.iter().map(|name| (name.as_str(), "https://DECOY:DECOY@host/"));
        let variables: Vec<_> = rest.chain(proxies).collect();
        let survey = Home::new(&[], &variables).survey();
        assert!(!format!("{survey:?}").contains("DECOY"), "{:?}", survey.environment);
        assert!(survey.notes().iter().any(|note| note.contains("--credentials proxy")));
    }
}

#[test]
fn mirrors_and_certificates_pass() {
    let home = Home::new(
        &[".certs/ca.pem"],
        &[
            ("PIP_INDEX_URL", "https://me:word@mirror/simple"),
            ("SSL_CERT_FILE", "~/.certs/ca.pem"),
            ("GIT_SSL_CAINFO", "/etc/ssl/certs/ca-certificates.crt"),
            ("GIT_EXEC_PATH", "/usr/lib/git-core"),
        ],
    );
    let plan = home.plan(&[]);
    assert_eq!(plan.environment["PIP_INDEX_URL"], "https://mirror/simple");
    assert_eq!(
        home.survey().notes(),
        ["user and password in `PIP_INDEX_URL` are withheld from jobs"]
    );
    assert_eq!(home.hidden(&plan), paths(&[".certs"]));
    assert_eq!(home.bound(&plan), paths(&[".certs/ca.pem"]));
}

#[test]
fn what_is_handed_over_is_visible_and_linked() {
    let files = [".config/gh/hosts.yml", ".config/other", ".npmrc", ".gitconfig", ".ssh/id"];
    let variables = [("GH_TOKEN", "t"), ("NPM_TOKEN", "n"), ("SSH_AUTH_SOCK", "~/agent")];
    let home = Home::new(&files, &variables);
    home.sandbox.write("home/agent", "");
    let withheld = home.plan(&[]);
    assert_eq!(
        home.hidden(&withheld),
        paths(&[".config", ".gitconfig", ".npmrc", ".ssh", "agent"])
    );
    assert!(home.links(&withheld).is_empty());
    assert!(home.file(&withheld, ".gitconfig").unwrap().contains("helper =\n"));
    assert_eq!(home.file(&withheld, ".npmrc"), Some(""));

    let given = home.plan(&["gh", "npm", "git", "ssh"]);
    assert_eq!(home.hidden(&given), paths(&[".config"]));
    assert_eq!(home.bound(&given), paths(&[".config/gh"]));
    let links: Vec<_> = home.links(&given).into_keys().collect();
    assert_eq!(links, paths(&[".config/gh", ".gitconfig", ".npmrc", ".ssh"]));
    assert_eq!((home.file(&given, ".gitconfig"), home.file(&given, ".npmrc")), (None, None));
    assert_eq!(given.environment["GH_TOKEN"], "t");
    assert!(given.environment.contains_key("SSH_AUTH_SOCK"));
}

#[test]
fn folders_that_variables_move_are_found() {
    let home = Home::new(
        &["cargo/credentials.toml", "cargo/bin/cargo", "cargo/registry/x", "conf/gh/hosts.yml"],
        &[
            ("CARGO_HOME", "~/cargo"),
            ("XDG_CONFIG_HOME", "~/conf"),
            ("KUBECONFIG", "~/a.yml:~/b.yml"),
        ],
    );
    home.sandbox.write("home/a.yml", "").write("home/b.yml", "");
    let plan = home.plan(&[]);
    assert_eq!(home.hidden(&plan), paths(&["a.yml", "b.yml", "cargo/credentials.toml", "conf/gh"]));
    assert_eq!(home.links(&plan)[".cargo/registry"], "cargo/registry");
}

#[test]
fn sockets_and_tokens_outside_of_the_home_are_hidden() {
    let elsewhere = CREDENTIALS.iter().flat_map(|credential| credential.elsewhere);
    let elsewhere: Vec<_> = elsewhere
        .map(|path| PathBuf::from(path.replace("%U", "4711").replace("%R", "/run/user/4711")))
        .collect();
    let home = Home::new(&[], &[]);
    let plan = home.survey_in(&Pretend(elsewhere.clone()), &[], false).plan(&home.places());
    for path in elsewhere {
        assert!(plan.hide.iter().any(|hidden| path.starts_with(hidden)), "{}", path.display());
    }
    let docker = PathBuf::from("/run/user/4711/docker.sock");
    let tree = Pretend(vec!["/run/user/4711".into(), docker.clone()]);
    let plan = home.survey_in(&tree, &["docker"], false).plan(&home.places());
    assert_eq!(plan.hide, [PathBuf::from("/run/user/4711")]);
    assert_eq!(home.bound(&plan), [docker.display().to_string()]);
}

#[test]
fn neither_home_nor_system_are_ever_hidden() {
    let home = Home::new(
        &[".ssh/id"],
        &[
            ("GNUPGHOME", "~"),
            ("XDG_RUNTIME_DIR", "/tmp"),
            ("DOCKER_CONFIG", "/usr"),
            ("LD_LIBRARY_PATH", "~:/"),
            ("GIT_EDITOR", "/usr/bin/env"),
        ],
    );
    home.sandbox.symlink("home/.up", "..").symlink("home/.self", ".").symlink("home/.usr", "/usr");
    let mut places = home.places();
    places.keep.push(home.sandbox.at("home"));
    let plan = home.survey().plan(&places);
    assert_eq!(home.hidden(&plan), paths(&[".ssh"]));
}

#[test]
fn the_job_is_visible_wherever_it_lives() {
    let home =
        Home::new(&[".local/state/plimsoll/job/home/x", ".local/state/plimsoll/work/x"], &[]);
    let state = home.sandbox.at("home/.local/state/plimsoll");
    let places = Places {
        home: state.join("job/home"),
        temp: state.join("job/temp"),
        keep: vec![state.join("work")],
        ..home.places()
    };
    let plan = home.survey().plan(&places);
    assert_eq!(home.hidden(&plan), paths(&[".local"]));
    assert_eq!(
        home.bound(&plan),
        paths(&[
            ".local/state/plimsoll/job/home",
            ".local/state/plimsoll/job/temp",
            ".local/state/plimsoll/work"
        ])
    );
}

#[test]
fn settings_come_without_their_secrets() {
    let home = Home::new(&[".npmrc", ".tool-versions", ".cargo/config.toml"], &[]);
    home.sandbox.write("home/.tool-versions", "node 22\n");
    home.sandbox.write("home/.npmrc", "//r/:_authToken=DECOY\nregistry=r\n");
    home.sandbox.write("home/.cargo/config.toml", "registry.token = 'DECOY'\nnet.retry = 2\n");
    let plan = home.plan(&[]);
    assert_eq!(home.file(&plan, ".npmrc"), Some("registry=r\n"));
    assert_eq!(home.file(&plan, ".tool-versions"), Some("node 22\n"));
    assert_eq!(
        home.file(&plan, ".cargo/config.toml").map(|text| text.contains("DECOY")),
        Some(false)
    );
    home.sandbox.write("home/.cargo/config.toml", "[");
    let plan = home.plan(&[]);
    assert_eq!(home.file(&plan, ".cargo/config.toml"), None);
    assert!(
        home.survey().notes()[0]
            .ends_with("/.cargo/config.toml` cannot be read and is left out of jobs")
    );
}

#[test]
fn packages_that_pip_installed_for_the_user_are_found() {
    let home = Home::new(&[".local/lib/python3.12/site-packages/tool.py"], &[]);
    let plan = home.plan(&[]);
    let shared =
        home.file(&plan, ".local/lib/python3.12/site-packages/plimsoll-shared.pth").unwrap();
    assert_eq!(
        shared.trim(),
        home.sandbox.at("home/.local/lib/python3.12/site-packages").display().to_string()
    );
    assert_eq!(home.bound(&plan), paths(&[".local/lib"]));
}

#[test]
fn sudo_is_refused_where_it_is_installed() {
    let home = Home::new(&["bin/sudo", "bin/dpkg"], &[("PATH", "~/bin")]);
    let survey = home.survey();
    let folder = home.places().withheld;
    survey.furnish(&folder).unwrap();
    let refused = |program: &str| Disk.text(&folder.join(program));
    assert!(refused("sudo").unwrap().contains("--allow-sudo"));
    assert!(refused("dpkg").unwrap().contains("--print-architecture"));
    assert_eq!(refused("apt-get"), None, "a script that asks for it must not find it");
    let plan = survey.plan(&home.places());
    assert!(plan.environment["PATH"].starts_with(folder.to_str().unwrap()));
    assert_eq!(plan.read_only, [folder]);
    let allowed = home.survey_in(&Disk, &[], true);
    assert!(allowed.withheld.is_empty());
    let allowed = allowed.plan(&home.places());
    assert!(allowed.allow_sudo && allowed.read_only.is_empty());
    assert!(!allowed.environment["PATH"].contains("withheld"));
}

#[test]
fn a_tool_gets_a_layer_when_a_script_writes_to_it() {
    let home = Home::new(&[".rustup/x", ".nvm/x"], &[]);
    let plan = home.plan(&[]);
    let folder = home.sandbox.at("layers");
    let layered = |scripts| {
        let room = plan.room(Layers::Overlay { folder: &folder, scripts }).unwrap();
        let base = room.base.expect("all jobs of a run share one");
        let fixed = base.read_only.iter().map(|path| home.relative(path));
        assert_eq!(fixed.count(), 3, "every tool is protected, also below its layer");
        room.overlay.iter().map(|overlay| home.relative(&overlay.target)).collect::<Vec<_>>()
    };
    assert_eq!(layered("cargo test\n"), paths(&[]));
    assert_eq!(layered("(rustup default stable)"), paths(&[".rustup"]));
    assert_eq!(layered("npm-run rustup-init xnpm"), paths(&[]));
    assert_eq!(layered("x && npm ci; rustup show"), paths(&[".rustup", ".nvm"]));
    assert!(plan.room(Layers::ReadOnly).unwrap().overlay.is_empty());
}

#[test]
fn a_link_is_planted_in_the_layer_of_its_tool_and_nowhere_else() {
    let home = Home::new(&[".rustup/toolchains/stable/x", ".nvm/x"], &[]);
    let mut plan = home.plan(&[]);
    let at = home.sandbox.at("home/.rustup/toolchains/1.80.0");
    plan.planted.push(PlannedLink { at: at.clone(), to: "/tools/1.80.0".into() });
    let folder = home.sandbox.at("layers");
    let room = |scripts| plan.room(Layers::Overlay { folder: &folder, scripts }).unwrap();
    assert!(room("cargo test").overlay.is_empty());
    let layer = &room("rustup show; npm ci").overlay[0];
    let link = std::fs::read_link(layer.upper.join("toolchains/1.80.0")).unwrap();
    assert_eq!(link, Path::new("/tools/1.80.0"));
    assert!(!at.exists(), "the user's own is as it was");
}

#[test]
fn the_temporary_folder_is_named_when_sockets_fit_into_it() {
    let home = Home::new(&[], &[]);
    let temp = |temp: &str| {
        let places = Places { temp: temp.into(), ..home.places() };
        home.survey().plan(&places).environment.get("TMPDIR").cloned()
    };
    assert_eq!(temp("/short/temp").as_deref(), Some("/short/temp"));
    assert_eq!(temp(&format!("/{}", "long/".repeat(20))), None);
}

#[test]
fn the_table_of_credentials_is_consistent() {
    let names: Vec<_> = CREDENTIALS.iter().map(|credential| credential.name).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(names, sorted, "names are sorted and distinct");
    let files: Vec<_> = CREDENTIALS.iter().flat_map(|credential| credential.files).collect();
    for file in &files {
        let inside = files.iter().filter(|other| Path::new(other).starts_with(file)).count();
        assert_eq!(inside, 1, "{file} is named twice or holds another");
    }
    assert!(CREDENTIALS.iter().all(|credential| !credential.about.is_empty()));
    let unknown = credential::named(["npm", "dokcer"]).unwrap_err();
    assert_eq!(unknown.to_string(), "`dokcer` names no credentials");
    assert_eq!(unknown.help(), "did you mean `docker`?");
}

#[test]
fn the_table_of_withheld_programs_is_consistent() {
    let mut names: Vec<_> = withheld::PROGRAMS.iter().map(|withheld| withheld.program).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    for harmless in withheld::PROGRAMS.iter().flat_map(|withheld| withheld.harmless) {
        let plain = harmless.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        assert!(plain, "{harmless} has a meaning in a shell pattern");
    }
}
