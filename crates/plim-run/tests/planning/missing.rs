//! What this machine cannot run, and what is missing for it.

use plim_run::Request;
use plim_run::event::Cause;
use plim_run::request::{ActionFolder, RunnerRule};
use plim_test::sandbox::Sandbox;

use crate::support::{cause, cause_of_step, job, jobs, only, planned};

#[test]
fn containers_and_services_cannot_run_here() {
    let with = |line: &str| {
        cause(
            &jobs(&format!(
                "  a:\n    runs-on: ubuntu-latest\n    {line}\n    steps: [{{ run: echo }}]\n"
            )),
            Request::default(),
        )
    };
    let contained = |what: &str| Some(Cause::Container { what: what.into() });
    assert_eq!(with("container: rust:1"), contained("container `rust:1`"));
    assert_eq!(with("container: { image: rust:1 }"), contained("container `rust:1`"));
    assert_eq!(with("services: { db: { image: postgres } }"), contained("service `db`"));
    assert_eq!(with("container: ''"), None);
}

#[test]
fn semantic_41_a_service_with_an_empty_image_is_not_started() {
    let workflow = "  a:
    runs-on: ubuntu-latest
    strategy: { matrix: { db: ['', postgres] } }
    services: { db: { image: '${{ matrix.db }}' } }
    steps: [{ run: echo }]
";
    let plan = planned(&jobs(workflow));
    let legs = job(only(&plan), "a").known_legs();
    assert_eq!(legs[0].blocked, None);
    assert!(matches!(legs[1].blocked, Some(Cause::Container { .. })));
}

#[test]
fn an_input_that_a_built_in_refuses_is_found_while_planning() {
    let refused = |step: &str| match cause_of_step(step) {
        Some(Cause::Input { action, input, reason }) => format!("{action} {input}: {reason}"),
        other => panic!("{other:?}"),
    };
    let elsewhere = refused("uses: actions/checkout@v4\nwith: { repository: octo/other }");
    assert!(
        elsewhere.starts_with("actions/checkout repository: remote repositories are not available"),
        "{elsewhere}"
    );
    let run = refused("uses: actions/download-artifact@v4\nwith: { name: a, run-id: 12 }");
    assert!(run.starts_with("actions/download-artifact run-id: artifacts of other runs"), "{run}");
    let own = "uses: actions/checkout@v4\nwith: { repository: '${{ github.repository }}' }";
    assert_eq!(cause_of_step(own), None);
}

#[test]
fn large_files_that_are_not_in_the_clone_are_found_while_planning() {
    let repository = jobs(
        "  a:\n    runs-on: ubuntu-latest\n    steps: [{ uses: actions/checkout@v4, with: { lfs: true } }]\n",
    );
    assert_eq!(cause(&repository, Request::default()), None);
    repository.write(".gitattributes", "*.bin filter=lfs\n").write(
        "big.bin",
        format!(
            "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 5\n",
            "ab".repeat(32)
        ),
    );
    let reason = "the large file `big.bin` is not in the local clone, and nothing is fetched; `git lfs fetch` gets it";
    let absent = Cause::Input {
        action: "actions/checkout".into(),
        input: "lfs".into(),
        reason: reason.into(),
    };
    assert_eq!(cause(&repository, Request::default()), Some(absent));
}

#[test]
fn submodules_that_are_not_in_the_clone_are_found_while_planning() {
    let repository = jobs(
        "  a:\n    runs-on: ubuntu-latest\n    steps: [{ uses: actions/checkout@v4, with: { submodules: true } }]\n",
    );
    assert_eq!(cause(&repository, Request::default()), None);
    repository.write(".gitmodules", "[submodule \"l\"]\n\tpath = lib/l\n\turl = ../l\n");
    let found = cause(&repository, Request::default());
    let Some(Cause::Input { input, reason, .. }) = found else { panic!("{found:?}") };
    assert_eq!(input, "submodules");
    assert!(reason.starts_with("the submodule `lib/l` is not in the local clone"), "{reason}");
    repository.write("lib/l/.git", "gitdir: ../../.git/modules/l\n");
    assert_eq!(cause(&repository, Request::default()), None);
}

#[test]
fn a_version_in_a_variable_is_known_unless_a_step_may_change_it() {
    let want = |before: &str, own: &str| {
        let workflow = format!(
            "  a:
    runs-on: ubuntu-latest
    env: {{ WANTED: '99.1' }}
    steps:
      - run: {before}
      - uses: extractions/setup-just@v2
        env: {{ {own}: '1' }}
        with: {{ just-version: '${{{{ env.WANTED }}}}' }}
"
        );
        match cause(&jobs(&workflow), Request::default()) {
            Some(Cause::Missing { want, .. }) => want.to_string(),
            _ => String::new(),
        }
    };
    assert_eq!(want("echo", "OTHER"), "just 99.1");
    assert_ne!(want("echo WANTED=1 >> $GITHUB_ENV", "OTHER"), "just 99.1");
    assert_ne!(want("echo", "WANTED"), "just 99.1");
}

