//! The code blocks of a guide, and the shell that runs them.

use std::path::Path;
use std::process::{Command, Output};

/// The blocks of this language, without the indentation of their list.
pub(crate) fn blocks(page: &str, language: &str) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        match line.trim_start() {
            "```" => inside = false,
            fence if fence.strip_prefix("```") == Some(language) => {
                blocks.push(String::new());
                inside = true;
            }
            text if inside => {
                if let Some(block) = blocks.last_mut() {
                    block.push_str(text);
                    block.push('\n');
                }
            }
            _ => {}
        }
    }
    blocks
}

/// Runs a script until its first command that fails.
pub(crate) fn run(folder: &Path, script: &str) -> Output {
    Command::new("sh").arg("-euc").arg(script).current_dir(folder).output().unwrap()
}
