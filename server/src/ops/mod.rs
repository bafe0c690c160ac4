//! Operation of a deployment: health checks, metrics, logging, the audit file, systemd notification.

pub(crate) mod audit_file;
pub(crate) mod database_health;
pub(crate) mod logging;
pub(crate) mod metrics;
pub(crate) mod sd_notify;
