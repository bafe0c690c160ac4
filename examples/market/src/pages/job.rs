//! The page of a job: applications, and after one was accepted the chat of client and worker.

use super::chat::{Shown, embed, sign_in};
use crate::data::{Application, Job, MAX_APPLICATION, Person, person};
use crate::failure::Failure;
use crate::html::escape;
use crate::layout::layout;
use crate::rapport::Subject;
use crate::session::{SignedIn, Visitor};
use crate::state::AppState;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{Html, Redirect};
use serde::Deserialize;

/// The form of a worker.
#[derive(Deserialize)]
pub(crate) struct Apply {
    text: String,
}

/// The form of the client.
#[derive(Deserialize)]
pub(crate) struct Accept {
    worker: String,
}

pub(crate) async fn show(
    State(state): State<AppState>,
    Visitor(visitor): Visitor,
    Path(id): Path<u32>,
) -> Result<Html<String>, Failure> {
    let data = state.data();
    let job = data.job(id).ok_or(Failure::NotFound)?;
    let part = match (visitor, job.worker) {
        (None, _) => {
            format!(r#"<p><a class="button" href="{}">Sign in</a></p>"#, sign_in(&format!("/jobs/{id}")))
        }
        (Some(visitor), Some(worker)) if visitor == job.client || visitor == worker => {
            let chat = embed(&state, visitor, Shown::Subject(&format!("job/{id}")))?;
            format!("<p>{} does this job.</p>{chat}", escape(worker.name))
        }
        (Some(_), Some(_)) => "<p>This job is taken.</p>".to_owned(),
        (Some(visitor), None) if visitor == job.client => applications(job),
        (Some(visitor), None) => application(job, visitor),
    };
    let body = format!(
        "<h1>{}</h1><p class=\"price\">{}</p><p>{}</p><p>Offered by {}.</p>{part}",
        escape(job.title),
        escape(job.pay),
        escape(job.text),
        escape(job.client.name)
    );
    Ok(layout(job.title, visitor, &body))
}

/// All applications, for the client.
fn applications(job: &Job) -> String {
    if job.applications.is_empty() {
        return "<p>Nobody has applied yet.</p>".to_owned();
    }
    let one = |Application { worker, text }: &Application| {
        format!(
            r#"<li><b>{name}</b><p>{text}</p><form method="post" action="/jobs/{job}/accept"><button name="worker" value="{id}" aria-label="Accept {name}">Accept</button></form></li>"#,
            name = escape(worker.name),
            text = escape(text),
            job = job.id,
            id = worker.id,
        )
    };
    let items: String = job.applications.iter().map(one).collect();
    format!(r#"<h2>Applications</h2><ul class="applications">{items}</ul>"#)
}

/// A worker's own application, or its form.
fn application(job: &Job, visitor: &Person) -> String {
    match job.applications.iter().find(|one| one.worker == visitor) {
        Some(own) => format!("<p>You have applied:</p><blockquote>{}</blockquote>", escape(&own.text)),
        None => format!(
            r#"<form method="post" action="/jobs/{}/applications"><label>Your application <textarea name="text" rows="4" maxlength="{MAX_APPLICATION}" required></textarea></label><button>Apply</button></form>"#,
            job.id
        ),
    }
}

pub(crate) async fn apply(
    State(state): State<AppState>,
    SignedIn(worker): SignedIn,
    Path(id): Path<u32>,
    Form(form): Form<Apply>,
) -> Result<Redirect, Failure> {
    let text = form.text.trim();
    if text.is_empty() || text.chars().count() > MAX_APPLICATION {
        return Err(Failure::Invalid("An application has 1 to 500 characters."));
    }
    let mut data = state.data();
    let job = data.job_mut(id).filter(|job| job.client != worker && job.worker.is_none());
    let job = job.ok_or(Failure::NotFound)?;
    if !job.applications.iter().any(|one| one.worker == worker) {
        job.applications.push(Application { worker, text: text.to_owned() });
    }
    Ok(Redirect::to(&format!("/jobs/{id}")))
}

/// Accepts an application: the conversation of client and worker opens.
pub(crate) async fn accept(
    State(state): State<AppState>,
    SignedIn(client): SignedIn,
    Path(id): Path<u32>,
    Form(form): Form<Accept>,
) -> Result<Redirect, Failure> {
    let (subject, worker) = {
        let data = state.data();
        let job = data.job(id).filter(|job| job.client == client).ok_or(Failure::NotFound)?;
        let worker = person(&form.worker).filter(|worker| {
            job.worker.is_none_or(|accepted| accepted == *worker)
                && job.applications.iter().any(|one| one.worker == *worker)
        });
        let worker = worker.ok_or(Failure::Invalid("Accept one of the applications, and one alone."))?;
        let subject = Subject {
            path: format!("job/{id}"),
            title: job.title,
            url: format!("{}/jobs/{id}", state.config.url),
            fields: vec![("Pay", job.pay)],
            participants: vec![(client, "client"), (worker, "worker")],
        };
        (subject, worker)
    };
    // A job has one conversation: of two answers at once, Rapport refuses the one for another worker.
    state.rapport.open(&subject).await?;
    if let Some(job) = state.data().job_mut(id) {
        job.worker = Some(worker);
    }
    Ok(Redirect::to(&format!("/jobs/{id}")))
}
