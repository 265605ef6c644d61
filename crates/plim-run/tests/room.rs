//! Plants a decoy in every place of credentials and proves that no step can read one.
//!
//! The steps are real processes in the rooms that the plans describe. Where this machine allows no private mounts
//! those tests are ignored; what the environment alone protects is tested everywhere.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use plim_host::{Command, Environment, Happened, Isolation, Keeper, Room, Waker};
use plim_run::room::{
    Disk, Layers, Places, RoomPlan, Survey, UserFacts, Wishes,
    credential::{self, CREDENTIALS},
};
use plim_test::sandbox::Sandbox;

/// What no step may see.
const DECOY: &str = "DECOY";

/// What every step must see.
const TOOL: &str = "echo a-tool-works";

/// Files that no credential is known to be in, and that are hidden all the same.
const UNKNOWN: &[&str] = &[
    ".bashrc",
    ".zshenv",
    ".bash_history",
    ".python_history",
    ".envrc",
    ".mozilla/firefox/p/logins.json",
    ".config/google-chrome/Default/Login Data",
    ".config/a-tool-of-tomorrow/token",
    ".local/share/a-tool-of-tomorrow/token",
    ".local/state/a-tool-of-tomorrow/token",
    ".cache/a-tool-of-tomorrow/token",
    ".cargo/a-plugin-of-tomorrow/token",
    ".npm/_logs/debug.log",
    ".a-tool-of-tomorrow/token",
];

/// Tools and caches, which steps share.
const TOOLS: &[&str] =
    &[".rustup/toolchains/t/bin/rustc", ".cargo/bin/cargo", ".nvm/v/bin/node", ".local/bin/uv"];

fn main() -> ExitCode {
    let trials: [(&str, fn(), bool); 9] = [
        ("no_decoy_in_a_file_can_be_read", || no_decoy_can_be_read(as_file), true),
        ("no_decoy_in_a_folder_can_be_read", || no_decoy_can_be_read(as_folder), true),
        ("what_is_handed_over_can_be_read_and_nothing_else", what_is_handed_over, true),
        ("installed_tools_cannot_be_changed", installed_tools_cannot_be_changed, true),
        ("what_a_step_installs_stays_in_its_layer", what_a_step_installs_stays_in_its_layer, true),
        ("without_mounts_the_environment_protects", without_mounts_the_environment_protects, false),
        ("sudo_is_refused_and_questions_are_answered", sudo_is_refused, false),
        ("apt_installs_nothing_that_is_installed", apt_finds_what_is_installed, false),
        ("git_asks_nobody_and_forgets_the_users_helpers", git_asks_nobody, false),
    ];
    let ignored = !mounts_work();
    let trial = |(name, check, mounts): (&str, fn(), bool)| {
        let trial = Trial::test(name, move || {
            check();
            Ok::<_, Failed>(())
        });
        trial.with_ignored_flag(mounts && ignored)
    };
    libtest_mimic::run(&Arguments::from_args(), trials.map(trial).into()).exit_code()
}

fn mounts_work() -> bool {
    let room = Room { hide: vec!["/nonexistent".into()], ..Room::default() };
    let cell = Keeper::start().unwrap().cell(&room).unwrap();
    *cell.isolation() == Isolation::Complete
}

/// A user with decoys everywhere and some tools.
struct Scene {
    sandbox: Sandbox,
    environment: Environment,
    decoys: Vec<PathBuf>,
}

type Plant = fn(&Sandbox, &Path) -> PathBuf;

fn as_file(sandbox: &Sandbox, at: &Path) -> PathBuf {
    sandbox.write(at, DECOY);
    at.to_owned()
}

fn as_folder(sandbox: &Sandbox, at: &Path) -> PathBuf {
    sandbox.write(at.join("deep/secret"), DECOY);
    at.join("deep/secret")
}

impl Scene {
    fn new(plant: Plant) -> Self {
        let sandbox = Sandbox::new();
        let credentials = CREDENTIALS.iter().flat_map(|credential| credential.files);
        let mut decoys: Vec<_> =
            credentials.map(|file| plant(&sandbox, &Path::new("home").join(file))).collect();
        decoys.extend(UNKNOWN.iter().map(|file| as_file(&sandbox, &Path::new("home").join(file))));
        let runtime = ["docker.sock", "gnupg/S.gpg-agent", "bus", "keyring/ssh", "wayland-0"];
        decoys.extend(runtime.map(|file| as_file(&sandbox, &Path::new("runtime").join(file))));
        decoys.push(as_file(&sandbox, Path::new("agent.sock")));
        decoys.push(as_file(&sandbox, Path::new("home/keys/service-account.json")));
        for tool in TOOLS {
            sandbox.executable(Path::new("home").join(tool), format!("#!/bin/sh\n{TOOL}\n"));
        }
        sandbox.folder("work");
        let environment = environment(&sandbox);
        let decoys = decoys.into_iter().map(|decoy| sandbox.at(decoy)).collect();
        Self { sandbox, environment, decoys }
    }

