//! `actions/setup-go`: Go, its folder for installed programs, and problem matchers.

use super::{Asked, Builtin, Call, Failure, Input, Invocation, matchers, provide, version_file};
use crate::want::Want;

pub(super) const ACTION: Builtin = Builtin {
    name: "actions/setup-go",
    inputs: &[
        Input::implemented("go-version", ""),
        Input::implemented("go-version-file", ""),
        Input::no_effect("check-latest", "false", provide::NOT_NEWER),
        Input::no_effect(
            "token",
            "${{ github.server_url == 'https://github.com' && github.token || '' }}",
            provide::NO_DOWNLOAD,
        ),
        Input::no_effect("cache", "true", provide::SHARED),
        Input::no_effect("cache-dependency-path", "", provide::SHARED),
        Input::judged("architecture", "", provide::other_architecture),
        Input::no_effect("go-download-base-url", "", provide::NO_DOWNLOAD),
    ],
    outputs: &["go-version", "cache-hit"],
    main,
    wants: Some(wants),
    ..Builtin::PLAIN
};

fn wants(asked: &Asked<'_>) -> Vec<Want> {
    let version = version_file::planned(asked, "go-version", "go-version-file", version_file::go);
    version.map(|version| provide::want("go", &version)).into_iter().collect()
}

fn main(cx: &mut Invocation<'_>) -> Result<(), Failure> {
    ACTION.begin(cx)?;
    let version = match (cx.input("go-version"), cx.input("go-version-file")) {
        ("", "") => String::new(),
        ("", file) => version_file::read(cx, file, version_file::go)?,
        (version, _) => version.to_owned(),
    };
    let go = provide::tool(cx, "go", &version)?;
    // From v6 on no other toolchain is fetched behind the job's back.
    if cx.major().is_none_or(|major| major >= 6) {
        cx.changes.environment.push(("GOTOOLCHAIN".to_owned(), "local".to_owned()));
    }
    let answer = (cx.run)(&Call {
        program: go.program.to_string_lossy().into_owned(),
        arguments: vec!["env".to_owned(), "GOPATH".to_owned()],
        directory: cx.workspace.to_owned(),
        variables: Vec::new(),
        shown: false,
    })?;
    if let Some(folder) = answer.text.lines().next().filter(|line| line.starts_with('/')) {
        cx.changes.paths.push(format!("{folder}/bin"));
    }
    cx.set_output("go-version", go.version_text());
    cx.set_output("cache-hit", "false");
    matchers::add(cx, matchers::GO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::bench::Bench;

    #[test]
    fn go_and_its_programs_are_on_the_path() {
        let bench = Bench::new();
        bench.program(
            "go",
            "[ \"$1\" = env ] && echo /gopath || echo go version go9.22.1 linux/amd64",
        );
        bench.write("go.mod", "module x\ngo 9.22\n");
        let done = bench.call(&ACTION, &[("go-version-file", "go.mod")]);
        assert_eq!(done.passed().output("go-version"), "9.22.1");
        assert_eq!(done.changes.paths, ["/gopath/bin"]);
        assert_eq!(done.changes.environment, [("GOTOOLCHAIN".into(), "local".into())]);
        let old = bench.call_as(&ACTION, "v5", &[("go-version", "9.22.x")]);
        assert_eq!(old.passed().changes.environment, []);
        assert!(bench.call(&ACTION, &[("go-version", "9.23")]).failure().contains("has 9.22.1"));
    }
}
