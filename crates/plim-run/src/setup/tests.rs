//! Getting things with clients that stand for the real ones.

use plim_test::sandbox::Sandbox;

use super::*;

/// A user whose clients are small scripts.
struct Harbour {
    world: Sandbox,
    environment: Environment,
    clock: Clock,
}

impl Harbour {
    fn new() -> Self {
        let world = Sandbox::new();
        let path = format!("{}:/usr/bin:/bin", world.at("bin").display());
        let variables = [("PATH", path.as_str()), ("HOME", world.path().to_str().unwrap())];
        Self { environment: variables.into_iter().collect(), clock: Clock::real(), world }
    }

    /// A client that runs `script`.
    fn client(&self, name: &str, script: &str) -> &Self {
        self.world.executable(format!("bin/{name}"), format!("#!/bin/sh\nset -e\n{script}"));
        self
    }

    fn get(&self, want: &Want) -> Result<Got, SetupError> {
        self.setup(&self.world.at("cache")).get(want)
    }

    fn setup<'a>(&'a self, cache: &'a Path) -> Setup<'a> {
        let (environment, clock) = (&self.environment, &self.clock);
        Setup { environment, cache, template: "{owner}{repo}", clock }
    }

    fn toolbox(&self) -> Toolbox {
        Toolbox::new(&self.environment, Some(&self.world.at("cache")))
    }

    /// What is left aside.
    fn left(&self) -> usize {
        fs::read_dir(self.world.at("cache/tools-unfinished")).map_or(0, Iterator::count)
    }
}

fn tool(name: &str, version: Option<&str>) -> Want {
    Want::Tool { name: name.into(), version: version.map(str::to_owned) }
}

/// A cargo that builds programs which say they are of this version.
fn cargo_of(version: &str) -> String {
    format!(
        "while [ $# -gt 1 ]; do [ \"$1\" = --root ] && root=$2; shift; done\n\
         mkdir -p $root/bin; printf '#!/bin/sh\\necho {version}\\n' > $root/bin/$1; chmod +x $root/bin/$1\n"
    )
}

#[test]
fn a_tool_is_built_aside_checked_and_found_by_later_runs() {
    let harbour = Harbour::new();
    harbour.client("cargo", &cargo_of("just 1.40.0"));
    let want = tool("just", Some("1.40"));
    assert_ne!(harbour.toolbox().has(&want), Found::Here(()));
    let got = harbour.get(&want).unwrap();
    assert_eq!(got.version, "1.40.0");
    assert!(got.place.ends_with(format!("tools/just/1.40.0/{}", crate::toolbox::architecture())));
    assert_eq!(harbour.toolbox().has(&want), Found::Here(()));
    assert_eq!(harbour.left(), 0);
}

#[test]
fn a_tool_that_answers_with_another_version_is_refused_and_nothing_is_left() {
    let harbour = Harbour::new();
    for said in ["just 1.39.0", "what do I know"] {
        harbour.client("cargo", &cargo_of(said));
        let error = harbour.get(&tool("just", Some("1.40"))).unwrap_err();
        assert!(matches!(error, SetupError::Wrong { .. }), "{error}");
        assert!(!harbour.world.exists("cache/tools/just"));
        assert_eq!(harbour.left(), 0);
    }
}

#[test]
fn a_client_that_fails_leaves_nothing_and_no_network_is_told() {
    let harbour = Harbour::new();
    harbour.client(
        "cargo",
        "mkdir -p \"$4/bin\"; echo 'error: dns error: failed to lookup' >&2; exit 101",
    );
    let error = harbour.get(&tool("just", None)).unwrap_err();
    assert!(error.is_offline() && error.help().unwrap().contains("no network"), "{error}");
    assert!(!harbour.world.exists("cache/tools/just"));
    assert_eq!(harbour.left(), 0);
}

#[test]
fn clients_write_only_in_folders_of_ours() {
    let harbour = Harbour::new();
    let script = "echo $npm_config_cache $PIP_CACHE_DIR $CARGO_HOME > \"$HOME/said\"\n";
    harbour.client("cargo", &(script.to_owned() + &cargo_of("1.0.0")));
    harbour.get(&tool("just", None)).unwrap();
    let cache = harbour.world.at("cache").display().to_string();
    for folder in harbour.world.read("said").split_whitespace() {
        assert!(folder.starts_with(&cache), "{folder}");
    }
}

