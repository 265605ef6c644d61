//! `embarkstudios/cargo-deny-action`: cargo-deny, without the container that the real action runs it in.

use super::{Asked, Builtin, Failure, Input, Invocation, provide};
use crate::want::Want;

pub(super) const ACTION: Builtin = Builtin {
    name: "embarkstudios/cargo-deny-action",
    inputs: &[
        Input::implemented("command", "check"),
        Input::implemented("arguments", "--all-features"),
        Input::implemented("command-arguments", ""),
        Input::implemented("manifest-path", "./Cargo.toml"),
        Input::implemented("log-level", "warn"),
        Input::refused("rust-version", "", "toolchains are set up by steps before this one"),
        Input::refused("credentials", "", "credentials are not written here"),
        Input::refused("ssh-key", "", "credentials are not written here"),
        Input::refused("ssh-known-hosts", "", "credentials are not written here"),
        Input::implemented("use-git-cli", "false"),
    ],
    outputs: &[],
    main,
    wants: Some(wants),
    ..Builtin::PLAIN
};

fn wants(_: &Asked<'_>) -> Vec<Want> {
    vec![provide::want("cargo-deny", "")]
}

fn main(cx: &mut Invocation<'_>) -> Result<(), Failure> {
    ACTION.begin(cx)?;
    let program = provide::tool(cx, "cargo-deny", "")?;
    let mut arguments: Vec<String> = Vec::new();
    for name in ["log-level", "manifest-path"] {
        arguments.extend([format!("--{name}"), cx.input(name).to_owned()]);
    }
    for name in ["arguments", "command", "command-arguments"] {
        arguments.extend(provide::split(cx.input(name))?);
    }
    // For this program alone: the real action sets it inside of its container, where no later step sees it.
    let with_git = ("CARGO_NET_GIT_FETCH_WITH_CLI".to_owned(), "true".to_owned());
    let variables = if cx.is_true("use-git-cli") { vec![with_git] } else { Vec::new() };
    provide::run(cx, &program.program.to_string_lossy(), arguments, variables)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::bench::Bench;

    #[test]
    fn it_runs_with_the_arguments_of_the_real_one() {
        let bench = Bench::new();
        bench.program("cargo-deny", "[ \"$1\" = deny ] && exit 1; [ \"$1\" = --version ] && echo cargo-deny 0.16.1 && exit; echo \"$@\" > said");
        bench.call(&ACTION, &[("command", "check bans"), ("command-arguments", "-D x")]).passed();
        assert_eq!(
            bench.read("said").trim(),
            "--log-level warn --manifest-path ./Cargo.toml --all-features check bans -D x"
        );
    }

    #[test]
    fn git_fetches_for_this_program_when_asked_to() {
        let bench = Bench::new();
        bench.program("cargo-deny", "[ \"$1\" = deny ] && exit 1; [ \"$1\" = --version ] && echo cargo-deny 0.16.1 && exit; echo \"git=$CARGO_NET_GIT_FETCH_WITH_CLI\" > said");
        bench.call(&ACTION, &[("use-git-cli", "true")]).passed();
        assert_eq!(bench.read("said").trim(), "git=true");
        bench.call(&ACTION, &[]).passed();
        assert_eq!(bench.read("said").trim(), "git=");
    }
}
