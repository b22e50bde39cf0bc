//! What every bench of servers can be asked for.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Whom to measure, at what, and where results go. Peers are servers of others, each a value of `Peer`.
#[derive(Args, Debug)]
pub struct Choice<Peer, Shape>
where
    Peer: ValueEnum + Clone + Send + Sync + 'static,
    Shape: ValueEnum + Clone + Send + Sync + 'static,
{
    /// Where results go, and the peers' programs are installed
    #[arg(long, value_name = "FOLDER", default_value = "target/bench")]
    pub out: PathBuf,
    /// Measure this server of others too, in the same run (installed where it is missing and a registry has it)
    #[arg(long, value_enum, value_delimiter = ',')]
    pub peer: Vec<Peer>,
    /// Measure only these shapes
    #[arg(long, value_enum, value_delimiter = ',')]
    pub shape: Vec<Shape>,
}

impl<Peer, Shape> Choice<Peer, Shape>
where
    Peer: ValueEnum + Clone + Send + Sync + 'static,
    Shape: ValueEnum + Clone + PartialEq + Send + Sync + 'static,
{
    /// The shapes to measure, in their own order: all where none was named.
    pub fn shapes(&self) -> impl Iterator<Item = Shape> {
        let chosen = |shape: &&Shape| self.shape.is_empty() || self.shape.contains(shape);
        Shape::value_variants().iter().filter(chosen).cloned()
    }
}
