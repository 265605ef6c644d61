//! Mends a text: splices edits into its bytes, and keeps only what still reads.

use crate::{Edit, Finding, Fix, Kind, Safety, Subject};

/// A mended text.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Mended {
    /// The text; everything outside of the edits is byte for byte as it was.
    pub text: String,
    /// The edits that were made, in the order of the text they were made in.
    pub edits: Vec<Edit>,
    /// How many findings they mend.
    pub mended: usize,
}

/// Mends what `findings` offer a fix for, those that may change more only with `Safety::Unsafe`.
///
/// A fix that overlaps one before it is left for the next time, and one after which the file has an error of reading
/// that it did not have before is not made.
#[must_use]
pub fn mend(subject: &Subject, findings: &[Finding], most: Safety) -> Mended {
    let fixes = findings.iter().filter_map(|finding| finding.fix.as_ref());
    let mut chosen: Vec<&Fix> = Vec::new();
    for fix in fixes.filter(|fix| fix.safety <= most && fits(fix, subject.text())) {
        if !chosen.iter().any(|other| collide(other, fix)) {
            chosen.push(fix);
        }
    }
    let whole = mended(subject.text(), &chosen);
    if chosen.is_empty() || reads(subject, &whole.text) {
        return whole;
    }
    // One of them breaks the file; the others are made without it.
    let alone = |fix: &&Fix| reads(subject, &mended(subject.text(), &[fix]).text);
    let sound: Vec<&Fix> = chosen.into_iter().filter(alone).collect();
    let rest = mended(subject.text(), &sound);
    if reads(subject, &rest.text) { rest } else { mended(subject.text(), &[]) }
}

fn mended(text: &str, fixes: &[&Fix]) -> Mended {
    let mut edits: Vec<Edit> = fixes.iter().flat_map(|fix| fix.edits.iter().cloned()).collect();
    edits.sort();
    Mended { text: spliced(text, &edits), edits, mended: fixes.len() }
}

/// The text with `edits`, which are in order and do not overlap, made in it.
fn spliced(text: &str, edits: &[Edit]) -> String {
    let (mut result, mut from) = (String::with_capacity(text.len()), 0);
    for edit in edits {
        let range = edit.span.range();
        result.push_str(text.get(from..range.start).unwrap_or(""));
        result.push_str(&edit.replacement);
        from = range.end;
    }
    result.push_str(text.get(from..).unwrap_or(""));
    result
}

/// Whether the edits of `fix` are places of `text` that do not overlap one another.
fn fits(fix: &Fix, text: &str) -> bool {
    let inside = fix.edits.iter().all(|edit| edit.span.text(text).is_some());
    let mut edits: Vec<&Edit> = fix.edits.iter().collect();
    edits.sort();
    inside && !edits.is_empty() && edits.windows(2).all(|pair| !overlap(pair[0], pair[1]))
}

fn collide(one: &Fix, other: &Fix) -> bool {
    one.edits.iter().any(|edit| other.edits.iter().any(|with| overlap(edit, with)))
}

/// Whether both touch the same bytes; two insertions at one place do, since their order would be by chance.
fn overlap(one: &Edit, other: &Edit) -> bool {
    let (one, other) = (one.span, other.span);
    one.start.max(other.start) < one.end.min(other.end) || one.start == other.start
}

/// Whether `text` has no more errors of reading than the file it was made of.
fn reads(subject: &Subject, text: &str) -> bool {
    let kind = Kind::of_document(&subject.document);
    let again = Subject::read(subject.path.as_ref(), text.as_bytes(), kind, subject.forge);
    errors(&again) <= errors(subject)
}

fn errors(subject: &Subject) -> usize {
    subject.diagnostics().iter().filter(|diagnostic| diagnostic.is_error()).count()
}

#[cfg(test)]
mod tests {
    use plim_diag::{Code, Diagnostic, Span};
    use plim_workflow::Forge;
    use proptest::prelude::*;

    use super::*;
    use crate::Tier;

    const TEXT: &str = "on: push # é\njobs:\n  a:\n    runs-on: x\n    steps: [run: b]\n";

    fn subject() -> Subject {
        Subject::read("ci.yml", TEXT.as_bytes(), Kind::Workflow, Forge::GitHub)
    }

    fn finding(edits: Vec<Edit>) -> Finding {
        let diagnostic = Diagnostic::error(Code("unknown-key"), "x");
        let mut finding = Finding { diagnostic, tier: Tier::Default, fix: None };
        finding.fix("mend", edits);
        finding
    }

    fn at(part: &str) -> Span {
        let start = u32::try_from(TEXT.find(part).unwrap()).unwrap();
        Span::new(start, start + u32::try_from(part.len()).unwrap())
    }

    #[test]
    fn edits_are_made_and_nothing_else_changes() {
        let findings = [
            finding(vec![Edit::replace(at("run: b"), "run: c")]),
            finding(vec![Edit::insert(at("jobs").start, "env: { A: b }\n")]),
        ];
        let mended = mend(&subject(), &findings, Safety::Safe);
        assert_eq!(
            mended.text,
            TEXT.replace("run: b", "run: c").replace("jobs", "env: { A: b }\njobs")
        );
        assert_eq!(mended.mended, 2);
    }

    #[test]
    fn a_fix_that_overlaps_or_breaks_the_file_is_not_made() {
        let findings = [
            finding(vec![Edit::replace(at("run: b"), "run: c")]),
            finding(vec![Edit::replace(at("b]"), "d]")]),
            finding(vec![Edit::replace(at("runs-on"), "runs-at")]),
        ];
        let mended = mend(&subject(), &findings, Safety::Safe);
        assert_eq!((mended.text, mended.mended), (TEXT.replace("run: b", "run: c"), 1));
    }

    #[test]
    fn what_may_change_more_is_made_only_when_asked() {
        let mut one = finding(vec![]);
        one.unsafe_fix("mend", vec![Edit::replace(at("run: b"), "run: c")]);
        let findings = [one];
        assert_eq!(mend(&subject(), &findings, Safety::Safe).mended, 0);
        assert_eq!(mend(&subject(), &findings, Safety::Unsafe).mended, 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn any_edits_leave_what_they_do_not_touch(places in prop::collection::vec((0..80_u32, 0..9_u32, "[a-z]{0,3}"), 0..6)) {
            let findings: Vec<Finding> = places
                .iter()
                .map(|(start, length, text)| finding(vec![Edit::replace(Span::new(*start, start + length), text)]))
                .collect();
            let subject = subject();
            let mended = mend(&subject, &findings, Safety::Safe);
            let removed: usize = mended.edits.iter().map(|edit| edit.span.len() as usize).sum();
            let added: usize = mended.edits.iter().map(|edit| edit.replacement.len()).sum();
            prop_assert_eq!(mended.text.len() + removed, TEXT.len() + added);
            let first = mended.edits.first().map_or(TEXT.len(), |edit| edit.span.start as usize);
            prop_assert_eq!(&mended.text[..first], &TEXT[..first]);
            prop_assert!(reads(&subject, &mended.text));
        }
    }
}
