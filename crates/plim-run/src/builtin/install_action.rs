//! `taiki-e/install-action`: development tools, by the names and versions that it knows them by.

use super::{Asked, Builtin, Failure, Input, Invocation, provide, rustup};
use crate::want::Want;

pub(super) const ACTION: Builtin = Builtin {
    name: "taiki-e/install-action",
    inputs: &[
        Input::implemented("tool", ""),
        Input::no_effect("checksum", "true", "nothing is downloaded here"),
        Input::no_effect("fallback", "cargo-binstall", "nothing is downloaded here"),
    ],
    main,
    wants: Some(wants),
    ..Builtin::PLAIN
};

/// Programs whose tools are called otherwise.
const CALLED: [(&str, &str); 9] = [
    ("nextest", "cargo-nextest"),
    ("wasm-bindgen-cli", "wasm-bindgen"),
    ("typos-cli", "typos"),
    ("wasmtime-cli", "wasmtime"),
    ("taplo-cli", "taplo"),
    ("cargo-edit", "cargo-set-version"),
    ("zola-cli", "zola"),
    ("protobuf", "protoc"),
    ("cargo-llvm-codecov", "cargo-llvm-cov"),
];

/// The tools that a list names, or that the reference is called after: `@nextest`.
fn tools(list: &str, reference: &str) -> Vec<(String, String)> {
    let is_release =
        reference.strip_prefix('v').is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()));
    let is_commit = reference.len() == 40 && reference.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_branch = matches!(reference, "" | "main" | "master");
    let list = match list {
        "" if is_release || is_commit || is_branch => "",
        "" => reference,
        list => list,
    };
    rustup::words(list).iter().map(|word| tool(word)).collect()
}

/// `just@1.36` is a program and a version.
fn tool(word: &str) -> (String, String) {
    let (name, version) = word.split_once('@').unwrap_or((word, ""));
    let name = CALLED.iter().find(|(called, _)| *called == name).map_or(name, |(_, name)| name);
    let version = if version == "latest" { "" } else { version };
    (name.to_owned(), version.to_owned())
}

fn wants(asked: &Asked<'_>) -> Vec<Want> {
    let Some(list) = asked.input("tool") else { return Vec::new() };
    let tools = tools(list, asked.reference);
    tools.iter().map(|(name, version)| provide::want(name, version)).collect()
}

fn main(cx: &mut Invocation<'_>) -> Result<(), Failure> {
    ACTION.begin(cx)?;
    let tools = tools(cx.input("tool"), cx.reference);
    if tools.is_empty() {
        return Err(Failure::new("no tool specified; `tool` is a required input").advise(
            "name the tools in `tool`, or one by the reference: `taiki-e/install-action@nextest`",
        ));
    }
    for (name, version) in tools {
        provide::tool(cx, &name, &version)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::bench::Bench;

    #[test]
    fn lists_and_references_name_tools() {
        let named = |list: &str, reference: &str| {
            let tools = tools(list, reference);
            tools.iter().map(|(n, v)| format!("{n} {v}")).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(
            named("nextest, just@1.36 typos@latest", "v2"),
            "cargo-nextest , just 1.36, typos "
        );
        assert_eq!(named("", "nextest"), "cargo-nextest ");
        assert_eq!(named("", "v2.44.1"), "");
        assert_eq!(named("", &"0".repeat(40)), "");
    }

    #[test]
    fn tools_of_this_machine_are_used_and_others_are_named() {
        let bench = Bench::new();
        bench.says("just", "just 1.36.0");
        let done = bench.call(&ACTION, &[("tool", "just@1.36")]);
        assert!(done.passed().log.starts_with("using just 1.36.0: "), "{}", done.log);
        assert_eq!(done.changes.paths, Vec::<String>::new(), "it is on the path already");
        assert_eq!(
            bench.call(&ACTION, &[("tool", "just@1.35,typos")]).failure(),
            "needs just 1.35; this machine has 1.36.0"
        );
        assert_eq!(bench.call(&ACTION, &[("tool", "frobnicate")]).failure(), "needs frobnicate");
        assert!(bench.call(&ACTION, &[]).failure().contains("required input"));
    }
}
