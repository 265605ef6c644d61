//! Jobs that publish, and are withheld.

use plim_run::Request;
use plim_run::event::Cause;

use crate::support::{cause, cause_of_step, jobs};

#[test]
fn what_publishes_is_withheld_unless_it_is_allowed() {
    let repository = jobs(
        "  release:\n    runs-on: ubuntu-latest\n    steps: [{ name: Ship, run: cargo publish }]\n",
    );
    let what = "step `Ship` runs `cargo publish`".to_owned();
    assert_eq!(cause(&repository, Request::default()), Some(Cause::Publishes { what }));
    for name in ["release", "ci.yml:release"] {
        let allowed =
            cause(&repository, Request { allow_publish: vec![name.into()], ..Request::default() });
        assert!(!matches!(allowed, Some(Cause::Publishes { .. })), "{allowed:?}");
    }
    let other = Request { allow_publish: vec!["rel".into()], ..Request::default() };
    assert!(matches!(cause(&repository, other), Some(Cause::Publishes { .. })));
}

#[test]
fn publishing_counts_before_what_is_missing_and_also_after_a_failure() {
    for step in [
        "uses: softprops/action-gh-release@v2",
        "{ run: git push, if: failure() }",
        "{ run: 'npm publish', shell: pwsh }",
        "{ run: \"import os; os.system('cargo publish')\", shell: python }",
        "{ uses: docker/build-push-action@v6, with: { push: \"${{ github.event_name == 'push' }}\" } }",
    ] {
        assert!(matches!(cause_of_step(step), Some(Cause::Publishes { .. })), "{step}");
    }
    for step in [
        "{ run: git push, if: github.ref == 'refs/heads/release' }",
        "{ run: \"cargo publish ${{ github.ref == 'refs/heads/main' && '--dry-run' || '' }}\" }",
        "run: echo git push",
    ] {
        assert!(!matches!(cause_of_step(step), Some(Cause::Publishes { .. })), "{step}");
    }
}

#[test]
fn scripts_of_the_repository_are_looked_into() {
    let repository = jobs(
        "  a:\n    runs-on: ubuntu-latest\n    defaults: { run: { working-directory: tools } }\n    steps: [{ run: ./ship.sh }]\n",
    );
    repository.executable("tools/ship.sh", "#!/bin/sh\nmake -C .. release\n");
    repository.write("Makefile", "release:\n\tgh release create v1\n");
    let what = "step `./ship.sh` runs `tools/ship.sh`, which runs `make release`, which runs `gh release create v1`".to_owned();
    assert_eq!(cause(&repository, Request::default()), Some(Cause::Publishes { what }));
}
