//! Actions of other repositories, from `file://` mirrors through the store into runs.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test starts the program as a user would, and fails by a panic"
)]

mod support;

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, process::Command};

use serde_json::Value;
use support::Harbour;

/// A repository whose `ci.yml` has one job with these steps, and mirrors of other repositories beside it.
struct Port {
    harbour: Harbour,
    mirrors: tempfile::TempDir,
}

impl Port {
    fn with_steps(steps: &str) -> Self {
        Self { harbour: Harbour::with_steps(steps), mirrors: tempfile::tempdir().unwrap() }
    }

    fn with_jobs(jobs: &str) -> Self {
        Self { harbour: Harbour::with_jobs(jobs), mirrors: tempfile::tempdir().unwrap() }
    }

    /// Puts a `node` before all others in the user's `PATH` that says it is of version 18.
    fn with_old_node(self) -> Self {
        let bin = self.mirrors.path().join("bin");
        fs::create_dir(&bin).unwrap();
        fs::write(bin.join("node"), "#!/bin/sh\necho v18.20.1\n").unwrap();
        fs::set_permissions(bin.join("node"), fs::Permissions::from_mode(0o755)).unwrap();
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
        Self { harbour: self.harbour.variable("PATH", &path), ..self }
    }

    /// Makes or changes the mirror of `owner/repo`, and tags it.
    fn mirror(&self, repository: &str, tag: &str, files: &[(&str, &str)]) -> String {
        let folder = self.mirrors.path().join(repository);
        if !folder.exists() {
            fs::create_dir_all(&folder).unwrap();
            self.git(repository, &["init", "-q", "-b", "main"]);
        }
        for (path, text) in files {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        self.git(repository, &["add", "-A"]);
        let person = ["-c", "user.name=T", "-c", "user.email=t@example.org"];
        self.git(
            repository,
            &[&person[..], &["commit", "-q", "--allow-empty", "-m", "x"]].concat(),
        );
        self.git(repository, &["tag", "-f", tag]);
        self.git(repository, &["rev-parse", "HEAD"])
    }

    fn git(&self, repository: &str, arguments: &[&str]) -> String {
        let folder = self.mirrors.path().join(repository);
        let output = Command::new("git").current_dir(folder).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn plim(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = self.harbour.command(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    /// `plim actions fetch` from the mirrors.
    fn fetch(&self, more: &[&str]) -> (i32, String, String) {
        let from = format!("file://{}/{{owner}}/{{repo}}", self.mirrors.path().display());
        self.plim(&[&["actions", "fetch", "--from", &from], more].concat())
    }

    #[track_caller]
    fn fetched(&self) {
        let (code, stdout, stderr) = self.fetch(&[]);
        assert_eq!(code, 0, "{stdout}{stderr}");
    }

    /// The only tree of the store.
    fn tree(&self) -> PathBuf {
        let trees = self.harbour.home().join(".cache/plimsoll/actions/trees");
        let all: Vec<_> = fs::read_dir(trees).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(all.len(), 1);
        all[0].clone()
    }
}

/// Fails with every way in which `value` is not what the schema says.
fn check(schema: &str, value: &Value) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/schema");
    let text = fs::read_to_string(format!("{folder}/{schema}.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap();
    let faults: Vec<_> = schema.iter_errors(value).map(|error| error.to_string()).collect();
    assert!(faults.is_empty(), "{value:#}\n{}", faults.join("\n"));
}

const COMPOSITE: &str = "
inputs: {who: {default: nobody}}
outputs: {word: {value: '${{ steps.a.outputs.word }}'}}
runs:
  using: composite
  steps:
    - id: a
      run: |
        echo \"hello ${{ inputs.who }} from $GITHUB_ACTION_REPOSITORY@$GITHUB_ACTION_REF\"
        cat \"$GITHUB_ACTION_PATH/word.txt\"
        echo word=done >> $GITHUB_OUTPUT
        echo spoiled > \"$GITHUB_ACTION_PATH/word.txt\"
      shell: bash
    - uses: octo/inner/deep@v2
";

const JAVASCRIPT: &str = "
inputs: {who: {default: nobody}}
runs: {using: node16, pre: pre.js, main: main.js, post: post.js}
";

#[test]
fn a_composite_action_runs_from_the_store_with_what_it_uses_and_cannot_change_it() {
    let port = Port::with_steps(
        "- {id: act, uses: octo/act@v1, with: {who: me}}\n- run: echo ${{ steps.act.outputs.word }}\n",
    );
    let commit =
        port.mirror("octo/act", "v1", &[("action.yml", COMPOSITE), ("word.txt", "the word\n")]);
    let inner = "runs: {using: composite, steps: [{run: echo deep, shell: bash}]}";
    port.mirror("octo/inner", "v2", &[("deep/action.yml", inner)]);
    port.harbour.run().failed_to_start("octo/act@v1");
    port.fetched();
    // Nothing of the mirrors is needed from now on.
    fs::remove_dir_all(port.mirrors.path()).unwrap();
    for _ in 0..2 {
        let ran = port.harbour.run().passed();
        ran.prints("hello me from octo/act@v1").prints("the word").prints("deep").prints("done");
        ran.prints(&format!("Download action repository 'octo/act@v1' (SHA:{commit})"));
        let used: Vec<_> = ran.of("action-used").collect();
        assert_eq!(
            (&used[0]["uses"], &used[0]["commit"]),
            (&"octo/act@v1".into(), &commit.clone().into())
        );
        assert_eq!(used.len(), 2);
    }
}

#[test]
fn a_javascript_action_runs_its_pre_main_and_post_with_its_own_state() {
    let port = Port::with_steps("- run: echo before\n- {uses: octo/js@v1, with: {who: me}}\n");
    let state = "require('fs').appendFileSync(process.env.GITHUB_STATE, 'a=kept\\n');";
    port.mirror(
        "octo/js",
        "v1",
        &[
            ("action.yml", JAVASCRIPT),
            ("pre.js", "console.log('pre', process.env.GITHUB_ACTION_REPOSITORY)"),
            ("main.js", &format!("{state} console.log('main', process.env.INPUT_WHO)")),
            ("post.js", "console.log('post', process.env.STATE_a, process.env.GITHUB_ACTION_REF)"),
        ],
    );
    port.fetched();
    let ran = port.harbour.run().passed();
    let wanted = ["pre octo/js", "before", "main me", "post kept v1"];
    let said: Vec<_> = ran.printed().into_iter().filter(|line| wanted.contains(line)).collect();
    assert_eq!(said, wanted);
}

#[test]
fn an_action_that_would_get_a_token_is_told_to_have_none() {
    if !support::has("node") {
        return eprintln!("ignored: no `node`");
    }
    let port = Port::with_steps("- {uses: octo/asks@v1, with: {other: ''}}\n");
    let action = "name: asks\ninputs:\n  other: {default: x}\n  github-token: {default: '${{ github.token }}'}\n\
                  runs: {using: node20, main: main.js}\n";
    port.mirror("octo/asks", "v1", &[("action.yml", action), ("main.js", "")]);
    port.fetched();
    let told = |ran: &support::Ran| {
        let notices = ran.annotations("notice");
        notices.iter().filter(|notice| notice.contains("`github-token` is empty")).count()
    };
    assert_eq!(told(&port.harbour.run().passed()), 1);
    let with_token = port.harbour.variable("GITHUB_TOKEN", "t0ken-of-mine");
    assert_eq!(told(&with_token.run_with(&["--secret", "GITHUB_TOKEN"]).passed()), 0);
}

#[test]
fn the_pre_parts_of_what_a_composite_action_uses_run_before_every_step_and_hand_on_their_state() {
    let port =
        Port::with_steps("- run: echo before\n- {uses: octo/outer@v1}\n- {uses: octo/outer@v1}\n");
    let outer = "runs: {using: composite, steps: [{uses: octo/middle@v1}]}";
    port.mirror("octo/outer", "v1", &[("action.yml", outer)]);
    let middle = "inputs: {a: {default: given}}
runs: {using: composite, steps: [{run: echo middle, shell: bash}, {uses: octo/js@v1, with: {who: '${{ inputs.a }}'}}]}";
    port.mirror("octo/middle", "v1", &[("action.yml", middle)]);
    let say = |part: &str, more: &str| {
        format!("console.log('{part}', process.env.INPUT_WHO, process.env.STATE_a); {more}")
    };
    let state = "require('fs').appendFileSync(process.env.GITHUB_STATE, 'a=kept\\n');";
    port.mirror(
        "octo/js",
        "v1",
        &[
            ("action.yml", JAVASCRIPT),
            ("pre.js", &say("pre", state)),
            ("main.js", &say("main", "")),
            ("post.js", &say("post", "")),
        ],
    );
    port.fetched();
    let ran = port.harbour.run().passed();
    let words = ["pre", "before", "middle", "main", "post"];
    let said = ran.printed().into_iter();
    let said: Vec<_> =
        said.filter(|line| words.contains(&line.split(' ').next().unwrap())).collect();
    let (pre, main, post) = ("pre given undefined", "main given kept", "post given kept");
    assert_eq!(said, [pre, pre, "before", "middle", main, "middle", main, post, post]);
}

#[test]
fn a_pre_part_that_fails_within_a_composite_action_fails_the_job() {
    let port = Port::with_steps("- run: echo before\n- {uses: octo/outer@v1}\n");
    let outer = "runs: {using: composite, steps: [{uses: octo/js@v1}]}";
    port.mirror("octo/outer", "v1", &[("action.yml", outer)]);
    let files = [
        ("action.yml", JAVASCRIPT),
        ("pre.js", "process.exit(3)"),
        ("main.js", ""),
        ("post.js", ""),
    ];
    port.mirror("octo/js", "v1", &files);
    port.fetched();
    port.harbour.run().failed().never_prints("before");
}

#[test]
fn an_action_of_the_repository_runs_its_pre_part_when_it_is_there_before_the_workspace() {
    if !support::has("node") {
        return eprintln!("ignored: no `node`");
    }
    let steps = "- run: echo before\n- uses: actions/checkout@v4\n- uses: $/js\n- uses: ./js\n";
    let harbour = Harbour::with_steps(steps);
    harbour.file("js/action.yml", JAVASCRIPT);
    harbour.file("js/pre.js", "console.log('pre')");
    harbour.file("js/main.js", "console.log('main')").file("js/post.js", "");
    let ran = harbour.run().passed();
    let wanted = ["pre", "before", "main"];
    let said: Vec<_> = ran.printed().into_iter().filter(|line| wanted.contains(line)).collect();
    assert_eq!(said, ["pre", "before", "main", "main"]);
}

#[test]
fn a_path_of_its_own_repository_means_the_repository_that_the_file_is_from() {
    let port = Port::with_jobs(
        "
call: {uses: octo/flows/.github/workflows/it.yml@v1}
act: {runs-on: ubuntu-latest, steps: [{uses: octo/act/outer@v1}]}
own: {runs-on: ubuntu-latest, steps: [{uses: $/inner}]}
",
    );
    let says = |who: &str| {
        format!(
            "runs: {{using: composite, steps: [{{run: 'echo {who} $GITHUB_ACTION_REPOSITORY', shell: bash}}]}}"
        )
    };
    port.harbour.file("inner/action.yml", &says("ours"));
    let outer = "runs: {using: composite, steps: [{uses: $/inner}]}";
    port.mirror(
        "octo/act",
        "v1",
        &[("outer/action.yml", outer), ("inner/action.yml", &says("of the action"))],
    );
    let workflow =
        "on: workflow_call\njobs:\n  a: {runs-on: ubuntu-latest, steps: [{uses: $/outer}]}\n";
    port.mirror(
        "octo/flows",
        "v1",
        &[
            (".github/workflows/it.yml", workflow),
            ("outer/action.yml", outer),
            ("inner/action.yml", &says("of the workflow")),
        ],
    );
    port.fetched();
    let ran = port.harbour.run().passed();
    ran.prints("of the action octo/act").prints("of the workflow octo/flows").prints("ours");
    fs::remove_dir_all(port.harbour.root().join("inner")).unwrap();
    let ran = port.harbour.run_with(&["-j", "act"]).passed();
    ran.prints("of the action octo/act");
}

#[test]
fn a_called_workflow_of_another_repository_runs_from_the_store() {
    let port = Port::with_jobs(
        "call: {uses: octo/flows/.github/workflows/outer.yml@v1, with: {who: me}}\n",
    );
    port.mirror(
        "octo/flows",
        "v1",
        &[
            (
                ".github/workflows/outer.yml",
                "on: {workflow_call: {inputs: {who: {type: string, required: true}}}}\njobs:\n  in: {uses: ./.github/workflows/inner.yml, with: {who: '${{ inputs.who }}'}}\n",
            ),
            (
                ".github/workflows/inner.yml",
                "on: {workflow_call: {inputs: {who: {type: string}}}}\njobs:\n  say: {runs-on: ubuntu-latest, steps: [{run: 'echo called by ${{ inputs.who }}'}]}\n",
            ),
        ],
    );
    port.fetched();
    let ran = port.harbour.run().passed();
    ran.prints("called by me");
    let used = ran.of("action-used").next().unwrap();
    assert_eq!(used["uses"], "octo/flows/.github/workflows/outer.yml@v1");
    fs::write(port.tree().join(".github/workflows/inner.yml"), "changed").unwrap();
    let plan = port.plim(&["run", "-n", "-e", "push"]).1;
    assert!(plan.contains("are not those that were fetched"), "{plan}");
}

#[test]
fn what_was_changed_in_the_store_is_refused_with_the_command_that_mends_it() {
    let port = Port::with_steps("- {uses: octo/act@v1}\n");
    let action = "runs: {using: composite, steps: [{run: echo good, shell: bash}]}";
    port.mirror("octo/act", "v1", &[("action.yml", action)]);
    port.fetched();
    fs::write(port.tree().join("action.yml"), action.replace("good", "evil")).unwrap();
    let ran = port.harbour.run().failed();
    ran.never_prints("evil");
    assert!(ran.everything().contains("plim actions fetch octo/act@v1"), "{}", ran.everything());
    let (_, stdout, _) = port.fetch(&["octo/act@v1"]);
    assert!(stdout.starts_with("mended"), "{stdout}");
    port.harbour.run().passed().prints("good");
}

#[test]
fn a_tag_that_moved_is_told_and_the_old_commit_runs_until_it_is_updated() {
    let port = Port::with_steps("- {uses: octo/act@v1}\n");
    let action = |word: &str| {
        format!("runs: {{using: composite, steps: [{{run: echo {word}, shell: bash}}]}}")
    };
    port.mirror("octo/act", "v1", &[("action.yml", &action("old"))]);
    port.fetched();
    port.mirror("octo/act", "v1", &[("action.yml", &action("new"))]);
    let (code, stdout, _) = port.fetch(&[]);
    assert!(code == 0 && stdout.contains("`v1` moved from "), "{stdout}");
    port.harbour.run().passed().prints("old");
    port.fetch(&["--update"]);
    port.harbour.run().passed().prints("new");
}

#[test]
fn a_built_in_that_refuses_an_input_gives_way_to_the_action_itself() {
    let step = "- {uses: actions/checkout@v4, with: {repository: other/repo}}\n";
    let port = Port::with_steps(step);
    let action = "
inputs: {repository: {default: ''}}
runs: {using: composite, steps: [{run: echo the action itself, shell: bash}]}";
    port.mirror("actions/checkout", "v4", &[("action.yml", action)]);
    assert_eq!(port.harbour.run().job("job"), "blocked");
    let (_, stdout, _) = port.fetch(&["--built-in"]);
    assert!(stdout.starts_with("fetched"), "{stdout}");
    port.harbour.run().passed().prints("the action itself");
}

#[test]
fn a_broken_action_and_a_node_that_is_too_old_are_found_while_planning() {
    for (action, said) in [
        ("runs: {using: node24, main: a.js}", "\"found\":\"18.20.1\""),
        ("runs: {using: composite}", "cannot be read"),
        ("runs: [", "cannot be read"),
    ] {
        let port = Port::with_steps("- {uses: octo/act@v1}\n").with_old_node();
        port.mirror("octo/act", "v1", &[("action.yml", action)]);
        port.fetched();
        let plan = port.plim(&["run", "-n", "-e", "push", "--format", "json"]).1;
        assert!(plan.contains(said), "{action}: {plan}");
    }
    let port = Port::with_steps("- {uses: octo/act@v1}\n");
    port.mirror("octo/act", "v1", &[("readme", "")]);
    port.fetched();
    let plan = port.plim(&["run", "-n", "-e", "push", "--format", "json"]).1;
    assert!(plan.contains("has no `action.yml`"), "{plan}");
}

#[test]
fn what_is_printed_as_json_is_what_the_schemas_say() {
    let port = Port::with_steps("- {uses: octo/act@v1}\n- {uses: octo/none@v1}\n");
    let action = "runs: {using: composite, steps: []}";
    port.mirror("octo/act", "v1", &[("action.yml", action)]);
    let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let states = |list: &Value| {
        let states =
            list.as_array().unwrap().iter().map(|one| one["state"].as_str().unwrap().to_owned());
        states.collect::<Vec<_>>()
    };
    let (code, stdout, _) = port.fetch(&["-n", "--format", "json"]);
    check("actions-fetched", &json(&stdout));
    assert_eq!((code, states(&json(&stdout))), (0, vec!["wanted".into(), "wanted".into()]));
    let (code, stdout, stderr) = port.fetch(&["--format", "json"]);
    check("actions-fetched", &json(&stdout));
    assert_eq!((code, states(&json(&stdout))), (1, vec!["fetched".into(), "failed".into()]));
    check("diagnostic", &json(&stderr));
    let (_, stdout, _) = port.plim(&["actions", "list", "--format", "json"]);
    check("actions", &json(&stdout));
    assert_eq!(json(&stdout)[0]["uses"], "octo/act@v1");
    let (_, stdout, _) = port.plim(&["actions", "remove", "Octo/Act", "--format", "json"]);
    check("actions-removed", &json(&stdout));
    assert_eq!(json(&stdout)["removed"][0], "octo/act@v1");
    assert_eq!(port.plim(&["actions", "--format", "concise"]).1, "");
}

#[test]
fn absolute_urls_of_other_forges_are_fetched_by_their_host() {
    let port = Port::with_steps("- run: echo\n");
    port.harbour.file(
        ".forgejo/workflows/ci.yml",
        "on: push\njobs:\n  job: {runs-on: docker, steps: [{uses: 'https://code.example.org/octo/act@v1'}]}\n",
    );
    fs::remove_dir_all(port.harbour.root().join(".github")).unwrap();
    let action = "runs: {using: composite, steps: [{run: echo from elsewhere, shell: bash}]}";
    port.mirror("code.example.org/octo/act", "v1", &[("action.yml", action)]);
    let from = format!("file://{}/{{host}}/{{owner}}/{{repo}}", port.mirrors.path().display());
    let (code, stdout, stderr) = port.plim(&["actions", "fetch", "--from", &from]);
    assert_eq!(code, 0, "{stdout}{stderr}");
    port.harbour.run().passed().prints("from elsewhere");
}

impl support::Ran {
    /// Says that its only job is blocked because of this action.
    #[track_caller]
    fn failed_to_start(&self, uses: &str) {
        let blocked =
            self.of("job-blocked").next().unwrap_or_else(|| panic!("{}", self.everything()));
        assert_eq!(blocked["cause"]["uses"], uses);
    }
}
