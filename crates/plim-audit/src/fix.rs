//! Mends a text: splices edits into its bytes, and keeps only what still reads.

use plim_diag::Diagnostic;

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

impl Mended {
    /// What both do, `next` having been made in the text that `self` gave.
    #[must_use]
    pub fn then(self, next: Mended) -> Mended {
        let edits = composed(&self.edits, &next.edits, &next.text);
        Mended { text: next.text, edits, mended: self.mended + next.mended }
    }
}

/// The edits that do what `first` and then `second` do; `text` is what they give.
fn composed(first: &[Edit], second: &[Edit], text: &str) -> Vec<Edit> {
    let mut touched: Vec<(i64, i64)> = placed(first).into_iter().map(|(_, new)| new).collect();
    touched
        .extend(second.iter().map(|edit| (i64::from(edit.span.start), i64::from(edit.span.end))));
    touched.sort_unstable();
    let mut merged: Vec<(i64, i64)> = Vec::new();
    for (start, end) in touched {
        match merged.last_mut() {
            Some((_, last)) if start <= *last => *last = end.max(*last),
            _ => merged.push((start, end)),
        }
    }
    let (before, after) = (placed(first), placed(second));
    let edit = |(start, end): (i64, i64)| {
        let old = (
            start - grown(&before, start, |at| at.1),
            end - grown_through(&before, end, |at| at.1),
        );
        let new =
            (start + grown(&after, start, |at| at.0), end + grown_through(&after, end, |at| at.0));
        let part = usize::try_from(new.0).ok().zip(usize::try_from(new.1).ok());
        let replacement = part.and_then(|(from, to)| text.get(from..to)).unwrap_or("");
        let place = |at: i64| u32::try_from(at).unwrap_or(u32::MAX);
        Edit::replace(plim_diag::Span::new(place(old.0), place(old.1)), replacement)
    };
    merged.into_iter().map(edit).collect()
}

/// The bytes that an edit replaces in the old text, and those that stand there in the new one.
type Replaced = ((i64, i64), (i64, i64));

fn placed(edits: &[Edit]) -> Vec<Replaced> {
    let mut shift = 0;
    let place = |edit: &Edit| {
        let (start, end) = (i64::from(edit.span.start), i64::from(edit.span.end));
        let length = i64::try_from(edit.replacement.len()).unwrap_or(i64::MAX);
        let new = (start + shift, start + shift + length);
        shift += length - (end - start);
        ((start, end), new)
    };
    edits.iter().map(place).collect()
}

/// How many bytes the edits before `at` added, places being those that `of` chooses.
fn grown(edits: &[Replaced], at: i64, of: fn(&Replaced) -> (i64, i64)) -> i64 {
    edits
        .iter()
        .filter(|edit| of(edit).1 < at || (of(edit).1 == at && of(edit).0 < at))
        .map(growth)
        .sum()
}

/// The same with the edits that end at `at`.
fn grown_through(edits: &[Replaced], at: i64, of: fn(&Replaced) -> (i64, i64)) -> i64 {
    edits.iter().filter(|edit| of(edit).1 <= at).map(growth).sum()
}

fn growth(((start, end), (new_start, new_end)): &Replaced) -> i64 {
    (new_end - new_start) - (end - start)
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

/// Whether both touch the same bytes; an insertion inside of what is replaced does, and so do two insertions at one place,
/// since their order would be by chance.
fn overlap(one: &Edit, other: &Edit) -> bool {
    let (one, other) = (one.span, other.span);
    (one.start < other.end && other.start < one.end) || one.start == other.start
}

/// Whether `text` has no more errors of reading than the file it was made of.
fn reads(subject: &Subject, text: &str) -> bool {
    let kind = Kind::of_document(&subject.document);
    let again = Subject::read(subject.path.as_ref(), text.as_bytes(), kind, subject.forge);
    // A key that is written anew may stand there already.
    let of_yaml = |diagnostic: &Diagnostic| diagnostic.code.0.starts_with("yaml-");
    let any = |_: &Diagnostic| true;
    errors(&again, any) <= errors(subject, any)
        && errors(&again, of_yaml) <= errors(subject, of_yaml)
}

fn errors(subject: &Subject, counts: impl Fn(&Diagnostic) -> bool) -> usize {
    let errors = subject.diagnostics().iter().filter(|diagnostic| diagnostic.is_error());
    errors.filter(|diagnostic| counts(diagnostic)).count()
}

#[cfg(test)]
mod tests {
    use plim_diag::{Code, Span};
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
    fn an_insertion_inside_of_what_another_replaces_is_left_for_the_next_time() {
        let findings = [
            finding(vec![Edit::replace(at("run: b"), "run: c")]),
            finding(vec![Edit::insert(at("un: b").start, "x")]),
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

    fn edits_of(text: &str) -> impl Strategy<Value = Vec<Edit>> + use<> {
        let length = text.len();
        let cut = (0..=length, 0..4_usize, "[a-c]{0,3}");
        proptest::collection::vec(cut, 0..4).prop_map(move |cuts| {
            let mut edits: Vec<Edit> = Vec::new();
            let mut cuts: Vec<_> = cuts;
            cuts.sort();
            for (start, more, text) in cuts {
                let end = (start + more).min(length);
                let edit = Edit::replace(Span::new(start as u32, end as u32), text);
                if edits.last().is_none_or(|last| last.span.end < edit.span.start) {
                    edits.push(edit);
                }
            }
            edits
        })
    }

    fn twice() -> impl Strategy<Value = (Vec<Edit>, Vec<Edit>)> {
        edits_of("0123456789").prop_flat_map(|first| {
            let between = spliced("0123456789", &first);
            (Just(first), edits_of(&between))
        })
    }

    proptest! {
        #[test]
        fn two_times_mended_is_once_with_the_edits_of_both((first, second) in twice()) {
            let between = spliced("0123456789", &first);
            let text = spliced(&between, &second);
            let one = Mended { text: between, edits: first, mended: 1 };
            let both = one.then(Mended { text: text.clone(), edits: second, mended: 1 });
            prop_assert_eq!(spliced("0123456789", &both.edits), text);
            prop_assert!(both.edits.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start));
        }
    }
}
