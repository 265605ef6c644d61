//! Says which contexts a job reads: what has to be known before anything can be told of it.

use plim_expression::Expression;
use plim_workflow::{
    Condition, Defaults, Entries, Job, JobBody, Key, Machine, Step, StepBody, Text, Token,
    TokenKind,
};

/// Whether anything that decides if and where a job runs reads one of `contexts`: its runner, containers, environment
/// and steps, or what it hands to the workflow that it calls.
pub(super) fn reads(job: &Job, contexts: &[&str]) -> bool {
    let mut visit = Visit { contexts, found: false };
    if let Some(environment) = &job.environment {
        visit.text(&environment.name);
    }
    visit.defaults(&job.defaults);
    match &job.body {
        JobBody::Steps(machine) => visit.machine(machine),
        JobBody::Call(call) => call.with.iter().for_each(|(_, token)| visit.token(token)),
        JobBody::Unreadable => {}
    }
    visit.found
}

struct Visit<'a> {
    contexts: &'a [&'a str],
    found: bool,
}

impl Visit<'_> {
    fn expression(&mut self, expression: &Expression) {
        self.found = self.found || expression.contexts().any(|name| self.contexts.contains(&name));
    }

    fn text(&mut self, text: &Text) {
        for (expression, _) in text.template.expressions() {
            self.expression(expression);
        }
    }

    fn condition(&mut self, condition: &Condition) {
        self.expression(condition.condition.expression());
    }

    fn token(&mut self, token: &Token) {
        match &token.kind {
            TokenKind::Null | TokenKind::Boolean(_) | TokenKind::Number(_) => {}
            TokenKind::Text(text) => self.text(text),
            TokenKind::Sequence(items) => items.iter().for_each(|item| self.token(item)),
            TokenKind::Mapping(entries) => {
                for (key, value) in entries {
                    if let Key::Text(key) = key {
                        self.text(key);
                    }
                    self.token(value);
                }
            }
        }
    }

    fn defaults(&mut self, defaults: &Defaults) {
        let texts = [&defaults.shell, &defaults.working_directory];
        texts.into_iter().flatten().for_each(|text| self.text(text));
    }

    fn machine(&mut self, machine: &Machine) {
        machine.runs_on.group.iter().for_each(|group| self.text(group));
        machine.runs_on.labels.iter().for_each(|labels| self.token(labels));
        machine.container.iter().for_each(|container| self.token(&container.value));
        match &machine.services {
            Some(Entries::Written(services)) => {
                services.iter().for_each(|(_, service)| self.token(&service.value));
            }
            Some(Entries::Expression(text)) => self.text(text),
            Some(Entries::Mixed(token)) => self.token(token),
            None => {}
        }
        machine.steps.iter().for_each(|step| self.step(step));
    }

    fn step(&mut self, step: &Step) {
        step.condition.iter().for_each(|condition| self.condition(condition));
        step.name.iter().for_each(|name| self.text(name));
        match &step.body {
            StepBody::Run(run) => {
                self.text(&run.script);
                let texts = [&run.shell, &run.working_directory];
                texts.into_iter().flatten().for_each(|text| self.text(text));
            }
            StepBody::Uses(uses) => match &uses.with {
                Entries::Written(entries) => entries.iter().for_each(|(_, text)| self.text(text)),
                Entries::Expression(text) => self.text(text),
                Entries::Mixed(token) => self.token(token),
            },
            StepBody::Parallel(steps) => steps.iter().for_each(|step| self.step(step)),
            StepBody::Wait(_) | StepBody::WaitAll | StepBody::Cancel(_) | StepBody::Unreadable => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plim_workflow::Workflow;

    fn reads_needs(rest: &str) -> bool {
        let text = format!(
            "on: push\njobs:\n  a:\n    runs-on: x\n    steps: [{{ run: b }}]\n  b:\n    needs: a\n    {rest}\n"
        );
        let read = Workflow::read("ci.yml", &text);
        assert!(!read.has_errors(), "{:?}", read.diagnostics);
        reads(&read.value.jobs[1], &["needs"])
    }

    #[test]
    fn what_decides_where_a_job_runs_is_looked_at() {
        let steps = "steps: [{ run: b }]";
        for (rest, wanted) in [
            (format!("runs-on: x\n    {steps}"), false),
            (format!("runs-on: '${{{{ needs.a.outputs.x }}}}'\n    {steps}"), true),
            (
                format!(
                    "runs-on: x\n    container: {{ image: '${{{{ needs.a.outputs.x }}}}' }}\n    {steps}"
                ),
                true,
            ),
            (
                format!("runs-on: x\n    environment: '${{{{ needs.a.outputs.x }}}}'\n    {steps}"),
                true,
            ),
            (
                "runs-on: x\n    steps: [{ run: b, if: needs.a.result == 'success' }]".to_owned(),
                true,
            ),
            (
                "runs-on: x\n    steps: [{ uses: a/b@v1, with: { c: '${{ toJSON(needs) }}' } }]"
                    .to_owned(),
                true,
            ),
            (
                "runs-on: x\n    if: needs.a.result == 'success'\n    steps: [{ run: b }]"
                    .to_owned(),
                false,
            ),
        ] {
            assert_eq!(reads_needs(&rest), wanted, "{rest}");
        }
    }
}