    fn plan(&self, credentials: &[&str]) -> RoomPlan {
        let home = self.sandbox.at("home");
        let user = UserFacts { home: &home, id: 4711, environment: &self.environment, tree: &Disk };
        let places = Places {
            home: self.sandbox.at("job/home"),
            temp: self.sandbox.at("job/temp"),
            keep: vec![self.sandbox.at("work")],
            withheld: self.sandbox.at("withheld"),
        };
        let credentials = credential::named(credentials.iter().copied()).unwrap();
        let survey = Survey::new(&user, &Wishes { credentials, allow_sudo: false });
        survey.furnish(&places.withheld).unwrap();
        let plan = survey.plan(&places);
        plan.furnish().unwrap();
        plan.furnish().unwrap();
        plan
    }

    /// Everything that a step can find: variables, each decoy by its name, and all files of both homes.
    fn search(&self) -> String {
        let decoys = self.decoys.iter().map(|decoy| format!("cat '{}'\n", decoy.display()));
        let root = self.sandbox.path().display();
        format!(
            "env\n{}\nfind -L \"$HOME\" '{root}' -type f -exec cat {{}} + 2>/dev/null\n\
             grep -rs . \"$HOME\" '{root}'\nset\n",
            decoys.collect::<String>()
        )
    }
}

fn environment(sandbox: &Sandbox) -> Environment {
    let names = CREDENTIALS.iter().flat_map(|credential| credential.variables);
    let mut environment: Environment = names
        .map(|name| (name.replace('*', "SOMETHING"), format!("https://{DECOY}:{DECOY}@host/")))
        .collect();
    for name in ["MY_API_KEY", "PASSWORD", "PS1", "PROMPT_COMMAND", "LD_PRELOAD", "BASH_ENV", "ENV"]
    {
        environment.set(name, DECOY);
    }
    let at = |path: &str| sandbox.at(path).display().to_string();
    environment
        .set("PATH", format!("{}:{}:/usr/bin:/bin", at("home/.cargo/bin"), at("home/.local/bin")));
    environment.set("HOME", at("home"));
    environment.set("XDG_RUNTIME_DIR", at("runtime"));
    environment.set("SSH_AUTH_SOCK", at("agent.sock"));
    environment.set("GOOGLE_APPLICATION_CREDENTIALS", at("home/keys/service-account.json"));
    environment
}

/// What a shell script prints in a room.
fn run(plan: &RoomPlan, room: &Room, folder: &Path, script: &str) -> (String, Isolation) {
    let cell = Keeper::start().unwrap().cell(room).unwrap();
    let script = format!("exec 2>&1\n{script}");
    let mut command = Command::new("/bin/sh", folder).arguments(["-c", &script]);
    for (name, value) in &plan.environment {
        command = command.variable(name, value);
    }
    let mut process = cell.spawn(&command).unwrap();
    let waker = Waker::new().unwrap();
    let mut buffer = vec![0; 64 * 1024];
    let mut text = Vec::new();
    loop {
        match process.next(None, &waker, &mut buffer).unwrap() {
            Happened::Output { bytes, .. } => text.extend_from_slice(bytes),
            Happened::Finished => break,
            _ => {}
        }
    }
    (String::from_utf8_lossy(&text).into_owned(), cell.isolation().clone())
}

fn run_isolated(scene: &Scene, plan: &RoomPlan, layers: Layers<'_>, script: &str) -> String {
    let room = plan.room(layers).unwrap();
    let (text, isolation) = run(plan, &room, &scene.sandbox.at("work"), script);
    assert_eq!(isolation, Isolation::Complete);
    text
}

fn assert_clean(text: &str) {
    let leaks: Vec<_> = text.lines().filter(|line| line.contains(DECOY)).collect();
    assert!(leaks.is_empty(), "{} leaks, such as {:#?}", leaks.len(), &leaks[..leaks.len().min(5)]);
}

fn no_decoy_can_be_read(plant: Plant) {
    let scene = Scene::new(plant);
    let plan = scene.plan(&[]);
    let text = run_isolated(&scene, &plan, Layers::ReadOnly, &scene.search());
    assert_clean(&text);
    assert!(text.contains(TOOL), "tools are seen");
    let tools = run_isolated(&scene, &plan, Layers::ReadOnly, "cargo && uv");
    assert_eq!(tools, "a-tool-works\na-tool-works\n");
    // The decoys are there: a search that could not find them would prove nothing.
    let seen = run(&plan, &Room::default(), &scene.sandbox.at("work"), &scene.search()).0;
    let found = seen.matches(DECOY).count();
    assert!(found >= scene.decoys.len(), "{found} of {}", scene.decoys.len());
}

