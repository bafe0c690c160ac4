//! Assets in the site directory, for development.

use super::AssetFile;
use std::path::{Component, Path, PathBuf};

/// The site directory: `LEPTOS_SITE_ROOT`, else the default of cargo-leptos.
pub(super) fn folder() -> PathBuf {
    if let Some(folder) = std::env::var_os("LEPTOS_SITE_ROOT") {
        return folder.into();
    }
    let here = PathBuf::from("target/site");
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/site");
    // Debug builds also look where they were built; release builds only in the working directory.
    if cfg!(debug_assertions) && !here.exists() { built } else { here }
}

/// Names of the files in `pkg`, newest first, because watching builds leave older ones behind.
pub(super) fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder.join("pkg")).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries
        .filter_map(|entry| {
            Some((entry.metadata().ok()?.modified().ok()?, entry.file_name().into_string().ok()?))
        })
        .collect();
    names.sort();
    names.into_iter().rev().map(|(_, name)| name).collect()
}

pub(super) async fn get(folder: &Path, path: &str) -> Option<AssetFile> {
    let path = Path::new(path.strip_prefix('/')?);
    if path.as_os_str().is_empty() || !path.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let file = folder.join(path);
    let bytes = tokio::task::spawn_blocking(move || std::fs::read(file)).await.ok()?.ok()?;
    Some(AssetFile { bytes: bytes.into(), encoding: None, etag: None })
}
