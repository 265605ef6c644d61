//! `dtolnay/rust-toolchain`: a toolchain that its own reference may name.

use super::{Asked, Builtin, Failure, Input, Invocation, rustup};
use crate::want::Want;

pub(super) const ACTION: Builtin = Builtin {
    name: "dtolnay/rust-toolchain",
    inputs: &[
        Input::judged("toolchain", "", |value, _| relative(value)),
        Input::implemented("targets", ""),
        Input::implemented("target", ""),
        Input::implemented("components", ""),
    ],
    outputs: &["cachekey", "name"],
    main,
    wants: Some(wants),
    ..Builtin::PLAIN
};

/// `stable 18 months ago` depends on a calendar of releases.
fn relative(value: &str) -> Option<String> {
    let is_relative = value.ends_with(" ago") || value.contains(" minus ");
    is_relative.then(|| format!("which release `{value}` is cannot be told without the network"))
}

/// The channel that the reference is called after. A commit does not say; most are of `stable`.
fn of_reference(reference: &str) -> Option<(&str, bool)> {
    let is_commit = reference.len() == 40 && reference.bytes().all(|byte| byte.is_ascii_hexdigit());
    match reference {
        "" | "master" | "main" | "v1" => None,
        _ if is_commit => Some(("stable", true)),
        channel => Some((channel, false)),
    }
}

fn wants(asked: &Asked<'_>) -> Vec<Want> {
    let (Some(toolchain), Some(components)) = (asked.input("toolchain"), asked.input("components"))
    else {
        return Vec::new();
    };
    let Some(targets) = asked.input("targets").zip(asked.input("target")) else {
        return Vec::new();
    };
    let targets = if targets.0.is_empty() { targets.1 } else { targets.0 };
    let channel = match toolchain {
        "" => of_reference(asked.reference).map(|(channel, _)| channel),
        given => Some(given),
    };
    let wanted = channel.map(|channel| rustup::Wanted::new(channel, components, targets));
    wanted.iter().map(rustup::Wanted::want).collect()
}

fn main(cx: &mut Invocation<'_>) -> Result<(), Failure> {
    ACTION.begin(cx)?;
    let given = cx.input("toolchain");
    let channel = match (given, of_reference(cx.reference)) {
        ("", None) => return Err(Failure::new("'toolchain' is a required input")),
        ("", Some((channel, is_guess))) => {
            if is_guess {
                let text = "a commit does not say which channel it is of, and `stable` is taken; say `toolchain` to be sure";
                cx.log.warning(text);
            }
            channel
        }
        (given, _) => given,
    };
    let targets = match cx.input("targets") {
        "" => cx.input("target"),
        targets => targets,
    };
    let wanted = rustup::Wanted::new(channel, cx.input("components"), targets);
    let toolchain = rustup::provide(cx, &wanted, true)?;
    rustup::set_cargo_home(cx);
    rustup::set_cargo_variables(cx, &toolchain);
    toolchain.verbose.trim_end().lines().for_each(|line| cx.log.line(line));
    cx.set_output("cachekey", toolchain.cache_key());
    cx.set_output("name", channel);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::bench::Bench;

    fn host() -> String {
        format!("{}-unknown-linux-gnu", std::env::consts::ARCH)
    }

    fn with_toolchain(channel: &str, release: &str) -> Bench {
        let bench = Bench::new();
        let verbose = format!(
            "rustc {release} (abc 2026-04-14)\ncommit-hash: 59807616e1fa\ncommit-date: 2026-04-14\nhost: {}",
            host()
        );
        let at = format!("user/.rustup/toolchains/{channel}-{}", host());
        bench
            .machine()
            .executable(format!("{at}/bin/rustc"), format!("#!/bin/sh\necho '{verbose}'\n"));
        bench.machine().write(format!("{at}/lib/rustlib/components"), "clippy-preview\n");
        bench.says("rustup", "rustup 1.29.0");
        bench
    }

    #[test]
    fn the_reference_names_the_toolchain_and_the_job_gets_a_home_for_it() {
        let bench = with_toolchain("stable", "1.95.0");
        let done = bench.call_as(&ACTION, "stable", &[("components", "clippy")]);
        assert_eq!(done.passed().output("name"), "stable");
        assert_eq!(done.output("cachekey"), "202604145980");
        let home = bench.home().join(".rustup");
        let set = |name: &str| {
            done.changes.environment.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone())
        };
        assert_eq!(set("RUSTUP_HOME"), Some(home.display().to_string()));
        assert_eq!(set("CARGO_INCREMENTAL").as_deref(), Some("0"));
        assert!(bench.read_home(".rustup/settings.toml").contains(&format!("stable-{}", host())));
        assert!(home.join(format!("toolchains/stable-{}/bin/rustc", host())).is_file());
    }

    #[test]
    fn what_rustup_unpacks_lies_beside_the_toolchain_it_is_for() {
        let bench = with_toolchain("stable", "1.95.0");
        bench.machine().folder("user/.rustup/tmp");
        bench.call_as(&ACTION, "stable", &[]).passed();
        let link = std::fs::read_link(bench.home().join(".rustup/tmp")).unwrap();
        assert_eq!(link, bench.machine().at("user/.rustup/tmp"));
        bench.call_as(&ACTION, "stable", &[]).passed();
    }

    #[test]
    fn a_version_that_stable_is_gets_its_name_too() {
        let bench = with_toolchain("stable", "1.95.0");
        bench.call_as(&ACTION, "1.95", &[]).passed();
        assert!(bench.home().join(format!(".rustup/toolchains/1.95-{}", host())).is_dir());
    }

    #[test]
    fn what_is_not_here_is_named_and_nothing_is_downloaded() {
        let bench = with_toolchain("stable", "1.95.0");
        let done = bench.call_as(&ACTION, "nightly", &[("components", "miri")]);
        assert_eq!(done.failure(), "needs Rust nightly with miri; this machine has Rust stable");
        assert_eq!(done.help(), "`plim setup` gets it");
        let lacks = bench.call_as(&ACTION, "stable", &[("targets", "wasm32-wasip1")]);
        assert!(lacks.failure().ends_with("this machine has Rust 1.95.0 without wasm32-wasip1"));
    }

    #[test]
    fn a_commit_is_taken_for_stable_and_says_so() {
        let bench = with_toolchain("stable", "1.95.0");
        let done = bench.call_as(&ACTION, &"a".repeat(40), &[]);
        assert!(done.passed().warnings[0].contains("`stable` is taken"));
        assert!(bench.call_as(&ACTION, "master", &[]).failure().contains("required input"));
    }

    #[test]
    fn a_link_in_the_way_is_not_written_through() {
        let bench = with_toolchain("stable", "1.95.0");
        bench.machine().folder("elsewhere");
        std::os::unix::fs::symlink(bench.machine().at("elsewhere"), bench.home().join(".rustup"))
            .unwrap();
        bench.call_as(&ACTION, "stable", &[]).failure();
        assert!(!bench.machine().exists("elsewhere/toolchains"));
    }
}
