// SPDX-License-Identifier: Apache-2.0
//! gateway_cache_plugin.h, version 1.0, as far as this plugin uses it. The sizes and offsets are checked below against
//! those that the header asserts.
#![allow(dead_code)]

use std::os::raw::{c_char, c_void};

pub const DONE: i32 = 0;
pub const PENDING: i32 = 1;
pub const OK: i32 = 0;
pub const MISS: i32 = 1;
pub const EINVAL: i32 = -1;
pub const ECANCELLED: i32 = -5;
pub const ENOSPC: i32 = -9;
pub const ECONFIG: i32 = -12;
pub const EINTERNAL: i32 = -13;

pub const PARAM_INT: u32 = 2;
pub const PARAM_HAS_MINIMUM: u32 = 0x20;
pub const PARAM_HAS_MAXIMUM: u32 = 0x40;
pub const STAT_COUNTER: u32 = 1;
pub const STAT_GAUGE: u32 = 2;
pub const THREADS_CONCURRENT: u32 = 1;
pub const CAP_TTL: u64 = 0x1;
pub const CAP_DELETE: u64 = 0x2;
pub const CAP_STATS: u64 = 0x40;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Slice {
    pub p: *const c_void,
    pub n: u64,
}

#[repr(C)]
pub struct Error {
    pub struct_size: u32,
    pub code: i32,
    pub length: u32,
    pub flags: u32,
    pub message: [u8; 496],
    pub parameter_length: u32,
    pub reserved: u32,
    pub parameter: [u8; 64],
    pub retry_after_ms: u64,
}

#[repr(C)]
pub struct Param {
    pub struct_size: u32,
    pub kind: u32,
    pub flags: u32,
    pub reserved: u32,
    pub name: *const c_char,
    pub doc: *const c_char,
    pub default_value: *const c_char,
    pub env: *const c_char,
    pub example: *const c_char,
    pub group: *const c_char,
    pub replaced_by: *const c_char,
    pub aliases: *const *const c_char,
    pub choices: *const *const c_char,
    pub minimum: i64,
    pub maximum: i64,
    pub float_minimum: f64,
    pub float_maximum: f64,
}

/// A function that this plugin does not use.
pub type Unused = Option<unsafe extern "C" fn()>;

#[repr(C)]
pub struct Params {
    pub struct_size: u32,
    pub reserved: u32,
    pub host_data: *mut c_void,
    pub get_string: Unused,
    pub get_int: Option<unsafe extern "C" fn(*const Params, *const c_char, *mut i64) -> i32>,
    pub get_float: Unused,
    pub get_bool: Unused,
    pub get_list: Unused,
    pub get_json: Unused,
    pub get_source: Unused,
}

#[repr(C)]
pub struct Op {
    pub id: u64,
    pub deadline_ns: u64,
    pub error: *mut Error,
    pub flags: u32,
    pub reserved0: u32,
    pub reserved: [u64; 4],
}

#[repr(C)]
pub struct GetResult {
    pub status: i32,
    pub reserved: u32,
    pub value: Slice,
    pub lease: u64,
    pub reserved1: u64,
}

#[repr(C)]
pub struct GetOp {
    pub struct_size: u32,
    pub n: u32,
    pub op: Op,
    pub keys: *const Slice,
    pub results: *mut GetResult,
    pub result_stride: u32,
    pub reserved: u32,
}

#[repr(C)]
pub struct Item {
    pub key: Slice,
    pub parts: *const Slice,
    pub n_parts: u32,
    pub flags: u32,
    pub ttl_ms: u64,
    pub tags: *const c_void,
    pub n_tags: u32,
    pub reserved: u32,
}

#[repr(C)]
pub struct SetOp {
    pub struct_size: u32,
    pub n: u32,
    pub op: Op,
    pub items: *const Item,
    pub statuses: *mut i32,
    pub item_stride: u32,
    pub reserved: u32,
}

#[repr(C)]
pub struct DelOp {
    pub struct_size: u32,
    pub n: u32,
    pub op: Op,
    pub keys: *const Slice,
    pub statuses: *mut i32,
}

#[repr(C)]
pub struct PlainOp {
    pub struct_size: u32,
    pub reserved: u32,
    pub op: Op,
}

#[repr(C)]
pub struct Stats {
    pub struct_size: u32,
    pub reserved: u32,
    pub host_data: *mut c_void,
    pub add: Option<unsafe extern "C" fn(*const Stats, *const c_char, u32, u64)>,
}

