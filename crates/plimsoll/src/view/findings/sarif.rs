//! Findings as SARIF 2.1.0, which code scanning takes.

use std::collections::BTreeSet;

use plim_audit::{Finding, Rule, rule};
use plim_diag::{Place, Severity, Sources};
use serde_json::{Map, Value, json};

use super::Survey;

/// All of it; <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.
pub(super) fn document(survey: &Survey) -> Value {
    let codes: BTreeSet<&str> =
        survey.findings.iter().map(|finding| finding.diagnostic.code.0).collect();
    let rules: Vec<Value> = codes.into_iter().map(|code| described(code, rule(code))).collect();
    let results: Vec<Value> =
        survey.findings.iter().map(|finding| result(finding, &survey.sources)).collect();
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "plim",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn described(code: &str, rule: Option<&Rule>) -> Value {
    let Some(rule) = rule else { return json!({ "id": code }) };
    json!({
        "id": code,
        "shortDescription": { "text": rule.summary },
        "fullDescription": { "text": rule.why },
        "help": { "text": rule.remedy },
        "defaultConfiguration": { "level": level(rule.severity) },
    })
}

fn result(finding: &Finding, sources: &Sources) -> Value {
    let diagnostic = &finding.diagnostic;
    let help = diagnostic.help.as_ref().map(|help| format!("\n{help}")).unwrap_or_default();
    let mut result = json!({
        "ruleId": diagnostic.code,
        "level": level(diagnostic.severity),
        "message": { "text": format!("{}{help}", diagnostic.message) },
    });
    if let Some(place) = &diagnostic.place {
        result["locations"] = json!([{ "physicalLocation": location(place, sources) }]);
    }
    if !diagnostic.related.is_empty() {
        let related = diagnostic.related.iter().enumerate().map(|(id, related)| {
            json!({
                "id": id,
                "physicalLocation": location(&related.place, sources),
                "message": { "text": related.message },
            })
        });
        result["relatedLocations"] = related.collect();
    }
    result
}

fn location(place: &Place, sources: &Sources) -> Value {
    let mut location = Map::new();
    location.insert("artifactLocation".into(), json!({ "uri": uri(&place.path) }));
    if let Some(source) = sources.get(&place.path) {
        let start = source.lines().position(source.text(), place.span.start);
        let end = source.lines().position(source.text(), place.span.end);
        location.insert(
            "region".into(),
            json!({
                "startLine": start.line, "startColumn": start.column,
                "endLine": end.line, "endColumn": end.column,
            }),
        );
    }
    Value::Object(location)
}

/// A path as a relative reference of RFC 3986.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    path.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}
