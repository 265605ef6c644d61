//! Scalars enter the tree: their bytes, their text, and what they mean.

use std::borrow::Cow;

use granit_parser::{ScalarStyle, Tag};
use plim_diag::{Code, Span, excerpt};

use super::{Builder, UNKNOWN_TAG, Written};
use crate::yaml::arena::{Content, Node, Style, Text, offset};
use crate::yaml::fold::Folded;
use crate::yaml::scalar::{self, Core, CoreTag};
use crate::yaml::spans;

const TAG_MISMATCH: Code = Code("yaml-tag-mismatch");
const NUMBER_RANGE: Code = Code("yaml-number-range");

impl Builder<'_, '_> {
    pub(super) fn scalar(&mut self, text: Cow<'_, str>, style: ScalarStyle, written: Written<'_>) {
        let style = style_of(style);
        let mut span = written.span;
        let mut text = text;
        match style {
            Style::Literal | Style::Folded => {
                span = self.block_scalar_span(span, &text);
                self.take_back_line_end(&mut text, span);
            }
            // An absent value comes as `~` without bytes.
            _ if span.is_empty() => {
                span = self.absent_span(&written);
                text = Cow::Borrowed("");
            }
            _ if self.input.refolded.contains(&span.start) => {
                text = Cow::Owned(Folded::flow(self.input.source, span, style).text);
            }
            _ => {}
        }
        let core = self.core(&text, style, span, written.tag.as_ref());
        let text = self.keep(text);
        self.last_end = self.last_end.max(span.end as usize);
        self.last_scalar = Some(span);
        let id = self.add(Node { span, content: Content::Scalar { text, style, core } }, &written);
        self.target(written.anchor, id, Some(1), 0);
        self.walk(1, span);
    }

    /// Right after the `:` of its key; the parser says right before it, or at the next token.
    fn absent_span(&self, written: &Written<'_>) -> Span {
        let span = written.span;
        let after_key = self.inside_mapping() && self.at_value();
        if !after_key || written.tag.is_some() || written.anchor != 0 {
            return span;
        }
        let gap = self.input.parsed.get(self.last_end..span.start as usize).unwrap_or("");
        if gap.contains(['\n', '\r']) {
            return Span::empty_at(offset(self.last_end));
        }
        let key = self.children.last().map(|&key| self.pass.arena.node(key).span);
        let colon = self.input.parsed.as_bytes().get(span.start as usize) == Some(&b':');
        let own = colon && key.is_some_and(|key| !key.is_empty());
        if own { Span::empty_at(span.start + 1) } else { span }
    }

    fn block_scalar_span(&self, raw: Span, text: &str) -> Span {
        let source = self.input.parsed;
        let header = spans::header(source, self.last_end).unwrap_or(raw.start as usize);
        let end = spans::block_scalar_end(source, header, (raw.end as usize).max(header), text);
        Span::new(offset(header), offset(end))
    }

    /// The parser ends the last line of a file that does not end; GitHub's leaves it as it is.
    fn take_back_line_end(&self, text: &mut Cow<'_, str>, span: Span) {
        let source = self.input.parsed;
        let last_line = source.rsplit(['\n', '\r']).next().unwrap_or("");
        let unended = span.end as usize == source.len() && !last_line.trim().is_empty();
        if unended && text.ends_with('\n') {
            text.to_mut().pop();
        }
    }

    /// The place of the text in the source, or of a copy where the source has it otherwise.
    fn keep(&mut self, text: Cow<'_, str>) -> Text {
        if let Cow::Borrowed(borrowed) = text {
            let start = borrowed.as_ptr().addr().wrapping_sub(self.input.parsed.as_ptr().addr());
            if self.input.source.get(start..start.wrapping_add(borrowed.len())) == Some(borrowed) {
                return Text::Source(Span::new(offset(start), offset(start + borrowed.len())));
            }
        }
        self.pass.arena.keep(&text)
    }

    fn core(
        &mut self,
        text: &str,
        style: Style,
        span: Span,
        tag: Option<&(Cow<'_, Tag>, Span)>,
    ) -> Core {
        let core = match tag {
            Some((tag, place)) => self.tagged(text, style, span, tag, *place),
            None if style == Style::Plain => scalar::plain(text),
            None => Core::String,
        };
        if core == Core::Number && scalar::number(text).is_none() {
            let message = format!("the number `{}` needs more than 32 bits", excerpt(text));
            self.report(NUMBER_RANGE, message, span, Some("write it in decimal, or in quotes"));
        }
        core
    }

    fn tagged(&mut self, text: &str, style: Style, span: Span, tag: &Tag, place: Span) -> Core {
        let Some(known) = tag.core_suffix().and_then(CoreTag::named) else {
            let message = format!("the tag `{}` is not known here", excerpt(self.source(place)));
            let help = "remove it; `!!str`, `!!int`, `!!float`, `!!bool` and `!!null` are known";
            self.report(UNKNOWN_TAG, message, place, Some(help));
            return if style == Style::Plain { scalar::plain(text) } else { Core::String };
        };
        if known == CoreTag::String {
            return Core::String;
        }
        if style != Style::Plain {
            let message = format!("the tag `{}` needs a value without quotes", known.as_str());
            self.report(TAG_MISMATCH, message, span, Some("remove the quotes, or the tag"));
            return Core::String;
        }
        let core = known.apply(text);
        if core.is_none() {
            let message = format!("`{}` does not fit the tag `{}`", excerpt(text), known.as_str());
            self.report(TAG_MISMATCH, message, span, Some("change the value, or remove the tag"));
        }
        core.unwrap_or(Core::String)
    }
}

fn style_of(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::SingleQuoted => Style::SingleQuoted,
        ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
        _ => Style::Plain,
    }
}
