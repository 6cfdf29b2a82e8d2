// SPDX-License-Identifier: Apache-2.0
//! A cache plugin in Rust that keeps a bounded number of answers in memory. `type: memory-rust` loads it.
//!
//! `abi.rs` is the C header, `store.rs` safe Rust; this is what lies between them. Every function that the host calls
//! runs under `guarded`, so that no panic crosses the interface (rule P-3).

mod abi;
mod store;

use abi::*;
use std::os::raw::c_char;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr::null;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Arc;
use store::{Store, Value};

/// What a `gw_cache` points to.
pub struct Instance {
    host: *const Host,
    store: Store,
    /// Operations that run, values that the host reads, and one for the instance until shutdown.
    users: AtomicU64,
    /// The operation that the last user completes. 0: none.
    shutdown_id: AtomicU64,
    is_closed: AtomicBool,
}

impl Instance {
    fn now_ns(&self) -> u64 {
        unsafe { (*self.host).now_monotonic_ns.map_or(0, |now| now(self.host)) }
    }

    /// Whether an operation may run. If so, it ends with `leave`.
    fn enter(&self) -> bool {
        self.users.fetch_add(1, Ordering::SeqCst);
        let is_open = !self.is_closed.load(Ordering::SeqCst);
        if !is_open {
            self.leave(1);
        }
        is_open
    }

    /// Takes users away. The last one completes the shutdown, after which the instance may be gone at any time.
    fn leave(&self, n: u64) {
        let host = self.host;
        if n == 0 || self.users.fetch_sub(n, Ordering::SeqCst) != n {
            return;
        }
        let id = self.shutdown_id.swap(0, Ordering::SeqCst);
        if id != 0 {
            if let Some(complete) = unsafe { (*host).complete } {
                unsafe { complete(host, id, OK) }
            }
        }
    }
}

fn guarded(body: impl FnOnce() -> i32) -> i32 {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(EINTERNAL)
}

/// Says in one line what is wrong, and which parameter is at fault.
unsafe fn refuse(error: *mut Error, code: i32, parameter: &str, message: &str) -> i32 {
    if is_readable(error) {
        let length = message.len().min((*error).message.len());
        let name_length = parameter.len().min((*error).parameter.len());
        (*error).code = code;
        (*error).length = length as u32;
        (&mut (*error).message)[..length].copy_from_slice(&message.as_bytes()[..length]);
        (*error).parameter_length = name_length as u32;
        (&mut (*error).parameter)[..name_length].copy_from_slice(&parameter.as_bytes()[..name_length]);
    }
    code
}

// ---- Operations: all but a shutdown are done when they return (rule O-1) ----

unsafe extern "C" fn get(cache: *const Cache, op: *mut GetOp) -> i32 {
    guarded(|| {
        if !is_readable(op) {
            return EINVAL;
        }
        let instance = &*cache;
        if !instance.enter() {
            return ECANCELLED;
        }
        let now = instance.now_ns();
        for index in 0..(*op).n as usize {
            // Arrays are walked by their stride, never by our own size (rule L-2).
            let result = ((*op).results as *mut u8).add(index * (*op).result_stride as usize) as *mut GetResult;
            if let Some(value) = instance.store.get((*(*op).keys.add(index)).bytes(), now) {
                instance.users.fetch_add(1, Ordering::SeqCst);
                (*result).value = Slice { p: value.as_ptr() as _, n: value.len() as u64 };
                // An address, so never 0, which would mean that nothing is to be released (rule V-2).
                (*result).lease = Arc::into_raw(value) as u64;
                (*result).status = OK;
            }
        }
        instance.leave(1);
        DONE
    })
}

/// The concatenation of an item's parts. It is None where there is no memory, for which Rust would abort (rule P-2).
unsafe fn value_of(item: *const Item) -> Option<Vec<u8>> {
    let parts = (0..(*item).n_parts as usize).map(|index| (*(*item).parts.add(index)).bytes());
    let mut value = Vec::new();
    value.try_reserve_exact(parts.clone().map(<[u8]>::len).sum()).ok()?;
    parts.for_each(|part| value.extend_from_slice(part));
    Some(value)
}

unsafe extern "C" fn set(cache: *const Cache, op: *mut SetOp) -> i32 {
    guarded(|| {
        if !is_readable(op) {
            return EINVAL;
        }
        let instance = &*cache;
        if !instance.enter() {
            return ECANCELLED;
        }
        let now = instance.now_ns();
        for index in 0..(*op).n as usize {
            let item = ((*op).items as *const u8).add(index * (*op).item_stride as usize) as *const Item;
            let end = match (*item).ttl_ms {
                0 => u64::MAX,
                ttl => now.saturating_add(ttl.saturating_mul(1_000_000)),
            };
            let status = match value_of(item) {
                Some(value) => {
                    instance.store.set((*item).key.bytes().to_vec(), value, end);
                    OK
                }
                None => ENOSPC,
            };
            *(*op).statuses.add(index) = status;
        }
        instance.leave(1);
        DONE
    })
}

unsafe extern "C" fn del(cache: *const Cache, op: *mut DelOp) -> i32 {
    guarded(|| {
        if !is_readable(op) {
            return EINVAL;
        }
        let instance = &*cache;
        if !instance.enter() {
            return ECANCELLED;
        }
        let now = instance.now_ns();
        for index in 0..(*op).n as usize {
            let was_there = instance.store.remove((*(*op).keys.add(index)).bytes(), now);
            *(*op).statuses.add(index) = if was_there { OK } else { MISS };
        }
        instance.leave(1);
        DONE
    })
}

