//! The repository that a job sees after a checkout.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

mod support;

use support::Harbour;

#[test]
fn the_remote_has_the_address_of_the_forge_and_is_fetched_from_this_machine() {
    let harbour = Harbour::with_steps(
        "
        - uses: actions/checkout@v4
        - run: |
            git remote get-url origin
            git remote -v | tr '\\t' ' '
            git fetch -q origin +refs/heads/main:refs/remotes/origin/main
            git fetch -q --unshallow
            git ls-remote origin refs/heads/main
            git ls-remote https://github.com/octo/cat.git refs/heads/main
            git remote show origin | grep 'HEAD branch'
        - name: push
          continue-on-error: true
          run: git push origin HEAD:refs/heads/other 2>&1
        - name: push to the address
          continue-on-error: true
          run: git push https://github.com/octo/cat HEAD:refs/heads/other 2>&1
        - name: push over ssh
          continue-on-error: true
          run: git push git@github.com:octo/cat.git HEAD:refs/heads/other 2>&1
        ",
    );
    harbour.commit();
    harbour.git(&["remote", "add", "origin", "git@github.com:octo/cat.git"]);
    let ran = harbour.run_with(&["--allow-publish", "job"]).passed();
    let head = harbour.git(&["rev-parse", "HEAD"]);
    ran.prints("https://github.com/octo/cat").prints("origin https://github.com/octo/cat (fetch)");
    let listed = format!("{head}\trefs/heads/main");
    assert_eq!(ran.printed().iter().filter(|line| **line == listed).count(), 2);
    ran.prints("  HEAD branch: main");
    for step in ["push", "push to the address", "push over ssh"] {
        let outcome = ran.steps().into_iter().find(|(name, _, _)| name == step).unwrap().1;
        assert_eq!(outcome, "failure", "{step}");
    }
    let refused = ran.printed().into_iter().filter(|line| line.contains("no-push"));
    assert!(refused.count() >= 3, "{}", ran.everything());
}

#[test]
fn what_is_edited_during_a_run_is_built_by_the_next_one() {
    let harbour = Harbour::with_steps(
        "
        - uses: actions/checkout@v4
        - run: |
            mkdir -p target
            echo 'Signature: 8a477f597d28d172789f06886806bc55' > target/CACHEDIR.TAG
            [ -e target/out ] && [ ! src -nt target/out ] && echo fresh && exit
            built=$(cat src)
            echo started
            until [ -e $SHARED/go ]; do sleep 0.02; done
            echo \"built $built\"
            echo \"$built\" > target/out
        ",
    );
    harbour.file("src", "one").file(".gitignore", "/target\n").commit();
    let first = harbour.start_until("started");
    harbour.file("src", "two");
    harbour.file("../shared/go", "");
    first.finish().passed().prints("built one");
    harbour.run().passed().prints("built two");
    harbour.run().passed().prints("fresh");
}
