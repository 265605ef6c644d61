//! `actions-rs/toolchain`: a toolchain by name, or by the file `rust-toolchain`.

use std::fs;

use super::{Asked, Builtin, Failure, Input, Invocation, provide, rustup};
use crate::want::Want;

pub(super) const ACTION: Builtin = Builtin {
    name: "actions-rs/toolchain",
    inputs: &[
        Input::implemented("toolchain", ""),
        Input::implemented("target", ""),
        Input::implemented("default", "false"),
        Input::implemented("override", "false"),
        Input::implemented("profile", ""),
        Input::implemented("components", ""),
    ],
    outputs: &["rustc", "rustc_hash", "cargo", "rustup"],
    main,
    wants: Some(wants),
    ..Builtin::PLAIN
};

/// rustup's own default profile brings rustfmt and clippy.
fn wanted(channel: &str, components: &str, target: &str, profile: &str) -> rustup::Wanted {
    let profile = if profile.is_empty() { "default" } else { profile };
    let wanted = rustup::Wanted::new(channel, components, target);
    rustup::Wanted { profile: Some(profile.to_owned()), ..wanted }
}

fn wants(asked: &Asked<'_>) -> Vec<Want> {
    let read = |name: &str| asked.input(name);
    let (Some(channel), Some(components), Some(target), Some(profile)) =
        (read("toolchain"), read("components"), read("target"), read("profile"))
    else {
        return Vec::new();
    };
    let file = fs::read_to_string(asked.root.join("rust-toolchain")).unwrap_or_default();
    match (channel, file.trim()) {
        ("", "") => Vec::new(),
        ("", file) => vec![wanted(file, components, target, profile).want()],
        (channel, _) => vec![wanted(channel, components, target, profile).want()],
    }
}

fn main(cx: &mut Invocation<'_>) -> Result<(), Failure> {
    ACTION.begin(cx)?;
    let file = fs::read_to_string(cx.workspace.join("rust-toolchain")).unwrap_or_default();
    let channel = match (cx.input("toolchain"), file.trim()) {
        ("", "") => {
            return Err(Failure::new(
                "toolchain input was not given and repository does not have a rust-toolchain file",
            ));
        }
        ("", file) => file.to_owned(),
        (channel, _) => channel.to_owned(),
    };
    let (components, target) = (cx.input("components"), cx.input("target"));
    let wanted = wanted(&channel, components, target, cx.input("profile"));
    let default = cx.is_true("default") || cx.is_true("override");
    let toolchain = rustup::provide(cx, &wanted, default)?;
    cx.set_output("rustc", toolchain.release.to_string());
    cx.set_output("rustc_hash", toolchain.said("commit-hash"));
    let program = toolchain.folder.join("bin/cargo");
    for (output, program) in
        [("cargo", program.to_string_lossy().into_owned()), ("rustup", "rustup".into())]
    {
        let said = provide::ask(cx, &program, &["--version"]).unwrap_or_default();
        let version = provide::version_in(&said);
        cx.set_output(output, version);
    }
    Ok(())
}