unsafe extern "C" fn ping(cache: *const Cache, _op: *mut PlainOp) -> i32 {
    guarded(|| if (*cache).is_closed.load(Ordering::SeqCst) { ECANCELLED } else { DONE })
}

/// Takes no lock: it is called from any thread, and never waits (rule T-2).
unsafe extern "C" fn release(cache: *const Cache, leases: *const u64, n: u32) {
    guarded(|| {
        let mut released = 0;
        for index in 0..n as usize {
            let lease = *leases.add(index);
            if lease != 0 {
                drop(Value::from_raw(lease as *const Vec<u8>));
                released += 1;
            }
        }
        (*cache).leave(released);
        DONE
    });
}

/// Reports from memory, without a lock (rule T-2).
unsafe extern "C" fn stats(cache: *const Cache, stats: *const Stats) {
    guarded(|| {
        if let (true, store) = (is_readable(stats), &(*cache).store) {
            if let Some(add) = (*stats).add {
                add(stats, text("hits\0"), STAT_COUNTER, store.hits.load(Ordering::Relaxed));
                add(stats, text("misses\0"), STAT_COUNTER, store.misses.load(Ordering::Relaxed));
                add(stats, text("evictions\0"), STAT_COUNTER, store.evictions.load(Ordering::Relaxed));
                add(stats, text("items\0"), STAT_GAUGE, store.items.load(Ordering::Relaxed));
            }
        }
        DONE
    });
}

// ---- Life ----

unsafe extern "C" fn create(host: *const Host, params: *const Params, error: *mut Error, out: *mut *mut Cache) -> i32 {
    guarded(|| {
        if !is_readable(host) || !is_readable(params) {
            return refuse(error, EINVAL, "", "the host is older than version 1.0 of the plugin interface");
        }
        let mut entries = 0;
        let status = (*params).get_int.map_or(EINTERNAL, |get| get(params, text("entries\0"), &mut entries));
        if status != OK || entries < 1 {
            return refuse(error, ECONFIG, "entries", "entries is a number of at least 1");
        }
        *out = Box::into_raw(Box::new(Instance {
            host,
            store: Store::new(entries as usize),
            users: AtomicU64::new(1),
            shutdown_id: AtomicU64::new(0),
            is_closed: AtomicBool::new(false),
        }));
        OK
    })
}

/// The host may still read values; the last of them to be released completes the operation.
unsafe extern "C" fn shutdown(cache: *const Cache, op: *mut PlainOp) -> i32 {
    guarded(|| {
        if !is_readable(op) {
            return EINVAL;
        }
        let instance = &*cache;
        instance.shutdown_id.store((*op).op.id, Ordering::SeqCst);
        instance.is_closed.store(true, Ordering::SeqCst);
        if instance.users.fetch_sub(1, Ordering::SeqCst) != 1 {
            return PENDING;
        }
        instance.shutdown_id.store(0, Ordering::SeqCst);
        DONE
    })
}

unsafe extern "C" fn destroy(cache: *mut Cache) {
    guarded(|| {
        drop(Box::from_raw(cache));
        DONE
    });
}

// ---- What the host learns about the plugin ----

/// A C string of a text that ends with a NUL.
const fn text(text: &'static str) -> *const c_char {
    text.as_ptr() as *const c_char
}

/// The descriptors hold pointers to constants only.
struct Constant<T>(T);
unsafe impl<T> Sync for Constant<T> {}

static PARAMETERS: Constant<[Param; 1]> = Constant([Param {
    struct_size: std::mem::size_of::<Param>() as u32,
    kind: PARAM_INT,
    flags: PARAM_HAS_MINIMUM | PARAM_HAS_MAXIMUM,
    reserved: 0,
    name: text("entries\0"),
    doc: text("how many answers are kept at most, in 64 parts\0"),
    default_value: text("16384\0"),
    env: null(),
    example: null(),
    group: null(),
    replaced_by: null(),
    aliases: null(),
    choices: null(),
    minimum: 1,
    maximum: 1 << 24,
    float_minimum: 0.0,
    float_maximum: 0.0,
}]);

static DESCRIPTOR: Constant<Plugin> = Constant(Plugin {
    struct_size: std::mem::size_of::<Plugin>() as u32,
    abi_minor: 0,
    kind: text("memory-rust\0"),
    version: text("1.0.0\0"),
    vendor: null(),
    license: text("Apache-2.0\0"),
    summary: text("a bounded number of answers in memory; an example in Rust\0"),
    doc_url: null(),
    capabilities: CAP_TTL | CAP_DELETE | CAP_STATS,
    threads: THREADS_CONCURRENT,
    max_batch: 0,
    max_key: 0,
    n_params: 1,
    max_value: 0,
    default_ttl_ms: 600_000,
    params: &PARAMETERS.0 as *const Param,
    param_stride: std::mem::size_of::<Param>() as u32,
    max_threads: 0,
    validate: None,
    create: Some(create),
    start: None,
    get: Some(get),
    set: Some(set),
    del: Some(del),
    ping: Some(ping),
    flush: None,
    cancel: None,
    release: Some(release),
    stats: Some(stats),
    shutdown: Some(shutdown),
    destroy: Some(destroy),
    get_extension: None,
});

/// The one function that the library exports.
///
/// # Safety
/// The host calls it as the header says.
#[no_mangle]
pub unsafe extern "C" fn gateway_cache_plugin_entry_v1(host: *const Abi, out: *mut *const Plugin) -> i32 {
    if !is_readable(host) || out.is_null() {
        return EINVAL;
    }
    *out = &DESCRIPTOR.0;
    OK
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_panic_ends_as_a_status() {
        assert_eq!(super::guarded(|| panic!("a defect of the plugin")), super::EINTERNAL);
    }
}
