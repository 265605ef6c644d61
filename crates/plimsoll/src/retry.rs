//! Finds the run that `plim run --failed` repeats, or says why there is nothing to retry.

use plim_diag::{Code, Diagnostic, Sources};
use plim_run::{
    Plan, basis,
    history::{Earlier, History},
};

use crate::{exit::Exit, refusal::Refusal};

/// The last run of what `plan` asks for, in which something did not pass.
///
/// Errors, with the exit code of nothing triggered: no such run is kept, or nothing in it is left to retry.
pub(crate) fn earlier(plan: &Plan) -> Result<Earlier, Refusal> {
    let history = History::of(&plan.source.root);
    let Some(earlier) = history.last_like(&basis::asked(plan))? else {
        return Err(none_kept(&history));
    };
    if earlier.is_settled(plan) {
        let message = format!("nothing to retry: no job failed in run {}", earlier.run);
        let help = "run all of it again with `plim run`";
        return Err(nothing(Diagnostic::note(Code("nothing-to-retry"), message).help(help)));
    }
    Ok(earlier)
}

/// Tells a repository that never ran from one whose history holds other runs only.
fn none_kept(history: &History) -> Refusal {
    let kept = history.runs().map_or(0, |runs| runs.len());
    let diagnostic = if kept == 0 {
        let message = "nothing to retry: no run is kept here; it may have been evicted";
        Diagnostic::note(Code("nothing-to-retry"), message).help("run it with `plim run`")
    } else {
        let message =
            format!("nothing to retry: none of the {kept} runs that are kept is one of just this");
        let help = "give the workflows, event, inputs and jobs of the run that failed (`plim runs` lists \
                    them); it may also have been evicted, then run it again without `--failed`";
        Diagnostic::note(Code("nothing-to-retry"), message).help(help)
    };
    nothing(diagnostic)
}

fn nothing(diagnostic: Diagnostic) -> Refusal {
    Refusal { exit: Exit::Nothing, diagnostics: vec![diagnostic], sources: Sources::new() }
}
