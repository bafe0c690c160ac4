//! The commands of `docs/embed.md`: each block is run by a shell, in the order of the page.

use crate::support::Program;
use crate::support::guide::{blocks, run};

#[tokio::test]
async fn x2_the_commands_of_the_guide_sign_a_person_in_and_show_who_may_embed() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/embed.md")).unwrap();
    let [key, sign, exchange, ancestors] = blocks(&page, "sh").try_into().unwrap();
    let folder = tempfile::tempdir().unwrap();
    assert!(run(folder.path(), &key).status.success());
    let settings = &blocks(&page, "toml")[0];
    // The folder of the program is another one.
    let named = settings.replace("\"shop.key\"", &format!("{:?}", folder.path().join("shop.key")));
    assert_ne!(&named, settings);
    let file = folder.path().join("Leptos.toml");
    std::fs::write(&file, named).unwrap();
    let program = Program::alone(&[("RAPPORT_CONFIG", file.to_str().unwrap())]).await;
    let script = format!("{sign}{exchange}").replace("localhost:3000", program.address());
    let ended = run(folder.path(), &script);
    let answer = String::from_utf8_lossy(&ended.stdout).into_owned();
    assert!(answer.contains("\"access\"") && answer.contains("\"refresh\""), "{answer} {ended:?}");
    let told = run(folder.path(), &ancestors.replace("localhost:3000", program.address()));
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.trim_end().ends_with("frame-ancestors https://shop.example"), "{told}");
    // Each run signs a token of its own.
    assert!(String::from_utf8_lossy(&run(folder.path(), &script).stdout).contains("\"access\""));
}
