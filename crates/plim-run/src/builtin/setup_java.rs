//! `actions/setup-java`: a Java development kit.

use std::fs;

use serde_json::Value;

use super::{Asked, Builtin, Failure, Input, Invocation, matchers, provide, version_file};
use crate::{toolbox::Installed, want::Want};

pub(super) const ACTION: Builtin = Builtin {
    name: "actions/setup-java",
    inputs: &[
        Input::implemented("java-version", ""),
        Input::implemented("java-version-file", ""),
        Input::judged("distribution", "", distribution),
        Input::judged("java-package", "jdk", package),
        Input::judged("architecture", "", provide::other_architecture),
        Input::refused("jdk-file", "", "nothing is installed from a file here"),
        Input::refused("jdkFile", "", "nothing is installed from a file here"),
        Input::no_effect("check-latest", "false", provide::NOT_NEWER),
        Input::no_effect("force-download", "false", provide::NO_DOWNLOAD),
        Input::implemented("set-default", "true"),
        Input::no_effect("verify-signature", "false", provide::NO_DOWNLOAD),
        Input::no_effect("verify-signature-public-key", "", provide::NO_DOWNLOAD),
        Input::refused("server-id", "github", "settings of Maven are not written here"),
        Input::refused("server-username-env-var", "", "settings of Maven are not written here"),
        Input::refused("server-username", "", "settings of Maven are not written here"),
        Input::refused("server-password-env-var", "", "settings of Maven are not written here"),
        Input::refused("server-password", "", "settings of Maven are not written here"),
        Input::refused("mvn-server-credentials", "", "settings of Maven are not written here"),
        Input::refused("mvn-repositories", "", "settings of Maven are not written here"),
        Input::refused(
            "mvn-repositories-include-central",
            "true",
            "settings of Maven are not written here",
        ),
        Input::refused(
            "mvn-repositories-prioritize-central",
            "true",
            "settings of Maven are not written here",
        ),
        Input::refused("settings-path", "", "settings of Maven are not written here"),
        Input::refused("overwrite-settings", "true", "settings of Maven are not written here"),
        Input::refused("gpg-private-key", "", "keys are not imported here"),
        Input::refused("gpg-passphrase-env-var", "", "keys are not imported here"),
        Input::refused("gpg-passphrase", "", "keys are not imported here"),
        Input::no_effect("cache", "", provide::SHARED),
        Input::no_effect("cache-jdk", "", provide::SHARED),
        Input::no_effect("cache-dependency-path", "", provide::SHARED),
        Input::no_effect("cache-path", "", provide::SHARED),
        Input::no_effect("cache-read-only", "false", provide::SHARED),
        Input::no_effect("job-status", "${{ job.status }}", "nothing is saved when the job ends"),
        Input::no_effect(
            "token",
            "${{ github.server_url == 'https://github.com' && github.token || '' }}",
            provide::NO_DOWNLOAD,
        ),
        Input::refused("mvn-toolchain-id", "", "settings of Maven are not written here"),
        Input::refused("mvn-toolchain-vendor", "", "settings of Maven are not written here"),
        Input::implemented("show-download-progress", "false"),
        Input::implemented("problem-matcher", "true"),
    ],
    outputs: &["distribution", "version", "path", "cache-hit", "cache-primary-key"],
    main,
    wants: Some(wants),
    ..Builtin::PLAIN
};

/// A kit of another vendor does the same, but for GraalVM, which is more.
fn distribution(value: &str, _: &Value) -> Option<String> {
    let is_more =
        value.starts_with("graalvm") || value.starts_with("liberica-nik") || value == "jdkfile";
    is_more.then(|| format!("`{value}` is more than the kits that can be told apart here"))
}

fn package(value: &str, _: &Value) -> Option<String> {
    (!matches!(value, "jdk" | "jre")).then(|| format!("`{value}` cannot be told from a plain kit"))
}

fn wants(asked: &Asked<'_>) -> Vec<Want> {
    let (version, file) = ("java-version", "java-version-file");
    let versions = version_file::planned(asked, version, file, version_file::java);
    let versions = versions.unwrap_or_default();
    let lines = versions.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|version| provide::want("java", version)).collect()
}

fn main(cx: &mut Invocation<'_>) -> Result<(), Failure> {
    ACTION.begin(cx)?;
    let versions = match (cx.input("java-version"), cx.input("java-version-file")) {
        ("", "") => return Err(Failure::new("java-version or java-version-file input expected")),
        ("", file) => version_file::read(cx, file, version_file::java)?,
        (versions, _) => {
            cx.required("distribution")?;
            versions.to_owned()
        }
    };
    for version in versions.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let java = provide::find(cx, "java", version)?;
        set(cx, &java)?;
    }
    cx.set_output("cache-hit", "false");
    if !cx.is_true("show-download-progress") {
        provide::set_unless_set(cx, "MAVEN_ARGS", "-ntp");
    }
    if cx.is_true("problem-matcher") { matchers::add(cx, matchers::JAVA) } else { Ok(()) }
}

fn set(cx: &mut Invocation<'_>, java: &Installed) -> Result<(), Failure> {
    // /usr/bin/java is a link into the kit.
    let program = provide::at(&java.program, fs::canonicalize(&java.program))?;
    let home = program.ancestors().nth(2).unwrap_or(&java.root).to_string_lossy().into_owned();
    let major = java.version.as_ref().map_or(0, |version| version.numbers[0]);
    let architecture = crate::toolbox::architecture().to_uppercase();
    let own = format!("JAVA_HOME_{major}_{architecture}");
    cx.changes.environment.push((own, home.clone()));
    if cx.boolean("set-default")? {
        cx.changes.environment.push(("JAVA_HOME".to_owned(), home.clone()));
        cx.changes.paths.push(format!("{home}/bin"));
    }
    let asked = cx.input("distribution");
    cx.log.line(&format!("`{asked}` was asked for; the kit is that of `{home}`"));
    cx.set_output("distribution", asked);
    cx.set_output("version", java.version_text());
    cx.set_output("path", home);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::bench::Bench;

    #[test]
    fn a_kit_of_this_machine_becomes_the_home_of_java() {
        let bench = Bench::new();
        bench.says("java", "openjdk version \"91.0.2\" 2026");
        let with = [("java-version", "91"), ("distribution", "temurin")];
        let done = bench.call(&ACTION, &with);
        assert_eq!(done.passed().output("version"), "91.0.2");
        assert!(done.changes.environment.iter().any(|(name, _)| name == "JAVA_HOME"));
        let graal = bench.call(&ACTION, &[("java-version", "91"), ("distribution", "graalvm")]);
        assert!(graal.failure().contains("refuses the input `distribution`"));
        assert!(bench.call(&ACTION, &[]).failure().contains("input expected"));
    }
}
