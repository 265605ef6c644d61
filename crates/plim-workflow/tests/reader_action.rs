//! What the reader makes of `action.yml`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod support;

use plim_workflow::{ActionBody, StepBody};
use support::check_action;

#[test]
fn semantic_35_steps_of_a_composite_action_are_named_too() {
    let read = check_action(
        "
        name: Build
        description: builds
        inputs:
          target: {description: what, default: '${{ runner.os }}'}
          old: {deprecationMessage: use target, required: true}
        outputs:
          out: {description: where, value: '${{ steps.build.outputs.out }}'}
        runs:
          using: composite
          steps:
            - {run: echo, shell: bash}
            - {id: build, run: echo, shell: '${{ inputs.shell }}', if: always()}
            - {uses: actions/cache@v4, with: {path: x}}
        branding: {icon: box, color: blue}
        ",
    );
    let ActionBody::Composite(composite) = &read.value.body else { panic!() };
    let ids: Vec<&str> = composite.steps.iter().map(|step| &*step.id).collect();
    assert_eq!(ids, ["__run", "build", "__actions_cache"]);
    assert_eq!(read.value.inputs[1].deprecation.as_deref(), Some("use target"));
}

#[test]
fn composite_steps_know_less_than_those_of_jobs() {
    let read = check_action(
        "
        runs:
          using: composite
          step: []
         #^^^^ unknown-key: `step` is not a key of a composite action
          steps:
            - run: echo ${{ secrets.TOKEN }}
                           #^^^^^^^ context-not-allowed: the context `secrets` cannot be read here
              shell: bash
              timeout-minutes: 5
             #^^^^^^^^^^^^^^^ unknown-key: `timeout-minutes` is not a key of a step of an action
            - run: echo
             #^^^^^^^^^ missing-key: a `run` step of an action has no `shell`
            - wait-all:
             #^^^^^^^^ conflicting-keys: `wait-all` cannot stand inside an action
            - run: last
              shell: bash
        ",
    );
    let ActionBody::Composite(composite) = &read.value.body else { panic!() };
    assert!(matches!(composite.steps[2].body, StepBody::Unreadable));
    assert!(matches!(composite.steps[3].body, StepBody::Run(_)));
}

#[test]
fn javascript_and_docker_actions_are_read() {
    let read = check_action(
        "
        runs: {using: node24, main: a.js, post: b.js, post-if: success(), pre-if: 'matrix.x && foo'}
                                                                                              #^^^ unknown-context: there is no context `foo`
        ",
    );
    let ActionBody::JavaScript(javascript) = &read.value.body else { panic!() };
    assert_eq!((&*javascript.main, javascript.post.as_deref()), ("a.js", Some("b.js")));
    let read = check_action(
        "
        runs:
          using: docker
          image: Dockerfile
          args: ['${{ inputs.a }}', '${{ github.ref }}']
                                        #^^^^^^ context-not-allowed: the context `github` cannot be read here
          env: {A: '${{ inputs.a }}'}
          main: x
         #^^^^ unknown-key: `main` is not a key of a Docker action
        ",
    );
    let ActionBody::Docker(docker) = &read.value.body else { panic!() };
    assert_eq!((&*docker.image, docker.args.len()), ("Dockerfile", 2));
}

#[test]
fn what_runs_nothing_is_refused() {
    check_action("name: x\n#^^^^^^ missing-key: the action has no `runs`\n");
    check_action("runs: {main: x}\n     #^^^^^^^^^ missing-key: `runs` has no `using`\n");
    check_action(
        "runs: {using: node22, main: x}\n             #^^^^^^ invalid-value: nothing runs an action `using: node22`\n",
    );
    let read = check_action(
        "
        input: {}
        #^^^^ unknown-key: `input` is not a key of an action, and GitHub ignores it
        runs: {using: node20}
             #^^^^^^^^^^^^^^^ missing-key: a JavaScript action has no `main`
        ",
    );
    assert!(matches!(read.value.body, ActionBody::Unreadable));
}
