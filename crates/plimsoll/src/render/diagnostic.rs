//! Shows diagnostics: with their source lines, in one line each, or as JSON.

use std::{borrow::Cow, ops::Range};

use annotate_snippets::{
    AnnotationKind, Group, Level, Origin, Renderer, Snippet, renderer::DecorStyle,
};
use plim_diag::{Diagnostic, Place, Severity, Source, Sources};
use serde_json::{Map, Value, json};

use super::{paint::Paint, text};
use crate::args::Format;

/// All `diagnostics` as text that ends with a line end, or nothing when there are none.
pub(crate) fn diagnostics(
    diagnostics: &[Diagnostic],
    sources: &Sources,
    format: Format,
    paint: Paint,
) -> String {
    let lines = diagnostics.iter().map(|diagnostic| match format {
        Format::Full => full(diagnostic, sources, paint) + "\n\n",
        Format::Concise => concise(diagnostic, sources) + "\n",
        Format::Json => json(diagnostic, sources).to_string() + "\n",
    });
    lines.collect()
}

/// `path:line:col: error[code]: message`.
fn concise(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let place = diagnostic.place.as_ref().map(|place| match sources.position(place) {
        Some(position) => format!("{}:{position}: ", place.path),
        None => format!("{}: ", place.path),
    });
    text::name(&format!("{}{diagnostic}", place.unwrap_or_default()))
}

/// The form of `docs/schema/diagnostic.schema.json`.
pub(crate) fn json(diagnostic: &Diagnostic, sources: &Sources) -> Value {
    let mut object = Map::new();
    object.insert("code".into(), diagnostic.code.0.into());
    object.insert("severity".into(), diagnostic.severity.as_str().into());
    object.insert("message".into(), diagnostic.message.as_str().into());
    if let Some(place) = &diagnostic.place {
        object.extend(located(place, sources));
    }
    if let Some(help) = &diagnostic.help {
        object.insert("help".into(), help.as_str().into());
    }
    if !diagnostic.notes.is_empty() {
        object.insert("notes".into(), json!(diagnostic.notes));
    }
    if !diagnostic.related.is_empty() {
        let related = diagnostic.related.iter().map(|related| {
            let mut object = located(&related.place, sources);
            object.insert("message".into(), related.message.as_str().into());
            Value::Object(object)
        });
        object.insert("related".into(), related.collect());
    }
    Value::Object(object)
}

fn located(place: &Place, sources: &Sources) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("path".into(), place.path.as_ref().into());
    if let Some(source) = sources.get(&place.path) {
        let start = source.lines().position(source.text(), place.span.start);
        let end = source.lines().position(source.text(), place.span.end);
        object.insert("line".into(), start.line.into());
        object.insert("column".into(), start.column.into());
        object.insert("end-line".into(), end.line.into());
        object.insert("end-column".into(), end.column.into());
    }
    object
}

fn full(diagnostic: &Diagnostic, sources: &Sources, paint: Paint) -> String {
    let message = safe(&diagnostic.message);
    let title = level(diagnostic.severity).primary_title(message).id(diagnostic.code.0);
    let mut group = Group::with_title(title);
    for path in paths(diagnostic) {
        group = match sources.get(path) {
            Some(source) => group.element(snippet(source, path, marks(diagnostic, path))),
            None => group.element(Origin::path(path)),
        };
    }
    if diagnostic.place.is_none() {
        return renderer(paint).render(&[group]) + &footer(diagnostic, paint);
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(safe(note)));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(safe(help)));
    }
    renderer(paint).render(&[group])
}

/// Notes and help where no source line hangs above them.
fn footer(diagnostic: &Diagnostic, paint: Paint) -> String {
    let notes = diagnostic.notes.iter().map(|note| ("note", note));
    let lines = notes.chain(diagnostic.help.iter().map(|help| ("help", help)));
    lines.map(|(word, text)| format!("\n  {}: {}", paint.strong(word), safe(text))).collect()
}

fn renderer(paint: Paint) -> Renderer {
    let renderer = if paint.is_on() { Renderer::styled() } else { Renderer::plain() };
    renderer.decor_style(DecorStyle::Ascii)
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    }
}

/// The files that a diagnostic speaks of, each once, its own first.
fn paths(diagnostic: &Diagnostic) -> Vec<&str> {
    let related = diagnostic.related.iter().map(|related| &related.place);
    let mut paths: Vec<&str> = vec![];
    for place in diagnostic.place.iter().chain(related) {
        if !paths.contains(&&*place.path) {
            paths.push(&place.path);
        }
    }
    paths
}

