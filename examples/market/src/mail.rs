//! E-mails, as files in a folder.

use crate::data::Person;
use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Least time between two e-mails to a person about a conversation that they do not read.
const PAUSE: Duration = Duration::from_secs(3600);

/// The folder of e-mails, in place of a mail server.
pub(crate) struct Mailbox {
    folder: PathBuf,
    /// Times of the last e-mails, by conversation and person.
    sent: Mutex<HashMap<(i64, &'static str), Instant>>,
}

/// One e-mail.
pub(crate) struct Mail {
    pub(crate) to: &'static Person,
    pub(crate) subject: String,
    pub(crate) text: String,
}

impl Mailbox {
    /// Uses a folder, which is made if there is none.
    pub(crate) fn new(folder: PathBuf) -> io::Result<Self> {
        std::fs::create_dir_all(&folder)?;
        Ok(Self { folder, sent: Mutex::default() })
    }

    /// Whether a person with this number of unread messages in a conversation should be told of them.
    pub(crate) fn is_due(&self, conversation: i64, to: &'static Person, unread: i64) -> bool {
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        unread == 1 || sent.get(&(conversation, to.id)).is_none_or(|at| at.elapsed() >= PAUSE)
    }

    /// Writes an e-mail; one of the same `id` to the same person is replaced. `id` is letters, digits, `_` and `-`.
    pub(crate) fn write(&self, id: &str, conversation: i64, mail: &Mail) -> io::Result<()> {
        let name = format!("{id}-{}.eml", mail.to.id);
        // Whoever looks into the folder sees whole e-mails.
        let part = self.folder.join(format!("{name}.part"));
        std::fs::write(&part, mail.format())?;
        std::fs::rename(part, self.folder.join(name))?;
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.insert((conversation, mail.to.id), Instant::now());
        Ok(())
    }
}

impl Mail {
    fn format(&self) -> String {
        let to = format!("{} <{}@market.example>", header(self.to.name), self.to.id);
        let subject = header(&self.subject);
        format!(
            "From: Market <no-reply@market.example>\nTo: {to}\nSubject: {subject}\n\
             Content-Type: text/plain; charset=utf-8\n\n{}\n",
            self.text
        )
    }
}

/// Text of one line, so that it begins no other header.
fn header(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::PEOPLE;

    #[test]
    fn x3_a_subject_begins_no_other_header() {
        let mail =
            Mail { to: &PEOPLE[1], subject: "Desk\r\nBcc: x@example".to_owned(), text: "Hello".to_owned() };
        let text = mail.format();
        let (headers, body) = text.split_once("\n\n").expect("a body");
        assert!(headers.contains("To: Ben Okafor <ben@market.example>\nSubject: Desk  Bcc: x@example\n"));
        assert!(!headers.lines().any(|line| line.starts_with("Bcc")));
        assert_eq!(body, "Hello\n");
    }

    #[test]
    fn x3_one_absence_has_one_e_mail_however_fast_the_messages_come() {
        let folder = tempfile::tempdir().expect("a folder");
        let mailbox = Mailbox::new(folder.path().to_owned()).expect("a mailbox");
        let ben = &PEOPLE[1];
        assert!(mailbox.is_due(5, ben, 2), "two messages came at once");
        let mail = Mail { to: ben, subject: "Desk".to_owned(), text: "Hello".to_owned() };
        mailbox.write("evt_1", 5, &mail).expect("a file");
        assert!(!mailbox.is_due(5, ben, 2));
        assert!(mailbox.is_due(5, ben, 1), "the others were read meanwhile");
        assert!(mailbox.is_due(6, ben, 2), "another conversation");
        let names: Vec<_> =
            std::fs::read_dir(folder.path()).expect("files").flatten().map(|file| file.file_name()).collect();
        assert_eq!(names, ["evt_1-ben.eml"]);
    }
}
