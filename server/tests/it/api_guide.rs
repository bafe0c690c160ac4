//! The commands of `docs/api.md`, run by a shell in the order of the page.

use crate::support::Program;
use crate::support::guide::{blocks, run};
use serde_json::Value;

#[tokio::test]
async fn x1_the_commands_of_the_guide_send_one_message_however_often_they_run() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/api.md")).unwrap();
    let [account, message] = blocks(&page, "sh").try_into().unwrap();
    let program = Program::alone(&[]).await;
    let anna = program.register("anna").await;
    let folder = tempfile::tempdir().unwrap();
    let here = |script: &str| script.replace("localhost:3000", program.address());
    let answers = |script: &str| -> Vec<Value> {
        let ended = run(folder.path(), &here(script));
        assert!(ended.status.success(), "{ended:?}");
        let answers = serde_json::Deserializer::from_slice(&ended.stdout).into_iter();
        answers.collect::<Result<_, _>>().unwrap()
    };
    let signed_in = answers(&account);
    assert_eq!(signed_in[0]["username"], "robot");
    let token = signed_in[1]["access"].as_str().unwrap();
    let script = format!("TOKEN={token}\n{message}");
    let first = answers(&script);
    assert_eq!((&first[0]["id"], &first[1]["content"]), (&1.into(), &"Hello".into()));
    assert_eq!(answers(&script)[1]["id"], first[1]["id"], "a repeat");
    assert_eq!(anna.reads(protocol::ConversationId(1)).await.len(), 1);
}
