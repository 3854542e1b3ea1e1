//! Sentences about wallets.
