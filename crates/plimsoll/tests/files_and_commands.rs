//! The semantics of environment files, workflow commands, masking and summaries.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

mod support;

use support::Harbour;

#[test]
fn semantic_10_whichever_of_equals_and_heredoc_comes_first_decides() {
    let ran = Harbour::with_steps(
        "
        - run: |
            echo 'B=c<<d' >> $GITHUB_ENV
            printf 'M<<END\\na=b\\nsecond\\nEND\\n' >> $GITHUB_ENV
        - run: echo \"$B|$M\"
        ",
    )
    .run()
    .passed();
    ran.prints("c<<d|a=b").prints("second");
}

#[test]
fn semantic_11_a_bad_line_fails_the_step_after_its_process_succeeded() {
    let ran = Harbour::with_steps(
        "
        - name: bad
          run: |
            echo GOOD=1 >> $GITHUB_ENV
            echo 'neither' >> $GITHUB_ENV
            echo finished
        - if: failure()
          run: echo \"good $GOOD\"
        ",
    )
    .run()
    .failed();
    ran.prints("finished").prints("good 1");
    assert_eq!(ran.step("bad"), "failure");
}

#[test]
fn semantic_12_a_heredoc_needs_its_delimiter_on_a_line_of_its_own() {
    let ran = Harbour::with_steps(
        "
        - run: printf 'V<<EOF\\none\\n\\nEOF\\n' >> $GITHUB_OUTPUT
          id: whole
        - run: |
            printf '[%s]\\n' \"$V\"
          env: {V: \"${{ steps.whole.outputs.V }}\"}
        - name: open
          run: printf 'V<<EOF\\none\\n EOF\\n' >> $GITHUB_OUTPUT
        ",
    )
    .run()
    .failed();
    ran.prints("[one").prints("]");
    assert_eq!(ran.step("open"), "failure");
}

#[test]
fn semantic_13_node_options_cannot_be_set_for_other_steps() {
    let ran = Harbour::with_steps(
        "
        - run: |
            echo 'NODE_OPTIONS=--require evil' >> $GITHUB_ENV
            echo OTHER=fine >> $GITHUB_ENV
        - run: echo \"${NODE_OPTIONS-unset} $OTHER\"
        ",
    )
    .run()
    .passed();
    ran.prints("unset fine");
    assert!(ran.annotations("error").iter().any(|text| text.contains("NODE_OPTIONS")));
}

#[test]
fn semantic_14_each_step_gets_files_of_its_own() {
    let ran = Harbour::with_steps(
        "
        - run: |
            for file in ENV OUTPUT PATH STATE STEP_SUMMARY; do
              name=GITHUB_$file
              echo \"${!name}\" >> ../names
            done
            echo 'one' >> $GITHUB_STEP_SUMMARY
        - run: |
            for file in ENV OUTPUT PATH STATE STEP_SUMMARY; do
              name=GITHUB_$file
              grep -q \"^${!name}$\" ../names && echo same || echo \"another $file\"
              test ! -s \"${!name}\" && echo \"empty $file\"
            done
        ",
    )
    .run()
    .passed();
    for file in ["ENV", "OUTPUT", "PATH", "STATE", "STEP_SUMMARY"] {
        ran.prints(&format!("another {file}")).prints(&format!("empty {file}"));
    }
}

#[test]
fn semantic_15_the_path_added_last_comes_first_and_finds_the_shell_too() {
    let ran = Harbour::with_steps(
        "
        - run: |
            mkdir -p $RUNNER_TEMP/a $RUNNER_TEMP/b
            printf '#!/bin/sh\\necho a\\n' > $RUNNER_TEMP/a/tool
            printf '#!/bin/sh\\necho b\\n' > $RUNNER_TEMP/b/tool
            printf '#!/bin/sh\\necho own shell\\n' > $RUNNER_TEMP/a/ownshell
            chmod +x $RUNNER_TEMP/*/*
            echo $RUNNER_TEMP/a >> $GITHUB_PATH
            echo $RUNNER_TEMP/b >> $GITHUB_PATH
            echo $RUNNER_TEMP/a >> $GITHUB_PATH
        - run: tool; echo $PATH | tr ':' '\\n' | grep -c \"^$RUNNER_TEMP/a$\"
        - shell: ownshell {0}
          run: whatever
        ",
    )
    .run()
    .passed();
    ran.prints("a").prints("1").prints("own shell").never_prints("b");
}

#[test]
fn semantic_22_commands_may_be_indented_and_must_be_known() {
    let ran = Harbour::with_steps(
        "
        - run: |
            echo '   ::warning file=a.rs,line=3,title=T%3A::two%0Alines %25'
            echo '::nonsense::text'
            echo 'x ::error::not at the start'
            echo '##[error]old form;%5D'
        ",
    )
    .run()
    .passed();
    assert_eq!(ran.annotations("warning"), ["two\nlines %"]);
    assert_eq!(ran.annotations("error"), ["old form;]"]);
    ran.prints("::nonsense::text").prints("x ::error::not at the start");
    let warning = ran.of("annotated").next().unwrap();
    assert_eq!(warning["annotation"]["title"], "T:");
    assert_eq!(warning["annotation"]["line"], 3);
}

#[test]
fn semantic_23_commands_stop_until_their_token_comes() {
    let ran = Harbour::with_steps(
        "
        - run: |
            TOKEN=a-token-$((40 + 2))
            echo \"::stop-commands::$TOKEN\"
            echo '::error::not seen'
            echo \"::$TOKEN::\"
            echo '::error::seen'
        - name: bad token
          run: echo '::stop-commands::warning'
        ",
    )
    .run()
    .failed();
    assert!(ran.annotations("error").contains(&"seen"));
    assert!(!ran.annotations("error").contains(&"not seen"));
    assert_eq!(ran.step("bad token"), "failure");
    assert!(!ran.everything().contains("a-token-42"), "a long token is a secret");
}

#[test]
fn semantic_24_masks_cover_lines_and_encodings() {
    let harbour = Harbour::with_steps(
        "
        - env: {S: \"${{ secrets.DEPLOY }}\"}
          run: |
            echo \"plain $S\"
            printf '%s' \"$S\" | base64 -w0; echo
            printf 'x%s' \"$S\" | base64 -w0; echo
            printf 'xx%s' \"$S\" | base64 -w0; echo
            word=seco; echo \"::add-mask::first of two%0A${word}nd of two\"
            echo \"only ${word}nd of two here\"
            printf 'deploy-key'; sleep 0.1; printf '%s\\n' '-4711 split'
        - run: 'echo \"name: ${{ secrets.DEPLOY }}\"'
        ",
    )
    .variable("DEPLOY", "deploy-key-4711 split");
    let ran = harbour.run_with(&["--secret", "DEPLOY"]).passed();
    let everything = ran.everything();
    for secret in ["deploy-key-4711", "ZGVwbG95LWtleS00NzEx", "RlcGxveS1rZXktNDcx", "second of two"]
    {
        assert!(!everything.contains(secret), "{secret} in {everything}");
    }
    ran.prints("plain ***").prints("only *** here");
}

#[test]
fn semantic_25_outputs_with_a_secret_are_dropped() {
    let harbour = Harbour::with_jobs(
        "
        make:
          runs-on: ubuntu-latest
          outputs:
            open: ${{ steps.s.outputs.open }}
            closed: ${{ steps.s.outputs.closed }}
            empty: ${{ steps.s.outputs.empty }}
          steps:
            - id: s
              env: {S: \"${{ secrets.KEY }}\"}
              run: |
                echo open=1 >> $GITHUB_OUTPUT
                echo \"closed=has $S in it\" >> $GITHUB_OUTPUT
        use:
          needs: make
          runs-on: ubuntu-latest
          steps:
            - run: echo '${{ toJSON(needs.make.outputs) }}' | tr -d ' \\n'
        ",
    )
    .variable("KEY", "a-long-secret-value");
    let ran = harbour.run_with(&["-s", "KEY"]).passed();
    ran.prints("{\"open\":\"1\"}");
    assert!(ran.notices().iter().any(|text| text.contains("closed")));
}

#[test]
fn secrets_reach_only_the_steps_that_name_them() {
    let harbour = Harbour::with_steps(
        "
        - env: {MINE: \"${{ secrets.KEY }}\"}
          run: test \"$MINE\" = a-long-secret-value && echo has it
        - run: env | grep -c a-long-secret-value || echo has it not
        ",
    )
    .variable("KEY", "a-long-secret-value");
    harbour.run_with(&["-s", "KEY"]).passed().prints("has it").prints("has it not");
}

#[test]
fn semantic_31_values_in_env_are_printed_as_yaml_reads_them() {
    let ran = Harbour::with_steps(
        "
        - env: {A: 1.10, B: 0755, C: 0o10, D: 1_000, E: yes, F: true, G: '1.10', H: 1e3, I: ~}
          run: echo \"$A $B $C $D $E $F $G $H [$I]\"
        ",
    )
    .run()
    .passed();
    ran.prints("1.1 755 8 1_000 yes true 1.10 1000 []");
}

#[test]
fn semantic_32_anchors_are_followed_and_merge_keys_are_not() {
    let ran = Harbour::with_steps(
        "
        - env: &shared {A: one}
          run: &script echo \"A is $A\"
        - env: *shared
          run: *script
        ",
    )
    .run()
    .passed();
    assert_eq!(ran.printed(), ["A is one", "A is one"]);

    let ran = Harbour::with_steps(
        "
        - &base
          run: echo hi
        - <<: *base
          name: merged
        ",
    )
    .run();
    assert_ne!(ran.code, 0);
}

#[test]
fn semantic_40_hash_files_hashes_what_is_in_the_workspace() {
    let harbour = Harbour::with_steps(
        "
        - run: echo 'before[${{ hashFiles('**/*.lock') }}]'
        - uses: actions/checkout@v4
        - run: |
            echo 'after[${{ hashFiles('**/*.lock') }}]'
            one=$(sha256sum a/x.lock | cut -d' ' -f1)
            two=$(sha256sum b.lock | cut -d' ' -f1)
            echo \"want[$(printf '%s%s' $one $two | xxd -r -p | sha256sum | cut -d' ' -f1)]\"
        ",
    );
    harbour.file("a/x.lock", "one").file("b.lock", "two").file("c.txt", "three");
    let ran = harbour.run().passed();
    ran.prints("before[]");
    let value = |word: &str| {
        let line = ran.printed().into_iter().find_map(|line| line.strip_prefix(word));
        line.unwrap_or_else(|| panic!("{word} in {:?}", ran.printed())).to_owned()
    };
    assert_eq!(value("after"), value("want"));
}

#[test]
fn semantic_43_too_large_a_summary_is_an_error_to_see_but_no_failure() {
    let ran = Harbour::with_steps(
        "
        - run: head -c 1048577 /dev/zero | tr '\\0' 'x' >> $GITHUB_STEP_SUMMARY
        - run: echo '# fine' >> $GITHUB_STEP_SUMMARY
        ",
    )
    .run()
    .passed();
    assert_eq!(ran.annotations("error").len(), 1);
    let summaries: Vec<_> = ran.of("summary").map(|event| &event["text"]).collect();
    assert_eq!(summaries, ["# fine\n"]);
}

#[test]
fn problem_matchers_make_annotations() {
    let harbour = Harbour::with_steps(
        "
        - uses: actions/checkout@v4
        - run: |
            echo '::add-matcher::matcher.json'
            echo 'src/lib.rs:3:7: error: it is broken'
        ",
    );
    harbour.file("src/lib.rs", "x").file(
        "matcher.json",
        r#"{"problemMatcher": [{"owner": "t", "pattern": [{"regexp": "^(.+):(\\d+):(\\d+): (error|warning): (.*)$", "file": 1, "line": 2, "column": 3, "severity": 4, "message": 5}]}]}"#,
    );
    let ran = harbour.run().passed();
    assert_eq!(ran.annotations("error"), ["it is broken"]);
}

#[test]
fn what_a_process_left_behind_writes_is_not_taken_for_the_next_steps() {
    let ran = Harbour::with_steps(
        "
        - run: \"true\"
        - run: |
            late() { while [ ! -e go ]; do sleep 0.02; done; echo x=late >> $GITHUB_OUTPUT; touch done; }
            late > late.log 2>&1 &
        - id: next
          run: |
            touch go
            while [ ! -e done ]; do sleep 0.02; done
            echo y=own >> $GITHUB_OUTPUT
        - run: echo \"[${{ steps.next.outputs.x }}|${{ steps.next.outputs.y }}]\"
        ",
    )
    .run()
    .passed();
    ran.prints("[|own]");
}
