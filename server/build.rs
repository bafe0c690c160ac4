//! Puts the built site into a release binary, compressed as well as can be: a visitor waits for it, the build only
//! once. Without a site there is nothing to put in, and the binary reads it from the disk.

use std::collections::hash_map::DefaultHasher;
use std::fmt::Write as _;
use std::hash::Hasher as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap_or_default());
    let out = PathBuf::from(env::var("OUT_DIR").unwrap_or_default());
    // The build tool names the folder from the workspace's root.
    let site = here.join("..").join(env::var("LEPTOS_SITE_ROOT").unwrap_or_else(|_| "target/site".into()));
    println!("cargo::rerun-if-env-changed=LEPTOS_SITE_ROOT");
    println!("cargo::rerun-if-changed=build.rs");

    let release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let mut files = Vec::new();
    if release && site.join("pkg").is_dir() {
        println!("cargo::rerun-if-changed={}", site.display());
        collect(&site, &mut files)?;
    } else if release {
        // A folder that is not there counts as changed each time, which is what it should: it may be there next time.
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

/// Kept only if it is worth decompressing.
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