#[test]
fn what_nothing_brings_is_told_with_the_reason() {
    let harbour = Harbour::new();
    for (want, said) in [
        (tool("go", Some("1.22")), "no ordinary client brings Go"),
        (tool("nobody-knows", None), "which client brings it"),
        (tool("just", None), "there is no `cargo` here"),
    ] {
        // The system of the test may have a cargo of its own.
        if said.contains("cargo")
            && plim_host::which("cargo", std::ffi::OsStr::new("/usr/bin:/bin"), Path::new("/"))
                .is_some()
        {
            continue;
        }
        let error = harbour.get(&want).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn packages_of_npm_are_unpacked_without_their_scripts() {
    let harbour = Harbour::new();
    harbour.client(
        "npm",
        "echo \"$@\" >> \"$HOME/said\"\n\
         case \"$*\" in *--ignore-scripts*) ;; *) exit 1;; esac\n\
         while [ $# -gt 1 ]; do [ \"$1\" = --prefix ] && prefix=$2; shift; done\n\
         mkdir -p $prefix/node_modules/.bin $prefix/node_modules/yarn\n\
         printf '#!/bin/sh\\necho 9.1.2\\n' > $prefix/node_modules/yarn/yarn.cjs\n\
         chmod +x $prefix/node_modules/yarn/yarn.cjs\n\
         ln -s ../yarn/yarn.cjs $prefix/node_modules/.bin/yarn\n",
    );
    let got = harbour.get(&tool("yarn", Some("9"))).unwrap();
    assert_eq!(got.version, "9.1.2");
    assert!(harbour.world.read("said").trim_end().ends_with("yarn@9"));
    assert_eq!(harbour.toolbox().has(&tool("yarn", Some("^9"))), Found::Here(()));
}

#[test]
fn a_toolchain_goes_to_a_home_of_ours_and_keeps_what_it_had() {
    let harbour = Harbour::new();
    harbour.client(
        "rustup",
        "name=$3-x86_64-unknown-linux-gnu; at=$RUSTUP_HOME/toolchains/$name\n\
         mkdir -p $at/bin $at/lib/rustlib\n\
         printf '#!/bin/sh\\necho rustc 1.80.0\\necho host: x86_64-unknown-linux-gnu\\n' > $at/bin/rustc\n\
         chmod +x $at/bin/rustc\n\
         while [ $# -gt 0 ]; do [ \"$1\" = --component ] && echo $2 >> $at/lib/rustlib/components; shift; done\n",
    );
    let toolchain = |component: &str| Want::Toolchain {
        channel: "1.80.0".into(),
        components: vec![component.to_owned()],
        targets: Vec::new(),
        profile: None,
    };
    for component in ["clippy", "rustfmt"] {
        assert_eq!(harbour.get(&toolchain(component)).unwrap().version, "1.80.0");
    }
    for component in ["clippy", "rustfmt"] {
        assert_eq!(harbour.toolbox().has(&toolchain(component)), Found::Here(()), "{component}");
    }
    assert!(!harbour.world.exists(".rustup"));
    assert_eq!(harbour.left(), 0);
}

#[test]
fn a_python_comes_by_uv_and_is_where_setup_python_looks() {
    let harbour = Harbour::new();
    harbour.client(
        "uv",
        "at=$5/cpython-3.12.4-linux-x86_64-gnu; mkdir -p $at/bin\n\
         printf '#!/bin/sh\\necho Python 3.12.4\\n' > $at/bin/python3; chmod +x $at/bin/python3\n\
         ln -s $at $5/cpython-3.12-linux-x86_64-gnu\n",
    );
    let got = harbour.get(&tool("python", Some("3.12"))).unwrap();
    assert!(got.place.to_string_lossy().contains("tools/Python/3.12.4/"), "{got:?}");
}

#[test]
fn before_a_yes_npm_is_asked_only_for_a_size_that_it_keeps() {
    let harbour = Harbour::new();
    let size =
        |sizes| harbour.setup(&harbour.world.at("cache")).offer(&tool("yarn", None), sizes).bytes;
    harbour.client("npm", "case \"$*\" in *--offline*) exit 1;; esac; echo 700");
    assert_eq!((size(Sizes::Kept), size(Sizes::Asked)), (None, Some(700)));
    harbour.client("npm", "case \"$*\" in *--offline*) echo 700;; esac");
    assert_eq!(size(Sizes::Kept), Some(700));
}
