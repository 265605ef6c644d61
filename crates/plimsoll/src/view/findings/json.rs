//! Findings for programs: one object, in the form of `docs/schema/findings.schema.json`.

use plim_audit::{Edit, Finding, Fix};
use plim_diag::{Place, Severity, Sources, Span};
use serde_json::{Value, json};

use super::Survey;

/// All of it.
pub(super) fn document(survey: &Survey) -> Value {
    let findings: Vec<Value> =
        survey.findings.iter().map(|finding| one(finding, &survey.sources)).collect();
    json!({
        "version": 1,
        "files": survey.files,
        "errors": survey.count(Severity::Error),
        "warnings": survey.count(Severity::Warning),
        "notes": survey.count(Severity::Note),
        "findings": findings,
    })
}

fn one(finding: &Finding, sources: &Sources) -> Value {
    let diagnostic = &finding.diagnostic;
    let place = diagnostic.place.as_ref();
    let related: Vec<Value> = diagnostic
        .related
        .iter()
        .map(|related| {
            let (start, end) = ends(Some(&related.place), sources);
            json!({ "path": &*related.place.path, "start": start, "end": end, "message": related.message })
        })
        .collect();
    let (start, end) = ends(place, sources);
    json!({
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "tier": finding.tier.as_str(),
        "message": diagnostic.message,
        "help": diagnostic.help,
        "notes": diagnostic.notes,
        "path": place.map(|place| &*place.path),
        "start": start,
        "end": end,
        "related": related,
        "fix": finding.fix.as_ref().map(|fix| fixed(fix, place, sources)),
    })
}

fn fixed(fix: &Fix, place: Option<&Place>, sources: &Sources) -> Value {
    let edit = |edit: &Edit| {
        let place = place.map(|place| Place { path: place.path.clone(), span: edit.span });
        let (start, end) = ends(place.as_ref(), sources);
        json!({ "start": start, "end": end, "replacement": edit.replacement })
    };
    let edits: Vec<Value> = fix.edits.iter().map(edit).collect();
    json!({ "title": fix.title, "safety": fix.safety.as_str(), "edits": edits })
}

/// Where a place begins and ends; null where its text was not kept.
fn ends(place: Option<&Place>, sources: &Sources) -> (Value, Value) {
    let position = |offset: fn(Span) -> u32| {
        let place = place?;
        let source = sources.get(&place.path)?;
        let position = source.lines().position(source.text(), offset(place.span));
        Some(json!({ "line": position.line, "column": position.column }))
    };
    let start = position(|span| span.start).unwrap_or_default();
    (start, position(|span| span.end).unwrap_or_default())
}
