//! The shell around the registry.
