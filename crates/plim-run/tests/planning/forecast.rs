//! What will become of each job, as far as that is known.

use plim_run::event::Cause;
use plim_run::plan::{Forecast, Outlook, Prospect};

use crate::support::{MATRIX, calling, job, jobs, only, planned};

#[test]
fn the_forecast_says_of_each_job_what_will_become_of_it() {
    let plan = planned(&jobs(
        "  ok: { runs-on: ubuntu-latest, steps: [{ run: echo }] }
  off: { if: false, runs-on: ubuntu-latest, steps: [{ run: cargo publish }] }
  after-off: { needs: off, runs-on: ubuntu-latest, steps: [{ run: echo }] }
  gate: { needs: [ok, off], if: always(), runs-on: ubuntu-latest, steps: [{ run: echo }] }
  mac: { runs-on: macos-latest, steps: [{ run: echo }] }
  after-mac: { needs: mac, if: always(), runs-on: ubuntu-latest, steps: [{ run: echo }] }
  part:
    strategy: { matrix: { os: [ubuntu-latest, macos-latest] } }
    runs-on: '${{ matrix.os }}'
    steps: [{ run: echo }]
",
    ));
    let forecast = Forecast::of(&plan);
    let outlook = |id: &str| forecast.job(job(only(&plan), id)).clone();
    assert_eq!(outlook("ok"), Outlook::Runs);
    assert_eq!(outlook("off"), Outlook::Skipped("its `if` is false".into()));
    assert_eq!(outlook("after-off"), Outlook::Skipped("it needs `off`, which is skipped".into()));
    assert_eq!(outlook("gate"), Outlook::Runs);
    assert!(matches!(outlook("mac"), Outlook::Blocked(Cause::Runner { .. })));
    let mac = "ci.yml:mac";
    assert!(
        matches!(outlook("after-mac"), Outlook::Undetermined { because, .. } if because == mac)
    );
    assert_eq!(outlook("part"), Outlook::RunsInPart);
    // Each cause once, with everything that it keeps from running.
    assert_eq!(forecast.blocked.len(), 1);
    assert_eq!(forecast.blocked[0].1.len(), 2);
}

#[test]
fn a_call_of_which_nothing_can_run_is_undetermined() {
    let inner =
        "on: workflow_call\njobs:\n  x: { runs-on: macos-latest, steps: [{ run: echo }] }\n";
    let caller = "  release: { uses: ./.github/workflows/inner.yml }\n  after: { needs: release, runs-on: ubuntu-latest, steps: [{ run: echo }] }\n";
    let plan = planned(&calling(caller, inner));
    let forecast = Forecast::of(&plan);
    for id in ["release", "after"] {
        let outlook = forecast.job(job(only(&plan), id));
        let Outlook::Undetermined { because, cause } = outlook else { panic!("{outlook:?}") };
        assert_eq!(because, "ci.yml:release/x");
        assert!(matches!(cause, Cause::Runner { .. }), "{cause:?}");
    }
}

/// How many legs are ready, and how many would be without causes of some kinds.
fn ready(plan: &plim_run::Plan, lifted: &dyn Fn(&Cause) -> bool) -> Vec<String> {
    let forecast = Forecast::if_lifted(plan, lifted);
    let entries = forecast.entries(plan);
    let ready = entries.iter().filter(|entry| entry.prospect == Prospect::Ready);
    ready.map(|entry| entry.key.to_owned()).collect()
}

#[test]
fn a_job_with_two_causes_runs_only_without_both() {
    let plan = planned(&jobs(
        "
  both: { runs-on: ubuntu-latest, steps: [{ uses: octo/unknown@v1 }, { run: sudo make install }] }
  after: { needs: both, runs-on: ubuntu-latest, steps: [{ run: echo }] }
  sudo: { runs-on: ubuntu-latest, steps: [{ run: sudo make install }] }
  mac: { runs-on: macos-latest, steps: [{ uses: octo/unknown@v1 }] }
",
    ));
    let is_action = |cause: &Cause| matches!(cause, Cause::Action { .. });
    let is_sudo = |cause: &Cause| matches!(cause, Cause::Privilege { .. });
    assert!(ready(&plan, &|_| false).is_empty());
    assert!(ready(&plan, &is_action).is_empty());
    assert_eq!(ready(&plan, &is_sudo), ["ci.yml:sudo"]);
    let both = ready(&plan, &|cause| is_action(cause) || is_sudo(cause));
    assert_eq!(both, ["ci.yml:both", "ci.yml:after", "ci.yml:sudo"]);
}

#[test]
fn legs_of_called_workflows_are_counted_in_place_of_the_call() {
    let inner = "on: workflow_call\njobs:\n  x: { strategy: { matrix: { a: [1, 2] } }, runs-on: ubuntu-latest, steps: [{ run: echo }] }\n  y: { runs-on: macos-latest, steps: [{ run: echo }] }\n";
    let caller = "  m: { runs-on: macos-latest, steps: [{ run: echo }] }\n  release: { uses: ./.github/workflows/inner.yml }\n  later: { needs: m, uses: ./.github/workflows/inner.yml }\n";
    let plan = planned(&calling(caller, inner));
    let forecast = Forecast::of(&plan);
    let entries = forecast.entries(&plan);
    let told = entries.iter().map(|entry| match entry.prospect {
        Prospect::Ready => format!("{} ready", entry.key),
        Prospect::Stopped { inherited: true, .. } => format!("{} waits", entry.key),
        other => format!("{} {}", entry.key, matches!(other, Prospect::Stopped { .. })),
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            "ci.yml:m true",
            "ci.yml:release/x[1] ready",
            "ci.yml:release/x[2] ready",
            "ci.yml:release/y true",
            "ci.yml:later/x[1] waits",
            "ci.yml:later/x[2] waits",
            "ci.yml:later/y waits",
        ]
    );
}

#[test]
fn the_document_is_stable_json() {
    let plan = planned(&jobs(MATRIX));
    let past = |key: &plim_run::JobKey| {
        (&*key.0 == "ci.yml:test[1]").then(|| std::time::Duration::from_secs(2))
    };
    let document = plim_run::plan::document(&plan, &past);
    let legs = &document["workflows"][0]["jobs"][0]["legs"];
    assert_eq!(legs[0]["key"], "ci.yml:test[1]");
    assert_eq!(legs[0]["milliseconds"], 2000);
    assert_eq!(legs[1]["milliseconds"], serde_json::Value::Null);
    assert_eq!(legs[2]["blocked"]["cause"], "runner");
    assert_eq!(document["blocked"][0]["count"], 2);
    assert_eq!(document["workflows"][0]["jobs"][0]["outlook"], "runs-in-part");
    let again = plim_run::plan::document(&plan, &past);
    assert_eq!(document.to_string(), again.to_string());
}