#[test]
fn steps_name_what_is_missing() {
    let tool = |name: &str, by: &str| Some(Cause::Tool { name: name.into(), needed_by: by.into() });
    let action = |uses: &str| Some(Cause::Action { uses: uses.into() });
    assert_eq!(cause_of_step("uses: some/action@v1"), action("some/action@v1"));
    assert_eq!(
        cause_of_step("uses: docker://alpine"),
        Some(Cause::Container { what: "`docker://alpine`".into() })
    );
    assert_eq!(cause_of_step("{ run: ls, shell: pwsh }"), tool("pwsh", "step `ls`, as its shell"));
    assert_eq!(
        cause_of_step("{ name: Cross, run: xcodebuild -version }"),
        tool("xcodebuild", "step `Cross`")
    );
    assert_eq!(cause_of_step("{ run: echo, if: false }"), None);
}

#[test]
fn semantic_19_a_step_that_surely_does_not_run_blocks_nothing() {
    for condition in [
        "false",
        "github.event_name == 'schedule'",
        "runner.os == 'Windows'",
        "${{ failure() }}",
        "cancelled()",
    ] {
        let step = format!("{{ uses: './missing', if: \"{condition}\" }}");
        assert_eq!(cause_of_step(&step), None, "{condition}");
        let step = format!("{{ uses: 'some/action@v1', if: \"{condition}\" }}");
        assert_eq!(cause_of_step(&step), None, "{condition}");
    }
    for condition in ["always()", "steps.x.outcome == 'success'", "env.X", "success() || failure()"]
    {
        let step = format!("{{ uses: 'some/action@v1', if: \"{condition}\" }}");
        assert!(cause_of_step(&step).is_some(), "{condition}");
    }
}

#[test]
fn elevation_is_refused_unless_it_is_allowed() {
    let repository = jobs(
        "  a:\n    runs-on: ubuntu-latest\n    steps: [{ name: Install, run: sudo make install }]\n",
    );
    let what = "step `Install` runs `sudo make install`".to_owned();
    assert_eq!(
        cause(&repository, Request::default()),
        Some(Cause::Privilege { what, packages: Vec::new() })
    );
    let allowed = cause(&repository, Request { allow_sudo: true, ..Request::default() });
    assert!(!matches!(allowed, Some(Cause::Privilege { .. })), "{allowed:?}");
}

#[test]
fn local_actions_are_looked_into() {
    let repository = jobs(
        "  a:\n    runs-on: ubuntu-latest\n    steps: [{ uses: ./.github/actions/outer, with: { what: x } }]\n",
    );
    repository.write(
        ".github/actions/outer/action.yml",
        "name: o\ninputs: { what: { default: y } }\nruns:\n  using: composite\n  steps:\n    - uses: some/action@v1\n      if: inputs.what == 'y'\n    - uses: ./.github/actions/inner\n",
    );
    repository.write(
        ".github/actions/inner/action.yml",
        "name: i\nruns:\n  using: composite\n  steps:\n    - run: cargo publish\n      shell: bash\n",
    );
    let what = "`./.github/actions/outer`: `./.github/actions/inner`: step `cargo publish` runs `cargo publish`".to_owned();
    assert_eq!(cause(&repository, Request::default()), Some(Cause::Publishes { what }));
    repository.write(
        ".github/actions/inner/action.yml",
        "name: i\nruns: { using: docker, image: docker://alpine }\n",
    );
    let what = "`./.github/actions/inner`".to_owned();
    assert_eq!(cause(&repository, Request::default()), Some(Cause::Container { what }));
}

#[test]
fn a_folder_can_stand_for_an_action() {
    let repository =
        jobs("  a:\n    runs-on: ubuntu-latest\n    steps: [{ uses: Some/Action/sub@v1 }]\n");
    let sandbox = Sandbox::new();
    sandbox.write(
        "sub/action.yml",
        "name: x\nruns: { using: composite, steps: [{ run: echo, shell: bash }] }\n",
    );
    let with = |reference: &str| {
        let folder = sandbox.path().to_owned();
        let actions = vec![ActionFolder { reference: reference.into(), folder }];
        cause(&repository, Request { actions, ..Request::default() })
    };
    assert_eq!(with("some/action"), None);
    assert_eq!(with("some/action@v1"), None);
    assert!(matches!(with("some/action@v2"), Some(Cause::Action { .. })));
}

#[test]
fn runners_are_here_or_elsewhere_as_the_user_says() {
    let repository = jobs("  a:\n    runs-on: [self-hosted, big]\n    steps: [{ run: echo }]\n");
    let labels = vec!["big".to_owned(), "self-hosted".to_owned()];
    let refused = |expected| Some(Cause::Runner { labels: labels.clone(), expected });
    assert_eq!(cause(&repository, Request::default()), refused(false));
    let expected = Request { expect_elsewhere: vec!["b*".into()], ..Request::default() };
    assert_eq!(cause(&repository, expected), refused(true));
    let here = Request {
        runners: vec![RunnerRule { glob: "big".into(), here: true }],
        ..Request::default()
    };
    assert_eq!(cause(&repository, here), None);
}

#[test]
fn an_environment_needs_an_approval() {
    let repository = jobs(
        "  a:\n    runs-on: ubuntu-latest\n    environment: production\n    steps: [{ run: echo }]\n",
    );
    let missing = Some(Cause::Approval { environment: "production".into() });
    assert_eq!(cause(&repository, Request::default()), missing);
    let approved = Request { approve: vec!["Production".into()], ..Request::default() };
    assert_eq!(cause(&repository, approved), None);
    assert_eq!(cause(&repository, Request { can_ask: true, ..Request::default() }), None);
}
