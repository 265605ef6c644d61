//! JSON lines: every event as it is, one in a line (`docs/schema/run-event.schema.json`).

use std::io;

use plim_run::Event;

use super::{Progress, Reader};
use crate::output::Output;

/// Writes every event as a line of JSON.
pub(crate) struct JsonLines {
    output: Output,
}

impl JsonLines {
    pub(crate) fn new(output: Output) -> Self {
        Self { output }
    }
}

impl Reader for JsonLines {
    fn read(&mut self, event: &Event, _: &Progress) {
        match serde_json::to_string(event) {
            Ok(line) => self.output.add(&(line + "\n")),
            // Every field of an event is a text, a number or a list of them.
            Err(error) => debug_assert!(false, "{error}"),
        }
        if !matches!(event, Event::Log { .. }) {
            self.output.flush();
        }
    }

    fn tick(&mut self, _: &Progress) {
        self.output.flush();
    }

    fn finish(&mut self, _: &Progress) -> io::Result<()> {
        self.output.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{output::tests::Written, schema, view::sample};

    fn lines(events: &[Event]) -> String {
        let written = Written::default();
        let mut json = JsonLines::new(Output::to(written.clone()));
        events.iter().for_each(|event| json.read(event, &Progress::default()));
        json.finish(&Progress::default()).unwrap();
        written.take()
    }

    #[test]
    fn every_event_is_a_line_that_the_schema_allows() {
        let events = sample::every_event();
        let text = lines(&events);
        assert_eq!(text.lines().count(), events.len());
        let check = schema::of("run-event");
        for (line, event) in text.lines().zip(&events) {
            let value = serde_json::from_str(line).unwrap();
            schema::check(&check, &value);
            assert_eq!(&serde_json::from_value::<Event>(value).unwrap(), event);
        }
    }

    #[test]
    fn the_schema_refuses_what_is_no_event() {
        let check = schema::of("run-event");
        for wrong in [
            r#"{"event":"job-started"}"#,
            r#"{"event":"unheard-of"}"#,
            r#"{"event":"log","job":"a","step":0,"kind":"text","text":"x","more":1}"#,
            r#"{"event":"log","job":"a","step":0,"kind":"shout","text":"x"}"#,
            "[]",
        ] {
            assert!(!check.is_valid(&serde_json::from_str(wrong).unwrap()), "{wrong}");
        }
    }
}
