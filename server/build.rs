//! Embeds the built site in a release binary, compressed at build time at the highest level. Without a site nothing is
//! embedded, and the binary reads the files from disk.

use std::collections::hash_map::DefaultHasher;
use std::fmt::Write as _;
use std::hash::Hasher as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap_or_default());
    let out = PathBuf::from(env::var("OUT_DIR").unwrap_or_default());
    // cargo-leptos gives the path relative to the root of the workspace.
    let site = here.join("..").join(env::var("LEPTOS_SITE_ROOT").unwrap_or_else(|_| "target/site".into()));
    println!("cargo::rerun-if-env-changed=LEPTOS_SITE_ROOT");
    println!("cargo::rerun-if-changed=build.rs");

    let release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let mut files = Vec::new();
    if release && site.join("pkg").is_dir() {
        println!("cargo::rerun-if-changed={}", site.display());
        collect(&site, &mut files)?;
    } else if release {
        // A path that does not exist makes cargo run the script each time, until the site exists.
        println!("cargo::rerun-if-changed={}", site.join("pkg").display());
    }
    files.sort();

    let mut table = String::from("static EMBEDDED: &[Embedded] = &[\n");
    for (number, file) in files.iter().enumerate() {
        let bytes = fs::read(file)?;
        let mut hasher = DefaultHasher::new();
        hasher.write(&bytes);
        let path = format!("/{}", file.strip_prefix(&site).unwrap_or(file).display());
        let file = file.canonicalize()?;
        let br = smaller(&bytes, brotli(&bytes)?, &out.join(format!("{number}.br")))?;
        let gzip = smaller(&bytes, gzip(&bytes)?, &out.join(format!("{number}.gz")))?;
        let _ = writeln!(
            table,
            "Embedded {{ path: {path:?}, etag: \"\\\"{:016x}\\\"\", identity: include_bytes!({file:?}), br: {br}, gzip: {gzip} }},",
            hasher.finish()
        );
    }
    table.push_str("];\n");
    fs::write(out.join("embedded.rs"), table)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { collect(&path, files)? } else { files.push(path) }
    }
    Ok(())
}

/// Writes the compressed file if it saves at least 10 %, and returns the expression that includes it.
fn smaller(bytes: &[u8], compressed: Vec<u8>, file: &Path) -> io::Result<String> {
    if compressed.len() * 10 > bytes.len() * 9 {
        return Ok("None".into());
    }
    fs::write(file, compressed)?;
    Ok(format!("Some(include_bytes!({file:?}))"))
}

fn brotli(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut out, 4096, 11, 24);
    writer.write_all(bytes)?;
    writer.flush()?;
    drop(writer);
    Ok(out)
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(bytes)?;
    writer.finish()
}
