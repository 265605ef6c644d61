//! What a person who starts a workflow gives it.

use plim_run::Request;

use crate::support::{leg, only, plan, repository, try_plan};

const DISPATCH: &str = "on:
  workflow_dispatch:
    inputs:
      dry: { type: boolean, default: true }
      count: { type: number, default: 3 }
      level: { type: choice, options: [low, high], default: low }
      note: { type: string }
jobs:
  a:
    runs-on: ubuntu-latest
    name: ${{ inputs.dry == true && 'typed' || 'text' }} ${{ github.event.inputs.dry == 'true' && 'text' || 'typed' }}
    steps: [{ run: echo }]
";

#[test]
fn semantic_37_an_input_is_typed_where_the_event_has_a_text() {
    let repository = repository(DISPATCH);
    let request = Request { workflows: vec!["ci".into()], ..Request::default() };
    let plan = plan(&repository, request);
    assert_eq!(
        only(&plan).inputs.to_json().to_string(),
        r#"{"dry":true,"count":3,"level":"low","note":""}"#
    );
    let event = &only(&plan).occasion.payload["inputs"];
    assert_eq!(event.to_string(), r#"{"dry":"true","count":"3","level":"low","note":""}"#);
    assert_eq!(&*leg(&plan, "a").name, "typed text");
}

#[test]
fn inputs_are_given_as_texts_and_checked() {
    let repository = repository(DISPATCH);
    let with = |inputs: &[(&str, &str)]| Request {
        workflows: vec!["ci".into()],
        inputs: inputs.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect(),
        ..Request::default()
    };
    let plan = plan(&repository, with(&[("DRY", "false"), ("level", "high")]));
    assert_eq!(only(&plan).inputs.get("dry").unwrap().to_json(), false);
    assert_eq!(only(&plan).occasion.payload["inputs"]["dry"], "false");
    let wrong = self::plan(&repository, with(&[("level", "higher")]));
    assert!(wrong.is_empty());
    assert!(wrong.diagnostics[0].message.contains("does not have the option `higher`"));
    let unknown = try_plan(&repository, with(&[("levle", "low")])).unwrap_err();
    assert_eq!(unknown.help().as_deref(), Some("write `level`"));
}
