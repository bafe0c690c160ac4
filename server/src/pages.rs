//! The pages and their server functions.

use crate::state::Node;
use axum::Router;

/// Adds them to the routes.
pub(crate) fn add(routes: Router<Node>, _node: &Node) -> Router<Node> {
    routes
}
