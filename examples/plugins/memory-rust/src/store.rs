// SPDX-License-Identifier: Apache-2.0
//! A bounded number of values in memory, which any number of threads may use.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

/// A value is shared by its entry and by the leases on it (rule V-1).
pub type Value = Arc<Vec<u8>>;

struct Entry {
    value: Value,
    end_ns: u64,
}

type Shard = HashMap<Vec<u8>, Entry>;

const SHARDS: usize = 64;

pub struct Store {
    /// A lock is held for a few comparisons, never while memory is copied or freed.
    shards: Vec<Mutex<Shard>>,
    most_of_shard: usize,
    pub hits: AtomicU64,
    pub misses: AtomicU64,
    pub evictions: AtomicU64,
    pub items: AtomicU64,
}

impl Store {
    pub fn new(entries: usize) -> Store {
        Store {
            shards: (0..SHARDS).map(|_| Mutex::new(Shard::new())).collect(),
            most_of_shard: (entries / SHARDS).max(1),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            evictions: AtomicU64::new(0),
            items: AtomicU64::new(0),
        }
    }

    pub fn get(&self, key: &[u8], now_ns: u64) -> Option<Value> {
        let mut expired = None;
        let value = {
            let mut shard = self.shard(key);
            match shard.get(key) {
                Some(entry) if entry.end_ns > now_ns => Some(entry.value.clone()),
                Some(_) => {
                    expired = shard.remove(key);
                    None
                }
                None => None,
            }
        };
        if expired.is_some() {
            self.items.fetch_sub(1, Ordering::Relaxed);
        }
        drop(expired);
        let figure = if value.is_some() { &self.hits } else { &self.misses };
        figure.fetch_add(1, Ordering::Relaxed);
        value
    }

    /// Replaces what is there. A full shard loses any entry of it.
    pub fn set(&self, key: Vec<u8>, value: Vec<u8>, end_ns: u64) {
        let entry = Entry { value: Arc::new(value), end_ns };
        let (mut evicted, replaced);
        {
            let mut shard = self.shard(&key);
            evicted = None;
            if shard.len() >= self.most_of_shard && !shard.contains_key(&key) {
                if let Some(victim) = shard.keys().next().cloned() {
                    evicted = shard.remove(&victim);
                }
            }
            replaced = shard.insert(key, entry);
        }
        if evicted.take().is_some() {
            self.evictions.fetch_add(1, Ordering::Relaxed);
        } else if replaced.is_none() {
            self.items.fetch_add(1, Ordering::Relaxed);
        }
        drop(replaced);
    }

    /// Whether there was an entry.
    pub fn remove(&self, key: &[u8], now_ns: u64) -> bool {
        let removed = self.shard(key).remove(key);
        if removed.is_some() {
            self.items.fetch_sub(1, Ordering::Relaxed);
        }
        removed.map_or(false, |entry| entry.end_ns > now_ns)
    }

    /// FNV-1a. The host makes keys of digests, so that nobody can choose keys of one shard.
    fn shard(&self, key: &[u8]) -> MutexGuard<'_, Shard> {
        let hash = key.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
        });
        lock(&self.shards[hash as usize % SHARDS])
    }
}

/// A panic elsewhere does not take the shard with it: its map is whole between two calls of the standard library's.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
