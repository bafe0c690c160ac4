use super::*;
use std::os::unix::fs::PermissionsExt as _;

/// A data folder with a database and some files.
async fn data() -> tempfile::TempDir {
    let data = tempfile::tempdir().unwrap();
    let store = chat::store::Sqlite::open(data.path().join(DATABASE)).await.unwrap();
    drop(store);
    std::fs::write(data.path().join("secret"), "0123456789abcdef0123456789abcdef").unwrap();
    std::fs::write(data.path().join("lock"), "").unwrap();
    std::fs::write(data.path().join("secret.4711"), "half of one").unwrap();
    std::fs::create_dir_all(data.path().join("files/ab")).unwrap();
    std::fs::write(data.path().join("files/ab/picture"), [7; 600_000]).unwrap();
    data
}

async fn made() -> (tempfile::TempDir, PathBuf) {
    let (data, out) = (data().await, tempfile::tempdir().unwrap());
    let backup = out.path().join("backup");
    create_backup(data.path(), &data.path().join(DATABASE), &backup).await.unwrap();
    (out, backup)
}

#[tokio::test]
async fn f14_a_backup_is_complete_and_private_to_its_owner() {
    let (out, backup) = made().await;
    let manifest = Manifest::read(&backup).unwrap();
    let mut names: Vec<_> = manifest.files.iter().map(|file| file.path.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["files/ab/picture", DATABASE, "secret"]);
    for (name, mode) in [("", 0o700), (DATABASE, 0o600), ("secret", 0o600), ("files/ab", 0o700)] {
        let found = std::fs::metadata(backup.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(found, mode, "{name}");
    }
    let into = out.path().join("new");
    restore_backup(&backup, &into).await.unwrap();
    assert_eq!(std::fs::read(into.join("files/ab/picture")).unwrap(), [7; 600_000]);
    assert_eq!(std::fs::metadata(&into).unwrap().permissions().mode() & 0o777, 0o700);
    assert!(!into.join("manifest.json").exists() && !into.join("lock").exists());
}

#[tokio::test]
async fn f14_no_backup_into_a_folder_in_use_or_into_the_data_folder() {
    let (out, backup) = made().await;
    let data = data().await;
    let database = data.path().join(DATABASE);
    assert!(matches!(create_backup(data.path(), &database, &backup).await, Err(BackupError::NotEmpty(_))));
    let within = create_backup(data.path(), &database, &data.path().join("backup")).await;
    assert!(matches!(within, Err(BackupError::Within(..))), "{within:?}");
    assert!(matches!(restore_backup(&backup, data.path()).await, Err(BackupError::NotEmpty(_))));
    let nowhere = create_backup(out.path(), &out.path().join(DATABASE), &out.path().join("b")).await;
    assert!(matches!(nowhere, Err(BackupError::NoDatabase(_))), "{nowhere:?}");
}

#[tokio::test]
async fn f14_a_damaged_backup_is_rejected_and_nothing_is_restored() {
    type Damage = fn(&Path);
    let damages: [(&str, Damage); 8] = [
        ("does not read as it was written", |backup| {
            let path = backup.join(DATABASE);
            let mut bytes = std::fs::read(&path).unwrap();
            bytes[5_000] ^= 1;
            std::fs::write(path, bytes).unwrap();
        }),
        ("has 20 bytes, and had 32", |backup| std::fs::write(backup.join("secret"), [0; 20]).unwrap()),
        ("files/ab/picture", |backup| std::fs::remove_file(backup.join("files/ab/picture")).unwrap()),
        ("has no manifest.json", |backup| std::fs::remove_file(backup.join("manifest.json")).unwrap()),
        ("is unreadable", |backup| std::fs::write(backup.join("manifest.json"), "{").unwrap()),
        ("outside of its folder", |backup| edit(backup, "\"secret\"", "\"../secret\"")),
        ("form 2", |backup| edit(backup, "\"form\": 1", "\"form\": 2")),
        ("holds", |backup| edit(backup, "\"messages\": 0", "\"messages\": 1")),
    ];
    for (words, damage) in damages {
        let (out, backup) = made().await;
        damage(&backup);
        let into = out.path().join("new");
        let error = restore_backup(&backup, &into).await.expect_err(words).to_string();
        assert!(error.contains(words), "{words}: {error}");
        assert!(!into.exists(), "{words}");
    }
}

#[tokio::test]
async fn f14_a_failed_copy_leaves_no_file() {
    let (out, backup) = made().await;
    // Named twice: the second one is in the way of the first.
    let mut manifest = Manifest::read(&backup).unwrap();
    manifest.files.push(manifest.files[0].clone());
    std::fs::write(backup.join("manifest.json"), serde_json::to_string(&manifest).unwrap()).unwrap();
    let into = out.path().join("new");
    std::fs::create_dir(&into).unwrap();
    let error = restore_backup(&backup, &into).await.unwrap_err();
    assert!(matches!(error, BackupError::Io(..)), "{error}");
    let left: Vec<_> = walk(&into);
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn v25_foreign_things_are_passed_over() {
    let (data, out) = (data().await, tempfile::tempdir().unwrap());
    let inside = |name: &str| data.path().join(name);
    std::fs::create_dir(inside("lost+found")).unwrap();
    std::fs::write(inside("lost+found/#12"), "of the disk").unwrap();
    std::fs::write(inside("note"), "kept").unwrap();
    // Leads to itself, is no file, and cannot be read, even by root.
    std::os::unix::fs::symlink("loop", inside("loop")).unwrap();
    std::os::unix::fs::symlink(".", inside("self")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(inside("socket")).unwrap();
    std::os::unix::fs::symlink("/proc/self/mem", inside("unreadable")).unwrap();
    let bytes = std::os::unix::ffi::OsStrExt::from_bytes(b"not-utf8-\xff");
    std::fs::write(data.path().join::<&std::ffi::OsStr>(bytes), "x").unwrap();
    let backup = out.path().join("backup");
    create_backup(data.path(), &inside(DATABASE), &backup).await.unwrap();
    let manifest = Manifest::read(&backup).unwrap();
    let mut names: Vec<_> = manifest.files.iter().map(|file| file.path.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["files/ab/picture", "note", DATABASE, "secret"]);
    assert!(!backup.join("unreadable").exists());
    restore_backup(&backup, &out.path().join("new")).await.unwrap();
}

#[tokio::test]
async fn v25_a_failed_backup_leaves_nothing() {
    let (data, out) = (data().await, tempfile::tempdir().unwrap());
    let (new, empty) = (out.path().join("new"), out.path().join("empty"));
    std::fs::create_dir(&empty).unwrap();
    // An upload that cannot be read is not foreign.
    std::os::unix::fs::symlink("/proc/self/mem", data.path().join("files/ab/unreadable")).unwrap();
    for into in [&new, &empty] {
        let error = create_backup(data.path(), &data.path().join(DATABASE), into).await.unwrap_err();
        assert!(error.to_string().contains("files/ab/unreadable"), "{error}");
    }
    assert!(!new.exists());
    assert_eq!(std::fs::read_dir(&empty).unwrap().count(), 0);
    // Neither does one of a damaged database.
    std::fs::write(data.path().join(DATABASE), "no database ".repeat(1_000)).unwrap();
    create_backup(data.path(), &data.path().join(DATABASE), &new).await.unwrap_err();
    assert!(!new.exists());
}

fn walk(folder: &Path) -> Vec<String> {
    files::list_files(folder).unwrap().files
}

fn edit(backup: &Path, from: &str, to: &str) {
    let path = backup.join("manifest.json");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from}");
    std::fs::write(path, text.replace(from, to)).unwrap();
}