fn what_is_handed_over() {
    let scene = Scene::new(as_file);
    let plan = scene.plan(&["npm", "gh", "ssh"]);
    let script =
        "cat ~/.npmrc ~/.config/gh ~/.ssh \"$SSH_AUTH_SOCK\"; echo $NPM_SOMETHING $GH_SOMETHING";
    let text = run_isolated(&scene, &plan, Layers::ReadOnly, script);
    assert_eq!(text.matches(DECOY).count(), 8, "{text}");
    let others = "cat ~/.netrc ~/.aws; echo $AWS_SOMETHING";
    assert_clean(&run_isolated(&scene, &plan, Layers::ReadOnly, others));
}

fn installed_tools_cannot_be_changed() {
    let scene = Scene::new(as_file);
    let plan = scene.plan(&[]);
    let script = "echo x >\"$RUSTUP_HOME/new\" || echo refused; mkdir -p \"$CARGO_HOME/bin\" && \
                  echo 'echo mine' >\"$CARGO_HOME/bin/cargo\" && chmod +x \"$CARGO_HOME/bin/cargo\" && cargo";
    let text = run_isolated(&scene, &plan, Layers::ReadOnly, script);
    assert!(text.contains("refused") && text.ends_with("mine\n"), "{text}");
    assert!(!scene.sandbox.exists("home/.rustup/new"));
    assert!(scene.sandbox.read("home/.cargo/bin/cargo").contains(TOOL));
}

fn what_a_step_installs_stays_in_its_layer() {
    let scene = Scene::new(as_file);
    let plan = scene.plan(&[]);
    let folder = scene.sandbox.at("job/layers");
    let layers = Layers::Overlay { folder: &folder, scripts: "rustup update" };
    run_isolated(&scene, &plan, layers, "echo new >\"$RUSTUP_HOME/toolchains/new\"");
    assert_eq!(run_isolated(&scene, &plan, layers, "cat \"$RUSTUP_HOME/toolchains/new\""), "new\n");
    assert!(!scene.sandbox.exists("home/.rustup/toolchains/new"));
}

fn without_mounts_the_environment_protects() {
    let scene = Scene::new(as_file);
    let plan = scene.plan(&[]);
    let script = "env; find -L \"$HOME\" -type f -exec cat {} +; for name in ~/.*; do cat \"$name\"; done; \
                  ls -A \"$XDG_RUNTIME_DIR\"";
    let (text, _) = run(&plan, &Room::default(), &scene.sandbox.at("work"), script);
    assert_clean(&text);
    assert!(text.contains("HOME="), "{text}");
}

fn sudo_is_refused() {
    let scene = Scene::new(as_file);
    let print = |text: &str| format!("#!/bin/sh\necho {text} \"$@\"\n");
    scene.sandbox.executable("home/.local/bin/sudo", print("root"));
    scene.sandbox.executable("home/.local/bin/dpkg", print("answer"));
    let plan = scene.plan(&[]);
    let script = "sudo apt-get install x; echo $?; dpkg --print-architecture; dpkg -i x; echo $?";
    let (text, _) = run(&plan, &Room::default(), &scene.sandbox.at("work"), script);
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with("plim:")).collect();
    assert_eq!(lines, ["126", "answer --print-architecture", "126"]);
    assert!(text.contains("apt-get install x' is withheld"), "{text}");
}

fn apt_finds_what_is_installed() {
    let scene = Scene::new(as_file);
    let bin = |program: &str, script: &str| {
        scene.sandbox.executable(format!("home/.local/bin/{program}"), script);
    };
    bin("apt-get", "#!/bin/sh\necho real \"$@\"\n");
    let query = "#!/bin/sh\nfor name; do :; done\n\
                 case $name in zsh|g++) echo 'install ok installed' ;; *) exit 1 ;; esac\n";
    bin("dpkg-query", query);
    let plan = scene.plan(&[]);
    for (script, wanted) in [
        ("sudo apt-get update -qq", 0),
        ("sudo -E env A=b apt-get -o X=y install -y --no-install-recommends zsh g++", 0),
        ("apt-get install -y zsh mold", 126),
        ("apt-get install --reinstall zsh", 126),
        ("sudo apt-get install 'z*'", 126),
        ("sudo apt-get upgrade", 126),
        ("apt-get update zsh", 126),
        ("sudo rm apt-get install zsh", 126),
    ] {
        let script = format!("{script}; echo $?");
        let (text, _) = run(&plan, &Room::default(), &scene.sandbox.at("work"), &script);
        assert_eq!(text.lines().last(), Some(&*wanted.to_string()), "{script}: {text}");
        assert!(!text.contains("real"), "{script}: {text}");
    }
}

fn git_asks_nobody() {
    let scene = Scene::new(as_file);
    let plan = scene.plan(&[]);
    let script = "printf 'protocol=https\\nhost=example.com\\n\\n' | git credential fill; \
                  git config --get-all safe.directory";
    let (text, _) = run(&plan, &Room::default(), &scene.sandbox.at("work"), script);
    assert_clean(&text);
    assert!(text.contains("terminal prompts disabled") && text.ends_with("*\n"), "{text}");
}
