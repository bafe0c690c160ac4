//! Changes of groups over the HTTP API.

use super::{Api, Response, respond};
use crate::BoxError;
use protocol::{ClientId, ConversationId, History, Role, UserId};
use reqwest::Method;
use serde_json::{Value, json};

impl Api {
    /// Adds a person to a group.
    ///
    /// # Errors
    /// The connection broke; whether the request took effect is unknown.
    pub async fn add_member(
        &self,
        group: ConversationId,
        username: &str,
        id: ClientId,
    ) -> Result<Response, BoxError> {
        let body = json!({"usernames": [username], "client_id": id});
        self.change(Method::POST, &format!("conversations/{group}/members"), &body).await
    }

    /// Sets the role of a member.
    ///
    /// # Errors
    /// The connection broke; whether the request took effect is unknown.
    pub async fn set_role(
        &self,
        group: ConversationId,
        member: UserId,
        role: Role,
        id: ClientId,
    ) -> Result<Response, BoxError> {
        let body = json!({"role": role, "client_id": id});
        self.change(Method::PATCH, &format!("conversations/{group}/members/{member}"), &body).await
    }

    /// Sets the title of a group.
    ///
    /// # Errors
    /// The connection broke; whether the request took effect is unknown.
    pub async fn rename(
        &self,
        group: ConversationId,
        title: &str,
        id: ClientId,
    ) -> Result<Response, BoxError> {
        let body = json!({"title": title, "client_id": id});
        self.change(Method::PATCH, &format!("conversations/{group}"), &body).await
    }

    /// Sets the history that newcomers of a group see.
    ///
    /// # Errors
    /// The connection broke; whether the request took effect is unknown.
    pub async fn set_history(
        &self,
        group: ConversationId,
        history: History,
        id: ClientId,
    ) -> Result<Response, BoxError> {
        let body = json!({"history": history, "client_id": id});
        self.change(Method::PATCH, &format!("conversations/{group}"), &body).await
    }

    async fn change(&self, method: Method, path: &str, body: &Value) -> Result<Response, BoxError> {
        respond(self.request(method, path).json(body)).await
    }
}
