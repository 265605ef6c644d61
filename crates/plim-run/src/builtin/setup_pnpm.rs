//! `pnpm/action-setup`: the package manager pnpm.

use std::fs;

use super::{Asked, Builtin, Failure, Input, Invocation, provide, version_file};
use crate::want::Want;

pub(super) const ACTION: Builtin = Builtin {
    name: "pnpm/action-setup",
    inputs: &[
        Input::implemented("version", ""),
        Input::no_effect("dest", "~/setup-pnpm", "the pnpm of this machine is used where it is"),
        Input::implemented("run_install", "null"),
        Input::implemented("package_json_file", "package.json"),
        Input::no_effect("standalone", "false", "the pnpm of this machine is used as it is"),
    ],
    outputs: &["dest", "bin_dest"],
    main,
    wants: Some(wants),
    ..Builtin::PLAIN
};

fn wants(asked: &Asked<'_>) -> Vec<Want> {
    let (Some(version), Some(file)) = (asked.input("version"), asked.input("package_json_file"))
    else {
        return Vec::new();
    };
    let text = fs::read_to_string(asked.root.join(file)).unwrap_or_default();
    let pinned = || version_file::package_manager("pnpm", &text).unwrap_or_default();
    let version = if version.is_empty() { pinned() } else { version.to_owned() };
    vec![provide::want("pnpm", &version)]
}

fn main(cx: &mut Invocation<'_>) -> Result<(), Failure> {
    ACTION.begin(cx)?;
    let file = crate::bounds::resolve(cx.workspace, cx.input("package_json_file"));
    let text = fs::read_to_string(file).unwrap_or_default();
    let pinned = version_file::package_manager("pnpm", &text);
    let version = match (cx.input("version"), pinned) {
        ("", None) => {
            return Err(Failure::new("No pnpm version is specified.")
                .advise("give `version`, or a `packageManager` in `package.json`"));
        }
        ("", Some(pinned)) => pinned,
        (version, Some(pinned)) if version != pinned => {
            return Err(Failure::new(format!(
                "Multiple versions of pnpm specified: {version} by `version`, {pinned} by `packageManager`"
            ))
            .advise("remove one of them"));
        }
        (version, _) => version.to_owned(),
    };
    let pnpm = provide::tool(cx, "pnpm", &version)?;
    let folder = pnpm.program.parent().unwrap_or(&pnpm.root).to_string_lossy().into_owned();
    cx.set_output("dest", folder.clone());
    cx.set_output("bin_dest", folder);
    match cx.input("run_install") {
        "" | "null" | "false" => Ok(()),
        "true" => provide::run(cx, "pnpm", vec!["install".to_owned()], Vec::new()),
        _ => Err(Failure::new("`run_install` with settings of its own is not done here")
            .advise("run `pnpm install` in a step of its own")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::bench::Bench;

    #[test]
    fn the_version_is_that_of_the_input_or_of_the_manifest() {
        let bench = Bench::new();
        bench.says("pnpm", "9.1.0");
        bench.call(&ACTION, &[("version", "9")]).passed();
        assert!(bench.call(&ACTION, &[]).failure().starts_with("No pnpm version"));
        bench.write("package.json", r#"{"packageManager": "pnpm@9.1.0"}"#);
        bench.call(&ACTION, &[]).passed();
        assert!(
            bench.call(&ACTION, &[("version", "8")]).failure().starts_with("Multiple versions")
        );
    }
}
