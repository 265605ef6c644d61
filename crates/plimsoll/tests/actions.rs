//! The semantics of local actions: composite and JavaScript.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

mod support;

use support::Harbour;

/// A job that uses `./action` after a checkout, between these steps.
fn using(action: &str, before: &str, step: &str, after: &str) -> Harbour {
    let steps = [before, "- uses: actions/checkout@v4\n", step, after];
    let steps: String = steps.iter().map(|piece| support::indented(piece)).collect();
    let steps: String =
        steps.lines().map(|line| format!("{}\n", line.get(2..).unwrap_or(""))).collect();
    let harbour = Harbour::with_steps(&steps);
    harbour.file("action/action.yml", action);
    harbour
}

#[test]
fn semantic_09_steps_of_a_composite_action_ask_for_its_own_status() {
    let action = "
runs:
  using: composite
  steps:
    - run: echo \"runs although the job failed ${{ github.action_status }}\"
      shell: bash
    - run: exit 1
      shell: bash
    - run: echo not this
      shell: bash
    - if: failure()
      run: echo its own failure
      shell: bash
";
    let harbour = using(action, "", "- run: exit 1\n- {uses: ./action, if: always()}\n", "");
    let ran = harbour.run().failed();
    ran.prints("runs although the job failed success")
        .prints("its own failure")
        .never_prints("not this");
}

#[test]
fn semantic_09_post_parts_in_a_composite_action_ask_for_the_status_of_the_job() {
    let action = "
runs:
  using: composite
  steps: [{uses: ./action/inner}]
";
    let harbour = using(action, "", "- uses: ./action\n- run: exit 1\n", "");
    harbour.file(
        "action/inner/action.yml",
        "runs: {using: node20, main: main.js, post: post.js, post-if: failure()}\n",
    );
    harbour.file("action/inner/main.js", "console.log('main')");
    harbour.file("action/inner/post.js", "console.log('post of a job that failed')");
    harbour.run().failed().prints("main").prints("post of a job that failed");
}

#[test]
fn semantic_17_of_a_callers_variables_only_the_steps_own_flow_in() {
    let action = "
runs:
  using: composite
  steps:
    - run: |
        echo \"in: $OWN $LATER ${{ env.OWN }}\"
        echo LATER=set inside >> $GITHUB_ENV
        echo OWN=lost inside >> $GITHUB_ENV
      shell: bash
    - run: echo \"next $OWN $LATER\"
      shell: bash
";
    let harbour = using(
        action,
        "",
        "- uses: ./action\n  env: {OWN: mine}\n",
        "- run: echo \"after $OWN $LATER\"\n",
    );
    let ran = harbour.run().passed();
    ran.prints("in: mine  mine")
        .prints("next mine set inside")
        .prints("after lost inside set inside");
}

#[test]
fn semantic_18_inputs_are_variables_for_node_and_never_for_composite_scripts() {
    let action = "
inputs: {some-word: {default: given}}
runs:
  using: composite
  steps:
    - run: env | grep -c '^INPUT_' || echo \"${{ inputs.some-word }} none\"
      shell: bash
";
    using(action, "", "- uses: ./action\n", "").run().passed().prints("given none");

    let action = "
inputs: {some-word: {default: given}, with blank: {default: b}}
runs: {using: node16, main: main.js}
";
    let harbour = using(action, "", "- uses: ./action\n", "");
    harbour.file(
        "action/main.js",
        "console.log(process.env['INPUT_SOME-WORD'], process.env.INPUT_WITH_BLANK)",
    );
    harbour.run().passed().prints("given b");
}

#[test]
fn semantic_19_local_actions_never_run_pre_and_are_looked_for_only_when_reached() {
    let action = "runs: {using: node20, pre: pre.js, main: main.js}\n";
    let steps = "- {uses: ./does-not-exist, if: false}\n- uses: ./action\n";
    let harbour = using(action, "", steps, "");
    harbour
        .file("action/pre.js", "console.log('pre')")
        .file("action/main.js", "console.log('main')");
    harbour.run().passed().prints("main").never_prints("pre");
}

#[test]
fn semantic_46_the_exit_code_is_the_only_verdict_on_a_node_action() {
    let step = "- uses: ./action\n  env: {NODE_ICU_DATA: /nowhere, OTHER: stays}\n";
    let before = "- run: echo NODE_ICU_DATA=/elsewhere >> $GITHUB_ENV\n";
    let harbour = using("runs: {using: node12, main: main.js}\n", before, step, "");
    harbour.file(
        "action/main.js",
        "console.log('::error::only said'); const e = process.env; console.log(e.OTHER, 'icu:' + e.NODE_ICU_DATA)",
    );
    let ran = harbour.run().passed();
    assert_eq!(ran.annotations("error"), ["only said"]);
    ran.prints("stays icu:undefined");
    harbour.file("action/main.js", "console.log('nothing is wrong'); process.exitCode = 3");
    let ran = harbour.run().failed();
    assert_eq!(ran.of("step-finished").filter(|event| event["exit-code"] == 3).count(), 1);
}

#[test]
fn outputs_of_a_composite_action_come_from_its_steps() {
    let action = "
inputs: {word: {required: true}}
outputs:
  twice: {value: \"${{ steps.s.outputs.twice }}\"}
runs:
  using: composite
  steps:
    - id: s
      run: echo \"twice=${{ inputs.word }}${{ inputs.word }}\" >> $GITHUB_OUTPUT
      shell: bash
    - run: test -f ${{ github.action_path }}/action.yml
      shell: bash
";
    let steps = "- {uses: ./action, id: a, with: {word: ho}}\n";
    let harbour = using(action, "", steps, "- run: echo '${{ steps.a.outputs.twice }}'\n");
    harbour.run().passed().prints("hoho");
}

#[test]
fn a_local_action_before_the_checkout_says_what_is_missing() {
    let harbour = Harbour::with_steps("- uses: ./action");
    harbour.file("action/action.yml", "runs: {using: composite, steps: []}\n");
    let ran = harbour.run().failed();
    assert!(
        ran.annotations("error").iter().any(|text| text.contains("checkout")),
        "{}",
        ran.everything()
    );
}

#[test]
fn a_dollar_slash_action_needs_no_checkout() {
    let harbour = Harbour::with_steps("- uses: $/action");
    harbour.file(
        "action/action.yml",
        "runs: {using: composite, steps: [{run: echo own, shell: bash}]}\n",
    );
    harbour.run().passed().prints("own");
}
