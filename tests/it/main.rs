//! The integration tests, in one binary: one module a room.

mod scenario;