type Mark<'a> = (AnnotationKind, Range<usize>, Option<&'a str>);

fn marks<'a>(diagnostic: &'a Diagnostic, path: &str) -> Vec<Mark<'a>> {
    let own = diagnostic.place.iter().map(|place| (AnnotationKind::Primary, place, None));
    let related = diagnostic.related.iter();
    let related = related.map(|r| (AnnotationKind::Context, &r.place, Some(r.message.as_str())));
    let here = own.chain(related).filter(|(_, place, _)| &*place.path == path);
    here.map(|(kind, place, label)| (kind, place.span.range(), label)).collect()
}

fn snippet<'a>(
    source: &'a Source,
    path: &'a str,
    marks: Vec<Mark<'a>>,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let content = source.text();
    let annotations = marks.into_iter().map(|(kind, range, label)| {
        let annotation = kind.span(within(content, range));
        match label {
            Some(label) => annotation.label(safe(label)),
            None => annotation,
        }
    });
    Snippet::source(content).path(path).fold(true).annotations(annotations)
}

/// The range moved into the text and onto characters: what was read may have changed since, and the
/// renderer panics on anything else.
fn within(text: &str, range: Range<usize>) -> Range<usize> {
    let floor = |at: usize| text.floor_char_boundary(at.min(text.len()));
    let start = floor(range.start);
    start..floor(range.end).max(start)
}

fn safe(message: &str) -> Cow<'_, str> {
    let lines: Vec<_> = message.lines().map(|line| text::printable(line, false)).collect();
    Cow::Owned(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use plim_diag::{Code, Span};
    use proptest::prelude::*;

    use super::*;

    const PATH: &str = ".github/workflows/ci.yml";
    const TEXT: &str = "on: push\njobs:\n  é: { stesp: [] }\n";

    fn sources() -> Sources {
        let mut sources = Sources::new();
        sources.add(PATH, TEXT);
        sources
    }

    fn diagnostic() -> Diagnostic {
        let at = u32::try_from(TEXT.find("stesp").unwrap()).unwrap();
        Diagnostic::error(Code("unknown-key"), "`stesp` is not a key of a job")
            .at(PATH, Span::new(at, at + 5))
            .related(Place::new(PATH, Span::new(9, 13)), "in this mapping")
            .help("write `steps`")
            .with_note("keys are case-sensitive")
    }

    fn render(format: Format) -> String {
        let list = [
            diagnostic(),
            Diagnostic::warning(Code("odd"), "looks odd").at("gone.yml", Span::new(1, 2)),
        ];
        diagnostics(&list, &sources(), format, Paint::plain())
    }

    #[test]
    fn full_shows_the_line_and_what_to_do() {
        insta::assert_snapshot!(render(Format::Full), @r#"
error[unknown-key]: `stesp` is not a key of a job
 --> .github/workflows/ci.yml:3:8
  |
2 | jobs:
  | ---- in this mapping
3 |   é: { stesp: [] }
  |        ^^^^^
  |
  = note: keys are case-sensitive
  = help: write `steps`

warning[odd]: looks odd
--> gone.yml
"#);
    }

    #[test]
    fn concise_is_a_line_each_with_columns_in_characters() {
        insta::assert_snapshot!(render(Format::Concise), @r#"
.github/workflows/ci.yml:3:8: error[unknown-key]: `stesp` is not a key of a job
gone.yml: warning[odd]: looks odd
"#);
    }

    #[test]
    fn json_is_an_object_in_a_line() {
        insta::assert_snapshot!(render(Format::Json), @r#"
{"code":"unknown-key","severity":"error","message":"`stesp` is not a key of a job","path":".github/workflows/ci.yml","line":3,"column":8,"end-line":3,"end-column":13,"help":"write `steps`","notes":["keys are case-sensitive"],"related":[{"path":".github/workflows/ci.yml","line":2,"column":1,"end-line":2,"end-column":5,"message":"in this mapping"}]}
{"code":"odd","severity":"warning","message":"looks odd","path":"gone.yml"}
"#);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn any_place_in_any_text_is_shown(content in "[a-z\né漢\t\r\u{1b}]{0,40}", start in 0..60_u32, length in 0..60_u32, message in "(?s).{0,20}") {
            let mut sources = Sources::new();
            sources.add("f", content);
            let one = Diagnostic::error(Code("c"), message).at("f", Span::new(start, start + length));
            for format in [Format::Full, Format::Concise, Format::Json] {
                let text = diagnostics(std::slice::from_ref(&one), &sources, format, Paint::plain());
                prop_assert!(!text.contains('\u{1b}'), "{text:?}");
            }
        }
    }
}