#[repr(C)]
pub struct Host {
    pub struct_size: u32,
    pub abi_minor: u32,
    pub host_data: *mut c_void,
    pub name: *const c_char,
    pub version: *const c_char,
    pub instance: *const c_char,
    pub io_threads_hint: u32,
    pub max_inflight: u32,
    pub complete: Option<unsafe extern "C" fn(*const Host, u64, i32)>,
    pub log_level: Unused,
    pub log: Unused,
    pub now_monotonic_ns: Option<unsafe extern "C" fn(*const Host) -> u64>,
    pub now_unix_ms: Unused,
    pub health: Unused,
    pub get_extension: Unused,
    pub max_value: u64,
    pub blocking_threads: u32,
    pub reserved: u32,
}

/// An instance, of which the host knows the address only.
pub type Cache = crate::Instance;

#[repr(C)]
pub struct Plugin {
    pub struct_size: u32,
    pub abi_minor: u32,
    pub kind: *const c_char,
    pub version: *const c_char,
    pub vendor: *const c_char,
    pub license: *const c_char,
    pub summary: *const c_char,
    pub doc_url: *const c_char,
    pub capabilities: u64,
    pub threads: u32,
    pub max_batch: u32,
    pub max_key: u32,
    pub n_params: u32,
    pub max_value: u64,
    pub default_ttl_ms: u64,
    pub params: *const Param,
    pub param_stride: u32,
    pub max_threads: u32,
    pub validate: Unused,
    pub create: Option<unsafe extern "C" fn(*const Host, *const Params, *mut Error, *mut *mut Cache) -> i32>,
    pub start: Unused,
    pub get: Option<unsafe extern "C" fn(*const Cache, *mut GetOp) -> i32>,
    pub set: Option<unsafe extern "C" fn(*const Cache, *mut SetOp) -> i32>,
    pub del: Option<unsafe extern "C" fn(*const Cache, *mut DelOp) -> i32>,
    pub ping: Option<unsafe extern "C" fn(*const Cache, *mut PlainOp) -> i32>,
    pub flush: Unused,
    pub cancel: Unused,
    pub release: Option<unsafe extern "C" fn(*const Cache, *const u64, u32)>,
    pub stats: Option<unsafe extern "C" fn(*const Cache, *const Stats)>,
    pub shutdown: Option<unsafe extern "C" fn(*const Cache, *mut PlainOp) -> i32>,
    pub destroy: Option<unsafe extern "C" fn(*mut Cache)>,
    pub get_extension: Unused,
}

#[repr(C)]
pub struct Abi {
    pub struct_size: u32,
    pub abi_minor: u32,
    pub host_name: *const c_char,
    pub host_version: *const c_char,
    pub error: *mut Error,
}

/// A struct of the host that begins with its size, which may be shorter or longer than here (rule L-1).
pub trait Growable {
    /// Its size in version 1.0, the least that is accepted.
    const LEAST_SIZE: u32;
}

macro_rules! growable {
    ($($name:ident $size:literal),* $(,)?) => { $(
        impl Growable for $name { const LEAST_SIZE: u32 = $size; }
        const _: () = assert!(std::mem::size_of::<$name>() == $size);
    )* };
}

growable! {
    Error 592, Param 120, Params 72, GetOp 96, SetOp 96, DelOp 88, PlainOp 72, Stats 24, Host 120, Plugin 224, Abi 32,
}

const _: () = assert!(std::mem::size_of::<Slice>() == 16);
const _: () = assert!(std::mem::size_of::<Op>() == 64);
const _: () = assert!(std::mem::size_of::<GetResult>() == 40);
const _: () = assert!(std::mem::size_of::<Item>() == 56);

/// Whether every field of version 1.0 may be used. The size is read by itself: a reference to a shorter struct would
/// be one to memory that is not there.
///
/// # Safety
/// The pointer is NULL or points to a struct of the host.
pub unsafe fn is_readable<T: Growable>(p: *const T) -> bool {
    !p.is_null() && *(p as *const u32) >= T::LEAST_SIZE
}

impl Slice {
    pub const EMPTY: Slice = Slice { p: std::ptr::null(), n: 0 };

    /// # Safety
    /// The slice is one of an operation that is not over (rule O-3).
    pub unsafe fn bytes<'a>(&self) -> &'a [u8] {
        if self.n == 0 {
            return &[];
        }
        std::slice::from_raw_parts(self.p as *const u8, self.n as usize)
    }
}
